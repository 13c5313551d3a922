"""Small stand-ins for what the StatefulSet and DaemonSet controllers look at, with defaults."""

from dataclasses import dataclass
from itertools import count
from types import SimpleNamespace

_numbers = count()


@dataclass(eq=False)
class FakePod:
    """One pod; by default bound, running, and ready for long enough."""

    group: str
    phase: str = "Running"
    ready: bool = True
    available: bool = True
    ready_at: float = -1000.0
    deleted_at: float | None = None
    created_at: float = -1000.0
    node: str | None = "node"
    ordinal: int | None = None
    name: str = ""

    def __post_init__(self):
        self.name = self.name or f"pod-{next(_numbers):04}"


def make_daemon_set(**fields):
    """Make the spec of a DaemonSet, also one that the API server would refuse."""
    defaults = {"strategy": "RollingUpdate", "max_surge": 0, "max_unavailable": 1}
    return SimpleNamespace(**(defaults | {"min_ready_seconds": 0} | fields))


def make_pod(group, state="available", **fields):
    """Make a pod in one of the states that the facts name."""
    shown = {
        "available": {},
        "running_not_ready": {"ready": False, "available": False},
        "pending": {"phase": "Pending", "ready": False, "available": False},
        "failed": {"phase": "Failed", "ready": False, "available": False},
        "succeeded": {"phase": "Succeeded", "ready": False, "available": False},
        "terminating": {"available": False, "deleted_at": 0.0},
    }[state]
    return FakePod(group, **(shown | fields))
