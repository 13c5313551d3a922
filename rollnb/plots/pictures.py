"""Pictures of a run: pods over time by revision and state, and one bar per pod.

Each function draws on the axes it is given, or on those of a new 16:9 figure, and returns them;
it shows and saves nothing and leaves matplotlib's settings alone. All take ``lang`` (``"en"`` or
``"fr"``), ``theme`` (``"light"`` or ``"dark"``) and ``until``, the end of the time axis in
seconds, by default a little after the last change. It starts a little before the first action
(``run.began_at``), or at 0 if it ends before that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rollnb import timeline
from rollnb.plots import areas, bars
from rollnb.plots.area_labels import label_layers
from rollnb.plots.figures import new_axes, style
from rollnb.plots.limits import draw_limits, read_settings
from rollnb.plots.marks import draw_marks, name_axes
from rollnb.plots.rows import arrange
from rollnb.plots.words import say
from rollnb.validation import check_number


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
        End of the time axis, in seconds, which starts a little before ``run.began_at``.
    top : float, optional
        Pods up to which the axes reach; by default as many as there are, or may be.
    title, note : str
        Above a new figure: see `slide`.
    labels, limits, marks : bool
        Whether to name the areas, but for those too short to be seen; to draw the limits of
        surge and unavailable, as they are at each time; and to mark when the run is complete and
        when the last old process ends, or in which state it is where the time axis ends.
    lang, theme : str

    Returns
    -------
    Axes
    """
    if top is not None:
        check_number("top", top, of="pods", positive=True)
    with style(theme) as look:
        end = areas.find_end(run, until)
        begin = areas.find_begin(run, end)
        frame = areas.read_counts(run, begin)
        start = areas.find_start(begin, float(frame.index[0]), end)
        settings = read_settings(run, start, end) if limits else []
        bounds = {bound for setting in settings for bound in setting.bounds or ()}
        own = ax is None
        ax = ax or new_axes(look, title, note, right=0.825 if bounds else 0.97)
        times = np.maximum(frame.index.to_numpy(dtype=float), start)
        layers = areas.make_layers(frame)
        edges = areas.draw_layers(ax, times, layers, end, look)
        most = float(edges[-1].max(initial=1))
        ax.set_xlim(start, end)
        ax.set_ylim(0, max(most, *bounds, 0) * 1.04 if top is None else top)
        if labels:
            names = areas.read_names(run, lang)
            texts = [layer.name(names, lang) for layer in layers]
            label_layers(ax, times, edges, layers, texts, sorted(bounds), look)
        if bounds:
            draw_limits(ax, settings, look, lang if own else None)
        if marks:
            draw_marks(ax, run, look, lang, whole=own)
        name_axes(ax, say("pods", lang=lang), lang)
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
    after the other share a row. A tick in a bar marks where the pod became available, if that
    was later than ready; on the bar of a pod that is not well, or was not, stands why.

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
        end = areas.find_end(run, until)
        begin = areas.find_begin(run, end)
        listed = run.pods[~(run.pods["gone_at"] < begin)]
        rows = arrange(run, listed)
        own = ax is None
        if own:
            ax = new_axes(look, title, note)
            bars.set_margins(ax, rows, names)
        first = listed["created_at"].min() if len(listed) else begin
        ax.set_xlim(areas.find_start(begin, first, end), end)
        orders = areas.find_orders(areas.read_counts(run, begin))
        spells, troubles = (
            frame[frame.index.isin(listed.index)]
            for frame in (timeline.spells(run), timeline.troubles(run))
        )
        bars.draw_bars(ax, listed, rows, spells, orders, look)
        beside = bars.label_bars(ax, listed, rows, names, look)
        bars.label_troubles(ax, listed, rows, troubles, look)
        shown = {} if beside else orders
        bars.draw_key(ax, rows, spells, names, shown, look, lang, whole=own)
        name_axes(ax, "", lang, counts=False)
        return ax
