"""What can be reckoned by hand about a rollout comes out exactly.

The table of the lesson's own ten workers is in `test_timeline`; here are the rules behind it.
"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollnb.cluster import ControlPlane
from rollnb.run import simulate
from rollnb.scenarios import IMAGES, update, worker
from rollnb.spec import Deployment, Image, resolve_fenceposts

GRACE_SECONDS = 30


@given(
    replicas=st.integers(1, 20),
    surge=st.integers(0, 8),
    unavailable=st.integers(0, 8),
    min_ready_seconds=st.integers(0, 15),
    start_seconds=st.integers(1, 5),
)
def test_duration(replicas, surge, unavailable, min_ready_seconds, start_seconds):
    """Pods that all start alike come in steps of surge + unavailable.

    Without the clients' rate limit, that is: from about twelve pods on it adds some hundredths.

    T = ceil(R / (S + U)) x (start + minReadySeconds); the last old process, deaf to SIGTERM, is
    killed a grace period after it was asked to go: at T, or a step earlier where the last step
    needs no room to be made (what is unavailable goes first).
    """
    if surge + unavailable == 0:
        surge = 1
    step = start_seconds + min_ready_seconds
    duration = math.ceil(replicas / (surge + unavailable)) * step
    old, new = (
        Image(f"web:v{i}", pull_seconds=0, start_seconds=start_seconds, ignores_sigterm=True)
        for i in (1, 2)
    )
    found = simulate(
        Deployment(
            "web",
            replicas=replicas,
            image="web:v1",
            max_surge=surge,
            max_unavailable=unavailable,
            min_ready_seconds=min_ready_seconds,
            termination_grace_period_seconds=GRACE_SECONDS,
        ),
        [(0.0, "kubectl set image deploy web web=web:v2")],
        images=[old, new],
        until=duration + GRACE_SECONDS + 1.0,
        control_plane=ControlPlane(requests_per_second=math.inf),
    ).summary
    surge, unavailable = resolve_fenceposts(surge, unavailable, replicas)
    assert found.duration_seconds == pytest.approx(duration)
    assert found.old_gone_seconds in (
        pytest.approx(duration + GRACE_SECONDS),
        pytest.approx(duration - step + GRACE_SECONDS),
    )
    assert found.least_available == max(replicas - unavailable, 0)
    assert found.most_replicas <= replicas + surge


@pytest.mark.parametrize(
    ("fields", "alive", "pods"),
    [
        pytest.param({"max_surge": 1, "max_unavailable": 1}, (9, 2), 12, id="1 up, 1 down"),
        pytest.param({}, (8, 5), 15, id="25 %"),
    ],
)
def test_bad_image(fields, alive, pods):
    """A missing image: the old pods that were let go count for 30 s more, then nothing changes."""
    run = simulate(worker(**fields), [(0.0, update("v0.3"))], images=IMAGES, until=100.0)
    totals = run.by_revision.xs("pods", axis=1, level="count").sum(axis=1)
    terminating = run.timeline["terminating_replicas"]
    assert totals.to_dict() == {0.0: pods, 30.0: sum(alive)}
    assert terminating.to_dict() == {0.0: pods - sum(alive), 30.0: 0}
    assert run.timeline["available_replicas"].to_dict() == {0.0: alive[0], 30.0: alive[0]}
    assert run.by_revision.xs("pods", axis=1, level="count").iloc[-1].tolist() == list(alive)


def test_bill():
    """Extra pod-seconds: terminating pods, R x grace, and the surge, at most S x T."""
    summary = simulate(
        worker(max_surge=3, max_unavailable=0, min_ready_seconds=10),
        [(0.0, update("v0.2"))],
        images=IMAGES,
    ).summary
    assert 10 * GRACE_SECONDS < summary.extra_pod_seconds <= 10 * GRACE_SECONDS + 3 * 48
