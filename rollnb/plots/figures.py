"""What figures have in common: colours, style, size, title, and how they are saved.

One meaning has one look throughout: a revision has its colour; available is solid, not yet
available is pale with dots, terminating is hatched. Colours are Okabe and Ito's, told apart with
any kind of colour vision and, by their lightness and hatching, in black and white.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from rollnb.plots.labels import measure, wrap

STYLE = files("rollnb") / "rollnb.mplstyle"

#: Inches; at 200 dpi 1920 x 1080 pixels.
SLIDE_SIZE = (9.6, 5.4)
SLIDE_DPI = 200

#: Where the first axes of a grid begins and the last one ends, in fractions of the width.
GRID_MARGINS = (0.075, 0.95)

FORMATS = ("svg", "pdf", "png")

#: What each format would otherwise write of the time.
_NO_DATE = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}

DOTS, STRIPES = "..", "////"

#: Points: text on areas and marks, and beside lines.
SMALL = 10.5


@dataclass(frozen=True)
class Theme:
    """The colours of a figure.

    Parameters
    ----------
    paper, ink, faint : str
        Background, text and lines, and what should stay in the background.
    revisions : tuple of str
        Old, new, and further revisions in the order in which they appear.
    """

    paper: str
    ink: str
    faint: str
    revisions: tuple[str, ...]

    def revision(self, number: int) -> str:
        """Return the colour of the so many-th revision, from 0."""
        return self.revisions[number % len(self.revisions)]

    def pale(self, colour: str, amount: float = 0.72) -> tuple[float, ...]:
        """Return a colour mixed with so much paper."""
        pairs = zip(to_rgb(colour), to_rgb(self.paper), strict=True)
        return tuple((1 - amount) * c + amount * p for c, p in pairs)

    def on(self, colour: Any) -> str:
        """Return black or white, whichever reads better on a colour."""
        return "black" if luminance(colour) > 0.18 else "white"

    def fill(self, colour: str, state: str) -> dict[str, Any]:
        """Return how an area of a revision in a state is filled."""
        if state == "available":
            return {"facecolor": colour, "edgecolor": self.paper, "linewidth": 0.8}
        face = self.pale(colour) if state == "unavailable" else self.pale(colour, 0.9)
        hatch = DOTS if state == "unavailable" else STRIPES
        return {"facecolor": face, "edgecolor": colour, "linewidth": 0.8, "hatch": hatch}


def luminance(colour: Any) -> float:
    """Return the relative luminance of a colour (WCAG 2), 0 to 1."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


THEMES = {
    "light": Theme("#ffffff", "#1a1a1a", "#9a9a9a", ("#0072b2", "#e69f00", "#009e73", "#cc79a7")),
    "dark": Theme("#16181d", "#f2f2f2", "#8d929c", ("#3690d0", "#e69f00", "#009e73", "#cc79a7")),
}


@cache
def _read_style() -> dict[str, Any]:
    """Read the style sheet, once."""
    return dict(matplotlib.rc_params_from_file(STYLE, use_default_template=False))


@contextmanager
def _settings(values: dict[str, Any]) -> Iterator[None]:
    """Set matplotlib's settings for a while.

    Only these are put back: the first figure of a notebook chooses a backend, which turns on the
    display of figures for good; ``rc_context`` would turn it off again.
    """
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
    with _settings(_read_style() | own):
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
    look: Theme, rows: int, columns: int, header: float, title: str = "", note: str = ""
) -> np.ndarray:
    """Return the axes of a new figure on shared scales, `header` points apart, above a key."""
    fig, axes = plt.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    points = SLIDE_SIZE[1] * 72
    top, bottom = write_title(fig, look, title, note) - header / points, 0.19
    height = ((top - bottom) * points - (rows - 1) * (header + 8)) / rows
    left, right = GRID_MARGINS
    fig.subplots_adjust(
        left=left, right=right, bottom=bottom, top=top, wspace=0.2, hspace=(header + 8) / height
    )
    return axes


def grid_width(columns: int) -> float:
    """Return how wide each axes of a grid is, in points."""
    left, right = GRID_MARGINS
    return (right - left) * SLIDE_SIZE[0] * 72 / (columns + 0.2 * (columns - 1))


def write_title(fig: Figure, look: Theme, title: str, note: str) -> float:
    """Write title and note at the top left, and return where they end (a fraction)."""
    points = SLIDE_SIZE[1] * 72
    y = points - 10
    for text, size, weight in ((title, 19, "bold"), (note, 12.5, "normal")):
        if text:
            text = wrap(text, 0.94 * SLIDE_SIZE[0] * 72, size, weight)
            fig.text(
                0.03, y / points, text, fontsize=size, fontweight=weight, va="top", color=look.ink
            )
            y -= measure(text, size, weight)[1] + 5
    return y / points


def save(
    figure: Figure | Axes | Sequence[Axes], path: str | Path, formats: Sequence[str] = FORMATS
) -> list[Path]:
    """Save a figure at 16:9: PNG with 1920 × 1080 pixels, SVG and PDF as large.

    Parameters
    ----------
    figure : Figure, or what a plot function returned
    path : str or Path
        With one of the endings ``.svg``, ``.pdf``, ``.png``: that file alone. Without: all of
        `formats`, beside each other.

    Returns
    -------
    list of Path
        What was written: the same bytes whenever the same figure is saved.
    """
    figure = get_figure(figure)
    path = Path(path)
    ending = path.suffix.lower().lstrip(".")
    paths = [path] if ending in FORMATS else [path.parent / f"{path.name}.{f}" for f in formats]
    size = figure.get_size_inches().copy()
    figure.set_size_inches(SLIDE_SIZE)
    try:
        with _settings(_read_style()):
            for file in paths:
                kind = file.suffix.lower().lstrip(".")
                figure.savefig(
                    file,
                    dpi=SLIDE_DPI,
                    metadata=_NO_DATE[kind],
                    facecolor=figure.get_facecolor(),
                )
    finally:
        figure.set_size_inches(size)
    return paths


def get_figure(figure: Any) -> Figure:
    """Return the figure of axes, or of the first of several."""
    if isinstance(figure, Figure):
        return figure
    if isinstance(figure, Axes):
        return figure.figure
    return next(iter(getattr(figure, "flat", figure))).figure
