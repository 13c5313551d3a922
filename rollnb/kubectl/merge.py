"""The patch that ``kubectl apply`` sends: what the file changed, added, and no longer says.

Follows ``CreateThreeWayMergePatch`` of ``apimachinery/pkg/util/strategicpatch/patch.go``
(Kubernetes 1.36), for the kinds that the cluster knows.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

#: Lists whose items are told apart by a field; other lists are replaced as a whole.
_MERGE_KEYS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "imagePullSecrets": ("name",),
    "topologySpreadConstraints": ("topologyKey",),
    "ports": ("containerPort", "port"),  # of a container, and of a Service
}
#: Maps of which only the keys that the file names are kept, once something in them changes: so a
#: strategy that becomes Recreate loses the rollingUpdate that the server had filled in.
_RETAIN_KEYS = ("strategy", "volumes")


def three_way_patch(original: Object, modified: Object, current: Object) -> Object:
    """Return the strategic merge patch from `current` to what the file wants.

    Parameters
    ----------
    original : dict
        What was applied last; empty if nothing was.
    modified : dict
        What the file says now.
    current : dict
        What the API server has.

    Returns
    -------
    dict
        Empty if there is nothing to change. A field that stood in `original` but no longer stands
        in `modified` is removed; one that only `current` has is left alone.
    """
    return _maps(original, modified, current)


def _maps(original: Object, modified: Object, current: Object, retain: bool = False) -> Object:
    patch: Object = {}
    for key, new in modified.items():
        old, now = original.get(key), current.get(key)
        if new is None:
            if now is not None:
                patch[key] = None
        elif isinstance(new, dict) and isinstance(now, dict):
            if change := _maps(_map(old), new, now, key in _RETAIN_KEYS):
                patch[key] = change
        elif isinstance(new, list) and isinstance(now, list) and (name := _key_of(key, new, now)):
            if changes := _lists(name, old or [], new, now, key in _RETAIN_KEYS):
                patch[key] = changes
        elif new != now:
            patch[key] = new
    patch |= {key: None for key in original if key not in modified and key in current}
    if patch and retain:
        patch["$retainKeys"] = sorted(modified)
    return patch


def _map(value: Any) -> Object:
    return value if isinstance(value, dict) else {}


def _key_of(field: str, *lists: list) -> str | None:
    """Return the field that tells the items of a list apart, if they all have it."""
    for name in _MERGE_KEYS.get(field, ()):
        if all(isinstance(item, dict) and name in item for items in lists for item in items):
            return name
    return None


def _lists(name: str, original: list, modified: list, current: list, retain: bool) -> list:
    before = {item[name]: item for item in original if isinstance(item, dict) and name in item}
    now = {item[name]: item for item in current}
    changes = []
    for item in modified:
        if item[name] not in now:
            changes.append(item)
        elif change := _maps(before.get(item[name], {}), item, now[item[name]], retain):
            changes.append({**change, name: item[name]})
    wanted = {item[name] for item in modified}
    gone = [value for value in before if value not in wanted and value in now]
    return changes + [{"$patch": "delete", name: value} for value in gone]
