"""Rules for what is asked for in Python: the same as for objects, as soon as it is made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rollnb.validation.arguments import check_field, check_flag, check_kind, check_mapping
from rollnb.validation.errors import FieldError, Invalid
from rollnb.validation.numbers import nonnegative
from rollnb.validation.taints import taints, toleration
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


def check_container(container: Any, probe: type) -> None:
    """Refuse what is of a wrong type in a container, or in a workload that describes one.

    Raises
    ------
    ValueError
    """
    image = "" if container.image is None else container.image
    _check_texts({"name": container.name, "image": image})
    for name in ("readiness_probe", "liveness_probe", "startup_probe"):
        if (value := getattr(container, name)) is not None:
            check_kind(name, value, probe)
    check_field(container, "pre_stop_seconds", of="seconds")
    check_field(container, "cpu", of="cores")
    check_field(container, "memory", of="bytes")


def check_taints(node: str, given: Iterable[Any]) -> None:
    """Refuse taints that the API server would refuse.

    Raises
    ------
    ValueError
        An `Invalid` in the API server's words if the types are right.
    """
    shown = [asdict(taint) for taint in given]
    for taint in shown:
        _check_texts(taint)
    _refuse("Node", node, taints(shown, "metadata.taints"))


def check_toleration(given: Any) -> None:
    """Refuse a toleration that the API server would refuse.

    Raises
    ------
    ValueError
        An `Invalid` in the API server's words if the types are right.
    """
    if given.toleration_seconds is not None:
        check_field(given, "toleration_seconds", of="seconds", least=-math.inf, whole=True)
    shown = asdict(given)
    seconds = shown.pop("toleration_seconds")
    _check_texts(shown)
    shown["tolerationSeconds"] = seconds
    _refuse("Toleration", given.key, toleration(shown, "toleration"))


def _check_texts(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if not isinstance(value, str):
            raise ValueError(f"{name}={value!r} must be a text")


def _refuse(kind: str, name: str, errors: list[FieldError]) -> None:
    if errors:
        raise Invalid(kind, name, errors)


def check_workload(workload: Any) -> None:
    """Refuse a Deployment, StatefulSet or DaemonSet that the API server would refuse.

    Raises
    ------
    ValueError
        With the field, the value and what is allowed; an `Invalid` in the API server's words if
        the types are right.
    """
    check_flag("paused", getattr(workload, "paused", False))
    for name in ("labels", "annotations", "node_selector"):
        check_mapping(name, getattr(workload, name), str, str)
    for name in sorted(_WHOLE_NUMBERS & vars(workload).keys()):
        value = getattr(workload, name)
        if value is None or (isinstance(value, str) and name in _OR_PERCENT):
            continue
        otherwise = ' or a percentage such as "25%"' if name in _OR_PERCENT else ""
        check_field(workload, name, least=-math.inf, whole=True, otherwise=otherwise)
    kind = type(workload).__name__
    _refuse(kind, workload.name, _CHECKS[kind](workload))


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
