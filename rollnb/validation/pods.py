"""Rules about pod templates: containers, ports, probes, hooks, resources, volumes.

``ValidatePodTemplateSpec`` and what it calls (``pkg/apis/core/validation/validation.go``,
Kubernetes 1.36), for the fields that the model reads and those people most often get wrong.
Affinity, security and the kinds of volumes are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from rollnb.validation import names, taints
from rollnb.validation.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_found,
    required,
)
from rollnb.validation.numbers import nonnegative

Quantity = Callable[[Any], float]

_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")


def pod_template(template: Mapping[str, Any], path: str, quantity: Quantity) -> list[FieldError]:
    """Errors in a pod template, defaulted; `quantity` reads ``500m`` as 0.5."""
    metadata = template.get("metadata") or {}
    # The API server says `labels` here, not `metadata.labels`.
    errors = names.labels(metadata.get("labels"), f"{path}.labels")
    errors += names.annotations(metadata.get("annotations"), f"{path}.annotations")
    return errors + _pod_spec(template.get("spec") or {}, f"{path}.spec", quantity)


def _pod_spec(spec: Mapping[str, Any], path: str, quantity: Quantity) -> list[FieldError]:
    volumes = [volume.get("name", "") for volume in spec.get("volumes") or []]
    errors = _volumes(volumes, f"{path}.volumes")
    grace = spec.get("terminationGracePeriodSeconds")
    containers = spec.get("containers") or []
    if not containers:
        errors.append(required(f"{path}.containers"))
    taken: set[str] = set()
    for field in ("containers", "initContainers"):
        for i, container in enumerate(spec.get(field) or []):
            where, name = f"{path}.{field}[{i}]", container.get("name", "")
            errors += _container(container, where, volumes, quantity)
            if name in taken:
                errors.append(duplicate(f"{where}.name", name))
            taken.add(name)
            errors += _life(container, where, grace)
    errors += names.one_of(
        spec.get("restartPolicy", ""), ["Always", "Never", "OnFailure"], f"{path}.restartPolicy"
    )
    errors += names.one_of(
        spec.get("dnsPolicy", ""),
        ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
        f"{path}.dnsPolicy",
    )
    errors += names.labels(spec.get("nodeSelector"), f"{path}.nodeSelector")
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= 2**31 - 1:
        detail = "must be between 1 and 2147483647, inclusive"
        errors.append(invalid(f"{path}.activeDeadlineSeconds", deadline, detail))
    return errors + taints.tolerations(spec.get("tolerations") or [], f"{path}.tolerations")


def _volumes(volumes: list[str], path: str) -> list[FieldError]:
    errors = []
    for i, name in enumerate(volumes):
        field = f"{path}[{i}].name"
        problems = names.dns_label(name) if name else []
        if not name:
            errors.append(required(field))
        errors += [invalid(field, name, problem) for problem in problems]
        if name and not problems and name in volumes[:i]:
            errors.append(duplicate(field, name))
    return errors


def _container(
    container: Mapping[str, Any], path: str, volumes: list[str], quantity: Quantity
) -> list[FieldError]:
    errors, name = [], container.get("name", "")
    if name:
        errors += [invalid(f"{path}.name", name, problem) for problem in names.dns_label(name)]
    else:
        errors.append(required(f"{path}.name"))
    if not container.get("image"):
        errors.append(required(f"{path}.image"))
    errors += names.one_of(
        container.get("terminationMessagePolicy", ""),
        ["FallbackToLogsOnError", "File"],
        f"{path}.terminationMessagePolicy",
    )
    errors += _ports(container.get("ports") or [], f"{path}.ports")
    errors += _environment(container.get("env") or [], f"{path}.env")
    errors += _mounts(container.get("volumeMounts") or [], volumes, f"{path}.volumeMounts")
    errors += names.one_of(
        container.get("imagePullPolicy", ""),
        ["Always", "IfNotPresent", "Never"],
        f"{path}.imagePullPolicy",
    )
    return errors + _resources(container.get("resources") or {}, f"{path}.resources", quantity)


def port_number(value: Any, field: str) -> list[FieldError]:
    """Check that a port is a number that TCP has."""
    if isinstance(value, int) and 1 <= value <= 65535:
        return []
    return [invalid(field, value, "must be between 1 and 65535, inclusive")]


def port_name(name: str) -> list[str]:
    """Say what is wrong with the name of a port."""
    rules = [
        (len(name) <= 15, "must be no more than 15 characters"),
        (
            re.fullmatch("[-a-z0-9]+", name) is not None,
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        ),
        (re.search("[a-z]", name) is not None, "must contain at least one letter (a-z)"),
        ("--" not in name, "must not contain consecutive hyphens"),
        (
            not name.startswith("-") and not name.endswith("-"),
            "must not begin or end with a hyphen",
        ),
    ]
    return [problem for holds, problem in rules if not holds]


def _ports(ports: list[Mapping[str, Any]], path: str) -> list[FieldError]:
    errors, taken = [], set()
    for i, port in enumerate(ports):
        where, name = f"{path}[{i}]", port.get("name", "")
        problems = port_name(name) if name else []
        errors += [invalid(f"{where}.name", name, problem) for problem in problems]
        if name and not problems and name in taken:
            errors.append(duplicate(f"{where}.name", name))
        taken.add(name)
        if not port.get("containerPort"):
            errors.append(required(f"{where}.containerPort"))
        else:
            errors += port_number(port["containerPort"], f"{where}.containerPort")
        if port.get("hostPort"):
            errors += port_number(port["hostPort"], f"{where}.hostPort")
        errors += names.one_of(
            port.get("protocol", ""), ["SCTP", "TCP", "UDP"], f"{where}.protocol"
        )
    return errors


def _environment(variables: list[Mapping[str, Any]], path: str) -> list[FieldError]:
    errors = []
    for i, variable in enumerate(variables):
        name = variable.get("name", "")
        if not name:
            errors.append(required(f"{path}[{i}].name"))
        elif not all(" " <= c <= "~" and c != "=" for c in name):
            detail = (
                "a valid environment variable name must consist only of printable ASCII "
                "characters other than '='"
            )
            errors.append(invalid(f"{path}[{i}].name", name, detail))
    return errors


def _mounts(mounts: list[Mapping[str, Any]], volumes: list[str], path: str) -> list[FieldError]:
    errors, taken = [], set()
    for i, mount in enumerate(mounts):
        where, name, place = f"{path}[{i}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            errors.append(required(f"{where}.name"))
        elif name not in volumes:
            errors.append(not_found(f"{where}.name", name))
        if not place:
            errors.append(required(f"{where}.mountPath"))
        elif place in taken:
            errors.append(invalid(f"{where}.mountPath", place, "must be unique"))
        taken.add(place)
    return errors


def _resources(resources: Mapping[str, Any], path: str, quantity: Quantity) -> list[FieldError]:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    errors = []
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in sorted(amounts.items()):
            where = f"{path}.{field}[{name}]"
            errors += [invalid(where, name, problem) for problem in _resource_name(name)]
            if quantity(amount) < 0:
                errors.append(invalid(where, amount, "must be greater than or equal to 0"))
            elif field == "requests" and quantity(amount) > quantity(limits.get(name, amount)):
                detail = f"must be less than or equal to {name} limit of {limits[name]}"
                errors.append(invalid(f"{path}.requests", amount, detail))
    return errors


def _resource_name(name: str) -> list[str]:
    """Say what is wrong with the name of a resource: ``cpu``, or ``example.com/gpu``.

    Notes
    -----
    ``validateContainerResourceName``; names of quotas, such as ``pods``, are not told apart.
    """
    problems = names.qualified_name(name)
    if "/" in name or problems or name in _RESOURCES or name.startswith("hugepages-"):
        return problems
    return [
        "must be a standard resource type or fully qualified",
        "must be a standard resource for containers",
    ]


def _life(container: Mapping[str, Any], path: str, grace: int | None) -> list[FieldError]:
    """Errors in hooks and probes, in the order in which the API server looks at them."""
    errors = []
    lifecycle = container.get("lifecycle") or {}
    for hook in ("postStart", "preStop"):
        if lifecycle.get(hook) is not None:
            errors += _handler(lifecycle[hook], f"{path}.lifecycle.{hook}", grace)
    for field in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe, where = container.get(field), f"{path}.{field}"
        if probe is None:
            continue
        errors += _probe(probe, where, grace)
        if field != "readinessProbe":
            if probe.get("successThreshold") != 1:
                value = probe.get("successThreshold", 0)
                errors.append(invalid(f"{where}.successThreshold", value, "must be 1"))
        elif probe.get("terminationGracePeriodSeconds") is not None:
            value = probe["terminationGracePeriodSeconds"]
            detail = "must not be set for readinessProbes"
            errors.append(invalid(f"{where}.terminationGracePeriodSeconds", value, detail))
    return errors


def _probe(probe: Mapping[str, Any], path: str, grace: int | None) -> list[FieldError]:
    errors = _handler(probe, path, grace)
    for field in (
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ):
        errors += nonnegative(probe.get(field), f"{path}.{field}")
    own_grace = probe.get("terminationGracePeriodSeconds")
    if own_grace is not None and own_grace <= 0:
        field = f"{path}.terminationGracePeriodSeconds"
        errors.append(invalid(field, own_grace, "must be greater than 0"))
    return errors


def _handler(handler: Mapping[str, Any], path: str, grace: int | None) -> list[FieldError]:
    """Errors in what a probe or hook does: exactly one of a few things."""
    given = [name for name in _HANDLERS if handler.get(name) is not None]
    if not given:
        return [required(path, "must specify a handler type")]
    errors = [
        forbidden(f"{path}.{name}", "may not specify more than 1 handler type")
        for name in given[1:]
    ]
    name = given[0]
    action, where = handler[name], f"{path}.{name}"
    if name == "exec" and not action.get("command"):
        errors.append(required(f"{where}.command"))
    if name == "httpGet" and not action.get("path"):
        errors.append(required(f"{where}.path"))
    if name in ("httpGet", "tcpSocket"):
        port = action.get("port", 0)
        if isinstance(port, str):
            errors += [invalid(f"{where}.port", port, problem) for problem in port_name(port)]
        else:
            errors += port_number(port, f"{where}.port")
    if name == "httpGet":
        errors += names.one_of(action.get("scheme", ""), ["HTTP", "HTTPS"], f"{where}.scheme")
    if name == "sleep" and grace is not None:
        seconds = action.get("seconds", 0)
        if not 0 <= seconds <= grace:
            detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            errors.append(invalid(where, seconds, detail))
    return errors
