"""The scheduler: where a pod goes, and who waits for room.

A node must not be cordoned, have no taint that the pod does not tolerate, match its node selector,
and have room for its host ports, its requests and one pod more; among those that do, the one with
the fewest pods is taken, and one that the pod had rather avoid comes after all others. A pod that
is terminating keeps its place until it is gone. Follows the filters of
``pkg/scheduler/framework/plugins`` (Kubernetes 1.36: NodeUnschedulable, TaintToleration,
NodeAffinity, NodePorts, NodeResourcesFit); the scores are simplified to these two, so which of two
nodes is taken may differ, never whether there is one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from rollnb.cluster.clock import KUBELET, Clock
from rollnb.cluster.control_plane import ControlPlane
from rollnb.cluster.objects import Pod
from rollnb.cluster.posting import EventLog
from rollnb.cluster.store import Store
from rollnb.cluster.taints import REPELLING, find_untolerated
from rollnb.node import UNSCHEDULABLE, Node

#: For sums of decimal fractions.
SLACK = 1e-9
#: More pods than any node has: so many a taint counts for that a pod had rather avoid.
AVOIDED = 1e9


class Refusal(NamedTuple):
    """Why a node does not take a pod, in the scheduler's words."""

    reasons: tuple[str, ...]
    #: Whether it might if other pods made room.
    resolvable: bool


OTHER_NODE = Refusal(("node(s) didn't satisfy plugin(s) [NodeAffinity]",), False)
CORDONED = Refusal(("node(s) were unschedulable",), False)
TAINTED = Refusal(("node(s) had untolerated taint(s)",), False)
OTHER_LABELS = Refusal(("node(s) didn't match Pod's node affinity/selector",), False)
PORTS_TAKEN = Refusal(("node(s) didn't have free ports for the requested pod ports",), True)

#: Why making room on such a node, resolvable or not, is of no use (``preemption.go``,
#: ``SelectVictimsOnNode`` in ``default_preemption.go``).
PREEMPTION = {
    False: ("Preemption is not helpful for scheduling",),
    True: ("No preemption victims found for incoming pod",),
}


class NodeState:
    """A node and what is taken on it; its address says the how many-th node it is."""

    __slots__ = (
        "address",
        "annotations",
        "cpu",
        "created_at",
        "host_ports",
        "memory",
        "pods",
        "spec",
        "taints",
    )

    def __init__(self, spec: Node, created_at: float, number: int) -> None:
        self.change(spec)
        self.address = f"192.168.{number // 250}.{number % 250 + 1}"
        self.annotations: dict[str, str] = {}
        self.created_at = created_at
        self.pods = 0
        self.cpu = 0.0
        self.memory = 0.0
        self.host_ports: Counter[int] = Counter()

    def change(self, spec: Node) -> None:
        """Give the node other labels or taints."""
        self.spec = spec
        self.taints = spec.taints  # here, too, for it is looked at most often

    def load(self, pod: Pod) -> float:
        """Count the pods here, and a taint that the pod had rather avoid as more than all."""
        avoided = find_untolerated(self.taints, pod.group.tolerations, "PreferNoSchedule")
        return self.pods + AVOIDED * len(avoided)

    def refusal(self, pod: Pod) -> Refusal | None:
        """Return why the pod does not fit here; None if it does.

        Notes
        -----
        The first filter that refuses says so alone, in the order of ``getDefaultPlugins``
        (``pkg/scheduler/apis/config/v1/default_plugins.go``).
        """
        group = pod.group
        template = group.template
        if pod.target_node not in (None, self.spec.name):
            return OTHER_NODE
        if self.taints:
            repelling = find_untolerated(self.taints, group.tolerations, *REPELLING)
            if repelling:
                return CORDONED if UNSCHEDULABLE in repelling else TAINTED
        if template.node_selector:
            labels = self.spec.labels
            if any(labels.get(key) != value for key, value in template.node_selector.items()):
                return OTHER_LABELS
        containers = template.containers
        if self.host_ports and any(self.host_ports[p] for c in containers for p in c.host_ports):
            return PORTS_TAKEN
        return self._insufficient(group.cpu, group.memory)

    def _insufficient(self, cpu: float, memory: float) -> Refusal | None:
        """Name all that the node has too little of; ``fitsRequest`` (``noderesources/fit.go``)."""
        spec = self.spec
        reasons = []
        if self.pods + 1 > spec.pods:
            reasons.append("Too many pods")
        if self.cpu + cpu > spec.cpu + SLACK:
            reasons.append("Insufficient cpu")
        if self.memory + memory > spec.memory + SLACK:
            reasons.append("Insufficient memory")
        if not reasons:
            return None
        fits_alone = cpu <= spec.cpu + SLACK and memory <= spec.memory + SLACK
        return Refusal(tuple(reasons), fits_alone)

    def take(self, pod: Pod, sign: int) -> None:
        """Count a pod in (`sign` 1) or out (-1)."""
        group = pod.group
        self.pods += sign
        self.cpu += sign * group.cpu
        self.memory += sign * group.memory
        for container in group.template.containers:
            for port in container.host_ports:
                self.host_ports[port] += sign


def count_reasons(nodes: Iterable[tuple[str, ...]]) -> str:
    """Say for how many nodes each of their reasons holds, as ``FitError.Error`` does."""
    nodes = list(nodes)
    counts = Counter(reason for reasons in nodes for reason in reasons)
    parts = sorted(f"{count} {reason}" for reason, count in counts.items())
    return f"0/{len(nodes)} nodes are available: {', '.join(parts)}."


class Scheduler:
    """Finds nodes for pods, in the order of their creation."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: EventLog,
        control_plane: ControlPlane,
        nodes: Iterable[Node],
    ) -> None:
        self.store = store
        self.clock = clock
        self.events = events
        self.bind_seconds = control_plane.bind_seconds
        self.waiting: dict[str, Pod] = {}
        self.nodes: dict[str, NodeState] = store.objects["Node"]
        self._numbers = count()
        for node in nodes:
            self.nodes[node.name] = NodeState(node, clock.now, next(self._numbers))
        store.pod_created.append(self._created)
        store.pod_gone.append(self._gone)

    def add_node(self, node: Node) -> None:
        """Add a node; pods that wait may fit now.

        Raises
        ------
        ValueError
            If there is a node of this name.
        """
        if node.name in self.nodes:
            raise ValueError(f"node {node.name!r} is there already: give it another name")
        state = self.nodes[node.name] = NodeState(node, self.clock.now, next(self._numbers))
        for pod in self.store.objects["Pod"].values():
            if pod.node == node.name:  # of a node that had the name before
                state.take(pod, 1)
        self.store.tell("ADDED", "Node", state)
        self._retry(self.waiting.values())

    def change_node(self, node: Node) -> None:
        """Give a node other labels or taints; pods that wait may fit now, but for new taints."""
        state = self.nodes[node.name]
        may_fit = {*state.taints} - {*node.taints} or state.spec.labels != node.labels
        state.change(node)
        self.store.tell("MODIFIED", "Node", state)
        if may_fit:
            self._retry(self.waiting.values())

    def remove_node(self, name: str) -> None:
        """Take a node away; its pods are the engine's to end."""
        self.store.tell("DELETED", "Node", self.nodes.pop(name))

    def _created(self, pod: Pod) -> None:
        self.clock.at(self.clock.now + self.bind_seconds, KUBELET, self._schedule, pod)

    def _schedule(self, pod: Pod) -> None:
        if pod.deleted_at is not None or pod.node is not None:
            return
        node = self._find(pod)
        if node is None:
            self._event(pod, "Warning", "FailedScheduling", self.explain(pod))
            if pod.name not in self.waiting:
                self.waiting[pod.name] = pod
                pod.reason = "Unschedulable"
                self.store.tell("MODIFIED", "Pod", pod)
            return
        self.waiting.pop(pod.name, None)
        pod.reason = ""
        node.take(pod, 1)
        message = f"Successfully assigned {self.events.namespace}/{pod.name} to {node.spec.name}"
        self._event(pod, "Normal", "Scheduled", message)
        self.store.bind_pod(pod, node.spec.name)

    def _event(self, pod: Pod, type: str, reason: str, message: str) -> None:
        self.events.note(type, reason, message, pod, "default-scheduler")

    def _find(self, pod: Pod) -> NodeState | None:
        if pod.target_node is not None:
            node = self.nodes.get(pod.target_node)
            return None if node is None or node.refusal(pod) else node
        best, least = None, math.inf
        for node in self.nodes.values():
            load = node.load(pod) if node.taints else node.pods
            if load < least and not node.refusal(pod):
                best, least = node, load
        return best

    def explain(self, pod: Pod) -> str:
        """Say why no node has room, and why making room would not help, as the scheduler does.

        All pods have the same priority, so that none has to go for another.
        """
        if not self.nodes:
            return "no nodes available to schedule pods"
        refusals = [node.refusal(pod) for node in self.nodes.values()]
        return (
            f"{count_reasons(refusal.reasons for refusal in refusals)} "
            "no new claims to deallocate, preemption: "
            f"{count_reasons(PREEMPTION[refusal.resolvable] for refusal in refusals)}"
        )

    def _gone(self, pod: Pod) -> None:
        self.waiting.pop(pod.name, None)
        node = self.nodes.get(pod.node or "")
        if node is not None:
            node.take(pod, -1)
            self._retry(pod for pod in self.waiting.values() if node.refusal(pod) is None)

    def _retry(self, pods: Iterable[Pod]) -> None:
        for pod in pods:
            self.clock.at(self.clock.now + self.bind_seconds, KUBELET, self._schedule, pod)
