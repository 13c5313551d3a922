"""What stands on and beside the axes: their names, words at heights, and marks of instants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import offset_copy

from rollnb.plots.areas import find_begin, find_orders, read_counts, read_names
from rollnb.plots.colours import Theme
from rollnb.plots.figures import SMALL
from rollnb.plots.labels import axes_size, measure, spread
from rollnb.plots.words import name_state, number, say

#: Ticks are a power of ten times one of these apart.
STEPS = [1, 2, 5, 10]

#: Points between the axes and the words of marks; more if a line to them has to bend.
RISE, BENT_RISE = 5.0, 10.0


def name_axes(ax: Axes, label: str, lang: str, *, whole: bool = True, counts: bool = True) -> None:
    """Name both axes, and set ticks: whole numbers, if so told, and none of `counts` if not."""
    ax.set_xlabel(say("time", lang=lang))
    ax.set_ylabel(label)
    width, height = axes_size(ax)
    across, up = (min(max(int(size / 22), 1), most) for size, most in ((width, 8), (height, 6)))
    ax.xaxis.set_major_locator(MaxNLocator(across, integer=True, steps=STEPS))
    if counts:
        ax.yaxis.set_major_locator(MaxNLocator(up, integer=whole, steps=STEPS))


def write_beside(
    ax: Axes,
    texts: list[str],
    values: list[float],
    look: Theme,
    size: float,
    label: str = "_beside",
    *,
    since: float | Sequence[float] | None = None,
    inside: bool = False,
) -> list[Annotation]:
    """Write texts to the right of the axes, as near to their heights as they fit.

    They hold from the time `since` on, all or each, by default from the beginning: a film shows
    them then. If they are to stay `inside`, none is higher or lower than the axes.
    """
    height = axes_size(ax)[1]
    low, high = ax.get_ylim()
    wanted = [(value - low) / (high - low) * height for value in values]
    sizes = [measure(text, size)[1] + 2 for text in texts]
    room = (0.0, height) if inside else (-height, 2 * height)
    places = [place / height for place in spread(wanted, sizes, *room)]
    times = np.broadcast_to(ax.get_xlim()[0] if since is None else since, len(texts)).tolist()
    return [
        ax.annotate(
            text,
            (time, place),
            (1, place),
            xycoords=ax.get_xaxis_transform(),
            textcoords=offset_copy(ax.transAxes, ax.figure, 5, 0, units="points"),
            ha="left",
            va="center",
            fontsize=size,
            color=look.ink,
            annotation_clip=False,
            label=label,
        )
        for text, time, place in zip(texts, times, places, strict=True)
    ]


def find_instants(run: Any, end: float) -> dict[str, float]:
    """Return when a run is complete and when its last old process ends, if by the end."""
    summary = getattr(run, "summary", None)
    if summary is None:
        return {}
    after = {"complete": summary.duration_seconds, "old_gone": summary.old_gone_seconds}
    began_at = getattr(run, "began_at", 0.0)
    return {key: began_at + s for key, s in after.items() if 0 < s <= end - began_at}


def name_state_at(run: Any, end: float, lang: str) -> str:
    """Say in which state a run that does not get complete is at a time; nothing if not known."""
    seen = see_until(run, end)
    summary = getattr(seen, "summary", None)
    if summary is None or summary.state == "complete" or end < seen.by_revision.index[-1]:
        return ""
    return name_state(summary, lang)


def see_until(run: Any, end: float) -> Any:
    """Return a run that does not get complete as it was at a time, if it can be played again."""
    if getattr(run, "replay", None) is None or run.summary.state == "complete":
        return run
    return run if end >= run.cluster.now else replace(run, cluster=run.at(end))


def tell_until(run: Any, end: float, lang: str, tell: Callable[[Any, str], str]) -> str:
    """Tell how a run goes, as it was at a time; nothing if its first action is not yet seen."""
    return tell(see_until(run, end), lang) if find_begin(run) < end else ""


def name_mark(run: Any, key: str, at: float, lang: str) -> str:
    """Say what happens at an instant; after an undo, which version it is that ends."""
    orders = find_orders(read_counts(run))
    if key == "old_gone" and orders.get(max(orders, default=0)) == 0 and len(orders) > 1:
        running = run.by_revision.xs("running", axis=1, level="count").drop(columns=max(orders))
        last = (running > 0).apply(lambda column: column[column].index.max()).idxmax()
        return say("last_gone", read_names(run, lang)[last], number(at, lang), lang=lang)
    return say(key, number(at, lang), lang=lang)


def draw_marks(ax: Axes, run: Any, look: Theme, lang: str, *, whole: bool = False) -> None:
    """Mark above the axes when the run is complete, or in which state it is where they end.

    A dotted line leads to each instant. Its words may reach beyond the axes to the right if these
    have the `whole` width of the figure; those of a state end with the axes, away from limits.
    """
    low, high = ax.get_xlim()
    marks = find_instants(run, high)
    texts = [name_mark(run, key, at, lang) for key, at in marks.items()]
    ends = list(marks.values())
    if state := name_state_at(run, high, lang):
        texts.append(state)
        ends.append(high)
    width, height = axes_size(ax)
    room = (0.985 - ax.get_position().x0) * float(ax.figure.get_size_inches()[0]) * 72
    sizes = [measure(text, SMALL)[0] + 14 for text in texts]
    wanted = [(at - low) / (high - low) * width for at in ends]
    best = [*wanted[:-1], width - sizes[-1] / 2] if state else wanted
    places = spread(best, sizes, 0.0, room if whole else width)
    feet = [  # where a line meets the words: straight up, if that leads to them
        min(max(x, place - size / 2 + 12), place + size / 2 - 12)
        for x, place, size in zip(wanted, places, sizes, strict=True)
    ]
    bent = any(foot != x for foot, x in zip(feet[: len(marks)], wanted, strict=False))
    rise = BENT_RISE if bent else RISE
    for text, at, x, place in zip(texts, ends, wanted, places, strict=True):
        ax.annotate(
            text,
            (at, 1),
            (place - x, rise),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=look.ink,
            annotation_clip=False,
            label="_mark",
        )
    for at, foot in zip(marks.values(), feet, strict=False):
        ax.plot(
            [at, at, low + foot / width * (high - low)],
            [0, 1, 1 + rise / height],
            transform=ax.get_xaxis_transform(),
            clip_on=False,
            color=look.ink,
            linewidth=1.2,
            linestyle=":",
            path_effects=look.casing(1.2),
            label="_mark",
        )
