"""YAML texts to nodes: what ruamel.yaml reads, as libyaml and so kubectl would.

Tabs are taken as libyaml takes them, and errors are said in the words of ``go-yaml`` v2, which is
what ``sigs.k8s.io/yaml`` and kubectl use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scanner import Scanner, ScannerError

#: What the parsers of Go and Python call the same problem.
_PROBLEMS = [
    ("mapping values are not allowed here", "mapping values are not allowed in this context"),
    ("mapping keys are not allowed here", "mapping keys are not allowed in this context"),
    (
        "sequence entries are not allowed here",
        "block sequence entries are not allowed in this context",
    ),
    (
        r"found character .* that cannot start any token",
        "found character that cannot start any token",
    ),
    (r"found unknown escape character .*", "found unknown escape character"),
    (r"expected ',' or ']', but got .*", "did not find expected ',' or ']'"),
    (r"expected ',' or '}', but got .*", "did not find expected ',' or '}'"),
    (r"expected the node content, but found .*", "did not find expected node content"),
    (r"expected '<document start>', but found .*", "did not find expected <document start>"),
    (
        r"expected alphabetic or numeric character, but found .*",
        "did not find expected alphabetic or numeric character",
    ),
    (r"found undefined tag handle .*", "found undefined tag handle"),
]


class YAMLError(Exception):
    """A text that is not YAML: go-yaml's sentence, and the line where the problem really is."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


class _TabScanner(Scanner):
    """A scanner that takes tabs as libyaml does: between tokens, but not as indentation."""

    def fetch_plain(self) -> None:
        super().fetch_plain()
        self._plain = self.tokens[-1]

    def scan_to_next_token(self) -> None:
        super().scan_to_next_token()
        while self.reader.peek() == "\t":
            if not self.flow_level and self.allow_simple_key:
                self._refuse_tab()
                return
            self.reader.forward()
            super().scan_to_next_token()

    def _refuse_tab(self) -> None:
        """Refuse a tab at the start of a line that would otherwise continue a text."""
        plain = getattr(self, "_plain", None)
        if plain is None:
            return
        here = self.reader.get_mark()
        between = here.buffer[plain.end_mark.index : here.index]
        if not between.strip():
            raise ScannerError(
                "while scanning a plain scalar",
                plain.start_mark,
                "found a tab character that violates indentation",
                here,
            )


@dataclass(slots=True)
class Node:
    """A part of a document as written."""

    kind: str  # "scalar", "sequence" or "mapping"
    line: int
    tag: str = ""
    value: str = ""
    plain: bool = False
    items: list[Node] = field(default_factory=list)  # of a mapping: key, value, key, value …
    open: bool = True


def parse(text: str) -> Node | None:
    """Return the first document of a text; None if there is nothing in it.

    Raises
    ------
    YAMLError
        With go-yaml's sentence.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _TabScanner
    try:
        return _compose(iter(yaml.parse(text)), {})
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YAMLError("yaml: control characters are not allowed", line) from None
    except MarkedYAMLError as error:
        raise _translate(error) from None


def _compose(events: Iterator[Event], anchors: dict[str, Node]) -> Node | None:
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, DocumentEndEvent | MappingEndEvent | SequenceEndEvent):
            return None
        if isinstance(event, AliasEvent):
            if event.anchor not in anchors:
                raise YAMLError(f"yaml: unknown anchor '{event.anchor}' referenced", line)
            if anchors[event.anchor].open:
                raise YAMLError(f"yaml: anchor '{event.anchor}' value contains itself", line)
            return anchors[event.anchor]
        if isinstance(event, ScalarEvent):
            tag, plain = str(event.tag or ""), event.implicit[0] and not event.style
            node = Node("scalar", line, tag, event.value, plain)
        elif isinstance(event, SequenceStartEvent | MappingStartEvent):
            kind = "mapping" if isinstance(event, MappingStartEvent) else "sequence"
            node = Node(kind, line)
        else:
            continue  # the start of the stream or of the document
        if event.anchor:
            anchors[event.anchor] = node
        if node.kind != "scalar":
            while (item := _compose(events, anchors)) is not None:
                node.items.append(item)
        node.open = False
        return node
    return None


def _line(mark: StringMark) -> int:
    """Return the line where a token begins, from 0; the end of the text has one of its own."""
    at_end = mark.index >= len(mark.buffer.rstrip("\0"))
    return mark.line + (at_end and mark.column > 0)


def _translate(error: MarkedYAMLError) -> YAMLError:
    """Say it as go-yaml does, including its idea of the line.

    Notes
    -----
    ``parser.fail`` (``go-yaml`` v2, ``decode.go``): the line where the context begins, and for
    errors of the parser one less than people count.
    """
    problem = str(error.problem)
    for pattern, text in _PROBLEMS:
        if re.fullmatch(pattern, problem):
            problem = text
    if problem.startswith("expected <block end>"):
        in_mapping = "mapping" in str(error.context)
        problem = "did not find expected " + ("key" if in_mapping else "'-' indicator")
    marks = [mark for mark in (error.context_mark, error.problem_mark) if mark is not None]
    line_of = (lambda mark: mark.line) if isinstance(error, ScannerError) else _line
    shown = next((line for mark in marks if (line := line_of(mark))), 0)
    if shown and isinstance(error, ScannerError):
        shown += 1
    where = f"line {shown}: " if shown else ""
    return YAMLError(f"yaml: {where}{problem}", marks[-1].line + 1 if marks else None)
