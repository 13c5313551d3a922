"""Strategic merge: patches that know which lists of Kubernetes are merged by a key.

``apimachinery/pkg/util/strategicpatch/patch.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from rollnb.manifest.admission import go_value
from rollnb.manifest.schema import Type, structs
from rollnb.patch.errors import PatchError

Object = Mapping[str, Any]

#: These stand before a list's name and say in which order it is to be, or what is to go.
ORDER = "$setElementOrder/"
DELETE_TEXTS = "$deleteFromPrimitiveList/"


def strategic_merge(obj: Object, patch: Object) -> dict[str, Any]:
    """Return the object with the patch merged into it, lists by the keys of their kind.

    Notes
    -----
    ``null`` deletes a field; ``$patch: replace`` or ``delete`` acts on what it stands in;
    ``$retainKeys``, ``$setElementOrder/…`` and ``$deleteFromPrimitiveList/…`` are understood.
    """
    return _merge_map(copy.deepcopy(dict(obj)), copy.deepcopy(dict(patch)), obj.get("kind", ""))


def _merge_map(original: dict[str, Any], patch: dict[str, Any], struct: str) -> dict[str, Any]:
    directive = patch.pop("$patch", None)
    if directive == "replace":
        return patch
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise PatchError(f"unknown patch type found: {directive}")
    _retain_keys(original, patch)
    fields = structs()[struct].fields if struct in structs() else {}
    orders = {key: patch.pop(key) for key in list(patch) if key.startswith(ORDER)}
    for key in [key for key in patch if key.startswith(DELETE_TEXTS)]:
        name, gone = key.removeprefix(DELETE_TEXTS), patch.pop(key)
        original[name] = [text for text in original.get(name) or [] if text not in gone]
    for key, value in patch.items():
        type_ = fields.get(key, Type(""))
        inner = "" if type_.shape == "map" else type_.name
        order = orders.pop(ORDER + key, None)
        old = original.get(key)
        if value is None:
            original.pop(key, None)
        elif isinstance(value, dict) and not type_.replaced:
            original[key] = _merge_map(old if isinstance(old, dict) else {}, value, inner)
        elif isinstance(value, list) and type_.merge_key is not None:
            old = old if isinstance(old, list) else []
            original[key] = _merge_list(old, value, type_.merge_key, inner, order)
        else:
            original[key] = value
    for key, order in orders.items():  # of lists that did not change otherwise
        name = key.removeprefix(ORDER)
        type_ = fields.get(name, Type(""))
        if isinstance(original.get(name), list) and type_.merge_key is not None:
            original[name] = _in_order(original[name], original[name], order, type_.merge_key)
    return original


def _retain_keys(original: dict[str, Any], patch: dict[str, Any]) -> None:
    kept = patch.pop("$retainKeys", None)
    if kept is None:
        return
    # What the patch deletes need not be kept.
    given = (key for key, value in patch.items() if value is not None and key[:1] != "$")
    if any(key not in kept for key in given):
        raise PatchError("invalid patch format of retainKeys")
    for key in list(original):
        if key not in kept:
            del original[key]


def _merge_list(
    original: list[Any], patch: list[Any], key: str, struct: str, order: list[Any] | None
) -> list[Any]:
    if not key:
        merged = list(dict.fromkeys([*original, *patch]))
        return _in_order(merged, original, order or patch, key)
    if any(isinstance(item, dict) and item.get("$patch") == "replace" for item in patch):
        return [item for item in patch if "$patch" not in item]
    deleted = []
    items = []
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise PatchError(f"map: {go_value(item)} does not contain declared merge key: {key}")
        if item.get("$patch") == "delete":
            deleted.append(item[key])
        else:
            items.append(item)
    merged = [item for item in original if item.get(key) not in deleted]
    for item in items:
        at = next((i for i, old in enumerate(merged) if old.get(key) == item[key]), None)
        if at is None:
            merged.append(_merge_map({}, item, struct))
        else:
            merged[at] = _merge_map(merged[at], item, struct)
    return _in_order(merged, original, order or items, key)


def _in_order(merged: list[Any], original: list[Any], order: list[Any], key: str) -> list[Any]:
    """Put items in the patch's order; those only the server has keep their place among them.

    Notes
    -----
    ``normalizeElementOrder`` and ``mergeSortedSlice``: a new item comes first, unless the patch
    says otherwise.
    """

    def name(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted, before = [name(item) for item in order], [name(item) for item in original]
    ours = sorted(
        (item for item in merged if name(item) in wanted), key=lambda i: wanted.index(name(i))
    )
    theirs = [item for item in merged if name(item) not in wanted]
    result = []
    while ours and theirs:
        mine, other = name(ours[0]), name(theirs[0])
        earlier = mine in before and other in before and before.index(other) < before.index(mine)
        result.append(theirs.pop(0) if earlier else ours.pop(0))
    return result + ours + theirs
