"""The scheduler: where a pod goes, and who waits for room.

A node must match the pod's node selector and have room for its requests, its host ports and one
pod more; among those that do, the one with the fewest pods is taken. A pod that is terminating
keeps its place until it is gone. Follows the filters of ``pkg/scheduler/framework/plugins``
(Kubernetes 1.36: NodeResourcesFit, NodePorts, NodeAffinity); the scores are simplified to the
number of pods, so which of two nodes is taken may differ, never whether there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rollnb.cluster.clock import KUBELET, Clock
from rollnb.cluster.control_plane import ControlPlane
from rollnb.cluster.objects import Pod
from rollnb.cluster.posting import EventLog
from rollnb.cluster.store import Store
from rollnb.spec import Node


class NodeState:
    """A node and what is taken on it."""

    __slots__ = ("cpu", "created_at", "host_ports", "memory", "pods", "spec")

    def __init__(self, spec: Node, created_at: float) -> None:
        self.spec = spec
        self.created_at = created_at
        self.pods = 0
        self.cpu = 0.0
        self.memory = 0.0
        self.host_ports: Counter[int] = Counter()

    def lacks(self, pod: Pod) -> str:
        """Return why the pod does not fit, in the scheduler's words; empty if it does."""
        spec = self.spec
        template = pod.group.template
        if pod.target_node not in (None, spec.name):
            return "node(s) didn't satisfy plugin(s) [NodeAffinity]"
        if template.node_selector:
            labels = {"kubernetes.io/hostname": spec.name, **spec.labels}
            if any(labels.get(key) != value for key, value in template.node_selector.items()):
                return "node(s) didn't match Pod's node affinity/selector"
        if self.pods + 1 > spec.pods:
            return "Too many pods"
        containers = template.containers
        slack = 1e-9  # sums of decimal fractions
        if self.cpu + sum([c.cpu for c in containers]) > spec.cpu + slack:
            return "Insufficient cpu"
        if self.memory + sum([c.memory for c in containers]) > spec.memory + slack:
            return "Insufficient memory"
        if any(self.host_ports[port] for c in containers for port in c.host_ports):
            return "node(s) didn't have free ports for the requested pod ports"
        return ""

    def after_preemption(self, pod: Pod) -> str:
        """Return why the pod would not fit even if others had to go; nobody has to, here."""
        empty = NodeState(self.spec, self.created_at)
        if empty.lacks(pod):
            return "Preemption is not helpful for scheduling"
        return "No preemption victims found for incoming pod"

    def take(self, pod: Pod, sign: int) -> None:
        """Count a pod in (`sign` 1) or out (-1)."""
        self.pods += sign
        for container in pod.group.template.containers:
            self.cpu += sign * container.cpu
            self.memory += sign * container.memory
            for port in container.host_ports:
                self.host_ports[port] += sign


def count_reasons(reasons: Iterable[str]) -> str:
    """Say how many nodes each reason holds for, as ``FitError`` does."""
    counts = Counter(reasons)
    parts = sorted(f"{count} {reason}" for reason, count in counts.items())
    return f"0/{counts.total()} nodes are available: {', '.join(parts)}."


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
        for node in nodes:
            self.nodes[node.name] = NodeState(node, clock.now)
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
        self.nodes[node.name] = NodeState(node, self.clock.now)
        self.store.tell("ADDED", "Node", self.nodes[node.name])
        self._retry()

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
        self.events.note(type, reason, message, "Pod", pod.name, "default-scheduler", pod.uid)

    def _find(self, pod: Pod) -> NodeState | None:
        if pod.target_node is not None:
            node = self.nodes.get(pod.target_node)
            return None if node is None or node.lacks(pod) else node
        best = None
        for node in self.nodes.values():
            if (best is None or node.pods < best.pods) and not node.lacks(pod):
                best = node
        return best

    def explain(self, pod: Pod) -> str:
        """Say why no node has room, and why making room would not help, as the scheduler does."""
        nodes = self.nodes.values()
        if not nodes:
            return "no nodes available to schedule pods"
        return (
            f"{count_reasons(node.lacks(pod) for node in nodes)} "
            "no new claims to deallocate, preemption: "
            f"{count_reasons(node.after_preemption(pod) for node in nodes)}"
        )

    def _gone(self, pod: Pod) -> None:
        self.waiting.pop(pod.name, None)
        node = self.nodes.get(pod.node or "")
        if node is not None:
            node.take(pod, -1)
            self._retry()

    def _retry(self) -> None:
        for pod in self.waiting.values():
            self.clock.at(self.clock.now + self.bind_seconds, KUBELET, self._schedule, pod)
