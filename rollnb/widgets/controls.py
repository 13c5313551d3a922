"""The controls of the explorer: widgets that stand for the fields of `Settings`, and back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from rollnb.spec import DaemonSet
from rollnb.widgets.amount import ROW, Amount
from rollnb.widgets.kinds import POLICIES, kind_of
from rollnb.widgets.settings import Settings
from rollnb.widgets.terminal import image_words, then_words
from rollnb.widgets.turns import in_turn
from rollnb.widgets.words import say

#: From and up to where a slider goes, and its step; see `find_range`.
RANGES = {
    "nodes": (1, 12, 1),
    "replicas": (1, 20, 1),
    "partition": (0, 0, 1),
    "min_ready_seconds": (0, 30, 1),
    "termination_grace_period_seconds": (0, 60, 1),
    "stop_seconds": (0.0, 20.0, 0.5),
    "pull_seconds": (0.0, 20.0, 0.5),
    "start_seconds": (0.0, 20.0, 0.5),
    "ready_seconds": (0.0, 20.0, 0.5),
    "spread_percent": (0, 100, 5),
    "then_seconds": (0, 60, 1),
}

#: Groups of controls with a title each, in columns.
COLUMNS = (
    ("workload",),
    ("old_pods", "afterwards"),
    ("new_pods",),
)
GROUPS = {
    "workload": (
        "nodes",
        "replicas",
        "pod_management_policy",
        "strategy",
        "max_surge",
        "max_unavailable",
        "partition",
        "min_ready_seconds",
    ),
    "old_pods": ("termination_grace_period_seconds", "handles_sigterm", "stop_seconds"),
    "afterwards": ("then", "then_seconds"),
    "new_pods": (
        "image_exists",
        "pull_seconds",
        "start_seconds",
        "ready_seconds",
        "spread_percent",
    ),
}

#: The room that a column asks for, and that of the names in it, in pixels.
WIDTHS = ((346, 154), (228, 104), (228, 104))


def _strategy_choices(settings: Settings, _: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in kind_of(settings.base).strategies)


def _policy_choices(*_: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in POLICIES)


def _image_choices(settings: Settings, lang: str) -> tuple[tuple[str, bool], ...]:
    return tuple((text, exists) for exists, text in image_words(settings, lang).items())


def _sigterm_choices(_: Settings, lang: str) -> tuple[tuple[str, bool], ...]:
    return (say("at_kill", lang=lang), False), (say("at_term", lang=lang), True)


def _then_choices(settings: Settings, lang: str) -> tuple[tuple[str, str], ...]:
    return tuple((text, then) for then, text in then_words(settings, lang).items())


#: The lists: what can be chosen, which may depend on the workload.
CHOICES = {
    "pod_management_policy": _policy_choices,
    "strategy": _strategy_choices,
    "handles_sigterm": _sigterm_choices,
    "image_exists": _image_choices,
    "then": _then_choices,
}


def find_range(name: str, settings: Settings) -> tuple[float, float, float]:
    """Return the ends and the step of a slider; a value beyond its range makes it longer.

    With a partition of as many as there are replicas no pod is updated: a larger one says no more.
    """
    low, high, step = RANGES[name]
    if name == "partition":
        high = settings.replicas
    return low, max(high, getattr(settings, name)), step


def find_idle(settings: Settings) -> set[str]:
    """Return the controls that would do nothing as long as others stand as they do."""
    idle = set()
    if settings.strategy != "RollingUpdate":
        idle |= {*kind_of(settings.base).pace, "pod_management_policy"}
    if not settings.handles_sigterm:
        idle.add("stop_seconds")
    if settings.then == "nothing":
        idle.add("then_seconds")
    return idle


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
        self._titles = {
            group: widgets.HTML(layout={"margin": "0", "min_height": "24px"}) for group in GROUPS
        }
        self.parts: dict[str, Any] = {}
        columns = []
        for groups, (width, label_width) in zip(COLUMNS, WIDTHS, strict=True):
            children = []
            for group in groups:
                made = {name: _make(name, settings, label_width, lang) for name in GROUPS[group]}
                self.parts |= made
                children += [self._titles[group], *map(_box_of, made.values())]
            layout = {"flex": f"{width} 1 {width}px", "max_width": "480px", "margin": "0 12px 0 0"}
            columns.append(widgets.VBox(children, layout=layout))
        for name, part in self.parts.items():
            if isinstance(part, Amount):
                part.slider.observe(self._tell, "value")
                part.unit.observe(lambda _, name=name: self._switch(name), "value")
            else:
                part.observe(self._tell, "value")
        self._fit(settings)
        self.box = widgets.HBox(columns, layout={"flex_flow": "row wrap"})

    def _fit(self, settings: Settings) -> None:
        """Show the controls of a kind, and switch off those that do nothing now."""
        idle = find_idle(settings)
        self.parts["partition"].max = find_range("partition", settings)[1]
        for name, choose in CHOICES.items():
            if self.parts[name].options != (choices := choose(settings, self._lang)):
                self.parts[name].options = choices
                self.parts[name].value = getattr(settings, name)
        for name, part in self.parts.items():
            there = name not in GROUPS["workload"] or name in settings.active_fields
            _box_of(part).layout.display = None if there else "none"
            part.disabled = name in idle
            # Out of the way of the Tab key, but its place is kept: nothing jumps.
            _box_of(part).layout.visibility = "hidden" if name in idle else None
        for group, title in self._titles.items():
            kind = type(settings.base).__name__
            words = kind if group == "workload" else say(group, lang=self._lang)
            title.value = f"<b>{words}</b>"

    def read(self) -> Settings:
        """Return the settings that the controls show, valid or not."""
        return replace(self._base, **{name: part.value for name, part in self.parts.items()})

    def write(self, settings: Settings) -> None:
        """Let the controls show other settings; nobody is told."""
        self._base = settings
        with self._quietly():
            self._fit(settings)
            for name, part in self.parts.items():
                value = getattr(settings, name)
                if name in RANGES:
                    low, high, _ = find_range(name, settings)
                    with part.hold_sync():
                        part.max = max(part.max, high)
                        part.min, part.value = low, value
                        part.max = high
                else:
                    part.value = value

    @contextmanager
    def _quietly(self):
        """Change several widgets as one."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    @in_turn
    def _tell(self, _: Any = None) -> None:
        if not self._quiet:
            settings = self.read()
            with self._quietly():
                self._fit(settings)
            self._on_change(settings)

    @in_turn
    def _switch(self, name: str) -> None:
        """Say a number in the other unit; what it means stays, as the kind rounds it."""
        if not self._quiet:
            with self._quietly():
                daemons = isinstance(self._base.base, DaemonSet)
                self.parts[name].convert(
                    self.parts["nodes" if daemons else "replicas"].value,
                    round_up=daemons or name == "max_surge",
                )
            self._tell()


def _box_of(part: Any) -> widgets.Widget:
    """Return what is shown of a control."""
    return getattr(part, "box", part)


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
        return Amount(value, say("pods", lang=lang), look)
    if name in CHOICES:
        return widgets.Dropdown(options=CHOICES[name](settings, lang), value=value, **look)
    low, high, step = find_range(name, settings)
    bounds = {"min": low, "max": high, "step": step}
    if isinstance(step, float):
        look |= {"readout_format": ".1f"}
        return widgets.FloatSlider(value, continuous_update=False, **bounds, **look)
    return widgets.IntSlider(value, continuous_update=False, **bounds, **look)
