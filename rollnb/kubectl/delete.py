"""``kubectl delete`` and ``kubectl wait``.

Follows ``kubectl/pkg/cmd/{delete,wait}`` (Kubernetes 1.36).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rollnb.kubectl import jsonpath
from rollnb.kubectl.flags import FILES, OUTPUT, SELECT, Arguments, Flag
from rollnb.kubectl.output import Failure, Printer, error
from rollnb.kubectl.resources import Resource, not_found, parse_targets
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.waiting import Waiting
from rollnb.validation import quote

Object = dict[str, Any]

#: What a wait says of what has not happened.
TIMED_OUT = "timed out waiting for the condition on"

FLAGS = {
    "delete": {
        **FILES,
        **SELECT,
        **OUTPUT,
        "wait": Flag(True),
        "grace-period": Flag(-1),
        "now": Flag(False),
        "force": Flag(False),
        "timeout": Flag("0s"),
        "cascade": Flag("background"),
        "ignore-not-found": Flag(False),
        "field-selector": Flag(""),
    },
    "wait": {
        **FILES,
        **SELECT,
        **OUTPUT,
        "for": Flag(""),
        "timeout": Flag("30s"),
    },
}


def delete(session: Session, args: Arguments) -> Waiting | None:
    """Delete objects; kubectl waits until they are gone."""
    cascade = _cascade(session, args)
    grace = _grace_period(args)
    if args["force"]:
        session.printer.err(
            "Warning: Immediate deletion does not wait for confirmation that the running resource "
            "has been terminated. The resource may continue to run on the cluster indefinitely."
        )
    if not args.words and not args["filename"]:
        raise error("You must provide one or more resources by argument or filename.")
    problems: list[str] = []
    chosen: list[tuple[Resource, Object]] = []
    for target in parse_targets(args.words) + session.targets_in_files(args["filename"]):
        for name in target.names or (None,):
            one = replace(target, names=(name,) if name else ())
            try:
                found = session.choose(one, args)
                if name and found[0] in chosen:  # a file may name an object twice
                    raise not_found(target.resource, name)
            except Failure as problem:
                text = str(problem)
                if args["ignore-not-found"] and "NotFound" in text:
                    continue
                if target.source:
                    doing = f'(NotFound): error when deleting "{target.source}": '
                    text = text.replace("(NotFound): ", doing, 1)
                problems.append(text)
            else:
                chosen += found
    if cascade == "orphan" and any(resource.kind == "ReplicaSet" for resource, _ in chosen):
        raise Failure("rollnb: the pods of a ReplicaSet cannot be orphaned: delete what owns it")
    for resource, obj in chosen:
        name = obj["metadata"]["name"]
        try:
            session.cluster.delete(resource.kind, name, grace, cascade)
        except LookupError:
            raise not_found(resource, name) from None
        shown = resource.named(name) if args["output"] == "name" else _deleted(resource, obj, args)
        session.printer.out(shown)
    if problems:
        raise Failure("\n".join(problems))
    if not chosen:
        session.printer.err("No resources found" if not args["ignore-not-found"] else "", end="")
        return None
    if not args["wait"] or args["force"]:
        return None
    timeout = read_timeout(args["timeout"])
    return Gone(session.cluster, session.printer, chosen, timeout)


def _cascade(session: Session, args: Arguments) -> str:
    """Return what becomes of pods; ``parseCascadingFlag`` (``delete_flags.go``)."""
    cascade = args["cascade"]
    if cascade in ("background", "foreground", "orphan"):
        return cascade
    if cascade not in ("true", "false"):
        raise error(
            f'invalid cascade value ({cascade}). Must be "background", "foreground", or "orphan"'
        )
    meant = "background" if cascade == "true" else "orphan"
    session.printer.err(
        f"warning: --cascade={cascade} is deprecated (boolean value) and can be replaced with "
        f"--cascade={meant}."
    )
    return meant


def _grace_period(args: Arguments) -> int | None:
    """Return the seconds that pods get, None for their own.

    Notes
    -----
    ``DeleteOptions.Complete`` and ``Validate``: 0 without ``--force`` is 1, lest data be lost.
    """
    grace = args["grace-period"]
    if args["now"]:
        if grace != -1:
            raise error("--now and --grace-period cannot be specified together")
        grace = 1
    if args["force"]:
        if grace > 0:
            raise error("--force and --grace-period greater than 0 cannot be specified together")
        return 0
    return max(grace, 1) if grace >= 0 else None


def _deleted(resource: Resource, obj: Object, args: Arguments) -> str:
    kind = resource.named("").removesuffix("/")
    done = "force deleted" if args["force"] else "deleted"
    meta = obj["metadata"]
    place = f" from {meta['namespace']} namespace" if meta.get("namespace") else ""
    return f'{kind} "{meta["name"]}" {done}{place}'


class Gone(Waiting):
    """Waits until objects are gone; prints nothing unless `said` is given."""

    failure = TIMED_OUT

    def __init__(
        self,
        cluster: Any,
        printer: Printer,
        chosen: list[tuple[Resource, Object]],
        timeout: float,
        said: str = "",
    ) -> None:
        super().__init__(cluster, printer, timeout)
        # By uid: a StatefulSet's pod comes back under its name.
        self._left = {
            (resource.kind, obj["metadata"]["name"]): obj["metadata"].get("uid")
            for resource, obj in chosen
        }
        self._names = {(r.kind, o["metadata"]["name"]): r for r, o in chosen}
        self._said = said

    def begin(self) -> None:
        """Look which are gone already."""
        for kind, name in list(self._left):
            try:
                obj = self.cluster.get(kind, name)
            except LookupError:
                self._is_gone(kind, name)
            else:
                if obj["metadata"].get("uid") != self._left[kind, name]:
                    self._is_gone(kind, name)
        if not self._left:
            self.finish(0)

    def see(self, event: str, kind: str, obj: Object) -> None:
        """Notice the end of one."""
        name = obj["metadata"]["name"]
        if event == "DELETED" and self._left.get((kind, name)) == obj["metadata"].get("uid"):
            self._is_gone(kind, name)

    def _is_gone(self, kind: str, name: str) -> None:
        if self._left.pop((kind, name), self) is self:
            return
        if self._said:
            self.printer.out(f"{self._names[kind, name].named(name)} {self._said}")
        if not self._left:
            self.finish(0)

    def time_out(self) -> None:
        """End at ``--timeout``."""
        (kind, name), *_ = self._left
        self.finish(1, f"error: {self.failure} {self._names[kind, name].plural}/{name}")

    def nothing_left(self) -> None:
        """End a wait that would never end."""
        (kind, name), *_ = self._left
        self.finish(1, f"rollnb: {kind} {name!r} will never be gone by itself: stopped waiting")


def wait(session: Session, args: Arguments) -> Waiting:
    """Wait for a condition, a value, or the end of objects."""
    timeout = read_timeout(args["timeout"])  # a negative one is as good as none
    waiting: Gone | Holds
    if args["for"].lower() == "delete":
        chosen = _those_there(session, args)
        waiting = Gone(session.cluster, session.printer, chosen, timeout, "condition met")
    else:
        holds = _read_condition(args["for"])
        chosen = session.select(args.words, args)
        if not chosen:
            raise error("no matching resources found")
        waiting = Holds(session.cluster, session.printer, chosen, holds, timeout)
    if timeout == 0:  # then kubectl looks once
        waiting.deadline = session.cluster.now
        waiting.failure = "condition not met for"
    return waiting


def _those_there(session: Session, args: Arguments) -> list[tuple[Resource, Object]]:
    """Return those of the objects that exist: the others are gone already."""
    targets = parse_targets(args.words) + session.targets_in_files(args["filename"])
    if not targets:
        raise error("You must provide one or more resources by argument or filename.")
    found: list[tuple[Resource, Object]] = []
    for target in targets:
        for name in target.names or (None,):
            one = replace(target, names=(name,) if name else ())
            try:
                found += session.choose(one, args)
            except Failure as problem:
                if "NotFound" not in str(problem):
                    raise
    return found


def _read_condition(text: str) -> Callable[[Object], bool]:
    """Return what ``--for`` asks of an object, as a function; ``conditionFuncFor``."""
    kind, _, what = text.partition("=")
    if kind == "condition":
        name, _, value = what.partition("=")
        return _has_condition(name, value or "true")
    if kind != "jsonpath":
        raise error(f"unrecognized condition: {quote(text)}")
    path, *values = re.split("(?<!=)=(?!=)", what)  # a path may compare with ==
    example = "--for=jsonpath='{.status.readyReplicas}'"
    if not path:
        raise error("jsonpath expression cannot be empty")
    if len(values) > 1:
        raise error(f"jsonpath wait format must be {example}=3 or {example}")
    value = values[0].strip("'\"") if values else ""
    if values and not value:
        raise error(f"jsonpath wait has to have a value after equal sign, like {example}=3")
    return _has_value(path.strip("'\""), value)


def _has_condition(name: str, value: str) -> Callable[[Object], bool]:
    def holds(obj: Object) -> bool:
        status = obj.get("status") or {}
        generation = obj["metadata"].get("generation") or 0
        if "observedGeneration" in status and status["observedGeneration"] < generation:
            return False
        return any(
            c["type"].lower() == name.lower() and c["status"].lower() == value.lower()
            for c in status.get("conditions") or ()
        )

    return holds


def _has_value(path: str, value: str) -> Callable[[Object], bool]:
    def holds(obj: Object) -> bool:
        found = jsonpath.find(path, obj)
        return bool(found) and (not value or jsonpath.to_text(found[0]) == value)

    return holds


class Holds(Waiting):
    """Waits until something holds for each of several objects, one after the other."""

    failure = TIMED_OUT

    def __init__(
        self,
        cluster: Any,
        printer: Printer,
        chosen: list[tuple[Resource, Object]],
        holds: Callable[[Object], bool],
        timeout: float,
    ) -> None:
        super().__init__(cluster, printer, timeout)
        self._left = [(resource, obj["metadata"]["name"]) for resource, obj in chosen]
        self._holds = holds

    def begin(self) -> None:
        """Look at the objects in turn, up to the first for which it does not hold."""
        while self._left:
            resource, name = self._left[0]
            try:
                obj = self.cluster.get(resource.kind, name)
            except LookupError:
                return self.finish(1, f'error: {resource.full} "{name}" not found')
            if not self._holds(obj):
                return None
            self.printer.out(f"{resource.named(name)} condition met")
            del self._left[0]
        return self.finish(0)

    def see(self, event: str, kind: str, obj: Object) -> None:
        """Look again."""
        resource, name = self._left[0]
        if (kind, obj["metadata"]["name"]) == (resource.kind, name):
            self.begin()

    def time_out(self) -> None:
        """End at ``--timeout``."""
        lines = [
            f"error: {self.failure} {resource.plural}/{name}" for resource, name in self._left
        ]
        self.finish(1, "\n".join(lines))

    def nothing_left(self) -> None:
        """End a wait that would never end."""
        resource, name = self._left[0]
        self.finish(1, f"rollnb: {resource.named(name)} will not change any more: stopped waiting")
