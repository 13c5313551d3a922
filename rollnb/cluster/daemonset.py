"""What the DaemonSet controller does in one sync: which pods it creates and deletes, and where.

Follows ``pkg/controller/daemon/daemon_controller.go`` (Kubernetes 1.36). A pod is anything with
``name``, ``node``, ``group`` (its revision), ``phase``, ``ready``, ``ready_at``, ``available``
(false once it is terminating), ``created_at`` and ``deleted_at``; revisions are compared with
``==``. A pod belongs to the node it is meant for, even while the scheduler has not bound it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence, Set
from typing import NamedTuple

from rollnb.cluster.constants import DAEMON_SET_CONTROLLER
from rollnb.cluster.daemonset_rolling import Actions, PodsByNode, Revision, rolling_update
from rollnb.cluster.objects import Pod
from rollnb.spec import DaemonSet, Node, PodTemplate, resolve_percent

#: So many creations, and so many deletions, are requested in one sync.
BURST_REPLICAS = DAEMON_SET_CONTROLLER["burst_replicas"]

_ENDED = ("Failed", "Succeeded")


class Status(NamedTuple):
    """The counts of a DaemonSet's status, under the API's names."""

    desired_number_scheduled: int
    current_number_scheduled: int
    number_misscheduled: int
    number_ready: int
    updated_number_scheduled: int
    number_available: int
    number_unavailable: int


class Sync(NamedTuple):
    """The outcome of one sync.

    `resync_after_seconds` is when the controller looks again by itself: minReadySeconds from now
    while ready pods are not yet available, else None.
    """

    actions: Actions
    status: Status
    resync_after_seconds: int | None


def node_should_run(template: PodTemplate, node: Node) -> bool:
    """Whether a node is eligible; its room does not matter to the controller.

    Notes
    -----
    ``NodeShouldRunDaemonPod`` (``daemon_controller.go``), without taints and affinity.
    """
    labels = node.labels
    return all(labels.get(key) == value for key, value in template.node_selector.items())


def allows_surge(spec: DaemonSet) -> bool:
    """Whether a node may have an old and a new pod at once."""
    return (
        spec.strategy == "RollingUpdate" and resolve_percent(spec.max_surge, 1, round_up=True) > 0
    )


def sync_daemon_set(
    spec: DaemonSet,
    nodes: Sequence[str],
    eligible: Set[str],
    pods: PodsByNode,
    update: Revision,
    now: float,
    *,
    in_backoff: Container[str] = (),
) -> Sync:
    """Decide one sync: first one pod for each node, then, in a later sync, the update.

    Parameters
    ----------
    spec : DaemonSet
    nodes : sequence of str
        All nodes of the cluster, in the order in which the controller visits them. The real one
        goes through a Go map: a new random order in each sync.
    eligible : set of str
        Those of them that should run a pod, see `node_should_run`.
    pods : mapping from node to pods
        All that exist, terminating ones included; nodes without pods may be left out.
    update : revision
        That of the template.
    now : float
        The time, in seconds.
    in_backoff : container of str
        Nodes whose failed pod has to wait before it is replaced.

    Returns
    -------
    Sync
        Its status holds the counts before the actions.

    Notes
    -----
    ``updateDaemonSet`` and ``updateDaemonSetStatus`` (``daemon_controller.go``). The rolling step
    is left out of a sync that creates or deletes for another reason, because the controller waits
    until it has seen its own changes.
    """
    status = calculate_status(spec, nodes, eligible, pods, update, now)
    actions = manage(spec, nodes, eligible, pods, update, in_backoff=in_backoff)
    if (
        spec.strategy == "RollingUpdate"
        and status.updated_number_scheduled < status.desired_number_scheduled
        and not actions.create
        and not actions.delete
    ):
        actions = rolling_update(spec, nodes, eligible, pods, update)
    if len(actions.create) > BURST_REPLICAS or len(actions.delete) > BURST_REPLICAS:
        actions = Actions(actions.create[:BURST_REPLICAS], actions.delete[:BURST_REPLICAS])
    waits = spec.min_ready_seconds > 0 and status.number_ready != status.number_available
    return Sync(actions, status, spec.min_ready_seconds if waits else None)


def calculate_status(
    spec: DaemonSet,
    nodes: Iterable[str],
    eligible: Set[str],
    pods: PodsByNode,
    update: Revision,
    now: float,
) -> Status:
    """Count nodes by the oldest pod on each, be it terminating or about to be replaced.

    Notes
    -----
    ``updateDaemonSetStatus`` (``daemon_controller.go``).
    """
    ready_by = now - spec.min_ready_seconds
    current = misscheduled = ready = updated = available = 0
    for node in nodes:
        present = _present(pods.get(node, ()))
        if not present:
            continue
        if node not in eligible:
            misscheduled += 1
            continue
        current += 1
        pod = present[0] if len(present) == 1 else min(present, key=_age)
        updated += pod.group == update
        if pod.ready:
            ready += 1
            available += pod.available or (pod.deleted_at is not None and pod.ready_at <= ready_by)
    desired = len(eligible)
    return Status(desired, current, misscheduled, ready, updated, available, desired - available)


def manage(
    spec: DaemonSet,
    nodes: Iterable[str],
    eligible: Set[str],
    pods: PodsByNode,
    update: Revision,
    *,
    in_backoff: Container[str] = (),
) -> Actions:
    """Give each eligible node its pod; delete what has ended, is too many or in the wrong place.

    Notes
    -----
    ``manage`` and ``getUnscheduledPodsWithoutNode`` (``daemon_controller.go``).
    """
    surge = allows_surge(spec)
    create: list[str] = []
    delete: list[Pod] = []
    known = 0
    for node in nodes:
        on_node = pods.get(node)
        known += on_node is not None
        if node not in eligible:
            delete += [pod for pod in on_node or () if pod.deleted_at is None]
            continue
        if on_node and len(on_node) == 1:  # the common case, in short
            pod = on_node[0]
            if pod.deleted_at is None and pod.phase not in _ENDED:
                continue
        is_needed, surplus = pods_should_be_on_node(
            _present(on_node or ()), update, surge=surge, in_backoff=node in in_backoff
        )
        if is_needed:
            create.append(node)
        delete += surplus
    if known < len(pods):
        # A pod that waits for a node that is gone is never bound, and nobody else removes it.
        for node in sorted(pods.keys() - set(nodes)):
            delete += [pod for pod in pods[node] if pod.node is None and pod.deleted_at is None]
    return Actions(create, delete)


def pods_should_be_on_node(
    present: Sequence[Pod], update: Revision, *, surge: bool, in_backoff: bool = False
) -> tuple[bool, list[Pod]]:
    """Say whether an eligible node needs a pod, and which of its pods have to go.

    A terminating pod keeps its node: the next one is created when it has ended, or at once if
    `surge` allows two pods. Of two pods the old one stays while it is ready and the new one is
    not yet available.

    Notes
    -----
    ``podsShouldBeOnNode`` (``daemon_controller.go``).
    """
    if not present:
        return True, []
    delete: list[Pod] = []
    running: list[Pod] = []
    for pod in present:
        if pod.deleted_at is not None or (pod.phase == "Failed" and in_backoff):
            continue
        (delete if pod.phase in _ENDED else running).append(pod)
    if len(running) <= 1:
        return surge and not running, delete
    running.sort(key=_age)
    if not surge:
        return False, delete + running[1:]

    new = [pod for pod in running if pod.group == update]
    old = [pod for pod in running if pod.group != update]
    delete += new[1:] + old[1:]
    if new and old and (not old[0].ready or new[0].available):
        delete.append(old[0])
    return False, delete


def _present(pods: Sequence[Pod]) -> Sequence[Pod]:
    """Leave out pods that have ended and are about to be gone: their node is free again.

    ``getNodesToDaemonPods``, which is why a new pod can appear before the old object is gone.
    """
    for pod in pods:
        if pod.deleted_at is not None and pod.phase in _ENDED:
            return [pod for pod in pods if pod.deleted_at is None or pod.phase not in _ENDED]
    return pods


def _age(pod: Pod) -> tuple[bool, float, str]:
    """Sort bound pods first, then by age; ``podByCreationTimestampAndPhase``."""
    return pod.node is None, pod.created_at, pod.name
