"""``kubectl create quota``: a ResourceQuota from flags.

Follows ``kubectl/pkg/cmd/create/create_quota.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from typing import Any

from rollnb.kubectl.flags import DRY_RUN, OUTPUT, Arguments, Flag
from rollnb.kubectl.manifests import VALIDATE, create_by_name
from rollnb.kubectl.output import error
from rollnb.kubectl.resources import BY_KIND
from rollnb.kubectl.session import Session
from rollnb.manifest.quantity import canonical

FLAGS = {
    **OUTPUT,
    **DRY_RUN,
    **VALIDATE,
    "hard": Flag(""),
    "scopes": Flag(""),
}


def create_quota(session: Session, args: Arguments) -> None:
    """Create a ResourceQuota from its name and limits: ``--hard=pods=11,requests.cpu=4``."""
    if len(args.words) != 1:
        raise error(f"exactly one NAME is required, got {len(args.words)}")
    hard = {}
    for limit in args["hard"].split(",") if args["hard"] else ():
        name, equals, amount = limit.partition("=")
        if not equals or "=" in amount:
            raise error(f"Invalid argument syntax {limit}, expected <resource>=<value>")
        try:
            hard[name] = canonical(amount)
        except ValueError as problem:
            raise error(str(problem)) from None
    spec: dict[str, Any] = {"hard": hard} if hard else {}
    if args["scopes"]:
        spec["scopes"] = args["scopes"].split(",")
    obj = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": args.words[0]},
        "spec": spec,
        "status": {},
    }
    create_by_name(session, args, BY_KIND["ResourceQuota"], obj, "quota")
