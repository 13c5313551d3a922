"""``kubectl set image``, ``set env`` and ``set resources``.

Follows ``kubectl/pkg/cmd/set`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
import re
from typing import Any

from rollnb.kubectl.flags import Arguments, Flag
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.resources import Resource
from rollnb.kubectl.session import Session
from rollnb.kubectl.writing import COMMON_FLAGS, NO_RESOURCE, command_line, split_pairs, write
from rollnb.manifest.quantity import canonical
from rollnb.validation import quote

Object = dict[str, Any]

FLAGS = {
    "set image": COMMON_FLAGS,
    "set env": {**COMMON_FLAGS, "containers": Flag("*", "c"), "list": Flag(False)},
    "set resources": {
        **COMMON_FLAGS,
        "containers": Flag("*", "c"),
        "limits": Flag(""),
        "requests": Flag(""),
    },
}
#: Where the value of a variable may come from.
_SOURCES = {
    "configMapKeyRef": "configmap {name}, key {key}",
    "fieldRef": "field path {fieldPath}",
    "resourceFieldRef": "resource field {resource}",
    "secretKeyRef": "secret {name}, key {key}",
}


def set_image(session: Session, args: Arguments) -> None:
    """Give containers another image."""
    resources, pairs = split_pairs(args.words, "image")
    problems = []
    if not resources and not args["filename"]:
        problems.append(f"error: {NO_RESOURCE}")
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
    for resource, obj in session.select(resources, args, needs_name=NO_RESOURCE):
        changed = copy.deepcopy(obj)
        missing = replace_images(_pod_spec(changed, resource), images)
        if missing:
            problems += [f'error: unable to find container named "{name}"' for name in missing]
        elif changed != obj:
            command = command_line("set image", args)
            write(session, args, resource, obj, changed, "image updated", command)
    if problems:
        raise Failure("\n".join(problems))


def _pod_spec(obj: Object, resource: Resource) -> Object:
    if resource.kind == "Pod":
        return obj["spec"]
    template = (obj.get("spec") or {}).get("template")
    if not template:
        raise error(
            f"{resource.plural}/{obj['metadata']['name']} the object is not a pod or does not "
            f"have a pod template: *v1.{resource.kind}"
        )
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
        raise error(NO_RESOURCE)
    if not pairs and not args["list"]:
        raise error("at least one environment variable must be provided")
    for resource, obj in session.select(resources, args, needs_name=NO_RESOURCE):
        changed, name = copy.deepcopy(obj), obj["metadata"]["name"]
        containers = _select(_pod_spec(changed, resource), args["containers"])
        if not containers:
            session.printer.err(
                f"warning: {resource.kind}/{name} does not have any containers matching "
                + quote(args["containers"])
            )
        for container in containers:
            variables = {v["name"]: v for v in container.get("env") or ()}
            for pair in pairs:
                key, equals, value = pair.partition("=")
                if equals:
                    variables[key] = {"name": key, "value": value}
                else:
                    variables.pop(key.removesuffix("-"), None)
            container["env"] = list(variables.values())
            if not variables:
                del container["env"]
            if args["list"]:
                session.printer.out(f"# {resource.kind} {name}, container {container['name']}")
                for variable in variables.values():
                    session.printer.out(_listed(variable))
        if changed != obj and not args["list"]:
            write(session, args, resource, obj, changed, "env updated")


def _listed(variable: Object) -> str:
    """Return a variable as ``--list`` shows it; ``GetEnvVarRefString`` (``env_resolve.go``)."""
    for kind, reference in (variable.get("valueFrom") or {}).items():
        source = _SOURCES.get(kind, "invalid valueFrom").format(**reference)
        return f"# {variable['name']} from {source}"
    return f"{variable['name']}={variable.get('value') or ''}"


def _select(pod_spec: Object, names: str) -> list[Object]:
    """Return the containers, then the init containers, with a name in which ``*`` is anything."""
    pattern = ".*".join(map(re.escape, names.split("*")))
    every = [*(pod_spec.get("containers") or ()), *(pod_spec.get("initContainers") or ())]
    return [container for container in every if re.fullmatch(pattern, container["name"])]


def set_resources(session: Session, args: Arguments) -> None:
    """Set what containers request of a node, and their limits."""
    chosen = session.select(args.words, args, needs_name=NO_RESOURCE)
    amounts = {field: _read_amounts(args[field]) for field in ("limits", "requests")}
    if not any(amounts.values()):
        raise error(
            "you must specify an update to requests or limits (in the form of --requests/--limits)"
        )
    problems = []
    for resource, obj in chosen:
        changed = copy.deepcopy(obj)
        containers = _select(_pod_spec(changed, resource), args["containers"])
        if not containers:
            problems.append(f"error: unable to find container named {args['containers']}")
        for container in containers:
            own = container.setdefault("resources", {})
            for field, new in amounts.items():
                if new:
                    own[field] = {**(own.get(field) or {}), **new}
        if changed != obj:
            command = command_line("set resources", args)
            write(session, args, resource, obj, changed, "resource requirements updated", command)
    if problems:
        raise Failure("\n".join(problems))


def _read_amounts(text: str) -> dict[str, str]:
    """Read ``cpu=200m,memory=512Mi``; ``populateResourceListV1`` (``generate/versioned/run.go``).

    An amount is written as the API server would, so that the same one is no change.
    """
    amounts = {}
    for statement in text.split(",") if text else ():
        parts = statement.split("=")
        if len(parts) != 2:
            raise error(f"Invalid argument syntax {statement}, expected <resource>=<value>")
        try:
            amounts[parts[0]] = canonical(parts[1])
        except ValueError as problem:
            raise error(str(problem)) from None
    return amounts
