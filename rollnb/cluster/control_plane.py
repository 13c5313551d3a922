"""How fast the control plane reacts: client rate limits, request times, and turns of controllers.

A controller's client sends 20 requests a second after a burst of 30, in the order asked
(``pkg/controller/apis/config/v1alpha1/defaults.go``, client-go ``util/flowcontrol``); a key
waiting in a work queue waits once, however often it is added (client-go ``util/workqueue``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from rollnb.cluster.clock import Clock
from rollnb.cluster.constants import CONTROLLER_CLIENT, DEPLOYMENT_CONTROLLER
from rollnb.cluster.lifecycle import BackOff
from rollnb.validation import check_number

#: Seconds until a controller tries again what has failed: 5 ms, 10 ms, ... 1000 s (client-go
#: ``DefaultTypedControllerRateLimiter``; every controller here has the same).
RETRY = BackOff(
    initial=DEPLOYMENT_CONTROLLER["retry_delay_first_ms"] / 1000,
    maximum=float(DEPLOYMENT_CONTROLLER["retry_delay_max_seconds"]),
    factor=DEPLOYMENT_CONTROLLER["retry_factor"],
)

#: The turn of a controller: it yields the instants (s) it has to wait for.
Turn = Generator[float, None, None]


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """The control plane's speed. All durations in seconds.

    Parameters
    ----------
    requests_per_second, burst : float, int
        Limits of each controller's client.
    request_seconds : float
        One request to the API server, until its effect is seen.
    turn_seconds : float
        From a change to the turn of the controller that looks after it.
    retry_seconds : float
        So much longer after a write that was refused, for what is read is not up to date yet.
    bind_seconds, kubelet_seconds, report_seconds, gone_seconds : float
        From a pod's creation to its node; from there to the kubelet's first step; from a change in
        a container to its pod's status; from the end of the last process to the pod's removal.
    kubectl_seconds : float
        From the start of a kubectl command in the foreground to its first request.
    """

    requests_per_second: float = CONTROLLER_CLIENT["qps"]
    burst: int = CONTROLLER_CLIENT["burst"]
    request_seconds: float = 0.0
    turn_seconds: float = 0.0
    retry_seconds: float = 0.0
    bind_seconds: float = 0.0
    kubelet_seconds: float = 0.0
    report_seconds: float = 0.0
    gone_seconds: float = 0.0
    kubectl_seconds: float = 0.0

    def __post_init__(self) -> None:
        per_second = self.requests_per_second
        check_number("requests_per_second", per_second, positive=True, endless=True)
        check_number("burst", self.burst, positive=True, whole=True)
        for each in fields(self):
            if each.name.endswith("_seconds"):
                check_number(each.name, getattr(self, each.name), of="seconds")


#: Latencies measured on a Kubernetes 1.36 control plane (medians; see the recordings).
MEASURED = ControlPlane(
    request_seconds=0.0065,
    turn_seconds=0.0035,
    retry_seconds=0.009,
    bind_seconds=0.008,
    kubelet_seconds=0.008,
    report_seconds=0.007,
    gone_seconds=0.02,
    kubectl_seconds=0.09,
)


class RateLimiter:
    """A token bucket that serves requests in the order asked."""

    __slots__ = ("_last", "_tokens", "burst", "per_second")

    def __init__(self, per_second: float, burst: int) -> None:
        self.per_second = per_second
        self.burst = burst
        self._tokens = float(burst)
        self._last = -math.inf

    def reserve(self, now: float) -> float:
        """Return when a request asked for at `now` may be sent, and count it."""
        if self.per_second == math.inf:
            return now
        tokens = min(self._tokens + (now - self._last) * self.per_second, self.burst) - 1.0
        self._tokens = tokens
        self._last = now
        return now if tokens >= -1e-9 else now - tokens / self.per_second

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """Let every request through for a while, uncounted."""
        per_second, self.per_second = self.per_second, math.inf
        try:
            yield
        finally:
            self.per_second = per_second


class WorkQueue:
    """Keys that wait for their controller's turn, each at most once.

    A key added during its own turn gets another one afterwards, and of several times to come the
    earliest counts, as in client-go's queues. One whose turn has failed is tried again after a
    wait that doubles with every failure, until a turn succeeds.

    Parameters
    ----------
    turn : callable
        Called with the key; a generator that yields the instants it waits for.
    """

    __slots__ = (
        "_again",
        "_bucket",
        "_busy",
        "_clock",
        "_due",
        "_priority",
        "_turn",
        "_waiting",
        "_waits",
        "turn_seconds",
    )

    def __init__(
        self, clock: Clock, priority: int, turn_seconds: float, turn: Callable[[Any], Turn]
    ) -> None:
        self._clock = clock
        self._priority = priority
        self._turn = turn
        self.turn_seconds = turn_seconds
        self._due: dict[Any, float] = {}
        self._waiting: set[Any] = set()
        self._busy: set[Any] = set()
        self._again: set[Any] = set()
        self._waits: dict[Any, float] = {}  # the latest wait of each key that has failed
        self._bucket = RateLimiter(
            DEPLOYMENT_CONTROLLER["retry_overall_qps"],
            DEPLOYMENT_CONTROLLER["retry_overall_burst"],
        )

    def add(self, key: Any) -> None:
        """Ask for a turn for `key`."""
        if key in self._busy:
            self._again.add(key)
        elif key not in self._waiting:
            self._waiting.add(key)
            clock = self._clock
            clock.at(clock.now + self.turn_seconds, self._priority, self._start, key)

    def add_at(self, key: Any, time: float) -> None:
        """Ask for a turn for `key` at `time`, or earlier if that has been asked for."""
        if time < self._due.get(key, math.inf):
            self._due[key] = time
            self._clock.at(time, self._priority, self._add_due, (key, time))

    def add_rate_limited(self, key: Any) -> None:
        """Ask for another turn for a key that has failed: later each time."""
        now = self._clock.now
        wait = self._waits[key] = RETRY.after(self._waits.get(key, 0.0))
        self.add_at(key, max(now + wait, self._bucket.reserve(now)))

    def forget(self, key: Any) -> None:
        """Note that a turn has succeeded: the next failure is the first."""
        self._waits.pop(key, None)

    def _add_due(self, planned: tuple[Any, float]) -> None:
        key, time = planned
        if self._due.get(key) == time:
            del self._due[key]
            self.add(key)

    def _start(self, key: Any) -> None:
        self._waiting.discard(key)
        self._busy.add(key)
        self._resume((key, self._turn(key)))

    def _resume(self, running: tuple[Any, Turn]) -> None:
        key, turn = running
        for until in turn:
            if until > self._clock.now:
                self._clock.at(until, self._priority, self._resume, running)
                return
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)


class Client:
    """A controller's connection to the API server: every request waits its turn here."""

    __slots__ = ("_clock", "_priority", "limiter", "request_seconds")

    def __init__(self, clock: Clock, control_plane: ControlPlane, priority: int) -> None:
        self._clock = clock
        self._priority = priority
        self.limiter = RateLimiter(control_plane.requests_per_second, control_plane.burst)
        self.request_seconds = control_plane.request_seconds

    def request(self) -> float:
        """Send one request; return when its effect is seen."""
        return self.limiter.reserve(self._clock.now) + self.request_seconds

    def requests(self, act: Callable[[Any], None], arguments: list[Any]) -> Turn:
        """Send requests side by side, `act` on each argument as it goes through; wait for all."""
        clock = self._clock
        last = clock.now
        for argument in arguments:
            seen_at = self.request()
            if seen_at > clock.now:
                clock.at(seen_at, self._priority, act, argument)
                last = seen_at
            else:
                act(argument)
        if last > clock.now:
            yield last
