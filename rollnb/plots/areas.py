"""The areas of a replicas figure: pods by revision and state, one on top of the other.

From the bottom up: available pods, so that their edge can be held against the lower limit; pods
not yet available, whose edge belongs to the upper limit; and the terminating ones on top, which
no limit counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rollnb import timeline
from rollnb.plots.figures import SMALL, Theme
from rollnb.plots.labels import Row, axes_size, fit_inside, measure
from rollnb.plots.words import say

STATES = ("available", "unavailable", "terminating")

#: Places along the axes at which the room for a label is looked at.
SAMPLES = 240

#: Room around a label, in points.
PADDING = 3.0


@dataclass(frozen=True)
class Layer:
    """One area: the pods of a revision in a state, over time."""

    revision: int
    order: int  # of the revision, by its first pod: 0 is the old one
    state: str
    counts: np.ndarray

    def name(self, names: dict[int, str], lang: str) -> str:
        """Return the words on the label."""
        return say(self.state, names[self.revision], lang=lang)


def read_counts(run: Any) -> pd.DataFrame:
    """Return the counts by revision from the state just before time 0 on."""
    frame = run.by_revision
    cluster = getattr(run, "cluster", None)
    if cluster is None or not len(frame) or frame.index[0] != 0:
        return frame
    full = timeline.by_revision(cluster, since=-np.inf)
    return full[max(int((full.index < 0).sum()) - 1, 0) :]


def read_names(run: Any, lang: str) -> dict[int, str]:
    """Return what to call each revision: by the image's tag, if that tells them apart."""
    revisions = run.by_revision.columns.get_level_values("revision").unique().tolist()
    names = {revision: say("revision", revision, lang=lang) for revision in revisions}
    pods = getattr(run, "pods", None)
    if pods is None or not len(pods):
        return names
    images = pods.groupby("revision")["image"].first()
    tags = images.str.rpartition("/")[2].str.partition(":")[2]
    if tags.is_unique and (tags != "").all():
        names |= {revision: tag for revision, tag in tags.items() if revision in names}
    return names


def find_orders(frame: pd.DataFrame) -> dict[int, int]:
    """Return the place of each revision in the order of first pods: 0 is the old one."""
    pods = frame.xs("pods", axis=1, level="count")
    seen = [revision for revision in pods if pods[revision].any()]
    first = {revision: int((pods[revision] > 0).to_numpy().argmax()) for revision in seen}
    seen.sort(key=lambda revision: (first[revision], revision))
    return {revision: order for order, revision in enumerate(seen)}


def make_layers(frame: pd.DataFrame) -> list[Layer]:
    """Return the areas that ever hold a pod, from the bottom up."""
    layers = []
    orders = find_orders(frame)
    for state in STATES:
        for revision, order in orders.items():
            own = frame[revision]
            terminating = own["terminating_replicas"].to_numpy()
            available = own["available_replicas"].to_numpy()
            counts = {
                "available": available,
                "terminating": terminating,
                "unavailable": own["pods"].to_numpy() - terminating - available,
            }[state]
            if counts.any():
                layers.append(Layer(revision, order, state, counts))
    return layers


def find_end(run: Any, until: float | None) -> float:
    """Return where the time axis ends: a little after the last change, later if not complete."""
    if until is not None:
        return float(until)
    last = max(float(run.by_revision.index[-1]), 0.0)
    summary = getattr(run, "summary", None)
    now = run.cluster.now if hasattr(run, "cluster") else last
    if summary is None or summary.state == "complete":
        return max(last * 1.08, 1.0)
    return max(min(now, last * 1.4 + 5), last * 1.02, 1.0)


def draw_layers(
    ax: Axes, times: np.ndarray, layers: list[Layer], end: float, look: Theme
) -> np.ndarray:
    """Draw the areas as steps, and return the edges between them, of shape (layers + 1, times).

    A count holds until the next instant, the last one to `end`.
    """
    edges = np.vstack([np.zeros(len(times)), *[layer.counts for layer in layers]]).cumsum(axis=0)
    times = np.append(times, max(end, times[-1]))
    for layer, lower, upper in zip(layers, edges, edges[1:], strict=False):
        ax.stairs(
            np.where(layer.counts > 0, upper, np.nan),  # no outline around nothing
            times,
            baseline=lower,
            fill=True,
            label=f"{layer.revision} {layer.state}",
            **look.fill(look.revision(layer.order), layer.state),
        )
    return edges


# ------------------------------------------------------------------------------------------ labels


def label_layers(
    ax: Axes,
    times: np.ndarray,
    edges: np.ndarray,
    layers: list[Layer],
    texts: list[str],
    lines: Sequence[float],
    look: Theme,
    size: float = SMALL,
) -> None:
    """Write each area's name into it, or above with a line to it, and make room for that.

    The limits of the axes must stand, but for the upper end of the y axis, which may grow. Names
    do not lie on horizontal `lines` if it can be helped.
    """
    width, height = axes_size(ax)
    start, end = ax.get_xlim()
    sample = np.linspace(start, end, SAMPLES)
    row = np.searchsorted(times, sample, side="right") - 1
    steps = np.where(row >= 0, edges[:, np.maximum(row, 0)], 0.0)
    boxes = [_padded(text, size) for text in texts]

    # Labels above need rows of their own: the scale shrinks, and then fewer labels fit inside.
    rows = 0
    top = ax.get_ylim()[1]
    for _ in range(len(layers) + 1):
        scale = (height - rows * size * 1.6) / top
        avoid = [line * scale for line in lines]
        places = [
            fit_inside(low * scale, high * scale, width / (SAMPLES - 1), box, avoid)
            for low, high, box in zip(steps, steps[1:], boxes, strict=False)
        ]
        outside = [i for i, place in enumerate(places) if place is None]
        targets = {i: _target(steps[i], steps[i + 1]) for i in outside}
        above = _stack_rows(outside, targets, boxes, width)
        needed = max((row for row, _ in above.values()), default=-1) + 1
        if needed <= rows:
            break
        rows = needed
    ax.set_ylim(0, height / scale)

    for i, place in enumerate(places):
        colour = look.revision(layers[i].order)
        if place is not None:
            face = look.fill(colour, layers[i].state)["facecolor"]
            ax.annotate(
                texts[i],
                (place[0] / width, place[1] / height),
                xycoords="axes fraction",
                ha="center",
                va="center",
                fontsize=size,
                color=look.on(face),
                zorder=5,
                # Behind the letters the hatching would make them hard to read.
                bbox={"boxstyle": "square,pad=0.15", "facecolor": face, "edgecolor": "none"},
            )
        else:
            at, left = above[i]
            sample_at, middle = targets[i]
            y = height - (rows - at - 0.5) * size * 1.6
            ax.annotate(
                texts[i],
                (sample_at / (SAMPLES - 1), middle * scale / height),
                ((left + PADDING) / width, y / height),
                xycoords="axes fraction",
                textcoords="axes fraction",
                ha="left",
                va="center",
                fontsize=size,
                color=look.ink,
                zorder=5,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": look.paper, "edgecolor": "none"},
                arrowprops={
                    "arrowstyle": "-|>,head_length=0.3,head_width=0.15",
                    "color": look.ink,
                    "linewidth": 1.0,
                    "shrinkA": 0,
                    "shrinkB": 0,
                    "relpos": (0.5, 0.0),
                },
            )


def _padded(text: str, size: float) -> tuple[float, float]:
    """Return the room that a label needs, in points."""
    width, height = measure(text, size)
    return width + 2 * PADDING, height + PADDING


def _target(low: np.ndarray, high: np.ndarray) -> tuple[int, float]:
    """Return the sample and the height at which an area is thickest, in the middle of that."""
    thick = high - low
    widest = np.flatnonzero(thick == thick.max())
    stretch = np.split(widest, np.flatnonzero(np.diff(widest) > 1) + 1)[0]
    at = int(stretch[len(stretch) // 2])
    return at, float(low[at] + high[at]) / 2


def _stack_rows(
    outside: list[int],
    targets: dict[int, tuple[int, float]],
    boxes: list[tuple[float, float]],
    width: float,
) -> dict[int, tuple[int, float]]:
    """Give each label outside a row and a left edge, near what it points at."""
    rows: list[Row] = []
    places = {}
    for i in sorted(outside, key=lambda i: targets[i]):
        wanted = targets[i][0] / (SAMPLES - 1) * width - boxes[i][0] / 4
        for number in range(len(outside)):
            if number == len(rows):
                rows.append(Row(0.0, width))
            left = rows[number].place(min(max(wanted, 0.0), width - boxes[i][0]), boxes[i][0])
            if left is not None:
                places[i] = (number, left)
                break
        else:  # wider than the axes: no place keeps it whole
            places[i] = (len(rows) - 1, 0.0)
    return places
