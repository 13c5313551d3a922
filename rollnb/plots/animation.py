"""A run as a film: the slide, uncovered from left to right as time passes."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.animation import FFMpegWriter, PillowWriter
from matplotlib.figure import Figure

from rollnb.plots.areas import read_counts
from rollnb.plots.descriptions import describe_figure
from rollnb.plots.figures import SLIDE_SIZE, read_style, settings
from rollnb.plots.pictures import replicas
from rollnb.plots.player import write_page
from rollnb.plots.reveal import cut
from rollnb.plots.slides import slide
from rollnb.plots.words import number, say

ENDINGS = (".gif", ".html", ".mp4")

#: Seconds of film for which the last picture stays.
HOLD_SECONDS = 2.0


def animate(
    run: Any,
    path: str | Path,
    title: str = "",
    *,
    draw: Callable[..., Any] = replicas,
    seconds: float = 6.0,
    frames_per_second: int = 10,
    width: int = 960,
    progress: Callable[[Iterable[float]], Iterable[float]] = iter,
    **options: Any,
) -> Path:
    """Write a film of a run: all of it, from time 0 on, in some seconds.

    Below the title stand the pods of the moment; the measures of the run come at the end.

    Parameters
    ----------
    run, title, draw, **options
        As for `slide`.
    path : str or Path
        Its ending says what is written: ``.gif``; ``.html``, a page that needs nothing else, with
        a button to play and pause and a slider; ``.mp4``, which needs ``ffmpeg``.
    seconds : float
        How long the film plays.
    frames_per_second : int
    width : int
        Of the picture in pixels, whose height is 9/16 of that.
    progress : function, optional
        Passes on what it iterates over and shows how far it is, such as ``tqdm.tqdm``.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If the ending is another one.
    RuntimeError
        If there is no ``ffmpeg``.
    """
    path = Path(path)
    if path.suffix not in ENDINGS:
        raise ValueError(f"{path.name!r} does not end with one of {', '.join(ENDINGS)}")
    if path.suffix == ".mp4" and not FFMpegWriter.isAvailable():
        raise RuntimeError("an .mp4 needs ffmpeg (apt install ffmpeg); .gif and .html do not")
    film = Film(run, title, draw, options)
    times = np.linspace(0.0, film.end, max(round(seconds * frames_per_second), 2)).tolist()
    dpi = width / SLIDE_SIZE[0]
    if path.suffix == ".html":
        pictures = [film.png(time, dpi) for time in progress(times)]
        write_page(path, pictures, times, frames_per_second, film.describe(), film.lang)
        return path
    writer = (PillowWriter if path.suffix == ".gif" else FFMpegWriter)(fps=frames_per_second)
    with settings(read_style()), writer.saving(film.figure, str(path), dpi):
        for time in progress(times):
            film.show(time)
            writer.grab_frame(facecolor=film.figure.get_facecolor())
        for _ in range(round(HOLD_SECONDS * frames_per_second)):
            writer.grab_frame(facecolor=film.figure.get_facecolor())
    return path


class Film:
    """The pictures of a film: one figure, cut at one time after the other.

    Attributes
    ----------
    figure : Figure
    end : float
        Where the time axis ends, in seconds.
    lang : str
    """

    def __init__(
        self, run: Any, title: str, draw: Callable[..., Any], options: dict[str, Any]
    ) -> None:
        self.figure: Figure = slide(run, title, draw=draw, **options)
        self.lang = options.get("lang", "en")
        self.end = float(self.figure.axes[0].get_xlim()[1])
        self._counts = read_counts(run) if hasattr(run, "by_revision") else None
        self._notes = [text for text in self.figure.texts if text.get_label() == "_note"]
        self._measures = [text.get_text() for text in self._notes]
        self._words = describe_figure(self.figure)
        matplotlib.pyplot.close(self.figure)  # a film shows no figure below the cell
        self.figure.canvas.draw()

    def describe(self) -> str:
        """Say in words what the film shows."""
        return self._words

    def show(self, time: float) -> None:
        """Show what has happened up to a time."""
        over = time >= self.end
        cut(self.figure, time)
        for note, measures in zip(self._notes, self._measures, strict=True):
            note.set_text(measures if over or self._counts is None else self._now(time))

    def png(self, time: float, dpi: float) -> str:
        """Return the picture of a time as the base64 text of a PNG."""
        self.show(time)
        buffer = io.BytesIO()
        with settings(read_style()):
            self.figure.savefig(buffer, format="png", dpi=dpi)
        return base64.b64encode(buffer.getvalue()).decode("ascii")

    def _now(self, time: float) -> str:
        """Return the counts up to a time; what happens at that instant is not yet seen."""
        row = max(int((self._counts.index < time).sum()) - 1, 0)
        totals = self._counts.iloc[row].groupby(level="count").sum()
        counts = (int(totals[count]) for count in ("available_replicas", "pods"))
        return say("now", number(round(time), self.lang), *counts, lang=self.lang)
