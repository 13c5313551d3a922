"""The colours of figures, and how an area is filled.

One meaning has one look throughout: a revision has its colour; available is solid, not yet
available is pale with dots, terminating is hatched. Colours are Okabe and Ito's, told apart with
any kind of colour vision and, by their lightness and hatching, in black and white. Neighbouring
areas are parted by an edge that has contrast enough with both of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matplotlib.colors import to_rgb
from matplotlib.patheffects import AbstractPathEffect, Normal, Stroke

DOTS, STRIPES = "..", "////"

#: What WCAG 2.2 asks of text (1.4.3) and of graphics (1.4.11).
TEXT_CONTRAST, AREA_CONTRAST = 4.5, 3.0

Colour = Any


def luminance(colour: Colour) -> float:
    """Return the relative luminance of a colour (WCAG 2), 0 to 1."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours (WCAG 2), 1 to 21."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def mix(one: Colour, other: Colour, amount: float) -> tuple[float, ...]:
    """Return a colour with so much of another one in it."""
    pairs = zip(to_rgb(one), to_rgb(other), strict=True)
    return tuple((1 - amount) * a + amount * b for a, b in pairs)


@dataclass(frozen=True)
class Theme:
    """The colours of a figure.

    Parameters
    ----------
    paper, ink, faint : str
        Background, text and lines, and what should stay in the background.
    revisions : tuple of str
        Old, new, and further revisions in the order in which they appear.
    """

    paper: str
    ink: str
    faint: str
    revisions: tuple[str, ...]

    def revision(self, number: int) -> str:
        """Return the colour of the so many-th revision, from 0."""
        return self.revisions[number % len(self.revisions)]

    def pale(self, colour: Colour, amount: float = 0.72) -> tuple[float, ...]:
        """Return a colour mixed with so much paper."""
        return mix(colour, self.paper, amount)

    def on(self, colour: Colour) -> str:
        """Return black or white, whichever reads better on a colour."""
        return "black" if luminance(colour) > 0.18 else "white"

    @property
    def edge(self) -> str:
        """The edge of a solid area: dark on any paper."""
        return min(self.ink, self.paper, key=luminance)

    def deep(self, colour: Colour, face: Colour) -> tuple[float, ...]:
        """Return a colour with as little ink as lets lines of it be seen on a face."""
        return _deepen(to_rgb(colour), to_rgb(face), self.ink)

    def casing(self, width: float) -> list[AbstractPathEffect]:
        """Return what keeps a line of ink visible on areas: dark paper around light ink."""
        if self.edge == self.ink:
            return []
        solid = {"dash_offset": 0, "dash_list": None}
        return [Stroke(linewidth=width + 1.6, foreground=self.paper, dashes=solid), Normal()]

    def fill(self, colour: Colour, state: str) -> dict[str, Any]:
        """Return how an area of a revision in a state is filled."""
        if state == "available":
            return {"facecolor": colour, "edgecolor": self.edge, "linewidth": 1.0, "zorder": 1.2}
        face = self.pale(colour) if state == "unavailable" else self.pale(colour, 0.9)
        hatch = DOTS if state == "unavailable" else STRIPES
        edge = self.deep(colour, face)
        return {"facecolor": face, "edgecolor": edge, "linewidth": 0.8, "hatch": hatch}


@lru_cache(maxsize=256)
def _deepen(colour: tuple[float, ...], face: tuple[float, ...], ink: str) -> tuple[float, ...]:
    for percent in range(0, 100, 5):
        mixed = mix(colour, ink, percent / 100)
        if contrast(mixed, face) >= AREA_CONTRAST:
            return mixed
    return to_rgb(ink)


THEMES = {
    "light": Theme(
        "#ffffff",
        "#1a1a1a",
        "#767676",
        ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#666666"),
    ),
    "dark": Theme(
        "#16181d",
        "#f2f2f2",
        "#8d929c",
        ("#3d98d8", "#e69f00", "#1cc08f", "#cc79a7", "#b2b24d", "#b8b8e0"),
    ),
}
