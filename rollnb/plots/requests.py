"""Requests to a Service over time: those that are answered, and on top those that are lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rollnb import service
from rollnb.plots.areas import choose_end
from rollnb.plots.colours import STRIPES, Theme
from rollnb.plots.figures import SMALL, new_axes, style
from rollnb.plots.marks import name_axes
from rollnb.plots.words import number, say

#: Two more of Okabe and Ito's colours: neither is a revision's.
ANSWERED, LOST = "#56b4e9", "#d55e00"


def traffic(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    until: float | None = None,
    title: str = "",
    note: str = "",
    lang: str = "en",
    theme: str = "light",
) -> Axes:
    """Draw the requests that a Service gets, answered ones below and lost ones on top.

    The time axis is that of the frame, from its first row to its last, or to `until`; above it
    stands how many are lost meanwhile.

    Parameters
    ----------
    frame : DataFrame
        As from `rollnb.service.traffic`.
    ax, until, title, note, lang, theme
        As for `rollnb.plots.replicas`.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError
        If it is given something else, such as a run.
    ValueError
        If `until` is before the first row of the frame.
    """
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        raise TypeError(f"traffic draws a DataFrame, not a {kind}: give service.traffic(run)")
    with style(theme) as look:
        last = float(frame.index[-1])
        end = choose_end(until, max(last, float(frame.index[0]) + 1.0))
        ax = ax or new_axes(look, title, note)
        answered = frame["answered"].to_numpy()
        sent = answered + frame["lost"].to_numpy()
        times = np.append(frame.index.to_numpy(dtype=float), max(end, last))
        sums = service.totals(frame, end)
        _draw(
            ax, times, answered, np.zeros(len(frame)), say("answered", lang=lang), look, "answered"
        )
        lost = np.where(sent > answered, sent, np.nan)  # no outline around nothing
        counts = (number(float(n), lang) for n in (sums["lost"], sums.sum()))
        words = say("lost", *counts, lang=lang)
        _draw(ax, times, lost, answered, words, look, "lost")
        ax.set_xlim(float(frame.index[0]), end)
        ax.set_ylim(0, float(sent.max()) * 1.1 or 1.0)
        ax.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=2,
            fontsize=SMALL,
            handlelength=1.8,
            handleheight=1.1,
            borderaxespad=0.2,
            borderpad=0,
            labelcolor=look.ink,
        )
        name_axes(ax, say("requests", lang=lang), lang, whole=False)
        return ax


def _draw(
    ax: Axes,
    times: np.ndarray,
    upper: np.ndarray,
    lower: np.ndarray,
    label: str,
    look: Theme,
    kind: str,
) -> None:
    """Draw an area whose edges hold until the next instant."""
    ax.stairs(upper, times, baseline=lower, fill=True, label=label, **fill(kind, look))


def fill(kind: str, look: Theme) -> dict[str, Any]:
    """Return how the area of answered or of lost requests is filled."""
    if kind == "answered":
        return {"facecolor": ANSWERED, "edgecolor": look.edge, "linewidth": 1.0, "zorder": 1.2}
    face = look.pale(LOST, 0.72)
    edge = look.deep(LOST, face)
    return {"facecolor": face, "edgecolor": edge, "linewidth": 0.8, "hatch": STRIPES}
