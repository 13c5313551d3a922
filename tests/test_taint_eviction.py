"""Pods leave a node with a NoExecute taint that they do not tolerate, now or later."""

import pytest

from rollnb import Cluster, ControlPlane, DaemonSet, Deployment, Image, Node, Toleration

IMAGES = [Image("web:v1", stop_seconds=4)]


def start(*tolerations, replicas=2, **options):
    """Return a cluster of two nodes with a pod on each."""
    cluster = Cluster(**{"nodes": [Node("a"), Node("b")], "images": IMAGES} | options)
    cluster.apply(Deployment("web", replicas=replicas, image="web:v1", tolerations=tolerations))
    cluster.run(10)
    return cluster


def deleted(cluster, node="a"):
    """Return when the pods of a node were deleted, of those that were there from the start."""
    return [pod.deleted_at for pod in cluster.pods if (pod.node, pod.created_at) == (node, 0)]


def told(cluster):
    """Return what the taint manager has said, and when."""
    events = [event for event in cluster.events if event.reason == "TaintManagerEviction"]
    assert {(event.source, event.type) for event in events} <= {
        ("taint-eviction-controller", "Normal")
    }
    return [(event.last_at, event.message.split(" default/")[0]) for event in events]


def bear(seconds=None, key="disk"):
    """Tolerate the taint, for so long."""
    return Toleration(key, "Exists", effect="NoExecute", toleration_seconds=seconds)


@pytest.mark.parametrize(
    ("effect", "tolerations", "expected"),
    [
        pytest.param("NoExecute", [], [10], id="at once"),
        pytest.param("NoExecute", [bear(5)], [15], id="after its time"),
        pytest.param("NoExecute", [bear()], [None], id="never"),
        pytest.param("NoSchedule", [], [None], id="NoSchedule is about new pods"),
    ],
)
def test_eviction(effect, tolerations, expected):
    """A pod is deleted when it has tolerated the taint of its node for long enough."""
    cluster = start(*tolerations)
    cluster.kubectl(f"taint nodes a disk=broken:{effect}")
    cluster.run(60)
    assert deleted(cluster) == expected


def test_grace_period():
    """An evicted pod ends as any deleted one; its successor goes elsewhere."""
    cluster = start()
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(60)
    assert [(pod.node, pod.gone_at) for pod in cluster.pods] == [
        ("a", 14),
        ("b", None),
        ("b", None),
    ]


def test_taint_is_gone_in_time():
    """Without the taint a pod stays whose time was running, and one with a new taint goes."""
    cluster = start(bear(20))
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(15)
    cluster.kubectl("taint nodes a disk-")
    cluster.run(60)
    assert deleted(cluster) == [None]
    cluster.kubectl("taint nodes a fan=broken:NoExecute")
    cluster.run(70)
    assert deleted(cluster) == [60]
    assert told(cluster) == [(15, "Cancelling deletion of Pod"), (60, "Marking for deletion Pod")]


def test_new_time_with_new_taint():
    """A taint that comes again gives a pod its whole time again."""
    cluster = start(bear(20))
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(15)
    cluster.kubectl("taint nodes a disk-")
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(40)
    assert deleted(cluster) == [35]
    assert told(cluster) == [(15, "Cancelling deletion of Pod"), (35, "Marking for deletion Pod")]


def test_time_goes_on():
    """Another change of the node does not begin a pod's time anew."""
    cluster = start(bear(20))
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(15)
    cluster.kubectl("taint nodes a disk=worse:NoExecute --overwrite")
    cluster.run(60)
    assert deleted(cluster) == [30]


def test_pod_on_tainted_node():
    """The time of a pod that comes to a tainted node begins when it is there."""
    cluster = start(bear(20), nodes=[Node("a")], replicas=0)
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(30)
    cluster.kubectl("scale deployment web --replicas=1")
    cluster.run(55)
    first, second = cluster.pods
    assert (first.deleted_at, second.scheduled_at) == (50, 50)


def test_deleted_meanwhile():
    """A pod that goes for another reason is not deleted again."""
    cluster = start(bear(20))
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.delete("Pod", next(pod.name for pod in cluster.pods if pod.node == "a"))
    cluster.run(60)
    assert told(cluster)[0] == (14, "Cancelling deletion of Pod")


def test_terminating_pod():
    """A pod that is terminating is marked for each new NoExecute taint, and ends when it would."""
    cluster = start(nodes=[Node("a")], replicas=1)
    cluster.kubectl("scale deployment web --replicas=0")
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(12)
    cluster.kubectl("label node a disk=broken")
    cluster.kubectl("cordon a")
    cluster.run(13)
    cluster.kubectl("taint nodes a fan=broken:NoExecute")
    cluster.run(60)
    assert [(pod.deleted_at, pod.gone_at) for pod in cluster.pods] == [(10, 14)]
    (event,) = (event for event in cluster.events if event.reason == "TaintManagerEviction")
    assert (event.first_at, event.last_at, event.count) == (10, 13, 2)


def test_turn():
    """The taint manager looks at a node some time after it has changed."""
    cluster = start(control_plane=ControlPlane(turn_seconds=0.5))
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(60)
    assert [pod.deleted_at for pod in cluster.pods if pod.node == "a"] == [10.5]


def test_rate_limit():
    """Each eviction takes three requests and its Event one, within the limits of a client."""
    plane = ControlPlane(requests_per_second=4, burst=4)
    cluster = start(nodes=[Node("a")], replicas=3, control_plane=plane)
    cluster.kubectl("taint nodes a disk=broken:NoExecute")
    cluster.run(60)
    assert sorted(deleted(cluster)) == pytest.approx([10.0, 10.5, 11.25])


def test_daemon_pods():
    """A daemon pod goes, too, and comes back with the end of the taint; it bears a cordon."""
    cluster = Cluster(IMAGES, nodes=[Node("a"), Node("b")])
    cluster.apply(DaemonSet("web", image="web:v1"))
    cluster.run(10)
    cluster.kubectl("cordon a")
    cluster.kubectl("taint nodes b disk=broken:NoExecute")
    cluster.run(20)
    assert [pod.deleted_at for pod in sorted(cluster.pods, key=lambda pod: pod.node)] == [None, 10]
    status = cluster.get("DaemonSet", "web")["status"]
    assert (status["desiredNumberScheduled"], status["numberReady"]) == (1, 1)
    cluster.kubectl("taint nodes b disk-")
    cluster.run(30)
    assert [pod.node for pod in cluster.pods if pod.created_at == 20] == ["b"]
