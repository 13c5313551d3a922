"""When a pod is available, and what follows for the status of its ReplicaSet.

Follows ``IsPodAvailable`` (``pkg/api/v1/pod/util.go``), ``FindMinNextPodAvailabilityCheck``
(``pkg/controller/controller_utils.go``) and ``calculateStatus``
(``pkg/controller/replicaset/replica_set_utils.go``, Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rollnb.cluster.conditions import (
    REPLICA_FAILURE,
    get_condition,
    remove_condition,
    set_condition,
)
from rollnb.cluster.objects import Condition, Pod, ReplicaSet


def is_available(
    ready: bool, ready_since: float | None, min_ready_seconds: float, now: float
) -> bool:
    """Whether a pod is ready, and has been for `min_ready_seconds`.

    Parameters
    ----------
    ready_since : float or None
        The stored time of the Ready condition, a whole second: so the wait may seem up to a second
        too short. None: not known, so it cannot be waited for.
    """
    if not ready or min_ready_seconds == 0:
        return ready
    return ready_since is not None and ready_since + min_ready_seconds <= now


def next_availability_check(
    ready: bool, ready_since: float | None, min_ready_seconds: float, now: float
) -> float | None:
    """Return the seconds until a ready pod becomes available; None if waiting changes nothing."""
    if not ready or min_ready_seconds <= 0 or ready_since is None:
        return None
    seconds = ready_since + min_ready_seconds - now
    return seconds if seconds > 0 else None


def next_available_pod(
    pods: Iterable[Pod], min_ready_seconds: float, now: float
) -> tuple[float, Pod] | None:
    """Return the first pod to become available, and in how many seconds; None if none will."""
    first = None
    for pod in pods:
        seconds = next_availability_check(pod.ready, pod.ready_at, min_ready_seconds, now)
        if seconds is not None and (first is None or seconds < first[0]):
            first = seconds, pod
    return first


def find_min_next_pod_availability_check(
    pods: Iterable[Pod], min_ready_seconds: float, evaluated_at: float, now: float
) -> float | None:
    """Return in how many seconds the status has to be looked at again; None: not for its age.

    Parameters
    ----------
    evaluated_at : float
        When the status was calculated; a pod that has become available since is looked at at once.
    """
    first = next_available_pod(pods, min_ready_seconds, evaluated_at)
    if first is None:
        return None
    pod = first[1]
    return next_availability_check(pod.ready, pod.ready_at, min_ready_seconds, now) or 0.0


class Status(NamedTuple):
    """The counts in a ReplicaSet's status, in pods; terminating ones are in no other count."""

    replicas: int
    fully_labeled: int
    ready: int
    available: int
    terminating: int


def calculate_status(rs: ReplicaSet, pods: Iterable[Pod], now: float) -> Status:
    """Count pods as the controller does: what a ReplicaSet's running counters must equal.

    Parameters
    ----------
    pods : iterable of Pod
        Those of `rs`, the terminating ones included. Each has the labels of its own template.
    """
    labels = rs.template.labels.items()
    replicas = fully_labeled = ready = available = terminating = 0
    for pod in pods:
        if pod.deleted_at is not None:
            terminating += 1
        elif pod.is_active:
            replicas += 1
            fully_labeled += labels <= pod.group.template.labels.items()
            ready += pod.ready
            available += is_available(pod.ready, pod.ready_at, rs.min_ready_seconds, now)
    return Status(replicas, fully_labeled, ready, available, terminating)


def failure_conditions(
    conditions: list[Condition], replicas: int, active: int, error: str | None, stamp: float
) -> list[Condition]:
    """Return a ReplicaSet's conditions after it tried to create or delete pods.

    Parameters
    ----------
    error : str or None
        Why it failed; None if it did not.
    """
    failure = get_condition(conditions, REPLICA_FAILURE)
    if error is None:
        return remove_condition(conditions, REPLICA_FAILURE)
    if failure is not None:
        return conditions
    reason = ""
    if active != replicas:
        reason = "FailedCreate" if active < replicas else "FailedDelete"
    return set_condition(conditions, Condition(REPLICA_FAILURE, "True", reason, error, stamp))
