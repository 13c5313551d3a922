"""Runs beside each other: the axes, what stands above each of them, and the key below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from rollnb.plots import areas
from rollnb.plots.figures import SMALL, SMALLEST, Theme, grid_width, new_grid, style
from rollnb.plots.labels import axes_size, measure, wrap
from rollnb.plots.marks import read_limits, read_settings
from rollnb.plots.pictures import replicas
from rollnb.plots.words import describe, say

#: Points: the label of a run and its measures.
LABEL, LINE = 13.0, SMALLEST


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
    """Draw runs beside each other, on the same scales.

    Parameters
    ----------
    runs : mapping of label to Run
    axes : array of Axes, optional
        One for each run; by default those of a new figure, with a key below.
    until, title, note, lang, theme
        As for `replicas`.

    Returns
    -------
    array of Axes, one per run
    """
    if not runs:
        raise ValueError("runs is empty: give at least one")
    lines = [describe(run, lang, short=True) for run in runs.values()]
    with style(theme) as look:
        own = axes is None
        if own:
            axes = new_panels(look, list(runs), lines, find_gap(runs.values()), title, note)
        axes = np.asarray(axes, dtype=object).ravel()
        if len(axes) < len(runs):
            raise ValueError(f"{len(axes)} axes are too few for {len(runs)} runs")
        axes = axes[: len(runs)]
        end = max(areas.find_end(run, until) for run in runs.values())
        top = 1.04 * max(find_top(run) for run in runs.values())
        options = {"until": end, "top": top, "lang": lang, "theme": theme}
        for ax, (label, run), line in zip(axes, runs.items(), lines, strict=True):
            replicas(run, ax=ax, labels=False, marks=False, **options)
            write_header(ax, label, line, axes_size(ax)[0], look)
            if own:
                ax.label_outer()
        if own:
            draw_key(axes[0].figure, list(runs.values()), look, lang)
        return axes


def new_panels(
    look: Theme, labels: list[str], lines: list[str], gap: float, title: str, note: str
) -> np.ndarray:
    """Return axes for so many runs: up to three in a row, with a gap to the right of each."""
    rows = math.ceil(len(labels) / 3)
    columns = math.ceil(len(labels) / rows)
    width = grid_width(columns, gap)
    header = max(
        measure(wrap(label, width, LABEL, "bold"), LABEL, "bold")[1]
        + measure(wrap(line, width, LINE), LINE)[1]
        for label, line in zip(labels, lines, strict=True)
    )
    axes = new_grid(look, (rows, columns), header + 16, gap, title, note).ravel()
    for ax in axes[len(labels) :]:
        ax.set_visible(False)
    return axes


def find_gap(runs: Iterable[Any]) -> float:
    """Return the room that the limits of runs need beside the axes, in points."""
    bounds = [bound for run in runs for bound in read_limits(run) or (0,)]
    return max(measure(f"≥ {bound}", SMALLEST)[0] for bound in bounds) + 14


def find_top(run: Any) -> int:
    """Return the most pods that there are, or may be by the limits."""
    pods = run.by_revision.xs("pods", axis=1, level="count").sum(axis=1)
    bounds = [bound for setting in read_settings(run) for bound in setting.bounds or ()]
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


def draw_key(fig: Figure, runs: list[Any], look: Theme, lang: str) -> None:
    """Say below all axes what the areas mean."""
    seen: dict[tuple[int, str], set[str]] = {}
    for run in runs:
        names = areas.read_names(run, lang)
        for layer in areas.make_layers(areas.read_counts(run)):
            seen.setdefault((layer.order, layer.state), set()).add(names[layer.revision])
    general = [say("old", lang=lang), say("new", lang=lang)]
    handles = []
    for (order, state), names in sorted(seen.items(), key=_from_bottom_up):
        if len(names) == 1:
            name = names.pop()
        else:
            name = general[order] if order < len(general) else " / ".join(sorted(names))
        label = say(state, name, lang=lang)
        handles.append(Patch(label=label, **look.fill(look.revision(order), state)))
    columns = min(len(handles), 4)
    fig.legend(
        handles=handles,
        loc="lower center",
        ncols=columns,
        fontsize=SMALL if columns < 4 else LINE,
        handlelength=1.8,
        handleheight=1.2,
        columnspacing=1.2,
        labelcolor=look.ink,
        borderaxespad=0.3,
    )


def _from_bottom_up(item: tuple[tuple[int, str], set[str]]) -> tuple[int, int]:
    """Order the areas as they lie on each other."""
    order, state = item[0]
    return areas.STATES.index(state), order
