"""What the StatefulSet controller does in one sync: which pods it creates and deletes.

Follows ``updateStatefulSet`` and its helpers in
``pkg/controller/statefulset/stateful_set_control.go`` and ``stateful_set_utils.go`` (Kubernetes
1.36). Volumes and retention policies are left out. A pod is anything with ``group`` (its
revision), ``phase``, ``ready``, ``ready_at``, ``available`` (false once it is terminating) and
``deleted_at``; revisions are compared with ``==``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice, repeat
from typing import Any, NamedTuple

from rollnb.cluster.objects import Pod
from rollnb.cluster.replicaset import slow_start_batches
from rollnb.spec import IntOrPercent, StatefulSet, resolve_percent

_ENDED = ("Failed", "Succeeded")

Revision = Any  # whatever `Pod.group` holds: a PodGroup, or its name


class Create(NamedTuple):
    """Create the pod of `ordinal` from the template of `revision`."""

    ordinal: int
    revision: Revision


class Delete(NamedTuple):
    """Delete `pod`, to scale down, to update it, or because it has ended."""

    pod: Pod


class Status(NamedTuple):
    """The counts of a StatefulSet's status; terminating pods are in the first three."""

    replicas: int
    ready_replicas: int
    available_replicas: int
    current_replicas: int
    updated_replicas: int


class Sync(NamedTuple):
    """The outcome of one sync: actions in batches, and the status to write.

    The actions of a batch are asked for side by side, once those of the one before are through.
    """

    batches: list[list[Create | Delete]]
    status: Status

    @property
    def actions(self) -> list[Create | Delete]:
        """All actions, in their order."""
        return [action for batch in self.batches for action in batch]


def resolve_max_unavailable(max_unavailable: IntOrPercent | None, replicas: int) -> int:
    """Turn ``maxUnavailable`` into pods: rounded down, at least one, one if unset.

    Notes
    -----
    ``getStatefulSetMaxUnavailable`` (``stateful_set_utils.go``).
    """
    if max_unavailable is None:
        return 1
    return max(resolve_percent(max_unavailable, replicas, round_up=False), 1)


def choose_revision(
    spec: StatefulSet, ordinal: int, current: Revision, update: Revision
) -> Revision:
    """Say from which template the pod of `ordinal` is made: below the partition the current one.

    The partition is counted from the first ordinal: with ordinals from 5 on and a partition of 2,
    5 and 6 are below it.

    Notes
    -----
    ``newVersionedStatefulSetPod`` (``stateful_set_utils.go``). Its rule for sets without
    ``rollingUpdate`` never applies: the API server fills that field in.
    """
    if spec.strategy == "RollingUpdate" and ordinal < spec.ordinals_start + spec.partition:
        return current
    return update


def complete_rolling_update(
    spec: StatefulSet, status: Status, current: Revision, update: Revision
) -> tuple[Status, Revision]:
    """Make the update revision the current one once all replicas are updated and ready.

    Returns
    -------
    Status, revision
        The status to write and the set's current revision from now on.

    Notes
    -----
    ``completeRollingUpdate`` (``stateful_set_utils.go``). Zero of zero replicas are complete, so
    a set that was scaled to zero forgets its old revision, whatever its partition.
    """
    if (
        spec.strategy == "RollingUpdate"
        and status.updated_replicas == spec.replicas
        and status.ready_replicas == spec.replicas
        and status.replicas == spec.replicas
    ):
        return status._replace(current_replicas=status.updated_replicas), update
    return status, current


def update_stateful_set(
    spec: StatefulSet,
    pods: Mapping[int, Pod],
    current: Revision,
    update: Revision,
    now: float,
    *,
    max_unavailable_enabled: bool = False,
) -> Sync:
    """Decide one sync: replace what is missing, then scale down, then update.

    With ``OrderedReady`` each of these waits until everything before it is available, and that is
    the well-known trap: a broken pod stops the sync before the update step, so a corrected
    template reaches nobody until that pod is deleted by hand.

    Parameters
    ----------
    spec : StatefulSet
    pods : mapping from ordinal to pod
        All that exist, terminating ones included.
    current, update : revision
        The set's current revision, and that of its template.
    now : float
        The time, in seconds.
    max_unavailable_enabled : bool
        The feature gate ``MaxUnavailableStatefulSet``, off by default in 1.36.

    Returns
    -------
    Sync
        Its status holds the counts before the actions, only pods deleted for the update are
        already taken from ``current_replicas``; it has to go through `complete_rolling_update`.

    Notes
    -----
    ``updateStatefulSet`` (``stateful_set_control.go``).
    """
    replicas, ordinals = spec.replicas, spec.ordinals
    ready_by = now - spec.min_ready_seconds
    ready = available = currents = updated = healthy = condemned = 0
    for ordinal, pod in pods.items():
        if pod.deleted_at is None:
            ready += pod.ready
            available += pod.available
            currents += pod.group == current
            updated += pod.group == update
            if ordinal in ordinals:
                healthy += pod.available
        elif pod.ready:  # until its last process has ended
            ready += 1
            available += pod.ready_at <= ready_by
        condemned += ordinal not in ordinals
    status = Status(len(pods), ready, available, currents, updated)

    sync = Sync([], status)
    if healthy < replicas and _process_replicas(spec, pods, current, update, sync.batches):
        return sync
    if condemned and _process_condemned(spec, pods, sync.batches):
        return sync
    if spec.strategy == "OnDelete" or updated == len(pods):
        return sync
    if max_unavailable_enabled:
        limit = resolve_max_unavailable(spec.max_unavailable, replicas)
        outdated = _choose_up_to(limit - (replicas - healthy), spec, pods, update)
    else:
        outdated = _choose_next(spec, pods, update)
    # A pod that has ended may be in the list already; a second request changes nothing.
    asked = sync.actions
    batches = sync.batches + [[Delete(pod)] for pod in outdated if Delete(pod) not in asked]
    # Each of them counts, be it of the current or of a third revision. The API server would refuse
    # a negative number, and the next sync write zero.
    status = status._replace(current_replicas=max(currents - len(outdated), 0))
    return Sync(batches, status)


def _is_settled(pod: Pod | None) -> bool:
    """Whether a sync may go on to the next ordinal."""
    return pod is not None and pod.available and pod.phase not in _ENDED


def _batch_sizes(spec: StatefulSet, count: int) -> Iterable[int]:
    """Return by how many ordinals a sync goes on at a time: 1, or in parallel 1, 2, 4 and so on.

    ``runForAll`` (``stateful_set_control.go``): the batches are of ordinals, be there something to
    do or not.
    """
    if spec.pod_management_policy == "OrderedReady":
        return repeat(1, count)
    return slow_start_batches(count)


def _process_replicas(
    spec: StatefulSet,
    pods: Mapping[int, Pod],
    current: Revision,
    update: Revision,
    batches: list[list[Create | Delete]],
) -> bool:
    """Create missing pods and delete ended ones; True if the sync has to stop here.

    ``processReplica``: with OrderedReady the lowest ordinal that is not available ends the sync.
    """
    ordered = spec.pod_management_policy == "OrderedReady"
    ordinals = iter(spec.ordinals)
    for size in _batch_sizes(spec, spec.replicas):
        batch: list[Create | Delete] = []
        for ordinal in islice(ordinals, size):
            pod = pods.get(ordinal)
            if pod is None:
                batch.append(Create(ordinal, choose_revision(spec, ordinal, current, update)))
            elif pod.phase in _ENDED and pod.deleted_at is None:
                batch.append(Delete(pod))
        batches += [batch] if batch else []
        if ordered and not _is_settled(pods.get(ordinal)):
            return True
    return False


def _process_condemned(
    spec: StatefulSet, pods: Mapping[int, Pod], batches: list[list[Create | Delete]]
) -> bool:
    """Delete pods above and below `spec.ordinals`; True if the sync has to stop here.

    ``processCondemned``: with OrderedReady only the highest ordinal goes, and one that is not
    available waits for unavailable pods below it.
    """
    wanted = spec.ordinals
    ordinals = sorted((ordinal for ordinal in pods if ordinal not in wanted), reverse=True)
    condemned = [pods[ordinal] for ordinal in ordinals]
    if spec.pod_management_policy == "Parallel":
        rest = iter(condemned)
        for size in slow_start_batches(len(condemned)):
            batch = [Delete(pod) for pod in islice(rest, size) if pod.deleted_at is None]
            batches += [batch] if batch else []
        return False
    highest, *lower = condemned
    if highest.available or (highest.deleted_at is None and all(pod.available for pod in lower)):
        batches.append([Delete(highest)])
    return True


def _choose_next(spec: StatefulSet, pods: Mapping[int, Pod], update: Revision) -> list[Pod]:
    """Choose the highest ordinal that is out of date, unless one above it is not available."""
    for ordinal in reversed(spec.ordinals[spec.partition :]):
        pod = pods.get(ordinal)
        if pod is None:  # created a moment ago
            return []
        if pod.group != update and pod.deleted_at is None:
            return [pod]
        if not pod.available:
            return []
    return []


def _choose_up_to(
    number: int, spec: StatefulSet, pods: Mapping[int, Pod], update: Revision
) -> list[Pod]:
    """Choose at most `number` pods that are out of date, from the highest ordinal down.

    ``updateStatefulSetAfterInvariantEstablished``: what is unavailable anywhere has been taken
    from `number`, and an unavailable pod is not preferred to an available one.
    """
    doomed: list[Pod] = []
    for ordinal in reversed(spec.ordinals[spec.partition :]):
        if len(doomed) >= number:
            break
        pod = pods.get(ordinal)
        if pod is not None and pod.group != update and pod.deleted_at is None:
            doomed.append(pod)
    return doomed
