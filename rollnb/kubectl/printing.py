"""How ``kubectl get`` prints objects: as tables, JSON, YAML, names, JSONPath or custom columns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

from rollnb import manifest
from rollnb.kubectl import jsonpath
from rollnb.kubectl.output import error
from rollnb.kubectl.resources import BY_KIND, Resource, format_labels
from rollnb.kubectl.tables import TABLES
from rollnb.kubectl.tabwriter import TableWriter
from rollnb.validation import quote

Object = dict[str, Any]

FORMATS = (
    "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,"
    "jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml"
)

#: Formats of the real kubectl, and what to use in their place.
_INSTEAD = {
    **dict.fromkeys(
        ("go-template", "go-template-file", "template", "templatefile", "jsonpath-file"),
        "jsonpath='{.metadata.name}', with your own path",
    ),
    "jsonpath-as-json": "json and a pipe to jq",
    "custom-columns-file": "custom-columns=NAME:.metadata.name, with your own columns",
    "kyaml": "yaml",
}


def to_json(obj: Any) -> str:
    """Return JSON as ``-o json`` prints it: keys sorted; ``<``, ``>`` and ``&`` escaped."""
    text = json.dumps(obj, indent=4, sort_keys=True, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def as_list(objects: list[Object]) -> Object:
    """Return the List that kubectl prints for several objects."""
    return {
        "apiVersion": "v1",
        "items": objects,
        "kind": "List",
        "metadata": {"resourceVersion": ""},
    }


def object_printer(output: str) -> Callable[[Object], str]:
    """Return the function that prints one object (or List) after another in the format `output`.

    Raises
    ------
    Failure
        If there is no such format.
    """
    name, _, argument = output.partition("=")
    if name == "json":
        return to_json
    if name == "yaml":
        between = chain([""], repeat("---\n"))
        return lambda obj: next(between) + manifest.dump(obj).removesuffix("\n")
    if name == "name":
        return print_names
    if name == "jsonpath":
        if not argument:
            raise error("template format specified but no template given")
        return lambda obj: jsonpath.evaluate(argument, obj)
    if name == "custom-columns":
        columns = [column.partition(":")[::2] for column in argument.split(",")]
        if not argument or not all(path for _, path in columns):
            raise error("custom-columns format specified but no custom columns given")
        return lambda obj: custom_columns(columns, obj)
    if name in _INSTEAD:
        raise error(f"-o {name} is not simulated: use -o {_INSTEAD[name]}")
    raise error(
        f'unable to match a printer suitable for the output format "{output}", '
        f"allowed formats are: {FORMATS}"
    )


def print_names(obj: Object) -> str:
    """Return ``deployment.apps/worker`` for each object."""
    return "\n".join(
        BY_KIND[item["kind"]].named(item["metadata"]["name"]) for item in items_of(obj)
    )


def items_of(obj: Object) -> list[Object]:
    """Return the items of a List, or the object itself."""
    return obj["items"] if obj.get("kind") == "List" else [obj]


def custom_columns(columns: list[tuple[str, str]], obj: Object) -> str:
    """Return a table of the values at the given paths."""
    rows = [[header for header, _ in columns]]
    for item in items_of(obj):
        cells = [jsonpath.find(path, item) for _, path in columns]
        rows.append([",".join(map(jsonpath.to_text, cell)) or "<none>" for cell in cells])
    return "\n".join(TableWriter().write(rows))


class TablePrinter:
    """Prints rows of one kind, with the header before the first.

    Parameters
    ----------
    resource : Resource
        The kind.
    wide, headers, namespaces, labels, kinds, events : bool
        Whether to show the wide columns, the header, a column of namespaces, one of labels, the
        kind before the name, and the type of event of a watch.
    label_columns : list of str
        Labels that get a column each.
    """

    def __init__(
        self,
        resource: Resource,
        *,
        wide: bool = False,
        headers: bool = True,
        namespaces: bool = False,
        labels: bool = False,
        kinds: bool = False,
        events: bool = False,
        label_columns: tuple[str, ...] = (),
    ) -> None:
        self._resource = resource
        self._wide = wide
        self._namespaces = namespaces and resource.namespaced
        self._labels = labels
        self._kinds = kinds
        self._events = events
        self._label_columns = label_columns
        self._header_due = headers
        self._writer = TableWriter()

    def lines(self, objects: list[Object], now: float, event: str = "ADDED") -> list[str]:
        """Return the lines for objects as they are at the unix second `now`."""
        if not objects:
            return []
        rows = [self._header()] if self._header_due else []
        self._header_due = False
        rows += [self._row(obj, now, event) for obj in objects]
        return self._writer.write(rows)

    def _header(self) -> list[str]:
        header = TABLES[self._resource.kind].header(self._wide)
        if self._resource.kind == "Event" and self._wide:
            header = _wide_event(header)
        header += [label.rpartition("/")[2].upper() for label in self._label_columns]
        if self._labels:
            header.append("LABELS")
        return ["EVENT"] * self._events + ["NAMESPACE"] * self._namespaces + header

    def _row(self, obj: Object, now: float, event: str) -> list[str]:
        row = TABLES[self._resource.kind].row(obj, now, self._wide)
        if self._resource.kind == "Event" and self._wide:
            row = _wide_event(row)
        elif self._kinds and self._resource.kind != "Event":
            row[0] = self._resource.named(row[0])
        labels = obj["metadata"].get("labels") or {}
        row += [labels.get(label, "") for label in self._label_columns]
        if self._labels:
            row.append(format_labels(labels))
        namespace = obj["metadata"].get("namespace", "")
        return [event] * self._events + [namespace] * self._namespaces + row


def _wide_event(row: list[str]) -> list[str]:
    """Put the message of an Event behind its source, where the wide table has it."""
    return [*row[:4], *row[5:7], row[4], *row[7:]]


def sort_by(objects: list[Object], path: str) -> list[Object]:
    """Sort objects by the value at a JSONPath, as ``--sort-by``.

    Raises
    ------
    Failure
        If none of the objects has such a field.
    """
    if objects and not any(jsonpath.find(path, obj) for obj in objects):
        field = "{." + path.strip().strip("{}").lstrip(".") + "}"
        raise error(f"couldn't find any field with path {quote(field)} in the list of objects")

    def key(obj: Object) -> tuple:
        found = jsonpath.find(path, obj)
        if not found:
            return (0, 0.0, "")
        value = found[0]
        if isinstance(value, (int, float)):
            return (1, float(value), "")
        # Numbers inside text are compared as numbers: worker-9 before worker-10.
        parts = re.split(r"(\d+)", str(value))
        return (2, 0.0, tuple(p.zfill(12) if p.isdigit() else p for p in parts))

    return sorted(objects, key=key)
