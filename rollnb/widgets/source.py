"""Where readers give the explorer their own manifest: pasted, or from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from rollnb.widgets.words import say


class ManifestBox:
    """A text, a file and a button, folded until they are wanted.

    Parameters
    ----------
    on_apply : function
        Called with the manifest, as text or, from a file, as bytes.
    lang : str

    Attributes
    ----------
    box : Widget
        What is shown.
    open : ToggleButton
        Shows the rest.
    text : Textarea
    upload : FileUpload
    apply : Button
    """

    def __init__(self, on_apply: Callable[[str | bytes], Any], lang: str) -> None:
        self._on_apply = on_apply
        self.text = widgets.Textarea(
            placeholder=say("paste", lang=lang),
            tooltip=say("paste", lang=lang),
            layout={"width": "auto", "height": "220px"},
        )
        self.apply = widgets.Button(description=say("apply", lang=lang))
        self.upload = widgets.FileUpload(
            accept=".yaml,.yml,.json", description=say("upload", lang=lang)
        )
        self.apply.on_click(lambda _: self._on_apply(self.text.value))
        self.upload.observe(self._take, "value")
        parts = [self.text, widgets.HBox([self.apply, self.upload])]
        self._inside = widgets.VBox(parts, layout={"display": "none"})
        # Not an Accordion: its title takes no key.
        self.open = widgets.ToggleButton(
            description=say("manifest", lang=lang), layout={"width": "auto", "margin": "4px 0 0"}
        )
        self.open.observe(self._fold, "value")
        self.box = widgets.VBox([self.open, self._inside], layout={"align_items": "stretch"})
        self.open.layout.align_self = "flex-start"

    def _fold(self, change: Any) -> None:
        self._inside.layout.display = None if change["new"] else "none"

    def _take(self, change: Any) -> None:
        """Show the file that was given, and apply it."""
        if change["new"]:
            content = bytes(change["new"][-1]["content"])
            self.text.value = content.decode(errors="replace")
            self._on_apply(content)
            self.upload.value = ()  # so that the same file can be given again
