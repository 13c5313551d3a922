"""Which parts a figure consists of, and how to leave out some of them, or what comes later.

Nothing is drawn anew: parts are made visible or not, and curves are cut off at a time, so that
all that is seen stays at its place from one picture to the next.
"""

from __future__ import annotations

from collections.abc import Collection

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

#: The parts of a figure, in the order in which they are shown.
PARTS = ("limits", "available", "unavailable", "terminating", "lines", "marks", "note")

#: What artists are labelled that are of a part other than an area.
_LABELS = {
    "_limit": "limits",
    "_mark": "marks",
    "_note": "note",
    "_line": "lines",
    "_value": "lines",
}

#: Texts beside the axes that are there from the beginning, and at the end.
_FIRST, _LAST = ("_limit", "_line", "_beside"), ("_note", "_value")


def part_of(artist: Artist) -> str:
    """Return which part of a figure an artist belongs to; most belong to none."""
    label = str(artist.get_label())
    if label in _LABELS:
        return _LABELS[label]
    if isinstance(artist, Line2D) and label and not label.startswith("_"):
        return "lines"
    word = label.rpartition(" ")[2]
    return word if word in PARTS else ""


def find_parts(figure: Figure) -> list[str]:
    """Return the parts that a figure has, in order: if it has several, its titled panels."""
    panels = [ax.get_title(loc="left") for ax in figure.axes if ax.get_visible()]
    if len(panels) > 1 and all(panels):
        return panels
    there = {part_of(artist) for artist in figure.findobj(Artist) if artist.get_visible()}
    return [part for part in PARTS if part in there]


def hide(figure: Figure, parts: Collection[str]) -> None:
    """Leave out parts of a figure; of a panel its axes, ticks and title stay."""
    for artist in figure.findobj(Artist):
        if part_of(artist) in parts:
            artist.set_visible(False)
    for ax in figure.axes:
        if ax.get_title(loc="left") in parts:
            for artist in [*_curves(ax), *ax.texts]:
                artist.set_visible(False)


def cut(figure: Figure, time: float) -> None:
    """Leave out what comes after `time` seconds: curves end there, and later words are away.

    The figure must have been drawn: only then it is known where its texts end.
    """
    for ax in figure.axes:
        start = ax.get_xlim()[0]
        window = Rectangle((start, 0), max(time - start, 0.0), 1)
        window.set_transform(ax.get_xaxis_transform())
        for artist in _curves(ax):
            if part_of(artist) != "limits":
                artist.set_clip_path(window)
        for text in ax.texts:
            text.set_visible(_since(text, ax) <= time)


def _curves(ax: Axes) -> list[Artist]:
    return [*ax.patches, *ax.lines, *ax.collections]


def _since(text: Annotation, ax: Axes) -> float:
    """Return from which time on a text is shown: where it points to, or where it ends."""
    if text.get_label() in (*_FIRST, *_LAST):
        return ax.get_xlim()[text.get_label() in _LAST]
    if text.arrow_patch or text.get_label() == "_mark":
        in_axes = text.xycoords == "axes fraction"
        at = (ax.transAxes if in_axes else ax.transData).transform(text.xy)[0]
    else:
        at = Annotation.get_window_extent(text).x1
    return float(ax.transData.inverted().transform((at, 0))[0]) - 1e-6
