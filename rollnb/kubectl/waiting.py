"""Commands that wait: time passes until they are done, or they go on in the background.

In the foreground a command ends by itself, at its own timeout, when nothing is left to happen in
the cluster, or at a limit of simulated time; so none ever hangs.
"""

from __future__ import annotations

import math
from typing import Any

from rollnb.kubectl.ages import short_human_duration
from rollnb.kubectl.output import Line, Printer

#: The longest that a pod's back-off lasts (seconds): if nothing has been written for longer, all
#: that is left to happen changes nothing.
LONGEST_BACKOFF = 300.0


class Waiting:
    """One waiting command; a subclass says what it prints and when it is done.

    Attributes
    ----------
    exit : int or None
        The exit code; None while it waits.
    exit_at : float or None
        When it ended, in seconds of the cluster's clock.
    """

    def __init__(self, cluster: Any, printer: Printer, timeout: float = 0.0) -> None:
        self.cluster = cluster
        self.printer = printer
        self.exit: int | None = None
        self.exit_at: float | None = None
        self.deadline = cluster.now + timeout if timeout > 0 else math.inf
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

    # What they share:

    def start(self) -> None:
        """Print what there is, and follow what comes."""
        self._unsubscribe = self.cluster.watch(self._on_write)
        self.begin()

    def finish(self, exit: int, message: str = "") -> None:
        """End with an exit code and, perhaps, a word on stderr."""
        if self.exit is None:
            if message:
                self.printer.err(message)
            self.exit = exit
            self.exit_at = self.cluster.now
        self._unsubscribe()

    def check_deadline(self) -> None:
        """End if the command's own timeout has passed."""
        if self.exit is None and self.cluster.now >= self.deadline:
            self.time_out()
            self.exit_at = self.deadline

    def _on_write(self, event: str, kind: str, obj: dict[str, Any]) -> None:
        self._last_write = self.cluster.now
        if self.exit is None and self.cluster.now > self.deadline:
            self.check_deadline()
        if self.exit is None:
            self.see(event, kind, obj)

    def wait(self, limit: float) -> None:
        """Let time pass until it is done, for at most `limit` seconds."""
        cluster = self.cluster
        limit_at = cluster.now + limit
        # With a timeout of its own the command waits for that, however quiet the cluster is.
        if self.deadline <= limit_at:
            cluster.run(self.deadline, lambda: self.exit is not None)
        else:
            self._wait_while_something_happens(limit_at)
        self.check_deadline()
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
        while self.exit is None:
            time = cluster.next_time()
            if time is None or time - self._last_write > LONGEST_BACKOFF:
                return
            cluster.run(min(time, limit_at), lambda: self.exit is not None)
            if time > limit_at:
                return


class Process:
    """A command in the background: what it prints grows as time is let pass.

    Attributes
    ----------
    command : str
        The command line.
    """

    def __init__(self, waiting: Waiting, command: str = "") -> None:
        self._waiting = waiting
        self.command = command

    @property
    def exit(self) -> int | None:
        """The exit code; None while it goes on."""
        self._waiting.check_deadline()
        return self._waiting.exit

    @property
    def exit_at(self) -> float | None:
        """When it ended, in seconds; None while it goes on."""
        self._waiting.check_deadline()
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
        self._waiting.check_deadline()
        return self._text("stderr")

    @property
    def lines(self) -> list[Line]:
        """Each line with the second at which it was printed."""
        self._waiting.check_deadline()
        return [
            (t, line) for t, text, _ in self._waiting.printer.pieces for line in text.splitlines()
        ]

    def stop(self) -> None:
        """End it, as Ctrl-C does."""
        self._waiting.finish(1)

    def __str__(self) -> str:
        return self._text("stdout", "stderr").removesuffix("\n")

    def __repr__(self) -> str:
        return str(self)
