"""Where pods go, and which of them wait."""

import pytest

from rollnb import Cluster, Deployment, Image
from rollnb.manifest import read
from rollnb.spec import Container, Node

POOL = {"pool": "main"}


def place(nodes, *workloads, until=10.0):
    """Let the scheduler place the pods of workloads, one after the other."""
    cluster = Cluster(nodes=nodes)
    for workload in workloads:
        cluster.apply(workload)
        cluster.run(cluster.now)
    cluster.run(until)
    return cluster


def on_nodes(cluster):
    """Return each pod's node, in the order of their creation; None for those that wait."""
    return [pod.node for pod in cluster.pods if pod.gone_at is None]


@pytest.mark.parametrize(
    ("nodes", "fields", "expected"),
    [
        pytest.param([Node("a"), Node("b")], {}, ["a", "b", "a"], id="the emptiest node"),
        pytest.param([Node("a", cpu=2)], {"cpu": 1}, ["a", "a", None], id="enough cpu"),
        pytest.param(
            [Node("a", cpu=0.3)], {"cpu": 0.1}, ["a", "a", "a"], id="decimal fractions add up"
        ),
        pytest.param(
            [Node("a", memory=2e9), Node("b", memory=1e9)],
            {"memory": 1e9},
            ["a", "b", "a"],
            id="enough memory",
        ),
        pytest.param([Node("a", pods=2)], {}, ["a", "a", None], id="room for one pod more"),
        pytest.param(
            [Node("a"), Node("b", labels=POOL)],
            {"node_selector": POOL},
            ["b", "b", "b"],
            id="the labels asked for",
        ),
        pytest.param(
            [Node("a"), Node("b")],
            {"node_selector": {"kubernetes.io/hostname": "b"}},
            ["b", "b", "b"],
            id="by name",
        ),
        pytest.param([], {}, [None, None, None], id="no node at all"),
    ],
)
def test_placement(nodes, fields, expected):
    """A pod goes to the emptiest node that fits; where none does, it waits."""
    cluster = place(nodes, Deployment("web", replicas=3, image="web:v1", **fields))
    assert on_nodes(cluster) == expected


def test_host_port():
    """Two pods that want the same port of the node do not go there together."""
    manifest = read(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: web:v1
                ports: [{containerPort: 80, hostPort: 80}]
        """
    )
    assert on_nodes(place([Node("a"), Node("b")], manifest)) == ["a", "b", None]


@pytest.mark.parametrize(
    ("nodes", "container", "expected"),
    [
        pytest.param(
            [Node("a", cpu=1, memory=4e9), Node("b", cpu=1, memory=1e9), Node("c", memory=1e9)],
            {"cpu": 2, "memory": 2e9},
            "0/3 nodes are available: 2 Insufficient cpu, 2 Insufficient memory. no new claims to "
            "deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for "
            "scheduling.",
            id="a node is counted for each resource that it has too little of",
        ),
        pytest.param(
            [Node("a", cpu=3, pods=1), Node("b", cpu=9, pods=1), Node("c", cpu=2)],
            {"cpu": 2},
            "0/3 nodes are available: 2 Insufficient cpu, 2 Too many pods. no new claims to "
            "deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for "
            "incoming pod.",
            id="full nodes would fit without the others, of which none is less important",
        ),
        pytest.param(
            [Node("a", cpu=2), Node("b", memory=1e9), Node("c", pods=0)],
            {"cpu": 2, "memory": 2e9},
            "0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods. "
            "no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is "
            "not helpful for scheduling, 2 No preemption victims found for incoming pod.",
            id="a node too small for the pod alone is of no use, one for no pods may be",
        ),
        pytest.param(
            [Node("a", cpu=2), Node("b", cpu=3)],
            {"cpu": 2, "host_ports": (80,)},
            "0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod "
            "ports. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No "
            "preemption victims found for incoming pod.",
            id="ports are looked at before resources",
        ),
    ],
)
def test_failed_scheduling(nodes, container, expected):
    """The scheduler counts the nodes by what they lack, and says of what use preemption is.

    Each node that has room for a pod has got one; what is said is about the fourth.
    """
    web = Deployment("web", replicas=4, containers=(Container("web", "web:v1", **container),))
    cluster = place(nodes, web)
    (message,) = {event.message for event in cluster.events if event.reason == "FailedScheduling"}
    assert message == expected


def test_terminating_pods_keep_their_place():
    """On a full node a new pod waits until the old one is gone, not only terminating."""
    cluster = Cluster([Image("web:v1", stop_seconds=6), Image("web:v2")], nodes=[Node("a", cpu=1)])
    cluster.apply(Deployment("web", image="web:v1", cpu=1, max_surge=0, max_unavailable=1))
    cluster.run(10)
    cluster.kubectl("kubectl set image deployment web web=web:v2")
    cluster.run(60)
    old, new = cluster.pods
    assert (old.deleted_at, old.gone_at) == (10, 16)
    assert (new.created_at, new.scheduled_at) == (10, 16)


def test_waiting_pods_go_in_order():
    """When there is room again, the pod that was created first gets it."""
    cluster = place([Node("a", pods=1)], Deployment("web", replicas=3, image="web:v1"))
    cluster.delete("Pod", cluster.pods[0].name)
    cluster.run(20)
    assert [pod.scheduled_at for pod in cluster.pods] == [0, 10, None, None]


def test_new_node():
    """Pods that wait are placed as soon as there is a node with room."""
    cluster = place([], Deployment("web", replicas=2, image="web:v1"))
    cluster.add_node(Node("a"))
    cluster.run(20)
    assert [(pod.node, pod.scheduled_at) for pod in cluster.pods] == [("a", 10), ("a", 10)]


def test_deleted_while_waiting():
    """A pod that waits for a node and is deleted is gone at once, and asks for no node later."""
    cluster = place([], Deployment("web", replicas=1, image="web:v1"))
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.run(20)
    cluster.add_node(Node("a"))
    cluster.run(30)
    assert [(pod.node, pod.gone_at) for pod in cluster.pods] == [(None, 10)]
