"""Commands that change an object: set image, set env, scale, patch, annotate, label, edit.

Follows ``kubectl/pkg/cmd/{set,scale,patch,annotate,label,edit}`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
import re
import shlex
from collections.abc import Callable
from functools import partial
from typing import Any

from rollnb import manifest, patch
from rollnb.kubectl.flags import FILES, OUTPUT, RECORD, SELECT, Arguments, Flag
from rollnb.kubectl.history import CHANGE_CAUSE
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.printing import object_printer
from rollnb.kubectl.resources import Resource, get_object, parse_targets
from rollnb.kubectl.session import Session
from rollnb.manifest.reading import parse_yaml
from rollnb.validation import quote

Object = dict[str, Any]

_COMMON = {**FILES, **SELECT, **OUTPUT, **RECORD, "local": Flag(False)}
FLAGS = {
    "set image": _COMMON,
    "set env": {**_COMMON, "containers": Flag("*", "c"), "list": Flag(False)},
    "scale": {
        **_COMMON,
        "replicas": Flag(0),
        "current-replicas": Flag(-1),
        "resource-version": Flag(""),
        "timeout": Flag("0s"),
    },
    "patch": {
        **_COMMON,
        "patch": Flag("", "p"),
        "patch-file": Flag(""),
        "type": Flag("strategic"),
        "subresource": Flag(""),
    },
    "annotate": {**_COMMON, "overwrite": Flag(False), "resource-version": Flag("")},
    "label": {**_COMMON, "overwrite": Flag(False), "resource-version": Flag("")},
}
_NO_RESOURCE = "one or more resources must be specified as <resource> <name> or <resource>/<name>"


def _write(
    session: Session,
    args: Arguments,
    resource: Resource,
    old: Object,
    new: Object,
    done: str,
    command: str = "",
) -> None:
    """Write an object, or only show it with ``--dry-run``, and say what was done."""
    if args["record"] and command:
        annotations = dict(new["metadata"].get("annotations") or {})
        new["metadata"]["annotations"] = {**annotations, CHANGE_CAUSE: command}
    dry_run = args["dry-run"]
    written = new
    if dry_run == "none" and not args["local"]:
        written = session.update(new) if new != old else old
    if args["output"]:
        session.printer.out(object_printer(args["output"])(written))
        return
    suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(dry_run, "")
    session.printer.out(f"{resource.named(new['metadata']['name'])} {done}{suffix}")


def command_line(command: str, args: Arguments) -> str:
    """Return the command as ``--record`` notes it: arguments first, flags sorted."""
    flags = []
    for name in sorted(args.given):
        value = args.flags[name]
        for item in value if isinstance(value, list) else [value]:
            flags.append(f"--{name}={str(item).lower() if isinstance(item, bool) else item}")
    return " ".join(["kubectl", command, *args.words, *flags])


def split_pairs(words: list[str], what: str) -> tuple[list[str], list[str]]:
    """Part ``deploy web`` from ``a=1 b-``: resources first, then pairs.

    Notes
    -----
    ``GetResourcesAndPairs`` (``kubectl/pkg/cmd/util/helpers.go``).
    """
    resources: list[str] = []
    pairs: list[str] = []
    for word in words:
        if ("=" in word and word[0] != "=") or (word.endswith("-") and word != "-"):
            pairs.append(word)
        elif pairs:
            raise error(f"all resources must be specified before {what} changes: {word}")
        else:
            resources.append(word)
    return resources, pairs


# -------------------------------------------------------------------------------------------- set


def set_image(session: Session, args: Arguments) -> None:
    """Give containers another image."""
    resources, pairs = split_pairs(args.words, "image")
    problems = []
    if not resources and not args["filename"]:
        problems.append(f"error: {_NO_RESOURCE}")
    if not pairs:
        problems.append("error: at least one image update is required")
    images = dict(pair.partition("=")[::2] for pair in pairs)
    if "*" in images and len(images) > 1:
        problems.append(
            "error: all containers are already specified by *, but saw more than one "
            "container_name=container_image pairs"
        )
    if problems:
        raise Failure("\n".join(problems))
    for resource, obj in session.select(resources, args, needs_name=_NO_RESOURCE):
        changed = copy.deepcopy(obj)
        missing = replace_images(_pod_spec(changed, resource), images)
        if missing:
            problems += [f'error: unable to find container named "{name}"' for name in missing]
        elif changed != obj:
            command = command_line("set image", args)
            _write(session, args, resource, obj, changed, "image updated", command)
    if problems:
        raise Failure("\n".join(problems))


def _pod_spec(obj: Object, resource: Resource) -> Object:
    if resource.kind == "Pod":
        return obj["spec"]
    template = (obj.get("spec") or {}).get("template")
    if not template:
        raise error(f"{resource.named(obj['metadata']['name'])} has no pod template")
    return template["spec"]


def replace_images(pod_spec: Object, images: dict[str, str]) -> list[str]:
    """Set the images of containers and init containers by name; return names not found."""
    containers = [*(pod_spec.get("initContainers") or ()), *(pod_spec.get("containers") or ())]
    missing = []
    for name, image in images.items():
        chosen = [c for c in containers if name in ("*", c["name"])]
        for container in chosen:
            container["image"] = image
        if not chosen:
            missing.append(name)
    return missing


def set_env(session: Session, args: Arguments) -> None:
    """Set (``A=1``) or remove (``A-``) variables of containers."""
    resources, pairs = split_pairs(args.words, "environment variable")
    if not resources and not args["filename"]:
        raise error(_NO_RESOURCE)
    if not pairs:
        raise error("at least one environment variable must be provided")
    for resource, obj in session.select(resources, args, needs_name=_NO_RESOURCE):
        changed = copy.deepcopy(obj)
        chosen = args["containers"]
        for container in _pod_spec(changed, resource).get("containers") or ():
            if chosen in ("*", container["name"]):
                variables = {v["name"]: v for v in container.get("env") or ()}
                for pair in pairs:
                    name, equals, value = pair.partition("=")
                    if equals:
                        variables[name] = {"name": name, "value": value}
                    else:
                        variables.pop(name.removesuffix("-"), None)
                container["env"] = list(variables.values())
                if not variables:
                    del container["env"]
        if changed != obj:
            _write(session, args, resource, obj, changed, "env updated")


# ------------------------------------------------------------------------------------------ scale


def scale(session: Session, args: Arguments) -> None:
    """Ask for another number of pods."""
    replicas = args["replicas"]
    if "replicas" not in args.given:
        raise error('required flag(s) "replicas" not set')
    if replicas < 0:
        raise error(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"
        )
    for resource, obj in session.select(args.words, args):
        if resource.kind not in ("Deployment", "ReplicaSet", "StatefulSet"):
            raise Failure(
                "Error from server (NotFound): the server could not find the requested resource"
            )
        current, wanted = obj["spec"].get("replicas") or 0, args["current-replicas"]
        if wanted not in (-1, current):
            raise error(f"Expected replicas to be {wanted}, was {current}")
        changed = copy.deepcopy(obj)
        changed["spec"]["replicas"] = replicas
        command = command_line("scale", args)
        _write(session, args, resource, obj, changed, "scaled", command)


# ------------------------------------------------------------------------------------------ patch


def patch_object(session: Session, args: Arguments) -> None:
    """Change fields of an object."""
    if args["type"] not in ("json", "merge", "strategic"):
        raise error(f'--type must be one of [json merge strategic], not "{args["type"]}"')
    apply_patch = {
        "json": patch.json_patch,
        "merge": patch.merge,
        "strategic": patch.strategic_merge,
    }[args["type"]]
    if args["patch"] and args["patch-file"]:
        raise error("cannot specify --patch and --patch-file together")
    if not args["patch"] and not args["patch-file"]:
        raise error("must specify --patch or --patch-file containing the contents of the patch")
    text = session.read(args["patch-file"]) if args["patch-file"] else args["patch"]
    try:
        body, _ = parse_yaml(text)
    except manifest.ManifestError as problem:
        raise error(f"unable to parse {quote(text)}: {problem.text}") from None
    for resource, obj in session.select(args.words, args):
        warnings: list[str] = []
        admit = partial(manifest.admit, strict=False, warnings=warnings, patch=body)
        changed = session.call(lambda old, admit=admit: admit(apply_patch(old, body), old), obj)
        for warning in warnings:
            session.printer.err(f"Warning: {warning}")
        same = _is_same(changed, obj)
        command = command_line("patch", args)
        done = "patched" + " (no change)" * (same and not args["record"])
        _write(session, args, resource, obj, obj if same else changed, done, command)


def _is_same(changed: Object, obj: Object) -> bool:
    """Whether nothing that users may set has changed."""
    fields = ("labels", "annotations")
    return changed.get("spec") == obj.get("spec") and all(
        (changed["metadata"].get(field) or {}) == (obj["metadata"].get(field) or {})
        for field in fields
    )


# ------------------------------------------------------------------------- annotations and labels


def annotate(session: Session, args: Arguments) -> None:
    """Set (``key=value``) or remove (``key-``) annotations."""
    _change_metadata(session, args, "annotations", "annotation", "annotated")


def label(session: Session, args: Arguments) -> None:
    """Set (``key=value``) or remove (``key-``) labels."""
    _change_metadata(session, args, "labels", "label", "labeled")


def _change_metadata(session: Session, args: Arguments, field: str, what: str, done: str) -> None:
    resources, pairs = split_pairs(args.words, what)
    if not resources and not args["filename"]:
        raise error(_NO_RESOURCE)
    if not pairs:
        raise error(f"at least one {what} update is required")
    new = dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)
    removed = [pair.removesuffix("-") for pair in pairs if "=" not in pair]
    for resource, obj in session.select(resources, args, needs_name=_NO_RESOURCE):
        old = dict(obj["metadata"].get(field) or {})
        clashes = [
            f"'{k}' already has a value ({old[k]})" for k in new if old.get(k, v := new[k]) != v
        ]
        if clashes and not args["overwrite"]:
            if what == "label":
                raise error("\n".join(clashes) + ", and --overwrite is false")
            raise error(
                f"--overwrite is false but found the following declared {what}(s): "
                + "; ".join(clashes)
            )
        changed = copy.deepcopy(obj)
        values = {key: value for key, value in {**old, **new}.items() if key not in removed}
        changed["metadata"][field] = values
        said = done
        if what == "label":
            said = "unlabeled" if removed and not new else done if values != old else "not labeled"
        _write(session, args, resource, obj, changed, said)


# ------------------------------------------------------------------------------------------- edit


def edit(session: Session, target: str, function: Callable[[str], str]) -> None:
    """Edit an object as text.

    Parameters
    ----------
    target : str
        ``deployment/worker`` or ``deployment worker``.
    function : callable
        From the object's YAML, as ``kubectl edit`` opens it, to the changed text.
    """
    targets = parse_targets(shlex.split(target))
    for one in targets:
        for name in one.names:
            obj = get_object(session.cluster, one.resource, name)
            before = manifest.dump(obj)
            after = function(before)
            # Comments are those kubectl puts on top of the file.
            body = re.sub(r"(?m)^#.*\n?", "", after)
            if body == before or not body.strip():
                session.printer.err("Edit cancelled, no changes made.")
                continue
            try:
                (changed,) = manifest.read(body)
            except manifest.ManifestError as problem:
                raise error(problem.kubectl("the edited file").removeprefix("error: ")) from None
            session.update(changed)
            session.printer.out(f"{one.resource.named(name)} edited")
