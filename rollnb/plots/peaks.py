"""Two peaks in one picture: the pods that the spec speaks of, and those that there really are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rollnb.plots.areas import find_begin, find_end, read_counts
from rollnb.plots.colours import Theme
from rollnb.plots.figures import SMALL, new_axes, style
from rollnb.plots.labels import axes_size, measure
from rollnb.plots.limits import Setting, find_levels, name_asked, read_settings
from rollnb.plots.marks import write_beside
from rollnb.plots.panels import find_top
from rollnb.plots.pictures import replicas
from rollnb.plots.words import say

#: Points: by how many pods the peak is above the limit.
LARGE = 20.0


class Peak(NamedTuple):
    """The most pods that there are, the most by the spec meanwhile, and from when to when."""

    pods: int
    limit: int
    start: float
    stop: float


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

    The spec's limit, ``replicas + maxSurge``, does not count terminating pods, and changes when
    either of them does; between the lines stands by how many the real peak is above the limit of
    its time.

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
        last = find_end(run, until)
        top = find_top(run, find_begin(run, last)) * 1.08
        options = {"until": last, "top": top, "lang": lang, "theme": theme}
        ax = ax or new_axes(look, title, note, right=0.8)
        replicas(run, ax=ax, limits=False, marks=False, **options)
        start, end = ax.get_xlim()
        settings = read_settings(run, start, end)
        if not settings:
            settings = [Setting(start, None, int(run.timeline["replicas"].max()), None)]
        peak = find_peak(run, settings, start, end)
        changes = [*(max(setting.time, start) for setting in settings), end]
        limits = [setting.most for setting in settings]
        line = {"color": look.ink, "linewidth": 2.0, "zorder": 4}
        line |= {"path_effects": look.casing(2.0), "label": "_limit"}
        if set(limits) != {peak.pods}:
            dashes = (0, (5, 3))
            ax.step(*find_levels(changes, limits), where="post", linestyle=dashes, **line)
        ax.axhline(peak.pods, **line)
        for setting, since in zip(settings, changes, strict=False):
            texts = [str(setting.most), str(peak.pods)]
            if own:
                texts = [_name_limit(setting, lang), say("real_peak", peak.pods, lang=lang)]
            heights = [float(setting.most), float(peak.pods)]
            for text in write_beside(ax, texts, heights, look, SMALL, "_limit", since=since):
                text.set_visible(setting is settings[-1])
        if peak.pods > peak.limit:
            _draw_difference(ax, peak, settings[-1].most == peak.limit, look)
        return ax


def find_peak(run: Any, settings: list[Setting], start: float, end: float) -> Peak:
    """Find the longest time with the most pods: of these times, with the lowest limit."""
    pods = read_counts(run, find_begin(run, end)).xs("pods", axis=1, level="count").sum(axis=1)
    limits = pd.Series({setting.time: setting.most for setting in settings})
    both = pd.DataFrame({"pods": pods, "limit": limits}).ffill().bfill().astype(int)
    both = both[both.ne(both.shift()).any(axis=1) & (both.index < end)]
    starts = both.index.to_numpy(dtype=float).clip(min=start).tolist()
    spells = map(Peak, both["pods"], both["limit"], starts, [*starts[1:], end])
    return min(spells, key=lambda spell: (-spell.pods, spell.limit, spell.start - spell.stop))


def _name_limit(setting: Setting, lang: str) -> str:
    surges = setting.bounds is not None and hasattr(setting.spec, "max_surge")
    asked = name_asked(setting.spec, lang)
    return say("surge_peak" if surges else "spec_peak", setting.most, asked, lang=lang)


def _draw_difference(ax: Axes, peak: Peak, lasting: bool, look: Theme) -> None:
    """Draw an arrow from line to line, and how much is between them.

    It stands at the right edge if the limit of the peak is that of the end, too.
    """
    start, end = ax.get_xlim()
    words = f"+{peak.pods - peak.limit}"
    at = end - 0.02 * (end - start) if lasting else _find_place(ax, peak, words)
    arrow = {
        "arrowstyle": "<|-|>",
        "color": look.ink,
        "linewidth": 1.6,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    ends = (at, peak.limit), (at, peak.pods)
    ax.annotate("", *ends, arrowprops=arrow, zorder=6, label="_mark")
    ax.annotate(
        words,
        (at, (peak.limit + peak.pods) / 2),
        (-7, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=LARGE,
        fontweight="bold",
        color=look.ink,
        zorder=6,
        label="_mark",
        bbox={"boxstyle": "square,pad=0.15", "facecolor": look.paper, "edgecolor": "none"},
    )


def _find_place(ax: Axes, peak: Peak, words: str) -> float:
    """Return a time of the peak at which an arrow, with words to its left, lies on no label."""
    start, end = ax.get_xlim()
    point = (end - start) / axes_size(ax)[0]
    room = (measure(words, LARGE, "bold")[0] + 14) * point
    labels = [text for text in ax.texts if text.get_label()[0] != "_" and not text.arrow_patch]
    boxes = [label.get_window_extent() for label in labels]
    taken = [ax.transData.inverted().transform(box)[:, 0] for box in boxes]
    places = np.linspace(peak.start, peak.stop, 21)[1:-1].tolist()
    free = [
        at for at in places if all(at + 6 * point < low or at - room > high for low, high in taken)
    ]
    return min(free or places, key=lambda at: abs(at - (peak.start + peak.stop + room) / 2))
