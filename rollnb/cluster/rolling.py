"""The rolling update: how far the new ReplicaSet grows and the old ones shrink in one turn.

Follows ``pkg/controller/deployment/rolling.go`` and the budgets in ``util/deployment_util.go``
(Kubernetes 1.36). It knows counts, never pods: the sizes asked for, and the status that the
ReplicaSet controller last wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from rollnb.cluster.history import creation_order, filter_active_replica_sets
from rollnb.cluster.objects import ReplicaSet
from rollnb.spec import Deployment, resolve_fenceposts


class Scale(NamedTuple):
    """A ReplicaSet and the size it gets."""

    replica_set: ReplicaSet
    replicas: int


def scaling_message(name: str, before: int, after: int) -> str:
    """Return the text of the Event ``ScalingReplicaSet``."""
    direction = "up" if after > before else "down"
    return f"Scaled {direction} replica set {name} from {before} to {after}"


# ---------------------------------------------------------------------------------------- budgets

# A turn asks for the same two percentages again and again.
_fenceposts = lru_cache(maxsize=1024)(resolve_fenceposts)


def resolve_surge(spec: Deployment) -> int:
    """Return how many pods there may be beyond `replicas`; 0 for Recreate."""
    if spec.strategy != "RollingUpdate":
        return 0
    return _fenceposts(spec.max_surge, spec.max_unavailable, spec.replicas)[0]


def resolve_unavailable(spec: Deployment) -> int:
    """Return how many of `replicas` may be missing, at most all; 0 for Recreate."""
    replicas = spec.replicas
    if spec.strategy != "RollingUpdate" or replicas == 0:
        return 0
    return min(_fenceposts(spec.max_surge, spec.max_unavailable, replicas)[1], replicas)


def min_available(spec: Deployment) -> int:
    """Return how many pods a rolling update keeps available; Recreate keeps none."""
    if spec.strategy != "RollingUpdate":
        return 0
    return spec.replicas - resolve_unavailable(spec)


def replica_count(replica_sets: Iterable[ReplicaSet]) -> int:
    """Return the pods asked for."""
    return sum([rs.replicas for rs in replica_sets])


# ------------------------------------------------------------------------------------- growing


def new_replica_set_replicas(
    spec: Deployment, all_rss: Iterable[ReplicaSet], new_replicas: int
) -> int:
    """Return the size of the new ReplicaSet that the surge allows, given its present one.

    10 replicas and a surge of 3, 10 old pods: the new ReplicaSet is created with 3.

    Notes
    -----
    ``NewRSNewReplicas`` (``deployment_util.go``).
    """
    replicas = spec.replicas
    if spec.strategy == "Recreate":
        return replicas
    room = replicas + resolve_surge(spec) - replica_count(all_rss)
    if room <= 0:
        return new_replicas
    return new_replicas + min(room, replicas - new_replicas)


def reconcile_new_replica_set(
    spec: Deployment, new: ReplicaSet, old: list[ReplicaSet]
) -> list[Scale]:
    """Grow the new ReplicaSet as far as the surge allows, or cut it down to `replicas`."""
    size = new.replicas
    if size == spec.replicas:
        return []
    if size > spec.replicas:
        return [Scale(new, spec.replicas)]
    replicas = new_replica_set_replicas(spec, [*old, new], size)
    return [] if replicas == size else [Scale(new, replicas)]


# ------------------------------------------------------------------------------------- shrinking


def cleanup_unhealthy_replicas(
    old: Iterable[ReplicaSet], max_cleanup_count: int
) -> tuple[list[Scale], bool]:
    """Remove unavailable old pods first, oldest ReplicaSet first: nobody misses them.

    Returns
    -------
    list of Scale
    bool
        False if a status was found that lags behind: more available pods than were asked for. The
        controller then gives up for this turn; what it has written so far stands.
    """
    scales: list[Scale] = []
    remaining = max_cleanup_count
    for rs in sorted(old, key=creation_order):
        if remaining <= 0:
            break
        unavailable = rs.replicas - rs.status_available
        if rs.replicas == 0 or unavailable == 0:
            continue
        if unavailable < 0:
            return scales, False
        count = min(remaining, unavailable)
        scales.append(Scale(rs, rs.replicas - count))
        remaining -= count
    return scales, True


def scale_down_old_replica_sets_for_rolling_update(
    spec: Deployment,
    all_rss: Iterable[ReplicaSet],
    old: Iterable[ReplicaSet],
    sizes: Mapping[ReplicaSet, int] | None = None,
) -> list[Scale]:
    """Remove old pods, oldest ReplicaSet first, while enough stay available.

    Parameters
    ----------
    sizes : mapping, optional
        Sizes already changed in this turn.
    """
    surplus = sum([rs.status_available for rs in all_rss]) - min_available(spec)
    scales: list[Scale] = []
    if surplus <= 0:
        return scales
    for rs in sorted(old, key=creation_order):
        size = sizes.get(rs, rs.replicas) if sizes else rs.replicas
        if size == 0:
            continue
        count = min(size, surplus)
        scales.append(Scale(rs, size - count))
        surplus -= count
        if surplus == 0:
            break
    return scales


def reconcile_old_replica_sets(
    spec: Deployment, new: ReplicaSet, old: list[ReplicaSet]
) -> list[Scale]:
    """Shrink the old ReplicaSets: unavailable pods first, then what the budget allows.

    A ReplicaSet may appear twice: its pods that were not available go first, others after them.
    """
    active = filter_active_replica_sets(old)
    if not active:
        return []
    total = replica_count(active) + new.replicas
    new_unavailable = new.replicas - new.status_available
    # Unavailable new pods count against the budget too: 13 pods, at least 8 available, 5 new and
    # crashing leave 13 - 8 - 5 = 0 old pods to remove.
    max_scaled_down = total - min_available(spec) - new_unavailable
    if max_scaled_down <= 0:
        return []
    cleaned, complete = cleanup_unhealthy_replicas(active, max_scaled_down)
    if not complete:
        return cleaned
    sizes = dict(cleaned) if cleaned else None
    return cleaned + scale_down_old_replica_sets_for_rolling_update(
        spec, [*active, new], active, sizes
    )


def rollout_rolling(spec: Deployment, new: ReplicaSet, old: list[ReplicaSet]) -> list[Scale]:
    """Return what one turn of a rolling update changes: it grows, or else it shrinks.

    Notes
    -----
    ``rolloutRolling`` (``rolling.go``). A new ReplicaSet is created before, with the size that
    `new_replica_set_replicas` gives it.
    """
    return reconcile_new_replica_set(spec, new, old) or reconcile_old_replica_sets(spec, new, old)
