"""``kubectl events``: the cluster's Events by time, or those about one object.

Follows ``kubectl/pkg/cmd/events/events.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rollnb.kubectl.flags import OUTPUT, Arguments, Flag
from rollnb.kubectl.output import Printer, error
from rollnb.kubectl.printing import TablePrinter, as_list, object_printer
from rollnb.kubectl.resources import BY_KIND, find_resource
from rollnb.kubectl.session import Session
from rollnb.kubectl.waiting import Waiting

Object = dict[str, Any]

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
    table = TablePrinter(
        BY_KIND["Event"], headers=not args["no-headers"], namespaces=args["all-namespaces"]
    )
    if args["watch"]:
        return EventWatch(session.cluster, session.printer, table, is_chosen)
    found = sorted(filter(is_chosen, session.cluster.list("Event")), key=_last_time)
    if not found:
        session.printer.err(f"No events found{session.place(args)}.")
    elif args["output"]:
        session.printer.out(object_printer(args["output"])(as_list(found)))
    else:
        session.printer.out("\n".join(table.lines(found, session.unix_now)))
    return None


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


class EventWatch(Waiting):
    """``events --watch``: the Events there are, then each as it comes."""

    def __init__(
        self,
        cluster: Any,
        printer: Printer,
        table: TablePrinter,
        is_chosen: Callable[[Object], bool],
    ) -> None:
        super().__init__(cluster, printer)
        self._table = table
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
        for line in self._table.lines(chosen, self.cluster.epoch + self.cluster.now):
            self.printer.out(line)
