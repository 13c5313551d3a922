"""The controls of the explorer: widgets that stand for the fields of `Settings`, and back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from rollnb.widgets.amount import ROW, Amount
from rollnb.widgets.settings import Settings
from rollnb.widgets.terminal import image_words
from rollnb.widgets.words import say

#: Up to where a slider goes, and its step; a value beyond makes the slider longer.
RANGES = {
    "replicas": (1, 20, 1),
    "min_ready_seconds": (0, 30, 1),
    "termination_grace_period_seconds": (0, 60, 1),
    "pull_seconds": (0.0, 20.0, 0.5),
    "start_seconds": (0.0, 20.0, 0.5),
    "ready_seconds": (0.0, 20.0, 0.5),
    "spread_percent": (0, 100, 5),
}

COLUMNS = {
    "deployment": ("replicas", "max_surge", "max_unavailable", "min_ready_seconds"),
    "old_pods": ("termination_grace_period_seconds", "handles_sigterm"),
    "new_pods": (
        "image_exists",
        "pull_seconds",
        "start_seconds",
        "ready_seconds",
        "spread_percent",
    ),
}

#: The room that a column asks for, and that of the names in it, in pixels.
WIDTHS = {"deployment": (320, 122), "old_pods": (240, 106), "new_pods": (240, 104)}


def _image_choices(settings: Settings, lang: str) -> tuple[tuple[str, bool], ...]:
    return tuple((text, exists) for exists, text in image_words(settings, lang).items())


def _sigterm_choices(_: Settings, lang: str) -> tuple[tuple[str, bool], ...]:
    return (say("at_kill", lang=lang), False), (say("at_term", lang=lang), True)


#: The lists: what can be chosen, which for images depends on the Deployment.
CHOICES = {"handles_sigterm": _sigterm_choices, "image_exists": _image_choices}


class Controls:
    """All controls, in columns, with one function that is told of new settings.

    Attributes
    ----------
    box : Widget
        What is shown.
    parts : dict of str to widget or Amount
        The control of each field of `Settings`.
    """

    def __init__(
        self, settings: Settings, on_change: Callable[[Settings], Any], lang: str
    ) -> None:
        self._base = settings
        self._on_change = on_change
        self._lang = lang
        self._quiet = False
        self.parts = {
            name: _make(name, settings, WIDTHS[column][1], lang)
            for column, names in COLUMNS.items()
            for name in names
        }
        for part in self.parts.values():
            if isinstance(part, Amount):
                part.slider.observe(self._tell, "value")
                part.unit.observe(lambda _, part=part: self._switch(part), "value")
            else:
                part.observe(self._tell, "value")
        columns = [self._make_column(column, lang) for column in COLUMNS]
        self.box = widgets.HBox(columns, layout={"flex_flow": "row wrap"})

    def _make_column(self, column: str, lang: str) -> widgets.VBox:
        title = widgets.HTML(f"<b>{say(column, lang=lang)}</b>", layout={"margin": "0"})
        parts = [self.parts[name] for name in COLUMNS[column]]
        width = WIDTHS[column][0]
        return widgets.VBox(
            [title, *(getattr(part, "box", part) for part in parts)],
            layout={
                "flex": f"{width} 1 {width}px",
                "max_width": "480px",
                "margin": "0 12px 0 0",
            },
        )

    def read(self) -> Settings:
        """Return the settings that the controls show, valid or not."""
        return replace(self._base, **{name: part.value for name, part in self.parts.items()})

    def write(self, settings: Settings) -> None:
        """Let the controls show other settings; nobody is told."""
        self._base = settings
        with self._quietly():
            for name, part in self.parts.items():
                value = getattr(settings, name)
                if name in RANGES:
                    with part.hold_sync():
                        part.max, part.min = max(part.max, value), min(part.min, value)
                        part.value = value
                    continue
                if name in CHOICES and part.options != (
                    new := CHOICES[name](settings, self._lang)
                ):
                    part.options = new
                part.value = value

    @contextmanager
    def _quietly(self):
        """Change several widgets as one."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _tell(self, _: Any = None) -> None:
        if not self._quiet:
            self._on_change(self.read())

    def _switch(self, amount: Amount) -> None:
        if not self._quiet:
            with self._quietly():
                amount.convert(self.parts["replicas"].value)
            self._tell()


def _make(name: str, settings: Settings, label_width: int, lang: str) -> Any:
    """Return the control of a field of `Settings`."""
    value = getattr(settings, name)
    look = {
        "description": say(name, lang=lang),
        "tooltip": say(name, lang=lang),
        "style": {"description_width": f"{label_width}px"},
        "layout": ROW,
    }
    if name in ("max_surge", "max_unavailable"):
        return Amount(value, say("pods", lang=lang), look, round_up=name == "max_surge")
    if name in CHOICES:
        return widgets.Dropdown(options=CHOICES[name](settings, lang), value=value, **look)
    low, high, step = RANGES[name]
    bounds = {"min": min(low, value), "max": max(high, value), "step": step}
    if isinstance(step, float):
        look |= {"readout_format": ".1f"}
        return widgets.FloatSlider(value, continuous_update=False, **bounds, **look)
    return widgets.IntSlider(value, continuous_update=False, **bounds, **look)
