"""The API server's side: what exists, every change of a pod, and who is told.

The only place where pods change. Each change keeps the running counters of the pod's group, adds a
fact to the log, wakes the controller that looks after the group, and tells the watchers.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Generator
from typing import Any

from rollnb.cluster.availability import is_available, next_availability_check
from rollnb.cluster.clock import KUBELET, Clock
from rollnb.cluster.lifecycle import termination_grace_seconds
from rollnb.cluster.log import WAS_AVAILABLE, WAS_READY, Fact, Log
from rollnb.cluster.objects import Pod, PodGroup, ReplicaSet
from rollnb.cluster.workloads import WorkloadState

#: The letters of generated names: no vowels and no look-alikes, so that no word appears
#: (``apimachinery/pkg/util/rand/rand.go``).
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"

Watcher = Callable[[str, str, Any], None]


class Forbidden(ValueError):
    """The API server does not let this be done."""


class Store:
    """Everything that exists in the cluster, and its history.

    Attributes
    ----------
    objects : dict of dict
        By kind and name: what exists now.
    all_pods, groups, workloads : list
        Everything that ever existed, by its index.
    admission : list of callable
        Called with the group and the name of a pod before it is created; may raise `Forbidden`.
    group_created, pod_created, pod_bound, pod_ended, pod_deleted, pod_gone : list of callable
        Called with the ReplicaSet, revision or pod after the change.
    watchers : list of callable
        Called with ``(event type, kind, object)`` after each write.
    """

    def __init__(self, clock: Clock, epoch: float, seed: int) -> None:
        self.clock = clock
        self.epoch = epoch
        self.log = Log()
        self.rng = random.Random(seed)
        self.objects: dict[str, dict[str, Any]] = {
            kind: {}
            for kind in (
                "Deployment",
                "StatefulSet",
                "DaemonSet",
                "ReplicaSet",
                "ControllerRevision",
                "Pod",
                "Service",
                "Node",
            )
        }
        self.all_pods: list[Pod] = []
        self.groups: list[PodGroup] = []
        self.workloads: list[Any] = []
        self.admission: list[Callable[[PodGroup, str], None]] = []
        self.group_created: list[Callable[[PodGroup], None]] = []
        self.pod_created: list[Callable[[Pod], None]] = []
        self.pod_bound: list[Callable[[Pod], None]] = []
        self.pod_ended: list[Callable[[Pod], None]] = []
        self.pod_deleted: list[Callable[[Pod], None]] = []
        self.pod_gone: list[Callable[[Pod], None]] = []
        self.watchers: list[Watcher] = []

    def stamp(self, time: float) -> float:
        """Cut a time to the whole wall-clock second that the API server would store."""
        # A microsecond of slack, for sums of durations that just miss a full second.
        return math.floor(self.epoch + time + 1e-6) - self.epoch

    def uid(self) -> str:
        """Return a new unique id: 32 hexadecimal digits."""
        return f"{self.rng.getrandbits(128):032x}"

    def generate_name(self, prefix: str) -> str:
        """Return a new name, which no pod has: the prefix and five random letters."""
        while True:
            name = prefix + "".join(self.rng.choices(ALPHABET, k=5))
            if name not in self.objects["Pod"]:
                return name

    def tell(self, event: str, kind: str, thing: Any) -> None:
        """Tell the watchers of a write."""
        for watcher in tuple(self.watchers):
            watcher(event, kind, thing)

    def has(self, thing: Any) -> bool:
        """Whether this very object is there, and not a later one of its name."""
        return self.objects[thing.kind].get(thing.name) is thing

    def while_there(
        self, thing: Any, turn: Generator[float, None, None]
    ) -> Generator[float, None, None]:
        """Go on with a controller's turn for as long as the object it is about is there."""
        while self.has(thing) and (until := next(turn, None)) is not None:
            yield until

    def fact(self, fact: int, pod: Pod, value: int = 0) -> None:
        """Log a fact about a pod."""
        group = pod.group
        if not group.loose:
            workload = group.workload.index
            self.log.append(self.clock.now, fact, workload, group.index, pod.index, value)

    # ------------------------------------------------------------------------ the life of a pod

    def create_pod(
        self,
        group: PodGroup,
        name: str = "",
        ordinal: int | None = None,
        target_node: str | None = None,
    ) -> Pod:
        """Add a pod of `group`, waiting for a node.

        Raises
        ------
        Forbidden
            If a quota has no room for it.
        """
        name = name or self.generate_name(group.name + "-")
        for admit in self.admission:
            admit(group, name)
        pod = Pod(len(self.all_pods), name, group, self.clock.now, self.uid())
        pod.ordinal = ordinal
        pod.target_node = target_node
        self.all_pods.append(pod)
        self.objects["Pod"][name] = pod
        group.pods[name] = pod
        group.total += 1
        self.fact(Fact.CREATED, pod)
        self.tell("ADDED", "Pod", pod)
        group.wake()
        for listener in self.pod_created:
            listener(pod)
        return pod

    def bind_pod(self, pod: Pod, node: str) -> None:
        """Give the pod its node."""
        pod.node = node
        on_node = pod.group.on_node
        on_node[node] = on_node.get(node, 0) + 1
        pod.scheduled_at = self.clock.now
        self.fact(Fact.SCHEDULED, pod)
        self.report_pod(pod)
        for listener in self.pod_bound:
            listener(pod)

    def report_pod(self, pod: Pod) -> None:
        """Write the status of a pod."""
        self.tell("MODIFIED", "Pod", pod)
        if pod.group.failing:
            pod.group.wake()

    def set_ready(self, pod: Pod, ready: bool) -> None:
        """Change the pod's Ready condition; a terminating pod may still be ready."""
        if pod.ready == ready:
            return
        now = self.clock.now
        group = pod.group
        pod.ready = ready
        pod.ready_transition_at = now
        if ready:
            pod.ready_at = now
            if pod.first_ready_at is None:
                pod.first_ready_at = now
        active = pod.is_active
        self.fact(Fact.READY if ready else Fact.UNREADY, pod, 0 if active else 1)
        if active:
            group.ready += 1 if ready else -1
            if not ready:
                self._set_available(pod, False)
            else:
                self._await_availability(pod)
                if type(group) is ReplicaSet:
                    group.candidates.add(pod)
        group.wake()

    def end_pod(self, pod: Pod, phase: str) -> None:
        """Note that the last process of a terminating pod has ended; its object goes later."""
        pod.stopped_at = self.clock.now
        pod.phase = phase
        self.set_ready(pod, False)
        pod.group.wake()
        for listener in self.pod_ended:
            listener(pod)

    def _await_availability(self, pod: Pod) -> None:
        # Counted from the stored time of the Ready condition, a whole second: up to 1 s early.
        now = self.clock.now
        wait = next_availability_check(
            True, self.stamp(pod.ready_at), pod.group.min_ready_seconds, now
        )
        if wait is None:
            self._set_available(pod, True)
        else:
            self.clock.at(now + wait, KUBELET, self._became_available, (pod, pod.ready_at))
            if not pod.group.workload.notices_availability:
                # ``updatePod`` (``daemon_controller.go``): a second more, against skewed clocks.
                late = now + pod.group.min_ready_seconds + 1.0
                self.clock.at(late, KUBELET, self._wake, pod.group)

    def _wake(self, group: PodGroup) -> None:
        group.wake()

    def _became_available(self, planned: tuple[Pod, float]) -> None:
        pod, ready_at = planned
        if pod.ready and pod.ready_at == ready_at and pod.is_active and not pod.available:
            if not self._is_available(pod):
                return  # minReadySeconds has grown since; that change made its own plan
            self._set_available(pod, True)
            if pod.group.workload.notices_availability:
                pod.group.wake()

    def _is_available(self, pod: Pod) -> bool:
        # A microsecond of slack: the wait was a difference of floats.
        return is_available(
            pod.ready,
            self.stamp(pod.ready_at),
            pod.group.min_ready_seconds,
            self.clock.now + 1e-6,
        )

    def _set_available(self, pod: Pod, available: bool) -> None:
        if pod.available == available:
            return
        pod.available = available
        pod.group.available += 1 if available else -1
        self.fact(Fact.AVAILABLE if available else Fact.UNAVAILABLE, pod)

    def set_min_ready_seconds(self, group: PodGroup, seconds: int) -> None:
        """Change how long the group's pods must be ready, also for those that are there."""
        if group.min_ready_seconds == seconds:
            return
        group.min_ready_seconds = seconds
        for pod in group.pods.values():
            if pod.ready and pod.is_active:
                if pod.available and not self._is_available(pod):
                    self._set_available(pod, False)
                if not pod.available:
                    self._await_availability(pod)
        group.wake()

    def delete_pod(self, pod: Pod, grace_seconds: float | None = None) -> None:
        """Let the pod terminate; it stops counting as a replica at once.

        Deleting it again can only leave it less time.
        """
        group = pod.group
        grace = termination_grace_seconds(
            group.template.termination_grace_period_seconds, grace_seconds
        )
        if pod.deleted_at is not None:
            ends_after = self.clock.now - pod.deleted_at + grace
            if grace_seconds is None or ends_after >= pod.grace_seconds:
                return
            pod.grace_seconds = ends_after
        else:
            self.leave(pod)
            group.terminating += 1
            pod.deleted_at = self.clock.now
            pod.grace_seconds = grace
        self.tell("MODIFIED", "Pod", pod)
        group.wake()
        for listener in self.pod_deleted:
            listener(pod)

    def leave(self, pod: Pod) -> None:
        """Count a pod out of its group: it is no replica any more."""
        group = pod.group
        group.total -= 1
        if pod.node is not None:
            group.on_node[pod.node] -= 1
        group.ready -= pod.ready
        group.available -= pod.available
        self.fact(Fact.DELETED, pod, pod.ready * WAS_READY | pod.available * WAS_AVAILABLE)
        pod.available = False

    def remove_pod(self, pod: Pod) -> None:
        """Take a terminating pod's object away."""
        group = pod.group
        pod.gone_at = self.clock.now
        del group.pods[pod.name]
        del self.objects["Pod"][pod.name]
        group.terminating -= 1
        self.fact(Fact.GONE, pod, 1)
        self.tell("DELETED", "Pod", pod)
        group.wake()
        for listener in self.pod_gone:
            listener(pod)

    # ------------------------------------------------------------------------- groups and sizes

    def add_group(self, group: PodGroup) -> None:
        """Add a ReplicaSet or a ControllerRevision, perhaps one that has been there before."""
        if group.index == len(self.groups):
            self.groups.append(group)
        self.objects[group.kind][group.name] = group
        self.tell("ADDED", group.kind, group)
        for listener in self.group_created:
            listener(group)

    def remove_group(self, group: PodGroup) -> None:
        """Take a ReplicaSet or a ControllerRevision away; it stays in `groups`."""
        del self.objects[group.kind][group.name]
        self.tell("DELETED", group.kind, group)

    def log_asked(self, workload: WorkloadState) -> None:
        """Log how many pods the workload asks for from now on."""
        self.log.append(self.clock.now, Fact.ASKED, workload.index, value=workload.asked)

    def log_updated(self, group: PodGroup) -> None:
        """Log that the workload wants this group's template from now on."""
        self.log.append(self.clock.now, Fact.UPDATED, group.workload.index, group.index)

    def log_scaled(self, replica_set: ReplicaSet) -> None:
        """Log the size that a ReplicaSet asks for from now on."""
        self.log.append(
            self.clock.now,
            Fact.SCALED,
            replica_set.workload.index,
            replica_set.index,
            value=replica_set.replicas,
        )
