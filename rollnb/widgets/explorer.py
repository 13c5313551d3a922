"""The explorer: controls → settings → `simulate` → a plot and texts."""

from __future__ import annotations

from typing import Any, NamedTuple

import ipywidgets as widgets

from rollnb.plots.words import describe
from rollnb.run import Run
from rollnb.widgets import terminal
from rollnb.widgets.controls import Controls
from rollnb.widgets.front import CLASS, Described, make_style
from rollnb.widgets.picture import SIZE, Picture
from rollnb.widgets.settings import Settings
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
        self,
        settings: Settings | None = None,
        *,
        time: int = 5,
        lang: str = "en",
        theme: str = "light",
    ) -> None:
        super().__init__()
        settings = settings or Settings()
        self._lang = lang
        self._moving = False
        self.now = Played(settings, settings.simulate())
        self.before: Played | None = None
        self.picture = Picture(lang, theme)
        self.controls = Controls(settings, self._play, lang)
        self._make_parts(time)
        wrap = {"flex_flow": "row wrap"}
        left = widgets.VBox(
            [self.image, widgets.HBox([self.player, self.time, self.compare], layout=wrap)],
            layout={"flex": "6 1 600px", "max_width": "880px", "margin": "0 8px 0 0"},
        )
        right = widgets.HBox(
            [
                widgets.VBox([self.view, self.screen], layout={"flex": "5 1 500px"}),
                widgets.VBox([self._heading, self.patch], layout={"flex": "3 1 290px"}),
            ],
            layout=wrap | {"flex": "5 1 520px", "align_content": "flex-start"},
        )
        self.add_class(CLASS)
        self.children = [
            make_style(SIZE[0] / SIZE[1]),
            self.controls.box,
            self.measures,
            widgets.HBox([left, right], layout=wrap),
        ]
        self._draw()

    def __repr__(self) -> str:
        return f"Explorer({self.now.settings})"

    def show(self, settings: Settings) -> None:
        """Show other settings, as if the controls had been moved."""
        self.controls.write(settings)
        self._play(settings)

    # -------------------------------------------------------------------------------- the parts

    def _make_parts(self, time: int) -> None:
        lang = self._lang
        # As high as two lines, whatever they say: what is below does not jump.
        self.measures = widgets.HTML(
            layout={"margin": "6px 0 2px", "height": "42px", "overflow": "auto"}
        )
        self.image = Described(format="png", layout={"width": "100%", "object_fit": "contain"})
        self.time = widgets.IntSlider(
            time,
            min=0,
            max=time,
            description=say("time", lang=lang),
            continuous_update=False,
            style={"description_width": "74px"},
            layout={"flex": "1 1 300px", "width": "auto"},
        )
        self.player = widgets.Play(
            min=0,
            max=time,
            value=time,
            interval=500,
            show_repeat=False,
            layout={"width": "96px", "height": "30px"},
        )
        widgets.jslink((self.player, "value"), (self.time, "value"))
        choices = ("before", "held", "none")
        self.compare = widgets.Dropdown(
            options=[(say(f"compare_{choice}", lang=lang), choice) for choice in choices],
            description=say("compare", lang=lang),
            style={"description_width": "initial"},
            layout={"flex": "0 0 auto", "width": "230px"},
        )
        self.view = widgets.Dropdown(
            options=terminal.VIEWS,
            description=say("terminal", lang=lang),
            style={"description_width": "74px"},
            layout={"width": "auto", "max_width": "440px"},
        )
        tall = {"height": "330px", "overflow": "auto", "margin": "2px 8px 2px 0"}
        self.screen = widgets.HTML(layout=tall)
        self._heading = widgets.HTML(f"<b>{say('patch', lang=lang)}</b>")
        self.patch = widgets.HTML(layout=tall)
        self.time.observe(self._look, "value")
        self.view.observe(self._look, "value")
        self.compare.observe(self._choose, "value")

    # -------------------------------------------------------------------- what they bring about

    def _play(self, settings: Settings) -> None:
        """Play new settings; those that the API server refuses only bring its message."""
        try:
            run = settings.simulate()
        except ValueError as error:
            self.measures.value = terminal.status(str(error), error=True)
            return
        if self.compare.value == "before" and settings != self.now.settings:
            self.before = self.now
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
        self._moving = True  # a shorter time axis may move the time
        with self.time.hold_sync(), self.player.hold_sync():
            self.time.max = self.player.max = end
            self.player.step = max(end // 60, 1)
        self._moving = False
        with self.image.hold_sync():  # or the page would load the old picture once more
            self.image.tooltip = say("picture", end, text, lang=self._lang)
            self._look()

    def _look(self, _: Any = None) -> None:
        """Show the second that is looked at."""
        if not self._moving:
            time = self.time.value
            self.image.value = self.picture.png(time)
            status, rest = terminal.screen(self.now.run, time, self.view.value)
            self.screen.value = terminal.pre(status, wrap=True) + terminal.pre(rest)


def explore(
    settings: Settings | None = None, *, time: int = 5, lang: str = "en", theme: str = "light"
) -> Explorer:
    """Return an explorer of a rollout: sliders, curves, the terminal, and the patch to apply.

    Parameters
    ----------
    settings : Settings, optional
        Where to begin; by default the lesson's worker.
    time : int
        The second that the terminal shows first.
    lang : str
        ``"en"`` or ``"fr"``.
    theme : str
        ``"light"`` or ``"dark"``.
    """
    return Explorer(settings, time=time, lang=lang, theme=theme)
