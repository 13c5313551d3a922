"""Rules about the taints of nodes, and the tolerations of pods.

``validateNodeTaints`` and ``ValidateTolerations`` (``pkg/apis/core/validation/validation.go``,
Kubernetes 1.36; the operators ``Lt`` and ``Gt`` are behind a feature gate that is off).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rollnb.validation import names
from rollnb.validation.errors import FieldError, invalid, not_supported

EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"]

_EMPTY_KEY = (
    'operator must be Exists when `key` is empty, which means "match all values and all keys"'
)
_UNIQUE = "taints must be unique by key and effect pair"


def taints(given: Iterable[Mapping[str, Any]], path: str) -> list[FieldError]:
    """Errors in the taints of a node: of two with one key, the effects differ."""
    errors: list[FieldError] = []
    taken: set[tuple[str, str]] = set()
    for i, taint in enumerate(given):
        where = f"{path}[{i}]"
        key, value, effect = (taint.get(field, "") for field in ("key", "value", "effect"))
        errors += [invalid(f"{where}.key", key, p) for p in names.qualified_name(key)]
        if problems := names.label_value(value):
            errors.append(invalid(f"{where}.value", value, ";".join(problems)))
        errors += names.one_of(effect, EFFECTS, f"{where}.effect")
        if (key, effect) in taken:
            shown = {"Key": key, "Value": value, "Effect": effect, "TimeAdded": None}
            errors.append(FieldError(where, "FieldValueDuplicate", shown, _UNIQUE))
        taken.add((key, effect))
    return errors


def tolerations(given: Iterable[Mapping[str, Any]], path: str) -> list[FieldError]:
    """Errors in the tolerations of a pod."""
    return [error for i, one in enumerate(given) for error in toleration(one, f"{path}[{i}]")]


def toleration(given: Mapping[str, Any], path: str) -> list[FieldError]:
    """Errors in one toleration."""
    key, operator, value, effect = (
        given.get(field, "") for field in ("key", "operator", "value", "effect")
    )
    errors = [invalid(f"{path}.key", key, p) for p in names.qualified_name(key) if key]
    if not key and operator != "Exists":
        errors.append(invalid(f"{path}.operator", operator, _EMPTY_KEY))
    if given.get("tolerationSeconds") is not None and effect != "NoExecute":
        detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        errors.append(invalid(f"{path}.effect", effect, detail))
    if operator in ("", "Equal"):
        if problems := names.label_value(value):
            errors.append(invalid(f"{path}.operator", value, ";".join(problems)))
    elif operator != "Exists":
        errors.append(not_supported(f"{path}.operator", operator, ["Equal", "Exists"]))
    elif value:
        detail = "value must be empty when `operator` is 'Exists'"
        errors.append(invalid(f"{path}.operator", value, detail))
    if effect and effect not in EFFECTS:
        errors.append(not_supported(f"{path}.effect", effect, EFFECTS))
    return errors
