"""Pictures of a run: pods over time, throughput, one bar per pod, runs beside each other.

Each function draws on the axes it is given, or on those of a new 16:9 figure, and returns them;
it shows and saves nothing and leaves matplotlib's settings alone. All take ``lang`` (``"en"`` or
``"fr"``), ``theme`` (``"light"`` or ``"dark"``) and ``until``, the end of the time axis in
seconds, by default a little after the last change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rollnb import timeline
from rollnb.plots import areas, bars
from rollnb.plots.figures import SLIDE_SIZE, SMALL, get_figure, new_axes, style
from rollnb.plots.labels import measure
from rollnb.plots.marks import draw_limits, draw_marks, name_axes, read_limits, write_beside
from rollnb.plots.panels import draw_key, find_top, find_width, new_panels, write_header
from rollnb.plots.rows import arrange
from rollnb.plots.words import describe, say


def replicas(
    run: Any,
    *,
    ax: Axes | None = None,
    until: float | None = None,
    top: float | None = None,
    title: str = "",
    note: str = "",
    labels: bool = True,
    limits: bool = True,
    marks: bool = True,
    lang: str = "en",
    theme: str = "light",
) -> Axes:
    """Draw the pods of a run over time, by revision and state.

    From the bottom up: available pods, pods not yet available, terminating pods. The upper edge
    of the available ones is to stay above the lower limit, that of all but the terminating ones
    below the upper limit.

    Parameters
    ----------
    run : Run
        Or anything with `by_revision`, and `pods`, `summary` and `cluster` if it has them.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    until : float, optional
        End of the time axis, in seconds.
    top : float, optional
        Pods up to which the axes reach; by default as many as there are, or may be.
    title, note : str
        Above a new figure: see `slide`.
    labels, limits, marks : bool
        Whether to name the areas; to draw the limits of surge and unavailable (those of the
        end of the run); and to mark when it is complete and when the last old process ends.
    lang, theme : str

    Returns
    -------
    Axes
    """
    with style(theme) as look:
        bounds = read_limits(run) if limits else None
        words = lang if ax is None else None
        ax = ax or new_axes(look, title, note, right=0.84 if bounds else 0.97)
        frame = areas.read_counts(run)
        end = areas.find_end(run, until)
        start = -0.04 * end if frame.index[0] < 0 else 0.0
        times = np.maximum(frame.index.to_numpy(dtype=float), start)
        layers = areas.make_layers(frame)
        edges = areas.draw_layers(ax, times, layers, end, look)
        most = float(edges[-1].max(initial=1))
        ax.set_xlim(start, end)
        ax.set_ylim(0, max(most, *(bounds or (0,))) * 1.04 if top is None else top)
        if labels:
            names = areas.read_names(run, lang)
            texts = [layer.name(names, lang) for layer in layers]
            areas.label_layers(ax, times, edges, layers, texts, bounds or (), look)
        if bounds:
            draw_limits(ax, bounds, look, run, words)
        if marks:
            draw_marks(ax, run, most, look, lang)
        name_axes(ax, say("pods", lang=lang), lang)
        return ax


def throughput(
    series: pd.Series | Mapping[str, pd.Series],
    *,
    ax: Axes | None = None,
    until: float | None = None,
    title: str = "",
    note: str = "",
    lang: str = "en",
    theme: str = "light",
) -> Axes:
    """Draw work per second over time.

    Parameters
    ----------
    series : Series, indexed by time in seconds, or mapping of label to Series
        As from `rollnb.throughput`; the name of the first one is the unit on the y axis. The
        first one is drawn boldest, on top of the others.
    ax, until, title, note, lang, theme
        As for `replicas`.

    Returns
    -------
    Axes
    """
    several = series if isinstance(series, Mapping) else {"": series}
    if not several:
        raise ValueError("series is empty: give at least one")
    with style(theme) as look:
        room = max(measure(label, SMALL)[0] for label in several) / (SLIDE_SIZE[0] * 72)
        ax = ax or new_axes(look, title, note, right=0.97 - room)
        last = max(float(one.index[-1]) for one in several.values())
        end = max(last * 1.08, 1.0) if until is None else float(until)
        ax.set_xlim(min(0.0, *(float(one.index[0]) for one in several.values())), end)
        ax.set_ylim(0, max(float(one.max()) for one in several.values()) * 1.12 or 1.0)
        ends = []
        for place, (label, one) in enumerate(several.items()):
            times = np.append(one.index.to_numpy(dtype=float), max(end, last))
            values = np.append(one.to_numpy(dtype=float), float(one.iloc[-1]))
            ax.step(
                times,
                values,
                where="post",
                color=look.revision(place),
                linewidth=3.2 if place == 0 else 1.5,
                linestyle="--" if place > 1 else "-",
                zorder=3 - place / len(several),
                label=label or one.name,
            )
            ends.append(float(values[max(np.searchsorted(times, end, side="right") - 1, 0)]))
        if len(several) > 1:
            write_beside(ax, list(several), ends, look, SMALL)
        name_axes(ax, str(next(iter(several.values())).name or ""), lang, whole=False)
        return ax


def pods(
    run: Any,
    *,
    ax: Axes | None = None,
    until: float | None = None,
    title: str = "",
    note: str = "",
    lang: str = "en",
    theme: str = "light",
) -> Axes:
    """Draw one bar per pod: pending, pulling and starting, running, ready, terminating.

    The first created is on top; pods that have a StatefulSet's name or a DaemonSet's node one
    after the other share a row. A thin tick in a bar marks where the pod became available, if
    that was later than ready; at the end of the bar of a pod that is not well stands why.

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
        names = areas.read_names(run, lang)
        rows = arrange(run)
        ax = ax or new_axes(look, title, note, *bars.find_margins(rows, names))
        end = areas.find_end(run, until)
        ax.set_xlim(-0.04 * end if (run.pods["created_at"] < 0).any() else 0.0, end)
        orders = areas.find_orders(areas.read_counts(run))
        spells = timeline.spells(run.cluster)
        spells = spells[spells.index.isin(run.pods.index)]
        bars.draw_bars(ax, run.pods, rows, spells, orders, look)
        bars.label_bars(ax, run.pods, rows, names, look)
        bars.draw_key(ax, rows, spells, names, orders, look, lang)
        name_axes(ax, "", lang, counts=False)
        return ax


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
            axes = new_panels(look, list(runs), lines, title, note)
        axes = np.asarray(axes, dtype=object).ravel()
        if len(axes) < len(runs):
            raise ValueError(f"{len(axes)} axes are too few for {len(runs)} runs")
        axes = axes[: len(runs)]
        end = max(areas.find_end(run, until) for run in runs.values())
        top = 1.04 * max(find_top(run) for run in runs.values())
        options = {"until": end, "top": top, "lang": lang, "theme": theme}
        for ax, (label, run), line in zip(axes, runs.items(), lines, strict=True):
            replicas(run, ax=ax, labels=False, marks=False, **options)
            write_header(ax, label, line, find_width(ax), look)
            if own:
                ax.label_outer()
        if own:
            draw_key(axes[0].figure, list(runs.values()), look, lang)
        return axes


def slide(
    run: Any,
    title: str,
    *,
    draw: Callable[..., Any] = replicas,
    note: str | None = None,
    **options: Any,
) -> Figure:
    """Turn a run into a 16:9 figure with a title and a line of measures.

    Parameters
    ----------
    run : Run, or whatever `draw` takes
    title : str
    draw : function
        One of this module's: `replicas`, `pods`, `throughput`, `compare`.
    note : str, optional
        The line below the title; by default the measures of the run.
    **options
        For `draw`: ``lang``, ``theme``, ``until``, ...

    Returns
    -------
    Figure
    """
    if note is None:
        note = describe(run, options.get("lang", "en")) if hasattr(run, "summary") else ""
    return get_figure(draw(run, title=title, note=note, **options))
