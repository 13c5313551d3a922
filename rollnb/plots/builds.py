"""A figure step by step, for a talk: each step shows a little more, at its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from matplotlib.figure import Figure

from rollnb.plots.areas import find_first
from rollnb.plots.marks import find_instants
from rollnb.plots.pictures import replicas
from rollnb.plots.reveal import Curtain, find_parts, hide
from rollnb.plots.slides import slide
from rollnb.validation import check_number

#: How many steps a build has at most, if it is not told which.
MOST = 6

#: What a step adds: nothing (``""``), a part, several; or all up to a time in seconds.
Step = str | Sequence[str] | float


def build(
    run: Any,
    title: str,
    steps: Sequence[Step] | None = None,
    *,
    draw: Callable[..., Any] = replicas,
    **options: Any,
) -> list[Figure]:
    """Return a slide in steps, each a figure: title and axes stay, parts come one by one.

    Parameters
    ----------
    run, title, draw, **options
        As for `slide`.
    steps : sequence, optional
        What each step adds: the name of a part, several names, or ``""`` for nothing, as in a
        first step before the audience has made its predictions. Or numbers: each step shows what
        happens up to so many seconds. By default first nothing and then each part that there is;
        or, in a picture without parts, four times.

        Parts are ``limits``, ``available``, ``unavailable``, ``terminating``, ``lines``,
        ``marks``, ``note`` (the line of measures), and the labels of a `compare`. What no step
        names is there from the beginning.

    Returns
    -------
    list of Figure
        The last one is the slide itself.

    Raises
    ------
    ValueError
        If `steps` is empty, names a part that the figure does not have, or mixes parts and times.
    """
    last = slide(run, title, draw=draw, **options)
    if steps is None:
        steps = choose_steps(run, last)
    if not steps:
        raise ValueError("steps is empty: give at least one, or leave it out")
    groups = [[step] if isinstance(step, str | Real) else list(step) for step in steps]
    parts = [step for group in groups for step in group]
    by_time = any(not isinstance(part, str) for part in parts)
    if by_time and any(isinstance(part, str) for part in parts):
        raise ValueError(f"{steps=} has parts and times: give one or the other")
    known = find_parts(last)
    for part in parts:
        if by_time:
            check_number("steps", part, of="seconds")
        elif part not in ["", *known]:
            raise ValueError(f"step {part!r} is not one of {known}")
    figures = [*(slide(run, title, draw=draw, **options) for _ in groups[1:]), last]
    for number, figure in enumerate(figures[:-1]):
        if by_time:
            figure.canvas.draw()
            Curtain(figure).cover(float(groups[number][0]))
            hide(figure, ["note"])
        else:
            hide(figure, {part for group in groups[number + 1 :] for part in group})
    return figures


def choose_steps(run: Any, figure: Figure) -> list[Step]:
    """Return the steps of a figure: its parts one by one, or else times."""
    parts = [part for part in find_parts(figure) if part != "limits"]
    end = [part for part in parts if part in ("marks", "note")]
    parts = [part for part in parts if part not in end]
    if len(parts) < 2:
        return list(_choose_times(run, figure))
    steps: list[Step] = ["", *parts, *([end] if end else [])]
    if len(steps) > MOST:
        rest = [part for step in steps[MOST - 1 :] for part in (step if step is end else [step])]
        steps = [*steps[: MOST - 1], rest]
    return steps


def _choose_times(run: Any, figure: Figure) -> list[float]:
    """Return four instants: the start, when a run is complete and its old pods gone, the end."""
    begin, end = find_first(run, figure.axes[0]), float(figure.axes[0].get_xlim()[1])
    inner = sorted({time for time in find_instants(run, end).values() if time < end})
    thirds = (begin + (end - begin) / 3, begin + 2 * (end - begin) / 3)
    return [begin, *(inner if len(inner) == 2 else thirds), end]
