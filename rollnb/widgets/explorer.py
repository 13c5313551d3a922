"""The explorer: controls → settings → `simulate` → a plot, tiles and texts."""

from __future__ import annotations

import warnings
from dataclasses import fields
from typing import Any, NamedTuple

import ipywidgets as widgets

from rollnb.run import Run
from rollnb.scenarios import SCENARIOS, Scenario
from rollnb.validation.arguments import check_number
from rollnb.widgets import terminal
from rollnb.widgets.controls import Controls
from rollnb.widgets.front import CLASS, STALE, make_style
from rollnb.widgets.kinds import name_of
from rollnb.widgets.origin import read_settings, turn_to
from rollnb.widgets.parts import Parts
from rollnb.widgets.picture import SIZE, Picture
from rollnb.widgets.settings import Settings
from rollnb.widgets.slides import SlideButton
from rollnb.widgets.source import OWN, Source
from rollnb.widgets.tiles import Tiles
from rollnb.widgets.turns import in_turn
from rollnb.widgets.words import say


class Played(NamedTuple):
    """Settings, and what came of them."""

    settings: Settings
    run: Run


class Begun(NamedTuple):
    """What an explorer began with: settings, and the name of their scenario, if it is one."""

    settings: Settings
    scenario: str


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
        check_number("time", time, of="seconds", whole=True)
        super().__init__()
        settings = read_settings(source)
        self._lang, self._theme = lang, theme
        self._moving = False
        self._error = ""
        self._begun = Begun(settings, name_scenario(source))
        self.now, self.before = play(settings), None
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
        usual = Settings(base=settings.base, beside=settings.beside, around=settings.around)
        changed = settings.changes(usual)
        told = [f"{f.name}={changed[f.name][0]!r}" for f in fields(settings) if f.name in changed]
        return f"Explorer({', '.join([name_of(settings.base), *told])})"

    @in_turn
    def show(self, settings: Settings) -> None:
        """Show other settings, as if the controls had been moved."""
        self.controls.write(settings)
        self._play(settings)

    @in_turn
    def load(self, source: Any) -> None:
        """Begin anew with a manifest or a scenario; one that is wrong only brings the message."""
        try:
            begun = Begun(read_settings(source), name_scenario(source))
            played = play(begun.settings)
        except (ValueError, TypeError, OSError) as error:
            self._refuse(error)
            self._say_source()
        else:
            self._begun = begun
            self.controls.write(begun.settings)
            self._take(played, anew=True)

    # -------------------------------------------------------------------- what they bring about

    @in_turn
    def _turn(self, name: str) -> None:
        """Roll out another of the workloads that are there."""
        self.show(turn_to(self.now.settings, name))

    @in_turn
    def _restart(self) -> None:
        """Begin anew with what was loaded last."""
        self.show(self._begun.settings)

    @in_turn
    def _play(self, settings: Settings) -> None:
        """Play new settings; those that the API server refuses only bring its message."""
        try:
            played = play(settings)
        except ValueError as error:
            self._refuse(error)
            self._set_stale(True)
        else:
            self._take(played)

    def _refuse(self, error: Exception) -> None:
        """Say what is wrong, until something is right again."""
        self._error = str(error)
        self.measures.value = terminal.status(self._error, error=True)

    def _set_stale(self, stale: bool) -> None:
        """Dim what is shown while the controls ask for something else, and let nobody take it."""
        (self.add_class if stale else self.remove_class)(STALE)
        self.slide.clear()
        self.slide.button.disabled = stale

    def _take(self, played: Played, *, anew: bool = False) -> None:
        """Show what was played; what is begun `anew`, or another workload, is not compared."""
        before, self.now = self.now, played
        if anew or name_of(played.settings.base) != name_of(before.settings.base):
            self.before = None
            if self.compare.value == "held":
                self._moving = True
                self.compare.value = "before"
                self._moving = False
        elif self.compare.value == "before" and played.settings != before.settings:
            self.before = before
        self._error = ""
        self._set_stale(False)
        self._draw()

    @in_turn
    def _choose(self, _: Any) -> None:
        """Compare with something else."""
        if not self._moving:
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
            told = terminal.outcome(before.run, self._lang, short=True)
            words = say("before", changed, told, lang=self._lang)
        text = terminal.measures(run, self._lang)
        self.measures.value = terminal.status(text, words)
        if self._error:
            self.measures.value = terminal.status(self._error, error=True)
        self.patch.value = terminal.patch(settings, self._lang)
        self.slide.clear()
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

    @in_turn
    def _look(self, _: Any = None) -> None:
        """Show the second that is looked at."""
        if not self._moving:
            time, (settings, run) = self.time.value, self.now
            cluster = run.at(time)
            self.image.value = self.picture.png(time)
            self.tiles.value = self._tiles.html(time, cluster)
            status, rest = terminal.screen(cluster, settings.base, self.view.value)
            self.screen.value = terminal.pre(status, wrap=True) + terminal.pre(rest)


@in_turn
def play(settings: Settings) -> Played:
    """Play settings; what a command says that fails stands in the measures, not in a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return Played(settings, settings.simulate())


def name_scenario(source: Any) -> str:
    """Return the name of a scenario, if it is one of those to choose from."""
    if source is None:
        return "lesson"
    if isinstance(source, str) and source in SCENARIOS:
        return source
    known = isinstance(source, Scenario) and SCENARIOS.get(source.name) == source
    return source.name if known else OWN


def explore(
    source: Any = None, *, time: int = 5, lang: str = "en", theme: str = "light"
) -> Explorer:
    """Return an explorer of a rollout: sliders, curves, pods, the terminal, the patch to apply.

    Parameters
    ----------
    source : Settings, Scenario, str, Path, dict, workload, or list of them, optional
        Where to begin: settings, one of `rollnb.scenarios.SCENARIOS` or its name, or a manifest
        as a file, a text, objects or values of `rollnb`; by default the lesson's worker.
    time : int
        The second that the terminal shows first.
    lang : str
        ``"en"`` or ``"fr"``.
    theme : str
        ``"light"`` or ``"dark"``.

    Raises
    ------
    ValueError
        If the manifest is wrong, in kubectl's words and with the line, or `time` is no second.
    """
    return Explorer(source, time=time, lang=lang, theme=theme)
