"""The pictures of a film: a slide, uncovered from left to right as time passes.

Only what changes is drawn. Between two instants at which words come, a picture consists of columns
of two: the slide with all its curves, and the slide without any.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from rollnb.plots.areas import find_first, read_counts
from rollnb.plots.descriptions import describe_figure
from rollnb.plots.figures import SLIDE_SIZE, read_style, settings
from rollnb.plots.reveal import Curtain
from rollnb.plots.slides import slide
from rollnb.plots.words import number, say


class Film:
    """A slide that can be seen as it is at any time.

    Attributes
    ----------
    begin, end : float
        The first action, or what is shown of the time after it, and where the time axis ends, in
        seconds.
    lang : str
    words : str
        What the slide shows, in words.
    """

    def __init__(
        self,
        run: Any,
        title: str,
        draw: Callable[..., Any],
        options: dict[str, Any],
        width: int,
    ) -> None:
        self._figure: Figure = slide(run, title, draw=draw, **options)
        matplotlib.pyplot.close(self._figure)  # a film shows no figure below the cell
        self._figure.set_dpi((width + 0.001) / SLIDE_SIZE[0])  # sizes are rounded down
        self._canvas = FigureCanvasAgg(self._figure)
        self.lang = options.get("lang", "en")
        first = self._figure.axes[0]
        self.begin, self.end = find_first(run, first), float(first.get_xlim()[1])
        self.words = describe_figure(self._figure)
        self._counts = read_counts(run) if hasattr(run, "by_revision") else None
        notes = [text for text in self._figure.texts if text.get_label() == "_note"]
        self._note = notes[0] if notes else Text()
        self._measures = self._note.get_text()
        with settings(read_style()):
            self._canvas.draw()
        self._curtain = Curtain(self._figure)
        self._drawn: tuple[int, np.ndarray, np.ndarray] | None = None

    def picture(self, time: float) -> Image.Image:
        """Return what has happened up to a time; below the title stand the pods of the moment."""
        whole, empty = self._draw(time)
        pixels = np.asarray(self._canvas.buffer_rgba())
        pixels[:] = whole
        for ax in self._figure.axes:
            left, right = np.rint(ax.bbox.intervalx).astype(int)
            low, high = np.rint(len(pixels) - ax.bbox.intervaly).astype(int)
            now = int(np.rint(ax.transData.transform((time, 0))[0]))
            later = np.s_[high:low, max(now, left) : right]
            pixels[later] = empty[later]
        with settings(read_style()):
            self._note.set(text=self.note(time), visible=True)
            self._figure.draw_artist(self._note)
        return Image.fromarray(pixels[..., :3].copy())

    def note(self, time: float) -> str:
        """Return the line below the title: the counts of a time, and at the end the measures."""
        if time >= self.end or self._counts is None:
            return self._measures
        row = max(int((self._counts.index < time).sum()) - 1, 0)  # that instant is not yet seen
        totals = self._counts.iloc[row].groupby(level="count").sum()
        counts = (int(totals[count]) for count in ("available_replicas", "pods"))
        return say("now", number(round(time), self.lang), *counts, lang=self.lang)

    def _draw(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the slide with the words of a time: with all of its curves, and without."""
        instants = self._curtain.count_instants(time)
        if self._drawn is None or self._drawn[0] != instants:
            self._curtain.cover_words(time)
            self._note.set_visible(False)
            drawn = []
            with settings(read_style()):
                for until in (self.end, -self.end):
                    self._curtain.cover_curves(until)
                    self._canvas.draw()
                    drawn.append(np.array(self._canvas.buffer_rgba()))
            self._drawn = (instants, *drawn)
        return self._drawn[1:]
