"""The Event recorder."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from rollnb.cluster.events import COMBINED, EventRecorder

TRANSCRIPT = Path(__file__).parent / "data" / "lesson" / "transcript.json"


class Server:
    """The Events that were posted, for one object of one component unless told otherwise."""

    def __init__(self):
        self.recorder = EventRecorder()
        self.events = []
        self.dropped = 0

    def say(self, now, message, *, reason="Scaled", source="here", uid="1"):
        """Record an Event; keep what the API server gets."""
        web = SimpleNamespace(kind="Deployment", name="web", uid=uid)
        event, is_new = self.recorder.record(now, "Normal", reason, message, web, source)
        if event is None:
            self.dropped += 1
        elif is_new:
            self.events.append(event)
        else:
            assert event in self.events

    def shown(self):
        """Return count and message of each."""
        return [(event.count, event.message) for event in self.events]


def test_repeated():
    """The same Event again raises the count and the time of the one there is."""
    server = Server()
    for now in (1.0, 3.0, 7.0):
        server.say(now, "one")
    (event,) = server.events
    assert (event.count, event.first_at, event.last_at, event.message) == (3, 1.0, 7.0, "one")


def test_combined():
    """The tenth different message and all that follow become one Event with the latest text."""
    server = Server()
    for now in range(13):
        server.say(float(now), f"to {now}")
    assert server.shown() == [
        *((1, f"to {now}") for now in range(9)),
        (4, f"{COMBINED}to 12"),
    ]
    assert (server.events[-1].first_at, server.events[-1].last_at) == (9.0, 12.0)


def test_known_message_is_not_combined():
    """A message that is among the first nine still counts as itself."""
    server = Server()
    for number in (*range(12), 3):
        server.say(0.0, f"to {number}")
    assert server.shown()[3] == (2, "to 3")


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        pytest.param(600.0, (1, f"{COMBINED}late"), id="ten minutes after the last one: combined"),
        pytest.param(601.0, (1, "late"), id="later: on its own"),
    ],
)
def test_similar_only_within_ten_minutes(pause, expected):
    """Similar Events are forgotten ten minutes after the last one."""
    server = Server()
    for number in range(9):
        server.say(0.0, f"to {number}")
    server.say(pause, "late")
    assert server.shown()[-1] == expected


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"reason": "Else"}, id="another reason"),
        pytest.param({"uid": "2"}, id="another object, though of the same name"),
        pytest.param({"source": "there"}, id="another component"),
    ],
)
def test_not_similar(other):
    """Only Events of one component, about one object, for one reason are combined."""
    server = Server()
    for number in range(9):
        server.say(0.0, f"to {number}")
    server.say(0.0, "tenth", **other)
    assert server.shown()[-1] == (1, "tenth")


def test_spam():
    """After 25 at once about one object, whatever the reason, there is one more each 300 s."""
    server = Server()
    for number in range(30):
        server.say(0.0, "same", reason=f"reason {number}")
    assert (len(server.events), server.dropped) == (25, 5)
    for now in (299.0, 300.0, 301.0, 600.0):
        server.say(now, "same", reason=f"at {now}")
    assert [event.reason for event in server.events[25:]] == ["at 300.0", "at 600.0"]


def test_spam_of_one_object_alone():
    """Another object, and another component, still have their 25."""
    server = Server()
    for number in range(30):
        for other in ({}, {"uid": "2"}, {"source": "there"}):
            server.say(0.0, "same", reason=f"reason {number}", **other)
    assert (len(server.events), server.dropped) == (75, 15)


def test_dropped_events_count_in_the_next():
    """A dropped Event changes nothing there is, but counts once one like it gets through."""
    server = Server()
    for _ in range(28):
        server.say(0.0, "same")
    server.say(1.0, "never seen", reason="Else")
    (event,) = server.events
    assert (event.count, event.last_at) == (25, 0.0)
    server.say(300.0, "same")
    assert (event.count, event.last_at) == (29, 300.0)
    server.say(600.0, "never seen", reason="Else")
    late = server.events[1]
    assert (late.count, late.first_at, late.last_at) == (2, 1.0, 600.0)


# ----------------------------------------------------------------------------- against a real one

ROW = re.compile(
    r"^  Normal +ScalingReplicaSet +(?P<age>\d+)s(?: \(x(?P<count>\d+) over (?P<first>\d+)s\))? +"
    r"deployment-controller +(?P<message>.*)$",
    re.MULTILINE,
)


def described():
    """Return time, rows of Events and sizes of ReplicaSets of each ``kubectl describe``."""
    for part in json.loads(TRANSCRIPT.read_text(encoding="utf-8"))["parts"]:
        for command in part["commands"]:
            rows = [row.groupdict() for row in ROW.finditer(command["stdout"])]
            if rows:
                yield pytest.param(command["t"], rows, part["rs_spec"], id=command["command"])


@pytest.mark.parametrize(("at", "rows", "sizes"), list(described()))
def test_describe(at, rows, sizes):
    """The Events of a real Deployment, from the sizes that its ReplicaSets went through."""
    names = list(dict.fromkeys(re.search(r"set (\S+) from", row["message"])[1] for row in rows))
    versions = list(dict.fromkeys(version for _, now in sizes for version in now))
    name_of = dict(zip(versions, names, strict=False))
    server = Server()
    before = {}
    for t, now in sizes:
        for version, size in now.items():
            was = before.get(version, 0)
            if t <= at and size != was:
                verb = "up" if size > was else "down"
                server.say(t, f"Scaled {verb} replica set {name_of[version]} from {was} to {size}")
        before = now
    assert server.shown() == [(int(row["count"] or 1), row["message"]) for row in rows]
    # API times are whole seconds, so that an age may show a second more.
    ages = [(at - event.last_at, at - event.first_at) for event in server.events]
    shown = [(int(row["age"]), int(row["first"] or row["age"])) for row in rows]
    assert shown == [pytest.approx(pair, abs=1.0) for pair in ages]
