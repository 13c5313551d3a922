"""How many pods may be disrupted, and whether one may be evicted: PodDisruptionBudgets.

Follows ``pkg/controller/disruption/disruption.go`` and
``pkg/registry/core/pod/storage/eviction.go`` (Kubernetes 1.36). Only evictions ask; a rollout
deletes its pods without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rollnb.int_or_percent import resolve_percent

Spec = Mapping[str, Any]


class Owner(NamedTuple):
    """A controller of pods: how many it asks for, None if it is gone, and the name of one."""

    kind: str
    uid: str
    scale: int | None
    pod: str


class Covered(NamedTuple):
    """The pods that a budget selects: how many, those that are healthy, and their controllers.

    Healthy pods are ready and not on their way out (``countHealthyPods``).
    """

    pods: int = 0
    healthy: int = 0
    owners: Sequence[Owner] = ()


class DisruptionStatus(NamedTuple):
    """The status of a budget, in pods; `problem` says why nothing is allowed if it has failed."""

    expected_pods: int = 0
    desired_healthy: int = 0
    current_healthy: int = 0
    disruptions_allowed: int = 0
    problem: str = ""


class SyncFailed(Exception):
    """How many pods there should be cannot be found out."""


class EvictionRefused(ValueError):
    """The API server does not evict a pod.

    Attributes
    ----------
    code : int
        Of HTTP: 429 if the client should try again, 500 if that is of no use.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def calculate_status(spec: Spec, covered: Covered, last: DisruptionStatus) -> DisruptionStatus:
    """Return a budget's status; if that fails the last one, but allowing nothing.

    Notes
    -----
    ``trySync``, ``updatePdbStatus`` and ``failSafe``.
    """
    try:
        expected, desired = get_expected_pod_count(spec, covered)
    except SyncFailed as problem:
        return last._replace(disruptions_allowed=0, problem=str(problem))
    # A budget without pods allows nothing, so that the first pod to come is safe.
    allowed = max(covered.healthy - desired, 0) if expected > 0 else 0
    return DisruptionStatus(expected, desired, covered.healthy, allowed)


def get_expected_pod_count(spec: Spec, covered: Covered) -> tuple[int, int]:
    """Return how many pods there should be, and how many of them should be healthy.

    A count in ``minAvailable`` is taken as it is; everything else needs the controllers of the
    pods. Percentages round up: of 7 pods, 50 % available are 4, and 50 % unavailable as well.

    Notes
    -----
    ``getExpectedPodCount``.
    """
    max_unavailable, min_available = spec.get("maxUnavailable"), spec.get("minAvailable")
    if max_unavailable is not None:
        expected = get_expected_scale(covered.owners)
        missing = resolve_percent(max_unavailable, expected, round_up=True)
        return expected, max(expected - missing, 0)
    if min_available is None:
        return 0, 0
    if isinstance(min_available, int):
        return covered.pods, min_available
    expected = get_expected_scale(covered.owners)
    return expected, resolve_percent(min_available, expected, round_up=True)


def get_expected_scale(owners: Iterable[Owner]) -> int:
    """Return how many pods the controllers ask for together; pods without one do not count.

    Raises
    ------
    SyncFailed
        If one of them is gone, or is of a kind that has no scale.

    Notes
    -----
    ``getExpectedScale`` and ``getScaleController``.
    """
    scales: dict[str, int] = {}
    for owner in owners:
        if owner.kind == "DaemonSet":
            raise SyncFailed("daemonsets.apps does not implement the scale subresource")
        if owner.scale is None:
            raise SyncFailed(f'found no controllers for pod "{owner.pod}"')
        scales[owner.uid] = owner.scale
    return sum(scales.values())


def check_eviction(
    phase: str,
    ready: bool,
    terminating: bool,
    budgets: Sequence[tuple[Spec, DisruptionStatus]],
) -> None:
    """Refuse to evict a pod if the budgets that select it do not let it go.

    Raises
    ------
    EvictionRefused
        With the API server's message.

    Notes
    -----
    ``EvictionREST.Create``, ``canIgnorePDB`` and ``checkAndDecrement``. An evicted pod is
    terminating from then on, so that nothing has to be decremented here.
    """
    if phase in ("Succeeded", "Failed", "Pending") or terminating or not budgets:
        return
    if len(budgets) > 1:
        raise EvictionRefused(
            500,
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does "
            "not support.",
        )
    ((spec, status),) = budgets
    if not ready:
        # It is no loss where enough others are healthy, or where somebody has said so.
        enough = status.current_healthy >= status.desired_healthy > 0
        if enough or spec.get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
            return
    if status.disruptions_allowed == 0:
        raise EvictionRefused(
            429, "Cannot evict pod as it would violate the pod's disruption budget."
        )
