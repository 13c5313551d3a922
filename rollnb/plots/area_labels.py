"""The names of areas: written into them or, where they do not fit, above with an arrow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from rollnb.plots.areas import Layer
from rollnb.plots.colours import Theme
from rollnb.plots.figures import SMALL
from rollnb.plots.labels import axes_size, fit_inside, measure, spread

#: Places along the axes at which the room for a label is looked at.
SAMPLES = 240

#: Room around a label, and how far an arrow reaches into its area, in points.
PADDING, DEPTH = 3.0, 14.0

#: An area that exists for a smaller part of the time axis is hardly seen, and gets no label.
LEAST_SEEN = 0.01

#: Labels of a row, and between which places in points they have to be.
Part = tuple[list[int], float, float]

#: Height of a row of labels above the areas, in font sizes.
ROW = 1.6


def label_layers(
    ax: Axes,
    times: np.ndarray,
    edges: np.ndarray,
    layers: list[Layer],
    texts: list[str],
    lines: Sequence[float],
    look: Theme,
) -> None:
    """Write each area's name into it, or above with an arrow to it, and make room for that.

    The limits of the axes must stand, but for the upper end of the y axis, which may grow. Names
    do not lie on horizontal `lines` if it can be helped. An area that is hardly seen has none.
    """
    width, height = axes_size(ax)
    start, end = ax.get_xlim()
    spans = np.diff(np.clip(np.append(times, end), start, end))
    seen = [spans[layer.counts > 0].sum() >= LEAST_SEEN * (end - start) for layer in layers]
    sample = np.linspace(start, end, SAMPLES)
    row = np.searchsorted(times, sample, side="right") - 1
    steps = np.where(row >= 0, edges[:, np.maximum(row, 0)], 0.0)
    boxes = [_padded(text) for text in texts]

    # Labels above need rows of their own: the scale shrinks, and then fewer labels fit inside.
    rows = 0
    top = ax.get_ylim()[1]
    for _ in range(len(layers) + 1):
        scale = (height - rows * SMALL * ROW) / top
        avoid = [line * scale for line in lines]
        places = [
            fit_inside(low * scale, high * scale, width / (SAMPLES - 1), box, avoid)
            for low, high, box in zip(steps, steps[1:], boxes, strict=False)
        ]
        targets = {
            i: _target(steps[i] * scale, steps[i + 1] * scale, width)
            for i, place in enumerate(places)
            if place is None and seen[i]
        }
        above = _stack_rows(targets, boxes, width)
        needed = max((row for row, _ in above.values()), default=-1) + 1
        if needed <= rows:
            break
        rows = needed
    ax.set_ylim(0, height / scale)

    for i, place in enumerate(places):
        if not seen[i]:
            continue
        label = f"{layers[i].revision} {layers[i].state}"
        if place is not None:
            face = look.fill(look.revision(layers[i].order), layers[i].state)["facecolor"]
            at = (place[0] / width, place[1] / height)
            _write_inside(ax, texts[i], at, face, look, label)
        else:
            x, y = targets[i]
            number, middle = above[i]
            base = height - (rows - number - 0.5) * SMALL * ROW
            left = middle - boxes[i][0] / 2 + PADDING
            foot = min(max((x - left) / (boxes[i][0] - 2 * PADDING), 0.06), 0.94)
            ends = (x / width, y / height), (left / width, base / height)
            _write_above(ax, texts[i], ends, foot, look, label)


def _write_inside(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    face: object,
    look: Theme,
    label: str,
) -> None:
    ax.annotate(
        text,
        at,
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=SMALL,
        color=look.on(face),
        zorder=5,
        label=label,
        # Behind the letters the hatching would make them hard to read.
        bbox={"boxstyle": "square,pad=0.15", "facecolor": face, "edgecolor": "none"},
    )


def _write_above(
    ax: Axes,
    text: str,
    ends: tuple[tuple[float, float], tuple[float, float]],
    foot: float,
    look: Theme,
    label: str,
) -> None:
    """Write a label at the second of the `ends`, with an arrow from its `foot` to the first."""
    ax.annotate(
        text,
        *ends,
        xycoords="axes fraction",
        textcoords="axes fraction",
        ha="left",
        va="center",
        fontsize=SMALL,
        color=look.ink,
        zorder=5,
        label=label,
        bbox={"boxstyle": "square,pad=0.1", "facecolor": look.paper, "edgecolor": "none"},
        arrowprops={
            "arrowstyle": "-|>,head_length=0.4,head_width=0.2",
            "color": look.ink,
            "linewidth": 1.2,
            "path_effects": look.casing(1.2),
            "shrinkA": 0,
            "shrinkB": 0,
            "relpos": (foot, 0.0),
        },
    )


def _padded(text: str) -> tuple[float, float]:
    """Return the room that a label needs, in points."""
    width, height = measure(text, SMALL)
    return width + 2 * PADDING, height + PADDING


def _target(low: np.ndarray, high: np.ndarray, width: float) -> tuple[float, float]:
    """Return a point in an area where it is thickest, near its upper edge, in points."""
    thick = high - low
    widest = np.flatnonzero(thick >= thick.max() - 1e-9)
    stretch = np.split(widest, np.flatnonzero(np.diff(widest) > 1) + 1)[0]
    at = int(stretch[len(stretch) // 2])
    depth = min(DEPTH, float(thick[at]) / 2)
    return at / (SAMPLES - 1) * width, float(high[at]) - depth


def _stack_rows(
    targets: dict[int, tuple[float, float]], boxes: list[tuple[float, float]], width: float
) -> dict[int, tuple[int, float]]:
    """Give each label above a row and its middle, in the order of what they point at.

    So no arrow crosses another of the same row, and those from rows above pass between labels if
    there is room.
    """
    rows: list[list[int]] = []
    order = sorted(targets, key=targets.__getitem__)
    for i in order:
        if not rows or sum(boxes[j][0] for j in [*rows[-1], i]) > width:
            rows.append([])
        rows[-1].append(i)
    even = [part.tolist() for part in np.array_split(order, max(len(rows), 1))]
    for choice in (even, even[::-1], rows):
        parts = [_part(row, choice[n + 1 :], targets, width) for n, row in enumerate(choice)]
        if all(_fits(part, boxes) for row in parts for part in row):
            break
    else:
        parts = [[(row, 0.0, width)] for row in rows]
    places = {}
    for number, row in enumerate(parts):
        for labels, low, high in row:
            wanted = [targets[i][0] for i in labels]
            middles = spread(wanted, [boxes[i][0] for i in labels], low, high)
            places |= {i: (number, middle) for i, middle in zip(labels, middles, strict=True)}
    return places


def _part(
    row: list[int],
    above: list[list[int]],
    targets: dict[int, tuple[float, float]],
    width: float,
) -> list[Part]:
    """Part a row where arrows from the rows above pass it."""
    passing = sorted(targets[i][0] for labels in above for i in labels)
    edges = [-PADDING, *passing, width + PADDING]
    return [
        ([i for i in row if low <= targets[i][0] < high], low + PADDING, high - PADDING)
        for low, high in pairwise(edges)
    ]


def _fits(part: Part, boxes: list[tuple[float, float]]) -> bool:
    labels, low, high = part
    return not labels or sum(boxes[i][0] for i in labels) <= high - low
