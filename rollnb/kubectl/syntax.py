"""Reads shell text: words with their quoting, pipes, lists and here-documents.

What a lesson's terminal needs of POSIX shell: nothing is expanded here, because a variable may be
set by an earlier line of the same text (`shell` expands).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

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


@dataclass
class Command:
    """Words, and where input comes from and output goes to: ``[(operator, word)]``."""

    words: list[Word] = field(default_factory=list)
    redirects: list[tuple[str, Word]] = field(default_factory=list)


@dataclass
class Pipeline:
    """Commands joined by ``|``, and what stands behind the last: ``; & && ||``."""

    commands: list[Command]
    end: str = ";"
    source: str = ""


_OPERATORS = ("&&", "||", "<<<", "<<-", "<<", ">>", "2>&1", "2>", "|", "&", ";", "<", ">")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|[0-9?#$@*!]")
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z_0-9]*|[0-9?])(?:(:?[-=+?])((?:[^{}])*))?\}")


class _Reader:
    """Walks over the text once."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\\\n", "")
        self.at = 0
        self.waiting_documents: list[tuple[Command, int, str, bool, bool]] = []

    def fail(self, message: str, at: int) -> Failure:
        line = self.text.count("\n", 0, at) + 1
        return Failure(f"sh: line {line}: {message}", exit=2)

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    # ------------------------------------------------------------------------------------- words

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
                parts += self._double_quoted()
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
            else:
                literal += c
                self.at += 1
        flush()
        return tuple(parts)

    def _double_quoted(self) -> list[Part]:
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
            end = self._closing(start)
            self.at = end + 1
            return Part("command", self.text[start + 1 : end], quoted)
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
        text = self.text[self.at + 1 : end]
        self.at = end + 1
        return Part("command", text, quoted)

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

    # ------------------------------------------------------------------------------------- lists

    def skip(self, newlines: bool) -> None:
        """Skip blanks and comments, and newlines if asked for."""
        while self.at < len(self.text):
            c = self.peek()
            if c == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif c in " \t" or (c == "\n" and newlines):
                self.at += 1
                if c == "\n":
                    self._read_documents()
            else:
                return

    def operator(self) -> str:
        """Take an operator at the position; an empty text if there is none."""
        for operator in _OPERATORS:
            if self.text.startswith(operator, self.at):
                self.at += len(operator)
                return operator
        return ""

    def pipelines(self) -> list[Pipeline]:
        """Read everything."""
        found: list[Pipeline] = []
        while True:
            self.skip(newlines=True)
            if self.at >= len(self.text):
                return found
            found.append(self._pipeline())

    def _pipeline(self) -> Pipeline:
        start = self.at
        commands = [Command()]
        while True:
            self.skip(newlines=False)
            here = self.at
            if here >= len(self.text) or self.peek() == "\n":
                self._check(commands, here)
                return Pipeline(commands, ";", self.text[start:here].strip())
            operator = self.operator()
            if operator in (";", "&", "&&", "||"):
                self._check(commands, here)
                source = self.text[start:here].strip()
                if operator in ("&&", "||"):
                    self.skip(newlines=True)
                return Pipeline(commands, operator, source)
            if operator == "|":
                self._check(commands, here)
                commands.append(Command())
                self.skip(newlines=True)
            elif operator:
                self._redirect(commands[-1], operator)
            elif self.peek() in "()":
                raise self.fail(f"{self.peek()} is not understood here", here)
            else:
                commands[-1].words.append(self.word())

    def _check(self, commands: list[Command], at: int) -> None:
        if not commands[-1].words:
            raise self.fail("a command is missing", at)

    def _redirect(self, command: Command, operator: str) -> None:
        if operator == "2>&1":
            return
        self.skip(newlines=False)
        start = self.at
        word = self.word()
        if not word:
            raise self.fail(f"a word is missing behind {operator}", start)
        if operator in ("<<", "<<-"):
            end = "".join(part.text for part in word)
            is_quoted = any(part.quoted for part in word)
            index = len(command.redirects)
            command.redirects.append(("<<", ()))
            strip = operator == "<<-"
            self.waiting_documents.append((command, index, end, is_quoted, strip))
        else:
            command.redirects.append((operator, word))

    def _read_documents(self) -> None:
        """Read the here-documents that the line before has announced."""
        for command, index, end, is_quoted, strip in self.waiting_documents:
            lines = []
            while True:
                if self.at >= len(self.text):
                    raise self.fail(f"the here-document does not end with {end}", self.at)
                stop = self.text.find("\n", self.at)
                stop = len(self.text) if stop < 0 else stop
                line = self.text[self.at : stop]
                self.at = min(stop + 1, len(self.text))
                line = line.lstrip("\t") if strip else line
                if line == end:
                    break
                lines.append(line + "\n")
            body = "".join(lines)
            word = (Part("text", body, True),) if is_quoted else parse_document(body)
            command.redirects[index] = ("<<", word)
        self.waiting_documents = []


def parse_document(text: str) -> Word:
    """Read a here-document: variables count in it, quotes do not."""
    reader = _Reader(text.replace('"', '\\"') + '"')
    reader.at = -1
    reader.text = '"' + reader.text
    reader.at = 0
    return tuple(reader._double_quoted())


def parse(text: str) -> list[Pipeline]:
    """Read shell text.

    Raises
    ------
    Failure
        With the line of what cannot be read.
    """
    reader = _Reader(text)
    found = reader.pipelines()
    if reader.waiting_documents:
        end = reader.waiting_documents[0][2]
        raise reader.fail(f"the here-document does not end with {end}", len(reader.text))
    return found
