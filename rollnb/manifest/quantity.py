"""Amounts of CPU and memory: ``500m``, ``64Mi``, ``1e3``.

``apimachinery/pkg/api/resource/quantity.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from math import ceil

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}

_FORMAT = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


def _split(value: str | int | float) -> tuple[Fraction, str]:
    text = str(value).strip()
    match = re.fullmatch(r"([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)", text)
    if not match:
        raise ValueError(_FORMAT)
    digits, suffix = match.groups()
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", digits):
        raise ValueError("unable to parse numeric part of quantity")
    number = Fraction(digits + "0" if digits.endswith(".") else digits)
    exponent = re.fullmatch("[eE]([-+]?[0-9]+)", suffix)
    if suffix in _DECIMAL:
        return number * Fraction(10) ** _DECIMAL[suffix], "decimal"
    if suffix in _BINARY:
        return number * 2 ** _BINARY[suffix], "binary"
    if exponent:
        return number * Fraction(10) ** int(exponent[1]), "exponent"
    raise ValueError("unable to parse quantity's suffix")


def parse_quantity(value: str | int | float) -> float:
    """Return an amount as a number: ``500m`` is 0.5, ``64Mi`` is 67108864.

    Raises
    ------
    ValueError
        With the API server's words, if it is none.
    """
    return float(_split(value)[0])


def canonical(value: str | int | float) -> str:
    """Return an amount as the API server shows it: ``0.5`` becomes ``500m``.

    The largest suffix that leaves a whole number; what is finer than a nano is rounded up.
    """
    return _write(*_split(value))


def add_up(values: Iterable[str | int | float]) -> str:
    """Return the sum of amounts, in the form of the first that is not 0: ``1536Mi``.

    Notes
    -----
    ``Quantity.Add`` (``quantity.go``).
    """
    parts = [part for part in map(_split, values) if part[0]]
    return _write(sum(number for number, _ in parts), parts[0][1]) if parts else "0"


def in_form_of(value: str, other: str) -> str:
    """Return an amount in the form of another: ``1Ki`` beside ``1k`` is ``1024``.

    Notes
    -----
    ``describeQuota`` (``kubectl/pkg/describe/describe.go``), which rounds up to whole numbers.
    """
    (number, form), (_, wanted) = _split(value), _split(other)
    return _write(number, form) if form == wanted else _write(Fraction(ceil(number)), wanted)


def _write(number: Fraction, form: str) -> str:
    if form == "binary" and abs(number) >= 1024:
        for suffix, power in reversed(_BINARY.items()):
            if number % 2**power == 0:
                return f"{number / 2**power}{suffix}"
    if number == 0:
        return "0"
    number = Fraction(ceil(abs(number) * 10**9), 10**9) * (1 if number > 0 else -1)
    for suffix, power in reversed(_DECIMAL.items()):
        mantissa = number / Fraction(10) ** power
        if mantissa.denominator == 1:
            if form == "exponent":
                return f"{mantissa}e{power}" if power else str(mantissa)
            return f"{mantissa}{suffix}"
    raise ValueError(_FORMAT)


def format_quantity(value: float, *, binary: bool = False) -> str:
    """Write a number of cores, or of bytes (`binary`), as a manifest has it."""
    number = Fraction(value).limit_denominator(10**9)
    if binary and number.denominator == 1:
        return canonical(f"{number / 1024}Ki") if number % 1024 == 0 else canonical(str(number))
    return canonical(f"{ceil(number * 1000)}m")
