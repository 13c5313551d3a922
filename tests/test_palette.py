"""The colours of figures, by computation: contrast, and distance for any kind of colour vision."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from rollnb.plots import requests
from rollnb.plots.bars import PARTS, fill
from rollnb.plots.colours import AREA_CONTRAST, TEXT_CONTRAST, THEMES, contrast, luminance

STATES = ("available", "unavailable", "terminating")

#: How linear RGB is seen without one kind of cones: Machado, Oliveira and Fernandes, "A
#: Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}

#: CIELAB distance: 2.3 is just noticeable; colours of areas are to differ by many times that.
DISTANCE = 15.0

#: From linear sRGB to XYZ, whose white is D65.
XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def lab(colour, vision):
    """Return a colour, as someone sees it, in CIELAB."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    x, y, z = np.cbrt(np.array(XYZ) @ seen / np.array(XYZ).sum(axis=1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def parted(one, other):
    """Return the contrast at the border of two areas: of their faces, or of both with the edge."""
    faces = [area["facecolor"] for area in (one, other)]
    edges = [area["edgecolor"] for area in (one, other)]
    by_edge = [min(contrast(edge, face) for face in faces) for edge in edges]
    return max(contrast(*faces), *by_edge)


def test_luminance():
    """Contrast is that of WCAG: black on white is 21, and #767676 just enough for text."""
    assert contrast("black", "white") == pytest.approx(21)
    assert contrast("#767676", "white") == pytest.approx(4.54, abs=0.01)


def test_lab():
    """White and a red have the coordinates that they are known to have."""
    assert lab("white", "normal") == pytest.approx([100, 0, 0], abs=0.05)
    assert lab("#ff0000", "normal") == pytest.approx([53.24, 80.09, 67.20], abs=0.05)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", THEMES)
def test_revisions_differ(theme, vision):
    """Any two revisions are told apart, whatever cones an eye lacks, and from the paper."""
    look = THEMES[theme]
    colours = [*look.revisions, look.paper]
    for one, other in itertools.combinations(colours, 2):
        assert np.linalg.norm(lab(one, vision) - lab(other, vision)) > DISTANCE, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_old_and_new_in_black_and_white(theme):
    """Old and new, the two revisions of most figures, differ in lightness as well."""
    old, new = THEMES[theme].revisions[:2]
    assert abs(luminance(old) - luminance(new)) > 0.1


@pytest.mark.parametrize("theme", THEMES)
def test_words_can_be_read(theme):
    """Text has contrast enough on paper and on every area."""
    look = THEMES[theme]
    assert contrast(look.ink, look.paper) > 10
    for colour, state in itertools.product(look.revisions, STATES):
        face = look.fill(colour, state)["facecolor"]
        assert contrast(look.on(face), face) >= TEXT_CONTRAST, (colour, state)


@pytest.mark.parametrize("theme", THEMES)
def test_areas_are_parted(theme):
    """Each area is parted from the paper and from every other: by its face or by its edge."""
    look = THEMES[theme]
    paper = {"facecolor": look.paper, "edgecolor": look.paper}
    areas = [look.fill(colour, s) for colour, s in itertools.product(look.revisions, STATES)]
    for one, other in itertools.combinations([paper, *areas], 2):
        assert parted(one, other) >= AREA_CONTRAST, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_bars_are_parted(theme):
    """So are the parts of a bar, from the paper and from each other."""
    look = THEMES[theme]
    paper = {"facecolor": look.paper, "edgecolor": look.paper}
    for colour in look.revisions:
        parts = [fill(part, colour, look) for part in PARTS]
        for one, other in itertools.combinations([paper, *parts], 2):
            if {look.paper} != {one["facecolor"], other["facecolor"]}:
                assert parted(one, other) >= AREA_CONTRAST, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_requests_are_parted(theme):
    """Answered and lost requests are told apart, and their colours are no revision's."""
    look = THEMES[theme]
    answered, lost = (requests.fill(kind, look) for kind in ("answered", "lost"))
    paper = {"facecolor": look.paper, "edgecolor": look.paper}
    for one, other in itertools.combinations([paper, answered, lost], 2):
        assert parted(one, other) >= AREA_CONTRAST
    assert {requests.ANSWERED, requests.LOST} & set(look.revisions) == set()


@pytest.mark.parametrize("theme", THEMES)
def test_lines_are_seen(theme):
    """Lines of ink are seen on every solid area: by themselves, or by the paper around them."""
    look = THEMES[theme]
    for colour in look.revisions:
        around = look.paper if look.casing(1.0) else colour
        assert contrast(look.ink, around) >= AREA_CONTRAST, colour
