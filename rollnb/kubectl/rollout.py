"""``kubectl rollout``: history, undo, pause, resume, restart; `rollout_status` has the rest.

Follows ``kubectl/pkg/cmd/rollout`` and ``kubectl/pkg/polymorphichelpers`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from rollnb.kubectl.ages import timestamp
from rollnb.kubectl.flags import DRY_RUN, FILES, MANAGER, OUTPUT, SELECT, Arguments, Flag
from rollnb.kubectl.history import (
    LAST_APPLIED,
    HistoryError,
    at_revision,
    find_revision,
    find_rollback,
    history_of,
    rollback,
    template_of,
    view_history,
)
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.printing import object_printer
from rollnb.kubectl.resources import Resource
from rollnb.kubectl.session import Session
from rollnb.kubectl.templates import describe_template
from rollnb.kubectl.writing import say

Object = dict[str, Any]

_COMMON = {**FILES, **SELECT, **OUTPUT, **MANAGER}
FLAGS = {
    "history": {**_COMMON, "revision": Flag(0)},
    "undo": {**_COMMON, **DRY_RUN, "to-revision": Flag(0)},
    "pause": _COMMON,
    "resume": _COMMON,
    "restart": _COMMON,
}
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
_WITH_ROLLOUTS = ("Deployment", "StatefulSet", "DaemonSet")
NEEDS_NAME = "required resource not specified"


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
    for resource, obj in session.select(args.words, args, needs_name=NEEDS_NAME, every=True):
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
        say(session, args, resource, session.update(changed), done)
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


def require_rollouts(resource: Resource, what: str) -> None:
    """Refuse kinds that have no rollouts; `what` is what they lack."""
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
    print_object = object_printer(args["output"]) if args["output"] else None
    for resource, obj in session.select(args.words, args, needs_name=NEEDS_NAME, every=True):
        require_rollouts(resource, "history viewer")
        revisions = _revisions(session, obj)
        try:
            if print_object is not None:
                chosen = [find_revision(revisions, revision)] if revision else revisions
                for found in chosen:
                    end = "" if args["output"].startswith("jsonpath") else "\n"
                    session.printer.out(print_object(at_revision(obj, found)), end=end)
                continue
            text = view_history(revisions, revision)
        except HistoryError as problem:
            raise error(str(problem)) from None
        which = f"with revision #{revision}" if revision else ""
        session.printer.out(f"{resource.named(obj['metadata']['name'])} {which}\n{text}")


def undo(session: Session, args: Arguments) -> None:
    """Bring a former template back."""
    to_revision = args["to-revision"]
    for resource, obj in session.select(args.words, args, needs_name=NEEDS_NAME, every=True):
        require_rollouts(resource, "rollbacker")
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
            if args["dry-run"] == "client":
                template = template_of(find_rollback(obj, revisions, to_revision))
                beginning = "" if obj["kind"] == "Deployment" else "will roll back to "
                result, changed = beginning + "\n".join(describe_template(template)) + "\n", None
            else:
                result, changed = rollback(obj, revisions, to_revision)
        except HistoryError as problem:
            raise error(str(problem)) from None
        if changed is not None and args["dry-run"] == "none":
            session.update(changed)
        say(session, args, resource, obj, result)
