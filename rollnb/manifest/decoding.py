"""Strict decoding: an object has the fields of its kind, each of its type, and no others.

What ``sigs.k8s.io/json`` does when the API server reads a request, with its error texts:
``cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32``. A
patch is read by another function of the API server (``FromUnstructured`` in
``apimachinery/pkg/runtime/converter.go``), whose texts are shorter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rollnb.manifest.errors import ManifestError
from rollnb.manifest.hints import hint
from rollnb.manifest.quantity import canonical
from rollnb.manifest.schema import Struct, Type, structs
from rollnb.validation import line_of

_INTS = {"int32": 31, "int64": 63}


@dataclass
class Decoded:
    """What came of decoding.

    Attributes
    ----------
    value : dict
        Without unknown fields, nulls and what is the same when it is absent.
    unknown : list of str
        Paths of the fields that the kind does not have, in the order of the API server.
    """

    value: dict[str, Any]
    unknown: list[str] = field(default_factory=list)


class WrongType(Exception):
    """A value of another type than its field's.

    Attributes
    ----------
    path : str
        With indices, for people.
    go, converter : str
        The sentence of the JSON decoder, and that of the converter for patches.
    """

    def __init__(self, path: str, type: Type, go: str, converter: str) -> None:
        super().__init__(go)
        self.path = path
        self.type = type
        self.go = go
        self.converter = converter


def decode(obj: Mapping[str, Any], struct: str) -> Decoded:
    """Read an object as a struct of the schema.

    Raises
    ------
    WrongType
        For the value that the API server would name.
    """
    decoder = _Decoder()
    value = decoder.struct(obj, structs()[struct], "", ())
    if decoder.problems:
        # Types that read themselves end the decoding; the others let it go on to the end.
        raise next((p for p in decoder.problems if p.type.name in _CUSTOM), decoder.problems[0])
    return Decoded(value, decoder.unknown)


_CUSTOM = {"IntOrString", "Quantity"}


class _Decoder:
    """One walk through an object."""

    def __init__(self) -> None:
        self.unknown: list[str] = []
        self.problems: list[WrongType] = []

    def struct(
        self, obj: Mapping[str, Any], struct: Struct, path: str, stack: tuple[str, ...]
    ) -> dict[str, Any]:
        decoded = {}
        for name in sorted(obj):  # kubectl sends the fields in this order
            here = f"{path}.{name}" if path else str(name)
            type_ = struct.fields.get(name)
            if type_ is None:
                self.unknown.append(here)
                continue
            value = self.value(obj[name], type_, here, struct.name, (*stack, name))
            if value is not None and (type_.pointer or type_.always or not _is_zero(value)):
                decoded[name] = value
            elif value is not None and type_.name in structs() and not type_.shape:
                decoded[name] = value  # a struct within a struct is shown even when empty
        return decoded

    def value(
        self, value: Any, type_: Type, path: str, struct: str, stack: tuple[str, ...]
    ) -> Any:
        if value is None or type_.name == "Any":
            return value
        if type_.shape == "list":
            if not isinstance(value, list | tuple):
                return self.wrong(value, type_, path, struct, stack)
            items = (
                self.value(item, type_.item, f"{path}[{i}]", struct, stack)
                for i, item in enumerate(value)
            )
            return [item for item in items if item is not None]
        if type_.shape == "map":
            if not isinstance(value, Mapping):
                return self.wrong(value, type_, path, struct, stack)
            decoded = {
                str(key): self.value(one, type_.item, f"{path}.{key}", struct, stack)
                for key, one in sorted(value.items())
            }
            empty = "0" if type_.name == "Quantity" else ""
            return {key: empty if one is None else one for key, one in decoded.items()}
        if type_.name in structs():
            if not isinstance(value, Mapping):
                return self.wrong(value, type_, path, struct, stack)
            return self.struct(value, structs()[type_.name], path, stack)
        return self.single(value, type_, path, struct, stack)

    def single(
        self, value: Any, type_: Type, path: str, struct: str, stack: tuple[str, ...]
    ) -> Any:
        """Read a text, number or truth value."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        name = type_.name
        if name == "Quantity" and not isinstance(value, bool | Mapping | list):
            try:
                return canonical(value)
            except ValueError as error:
                self.problems.append(WrongType(path, type_, str(error), str(error)))
                return None
        if name == "Bytes" and isinstance(value, str):
            if (byte := _corrupt_base64(value)) is not None:
                text = f"illegal base64 data at input byte {byte}"
                self.problems.append(WrongType(path, type_, text, text))
                return None
            return value
        fits = {
            "Bytes": False,
            "bool": isinstance(value, bool),
            "IntOrString": isinstance(value, str) or _fits(value, 31),
            "Time": isinstance(value, str),
            "Quantity": False,
        }
        if name in _INTS:
            good = _fits(value, _INTS[name])
        else:
            good = fits.get(name, isinstance(value, str))
        return value if good else self.wrong(value, type_, path, struct, stack)

    def wrong(
        self, value: Any, type_: Type, path: str, struct: str, stack: tuple[str, ...]
    ) -> None:
        if type_.name == "Quantity" and not type_.shape:
            text = "quantities must match the regular expression "
            text += "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            self.problems.append(WrongType(path, type_, text, text))
            return
        go = "int32" if type_.name == "IntOrString" else type_.go
        if type_.name in structs() and not type_.shape:
            go = f"v1.{type_.name}"
        text = (
            f"json: cannot unmarshal {_describe(value, type_)} into Go struct field "
            f"{struct}.{'.'.join(stack)} of type {go}"
        )
        self.problems.append(WrongType(path, type_, text, _converter_text(value, type_)))


def _is_zero(value: Any) -> bool:
    return value in (0, "", False) or (isinstance(value, dict | list) and not value)


def _fits(value: Any, bits: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**bits) <= value < 2**bits


def _corrupt_base64(text: str) -> int | None:
    """Return where a text ends to be base64; ``CorruptInputError`` of ``encoding/base64``."""
    text = re.sub(r"[\r\n]", "", text)
    letters = re.match(r"[A-Za-z0-9+/]*", text).end()
    padding = text[letters:]
    if padding not in ("", "=", "=="):
        return letters
    return None if len(text) % 4 == 0 else letters - letters % 4


def _describe(value: Any, type_: Type) -> str:
    """Name what is there as ``encoding/json`` does: a number that does not fit is shown."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        number = type_.name in (*_INTS, "IntOrString") and not type_.shape
        return f"number {value}" if number else "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def _converter_text(value: Any, type_: Type) -> str:
    kinds = {bool: "bool", int: "int64", float: "float64", str: "string"}
    found = kinds.get(type(value), "map" if isinstance(value, Mapping) else "slice")
    if type_.shape == "list":
        return f"cannot restore slice from {found}"
    if type_.shape == "map":
        return f"cannot restore map from {found}"
    if type_.name in structs():
        return f"cannot restore struct from: {found}"
    kind = type_.name if type_.name in (*_INTS, "bool") else "string"
    if isinstance(value, int | float) and not isinstance(value, bool) and kind != "bool":
        return f"cannot convert {found} to {type_.go}"
    return f"unrecognized type: {kind}"


def check_metadata(obj: Mapping[str, Any]) -> None:
    """Refuse metadata of wrong types, as kubectl itself does before it sends anything.

    Notes
    -----
    ``metadataValidatingDecoder`` (``cli-runtime/pkg/resource/metadata_decoder.go``).
    """
    try:
        decode({"metadata": obj.get("metadata")}, "metadataOnlyObject")
    except WrongType as error:
        line = line_of(error.path, getattr(obj, "lines", {}))
        raise ManifestError(
            error.go,
            stage="decoding",
            line=line,
            field=error.path,
            hint=hint(error.path, error.type, obj),
        ) from None
