"""What ``kubectl apply`` sends: the difference of three objects, as a strategic merge patch.

``CreateThreeWayMergePatch`` (``apimachinery/pkg/util/strategicpatch/patch.go``), called by
``kubectl/pkg/cmd/apply/patcher.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from rollnb.manifest.admission import go_value
from rollnb.manifest.schema import Type, structs
from rollnb.patch.errors import PatchError
from rollnb.patch.strategic import DELETE_TEXTS, ORDER

Object = Mapping[str, Any]

#: Fields whose other parts go when one part changes.
_RETAIN_KEYS = {("DeploymentSpec", "strategy"), ("PodSpec", "volumes")}


def three_way(last_applied: Object, wanted: Object, live: Object) -> dict[str, Any]:
    """Return the strategic merge patch that ``kubectl apply`` sends; empty if nothing is to do.

    Parameters
    ----------
    last_applied : dict
        The manifest applied before; what it has and `wanted` has not is deleted.
    wanted : dict
        The manifest applied now.
    live : dict
        The object as it is; what only it has (defaults, a scaled `replicas`) stays.
    """
    return _diff(last_applied, wanted, live, live.get("kind", ""))


def _diff(last: Object, wanted: Object, live: Object, struct: str) -> dict[str, Any]:
    fields = structs()[struct].fields if struct in structs() else {}
    patch: dict[str, Any] = {}
    for key in sorted({*wanted, *last}):
        new, old, before = wanted.get(key), live.get(key), last.get(key)
        type_ = fields.get(key, Type(""))
        if new is None:
            if key in live:
                patch[key] = None
        elif isinstance(new, Mapping) and isinstance(old, Mapping):
            if type_.replaced:
                # Even if nothing has changed: so ``kubectl apply`` calls every budget configured.
                patch[key] = copy.deepcopy(dict(new))
                continue
            inner = "" if type_.shape == "map" else type_.name
            change = _diff(before if isinstance(before, Mapping) else {}, new, old, inner)
            if change and (struct, key) in _RETAIN_KEYS:
                change["$retainKeys"] = sorted(new)
            if change:
                patch[key] = change
        elif isinstance(new, list) and isinstance(old, list) and type_.merge_key is not None:
            before = before if isinstance(before, list) else []
            patch |= _diff_list(key, before, new, old, struct, type_)
        elif new != old:
            patch[key] = copy.deepcopy(new)
    return patch


def _diff_list(
    field: str, last: list[Any], wanted: list[Any], live: list[Any], struct: str, type_: Type
) -> dict[str, Any]:
    key = type_.merge_key
    if not key:
        patch: dict[str, Any] = {}
        if added := [text for text in wanted if text not in live]:
            patch[field] = added
        if gone := [text for text in last if text not in wanted and text in live]:
            patch[DELETE_TEXTS + field] = gone
        return patch
    for item in wanted:
        if not isinstance(item, Mapping) or key not in item:
            raise PatchError(f"map: {go_value(item)} does not contain declared merge key: {key}")
    changes = []
    for item in wanted:
        old = _find(live, key, item)
        if old is None:
            changes.append(copy.deepcopy(item))
            continue
        change = _diff(_find(last, key, item) or {}, item, old, type_.name)
        if change and (struct, field) in _RETAIN_KEYS:
            change["$retainKeys"] = sorted(item)
        if change:
            changes.append({key: item[key], **change})
    changes += [
        {"$patch": "delete", key: item[key]}
        for item in last
        if _find(wanted, key, item) is None and _find(live, key, item) is not None
    ]
    if not changes:
        return {}
    return {ORDER + field: [{key: item[key]} for item in wanted], field: changes}


def _find(items: list[Any], key: str, like: Object) -> Any:
    """Return the item of a list that has the same key; None if there is none."""
    return next((item for item in items if item.get(key) == like.get(key)), None)
