"""Rules for workloads asked for in Python: the same as for objects, as soon as they are made."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

from rollnb.validation.arguments import check_flag, check_number
from rollnb.validation.errors import FieldError, Invalid
from rollnb.validation.numbers import nonnegative
from rollnb.validation.workloads import daemonset_pace, deployment_pace, statefulset_pace

_OR_PERCENT = {"max_surge", "max_unavailable"}
_WHOLE_NUMBERS = _OR_PERCENT | {
    "min_ready_seconds",
    "ordinals_start",
    "partition",
    "progress_deadline_seconds",
    "replicas",
    "revision_history_limit",
    "termination_grace_period_seconds",
}


def check_container(container: Any) -> None:
    """Refuse what is not a number in a container, or in a workload that describes one.

    Raises
    ------
    ValueError
    """
    check_number("pre_stop_seconds", container.pre_stop_seconds, of="seconds")
    check_number("cpu", container.cpu, of="cores")
    check_number("memory", container.memory, of="bytes")


def check_workload(workload: Any) -> None:
    """Refuse a Deployment, StatefulSet or DaemonSet that the API server would refuse.

    Whole numbers of other types, such as numpy's, are made plain ones.

    Raises
    ------
    ValueError
        With the field, the value and what is allowed; an `Invalid` in the API server's words if
        the types are right.
    """
    check_container(workload)
    check_flag("paused", getattr(workload, "paused", False))
    for name in sorted(_WHOLE_NUMBERS & vars(workload).keys()):
        value = getattr(workload, name)
        if value is None or (isinstance(value, str) and name in _OR_PERCENT):
            continue
        if isinstance(value, bool) or not isinstance(value, Integral):
            or_percent = ' or a percentage such as "25%"' if name in _OR_PERCENT else ""
            raise ValueError(f"{name}={value!r} must be a whole number{or_percent}")
        object.__setattr__(workload, name, int(value))
    kind = type(workload).__name__
    errors = _CHECKS[kind](workload)
    if errors:
        raise Invalid(kind, workload.name, errors)


def _strategy(workload: Any, without: str, rolling: Mapping[str, Any]) -> dict[str, Any]:
    """Return a strategy as a manifest has it; of the type `without`, without numbers."""
    if workload.strategy == without:
        return {"type": workload.strategy}
    return {"type": workload.strategy, "rollingUpdate": rolling}


def _limits(workload: Any) -> dict[str, Any]:
    return {"maxSurge": workload.max_surge, "maxUnavailable": workload.max_unavailable}


def _deployment(workload: Any) -> list[FieldError]:
    return nonnegative(workload.replicas, "spec.replicas") + deployment_pace(
        {
            "strategy": _strategy(workload, "Recreate", _limits(workload)),
            "minReadySeconds": workload.min_ready_seconds,
            "revisionHistoryLimit": workload.revision_history_limit,
            "progressDeadlineSeconds": workload.progress_deadline_seconds,
        }
    )


def _statefulset(workload: Any) -> list[FieldError]:
    rolling = {"partition": workload.partition, "maxUnavailable": workload.max_unavailable}
    return statefulset_pace(
        {
            "podManagementPolicy": workload.pod_management_policy,
            "updateStrategy": _strategy(workload, "OnDelete", rolling),
            "replicas": workload.replicas,
            "minReadySeconds": workload.min_ready_seconds,
            "ordinals": {"start": workload.ordinals_start},
        }
    )


def _daemonset(workload: Any) -> list[FieldError]:
    return daemonset_pace(
        {
            "updateStrategy": _strategy(workload, "OnDelete", _limits(workload)),
            "minReadySeconds": workload.min_ready_seconds,
            "revisionHistoryLimit": workload.revision_history_limit,
        }
    )


_CHECKS = {"Deployment": _deployment, "StatefulSet": _statefulset, "DaemonSet": _daemonset}
