"""Rules about counts, percentages and the strategies made of them.

``ValidateRollingUpdateDeployment`` and its neighbours (``pkg/apis/apps/validation/validation.go``,
Kubernetes 1.36), each as a function from values to the errors found, in the order found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rollnb.int_or_percent import parse_integer, percent_errors
from rollnb.validation.errors import FieldError, forbidden, invalid, not_supported, required

_NOT_NEGATIVE = "must be greater than or equal to 0"


def nonnegative(value: int | None, field: str) -> list[FieldError]:
    """Check that a number is not negative; an absent one is not looked at."""
    return [invalid(field, value, _NOT_NEGATIVE)] if value is not None and value < 0 else []


def _percent(value: int | str) -> int | None:
    """Return the number of a well written percentage, None for anything else."""
    if isinstance(value, str) and not percent_errors(value):
        return int(value[:-1])
    return None


def _number(value: int | str) -> int:
    """Return what decides whether a value is zero: ``"5"`` is 5, and ``"5.5%"`` is 0.

    As ``getIntOrPercentValue`` does, which drops the error of what is no number.
    """
    if isinstance(value, int):
        return value
    percent = _percent(value)
    if percent is not None:
        return percent
    try:
        return parse_integer(value)
    except ValueError:
        return 0


def int_or_percent(value: int | str, field: str) -> list[FieldError]:
    """Check for a number from 0, or such a number and a percent sign."""
    if isinstance(value, str):
        return [invalid(field, value, problem) for problem in percent_errors(value)]
    return nonnegative(value, field)


def at_most_100_percent(value: int | str, field: str) -> list[FieldError]:
    """Check that a percentage is not more than all; a count may be."""
    percent = _percent(value)
    if percent is None or percent <= 100:
        return []
    return [invalid(field, value, "must not be greater than 100%")]


def deployment_rolling_update(
    max_surge: int | str, max_unavailable: int | str, path: str = "spec.strategy.rollingUpdate"
) -> list[FieldError]:
    """Errors in a Deployment's `max_surge` and `max_unavailable`: a surge may exceed 100 %."""
    surge, unavailable = f"{path}.maxSurge", f"{path}.maxUnavailable"
    errors = int_or_percent(max_unavailable, unavailable) + int_or_percent(max_surge, surge)
    if _number(max_unavailable) == 0 and _number(max_surge) == 0:
        errors.append(invalid(unavailable, max_unavailable, "may not be 0 when `maxSurge` is 0"))
    return errors + at_most_100_percent(max_unavailable, unavailable)


def daemonset_rolling_update(
    max_surge: int | str,
    max_unavailable: int | str,
    path: str = "spec.updateStrategy.rollingUpdate",
) -> list[FieldError]:
    """Errors in a DaemonSet's `max_surge` and `max_unavailable`: exactly one is not zero."""
    surge, unavailable = f"{path}.maxSurge", f"{path}.maxUnavailable"
    errors = int_or_percent(max_unavailable, unavailable) + int_or_percent(max_surge, surge)
    errors += at_most_100_percent(max_unavailable, unavailable)
    errors += at_most_100_percent(max_surge, surge)
    has_unavailable, has_surge = _number(max_unavailable) != 0, _number(max_surge) != 0
    if has_unavailable and has_surge:
        errors.append(invalid(surge, max_surge, "may not be set when maxUnavailable is non-zero"))
    elif not has_unavailable and not has_surge:
        errors.append(required(unavailable, "cannot be 0 when maxSurge is 0"))
    return errors


def statefulset_rolling_update(
    partition: int | None,
    max_unavailable: int | str | None,
    path: str = "spec.updateStrategy.rollingUpdate",
) -> list[FieldError]:
    """Errors in a StatefulSet's `partition` and, if given, `max_unavailable`."""
    errors = nonnegative(partition, f"{path}.partition")
    if max_unavailable is None:
        return errors
    field = f"{path}.maxUnavailable"
    errors += int_or_percent(max_unavailable, field)
    if _number(max_unavailable) == 0:
        errors.append(invalid(field, max_unavailable, "cannot be 0"))
    return errors + at_most_100_percent(max_unavailable, field)


def deployment_strategy(strategy: Mapping[str, Any], path: str) -> list[FieldError]:
    """Errors in ``spec.strategy``, defaulted."""
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is None:
            return []
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [forbidden(f"{path}.rollingUpdate", detail)]
    if kind == "RollingUpdate":
        if rolling is None:
            detail = "this should be defaulted and never be nil"
            return [required(f"{path}.rollingUpdate", detail)]
        surge, unavailable = rolling.get("maxSurge", 0), rolling.get("maxUnavailable", 0)
        return deployment_rolling_update(surge, unavailable, f"{path}.rollingUpdate")
    shown = _go_struct(kind, rolling, {"MaxUnavailable": 0, "MaxSurge": 0})
    return [not_supported(path, shown, ["Recreate", "RollingUpdate"])]


def daemonset_strategy(strategy: Mapping[str, Any], path: str) -> list[FieldError]:
    """Errors in a DaemonSet's ``spec.updateStrategy``, defaulted."""
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if kind == "OnDelete":
        return []
    if kind == "RollingUpdate":
        if rolling is None:
            return [required(f"{path}.rollingUpdate")]
        surge, unavailable = rolling.get("maxSurge", 0), rolling.get("maxUnavailable", 0)
        return daemonset_rolling_update(surge, unavailable, f"{path}.rollingUpdate")
    shown = _go_struct(kind, rolling, {"MaxUnavailable": 0, "MaxSurge": 0})
    return [not_supported(path, shown, ["RollingUpdate", "OnDelete"])]


def statefulset_strategy(strategy: Mapping[str, Any], path: str) -> list[FieldError]:
    """Errors in a StatefulSet's ``spec.updateStrategy``, defaulted."""
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    struct = _go_struct(kind, rolling, {"Partition": 0, "MaxUnavailable": None})
    if kind == "":
        return [required(path)]
    if kind == "OnDelete":
        if rolling is None:
            return []
        detail = "only allowed for updateStrategy 'RollingUpdate'"
        return [invalid(f"{path}.rollingUpdate", struct["RollingUpdate"], detail)]
    if kind == "RollingUpdate":
        if rolling is None:
            return []
        partition, unavailable = rolling.get("partition"), rolling.get("maxUnavailable")
        return statefulset_rolling_update(partition, unavailable, f"{path}.rollingUpdate")
    return [invalid(path, struct, "must be 'RollingUpdate' or 'OnDelete'")]


def _go_struct(
    kind: str, rolling: Mapping[str, Any] | None, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a strategy as the API server's own structs look, which messages show."""
    if rolling is not None:
        rolling = {
            name: rolling.get(name[0].lower() + name[1:], absent)
            for name, absent in fields.items()
        }
    return {"Type": kind, "RollingUpdate": rolling}
