"""The checks of the cases are read as their README says."""

from types import SimpleNamespace

import playing
import pytest


def make_pod(name="web-1", image="web:v1", *, ready=True, phase="Running", deleted=False):
    """Make a pod as the API shows it."""
    metadata = {"name": name, **({"deletionTimestamp": "now"} if deleted else {})}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "metadata": metadata,
        "spec": {"containers": [{"image": image}]},
        "status": {"phase": phase, "conditions": conditions},
    }


OBJECTS = {
    "Pod": [
        make_pod("a"),
        make_pod("b", deleted=True),
        make_pod("c", "web:v2", ready=False, phase="Pending"),
        make_pod("d", "web:v2"),
    ],
    "ReplicaSet": [
        {"spec": {"replicas": 3, "template": make_pod(image="web:v1")}},
        {"spec": {"replicas": 2, "template": make_pod(image="web:v1")}},
        {"spec": {"replicas": 4, "template": make_pod(image="web:v2")}},
    ],
    "EndpointSlice": [
        {
            "endpoints": [
                {"conditions": {"ready": True, "serving": True, "terminating": False}},
                {"conditions": {"ready": False, "serving": True, "terminating": True}},
            ]
        },
        {"endpoints": None},
    ],
}


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("pods", 4),
        ("pods:v1", 2),
        ("pods:d", 1),
        ("alive", 3),
        ("alive:v2", 2),
        ("terminating", 1),
        ("terminating:v2", 0),
        ("ready", 2),
        ("ready:v2", 1),
        ("pending:v2", 1),
        ("rs:v1", 5),
        ("rs:v3", 0),
        ("replicasets", 3),
        ("endpoints", 2),
        ("ep_ready", 1),
        ("ep_serving", 2),
        ("ep_terminating", 1),
    ],
)
def test_count(metric, expected):
    """Every metric counts what its name says, of all pods or of one image or name."""
    assert playing.count(metric, OBJECTS.__getitem__) == expected


def make_play(**curves):
    """Make a play of 10 s with curves given as ``[(t, value), ...]``."""
    play = SimpleNamespace(duration=10.0, curves={}, outputs=[], fields={})
    for name, rows in curves.items():
        play.curves[name] = playing.Curve()
        for t, value in rows:
            play.curves[name].add(t, value)
    return play


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        ({"check": "count", "at": 1.5, "equals": 4}, None),
        ({"check": "count", "at": 2, "equals": 2}, None),
        ({"check": "count", "at": 1, "at_least": 5, "at_most": 9}, "is 4"),
        ({"check": "final", "equals": 3}, None),
        ({"check": "max", "equals": 4}, None),
        ({"check": "min", "equals": 2}, None),
        ({"check": "min", "from": 3, "equals": 2}, None),
        ({"check": "min", "from": 4, "equals": 3}, None),
        ({"check": "max", "from": 2, "to": 3, "at_most": 3}, None),
        ({"check": "max", "to": 0.5, "equals": 4}, "is 3"),
    ],
)
def test_checks_of_counts(check, fault):
    """A count holds until the next; of several values at one instant the last one counts."""
    play = make_play(alive=[(0, 3), (1, 9), (1, 4), (2, 2), (4, 3)])
    assert playing.find_fault({"of": "alive", **check}, play) == fault


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("spec.containers[0].image", "web:v1"),
        ("spec.containers[1].image", None),
        ("status.phase", "Running"),
        ("status.nothing.at.all", None),
    ],
)
def test_read_field(path, expected):
    """A path leads through keys and indices; what is absent is None."""
    check = {"kind": "Pod", "name": "a", "path": path}
    assert playing.read_field(OBJECTS["Pod"], check) == expected


@pytest.mark.parametrize(
    ("value", "expected", "same"),
    [
        (None, 0, True),
        (None, 1, False),
        (3, 3, True),
        (1, True, False),
        ({"app": "web"}, {"app": "web"}, True),
    ],
)
def test_is_equal(value, expected, same):
    """A field that is absent is zero; a number is no truth value."""
    assert playing.is_equal(value, expected) == same


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        ({"stdout": "done", "stderr": "", "exit": 0}, None),
        ({"stdout": "don"}, "stdout is 'done\\n'"),
        ({"stdout_contains": ["do", "ne"]}, None),
        ({"stdout_contains": "other"}, "'other' is not in stdout 'done\\n'"),
        ({"exit": 1}, "exit is 0 ('')"),
    ],
)
def test_checks_of_outputs(check, fault):
    """Whole texts but for newlines at their ends, parts of texts, and the exit code."""
    output = SimpleNamespace(stdout="done\n", stderr="", exit=0)
    assert playing.find_output_fault(check, output) == fault
