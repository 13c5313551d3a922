"""Objects as YAML, the way ``kubectl get -o yaml`` prints them.

The emitter of ``go-yaml`` v2 (``encode.go``, ``emitterc.go``): keys in natural order, lists not
indented further, quotes only where a word would mean something else, long texts folded behind 80
characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rollnb.manifest.yaml11 import resolve

_WIDTH = 80

_TIMESTAMP = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)?)?", re.ASCII
)
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_NOT_PLAIN = re.compile(
    r"""^[#,\[\]{}&*!|>'"%@`]   # begins like something else
      | ^[-?:](\s|$)
      | ^(---|\.\.\.)
      | ^\s | \s$
      | :(\s|$) | \s\#
    """,
    re.VERBOSE,
)
_ESCAPES = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f"}
_ESCAPES |= {"\r": "r", "\x1b": "e", '"': '"', "\\": "\\", "\x85": "N", "\xa0": "_"}


def dump(obj: Any) -> str:
    """Return an object as YAML, with a newline at its end."""
    if isinstance(obj, Mapping) and obj:
        return "".join(f"{line}\n" for line in _mapping(obj, 0))
    if isinstance(obj, list | tuple) and obj:
        return "".join(f"{line}\n" for line in _sequence(obj, 0))
    return f"{_scalar(obj, 0, 0)}\n"


def _mapping(obj: Mapping[str, Any], indent: int) -> list[str]:
    lines = []
    for name in sorted(obj, key=natural):
        key, value = _key(str(name)), obj[name]
        if isinstance(value, Mapping) and value:
            lines += [" " * indent + f"{key}:", *_mapping(value, indent + 2)]
        elif isinstance(value, list | tuple) and value:
            lines += [" " * indent + f"{key}:", *_sequence(value, indent)]
        else:
            head = " " * indent + f"{key}: "
            lines += (head + _scalar(value, len(head), indent + 2)).split("\n")
    return lines


def _sequence(items: list[Any] | tuple[Any, ...], indent: int) -> list[str]:
    lines = []
    for item in items:
        if isinstance(item, Mapping) and item:
            inner = _mapping(item, indent + 2)
        elif isinstance(item, list | tuple) and item:
            inner = _sequence(item, indent + 2)
        else:
            text = _scalar(item, indent + 2, indent + 2)
            inner = (" " * (indent + 2) + text).split("\n")
        lines += [" " * indent + "- " + inner[0][indent + 2 :], *inner[1:]]
    return lines


def natural(key: Any) -> list[tuple[int, int, str]]:
    """Sort keys as go-yaml does: numbers by value, letters behind all else.

    Notes
    -----
    ``keyList.Less`` (``sorter.go``).
    """
    parts = []
    for run in re.findall(r"\d+|\D", str(key)):
        if run.isdecimal():
            parts.append((1, int(run), run))
        else:
            parts.append((2 if run.isalpha() else 0, 0, run))
    return parts


def _key(text: str) -> str:
    quoted = _means_something_else(text) or any(not c.isprintable() for c in text)
    if quoted:
        return _double(text, 0, None)
    return _single(text, 0, None) if _NOT_PLAIN.search(text) else text


def _scalar(value: Any, column: int, indent: int) -> str:
    """Write a value that begins at `column`; further lines begin at `indent`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    if isinstance(value, int | float):
        return str(value)
    if "\n" in value:
        literal = all(c.isprintable() or c == "\n" for c in value)
        if literal and not re.search(r" (\n|$)", value):
            return _literal(value, indent)
        return _double(value, column, indent)
    if _means_something_else(value) or any(not c.isprintable() for c in value):
        return _double(value, column, indent)
    if _NOT_PLAIN.search(value):
        return _single(value, column, indent)
    return _fold(value, column, indent)


def _means_something_else(text: str) -> bool:
    """Answer whether a text without quotes would be read as a number, a truth value or a time."""
    if not isinstance(resolve(text), str):
        return True
    return bool(_TIMESTAMP.fullmatch(text) or _BASE_60.fullmatch(text) or text == "<<")


def _fold(text: str, column: int, indent: int | None, first: int = 0) -> str:
    """Break a text at the first single space behind the width; the space is left out."""
    if indent is None:
        return text
    lines, begin = [], 0
    for i, c in enumerate(text):
        alone = c == " " and text[i - 1 : i] != " " and text[i + 1 : i + 2] not in ("", " ")
        if alone and i > first and column + i - begin > _WIDTH:
            lines.append(text[begin:i])
            begin, column = i + 1, indent
    lines.append(text[begin:])
    return ("\n" + " " * (indent or 0)).join(lines)


def _single(text: str, column: int, indent: int | None) -> str:
    return "'" + _fold(text.replace("'", "''"), column + 1, indent) + "'"


def _double(text: str, column: int, indent: int | None) -> str:
    def escape(c: str) -> str:
        if c in _ESCAPES:
            return "\\" + _ESCAPES[c]
        if c.isprintable():
            return c
        code = ord(c)
        if code <= 0xFF:
            return f"\\x{code:02X}"
        return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"

    lines, line, column = [], "", column + 1
    for i, c in enumerate(text):
        inside = 0 < i < len(text) - 1
        if c == " " and indent is not None and inside and column > _WIDTH and text[i - 1] != " ":
            lines.append(line)
            line, column = "\\" if text[i + 1] == " " else "", indent
            continue
        line += escape(c)
        column += len(escape(c))
    return '"' + ("\n" + " " * (indent or 0)).join([*lines, line]) + '"'


def _literal(text: str, indent: int) -> str:
    hint = "2" if text[0] in " \n" else ""
    body = text.removesuffix("\n")
    chomp = "-" if not text.endswith("\n") else "+" if body.endswith("\n") or not body else ""
    lines = [" " * indent + line if line else "" for line in body.split("\n")]
    return "\n".join([f"|{hint}{chomp}", *lines])
