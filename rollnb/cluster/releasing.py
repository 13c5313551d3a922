"""Pods whose labels change: their controller lets them go if it does not select them any more.

Follows ``ClaimPods`` (``pkg/controller/controller_ref_manager.go``, Kubernetes 1.36), at once.
Such a pod runs on without an owner and counts for no workload; nobody adopts it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rollnb.cluster.log import Fact
from rollnb.cluster.objects import Manifest, Pod, PodGroup, ReplicaSet
from rollnb.cluster.pod_resources import POD_TEMPLATE_HASH
from rollnb.cluster.store import Store
from rollnb.cluster.workloads import DaemonSetState, StatefulSetState
from rollnb.validation.names import selects


class Refused(ValueError):
    """A cluster would do this; the simulation does not."""


class LooseGroup(PodGroup):
    """A pod that no controller has: what it is made of, and counters that nobody reads."""

    __slots__ = ()
    loose = True

    def __init__(self, origin: PodGroup) -> None:
        super().__init__(
            -1,
            origin.name,
            origin.workload,
            origin.template,
            origin.template_manifest,
            origin.template_hash,
            origin.created_at,
            origin.uid,
        )
        self.revision = origin.revision
        self.tolerations = origin.tolerations


def update_pod(store: Store, pod: Pod, metadata: Manifest) -> None:
    """Give a pod other labels and annotations.

    A terminating pod stays with its controller, whatever its labels are.

    Raises
    ------
    Refused
        If a StatefulSet would let it go: it could make no other pod of the same name. If another
        controller would adopt it.
    """
    labels = metadata.get("labels") or {}
    owner = _controller_of(pod)
    if pod.is_active and labels != pod.labels and not (owner and _selects(owner, labels)):
        if isinstance(owner, StatefulSetState):
            raise Refused(
                f"without these labels {pod.name} would leave its StatefulSet, which could make "
                "no other pod of that name while this one is there: delete the pod instead"
            )
        if taker := _find_taker(store, pod, labels):
            raise Refused(
                f"with these labels {taker.kind} {taker.name} would take {pod.name}: give it "
                "others, or delete it"
            )
        if owner:
            _release(store, pod)
    pod.labels = dict(labels)
    pod.annotations = dict(metadata.get("annotations") or {})
    if pod.ready and isinstance(pod.group, ReplicaSet):
        pod.group.candidates.add(pod)  # it may cost more to delete, or less
    store.tell("MODIFIED", "Pod", pod)


def _controller_of(pod: Pod) -> Any:
    """Return what looks after a pod; nothing does once it was let go or left behind."""
    group = pod.group
    if isinstance(group, ReplicaSet):
        return group
    return None if group.loose or group.workload.has_orphans else group.workload


def _find_taker(store: Store, pod: Pod, labels: Mapping[str, str]) -> Any:
    """Return what would adopt a pod with these labels.

    Notes
    -----
    ``ClaimPods``: nothing does that is being deleted, and a StatefulSet only pods of its own name
    (``isMemberOf``, ``stateful_set_utils.go``).
    """
    parent = pod.name.rpartition("-")[0]
    for kind in ("ReplicaSet", "StatefulSet", "DaemonSet"):
        for one in store.objects[kind].values():
            is_member = kind != "StatefulSet" or one.name == parent
            if is_member and one.deleted_at is None and _selects(one, labels):
                return one
    return None


def _selects(owner: Any, labels: Mapping[str, str]) -> bool:
    """Whether a ReplicaSet, StatefulSet or DaemonSet looks for pods with these labels."""
    if isinstance(owner, ReplicaSet):
        if labels.get(POD_TEMPLATE_HASH) != owner.template_hash:
            return False
        owner = owner.workload
    return selects(owner.manifest["spec"]["selector"], labels)


def _release(store: Store, pod: Pod) -> None:
    """Count a pod out of its group, and let nobody have it."""
    group, available = pod.group, pod.available
    store.leave(pod)
    store.fact(Fact.GONE, pod, 1)
    del group.pods[pod.name]
    if isinstance(group.workload, DaemonSetState):
        group.workload.remove_pod(pod)
    pod.group = loose = LooseGroup(group)
    loose.pods[pod.name] = pod
    loose.total, loose.ready, loose.available = 1, int(pod.ready), int(available)
    if pod.node is not None:
        loose.on_node[pod.node] = 1
    pod.available = available
    group.wake()
