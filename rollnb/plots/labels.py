"""Where a label fits: inside an area, beside a line, or above with a line to its area.

Sizes are in points, so that places do not depend on the resolution. Text is measured by its
outline (`matplotlib.textpath`), without drawing anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

#: Height of a line of text, in font sizes.
LINE = 1.3


@lru_cache(maxsize=512)
def measure(text: str, size: float, weight: str = "normal") -> tuple[float, float]:
    """Return width and height of a text, in points."""
    font = FontProperties(size=size, weight=weight)
    lines = text.split("\n")
    widths = [
        TextPath((0, 0), line, prop=font).get_extents().width if line else 0 for line in lines
    ]
    return float(max(widths)) * 1.04, size * LINE * len(lines)


def wrap(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Break a text at blanks into lines of at most `width` points, as even as can be."""
    lines = _fill(text, width, size, weight)
    for part in (0.55, 0.65, 0.75, 0.85, 0.95):
        narrower = _fill(text, part * width, size, weight)
        if len(narrower) == len(lines) > 1:
            return "\n".join(narrower)
    return "\n".join(lines)


def _fill(text: str, width: float, size: float, weight: str) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, size, weight)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def count_columns(texts: Sequence[str], width: float, size: float, most: int = 12) -> int:
    """Return in how many columns, at most, the words of a key fit into a width in points.

    With its patch and the blanks around it, a column is four letters wider than its words. Rows
    are as full as can be, all of them alike.
    """
    widths = [measure(text, size)[0] for text in texts]
    for columns in range(min(len(texts), most), 1, -1):
        parts = np.array_split(widths, columns)
        if sum(part.max() + 4 * size for part in parts) <= width:
            lines = -(-len(texts) // columns)
            return -(-len(texts) // lines)
    return 1


def axes_size(ax: Axes) -> tuple[float, float]:
    """Return width and height of the axes, in points."""
    width, height = ax.figure.get_size_inches()
    box = ax.get_position()
    return float(box.width * width * 72), float(box.height * height * 72)


def fit_inside(
    lower: np.ndarray,
    upper: np.ndarray,
    step: float,
    size: tuple[float, float],
    avoid: Sequence[float] = (),
) -> tuple[float, float] | None:
    """Find the roomiest place for a box in an area.

    Parameters
    ----------
    lower, upper : arrays of n heights
        The edges of the area at places `step` apart, in points.
    step : float
        In points.
    size : (width, height) of the box, in points
    avoid : sequence of heights
        Lines that the box does not cross if it fits between them, in points.

    Returns
    -------
    (x, y) of the middle of the box, in points, or None if it fits nowhere
    """
    width = int(np.ceil(size[0] / step)) + 1
    if width > len(lower):
        return None
    low = np.lib.stride_tricks.sliding_window_view(lower, width).max(axis=1)
    high = np.lib.stride_tricks.sliding_window_view(upper, width).min(axis=1)
    room = high - low
    if room.max() < size[1]:
        return None
    roomy = np.flatnonzero(room >= max(0.95 * room.max(), size[1]))
    # The middle of the longest stretch with about the same room.
    stretches = np.split(roomy, np.flatnonzero(np.diff(roomy) > 1) + 1)
    stretch = max(stretches, key=len)
    at = stretch[len(stretch) // 2]
    bottom, top = float(low[at]), float(high[at])
    lines = [bottom, *sorted(line for line in avoid if bottom < line < top), top]
    gap = max(pairwise(lines), key=lambda gap: gap[1] - gap[0])
    if gap[1] - gap[0] >= size[1]:
        bottom, top = gap
    return (at + (width - 1) / 2) * step, (bottom + top) / 2


def spread(wanted: list[float], sizes: list[float], low: float, high: float) -> list[float]:
    """Move middles apart until boxes of these sizes do not overlap, and stay within low and high.

    Examples
    --------
    >>> spread([5.0, 6.0], [4.0, 4.0], 0.0, 20.0)
    [3.5, 7.5]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    # Boxes that touch form a block, which sits at the mean of what its boxes want.
    blocks: list[list[int]] = []
    for i in order:
        blocks.append([i])
        while len(blocks) > 1:
            (start, end), (next_start, _) = (
                _extent(block, wanted, sizes, low, high) for block in blocks[-2:]
            )
            if start <= next_start and end <= next_start + 1e-9:
                break
            last = blocks.pop()
            blocks[-1] += last
    places = [0.0] * len(wanted)
    for block in blocks:
        edge, _ = _extent(block, wanted, sizes, low, high)
        for i in block:
            places[i] = edge + sizes[i] / 2
            edge += sizes[i]
    return places


def _extent(
    block: list[int], wanted: list[float], sizes: list[float], low: float, high: float
) -> tuple[float, float]:
    """Return where a block of boxes begins and ends."""
    total, offset, starts = 0.0, 0.0, []
    for i in block:
        starts.append(wanted[i] - sizes[i] / 2 - offset)
        offset += sizes[i]
        total += sizes[i]
    start = sum(starts) / len(starts)
    start = max(min(start, high - total), low)
    return start, start + total
