"""What the components of a cluster say in Events, in the words of kubectl."""

import math

import pytest

from rollnb import Cluster, Deployment, Image
from rollnb.cluster import events
from rollnb.node import Node
from rollnb.spec import Probe


def play(until, image="web:v1", actions=(), nodes=None, **fields):
    """Play kubectl commands on a Deployment with one pod; `until` is in seconds."""
    images = [
        Image("web:v1", pull_seconds=1.25, start_seconds=1),
        Image("web:crash", pull_seconds=0.5, crash_after_seconds=2),
        Image("web:ill", unready_after_seconds=1),
    ]
    cluster = Cluster(images, nodes=nodes)
    cluster.apply(Deployment("web", image=image, **fields))
    for time, command in actions:
        cluster.run(time)
        cluster.kubectl(f"kubectl {command}")
    cluster.run(until)
    return cluster


def said(cluster, kind, source=None):
    """Return type, reason and message of the Events about objects of a kind, oldest first."""
    return [
        (event.type[0], event.reason, event.message)
        for event in sorted(cluster.events, key=lambda event: event.first_at)
        if event.kind == kind and source in (None, event.source)
    ]


def test_healthy_pod():
    """A pod is scheduled, its image pulled, its container created and started, and killed."""
    cluster = play(20, actions=[(10, "scale deployment web --replicas=0")])
    name, node = cluster.pods[0].name, cluster.pods[0].node
    assert said(cluster, "Pod") == [
        ("N", "Scheduled", f"Successfully assigned default/{name} to {node}"),
        ("N", "Pulling", 'Pulling image "web:v1"'),
        (
            "N",
            "Pulled",
            'Successfully pulled image "web:v1" in 1.25s (1.25s including waiting). '
            "Image size: 25000000 bytes.",
        ),
        ("N", "Created", "Container created"),
        ("N", "Started", "Container started"),
        ("N", "Killing", "Stopping container web"),
    ]


def test_controllers():
    """The Deployment says what it scales, from and to; the ReplicaSets which pods they make."""
    cluster = play(20, actions=[(10, "set image deployment web web=web:v2")])
    old, new = (group.name for group in cluster.groups)
    before, after = (pod.name for pod in cluster.pods)
    assert said(cluster, "Deployment", "deployment-controller") == [
        ("N", "ScalingReplicaSet", f"Scaled up replica set {old} from 0 to 1"),
        ("N", "ScalingReplicaSet", f"Scaled up replica set {new} from 0 to 1"),
    ]
    assert said(cluster, "ReplicaSet", "replicaset-controller") == [
        ("N", "SuccessfulCreate", f"Created pod: {before}"),
        ("N", "SuccessfulCreate", f"Created pod: {after}"),
    ]
    cluster.push("web:v2")
    cluster.run(60)
    assert said(cluster, "Deployment")[2:] == [
        ("N", "ScalingReplicaSet", f"Scaled down replica set {old} from 1 to 0"),
    ]
    assert said(cluster, "ReplicaSet")[2:] == [("N", "SuccessfulDelete", f"Deleted pod: {before}")]


def test_image_that_is_not_there():
    """A failed pull is said twice, the back-off too; repeated Events are counted."""
    cluster = play(45, "web:no")
    assert said(cluster, "Pod", "kubelet") == [
        ("N", "Pulling", 'Pulling image "web:no"'),
        ("W", "Failed", 'Failed to pull image "web:no": not found'),
        ("W", "Failed", "Error: ErrImagePull"),
        ("N", "BackOff", 'Back-off pulling image "web:no"'),
        ("W", "Failed", "Error: ImagePullBackOff"),
    ]
    counts = {event.reason: event.count for event in cluster.events}
    assert counts["Pulling"] == 3  # at 0, 10.5 and 31 s


def test_crash():
    """A container that crashes is started again from the image that is there, then backed off."""
    cluster = play(20, "web:crash")
    pod = cluster.pods[0]
    uid = cluster.get("Pod", pod.name)["metadata"]["uid"]
    assert said(cluster, "Pod", "kubelet")[4:] == [
        (
            "N",
            "Pulled",
            'Container image "web:crash" already present on machine '
            "and can be accessed by the pod",
        ),
        (
            "W",
            "BackOff",
            f"Back-off restarting failed container web in pod {pod.name}_default({uid})",
        ),
    ]


def looks(monkeypatch, cluster, until):
    """Return when the kubelet says that a back-off is not over yet, in seconds."""
    monkeypatch.setattr(events, "SPAM_BURST", math.inf)
    cluster.apply(Deployment("web", image="web:v1"))
    seen = []
    cluster.watch(
        lambda event, kind, obj: (
            seen.append(round(cluster.now, 6))
            if kind == "Event" and obj["reason"] == "BackOff"
            else None
        )
    )
    cluster.run(until)
    return seen


def test_looks_while_a_pull_waits(monkeypatch):
    """The kubelet looks 1 s after the first failure, and each 12 s until the image is tried again.

    Pulls fail at 0.5, 11, 31.5 and 72 s; the next ones come 10, 20, 40 and 80 s later.
    """
    seen = [1.5, 23, 43.5, 55.5, 67.5, 84, 96, 108, 120, 132, 144]
    assert looks(monkeypatch, Cluster([]), 152) == seen


def test_looks_write_no_status(monkeypatch):
    """A look that finds the pod as it was says so in Events alone."""
    cluster = Cluster([])
    writes = []
    cluster.watch(lambda event, kind, obj: kind == "Pod" and writes.append(cluster.now))
    looks(monkeypatch, cluster, 71)
    assert [time for time in writes if time > 31] == [31.5, 43.5]  # failed, and backed off


def test_looks_while_a_restart_waits(monkeypatch):
    """The kubelet looks half a second after the end, and then when it is time, or each minute.

    The look that was to be after a minute comes a fifth later. The process ends at 0.5, 10.5,
    30.5, 70.5 and 150.5 s; its next starts come 10, 20, 40, 80 and 160 s later.
    """
    image = Image("web:v1", pull_seconds=0, start_seconds=0, crash_after_seconds=0)
    seen = [1, 11, 31, 71, 143, 151, 223, 295]
    assert looks(monkeypatch, Cluster([image]), 310) == seen


def test_probes():
    """Failed looks are said, each time; the one too many also that the container is killed."""
    cluster = play(
        25, "web:ill", liveness_probe=Probe(failure_threshold=2), readiness_probe=Probe()
    )
    unhealthy = [e for e in cluster.events if e.reason in ("Unhealthy", "Killing")]
    assert [(e.type, e.message, e.count, e.first_at) for e in unhealthy] == [
        ("Warning", "Liveness probe failed: HTTP probe failed with statuscode: 503", 2, 10),
        ("Warning", "Readiness probe failed: HTTP probe failed with statuscode: 503", 1, 12),
        ("Normal", "Container web failed liveness probe, will be restarted", 1, 20),
    ]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        pytest.param([], "no nodes available to schedule pods", id="no nodes"),
        pytest.param(
            [Node("a", cpu=0.5), Node("b", cpu=0.5), Node("c", labels={"pool": "x"})],
            "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
            "2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are "
            "available: 3 Preemption is not helpful for scheduling.",
            id="too small, and another pool",
        ),
    ],
)
def test_no_room(nodes, message):
    """The scheduler says of how many nodes which reason holds, and of what use preemption is."""
    nodes = [Node(n.name, cpu=n.cpu, labels={"pool": "y", **n.labels}) for n in nodes]
    cluster = play(1, nodes=nodes, cpu=1, node_selector={"pool": "y"})
    assert said(cluster, "Pod") == [("W", "FailedScheduling", message)]


def test_room_taken():
    """A node full of others is named apart from one that is too small; each attempt counts."""
    cluster = play(
        20, nodes=[Node("a", cpu=1)], cpu=1, actions=[(10, "scale deployment web --replicas=3")]
    )
    cluster.delete("Pod", cluster.pods[0].name)
    cluster.run(60)
    failed = [event for event in cluster.events if event.reason == "FailedScheduling"]
    assert {event.message for event in failed} == {
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: "
        "0/1 nodes are available: 1 No preemption victims found for incoming pod."
    }
    assert sorted(event.count for event in failed) == [1, 1, 2]


def test_get_events():
    """``kubectl get events`` lists them by the name of their object: pods before ReplicaSets."""
    cluster = play(5)
    lines = cluster.kubectl("kubectl get events").splitlines()
    rs = cluster.groups[0].name
    pod = cluster.pods[0].name
    assert [" ".join(line.split()[:4]) for line in lines] == [
        "LAST SEEN TYPE REASON",
        f"5s Normal Scheduled pod/{pod}",
        f"5s Normal Pulling pod/{pod}",
        f"4s Normal Pulled pod/{pod}",
        f"3s Normal Created pod/{pod}",
        f"3s Normal Started pod/{pod}",
        f"5s Normal SuccessfulCreate replicaset/{rs}",
        "5s Normal ScalingReplicaSet deployment/web",
    ]


def test_describe_pod():
    """``kubectl describe pod`` ends with the pod's Events; what repeats says how often."""
    cluster = play(25, "web:no")
    text = cluster.kubectl("kubectl describe pods")
    name, node = cluster.pods[0].name, cluster.pods[0].node
    assert [" ".join(line.split()) for line in text[text.index("Events:") :].splitlines()] == [
        "Events:",
        "Type Reason Age From Message",
        "---- ------ ---- ---- -------",
        f"Normal Scheduled 25s default-scheduler Successfully assigned default/{name} to {node}",
        'Normal Pulling 15s (x2 over 25s) kubelet Pulling image "web:no"',
        'Warning Failed 14s (x2 over 25s) kubelet Failed to pull image "web:no": not found',
        "Warning Failed 14s (x2 over 25s) kubelet Error: ErrImagePull",
        'Normal BackOff 2s (x2 over 24s) kubelet Back-off pulling image "web:no"',
        "Warning Failed 2s (x2 over 24s) kubelet Error: ImagePullBackOff",
    ]
