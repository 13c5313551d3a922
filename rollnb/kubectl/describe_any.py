"""What ``kubectl describe`` prints of a kind that has no describer of its own: all fields.

Follows ``genericDescriber`` and ``printUnstructuredContent`` of
``kubectl/pkg/describe/describe.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import re
from typing import Any

from rollnb.kubectl.metadata import head_lines, own_labels_lines

Object = dict[str, Any]

#: Fields of the metadata that stand at the top, or nowhere.
_ABOVE = ("name", "namespace", "labels", "annotations", "managedFields")
_ACRONYMS = ("API", "URL", "UID", "OSB", "GUID")


def describe_any(obj: Object, others: dict[str, list[Object]], now: float) -> list[str]:
    """List every field of an object, by its name in words."""
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _ABOVE}
    fields = _fields_lines({**obj, "metadata": metadata})
    return [*head_lines(obj), *own_labels_lines(obj), *fields]


def _fields_lines(content: Object) -> list[str]:
    lines = []
    for field in sorted(content):
        value, label = content[field], field_label(field)
        if isinstance(value, dict):
            lines += [f"{label}:", *_indented(_fields_lines(value))]
        elif isinstance(value, list):
            lines.append(f"{label}:")
            for child in value:
                is_object = isinstance(child, dict)
                lines += _indented(_fields_lines(child) if is_object else [_text(child)])
        else:
            lines.append(f"{label}:\t{_text(value)}")
    return lines


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def field_label(field: str) -> str:
    """Return a field's name in words: ``API Version`` for ``apiVersion``; ``smartLabelFor``."""
    if not re.fullmatch(r"[A-Za-z-]+", field):
        return field
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-+", field)
    words = (part.upper() if part.upper() in _ACRONYMS else part for part in parts)
    return " ".join(word[0].upper() + word[1:] for word in words)


def _text(value: Any) -> str:
    """Write a value as Go's ``%v`` does."""
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)
