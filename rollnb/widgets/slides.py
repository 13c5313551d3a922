"""The run that an explorer shows, as a slide for the reader to save."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pandas as pd

from rollnb import plots
from rollnb.plots.areas import name_images
from rollnb.plots.saving import render
from rollnb.run import Run
from rollnb.widgets.picture import choose_end
from rollnb.widgets.settings import Settings
from rollnb.widgets.terminal import in_row, link, pace, tag
from rollnb.widgets.turns import in_turn
from rollnb.widgets.words import say

#: What a slide can be saved as, and how a page calls that.
FORMATS = {"png": "image/png", "svg": "image/svg+xml"}


def draw_slide(
    settings: Settings, run: Run, *, lang: str = "en", theme: str = "light"
) -> dict[str, bytes]:
    """Return the slide of a run in each of `FORMATS`, with the time axis of its figure."""
    images = [settings.old_image, settings.new_image]
    names = name_images(pd.Series(images)).tolist() or map(tag, images)
    title = say("slide_title", settings.base.name, *names, pace(settings, lang), lang=lang)
    figure = plots.slide(run, title, until=choose_end([run]), lang=lang, theme=theme)
    try:
        return {kind: render(figure, kind) for kind in FORMATS}
    finally:
        plt.close(figure)


class SlideButton:
    """A button that draws the slide of what is shown, and the links that save it.

    The links hold the slide, so that it gets to the reader wherever Python runs.

    Attributes
    ----------
    box : Widget
        What is shown.
    button : Button
    links : HTML
    """

    def __init__(self, get: Any, lang: str, theme: str) -> None:
        self._get, self._lang, self._theme = get, lang, theme
        self.button = widgets.Button(
            description=say("slide", lang=lang), layout={"width": "auto", "flex": "0 0 auto"}
        )
        self.links = widgets.HTML(layout={"margin": "0 8px"})
        self.button.on_click(self._draw)
        self.box = widgets.HBox(
            [self.button, self.links], layout={"flex_flow": "row wrap", "align_items": "center"}
        )

    def clear(self) -> None:
        """Take the links away: something else is shown now."""
        self.links.value = ""

    @in_turn
    def _draw(self, _: Any) -> None:
        settings, run = self._get()
        drawn = draw_slide(settings, run, lang=self._lang, theme=self._theme)
        self.links.value = in_row(
            *(
                link(content, f"{settings.base.name}-slide.{kind}", FORMATS[kind], self._lang)
                for kind, content in drawn.items()
            )
        )
