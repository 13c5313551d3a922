"""The Deployment controller at work: writes ReplicaSets, and the status, conditions and Events.

Follows ``syncDeployment`` and its steps (``pkg/controller/deployment/deployment_controller.go``,
``sync.go``, Kubernetes 1.36). What it decides stands in `rolling`, `recreate`, `scaling`,
`progress` and `history`; here is the order of the writes, each a request of its own.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from rollnb.cluster import history, progress, recreate, rolling, scaling
from rollnb.cluster.clock import DEPLOYMENT, Clock
from rollnb.cluster.constants import DEPLOYMENT_CONTROLLER
from rollnb.cluster.control_plane import Client, ControlPlane, Turn, WorkQueue
from rollnb.cluster.objects import Condition, Pod, ReplicaSet, pods_of
from rollnb.cluster.posting import EventLog, Poster
from rollnb.cluster.replicaset_controller import ReplicaSetController
from rollnb.cluster.store import Store
from rollnb.cluster.workloads import DeploymentState

#: The first delay of a queue that limits its rate, in seconds.
RETRY_SECONDS = DEPLOYMENT_CONTROLLER["retry_delay_first_ms"] / 1000


class DeploymentController:
    """Moves each Deployment's ReplicaSets towards what it asks for."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: EventLog,
        control_plane: ControlPlane,
        replica_sets: ReplicaSetController,
    ) -> None:
        self.store = store
        self.clock = clock
        self.replica_sets = replica_sets
        self.retry_seconds = control_plane.retry_seconds
        self.client = Client(clock, control_plane, DEPLOYMENT)
        self.poster = Poster(events, self.client, clock, "deployment-controller")
        self.queue = WorkQueue(clock, DEPLOYMENT, control_plane.turn_seconds, self._turn)
        store.pod_gone.append(self._pod_gone)

    def adopt(self, deployment: DeploymentState) -> None:
        """Look after a new Deployment."""
        deployment.status = progress.Status()
        deployment.wake = partial(self.queue.add, deployment)
        deployment.wake()

    def _pod_gone(self, pod: Pod) -> None:
        # Recreate waits for the last old pod (deletePod in deployment_controller.go).
        workload = pod.group.workload
        if isinstance(workload, DeploymentState) and workload.spec.strategy == "Recreate":
            workload.wake()

    def _turn(self, d: DeploymentState) -> Turn:
        return self.store.while_there(d, self._sync(d))

    def _sync(self, d: DeploymentState) -> Turn:
        seen = d.generation, d.resource_version
        if d.deleted_at is not None:
            new = self._new_replica_set(d)
            yield from self._write_status(d, new, *seen, rolls=False)
            return
        conditions = progress.paused_conditions(d.spec, d.conditions, self._stamp())
        if conditions is not d.conditions:
            yield from self._write(d, conditions)
        if d.spec.paused or scaling.is_scaling_event(d.spec, d.groups):
            new = yield from self._sync_scale(d)
            yield from self._write_status(d, new, *seen, rolls=False)
        else:
            new = yield from self._roll(d)
            yield from self._write_status(d, new, *seen, rolls=True)

    def _sync_scale(self, d: DeploymentState) -> Generator[float, None, ReplicaSet | None]:
        new = self._new_replica_set(d)
        if new is not None:
            yield from self._sync_revision(d, new)
        old = history.find_old_replica_sets(new, d.groups)
        yield from self._scale(d, scaling.scale(d.spec, new, old, d.status.replicas))
        if d.spec.paused:
            yield from self._clean_up(d, old)
        return new

    def _roll(self, d: DeploymentState) -> Generator[float, None, ReplicaSet | None]:
        new = self._new_replica_set(d)
        if new is not None:
            yield from self._sync_revision(d, new)
        recreates = d.spec.strategy == "Recreate"
        if recreates:
            # The new ReplicaSet is created only once all old pods have stopped.
            old = history.find_old_replica_sets(new, d.groups)
            scales = recreate.scale_down_old_replica_sets_for_recreate(old)
            if scales or recreate.old_pods_running(new, old, pods_of(old)):
                yield from self._scale(d, scales)
                return new
        if new is None:
            new = yield from self._create_replica_set(d)
        old = history.find_old_replica_sets(new, d.groups)
        if recreates:
            scales = recreate.scale_up_new_replica_set_for_recreate(d.spec, new)
        else:
            scales = rolling.rollout_rolling(d.spec, new, old)
        yield from self._scale(d, scales)
        if not scales and progress.deployment_complete(d.spec, d.status, d):
            yield from self._clean_up(d, old)
        return new

    # ------------------------------------------------------------------------------- ReplicaSets

    def _new_replica_set(self, d: DeploymentState) -> ReplicaSet | None:
        return history.find_new_replica_set(d.template_hash, d.groups)

    def _create_replica_set(self, d: DeploymentState) -> Generator[float, None, ReplicaSet]:
        yield self.client.request()
        store = self.store
        template = d.manifest["spec"]["template"]
        rs = ReplicaSet(
            len(store.groups),
            f"{d.name}-{d.template_hash}",
            d,
            d.spec.template,
            template,
            d.template_hash,
            store.stamp(self.clock.now),
            store.uid(),
            replicas=rolling.new_replica_set_replicas(d.spec, d.groups, 0),
        )
        rs.min_ready_seconds = d.spec.min_ready_seconds
        self._annotate_revision(rs, self._wanted_annotations(d, rs))
        self._annotate_size(d, rs)
        d.groups.append(rs)
        store.add_group(rs)
        store.log_scaled(rs)
        self.replica_sets.adopt(rs)
        d.wake()
        if rs.replicas:
            self._post_scaled(d, rs, 0)
        yield from self._write_revision(d, rs, created=True)
        return rs

    def _sync_revision(self, d: DeploymentState, rs: ReplicaSet) -> Turn:
        """Give the new ReplicaSet its number, and keep annotations and minReadySeconds in step."""
        annotations = self._wanted_annotations(d, rs)
        if annotations or rs.min_ready_seconds != d.spec.min_ready_seconds:
            yield self.client.request()
            if annotations:
                self._annotate_revision(rs, annotations)
            self.store.set_min_ready_seconds(rs, d.spec.min_ready_seconds)
            self._replica_set_changed(d, rs)
        else:
            # The Deployment takes the number over in the next turn.
            yield from self._write_revision(d, rs, created=False)

    def _wanted_annotations(
        self, d: DeploymentState, rs: ReplicaSet
    ) -> history.Annotations | None:
        old = history.find_old_replica_sets(rs, d.groups)
        copied = d.manifest["metadata"].get("annotations") or {}
        return history.new_replica_set_annotations(rs, history.next_revision(old), copied)

    def _annotate_revision(self, rs: ReplicaSet, annotations: history.Annotations) -> None:
        if annotations.revision != rs.revision:
            self.store.log_updated(rs)
        rs.revision, rs.revision_history, rs.annotations = annotations

    def _write_revision(self, d: DeploymentState, rs: ReplicaSet, *, created: bool) -> Turn:
        conditions = progress.new_replica_set_conditions(
            d.spec, d.conditions, rs.name, self._stamp(), created=created
        )
        if d.revision != rs.revision or conditions is not d.conditions:
            d.revision = rs.revision
            yield from self._write(d, conditions)

    def _scale(self, d: DeploymentState, scales: list[rolling.Scale]) -> Turn:
        for rs, replicas in scales:
            yield self.client.request()
            if not self.store.has(rs):
                return
            before = rs.replicas
            self._annotate_size(d, rs)
            if replicas != before:
                rs.replicas = replicas
                rs.generation += 1
                self.store.log_scaled(rs)
                self._post_scaled(d, rs, before)
            self._replica_set_changed(d, rs)

    def _annotate_size(self, d: DeploymentState, rs: ReplicaSet) -> None:
        rs.desired_replicas = d.spec.replicas
        rs.max_replicas = d.spec.replicas + rolling.resolve_surge(d.spec)

    def _replica_set_changed(self, d: DeploymentState, rs: ReplicaSet) -> None:
        self.store.tell("MODIFIED", "ReplicaSet", rs)
        rs.wake()
        d.wake()

    def _post_scaled(self, d: DeploymentState, rs: ReplicaSet, before: int) -> None:
        message = rolling.scaling_message(rs.name, before, rs.replicas)
        self.poster.post("Normal", "ScalingReplicaSet", message, d)

    def _clean_up(self, d: DeploymentState, old: list[ReplicaSet]) -> Turn:
        for rs in history.replica_sets_to_clean_up(d.spec, old):
            yield self.client.request()
            if self.store.has(rs):
                d.groups.remove(rs)
                self.store.remove_group(rs)
                d.wake()

    # ------------------------------------------------------------------------------------ status

    def _stamp(self) -> float:
        return self.store.stamp(self.clock.now)

    def _write(self, d: DeploymentState, conditions: list[Condition]) -> Turn:
        yield self.client.request()
        self._put(d, conditions)

    def _put(self, d: DeploymentState, conditions: list[Condition]) -> None:
        d.conditions = conditions
        d.resource_version += 1
        self.store.tell("MODIFIED", "Deployment", d)
        d.wake()

    def _write_status(
        self,
        d: DeploymentState,
        new: ReplicaSet | None,
        generation: int,
        resource_version: int,
        *,
        rolls: bool,
    ) -> Turn:
        """Write the status, as of the generation and version that this turn has begun with."""
        spec = d.spec
        now = self.clock.now
        status = progress.calculate_status(spec, d.groups, new)
        if rolls:
            conditions = progress.sync_conditions(
                spec, d.status, status, new, d.conditions, now, self._stamp(), d.groups
            )
        else:
            conditions = progress.available_conditions(spec, status, d.conditions, self._stamp())
        if (
            status != d.status
            or generation != d.observed_generation
            or conditions is not d.conditions
        ):
            yield self.client.request()
            if d.resource_version != resource_version:
                # A conflict: somebody has written since, often this very turn, which gives the
                # Deployment its revision; so a status never tells of a ReplicaSet just created.
                yield self.clock.now + self.retry_seconds
                d.wake()
                return
            d.status = status
            d.observed_generation = generation
            self._put(d, conditions)
            return
        # A finished rollout never times out; the real one looks again every 5 ms all the same.
        if not rolls or progress.is_finished(d.conditions):
            return
        after = progress.seconds_until_stuck(spec, d.conditions, status, now)
        if after is not None:
            # Close to the deadline it is looked at again and again, else once it has passed.
            wait = after + progress.PROGRESS_CHECK_EXTRA_SECONDS if after else RETRY_SECONDS
            self.queue.add_at(d, now + wait)
