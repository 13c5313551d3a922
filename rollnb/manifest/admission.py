"""What the API server does with an object that is created or replaced, in its order.

Decode strictly, complete, put right what users may not set (``PrepareForCreate`` and
``PrepareForUpdate`` under ``pkg/registry/apps``), validate.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from typing import Any

from rollnb import validation
from rollnb.manifest.decoding import WrongType, decode
from rollnb.manifest.defaults import TEMPLATE_GENERATION, complete
from rollnb.manifest.errors import ManifestError
from rollnb.manifest.hints import hint, suggest
from rollnb.manifest.quantity import parse_quantity
from rollnb.manifest.schema import SERVED, structs
from rollnb.validation import FieldError, Invalid, line_of, quote

Object = Mapping[str, Any]


def check_served(obj: Object) -> None:
    """Refuse an object of an API version or kind that Kubernetes 1.36 does not serve.

    Raises
    ------
    ManifestError
        Of stage ``"mapping"``.
    """
    version, kind = obj.get("apiVersion") or "", obj.get("kind") or ""
    if kind in SERVED.get(version, "").split():
        return
    served = [known for known, kinds in SERVED.items() if kind in kinds.split()]
    metadata = obj.get("metadata") or {}
    raise ManifestError(
        f'no matches for kind "{kind}" in version "{version}"',
        stage="mapping",
        line=line_of("apiVersion" if served else "kind", getattr(obj, "lines", {})),
        field="apiVersion" if served else "kind",
        hint=f"write apiVersion: {served[-1]}" if served else "there is no such kind",
        name=metadata.get("name", ""),
        namespace=metadata.get("namespace", ""),
    )


def admit(
    obj: Object,
    old: Object | None = None,
    *,
    strict: bool = True,
    warnings: list[str] | None = None,
    patch: Object | None = None,
    feature_gates: Collection[str] = (),
) -> dict[str, Any]:
    """Return the object as the API server stores it.

    Parameters
    ----------
    obj : dict
        As sent; one that `read` returned knows its lines, and errors name them.
    old : dict, optional
        What it replaces.
    strict : bool
        False: unknown fields are dropped with a warning, as for ``kubectl patch``.
    warnings : list of str, optional
        Gets ``unknown field "spec.foo"`` for each, if not `strict`.
    patch : dict, optional
        The patch that `obj` came from: errors of type are then about the patch.
    feature_gates : collection of str
        Those that are on although off by default, such as ``MaxUnavailableStatefulSet``.

    Raises
    ------
    ManifestError
        For an unknown kind or field, or a value of a wrong type.
    Invalid
        For values against the rules.
    """
    check_served(obj)
    kind, lines = obj["kind"], getattr(obj, "lines", {})
    if kind not in structs():  # its fields are of no matter here
        validate(obj, old)
        return copy.deepcopy(dict(obj))
    try:
        decoded = decode(obj, kind)
    except WrongType as error:
        if patch is not None:
            raise bad_patch(patch, error.converter) from None
        line = line_of(error.path, lines)
        raise _bad_request(
            obj, error.go, error.path, line, hint(error.path, error.type, obj)
        ) from None
    if decoded.unknown and strict:
        unknown = [f"unknown field {quote(path)}" for path in decoded.unknown]
        text, path = f"strict decoding error: {', '.join(unknown)}", decoded.unknown[0]
        if patch is not None:
            raise bad_patch(patch, text)
        raise _bad_request(obj, text, path, line_of(path, lines), suggest(path, kind))
    if warnings is not None:
        warnings += [f"unknown field {quote(path)}" for path in decoded.unknown]
    new = complete(decoded.value, feature_gates=feature_gates)
    _prepare(new, old, feature_gates)
    try:
        validate(new, old)
    except Invalid as error:
        raise error.locate(lines) from None
    return new


def validate(obj: Object, old: Object | None = None) -> None:
    """Refuse a completed object that breaks the API server's rules.

    Raises
    ------
    Invalid
        With every error; its text is kubectl's.
    """
    try:
        validation.validate(obj, old, quantity=parse_quantity)
    except Invalid as error:
        raise error.locate(getattr(obj, "lines", {})) from None


def check_pods(obj: Object) -> list[FieldError]:
    """Return the errors for which the API server would refuse each pod of a stored workload."""
    return validation.check_pods(obj, quantity=parse_quantity)


def _bad_request(
    obj: Object, text: str, path: str, line: int | None, way_out: str
) -> ManifestError:
    kind, version = obj["kind"], obj["apiVersion"].rpartition("/")[2]
    text = f'{kind} in version "{version}" cannot be handled as a {kind}: {text}'
    return ManifestError(text, stage="request", line=line, field=path, hint=way_out)


def bad_patch(patch: Object, text: str) -> Invalid:
    """Return the error for a patch that leaves an object no one can read.

    Notes
    -----
    ``applyPatchToObject`` (``apiserver/pkg/endpoints/handlers/patch.go``).
    """
    error = FieldError("patch", "FieldValueInvalid", go_value(patch), text)
    return Invalid("", "", [error])


def go_value(value: Any) -> str:
    """Write a value as Go's ``%+v``: ``map[spec:map[replicas:3]]``."""
    if isinstance(value, Mapping):
        inner = " ".join(f"{key}:{go_value(value[key])}" for key in sorted(value))
        return f"map[{inner}]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(map(go_value, value)) + "]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _prepare(new: dict[str, Any], old: Object | None, feature_gates: Collection[str]) -> None:
    """Set what only the API server may set, and drop what is behind a closed feature gate."""
    spec = new.get("spec") or {}
    if new["kind"] == "DaemonSet":
        # Counts pod templates: 1 for the first.
        generation = 1
        if old is not None:
            given = (old["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, "1")
            changed = spec["template"] != old["spec"]["template"]
            generation = int(given) + changed
        new["metadata"]["annotations"][TEMPLATE_GENERATION] = str(generation)
    if new["kind"] == "StatefulSet" and "MaxUnavailableStatefulSet" not in feature_gates:
        in_use = old is not None and "maxUnavailable" in _rolling_update(old["spec"])
        if not in_use:
            _rolling_update(spec).pop("maxUnavailable", None)


def _rolling_update(spec: Any) -> dict[str, Any]:
    return (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
