"""Revisions: what ``rollout history`` lists, and which template ``rollout undo`` brings back.

Follows ``history.go`` and ``rollback.go`` of ``kubectl/pkg/polymorphichelpers`` (Kubernetes 1.36).
Pure functions of the workload and of the objects that keep its revisions: ReplicaSets for a
Deployment, ControllerRevisions for StatefulSets and DaemonSets.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from rollnb.kubectl.resources import owned_by
from rollnb.kubectl.tabwriter import align
from rollnb.kubectl.templates import describe_template

Object = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
CHANGE_CAUSE = "kubernetes.io/change-cause"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
#: Annotations that stay with the object they are on when a revision comes back.
_KEPT = (
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
)


class HistoryError(ValueError):
    """A revision that is not there, or that may not be gone back to."""


def revision_of(obj: Object) -> int:
    """Return the revision number of a Deployment, ReplicaSet or ControllerRevision; else 0."""
    if "revision" in obj:
        return int(obj["revision"])
    return int((obj["metadata"].get("annotations") or {}).get(REVISION) or 0)


def history_of(workload: Object, candidates: list[Object]) -> list[Object]:
    """Return the objects that keep the revisions of `workload`, oldest revision first."""
    owned = [obj for obj in candidates if owned_by(workload, obj)]
    return sorted(owned, key=revision_of)


def template_of(revision: Object) -> Object:
    """Return the pod template that a ReplicaSet or ControllerRevision keeps."""
    if revision["kind"] == "ControllerRevision":
        data = revision["data"]["spec"]["template"]
        return {key: value for key, value in data.items() if key != "$patch"}
    return revision["spec"]["template"]


def at_revision(workload: Object, revision: Object) -> Object:
    """Return the object that stands for a revision: the ReplicaSet, or the workload as it was.

    Notes
    -----
    ``GetHistory``.
    """
    if revision["kind"] == "ReplicaSet":
        return revision
    return {**workload, "spec": {**workload["spec"], "template": template_of(revision)}}


def _change_cause(obj: Object) -> str:
    return (obj["metadata"].get("annotations") or {}).get(CHANGE_CAUSE) or ""


def find_revision(revisions: list[Object], number: int) -> Object:
    """Return the revision of that number.

    Raises
    ------
    HistoryError
        If there is none such.
    """
    for found in revisions:
        if revision_of(found) == number:
            return found
    raise HistoryError("unable to find the specified revision")


def view_history(revisions: list[Object], revision: int = 0) -> str:
    """Return the table of revisions, or the pod template of one of them.

    Parameters
    ----------
    revisions : list of dict
        As `history_of` returns them.
    revision : int
        The revision to show in detail; 0 for the table of all.

    Raises
    ------
    HistoryError
        If there is a history, but not that revision.
    """
    if not revisions:
        return "No rollout history found."
    if revision > 0:
        found = find_revision(revisions, revision)
        template = copy.deepcopy(template_of(found))
        if found["kind"] == "ReplicaSet" and _change_cause(found):
            annotations = template["metadata"].setdefault("annotations", {})
            annotations[CHANGE_CAUSE] = _change_cause(found)
        return "\n".join(describe_template(template)) + "\n"
    rows = [f"{revision_of(r)}\t{_change_cause(r) or '<none>'}\n" for r in revisions]
    return align("REVISION\tCHANGE-CAUSE\n" + "".join(rows))


def _without_hash(template: Object) -> Object:
    """Return a template without the label that the Deployment controller adds."""
    template = copy.deepcopy(template)
    meta = template.get("metadata") or {}
    labels = meta.get("labels") or {}
    labels.pop("pod-template-hash", None)
    meta.pop("creationTimestamp", None)
    return template


def find_rollback(workload: Object, revisions: list[Object], to_revision: int = 0) -> Object:
    """Return the revision to go back to.

    Parameters
    ----------
    to_revision : int
        0 means the last but one.

    Raises
    ------
    HistoryError
        If there is none such.
    """
    if to_revision:
        for found in revisions:
            if revision_of(found) == to_revision:
                return found
        raise HistoryError(f"unable to find specified revision {to_revision} in history")
    if len(revisions) < 2:
        if workload["kind"] == "Deployment":
            name = workload["metadata"]["name"]
            raise HistoryError(f'no rollout history found for deployment "{name}"')
        raise HistoryError("no last revision to roll back to")
    return revisions[-2]


def rollback(
    workload: Object, revisions: list[Object], to_revision: int = 0
) -> tuple[str, Object | None]:
    """Decide a ``rollout undo``: what kubectl says, and the object to write.

    Returns
    -------
    str
        ``rolled back``, or why nothing is to be done.
    dict or None
        The workload with the former template; None if it has that template already.

    Raises
    ------
    HistoryError
        If there is nothing to go back to, or the Deployment is paused.
    """
    target = find_rollback(workload, revisions, to_revision)
    if workload["kind"] == "Deployment" and workload["spec"].get("paused"):
        raise HistoryError(
            "you cannot rollback a paused deployment; resume it first with "
            "'kubectl rollout resume' and try again"
        )
    template = _without_hash(template_of(target))
    if _same(template, _without_hash(workload["spec"]["template"])):
        return (
            f"skipped rollback (current template already matches revision {to_revision})",
            None,
        )
    changed = copy.deepcopy(workload)
    changed["spec"]["template"] = template
    if workload["kind"] == "Deployment":
        # The Deployment takes over what the old ReplicaSet was annotated with, its change-cause
        # too, and keeps only its own bookkeeping.
        own = changed["metadata"].get("annotations") or {}
        old = target["metadata"].get("annotations") or {}
        annotations = {key: value for key, value in own.items() if key in _KEPT}
        annotations |= {key: value for key, value in old.items() if key not in _KEPT}
        changed["metadata"]["annotations"] = annotations
    return "rolled back", changed


def _same(one: Object, other: Object) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
