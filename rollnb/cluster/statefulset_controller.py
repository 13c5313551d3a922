"""The StatefulSet controller at work: one pod after the other, by its name.

Follows ``UpdateStatefulSet`` (``pkg/controller/statefulset/stateful_set_control.go``, Kubernetes
1.36). What it decides stands in `rollnb.cluster.statefulset`.
"""

from __future__ import annotations

from functools import partial

from rollnb.cluster import revisions, statefulset
from rollnb.cluster.clock import Clock
from rollnb.cluster.control_plane import ControlPlane, Turn
from rollnb.cluster.objects import pods_of
from rollnb.cluster.posting import EventLog
from rollnb.cluster.revision_controller import RevisionController
from rollnb.cluster.store import Forbidden, Store
from rollnb.cluster.workloads import StatefulSetState


class StatefulSetController(RevisionController):
    """Keeps each StatefulSet at its size and template."""

    source = "statefulset-controller"

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: EventLog,
        control_plane: ControlPlane,
        *,
        max_unavailable_enabled: bool = False,
    ) -> None:
        """`max_unavailable_enabled`: the feature gate MaxUnavailableStatefulSet, off in 1.36."""
        super().__init__(store, clock, events, control_plane)
        self.max_unavailable_enabled = max_unavailable_enabled

    def _sync(self, state: StatefulSetState) -> Turn:
        spec = state.spec
        generation = state.generation
        update = yield from self._update_revision(state)
        current = state.current if state.current in self._history(state) else update
        pods = {pod.ordinal: pod for pod in pods_of(state.groups)}
        sync = statefulset.update_stateful_set(
            spec,
            pods,
            current,
            update,
            self.clock.now,
            max_unavailable_enabled=self.max_unavailable_enabled,
        )
        refused: list[statefulset.Create] = []
        for batch in sync.batches if state.deleted_at is None else ():
            yield from self.client.requests(partial(self._act, state, refused), batch)
            if refused:
                break
        status, state.current = statefulset.complete_rolling_update(
            spec, sync.status, current, update
        )
        wrote = yield from self._write_status(state, status, generation)
        live = {update, state.current, *(pod.group for pod in pods.values())}
        history = self._history(state)
        doomed = revisions.truncate_history(history, live, spec.revision_history_limit)
        yield from self._delete_revisions(state, doomed)
        self._end(state, failed=bool(refused), wrote=wrote)

    def _act(
        self,
        state: StatefulSetState,
        refused: list[statefulset.Create],
        action: statefulset.Create | statefulset.Delete,
    ) -> None:
        if isinstance(action, statefulset.Create):
            name = f"{state.name}-{action.ordinal}"
            if name in self.store.objects["Pod"]:
                refused.append(action)
            elif self.store.has(state):
                about = f"create Pod {name} in StatefulSet {state.name}"
                try:
                    self.store.create_pod(action.revision, name, ordinal=action.ordinal)
                except Forbidden as error:
                    refused.append(action)
                    message = f"{about} failed error: {error}"
                    self.poster.post("Warning", "FailedCreate", message, state)
                else:
                    self.poster.post("Normal", "SuccessfulCreate", f"{about} successful", state)
        elif action.pod.deleted_at is None:
            self.store.delete_pod(action.pod)
            message = f"delete Pod {action.pod.name} in StatefulSet {state.name} successful"
            self.poster.post("Normal", "SuccessfulDelete", message, state)
