"""What the DaemonSet controller does in one sync: which pods it creates and deletes, and where.

Follows ``pkg/controller/daemon/daemon_controller.go`` (Kubernetes 1.36). A pod is anything with
``name``, ``node``, ``group`` (its revision), ``phase``, ``ready``, ``ready_at``, ``available``
(false once it is terminating), ``created_at`` and ``deleted_at``; revisions are compared with
``==``. A pod belongs to the node it is meant for, even while the scheduler has not bound it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from rollnb.cluster.constants import DAEMON_SET_CONTROLLER
from rollnb.cluster.daemonset_rolling import Actions, PodsByNode, Revision, rolling_update
from rollnb.cluster.objects import Pod
from rollnb.cluster.taints import REPELLING, find_untolerated
from rollnb.node import Node
from rollnb.spec import DaemonSet, PodTemplate, resolve_percent

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


def node_should_run(template: PodTemplate, node: Node) -> bool:
    """Whether a node is eligible; its room does not matter to the controller.

    Notes
    -----
    ``shouldRun`` of ``NodeShouldRunDaemonPod`` (``daemon_controller.go``), without affinity.
    """
    return _is_selected(template, node) and not find_untolerated(
        node.taints, template.tolerations, *REPELLING
    )


def node_should_continue_running(template: PodTemplate, node: Node) -> bool:
    """Whether a pod that a node has may stay there.

    Notes
    -----
    ``shouldContinueRunning`` of ``NodeShouldRunDaemonPod`` (``daemon_controller.go``).
    """
    return _is_selected(template, node) and not find_untolerated(
        node.taints, template.tolerations, "NoExecute"
    )


def _is_selected(template: PodTemplate, node: Node) -> bool:
    labels = node.labels
    return all(labels.get(key) == value for key, value in template.node_selector.items())


def allows_surge(spec: DaemonSet) -> bool:
    """Whether a node may have an old and a new pod at once."""
    return (
        spec.strategy == "RollingUpdate" and resolve_percent(spec.max_surge, 1, round_up=True) > 0
    )


def update_daemon_set(
    spec: DaemonSet,
    nodes: Sequence[str],
    eligible: Set[str],
    pods: PodsByNode,
    update: Revision,
    keeping: Set[str],
) -> Actions:
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
    keeping : set of str
        Nodes that are not eligible, and may yet keep a pod that they have, see
        `node_should_continue_running`.

    Notes
    -----
    ``updateDaemonSet`` (``daemon_controller.go``). The rolling step is left out of a sync that
    creates or deletes for another reason, because the controller waits until it has seen its own
    changes.
    """
    actions = manage(spec, nodes, eligible, pods, update, keeping)
    if spec.strategy == "RollingUpdate" and not any(actions):
        actions = rolling_update(spec, nodes, eligible, pods, update)
    return Actions(actions.create[:BURST_REPLICAS], actions.delete[:BURST_REPLICAS])


def calculate_status(
    spec: DaemonSet,
    nodes: Iterable[str],
    eligible: Set[str],
    pods: PodsByNode,
    update: Revision,
    now: float,
) -> Status:
    """Count nodes by the oldest pod on each, be it terminating or not.

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


def resync_after_seconds(spec: DaemonSet, status: Status) -> int | None:
    """Say when to look again unasked: minReadySeconds on, if a ready pod is not yet available.

    Notes
    -----
    ``updateDaemonSetStatus`` (``daemon_controller.go``).
    """
    waits = spec.min_ready_seconds > 0 and status.number_ready != status.number_available
    return spec.min_ready_seconds if waits else None


def manage(
    spec: DaemonSet,
    nodes: Iterable[str],
    eligible: Set[str],
    pods: PodsByNode,
    update: Revision,
    keeping: Set[str],
) -> Actions:
    """Give each eligible node its pod; delete what is too many or in the wrong place.

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
        is_eligible = node in eligible
        if not is_eligible and node not in keeping:
            delete += [pod for pod in on_node or () if pod.deleted_at is None]
            continue
        if on_node and len(on_node) == 1 and on_node[0].deleted_at is None:
            continue  # the common case, in short
        is_needed, surplus = pods_should_be_on_node(_present(on_node or ()), update, surge=surge)
        if is_needed and is_eligible:
            create.append(node)
        delete += surplus
    if known < len(pods):
        # A pod that waits for a node that is gone is never bound, and nobody else removes it.
        for node in sorted(pods.keys() - set(nodes)):
            delete += [pod for pod in pods[node] if pod.node is None and pod.deleted_at is None]
    return Actions(create, delete)


def pods_should_be_on_node(
    present: Sequence[Pod], update: Revision, *, surge: bool
) -> tuple[bool, list[Pod]]:
    """Say whether a node needs a pod, if it is eligible, and which of its pods have to go.

    A terminating pod keeps its node: the next one is created when it has ended, or at once if
    `surge` allows two pods. Of two pods the old one stays while it is ready and the new one is
    not yet available.

    Notes
    -----
    ``podsShouldBeOnNode`` (``daemon_controller.go``). What it does about pods that fail without
    being deleted is left out: whoever evicts a pod here deletes it.
    """
    if not present:
        return True, []
    running = sorted((pod for pod in present if pod.deleted_at is None), key=_age)
    if len(running) <= 1:
        return surge and not running, []
    if not surge:
        return False, running[1:]

    new = [pod for pod in running if pod.group == update]
    old = [pod for pod in running if pod.group != update]
    delete = new[1:] + old[1:]
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
