"""Reads shell text: pipes, lists, loops and here-documents, as much as a lesson needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rollnb.kubectl.output import Failure
from rollnb.kubectl.words import Part, Word, WordReader


@dataclass
class Command:
    """Words, and where input comes from and output goes to: ``[(operator, word)]``."""

    words: list[Word] = field(default_factory=list)
    redirects: list[tuple[str, Word]] = field(default_factory=list)


@dataclass
class Loop:
    """``for NAME in WORDS; do BODY; done``, and where its output goes to."""

    name: str
    words: list[Word]
    body: list[Pipeline]
    redirects: list[tuple[str, Word]] = field(default_factory=list)


@dataclass
class Pipeline:
    """Commands joined by ``|``, and what stands behind the last: ``; & && ||``.

    `line` is the line of the text where it begins.
    """

    commands: list[Command | Loop]
    end: str
    source: str
    line: int


_IN_A_ROW = "the commands one after the other"
#: Words that begin what is not read here, and what to write instead.
REFUSED = {
    **dict.fromkeys(("while", "until"), "for i in 1 2 3; do …; sleep 5; done, or kubectl wait"),
    **dict.fromkeys(("if", "case"), "… && … || …"),
    **dict.fromkeys(("function", "{", "}"), _IN_A_ROW),
}

_FUNCTION = re.compile(r"[\w-]+ *\( *\)|\(")
_FOR = re.compile(r"for\s+([A-Za-z_]\w*)\s+in(?=[ \t;\n])")
_OPERATORS = ("&&", "||", "<<<", "<<-", "<<", ">>", "2>&1", "2>", "|", "&", ";", "<", ">")


class _Reader(WordReader):
    """Walks over the text once."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.waiting_documents: list[tuple[Command | Loop, int, str, bool, bool]] = []

    def substitution(self, start: int, end: int, quoted: bool) -> Part:
        """Return the command that stands there, once it is known that it can be read."""
        inner = _Reader(self.text[start:end])
        inner.first_line = self.line(start)
        inner.read()
        return super().substitution(start, end, quoted)

    def read(self) -> list[Pipeline]:
        """Read the whole text."""
        found = self.pipelines()
        if self.waiting_documents:
            end = self.waiting_documents[0][2]
            raise self.fail(f"the here-document does not end with {end}", len(self.text))
        return found

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

    def keyword(self, *words: str) -> str:
        """Take one of these words at the position; an empty text if none stands there."""
        any_word = "|".join(map(re.escape, words))
        found = re.compile(rf"({any_word})(?=[\s;&|<>]|$)").match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[1] if found else ""

    def pipelines(self, loop_at: int | None = None) -> list[Pipeline]:
        """Read everything, or the body of the loop that begins at `loop_at`."""
        found: list[Pipeline] = []
        while True:
            self.skip(newlines=True)
            if loop_at is not None and found and self.keyword("done"):
                return found
            if self.at >= len(self.text):
                if loop_at is not None:
                    raise self.fail("the loop does not end with done", loop_at)
                return found
            found.append(self._pipeline())

    def _command(self) -> Command | Loop:
        """Begin a command: a loop is read to its end, of another one the words come next."""
        start = self.at
        if word := self.keyword(*REFUSED):
            raise self.fail(f"{word} is not simulated: use {REFUSED[word]}", start)
        if function := _FUNCTION.match(self.text, start):
            raise self.fail(f"{function[0]} is not simulated: use {_IN_A_ROW}", start)
        if not self.keyword("for"):
            return Command()
        head = _FOR.match(self.text, start)
        if head is None:
            raise self.fail("for is read as: for i in 1 2 3; do …; done", start)
        self.at = head.end()
        words = []
        self.skip(newlines=False)
        while word := self.word():
            words.append(word)
            self.skip(newlines=False)
        if self.peek() == ";":
            self.at += 1
        self.skip(newlines=True)
        if not self.keyword("do"):
            raise self.fail("do is missing", self.at)
        return Loop(head[1], words, self.pipelines(start))

    def _pipeline(self) -> Pipeline:
        start = self.at
        commands = [self._command()]
        while True:
            self.skip(newlines=False)
            here = self.at
            if here >= len(self.text) or self.peek() == "\n":
                self._check(commands, here)
                source = self.text[start:here].strip()
                return Pipeline(commands, ";", source, self.line(start))
            operator = self.operator()
            if operator in (";", "&", "&&", "||"):
                self._check(commands, here)
                source = self.text[start:here].strip()
                if operator == "&":
                    self._check_background(commands, start)
                if operator in ("&&", "||"):
                    self.skip(newlines=True)
                return Pipeline(commands, operator, source, self.line(start))
            if operator == "|":
                self._check(commands, here)
                self.skip(newlines=True)
                commands.append(self._command())
            elif operator:
                self._redirect(commands[-1], operator)
            elif self.peek() in "()" or isinstance(commands[-1], Loop):
                raise self.fail(f"{self.peek()} is not understood here", here)
            else:
                commands[-1].words.append(self.word())

    def _check(self, commands: list[Command | Loop], at: int) -> None:
        if isinstance(commands[-1], Command) and not commands[-1].words:
            raise self.fail("a command is missing", at)

    def _check_background(self, commands: list[Command | Loop], at: int) -> None:
        if len(commands) > 1 or isinstance(commands[0], Loop):
            raise self.fail("a pipe or a loop cannot go to the background here", at)

    def _redirect(self, command: Command | Loop, operator: str) -> None:
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
            first_line = self.line(self.at)
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
            word = (Part("text", body, True),) if is_quoted else self.document(body, first_line)
            command.redirects[index] = ("<<", word)
        self.waiting_documents = []


def parse(text: str) -> list[Pipeline]:
    """Read shell text.

    Raises
    ------
    Failure
        With the line of what cannot be read.
    """
    return _Reader(text).read()


def is_block(text: str) -> bool:
    """Whether commands begin on several lines, or the text cannot be read and stays as it is."""
    try:
        return len({pipeline.line for pipeline in parse(text)}) > 1
    except Failure:
        return True
