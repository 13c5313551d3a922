"""The strategy Recreate: all old pods stop before the first new one starts.

Follows ``rolloutRecreate`` (``pkg/controller/deployment/recreate.go``, Kubernetes 1.36): scale the
old ReplicaSets down; wait until their pods are gone; only then create the new one, or grow it.
"""

from __future__ import annotations

from collections.abc import Iterable

from rollnb.cluster.history import filter_active_replica_sets
from rollnb.cluster.objects import Pod, ReplicaSet
from rollnb.cluster.rolling import Scale
from rollnb.spec import Deployment


def scale_down_old_replica_sets_for_recreate(old: Iterable[ReplicaSet]) -> list[Scale]:
    """Scale every old ReplicaSet down to zero."""
    return [Scale(rs, 0) for rs in filter_active_replica_sets(old)]


def old_pods_running(
    new: ReplicaSet | None, old: Iterable[ReplicaSet], pods: Iterable[Pod]
) -> bool:
    """Whether a pod of an old ReplicaSet is still there, terminating ones included.

    Parameters
    ----------
    pods : iterable of Pod
        Those of the Deployment; whether those of `new` are among them does not matter. A pod that
        has ended, but is not yet deleted, does not count.
    """
    if any(rs.status_replicas > 0 for rs in old):
        return True
    return any(pod.group is not new and pod.phase not in ("Succeeded", "Failed") for pod in pods)


def scale_up_new_replica_set_for_recreate(spec: Deployment, new: ReplicaSet) -> list[Scale]:
    """Give the new ReplicaSet its full size."""
    return [] if new.replicas == spec.replicas else [Scale(new, spec.replicas)]
