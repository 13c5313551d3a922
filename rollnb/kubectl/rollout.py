"""``kubectl rollout``: status, history, undo, pause, resume, restart.

Follows ``kubectl/pkg/cmd/rollout`` and ``kubectl/pkg/polymorphichelpers`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from rollnb.kubectl.ages import timestamp
from rollnb.kubectl.flags import FILES, OUTPUT, RECORD, SELECT, Arguments, Flag
from rollnb.kubectl.history import (
    LAST_APPLIED,
    HistoryError,
    find_rollback,
    history_of,
    rollback,
    template_of,
    view_history,
)
from rollnb.kubectl.output import Failure, Printer, error
from rollnb.kubectl.printing import object_printer
from rollnb.kubectl.resources import BY_KIND, Resource
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.status import rollout_status
from rollnb.kubectl.templates import describe_template
from rollnb.kubectl.waiting import Waiting

Object = dict[str, Any]

FLAGS = {
    "status": {
        **FILES,
        **SELECT,
        "watch": Flag(True, "w"),
        "timeout": Flag("0s"),
        "revision": Flag(0),
    },
    "history": {**FILES, **SELECT, **OUTPUT, "revision": Flag(0)},
    "undo": {**FILES, **SELECT, **OUTPUT, **RECORD, "to-revision": Flag(0)},
    "pause": {**FILES, **SELECT, **OUTPUT, **RECORD},
    "resume": {**FILES, **SELECT, **OUTPUT, **RECORD},
    "restart": {**FILES, **SELECT, **OUTPUT, **RECORD},
}
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
_WITH_ROLLOUTS = ("Deployment", "StatefulSet", "DaemonSet")
_NEEDS_NAME = "required resource not specified"


class Refused(ValueError):
    """kubectl does not do this to this object; why stands behind the object's name."""


# --------------------------------------------------------- decisions as functions of the object


def paused(obj: Object) -> Object:
    """Return the Deployment paused; ``objectpauser.go``."""
    return _with_paused(obj, True, "pausing is not supported", "is already paused")


def resumed(obj: Object) -> Object:
    """Return the Deployment resumed; ``objectresumer.go``."""
    return _with_paused(obj, False, "resuming is not supported", "is not paused")


def _with_paused(obj: Object, value: bool, unsupported: str, already: str) -> Object:
    if obj["kind"] != "Deployment":
        raise Refused(unsupported)
    if bool(obj["spec"].get("paused")) == value:
        raise Refused(already)
    changed = copy.deepcopy(obj)
    if value:
        changed["spec"]["paused"] = True
    else:
        changed["spec"].pop("paused", None)
    return changed


def restarted(obj: Object, unix_now: float) -> Object:
    """Return the workload with a new time in its template; ``objectrestarter.go``."""
    if obj["kind"] not in _WITH_ROLLOUTS:
        raise Refused("restarting is not supported")
    if obj["kind"] == "Deployment" and obj["spec"].get("paused"):
        raise Refused("can't restart paused deployment (run rollout resume first)")
    changed = copy.deepcopy(obj)
    meta = changed["spec"]["template"].setdefault("metadata", {})
    meta["annotations"] = {
        **(meta.get("annotations") or {}),
        RESTARTED_AT: timestamp(unix_now),
    }
    return changed


# --------------------------------------------------------------------------------------- commands


def change(
    session: Session, args: Arguments, decide: Callable[[Object], Object], done: str
) -> None:
    """Write what `decide` makes of each object; ``paused``, ``resumed`` and ``restarted``."""
    problems = []
    for resource, obj in session.select(args.words, args, needs_name=_NEEDS_NAME):
        name = obj["metadata"]["name"]
        try:
            changed = decide(obj)
        except Refused as refused:
            problems.append(f'error: {resource.full} "{name}" {refused}')
            continue
        if changed == obj:
            problems.append(
                f"error: failed to create patch for {name}: if restart has already been triggered "
                "within the past second, please wait before attempting to trigger another"
            )
            continue
        session.update(changed)
        session.printer.out(f"{resource.named(name)} {done}")
    if problems:
        raise Failure("\n".join(problems))


def pause(session: Session, args: Arguments) -> None:
    """Stop a Deployment from rolling out."""
    change(session, args, paused, "paused")


def resume(session: Session, args: Arguments) -> None:
    """Let a paused Deployment roll out again."""
    change(session, args, resumed, "resumed")


def restart(session: Session, args: Arguments) -> None:
    """Roll out the same template anew."""
    change(session, args, lambda obj: restarted(obj, session.unix_now), "restarted")


def _require_rollouts(resource: Resource, what: str) -> None:
    if resource.kind not in _WITH_ROLLOUTS:
        raise error(f"no {what} has been implemented for {resource.kind}.{resource.group}")


def _revisions(session: Session, workload: Object) -> list[Object]:
    keeper = "ReplicaSet" if workload["kind"] == "Deployment" else "ControllerRevision"
    return history_of(workload, session.cluster.list(keeper))


def history(session: Session, args: Arguments) -> None:
    """List the revisions, or show one."""
    revision = args["revision"]
    if revision < 0:
        raise error(f"revision must be a positive integer: {revision}")
    for resource, obj in session.select(args.words, args, needs_name=_NEEDS_NAME):
        _require_rollouts(resource, "history viewer")
        revisions = _revisions(session, obj)
        try:
            text = view_history(revisions, revision)
            if args["output"] and revision:
                found = find_rollback(obj, revisions, revision)
                session.printer.out(object_printer(args["output"])(found))
                continue
        except HistoryError as problem:
            raise error(str(problem)) from None
        which = f"with revision #{revision}" if revision else ""
        session.printer.out(f"{resource.named(obj['metadata']['name'])} {which}\n{text}")


def undo(session: Session, args: Arguments) -> None:
    """Bring a former template back."""
    to_revision = args["to-revision"]
    for resource, obj in session.select(args.words, args, needs_name=_NEEDS_NAME):
        _require_rollouts(resource, "rollbacker")
        name = obj["metadata"]["name"]
        if LAST_APPLIED in (obj["metadata"].get("annotations") or {}):
            session.printer.err(
                f"Warning: resource {resource.plural}/{name} was previously managed with "
                "'kubectl apply'. Rolling back will not update the "
                f"{LAST_APPLIED} annotation, which may cause unexpected behavior on future "
                "'kubectl apply' operations. Consider using 'kubectl apply' with your previous "
                "configuration file instead."
            )
        revisions = _revisions(session, obj)
        try:
            if args["dry-run"] in ("client", "server"):
                template = template_of(find_rollback(obj, revisions, to_revision))
                text = "\n".join(describe_template(template))
                session.printer.out(f"{resource.named(name)} {text}\n (dry run)")
                continue
            result, changed = rollback(obj, revisions, to_revision)
        except HistoryError as problem:
            raise error(str(problem)) from None
        if changed is not None:
            session.update(changed)
        session.printer.out(f"{resource.named(name)} {result}")


def status(session: Session, args: Arguments) -> Waiting:
    """Return the wait for a rollout's end."""
    if args["revision"] < 0:
        raise error(f"revision must be a positive integer: {args['revision']}")
    chosen = session.select(args.words, args, needs_name=_NEEDS_NAME)
    for resource, _ in chosen:
        _require_rollouts(resource, "status viewer")
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
        timeout: float = 0.0,
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
            except LookupError:
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
            "stopped waiting",
        )
