"""The taint manager at work: pods leave a node whose NoExecute taints they do not tolerate.

Follows ``pkg/controller/tainteviction/taint_eviction.go`` (Kubernetes 1.36). How long a pod may
stay is decided in `rollnb.cluster.taints`. Each deletion takes three requests: the pod is read,
its status says why it goes, and it is deleted.
"""

from __future__ import annotations

import math

from rollnb.cluster.clock import DEPLOYMENT, Clock
from rollnb.cluster.control_plane import Client, ControlPlane
from rollnb.cluster.objects import Pod
from rollnb.cluster.posting import EventLog, Poster
from rollnb.cluster.store import Store
from rollnb.cluster.taints import seconds_until_eviction
from rollnb.node import Node

REQUESTS = 3


class TaintEviction:
    """Deletes pods from tainted nodes, at once or when they have tolerated it long enough."""

    def __init__(
        self, store: Store, clock: Clock, events: EventLog, control_plane: ControlPlane
    ) -> None:
        self.store = store
        self.clock = clock
        self.namespace = events.namespace
        self.turn_seconds = control_plane.turn_seconds
        self.client = Client(clock, control_plane, DEPLOYMENT)
        self.poster = Poster(events, self.client, clock, "taint-eviction-controller")
        self._due: dict[Pod, float] = {}  # pods whose time on their node is limited
        store.pod_bound.append(self._look)
        store.pod_gone.append(self._cancel)

    def node_changed(self, old: Node, new: Node) -> None:
        """Look at the pods of a node whose NoExecute taints have changed; ``NodeUpdated``."""
        before, after = ([t for t in n.taints if t.effect == "NoExecute"] for n in (old, new))
        if before != after:
            looks_at = self.clock.now + self.turn_seconds
            self.clock.at(looks_at, DEPLOYMENT, self._look_at_node, new.name)

    def _look_at_node(self, name: str) -> None:
        for pod in [pod for pod in self.store.objects["Pod"].values() if pod.node == name]:
            self._look(pod)

    def _look(self, pod: Pod) -> None:
        """Delete a pod, give it its time, or let it be; ``processPodOnNode``."""
        node = self.store.objects["Node"].get(pod.node)
        if node is None or not (node.spec.taints or self._due):
            return  # the common case, in short
        seconds = seconds_until_eviction(node.spec.taints, pod.group.tolerations)
        if pod in self._due and 0 < seconds < math.inf:
            return  # its time goes on as it was
        self._cancel(pod)
        if seconds == 0:
            self._evict(pod)
        elif seconds < math.inf:
            self._due[pod] = due = self.clock.now + seconds
            self.clock.at(due, DEPLOYMENT, self._time_is_up, (pod, due))

    def _cancel(self, pod: Pod) -> None:
        if self._due.pop(pod, None) is not None:
            self._post(pod, "Cancelling deletion of Pod")

    def _time_is_up(self, planned: tuple[Pod, float]) -> None:
        pod, due = planned
        if self._due.get(pod) == due:
            del self._due[pod]
            self._evict(pod)

    def _evict(self, pod: Pod) -> None:
        self._post(pod, "Marking for deletion Pod")
        seen_at = [self.client.request() for _ in range(REQUESTS)][-1]
        self.clock.at(seen_at, DEPLOYMENT, self.store.delete_pod, pod)

    def _post(self, pod: Pod, message: str) -> None:
        text = f"{message} {self.namespace}/{pod.name}"
        self.poster.post("Normal", "TaintManagerEviction", text, pod)
