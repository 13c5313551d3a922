"""The explorer's controls in a page, and what each of them should change: for any front end."""

import html
import re
from dataclasses import dataclass, replace

from rollnb.scenarios import SCENARIOS
from rollnb.widgets import Settings, terminal
from rollnb.widgets.origin import read_settings

MEASURES = "[role=status], [role=alert]"


@dataclass(frozen=True)
class Move:
    """A control of the page, how it is moved, and the settings that this makes.

    ``how`` is a key for the slider of that name, or the choice in the list of that name.
    """

    label: str
    how: str
    field: str
    value: object
    begin: Settings = Settings()  # noqa: RUF009 - frozen

    def name(self):
        """Return what the move is, for the name of a test."""
        return f"{type(self.begin.base).__name__}, {self.label}: {self.how}"

    @property
    def settings(self):
        """The settings after the move."""
        return replace(self.begin, **{self.field: self.value})


SIGTERM = Settings(handles_sigterm=True)
STUCK = Settings(image_exists=False, then="undo")
STATEFUL, DAEMON = (read_settings(SCENARIOS[name]) for name in ("statefulset", "daemonset"))

MOVES = (
    Move("replicas", "ArrowRight", "replicas", 11),
    Move("strategy", "Recreate", "strategy", "Recreate"),
    Move("maxSurge", "ArrowRight", "max_surge", 2),
    Move("maxSurge: pods, %", "%", "max_surge", "10%"),
    Move("maxUnavailable", "ArrowRight", "max_unavailable", 2),
    Move("maxUnavailable: pods, %", "%", "max_unavailable", "10%"),
    Move("minReadySeconds", "ArrowRight", "min_ready_seconds", 1),
    Move("grace period (s)", "ArrowLeft", "termination_grace_period_seconds", 29),
    Move("process ends", "at SIGTERM", "handles_sigterm", True),
    Move("stops after (s)", "ArrowRight", "stop_seconds", 0.5, SIGTERM),
    Move("then", "rollout undo", "then", "undo", Settings(then_seconds=5)),
    Move("at (s)", "ArrowRight", "then_seconds", 21, STUCK),
    Move("new image", "v0.3, missing", "image_exists", False),
    Move("pull (s)", "ArrowRight", "pull_seconds", 1.5),
    Move("start (s)", "ArrowRight", "start_seconds", 1.5),
    Move("until ready (s)", "ArrowRight", "ready_seconds", 0.5),
    Move("spread (± %)", "ArrowRight", "spread_percent", 5),
    Move("partition", "ArrowRight", "partition", 1, STATEFUL),
    Move("replicas", "ArrowLeft", "replicas", 4, STATEFUL),
    Move("strategy", "OnDelete", "strategy", "OnDelete", STATEFUL),
    Move("nodes", "ArrowRight", "nodes", 6, DAEMON),
    Move("maxUnavailable", "ArrowRight", "max_unavailable", 2, DAEMON),
    Move("maxUnavailable: pods, %", "%", "max_unavailable", "20%", DAEMON),
)


def texts(widget):
    """Return the paragraphs and terminal texts of an HTML widget, without marks."""
    found = re.findall(r"<(?:p|pre)[^>]*>(.*?)</(?:p|pre)>", widget.value, re.DOTALL)
    return [html.unescape(text) for text in found if text]


def measures(settings, lang="en"):
    """Return the line of measures that the page shows for settings."""
    return terminal.measures(settings.simulate(), lang)


def expect(page, selector, text):
    """Wait until the page says a text at a place."""
    page.locator(selector).filter(has_text=text).wait_for()


def find_slider(page, label):
    """Return the handle of the slider of that name."""
    return page.locator(f".noUi-handle[aria-label='{label}']:visible")


def make(page, move):
    """Move a control: a slider by a key, a list by its choice."""
    if move.how.startswith("Arrow"):
        find_slider(page, move.label).focus()
        page.keyboard.press(move.how)
    else:
        page.get_by_label(move.label, exact=True).select_option(move.how)
