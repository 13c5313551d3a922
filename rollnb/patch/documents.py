"""Patches of plain JSON documents: merge patches (RFC 7386) and JSON patches (RFC 6902)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from rollnb.patch.errors import PatchError

Object = Mapping[str, Any]


def merge(obj: Object, patch: Any) -> Any:
    """Return the object with a JSON merge patch (RFC 7386): null deletes, lists are replaced."""
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    result = copy.deepcopy(dict(obj)) if isinstance(obj, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def json_patch(obj: Object, operations: list[Object | None]) -> dict[str, Any]:
    """Return the object after the operations of a JSON patch (RFC 6902), all or none.

    Raises
    ------
    PatchError
        If an operation cannot be carried out.
    """
    document = copy.deepcopy(dict(obj))
    for each in operations:
        operation = each or {}
        name, path = operation.get("op", "unknown"), operation.get("path", "")
        for field in ("path", "from"):
            if not isinstance(operation.get(field, ""), str):
                raise PatchError(f"{field} {operation[field]!r} is no text")
        if name not in ("add", "remove", "replace", "move", "copy", "test"):
            raise PatchError(f"Unexpected kind: {name}")
        value = copy.deepcopy(operation.get("value"))
        if name in ("move", "copy"):
            value = copy.deepcopy(_get(document, operation.get("from", "")))
        if name == "test":
            if _get(document, path) != value:
                raise PatchError(f"testing value {path} failed: test failed")
            continue
        if name == "move":
            _remove(document, operation.get("from", ""))
        if name in ("remove", "replace"):
            _get(document, path)  # must be there
        if name == "remove":
            _remove(document, path)
        else:
            _put(document, path, value, insert=name != "replace")
    return document


def _split(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise PatchError(f"path {path!r} does not begin with /")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _step(place: Any, part: str, path: str) -> Any:
    if isinstance(place, dict) and part in place:
        return place[part]
    if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
        return place[int(part)]
    raise PatchError(f"path {path!r} does not exist: there is no {part!r}")


def _get(document: Any, path: str) -> Any:
    for part in _split(path):
        document = _step(document, part, path)
    return document


def _parent(document: Any, path: str) -> tuple[Any, str]:
    *parts, last = _split(path) or [""]
    for part in parts:
        document = _step(document, part, path)
    return document, last


def _remove(document: Any, path: str) -> None:
    place, last = _parent(document, path)
    _step(place, last, path)
    del place[int(last) if isinstance(place, list) else last]


def _put(document: Any, path: str, value: Any, *, insert: bool) -> None:
    place, last = _parent(document, path)
    if isinstance(place, dict):
        place[last] = value
    elif isinstance(place, list) and last == "-":
        place.append(value)
    elif isinstance(place, list) and last.isdecimal() and int(last) <= len(place):
        place[int(last) : int(last) + (not insert)] = [value]
    else:
        raise PatchError(f"path {path!r} does not exist: there is no {last!r}")
