"""Commands that wait: time passes until they are done, or they go on in the background.

In the foreground a command ends by itself, at its own timeout, when nothing is left to happen in
the cluster, or at a limit of simulated time; so none ever hangs.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from rollnb.cluster.control_plane import RETRY
from rollnb.cluster.stored_resources import OF_SERVICES
from rollnb.kubectl.ages import short_human_duration
from rollnb.kubectl.output import Failure, Line, Printer
from rollnb.kubectl.status import rollout_status

#: The longest that a pod's back-off lasts (seconds): if nothing has been written for longer, and
#: no controller will ask again for a pod, all that is left to happen changes nothing.
LONGEST_BACKOFF = 300.0

#: So long (seconds) a watch looks on without seeing a write once every rollout is over.
QUIET_SECONDS = 30.0


class Waiting:
    """One waiting command; a subclass says what it prints and when it is done.

    Attributes
    ----------
    exit : int or None
        The exit code; None while it waits.
    exit_at : float or None
        When it ended, in seconds of the cluster's clock.
    kinds : collection of str
        The kinds of the objects that it is about.
    is_endless : bool
        Whether it would go on for ever.
    """

    kinds: Collection[str] = ()
    is_endless = False

    def __init__(self, cluster: Any, printer: Printer, timeout: float = math.inf) -> None:
        self.cluster = cluster
        self.printer = printer
        self.exit: int | None = None
        self.exit_at: float | None = None
        self.deadline = cluster.now + timeout
        self._cut = math.inf, 0  # when it is ended from outside, and its exit code then
        self._last_write = cluster.now
        self._unsubscribe = lambda: None

    # What a subclass says:

    def begin(self) -> None:
        """Print what there is now."""

    def see(self, event: str, kind: str, obj: dict[str, Any]) -> None:
        """Take one write of the cluster."""

    def time_out(self) -> None:
        """End at the command's own timeout."""
        self.finish(1)

    def nothing_left(self) -> None:
        """End because nothing will change any more."""
        self.finish(0)

    def hint(self) -> str:
        """Say, for the end at the limit, why it has taken so long."""
        return ""

    def patience(self) -> float:
        """Return after how many seconds without a write nothing is left to happen."""
        if self.cluster.is_retrying:
            return RETRY.maximum + QUIET_SECONDS  # with the latencies of an attempt
        return LONGEST_BACKOFF

    # What they share:

    def start(self) -> None:
        """Print what there is, and follow what comes."""
        self.begin()
        if self.exit is None:
            endpoints = OF_SERVICES.intersection(self.kinds)
            self._unsubscribe = self.cluster.watch(self._on_write, endpoints=endpoints)

    def finish(self, exit: int, message: str = "") -> None:
        """End with an exit code and, perhaps, a word on stderr."""
        if self.exit is None:
            if message:
                self.printer.err(message)
            self.exit = exit
            self.exit_at = self.cluster.now
        self._unsubscribe()

    def check_deadline(self) -> None:
        """End if its time has passed: the command's own, or that given to it from outside."""
        ends_at = self._ends_at
        if self.exit is None and self.cluster.now >= ends_at:
            if ends_at < self.deadline:
                self.finish(self._cut[1])
            else:
                self.time_out()
            if self.exit is not None:
                self.exit_at = ends_at

    def end_after(self, seconds: float, exit: int) -> None:
        """End after so many seconds at the latest, with this exit code and without a word."""
        self._cut = self.cluster.now + seconds, exit

    @property
    def _ends_at(self) -> float:
        return min(self.deadline, self._cut[0])

    def _on_write(self, event: str, kind: str, obj: dict[str, Any]) -> None:
        self._last_write = self.cluster.now
        if self.exit is None and self.cluster.now > self._ends_at:
            self.check_deadline()
        if self.exit is None:
            try:
                self.see(event, kind, obj)
            except Failure as problem:  # what is asked of the object cannot be found in it
                self.finish(problem.exit, str(problem))

    def wait(self, limit: float) -> None:
        """Let time pass until it is done, for at most `limit` seconds."""
        cluster = self.cluster
        limit_at = cluster.now + limit
        # With a timeout of its own the command waits for that, however quiet the cluster is.
        while self.exit is None and self._ends_at <= limit_at:
            cluster.run(self._ends_at, lambda: self.exit is not None)
            self.check_deadline()
        if self.exit is None:
            self._wait_while_something_happens(limit_at)
        if self.exit is not None:
            return
        if cluster.now >= limit_at:
            text = short_human_duration(limit)
            stopped = f"stopped{self.hint()}"
            self.finish(1, f"rollnb: still waiting after {text} of simulated time: {stopped}")
        else:
            self.nothing_left()

    def _wait_while_something_happens(self, limit_at: float) -> None:
        cluster = self.cluster
        asked_at, patience = math.nan, QUIET_SECONDS
        while self.exit is None:
            time = cluster.next_time()
            if time is None:
                return
            quiet = time - self._last_write
            if quiet > QUIET_SECONDS and asked_at != self._last_write:
                # It takes a look at all objects, which stay as they are until the next write.
                asked_at, patience = self._last_write, self.patience()
            if quiet > patience:
                return
            cluster.run(min(time, limit_at), lambda: self.exit is not None)
            if time > limit_at:
                return


def is_quiet(cluster: Any) -> bool:
    """Whether every rollout is over and no pod terminates."""
    return all(
        (status := rollout_status(obj)).done or status.error
        for kind in ("Deployment", "StatefulSet", "DaemonSet")
        for obj in cluster.list(kind)
    ) and not any("deletionTimestamp" in p["metadata"] for p in cluster.list("Pod"))


class Watching(Waiting):
    """A command that would go on for ever, such as ``get --watch``."""

    is_endless = True

    def patience(self) -> float:
        """Look on for a short time only when every rollout is over and no pod terminates."""
        return QUIET_SECONDS if is_quiet(self.cluster) else super().patience()

    def nothing_left(self) -> None:
        """End, and say so."""
        self.finish(0, f"rollnb: no rollout goes on any more: stopped watching{self.hint()}")

    def time_out(self) -> None:
        """End a watch whose request has timed out; kubectl reports no error."""
        self.finish(0)

    def hint(self) -> str:
        """Say how to set the end."""
        return " (timeout 60 kubectl … watches for 60 s)"


class Process:
    """A command in the background: what it prints grows as time is let pass.

    Attributes
    ----------
    command : str
        The command line.
    is_endless : bool
        Whether it only looks on, and would do so for ever.
    """

    def __init__(self, waiting: Waiting, command: str = "") -> None:
        self._waiting = waiting
        self.command = command
        self.is_endless = waiting.is_endless

    def check_deadline(self) -> None:
        """Let it end, and say so, if the command's own timeout has passed."""
        self._waiting.check_deadline()

    @property
    def exit(self) -> int | None:
        """The exit code; None while it goes on."""
        self.check_deadline()
        return self._waiting.exit

    @property
    def exit_at(self) -> float | None:
        """When it ended, in seconds; None while it goes on."""
        self.check_deadline()
        return self._waiting.exit_at

    def _text(self, *streams: str) -> str:
        pieces = self._waiting.printer.pieces
        return "".join(text for _, text, stream in pieces if stream in streams)

    @property
    def stdout(self) -> str:
        """What it has printed so far."""
        return self._text("stdout")

    @property
    def stderr(self) -> str:
        """The errors it has printed so far."""
        self.check_deadline()
        return self._text("stderr")

    @property
    def lines(self) -> list[Line]:
        """Each line with the second at which it was printed."""
        self.check_deadline()
        return [
            (t, line) for t, text, _ in self._waiting.printer.pieces for line in text.splitlines()
        ]

    def wait(self, limit: float) -> None:
        """Let time pass until it ends, as in the foreground: for at most `limit` seconds."""
        self._waiting.wait(limit)

    def stop(self) -> None:
        """End it, as Ctrl-C does."""
        self._waiting.finish(1)

    def __str__(self) -> str:
        return self._text("stdout", "stderr").removesuffix("\n")

    def __repr__(self) -> str:
        return str(self)
