"""One change of an explorer at a time, whoever makes it: the page, or a cell.

JupyterLab lets the widgets of a page change in another thread than that of the cells (its comms
over subshells), so a slider may move while a cell is about the same explorer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from rollnb.plots.figures import DRAWING

P = ParamSpec("P")
R = TypeVar("R")


def in_turn(change: Callable[P, R]) -> Callable[P, R]:
    """Let a change wait until the one under way in another thread is done, drawing included."""

    @wraps(change)
    def wait(*args: P.args, **kwargs: P.kwargs) -> R:
        with DRAWING:
            return change(*args, **kwargs)

    return wait
