"""Runs beside each other: the axes, what stands above each of them, and the key below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from rollnb.plots import areas
from rollnb.plots.figures import SLIDE_SIZE, SMALL, SMALLEST, Theme, grid_width, new_grid, style
from rollnb.plots.labels import axes_size, count_columns, measure, wrap
from rollnb.plots.limits import read_settings
from rollnb.plots.marks import tell_until
from rollnb.plots.pictures import replicas
from rollnb.plots.words import describe, name_outcome, say

#: Points: the label of a run and its measures.
LABEL, LINE = 13.0, SMALLEST

#: How many runs fit beside each other, and into one figure.
COLUMNS, MOST = 3, 6


def compare(
    runs: Mapping[str, Any],
    *,
    axes: Any = None,
    until: float | None = None,
    title: str = "",
    note: str = "",
    lang: str = "en",
    theme: str = "light",
) -> np.ndarray:
    """Draw runs beside each other, on the same scales: all from the earliest first action on.

    Above each stand its label and its measures; of more than three runs, in two rows, only how
    they end.

    Parameters
    ----------
    runs : mapping of label to Run
        At most six, unless the axes are given.
    axes : array of Axes, optional
        One for each run; by default those of a new figure, with a key below.
    until, title, note, lang, theme
        As for `replicas`.

    Returns
    -------
    array of Axes, one per run
    """
    if not isinstance(runs, Mapping) or not runs:
        raise ValueError(f"{runs=} must be a mapping of label to Run, with at least one")
    end = max(areas.find_end(run, until) for run in runs.values())
    begin = areas.find_begin(runs, end)
    seen = [
        run if areas.find_begin(run) == begin else replace(run, began_at=begin)
        for run in runs.values()
    ]
    own = axes is None
    if own and len(runs) > MOST:
        raise ValueError(
            f"{len(runs)} runs are too many to be seen in one figure: "
            f"draw {MOST} at most, or give axes of your own"
        )
    tell = name_outcome if len(runs) > COLUMNS else partial(describe, short=True)
    lines = [tell_until(run, end, lang, tell) for run in runs.values()]
    with style(theme) as look:
        if own:
            key = find_key(seen, look, lang)
            columns, size = arrange_key(key)
            below = -(-len(key) // columns) * 1.75 * size
            gap = find_gap(seen)
            axes = new_panels(look, list(runs), lines, gap, below, title, note)
        axes = np.asarray(axes, dtype=object).ravel()
        if len(axes) < len(runs):
            raise ValueError(f"{len(axes)} axes are too few for {len(runs)} runs")
        axes = axes[: len(runs)]
        top = 1.04 * max(map(find_top, seen))
        options = {"until": end, "top": top, "lang": lang, "theme": theme}
        for ax, label, run, line in zip(axes, runs, seen, lines, strict=True):
            replicas(run, ax=ax, labels=False, marks=False, **options)
            write_header(ax, label, line, axes_size(ax)[0], look)
        if own:
            label_outer(axes)
            draw_key(axes[0].figure, key, look)
        return axes


def new_panels(
    look: Theme,
    labels: list[str],
    lines: list[str],
    gap: float,
    below: float,
    title: str,
    note: str,
) -> np.ndarray:
    """Return axes for so many runs, in as few rows as can be.

    To the right of each is a gap, and below all of them room for a key, in points.
    """
    rows = math.ceil(len(labels) / COLUMNS)
    columns = math.ceil(len(labels) / rows)
    width = grid_width(columns, gap)
    header = max(
        measure(wrap(label, width, LABEL, "bold"), LABEL, "bold")[1]
        + measure(wrap(line, width, LINE), LINE)[1]
        for label, line in zip(labels, lines, strict=True)
    )
    axes = new_grid(look, (rows, columns), header + 11, gap, below, title, note).ravel()
    for ax in axes[len(labels) :]:
        ax.set_visible(False)
    return axes


def label_outer(axes: np.ndarray) -> None:
    """Name pods at the left, and time below; below several rows once, beside its numbers."""
    columns = axes[0].get_subplotspec().get_gridspec().ncols
    for number, ax in enumerate(axes):
        ax.label_outer()
        ax.tick_params(labelbottom=number >= len(axes) - columns)
        if len(axes) > COLUMNS:
            width, height = axes_size(ax)
            ax.xaxis.set_label_coords(-3 / width, -8 / height)
            ax.xaxis.label.set(ha="right", va="top", fontsize=SMALLEST)
            if number % columns:
                ax.set_xlabel("")


def find_gap(runs: Iterable[Any]) -> float:
    """Return the room that the limits of runs need beside the axes, in points."""
    settings = [setting for run in runs for setting in read_settings(run)]
    bounds = [bound for setting in settings for bound in setting.bounds or ()] or [0]
    return max(measure(f"≥ {bound}", SMALLEST)[0] for bound in bounds) + 22


def find_top(run: Any, begin: float | None = None) -> int:
    """Return the most pods that there are, or may be by the limits: by default while measured."""
    begin = areas.find_begin(run) if begin is None else begin
    pods = areas.read_counts(run, begin).xs("pods", axis=1, level="count").sum(axis=1)
    settings = read_settings(run, begin - areas.MOMENT)
    bounds = [bound for setting in settings for bound in setting.bounds or ()]
    return max(int(pods.max()), *bounds, 1)


def write_header(ax: Axes, label: str, line: str, width: float, look: Theme) -> None:
    """Write a run's label and its measures above the axes."""
    line = wrap(line, width, LINE)
    below = measure(line, LINE)[1]
    ax.set_title(wrap(label, width, LABEL, "bold"), fontsize=LABEL, pad=below + 9)
    ax.annotate(
        line,
        (0, 1),
        (0, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        va="bottom",
        fontsize=LINE,
        color=look.ink,
        annotation_clip=False,
        label="_note",
    )


def find_key(runs: Iterable[Any], look: Theme, lang: str) -> list[Patch]:
    """Return what the areas of runs mean, from the bottom up."""
    seen: dict[tuple[int, str], None] = {}
    called: dict[int, set[str]] = {}
    for run in runs:
        names = areas.read_names(run, lang)
        for layer in areas.make_layers(areas.read_counts(run)):
            seen[layer.order, layer.state] = None
            called.setdefault(layer.order, set()).add(names[layer.revision])
    general = dict(enumerate([say("old", lang=lang), say("new", lang=lang)]))
    words = {
        order: next(iter(names)) if len(names) == 1 else general.get(order, " / ".join(names))
        for order, names in called.items()
    }
    return [
        Patch(label=say(state, words[order], lang=lang), **look.fill(look.revision(order), state))
        for order, state in sorted(seen, key=_from_bottom_up)
    ]


def arrange_key(handles: list[Patch]) -> tuple[int, float]:
    """Return the columns of a key, and the size of its words."""
    texts = [str(handle.get_label()) for handle in handles]
    columns = count_columns(texts, 0.97 * SLIDE_SIZE[0] * 72, LINE, most=4)
    return columns, SMALL if columns < 4 else LINE


def draw_key(fig: Figure, handles: list[Patch], look: Theme) -> None:
    """Say below all axes what the areas mean."""
    columns, size = arrange_key(handles)
    fig.legend(
        handles=handles,
        loc="lower center",
        ncols=columns,
        fontsize=size,
        handlelength=1.8,
        handleheight=1.2,
        columnspacing=1.2,
        labelcolor=look.ink,
        borderaxespad=0.3,
    )


def _from_bottom_up(area: tuple[int, str]) -> tuple[int, int]:
    """Order the areas as they lie on each other."""
    order, state = area
    return areas.STATES.index(state), order
