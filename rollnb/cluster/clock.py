"""Events in order: what is next, and what time it is. Knows no Kubernetes.

Ties are settled by (time, priority, sequence): a smaller priority goes first, and equal ones in
the order in which they were asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

#: Within one instant, the order in which a real control plane would reach things; clients that
#: have planned something for it come last.
KUBELET, REPLICA_SET, DEPLOYMENT, POSTING, CLIENT = range(5)


class Clock:
    """Time in seconds, and the actions waiting for theirs.

    Parameters
    ----------
    start : float
        The time at the start, in seconds; may be negative.
    """

    __slots__ = ("_heap", "_sequence", "now")

    def __init__(self, start: float = 0.0) -> None:
        self.now = start
        self._heap: list[tuple[float, int, int, Callable[[Any], None], Any]] = []
        self._sequence = 0

    def at(
        self, time: float, priority: int, action: Callable[[Any], None], argument: Any = None
    ) -> None:
        """Let `action(argument)` happen at `time`, or now if that has passed."""
        self._sequence += 1
        if time < self.now:
            time = self.now
        heappush(self._heap, (time, priority, self._sequence, action, argument))

    def next_time(self) -> float | None:
        """Return when something happens next; None if nothing is waiting."""
        return self._heap[0][0] if self._heap else None

    def step(self) -> None:
        """Let the next action happen."""
        self.now, _, _, action, argument = heappop(self._heap)
        action(argument)
