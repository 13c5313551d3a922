"""What figures have in common: style, size, margins, title."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from threading import RLock
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rollnb.plots.colours import THEMES, Theme
from rollnb.plots.labels import measure, wrap

STYLE = files("rollnb") / "rollnb.mplstyle"

#: Inches; at 200 dpi 1920 x 1080 pixels.
SLIDE_SIZE = (9.6, 5.4)

#: Pixels of a picture: in much less there is no room for a letter.
LEAST_WIDTH = 160

#: Points to the left of a grid of axes.
GRID_LEFT = 58.0

#: Points: text on areas and marks, and the smallest that any text on a slide is. Seen from six
#: times the height of the picture, where a last row may be, 11 points (31 of 1080 pixels) have
#: capitals of 12 minutes of arc; an eye that reads the 20/20 line tells letters of 5 apart.
SMALL, SMALLEST = 11.5, 11.0

#: Held by who draws: matplotlib's settings are one for all threads, and JupyterLab lets the
#: widgets of a page change in another thread than that of the cells (its comms over subshells).
DRAWING = RLock()


@cache
def read_style() -> dict[str, Any]:
    """Read the style sheet, once."""
    return dict(matplotlib.rc_params_from_file(STYLE, use_default_template=False))


@contextmanager
def settings(values: dict[str, Any]) -> Iterator[None]:
    """Set matplotlib's settings for a while.

    Only these are put back: the first figure of a notebook chooses a backend, which turns on the
    display of figures for good; ``rc_context`` would turn it off again.
    """
    with DRAWING:
        before = {key: matplotlib.rcParams[key] for key in values}
        try:
            matplotlib.rcParams.update(values)
            yield
        finally:
            matplotlib.rcParams.update(before)


@contextmanager
def style(theme: str = "light") -> Iterator[Theme]:
    """Apply the house style while drawing, and give the colours of a theme."""
    if theme not in THEMES:
        raise ValueError(f"{theme=} is not one of {sorted(THEMES)}")
    colours = THEMES[theme]
    ink = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    own = dict.fromkeys(ink, colours.ink) | dict.fromkeys(
        ("figure.facecolor", "axes.facecolor", "savefig.facecolor"), colours.paper
    )
    with settings(read_style() | own):
        yield colours


def new_axes(
    look: Theme, title: str = "", note: str = "", left: float = 0.08, right: float = 0.97
) -> Axes:
    """Return the axes of a new 16:9 figure, with room for a line of marks above them."""
    fig, ax = plt.subplots()
    top = write_title(fig, look, title, note) - 26 / (SLIDE_SIZE[1] * 72)
    fig.subplots_adjust(left=left, right=right, bottom=0.125, top=top)
    return ax


def new_grid(
    look: Theme,
    shape: tuple[int, int],
    header: float,
    gap: float,
    below: float,
    title: str = "",
    note: str = "",
) -> np.ndarray:
    """Return the axes of a new figure on shared scales, above a key of `below` points.

    Each of them has `header` points above it and `gap` points to its right. Below several rows
    there is no room for a name of the time axes.
    """
    rows, columns = shape
    fig, axes = plt.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    points = SLIDE_SIZE[1] * 72
    top = write_title(fig, look, title, note) - header / points
    bottom = (below + (46 if rows == 1 else 28)) / points
    height = ((top - bottom) * points - (rows - 1) * (header + 5)) / rows
    width = SLIDE_SIZE[0] * 72
    fig.subplots_adjust(
        left=GRID_LEFT / width,
        right=1 - gap / width,
        bottom=bottom,
        top=top,
        wspace=gap / grid_width(columns, gap),
        hspace=(header + 5) / height,
    )
    return axes


def new_stack(look: Theme, room: float, title: str = "", note: str = "") -> np.ndarray:
    """Return two axes, one above the other, on one time axis, with `room` points beside them."""
    fig, axes = plt.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    top = write_title(fig, look, title, note) - 26 / (SLIDE_SIZE[1] * 72)
    right = 0.98 - room / (SLIDE_SIZE[0] * 72)
    fig.subplots_adjust(left=0.08, right=right, bottom=0.125, top=top, hspace=0.12)
    fig.align_ylabels()
    return axes


def grid_width(columns: int, gap: float) -> float:
    """Return how wide each axes of a grid is, in points."""
    return (SLIDE_SIZE[0] * 72 - GRID_LEFT) / columns - gap


def write_title(fig: Figure, look: Theme, title: str, note: str) -> float:
    """Write title and note at the top left, and return where they end (a fraction)."""
    points = SLIDE_SIZE[1] * 72
    y = points - 10
    for text, size, weight, label in (
        (title, 20, "bold", "_title"),
        (note, 13, "normal", "_note"),
    ):
        if text:
            text = wrap(text, 0.94 * SLIDE_SIZE[0] * 72, size, weight)
            font = {"fontsize": size, "fontweight": weight, "va": "top", "color": look.ink}
            fig.text(0.03, y / points, text, label=label, **font)
            y -= measure(text, size, weight)[1] + 5
    return y / points


def get_figure(figure: Any) -> Figure:
    """Return the figure of axes, or of the first of several."""
    if isinstance(figure, Figure):
        return figure
    if isinstance(figure, Axes):
        return figure.figure
    return next(iter(getattr(figure, "flat", figure))).figure
