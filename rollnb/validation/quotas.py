"""Rules about ResourceQuotas: what may be limited, and by how much.

``ValidateResourceQuotaSpec`` (``pkg/apis/core/validation/validation.go``, Kubernetes 1.36); scopes
are taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rollnb.validation import names
from rollnb.validation.errors import FieldError, invalid

#: Names without a slash that are counted in whole numbers ...
_WHOLE = {
    *("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"),
    *("persistentvolumeclaims", "services.nodeports", "services.loadbalancers"),
}
#: ... and those that are measured.
_MEASURED = {
    *(f"{of}{name}" for of in ("", "requests.", "limits.") for name in ("cpu", "memory")),
    *(f"{of}ephemeral-storage" for of in ("", "requests.", "limits.")),
    "requests.storage",
}


def resource_quota(spec: Mapping[str, Any], quantity: Callable[[Any], float]) -> list[FieldError]:
    """Errors in the limits of a quota, by their names."""
    errors = []
    for name, amount in sorted((spec.get("hard") or {}).items()):
        field = f"spec.hard[{name}]"
        errors += [invalid(field, name, problem) for problem in _name(name)]
        if quantity(amount) < 0:
            errors.append(invalid(field, amount, "must be greater than or equal to 0"))
        if _is_whole(name) and quantity(amount) % 1:
            errors.append(invalid(field, amount, "must be an integer"))
    return errors


def _name(name: str) -> list[str]:
    """Say what is wrong with the name of something to limit; ``count/pods`` is qualified."""
    problems = names.qualified_name(name)
    huge = name.startswith(("hugepages-", "requests.hugepages-"))
    if "/" in name or name in _WHOLE | _MEASURED or huge:
        return problems
    return [
        *(problems or ["must be a standard resource type or fully qualified"]),
        "must be a standard resource for quota",
    ]


def _is_whole(name: str) -> bool:
    """Whether something comes in whole numbers; ``IsIntegerResourceName``."""
    extended = "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")
    return name in _WHOLE or extended
