"""Rules about whole objects, new and changed: what the API server refuses.

``pkg/apis/apps/validation/validation.go``, the ``strategy.go`` of each kind under
``pkg/registry/apps``, ``ValidateService`` and ``ValidateNode``
(``pkg/apis/core/validation/validation.go``), Kubernetes 1.36. Objects are defaulted first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rollnb.validation import names, taints
from rollnb.validation.budgets import disruption_budget
from rollnb.validation.errors import (
    FieldError,
    Invalid,
    forbidden,
    invalid,
    not_supported,
    required,
)
from rollnb.validation.numbers import (
    daemonset_strategy,
    deployment_strategy,
    nonnegative,
    statefulset_strategy,
)
from rollnb.validation.pods import Quantity, pod_template, port_name, port_number
from rollnb.validation.quotas import resource_quota

Spec = Mapping[str, Any]

_MISMATCH = "`selector` does not match template `labels`"

#: The fields of a StatefulSet that may change, in the order in which the message names them.
_STATEFULSET_MAY_CHANGE = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
]


def validate(
    obj: Mapping[str, Any],
    old: Mapping[str, Any] | None = None,
    *,
    quantity: Quantity = float,
) -> None:
    """Refuse an object that breaks the API server's rules; kinds without rules need but a name.

    Parameters
    ----------
    obj : dict
        As the API server sees it: decoded and defaulted.
    old : dict, optional
        What it replaces.
    quantity : callable
        Reads an amount of CPU or memory, such as ``500m``.

    Raises
    ------
    Invalid
        With every error, in the order in which the API server finds them.
    """
    kind = obj.get("kind", "")
    check_name, check_spec = _RULES.get(kind, (_any_name, _anything))
    metadata, spec = obj.get("metadata") or {}, obj.get("spec") or {}
    if old is None:
        errors = names.metadata(metadata, check_name)
    else:
        errors = names.metadata_update(metadata, old.get("metadata") or {})
    errors += check_spec(spec, quantity)
    if old is not None:
        errors += _update(kind, spec, old.get("spec") or {})
    if errors:
        raise Invalid(kind, metadata.get("name", ""), errors)


def check_pods(obj: Mapping[str, Any], *, quantity: Quantity = float) -> list[FieldError]:
    """Return what makes the API server refuse every pod of a workload that it has taken.

    Only a StatefulSet is taken without a look at its pods, which may have volumes from
    ``volumeClaimTemplates`` (``ValidatePodTemplateSpecForStatefulSet``).
    """
    if obj.get("kind") != "StatefulSet":
        return []
    spec, template = obj["spec"], obj["spec"]["template"]
    claims = [claim.get("metadata") or {} for claim in spec.get("volumeClaimTemplates") or []]
    names_of_claims = {claim.get("name", "") for claim in claims}
    pod = dict(template.get("spec") or {})
    pod["volumes"] = [{"name": name} for name in sorted(names_of_claims)] + [
        volume
        for volume in pod.get("volumes") or []
        if volume.get("name", "") not in names_of_claims
    ]
    return pod_template({**template, "spec": pod}, "spec.template", quantity)


def _update(kind: str, spec: Spec, old: Spec) -> list[FieldError]:
    """Errors in what changed."""
    if kind == "StatefulSet":
        fixed = (set(spec) | set(old)) - set(_STATEFULSET_MAY_CHANGE)
        if all(spec.get(field) == old.get(field) for field in fixed):
            return []
        *others, last = (f"'{field}'" for field in _STATEFULSET_MAY_CHANGE)
        detail = (
            "updates to statefulset spec for fields other than "
            f"{', '.join(others)} and {last} are forbidden"
        )
        return [forbidden("spec", detail)]
    if kind in ("Deployment", "DaemonSet", "ReplicaSet"):
        selector = spec.get("selector")
        if selector != old.get("selector"):
            return [invalid("spec.selector", names.go_selector(selector), "field is immutable")]
    return []


def _labels(template: Spec) -> dict[str, str] | None:
    """Return a template's labels as messages show them."""
    labels = (template.get("metadata") or {}).get("labels")
    return dict(sorted(labels.items())) if labels else None


def deployment_pace(spec: Spec) -> list[FieldError]:
    """Errors in the fields that say how fast a Deployment rolls."""
    errors = deployment_strategy(spec.get("strategy") or {}, "spec.strategy")
    min_ready = spec.get("minReadySeconds", 0)
    errors += nonnegative(min_ready, "spec.minReadySeconds")
    errors += nonnegative(spec.get("revisionHistoryLimit"), "spec.revisionHistoryLimit")
    deadline, field = spec.get("progressDeadlineSeconds"), "spec.progressDeadlineSeconds"
    if deadline is not None:
        errors += nonnegative(deadline, field)
        if deadline <= min_ready:
            errors.append(invalid(field, deadline, "must be greater than minReadySeconds"))
    return errors


def statefulset_pace(spec: Spec) -> list[FieldError]:
    """Errors in the fields that say how a StatefulSet scales and rolls."""
    errors = []
    policy, field = spec.get("podManagementPolicy", ""), "spec.podManagementPolicy"
    if not policy:
        errors.append(required(field))
    elif policy not in ("OrderedReady", "Parallel"):
        errors.append(invalid(field, policy, "must be 'OrderedReady' or 'Parallel'"))
    errors += statefulset_strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    retention = spec.get("persistentVolumeClaimRetentionPolicy")
    if retention is not None:
        for name in ("whenDeleted", "whenScaled"):
            if retention.get(name, "") not in ("Retain", "Delete"):
                field = f"spec.persistentVolumeClaimRetentionPolicy.{name}"
                value = retention.get(name, "")
                errors.append(not_supported(field, value, ["Retain", "Delete"]))
    errors += nonnegative(spec.get("replicas"), "spec.replicas")
    errors += nonnegative(spec.get("minReadySeconds"), "spec.minReadySeconds")
    start = (spec.get("ordinals") or {}).get("start")
    return errors + nonnegative(start, "spec.ordinals.start")


def daemonset_pace(spec: Spec) -> list[FieldError]:
    """Errors in the fields that say how fast a DaemonSet rolls."""
    errors = daemonset_strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    errors += nonnegative(spec.get("minReadySeconds"), "spec.minReadySeconds")
    return errors + nonnegative(spec.get("revisionHistoryLimit"), "spec.revisionHistoryLimit")


def _required_selector(spec: Spec, kind: str) -> list[FieldError]:
    selector = spec.get("selector")
    if selector is None:
        return [required("spec.selector")]
    errors = names.label_selector(selector, "spec.selector")
    if names.is_empty(selector):
        errors.append(invalid("spec.selector", {}, f"empty selector is invalid for {kind}"))
    return errors


def _unreadable(spec: Spec) -> bool:
    """Answer whether the selector is such that no one can say what it matches."""
    return bool(names.label_selector(spec.get("selector"), "spec.selector"))


def _matching(spec: Spec) -> list[FieldError]:
    """Check that the pods made are those looked for."""
    selector, template = spec.get("selector"), spec.get("template") or {}
    if names.is_empty(selector) or names.selects(selector, _labels(template)):
        return []
    return [invalid("spec.template.metadata.labels", _labels(template), _MISMATCH)]


def _runs_for_ever(spec: Spec, kind: str) -> list[FieldError]:
    """Pods of a workload are always restarted, and have no deadline."""
    pod, path = (spec.get("template") or {}).get("spec") or {}, "spec.template.spec"
    errors = []
    if pod.get("restartPolicy", "") != "Always":
        value = pod.get("restartPolicy", "")
        errors.append(not_supported(f"{path}.restartPolicy", value, ["Always"]))
    if pod.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.append(forbidden(f"{path}.activeDeadlineSeconds", detail))
    return errors


def _selector_and_template(spec: Spec, quantity: Quantity, kind: str) -> list[FieldError]:
    """Errors in what Deployments and ReplicaSets have in common."""
    errors = nonnegative(spec.get("replicas"), "spec.replicas") if kind == "deployment" else []
    errors += _required_selector(spec, kind)
    if _unreadable(spec):
        shown = names.go_selector(spec.get("selector"))
        return [*errors, invalid("spec.selector", shown, "invalid label selector")]
    errors += _matching(spec)
    errors += pod_template(spec.get("template") or {}, "spec.template", quantity)
    return errors + _runs_for_ever(spec, "ReplicaSet")


def _deployment(spec: Spec, quantity: Quantity) -> list[FieldError]:
    return _selector_and_template(spec, quantity, "deployment") + deployment_pace(spec)


def _replicaset(spec: Spec, quantity: Quantity) -> list[FieldError]:
    errors = nonnegative(spec.get("replicas"), "spec.replicas")
    errors += nonnegative(spec.get("minReadySeconds"), "spec.minReadySeconds")
    return errors + _selector_and_template(spec, quantity, "replicaset")


def _statefulset(spec: Spec, quantity: Quantity) -> list[FieldError]:
    errors = statefulset_pace(spec) + _required_selector(spec, "statefulset")
    if _unreadable(spec):
        errors.append(invalid("spec.selector", names.go_selector(spec.get("selector")), ""))
    else:
        errors += _matching(spec)
        # The pods themselves are looked at when they are created, not here.
        metadata = (spec.get("template") or {}).get("metadata") or {}
        errors += names.labels(metadata.get("labels"), "spec.template.labels")
        errors += names.annotations(metadata.get("annotations"), "spec.template.annotations")
    return errors + _runs_for_ever(spec, "StatefulSet")


def _daemonset(spec: Spec, quantity: Quantity) -> list[FieldError]:
    selector, template = spec.get("selector"), spec.get("template") or {}
    errors = names.label_selector(selector, "spec.selector")
    if not errors and not names.selects(selector, _labels(template)):
        errors.append(invalid("spec.template.metadata.labels", _labels(template), _MISMATCH))
    if names.is_empty(selector):
        errors.append(invalid("spec.selector", {}, "empty selector is invalid for daemonset"))
    errors += pod_template(template, "spec.template", quantity)
    return errors + _runs_for_ever(spec, "DaemonSet") + daemonset_pace(spec)


def _service(spec: Spec, quantity: Quantity) -> list[FieldError]:
    errors, ports = [], spec.get("ports") or []
    headless = spec.get("clusterIP") == "None"
    if not ports and not headless and spec.get("type") != "ExternalName":
        errors.append(required("spec.ports"))
    errors += names.unique([port.get("name", "") for port in ports], "spec.ports", "name")
    for i, port in enumerate(ports):
        where, name = f"spec.ports[{i}]", port.get("name", "")
        if name:
            errors += [invalid(f"{where}.name", name, p) for p in names.dns_label(name)]
        elif len(ports) > 1:
            errors.append(required(f"{where}.name"))
        errors += port_number(port.get("port", 0), f"{where}.port")
        target = port.get("targetPort", 0)
        if isinstance(target, str):
            errors += [invalid(f"{where}.targetPort", target, p) for p in port_name(target)]
        else:
            errors += port_number(target, f"{where}.targetPort")
        protocols = ["SCTP", "TCP", "UDP"]
        errors += names.one_of(port.get("protocol", ""), protocols, f"{where}.protocol")
    errors += names.labels(spec.get("selector"), "spec.selector")
    types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]
    return errors + names.one_of(spec.get("type", ""), types, "spec.type")


def _node(spec: Spec, quantity: Quantity) -> list[FieldError]:
    # The API server says `metadata` here, not `spec`.
    return taints.taints(spec.get("taints") or [], "metadata.taints")


def _anything(spec: Spec, quantity: Quantity) -> list[FieldError]:
    return []


def _any_name(name: str) -> list[str]:
    return []


#: Kinds of which only the names are looked at.
_NAMED = ("ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim")

#: How an object is named, and what its spec must keep to.
_RULES: dict[
    str, tuple[Callable[[str], list[str]], Callable[[Spec, Quantity], list[FieldError]]]
] = {
    "Deployment": (names.dns_subdomain, _deployment),
    "ReplicaSet": (names.dns_subdomain, _replicaset),
    "StatefulSet": (names.dns_label, _statefulset),
    "DaemonSet": (names.dns_subdomain, _daemonset),
    "Service": (names.dns_1035_label, _service),
    "PodDisruptionBudget": (names.path_segment, disruption_budget),
    "Node": (names.dns_subdomain, _node),
    "ResourceQuota": (names.dns_subdomain, resource_quota),
    "Namespace": (names.dns_label, _anything),
    "Pod": (names.dns_subdomain, _anything),
    **dict.fromkeys(_NAMED, (names.dns_subdomain, _anything)),
}
