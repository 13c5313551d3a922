"""A ResourceQuota's row in tables, and what ``kubectl describe`` lists of it.

Follows ``printResourceQuota`` (``pkg/printers/internalversion/printers.go``) and
``describeQuota`` (``kubectl/pkg/describe/describe.go``, Kubernetes 1.36).
"""

from __future__ import annotations

from typing import Any

from rollnb.kubectl.ages import age
from rollnb.kubectl.metadata import head_lines
from rollnb.manifest.quantity import in_form_of

Object = dict[str, Any]
Objects = list[Object]


def quota_cells(obj: Object, now: float) -> list[str]:
    """Return the cells of a ResourceQuota: of each limit, what is used and what may be."""
    columns: dict[bool, list[str]] = {False: [], True: []}
    for name, used, hard in _limits(obj):
        columns[name.startswith("limits.")].append(f"{name}: {used}/{hard}")
    requests, limits = (", ".join(cells) for cells in columns.values())
    return [
        obj["metadata"]["name"],
        requests,
        limits,
        age(obj["metadata"].get("creationTimestamp"), now),
    ]


def _limits(quota: Object) -> list[tuple[str, str, str]]:
    """Return the names that a quota limits, with what is used and what may be."""
    status = quota.get("status") or {}
    hard, used = status.get("hard") or {}, status.get("used") or {}
    return [(name, used.get(name, "0"), most) for name, most in sorted(hard.items())]


def describe_quota(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what a ResourceQuota limits, what is used and what may be, in the same form."""
    rows = (f"{name}\t{in_form_of(used, hard)}\t{hard}" for name, used, hard in _limits(obj))
    titles = ("Resource\tUsed\tHard", "--------\t----\t----")
    return [*head_lines(obj), *titles, *rows]


def quotas_lines(quotas: Objects) -> list[str]:
    """List the quotas of a namespace, by their names.

    Notes
    -----
    ``DescribeResourceQuotas``.
    """
    if not quotas:
        return ["No resource quota."]
    lines = ["Resource Quotas"]
    for quota in sorted(quotas, key=lambda quota: quota["metadata"]["name"]):
        lines += [
            f"  Name:\t{quota['metadata']['name']}",
            "  Resource\tUsed\tHard",
            "  --------\t---\t---",
            *("  " + "\t".join(row) for row in _limits(quota)),
        ]
    return lines
