"""Pods whose labels change: their controller lets them go if it does not select them any more.

Follows ``ClaimPods`` (``pkg/controller/controller_ref_manager.go``, Kubernetes 1.36), at once.
Such a pod runs on without an owner and counts for no workload; nobody takes it back here.
"""

from __future__ import annotations

from collections.abc import Mapping

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

    __slots__ = ("origin",)
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
        self.origin = origin
        self.revision = origin.revision
        self.tolerations = origin.tolerations


def update_pod(store: Store, pod: Pod, metadata: Manifest) -> None:
    """Give a pod other labels and annotations.

    A terminating pod stays with its controller, whatever its labels are.

    Raises
    ------
    Refused
        If a StatefulSet would let it go: it could make no other pod of the same name. If the
        controller that has let it go would take it back.
    """
    labels = metadata.get("labels") or {}
    group = pod.group
    if group.loose:
        if store.has(group.origin) and _selects(group.origin, labels):
            owner = group.origin if isinstance(group.origin, ReplicaSet) else group.workload
            raise Refused(
                f"with these labels {owner.kind} {owner.name} would take {pod.name} back: delete "
                "the pod instead"
            )
    elif pod.is_active and _has_controller(group) and not _selects(group, labels):
        if isinstance(group.workload, StatefulSetState):
            raise Refused(
                f"without these labels {pod.name} would leave its StatefulSet, which could make "
                "no other pod of that name while this one is there: delete the pod instead"
            )
        _release(store, pod)
    pod.labels = dict(labels)
    pod.annotations = dict(metadata.get("annotations") or {})
    if pod.ready and isinstance(pod.group, ReplicaSet):
        pod.group.candidates.add(pod)  # it may cost more to delete, or less
    store.tell("MODIFIED", "Pod", pod)


def _has_controller(group: PodGroup) -> bool:
    """Whether anybody looks after the pods: nobody does once a workload has left them behind."""
    return isinstance(group, ReplicaSet) or not group.workload.has_orphans


def _selects(group: PodGroup, labels: Mapping[str, str]) -> bool:
    """Whether the controller of a group looks for pods with these labels."""
    if isinstance(group, ReplicaSet) and labels.get(POD_TEMPLATE_HASH) != group.template_hash:
        return False
    return selects(group.workload.manifest["spec"]["selector"], labels)


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
