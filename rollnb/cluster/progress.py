"""Status and progress of a Deployment: counts, completeness, deadline, conditions.

Follows ``pkg/controller/deployment/progress.go``, ``calculateStatus`` in ``sync.go`` and their
helpers in ``util/deployment_util.go`` (Kubernetes 1.36). `now` is the exact time; `stamp` is the
same cut to the whole second, which is what the API server stores.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rollnb.cluster.conditions import (
    AVAILABLE,
    FOUND_NEW_RS,
    NEW_RS_AVAILABLE,
    NEW_RS_CREATED,
    PAUSED,
    PROGRESSING,
    REPLICA_FAILURE,
    RESUMED,
    RS_UPDATED,
    TIMED_OUT,
    available_condition,
    get_condition,
    progressing_condition,
    remove_condition,
    replica_failure,
    set_condition,
)
from rollnb.cluster.constants import DEPLOYMENT_CONTROLLER
from rollnb.cluster.objects import Condition, ReplicaSet
from rollnb.cluster.rolling import resolve_unavailable
from rollnb.cluster.workloads import DeploymentState
from rollnb.spec import NO_LIMIT, Deployment

#: Added to the wait of `seconds_until_stuck`, so that the deadline has surely passed.
PROGRESS_CHECK_EXTRA_SECONDS = DEPLOYMENT_CONTROLLER["progress_check_extra_delay_seconds"]


class Status(NamedTuple):
    """The counts in a Deployment's status, in pods."""

    replicas: int = 0
    updated: int = 0
    ready: int = 0
    available: int = 0
    unavailable: int = 0
    terminating: int | None = 0


def calculate_status(
    spec: Deployment, all_rss: Iterable[ReplicaSet], new: ReplicaSet | None
) -> Status:
    """Add up what the ReplicaSets' statuses say.

    Notes
    -----
    The counts of ``calculateStatus`` (``sync.go``). Unavailable is measured against the sizes
    asked for; terminating is None while an observed ReplicaSet does not report it.
    """
    asked = replicas = ready = available = 0
    terminating: int | None = 0
    for rs in all_rss:
        asked += rs.replicas
        replicas += rs.status_replicas
        ready += rs.status_ready
        available += rs.status_available
        if rs.status_terminating is None:
            if rs.observed_generation:
                terminating = None
        elif terminating is not None:
            terminating += rs.status_terminating
    updated = 0 if new is None else new.status_replicas
    return Status(replicas, updated, ready, available, max(asked - available, 0), terminating)


def has_progress_deadline(spec: Deployment) -> bool:
    """Whether progress is watched at all."""
    return spec.progress_deadline_seconds not in (None, NO_LIMIT)


def deployment_complete(
    spec: Deployment, status: Status, deployment: DeploymentState | None = None
) -> bool:
    """Whether all pods are new and available and no old one is left.

    Parameters
    ----------
    deployment : DeploymentState, optional
        Given with a stored status, which says nothing about a spec it has not yet observed.
    """
    replicas = spec.replicas
    return status.updated == status.replicas == status.available == replicas and (
        deployment is None or deployment.observed_generation >= deployment.generation
    )


def deployment_progressing(old_status: Status, new_status: Status) -> bool:
    """Whether something moved forward: more new pods, fewer old, more ready, more available."""
    return (
        new_status.updated > old_status.updated
        or new_status.replicas - new_status.updated < old_status.replicas - old_status.updated
        or new_status.ready > old_status.ready
        or new_status.available > old_status.available
    )


def deployment_timed_out(spec: Deployment, progressing: Condition | None, now: float) -> bool:
    """Whether the deadline has passed since the condition Progressing was last updated."""
    if not has_progress_deadline(spec) or progressing is None:
        return False
    if progressing.reason in (NEW_RS_AVAILABLE, TIMED_OUT):
        return progressing.reason == TIMED_OUT
    return progressing.last_update_at + spec.progress_deadline_seconds < now


def is_finished(conditions: list[Condition]) -> bool:
    """Whether the rollout has been complete, and no step of another one has been seen since."""
    current = get_condition(conditions, PROGRESSING)
    return current is not None and current.reason == NEW_RS_AVAILABLE


def seconds_until_stuck(
    spec: Deployment, conditions: list[Condition], new_status: Status, now: float
) -> float | None:
    """Return when to look again whether a Deployment without news has timed out, in seconds.

    Returns
    -------
    float or None
        None: never. 0: at once, rate limited. Else the controller waits one second more than this
        (`PROGRESS_CHECK_EXTRA_SECONDS`).

    Notes
    -----
    ``requeueStuckDeployment`` (``progress.go``).
    """
    current = get_condition(conditions, PROGRESSING)
    if not has_progress_deadline(spec) or current is None:
        return None
    if deployment_complete(spec, new_status) or current.reason == TIMED_OUT:
        return None
    after = current.last_update_at + spec.progress_deadline_seconds - now
    return 0.0 if after < 1.0 else after


# ------------------------------------------------------------------------------------- conditions


def available_conditions(
    spec: Deployment, status: Status, conditions: list[Condition], stamp: float
) -> list[Condition]:
    """Return the conditions with Available as the counts have it.

    Notes
    -----
    The conditions of ``calculateStatus`` (``sync.go``): all that changes while a Deployment is
    paused or scaled.
    """
    enough = status.available >= spec.replicas - resolve_unavailable(spec)
    reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
    current = get_condition(conditions, AVAILABLE)
    if current is not None and current.reason == reason:
        return conditions
    return set_condition(conditions, available_condition(reason, stamp))


def sync_conditions(
    spec: Deployment,
    old_status: Status,
    new_status: Status,
    new: ReplicaSet | None,
    conditions: list[Condition],
    now: float,
    stamp: float,
    all_rss: Iterable[ReplicaSet] = (),
) -> list[Condition]:
    """Return the conditions after a turn of a rollout; the given list if nothing is new.

    Parameters
    ----------
    old_status, new_status : Status
        As stored, and as just calculated.
    all_rss : iterable of ReplicaSet
        Whose failures become the Deployment's; those of `new` come first.

    Notes
    -----
    ``syncRolloutStatus`` (``progress.go``).
    """
    result = available_conditions(spec, new_status, conditions, stamp)
    if not has_progress_deadline(spec):
        result = remove_condition(result, PROGRESSING)
    else:
        # A finished rollout is not watched: no pod that comes or goes starts the deadline again.
        if not is_finished(conditions) or new_status.replicas != new_status.updated:
            result = _estimate_progress(spec, old_status, new_status, new, result, now, stamp)
    failure = replica_failure([new, *all_rss])
    if failure is not None:
        return set_condition(result, failure)
    return remove_condition(result, REPLICA_FAILURE)


def _estimate_progress(
    spec: Deployment,
    old_status: Status,
    new_status: Status,
    new: ReplicaSet | None,
    conditions: list[Condition],
    now: float,
    stamp: float,
) -> list[Condition]:
    current = get_condition(conditions, PROGRESSING)
    names = {"replica_set": "" if new is None else new.name, "deployment": spec.name}
    if deployment_complete(spec, new_status):
        condition = progressing_condition(NEW_RS_AVAILABLE, stamp, **names)
    elif deployment_progressing(old_status, new_status):
        # Every step forward starts the deadline anew, so the condition is replaced even by one
        # with the same reason; only the time of transition stays.
        condition = progressing_condition(RS_UPDATED, stamp, **names)
        if current is not None:
            if current.status == "True":
                condition.last_transition_at = current.last_transition_at
            conditions = remove_condition(conditions, PROGRESSING)
    elif deployment_timed_out(spec, current, now):
        condition = progressing_condition(TIMED_OUT, stamp, **names)
    else:
        return conditions
    return set_condition(conditions, condition)


def paused_conditions(
    spec: Deployment, conditions: list[Condition], stamp: float
) -> list[Condition]:
    """Return the conditions after a pause or a resume was noticed; else the given list.

    Notes
    -----
    ``checkPausedConditions`` (``progress.go``): a timeout that was reported is not overwritten.
    """
    if not has_progress_deadline(spec):
        return conditions
    current = get_condition(conditions, PROGRESSING)
    reason = "" if current is None else current.reason
    if reason == TIMED_OUT or spec.paused == (reason == PAUSED):
        return conditions
    return set_condition(
        conditions, progressing_condition(PAUSED if spec.paused else RESUMED, stamp)
    )


def new_replica_set_conditions(
    spec: Deployment, conditions: list[Condition], name: str, stamp: float, *, created: bool
) -> list[Condition]:
    """Return the conditions after the new ReplicaSet was created, or was found to exist.

    Notes
    -----
    ``getNewReplicaSet`` (``sync.go``): finding it is news only where progress was not yet watched.
    """
    if not has_progress_deadline(spec):
        return conditions
    if not created and get_condition(conditions, PROGRESSING) is not None:
        return conditions
    reason = NEW_RS_CREATED if created else FOUND_NEW_RS
    return set_condition(conditions, progressing_condition(reason, stamp, replica_set=name))
