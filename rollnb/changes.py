"""What each row of a log changes, as arrays that cumulative sums turn into counts.

The counts are the API server's: a pod that is being deleted leaves ``replicas`` at once
(``FilterActivePods``, ``pkg/controller/controller_utils.go``, Kubernetes 1.36) and is terminating
until it is gone; one that has failed is neither (``IsPodTerminating``, the same file).
"""

from __future__ import annotations

import numpy as np

from rollnb.cluster.log import Fact, Log

Array = np.ndarray


class Changes:
    """By how much each row of a log changes each count of one workload.

    Each count is an array as long as the workload's rows. ``total`` are the pods that count as
    replicas; ``serving`` those that answer, terminating ones included.
    """

    def __init__(self, log: Log, workload: int) -> None:
        workloads = np.array(log.workloads)
        rows = np.flatnonzero(workloads == workload)
        # The rounding takes away the dust of float sums, so that instants compare as equal.
        self.times = np.array(log.times)[rows].round(9)
        self.facts = facts = np.array(log.facts)[rows]
        self.groups = np.array(log.groups)[rows]
        self.pods = np.array(log.pods)[rows]
        self.values = np.array(log.values)[rows]
        self._rows = np.arange(len(rows))

        created, deleted, gone = facts == Fact.CREATED, facts == Fact.DELETED, facts == Fact.GONE
        stopped = facts == Fact.STOPPED
        left = self._first(deleted | gone)
        terminates = deleted & (left[self.pods] == self._rows)
        ends = self._first(terminates)
        self.existing = created - gone.astype(int)
        self.total = created - (left[self.pods] == self._rows).astype(int)
        self.ready = self._until(left, Fact.READY, Fact.UNREADY)
        self.available = self._until(left, Fact.AVAILABLE, Fact.UNAVAILABLE)
        self.terminating = terminates - (gone & (ends[self.pods] < self._rows)).astype(int)
        self.running = self._until(self._first(gone), Fact.STARTED, Fact.STOPPED)
        silent = gone | (stopped & (left[self.pods] < self._rows))
        self.serving = self._until(self._first(silent), Fact.READY, Fact.UNREADY)

    def _first(self, mask: Array) -> Array:
        """Return the first row of each pod at which `mask` holds; past the end if never."""
        first = np.full(int(self.pods.max(initial=-1)) + 2, len(self._rows) + 1)
        rows = np.flatnonzero(mask)[::-1]
        first[self.pods[rows]] = rows
        return first

    def _until(self, last: Array, up: Fact, down: Fact) -> Array:
        """Count `up` and `down` of each pod until its row in `last`, where what is left ends."""
        change = (self.facts == up) - (self.facts == down).astype(int)
        change[self._rows >= last[self.pods]] = 0
        at = np.flatnonzero(change)
        left = np.bincount(self.pods[at], weights=change[at], minlength=len(last)).astype(int)
        ending = np.flatnonzero(self._rows == last[self.pods])
        change[ending] -= left[self.pods[ending]]
        return change

    def last_value(self, fact: Fact, group: int | None = None) -> Array:
        """Return the value last stated by `fact` (of `group`) at every row; 0 before."""
        stated = self.facts == fact
        if group is not None:
            stated &= self.groups == group
        row = np.maximum.accumulate(np.where(stated, self._rows, -1))
        return np.where(row >= 0, self.values[row], 0)

    def counts(self, groups: list[int], mine: Array | bool = True) -> dict[str, Array]:
        """Return the counts that hold after every row, of all pods or of those in `mine`.

        ``updated_replicas`` are those of each of `groups` while it is the wanted one.
        """
        row = np.maximum.accumulate(np.where(self.facts == Fact.UPDATED, self._rows, -1))
        wanted = np.where(row >= 0, self.groups[row], -1)
        updated = np.zeros(len(self._rows), dtype=int)
        for group in groups:
            total = np.where(self.groups == group, self.total, 0).cumsum()
            updated += np.where(wanted == group, total, 0)
        ready = np.where(mine, self.ready, 0).cumsum()
        return {
            "pods": np.where(mine, self.existing, 0).cumsum(),
            "updated_replicas": updated,
            "ready_replicas": ready,
            "available_replicas": np.where(mine, self.available, 0).cumsum(),
            "terminating_replicas": np.where(mine, self.terminating, 0).cumsum(),
            "running": np.where(mine, self.running, 0).cumsum(),
            "endpoints": ready,
        }

    @property
    def wanted(self) -> list[int]:
        """The groups that were the wanted one, in the order of their turns."""
        return list(dict.fromkeys(self.groups[self.facts == Fact.UPDATED].tolist()))


def settle(times: Array, columns: Array, since: float) -> tuple[Array, Array]:
    """Keep the last row of each instant from `since` on, and of these the ones that differ.

    Parameters
    ----------
    times : array of n instants, in order
    columns : array of shape (n, counts)
    since : float
        What happened before shows as its result, at this instant.
    """
    if not len(times):
        return times, columns
    times = np.maximum(times, since)
    keep = np.flatnonzero(np.append(times[1:] != times[:-1], True))
    times, columns = times[keep], columns[keep]
    differs = np.append(True, (columns[1:] != columns[:-1]).any(axis=1))
    return times[differs], columns[differs]
