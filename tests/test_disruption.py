"""What a PodDisruptionBudget allows, as numbers: tables after ``disruption_test.go``."""

import pytest

from rollnb.cluster.disruption import (
    Covered,
    DisruptionStatus,
    EvictionRefused,
    Owner,
    calculate_status,
    check_eviction,
)

BEFORE = DisruptionStatus(3, 2, 3, 1)


def covered(pods=10, healthy=10, scales=(10,)):
    """Return pods of as many Deployments as there are scales."""
    owners = [Owner("Deployment", str(i), scale, "web-x") for i, scale in enumerate(scales)]
    return Covered(pods, healthy, owners)


def status(spec, pods=None, last=BEFORE):
    """Return a budget's status as its four numbers and a problem."""
    return tuple(calculate_status(spec, covered() if pods is None else pods, last))


@pytest.mark.parametrize(
    ("spec", "pods", "expected"),
    [
        pytest.param({"minAvailable": 7}, covered(), (10, 7, 10, 3), id="a count as it is"),
        pytest.param(
            {"minAvailable": 7},
            covered(12, scales=()),
            (12, 7, 10, 3),
            id="a count asks no controller, but counts pods",
        ),
        pytest.param({"minAvailable": 11}, covered(), (10, 11, 10, 0), id="more than there are"),
        pytest.param(
            {"minAvailable": "50%"}, covered(scales=[7]), (7, 4, 10, 6), id="3.5 available are 4"
        ),
        pytest.param(
            {"maxUnavailable": "50%"}, covered(scales=[7]), (7, 3, 10, 7), id="3.5 missing are 4"
        ),
        pytest.param(
            {"maxUnavailable": 3},
            covered(13, 8),
            (10, 7, 8, 1),
            id="surge pods count when they are healthy only",
        ),
        pytest.param({"maxUnavailable": 12}, covered(), (10, 0, 10, 10), id="never below none"),
        pytest.param(
            {"maxUnavailable": 1},
            covered(scales=[6, 4]),
            (10, 9, 10, 1),
            id="two controllers add up",
        ),
        pytest.param({"minAvailable": 0}, Covered(), (0, 0, 0, 0), id="no pods, no disruption"),
        pytest.param({}, covered(), (0, 0, 10, 0), id="neither limit allows nothing"),
    ],
)
def test_status(spec, pods, expected):
    """Healthy pods beyond those desired may be disrupted."""
    assert status(spec, pods) == (*expected, "")


def test_a_controller_counts_once():
    """The two ReplicaSets of a Deployment stand for one scale."""
    twice = [Owner("Deployment", "1", 10, "web-x")] * 2
    assert status({"maxUnavailable": 1}, Covered(11, 10, twice))[:2] == (10, 9)


@pytest.mark.parametrize(
    ("owner", "problem"),
    [
        (Owner("ReplicaSet", "1", None, "web-x"), 'found no controllers for pod "web-x"'),
        (
            Owner("DaemonSet", "1", None, "web-x"),
            "daemonsets.apps does not implement the scale subresource",
        ),
    ],
)
def test_failed(owner, problem):
    """Without a scale nothing is allowed, and the numbers are those of before."""
    pods = Covered(3, 3, [owner])
    assert status({"maxUnavailable": 1}, pods) == (3, 2, 3, 0, problem)
    assert status({"minAvailable": 2}, pods) == (3, 2, 3, 1, "")


FULL, NOTHING = DisruptionStatus(3, 3, 3, 0), DisruptionStatus(3, 0, 3, 0)
SHORT = DisruptionStatus(3, 3, 2, 0)
ALWAYS = {"unhealthyPodEvictionPolicy": "AlwaysAllow"}
REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
    "support."
)


@pytest.mark.parametrize(
    ("pod", "budgets", "refusal"),
    [
        pytest.param(("Running", True, False), [], None, id="no budget"),
        pytest.param(("Running", True, False), [({}, BEFORE)], None, id="allowed"),
        pytest.param(("Running", True, False), [({}, FULL)], (429, REFUSED), id="not allowed"),
        pytest.param(("Running", True, False), [(ALWAYS, FULL)], (429, REFUSED), id="healthy"),
        pytest.param(
            ("Running", True, False), [({}, BEFORE)] * 2, (500, SEVERAL), id="two budgets"
        ),
        pytest.param(("Pending", False, False), [({}, FULL)] * 2, None, id="has not started"),
        pytest.param(("Failed", False, False), [({}, FULL)], None, id="has ended"),
        pytest.param(("Running", True, True), [({}, FULL)], None, id="is going already"),
        pytest.param(("Running", False, False), [({}, FULL)], None, id="unhealthy beside enough"),
        pytest.param(
            ("Running", False, False), [({}, SHORT)], (429, REFUSED), id="unhealthy, too few"
        ),
        pytest.param(
            ("Running", False, False), [({}, NOTHING)], (429, REFUSED), id="none is desired"
        ),
        pytest.param(("Running", False, False), [(ALWAYS, SHORT)], None, id="always allowed"),
        pytest.param(
            ("Running", False, False),
            [({}, SHORT._replace(disruptions_allowed=1))],
            None,
            id="room",
        ),
    ],
)
def test_eviction(pod, budgets, refusal):
    """A healthy pod goes if its only budget has room; others may go without."""
    if refusal is None:
        check_eviction(*pod, budgets)
        return
    with pytest.raises(EvictionRefused) as refused:
        check_eviction(*pod, budgets)
    assert (refused.value.code, str(refused.value)) == refusal
