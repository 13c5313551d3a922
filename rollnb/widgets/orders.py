"""What a reader takes to a real cluster: the patch, and the kubectl lines of some settings."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from rollnb import manifest
from rollnb.spec import Image, StatefulSet
from rollnb.widgets.kinds import kind_of, word_of

if TYPE_CHECKING:
    from rollnb.widgets.settings import Settings

#: What may be done after the update, in the order of the list.
AFTERWARDS = ("nothing", "push", "undo", "delete", "undo_delete")

#: So long after ``rollout undo`` the pod that is in its way is deleted, in seconds.
DELETE_LATER = 20


def afterwards_of(settings: Settings) -> tuple[str, ...]:
    """Return which of `AFTERWARDS` fit: a single pod has a name only in a StatefulSet."""
    if isinstance(settings.base, StatefulSet):
        return AFTERWARDS
    return tuple(step for step in AFTERWARDS if "delete" not in step)


def steps(settings: Settings) -> list[tuple[float, str | Image]]:
    """Return what is done and when (s): the update, and what comes afterwards."""
    then, at = settings.then, settings.then_seconds
    done: list[tuple[float, str | Image]] = [(0, update(settings))]
    if then == "push":
        done.append((at, settings.describe_image(settings.new_image)))
    if then in ("undo", "undo_delete"):
        done.append((at, undo(settings)))
        at += DELETE_LATER
    if then in ("delete", "undo_delete"):
        done.append((at, delete(settings)))
    return done


def body(settings: Settings) -> dict[str, Any]:
    """Return the patch as an object."""
    kind, base = kind_of(settings.base), settings.base
    spec: dict[str, Any] = {
        _camel(name): getattr(settings, name)
        for name in ("replicas", "min_ready_seconds")
        if name in kind.fields
    }
    strategy: dict[str, Any] = {}
    if settings.strategy != base.strategy:
        strategy = {"type": settings.strategy, "rollingUpdate": None}
    if settings.strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {
            _camel(name): getattr(settings, name) for name in settings.pace
        }
    if strategy:
        spec[kind.strategy_field] = strategy
    if settings.changes_pods:
        seconds = settings.termination_grace_period_seconds
        spec["template"] = {"spec": {"terminationGracePeriodSeconds": seconds}}
    return {"spec": spec}


def patch(settings: Settings) -> str:
    """Return the patch as YAML."""
    return manifest.dump(body(settings))


def command(settings: Settings) -> str:
    """Return the ``kubectl patch`` line with the same patch."""
    text = json.dumps(body(settings), separators=(",", ":"))
    return f"kubectl patch {_target(settings)} -p {shlex.quote(text)}"


def update(settings: Settings) -> str:
    """Return the line that sets the new image."""
    setting = f"{settings.container.name}={settings.new_image}"
    return f"kubectl set image {_target(settings)} {setting}"


def undo(settings: Settings) -> str:
    """Return the line that takes the update back."""
    return f"kubectl rollout undo {_target(settings)}"


def delete(settings: Settings) -> str:
    """Return the line that deletes the pod of a StatefulSet that is updated first: the last."""
    last = settings.base.ordinals_start + settings.replicas - 1
    return f"kubectl delete pod {_within(f'{settings.base.name}-{last}', settings)}"


def lines(settings: Settings) -> list[str]:
    """Return all that is typed: the patch, the update, and what comes afterwards in its time."""
    typed, now = [command(settings)], 0.0
    for time, step in steps(settings):
        if isinstance(step, str):
            typed += [f"sleep {time - now:g}"] * (time > now) + [step]
            now = time
    return typed


def document(settings: Settings) -> str:
    """Return the patch as a file: above it, as comments, the lines."""
    return "".join(f"# {line}\n" for line in lines(settings)) + patch(settings)


def _target(settings: Settings) -> str:
    return f"{word_of(settings.base)} {_within(settings.base.name, settings)}"


def _within(name: str, settings: Settings) -> str:
    return name if settings.namespace == "default" else f"{name} -n {settings.namespace}"


def _camel(name: str) -> str:
    """Return a field as a manifest has it: maxSurge."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
