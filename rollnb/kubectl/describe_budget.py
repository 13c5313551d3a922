"""A PodDisruptionBudget's row in tables, and what ``kubectl describe`` lists of it.

Follows ``printPodDisruptionBudget`` (``pkg/printers/internalversion/printers.go``) and
``PodDisruptionBudgetDescriber`` (``kubectl/pkg/describe/describe.go``, Kubernetes 1.36).
"""

from __future__ import annotations

from typing import Any

from rollnb.kubectl.ages import age
from rollnb.kubectl.metadata import head_lines
from rollnb.kubectl.resources import format_selector

Object = dict[str, Any]


def budget_cells(obj: Object, now: float) -> list[str]:
    """Return the cells of a PodDisruptionBudget."""
    spec, metadata = obj.get("spec") or {}, obj["metadata"]
    return [
        metadata["name"],
        *(str(spec.get(field, "N/A")) for field in ("minAvailable", "maxUnavailable")),
        str((obj.get("status") or {}).get("disruptionsAllowed", 0)),
        age(metadata.get("creationTimestamp"), now),
    ]


def describe_budget(obj: Object, others: dict[str, list[Object]], now: float) -> list[str]:
    """List what there is to know of a PodDisruptionBudget."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    lines = head_lines(obj)
    if "minAvailable" in spec:
        lines.append(f"Min available:\t{spec['minAvailable']}")
    elif "maxUnavailable" in spec:
        lines.append(f"Max unavailable:\t{spec['maxUnavailable']}")
    selector = format_selector(spec["selector"]) if "selector" in spec else "<unset>"
    return [
        *lines,
        f"Selector:\t{selector}",
        "Status:",
        f"    Allowed disruptions:\t{status.get('disruptionsAllowed', 0)}",
        f"    Current:\t{status.get('currentHealthy', 0)}",
        f"    Desired:\t{status.get('desiredHealthy', 0)}",
        f"    Total:\t{status.get('expectedPods', 0)}",
    ]
