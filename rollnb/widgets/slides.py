"""The run that an explorer shows, as a slide in the working folder."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt

from rollnb import plots
from rollnb.run import Run
from rollnb.widgets.settings import Settings
from rollnb.widgets.terminal import pace, status, tag
from rollnb.widgets.words import say

FORMATS = ("png", "svg")


def save_slide(
    settings: Settings, run: Run, folder: Path, *, lang: str = "en", theme: str = "light"
) -> list[Path]:
    """Write the slide of a run, under a name that is not taken, and return the files."""
    title = say(
        "slide_title",
        settings.base.name,
        tag(settings.old_image),
        tag(settings.new_image),
        pace(settings, lang),
        lang=lang,
    )
    names = (f"{settings.base.name}-slide-{number}" for number in count(1))
    name = next(
        name for name in names if not any((folder / f"{name}.{end}").exists() for end in FORMATS)
    )
    figure = plots.slide(run, title, lang=lang, theme=theme)
    try:
        return plots.save(figure, folder / name, formats=FORMATS)
    finally:
        plt.close(figure)


class SlideButton:
    """A button that saves the slide of what is shown, and says where.

    Attributes
    ----------
    box : Widget
        What is shown.
    button : Button
    said : HTML
    """

    def __init__(self, get: Any, lang: str, theme: str) -> None:
        self._get, self._lang, self._theme = get, lang, theme
        self.button = widgets.Button(
            description=say("slide", lang=lang), layout={"width": "auto", "flex": "0 0 auto"}
        )
        self.said = widgets.HTML(layout={"margin": "0 8px"})
        self.button.on_click(self._save)
        self.box = widgets.HBox([self.button, self.said])

    def _save(self, _: Any) -> None:
        folder = Path.cwd()
        try:
            paths = save_slide(*self._get(), folder, lang=self._lang, theme=self._theme)
        except OSError as error:
            self.said.value = status(str(error), error=True)
        else:
            names = [path.name for path in paths]
            self.said.value = status(say("slide_saved", *names, folder, lang=self._lang))
