"""What the user asks for is checked where it is asked."""

import re
from math import inf as INF
from math import nan as NAN

import numpy as np
import pytest

from rollnb import Container, ControlPlane, Deployment, Image, Node, Normal, Probe, Uniform

DURATION = "must be a number of seconds from 0 on, or drawn as by Uniform(1, 2)"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda: Image("a", pull_seconds=-5),
            f"pull_seconds=-5 {DURATION}",
            id="negative duration",
        ),
        pytest.param(
            lambda: Image("a", stop_seconds="2"),
            f"stop_seconds='2' {DURATION}",
            id="duration as text",
        ),
        pytest.param(
            lambda: Image("a", pull_seconds=None),
            f"pull_seconds=None {DURATION}",
            id="no duration",
        ),
        pytest.param(
            lambda: Image("a", crash_count=-1),
            "crash_count=-1 must be a whole number from 0 on",
            id="negative count",
        ),
        pytest.param(
            lambda: Image("a", crash_count=1.5),
            "crash_count=1.5 must be a whole number from 0 on",
            id="half a crash",
        ),
        pytest.param(
            lambda: Image("a", becomes_ready="no"),
            "becomes_ready='no' must be True or False",
            id="no as text",
        ),
        pytest.param(
            lambda: Image("a", unready_for_seconds=3),
            "unready_for_seconds=3, unready_after_seconds=None: give both, and one above 0",
            id="unready for a time, but when",
        ),
        pytest.param(
            lambda: Image("a", unready_after_seconds=0, unready_for_seconds=0),
            "unready_for_seconds=0, unready_after_seconds=0: give both, and one above 0",
            id="ready and unready for no time",
        ),
        pytest.param(
            lambda: Image("a", by_ordinal={0: "b"}),
            "by_ordinal={0: 'b'} must be a mapping of int to Image",
            id="no image for an ordinal",
        ),
        pytest.param(
            lambda: Image("a", by_ordinal=["b"]),
            "by_ordinal=['b'] must be a mapping of int to Image",
            id="no ordinals",
        ),
        pytest.param(
            lambda: Image(""), "name='' must be an image's name, as in the manifest", id="no name"
        ),
        pytest.param(
            lambda: Image(5), "name=5 must be an image's name, as in the manifest", id="a number"
        ),
        pytest.param(
            lambda: Node("n", cpu=-1), "cpu=-1 must be a number of cores from 0 on", id="cores"
        ),
        pytest.param(
            lambda: Node("n", cpu="500m"),
            "cpu='500m' must be a number of cores from 0 on",
            id="a manifest's amount",
        ),
        pytest.param(
            lambda: Node("n", memory=NAN),
            "memory=nan must be a number of bytes from 0 on",
            id="memory that is no number",
        ),
        pytest.param(
            lambda: Node("n", pods=1.5), "pods=1.5 must be a whole number from 0 on", id="pods"
        ),
        pytest.param(lambda: Node(""), "name='' must be a node's name", id="no node"),
        pytest.param(
            lambda: Node("n", labels=None),
            "labels=None must be a mapping of str to str",
            id="a node's labels",
        ),
        pytest.param(
            lambda: Uniform(5, 1),
            "high=1 must be a number of seconds from 5 on",
            id="ends of a range that are the wrong way round",
        ),
        pytest.param(
            lambda: Uniform(1, INF), "high=inf must be finite", id="a range without an end"
        ),
        pytest.param(
            lambda: Normal(1, -1),
            "deviation=-1 must be a number of seconds from 0 on",
            id="negative deviation",
        ),
        pytest.param(
            lambda: Normal(NAN, 1),
            "mean=nan must be a number of seconds from 0 on",
            id="mean that is no number",
        ),
        pytest.param(
            lambda: Container("a", "b", cpu=-1),
            "cpu=-1 must be a number of cores from 0 on",
            id="container",
        ),
        pytest.param(
            lambda: Container("a", "b", host_ports=80),
            "host_ports=80 must be a list of int values",
            id="one port",
        ),
        pytest.param(
            lambda: Container("a", 5), "image=5 must be a text", id="a container's image"
        ),
        pytest.param(
            lambda: Probe(period_seconds=-3),
            "period_seconds=-3 must be a whole number of seconds from 0 on",
            id="a probe's period",
        ),
        pytest.param(
            lambda: Probe(failure_threshold="x"),
            "failure_threshold='x' must be a whole number from 0 on",
            id="a probe's threshold",
        ),
        pytest.param(
            lambda: Probe(termination_grace_period_seconds=0),
            "termination_grace_period_seconds=0 must be a whole number of seconds from 1 on",
            id="a probe's grace period",
        ),
        pytest.param(
            lambda: Container("a", "b", liveness_probe=5),
            "liveness_probe=5 must be a Probe",
            id="a container's probe",
        ),
        pytest.param(
            lambda: Deployment("web", image="a", readiness_probe=5),
            "readiness_probe=5 must be a Probe",
            id="a workload's probe",
        ),
        pytest.param(
            lambda: Deployment(5, image="a"), "name=5 must be a text", id="a workload's name"
        ),
        pytest.param(
            lambda: Deployment("web", containers="a"),
            "containers='a' must be a list, such as [Container('a')]",
            id="a workload's containers",
        ),
        pytest.param(
            lambda: Deployment("web", image="a", labels={"app": 5}),
            "labels={'app': 5} must be a mapping of str to str",
            id="a workload's labels",
        ),
        pytest.param(
            lambda: Deployment("web", image="a", memory="1Gi"),
            "memory='1Gi' must be a number of bytes from 0 on",
            id="a workload's memory",
        ),
        pytest.param(
            lambda: Deployment("web", image="a", pre_stop_seconds="x"),
            "pre_stop_seconds='x' must be a number of seconds from 0 on",
            id="a workload's preStop",
        ),
        pytest.param(
            lambda: Deployment("web", image="a", paused="no"),
            "paused='no' must be True or False",
            id="not paused, as text",
        ),
        pytest.param(
            lambda: ControlPlane(requests_per_second=0),
            "requests_per_second=0 must be a number above 0",
            id="no requests at all",
        ),
        pytest.param(
            lambda: ControlPlane(burst=1.5),
            "burst=1.5 must be a whole number above 0",
            id="half a request",
        ),
        pytest.param(
            lambda: ControlPlane(turn_seconds=-1),
            "turn_seconds=-1 must be a number of seconds from 0 on",
            id="a control plane ahead of time",
        ),
    ],
)
def test_bad_values(make, message):
    """A value that makes no sense is named, with what is allowed."""
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        make()
    assert str(caught.value) == message


def test_no_limit():
    """Where nothing has to end, infinity is a number."""
    assert ControlPlane(requests_per_second=INF).requests_per_second == INF
    assert Node("n").pods == INF


TWO = np.int64(2)


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        pytest.param(Image("a", pull_seconds=TWO), "pull_seconds", id="duration"),
        pytest.param(Image("a", crash_count=TWO), "crash_count", id="count"),
        pytest.param(Uniform(TWO, 3), "low", id="drawn duration"),
        pytest.param(Probe(period_seconds=TWO), "period_seconds", id="probe"),
        pytest.param(Container("a", "b", memory=TWO), "memory", id="container"),
        pytest.param(Deployment("web", replicas=TWO), "replicas", id="workload"),
        pytest.param(
            Deployment("web", max_surge=TWO), "max_surge", id="where a percentage may be"
        ),
        pytest.param(Deployment("web", cpu=TWO), "cpu", id="workload's container"),
        pytest.param(Node("n", pods=TWO), "pods", id="node"),
    ],
)
def test_numpy_numbers(thing, field):
    """A number of numpy's is a number, and is kept as Python's own, which JSON knows."""
    assert (type(getattr(thing, field)), getattr(thing, field)) == (int, 2)


def test_ordinals_of_numpy():
    """The ordinals of pods that behave otherwise may come from an array."""
    assert Image("a", by_ordinal={TWO: Image("b")}).by_ordinal[2] == Image("b")
