"""The parts of the explorer around its controls: what is looked at, and where it stands."""

from __future__ import annotations

import ipywidgets as widgets

from rollnb.widgets.front import SEEN, TAKEN, Described
from rollnb.widgets.words import say

TALL = {"height": "330px", "overflow": "auto", "margin": "2px 8px 2px 0"}
WRAP = {"flex_flow": "row wrap"}

#: No wider than there is room for, whatever stands in it: that scrolls.
NARROW = {"min_width": "0"}


class Parts:
    """The widgets of an explorer that show something, and those that choose what.

    Attributes
    ----------
    measures, tiles, screen, patch : HTML
    image : Image
    time : IntSlider
    player : Play
    compare, view : Dropdown
    """

    def __init__(self, time: int, lang: str) -> None:
        # As high as two lines, be it one or two: what is below does not jump.
        self.measures = widgets.HTML(
            layout={
                "margin": "6px 0 2px",
                "min_height": "42px",
                "max_height": "126px",
                "overflow": "auto",
            }
        )
        self.measures.add_class("rollnb-measures")
        self.image = Described(format="png", layout={"width": "100%", "object_fit": "contain"})
        self.tiles = widgets.HTML(
            layout={"height": "100px", "overflow": "auto", "margin": "4px 0"}
        )
        self.time = widgets.IntSlider(
            time,
            min=0,
            max=time,
            description=say("time", lang=lang),
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
            description=say("terminal", lang=lang),
            style={"description_width": "74px"},
            layout={"width": "auto", "max_width": "440px"},
        )
        self.screen = widgets.HTML(layout=TALL)
        self.patch = widgets.HTML(layout={"min_height": TALL["height"], "margin": TALL["margin"]})
        self._heading = widgets.HTML(f"<b>{say('patch', lang=lang)}</b>")
        for part in (self.image, self.tiles, self.screen):
            part.add_class(SEEN)
        for part in (self._heading, self.patch):
            part.add_class(TAKEN)

    def arrange(self, *below: widgets.Widget) -> widgets.HBox:
        """Return the figure with its time and its pods, and `below` more; beside it the texts."""
        left = widgets.VBox(
            [
                self.image,
                widgets.HBox([self.player, self.time, self.compare], layout=WRAP),
                self.tiles,
                *below,
            ],
            layout={"flex": "6 1 600px", "max_width": "880px", "margin": "0 8px 0 0"},
        )
        right = widgets.HBox(
            [
                widgets.VBox([self.view, self.screen], layout=NARROW | {"flex": "5 1 500px"}),
                widgets.VBox([self._heading, self.patch], layout=NARROW | {"flex": "3 1 290px"}),
            ],
            layout=WRAP | NARROW | {"flex": "5 1 520px", "align_content": "flex-start"},
        )
        return widgets.HBox([left, right], layout=WRAP)
