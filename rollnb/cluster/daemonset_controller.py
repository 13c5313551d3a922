"""The DaemonSet controller at work: one pod for each eligible node.

Follows ``syncDaemonSet`` (``pkg/controller/daemon/daemon_controller.go``, Kubernetes 1.36). What
it decides stands in `rollnb.cluster.daemonset`. Creations go in batches of 1, 2, 4, ...; deletions
all at once.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from rollnb.cluster import daemonset, revisions
from rollnb.cluster.control_plane import Turn
from rollnb.cluster.objects import Pod, PodGroup
from rollnb.cluster.replicaset import slow_start_batches
from rollnb.cluster.revision_controller import RevisionController
from rollnb.cluster.store import Forbidden, Store
from rollnb.cluster.workloads import DaemonSetState
from rollnb.node import Node

#: The nodes, those that should run a pod, and others that may keep theirs.
Judged = tuple[dict[str, Node], set[str], set[str]]


class DaemonSetController(RevisionController):
    """Keeps a pod of each DaemonSet on every node that should have one."""

    source = "daemonset-controller"

    def __init__(self, store: Store, *parts: Any) -> None:
        super().__init__(store, *parts)
        store.pod_created.append(self._pod_created)
        store.pod_gone.append(self._pod_gone)
        self._judged: dict[DaemonSetState, tuple[PodGroup, Judged]] = {}

    def _sync(self, state: DaemonSetState) -> Turn:
        if state.deleted_at is not None:
            return  # nor is its status kept up to date
        spec = state.spec
        generation = state.generation
        update = yield from self._update_revision(state)
        nodes, eligible, keeping = self._judge_nodes(state, update)
        order = list(nodes)
        self.store.rng.shuffle(order)  # the real one goes through a map, in random order
        pods = state.pods_by_node
        actions = daemonset.update_daemon_set(spec, order, eligible, pods, update, keeping)
        targets = [(state, update, node) for node in actions.create]
        refused: list[str] = []  # the nodes whose pods could not be created
        for batch in slow_start_batches(len(targets)):
            yield from self.client.requests(partial(self._create, refused), targets[:batch])
            del targets[:batch]
            if refused:
                break
        yield from self.client.requests(self._delete, actions.delete)
        if not refused:
            old = [revision for revision in self._history(state) if revision is not update]
            live = {revision for revision in old if revision.pods}
            doomed = revisions.cleanup_history(old, live, spec.revision_history_limit)
            yield from self._delete_revisions(state, doomed)
        # Only now, and so with the pods of this very sync.
        status = daemonset.calculate_status(spec, order, eligible, pods, update, self.clock.now)
        wrote = yield from self._write_status(state, status, generation)
        resync = daemonset.resync_after_seconds(spec, status)
        if resync is not None:
            self.queue.add_at(state, self.clock.now + resync)
        self._end(state, failed=bool(refused), wrote=wrote)

    def _judge_nodes(self, state: DaemonSetState, update: PodGroup) -> Judged:
        """Judge the nodes, anew only when one of them or the template has changed."""
        nodes = {name: node.spec for name, node in self.store.objects["Node"].items()}
        revision, judged = self._judged.get(state, (None, None))
        if revision is not update or judged[0] != nodes:
            template = update.template
            runs, keeps = daemonset.node_should_run, daemonset.node_should_continue_running
            eligible = {name for name, node in nodes.items() if runs(template, node)}
            others = {name: node for name, node in nodes.items() if name not in eligible}
            keeping = {name for name, node in others.items() if keeps(template, node)}
            judged = nodes, eligible, keeping
            self._judged = {one: of for one, of in self._judged.items() if self.store.has(one)}
            self._judged[state] = update, judged
        return judged

    def _pod_created(self, pod: Pod) -> None:
        if isinstance(pod.group.workload, DaemonSetState):
            pod.group.workload.add_pod(pod)

    def _pod_gone(self, pod: Pod) -> None:
        if isinstance(pod.group.workload, DaemonSetState) and not pod.group.loose:
            pod.group.workload.remove_pod(pod)

    def _create(self, refused: list[str], target: tuple[DaemonSetState, PodGroup, str]) -> None:
        state, update, node = target
        if not self.store.has(state):
            return
        name = self.store.generate_name(state.name + "-")
        try:
            self.store.create_pod(update, name, target_node=node)
        except Forbidden as error:
            refused.append(node)
            self.poster.post("Warning", "FailedCreate", f"Error creating: {error}", state)
        else:
            self.poster.post("Normal", "SuccessfulCreate", f"Created pod: {name}", state)

    def _delete(self, pod: Pod) -> None:
        if pod.deleted_at is None:
            self.store.delete_pod(pod)
            message = f"Deleted pod: {pod.name}"
            self.poster.post("Normal", "SuccessfulDelete", message, pod.group.workload)
