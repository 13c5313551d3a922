"""``kubectl rollout status``: waits for the end of rollouts.

Follows ``kubectl/pkg/cmd/rollout/rollout_status.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import math
from typing import Any

from rollnb.cluster import NotFound
from rollnb.kubectl.flags import FILES, SELECT, Arguments, Flag
from rollnb.kubectl.output import Printer, error
from rollnb.kubectl.resources import BY_KIND
from rollnb.kubectl.rollout import NEEDS_NAME, require_rollouts
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.status import rollout_status
from rollnb.kubectl.waiting import Waiting

Object = dict[str, Any]

FLAGS = {
    **FILES,
    **SELECT,
    "watch": Flag(True, "w"),
    "timeout": Flag("0s"),
    "revision": Flag(0),
}


def status(session: Session, args: Arguments) -> Waiting:
    """Wait for a rollout's end, and say how far it is."""
    if args["revision"] < 0:
        raise error(f"revision must be a positive integer: {args['revision']}")
    chosen = session.select(args.words, args, needs_name=NEEDS_NAME, every=True)
    for resource, _ in chosen:
        require_rollouts(resource, "status viewer")
    names = [(resource.kind, obj["metadata"]["name"]) for resource, obj in chosen]
    return RolloutStatus(
        session.cluster,
        session.printer,
        names,
        revision=args["revision"],
        watch=args["watch"],
        timeout=read_timeout(args["timeout"]),
    )


class RolloutStatus(Waiting):
    """``rollout status``: a line at each write of the workload until its rollout is complete."""

    def __init__(
        self,
        cluster: Any,
        printer: Printer,
        names: list[tuple[str, str]],
        *,
        revision: int = 0,
        watch: bool = True,
        timeout: float = math.inf,
    ) -> None:
        super().__init__(cluster, printer, timeout)
        self._names = names
        self._revision = revision
        self._watch = watch

    def begin(self) -> None:
        """Print where the rollouts stand; the first that is not complete is waited for."""
        while self.exit is None:
            if not self._names:
                return self.finish(0)
            kind, name = self._names[0]
            try:
                obj = self.cluster.get(kind, name)
            except NotFound:
                return self.finish(1, "error: object has been deleted")
            if not self._look(obj):
                return None
        return None

    def _look(self, obj: Object) -> bool:
        """Print one line; return whether the next workload's turn has come."""
        seen = rollout_status(obj, self._revision)
        if seen.error:
            self.finish(1, f"error: {seen.error}")
            return False
        self.printer.out(seen.message, end="")
        if seen.done or not self._watch:
            self._names = self._names[1:]
            return True
        return False

    def see(self, event: str, kind: str, obj: Object) -> None:
        """Print a line for a write of the workload that is waited for."""
        if (kind, obj["metadata"]["name"]) != self._names[0]:
            return
        if event == "DELETED":
            self.finish(1, "error: object has been deleted")
        elif self._look(obj):
            self.begin()

    def time_out(self) -> None:
        """End at ``--timeout``."""
        self.finish(1, "error: timed out waiting for the condition")

    def nothing_left(self) -> None:
        """End a wait that would never end."""
        kind, name = self._names[0]
        self.finish(
            1,
            f"rollnb: {BY_KIND[kind].singular} {name!r} will not get any further by itself: "
            f"stopped waiting{self.hint()}",
        )

    def hint(self) -> str:
        """Say that a paused Deployment waits for someone: it has no progress deadline."""
        paused = self.cluster.get(*self._names[0])["spec"].get("paused")
        return ", for it is paused" if paused else ""
