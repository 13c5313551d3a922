"""What ``kubectl describe`` lists of nodes, and of the namespace.

Follows ``describeNode``, ``describeNodeResource`` and ``describeNamespace`` of
``kubectl/pkg/describe/describe.go`` (Kubernetes 1.36), as far as nodes here have something to
show: no lease, and of the system no ids.
"""

from __future__ import annotations

import math
from typing import Any

from rollnb.kubectl.ages import age, rfc1123
from rollnb.kubectl.describe_quota import quotas_lines
from rollnb.kubectl.metadata import created_line, own_labels_lines, roles_of, taints_lines
from rollnb.manifest.quantity import add_up, parse_quantity

Object = dict[str, Any]
Objects = list[Object]

#: What a pod may ask for, and be limited to, in the order of the tables.
_RESOURCES, _FIELDS = ("cpu", "memory"), ("requests", "limits")

_SYSTEM = (
    ("Kernel Version", "kernelVersion"),
    ("OS Image", "osImage"),
    ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"),
    ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"),
)


def describe_node(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a node."""
    name, spec, status = obj["metadata"]["name"], obj.get("spec") or {}, obj.get("status") or {}
    pods = [pod for pod in others.get("Pod", ()) if _is_on(name, pod)]
    lines = [
        f"Name:\t{name}",
        f"Roles:\t{','.join(roles_of(obj)) or '<none>'}",
        *own_labels_lines(obj),
        created_line(obj),
        *taints_lines(spec.get("taints")),
        f"Unschedulable:\t{str(bool(spec.get('unschedulable'))).lower()}",
    ]
    lines += _conditions(status.get("conditions") or [])
    if addresses := status.get("addresses"):
        lines.append("Addresses:")
        lines += [f"  {one['type']}:\t{one['address']}" for one in addresses]
    for title in ("Capacity", "Allocatable"):
        amounts = status.get(title.lower()) or {}
        if amounts:
            lines.append(f"{title}:")
            lines += [f"  {key}:\t{amount}" for key, amount in sorted(amounts.items())]
    info = status.get("nodeInfo") or {}
    lines.append("System Info:")
    lines += [f"  {title}:\t{info.get(field) or ''}" for title, field in _SYSTEM]
    return [*lines, *_pods_lines(pods, status.get("allocatable") or {}, now)]


def _conditions(conditions: Objects) -> list[str]:
    if not conditions:
        return []
    titles = ("Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message")
    rules = ["-" * len(title) for title in titles]
    lines = ["Conditions:", *("  " + "\t".join(cells) for cells in (titles, rules))]
    for c in conditions:
        times = [rfc1123(c.get(f"last{what}Time")) for what in ("Heartbeat", "Transition")]
        cells = [c["type"], c["status"], *times, c.get("reason") or "", c.get("message") or ""]
        lines.append("  " + " \t".join(cells))
    return lines


def _is_on(node: str, pod: Object) -> bool:
    """Whether a pod is on a node and has not ended."""
    phase = (pod.get("status") or {}).get("phase")
    on_node = (pod.get("spec") or {}).get("nodeName") == node
    return on_node and phase not in ("Succeeded", "Failed")


def _pods_lines(pods: Objects, room: Object, now: float) -> list[str]:
    """List the pods of a node with what they take of its `room`, and the sums."""
    lines = [
        f"Non-terminated Pods:\t({len(pods)} in total)",
        "  Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge",
        "  ---------\t----\t\t------------\t----------\t---------------\t-------------\t---",
    ]
    for pod in pods:
        meta = pod["metadata"]
        cells = [_share(n, [pod], f, room) for n in _RESOURCES for f in _FIELDS]
        cells.append(age(meta.get("creationTimestamp"), now))
        names = f"{meta.get('namespace') or ''}\t{meta['name']}\t"
        lines.append("\t".join([f"  {names}", *cells]))
    lines += [
        "Allocated resources:",
        "  (Total limits may be over 100 percent, i.e., overcommitted.)",
        "  Resource\tRequests\tLimits",
        "  --------\t--------\t------",
    ]
    for resource in (*_RESOURCES, "ephemeral-storage"):
        cells = [_share(resource, pods, field, room) for field in _FIELDS]
        lines.append("\t".join([f"  {resource}", *cells]))
    return lines


def _share(resource: str, pods: Objects, field: str, room: Object) -> str:
    """Return what pods ask for of a resource, or may take, and how much of the room that is."""
    amounts = [
        ((container.get("resources") or {}).get(field) or {}).get(resource, 0)
        for pod in pods
        for container in pod["spec"].get("containers") or ()
    ]
    total = add_up(amounts)
    # Go computes with whole thousandths of a core, and whole bytes.
    unit = 1000 if resource == "cpu" else 1
    taken, size = (math.ceil(parse_quantity(x) * unit) for x in (total, room.get(resource, 0)))
    return f"{total} ({int(taken / size * 100) if size else 0}%)"


def describe_namespace(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a namespace."""
    return [
        f"Name:\t{obj['metadata']['name']}",
        *own_labels_lines(obj),
        f"Status:\t{(obj.get('status') or {}).get('phase') or ''}",
        "",
        *quotas_lines(others.get("ResourceQuota", [])),
        "",
        "No LimitRange resource.",
    ]
