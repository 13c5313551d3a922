"""The Event recorder's correlator: counts what repeats, combines what is alike, drops spam.

Follows ``EventCorrelator`` in client-go's ``tools/record/events_cache.go`` (Kubernetes 1.36). Its
caches are limited to 4096 entries there; here they are not.
"""

from __future__ import annotations

from typing import Protocol

#: From the so many-th different message on, similar Events are combined into one ...
MAX_SIMILAR = 10
#: ... unless the last of them is longer ago than this, in seconds.
SIMILAR_WITHIN_SECONDS = 600.0
#: A source may post so many Events about an object at once, and one more each 300 s.
SPAM_BURST = 25
SPAM_REFILL_SECONDS = 300.0

COMBINED = "(combined from similar events): "


class Thing(Protocol):
    """What an Event is about."""

    kind: str
    name: str
    uid: str  # tells apart those of the same name that follow each other


class Event:
    """An Event as the API server has it; `message`, `last_at` and `count` change as it repeats."""

    __slots__ = (
        "container",
        "count",
        "first_at",
        "kind",
        "last_at",
        "message",
        "name",
        "number",
        "reason",
        "source",
        "type",
        "uid",
    )

    def __init__(
        self, type: str, reason: str, message: str, thing: Thing, source: str, container: str
    ) -> None:
        self.type = type  # Normal or Warning
        self.reason = reason
        self.message = message
        self.kind = thing.kind  # of the object it is about
        self.name = thing.name
        self.uid = thing.uid
        self.source = source  # the component that says it
        self.container = container  # the name of the one it is about; empty for a whole pod
        self.first_at = 0.0
        self.last_at = 0.0
        self.count = 0
        self.number = 0  # in the order in which Events were first posted

    def __repr__(self) -> str:
        return f"<Event {self.kind}/{self.name} {self.reason} x{self.count}: {self.message}>"


class _Observation:
    """What a recorder knows of one Event, posted or not."""

    __slots__ = ("count", "event", "first_at")

    def __init__(self, first_at: float) -> None:
        self.first_at = first_at
        self.count = 0
        self.event: Event | None = None  # None until it has once been posted


class EventRecorder:
    """The recorders of all components of a cluster.

    Components never share a key, so that one of these does for all.
    """

    def __init__(self) -> None:
        self._similar: dict[tuple[str, ...], tuple[set[str], float]] = {}
        self._observed: dict[tuple[str, ...], _Observation] = {}
        self._tokens: dict[tuple[str, ...], tuple[float, float]] = {}

    def record(
        self,
        now: float,
        type: str,
        reason: str,
        message: str,
        thing: Thing,
        source: str,
        container: str = "",
    ) -> tuple[Event | None, bool]:
        """Take one Event and say what becomes of it.

        Parameters
        ----------
        now : float
            The time, in seconds; never less than before.
        type, reason, message : str
            As in the API.
        thing : Thing
            The object it is about.
        source : str
            The component that says it.
        container : str
            The name of the pod's container that it is about, if it is about one.

        Returns
        -------
        Event or None
            The Event to be seen from now on, new or changed; None if it is dropped.
        bool
            Whether it is new.

        Notes
        -----
        ``EventCorrelate``: combined, then counted, then filtered, so that a dropped Event counts
        in the next one like it that is posted.
        """
        about = (source, thing.uid)
        like = (*about, type, reason)
        if self._is_combined(like, message, now):
            key, message = like, COMBINED + message
        else:
            key = (*like, container, message)
        seen = self._observed.get(key)
        if seen is None:
            seen = self._observed[key] = _Observation(now)
        seen.count += 1
        if self._is_spam(about, now):
            return None, False

        event, is_new = seen.event, seen.event is None
        if event is None:
            event = seen.event = Event(type, reason, message, thing, source, container)
            event.first_at = seen.first_at
        event.message = message
        event.last_at = now
        event.count = seen.count
        return event, is_new

    def _is_combined(self, like: tuple[str, ...], message: str, now: float) -> bool:
        """Count different messages; ``EventAggregate``."""
        messages, last_at = self._similar.get(like, (set(), now))
        if now - last_at > SIMILAR_WITHIN_SECONDS:
            messages = set()
        self._similar[like] = (messages, now)
        if message in messages:
            return False
        if len(messages) + 1 < MAX_SIMILAR:
            messages.add(message)
            return False
        # Go makes room by forgetting any one of the ten; here it is always the latest.
        return True

    def _is_spam(self, about: tuple[str, ...], now: float) -> bool:
        """Take a token; ``EventSourceObjectSpamFilter``."""
        tokens, at = self._tokens.get(about, (float(SPAM_BURST), now))
        tokens = min(tokens + (now - at) / SPAM_REFILL_SECONDS, float(SPAM_BURST))
        is_spam = tokens < 1.0 - 1e-9
        self._tokens[about] = (tokens if is_spam else tokens - 1.0, now)
        return is_spam
