"""The explorer: controls → settings → `simulate` → a plot, tiles and texts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple

import ipywidgets as widgets

from rollnb.plots.words import describe
from rollnb.run import Run
from rollnb.scenarios import SCENARIOS, Scenario
from rollnb.widgets import terminal
from rollnb.widgets.controls import Controls
from rollnb.widgets.front import CLASS, make_style
from rollnb.widgets.kinds import name_of
from rollnb.widgets.origin import read_settings, turn_to
from rollnb.widgets.parts import Parts
from rollnb.widgets.picture import SIZE, Picture
from rollnb.widgets.settings import Settings
from rollnb.widgets.slides import SlideButton
from rollnb.widgets.source import OWN, Source
from rollnb.widgets.tiles import Tiles
from rollnb.widgets.words import say


class Played(NamedTuple):
    """Settings, and what came of them."""

    settings: Settings
    run: Run


class Explorer(widgets.VBox):
    """Controls around a rollout, with its picture, its pods, a terminal, and the patch.

    Attributes
    ----------
    controls : Controls
    source : Source
    now, before : Played
        What is shown, and what it is compared with, if anything.
    """

    def __init__(
        self, source: Any = None, *, time: int = 5, lang: str = "en", theme: str = "light"
    ) -> None:
        super().__init__()
        settings = read_settings(source)
        self._lang, self._theme = lang, theme
        self._moving = False
        self.now = Played(settings, settings.simulate())
        self.before: Played | None = None
        self._begun = Begun(settings, name_scenario(source))
        self.picture = Picture(lang, theme)
        self.controls = Controls(settings, self._play, lang)
        self.source = Source(self.load, self._turn, self._restart, lang)
        self.slide = SlideButton(lambda: self.now, lang, theme)
        parts = Parts(time, lang)
        self.measures, self.screen, self.patch = parts.measures, parts.screen, parts.patch
        self.image, self.time, self.player = parts.image, parts.time, parts.player
        self.compare, self.view, self.tiles = parts.compare, parts.view, parts.tiles
        self.time.observe(self._look, "value")
        self.view.observe(self._look, "value")
        self.compare.observe(self._choose, "value")
        self.add_class(CLASS)
        self.children = [
            make_style(
                SIZE[0] / SIZE[1], [say(key, lang=lang) for key in ("play", "stop", "again")]
            ),
            self.source.box,
            self.controls.box,
            self.measures,
            parts.arrange(self.slide.box),
        ]
        self._draw()

    def __repr__(self) -> str:
        settings = self.now.settings
        shown = {field.name for field in fields(settings) if field.repr}
        changed = [
            f"{name}={value!r}"
            for name, (value, _) in settings.changes(Settings()).items()
            if name in shown
        ]
        return f"Explorer({', '.join([name_of(settings.base), *changed])})"

    def show(self, settings: Settings) -> None:
        """Show other settings, as if the controls had been moved."""
        self.controls.write(settings)
        self._play(settings)

    def load(self, source: Any) -> None:
        """Begin anew with a manifest or a scenario; one that is wrong only brings the message."""
        try:
            begun = Begun(read_settings(source), name_scenario(source))
            run = begun.settings.simulate()
        except (ValueError, TypeError, OSError) as error:
            self._refuse(error)
            self._say_source()
        else:
            self._begun = begun
            self.controls.write(begun.settings)
            self._take(begun.settings, run)

    # -------------------------------------------------------------------- what they bring about

    def _turn(self, name: str) -> None:
        """Roll out another of the workloads that are there."""
        self.load(turn_to(self.now.settings, name))

    def _restart(self) -> None:
        """Begin anew with what was loaded last."""
        self.show(self._begun.settings)

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
        """Show what was played; another workload is not compared unless one asked for it."""
        if self.compare.value == "before" and settings != self.now.settings:
            self.before = self.now if settings.base == self.now.settings.base else None
        self.now = Played(settings, run)
        self._draw()

    def _choose(self, _: Any) -> None:
        """Compare with something else."""
        self.before = self.now if self.compare.value == "held" else None
        self._draw()

    def _say_source(self) -> None:
        """Let the lists show what was begun with."""
        settings = self.now.settings
        names = [name_of(one) for one in (settings.base, *settings.beside)]
        self.source.show(self._begun.scenario, names, name_of(settings.base))

    def _draw(self) -> None:
        """Draw what is there now; after that, the second that is looked at."""
        settings, run = self.now
        before = None
        if self.before is not None and self.before.settings != settings:
            before = self.before
        self.picture.draw(run, before and before.run)
        self._tiles = Tiles(run, self._lang, self._theme)
        words = ""
        if before is not None:
            changed = terminal.differences(settings, before.settings, self._lang)
            words = say("before", changed, describe(before.run, self._lang), lang=self._lang)
        text = terminal.measures(run, self._lang)
        self.measures.value = terminal.status(text, words)
        self.patch.value = terminal.patch(settings, self._lang)
        end = int(self.picture.end)
        self._moving = True  # a shorter time axis may move the time, other views the view
        self._say_source()
        views = terminal.views(settings.base)
        if self.view.options != views:
            index = self.view.index or 0
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
            time = self.time.value
            self.image.value = self.picture.png(time)
            self.tiles.value = self._tiles.html(time)
            status, rest = terminal.screen(
                self.now.run.at(time), self.now.settings.base, self.view.value
            )
            self.screen.value = terminal.pre(status, wrap=True) + terminal.pre(rest)


class Begun(NamedTuple):
    """What an explorer began with: settings, and the name of their scenario."""

    settings: Settings
    scenario: str


def name_scenario(source: Any) -> str:
    """Return the name of a scenario, if it is one of those to choose from."""
    if source is None:
        return "lesson"
    known = isinstance(source, Scenario) and SCENARIOS.get(source.name) == source
    return source.name if known else OWN


def explore(
    source: Any = None, *, time: int = 5, lang: str = "en", theme: str = "light"
) -> Explorer:
    """Return an explorer of a rollout: sliders, curves, pods, the terminal, the patch to apply.

    Parameters
    ----------
    source : Settings, Scenario, Path, str or workload, optional
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
