"""From the model's values to the objects of the API that describe them.

What equals the API server's default is left out where the API allows it, so that the YAML is as
short as one would write it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rollnb.manifest.quantity import format_quantity
from rollnb.node import Node, Toleration
from rollnb.spec import (
    Container,
    DaemonSet,
    Deployment,
    PodTemplate,
    Probe,
    Service,
    StatefulSet,
    Workload,
)

Object = dict[str, Any]


def render(workload: Workload | Service, namespace: str = "default") -> Object:
    """Return the object that describes a workload or Service, as one would write it.

    Parameters
    ----------
    workload : Deployment, StatefulSet, DaemonSet or Service
    namespace : str
        Where it lives; ``default`` is not written.
    """
    kind = type(workload).__name__
    metadata: Object = {"name": workload.name}
    if namespace != "default":
        metadata["namespace"] = namespace
    if isinstance(workload, Service):
        spec = {"selector": dict(workload.selector), "ports": [{"port": 80}]}
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}
    labels = dict(workload.template.labels)
    spec = _SPECS[kind](workload)
    spec |= {
        "selector": {"matchLabels": labels},
        "template": render_template(workload.template),
    }
    if workload.min_ready_seconds:
        spec["minReadySeconds"] = workload.min_ready_seconds
    if workload.revision_history_limit not in (None, 10):
        spec["revisionHistoryLimit"] = workload.revision_history_limit
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": metadata | {"labels": labels},
        "spec": spec,
    }


def _deployment(workload: Deployment) -> Object:
    strategy: Object = {"type": workload.strategy}
    if workload.strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {
            "maxSurge": workload.max_surge,
            "maxUnavailable": workload.max_unavailable,
        }
    spec: Object = {"replicas": workload.replicas, "strategy": strategy}
    if workload.progress_deadline_seconds != 600:
        spec["progressDeadlineSeconds"] = workload.progress_deadline_seconds
    if workload.paused:
        spec["paused"] = True
    return spec


def _statefulset(workload: StatefulSet) -> Object:
    strategy: Object = {"type": workload.strategy}
    if workload.strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {"partition": workload.partition}
        if workload.max_unavailable is not None:
            strategy["rollingUpdate"]["maxUnavailable"] = workload.max_unavailable
    spec: Object = {
        "replicas": workload.replicas,
        "serviceName": workload.name,
        "updateStrategy": strategy,
    }
    if workload.pod_management_policy != "OrderedReady":
        spec["podManagementPolicy"] = workload.pod_management_policy
    if workload.ordinals_start:
        spec["ordinals"] = {"start": workload.ordinals_start}
    return spec


def _daemonset(workload: DaemonSet) -> Object:
    strategy: Object = {"type": workload.strategy}
    if workload.strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {
            "maxSurge": workload.max_surge,
            "maxUnavailable": workload.max_unavailable,
        }
    return {"updateStrategy": strategy}


_SPECS = {"Deployment": _deployment, "StatefulSet": _statefulset, "DaemonSet": _daemonset}


def render_template(template: PodTemplate) -> Object:
    """Return the dict that describes a pod template."""
    metadata: Object = {"labels": dict(template.labels)}
    if template.annotations:
        metadata["annotations"] = dict(template.annotations)
    grace = template.termination_grace_period_seconds
    spec: Object = {"containers": [_container(c, grace) for c in template.containers]}
    if grace != 30:
        spec["terminationGracePeriodSeconds"] = grace
    if template.node_selector:
        spec["nodeSelector"] = dict(template.node_selector)
    if template.tolerations:
        spec["tolerations"] = render_tolerations(template.tolerations)
    return {"metadata": metadata, "spec": spec}


def render_tolerations(tolerations: Iterable[Toleration]) -> list[Object]:
    """Return the dicts that describe tolerations."""
    return [
        _without_empty(
            key=one.key,
            operator=one.operator,
            value=one.value,
            effect=one.effect,
            tolerationSeconds=one.toleration_seconds,
        )
        for one in tolerations
    ]


def render_node_spec(node: Node) -> Object:
    """Return the ``spec`` of a node."""
    taints = [_without_empty(**asdict(taint)) for taint in node.taints]
    return _without_empty(taints=taints or None, unschedulable=node.unschedulable or None)


def _without_empty(**fields: Any) -> Object:
    return {name: value for name, value in fields.items() if value not in ("", None)}


def _container(container: Container, grace: int) -> Object:
    rendered: Object = {"name": container.name, "image": container.image}
    for name, probe in (
        ("readinessProbe", container.readiness_probe),
        ("livenessProbe", container.liveness_probe),
        ("startupProbe", container.startup_probe),
    ):
        if probe is not None:
            rendered[name] = _probe(probe)
    if container.pre_stop_seconds:
        rendered["lifecycle"] = {"preStop": _pre_stop(container.pre_stop_seconds, grace)}
    requests: Mapping[str, str] = {
        name: format_quantity(amount, binary=name == "memory")
        for name, amount in (("cpu", container.cpu), ("memory", container.memory))
        if amount
    }
    if requests:
        rendered["resources"] = {"requests": requests}
    if container.host_ports:
        rendered["ports"] = [{"containerPort": p, "hostPort": p} for p in container.host_ports]
    return rendered


def _probe(probe: Probe) -> Object:
    grace = probe.termination_grace_period_seconds
    return {
        # What is asked does not matter to the model, but the API wants to know.
        "httpGet": {"path": "/", "port": 80},
        "initialDelaySeconds": probe.initial_delay_seconds,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "successThreshold": probe.success_threshold,
        "failureThreshold": probe.failure_threshold,
        **({} if grace is None else {"terminationGracePeriodSeconds": grace}),
    }


def _pre_stop(seconds: float, grace: int) -> Object:
    # The API refuses a sleep longer than the grace period; a command may try.
    if float(seconds).is_integer() and seconds <= grace:
        return {"sleep": {"seconds": int(seconds)}}
    return {"exec": {"command": ["sleep", f"{seconds:g}"]}}
