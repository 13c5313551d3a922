"""One bar per pod: what it did, from its creation until it was gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from rollnb.plots.figures import DOTS, SLIDE_SIZE, SMALL, STRIPES, Theme
from rollnb.plots.labels import axes_size, measure
from rollnb.plots.marks import write_beside
from rollnb.plots.words import say

#: What a bar may be made of, in the order of a pod's life.
PARTS = ("pending", "starting", "running", "ready", "down", "terminating")

#: No name of a pod is smaller than this (points); of more pods than fit, none is named.
SMALLEST = 9.0


def fill(part: str, colour: str, look: Theme, *, plain: bool = False) -> dict[str, Any]:
    """Return how a part of a bar is filled: the more solid, the nearer to ready.

    Many thin bars are `plain`: hatching would not be seen.
    """
    faces = {
        "pending": look.paper,
        "starting": look.pale(colour, 0.8 if plain else 0.72),
        "running": look.pale(colour, 0.5),
        "ready": colour,
        "down": look.faint if plain else look.pale(colour, 0.9),
        "terminating": look.pale(colour, 0.45 if plain else 0.9),
    }
    hatches = {} if plain else {"starting": DOTS, "down": "xxx", "terminating": STRIPES}
    return {
        "facecolor": faces[part],
        "edgecolor": colour,
        "linewidth": 0.0 if plain else 0.8,
        "hatch": hatches.get(part, ""),
    }


def draw_bars(
    ax: Axes, pods: pd.DataFrame, spells: pd.DataFrame, orders: dict[int, int], look: Theme
) -> None:
    """Draw the bars from the top down, in the order of creation."""
    low, end = ax.get_xlim()
    plain = find_size(ax, pods) < SMALLEST
    rows = spells["name"].map({name: row for row, name in enumerate(pods["name"])}).to_numpy()
    order = spells["revision"].map(orders).fillna(0).to_numpy(dtype=int)
    start = spells["start"].clip(lower=low).to_numpy()
    stop = spells["stop"].fillna(end).clip(upper=end).to_numpy()
    for part in PARTS:
        for number in np.unique(order):
            shown = (order == number) & (spells["state"] == part).to_numpy() & (stop > start)
            ax.barh(
                rows[shown],
                (stop - start)[shown],
                left=start[shown],
                height=1.0 if plain else 0.8,
                label=f"{number} {part}",
                **fill(part, look.revision(int(number)), look, plain=plain),
            )
    late = (pods["available_at"] > pods["ready_at"]).to_numpy()
    at, rows = pods["available_at"].to_numpy()[late], np.flatnonzero(late)
    ax.vlines(at, rows - 0.4, rows + 0.4, color=look.paper, linewidth=2)
    ax.set_ylim(len(pods) - 0.4, -0.6)


def short_names(pods: pd.DataFrame) -> list[str]:
    """Return the pods' names, without what comes before the last dash if they are long."""
    names = pods["name"].tolist()
    if max(map(len, names), default=0) <= 10:
        return names
    return [name.rpartition("-")[2] for name in names]


def find_size(ax: Axes, pods: pd.DataFrame) -> float:
    """Return how large, in points, names can be that stand as close as the bars."""
    return min(SMALL, axes_size(ax)[1] / (len(pods) + 1) * 0.9)


def find_margins(pods: pd.DataFrame, names: dict[int, str]) -> tuple[float, float]:
    """Return the left and the right margin that names of pods and revisions need."""
    points = SLIDE_SIZE[0] * 72
    left = max((measure(name, SMALL)[0] for name in short_names(pods)), default=0)
    right = max((measure(name, SMALL)[0] for name in names.values()), default=0)
    return (left + 16) / points, 0.98 - (right + 8) / points


def label_bars(ax: Axes, pods: pd.DataFrame, names: dict[int, str], look: Theme) -> None:
    """Name pods on the left, revisions on the right, and what keeps a pod from being well."""
    size = find_size(ax, pods)
    if size >= SMALLEST:
        ax.set_yticks(range(len(pods)), short_names(pods), fontsize=size)
        ax.tick_params(axis="y", length=0)
    else:
        ax.set_yticks([])
    rows = pd.Series(np.arange(len(pods)), pods["revision"]).groupby(level=0).mean()
    shown = [revision for revision in rows.index if revision in names]
    write_beside(ax, [names[r] for r in shown], [rows[r] for r in shown], look, SMALL)
    low, end = ax.get_xlim()
    gone = pods["gone_at"].fillna(end).clip(upper=end)
    for row, (reason, began, stop) in enumerate(
        zip(pods["reason"], pods["created_at"].clip(lower=low), gone, strict=True)
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
                bbox={"boxstyle": "square,pad=0.1", "facecolor": look.paper, "edgecolor": "none"},
            )


def draw_key(ax: Axes, pods: pd.DataFrame, spells: pd.DataFrame, look: Theme, lang: str) -> None:
    """Say above the axes what the parts of a bar mean, of those that occur."""
    low, end = ax.get_xlim()
    plain = find_size(ax, pods) < SMALLEST
    stop = spells["stop"].fillna(end).clip(upper=end)
    seen = set(spells["state"][stop > spells["start"].clip(lower=low)])
    handles = [
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
        ncols=len(PARTS),
        fontsize=max(min(SMALL, SMALL * width / needed), SMALLEST),
        handlelength=1.8,
        handleheight=1.1,
        columnspacing=1.4,
        borderaxespad=0.2,
        borderpad=0,
        labelcolor=look.ink,
    )
