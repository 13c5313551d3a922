"""What ``kubectl describe`` lists of pods.

Follows ``describePod`` in ``kubectl/pkg/describe/describe.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from typing import Any

from rollnb.kubectl.ages import age, rfc1123
from rollnb.kubectl.metadata import (
    head_lines,
    labels_lines,
    own_labels_lines,
    tolerations_lines,
)
from rollnb.kubectl.resources import controller_of
from rollnb.kubectl.templates import describe_containers, describe_volumes

Object = dict[str, Any]
Objects = list[Object]


def describe_pod(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a pod."""
    meta, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
    node, host = spec.get("nodeName"), status.get("hostIP") or ""
    phase = status.get("phase")
    lines = [
        *head_lines(obj),
        f"Priority:\t{spec.get('priority') or 0}",
        f"Service Account:\t{spec.get('serviceAccountName') or 'default'}",
        f"Node:\t{f'{node}/{host}' if node else '<none>'}",
    ]
    if status.get("startTime"):
        lines.append(f"Start Time:\t{rfc1123(status['startTime'])}")
    lines += own_labels_lines(obj)
    if meta.get("deletionTimestamp") and phase not in ("Failed", "Succeeded"):
        grace = meta.get("deletionGracePeriodSeconds") or 0
        # The time is that of the end of the grace period; until then, kubectl says <invalid>.
        lines.append(f"Status:\tTerminating (lasts {age(meta['deletionTimestamp'], now)})")
        lines.append(f"Termination Grace Period:\t{grace}s")
    else:
        lines.append(f"Status:\t{phase}")
    for title, field in (("Reason", "reason"), ("Message", "message")):
        if status.get(field):
            lines.append(f"{title}:\t{status[field]}")
    ips = status.get("podIPs") or ()
    lines.append(f"IP:\t{status.get('podIP') or ''}")
    lines += ["IPs:", *(f"  IP:\t{ip['ip']}" for ip in ips)] if ips else ["IPs:\t<none>"]
    owner = controller_of(obj)
    if owner:
        lines.append(f"Controlled By:\t{owner['kind']}/{owner['name']}")
    if spec.get("initContainers"):
        statuses = status.get("initContainerStatuses") or []
        lines += describe_containers("Init Containers", spec["initContainers"], statuses, obj)
    statuses = status.get("containerStatuses") or []
    lines += describe_containers("Containers", spec.get("containers") or [], statuses, obj)
    conditions = status.get("conditions") or ()
    if conditions:
        rows = [f"  {c['type']} \t{c['status']} " for c in conditions]
        lines += ["Conditions:", "  Type\tStatus", *rows]
    return [
        *lines,
        *describe_volumes(spec.get("volumes"), ""),
        f"QoS Class:\t{status.get('qosClass') or 'BestEffort'}",
        *labels_lines("Node-Selectors", spec.get("nodeSelector")),
        *tolerations_lines("Tolerations", spec.get("tolerations")),
    ]
