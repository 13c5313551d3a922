"""Events on their way to the API server, and what their posting costs.

A controller posts its Events one at a time through the client that also carries its work, so they
take part in its rate limit (client-go ``tools/record/event.go``: one broadcaster per controller).
Node and scheduler Events cost nothing here: their clients are far from their limits.
"""

from __future__ import annotations

from rollnb.cluster.clock import POSTING, Clock
from rollnb.cluster.control_plane import Client
from rollnb.cluster.events import Event, EventRecorder, Thing
from rollnb.cluster.store import Store


class EventLog:
    """All Events of the cluster.

    What the kubelet and the scheduler say is only noted; the recorder's work on it is done when
    someone looks, because most runs never do.
    """

    def __init__(self, store: Store, clock: Clock, namespace: str) -> None:
        self.namespace = namespace
        self._store = store
        self._clock = clock
        self._recorder = EventRecorder()
        self._noted: list[tuple] = []
        self._records: list[Event] = []

    def note(
        self,
        type: str,
        reason: str,
        message: str,
        thing: Thing,
        source: str,
        container: str = "",
    ) -> None:
        """Note an Event, perhaps about one container of a pod."""
        self._noted.append((self._clock.now, type, reason, message, thing, source, container))
        if self._store.watchers:
            self._settle()

    def record(self, type: str, reason: str, message: str, thing: Thing, source: str) -> bool:
        """Record an Event at once; return False if the spam filter drops it."""
        return self._record((self._clock.now, type, reason, message, thing, source))

    def _record(self, noted: tuple) -> bool:
        event, is_new = self._recorder.record(*noted)
        if event is None:
            return False
        if is_new:
            event.number = len(self._records)
            self._records.append(event)
        self._store.tell("ADDED" if is_new else "MODIFIED", "Event", event)
        return True

    def _settle(self) -> None:
        noted, self._noted = self._noted, []
        for entry in noted:
            self._record(entry)

    @property
    def records(self) -> list[Event]:
        """The Events as the API server has them, oldest first."""
        self._settle()
        return list(self._records)


class Poster:
    """Posts one controller's Events, one at a time, through its client."""

    def __init__(self, log: EventLog, client: Client, clock: Clock, source: str) -> None:
        self._log = log
        self._client = client
        self._clock = clock
        self._source = source
        self._waiting = 0
        self._busy = False

    def post(self, type: str, reason: str, message: str, thing: Thing) -> None:
        """Record an Event and pay for its request when its turn comes."""
        if self._log.record(type, reason, message, thing, self._source):
            self._waiting += 1
            if not self._busy:
                self._busy = True
                self._clock.at(self._clock.now, POSTING, self._send)

    def _send(self, _: None) -> None:
        if not self._waiting:
            self._busy = False
            return
        self._waiting -= 1
        self._clock.at(self._client.request(), POSTING, self._send)
