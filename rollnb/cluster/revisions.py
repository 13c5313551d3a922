"""Numbers and names of ControllerRevisions, the history of StatefulSets and DaemonSets.

Follows ``getStatefulSetRevisions`` and ``truncateHistory``
(``pkg/controller/statefulset/stateful_set_control.go``), ``constructHistory`` and
``cleanupHistory`` (``pkg/controller/daemon/update.go``), and
``pkg/controller/history/controller_history.go`` (Kubernetes 1.36). A revision is anything with
``revision`` (its number) and ``template_hash``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import NamedTuple

from rollnb.cluster.objects import PodGroup

#: So many characters of a workload's name go into the names of its revisions.
MAX_PREFIX = 223


class Choice(NamedTuple):
    """Which revision a template belongs to, and the number it has to bear."""

    revision: PodGroup | None  # None: one has to be created
    number: int


def name_revision(workload: str, template_hash: str) -> str:
    """Name a ControllerRevision; pods carry it, or the hash alone, as a label.

    Notes
    -----
    ``ControllerRevisionName`` (``pkg/controller/history/controller_history.go``).
    """
    return f"{workload[:MAX_PREFIX]}-{template_hash}"


def next_revision(revisions: Iterable[PodGroup]) -> int:
    """Return the number after the highest one; a history starts at 1."""
    return max((revision.revision for revision in revisions), default=0) + 1


def choose_revision(revisions: Collection[PodGroup], template_hash: str) -> Choice:
    """Find the revision of a template; an old one that comes back moves to the top.

    An undo to revision 1 of 2 therefore leaves the revisions 2 and 3: a template is in the history
    once, and under its latest number.

    Notes
    -----
    ``getStatefulSetRevisions`` and ``constructHistory``. They compare templates, not hashes; both
    come to the same unless two templates share a hash.
    """
    top = next_revision(revisions)
    equal = [revision for revision in revisions if revision.template_hash == template_hash]
    if not equal:
        return Choice(None, top)
    latest = max(equal, key=attrgetter("revision"))
    is_newest = latest.revision == top - 1
    return Choice(latest, latest.revision if is_newest else top)


def truncate_history(
    revisions: Iterable[PodGroup], live: Collection[PodGroup], limit: int
) -> list[PodGroup]:
    """Choose a StatefulSet's revisions to delete: the oldest beyond `limit`, live ones apart.

    `live` holds the current and the update revision, and those of all pods; none of them counts.

    Notes
    -----
    ``truncateHistory`` (``stateful_set_control.go``).
    """
    history = sorted(
        (revision for revision in revisions if revision not in live), key=attrgetter("revision")
    )
    return history[: max(len(history) - limit, 0)]


def cleanup_history(
    old: Collection[PodGroup], live: Collection[PodGroup], limit: int
) -> list[PodGroup]:
    """Choose a DaemonSet's old revisions to delete; those with pods count, but stay.

    `old` holds all revisions but that of the template. With a limit of 1 and old revisions 1, 2
    and 3, of which 1 still has pods, 2 and 3 go; a StatefulSet would keep 3.

    Notes
    -----
    ``cleanupHistory`` (``pkg/controller/daemon/update.go``).
    """
    surplus = max(len(old) - limit, 0)
    dead = sorted(
        (revision for revision in old if revision not in live), key=attrgetter("revision")
    )
    return dead[:surplus]
