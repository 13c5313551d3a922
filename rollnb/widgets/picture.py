"""The explorer's figure: kept, drawn anew for new settings, and only crossed for another second.

The time line is drawn over a stored picture of everything else, so that playing through time costs
a fraction of a drawing; what is written on areas stays above it.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import image
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, Normal, Stroke

from rollnb import plots
from rollnb.dockercoins import HASHES
from rollnb.plots import areas
from rollnb.plots.figures import Theme, style
from rollnb.plots.panels import find_top
from rollnb.plots.rates import work

SIZE = (8.8, 4.4)  # inches; with DPI what a notebook has room for beside its file browser
DPI = 100

#: So far the time line is seen beside where it is, in pixels.
HALO = 4

#: Where a time axis may end, in seconds: few choices, so that it rarely changes.
ENDS = (10, 20, 30, 45, 60, 90, 120, 150, 180, 240, 300, 450, 600, 900, 1200, 1800, 3600)


class Picture:
    """Pods over time, and below what they do, as a PNG.

    Attributes
    ----------
    figure : Figure
    pods, work : Axes
    end : float
        Where the time axis ends, in seconds.
    kind : str
        What the lower axes show: ``"hashes"`` per second, or ``"endpoints"``.
    """

    def __init__(self, lang: str = "en", theme: str = "light") -> None:
        self._lang, self._theme = lang, theme
        self.end = 0.0
        self.kind = "hashes"
        with style(theme):
            self.figure = Figure(figsize=SIZE, dpi=DPI)
            self._canvas = FigureCanvasAgg(self.figure)
            self.pods, self.work = self.figure.subplots(
                2,
                1,
                height_ratios=[3, 1],
                gridspec_kw={
                    "left": 0.075,
                    "right": 0.94,
                    "bottom": 0.115,
                    "top": 0.93,
                    "hspace": 0.1,
                },
            )
            self.figure.align_ylabels()
        self._background: Any = None
        self._hands: list[Any] = []
        self._written: list[Any] = []

    def draw(self, run: Any, before: Any = None) -> None:
        """Draw a run, and as thin lines the one to compare it with."""
        runs = [run] if before is None else [run, before]
        self.end = choose_end(runs)
        options = {"until": self.end, "lang": self._lang, "theme": self._theme}
        with style(self._theme) as look:
            for ax in (self.pods, self.work):  # Axes.clear() would make all ticks anew, slowly
                for artist in [*ax.patches, *ax.lines, *ax.texts]:
                    artist.remove()
            plots.replicas(run, ax=self.pods, top=1.04 * max(map(find_top, runs)), **options)
            rates = [work(one) for one in runs]
            self.kind = "hashes" if rates[0].name == HASHES else "endpoints"
            plots.throughput(rates[0], ax=self.work, **options)
            self.work.set_ylim(0, max(float(rate.max()) for rate in rates) * 1.15 or 1.0)
            self.work.set_xlim(self.pods.get_xlim())
            self.pods.set_xlabel("")
            self.pods.tick_params(labelbottom=False)
            if before is not None:
                timeline = before.timeline
                draw_ghost(self.pods, timeline["available_replicas"], self.end, look)
                draw_ghost(self.pods, timeline["pods"], self.end, look)
                draw_ghost(self.work, rates[1], self.end, look, below=True)
            # On areas it needs an edge; that would look like a gap in the lower curve.
            self._hands = [
                ax.axvline(0, color=look.ink, linewidth=1.2, path_effects=edge, animated=True)
                for ax, edge in ((self.pods, light_edge(look)), (self.work, []))
            ]
            self._canvas.draw()
            texts = [text for text in self.pods.texts if text.get_bbox_patch()]
            self._written = [(text, text.get_window_extent()) for text in texts]
        self._background = self._canvas.copy_from_bbox(self.figure.bbox)

    def png(self, time: float) -> bytes:
        """Return the picture with a line at `time` seconds."""
        self._canvas.restore_region(self._background)
        for hand in self._hands:
            hand.set_xdata([time, time])
            hand.axes.draw_artist(hand)
        x, _ = self.pods.transData.transform((time, 0))
        for text, box in self._written:
            if box.x0 - HALO < x < box.x1 + HALO:
                self.pods.draw_artist(text)
        buffer = io.BytesIO()
        pixels = np.asarray(self._canvas.buffer_rgba())[..., :3]
        image.imsave(buffer, pixels, format="png", pil_kwargs={"compress_level": 3})
        return buffer.getvalue()


def choose_end(runs: list[Any]) -> float:
    """Return where a time axis ends that shows each of the runs."""
    needed = max(min(areas.find_end(run), 1.4 * run.timeline.index[-1] + 5) for run in runs)
    return float(next((end for end in ENDS if end >= needed), needed))


def draw_ghost(
    ax: Axes, counts: pd.Series, end: float, look: Theme, *, below: bool = False
) -> None:
    """Draw what was before as a thin line.

    Below the lines of now it shows only where it differs.
    """
    times = np.append(counts.index.to_numpy(dtype=float), end)
    values = np.append(counts.to_numpy(dtype=float), float(counts.iloc[-1]))
    ax.step(
        times,
        values,
        where="post",
        color=look.ink,
        linewidth=1.1,
        zorder=1.5 if below else 3.5,
        label="before",
        path_effects=light_edge(look),
    )


def light_edge(look: Theme) -> list[AbstractPathEffect]:
    """Return what tells a thin line from any ground, and from the edges of areas."""
    return [Stroke(linewidth=3.6, foreground=look.paper, alpha=0.8), Normal()]
