"""Errors about fields, in the words of the API server and of kubectl.

``field.Error`` (``apimachinery/pkg/util/validation/field/errors.go``) says what is wrong with one
field; ``checkErr`` (``kubectl/pkg/cmd/util/helpers.go``) puts those of one object together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

#: The Go name of each type of error, and how it reads in a message.
WORDS = {
    "FieldValueInvalid": "Invalid value",
    "FieldValueRequired": "Required value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueNotFound": "Not found",
}

#: These say nothing about the value.
_WITHOUT_VALUE = {"FieldValueRequired", "FieldValueForbidden"}

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def to_json(value: Any) -> str:
    """Write a value as Go's ``json.Marshal`` does: compact, ``<``, ``>`` and ``&`` escaped."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return "".join(_ESCAPES.get(c, c) for c in text)


def quote(text: str) -> str:
    """Put a text in double quotes as Go's ``%q`` does."""
    named = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    named |= {"\v": "\\v", "\\": "\\\\", '"': '\\"'}

    def one(c: str) -> str:
        if c in named:
            return named[c]
        if c.isprintable():
            return c
        code = ord(c)
        if code < 0x80:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    return '"' + "".join(map(one, text)) + '"'


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field.

    Parameters
    ----------
    field : str
        Its path, such as ``spec.replicas``.
    type : str
        One of `WORDS`.
    value : object
        As it is; a dict where Go has a map or struct, its keys in the order to be shown.
    detail : str
        What is allowed.
    line : int, optional
        Where the field stands in the YAML that it was read from.
    """

    field: str
    type: str
    value: Any = None
    detail: str = ""
    line: int | None = None

    @property
    def message(self) -> str:
        """The whole sentence: ``spec.replicas: Invalid value: -1: must be …``."""
        parts = [self.field, WORDS[self.type]]
        if self.type not in _WITHOUT_VALUE:
            parts.append(quote(self.value) if isinstance(self.value, str) else to_json(self.value))
        return ": ".join([*parts, self.detail] if self.detail else parts)


def invalid(field: str, value: Any, detail: str) -> FieldError:
    """Refuse a value that breaks a rule."""
    return FieldError(field, "FieldValueInvalid", value, detail)


def required(field: str, detail: str = "") -> FieldError:
    """Ask for a value that is missing."""
    return FieldError(field, "FieldValueRequired", None, detail)


def forbidden(field: str, detail: str) -> FieldError:
    """Refuse a field that may not be given here."""
    return FieldError(field, "FieldValueForbidden", None, detail)


def duplicate(field: str, value: Any) -> FieldError:
    """Refuse a value that something else has already."""
    return FieldError(field, "FieldValueDuplicate", value)


def not_found(field: str, value: Any) -> FieldError:
    """Refuse a name that nothing has."""
    return FieldError(field, "FieldValueNotFound", value)


def not_supported(field: str, value: Any, supported: Iterable[str]) -> FieldError:
    """Refuse a value that is not one of a few."""
    detail = "supported values: " + ", ".join(map(quote, supported))
    return FieldError(field, "FieldValueNotSupported", value, detail)


class Invalid(ValueError):
    """An object that the API server refuses; its text is what kubectl prints, without newline.

    Attributes
    ----------
    kind, name : str
        Of the object; both empty if the request itself is at fault, as with a bad patch.
    errors : list of FieldError
        In the order in which the API server finds them.
    """

    def __init__(self, kind: str, name: str, errors: Iterable[FieldError]) -> None:
        super().__init__(kind, name)
        self.kind = kind
        self.name = name
        self.errors = list(errors)

    @property
    def line(self) -> int | None:
        """Where the first error stands in the YAML, if that is known."""
        return next((e.line for e in self.errors if e.line is not None), None)

    def _text(self, messages: Iterable[str]) -> str:
        about = f"The {self.kind} {quote(self.name)} is invalid"
        if not self.kind and not self.name:
            about = "The request is invalid"
        messages = list(dict.fromkeys(messages))  # the same sentence is shown once
        if len(messages) == 1:
            return f"{about}: {messages[0]}"
        return "\n".join([f"{about}: ", *(f"* {message}" for message in messages)])

    def __str__(self) -> str:
        return self._text(e.message for e in self.errors)

    def located(self) -> str:
        """Return the same text, each error with its line of the YAML."""
        return self._text(
            e.message if e.line is None else f"{e.message} (line {e.line})" for e in self.errors
        )

    def locate(self, lines: dict[str, int]) -> Self:
        """Return the same error, knowing where each field stands in the YAML."""
        errors = [
            FieldError(e.field, e.type, e.value, e.detail, line_of(e.field, lines))
            for e in self.errors
        ]
        located = type(self)(self.kind, self.name, errors)
        lines_known = sorted({e.line for e in errors if e.line is not None})
        if lines_known:  # a traceback shows it below the server's own words
            located.add_note("see line " + ", ".join(map(str, lines_known)))
        return located


def line_of(field: str, lines: dict[str, int]) -> int | None:
    """Return the line of a field or, if it is not in the YAML, of what it would be in."""
    while field and field not in lines:
        field = field[: max(field.rfind("."), field.rfind("["), 0)]
    return lines.get(field)
