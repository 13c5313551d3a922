"""``kubectl delete``.

Follows ``kubectl/pkg/cmd/delete`` (Kubernetes 1.36).
"""

from __future__ import annotations

from typing import Any

from rollnb.cluster import Forbidden, NotFound
from rollnb.kubectl.flags import DRY_RUN, FILES, OUTPUT, SELECT, TRUTH, Arguments, Flag
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.resources import Resource, not_found
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.wait import Gone
from rollnb.kubectl.writing import dry_run_suffix

Object = dict[str, Any]

FLAGS = {
    **FILES,
    **SELECT,
    **OUTPUT,
    "dry-run": DRY_RUN["dry-run"],
    "wait": Flag(True),
    "grace-period": Flag(-1),
    "now": Flag(False),
    "force": Flag(False),
    "timeout": Flag("0s"),
    "cascade": Flag("background", alone="background"),
    "ignore-not-found": Flag(False),
    "field-selector": Flag(""),
}


def delete(session: Session, args: Arguments) -> Gone | None:
    """Delete objects; kubectl waits until they are gone."""
    cascade = _cascade(session, args)
    grace = _grace_period(args)
    found, problems = session.find(args)
    if args["output"] not in ("", "name"):
        output = args["output"]
        raise error(f"unexpected -o output mode: {output}. We only support '-o name'")
    if args["force"]:
        session.printer.err(
            "Warning: Immediate deletion does not wait for confirmation that the running resource "
            "has been terminated. The resource may continue to run on the cluster indefinitely."
        )
    deleted: list[tuple[Resource, Object]] = []
    for target, obj in found:
        try:
            if args["dry-run"] == "none":
                _delete(session, target.resource, obj, grace, cascade)
        except Failure as problem:
            problems.append((target, problem))
        else:
            session.printer.out(_deleted(target.resource, obj, args))
            deleted.append((target.resource, obj))
    ignored = "NotFound" if _ignores_not_found(args) else None
    texts = [
        _name_source(str(problem), target.source)
        for target, problem in problems
        if problem.reason != ignored
    ]
    if texts:
        raise Failure("\n".join(texts))
    if not deleted:
        session.printer.out("No resources found")
        return None
    if not args["wait"] or args["force"] or args["dry-run"] != "none":
        return None
    return Gone(session.cluster, session.printer, deleted, read_timeout(args["timeout"]))


def _delete(
    session: Session, resource: Resource, obj: Object, grace: int | None, cascade: str
) -> None:
    """Delete an object, or fail in the API server's words."""
    name = obj["metadata"]["name"]
    if resource.kind == "Namespace" and name != session.cluster.namespace:
        stay = f"all objects are in namespace {session.cluster.namespace}: they stay"
        session.printer.err(f"rollnb: {stay}")
    try:
        session.cluster.delete(resource.kind, name, grace, cascade)
    except NotFound:
        raise not_found(resource, name) from None
    except Forbidden as refused:
        raise Failure(f"Error from server (Forbidden): {refused}") from None
    except ValueError as refused:
        raise Failure(f"rollnb: {refused}") from None


def _ignores_not_found(args: Arguments) -> bool:
    """Whether what is gone already is no error; ``DeleteOptions.Complete``."""
    if "ignore-not-found" in args.given:
        return args["ignore-not-found"]
    return bool(args["all"] or args["selector"] or args["field-selector"])


def _name_source(text: str, source: str) -> str:
    """Name the file in an error of the server; ``AddSourceToErr`` (``kubectl/pkg/cmd/util``)."""
    doing = f'(NotFound): error when deleting "{source}": '
    return text.replace("(NotFound): ", doing, 1) if source else text


def _cascade(session: Session, args: Arguments) -> str:
    """Return what becomes of pods; ``parseCascadingFlag`` (``delete_flags.go``)."""
    cascade = args["cascade"]
    if cascade in ("background", "foreground", "orphan"):
        return cascade
    if cascade not in TRUTH:
        raise error(
            f'invalid cascade value ({cascade}). Must be "background", "foreground", or "orphan"'
        )
    meant = "background" if TRUTH[cascade] else "orphan"
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
    """Say that an object is deleted; ``PrintObj``."""
    metadata = obj["metadata"]
    if args["output"] == "name":
        return resource.named(metadata["name"])
    kind = resource.named("").removesuffix("/")
    done = ("force deleted" if args["force"] else "deleted") + dry_run_suffix(args)
    place = f" from {metadata['namespace']} namespace" if metadata.get("namespace") else ""
    return f'{kind} "{metadata["name"]}" {done}{place}'
