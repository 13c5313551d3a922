"""``kubectl events``: the cluster's Events by time, or those about one object.

Follows ``kubectl/pkg/cmd/events/events.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rollnb.kubectl.flags import OUTPUT, Arguments, Flag
from rollnb.kubectl.output import Printer, error
from rollnb.kubectl.printing import TablePrinter, as_list, object_printer
from rollnb.kubectl.resources import BY_KIND, find_resource
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.waiting import Waiting, Watching

Object = dict[str, Any]

#: Returns the lines for objects, as they are at a unix second.
Show = Callable[[list[Object], float], list[str]]

FLAGS = {
    **OUTPUT,
    "for": Flag(""),
    "types": Flag([]),
    "watch": Flag(False, "w"),
    "no-headers": Flag(False),
    "chunk-size": Flag(500),
}


def events(session: Session, args: Arguments) -> Waiting | None:
    """List the cluster's Events, or those about one object, by time."""
    is_chosen = _choose(args)
    show: Show
    if args["output"]:
        show = partial(_show_each, object_printer(args["output"]))
    else:
        show = TablePrinter(
            BY_KIND["Event"], headers=not args["no-headers"], namespaces=args["all-namespaces"]
        ).lines
    if args["watch"]:
        timeout = read_timeout(args["request-timeout"])
        return EventWatch(session.cluster, session.printer, show, is_chosen, timeout)
    found = sorted(filter(is_chosen, session.cluster.list("Event")), key=_last_time)
    if found:
        found = [as_list(found)] if args["output"] else found
        session.printer.out("\n".join(show(found, session.unix_now)))
    else:
        session.printer.err(f"No events found{session.place(args)}.")
    return None


def _show_each(print_object: Callable[[Object], str], found: list[Object], _: float) -> list[str]:
    """Return each object in a format that says nothing of its age."""
    return [print_object(obj) for obj in found]


def _choose(args: Arguments) -> Callable[[Object], bool]:
    """Return whether an Event is asked for, as a function."""
    types = {word.lower() for text in args["types"] for word in text.split(",")}
    if not types <= {"normal", "warning"}:
        raise error("valid --types are Normal or Warning")
    about: Object = {}
    if args["for"]:
        kind, slash, name = args["for"].partition("/")
        if not slash:
            raise error("--for must be in resource/name form")
        if "/" in name:
            raise error("arguments in resource/name form may not have more than one slash")
        about = {"kind": find_resource(kind).kind, "name": name}
    return lambda event: (
        about.items() <= event["involvedObject"].items()
        and (not types or event["type"].lower() in types)
    )


def _last_time(event: Object) -> str:
    return event.get("lastTimestamp") or ""


class EventWatch(Watching):
    """``events --watch``: the Events there are, then each as it comes."""

    def __init__(
        self,
        cluster: Any,
        printer: Printer,
        show: Show,
        is_chosen: Callable[[Object], bool],
        timeout: float,
    ) -> None:
        super().__init__(cluster, printer, timeout)
        self._show = show
        self._is_chosen = is_chosen

    def begin(self) -> None:
        """Print the Events there are."""
        self._print(sorted(self.cluster.list("Event"), key=_last_time))

    def see(self, event: str, kind: str, obj: Object) -> None:
        """Print the Event that was written."""
        if kind == "Event" and event != "DELETED":
            self._print([obj])

    def _print(self, found: list[Object]) -> None:
        chosen = [obj for obj in found if self._is_chosen(obj)]
        for line in self._show(chosen, self.cluster.epoch + self.cluster.now):
            self.printer.out(line)
