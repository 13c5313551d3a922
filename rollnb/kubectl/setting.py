"""``kubectl set image`` and ``set env``.

Follows ``kubectl/pkg/cmd/set`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
from typing import Any

from rollnb.kubectl.flags import Arguments, Flag
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.resources import Resource
from rollnb.kubectl.session import Session
from rollnb.kubectl.writing import COMMON_FLAGS, NO_RESOURCE, command_line, split_pairs, write

Object = dict[str, Any]

FLAGS = {
    "set image": COMMON_FLAGS,
    "set env": {**COMMON_FLAGS, "containers": Flag("*", "c"), "list": Flag(False)},
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
        raise error(NO_RESOURCE)
    if not pairs:
        raise error("at least one environment variable must be provided")
    for resource, obj in session.select(resources, args, needs_name=NO_RESOURCE):
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
            write(session, args, resource, obj, changed, "env updated")
