"""What the controllers of StatefulSets and DaemonSets share: their ControllerRevisions.

Each template is a revision, with its pods; the numbers and the clean-up are decided in
`rollnb.cluster.revisions`.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from rollnb import manifest
from rollnb.cluster import revisions
from rollnb.cluster.clock import DEPLOYMENT, Clock
from rollnb.cluster.control_plane import Client, ControlPlane, Turn, WorkQueue
from rollnb.cluster.objects import PodGroup
from rollnb.cluster.posting import EventLog, Poster
from rollnb.cluster.store import Store
from rollnb.cluster.workloads import RevisionedState


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
        return self.store.while_there(state, self._sync(state))

    def _sync(self, state: RevisionedState) -> Turn:
        raise NotImplementedError

    def _history(self, state: RevisionedState) -> list[PodGroup]:
        """Return the revisions that are there: one may be deleted while its pods run on."""
        return [revision for revision in state.groups if self.store.has(revision)]

    def _update_revision(self, state: RevisionedState) -> Generator[float, None, PodGroup]:
        """Return the revision of the template, created or renumbered if need be."""
        choice = revisions.choose_revision(self._history(state), state.template_hash)
        group = choice.revision
        if group is None:
            yield self.client.request()
            group = self._make_revision(state)
            group.revision = choice.number
            self.store.add_group(group)
            self.store.log_updated(group)
        elif group.revision != choice.number:
            yield self.client.request()
            group.revision = choice.number
            self.store.tell("MODIFIED", "ControllerRevision", group)
            self.store.log_updated(group)
        for revision in state.groups:
            self.store.set_min_ready_seconds(revision, state.spec.min_ready_seconds)
        return group

    def _make_revision(self, state: RevisionedState) -> PodGroup:
        """Return a new revision; one that someone has deleted comes back with its pods.

        ``CreateControllerRevision`` (``pkg/controller/history/controller_history.go``).
        """
        created_at, uid = self.clock.now, self.store.uid()
        for group in state.groups:
            if group.template_hash == state.template_hash:
                group.created_at, group.uid = created_at, uid
                return group
        template = state.manifest["spec"]["template"]
        name = revisions.name_revision(state.name, state.template_hash)
        collisions = 0
        while name in self.store.objects["ControllerRevision"]:
            collisions += 1
            hashed = manifest.template_hash(template, collisions)
            name = revisions.name_revision(state.name, hashed)
        group = PodGroup(
            len(self.store.groups),
            name,
            state,
            state.pod_template,
            template,
            state.template_hash,
            created_at,
            uid,
        )
        group.wake = state.wake
        state.groups.append(group)
        return group

    def _delete_revisions(self, state: RevisionedState, doomed: list[PodGroup]) -> Turn:
        for group in doomed:
            yield self.client.request()
            if self.store.has(group):
                state.groups.remove(group)
                self.store.remove_group(group)

    def _end(self, state: RevisionedState, *, failed: bool, wrote: bool) -> None:
        """End a turn: one that has failed is repeated, at once if it `wrote` the status."""
        for group in state.groups:
            group.failing = failed
        if not failed:
            self.queue.forget(state)
            return
        self.queue.add_rate_limited(state)
        if wrote:  # its own write wakes it, too, which is of no use otherwise
            state.wake()

    def _write_status(
        self, state: RevisionedState, status, generation: int
    ) -> Generator[float, None, bool]:
        """Write the status if it is news; return whether it was."""
        if status != state.status or generation != state.observed_generation:
            yield self.client.request()
            state.status = status
            state.observed_generation = generation
            self.store.tell("MODIFIED", state.kind, state)
            return True
        return False
