"""``kubectl apply``, ``create`` and ``replace``: objects from files.

Follows ``kubectl/pkg/cmd/{apply,create,replace}`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from rollnb import manifest, patch
from rollnb.cluster import NotFound
from rollnb.kubectl.flags import DRY_RUN, FILES, OUTPUT, RECORD, SELECT, Arguments, Flag
from rollnb.kubectl.history import CHANGE_CAUSE, LAST_APPLIED
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.resources import BY_KIND, Resource, not_found
from rollnb.kubectl.session import Session, name_of
from rollnb.kubectl.writing import command_line, say

Object = dict[str, Any]

#: Flags of all that create something.
VALIDATE = {"validate": Flag("strict", alone="strict"), "save-config": Flag(False)}
_COMMON = {**FILES, **OUTPUT, **RECORD, **VALIDATE}
FLAGS = {
    "apply": {
        **_COMMON,
        **SELECT,
        "server-side": Flag(False),
        "force-conflicts": Flag(False),
        "overwrite": Flag(True),
        "prune": Flag(False),
        "wait": Flag(False),
        "timeout": Flag("0s"),
    },
    "create": {**_COMMON, "edit": Flag(False)},
    "create deployment": {
        **OUTPUT,
        **DRY_RUN,
        **VALIDATE,
        "image": Flag([]),
        "replicas": Flag(1, "r"),
        "port": Flag(-1),
    },
    "create namespace": {**OUTPUT, **DRY_RUN, **VALIDATE},
    "replace": {**_COMMON, "force": Flag(False), "grace-period": Flag(-1)},
}

Act = Callable[[str, Resource, Object], None]


def _for_each(session: Session, names: list[str], verb: str, act: Act) -> None:
    """Read the files and hand each object to `act(name, resource, obj)`; errors come at the end.

    An object whose kind is unknown is found out before the others are sent, as kubectl does, but
    reported after them.
    """
    if not names:
        raise error("must specify one of -f and -k")
    problems: list[str] = []
    known: list[tuple[str, Object]] = []
    for name in session.file_names(names):
        shown = "STDIN" if name == "-" else name
        unread: list[manifest.ManifestError] = []
        for obj in manifest.read(session.read(name), errors=unread):
            try:
                manifest.check_served(obj)
            except manifest.ManifestError as problem:
                unread.append(problem)
            else:
                _set_metadata(session, obj)
                known.append((shown, obj))
        problems += [problem.kubectl(shown) for problem in unread]
    if not known and not problems:
        raise error(f"no objects passed to {verb}")
    for shown, obj in known:
        if not session.has_a_part(obj):
            continue
        try:
            act(shown, BY_KIND[obj["kind"]], obj)
        except Failure as problem:
            problems.append(str(problem))
    if problems:
        raise Failure("\n".join(problems))


def _set_metadata(session: Session, obj: Object) -> None:
    """Let an object have a name, be it empty, and the only namespace, whatever it names."""
    meta = obj["metadata"] = obj.get("metadata") or {}
    meta["name"] = name_of(obj)
    if obj["kind"] != "Namespace":
        meta["namespace"] = session.cluster.namespace


def _check_name(obj: Object, doing: str, source: str) -> None:
    """Refuse an object without a name, as kubectl does before it asks the server for one."""
    if not name_of(obj):
        raise error(f'error when {doing} "{source}": resource name may not be empty')


def _retrieving(resource: Resource, obj: Object) -> str:
    """Say what ``apply`` does first (``Info.String`` of ``cli-runtime/pkg/resource``)."""
    version, meta = obj["apiVersion"], obj["metadata"]
    version = version if resource.group else f"/{version}"
    return (
        "retrieving current configuration of:\n"
        f'Resource: "{version}, Resource={resource.plural}", '
        f'GroupVersionKind: "{version}, Kind={resource.kind}"\n'
        f'Name: "{meta["name"]}", Namespace: "{meta.get("namespace", "")}"\n'
        "from server for:"
    )


def _find(session: Session, resource: Resource, obj: Object) -> Object | None:
    try:
        return session.cluster.get(resource.kind, obj["metadata"]["name"])
    except NotFound:
        return None


def create_object(
    session: Session,
    args: Arguments,
    name: str,
    resource: Resource,
    obj: Object,
    done: str = "created",
) -> None:
    """Create an object, or only show it, and say so; `name` is the file that it is from."""
    if args["dry-run"] == "client":  # then nobody asks the server
        say(session, args, resource, obj, done)
        return
    if _find(session, resource, obj) is not None:
        doing = f'error when creating "{name}": ' if name else ""
        raise Failure(
            f"Error from server (AlreadyExists): {doing}{resource.full} "
            f'"{obj["metadata"]["name"]}" already exists'
        )
    cluster = session.cluster
    door = cluster.create if args["dry-run"] == "none" else cluster.admit
    say(session, args, resource, session.call(door, obj, name), done)


# ------------------------------------------------------------------------------------------ apply


def with_last_applied(obj: Object, namespace: str) -> Object:
    """Return an object that carries its own text, for the next ``apply`` to compare with."""
    obj = copy.deepcopy(obj)  # of its own class: a text's object knows its lines
    meta = obj.setdefault("metadata", {})
    annotations = dict(meta.get("annotations") or {})
    annotations.pop(LAST_APPLIED, None)
    meta["annotations"] = annotations
    if obj["kind"] != "Namespace":
        meta.setdefault("namespace", namespace)
    text = json.dumps(obj, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    meta["annotations"] = {**annotations, LAST_APPLIED: text}
    return obj


def apply(session: Session, args: Arguments) -> None:
    """Make the objects as the files say, whatever they were."""
    on_server = args["server-side"]
    if on_server and args["dry-run"] == "client":
        raise error(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server "
            "instead?)"
        )

    def act(name: str, resource: Resource, obj: Object) -> None:
        stem = obj["metadata"].get("generateName")
        if stem and not name_of(obj):
            raise error(f"from {stem}: cannot use generate name with apply")
        _check_name(obj, _retrieving(resource, obj), name)
        modified = obj if on_server else with_last_applied(obj, session.cluster.namespace)
        if args["record"]:
            meta = modified["metadata"]
            meta["annotations"] = {
                **(meta.get("annotations") or {}),
                CHANGE_CAUSE: command_line("apply", args),
            }
        current = _find(session, resource, obj)
        if current is None:
            done = "serverside-applied" if on_server else "created"
            create_object(session, args, name, resource, modified, done)
            return
        if args["dry-run"] == "client":  # what would change is not found out
            say(session, args, resource, current, "configured")
            return
        last = (current["metadata"].get("annotations") or {}).get(LAST_APPLIED)
        if last is None and not on_server:
            about = f"{resource.plural}/{obj['metadata']['name']}"
            session.printer.err(
                f"Warning: resource {about} is missing the {LAST_APPLIED} annotation which is "
                "required by kubectl apply. kubectl apply should only be used on resources "
                "created declaratively by either kubectl create --save-config or kubectl apply. "
                "The missing annotation will be patched automatically."
            )
        original = {} if on_server else json.loads(last or "{}")
        try:
            changes = patch.three_way(original, modified, current)
            changed = patch.strategic_merge(current, changes)
        except patch.PatchError as problem:
            raise error(f'error when creating patch for "{name}": {problem}') from None
        if changes:
            door = session.cluster.update
            if args["dry-run"] != "none":
                door = partial(session.cluster.admit, old=current)
            changed = session.call(door, changed, name, "patching")
        done = "configured" if changes else "unchanged"
        say(session, args, resource, changed, "serverside-applied" if on_server else done)

    _for_each(session, args["filename"], "apply", act)


# ------------------------------------------------------------------------------ create and replace


def create(session: Session, args: Arguments) -> None:
    """Create the objects of the files."""

    def act(name: str, resource: Resource, obj: Object) -> None:
        if args["save-config"]:
            obj = with_last_applied(obj, session.cluster.namespace)
        create_object(session, args, name, resource, obj)

    _for_each(session, args["filename"], "create", act)


def create_deployment(session: Session, args: Arguments) -> None:
    """Create a Deployment from its name and image."""
    if len(args.words) != 1:
        raise error(f"exactly one NAME is required, got {len(args.words)}")
    images = [image for text in args["image"] for image in text.split(",")]
    if not images:
        raise error('required flag(s) "image" not set')
    name = args.words[0]
    containers = []
    for image in images:
        short = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
        container: Object = {"image": image, "name": short, "resources": {}}
        if args["port"] > 0:
            container["ports"] = [{"containerPort": args["port"]}]
        containers.append(container)
    labels = {"app": name}
    obj = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"labels": labels, "name": name},
        "spec": {
            "replicas": args["replicas"],
            "selector": {"matchLabels": labels},
            "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
        "status": {},
    }
    create_by_name(session, args, BY_KIND["Deployment"], obj, "deployment")


def create_by_name(
    session: Session, args: Arguments, resource: Resource, obj: Object, called: str
) -> None:
    """Create an object that flags describe; `called` is its kind in errors."""
    if args["save-config"]:
        obj = with_last_applied(obj, session.cluster.namespace)
    try:
        create_object(session, args, "", resource, obj)
    except Failure as problem:
        text = str(problem).replace("Error from server (AlreadyExists)", "error")
        raise Failure(text.replace("error: ", f"error: failed to create {called}: ")) from None


def create_namespace(session: Session, args: Arguments) -> None:
    """Create a namespace; all objects are in the cluster's own all the same."""
    if len(args.words) != 1:
        raise error(f"exactly one NAME is required, got {len(args.words)}")
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": args.words[0]}}
    create_object(session, args, "", BY_KIND["Namespace"], obj)


def replace(session: Session, args: Arguments) -> None:
    """Replace objects by those of the files."""
    dry_run = args["dry-run"]
    if args["force"] and dry_run != "none":
        raise error("--dry-run can not be used when --force is set")

    def act(name: str, resource: Resource, obj: Object) -> None:
        if args["save-config"]:
            obj = with_last_applied(obj, session.cluster.namespace)
        if dry_run == "client":  # then nobody asks the server
            say(session, args, resource, obj, "replaced")
            return
        _check_name(obj, "replacing", name)
        current = _find(session, resource, obj)
        if args["force"]:
            if current is not None:
                session.cluster.delete(resource.kind, obj["metadata"]["name"])
                session.printer.out(
                    f'{resource.named("").rstrip("/")} "{obj["metadata"]["name"]}" deleted'
                )
            written = session.call(session.cluster.create, obj, name, "replacing")
        elif current is None:
            problem = str(not_found(resource, obj["metadata"]["name"]))
            raise Failure(problem.replace(": ", f': error when replacing "{name}": ', 1))
        else:
            update = session.cluster.update
            door = update if dry_run == "none" else partial(session.cluster.admit, old=current)
            written = session.call(door, obj, name, "replacing")
        say(session, args, resource, written, "replaced")

    _for_each(session, args["filename"], "replace", act)
