"""What the user asks for is checked where it is asked."""

import re
from math import inf as INF
from math import nan as NAN

import numpy as np
import pytest

from rollnb import Container, ControlPlane, Deployment, Image, Node, Normal, Uniform


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda: Image("a", pull_seconds=-5),
            "pull_seconds=-5 must be a number of seconds from 0 on",
            id="negative duration",
        ),
        pytest.param(
            lambda: Image("a", stop_seconds="2"),
            "stop_seconds='2' must be seconds, or drawn as by Uniform(1, 2)",
            id="duration as text",
        ),
        pytest.param(
            lambda: Image("a", pull_seconds=None),
            "pull_seconds=None must be seconds, or drawn as by Uniform(1, 2)",
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
            "by_ordinal has 'b', which is no Image: write Image('b')",
            id="no image for an ordinal",
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


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Image("a", pull_seconds=np.float64(1)), id="duration"),
        pytest.param(lambda: Node("n", pods=np.int64(3), cpu=np.float64(2)), id="node"),
        pytest.param(lambda: ControlPlane(requests_per_second=INF), id="no limit"),
    ],
)
def test_good_values(make):
    """Numbers of numpy are numbers, and where nothing has to end, infinity is one."""
    assert make()
