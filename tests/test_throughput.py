import math

import numpy as np
import pandas as pd
import pytest
from scripted import one_by_one, settled

from rollnb.cluster.log import Fact
from rollnb.throughput import (
    closed_queue,
    dockercoins,
    pulling,
    read_sleep_seconds,
    rng_latency,
    serving,
    webui,
)
from rollnb.timeline import by_revision, pods, timeline

SLEEPS = {1: 0.1, 2: 1.0}


def test_pulling_workers():
    """A worker that pulls counts while its process runs, terminating or not."""
    rates = pulling(timeline(one_by_one()), 2.0)
    assert rates.name == "hashes/s"
    assert rates.to_dict() == {0.0: 4, 2.0: 6, 4.0: 8, 32.0: 6, 34.0: 4}


def test_pods_behind_a_service():
    """A pod behind a Service counts while it is ready and not terminating, up to the demand."""
    frame = timeline(one_by_one())
    assert serving(frame, 50).to_dict() == {0.0: 100, 2.0: 100, 4.0: 100, 32.0: 100, 34.0: 100}
    assert serving(frame, 50, demand=80).unique().tolist() == [80]
    assert serving(frame, 50).name == "requests/s"


@pytest.mark.parametrize(
    ("v01", "v02", "rng", "expected"),
    [
        pytest.param(1, 0, 1, 3.3333, id="1 v0.1"),
        pytest.param(2, 0, 1, 6.6667, id="2 v0.1"),
        pytest.param(3, 0, 1, 10, id="3 v0.1 saturate one rng"),
        pytest.param(5, 0, 1, 10, id="5 v0.1"),
        pytest.param(10, 0, 1, 10, id="10 v0.1"),
        pytest.param(0, 10, 1, 8.3333, id="10 v0.2"),
        pytest.param(0, 9, 1, 7.5, id="9 v0.2: 10 % less"),
        pytest.param(0, 8, 1, 6.6667, id="8 v0.2"),
        pytest.param(10, 10, 1, 10, id="10 v0.1 and 10 v0.2"),
        pytest.param(10, 0, 2, 20, id="10 v0.1, 2 rng"),
        pytest.param(10, 0, 3, 30, id="10 v0.1, 3 rng"),
        pytest.param(10, 0, 4, 33.3333, id="10 v0.1, 4 rng: the workers are the limit"),
        pytest.param(10, 0, 5, 33.3333, id="10 v0.1, 5 rng"),
        pytest.param(0, 0, 1, 0, id="no worker"),
        pytest.param(10, 0, 0, 0, id="no rng"),
    ],
)
def test_closed_queue(v01, v02, rng, expected):
    """The throughput table of DockerCoins, within 0.1 %."""
    assert closed_queue([v01, v02], [0.1, 1.0], rng) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("v01", "v02", "rng", "expected"),
    [
        pytest.param(10, 0, 1, 0.8, id="10 v0.1 wait N s / c - Z"),
        pytest.param(10, 0, 2, 0.3, id="two rng halve the round"),
        pytest.param(2, 0, 1, 0.1, id="unsaturated: the service time"),
        pytest.param(0, 10, 1, 0.1, id="10 v0.2 do not saturate it"),
        pytest.param(0, 0, 1, 0.1, id="nobody asks"),
        pytest.param(1, 0, 0, math.inf, id="nobody answers"),
    ],
)
def test_rng_latency(v01, v02, rng, expected):
    """The latency of rng is what the formula of a saturated closed queue says."""
    assert rng_latency([v01, v02], [0.1, 1.0], rng) == pytest.approx(expected)


def test_latency_of_a_mix():
    """At the latency found, both versions together get exactly what rng can do."""
    latency = rng_latency([10, 10], [0.1, 1.0])
    assert 10 / (0.2 + latency) + 10 / (1.1 + latency) == pytest.approx(10)


def stuck():
    """Return 10 v0.2 workers of which one is replaced by a bad image, at once and for good."""
    cluster = settled(10)
    cluster.groups[0].image = "worker:v0.2"
    for pod in cluster.pods:
        pod.containers[0].spec.image = "worker:v0.2"
    bad = cluster.add_group(2, "worker:v0.3")
    cluster.note(0, Fact.UPDATED, bad)
    cluster.create(0, bad)
    cluster.create(0, bad)
    cluster.delete(0, cluster.pods[0])
    cluster.stop(1, cluster.pods[0])
    return cluster


class TestDockercoins:
    def test_ten_per_cent_slower(self):
        """With a bad image 9 of 10 workers are left: 7.5 of 8.33 hashes/s."""
        rates = dockercoins(by_revision(stuck()), {1: 1.0})
        assert rates.name == "hashes/s"
        assert rates.to_dict() == pytest.approx({0.0: 8.3333, 1.0: 7.5}, rel=1e-3)

    def test_mixed_versions(self):
        """While versions run side by side, each worker counts at its own pace."""
        rates = dockercoins(by_revision(one_by_one()), SLEEPS)
        slow, fast = 1 / 1.2, 1 / 0.3
        expected = {
            0.0: 2 * fast,
            2.0: 2 * fast + slow,
            4.0: 2 * fast + 2 * slow,
            32.0: fast + 2 * slow,
            34.0: 2 * slow,
        }
        assert rates.to_dict() == pytest.approx(expected)

    def test_rng_that_changes(self):
        """The number of rng servers may have a timeline of its own."""
        rng = pd.Series([1, 0, 2], pd.Index([0.0, 3.0, 5.0], name="time"))
        rates = dockercoins(by_revision(one_by_one()), SLEEPS, rng=rng)
        assert rates.index.tolist() == [0.0, 2.0, 3.0, 4.0, 5.0, 32.0, 34.0]
        assert rates[3.0] == 0
        assert rates[2.0] == rates[5.0] - 1 / 1.2 == pytest.approx(7.5)

    def test_unknown_version(self):
        """A version that runs must have its sleep; one that never runs need not."""
        with pytest.raises(ValueError, match="no entry for revision 2, whose workers run"):
            dockercoins(by_revision(one_by_one()), {1: 0.1})

    def test_read_sleep_seconds(self):
        """The tag of the image says what a worker sleeps; a bad image says nothing."""
        assert read_sleep_seconds(pods(one_by_one())) == {1: 0.1, 2: 1.0}
        assert read_sleep_seconds(pods(stuck())) == {1: 1.0}


def workers(number, revision=1, started_at=0.0, stopped_at=math.nan):
    """Return a table of so many workers."""
    return pd.DataFrame(
        {"revision": revision, "started_at": started_at, "stopped_at": stopped_at},
        index=range(number),
    )


class TestWebui:
    def test_bursts(self):
        """One v0.1 worker at a steady 3.33 hashes/s looks like 4, 4, 4, 4, 4, 0."""
        seen = webui(workers(1), SLEEPS, since=1, until=13)
        assert seen.to_dict() == dict(
            zip(map(float, range(2, 14)), [4, 4, 4, 4, 4, 0] * 2, strict=True)
        )

    def test_saturated(self):
        """Ten v0.1 workers and one rng show the 10 hashes/s of rng."""
        assert webui(workers(10), SLEEPS, since=5, until=20).unique().tolist() == [10]

    @pytest.mark.parametrize("number", [1, 3, 10])
    @pytest.mark.parametrize("revision", SLEEPS)
    def test_mean(self, number, revision):
        """Over a long time the bursts are the true rate."""
        seen = webui(workers(number, revision), SLEEPS, since=10, until=2010)
        sleeps = [SLEEPS[revision]]
        assert seen.mean() == pytest.approx(closed_queue([number], sleeps), rel=5e-3)

    def test_lost_units(self):
        """What a worker has not added when it is killed is lost; no unit counts twice."""
        seen = webui(workers(1, stopped_at=2.3), SLEEPS, until=10)
        assert seen.sum() == 4

    def test_no_workers(self):
        """Without workers the counter stands still."""
        assert webui(workers(0), SLEEPS, until=3).to_dict() == {1.0: 0, 2.0: 0, 3.0: 0}


def test_arrays():
    """The formulas take whole timelines at once."""
    rates = closed_queue(np.array([[1, 0], [0, 9]]), [0.1, 1.0])
    assert rates.tolist() == pytest.approx([3.3333, 7.5], rel=1e-3)
