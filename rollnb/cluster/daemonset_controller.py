"""The DaemonSet controller at work: one pod for each eligible node.

Follows ``syncDaemonSet`` (``pkg/controller/daemon/daemon_controller.go``, Kubernetes 1.36). What
it decides stands in `rollnb.cluster.daemonset`. Creations go in batches of 1, 2, 4, ...; deletions
all at once.
"""

from __future__ import annotations

from rollnb.cluster import daemonset, revisions
from rollnb.cluster.control_plane import Turn
from rollnb.cluster.objects import DaemonSetState, Pod, PodGroup
from rollnb.cluster.replicaset import slow_start_batches
from rollnb.cluster.revision_controller import RevisionController


class DaemonSetController(RevisionController):
    """Keeps a pod of each DaemonSet on every node that should have one."""

    source = "daemonset-controller"

    def _sync(self, state: DaemonSetState) -> Turn:
        if state.deleted_at is not None:
            return  # nor is its status kept up to date
        spec = state.spec
        generation = state.generation
        name = revisions.name_revision(state.name, state.template_hash)
        update = yield from self._update_revision(state, name)
        nodes = {name: node.spec for name, node in self.store.objects["Node"].items()}
        order = list(nodes)
        self.store.rng.shuffle(order)  # the real one goes through a map, in random order
        eligible = {
            name
            for name, node in nodes.items()
            if daemonset.node_should_run(update.template, node)
        }
        actions = daemonset.update_daemon_set(
            spec, order, eligible, self._pods_by_node(state), update
        )
        targets = [(state, update, node) for node in actions.create]
        for batch in slow_start_batches(len(targets)):
            yield from self.client.requests(self._create, targets[:batch])
            del targets[:batch]
        yield from self.client.requests(self._delete, actions.delete)
        old = [revision for revision in state.revisions if revision is not update]
        live = {revision for revision in old if revision.pods}
        doomed = revisions.cleanup_history(old, live, spec.revision_history_limit)
        yield from self._delete_revisions(state, doomed)
        # Only now, and so with the pods of this very sync.
        status = daemonset.calculate_status(
            spec, order, eligible, self._pods_by_node(state), update, self.clock.now
        )
        yield from self._write_status(state, status, generation)
        resync = daemonset.resync_after_seconds(spec, status)
        if resync is not None:
            self.queue.add_at(state, self.clock.now + resync)

    def _pods_by_node(self, state: DaemonSetState) -> dict[str, list[Pod]]:
        pods: dict[str, list[Pod]] = {}
        for revision in state.revisions:
            for pod in revision.pods.values():
                pods.setdefault(pod.target_node, []).append(pod)
        return pods

    def _create(self, target: tuple[DaemonSetState, PodGroup, str]) -> None:
        state, update, node = target
        if not self.store.has(state.kind, state):
            return
        name = self.store.generate_name(state.name + "-")
        self.store.create_pod(update, name, target_node=node)
        self._post(state, "SuccessfulCreate", f"Created pod: {name}")

    def _delete(self, pod: Pod) -> None:
        if pod.deleted_at is None:
            self.store.delete_pod(pod)
            self._post(pod.group.workload, "SuccessfulDelete", f"Deleted pod: {pod.name}")
