"""What a recording says becomes the images, nodes and frames of a simulation."""

import random

import pandas as pd
import pytest

from rollnb import recording
from rollnb.node import Node
from rollnb.spec import Image, draw

RNG = random.Random(0)


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        pytest.param({}, {}, id="what is not said takes no time"),
        pytest.param(
            {"pull": 1, "start": 2, "ready": 3, "stop": 4},
            {"pull_seconds": 1, "start_seconds": 2, "ready_seconds": 3, "stop_seconds": 4},
            id="durations",
        ),
        pytest.param({"never_ready": True}, {"becomes_ready": False}, id="never ready"),
        pytest.param({"ignore_term": True}, {"ignores_sigterm": True}, id="deaf"),
        pytest.param(
            {"crash_after": 1.5, "crash_count": 2},
            {"crash_after_seconds": 1.5, "crash_count": 2},
            id="crashes",
        ),
        pytest.param(
            {"unready_after": 3, "unready_for": 4},
            {"unready_after_seconds": 3, "unready_for_seconds": 4},
            id="flaps",
        ),
        pytest.param({"pull_fail": 2}, {"pull_fails_after_seconds": 2}, id="a slow failure"),
        pytest.param(
            {"ready": 2, "by_ordinal": {"1": {"never_ready": True}}},
            {
                "ready_seconds": 2,
                "by_ordinal": {1: Image("web:v1", 0.0, 0.0, ready_seconds=2, becomes_ready=False)},
            },
            id="one pod of a StatefulSet",
        ),
    ],
)
def test_image(behaviour, expected):
    """Each word of a behaviour has its field in an image."""
    plain = {"pull_seconds": 0.0, "start_seconds": 0.0}
    assert recording.image("web:v1", behaviour) == Image("web:v1", **{**plain, **expected})


def make_recording(**fields):
    """Make a recording of a Deployment with two versions."""
    template = {"spec": {"containers": [{"name": "web", "image": "shop/web:v1"}]}}
    plain = {
        "kind": "Deployment",
        "manifests": [{"spec": {"template": template}}],
        "settings": {},
        "actions": [],
        "initial": [],
        "behaviours": {"v1": {}, "v2": {}},
        "versions": {"v1": {"hash": "abc", "image": "v1"}, "v2": {"hash": "def", "image": "v2"}},
    }
    return {**plain, **fields}


def draw_pods(image, number):
    """Draw the durations of so many pods as the kubelet does: all of one pod, then the next."""
    fields = ("ready_seconds", "stop_seconds")
    return [tuple(draw(getattr(image, f), RNG) for f in fields) for _ in range(number)]


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        pytest.param(
            ["web-def-aaaaa", "web-abc-bbbbb", "web-def-ccccc"],
            ([(2.0, 1.0), (1.0, 1.0)], [(2.1, 0), (2.3, 0), (2.0, 0)]),
            id="the hash in its name tells a pod's version",
        ),
        pytest.param(
            ["web-2", "web-1", "web-0"],
            ([(2.0, 1.0), (1.0, 1.0)], [(2.1, 0), (2.3, 0), (2.0, 0)]),
            id="or the fields that were drawn",
        ),
    ],
)
def test_draws(pods, expected):
    """The k-th pod of a version gets the k-th drawn values; further ones get nothing added."""
    values = [{"ready": 0.1}, {"ready": 1.0, "stop": 0.0}, {"ready": 0.3}]
    recorded = make_recording(
        behaviours={
            "v1": {"ready": 1.0, "stop": 1.0, "jitter": {"ready": ["uniform"], "stop": []}},
            "v2": {"ready": 2.0, "jitter": {"ready": ["uniform", 0, 1]}},
        },
        drawn=dict(zip(pods, values, strict=True)),
    )
    draws = recording.Draws(recorded)
    by_tag = recording.images(recorded, draws)
    assert draw_pods(by_tag["v2"], 2) == [(2.0, 0), (2.0, 0)]  # nothing before t = 0
    draws.in_force = True
    assert (draw_pods(by_tag["v1"], 2), draw_pods(by_tag["v2"], 3)) == expected


def test_images():
    """Every version that is named anywhere has an image; what has no behaviour takes no time."""
    recorded = make_recording(
        settings={"pre": ["v0", "v1"]},
        behaviours={"v1": {"start": 1.0}, "v2": {}},
        actions=[{"t": 0, "do": "set_image", "tag": "v3"}, {"t": 1, "do": "undo"}],
    )
    names = {tag: (i.name, i.start_seconds) for tag, i in recording.images(recorded).items()}
    assert names == {
        "v1": ("shop/web:v1", 1.0),
        "v0": ("shop/web:v0", 0.0),
        "v2": ("shop/web:v2", 0.0),
        "v3": ("shop/web:v3", 0.0),
    }


@pytest.mark.parametrize(
    ("kind", "pool", "expected"),
    [
        pytest.param("Deployment", "main", 10, id="ten large nodes"),
        pytest.param("Deployment", "small", 2, id="two nodes that can be full"),
        pytest.param("DaemonSet", "ds", 3, id="one node for each pod of a DaemonSet"),
        pytest.param("DaemonSet", "main", 3, id="in any pool"),
    ],
)
def test_nodes(kind, pool, expected):
    """The nodes are those of the workload's pool, with their labels."""
    spec = {"containers": [], "nodeSelector": {"pool": pool}}
    initial = [{"kind": "Pod", "node": f"{pool}-{i % 2 + 1}"} for i in range(2)]
    initial += [{"kind": "Pod", "node": f"{pool}-10"}] if kind == "DaemonSet" else []
    recorded = make_recording(
        kind=kind, initial=initial, manifests=[{"spec": {"template": {"spec": spec}}}]
    )
    nodes = recording.nodes(recorded)
    names = [f"{pool}-{i}" for i in ([1, 2, 10] if kind == "DaemonSet" else range(1, 11))]
    assert nodes == [
        Node(name, cpu=4.0 if pool == "small" else 64.0,
             labels={"pool": pool, "kubernetes.io/hostname": name})
        for name in names[:expected]
    ]  # fmt: skip


def test_timeline():
    """A recorded curve has the columns and the index of a run's timeline."""
    columns = ["t", "pods", "terminating", "ready", "available", "v1"]
    recorded = make_recording(
        curve={"columns": columns, "rows": [[None, 3, 0, 3, 3, 3], [1.5, 3, 1, 2, 2, 2]]}
    )
    assert recording.curve(recorded)["v1"].tolist() == [3, 2]
    pd.testing.assert_frame_equal(
        recording.timeline(recorded),
        pd.DataFrame(
            {
                "pods": [3, 3],
                "ready_replicas": [3, 2],
                "available_replicas": [3, 2],
                "terminating_replicas": [0, 1],
                "endpoints": [3, 2],
            },
            index=pd.Index([0.0, 1.5], name="time"),
        ),
    )
