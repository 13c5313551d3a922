"""The explorer: controls → settings → `simulate` → a plot and texts."""

from __future__ import annotations

from typing import Any, NamedTuple

import ipywidgets as widgets

from rollnb.plots.words import describe
from rollnb.run import Run
from rollnb.widgets import terminal
from rollnb.widgets.controls import Controls
from rollnb.widgets.front import CLASS, make_style
from rollnb.widgets.origin import read_settings
from rollnb.widgets.parts import Parts
from rollnb.widgets.picture import SIZE, Picture
from rollnb.widgets.settings import Settings
from rollnb.widgets.slides import SlideButton
from rollnb.widgets.source import ManifestBox
from rollnb.widgets.words import say


class Played(NamedTuple):
    """Settings, and what came of them."""

    settings: Settings
    run: Run


class Explorer(widgets.VBox):
    """Controls around a rollout, with its picture, a terminal, and the patch.

    Attributes
    ----------
    controls : Controls
    now, before : Played
        What is shown, and what it is compared with, if anything.
    """

    def __init__(
        self, source: Any = None, *, time: int = 5, lang: str = "en", theme: str = "light"
    ) -> None:
        super().__init__()
        settings = read_settings(source)
        self._lang = lang
        self._moving = False
        self.now = Played(settings, settings.simulate())
        self.before: Played | None = None
        self.picture = Picture(lang, theme)
        self.controls = Controls(settings, self._play, lang)
        self.manifest = ManifestBox(self.load, lang)
        self.slide = SlideButton(lambda: self.now, lang, theme)
        parts = Parts(time, lang)
        self.measures, self.screen, self.patch = parts.measures, parts.screen, parts.patch
        self.image, self.time, self.player = parts.image, parts.time, parts.player
        self.compare, self.view = parts.compare, parts.view
        self.time.observe(self._look, "value")
        self.view.observe(self._look, "value")
        self.compare.observe(self._choose, "value")
        self.add_class(CLASS)
        self.children = [
            make_style(SIZE[0] / SIZE[1]),
            self.controls.box,
            self.manifest.box,
            self.measures,
            parts.arrange(self.slide.box),
        ]
        self._draw()

    def __repr__(self) -> str:
        return f"Explorer({self.now.settings})"

    def show(self, settings: Settings) -> None:
        """Show other settings, as if the controls had been moved."""
        self.controls.write(settings)
        self._play(settings)

    def load(self, source: Any) -> None:
        """Begin anew with a manifest or a scenario; one that is wrong only brings the message."""
        try:
            settings = read_settings(source)
            run = settings.simulate()
        except (ValueError, TypeError, OSError) as error:
            self._refuse(error)
        else:
            self.controls.write(settings)
            self._take(settings, run)

    # -------------------------------------------------------------------- what they bring about

    def _play(self, settings: Settings) -> None:
        """Play new settings; those that the API server refuses only bring its message."""
        try:
            run = settings.simulate()
        except ValueError as error:
            self._refuse(error)
        else:
            self._take(settings, run)

    def _refuse(self, error: Exception) -> None:
        self.measures.value = terminal.status(str(error), error=True)

    def _take(self, settings: Settings, run: Run) -> None:
        """Show what was played; another Deployment is not compared unless one asked for it."""
        if self.compare.value == "before" and settings != self.now.settings:
            self.before = self.now if settings.base == self.now.settings.base else None
        self.now = Played(settings, run)
        self._draw()

    def _choose(self, _: Any) -> None:
        """Compare with something else."""
        self.before = self.now if self.compare.value == "held" else None
        self._draw()

    def _draw(self) -> None:
        """Draw what is there now; after that, the second that is looked at."""
        settings, run = self.now
        before = None
        if self.before is not None and self.before.settings != settings:
            before = self.before
        self.picture.draw(run, before and before.run)
        words = ""
        if before is not None:
            changed = terminal.differences(settings, before.settings, self._lang)
            words = say("before", changed, describe(before.run, self._lang), lang=self._lang)
        text = terminal.measures(run, self._lang)
        self.measures.value = terminal.status(text, words)
        self.patch.value = terminal.patch(settings, self._lang)
        end = int(self.picture.end)
        self._moving = True  # a shorter time axis may move the time, other views the view
        views = tuple(view.format(settings.base.name) for view in terminal.VIEWS)
        if self.view.options != views:
            index = self.view.index
            self.view.options = views
            self.view.index = index
        with self.time.hold_sync(), self.player.hold_sync():
            self.time.max = self.player.max = end
            self.player.step = max(end // 60, 1)
        self._moving = False
        with self.image.hold_sync():  # or the page would load the old picture once more
            self.image.tooltip = say(
                "picture", say(self.picture.kind, lang=self._lang), end, text, lang=self._lang
            )
            self._look()

    def _look(self, _: Any = None) -> None:
        """Show the second that is looked at."""
        if not self._moving:
            time, name = self.time.value, self.now.settings.base.name
            self.image.value = self.picture.png(time)
            status, rest = terminal.screen(self.now.run, time, name, self.view.value)
            self.screen.value = terminal.pre(status, wrap=True) + terminal.pre(rest)


def explore(
    source: Any = None, *, time: int = 5, lang: str = "en", theme: str = "light"
) -> Explorer:
    """Return an explorer of a rollout: sliders, curves, the terminal, and the patch to apply.

    Parameters
    ----------
    source : Settings, Scenario, Path, str or Deployment, optional
        Where to begin: settings, a scenario, or a manifest as a file, a text or a value of
        `rollnb`; by default the lesson's worker.
    time : int
        The second that the terminal shows first.
    lang : str
        ``"en"`` or ``"fr"``.
    theme : str
        ``"light"`` or ``"dark"``.

    Raises
    ------
    ValueError
        If the manifest is wrong, in kubectl's words and with the line.
    """
    return Explorer(source, time=time, lang=lang, theme=theme)
