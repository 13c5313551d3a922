"""Which row of a bars figure each pod has.

The pods of a Deployment are nobody in particular: each has a row, in the order of creation. Those
of a StatefulSet have a name that outlives them, those of a DaemonSet a node: pods that follow
each other there share a row, and two at once, old and new, stand in it one above the other.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rollnb.spec import DaemonSet, StatefulSet
from rollnb.timeline import find_workload


@dataclass(frozen=True)
class Rows:
    """The rows of a figure, from the top down.

    Parameters
    ----------
    names : list of str
        Of the rows.
    of_pod : array of int
        The row of each pod.
    lane, lanes : array of int, int
        In which part of its row each pod stands, and in how many parts rows are divided.
    is_shared : bool
        Whether pods that follow each other share a row.
    """

    names: list[str]
    of_pod: np.ndarray
    lane: np.ndarray
    lanes: int = 1
    is_shared: bool = False

    @property
    def height(self) -> float:
        """The height of a bar, in rows."""
        return 0.8 / self.lanes

    @property
    def middle(self) -> np.ndarray:
        """The middle of each pod's bar, in rows."""
        return self.of_pod + (self.lane - (self.lanes - 1) / 2) * self.height


def arrange(run: Any, pods: pd.DataFrame) -> Rows:
    """Give each of some pods of a run its row."""
    spec = run.cluster.workloads[find_workload(run)].spec
    if isinstance(spec, StatefulSet):
        keys: list[Hashable] = [run.cluster.pods[index].ordinal for index in pods.index]
    elif isinstance(spec, DaemonSet):
        keys = [run.cluster.pods[index].target_node for index in pods.index]
    else:
        each = np.arange(len(pods))
        return Rows(short_names(pods), each, np.zeros(len(pods), dtype=int))
    order = _order_naturally(set(keys))
    of_pod = np.array([order.index(key) for key in keys], dtype=int)
    names = [f"{spec.name}-{key}" if isinstance(key, int) else str(key) for key in order]
    names = cut_domain(names)
    lane = find_lanes(of_pod, pods)
    return Rows(names, of_pod, lane, int(lane.max(initial=0)) + 1, is_shared=True)


def short_names(pods: pd.DataFrame) -> list[str]:
    """Return the pods' names, without what comes before the last dash if they are long."""
    names = pods["name"].tolist()
    if max(map(len, names), default=0) <= 10:
        return names
    return [name.rpartition("-")[2] for name in names]


def cut_domain(names: list[str]) -> list[str]:
    """Return names of nodes without the domain in which all of them are."""
    domains = {name.partition(".")[2] for name in names}
    return [name.partition(".")[0] for name in names] if len(domains) == 1 else names


def find_lanes(row: np.ndarray, pods: pd.DataFrame) -> np.ndarray:
    """Give pods that share a row at the same time lanes of their own: the first that is free."""
    lane = np.zeros(len(pods), dtype=int)
    busy: dict[int, list[float]] = {}
    spans = zip(row.tolist(), pods["created_at"], pods["gone_at"].fillna(np.inf), strict=True)
    for place, (key, start, stop) in enumerate(spans):
        ends = busy.setdefault(key, [])
        free = next((i for i, end in enumerate(ends) if end <= start), len(ends))
        ends[free : free + 1] = [stop]
        lane[place] = free
    return lane


def _order_naturally(keys: set[Hashable]) -> Sequence[Any]:
    """Sort names with the numbers in them as numbers: node-2 comes before node-10."""

    def parts(key: Any) -> list[tuple[bool, Any]]:
        digits = "".join(c if c.isdigit() else " " for c in str(key)).split()
        words = "".join(" " if c.isdigit() else c for c in str(key)).split()
        return [(False, tuple(words)), (True, tuple(map(int, digits)))]

    return sorted(keys, key=parts)
