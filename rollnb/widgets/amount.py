"""The control of a count or a percentage of pods."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from rollnb.int_or_percent import IntOrPercent, resolve_percent, split_percent

ROW = {"width": "auto", "margin": "1px 0"}


class Amount:
    """A slider for a count or a percentage of pods, with a switch between the two.

    The switch keeps the meaning: 3 pods of 10 become 30 %.
    """

    PERCENT, PODS = 100, 20

    def __init__(self, value: IntOrPercent, pods: str, look: dict[str, Any]) -> None:
        look = look | {"layout": ROW | {"flex": "1 1 auto"}}
        self.slider = widgets.IntSlider(continuous_update=False, **look)
        self.unit = widgets.Dropdown(
            options=[(pods, "pods"), ("%", "%")],
            tooltip=f"{look['description']}: {pods}, %",
            layout=ROW | {"width": "64px"},
        )
        self.box = widgets.HBox([self.slider, self.unit], layout={"width": "auto"})
        self.value = value

    @property
    def value(self) -> IntOrPercent:
        """As in a manifest: a count, or a text such as ``"25%"``."""
        return self.slider.value if self.unit.value == "pods" else f"{self.slider.value}%"

    @value.setter
    def value(self, value: IntOrPercent) -> None:
        number, is_percent = split_percent(value)
        self.unit.value = "%" if is_percent else "pods"
        self._set(number)

    @property
    def disabled(self) -> bool:
        """Whether it cannot be moved."""
        return self.slider.disabled

    @disabled.setter
    def disabled(self, disabled: bool) -> None:
        self.slider.disabled = self.unit.disabled = disabled

    def _set(self, number: int) -> None:
        top = self.PODS if self.unit.value == "pods" else self.PERCENT
        # In one message: after a new range alone the page would answer with its old value.
        with self.slider.hold_sync():
            self.slider.max = max(top, number)
            self.slider.value = number

    def convert(self, count: int, *, round_up: bool) -> None:
        """Turn the number into the unit that has just been chosen, of so many pods."""
        number = self.slider.value
        if self.unit.value == "pods":
            self._set(resolve_percent(f"{number}%", count, round_up=round_up))
        else:
            # The percentage that is rounded to the same pods: 1 of 3 is 33 % up, 34 % down.
            count = max(count, 1)
            share = 100 * number // count if round_up else -(-100 * number // count)
            self._set(min(share, self.PERCENT))
