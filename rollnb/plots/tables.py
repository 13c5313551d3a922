"""The table behind a picture: the numbers as they are drawn, read back from the axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.patches import StepPatch

from rollnb.plots.areas import make_layers, read_counts


def data(drawn: Any) -> pd.DataFrame:
    """Return the numbers behind a picture.

    Parameters
    ----------
    drawn : Axes or Run
        Axes that a function of `rollnb.plots` drew on; of a run, what `replicas` draws.

    Returns
    -------
    DataFrame
        Of areas and lines: indexed by ``time`` in seconds, one column each, and a value holds
        until the next row. The columns of pods are (revision, state). The first row is the state
        before the first action, on axes at their left edge. Of bars: one row each, with ``row``,
        ``revision`` (0 is the old one), ``state``, ``start`` and ``stop``.

    Raises
    ------
    ValueError
        If there are no such axes: give one of several, as in ``data(axes[0])``.
    """
    if isinstance(drawn, Axes):
        return _read_bars(drawn) if _bars(drawn) else _read_curves(drawn)
    frame = read_counts(drawn)
    counts = {(layer.revision, layer.state): layer.counts for layer in make_layers(frame)}
    return _name(pd.DataFrame(counts, index=frame.index.rename("time")))


def _bars(ax: Axes) -> list[BarContainer]:
    return [bars for bars in ax.containers if isinstance(bars, BarContainer) and len(bars)]


def _read_bars(ax: Axes) -> pd.DataFrame:
    ticks = zip(ax.get_yticks(), ax.yaxis.get_major_ticks(), strict=True)
    names = {place: tick.label1.get_text() for place, tick in ticks}
    rows = []
    for container in _bars(ax):
        revision, _, state = container.get_label().partition(" ")
        for bar in container:
            place = round(bar.get_y() + bar.get_height() / 2)
            name = names.get(place, place)
            start, stop = bar.get_x(), bar.get_x() + bar.get_width()
            rows.append((place, name, int(revision), state, start, stop))
    columns = ["place", "row", "revision", "state", "start", "stop"]
    frame = pd.DataFrame(rows, columns=columns).sort_values(["place", "start"], kind="stable")
    return frame.drop(columns="place").reset_index(drop=True)


def _read_curves(ax: Axes) -> pd.DataFrame:
    curves: dict[Any, pd.Series] = {}
    for patch in ax.patches:
        if isinstance(patch, StepPatch):
            values, edges, baseline = patch.get_data()
            counts = np.nan_to_num(values - np.asarray(baseline))
            curves[patch.get_label()] = pd.Series(counts, edges[:-1])
    lines = [line for line in ax.lines if not line.get_label().startswith("_")]
    for line in [] if curves else lines:
        times, values = (np.asarray(side, dtype=float)[:-1] for side in line.get_data())
        curves[line.get_label()] = pd.Series(values, times)
    curves = {label: one[~one.index.duplicated(keep="last")] for label, one in curves.items()}
    frame = pd.DataFrame(curves).ffill().rename_axis("time")
    parts = [label.partition(" ") for label in frame]
    if frame.columns.empty or not all(number.isdigit() for number, _, _ in parts):
        return frame
    frame.columns = pd.MultiIndex.from_tuples([(int(n), state) for n, _, state in parts])
    return _name(frame)


def _name(frame: pd.DataFrame) -> pd.DataFrame:
    """Name the levels of (revision, state), and count in whole pods."""
    return frame.rename_axis(columns=["revision", "state"]).astype(int)
