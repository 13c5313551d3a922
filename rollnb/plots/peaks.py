"""Two peaks in one picture: the pods that the spec speaks of, and those that there really are."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from rollnb.plots.colours import Theme
from rollnb.plots.figures import SMALL, new_axes, style
from rollnb.plots.marks import read_limits, write_beside
from rollnb.plots.panels import find_top
from rollnb.plots.pictures import replicas
from rollnb.plots.words import say


def peaks(
    run: Any,
    *,
    ax: Axes | None = None,
    until: float | None = None,
    title: str = "",
    note: str = "",
    lang: str = "en",
    theme: str = "light",
) -> Axes:
    """Draw the pods of a run with two lines: the most by the spec, and the most there really are.

    The spec's limit, ``replicas + maxSurge``, does not count terminating pods; between the lines
    stands by how many the real peak is above it.

    Parameters
    ----------
    run : Run
    ax, until, title, note, lang, theme
        As for `replicas`.

    Returns
    -------
    Axes
    """
    with style(theme) as look:
        own = ax is None
        ax = ax or new_axes(look, title, note, right=0.8)
        limits = read_limits(run)
        asked = run.timeline["replicas"].max() if limits is None else limits[1]
        spec, real = int(asked), int(run.summary.most_pods)
        options = {"until": until, "lang": lang, "theme": theme}
        replicas(run, ax=ax, limits=False, marks=False, top=find_top(run) * 1.08, **options)
        for count in {spec, real}:
            ax.axhline(
                count,
                color=look.ink,
                linewidth=2.0,
                linestyle="-" if count == real else (0, (5, 3)),
                zorder=4,
                path_effects=look.casing(2.0),
                label="_limit",
            )
        if own:
            kind = "spec_peak" if limits is None else "surge_peak"
            texts = [say(kind, spec, lang=lang), say("real_peak", real, lang=lang)]
        else:
            texts = [str(spec), str(real)]
        write_beside(ax, texts, [float(spec), float(real)], look, SMALL, label="_limit")
        if real > spec:
            _draw_difference(ax, spec, real, look)
        return ax


def _draw_difference(ax: Axes, spec: int, real: int, look: Theme) -> None:
    """Draw an arrow from line to line at the right edge, and how much is between them."""
    start, end = ax.get_xlim()
    at = end - 0.02 * (end - start)
    arrow = {
        "arrowstyle": "<|-|>",
        "color": look.ink,
        "linewidth": 1.6,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    ax.annotate("", (at, spec), (at, real), arrowprops=arrow, zorder=6, label="_mark")
    ax.annotate(
        f"+{real - spec}",
        (at, (spec + real) / 2),
        (-7, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=20,
        fontweight="bold",
        color=look.ink,
        zorder=6,
        label="_mark",
        bbox={"boxstyle": "square,pad=0.15", "facecolor": look.paper, "edgecolor": "none"},
    )
