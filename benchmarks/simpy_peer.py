"""A rolling update with SimPy, a general library for simulation: a peer to compare speeds with.

One process per pod and one for the controller; counts only, one row per instant with a change. It
knows no kubectl, no status, no conditions, no Events, no nodes and no rate limits.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import ceil, floor

import pandas as pd
import simpy

COLUMNS = ("time", "pods", "updated_replicas", "available_replicas", "terminating_replicas")


class Rollout:
    """A Deployment of ready old pods, whose template changes at 0 s: 25 % up, 25 % down."""

    def __init__(
        self, replicas: int, start: tuple[float, float], ready: float, stop: float, seed: int = 0
    ) -> None:
        self.env = simpy.Environment()
        self.rng = random.Random(seed)
        self.replicas = replicas
        self.most = replicas + ceil(replicas * 0.25)
        self.least = replicas - floor(replicas * 0.25)
        self.start, self.ready, self.stop = start, ready, stop
        self.old, self.new = [self.env.event() for _ in range(replicas)], 0
        self.available, self.terminating = 0, 0  # of the new ones; of the old ones
        self.rows: list[tuple[float, ...]] = []
        self.changed = self.env.event()
        for order in self.old:
            self.env.process(self.old_pod(order))
        self.env.process(self.controller())
        self.changed.succeed()

    def old_pod(self, order: simpy.Event) -> Iterator[simpy.Event]:
        """Serve until told to stop; then be gone after a while."""
        yield order
        yield self.env.timeout(self.stop)
        self.terminating -= 1
        self.note()

    def new_pod(self) -> Iterator[simpy.Event]:
        """Start, become ready, serve for good."""
        yield self.env.timeout(self.rng.uniform(*self.start))
        yield self.env.timeout(self.ready)
        self.available += 1
        self.note()
        if not self.changed.triggered:
            self.changed.succeed()

    def controller(self) -> Iterator[simpy.Event]:
        """Grow and shrink within the limits, whenever something has changed."""
        while True:
            yield self.changed
            self.changed = self.env.event()
            while self.step():
                pass
            self.note()

    def step(self) -> bool:
        """Grow, or else shrink; return whether anything was done."""
        total = len(self.old) + self.new
        more = min(self.most - total, self.replicas - self.new)
        if more > 0:
            self.new += more
            for _ in range(more):
                self.env.process(self.new_pod())
            return True
        fewer = min(len(self.old), len(self.old) + self.available - self.least)
        for _ in range(fewer):
            self.old.pop().succeed()
        self.terminating += max(fewer, 0)
        return fewer > 0

    def note(self) -> None:
        """Keep the counts; of one instant the last ones."""
        counts = (len(self.old) + self.available, self.terminating)
        pods = len(self.old) + self.new + self.terminating
        row = (self.env.now, pods, self.new, *counts)
        if self.rows and self.rows[-1][0] == row[0]:
            self.rows[-1] = row
        else:
            self.rows.append(row)

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame."""
        columns = dict(zip(COLUMNS, zip(*self.rows, strict=True), strict=True))
        return pd.DataFrame(columns).set_index("time")


def simulate(replicas: int, **delays: object) -> Rollout:
    """Play one rollout to its end."""
    rollout = Rollout(replicas, **delays)
    rollout.env.run()
    return rollout
