"""The areas of a replicas figure: pods by revision and state, one on top of the other.

From the bottom up: available pods, so that their edge can be held against the lower limit; pods
not yet available, whose edge belongs to the upper limit; and the terminating ones on top, which
no limit counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rollnb import timeline
from rollnb.plots.colours import Theme
from rollnb.plots.words import say
from rollnb.validation import check_number

STATES = ("available", "unavailable", "terminating")

#: So little before an instant, or after it, another time is that no picture tells apart from it
#: (seconds). Instants have nine decimal places, and places on axes are rounded once more.
MOMENT = 1e-6


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


def read_own(run: Any) -> pd.DataFrame:
    """Return the counts by revision of a run.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not hasattr(run, "by_revision"):
        kind = type(run).__name__
        raise ValueError(f"{kind} is no Run: give what simulate() returned, or Run(cluster)")
    return run.by_revision


def find_begin(drawn: Any, end: float = np.inf) -> float:
    """Return the second from which on a run is shown: its first action, or 0 if `end` is before.

    Of several runs the earliest; of what is no run, 0.
    """
    if isinstance(drawn, Mapping):
        return min((find_begin(run, end) for run in drawn.values()), default=0.0)
    began_at = round(float(getattr(drawn, "began_at", 0.0)), 9)  # as instants are
    return began_at if began_at < end else 0.0


def find_first(run: Any, ax: Axes) -> float:
    """Return the first second of drawn axes of which there is something to tell."""
    start, end = ax.get_xlim()
    return max(find_begin(run, end), float(start))


def find_start(begin: float, first: float, end: float) -> float:
    """Return where the time axis starts: a little before `begin`, if something was there `first`.

    Examples
    --------
    >>> find_start(300.0, 0.0, 350.0), find_start(0.0, 0.0, 50.0)
    (298.0, 0.0)
    """
    return max(begin - 0.04 * (end - begin), min(first, begin))


def read_counts(run: Any, begin: float | None = None) -> pd.DataFrame:
    """Return the counts by revision from the state just before `begin` on: see `find_begin`."""
    frame = read_own(run)
    if getattr(run, "cluster", None) is None or not len(frame):
        return frame
    begin = find_begin(run) if begin is None else begin
    full = timeline.by_revision(run, since=-np.inf)
    return full[max(int((full.index < begin).sum()) - 1, 0) :]


def read_names(run: Any, lang: str) -> dict[int, str]:
    """Return what to call each revision: by its image, if that tells them apart."""
    revisions = read_own(run).columns.get_level_values("revision").unique().tolist()
    names = {revision: say("revision", revision, lang=lang) for revision in revisions}
    pods = getattr(run, "pods", None)
    if pods is None or not len(pods):
        return names
    found = name_images(pods.groupby("revision")["image"].first())
    return names | {revision: name for revision, name in found.items() if revision in names}


def name_images(images: pd.Series) -> pd.Series:
    """Return the tags of images, if these tell them apart; else nothing.

    A tag that is a number would be taken for a count of pods: the image's name is before it.
    """
    images = images.str.rpartition("/")[2]
    tags = images.str.partition(":")[2]
    if not tags.is_unique or (tags == "").any():
        return tags[:0]
    return images if tags.str.fullmatch(r"\d+(\.\d+)?").any() else tags


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


def choose_end(until: float | None, otherwise: float) -> float:
    """Return where the time axis ends: at `until`, if that is given."""
    if until is None:
        return otherwise
    check_number("until", until, of="seconds", positive=True)
    return float(until)


def find_end(run: Any, until: float | None = None) -> float:
    """Return where the time axis ends: a little after the last change, or with the run.

    The latter if the run does not get complete: that nothing changes any more is to be seen.
    """
    begin = find_begin(run)
    last = max(float(read_own(run).index[-1]), begin)
    summary = getattr(run, "summary", None)
    now = run.cluster.now if hasattr(run, "cluster") else last
    if summary is None or summary.state in ("complete", "deleted"):
        return choose_end(until, begin + max((last - begin) * 1.08, 1.0))
    return choose_end(until, max(now, begin + max((last - begin) * 1.02, 1.0)))


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
