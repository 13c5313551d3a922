"""The Event recorder's correlator: counts what repeats, combines what is alike, drops spam.

Follows ``EventCorrelator`` in client-go's ``tools/record/events_cache.go`` (Kubernetes 1.36). Its
caches are limited to 4096 entries there; here they are not.
"""

from __future__ import annotations

#: From the so many-th different message on, similar Events are combined into one ...
MAX_SIMILAR = 10
#: ... unless the last of them is longer ago than this, in seconds.
SIMILAR_WITHIN_SECONDS = 600.0
#: A source may post so many Events about an object at once, and one more each 300 s.
SPAM_BURST = 25
SPAM_REFILL_SECONDS = 300.0

COMBINED = "(combined from similar events): "


class Event:
    """An Event as the API server has it; `message`, `last_at` and `count` change as it repeats."""

    __slots__ = (
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
        self, type: str, reason: str, message: str, kind: str, name: str, source: str, uid: str
    ) -> None:
        self.type = type  # Normal or Warning
        self.reason = reason
        self.message = message
        self.kind = kind  # of the object it is about
        self.name = name
        self.source = source  # the component that says it
        self.uid = uid  # empty where names do not come back
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
        kind: str,
        name: str,
        source: str,
        uid: str = "",
    ) -> tuple[Event | None, bool]:
        """Take one Event and say what becomes of it.

        Parameters
        ----------
        now : float
            The time, in seconds; never less than before.
        type, reason, message : str
            As in the API.
        kind, name, source : str
            The object it is about, and the component that says it.
        uid : str
            Tells apart objects of the same name that follow each other, as a StatefulSet's pods.

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
        about = (source, kind, name, uid)
        like = (*about, type, reason)
        if self._is_combined(like, message, now):
            key, message = like, COMBINED + message
        else:
            key = (*like, message)
        seen = self._observed.get(key)
        if seen is None:
            seen = self._observed[key] = _Observation(now)
        seen.count += 1
        if self._is_spam(about, now):
            return None, False

        event, is_new = seen.event, seen.event is None
        if event is None:
            event = seen.event = Event(type, reason, message, kind, name, source, uid)
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
