"""Values that are a count or a percentage: ``maxSurge``, ``maxUnavailable``.

Follows ``apimachinery/pkg/util/intstr/intstr.go`` and ``IsValidPercent`` in
``apimachinery/pkg/util/validation/validation.go`` (Kubernetes 1.36), with their messages.
"""

from __future__ import annotations

import json
import re

IntOrPercent = int | str

_INTEGER = re.compile(r"[+-]?[0-9]+")
_INVALID = "invalid value for IntOrString: "
_PERCENT_SYNTAX = (
    "a valid percent string must be a numeric string followed by an ending '%' "
    "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
)


def parse_integer(text: str) -> int:
    """Read a whole number of 64 bits, or raise with the words of Go's ``strconv.Atoi``."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"strconv.Atoi: parsing {_quote(text)}: invalid syntax")
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"strconv.Atoi: parsing {_quote(text)}: value out of range")
    return number


def parse_int_or_percent(text: str) -> IntOrPercent:
    """Read what a user typed: a count if it is a number of 32 bits, else the text as it is.

    Notes
    -----
    ``Parse`` (``intstr.go``).
    """
    try:
        number = parse_integer(text)
    except ValueError:
        return text
    return number if -(2**31) <= number < 2**31 else text


def split_percent(value: IntOrPercent) -> tuple[int, bool]:
    """Return the number in `value`, and whether it is a percentage.

    Raises
    ------
    ValueError
        If it is neither; with the API server's message.

    Notes
    -----
    ``getIntOrPercentValueSafely`` (``intstr.go``).
    """
    if isinstance(value, int):
        return value, False
    if not value.endswith("%"):
        raise ValueError(_INVALID + "invalid type: string is not a percentage")
    try:
        return parse_integer(value[:-1]), True
    except ValueError as error:
        raise ValueError(f"{_INVALID}invalid value {_quote(value)}: {error}") from None


def resolve_percent(value: IntOrPercent, total: int, *, round_up: bool) -> int:
    """Turn a count or a percentage of `total` into pods.

    Notes
    -----
    ``GetScaledValueFromIntOrPercent`` (``intstr.go``).
    """
    if isinstance(value, int):
        return value
    percent, _ = split_percent(value)
    # Exact integer arithmetic gives what Go's float64 division and ceil or floor give.
    product = percent * total
    return -(-product // 100) if round_up else product // 100


def percent_errors(text: str) -> list[str]:
    """Return what is wrong with the way a percentage is written; nothing if all is well.

    Notes
    -----
    ``IsValidPercent`` (``validation.go``): stricter than what can be resolved, so ``-5%`` fails.
    """
    return [] if re.fullmatch("[0-9]+%", text) else [_PERCENT_SYNTAX]


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
