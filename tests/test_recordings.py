"""Rollouts recorded from a real control plane happen here as they did there.

`ROLLNB_RECORDINGS` names another folder of the same format. The limits are those of the reference
beside the recordings, `tests/compare.py`, and `rollnb.agreement` has to agree.
"""

import os
from functools import cache
from pathlib import Path

import compare as reference
import pytest

from rollnb import agreement, recording
from rollnb.replay import replay

FOLDER = Path(os.environ.get("ROLLNB_RECORDINGS") or Path(__file__).parent / "data" / "recordings")
RECORDINGS = {path.stem: recording.load(path) for path in sorted(FOLDER.glob("*.json"))}
KINDS = ("Deployment", "StatefulSet", "DaemonSet")


def of_kind(kind):
    """Make every recording of this kind of workload a test of its own."""
    names = [name for name, recorded in RECORDINGS.items() if recorded["kind"] == kind]
    return pytest.mark.parametrize("name", names)


@cache
def play(name):
    """Simulate a recording, once for all tests of it."""
    return replay(RECORDINGS[name])


def judge(name):
    """Return what the reference and our own measure find wrong.

    The reference looks at a table once. Ours also takes it as it was a little earlier or later:
    the phase of a container may change at the very second at which kubectl was called.
    """
    recorded, simulated = RECORDINGS[name], play(name)
    wanted = reference.compare(simulated.curve, recorded, **{**simulated.said, "outputs": None})
    ours = agreement.compare(simulated.curve, recorded, **simulated.said)
    return wanted.failures, ours.failures


@of_kind("Deployment")
def test_deployment_recording(name):
    """Sizes, counts, peaks, times, lines and tables are those of the recording."""
    assert judge(name) == ([], [])


@of_kind("StatefulSet")
def test_statefulset_recording(name):
    """Counts, peaks, times, lines and tables are those of the recording."""
    assert judge(name) == ([], [])


@of_kind("DaemonSet")
def test_daemonset_recording(name):
    """Counts, peaks, times, lines and tables are those of the recording."""
    assert judge(name) == ([], [])


@pytest.mark.parametrize(
    "name",
    [n for n, r in RECORDINGS.items() if r["kind"] == "StatefulSet" and r.get("events")],
)
def test_statefulset_order(name):
    """Pods are deleted and created in the order of their ordinals that was recorded."""
    recorded, simulated = RECORDINGS[name], play(name)
    seen = [e for e in recorded["events"] if e["kind"] == "Pod" and e["type"] != "DELETED"]
    steps, terminating = [], set()
    for event in seen:
        if event["type"] == "ADDED":
            steps.append(("created", event["name"]))
            terminating.discard(event["name"])
        elif event.get("deleting") and event["name"] not in terminating:
            steps.append(("deleted", event["name"]))
            terminating.add(event["name"])
    assert order_of_steps(simulated.cluster) == steps


def order_of_steps(cluster):
    """Return what happened to which pod from t = 0 on, in order."""
    steps = [
        (t, what, pod.name)
        for pod in cluster.pods
        for what, t in (("created", pod.created_at), ("deleted", pod.deleted_at))
        if t is not None and t >= 0
    ]
    return [(what, name) for _, what, name in sorted(steps)]


@pytest.mark.parametrize("name", list(RECORDINGS))
def test_rollout_history(name):
    """``kubectl rollout history`` prints at the end what the real one printed."""
    assert histories(play(name).outputs) == histories(RECORDINGS[name]["outputs"])


def histories(outputs):
    """Return the text of ``kubectl rollout history`` at each time; the first look counts."""
    asked = [o for o in outputs if o["command"].startswith("kubectl rollout history")]
    return {o["t"]: o["text"] for o in reversed(asked)}


def test_every_kind_is_played():
    """No recording is left out because its kind is unknown."""
    assert {recorded["kind"] for recorded in RECORDINGS.values()} <= set(KINDS)
