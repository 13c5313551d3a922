"""Rules about PodDisruptionBudgets: one limit, and which pods are meant.

``ValidatePodDisruptionBudgetSpec`` (``pkg/apis/policy/validation/validation.go``, Kubernetes
1.36).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rollnb.validation import names
from rollnb.validation.errors import FieldError, invalid, not_supported
from rollnb.validation.numbers import at_most_100_percent, int_or_percent

Spec = Mapping[str, Any]

#: What may become of pods that are not ready, in the order in which the message names them.
_POLICIES = ["AlwaysAllow", "IfHealthyBudget"]


def disruption_budget(spec: Spec, quantity: Callable[[Any], float]) -> list[FieldError]:
    """Errors in what a budget asks for."""
    errors, names_of = [], ("minAvailable", "maxUnavailable")
    if all(spec.get(name) is not None for name in names_of):
        detail = "minAvailable and maxUnavailable cannot be both set"
        errors.append(invalid("spec", _struct(spec), detail))
    for name in names_of:
        if (value := spec.get(name)) is not None:
            errors += int_or_percent(value, f"spec.{name}")
            errors += at_most_100_percent(value, f"spec.{name}")
    errors += names.label_selector(spec.get("selector"), "spec.selector")
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy not in (None, *_POLICIES):
        errors.append(not_supported("spec.unhealthyPodEvictionPolicy", policy, _POLICIES))
    return errors


def _struct(spec: Spec) -> dict[str, Any]:
    """Return a budget's spec as the API server's own struct looks, which messages show."""
    return {
        "MinAvailable": spec["minAvailable"],
        "Selector": names.go_selector(spec.get("selector")),
        "MaxUnavailable": spec["maxUnavailable"],
        "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
    }
