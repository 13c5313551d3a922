"""Requests to a Service in front of a workload, with numbers that one can check by hand."""

import numpy as np
import pytest

from rollnb import DaemonSet, Deployment, Image, Node, StatefulSet, simulate
from rollnb.service import lost_by_pod, totals, traffic

QUICK = [Image("web:v1"), Image("web:v2")]

#: All old pods go at once.
NONE = {"max_surge": 0, "max_unavailable": "100%"}


def roll(images=QUICK, until=None, seconds=0.0, replicas=10, **fields):
    """Update pods one by one, none missing, unless told otherwise; a pod starts in 2 s."""
    pace = {"max_surge": 1, "max_unavailable": 0} | fields
    return simulate(
        Deployment("web", replicas=replicas, image="web:v1", **pace),
        [(seconds, "kubectl set image deployment web web=web:v2")],
        images=images,
        until=until,
    )


def deaf(image):
    """Make an image's process ignore SIGTERM."""
    return Image(image, ignores_sigterm=True)


@pytest.mark.parametrize(
    ("fields", "options", "lost"),
    [
        pytest.param({}, {}, 100, id="10 pods, 100 requests/s, 1 s: 10 for each of 10 pods"),
        pytest.param({}, {"propagation_seconds": 0.5}, 50, id="half the delay, half the loss"),
        pytest.param({}, {"propagation_seconds": 0}, 0, id="whoever hears at once loses nothing"),
        pytest.param({}, {"rate": 1000}, 1000, id="ten times the requests"),
        pytest.param({"replicas": 5}, {}, 100, id="5 pods: 20 for each of 5"),
        pytest.param({"pre_stop_seconds": 2}, {}, 0, id="preStop longer than the delay: none"),
        pytest.param({"pre_stop_seconds": 1}, {}, 0, id="preStop as long as the delay: none"),
        pytest.param({"pre_stop_seconds": 0.25}, {}, 75, id="preStop too short: the rest"),
        pytest.param(
            {"images": [Image("web:v1", stop_seconds=0.5), Image("web:v2")]},
            {},
            50,
            id="0.5 s to stop: half of each second",
        ),
        pytest.param({"images": [deaf("web:v1"), Image("web:v2")]}, {}, 0, id="deaf to SIGTERM"),
        pytest.param(
            {"images": [deaf("web:v1"), Image("web:v2")], "termination_grace_period_seconds": 1},
            {"propagation_seconds": 4},
            200,
            id="killed after 2 s, known after 4 s: 20 for each of 10 pods",
        ),
    ],
)
def test_lost_requests(fields, options, lost):
    """What is sent to a pod whose process has ended, before clients know, is lost."""
    assert totals(traffic(roll(**fields), **options))["lost"] == pytest.approx(lost)


def test_curve():
    """Every request is answered or lost; the first pod's loss is 10 requests/s for a second."""
    frame = traffic(roll(replicas=10))
    assert np.allclose(frame["answered"] + frame["lost"], 100)
    assert frame.loc[:5.0].to_dict("index") == {
        0.0: {"answered": 100, "lost": 0, "targets": 10, "dead": 0},
        2.0: {"answered": 90, "lost": 10, "targets": 10, "dead": 1},
        3.0: {"answered": 100, "lost": 0, "targets": 10, "dead": 0},
        4.0: {"answered": 90, "lost": 10, "targets": 10, "dead": 1},
        5.0: {"answered": 100, "lost": 0, "targets": 10, "dead": 0},
    }


def test_slower_than_the_grace_period():
    """Clients that hear later than the grace period lasts lose requests even of the deaf."""
    run = roll(images=[deaf("web:v1"), Image("web:v2")])
    assert totals(traffic(run, propagation_seconds=40))["lost"] == pytest.approx(1000)


def test_by_pod():
    """Each replaced pod loses ten requests, and no other one any."""
    run = roll()
    lost = lost_by_pod(run)
    assert lost.tolist() == [10.0] * 10
    assert set(lost.index) == set(run.pods["name"][run.pods["revision"] == 1])


def test_all_at_once():
    """Recreate: two seconds without a pod, and one more until clients know the new ones."""
    run = roll(strategy="Recreate", replicas=4)
    assert totals(traffic(run))["lost"] == pytest.approx(300)
    assert lost_by_pod(run).sum() == pytest.approx(100)  # the rest is nobody's


def test_terminating_endpoints_serve():
    """Without a ready endpoint, requests go to pods that terminate as long as these serve."""
    run = roll(
        images=[Image("web:v1", stop_seconds=9.0), Image("web:v2", ready_seconds=4)],
        **NONE,
    )
    assert totals(traffic(run))["lost"] == 0


def test_ready_not_available_gets_traffic():
    """minReadySeconds delays the pace of an update, not the traffic to a new pod."""
    run = roll(min_ready_seconds=10, replicas=1)
    frame = traffic(run, propagation_seconds=0)
    assert frame["targets"].to_dict() == {0.0: 1, 2.0: 2, 12.0: 1}


def test_capacity():
    """What is beyond the capacity of the pods that are left is lost."""
    run = roll(max_surge=0, max_unavailable=1)
    frame = traffic(run, propagation_seconds=0, capacity=10)
    assert frame.loc[0.0].to_dict() == {"answered": 90, "lost": 10, "targets": 9, "dead": 0}


def test_totals_until():
    """Totals stop at the given second, or go on to it at the last rate."""
    frame = traffic(roll())
    assert totals(frame, until=2.5).to_dict() == {"answered": 245.0, "lost": 5.0}
    assert totals(frame, until=50.0).to_dict() == {"answered": 4900.0, "lost": 100.0}


@pytest.mark.parametrize(
    ("workload", "command", "lost"),
    [
        pytest.param(
            StatefulSet("db", replicas=5, image="web:v1"),
            "kubectl set image sts db db=web:v2",
            [25, 25, 25, 25, 20],
            id="StatefulSet: 20 of five pods, then 25 of the four that clients know",
        ),
        pytest.param(
            DaemonSet("rng", image="web:v1"),
            "kubectl set image ds rng rng=web:v2",
            [100 / 3, 100 / 3, 100 / 3, 25],
            id="DaemonSet: 25 on the first of four nodes, then a third",
        ),
    ],
)
def test_other_kinds(workload, command, lost):
    """Where one pod goes before the next one comes, the others get more, and lose more."""
    nodes = [Node(f"node-{i}") for i in range(4)]
    run = simulate(workload, [(0, command)], images=QUICK, nodes=nodes)
    assert sorted(lost_by_pod(run), reverse=True) == pytest.approx(lost)
    assert totals(traffic(run))["lost"] == pytest.approx(sum(lost))
    assert totals(traffic(run, propagation_seconds=0))["lost"] == 0


def test_before_the_first_ready_pod():
    """Nobody sends before clients know the first ready pod: at 2 s it is ready, at 3 s known."""
    run = simulate(Deployment("web", replicas=2, image="web:v1"), until=10, settled=False)
    frame = traffic(run)
    assert frame["answered"].to_dict() == {0: 0, 3: 100, 10: 100}
    assert totals(frame).to_dict() == {"answered": 700, "lost": 0}
    assert totals(traffic(run, propagation_seconds=0))["answered"] == 800


def test_never_ready():
    """To pods that are never ready nobody sends anything."""
    images = [Image("web:v1", becomes_ready=False)]
    web = Deployment("web", replicas=2, image="web:v1")
    run = simulate(web, images=images, until=10, settled=False)
    assert traffic(run).to_numpy().tolist() == [[0] * 4] * 2
    assert totals(traffic(run)).to_dict() == {"answered": 0, "lost": 0}
    assert lost_by_pod(run).empty


def test_not_ready_any_more():
    """What is sent to a Service that is known is lost while it has no ready pod."""
    run = roll(images=[Image("web:v1"), Image("web:v2", becomes_ready=False)], until=20, **NONE)
    assert totals(traffic(run))["lost"] == pytest.approx(2000)


@pytest.mark.parametrize("began_at", [0.0, 30.0])
def test_from_the_first_action(began_at):
    """Requests are followed from the first action on, as all that is measured."""
    run = roll(seconds=began_at, replicas=4)
    frame = traffic(run)
    assert frame.index[0] == began_at
    assert totals(frame).sum() == pytest.approx(100 * (frame.index[-1] - began_at))
    assert lost_by_pod(run).sum() == totals(frame)["lost"] == pytest.approx(100)
    assert traffic(run, since=0.0).index[0] == 0


def test_negative_delay():
    """Clients cannot know before it happens."""
    with pytest.raises(ValueError, match="propagation_seconds=-1 must be a number of"):
        traffic(roll(), propagation_seconds=-1)


def test_service_that_selects_nothing():
    """Where there are Services, one of them must select the pods; without any, one is assumed."""
    run = roll()
    lost = totals(traffic(run))["lost"]
    expose = "expose deploy web --port=80"
    run.cluster.kubectl(f"{expose} --name=other --selector=app=other")
    for function in (traffic, lost_by_pod):
        with pytest.raises(ValueError, match="no Service selects the pods of 'web'"):
            function(run)
    run.cluster.kubectl(f"{expose} --name=web")
    assert totals(traffic(run))["lost"] == lost
