"""Scaling a Deployment: one ReplicaSet gets it all, several share it in proportion.

Follows ``isScalingEvent`` and ``scale`` in ``pkg/controller/deployment/sync.go`` and
``GetReplicaSetProportion`` in ``util/deployment_util.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Iterable

from rollnb.cluster.history import (
    creation_order,
    filter_active_replica_sets,
    replicas_annotations_need_update,
)
from rollnb.cluster.objects import ReplicaSet
from rollnb.cluster.rolling import Scale, replica_count, resolve_surge
from rollnb.spec import Deployment


def is_scaling_event(spec: Deployment, replica_sets: Iterable[ReplicaSet]) -> bool:
    """Whether an active ReplicaSet was sized for another number of replicas."""
    replicas = spec.replicas
    for rs in replica_sets:
        if rs.replicas > 0 and rs.desired_replicas and rs.desired_replicas != replicas:
            return True
    return False


def find_active_or_latest(new: ReplicaSet | None, old: list[ReplicaSet]) -> ReplicaSet | None:
    """Return the only active ReplicaSet, or with none the newest; None with several."""
    active = filter_active_replica_sets([*old, new])
    if len(active) == 1:
        return active[0]
    if active:
        return None
    return new if new is not None else max(old, key=creation_order, default=None)


def is_saturated(spec: Deployment, new: ReplicaSet | None) -> bool:
    """Whether the new ReplicaSet has all pods, all available, and was sized for this number."""
    replicas = spec.replicas
    return (
        new is not None
        and new.replicas == replicas
        and new.desired_replicas == replicas
        and new.status_available == replicas
    )


def replica_set_fraction(spec: Deployment, rs: ReplicaSet, status_replicas: int = 0) -> int:
    """Return by how much a ReplicaSet changes to keep its share of the Deployment.

    ``max_replicas`` says what the share was of: 50 pods of 110, now 120 + 10, become 59.

    Parameters
    ----------
    status_replicas : int
        The Deployment's pods, which stand in where the note is missing.
    """
    if spec.replicas == 0:
        return -rs.replicas
    before = rs.max_replicas or status_replicas
    if before == 0:
        return 0
    # In whole numbers: rounded to the nearest, a half away from zero.
    after = 2 * rs.replicas * (spec.replicas + resolve_surge(spec)) + before
    return after // (2 * before) - rs.replicas


def replica_set_proportion(
    spec: Deployment, rs: ReplicaSet, to_add: int, added: int, status_replicas: int = 0
) -> int:
    """Return the part of `to_add` pods that a ReplicaSet gets after others got `added`.

    Notes
    -----
    ``GetReplicaSetProportion`` (``deployment_util.go``).
    """
    if rs.replicas == 0 or to_add in (0, added):
        return 0
    fraction = replica_set_fraction(spec, rs, status_replicas)
    allowed = to_add - added
    return min(fraction, allowed) if to_add > 0 else max(fraction, allowed)


def scale(
    spec: Deployment,
    new: ReplicaSet | None,
    old: list[ReplicaSet],
    status_replicas: int = 0,
) -> list[Scale]:
    """Return the sizes that follow from a new `replicas`, in the order they are written.

    A ReplicaSet whose size stays is in the list if its notes (desired and max replicas) have to be
    written; whoever applies a `Scale` writes them with it.

    Notes
    -----
    ``scale`` (``sync.go``).
    """
    single = find_active_or_latest(new, old)
    if single is not None:
        return [] if single.replicas == spec.replicas else [Scale(single, spec.replicas)]
    newest_first = sorted(old, key=creation_order, reverse=True)
    if is_saturated(spec, new):
        return [Scale(rs, 0) for rs in filter_active_replica_sets(newest_first)]
    if spec.strategy != "RollingUpdate":
        return []
    return _share(spec, filter_active_replica_sets([*newest_first, new]), status_replicas)


def _share(spec: Deployment, active: list[ReplicaSet], status_replicas: int) -> list[Scale]:
    """Share the pods to add or to remove among the active ReplicaSets."""
    maximum = spec.replicas + resolve_surge(spec)
    to_add = (maximum if spec.replicas > 0 else 0) - replica_count(active)
    # The largest comes first; among equals the newest when growing, the oldest when shrinking.
    if to_add > 0:
        active.sort(key=lambda rs: (rs.replicas, *creation_order(rs)), reverse=True)
    elif to_add < 0:
        active.sort(key=lambda rs: (-rs.replicas, *creation_order(rs)))
    sizes, added = [], 0
    for rs in active:
        part = replica_set_proportion(spec, rs, to_add, added, status_replicas)
        sizes.append(rs.replicas + part)
        added += part
    if to_add and sizes:
        # What rounding leaves over goes to the largest.
        sizes[0] = max(sizes[0] + to_add - added, 0)
    return [
        Scale(rs, size)
        for rs, size in zip(active, sizes, strict=True)
        if size != rs.replicas or replicas_annotations_need_update(rs, spec.replicas, maximum)
    ]
