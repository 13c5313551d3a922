"""A run as a slide: one of the pictures, with a title and a line of measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from rollnb.plots.areas import choose_end
from rollnb.plots.figures import get_figure
from rollnb.plots.marks import tell_until
from rollnb.plots.pictures import replicas
from rollnb.plots.words import describe


def slide(
    run: Any,
    title: str,
    *,
    draw: Callable[..., Any] = replicas,
    note: str | None = None,
    **options: Any,
) -> Figure:
    """Turn a run into a 16:9 figure with a title and a line of measures.

    Parameters
    ----------
    run : Run, or whatever `draw` takes
    title : str
    draw : function
        Any of `rollnb.plots` that draws: `replicas`, `pods`, `peaks`, `stacked`, `compare`, ...
    note : str, optional
        The line below the title; by default the measures of the run.
    **options
        For `draw`: ``lang``, ``theme``, ``until``, ...

    Returns
    -------
    Figure

    Raises
    ------
    TypeError
        If `draw` is no function.
    """
    if not callable(draw):
        raise TypeError(f"{draw=} must be a function, such as plots.pods")
    if note is None:
        end, lang = choose_end(options.get("until"), np.inf), options.get("lang", "en")
        note = tell_until(run, end, lang, describe) if hasattr(run, "summary") else ""
    return get_figure(draw(run, title=title, note=note, **options))
