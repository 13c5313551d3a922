"""A recorded rollout and its simulation on one pair of axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rollnb.plots.areas import choose_end
from rollnb.plots.colours import Theme
from rollnb.plots.figures import SMALL, new_axes, style
from rollnb.plots.marks import name_axes, write_beside
from rollnb.plots.words import say

#: Columns of a recorded curve that are no version.
TOTALS = ("t", "pods", "terminating", "ready", "available")


def overlay(
    recorded: pd.DataFrame,
    simulated: pd.DataFrame,
    *,
    ax: Axes | None = None,
    until: float | None = None,
    title: str = "",
    note: str = "",
    lang: str = "en",
    theme: str = "light",
) -> Axes:
    """Draw the pods of a recording as broad pale lines, and those simulated as thin dark ones.

    One pair of lines is for all pods that exist, terminating ones included; then one for each
    version, without its terminating pods. Where they agree, the thin line runs in the broad one.

    Parameters
    ----------
    recorded, simulated : DataFrame
        Curves as from `rollnb.recording.curve`, and from `rollnb.replay.replay`.
    ax, until, title, note, lang, theme
        As for `rollnb.plots.replicas`.

    Returns
    -------
    Axes
    """
    versions = [name for name in recorded if name not in TOTALS and " " not in name]
    with style(theme) as look:
        last = max(frame["t"].max() for frame in (recorded, simulated))
        end = choose_end(until, max(float(last) * 1.05, 1.0))
        ax = ax or new_axes(look, title, note, right=0.9)
        for number, column in enumerate(["pods", *versions]):
            colour = look.revision(number - 1) if number else look.ink
            _draw(ax, recorded, column, end, look.pale(colour, 0.6), 5.5, "recorded")
            _draw(ax, simulated, column, end, colour, 1.4, "simulated")
        ax.set_xlim(min(-0.02 * end, 0.0), end)
        ax.set_ylim(0, max(float(frame["pods"].max()) for frame in (recorded, simulated)) * 1.08)
        names = [*versions, say("all pods", lang=lang)]
        ends = [float(_until(recorded, column, end)[-1]) for column in (*versions, "pods")]
        write_beside(ax, names, ends, look, SMALL)
        _draw_key(ax, look, lang)
        name_axes(ax, say("pods", lang=lang), lang)
        return ax


def _until(frame: pd.DataFrame, column: str, end: float) -> np.ndarray:
    """Return the values of a column up to a time."""
    return frame[column].to_numpy()[(frame["t"].fillna(-1.0) <= end).to_numpy()]


def _draw(
    ax: Axes, frame: pd.DataFrame, column: str, end: float, colour: object, width: float, gid: str
) -> None:
    values = _until(frame, column, end)
    # The first row is the state before the first action.
    times = frame["t"].fillna(-end).to_numpy()[: len(values)]
    ax.step(
        np.append(times, end),
        np.append(values, values[-1]),
        where="post",
        color=colour,
        linewidth=width,
        solid_capstyle="butt",
        solid_joinstyle="miter",
        label=column,
        gid=gid,
    )


def _draw_key(ax: Axes, look: Theme, lang: str) -> None:
    lines = [
        Line2D([], [], color=look.pale(look.ink, 0.6), linewidth=5.5),
        Line2D([], [], color=look.ink, linewidth=1.4),
    ]
    ax.legend(
        lines,
        [say("recorded", lang=lang), say("simulated", lang=lang)],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        fontsize=SMALL,
        borderaxespad=0.2,
        borderpad=0,
        labelcolor=look.ink,
    )
