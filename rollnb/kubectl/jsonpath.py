"""kubectl's JSONPath templates: ``{.items[*].metadata.name}``, ``{range ...}{end}``, filters.

Follows ``client-go/util/jsonpath`` (Kubernetes 1.36) for what is written in practice: fields,
indices, slices, ``*``, ``..``, unions, filters that compare, ``range`` and quoted text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rollnb.kubectl.output import error

_STEP = re.compile(
    r"""
      \.\.(?P<deep>[\w$-]+|\*)?
    | \.(?P<field>(?:\\.|[^\s.\[\]{}|()])+)
    | \['(?P<quoted>(?:[^'\\]|\\.)*)'\]
    | \["(?P<double>(?:[^"\\]|\\.)*)"\]
    | \[\?\((?P<filter>.*?)\)\]
    | \[(?P<index>[\d,:*-]+)\]
    | \.(?=\[|$)
    """,
    re.VERBOSE,
)
#: What stands between braces, piece by piece.
_PIECE = re.compile(
    r"""
      "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
    | \[\?\((?:"[^"]*"|'[^']*'|[^"'\n])*?\)\]
    | \[(?!\?\()[^\]\n]*\]
    | \\. | [^\\"'\[{}\n]
    """,
    re.VERBOSE,
)
#: What is wrong where no piece ends, by the text there.
_UNCLOSED = (
    ('"', "unterminated quoted string"),
    ("'", "unterminated quoted string"),
    ("[?(", "unterminated filter"),
    ("[", "unterminated array"),
    ("{", "unrecognized character in action: U+007B '{'"),
)
_COMPARE = re.compile(
    r"^\s*@(?P<path>[^=!<>\s]*)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<value>.+?))?\s*$"
)


def evaluate(template: str, obj: Any) -> str:
    """Return the text of a template for an object; a missing field gives no text.

    Raises
    ------
    Failure
        If the template cannot be read.
    """
    text, end = _render(_split(template), 0, obj, template)
    if end != -1:
        raise error(f"error parsing jsonpath {template}, not in range, nothing to end")
    return text


def find(path: str, obj: Any, template: str = "") -> list[Any]:
    """Return the values at a path (``.spec.replicas``, with or without braces and dot).

    An error names the `template` that the path stands in.
    """
    path = path.strip()
    if path.startswith("{") and path.endswith("}"):
        path = path[1:-1].strip()
    path = path.removeprefix("$").removeprefix("@")
    if path and path[0] not in ".[":
        path = "." + path
    values = [obj]
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            template = template or f"{{{path}}}"
            raise error(f"error parsing jsonpath {template}, {_problem(path[position:])}")
        values = [found for value in values for found in _step(step, value)]
        position = step.end()
    return values


def _problem(rest: str) -> str:
    """Say what is wrong with the step that `rest` begins with."""
    if found := re.match(r"\[([^]]*)\]", rest):
        return f"invalid array index {found[1]}"
    return f"unrecognized character in action: U+{ord(rest[0]):04X} '{rest[0]}'"


def _step(step: re.Match, value: Any) -> Iterator[Any]:
    kind, text = step.lastgroup, step.group(step.lastgroup) if step.lastgroup else ""
    if step.group(0).startswith(".."):
        for inner in _descend(value):
            yield from _fields(inner, text) if text else [inner]
    elif kind is None:
        yield value
    elif kind in ("field", "quoted", "double"):
        yield from _fields(value, re.sub(r"\\(.)", r"\1", text))
    elif kind == "filter":
        yield from (item for item in _children(value) if _fits(text, item))
    elif isinstance(value, list):
        for part in text.split(","):
            yield from _items(value, part)
    elif text == "*":
        yield from _children(value)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    return value if isinstance(value, list) else []


def _descend(value: Any) -> Iterator[Any]:
    yield value
    for child in _children(value):
        yield from _descend(child)


def _fields(value: Any, name: str) -> list[Any]:
    if name == "*":
        return _children(value)
    return [value[name]] if isinstance(value, dict) and name in value else []


def _items(values: list[Any], part: str) -> list[Any]:
    if part == "*":
        return values
    if ":" in part:
        return values[slice(*(int(n) if n else None for n in part.split(":")))]
    index = int(part)
    if not -len(values) <= index < len(values):
        raise error(f"array index out of bounds: index {index}, length {len(values)}")
    return [values[index]]


def _fits(condition: str, item: Any) -> bool:
    match = _COMPARE.match(condition)
    if match is None:
        raise error(f"error parsing jsonpath filter {condition}")
    found = find(match["path"], item) if match["path"] else [item]
    if not match["op"]:
        return bool(found)
    if not found:
        return False
    wanted: Any = match["value"].strip()
    if wanted[0] in "'\"":
        wanted = wanted[1:-1]
    elif wanted in ("true", "false"):
        wanted = wanted == "true"
    else:
        wanted = float(wanted)
    left = found[0]
    if match["op"] == "==":
        return left == wanted
    if match["op"] == "!=":
        return left != wanted
    if isinstance(left, str) != isinstance(wanted, str):
        return False
    return {
        "<": left < wanted,
        ">": left > wanted,
        "<=": left <= wanted,
        ">=": left >= wanted,
    }[match["op"]]


def _split(template: str) -> list[tuple[bool, str]]:
    """Part a template into text (False) and what stands in braces (True)."""
    parts: list[tuple[bool, str]] = []
    if "{" not in template:
        # kubectl allows leaving the braces out.
        return [(True, template)] if template else []
    text, brace, rest = template.partition("{")
    while brace:
        at = 0
        while piece := _PIECE.match(rest, at):
            at = piece.end()
        if rest[at : at + 1] != "}":
            why = (why for begins, why in _UNCLOSED if rest.startswith(begins, at))
            raise error(f"error parsing jsonpath {template}, {next(why, 'unclosed action')}")
        parts += [(False, text), (True, rest[:at].strip())]
        text, brace, rest = rest[at + 1 :].partition("{")
    return [part for part in [*parts, (False, text)] if part != (False, "")]


def _render(parts: list[tuple[bool, str]], start: int, obj: Any, template: str) -> tuple[str, int]:
    """Render from `start` to the end of the range it is in; return the text and that end."""
    out: list[str] = []
    index = start
    while index < len(parts):
        is_code, text = parts[index]
        if not is_code:
            out.append(text)
        elif text == "end":
            return "".join(out), index
        elif text.startswith("range"):
            items = find(text.removeprefix("range").strip(), obj, template)
            end = _end_of_range(parts, index, template)
            out += [_render(parts, index + 1, item, template)[0] for item in items]
            index = end
        elif text[:1] in ("'", '"'):
            out.append(_unescape(text[1:-1]))
        else:
            out.append(" ".join(to_text(value) for value in find(text, obj, template)))
        index += 1
    return "".join(out), -1


def _end_of_range(parts: list[tuple[bool, str]], start: int, template: str) -> int:
    depth = 0
    for index in range(start, len(parts)):
        is_code, text = parts[index]
        if is_code and text.startswith("range"):
            depth += 1
        elif is_code and text == "end":
            depth -= 1
            if depth == 0:
                return index
    raise error(f"error parsing jsonpath {template}, unclosed range")


def _unescape(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"').replace("\\'", "'")


def to_text(value: Any) -> str:
    """Return a value as kubectl prints it: text as it is, the rest as compact JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
