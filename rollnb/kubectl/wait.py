"""``kubectl wait``, and the wait of other commands until objects are gone.

Follows ``kubectl/pkg/cmd/wait`` (Kubernetes 1.36).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from rollnb.cluster import NotFound
from rollnb.kubectl import jsonpath
from rollnb.kubectl.flags import FILES, OUTPUT, SELECT, Arguments, Flag
from rollnb.kubectl.output import Failure, Printer, error
from rollnb.kubectl.resources import Resource, parse_targets
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.waiting import Waiting
from rollnb.validation import quote

Object = dict[str, Any]

FLAGS = {**FILES, **SELECT, **OUTPUT, "for": Flag(""), "timeout": Flag("30s")}


def wait(session: Session, args: Arguments) -> Waiting:
    """Wait for a condition or a value, or for objects to be there, or to be gone."""
    timeout = read_timeout(args["timeout"], zero=0.0)
    if args["for"].lower() == "delete":
        chosen = _those_there(session, args)
        return Gone(session.cluster, session.printer, chosen, timeout, "condition met")
    if args["for"].lower() == "create":
        return Created(session, args, timeout)
    holds = _read_condition(args["for"])
    chosen = session.select(args.words, args)
    if not chosen:
        raise error("no matching resources found")
    return Holds(session.cluster, session.printer, chosen, holds, timeout)


def _those_there(session: Session, args: Arguments) -> list[tuple[Resource, Object]]:
    """Return those of the objects that exist: the others are gone already."""
    found, problems = session.find(args)
    for _, problem in problems:
        if problem.reason != "NotFound":
            raise problem
    return [(target.resource, obj) for target, obj in found]


def _read_condition(text: str) -> Callable[[Object], bool]:
    """Return what ``--for`` asks of an object, as a function; ``conditionFuncFor``."""
    kind, equals, what = text.partition("=")
    if kind == "condition" and equals:
        name, _, value = what.partition("=")
        return _has_condition(name, value or "true")
    if kind != "jsonpath" or not equals:
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


def _failure(timeout: float) -> str:
    """Return what is said of what has not happened; with a timeout of 0 kubectl looks once."""
    return "timed out waiting for the condition on" if timeout else "condition not met for"


class Gone(Waiting):
    """Waits until objects are gone; prints nothing unless `said` is given."""

    def __init__(
        self,
        cluster: Any,
        printer: Printer,
        chosen: list[tuple[Resource, Object]],
        timeout: float = math.inf,
        said: str = "",
    ) -> None:
        super().__init__(cluster, printer, timeout)
        self._failure = _failure(timeout)
        self._said = said
        self.wait_for(chosen)

    def wait_for(self, chosen: list[tuple[Resource, Object]]) -> None:
        """Wait for the end of these objects."""
        # By uid: a StatefulSet's pod comes back under its name.
        self._left = {
            (resource.kind, obj["metadata"]["name"]): obj["metadata"].get("uid")
            for resource, obj in chosen
        }
        self._names = {(r.kind, o["metadata"]["name"]): r for r, o in chosen}
        self.kinds = {resource.kind for resource, _ in chosen}

    def begin(self) -> None:
        """Look which are gone already."""
        for kind, name in list(self._left):
            try:
                obj = self.cluster.get(kind, name)
            except NotFound:
                self._is_gone(kind, name)
            else:
                if obj["metadata"].get("uid") != self._left[kind, name]:
                    self._is_gone(kind, name)
        if not self._left:
            self.all_gone()

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
            self.all_gone()

    def all_gone(self) -> None:
        """End, for there is nothing to wait for any more."""
        self.finish(0)

    def time_out(self) -> None:
        """End at ``--timeout``."""
        (kind, name), *_ = self._left
        self.finish(1, f"error: {self._failure} {self._names[kind, name].plural}/{name}")

    def nothing_left(self) -> None:
        """End a wait that would never end."""
        (kind, name), *_ = self._left
        self.finish(1, f"rollnb: {kind} {name!r} will never be gone by itself: stopped waiting")


class Created(Waiting):
    """Waits until all is there that is named, or something that is selected.

    Notes
    -----
    ``RunWait``: kubectl looks each half second, here it looks at each write.
    """

    def __init__(self, session: Session, args: Arguments, timeout: float) -> None:
        super().__init__(session.cluster, session.printer, timeout)
        self._session = session
        self._args = args
        self._targets = parse_targets(args.words) + session.targets_in_files(args["filename"])
        if not self._targets:
            raise error("You must provide one or more resources by argument or filename.")
        self.kinds = {target.resource.kind for target in self._targets}

    def begin(self) -> None:
        """Say what there is, unless something is missing."""
        found: list[tuple[Resource, Object]] = []
        try:
            for target in self._targets:
                found += self._session.choose(target, self._args)
        except Failure as problem:
            if problem.reason != "NotFound":
                raise
            return
        for resource, obj in found:
            self.printer.out(f"{resource.named(obj['metadata']['name'])} condition met")
        if found:
            self.finish(0)

    def see(self, event: str, kind: str, obj: Object) -> None:
        """Look again."""
        if any(target.resource.kind == kind for target in self._targets):
            self.begin()

    def time_out(self) -> None:
        """End at ``--timeout``."""
        self.finish(1, "error: timed out waiting for the condition")

    def nothing_left(self) -> None:
        """End a wait that would never end."""
        self.finish(1, "rollnb: nothing will be created any more: stopped waiting")


class Holds(Waiting):
    """Waits until something holds for each of several objects, one after the other."""

    def __init__(
        self,
        cluster: Any,
        printer: Printer,
        chosen: list[tuple[Resource, Object]],
        holds: Callable[[Object], bool],
        timeout: float,
    ) -> None:
        super().__init__(cluster, printer, timeout)
        self._failure = _failure(timeout)
        self.kinds = {resource.kind for resource, _ in chosen}
        self._left = [(resource, obj["metadata"]["name"]) for resource, obj in chosen]
        self._holds = holds

    def begin(self) -> None:
        """Look at the objects in turn, up to the first for which it does not hold."""
        while self._left:
            resource, name = self._left[0]
            try:
                obj = self.cluster.get(resource.kind, name)
            except NotFound:
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
            f"error: {self._failure} {resource.plural}/{name}" for resource, name in self._left
        ]
        self.finish(1, "\n".join(lines))

    def nothing_left(self) -> None:
        """End a wait that would never end."""
        resource, name = self._left[0]
        self.finish(1, f"rollnb: {resource.named(name)} will not change any more: stopped waiting")
