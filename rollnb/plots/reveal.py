"""Which parts a figure consists of, and how to leave out some of them, or what comes later.

Nothing is drawn anew: parts are made visible or not, and curves are cut off at a time, so that
all that is seen stays at its place from one picture to the next.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from rollnb.plots.areas import MOMENT

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


class Curtain:
    """Covers what comes after a time, as often as one likes.

    Curves end at that time, words and marks that belong to a later one are away, rows of bars have
    no name before their first bar, and limits stand as they were known: without the changes still
    to come. The figure must have been drawn: only then it is known where its texts end.
    """

    def __init__(self, figure: Figure) -> None:
        self._axes = figure.axes
        self._limits = {
            line: np.array(line.get_data(), dtype=float)
            for ax in figure.axes
            for line in _limits(ax)
        }
        self._since = {
            artist: _since(artist, ax)
            for ax in figure.axes
            for artist in [*ax.texts, *ax.lines]
            if isinstance(artist, Text) or part_of(artist) == "marks"
        }
        for ax in figure.axes:
            self._since |= _since_first_bar(ax)
        changes = [times[:-1] for times, _ in self._limits.values()]
        self._instants = np.unique(np.concatenate([list(self._since.values()), *changes]))

    def count_instants(self, time: float) -> int:
        """Return at how many instants up to a time words come, or limits change."""
        return bisect_right(self._instants, time)

    def cover(self, time: float) -> None:
        """Leave out what comes after `time` seconds."""
        self.cover_words(time)
        self.cover_curves(time)

    def cover_words(self, time: float) -> None:
        """Leave out words and marks, and changes of limits, that come after `time` seconds."""
        for artist, since in self._since.items():
            artist.set_visible(since <= time)
        for line, (times, values) in self._limits.items():
            known = max(bisect_right(times[:-1], time), 1)
            line.set_data(
                np.append(times[:known], times[-1]),
                np.append(values[:known], values[known - 1]),
            )
            for text in line.axes.texts:
                if part_of(text) == "limits":
                    text.set_visible(text.xy[0] == times[known - 1])

    def cover_curves(self, time: float) -> None:
        """Let curves end at `time` seconds."""
        for ax in self._axes:
            start = ax.get_xlim()[0]
            window = Rectangle((start, 0), max(time - start, 0.0), 1)
            window.set_transform(ax.get_xaxis_transform())
            for artist in _curves(ax):
                if part_of(artist) not in ("limits", "marks"):
                    artist.set_clip_path(window)


def _curves(ax: Axes) -> list[Artist]:
    return [*ax.patches, *ax.lines, *ax.collections]


def _limits(ax: Axes) -> list[Line2D]:
    """Return the limits over time: not the lines at one height."""
    steps = [line for line in ax.lines if line.get_drawstyle() == "steps-post"]
    return [line for line in steps if part_of(line) == "limits"]


def _since(artist: Artist, ax: Axes) -> float:
    """Return from which time on an artist is shown: where it points to, or where it ends."""
    label = artist.get_label()
    if label == "_note":
        return ax.get_xlim()[1]
    if isinstance(artist, Line2D):
        return float(artist.get_xdata()[0]) - MOMENT
    if label.startswith("_"):
        return float(artist.xy[0]) - MOMENT
    if artist.arrow_patch:
        at = ax.transAxes.transform(artist.xy)[0]
    else:
        at = Annotation.get_window_extent(artist).x1
    return float(ax.transData.inverted().transform((at, 0))[0]) - MOMENT


def _since_first_bar(ax: Axes) -> dict[Text, float]:
    """Return from which time on the name of each row is shown: when its first bar is seen."""
    first: dict[int, float] = {}
    for bar in (bar for bars in ax.containers for bar in bars):
        row = round(bar.get_y() + bar.get_height() / 2)
        first[row] = min(bar.get_x(), first.get(row, np.inf))
    ticks = zip(ax.get_yticks(), ax.yaxis.get_major_ticks(), strict=True) if first else ()
    return {tick.label1: first.get(row, np.inf) + MOMENT for row, tick in ticks}
