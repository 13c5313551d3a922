"""One bar per pod: what it did, from its creation until it was gone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rollnb.plots.areas import MOMENT
from rollnb.plots.colours import DOTS, STRIPES, Theme
from rollnb.plots.figures import SLIDE_SIZE, SMALL, SMALLEST
from rollnb.plots.labels import axes_size, count_columns, measure
from rollnb.plots.marks import write_beside
from rollnb.plots.rows import Rows
from rollnb.plots.words import say

#: What a bar may be made of, in the order of a pod's life.
PARTS = ("pending", "starting", "running", "ready", "down", "terminating")


#: Hatching is not seen in bars that are thinner (points).
THIN = 6.0


def fill(part: str, colour: str, look: Theme, *, plain: bool = False) -> dict[str, Any]:
    """Return how a part of a bar is filled: the more solid, the nearer to ready.

    Many thin bars are `plain`: hatching would not be seen.
    """
    faces = {
        "pending": look.paper,
        "starting": look.pale(colour, 0.8 if plain else 0.72),
        "running": look.pale(colour, 0.62),
        "ready": colour,
        "down": look.faint if plain else look.pale(colour, 0.9),
        "terminating": look.pale(colour, 0.45 if plain else 0.9),
    }
    hatches = {} if plain else {"starting": DOTS, "down": "xxx", "terminating": STRIPES}
    edge = look.edge if part == "ready" else look.deep(colour, faces[part])
    return {
        "facecolor": faces[part],
        "edgecolor": edge,
        "linewidth": 0.0 if plain else 0.8,
        "hatch": hatches.get(part, ""),
    }


def draw_bars(
    ax: Axes,
    pods: pd.DataFrame,
    rows: Rows,
    spells: pd.DataFrame,
    orders: dict[int, int],
    look: Theme,
) -> None:
    """Draw the bars of all pods, row by row from the top down."""
    low, end = ax.get_xlim()
    plain = axes_size(ax)[1] / (len(rows.names) + 1) < THIN
    middle = rows.middle
    places = middle[np.searchsorted(pods.index, spells.index)]
    order = spells["revision"].map(orders).fillna(0).to_numpy(dtype=int)
    start = spells["start"].clip(lower=low).to_numpy()
    stop = spells["stop"].fillna(end).clip(upper=end).to_numpy()
    for part in PARTS:
        for number in np.unique(order):
            shown = (order == number) & (spells["state"] == part).to_numpy() & (stop > start)
            ax.barh(
                places[shown],
                (stop - start)[shown],
                left=start[shown],
                height=rows.height / 0.8 if plain else rows.height,
                label=f"{number} {part}",
                **fill(part, look.revision(int(number)), look, plain=plain),
            )
    late = (pods["available_at"] > pods["ready_at"]).to_numpy()
    at, middle = pods["available_at"].to_numpy()[late], middle[late]
    half = rows.height / 2
    if ((low <= at) & (at <= end)).any():
        ax.vlines(at, middle - half, middle + half, color=look.edge, linewidth=2, label="_tick")
    ax.set_ylim(len(rows.names) - 0.4, -0.6)


def find_size(ax: Axes, count: int) -> float:
    """Return how large, in points, names can be that stand as close as so many bars."""
    return min(SMALL, axes_size(ax)[1] / (count + 0.2) * 0.95)


def set_margins(ax: Axes, rows: Rows, names: dict[int, str]) -> None:
    """Make as much room beside the axes as the names of rows and revisions need, if any."""
    points = SLIDE_SIZE[0] * 72
    fits = find_size(ax, len(rows.names)) >= SMALLEST
    left = max((measure(name, SMALL)[0] for name in rows.names if fits), default=0)
    beside = () if rows.is_shared else names.values()
    right = max((measure(name, SMALL)[0] for name in beside), default=0)
    ax.figure.subplots_adjust(left=(left + 16) / points, right=0.98 - (right + 8) / points)


def label_bars(
    ax: Axes, pods: pd.DataFrame, rows: Rows, names: dict[int, str], look: Theme
) -> bool:
    """Name rows on the left, and revisions on the right.

    A revision is named beside each block of its bars. Return whether that is so: it is not if
    revisions share rows, if there is no room for so many names, or if most would be repeated.
    """
    size = find_size(ax, len(rows.names))
    if size >= SMALLEST:
        ax.set_yticks(range(len(rows.names)), rows.names, fontsize=size)
        ax.tick_params(axis="y", length=0)
    else:
        ax.set_yticks([])
    blocks = [] if rows.is_shared else list(find_blocks(ax, pods, rows, names))
    fits = sum(measure(name, SMALL)[1] + 2 for name, _, _ in blocks) <= axes_size(ax)[1]
    fits = fits and len(blocks) < 2 * len({name for name, _, _ in blocks})
    if blocks and fits:
        texts, places, since = map(list, zip(*blocks, strict=True))
        write_beside(ax, texts, places, look, SMALL, since=since, inside=True)
    return fits and not rows.is_shared


def label_troubles(
    ax: Axes, pods: pd.DataFrame, rows: Rows, troubles: pd.DataFrame, look: Theme
) -> None:
    """Say on a bar what keeps or kept its pod from being well, if there is room."""
    size = find_size(ax, len(rows.names) * rows.lanes)
    low, end = ax.get_xlim()
    gone = pods["gone_at"].fillna(end)
    for pod, reason, began, until in troubles.itertuples():
        row = rows.middle[pods.index.get_loc(pod)]
        stop = min(gone[pod] if np.isnan(until) else until, end)
        room = (stop - max(began, low)) / (end - low) * axes_size(ax)[0]
        if size >= SMALLEST and measure(reason, SMALLEST)[0] + 8 < room:
            ax.annotate(
                reason,
                (stop, row),
                (-4, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=SMALLEST,
                color=look.ink,
                label="_reason",
                bbox={"boxstyle": "square,pad=0.1", "facecolor": look.paper, "edgecolor": "none"},
            )


def find_blocks(
    ax: Axes, pods: pd.DataFrame, rows: Rows, names: dict[int, str]
) -> Iterator[tuple[str, float, float]]:
    """Find the bars of a revision that are next to each other.

    Of each such block: its name, its middle, and from when on it is seen.
    """
    shown = (pods["created_at"] < ax.get_xlim()[1]).to_numpy()
    created_at = pods["created_at"][shown].to_numpy()
    bars = zip(pods["revision"][shown], rows.middle[shown], created_at, strict=True)
    for revision, block in groupby(bars, key=lambda bar: bar[0]):
        if revision in names:
            _, middles, times = zip(*block, strict=True)
            # A moment after the bar has begun, and one more, which `reveal` takes off words.
            yield names[revision], float(np.mean(middles)), float(min(times)) + 2 * MOMENT


def draw_key(
    ax: Axes,
    rows: Rows,
    spells: pd.DataFrame,
    names: dict[int, str],
    orders: dict[int, int],
    look: Theme,
    lang: str,
    *,
    whole: bool = False,
) -> None:
    """Say above the axes what the parts of a bar mean, of those that occur.

    Revisions of which there are `orders` are named there, too, each with its colour. What does
    not fit above the axes goes to their left, and into further rows, if these have the `whole`
    width of the figure.
    """
    low, end = ax.get_xlim()
    plain = axes_size(ax)[1] / (len(rows.names) + 1) < THIN
    stop = spells["stop"].fillna(end).clip(upper=end)
    shown = spells[stop > spells["start"].clip(lower=low)]
    seen = set(shown["state"])
    revisions = sorted(set(shown["revision"]) & set(orders), key=orders.__getitem__)
    handles: list[Any] = [
        Patch(label=names[revision], **fill("ready", look.revision(orders[revision]), look))
        for revision in revisions
    ]
    handles += [
        Patch(label=say(f"{part}_state", lang=lang), **fill(part, look.faint, look, plain=plain))
        for part in PARTS
        if part in seen
    ]
    texts = [str(handle.get_label()) for handle in handles]
    if any(ticks.get_label() == "_tick" for ticks in ax.collections):
        ready = Patch(**fill("ready", look.faint, look, plain=plain))
        tick = {"color": look.edge, "marker": "|", "markersize": 11, "markeredgewidth": 2}
        handles.append((ready, Line2D([], [], linestyle="none", **tick)))
        texts.append(say("available_state", lang=lang))
    width, left, size = axes_size(ax)[0], 0.0, SMALL
    if count_columns(texts, width, size) < len(texts):
        size = SMALLEST
    columns = count_columns(texts, width, size)
    if whole and columns < len(texts):
        beside = (ax.get_position().x0 - 0.01) * SLIDE_SIZE[0] * 72
        left = -beside / width
        columns = count_columns(texts, 0.97 * SLIDE_SIZE[0] * 72, size)
        lines = -(-len(texts) // columns)
        top = ax.get_position().y1 - (lines - 1) * 1.7 * size / (SLIDE_SIZE[1] * 72)
        ax.figure.subplots_adjust(top=top)
    ax.legend(
        handles,
        texts,
        loc="lower left",
        bbox_to_anchor=(left, 1),
        ncols=columns,
        fontsize=size,
        handlelength=1.8,
        handleheight=1.1,
        columnspacing=1.4,
        borderaxespad=0.2,
        borderpad=0,
        labelcolor=look.ink,
    )
