"""Reads the words of shell text, with their quoting.

Nothing is expanded here, because a variable may be set by an earlier line of the same text
(`shell` expands).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from rollnb.kubectl.output import Failure


@dataclass(frozen=True)
class Part:
    """A piece of a word: text, a variable, or a command whose output stands there.

    `quoted` pieces are never split into words and never vanish.
    """

    kind: str  # text, variable, command
    text: str
    quoted: bool = False
    default: str | None = None


Word = tuple[Part, ...]


_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|[0-9?#$@*!]")
#: Braces that bash takes for several words: ``{1..3}`` and ``{a,b}``.
_EXPANDED = re.compile(
    r"\{(?:(?:-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d+)?|[^\s{}'\"|&;<>(),]*,"
    r"[^\s{}'\"|&;<>()]*)\}"
)
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z_0-9]*|[0-9?])(?:(:?[-=+?])((?:[^{}])*))?\}")


class WordReader:
    """Walks over a text and reads its words.

    Attributes
    ----------
    text : str
    at : int
        The position.
    first_line : int
        The number of the line that the text begins in.
    """

    def __init__(self, text: str) -> None:
        pieces = text.replace("\r\n", "\n").split("\\\n")
        self.text = "".join(pieces)
        self.at = 0
        self.first_line = 1
        self._joints = list(accumulate(map(len, pieces[:-1])))

    def line(self, at: int) -> int:
        """Return the line of `at`, counted as written: a backslash may have joined some."""
        joined = sum(joint <= at for joint in self._joints)
        return self.first_line + self.text.count("\n", 0, at) + joined

    def fail(self, message: str, at: int) -> Failure:
        """Return the error that names the line of `at`."""
        return Failure(f"sh: line {self.line(at)}: {message}", exit=2)

    def peek(self) -> str:
        """Return the character at the position."""
        return self.text[self.at : self.at + 1]

    def word(self) -> Word:
        """Read one word; it stands at the position."""
        parts: list[Part] = []
        literal = ""

        def flush(quoted: bool = False) -> None:
            nonlocal literal
            if literal or quoted:
                parts.append(Part("text", literal, quoted))
            literal = ""

        while self.at < len(self.text):
            c = self.peek()
            if c in " \t\n|&;<>()":
                break
            if c == "'":
                flush()
                end = self.text.find("'", self.at + 1)
                if end < 0:
                    raise self.fail("a ' is not closed", self.at)
                parts.append(Part("text", self.text[self.at + 1 : end], True))
                self.at = end + 1
            elif c == '"':
                flush()
                parts += self.double_quoted()
            elif c == "\\":
                literal += self.text[self.at + 1 : self.at + 2]
                flush(quoted=True)
                self.at += 2
            elif c == "$" and (variable := self._variable(False)):
                flush()
                parts.append(variable)
            elif c == "`":
                flush()
                parts.append(self._backquoted(False))
            elif c == "{" and (braces := _EXPANDED.match(self.text, self.at)):
                instead = "write the words" if "," in braces[0] else "use $(seq FIRST LAST)"
                raise self.fail(f"{braces[0]} is not expanded: {instead}", self.at)
            else:
                literal += c
                self.at += 1
        flush()
        return tuple(parts)

    def double_quoted(self) -> list[Part]:
        """Read what stands in double quotes; the position is at the first."""
        start = self.at
        self.at += 1
        parts = [Part("text", "", True)]
        literal = ""
        while self.at < len(self.text):
            c = self.peek()
            if c == '"':
                self.at += 1
                return [*parts, Part("text", literal, True)]
            if c == "\\" and self.text[self.at + 1 : self.at + 2] in tuple('$`"\\'):
                literal += self.text[self.at + 1]
                self.at += 2
            elif c in "$`" and (found := self._in_quotes(c)):
                parts += [Part("text", literal, True), found]
                literal = ""
            else:
                literal += c
                self.at += 1
        raise self.fail('a " is not closed', start)

    def _in_quotes(self, c: str) -> Part | None:
        return self._variable(True) if c == "$" else self._backquoted(True)

    def _variable(self, quoted: bool) -> Part | None:
        """Read ``$NAME``, ``${NAME-default}`` or ``$(command)``; None for a lone dollar."""
        start = self.at + 1
        if self.text.startswith("(", start):
            if self.text.startswith("((", start):
                raise self.fail("$((…)) is not simulated: write the number", self.at)
            end = self._closing(start)
            self.at = end + 1
            return self.substitution(start + 1, end, quoted)
        if found := _BRACED.match(self.text, start):
            self.at = found.end()
            name, operator, default = found.groups()
            return Part("variable", name, quoted, default if operator else None)
        if self.text.startswith("{", start):
            raise self.fail("bad substitution", self.at)
        if found := _NAME.match(self.text, start):
            self.at = found.end()
            return Part("variable", found[0], quoted)
        return None

    def _backquoted(self, quoted: bool) -> Part:
        end = self.text.find("`", self.at + 1)
        if end < 0:
            raise self.fail("a ` is not closed", self.at)
        start = self.at + 1
        self.at = end + 1
        return self.substitution(start, end, quoted)

    def substitution(self, start: int, end: int, quoted: bool) -> Part:
        """Return the command that stands in the text from `start` to `end`."""
        return Part("command", self.text[start:end], quoted)

    def document(self, text: str, first_line: int) -> Word:
        """Read a here-document: variables count in it, quotes do not."""
        reader = type(self)("")
        reader.first_line = first_line
        # Not through the door: a backslash at the end of a line stays in a document.
        reader.text = '"' + text.replace('"', '\\"') + '"'
        return tuple(reader.double_quoted())

    def _closing(self, start: int) -> int:
        """Return where the parenthesis at `start` closes; quotes hide those inside them."""
        depth, quote = 0, ""
        for at in range(start, len(self.text)):
            c = self.text[at]
            if quote:
                quote = "" if c == quote else quote
            elif c in "'\"":
                quote = c
            elif c in "()":
                depth += 1 if c == "(" else -1
                if depth == 0:
                    return at
        raise self.fail("a ( is not closed", start)
