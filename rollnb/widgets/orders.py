"""What a reader takes to a real cluster: the patch, and the kubectl lines of some settings."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from rollnb import manifest

if TYPE_CHECKING:
    from rollnb.widgets.settings import Settings


def body(settings: Settings) -> dict[str, Any]:
    """Return the patch as an object."""
    spec: dict[str, Any] = {
        "replicas": settings.replicas,
        "minReadySeconds": settings.min_ready_seconds,
        "strategy": {
            "rollingUpdate": {
                "maxSurge": settings.max_surge,
                "maxUnavailable": settings.max_unavailable,
            }
        },
    }
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
    return f"kubectl patch deployment {_target(settings)} -p {shlex.quote(text)}"


def update(settings: Settings) -> str:
    """Return the line that sets the new image."""
    setting = f"{settings.container.name}={settings.new_image}"
    return f"kubectl set image deployment {_target(settings)} {setting}"


def document(settings: Settings) -> str:
    """Return the patch as a file: above it, as comments, the two lines."""
    return f"# {command(settings)}\n# {update(settings)}\n{patch(settings)}"


def _target(settings: Settings) -> str:
    name, namespace = settings.base.name, settings.namespace
    return name if namespace == "default" else f"{name} -n {namespace}"
