"""Patches: how a change that is written down becomes a changed object.

`read` takes the text of ``kubectl patch -p``; `apply` carries it out by its type, with
`strategic_merge`, `merge` or `json_patch`; `three_way` makes the patch of ``kubectl apply``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rollnb.manifest.errors import ManifestError
from rollnb.manifest.json_text import JSONProblem, parse_json
from rollnb.manifest.reading import parse_yaml
from rollnb.patch.applying import three_way
from rollnb.patch.documents import json_patch, merge
from rollnb.patch.errors import PatchError
from rollnb.patch.strategic import strategic_merge
from rollnb.validation import quote

__all__ = [
    "PatchError",
    "apply",
    "json_patch",
    "merge",
    "read",
    "strategic_merge",
    "three_way",
]


def read(text: str, type: str = "strategic") -> Any:
    """Return the body of a patch from YAML or JSON, as ``kubectl patch -p`` reads it.

    Parameters
    ----------
    text : str
    type : str
        ``"strategic"``, ``"merge"`` or ``"json"``, as after ``--type``.

    Raises
    ------
    ManifestError
        With kubectl's sentence for a text that is not YAML, the API server's for one that is
        not a patch.
    """
    if text.lstrip().startswith("{"):
        try:
            start = len(text) - len(text.lstrip())
            body, end = parse_json(text, start)
        except JSONProblem as error:
            problem = error.text.replace("unexpected EOF", "unexpected end of JSON input")
            raise ManifestError(problem, stage="patch", line=error.line) from None
        rest = text[end:].lstrip()
        if rest:
            problem = f"invalid character {rest[0]!r} after top-level value"
            raise ManifestError(problem, stage="patch")
    else:
        try:
            body, _ = parse_yaml(text)
        except ManifestError as error:
            problem = f"unable to parse {quote(text)}: {error.text}"
            raise ManifestError(
                problem, stage="argument", line=error.line, hint=error.hint
            ) from None
    if type == "json":
        _check(body, list, "jsonpatch.Patch", "write a list of operations")
        for operation in body:
            if operation is not None:
                way_out = "write op, path and value"
                _check(operation, Mapping, "jsonpatch.Operation", way_out)
    else:
        _check(body, Mapping, "map[string]interface {}", "write the fields to change")
    return body


def _check(value: Any, expected: type, go_type: str, way_out: str) -> None:
    """Refuse a part of a patch that is no list or no object, in the words of Go's decoder."""
    if not isinstance(value, expected):
        found = {str: "string", bool: "bool", list: "array", dict: "object"}
        kind = found.get(value.__class__, "number")
        raise ManifestError(
            f"json: cannot unmarshal {kind} into Go value of type {go_type}",
            stage="patch",
            hint=way_out,
        )


def apply(obj: Mapping[str, Any], body: Any, type: str = "strategic") -> dict[str, Any]:
    """Return the object with a patch of the given type carried out."""
    ways = {"strategic": strategic_merge, "merge": merge, "json": json_patch}
    return ways[type](obj, body)
