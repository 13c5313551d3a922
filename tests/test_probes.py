"""Probes decide when a container is ready, and when it is started anew, as the kubelet does it.

The pod comes to its node at 0 s and its process starts at 3 s.
"""

import pytest

from rollnb import Cluster, Deployment, Image
from rollnb.cluster.log import Fact
from rollnb.cluster.probes import failure_message
from rollnb.spec import Container, Probe

START = 3.0


def play(image=None, until=120.0, **fields):
    """Let one pod live for so many seconds; return the cluster."""
    seconds = {"pull_seconds": 1, "start_seconds": 2}
    cluster = Cluster([Image("web:v1", **seconds | (image or {}))])
    cluster.apply(Deployment("web", image="web:v1", **fields))
    cluster.run(until)
    return cluster


def times(cluster, *facts):
    """Return when these facts happened, in order."""
    log = cluster.log
    return [t for t, fact in zip(log.times, log.facts, strict=True) if fact in facts]


@pytest.mark.parametrize(
    ("image", "probe", "expected"),
    [
        pytest.param({"ready_seconds": 4}, None, 4, id="no probe: as soon as it answers"),
        pytest.param({}, Probe(), 0, id="it is looked at as soon as it has started"),
        pytest.param(
            {"ready_seconds": 0.5}, Probe(), 10, id="a period later if that was too early"
        ),
        pytest.param(
            {"ready_seconds": 3}, Probe(period_seconds=2), 4, id="at the look that notices"
        ),
        pytest.param(
            {}, Probe(initial_delay_seconds=5), 10, id="the first look after the delay counts"
        ),
        pytest.param(
            {}, Probe(initial_delay_seconds=5, period_seconds=2), 6, id="delay, shorter period"
        ),
        pytest.param(
            {}, Probe(initial_delay_seconds=4, period_seconds=2), 4, id="a delay just over"
        ),
        pytest.param(
            {}, Probe(period_seconds=2, success_threshold=3), 4, id="three good looks in a row"
        ),
        pytest.param({"becomes_ready": False}, Probe(), None, id="never ready"),
    ],
)
def test_ready(image, probe, expected):
    """A container is ready at the look that finds it so, often enough."""
    cluster = play(image, readiness_probe=probe)
    expected = [] if expected is None else [START + expected]
    assert times(cluster, Fact.READY) == expected


@pytest.mark.parametrize(
    ("start_seconds", "expected"),
    [
        pytest.param(2.0, 8, id="from a start at 3 s"),
        pytest.param(2.9, 8, id="from 3 s, for a start at 3.9 s"),
        pytest.param(3.0, 9, id="from a start at 4 s"),
    ],
)
def test_initial_delay(start_seconds, expected):
    """The delay of 5 s counts from the whole second in which the container has started."""
    cluster = play(
        {"start_seconds": start_seconds, "becomes_ready": False},
        liveness_probe=Probe(initial_delay_seconds=5, period_seconds=1, failure_threshold=1),
    )
    assert times(cluster, Fact.STOPPED)[0] == expected


@pytest.mark.parametrize(
    ("unready_for", "failures", "expected"),
    [
        pytest.param(6, 3, [0, 14, 16, 30, 32], id="three bad looks, 4 s after the first"),
        pytest.param(6, 1, [0, 10, 16, 26, 32], id="one bad look is enough"),
        pytest.param(3, 3, [0], id="two bad looks are not enough"),
        pytest.param(None, 2, [0, 12], id="for good"),
    ],
)
def test_unready(unready_for, failures, expected):
    """A ready container is not ready any more after so many bad looks in a row."""
    cluster = play(
        {"unready_after_seconds": 10, "unready_for_seconds": unready_for},
        START + 33,
        readiness_probe=Probe(period_seconds=2, failure_threshold=failures),
    )
    assert times(cluster, Fact.READY, Fact.UNREADY) == [START + t for t in expected]


def test_liveness_restarts():
    """Looks come every period from the pod's arrival; two bad ones start the container anew.

    Good for 4 s, the process fails the looks at 10 and 15 s. Starts follow at once, until the
    back-off is longer than the time since the end of the process before: 20 s against 10 s.
    """
    cluster = play(
        {"unready_after_seconds": 4},
        until=130,
        liveness_probe=Probe(period_seconds=5, failure_threshold=2),
    )
    assert times(cluster, Fact.STARTED) == [3, 15, 25, 35, 65, 115]
    assert times(cluster, Fact.STOPPED) == [15, 25, 35, 45, 75, 125]
    assert cluster.pods[0].containers[0].restarts == 5


@pytest.mark.parametrize(
    ("image", "fields", "started_at", "exit_code"),
    [
        pytest.param({"stop_seconds": 4}, {}, 24, 0, id="it gets its time to stop"),
        pytest.param(
            {"stop_seconds": 4}, {"pre_stop_seconds": 3}, 27, 0, id="after the preStop hook"
        ),
        pytest.param({"ignores_sigterm": True}, {}, 26, 137, id="it is killed after the grace"),
    ],
)
def test_killed_by_liveness(image, fields, started_at, exit_code):
    """A container that fails its liveness probe is stopped as when its pod is deleted."""
    cluster = play(
        {"unready_after_seconds": 1, **image},
        until=28,
        liveness_probe=Probe(failure_threshold=2),
        termination_grace_period_seconds=6 + fields.get("pre_stop_seconds", 0),
        **fields,
    )
    container = cluster.pods[0].containers[0]
    assert (container.started_at, container.last_exit_code) == (started_at, exit_code)


@pytest.mark.parametrize(
    ("own", "ended_at"),
    [
        pytest.param(None, 26, id="without one, the pod's"),
        pytest.param(3, 23, id="shorter than the pod's"),
        pytest.param(9, 29, id="longer than the pod's"),
    ],
)
@pytest.mark.parametrize("kind", ["liveness_probe", "startup_probe"])
def test_own_grace_period(kind, own, ended_at):
    """A container that fails a probe is killed after the probe's own grace period.

    The pod's is 6 s; deleted, the pod gets that, whatever the probe says.
    """
    probe = Probe(failure_threshold=2, termination_grace_period_seconds=own)
    cluster = play(
        {"becomes_ready": False, "ignores_sigterm": True},
        until=30,
        termination_grace_period_seconds=6,
        **{kind: probe},
    )
    assert times(cluster, Fact.STOPPED) == [ended_at]
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.run(60)
    assert cluster.pods[0].gone_at == 36


def test_others_wait_for_startup():
    """Until the startup probe has passed, liveness and readiness are not looked at.

    The process answers after 25 s; startup is looked at 10, 20 and 30 s after the arrival.
    """
    cluster = play(
        {"ready_seconds": 25},
        startup_probe=Probe(failure_threshold=30),
        readiness_probe=Probe(),
        liveness_probe=Probe(period_seconds=1, failure_threshold=1),
    )
    assert times(cluster, Fact.STARTED) == [3]
    assert times(cluster, Fact.READY) == [30]


def test_startup_without_readiness():
    """A container with a startup probe alone is ready when that has passed."""
    cluster = play({"ready_seconds": 4}, startup_probe=Probe(period_seconds=5))
    assert times(cluster, Fact.READY) == [10]


def test_startup_fails():
    """A container that does not start up in time is started anew."""
    cluster = play({"ready_seconds": 60}, until=50, startup_probe=Probe(failure_threshold=2))
    assert times(cluster, Fact.STARTED) == [3, 20, 40]
    messages = [e.message for e in cluster.events if e.reason == "Killing"]
    assert messages == ["Container web failed startup probe, will be restarted"]


def test_another_container_is_a_reason_to_look():
    """When a second container starts, the pod's status is made anew, and readiness looked at."""
    cluster = play(
        {"ready_seconds": 1},
        containers=(
            Container("one", "web:v1", readiness_probe=Probe(period_seconds=60)),
            Container("two", "web:v1"),
        ),
    )
    assert times(cluster, Fact.READY) == [START + 4]  # not at 63 s


def test_while_terminating():
    """Readiness is still looked at while a pod terminates; nothing is started anew."""
    cluster = play(
        {"unready_after_seconds": 20, "ignores_sigterm": True},
        until=12,
        readiness_probe=Probe(period_seconds=2, failure_threshold=1),
        liveness_probe=Probe(period_seconds=2, failure_threshold=1),
        termination_grace_period_seconds=30,
    )
    first = cluster.pods[0]
    cluster.delete("Pod", first.name)
    cluster.run(60)
    assert (first.containers[0].restarts, first.ready_transition_at, first.stopped_at) == (
        0,
        23,
        42,
    )


def test_an_ended_container_of_a_terminating_pod():
    """A container that has ended fails its readiness probe while another one still stops."""
    containers = (
        Container("web", "web:1", readiness_probe=Probe(period_seconds=1, failure_threshold=2)),
        Container("side", "side:1"),
    )
    cluster = Cluster([Image("web:1", stop_seconds=1), Image("side:1", stop_seconds=8)])
    cluster.apply(Deployment("web", replicas=1, containers=containers))
    cluster.run(20)
    cluster.kubectl("scale deployment web --replicas=0")
    cluster.run(24)
    (pod,) = cluster.list("Pod")
    shown = [(c["ready"], *c["state"]) for c in pod["status"]["containerStatuses"]]
    assert shown == [(False, "running"), (True, "running")]
    (condition,) = [c for c in pod["status"]["conditions"] if c["type"] == "Ready"]
    assert condition["status"] == "False"
    cluster.run(100)
    unhealthy = [e for e in cluster.events if e.reason == "Unhealthy"]
    assert [(e.first_at, e.last_at) for e in unhealthy] == [(22, 27)]


def test_settled_pods_are_ready():
    """While a cluster is set up, no probe keeps a pod waiting, nor does it fall ill afterwards."""
    probe = Probe(initial_delay_seconds=60, period_seconds=1)
    cluster = Cluster([Image("web:v1", ready_seconds=40)])
    with cluster.instantly():
        cluster.apply(
            Deployment(
                "web",
                image="web:v1",
                startup_probe=probe,
                readiness_probe=probe,
                liveness_probe=probe,
            )
        )
    cluster.run(100)
    assert times(cluster, Fact.READY, Fact.UNREADY) == [0]
    assert cluster.pods[0].containers[0].restarts == 0


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        pytest.param(
            {"httpGet": {"path": "/", "port": 80}},
            "HTTP probe failed with statuscode: 503",
            id="httpGet",
        ),
        pytest.param(
            {"tcpSocket": {"port": 6379}},
            "dial tcp 10.244.0.1:6379: connect: connection refused",
            id="tcpSocket",
        ),
        pytest.param({"exec": {"command": ["false"]}}, "", id="exec"),
        pytest.param(
            {"grpc": {"port": 80}}, 'service unhealthy (responded with "NOT_SERVING")', id="grpc"
        ),
    ],
)
def test_failure_message(handler, expected):
    """The Event says what the probe's handler found."""
    cluster = Cluster()
    cluster.apply(Deployment("web", image="web:v1"))
    cluster.run(0.0)
    pod = cluster.pods[0]
    pod.group.template_manifest["spec"]["containers"][0]["livenessProbe"] = handler
    message = failure_message("Liveness", pod, pod.containers[0], cluster._store)
    assert message == f"Liveness probe failed: {expected}"
