"""``kubectl get``: tables and other formats, once or as a watch.

Follows ``kubectl/pkg/cmd/get/get.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import json
from typing import Any

from rollnb.kubectl.fields import field_selector
from rollnb.kubectl.flags import FILES, OUTPUT, SELECT, Arguments, Flag
from rollnb.kubectl.output import Failure, Printer, error
from rollnb.kubectl.printing import TablePrinter, as_list, object_printer, sort_by
from rollnb.kubectl.resources import (
    Resource,
    Target,
    get_object,
    list_objects,
    matches,
    parse_targets,
)
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.waiting import Waiting, Watching

Object = dict[str, Any]

FLAGS = {
    **OUTPUT,
    **SELECT,
    **FILES,
    "watch": Flag(False, "w"),
    "watch-only": Flag(False),
    "output-watch-events": Flag(False),
    "field-selector": Flag(""),
    "no-headers": Flag(False),
    "show-labels": Flag(False),
    "show-kind": Flag(False),
    "show-managed-fields": Flag(False),
    "label-columns": Flag("", "L"),
    "sort-by": Flag(""),
    "ignore-not-found": Flag(False),
    "chunk-size": Flag(500),
    "server-print": Flag(True),
    "allow-missing-template-keys": Flag(True),
    "template": Flag(""),
}

_NO_RESOURCE = """You must specify the type of resource to get. Use "kubectl api-resources" for a \
complete list of supported resources.

error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource \
(e.g. kubectl explain pods).
See 'kubectl get -h' for help and examples"""


def get(session: Session, args: Arguments) -> Waiting | None:
    """Print objects, once or at every change."""
    targets = parse_targets(args.words)
    if args["filename"]:
        targets += session.targets_in_files(args["filename"])
    if not targets:
        raise Failure(_NO_RESOURCE)
    output = args["output"]
    if args["template"] and "=" not in output:
        output = f"{output or 'go-template'}={args['template']}"
    watch = args["watch"] or args["watch-only"]
    if args["show-labels"] and output not in ("", "wide"):
        raise error(f"--show-labels option cannot be used with {output} printer")
    if args["output-watch-events"] and not watch:
        raise error(
            "--output-watch-events option can only be used with --watch or --watch-only\n"
            "See 'kubectl get -h' for help and examples"
        )
    if watch:
        if args["sort-by"]:
            session.printer.err(
                "warning: --watch or --watch-only requested, --sort-by will be ignored"
            )
        return _watch(session, args, targets, output)
    session.warn_of_old(targets)
    found, problems = _find(session, args, targets)
    if output in ("", "wide"):
        _print_tables(session, args, found, problems)
    else:
        print_object = object_printer(output)
        objects = [obj for _, objects in found for obj in objects]
        if args["sort-by"]:
            objects = sort_by(objects, args["sort-by"])
        single = len(targets) == 1 and len(targets[0].names) == 1
        if not (single and not objects) and (not problems or objects):
            text = print_object(objects[0] if single else as_list(objects))
            # JSONPath output has no newline of its own, nor have no names at all.
            end = "" if output.startswith("jsonpath") or not text else "\n"
            session.printer.out(text, end=end)
    if problems:
        raise Failure("\n".join(str(problem) for problem in problems))
    return None


def _find(
    session: Session, args: Arguments, targets: list[Target]
) -> tuple[list[tuple[Resource, list[Object]]], list[Failure]]:
    """Return what was asked for by kind, and what was not found."""
    found: list[tuple[Resource, list[Object]]] = []
    problems: list[Failure] = []
    for target in targets:
        if target.names and (args["selector"] or args["field-selector"]):
            raise error("name cannot be provided when a selector is specified")
        if target.names:
            objects = []
            for name in target.names:
                try:
                    objects.append(get_object(session.cluster, target.resource, name))
                except Failure as problem:
                    if not args["ignore-not-found"]:
                        problems.append(problem)
            if found and found[-1][0] == target.resource:
                found[-1][1].extend(objects)
                continue
        else:
            selectors = (args["selector"], args["field-selector"])
            objects = list_objects(session.cluster, target.resource, *selectors)
        found.append((target.resource, objects))
    return found, problems


def _table(
    args: Arguments, resource: Resource, *, kinds: bool = False, events: bool = False
) -> TablePrinter:
    return TablePrinter(
        resource,
        wide=args["output"] == "wide",
        headers=not args["no-headers"],
        namespaces=args["all-namespaces"],
        labels=args["show-labels"],
        kinds=kinds or args["show-kind"],
        events=events,
        label_columns=tuple(filter(None, args["label-columns"].split(","))),
    )


def _print_tables(
    session: Session,
    args: Arguments,
    found: list[tuple[Resource, list[Object]]],
    problems: list[Failure],
) -> None:
    several = len({resource for resource, _ in found}) > 1
    printed = False
    for resource, objects in found:
        if args["sort-by"]:
            objects = sort_by(objects, args["sort-by"])
        lines = _table(args, resource, kinds=several).lines(objects, session.unix_now)
        if lines:
            session.printer.out(("\n" if printed else "") + "\n".join(lines))
            printed = True
    if not printed and not problems and not args["ignore-not-found"]:
        namespaced = any(resource.namespaced for resource, _ in found)
        place = session.place(args) if namespaced else ""
        session.printer.err(f"No resources found{place}" + ("." if place else ""))


# ---------------------------------------------------------------------------------------- watches


def _watch(session: Session, args: Arguments, targets: list[Target], output: str) -> Waiting:
    if len({target.resource for target in targets}) > 1:
        raise error("you may only specify a single resource type")
    resource = targets[0].resource
    names = tuple(name for target in targets for name in target.names)
    for name in names:
        get_object(session.cluster, resource, name)
    if len(names) > 1:
        raise error("watch is only supported on individual resources and resource collections")
    timeout = read_timeout(args["request-timeout"])
    return Watch(session.cluster, session.printer, args, resource, names, output, timeout)


class Watch(Watching):
    """``get --watch``: a row for what there is, then one for every write of a chosen object."""

    def __init__(
        self,
        cluster: Any,
        printer: Printer,
        args: Arguments,
        resource: Resource,
        names: tuple[str, ...],
        output: str,
        timeout: float,
    ) -> None:
        super().__init__(cluster, printer, timeout)
        self.kinds = (resource.kind,)
        self._args = args
        self._resource = resource
        self._names = names
        self._events = args["output-watch-events"]
        self._print_object = None if output in ("", "wide") else object_printer(output)
        self._output = output
        self._table = _table(args, resource, events=self._events)
        self._fits = field_selector(args["field-selector"], resource, args["selector"])

    def begin(self) -> None:
        """Print the objects there are."""
        objects = list_objects(self.cluster, self._resource)
        if self._args["watch-only"]:
            return
        self._print([obj for obj in objects if self._is_chosen(obj)], "ADDED")

    def see(self, event: str, kind: str, obj: Object) -> None:
        """Print the object that was written."""
        if kind == self._resource.kind and self._is_chosen(obj):
            self._print([obj], event)

    def _is_chosen(self, obj: Object) -> bool:
        return (
            (not self._names or obj["metadata"]["name"] in self._names)
            and matches(self._args["selector"], obj["metadata"].get("labels"))
            and self._fits(obj)
        )

    def _print(self, objects: list[Object], event: str) -> None:
        if self._print_object is None:
            now = self.cluster.epoch + self.cluster.now
            lines = self._table.lines(objects, now, event)
        elif self._events and self._output == "json":
            # One compact line for each event.
            lines = [
                json.dumps({"type": event, "object": obj}, separators=(",", ":"))
                for obj in objects
            ]
        else:
            lines = [self._print_object(obj) for obj in objects]
        for line in lines:
            self.printer.out(line)
