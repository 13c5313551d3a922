"""``kubectl edit``, with a function in place of the editor.

Follows ``kubectl/pkg/cmd/util/editor/editoptions.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

from rollnb import manifest
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.resources import get_object, parse_targets
from rollnb.kubectl.session import Session


def edit(session: Session, target: str, function: Callable[[str], str]) -> None:
    """Edit an object as text.

    Parameters
    ----------
    target : str
        ``deployment/worker`` or ``deployment worker``.
    function : callable
        From the object's YAML, as ``kubectl edit`` opens it, to the changed text.

    Raises
    ------
    ValueError
        If the function returns no text.
    """
    targets = parse_targets(shlex.split(target))
    for one in targets:
        for name in one.names:
            obj = get_object(session.cluster, one.resource, name)
            before = manifest.dump(obj)
            after = function(before)
            if not isinstance(after, str):
                raise ValueError(f"function must return the changed text, not {after!r}")
            # Comments are those kubectl puts on top of the file.
            body = re.sub(r"(?m)^#.*\n?", "", after)
            if body == before or not body.strip():
                session.printer.err("Edit cancelled, no changes made.")
                continue
            try:
                edited = manifest.read(body)
            except manifest.ManifestError as problem:
                raise Failure(problem.kubectl("the edited file")) from None
            if len(edited) != 1:
                raise error(f"the edited file holds {len(edited)} objects: one is expected")
            if _identity(edited[0]) != _identity(obj):
                raise error("At least one of apiVersion, kind and name was changed")
            session.update(edited[0])
            session.printer.out(f"{one.resource.named(name)} edited")


def _identity(obj: dict[str, Any]) -> dict[str, Any]:
    """Return what an edit must not change."""
    name = (obj.get("metadata") or {}).get("name")
    return {"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "name": name}
