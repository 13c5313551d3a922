"""What a command printed, and the errors that end one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Line = tuple[float, str]
#: When it was printed, the text, and on which stream.
Piece = tuple[float, str, str]


class Failure(Exception):
    """A command ends here: its message goes to stderr, as it stands.

    `exit` is the exit code; kubectl's own is always 1.
    """

    def __init__(self, message: str, exit: int = 1) -> None:
        super().__init__(message)
        self.exit = exit

    @property
    def reason(self) -> str:
        """The API server's reason, such as ``NotFound``; empty if it has said nothing."""
        found = re.match(r"Error from server \((\w+)\)", str(self))
        return found[1] if found else ""


class Exit(Exception):
    """A block of shell ends here, by ``exit`` or at what fails after ``set -e``."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit {code}")
        self.code = code


def error(message: str) -> Failure:
    """Return the failure that kubectl reports as ``error: ...``."""
    return Failure(f"error: {message}")


class Output(str):
    """What one or more commands printed, in the order of a terminal.

    A string, so it can be searched, split and printed; a notebook shows it as plain text.

    Attributes
    ----------
    stdout, stderr : str
        The two streams, each with the newlines at their ends.
    exit : int
        The exit code of the last command.
    lines : list of (float, str)
        Each line with the second (of the cluster's clock) at which it was printed.
    background : list of Process
        The commands started with ``&``. What one prints while the others run stands among what
        they print; after that it goes on by itself, and has all its lines in its own text.
    """

    stdout: str
    stderr: str
    exit: int
    lines: list[Line]
    background: list

    def __new__(cls, printed: Printer, exit: int = 0, background: Iterable = ()) -> Output:
        """Take what `printed` holds now."""
        text = "".join(text for _, text, _ in printed.pieces)
        self = super().__new__(cls, text.removesuffix("\n"))
        self.stdout = "".join(text for _, text, stream in printed.pieces if stream == "stdout")
        self.stderr = "".join(text for _, text, stream in printed.pieces if stream == "stderr")
        self.lines = [
            (t, line)
            for t, text, stream in printed.pieces
            if stream != "echo"
            for line in text.splitlines()
        ]
        self.exit = exit
        self.background = list(background)
        return self

    def __repr__(self) -> str:
        return str(self)


class Printer:
    """Collects what commands print, with the time and the stream of each piece.

    Parameters
    ----------
    now : callable
        Returns the time, in seconds.
    hand_on : callable, optional
        Takes each piece as it is printed.
    """

    def __init__(
        self, now: Callable[[], float], hand_on: Callable[[Piece], None] | None = None
    ) -> None:
        self._now = now
        self._hand_on = hand_on
        self.pieces: list[Piece] = []

    def put(self, piece: Piece) -> None:
        """Take a piece that has its time already."""
        self.pieces.append(piece)
        if self._hand_on is not None:
            self._hand_on(piece)

    def out(self, text: str, end: str = "\n") -> None:
        """Print to stdout."""
        if text + end:
            self.put((self._now(), text + end, "stdout"))

    def err(self, text: str, end: str = "\n") -> None:
        """Print to stderr."""
        self.put((self._now(), text + end, "stderr"))

    def echo(self, command: str) -> None:
        """Show a command behind a prompt; it is part of neither stream."""
        text = "\n> ".join(command.splitlines())
        self.put((self._now(), f"$ {text}\n", "echo"))
