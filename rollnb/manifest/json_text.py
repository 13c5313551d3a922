"""JSON texts to values, with the errors of Go's ``encoding/json``."""

from __future__ import annotations

import json
from typing import Any


class JSONProblem(Exception):
    """A text that is not JSON: Go's sentence, the line, and how many bytes Go has read by then."""

    def __init__(self, text: str, line: int, offset: int) -> None:
        super().__init__(text)
        self.text = text
        self.line = line
        self.offset = offset


def parse_json(text: str, start: int = 0) -> tuple[Any, int]:
    """Return the JSON value at `start`, and where it ends.

    Raises
    ------
    JSONProblem
        With the sentence of Go's ``encoding/json``, as far as it is known.
    """
    try:
        return json.JSONDecoder(parse_float=_number).raw_decode(text, start)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode()) + 1
        raise JSONProblem(_json_problem(text, error), error.lineno, offset) from None


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _json_problem(text: str, error: json.JSONDecodeError) -> str:
    if not text[error.pos :].strip():
        return "unexpected EOF"
    found = "invalid character " + repr(text[error.pos :].lstrip()[0])
    if "property name" in error.msg:
        return f"{found} looking for beginning of object key string"
    if "':' delimiter" in error.msg:
        return f"{found} after object key"
    if "',' delimiter" in error.msg:
        before = text[: error.pos].rstrip()
        inside = before.rfind("[") > before.rfind("{") and before.rfind("]") < before.rfind("[")
        return f"{found} after " + ("array element" if inside else "object key:value pair")
    return f"{found} looking for beginning of value"
