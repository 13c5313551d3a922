"""From objects of the API to the values that the model computes with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rollnb.manifest.errors import ManifestError
from rollnb.manifest.quantity import parse_quantity
from rollnb.node import Node, Taint, Toleration
from rollnb.spec import Container, DaemonSet, Deployment, PodTemplate, Probe, Service, StatefulSet

Object = Mapping[str, Any]


def parse(obj: Object) -> Deployment | StatefulSet | DaemonSet | Service | Node:
    """Return the workload, Service or node that a completed object describes.

    Of a node only what its spec and metadata say: how much room it has stands in its status.

    Raises
    ------
    ManifestError
        If the model does not have the kind.
    Invalid
        If a field is out of bounds.
    """
    kind = obj.get("kind", "")
    if kind not in _PARSE:
        raise ManifestError(
            f"kind {kind!r} is not simulated",
            stage="request",
            field="kind",
            hint=f"there are {', '.join(_PARSE)}",
        )
    return _PARSE[kind](obj)


def template(obj: Object) -> PodTemplate:
    """Return the pods that a workload or ReplicaSet makes."""
    return parse_template(obj["spec"]["template"])


_TOLERATION = {
    **{field: field for field in ("key", "operator", "value", "effect")},
    "tolerationSeconds": "toleration_seconds",
}


def parse_template(template: Object) -> PodTemplate:
    """Return a pod template from the dict that describes it."""
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    return PodTemplate(
        tuple(_container(container) for container in spec.get("containers") or []),
        labels=dict(metadata.get("labels") or {}),
        annotations=dict(metadata.get("annotations") or {}),
        termination_grace_period_seconds=spec.get("terminationGracePeriodSeconds", 30),
        node_selector=dict(spec.get("nodeSelector") or {}),
        tolerations=tuple(
            Toleration(**_given(toleration, _TOLERATION))
            for toleration in spec.get("tolerations") or []
        ),
    )


def _container(container: Object) -> Container:
    requests = (container.get("resources") or {}).get("requests") or {}
    return Container(
        container["name"],
        container.get("image", ""),
        readiness_probe=_probe(container.get("readinessProbe")),
        liveness_probe=_probe(container.get("livenessProbe")),
        startup_probe=_probe(container.get("startupProbe")),
        pre_stop_seconds=_sleep((container.get("lifecycle") or {}).get("preStop")),
        cpu=parse_quantity(requests.get("cpu", 0)),
        memory=parse_quantity(requests.get("memory", 0)),
        host_ports=tuple(
            port["hostPort"] for port in container.get("ports") or [] if port.get("hostPort")
        ),
    )


def _probe(probe: Object | None) -> Probe | None:
    if probe is None:
        return None
    return Probe(
        initial_delay_seconds=probe.get("initialDelaySeconds", 0),
        period_seconds=probe.get("periodSeconds", 10),
        timeout_seconds=probe.get("timeoutSeconds", 1),
        success_threshold=probe.get("successThreshold", 1),
        failure_threshold=probe.get("failureThreshold", 3),
        termination_grace_period_seconds=probe.get("terminationGracePeriodSeconds"),
    )


_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def _sleep(hook: Object | None) -> float:
    """Return how long a hook sleeps; a hook that does something else takes no time."""
    if not hook:
        return 0.0
    if hook.get("sleep"):
        return float(hook["sleep"].get("seconds", 0))
    return _slept(" ".join((hook.get("exec") or {}).get("command") or []))


def _slept(command: str) -> float:
    """Add up the sleeps in a command line: ``/bin/sh -c "nginx -s quit; sleep 15"`` is 15."""
    total = 0.0
    for arguments in re.findall(r"(?<![\w.-])sleep((?:\s+['\"]?[0-9.]+[smhd]?['\"]?)+)", command):
        for number, unit in re.findall(r"([0-9]+\.?[0-9]*|\.[0-9]+)([smhd]?)", arguments):
            total += float(number) * _UNITS[unit]
    return total


def _flat(obj: Object) -> dict[str, Any]:
    """Return the fields that every workload has."""
    name, spec = obj["metadata"]["name"], obj["spec"]
    pods = template(obj)
    fields: dict[str, Any] = {
        "name": name,
        "min_ready_seconds": spec.get("minReadySeconds", 0),
        "revision_history_limit": spec.get("revisionHistoryLimit"),
        "annotations": pods.annotations,
        "termination_grace_period_seconds": pods.termination_grace_period_seconds,
        "node_selector": pods.node_selector,
        "tolerations": pods.tolerations,
    }
    if pods.labels != {"app": name}:  # these a workload has by itself
        fields["labels"] = pods.labels
    only = pods.containers[0] if len(pods.containers) == 1 else None
    if only is None or only.name != name or only.host_ports:
        return fields | {"containers": pods.containers}
    flat = ("image", "readiness_probe", "liveness_probe", "startup_probe", "pre_stop_seconds")
    return fields | {field: getattr(only, field) for field in (*flat, "cpu", "memory")}


def _given(fields: Object, names: Mapping[str, str]) -> dict[str, Any]:
    """Return fields under the model's names, those that are there."""
    return {ours: fields[theirs] for theirs, ours in names.items() if theirs in fields}


def _deployment(obj: Object) -> Deployment:
    spec = obj["spec"]
    strategy = spec.get("strategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    return Deployment(
        **_flat(obj),
        **_given(strategy, {"type": "strategy"}),
        **_given(rolling, {"maxSurge": "max_surge", "maxUnavailable": "max_unavailable"}),
        **_given(
            spec,
            {
                "replicas": "replicas",
                "progressDeadlineSeconds": "progress_deadline_seconds",
                "paused": "paused",
            },
        ),
    )


def _statefulset(obj: Object) -> StatefulSet:
    spec = obj["spec"]
    strategy = spec.get("updateStrategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    return StatefulSet(
        **_flat(obj),
        **_given(strategy, {"type": "strategy"}),
        **_given(rolling, {"partition": "partition", "maxUnavailable": "max_unavailable"}),
        **_given(spec, {"replicas": "replicas", "podManagementPolicy": "pod_management_policy"}),
        **_given(spec.get("ordinals") or {}, {"start": "ordinals_start"}),
    )


def _daemonset(obj: Object) -> DaemonSet:
    strategy = obj["spec"].get("updateStrategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    return DaemonSet(
        **_flat(obj),
        **_given(strategy, {"type": "strategy"}),
        **_given(rolling, {"maxSurge": "max_surge", "maxUnavailable": "max_unavailable"}),
    )


def _service(obj: Object) -> Service:
    spec = obj.get("spec") or {}
    return Service(obj["metadata"]["name"], selector=dict(spec.get("selector") or {}))


def _node(obj: Object) -> Node:
    metadata, spec = obj["metadata"], obj.get("spec") or {}
    return Node(
        metadata["name"],
        labels=dict(metadata.get("labels") or {}),
        taints=tuple(
            Taint(taint["key"], taint["effect"], taint.get("value", ""))
            for taint in spec.get("taints") or []
        ),
        unschedulable=spec.get("unschedulable", False),
    )


_PARSE = {
    "Deployment": _deployment,
    "StatefulSet": _statefulset,
    "DaemonSet": _daemonset,
    "Service": _service,
    "Node": _node,
}
