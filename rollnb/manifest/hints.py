"""Ways out of an error: what the value is, what would be allowed, what may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from rollnb.manifest.schema import Type, structs

#: How to write a value of a type.
_ALLOWED = {
    "int32": "a whole number without quotes",
    "int64": "a whole number without quotes",
    "bool": "true or false",
    "IntOrString": 'a whole number, or a percentage such as "25%"',
    "Bytes": "a text in base64, or the plain text under stringData",
    "Quantity": 'an amount such as "500m" or "64Mi"',
    "string": "a text, in quotes if it looks like a number or yes or no",
}


def hint(path: str, type_: Type, obj: Mapping[str, Any]) -> str:
    """Return the field, its value and what would be allowed."""
    name = type_.name
    if type_.shape == "list":
        allowed = "a list: items that begin with a dash"
    elif type_.shape == "map" or name in structs():
        allowed = "fields, indented below it"
    else:
        allowed = _ALLOWED.get(name, _ALLOWED["string"])
    return f"{path} is {look_up(obj, path)!r}; write {allowed}"


def look_up(obj: Any, path: str) -> Any:
    """Return the value at a path such as ``spec.containers[0].image``; None if there is none."""
    while path:
        if isinstance(obj, Mapping):
            # Keys of labels have dots: the longest key that fits is meant.
            key = max((k for k in obj if _starts(path, str(k))), key=len, default=None)
            if key is None:
                return None
            obj, path = obj[key], path[len(key) :].removeprefix(".")
        elif isinstance(obj, list | tuple) and path.startswith("["):
            index, _, path = path[1:].partition("]")
            obj, path = obj[int(index)], path.removeprefix(".")
        else:
            return None
    return obj


def _starts(path: str, key: str) -> bool:
    return path.startswith(key) and path[len(key) : len(key) + 1] in ("", ".", "[")


def suggest(path: str, struct: str) -> str:
    """Say what an unknown field may have been meant to be."""
    parent, _, name = path.rpartition(".")
    fields = _fields_at(parent, struct)
    close = difflib.get_close_matches(name, fields, n=1)
    deeper = [
        f"{inner}.{name}"
        for inner, type_ in fields.items()
        if type_.name in structs() and not type_.shape and name in structs()[type_.name].fields
    ]
    where, outer = f"{parent}." if parent else "", parent.rpartition(".")[0]
    meant = [where + one for one in close] + [where + one for one in deeper]
    if parent and name in _fields_at(outer, struct):
        meant.append(f"{outer}.{name}" if outer else name)
    if meant:
        return f"{path} does not exist; did you mean {meant[0]}?"
    return f"{path} does not exist; there are {', '.join(sorted(fields))}"


def _fields_at(path: str, struct: str) -> dict[str, Type]:
    fields = structs()[struct].fields
    for part in path.split(".") if path else []:
        type_ = fields.get(part.partition("[")[0])
        if type_ is None or type_.name not in structs():
            return {}
        fields = structs()[type_.name].fields
    return fields
