"""``kubectl create poddisruptionbudget``: a PodDisruptionBudget from flags.

Follows ``kubectl/pkg/cmd/create/create_pdb.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import re
from typing import Any

from rollnb.int_or_percent import parse_int_or_percent
from rollnb.kubectl.flags import DRY_RUN, OUTPUT, Arguments, Flag
from rollnb.kubectl.manifests import VALIDATE, create_by_name
from rollnb.kubectl.output import error
from rollnb.kubectl.resources import BY_KIND
from rollnb.kubectl.session import Session

Object = dict[str, Any]

FLAGS = {
    **OUTPUT,
    **DRY_RUN,
    **VALIDATE,
    "selector": Flag(""),
    "min-available": Flag(""),
    "max-unavailable": Flag(""),
}


def create_budget(session: Session, args: Arguments) -> None:
    """Create a PodDisruptionBudget: how many pods an eviction has to leave."""
    if len(args.words) != 1:
        raise error(f"exactly one NAME is required, got {len(args.words)}")
    obj = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": args.words[0]},
        "spec": _spec(args),
        "status": {
            "currentHealthy": 0,
            "desiredHealthy": 0,
            "disruptionsAllowed": 0,
            "expectedPods": 0,
        },
    }
    create_by_name(session, args, BY_KIND["PodDisruptionBudget"], obj, "poddisruptionbudgets")


def _spec(args: Arguments) -> Object:
    """Return what is asked for; ``Validate`` and ``createPodDisruptionBudgets``."""
    least, most = args["min-available"], args["max-unavailable"]
    if not args["selector"]:
        raise error("a selector must be specified")
    if not least and not most:
        raise error("one of min-available or max-unavailable must be specified")
    if least and most:
        raise error("min-available and max-unavailable cannot be both specified")
    flag, field, text = "min-available", "minAvailable", least
    if most:
        flag, field, text = "max-unavailable", "maxUnavailable", most
    if not re.fullmatch("[0-9]+%?", text):
        raise error(f"invalid format specified for {flag}")
    labels = _match_labels(args["selector"])
    return {field: parse_int_or_percent(text), "selector": {"matchLabels": labels}}


def _match_labels(selector: str) -> dict[str, str]:
    """Read ``app=web,tier==front``: no other selector is taken here."""
    labels = {}
    for part in selector.split(","):
        found = re.fullmatch(r"([^\s=!]+)==?([^\s=]*)", part.strip())
        if not found:
            raise error(f"only equality-based selector requirements are supported, not {part!r}")
        labels[found[1]] = found[2]
    return labels
