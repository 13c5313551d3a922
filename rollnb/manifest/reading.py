"""Manifests as people have them: texts, files and objects, one or many, to dicts.

Texts are cut and read as ``YAMLOrJSONDecoder`` (``apimachinery/pkg/util/yaml/decoder.go``) and
kubectl's ``StreamVisitor`` (``cli-runtime/pkg/resource/visitor.go``) do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from rollnb.manifest.decoding import check_metadata
from rollnb.manifest.errors import ManifestError
from rollnb.manifest.json_text import JSONProblem, parse_json
from rollnb.manifest.rendering import render
from rollnb.manifest.yaml11 import construct
from rollnb.manifest.yaml_text import YAMLError, parse
from rollnb.spec import DaemonSet, Deployment, Service, StatefulSet
from rollnb.validation import to_json

_CONVERTING = "error converting YAML to JSON: "
_WRITE_AN_OBJECT = "a manifest begins with apiVersion, kind and metadata"


class Document(dict):
    """An object that was read from a text: a plain dict that knows its lines.

    Attributes
    ----------
    lines : dict of str to int
        Path of a field, such as ``spec.containers[0].image``, to its line.
    """

    lines: dict[str, int]

    def __init__(self, obj: Mapping[str, Any], lines: dict[str, int] | None = None) -> None:
        super().__init__(obj)
        self.lines = lines or {}


def read(source: Any, *, errors: list[ManifestError] | None = None) -> list[dict[str, Any]]:
    """Return the objects of a manifest, in order, lists taken apart.

    Parameters
    ----------
    source : str, bytes, Path, file, dict, list or workload
        YAML or JSON text, or objects; a workload of `rollnb.spec` is rendered.
    errors : list, optional
        Where errors go, so that the objects beside them are returned, as kubectl goes on with
        them. Without, the first error is raised.

    Raises
    ------
    ManifestError
        With kubectl's sentence and the line.
    OSError
        If a file cannot be read.
    """
    found = []
    for one in _objects(source):
        if isinstance(one, ManifestError):
            if errors is None:
                raise one
            errors.append(one)
        else:
            found.append(one)
    return found


def _objects(source: Any) -> Iterator[dict[str, Any] | ManifestError]:
    if isinstance(source, Deployment | StatefulSet | DaemonSet | Service):
        yield Document(render(source))
    elif isinstance(source, Mapping):
        yield from _take_apart(source, getattr(source, "lines", {}))
    elif isinstance(source, list | tuple):
        for one in source:
            yield from _objects(one)
    else:
        try:
            text = _text(source)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            wide = error.object.startswith((b"\xff\xfe", b"\xfe\xff"))
            problem = "incomplete UTF-16 character" if wide else "invalid leading UTF-8 octet"
            yield ManifestError(
                f"{_CONVERTING}yaml: {problem}",
                stage="parsing",
                line=line,
                hint="save the file as UTF-8",
            )
            return
        yield from _documents(text)


def _text(source: Any) -> str:
    if isinstance(source, str):
        if source.endswith((".yaml", ".yml", ".json")) and len(source.split()) == 1:
            raise ValueError(f"{source!r} is the name of a file: give Path({source!r})")
        return source
    if isinstance(source, PathLike):
        source = Path(source).read_bytes()
    elif not isinstance(source, bytes):
        try:
            source = source.read()
        except AttributeError:
            raise TypeError(
                f"cannot read a manifest from {type(source).__name__}: give YAML as a str, a "
                "Path, an open file, a dict, a list of dicts or a workload"
            ) from None
    if isinstance(source, str):
        return source
    return source.decode()


def _documents(text: str) -> Iterator[dict[str, Any] | ManifestError]:
    """Cut a text at ``---`` and read each piece; an error ends the text, as in kubectl."""
    if text.lstrip().startswith("{"):
        yield from _json_documents(text)
        return
    try:
        for first_line, piece in cut(text):
            value, lines = parse_yaml(piece, first_line, prefix=_CONVERTING)
            for one in _take_apart(value, lines):
                yield one
                if isinstance(one, ManifestError) and one.stage == "validating":
                    return
    except ManifestError as error:
        yield error


def cut(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text at lines that begin with ``---``; yield the number of the first line, and text.

    Notes
    -----
    ``YAMLReader.Read``: behind ``---`` only spaces and a comment may stand.
    """
    piece: list[str] = []
    first = 1
    for number, line in enumerate(re.split(r"\r?\n", text.removesuffix("\n")), start=1):
        if line.startswith("---"):
            rest = line[3:].strip()
            if rest and not rest.startswith("#"):
                raise ManifestError(
                    f"invalid Yaml document separator: {rest}",
                    stage="parsing",
                    line=number,
                    hint="write --- on a line of its own",
                )
            if piece:
                yield first, "\n".join(piece) + "\n"
                piece, first = [], number + 1
                continue
        piece.append(line)
    if piece:
        yield first, "\n".join(piece) + "\n"


def parse_yaml(text: str, first_line: int = 1, prefix: str = "") -> tuple[Any, dict[str, int]]:
    """Return the value of one YAML document, and the line of each field.

    Raises
    ------
    ManifestError
        With go-yaml's sentence behind `prefix`.
    """
    lines: dict[str, int] = {}
    try:
        value = construct(parse(text), lines=lines)
    except YAMLError as error:
        line = error.line and error.line + first_line - 1
        hint = "indent with spaces" if "tab" in error.text or _begins_with_tab(text, error) else ""
        raise ManifestError(prefix + error.text, stage="parsing", line=line, hint=hint) from None
    return value, {path: line + first_line - 1 for path, line in lines.items()}


def _begins_with_tab(text: str, error: YAMLError) -> bool:
    rows = text.split("\n")
    return error.line is not None and rows[error.line - 1 : error.line][0].lstrip(" ")[:1] == "\t"


def _json_documents(text: str) -> Iterator[dict[str, Any] | ManifestError]:
    at = len(text) - len(text.lstrip())
    while at < len(text):
        try:
            value, at = parse_json(text, at)
        except JSONProblem as error:
            problem = error.text
            if problem != "unexpected EOF":
                problem = f"json: offset {error.offset}: {problem}"
            yield ManifestError(problem, stage="parsing", line=error.line)
            return
        yield from _take_apart(value, {})
        at += len(text[at:]) - len(text[at:].lstrip())


def _take_apart(
    value: Any, lines: dict[str, int], inherited: tuple[str, str] | None = None
) -> Iterator[dict[str, Any] | ManifestError]:
    """Yield the object, or those of a list; nothing of an empty document."""
    if value is None:
        return
    first = min(lines.values(), default=None)
    problems = [] if inherited else _unnamed(value)
    if problems or not isinstance(value, Mapping):
        text = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
        yield ManifestError(text, stage="validating", line=first, hint=_WRITE_AN_OBJECT)
        return
    obj = Document(value, lines)
    kind, items = obj.get("kind"), obj.get("items")
    if isinstance(items, list):
        name = kind.removesuffix("List") if isinstance(kind, str) else ""
        version = obj.get("apiVersion") or ""
        for i, item in enumerate(items):
            head = f"items[{i}]."
            inner = {p[len(head) :]: line for p, line in lines.items() if p.startswith(head)}
            yield from _take_apart(item, inner, (version, name))
        return
    if inherited and not kind and not obj.get("apiVersion") and inherited[1]:
        obj["apiVersion"], obj["kind"] = inherited
        kind = inherited[1]
    if not isinstance(kind, str) or not kind:
        yield ManifestError(
            f"Object 'Kind' is missing in '{to_json(_sorted(obj))}'",
            stage="decoding",
            line=first,
            field="kind",
            hint=_WRITE_AN_OBJECT,
        )
        return
    try:
        check_metadata(obj)
    except ManifestError as error:
        yield error
        return
    yield obj


def _unnamed(value: Any) -> list[str]:
    """Say what an object lacks to be known as one of a kind.

    Notes
    -----
    ``getObjectKind`` (``kubectl/pkg/validation/schema.go``).
    """
    if not isinstance(value, Mapping):
        return ["invalid object to validate"]
    problems = []
    for field in ("apiVersion", "kind"):
        if value.get(field) is None:
            problems.append(f"{field} not set")
        elif not isinstance(value[field], str):
            problems.append(f"{field} isn't string type")
        elif field == "apiVersion" and value[field].count("/") > 1:
            problems.append(f"unexpected GroupVersion string: {value[field]}")
    return problems


def _sorted(value: Any) -> Any:
    """Return a value with its keys in order, as Go writes a map."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
