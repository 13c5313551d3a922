"""The history of a Deployment: which ReplicaSet is the new one, revisions, what is cleaned up.

Follows ``pkg/controller/deployment/util/deployment_util.go`` and ``sync.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rollnb.cluster.objects import ReplicaSet
from rollnb.spec import NO_LIMIT, Deployment

PREFIX = "deployment.kubernetes.io/"
REVISION, REVISION_HISTORY = PREFIX + "revision", PREFIX + "revision-history"
DESIRED_REPLICAS, MAX_REPLICAS = PREFIX + "desired-replicas", PREFIX + "max-replicas"

#: Annotations of a Deployment that its ReplicaSets do not get.
SKIPPED = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deprecated.deployment.rollback.to",
        REVISION,
        REVISION_HISTORY,
        DESIRED_REPLICAS,
        MAX_REPLICAS,
    }
)

#: Characters that the list of earlier revisions may take.
REVISION_HISTORY_CHARS = 2000


def creation_order(rs: ReplicaSet) -> tuple[float, str]:
    """Sort key: older first; a creation time is a whole second, so names decide within it."""
    # A microsecond of slack, for sums of durations that just miss a full second.
    return (rs.created_at + 1e-6) // 1.0, rs.name


def filter_active_replica_sets(replica_sets: Iterable[ReplicaSet | None]) -> list[ReplicaSet]:
    """Return those that ask for pods."""
    return [rs for rs in replica_sets if rs is not None and rs.replicas > 0]


def find_new_replica_set(
    template_hash: str, replica_sets: Iterable[ReplicaSet]
) -> ReplicaSet | None:
    """Return the ReplicaSet that has the Deployment's template; of several, the oldest."""
    same = [rs for rs in replica_sets if rs.template_hash == template_hash]
    return min(same, key=creation_order, default=None)


def find_old_replica_sets(
    new: ReplicaSet | None, replica_sets: Iterable[ReplicaSet]
) -> list[ReplicaSet]:
    """Return all but the new one; a younger twin of it is old as well."""
    return [rs for rs in replica_sets if rs is not new]


# -------------------------------------------------------------------------------------- revisions


def max_revision(replica_sets: Iterable[ReplicaSet]) -> int:
    """Return the highest revision; 0 without any."""
    return max((rs.revision for rs in replica_sets), default=0)


def next_revision(old: Iterable[ReplicaSet]) -> int:
    """Return the revision of the new ReplicaSet, given all the others."""
    return max_revision(old) + 1


class Annotations(NamedTuple):
    """What is to be written into the new ReplicaSet."""

    revision: int
    revision_history: list[int]
    copied: dict[str, str]


def new_replica_set_annotations(
    rs: ReplicaSet, revision: int, deployment_annotations: Mapping[str, str]
) -> Annotations | None:
    """Return the annotations that an existing new ReplicaSet should get; None: it has them.

    A ReplicaSet keeps a revision above `revision`: older ones may have been deleted since. One
    that had a revision and gets a higher one is rolled back to, and remembers its old number.

    Notes
    -----
    ``SetNewReplicaSetAnnotations`` (``deployment_util.go``).
    """
    copied = {k: v for k, v in deployment_annotations.items() if k not in SKIPPED}
    changed = any(rs.annotations.get(key) != value for key, value in copied.items())
    history = rs.revision_history
    if rs.revision < revision:
        changed = True
        if rs.revision:
            history = append_revision(history, rs.revision)
    else:
        revision = rs.revision
    return Annotations(revision, history, {**rs.annotations, **copied}) if changed else None


def append_revision(
    history: list[int], revision: int, limit: int = REVISION_HISTORY_CHARS
) -> list[int]:
    """Append to the earlier revisions; the oldest give way when the text gets too long."""
    history = [*history, revision]
    while history and len(",".join(map(str, history))) > limit:
        history = history[1:]
    return history


def replicas_annotations_need_update(rs: ReplicaSet, desired: int, maximum: int) -> bool:
    """Whether a ReplicaSet's notes on the Deployment's size and surge are out of date."""
    return rs.desired_replicas != desired or rs.max_replicas != maximum


def parse_replicas_annotation(annotations: Mapping[str, str], key: str) -> int | None:
    """Read a size noted in a ReplicaSet's annotations; None without a note.

    Raises
    ------
    ValueError
        If it is not a number from 0 to 2147483647.

    Notes
    -----
    ``getNonNegativeInt32FromAnnotationVerbose`` (``deployment_util.go``).
    """
    text = annotations.get(key)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"annotation {key}: {text!r}: invalid syntax")
    if int(text) > 2**31 - 1:
        raise ValueError(f"annotation {key}: {text!r}: out of range")
    return int(text)


# --------------------------------------------------------------------------------------- clean-up


def replica_sets_to_clean_up(spec: Deployment, old: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Return the old ReplicaSets that the revision history limit lets go, in this order.

    The lowest revisions beyond the limit are looked at; one of them that still has pods, or is not
    yet fully observed, stays, and no younger one goes in its place.

    Notes
    -----
    ``cleanupDeployment`` (``sync.go``).
    """
    limit = spec.revision_history_limit
    if limit is None or limit == NO_LIMIT:
        return []
    alive = [rs for rs in old if rs.deleted_at is None]
    excess = len(alive) - limit
    if excess <= 0:
        return []
    alive.sort(key=lambda rs: (rs.revision, *creation_order(rs)))
    return [
        rs
        for rs in alive[:excess]
        if rs.status_replicas == rs.replicas == 0 and rs.generation <= rs.observed_generation
    ]
