"""What ``kubectl rollout status`` says of one state of a workload.

Follows ``kubectl/pkg/polymorphichelpers/rollout_status.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rollnb.kubectl.history import revision_of

Object = dict[str, Any]


class Status(NamedTuple):
    """One look at a rollout: a line to print, and whether waiting ends.

    With an `error` the command fails; `message` is empty then.
    """

    message: str
    done: bool
    error: str | None = None


def rollout_status(obj: Object, revision: int = 0) -> Status:
    """Return what to print for a Deployment, StatefulSet or DaemonSet.

    Parameters
    ----------
    obj : dict
        The object as the API server has it.
    revision : int
        Fail if the Deployment has another revision; 0 asks for none.
    """
    rules = {"Deployment": _deployment, "StatefulSet": _stateful_set, "DaemonSet": _daemon_set}
    return rules[obj["kind"]](obj, revision)


def _is_observed(obj: Object) -> bool:
    generation = obj["metadata"].get("generation") or 0
    return generation <= (obj["status"].get("observedGeneration") or 0)


def _deployment(obj: Object, revision: int) -> Status:
    name, status = obj["metadata"]["name"], obj["status"]
    if revision > 0:
        running = revision_of(obj)
        if running != revision:
            return Status(
                "",
                False,
                f"desired revision ({revision}) is different from the running revision "
                f"({running})",
            )
    if not _is_observed(obj):
        return Status("Waiting for deployment spec update to be observed...\n", False)
    reasons = {c["type"]: c.get("reason") for c in status.get("conditions") or ()}
    if reasons.get("Progressing") == "ProgressDeadlineExceeded":
        return Status("", False, f'deployment "{name}" exceeded its progress deadline')
    replicas = obj["spec"].get("replicas") or 0
    updated = status.get("updatedReplicas") or 0
    total = status.get("replicas") or 0
    available = status.get("availableReplicas") or 0
    start = f'Waiting for deployment "{name}" rollout to finish:'
    if updated < replicas:
        return Status(
            f"{start} {updated} out of {replicas} new replicas have been updated...\n", False
        )
    if total > updated:
        left = total - updated
        return Status(f"{start} {left} old replicas are pending termination...\n", False)
    if available < updated:
        there = f"{available} of {updated} updated replicas"
        return Status(f"{start} {there} are available...\n", False)
    return Status(f'deployment "{name}" successfully rolled out\n', True)


def _not_rolling(obj: Object) -> Status | None:
    if (obj["spec"].get("updateStrategy") or {}).get("type") != "RollingUpdate":
        only = "rollout status is only available for RollingUpdate strategy type"
        return Status("", True, only)
    return None


def _daemon_set(obj: Object, _revision: int) -> Status:
    if refused := _not_rolling(obj):
        return refused
    if not _is_observed(obj):
        return Status("Waiting for daemon set spec update to be observed...\n", False)
    name, status = obj["metadata"]["name"], obj["status"]
    desired = status.get("desiredNumberScheduled") or 0
    updated = status.get("updatedNumberScheduled") or 0
    available = status.get("numberAvailable") or 0
    start = f'Waiting for daemon set "{name}" rollout to finish:'
    if updated < desired:
        return Status(f"{start} {updated} out of {desired} new pods have been updated...\n", False)
    if available < desired:
        return Status(f"{start} {available} of {desired} updated pods are available...\n", False)
    return Status(f'daemon set "{name}" successfully rolled out\n', True)


def _stateful_set(obj: Object, _revision: int) -> Status:
    if refused := _not_rolling(obj):
        return refused
    spec, status = obj["spec"], obj["status"]
    if not status.get("observedGeneration") or not _is_observed(obj):
        return Status("Waiting for statefulset spec update to be observed...\n", False)
    replicas = spec.get("replicas")
    ready = status.get("readyReplicas") or 0
    updated = status.get("updatedReplicas") or 0
    if replicas is not None and ready < replicas:
        return Status(f"Waiting for {replicas - ready} pods to be ready...\n", False)
    rolling_update = spec["updateStrategy"].get("rollingUpdate")
    if rolling_update is not None:
        partition = rolling_update.get("partition")
        if replicas is not None and partition is not None and updated < replicas - partition:
            return Status(
                f"Waiting for partitioned roll out to finish: {updated} out of "
                f"{replicas - partition} new pods have been updated...\n",
                False,
            )
        return Status(
            f"partitioned roll out complete: {updated} new pods have been updated...\n", True
        )
    current, update = status.get("currentRevision") or "", status.get("updateRevision") or ""
    if update != current:
        return Status(
            f"waiting for statefulset rolling update to complete {updated} pods at revision "
            f"{update}...\n",
            False,
        )
    n_current = status.get("currentReplicas") or 0
    return Status(
        f"statefulset rolling update complete {n_current} pods at revision {current}...\n", True
    )
