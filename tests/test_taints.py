"""What pods tolerate without being asked, and how long they may stay on a tainted node."""

import math

import pytest

from rollnb.cluster.taints import (
    DAEMON_TOLERATIONS,
    add_daemon_tolerations,
    add_default_tolerations,
    seconds_until_eviction,
)
from rollnb.node import Taint, Toleration

NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
GPU = Toleration("gpu", "Exists")


def lost(key, seconds=300):
    """Tolerate that a node is lost, for so long."""
    return Toleration(key, "Exists", effect="NoExecute", toleration_seconds=seconds)


@pytest.mark.parametrize(
    ("given", "added"),
    [
        pytest.param((), (lost(NOT_READY), lost(UNREACHABLE)), id="five minutes"),
        pytest.param((GPU,), (lost(NOT_READY), lost(UNREACHABLE)), id="besides others"),
        pytest.param((lost(NOT_READY, 5),), (lost(UNREACHABLE),), id="unless it says itself"),
        pytest.param((Toleration(UNREACHABLE),), (lost(NOT_READY),), id="in whatever way"),
        pytest.param(
            (Toleration(NOT_READY, "Exists", effect="NoSchedule"),),
            (lost(NOT_READY), lost(UNREACHABLE)),
            id="but about this effect",
        ),
        pytest.param((Toleration(operator="Exists"),), (), id="or tolerates all"),
        pytest.param(DAEMON_TOLERATIONS, (), id="as daemon pods do"),
    ],
)
def test_default_tolerations(given, added):
    """A pod stays for a while on a node that is lost."""
    assert add_default_tolerations(given) == (*given, *added)


def test_daemon_tolerations():
    """Daemon pods stay on a lost node for ever, and run on one that is cordoned or pressed."""
    given = (lost(UNREACHABLE, 5), GPU)
    found = [
        (t.key.removeprefix("node.kubernetes.io/"), t.effect, t.toleration_seconds)
        for t in add_daemon_tolerations(given)
    ]
    assert found == [
        ("unreachable", "NoExecute", None),
        ("gpu", "", None),
        ("not-ready", "NoExecute", None),
        ("disk-pressure", "NoSchedule", None),
        ("memory-pressure", "NoSchedule", None),
        ("pid-pressure", "NoSchedule", None),
        ("unschedulable", "NoSchedule", None),
    ]


A, B = Taint("a", "NoExecute"), Taint("b", "NoExecute")


@pytest.mark.parametrize(
    ("taints", "tolerations", "expected"),
    [
        pytest.param([], [], math.inf, id="no taint"),
        pytest.param([Taint("a", "NoSchedule")], [], math.inf, id="one for new pods only"),
        pytest.param([A], [], 0, id="not tolerated"),
        pytest.param([A], [lost("a", None)], math.inf, id="tolerated"),
        pytest.param([A], [lost("a", 7)], 7, id="for a while"),
        pytest.param([A], [lost("a", -7)], 0, id="for less than no time"),
        pytest.param([A, B], [lost("a", 7)], 0, id="all have to be tolerated"),
        pytest.param([A, B], [lost("a", 7), lost("b", 3)], 3, id="the shortest counts"),
        pytest.param([A], [lost("", 9), lost("a", 3)], 9, id="the first that fits is used"),
    ],
)
def test_seconds_until_eviction(taints, tolerations, expected):
    """A pod stays until its time is up that it tolerates all NoExecute taints."""
    assert seconds_until_eviction(taints, tuple(tolerations)) == expected
