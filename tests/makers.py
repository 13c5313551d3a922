"""Small stand-ins for what the Deployment and ReplicaSet controllers look at, with defaults."""

from datetime import datetime
from itertools import count
from types import SimpleNamespace

from rollnb.cluster.objects import Condition, Pod, ReplicaSet
from rollnb.spec import Container, PodTemplate

_numbers = count()


def make_spec(replicas=10, max_surge=1, max_unavailable=1, strategy="RollingUpdate", **fields):
    """Make the spec of a Deployment, also one that the API server would refuse."""
    fields = {
        "name": "web",
        "progress_deadline_seconds": 600,
        "revision_history_limit": 10,
        "paused": False,
    } | fields
    return SimpleNamespace(
        replicas=replicas,
        max_surge=max_surge,
        max_unavailable=max_unavailable,
        strategy=strategy,
        **fields,
    )


class FakeReplicaSet(ReplicaSet):
    """A ReplicaSet that takes any attribute, such as the time of its deletion."""


def make_rs(replicas=0, available=0, name=None, created_at=0.0, labels=None, **fields):
    """Make a ReplicaSet of so many pods, of which so many are available; others by name."""
    number = next(_numbers)
    template = PodTemplate((Container("web", "web:1"),), labels=labels or {})
    rs = FakeReplicaSet(
        number,
        name or f"rs-{number}",
        None,
        template,
        {},
        fields.pop("template_hash", ""),
        created_at,
        f"uid-{number}",
        replicas=replicas,
    )
    fields = {"status_replicas": replicas, "status_available": available} | fields
    fields.setdefault("status_ready", fields["status_available"])
    for field, value in fields.items():
        setattr(rs, field, value)
    return rs


class FakePod(Pod):
    """A pod that takes any attribute, such as sidecars."""


def make_pod(
    rs=None,
    *,
    phase="Running",
    ready=True,
    ready_at=None,
    restarts=0,
    sidecar_restarts=0,
    **fields,
):
    """Make a pod of a ReplicaSet; others by attribute."""
    number = next(_numbers)
    pod = FakePod(number, f"pod-{number}", rs or make_rs(), 0.0, "")
    pod.phase, pod.ready, pod.ready_at = phase, ready, ready_at
    pod.containers[0].restarts = restarts
    pod.sidecars = (SimpleNamespace(restarts=sidecar_restarts),)
    for field, value in fields.items():
        setattr(pod, field, value)
    return pod


def make_condition(type="Progressing", status="True", reason="", since=0.0, **fields):
    """Make a condition, last updated and changed at `since`; others by attribute."""
    condition = Condition(type, status, reason, "", since)
    for field, value in fields.items():
        setattr(condition, field, value)
    return condition


def describe(conditions):
    """Return conditions as the facts write them, without those texts and times left empty."""
    return [
        {
            key: getattr(condition, key)
            for key in ("type", "status", "reason", "message")
            if getattr(condition, key)
        }
        for condition in conditions
    ]


def seconds_between(start, end):
    """Return the seconds between two times such as ``2017-02-15T18:49:00.000000001Z``, exactly."""
    (start, nanos), (end, more) = _split(start), _split(end)
    return (end - start).total_seconds() + (more - nanos) / 1e9


def _split(time):
    whole, _, fraction = time.removesuffix("Z").partition(".")
    return datetime.fromisoformat(whole), int(fraction.ljust(9, "0")[:9] or 0)
