"""What becomes of pods and ReplicaSets when their owner is deleted, and who adopts those left.

Follows ``pkg/controller/garbagecollector/garbagecollector.go`` and
``pkg/controller/controller_ref_manager.go`` (Kubernetes 1.36); all happens at once here.
"""

from __future__ import annotations

from typing import Any

from rollnb.cluster.clock import Clock
from rollnb.cluster.objects import Pod, PodGroup, ReplicaSet, pods_of
from rollnb.cluster.store import Store
from rollnb.cluster.workloads import DaemonSetState, StatefulSetState, WorkloadState
from rollnb.validation.names import selects

#: What may become of what an object owns, by the words of ``kubectl delete --cascade``.
CASCADES = ("background", "foreground", "orphan")


class GarbageCollector:
    """Deletes objects with what they own, or leaves that behind for others to adopt."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        store.pod_created.append(self._pod_created)
        store.pod_gone.append(self._pod_gone)
        store.group_created.append(self._group_created)

    def delete(self, thing: Any, cascade: str) -> None:
        """Delete an object that is not a pod.

        Raises
        ------
        ValueError
            If a ReplicaSet should leave its pods behind.
        """
        if cascade == "orphan" and isinstance(thing, ReplicaSet):
            raise ValueError("the pods of a ReplicaSet cannot run on without it")
        if cascade == "orphan" and isinstance(thing, WorkloadState):
            thing.has_orphans = True
            self._remove(thing)
            return
        groups = _groups_of(thing)
        pods = list(pods_of(groups))
        if cascade == "foreground" and pods:
            for one in (thing, *groups):
                if isinstance(one, ReplicaSet | WorkloadState):
                    self._delete_in_the_foreground(one)
        else:
            self._remove(thing)
        for pod in pods:
            self.store.delete_pod(pod)

    def _delete_in_the_foreground(self, thing: ReplicaSet | WorkloadState) -> None:
        """Let an object wait for the end of what it owns; one that owns nothing goes at once.

        ``attemptToDeleteItem``: what has no dependents is deleted in the background.
        """
        if not any(pods_of(_groups_of(thing))):
            self._remove(thing)
        elif thing.deleted_at is None:
            thing.deleted_at = self.clock.now
            self.store.tell("MODIFIED", thing.kind, thing)

    def _remove(self, thing: Any) -> None:
        """Take an object away, and the ReplicaSets or revisions of a workload, if it has any."""
        store = self.store
        if isinstance(thing, PodGroup):
            self._remove_group(thing)
            return
        del store.objects[thing.kind][thing.name]
        store.tell("DELETED", thing.kind, thing)
        if isinstance(thing, WorkloadState):
            thing.gone_at = self.clock.now
        if isinstance(thing, WorkloadState) and not thing.has_orphans:
            thing.asked = 0
            store.log_asked(thing)
            for group in thing.groups:
                if store.has(group):
                    store.remove_group(group)

    def _remove_group(self, group: PodGroup) -> None:
        """Take a ReplicaSet or a revision away; the pods of a revision are not its own."""
        workload = group.workload
        self.store.remove_group(group)
        if isinstance(group, ReplicaSet):
            workload.groups.remove(group)
        # The StatefulSet controller looks at revisions only when pods or the set change
        # (``NewStatefulSetController``, ``stateful_set.go``).
        if not isinstance(workload, StatefulSetState):
            workload.wake()

    # -------------------------------------------------------------- what comes or goes meanwhile

    def _pod_created(self, pod: Pod) -> None:
        """Delete a pod whose owner has been deleted since its controller asked for it.

        ``processDeletingDependentsItem``.
        """
        group = pod.group
        if group.workload.deleted_at is not None or (
            isinstance(group, ReplicaSet) and group.deleted_at is not None
        ):
            self.store.delete_pod(pod)

    def _group_created(self, group: PodGroup) -> None:
        if isinstance(group, ReplicaSet) and group.workload.deleted_at is not None:
            self._remove_group(group)

    def _pod_gone(self, pod: Pod) -> None:
        """Let go what was deleted in the foreground and has waited for its last pod."""
        for thing in (pod.group, pod.group.workload):
            if (
                isinstance(thing, ReplicaSet | WorkloadState)
                and thing.deleted_at is not None
                and self.store.has(thing)
                and not any(pods_of(_groups_of(thing)))
            ):
                self._remove(thing)

    # ------------------------------------------------------------------------------------ orphans

    def adopt(self, state: WorkloadState) -> None:
        """Give a new workload the ReplicaSets or pods left behind that it selects.

        Where it gets all that another one has left, it goes on with the story of that one.

        Notes
        -----
        ``ClaimReplicaSets`` and ``ClaimPods``. A real controller looks again at each sync, and
        lets go what it does not select any more. A StatefulSet adopts pods of its own name only
        (``isMemberOf``, ``stateful_set_utils.go``).
        """
        selector = state.manifest["spec"]["selector"]
        heritage = [
            (left, [group for group in left.groups if selects(selector, group.template.labels)])
            for left in self.store.workloads
            if left.has_orphans
            and left.kind == state.kind
            and (left.name == state.name or not isinstance(state, StatefulSetState))
        ]
        for left, mine in heritage:
            if mine and len(mine) == len(left.groups):
                state.index = left.index
                state.specs = left.specs + state.specs
                break
        for left, mine in heritage:
            left.groups = [group for group in left.groups if group not in mine]
            state.groups += mine
            for group in mine:
                group.workload = state
                if not isinstance(group, ReplicaSet):
                    group.wake = state.wake
            if isinstance(state, DaemonSetState):
                for pod in pods_of(mine):
                    state.add_pod(pod)
            if left.index != state.index:
                self.store.log.move({group.index for group in mine}, state.index)


def _groups_of(thing: Any) -> list[Any]:
    """Return the ReplicaSets or revisions whose pods go with an object."""
    if isinstance(thing, WorkloadState):
        return list(thing.groups)
    return [thing] if isinstance(thing, ReplicaSet) else []
