"""What Python functions are given: each value is checked at the door, before anything is done.

An error names the argument, shows its value, and says what is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any


def check_number(
    name: str,
    value: Any,
    *,
    of: str = "",
    least: float = 0.0,
    positive: bool = False,
    whole: bool = False,
    endless: bool = False,
    otherwise: str = "",
) -> float:
    """Return a number as Python's own; refuse what is none, or not one of those allowed.

    Parameters
    ----------
    name : str
        Of the argument.
    of : str
        What it counts, such as ``"seconds"``: for the error.
    least : float
        The least number that is allowed; `-math.inf` for any.
    positive : bool
        Whether 0 is not allowed.
    whole : bool
        Whether a fraction is not allowed.
    endless : bool
        Whether infinity is allowed.
    otherwise : str
        What else would do: for the error.

    Returns
    -------
    int or float
        The same number, if it was one of numpy's, say.

    Raises
    ------
    ValueError
    """
    fits = (
        isinstance(value, Real)
        and not isinstance(value, bool)
        and (value > 0 if positive else value >= least)  # a NaN is neither
        and (endless or math.isfinite(value))
        and (isinstance(value, Integral) or not whole or value == math.inf)
    )
    if fits:
        return int(value) if isinstance(value, Integral) else float(value)
    what = ("a whole number" if whole else "a number") + (f" of {of}" if of else "")
    where = " above 0" if positive else "" if least == -math.inf else f" from {least:g} on"
    if isinstance(value, Real) and value == math.inf:
        what, where = "finite", ""
    raise ValueError(f"{name}={value!r} must be {what}{where}{otherwise}")


def check_field(thing: Any, name: str, **allowed: Any) -> None:
    """Check a number of a frozen value, as `check_number` does, and keep it as Python's own."""
    object.__setattr__(thing, name, check_number(name, getattr(thing, name), **allowed))


def check_flag(name: str, value: Any) -> None:
    """Refuse what is neither true nor false, such as the text ``"no"``, which counts as true.

    Raises
    ------
    ValueError
    """
    if not isinstance(value, bool):
        raise ValueError(f"{name}={value!r} must be True or False")


def check_values(name: str, values: Any, kind: type) -> tuple[Any, ...]:
    """Return values as a tuple; refuse a single one, and one that is not of a kind.

    Raises
    ------
    ValueError
    """

    def example(value: Any) -> str:
        """Show what to write in place of a text, such as an image's name."""
        return repr(value) if kind is str else f"{kind.__name__}({value!r})"

    if isinstance(values, str):
        raise ValueError(f"{name}={values!r} must be a list, such as [{example(values)}]")
    if not isinstance(values, Iterable):
        raise ValueError(f"{name}={values!r} must be a list of {kind.__name__} values")
    values = tuple(values)
    for value in values:
        if not isinstance(value, kind):
            way_out = f": write {example(value)}" if isinstance(value, str) else ""
            raise ValueError(f"{name} has {value!r}, which is no {kind.__name__}{way_out}")
    return values


def check_kind(name: str, value: Any, kind: type) -> None:
    """Refuse what is not of a kind.

    Raises
    ------
    ValueError
    """
    if not isinstance(value, kind):
        raise ValueError(f"{name}={value!r} must be a {kind.__name__}")


def check_mapping(name: str, values: Any, key: type, kind: type) -> None:
    """Refuse what is not a mapping whose keys, and values, are of a kind.

    Raises
    ------
    ValueError
    """
    whole_or_key = Integral if key is int else key
    fits = isinstance(values, Mapping) and all(
        isinstance(one, whole_or_key) and isinstance(value, kind) for one, value in values.items()
    )
    if not fits:
        raise ValueError(
            f"{name}={values!r} must be a mapping of {key.__name__} to {kind.__name__}"
        )
