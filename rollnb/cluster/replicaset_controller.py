"""The ReplicaSet controller at work: creates and deletes pods, and writes the status.

Follows ``syncReplicaSet`` (``pkg/controller/replicaset/replica_set.go``, Kubernetes 1.36). What it
decides stands in `rollnb.cluster.replicaset`. The status is written from the counts that the turn
began with, and only once all pods are created or deleted: with many pods, much later. A turn in
which a pod could not be created is repeated after a back-off, and whenever the ReplicaSet or one
of its own pods changes; that a pod of another ReplicaSet is gone wakes nobody.
"""

from __future__ import annotations

from functools import partial

from rollnb.cluster.availability import failure_conditions
from rollnb.cluster.candidates import Candidates
from rollnb.cluster.clock import REPLICA_SET, Clock
from rollnb.cluster.control_plane import Client, ControlPlane, Turn, WorkQueue
from rollnb.cluster.objects import Condition, Pod, ReplicaSet
from rollnb.cluster.posting import EventLog, Poster
from rollnb.cluster.replicaset import pods_to_add, pods_to_delete, slow_start_batches
from rollnb.cluster.store import Forbidden, Store


class ReplicaSetController:
    """Keeps each ReplicaSet at the size it asks for."""

    def __init__(
        self, store: Store, clock: Clock, events: EventLog, control_plane: ControlPlane
    ) -> None:
        self.store = store
        self.clock = clock
        self.client = Client(clock, control_plane, REPLICA_SET)
        self.poster = Poster(events, self.client, clock, "replicaset-controller")
        self.queue = WorkQueue(clock, REPLICA_SET, control_plane.turn_seconds, self._turn)

    def adopt(self, rs: ReplicaSet) -> None:
        """Look after a new ReplicaSet."""
        rs.candidates = Candidates()
        rs.wake = partial(self.queue.add, rs)
        rs.wake()

    def _turn(self, rs: ReplicaSet) -> Turn:
        return self.store.while_there(rs, self._sync(rs))

    def _sync(self, rs: ReplicaSet) -> Turn:
        status = (rs.total, rs.ready, rs.available, rs.terminating, rs.generation)
        replicas = rs.replicas
        missing = pods_to_add(replicas, rs.total) if rs.deleted_at is None else 0
        errors: list[str] = []
        if missing > 0:
            for batch in slow_start_batches(missing):
                yield from self.client.requests(partial(self._create, errors), [rs] * batch)
                if errors:
                    break
        elif missing < 0:
            yield from self.client.requests(self._delete, self._choose(rs, -missing))
        conditions, error = rs.conditions, errors[0] if errors else None
        if error or conditions:
            stamp = self.store.stamp(self.clock.now)
            conditions = failure_conditions(conditions, replicas, status[0], error, stamp)
        if conditions is not rs.conditions or status != (
            rs.status_replicas,
            rs.status_ready,
            rs.status_available,
            rs.status_terminating,
            rs.observed_generation,
        ):
            yield self.client.request()
            self._write_status(rs, status, conditions)
            if error:  # its own write wakes it, too, which is of no use otherwise
                rs.wake()
        rs.failing = error is not None
        if error:
            self.queue.add_rate_limited(rs)
        else:
            self.queue.forget(rs)

    def _create(self, errors: list[str], rs: ReplicaSet) -> None:
        if not self.store.has(rs):
            return
        try:
            pod = self.store.create_pod(rs)
        except Forbidden as error:
            errors.append(str(error))
            self.poster.post("Warning", "FailedCreate", f"Error creating: {error}", rs)
        else:
            self.poster.post("Normal", "SuccessfulCreate", f"Created pod: {pod.name}", rs)

    def _choose(self, rs: ReplicaSet, count: int) -> list[Pod]:
        on_node: dict[str | None, int] = {}
        for sibling in rs.workload.groups:
            for node, pods in sibling.on_node.items():
                on_node[node] = on_node.get(node, 0) + pods
        if count < rs.total == rs.ready:
            return rs.candidates.choose(on_node, count, self.clock.now)
        active = [pod for pod in rs.pods.values() if pod.is_active]
        return pods_to_delete(active, on_node, count, self.clock.now)

    def _delete(self, pod: Pod) -> None:
        if pod.deleted_at is None:
            self.store.delete_pod(pod)
            self.poster.post("Normal", "SuccessfulDelete", f"Deleted pod: {pod.name}", pod.group)

    def _write_status(
        self, rs: ReplicaSet, status: tuple[int, int, int, int, int], conditions: list[Condition]
    ) -> None:
        rs.conditions = conditions
        (
            rs.status_replicas,
            rs.status_ready,
            rs.status_available,
            rs.status_terminating,
            rs.observed_generation,
        ) = status
        self.store.tell("MODIFIED", "ReplicaSet", rs)
        rs.workload.wake()
