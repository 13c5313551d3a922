"""Commands that change an object: scale, patch, annotate, label.

Follows ``kubectl/pkg/cmd/{scale,patch,annotate,label}`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
import json
from functools import partial
from typing import Any

from rollnb import manifest, patch
from rollnb.kubectl.flags import Arguments, Flag
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.session import Session
from rollnb.kubectl.writing import COMMON_FLAGS, NO_RESOURCE, command_line, split_pairs, write

Object = dict[str, Any]

FLAGS = {
    "scale": {
        **COMMON_FLAGS,
        "replicas": Flag(0),
        "current-replicas": Flag(-1),
        "resource-version": Flag(""),
        "timeout": Flag("0s"),
    },
    "patch": {
        **COMMON_FLAGS,
        "patch": Flag("", "p"),
        "patch-file": Flag(""),
        "type": Flag("strategic"),
        "subresource": Flag(""),
    },
    "annotate": {**COMMON_FLAGS, "overwrite": Flag(False), "resource-version": Flag("")},
    "label": {**COMMON_FLAGS, "overwrite": Flag(False), "resource-version": Flag("")},
}


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
        write(session, args, resource, obj, changed, "scaled", command)


# ------------------------------------------------------------------------------------------ patch


def patch_object(session: Session, args: Arguments) -> None:
    """Change fields of an object."""
    kind = args["type"]
    if kind not in ("json", "merge", "strategic"):
        raise error(f'--type must be one of [json merge strategic], not "{kind}"')
    if args["patch"] and args["patch-file"]:
        raise error("cannot specify --patch and --patch-file together")
    if not args["patch"] and not args["patch-file"]:
        raise error("must specify --patch or --patch-file containing the contents of the patch")
    text = session.read(args["patch-file"]) if args["patch-file"] else args["patch"]
    try:
        body = patch.read(text, kind)
    except manifest.ManifestError as problem:
        raise Failure(problem.kubectl()) from None
    for resource, obj in session.select(args.words, args):
        warnings: list[str] = []
        admit = partial(
            manifest.admit,
            strict=False,
            warnings=warnings,
            patch=body,
            feature_gates=session.cluster.feature_gates,
        )
        try:
            patched = patch.apply(obj, body, kind)
        except patch.PatchError as problem:
            about = "The request is invalid" if kind == "json" else "Error from server"
            raise Failure(f"{about}: {problem}") from None
        _check_name(patched, obj)
        changed = session.call(lambda new, old=obj, admit=admit: admit(new, old), patched)
        for warning in warnings:
            session.printer.err(f"Warning: {warning}")
        same = _is_same(changed, obj)
        command = command_line("patch", args)
        done = "patched" + " (no change)" * (same and not args["record"])
        write(session, args, resource, obj, obj if same else changed, done, command)


def _check_name(patched: Object, obj: Object) -> None:
    """Refuse to move, rename or turn an object; ``checkName`` (``endpoints/handlers/rest.go``)."""
    kind, version = (patched.get(field) or "" for field in ("kind", "apiVersion"))
    if (kind, version) != (obj["kind"], obj["apiVersion"]):
        about = f'{kind} in version "{version}" cannot be handled as a {obj["kind"]}'
        raise Failure(f"Error from server (BadRequest): {about}")
    new, old = patched.get("metadata") or {}, obj["metadata"]
    if not isinstance(new, dict):
        return  # it cannot be decoded, as the server will say
    name, namespace = new.get("name"), new.get("namespace") or old.get("namespace")
    problem = ""
    if not name:
        problem = f"name of the object ({old['name']} based on URL) was undeterminable: "
        problem += "name must be provided"
    elif name != old["name"]:
        problem = f"name of the object ({name}) does not match the name on the URL ({old['name']})"
    elif namespace != old.get("namespace"):
        problem = f"namespace of the object ({namespace}) does not match the namespace on the "
        problem += f"request ({old['namespace']})"
    if problem:
        raise Failure(f"Error from server (BadRequest): the {problem}")


def _is_same(changed: Object, obj: Object) -> bool:
    """Whether nothing that users may set has changed."""
    fields = ("labels", "annotations")
    contents = (
        {key: value for key, value in one.items() if key not in ("metadata", "status")}
        for one in (changed, obj)
    )
    return next(contents) == next(contents) and all(
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
        raise error(NO_RESOURCE)
    if not pairs:
        raise error(f"at least one {what} update is required")
    new = dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)
    removed = [pair.removesuffix("-") for pair in pairs if "=" not in pair]
    for resource, obj in session.select(resources, args, needs_name=NO_RESOURCE):
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
        if values != old:
            changed["metadata"][field] = values
        said = done
        if what == "label":
            for key in removed:
                if key not in old:
                    session.printer.out(f'label "{key}" not found.')
            said = done if values != old else "not labeled"
            if not args["overwrite"] and len(json.dumps(values)) < len(json.dumps(old)):
                said = "unlabeled"
        write(session, args, resource, obj, changed, said)
