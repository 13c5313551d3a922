"""The explorer's controls in a page, and what each of them should change: for any front end."""

import html
import re
import struct
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from rollnb.scenarios import SCENARIOS
from rollnb.widgets import Settings, terminal
from rollnb.widgets.origin import read_settings

MEASURES = "[role=status], [role=alert]"

#: A manifest of one's own.
OWN = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: 'nginx:1.27'}
"""


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
STATEFUL, TRAP, DAEMON = (
    read_settings(SCENARIOS[name]) for name in ("statefulset", "statefulset-trap", "daemonset")
)

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
    Move("then", "rollout undo", "then", "undo"),
    Move("at (s)", "ArrowRight", "then_seconds", 21, STUCK),
    Move("new image", "v0.3, missing", "image_exists", False),
    Move("pull (s)", "ArrowRight", "pull_seconds", 1.5),
    Move("start (s)", "ArrowRight", "start_seconds", 1.5),
    Move("until ready (s)", "ArrowRight", "ready_seconds", 0.5),
    Move("spread (± %)", "ArrowRight", "spread_percent", 5),
    Move("partition", "ArrowRight", "partition", 1, STATEFUL),
    Move("replicas", "ArrowLeft", "replicas", 4, STATEFUL),
    Move("strategy", "OnDelete", "strategy", "OnDelete", STATEFUL),
    Move("maxUnavailable", "ArrowRight", "max_unavailable", 2, STATEFUL),
    Move("maxUnavailable: pods, %", "%", "max_unavailable", "20%", STATEFUL),
    Move("podManagementPolicy", "Parallel", "pod_management_policy", "Parallel", TRAP),
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


def upload(page, path):
    """Give the page a file with a manifest."""
    button = page.locator(".rollnb-explorer button.widget-upload")
    if not button.is_visible():
        page.get_by_role("button", name="Your own manifest").click()
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files(path)


def take_slide(page, name):
    """Make a slide and save it by keyboard, and check what the browser has downloaded."""
    page.get_by_role("button", name="Make a slide").focus()
    page.keyboard.press("Enter")
    found = {}
    for ending in ("png", "svg"):
        file = f"{name}-slide.{ending}"
        link = page.get_by_role("link", name=f"Save {file}", exact=True)
        link.wait_for()
        page.keyboard.press("Tab")
        assert link.evaluate("link => link === document.activeElement")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename == file
        found[ending] = download.value.path().read_bytes()
    assert found["png"].startswith(b"\x89PNG\r\n")
    assert struct.unpack(">II", found["png"][16:24]) == (1920, 1080)
    assert ElementTree.fromstring(found["svg"]).tag == "{http://www.w3.org/2000/svg}svg"
