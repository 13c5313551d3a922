"""Conditions of Deployments and ReplicaSets: how a list of them changes, and their texts.

Follows ``SetDeploymentCondition`` and its neighbours (``deployment/util/deployment_util.go``) and
the reasons in ``progress.go`` and ``sync.go`` (Kubernetes 1.36). Lists are never changed in place;
one that stays the same is returned itself, so that ``is`` tells whether there is news.
"""

from __future__ import annotations

from collections.abc import Iterable

from rollnb.cluster.objects import Condition, ReplicaSet

AVAILABLE, PROGRESSING, REPLICA_FAILURE = "Available", "Progressing", "ReplicaFailure"

NEW_RS_AVAILABLE, TIMED_OUT = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"
NEW_RS_CREATED, FOUND_NEW_RS = "NewReplicaSetCreated", "FoundNewReplicaSet"
FAILED_RS_CREATE, RS_UPDATED = "ReplicaSetCreateError", "ReplicaSetUpdated"
PAUSED, RESUMED = "DeploymentPaused", "DeploymentResumed"

#: Status and text of the condition Progressing, by its reason.
PROGRESSING_TEXTS = {
    NEW_RS_CREATED: ("True", 'Created new replica set "{name}"'),
    FOUND_NEW_RS: ("True", 'Found new replica set "{name}"'),
    FAILED_RS_CREATE: ("False", 'Failed to create new replica set "{name}": {error}'),
    RS_UPDATED: ("True", '{kind} "{name}" is progressing.'),
    NEW_RS_AVAILABLE: ("True", '{kind} "{name}" has successfully progressed.'),
    TIMED_OUT: ("False", '{kind} "{name}" has timed out progressing.'),
    PAUSED: ("Unknown", "Deployment is paused"),
    RESUMED: ("Unknown", "Deployment is resumed"),
}

#: Status and text of the condition Available, by its reason.
AVAILABLE_TEXTS = {
    "MinimumReplicasAvailable": ("True", "Deployment has minimum availability."),
    "MinimumReplicasUnavailable": ("False", "Deployment does not have minimum availability."),
}


def progressing_condition(
    reason: str, stamp: float, *, replica_set: str = "", deployment: str = "", error: object = ""
) -> Condition:
    """Return the condition Progressing for a reason; names the Deployment without a ReplicaSet."""
    status, text = PROGRESSING_TEXTS[reason]
    kind, name = ("ReplicaSet", replica_set) if replica_set else ("Deployment", deployment)
    message = text.format(kind=kind, name=name, error=error)
    return Condition(PROGRESSING, status, reason, message, stamp)


def available_condition(reason: str, stamp: float) -> Condition:
    """Return the condition Available for a reason."""
    status, message = AVAILABLE_TEXTS[reason]
    return Condition(AVAILABLE, status, reason, message, stamp)


def get_condition(conditions: list[Condition], type: str) -> Condition | None:
    """Return the condition of a type."""
    for condition in conditions:
        if condition.type == type:
            return condition
    return None


def set_condition(conditions: list[Condition], condition: Condition) -> list[Condition]:
    """Return the list with a new condition at its end, unless it says the same as before.

    With the same status and reason the old one stays; with the same status alone the new one keeps
    the old time of transition.
    """
    current = get_condition(conditions, condition.type)
    if current is None:
        return [*conditions, condition]
    if current.status == condition.status:
        if current.reason == condition.reason:
            return conditions
        condition.last_transition_at = current.last_transition_at
    return [*remove_condition(conditions, condition.type), condition]


def remove_condition(conditions: list[Condition], type: str) -> list[Condition]:
    """Return the list without the condition of a type."""
    if get_condition(conditions, type) is None:
        return conditions
    return [condition for condition in conditions if condition.type != type]


def replica_failure(replica_sets: Iterable[ReplicaSet | None]) -> Condition | None:
    """Return the first failure among ReplicaSets as a condition of their Deployment.

    Notes
    -----
    ``getReplicaFailures`` (``progress.go``), which asks the new ReplicaSet before all others.
    """
    for rs in replica_sets:
        if rs is not None and rs.conditions:
            found = get_condition(rs.conditions, REPLICA_FAILURE)
            if found is not None:
                since = found.last_transition_at
                return Condition(found.type, found.status, found.reason, found.message, since)
    return None
