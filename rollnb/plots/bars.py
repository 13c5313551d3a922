"""One bar per pod: what it did, from its creation until it was gone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from rollnb.plots.colours import DOTS, STRIPES, Theme
from rollnb.plots.figures import SLIDE_SIZE, SMALL, SMALLEST
from rollnb.plots.labels import axes_size, measure
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
    ax.vlines(at, middle - rows.height / 2, middle + rows.height / 2, color=look.edge, linewidth=2)
    ax.set_ylim(len(rows.names) - 0.4, -0.6)


def find_size(ax: Axes, count: int) -> float:
    """Return how large, in points, names can be that stand as close as so many bars."""
    return min(SMALL, axes_size(ax)[1] / (count + 0.2) * 0.95)


def find_margins(rows: Rows, names: dict[int, str]) -> tuple[float, float]:
    """Return the left and the right margin that names of rows and revisions need."""
    points = SLIDE_SIZE[0] * 72
    left = max((measure(name, SMALL)[0] for name in rows.names), default=0)
    beside = () if rows.is_shared else names.values()
    right = max((measure(name, SMALL)[0] for name in beside), default=0)
    return (left + 16) / points, 0.98 - (right + 8) / points


def label_bars(
    ax: Axes, pods: pd.DataFrame, rows: Rows, names: dict[int, str], look: Theme
) -> bool:
    """Name rows on the left, revisions on the right, and what keeps a pod from being well.

    A revision is named beside each block of its bars. Return whether that is so: it is not if
    revisions share rows, or if there is no room for so many names.
    """
    size = find_size(ax, len(rows.names))
    if size >= SMALLEST:
        ax.set_yticks(range(len(rows.names)), rows.names, fontsize=size)
        ax.tick_params(axis="y", length=0)
    else:
        ax.set_yticks([])
    middle = rows.middle
    blocks = [] if rows.is_shared else list(find_blocks(ax, pods, rows, names))
    fits = sum(measure(name, SMALL)[1] + 2 for name, _ in blocks) <= axes_size(ax)[1]
    if blocks and fits:
        texts, places = zip(*blocks, strict=True)
        write_beside(ax, list(texts), list(places), look, SMALL, inside=True)
    size = find_size(ax, len(rows.names) * rows.lanes)
    low, end = ax.get_xlim()
    gone = pods["gone_at"].fillna(end).clip(upper=end)
    for row, reason, began, stop in zip(
        middle, pods["reason"], pods["created_at"].clip(lower=low), gone, strict=True
    ):
        room = (stop - began) / (end - low) * axes_size(ax)[0]
        if reason and size >= SMALLEST and measure(reason, SMALLEST)[0] + 8 < room:
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
    return fits and not rows.is_shared


def find_blocks(
    ax: Axes, pods: pd.DataFrame, rows: Rows, names: dict[int, str]
) -> Iterator[tuple[str, float]]:
    """Find the bars of a revision that are next to each other: its name, and their middle."""
    shown = (pods["created_at"] < ax.get_xlim()[1]).to_numpy()
    bars = zip(pods["revision"][shown], rows.middle[shown], strict=True)
    for revision, block in groupby(bars, key=lambda bar: bar[0]):
        if revision in names:
            yield names[revision], float(np.mean([middle for _, middle in block]))


def draw_key(
    ax: Axes,
    rows: Rows,
    spells: pd.DataFrame,
    names: dict[int, str],
    orders: dict[int, int],
    look: Theme,
    lang: str,
) -> None:
    """Say above the axes what the parts of a bar mean, of those that occur.

    Revisions of which there are `orders` are named there, too, each with its colour.
    """
    low, end = ax.get_xlim()
    plain = axes_size(ax)[1] / (len(rows.names) + 1) < THIN
    stop = spells["stop"].fillna(end).clip(upper=end)
    shown = spells[stop > spells["start"].clip(lower=low)]
    seen = set(shown["state"])
    revisions = sorted(set(shown["revision"]) & set(orders), key=orders.__getitem__)
    handles = [
        Patch(label=names[revision], **fill("ready", look.revision(orders[revision]), look))
        for revision in revisions
    ]
    handles += [
        Patch(label=say(f"{part}_state", lang=lang), **fill(part, look.faint, look, plain=plain))
        for part in PARTS
        if part in seen
    ]
    width = axes_size(ax)[0]
    needed = sum(measure(handle.get_label(), SMALL)[0] + 38 for handle in handles)
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(handles),
        fontsize=max(min(SMALL, SMALL * width / needed), SMALLEST),
        handlelength=1.8,
        handleheight=1.1,
        columnspacing=1.4,
        borderaxespad=0.2,
        borderpad=0,
        labelcolor=look.ink,
    )
