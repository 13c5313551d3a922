"""What the controllers of StatefulSets and DaemonSets share: their ControllerRevisions.

Each template is a revision, with its pods; the numbers and the clean-up are decided in
`rollnb.cluster.revisions`.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from rollnb.cluster import revisions
from rollnb.cluster.clock import DEPLOYMENT, Clock
from rollnb.cluster.control_plane import Client, ControlPlane, Turn, WorkQueue
from rollnb.cluster.objects import PodGroup, RevisionedState
from rollnb.cluster.posting import EventLog, Poster
from rollnb.cluster.store import Store


class RevisionController:
    """Base of the two controllers: a queue, a client, and the history of templates."""

    source = ""

    def __init__(
        self, store: Store, clock: Clock, events: EventLog, control_plane: ControlPlane
    ) -> None:
        self.store = store
        self.clock = clock
        self.client = Client(clock, control_plane, DEPLOYMENT)
        self.poster = Poster(events, self.client, clock, self.source)
        self.queue = WorkQueue(clock, DEPLOYMENT, control_plane.turn_seconds, self._turn)

    def adopt(self, state: RevisionedState) -> None:
        """Look after a new workload."""
        state.wake = partial(self.queue.add, state)
        state.wake()

    def _turn(self, state: RevisionedState) -> Turn:
        return self.store.while_there(state.kind, state, self._sync(state))

    def _sync(self, state: RevisionedState) -> Turn:
        raise NotImplementedError

    def _update_revision(
        self, state: RevisionedState, name: str
    ) -> Generator[float, None, PodGroup]:
        """Return the revision of the template, created or renumbered if need be."""
        choice = revisions.choose_revision(state.revisions, state.template_hash)
        group = choice.revision
        if group is None:
            yield self.client.request()
            group = PodGroup(
                len(self.store.groups),
                name,
                state,
                state.spec.template,
                state.manifest["spec"]["template"],
                state.template_hash,
                self.clock.now,
                self.store.uid(),
            )
            group.revision = choice.number
            group.wake = state.wake
            state.revisions.append(group)
            self.store.add_group(group, "ControllerRevision")
            self.store.log_updated(group)
        elif group.revision != choice.number:
            yield self.client.request()
            group.revision = choice.number
            self.store.tell("MODIFIED", "ControllerRevision", group)
            self.store.log_updated(group)
        for revision in state.revisions:
            self.store.set_min_ready_seconds(revision, state.spec.min_ready_seconds)
        return group

    def _delete_revisions(self, state: RevisionedState, doomed: list[PodGroup]) -> Turn:
        for group in doomed:
            yield self.client.request()
            state.revisions.remove(group)
            self.store.remove_group(group, "ControllerRevision")

    def _write_status(self, state: RevisionedState, status, generation: int) -> Turn:
        if status != state.status or generation != state.observed_generation:
            yield self.client.request()
            state.status = status
            state.observed_generation = generation
            self.store.tell("MODIFIED", state.kind, state)

    def _post(self, state: RevisionedState, reason: str, message: str) -> None:
        self.poster.post("Normal", reason, message, state.kind, state.name)
