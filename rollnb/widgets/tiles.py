"""The pods as tiles at a second: a row for each revision, and each pod in a place of its own.

Pods keep their places while time passes, so that nothing jumps. In a StatefulSet a place is an
ordinal, in a DaemonSet a node; the rows of the revisions then stand below each other.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from rollnb import timeline
from rollnb.plots import areas, rows
from rollnb.plots.bars import PARTS, fill
from rollnb.plots.colours import Theme
from rollnb.plots.figures import style
from rollnb.plots.words import say
from rollnb.run import Run

#: A row of more tiles has no room for the names on them.
NAMED = 40

#: So many characters have room on a tile.
LONG = 8

#: The width of a tile without a name, in pixels.
SMALL = 12

#: How the patterns of a figure are drawn in a page: {0} is the face, {1} the line.
PATTERNS = {
    "": "{0}",
    "..": "radial-gradient({1} 1px,transparent 1.6px) 0 0/6px 6px {0}",
    "////": "repeating-linear-gradient(135deg,{1} 0 1px,{0} 1px 5px)",
    "xxx": "repeating-linear-gradient(45deg,{1} 0 1px,transparent 1px 5px),"
    "repeating-linear-gradient(135deg,{1} 0 1px,{0} 1px 5px)",
}

_ROW = "display:flex;align-items:flex-start;margin:0 0 4px"
_NAME = "flex:0 0 74px;text-align:right;padding:2px 8px 0 0;font-size:12px;line-height:18px"
_GROUND = "display:flex;flex-wrap:wrap;gap:3px"
_TILE = (
    "box-sizing:border-box;display:inline-block;overflow:hidden;height:20px;border:1px solid;"
    "border-radius:3px;text-align:center;font:10px/18px var(--jp-code-font-family,monospace);"
)
_WORD = "background:{};color:{};padding:0 2px;border-radius:2px"


class Tiles:
    """The places of the pods of a run, and the page that shows them at a second."""

    def __init__(self, run: Run, lang: str = "en", theme: str = "light") -> None:
        self._lang = lang
        pods, names = run.pods, areas.read_names(run, lang)
        orders = areas.find_orders(areas.read_counts(run))
        self._names = {one: names[one] for one in sorted(orders, key=orders.__getitem__)}
        arranged = rows.arrange(run, pods)
        # Of its revision: all in one row for a Deployment, a row for each ordinal or node else.
        row = arranged.of_pod if arranged.is_shared else np.zeros(len(pods), dtype=int)
        revision = pods["revision"].to_numpy(dtype=int)
        lane = rows.find_lanes(revision * len(arranged.names) + row, pods)
        lanes = int(lane.max(initial=0)) + 1
        places = pd.Series(row * lanes + lane, pods.index)
        words = [shorten(arranged.names[row]) for row in arranged.of_pod]
        self._places = places.to_dict()
        self._words = dict(zip(pods.index, words, strict=True))
        self._counts = (places.groupby(pods["revision"]).max() + 1).to_dict()
        self._width = find_width(max(self._counts.values(), default=0), words)
        with style(theme) as look:
            self._styles = {
                (revision, part): _paint(fill(part, look.revision(order), look), look)
                for revision, order in orders.items()
                for part in PARTS
            }
        spells = timeline.spells(run)
        self._spells = spells[spells.index.isin(pods.index)]

    def html(self, time: float, cluster: Any = None) -> str:
        """Return the tiles at `time` seconds; the cluster of then says what keeps pods waiting."""
        spells = self._spells
        now = spells[(spells["start"] <= time) & ~(spells["stop"] <= time)]
        parts = []
        for revision, title in self._names.items():
            mine = now[now["revision"] == revision]
            tiles: list[str] = [self._tile()] * self._counts[revision]
            told: Counter[tuple[int, str]] = Counter()
            for pod, name, state in zip(mine.index, mine["name"], mine["state"], strict=True):
                word = say(f"{state}_state", lang=self._lang)
                reason = timeline.find_reason(cluster.pods[pod]) if cluster else ""
                if reason and state != "ready":
                    word = f"{word} ({reason})"
                told[PARTS.index(state), word] += 1
                paint = self._styles[revision, state]
                tiles[self._places[pod]] = self._tile(self._words[pod], f"{name}: {word}", *paint)
            summary = "; ".join(f"{count} {word}" for (_, word), count in sorted(told.items()))
            parts.append(
                f'<div role="img" aria-label="{html.escape(f"{title}: {summary or 0}")}" '
                f'style="{_ROW}"><span style="{_NAME}">{html.escape(title)}</span>'
                f'<span style="{_GROUND}">{"".join(tiles)}</span></div>'
            )
        return "".join(parts)

    def _tile(self, word: str = "", title: str = "", paint: str = "", ink: str = "") -> str:
        """Return a tile, or the place of one."""
        look = f"{_TILE}width:{self._width}px;"
        if not title:
            return f'<span style="{look}visibility:hidden"></span>'
        inside = f'<span style="{ink}">{html.escape(word)}</span>' if self._width > SMALL else ""
        return f'<span style="{look}{paint}" title="{html.escape(title)}">{inside}</span>'


def shorten(name: str) -> str:
    """Return what tells a pod, an ordinal or a node from the others, if the name is long."""
    return name if len(name) <= LONG else name.rpartition("-")[2][-LONG:]


def find_width(count: int, words: Iterable[str]) -> int:
    """Return how wide tiles are, in pixels: with room for words, if there are not too many."""
    if count > NAMED:
        return SMALL
    return 10 + 6 * max(map(len, words), default=0)


def _paint(filling: dict[str, Any], look: Theme) -> tuple[str, str]:
    """Return the style of a tile that is filled so, and that of the word on it."""
    face, line = to_hex(filling["facecolor"]), to_hex(filling["edgecolor"])
    ground = PATTERNS[filling["hatch"]].format(face, line)
    return f"background:{ground};border-color:{line}", _WORD.format(face, look.on(face))
