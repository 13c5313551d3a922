"""What readers begin with: a scenario, or their own manifest, pasted or from a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from rollnb.scenarios import SCENARIOS
from rollnb.widgets.turns import in_turn
from rollnb.widgets.words import say, title

#: The choice that stands for settings that are no scenario's.
OWN = ""


class Source:
    """A list of scenarios, and a text, a file and a button, folded until they are wanted.

    Parameters
    ----------
    on_load : function
        Called with a scenario, or with a manifest, as text or, from a file, as bytes.
    on_turn : function
        Called with the workload to roll out, of those that are there: ``daemonset/rng``.
    on_restart : function
        Called to begin anew with what was loaded last.
    lang : str

    Attributes
    ----------
    box : Widget
        What is shown.
    begin, which : Dropdown
        The scenarios, and the workloads if there are several.
    again : Button
    open : ToggleButton
        Shows the rest.
    text : Textarea
    upload : FileUpload
    apply : Button
    """

    def __init__(
        self,
        on_load: Callable[[Any], Any],
        on_turn: Callable[[str], Any],
        on_restart: Callable[[], Any],
        lang: str,
    ) -> None:
        self._on_load, self._on_turn = on_load, on_turn
        self._quiet = False
        self._scenarios = [(title(name, lang), name) for name in SCENARIOS]
        self._own = [(say("begin_own", lang=lang), OWN)]
        self.begin = widgets.Dropdown(
            options=self._own,
            description=say("begin", lang=lang),
            style={"description_width": "initial"},
            layout={"flex": "1 1 280px", "min_width": "0", "max_width": "640px"},
        )
        self.which = widgets.Dropdown(
            description=say("which", lang=lang),
            style={"description_width": "initial"},
            layout={"width": "auto", "display": "none"},
        )
        self.again = widgets.Button(
            description=say("again", lang=lang), layout={"width": "auto", "flex": "0 0 auto"}
        )
        self.text = widgets.Textarea(
            placeholder=say("paste", lang=lang),
            tooltip=say("paste", lang=lang),
            layout={"width": "auto", "height": "220px"},
        )
        self.apply = widgets.Button(description=say("apply", lang=lang))
        self.upload = widgets.FileUpload(
            accept=".yaml,.yml,.json",
            description=say("upload", lang=lang),
            tooltip=say("upload_what", lang=lang),
        )
        # Not an Accordion: its title takes no key.
        self.open = widgets.ToggleButton(
            description=say("manifest", lang=lang), layout={"width": "auto", "flex": "0 0 auto"}
        )
        self.begin.observe(self._begin, "value")
        self.which.observe(self._turn, "value")
        self.again.on_click(lambda _: on_restart())
        self.apply.on_click(lambda _: on_load(self.text.value))
        self.upload.observe(self._take, "value")
        self.open.observe(self._fold, "value")
        parts = [self.text, widgets.HBox([self.apply, self.upload])]
        self._inside = widgets.VBox(parts, layout={"display": "none"})
        row = widgets.HBox(
            [self.begin, self.again, self.open, self.which],
            layout={"flex_flow": "row wrap", "margin": "0 0 4px"},
        )
        self.box = widgets.VBox([row, self._inside], layout={"align_items": "stretch"})

    def show(self, scenario: str, names: Sequence[str], name: str) -> None:
        """Say what was begun with, which workloads are there, and which is rolled out."""
        self._quiet = True
        self.begin.options = self._own * (scenario == OWN) + self._scenarios
        self.begin.value = scenario
        self.which.options = sorted(names)
        self.which.value = name
        self.which.layout.display = None if len(names) > 1 else "none"
        self._quiet = False

    @in_turn
    def _begin(self, change: Any) -> None:
        if not self._quiet:
            self._on_load(SCENARIOS[change["new"]])

    @in_turn
    def _turn(self, change: Any) -> None:
        if not self._quiet:
            self._on_turn(change["new"])

    def _fold(self, change: Any) -> None:
        self._inside.layout.display = None if change["new"] else "none"

    @in_turn
    def _take(self, change: Any) -> None:
        """Show the file that was given, and apply it."""
        if change["new"]:
            content = bytes(change["new"][-1]["content"])
            self.text.value = content.decode(errors="replace")
            self._on_load(content)
            self.upload.value = ()  # so that the same file can be given again
