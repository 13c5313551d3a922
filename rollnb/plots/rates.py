"""Work per second over time, alone or below the pods that do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rollnb import throughput as rates
from rollnb.plots import areas
from rollnb.plots.figures import SLIDE_SIZE, SMALL, new_axes, new_stack, style
from rollnb.plots.labels import measure
from rollnb.plots.marks import find_instants, name_axes, write_beside
from rollnb.plots.pictures import replicas
from rollnb.plots.words import number
from rollnb.scenarios import is_dockercoins
from rollnb.timeline import find_workload

#: What pods do of which no more is known: they serve.
ENDPOINTS = "endpoints"


def work(run: Any) -> pd.Series:
    """Return what the pods of a run do.

    The hashes/s of DockerCoins, if they are its workers: with the rng pods that are there, else
    with one. Otherwise how many pods a Service sends requests to.
    """
    sleeps = rates.read_sleep_seconds(run.pods) if len(run.pods) else {}
    running = run.by_revision.xs("running", axis=1, level="count").any()
    known = set(running.index[running]) <= set(sleeps)
    if len(run.pods) and known and all(map(is_dockercoins, run.pods["image"])):
        return rates.hashes(run, worker=find_workload(run))
    return rates.serving(run.timeline, 1, name=ENDPOINTS)


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
        first one is drawn boldest, on top of the others. The time axis starts with their first
        row.
    ax, until, title, note, lang, theme
        As for `replicas`.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError
        If it is given something else, such as a run.
    """
    several = series if isinstance(series, Mapping) else {"": series}
    if not several:
        raise ValueError("series is empty: give at least one")
    for one in several.values():
        if not isinstance(one, pd.Series):
            raise TypeError(
                f"throughput draws a Series, not a {type(one).__name__}: "
                "of a run give rollnb.throughput.hashes(run)"
            )
    with style(theme) as look:
        room = max(measure(label, SMALL)[0] for label in several) / (SLIDE_SIZE[0] * 72)
        last = max(float(one.index[-1]) for one in several.values())
        end = areas.choose_end(until, max(last * 1.08, 1.0))
        ax = ax or new_axes(look, title, note, right=0.97 - room)
        ax.set_xlim(min(float(one.index[0]) for one in several.values()), end)
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
            write_beside(ax, list(several), ends, look, SMALL, "_line")
        name_axes(ax, str(next(iter(several.values())).name or ""), lang, whole=False)
        return ax


def stacked(
    run: Any,
    series: pd.Series | Mapping[str, pd.Series] | None = None,
    *,
    axes: Any = None,
    until: float | None = None,
    title: str = "",
    note: str = "",
    lang: str = "en",
    theme: str = "light",
) -> np.ndarray:
    """Draw the pods of a run and, below them on the same time axis, the work that gets done.

    Parameters
    ----------
    run : Run
    series : Series or mapping of label to Series, optional
        As for `throughput`; by default the `work` of the run.
    axes : array of two Axes, optional
        By default those of a new figure.
    until : float, optional
        End of the time axis; by default long enough after the last change to see what it did.
    title, note, lang, theme
        As for `replicas`.

    Returns
    -------
    array of two Axes
    """
    begin = areas.find_begin(run)
    end = areas.choose_end(until, begin + 1.15 * (areas.find_end(run) - begin))
    if series is None:
        series = work(run)
    options = {"until": end, "lang": lang, "theme": theme}
    with style(theme) as look:
        own = axes is None
        if own:
            labels = list(series) if isinstance(series, Mapping) else []
            room = max((measure(label, SMALL)[0] for label in labels), default=0.0)
            axes = new_stack(look, max(room, 36.0) + 12.0, title, note)
        upper, lower = np.asarray(axes, dtype=object).ravel()[:2]
        replicas(run, ax=upper, **options)
        limits = upper.get_xlim()
        throughput(_cut(series, limits[0]), ax=lower, **options)
        lower.set_xlim(limits)
        line = {"color": look.ink, "linewidth": 1.2, "linestyle": ":"}
        for at in find_instants(run, end).values():
            lower.axvline(at, label="_mark", path_effects=look.casing(1.2), **line)
        if not isinstance(series, Mapping):
            value = float(series[series.index <= end].iloc[-1])
            write_beside(lower, [number(value, lang)], [value], look, SMALL, "_value", since=end)
        if own:
            upper.label_outer()
        return np.array([upper, lower])


def _cut(
    series: pd.Series | Mapping[str, pd.Series], start: float
) -> pd.Series | Mapping[str, pd.Series]:
    """Return what holds from a time on, of one series or of each of several."""
    if isinstance(series, Mapping):
        return {label: _cut(one, start) for label, one in series.items()}
    row = max(int((series.index <= start).sum()) - 1, 0)
    return series.iloc[row:].set_axis(np.maximum(series.index[row:], start))
