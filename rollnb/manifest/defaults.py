"""What the API server fills in: every field that a manifest leaves out and that has a default.

``pkg/apis/apps/v1/defaults.go`` and ``pkg/apis/core/v1/defaults.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Collection, Mapping
from typing import Any

from rollnb.spec import DEPLOYMENT_DEFAULTS

#: The annotation in which a DaemonSet keeps count of its pod templates.
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"

_PROBES = {"livenessProbe", "readinessProbe", "startupProbe"}


def complete(
    obj: Mapping[str, Any],
    *,
    defaults: str = "apps/v1",
    feature_gates: Collection[str] = (),
) -> dict[str, Any]:
    """Return a new object in which nothing with a default is left out.

    Parameters
    ----------
    obj : dict
        A Deployment, ReplicaSet, StatefulSet, DaemonSet, Service or Pod; others are only copied.
    defaults : str
        Whose defaults hold for a Deployment: ``"apps/v1"`` or ``"extensions/v1beta1"``.
    feature_gates : collection of str
        Those that are on although they are off by default; ``MaxUnavailableStatefulSet`` gives
        `maxUnavailable` of a StatefulSet its default.
    """
    if defaults not in DEPLOYMENT_DEFAULTS:
        raise ValueError(f"{defaults=} is not known: use one of {list(DEPLOYMENT_DEFAULTS)}")
    obj = copy.deepcopy({key: value for key, value in obj.items() if value is not None})
    kind = obj.get("kind")
    spec = _inner(obj, "spec") if kind in _FILL else {}
    if kind == "Deployment":
        _deployment(spec, DEPLOYMENT_DEFAULTS[defaults])
    elif kind == "StatefulSet":
        _statefulset(spec, feature_gates)
    elif kind in _FILL:
        _FILL[kind](spec)
    if kind == "Secret":
        _secret(obj)
    if kind == "DaemonSet":
        annotations = _inner(_inner(obj, "metadata"), "annotations")
        annotations.setdefault(TEMPLATE_GENERATION, "0")
    return obj


def _inner(obj: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the dict under a key, put there if it is absent or null."""
    if obj.get(key) is None:
        obj[key] = {}
    return obj[key]


def _fill(obj: dict[str, Any], **values: Any) -> None:
    """Set what is absent, null, or zero where zero means absent (an empty text)."""
    for key, value in values.items():
        if obj.get(key) is None or obj[key] == "":
            obj[key] = value


def _deployment(spec: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    _pod_template(_inner(spec, "template"))
    _fill(spec, replicas=1)
    strategy = _inner(spec, "strategy")
    _fill(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _fill(
            _inner(strategy, "rollingUpdate"),
            maxUnavailable=defaults["max_unavailable"],
            maxSurge=defaults["max_surge"],
        )
    _fill(
        spec,
        revisionHistoryLimit=defaults["revision_history_limit"],
        progressDeadlineSeconds=defaults["progress_deadline_seconds"],
    )


def _replicaset(spec: dict[str, Any]) -> None:
    _pod_template(_inner(spec, "template"))
    _fill(spec, replicas=1)


def _statefulset(spec: dict[str, Any], feature_gates: Collection[str]) -> None:
    _pod_template(_inner(spec, "template"))
    _fill(spec, podManagementPolicy="OrderedReady")
    if spec.get("ordinals") is not None:
        _fill(spec["ordinals"], start=0)
    strategy = _inner(spec, "updateStrategy")
    _fill(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = _inner(strategy, "rollingUpdate")
        _fill(rolling, partition=0)
        if "MaxUnavailableStatefulSet" in feature_gates:
            _fill(rolling, maxUnavailable=1)
    retention = _inner(spec, "persistentVolumeClaimRetentionPolicy")
    _fill(retention, whenDeleted="Retain", whenScaled="Retain")
    _fill(spec, replicas=1, revisionHistoryLimit=10)


def _daemonset(spec: dict[str, Any]) -> None:
    _pod_template(_inner(spec, "template"))
    strategy = _inner(spec, "updateStrategy")
    _fill(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _fill(_inner(strategy, "rollingUpdate"), maxUnavailable=1, maxSurge=0)
    _fill(spec, revisionHistoryLimit=10)


def _service(spec: dict[str, Any]) -> None:
    _fill(spec, sessionAffinity="None", type="ClusterIP")
    if spec["type"] != "ExternalName":
        _fill(
            spec,
            internalTrafficPolicy="Cluster",
            ipFamilies=["IPv4"],
            ipFamilyPolicy="SingleStack",
        )
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _fill(spec, externalTrafficPolicy="Cluster")
    for port in spec.get("ports") or []:
        _fill(port, protocol="TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port", 0)


def _secret(secret: dict[str, Any]) -> None:
    """Take in what is given as plain text; ``Convert_v1_Secret_To_core_Secret``."""
    _fill(secret, type="Opaque")
    for key, text in (secret.pop("stringData", None) or {}).items():
        _inner(secret, "data")[key] = base64.b64encode(text.encode()).decode()


def _pod_template(template: dict[str, Any]) -> None:
    _inner(template, "metadata")
    _pod_spec(_inner(template, "spec"))


def _pod_spec(spec: dict[str, Any]) -> None:
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        _container(container)
    _fill(
        spec,
        dnsPolicy="ClusterFirst",
        restartPolicy="Always",
        schedulerName="default-scheduler",
        terminationGracePeriodSeconds=30,
    )
    _inner(spec, "securityContext")
    if spec.get("serviceAccountName"):
        _fill(spec, serviceAccount=spec["serviceAccountName"])
    if spec.get("hostNetwork"):
        for container in spec.get("containers") or []:
            for port in container.get("ports") or []:
                port["hostPort"] = port.get("hostPort") or port.get("containerPort", 0)
    for volume in spec.get("volumes") or []:
        if set(volume) == {"name"}:
            volume["emptyDir"] = {}
        for source in ("configMap", "secret", "projected", "downwardAPI"):
            if isinstance(volume.get(source), dict):
                _fill(volume[source], defaultMode=0o644)


def default_pull_policy(image: str) -> str:
    """Return ``Always`` for the tag ``latest``, written or not, else ``IfNotPresent``.

    Notes
    -----
    ``SetDefaults_Container``: a digest without a tag does not change either.
    """
    name, _, digest = image.partition("@")
    match = re.search(r":([^/:]+)$", name)
    tag = match[1] if match else ("" if digest else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"


def _container(container: dict[str, Any]) -> None:
    _fill(
        container,
        imagePullPolicy=default_pull_policy(container.get("image") or ""),
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
    )
    resources = _inner(container, "resources")
    # A limit without a request asks for as much.
    for name, amount in (resources.get("limits") or {}).items():
        _inner(resources, "requests").setdefault(name, amount)
    for port in container.get("ports") or []:
        _fill(port, protocol="TCP")
    for name in _PROBES:
        if container.get(name) is not None:
            _probe(container[name])
    for hook in (container.get("lifecycle") or {}).values():
        if isinstance(hook, dict):
            _http(hook)
    for variable in container.get("env") or []:
        reference = (variable.get("valueFrom") or {}).get("fieldRef")
        if isinstance(reference, dict):
            _fill(reference, apiVersion="v1")


def _probe(probe: dict[str, Any]) -> None:
    for key, value in {
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }.items():
        if not probe.get(key):  # zero means absent here
            probe[key] = value
    _http(probe)
    if isinstance(probe.get("grpc"), dict):
        probe["grpc"].setdefault("service", "")


def _http(handler: dict[str, Any]) -> None:
    action = handler.get("httpGet")
    if isinstance(action, dict):
        _fill(action, path="/", scheme="HTTP")


_FILL = {
    "Deployment": _deployment,
    "ReplicaSet": _replicaset,
    "StatefulSet": _statefulset,
    "DaemonSet": _daemonset,
    "Service": _service,
    "Pod": _pod_spec,
}
