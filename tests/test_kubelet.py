"""What the kubelet does with a pod: when it pulls, starts, fails, and stops, to the second."""

import math
from itertools import pairwise

import pytest

from rollnb import Cluster, Deployment, Image, timeline
from rollnb.cluster import ControlPlane, events
from rollnb.cluster.log import Fact
from rollnb.manifest import render
from rollnb.spec import Container, Probe, Service

V1 = Image("web:v1", pull_seconds=3, start_seconds=2, ready_seconds=4, stop_seconds=5)


def make_cluster(*images, until=0.0, epoch=1767225600.0, **fields):
    """Make a cluster with one pod of the first image, as old as `until` seconds."""
    cluster = Cluster(images, epoch=epoch)
    fields = {"image": images[0].name} | fields
    cluster.apply(Deployment("web", **fields))
    cluster.run(until)
    return cluster


def times(cluster, *facts):
    """Return when these facts happened, in order."""
    log = cluster.log
    return [t for t, fact in zip(log.times, log.facts, strict=True) if fact in facts]


def phases(cluster, until):
    """Return what ``kubectl get pods`` shows as the pod's status, and from when on."""
    seen = []
    while cluster.now <= until:
        line = cluster.kubectl("kubectl get pods --no-headers").split()
        status = line[2] if line[1:] else "none"
        if not seen or seen[-1][1] != status:
            seen.append((cluster.now, status))
        cluster.wait(0.25)
    return seen


def test_life_of_a_pod():
    """A pod is pulled, started, ready, told to stop, ended and gone, each after its time."""
    cluster = make_cluster(V1, until=20.0)
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.run(60)
    pod = cluster.pods[0]
    assert (pod.scheduled_at, pod.started_at, pod.first_ready_at) == (0, 5, 9)
    assert (pod.deleted_at, pod.stopped_at, pod.gone_at) == (20, 25, 25)
    assert pod.containers[0].pulled_at == 3


@pytest.mark.parametrize(
    ("image", "fields", "stopped_at", "exit_code"),
    [
        pytest.param({"stop_seconds": 5}, {}, 5, 0, id="it stops when told to"),
        pytest.param({"ignores_sigterm": True}, {}, 30, 137, id="it is killed after 30 s"),
        pytest.param({"stop_seconds": 31}, {}, 30, 137, id="it needs longer than the grace"),
        pytest.param({"stop_seconds": 30}, {}, 30, 0, id="it needs just that long"),
        pytest.param(
            {"stop_seconds": 5}, {"pre_stop_seconds": 7}, 12, 0, id="SIGTERM after preStop"
        ),
        pytest.param(
            {"ignores_sigterm": True},
            {"pre_stop_seconds": 7},
            30,
            137,
            id="preStop is part of the grace period",
        ),
        pytest.param(
            {"stop_seconds": 5},
            {"pre_stop_seconds": 40},
            32,
            137,
            id="a hook too long is cut off, and 2 s remain",
        ),
        pytest.param(
            {"stop_seconds": 5},
            {"pre_stop_seconds": 40, "termination_grace_period_seconds": 60},
            45,
            0,
            id="a longer grace period lets it end",
        ),
        pytest.param(
            {"ignores_sigterm": True},
            {"termination_grace_period_seconds": 0},
            0,
            0,
            id="no grace at all",
        ),
        pytest.param(
            {"ignores_sigterm": True},
            {"termination_grace_period_seconds": -5, "pre_stop_seconds": 7},
            3,
            137,
            id="a negative grace period is 1 s, which the hook uses up, and 2 s remain",
        ),
    ],
)
def test_termination(image, fields, stopped_at, exit_code):
    """A deleted pod runs its preStop hook, gets SIGTERM, and at last SIGKILL."""
    cluster = make_cluster(Image("web:v1", **image), until=10.0, **fields)
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.run(100)
    pod = cluster.pods[0]
    assert (pod.stopped_at - 10, pod.containers[0].exit_code) == (stopped_at, exit_code)


def test_grace_period_of_the_deletion():
    """A grace period given with the deletion wins over the pod's own."""
    cluster = make_cluster(Image("web:v1", ignores_sigterm=True), until=10.0)
    name = cluster.pods[0].name
    cluster.kubectl(f"kubectl delete pod {name} --grace-period=3 --wait=false")
    cluster.run(60)
    assert cluster.pods[0].gone_at == 13


@pytest.mark.parametrize("at", [1, 4], ids=["while pulling", "while starting"])
def test_deleted_before_it_runs(at):
    """A pod deleted before its process runs is gone at once."""
    cluster = make_cluster(V1, until=at)
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.run(60)
    assert (cluster.pods[0].started_at, cluster.pods[0].gone_at) == (None, at)


def test_pull_back_off(monkeypatch):
    """Pulls are tried again 10, 20, 40, … 300 s after each failure, which takes half a second."""
    monkeypatch.setattr(events, "SPAM_BURST", math.inf)  # each of them is said
    cluster = make_cluster(V1, image="web:no")
    pulls = []
    cluster.watch(
        lambda event, kind, obj: (
            pulls.append(cluster.now) if kind == "Event" and obj["reason"] == "Pulling" else None
        )
    )
    cluster.run(1300)
    waits = [b - a - 0.5 for a, b in pairwise([0.0, *pulls[1:]])]
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]


def test_pushed_image():
    """An image that is pushed is found at the next attempt, not before."""
    cluster = make_cluster(V1, image="web:v2", until=12.0)
    cluster.push(Image("web:v2", pull_seconds=3, start_seconds=2))
    cluster.run(60)
    assert cluster.pods[0].started_at == 31 + 3 + 2


def test_crash_back_off():
    """A crashed container is started again at once, then 10, 20, 40, … 300 s after its end."""
    cluster = make_cluster(
        Image("web:v1", pull_seconds=0, start_seconds=0, crash_after_seconds=2), until=1100.0
    )
    starts = times(cluster, Fact.STARTED)
    waits = [b - a - 2 for a, b in pairwise(starts)]
    assert waits == [0.5, 10, 20, 40, 80, 160, 300, 300]
    assert cluster.pods[0].containers[0].restarts == len(waits)


def test_crashes_are_forgotten():
    """After ten minutes without a crash, the next one is followed by a start at once."""
    cluster = make_cluster(
        Image("web:v1", pull_seconds=0, start_seconds=0, crash_after_seconds=601), until=3100.0
    )
    starts = times(cluster, Fact.STARTED)
    assert [b - a for a, b in pairwise(starts)] == [601.5] * 5


def test_crash_count():
    """Only so many starts crash."""
    cluster = make_cluster(
        Image("web:v1", crash_after_seconds=1, crash_count=2, ready_seconds=0), until=200.0
    )
    assert (cluster.pods[0].containers[0].restarts, cluster.pods[0].ready) == (2, True)


def test_status_of_a_crashing_pod():
    """kubectl shows Running, Error while the end is noticed, and CrashLoopBackOff."""
    cluster = make_cluster(Image("web:v1", pull_seconds=1, start_seconds=1, crash_after_seconds=3))
    assert phases(cluster, 20) == [
        (0, "ContainerCreating"),
        (2, "Running"),
        (5, "Error"),
        (5.5, "Running"),
        (8.5, "Error"),
        (9, "CrashLoopBackOff"),
        (18.5, "Running"),
    ]


def test_containers_start_one_after_the_other():
    """The second container is pulled once the first has started; the pod waits for both."""
    cluster = make_cluster(
        Image("web:v1", pull_seconds=1, start_seconds=1),
        Image("side:v1", pull_seconds=3, start_seconds=1),
        until=20.0,
        image=None,
        containers=(Container("web", "web:v1"), Container("side", "side:v1")),
    )
    pod = cluster.pods[0]
    assert [container.started_at for container in pod.containers] == [2, 6]
    assert (pod.started_at, pod.first_ready_at) == (2, 6)


def end_two_containers():
    """Return a cluster whose pod is deleted at 20 s: one container stops in 1 s, one in 8 s."""
    cluster = make_cluster(
        Image("web:v1", stop_seconds=1),
        Image("side:v1", stop_seconds=8),
        until=20.0,
        image=None,
        containers=(Container("web", "web:v1"), Container("side", "side:v1")),
    )
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    return cluster


def test_pod_ends_with_its_last_container():
    """A pod is gone when the slower of its containers has stopped."""
    cluster = end_two_containers()
    cluster.run(60)
    assert (cluster.pods[0].stopped_at, cluster.pods[0].gone_at) == (28, 28)


def test_pod_tells_of_its_end_as_a_whole():
    """While one container of a terminating pod still stops, the others are shown as they were."""
    cluster = end_two_containers()
    cluster.run(25)
    (pod,) = cluster.list("Pod")
    shown = [(c["ready"], *c["state"]) for c in pod["status"]["containerStatuses"]]
    assert shown == [(True, "running"), (True, "running")]
    (line,) = cluster.kubectl("get pods --no-headers").splitlines()
    assert line.split()[1:3] == ["2/2", "Terminating"]


def test_what_had_ended_before_the_deletion_is_told():
    """A container that has crashed just before its pod is deleted is shown as ended, not ready."""
    web = Image("web:v1", crash_after_seconds=10)
    probe = Probe(period_seconds=1, failure_threshold=1)
    cluster = make_cluster(
        web,
        Image("side:v1", stop_seconds=8),
        until=0.0,
        image=None,
        containers=(
            Container("web", "web:v1", readiness_probe=probe),
            Container("side", "side:v1"),
        ),
    )
    cluster.run(math.inf, stop=lambda: cluster.pods[0].containers[0].exited_at is not None)
    cluster.wait(0.2)
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.wait(5)
    (pod,) = cluster.list("Pod")
    shown = [(c["ready"], *c["state"]) for c in pod["status"]["containerStatuses"]]
    assert shown == [(False, "terminated"), (True, "running")]
    assert not [event for event in cluster.events if event.reason == "Unhealthy"]


def test_an_ended_pod_is_not_ready():
    """Between the end of a pod and that of its object, none of its containers is ready."""
    containers = (Container("web", "web:v1"), Container("side", "web:v1"))
    cluster = Cluster([V1], control_plane=ControlPlane(gone_seconds=5))
    cluster.apply(Deployment("web", containers=containers))
    cluster.run(30)
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.run(37)
    (line,) = cluster.kubectl("get pods --no-headers").splitlines()
    assert line.split()[1:3] == ["0/2", "Completed"]
    (pod,) = cluster.list("Pod")
    assert [c["ready"] for c in pod["status"]["containerStatuses"]] == [False, False]


def test_times_are_whole_seconds():
    """The API shows times cut to the second of the wall clock, not rounded."""
    cluster = make_cluster(V1, until=20.0, epoch=1767225600.75)
    pod = cluster.list("Pod")[0]
    started = pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"]
    ready = next(c for c in pod["status"]["conditions"] if c["type"] == "Ready")
    assert (started, ready["lastTransitionTime"]) == (
        "2026-01-01T00:00:05Z",
        "2026-01-01T00:00:09Z",
    )


def test_endpoints():
    """A terminating pod serves on, but is not ready: new connections go to the others."""
    cluster = make_cluster(Image("web:v1", ready_seconds=2, stop_seconds=5), replicas=3)
    cluster.apply(render(Service("web", {"app": "web"})))
    cluster.run(10)
    cluster.kubectl("kubectl scale deployment web --replicas=2")
    cluster.run(10)
    ready, serving = (True, True, False), (False, True, True)
    assert conditions(cluster) == [serving, ready, ready]
    cluster.run(16)
    assert conditions(cluster) == [ready, ready]
    frame = timeline.endpoints(cluster)
    assert [tuple(map(int, row)) for row in frame.itertuples()] == [
        (0, 0, 0, 0),
        (4, 3, 3, 0),
        (10, 2, 3, 1),
        (15, 2, 2, 0),
    ]


def conditions(cluster):
    """Return ready, serving and terminating of all endpoints, in order."""
    return sorted(
        tuple(endpoint["conditions"][key] for key in ("ready", "serving", "terminating"))
        for piece in cluster.list("EndpointSlice")
        for endpoint in piece["endpoints"]
    )


def test_deleted_again_with_less_time():
    """Deaf to SIGTERM, a pod outlives its deletion; forced, it goes at once."""
    cluster = make_cluster(Image("web:v1", ignores_sigterm=True), until=10)
    pod = cluster.pods[0].name
    cluster.delete("Pod", pod)
    cluster.wait(5)
    cluster.delete("Pod", pod, 0.0)
    cluster.wait(0)
    assert (cluster.pods[0].stopped_at, cluster.pods[0].gone_at) == (15.0, 15.0)


def test_deleted_again_with_more_time():
    """A second deletion never leaves a pod more time than the first did."""
    cluster = make_cluster(Image("web:v1", ignores_sigterm=True), until=10)
    pod = cluster.pods[0].name
    cluster.delete("Pod", pod, 4.0)
    cluster.delete("Pod", pod, 60.0)
    cluster.wait(60)
    assert cluster.pods[0].gone_at == 14.0


def test_lost_node_takes_terminating_pods_along():
    """A pod that was terminating on a node that is lost is gone with it."""
    cluster = make_cluster(Image("web:v1", ignores_sigterm=True), until=10)
    cluster.delete("Pod", cluster.pods[0].name)
    cluster.wait(1)
    cluster.remove_node(cluster.pods[0].node)
    cluster.wait(0)
    assert cluster.pods[0].gone_at == 11.0


def test_each_container_has_one_chain_of_pulls():
    """Two images are missing; each container is pulled and started once, when its own is there."""
    containers = (Container("a", "a:1"), Container("b", "b:1"))
    cluster = Cluster([])
    cluster.apply(Deployment("web", containers=containers))
    cluster.run(5)
    cluster.push(Image("a:1"))
    cluster.run(17)
    cluster.push(Image("b:1"))
    cluster.run(60)
    assert [container.attempts for container in cluster.pods[0].containers] == [1, 1]
