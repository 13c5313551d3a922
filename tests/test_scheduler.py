"""Where pods go, and which of them wait."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollnb import Cluster, DaemonSet, Deployment, Image
from rollnb.manifest import read
from rollnb.node import Node, Taint, Toleration
from rollnb.spec import Container

POOL = {"pool": "main"}
GPU, SLOW = Taint("gpu", "NoSchedule"), Taint("slow", "PreferNoSchedule")


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
        pytest.param(
            [Node("a", unschedulable=True), Node("b")], {}, ["b"] * 3, id="none that is cordoned"
        ),
        pytest.param(
            [Node("a", taints=[GPU]), Node("b", pods=1)],
            {},
            ["b", None, None],
            id="none with a taint",
        ),
        pytest.param(
            [Node("a", taints=[GPU]), Node("b")],
            {"tolerations": [Toleration("gpu", "Exists")]},
            ["a", "b", "a"],
            id="but one that is tolerated",
        ),
        pytest.param(
            [Node("a", taints=[SLOW]), Node("b", pods=2)],
            {},
            ["b", "b", "a"],
            id="one to avoid after all others",
        ),
        pytest.param(
            [Node("a", taints=[SLOW]), Node("b")],
            {"tolerations": [Toleration("slow", "Exists", effect="PreferNoSchedule")]},
            ["a", "b", "a"],
            id="unless the pod does not mind",
        ),
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
        pytest.param(
            [
                Node("a", unschedulable=True, taints=[GPU]),
                Node("b", taints=[GPU], cpu=1),
                Node("c", taints=[Taint("lost", "NoExecute")]),
                Node("d", cpu=1),
                Node("e", cpu=9, pods=1),
            ],
            {"cpu": 2},
            "0/5 nodes are available: 1 Insufficient cpu, 1 Too many pods, 1 node(s) were "
            "unschedulable, 2 node(s) had untolerated taint(s). no new claims to deallocate, "
            "preemption: 0/5 nodes are available: 1 No preemption victims found for incoming pod, "
            "4 Preemption is not helpful for scheduling.",
            id="a cordon is looked at first, then taints, then the rest",
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


def test_selector_is_looked_at_after_taints():
    """Of a node with other labels and a taint, it is the taint that is told."""
    nodes = [Node("a", taints=[GPU]), Node("b")]
    web = Deployment("web", image="web:v1", node_selector=POOL)
    (told,) = {e.message for e in place(nodes, web).events if e.reason == "FailedScheduling"}
    assert told.startswith(
        "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "1 node(s) had untolerated taint(s)."
    )


@pytest.mark.parametrize(
    ("node", "fields", "command"),
    [
        pytest.param(Node("a", unschedulable=True), {}, "uncordon a", id="uncordoned"),
        pytest.param(Node("a", taints=[GPU]), {}, "taint nodes a gpu-", id="taint removed"),
        pytest.param(
            Node("a"), {"node_selector": POOL}, "label nodes a pool=main", id="label added"
        ),
    ],
)
def test_changed_node(node, fields, command):
    """Pods that wait are looked at again when a node changes so that it may take them."""
    cluster = place([node], Deployment("web", image="web:v1", **fields))
    cluster.kubectl(command)
    cluster.run(20)
    assert [(pod.node, pod.scheduled_at) for pod in cluster.pods] == [("a", 10)]


def test_more_taints_are_no_news():
    """A pod that waits is not looked at again when a node gets one taint more."""
    cluster = place([Node("a", taints=[GPU])], Deployment("web", image="web:v1"))
    cluster.kubectl("cordon a")
    cluster.run(20)
    (event,) = (event for event in cluster.events if event.reason == "FailedScheduling")
    assert (event.count, event.last_at) == (1, 0)


def test_new_node():
    """Pods that wait are placed as soon as there is a node with room."""
    cluster = place([], Deployment("web", replicas=2, image="web:v1"))
    cluster.add_node(Node("a"))
    cluster.run(20)
    assert [(pod.node, pod.scheduled_at) for pod in cluster.pods] == [("a", 10), ("a", 10)]


def test_node_that_comes_back():
    """Pods of a lost node that are not gone yet have their place on a new one of its name."""
    cluster = place([Node("a", pods=3)], Deployment("web", replicas=3, image="web:v1"))
    cluster.remove_node("a")
    cluster.add_node(Node("a", pods=3))
    cluster.kubectl("kubectl scale deployment web --replicas=9")
    cluster.run(20)
    assert sum(node == "a" for node in on_nodes(cluster)) == 3


def test_freed_node():
    """When a pod goes, only those are looked at again that its node would take."""
    web = Deployment("web", replicas=2, image="web:v1")
    choosy = Deployment("choosy", image="web:v1", node_selector=POOL)
    cluster = place([Node("a", pods=1), Node("b", labels=POOL, pods=0)], web, choosy)
    cluster.delete("Pod", cluster.pods[0].name)
    cluster.run(20)
    assert [pod.node for pod in cluster.pods] == ["a", "a", None, None]
    tries = [event.count for event in cluster.events if event.reason == "FailedScheduling"]
    assert tries == [1, 1, 1]


def test_deleted_while_waiting():
    """A pod that waits for a node and is deleted is gone at once, and asks for no node later."""
    cluster = place([], Deployment("web", replicas=1, image="web:v1"))
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.run(20)
    cluster.add_node(Node("a"))
    cluster.run(30)
    assert [(pod.node, pod.gone_at) for pod in cluster.pods] == [(None, 10)]


# -------------------------------------------------------------------------------------- invariant


TAINTS = st.builds(
    "{}={}:{}".format,
    st.sampled_from(["gpu", "disk"]),
    st.sampled_from(["", "x", "y"]),
    st.sampled_from(["NoSchedule", "NoExecute", "PreferNoSchedule"]),
)
NODES = st.sampled_from("abc")
COMMANDS = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["cordon", "uncordon"]), NODES),
    st.builds("taint nodes {} {} --overwrite".format, NODES, TAINTS),
    st.builds("taint nodes {} {}-".format, NODES, TAINTS),
    st.builds("drain {} --ignore-daemonsets --timeout=1s".format, NODES),
    st.builds("set image {}={}".format, st.just("deploy/web web"), st.sampled_from("xyz")),
    st.builds("scale deploy/web --replicas={}".format, st.integers(0, 9)),
)
TOLERATIONS = st.lists(
    st.sampled_from(
        [
            Toleration("gpu", "Exists"),
            Toleration("gpu", value="x"),
            Toleration("disk", "Equal", "y", "NoSchedule"),
            Toleration("disk", effect="NoExecute", toleration_seconds=2),
            Toleration(operator="Exists", effect="NoExecute"),
        ]
    ),
    max_size=3,
)


def is_tolerated(taint, tolerations):
    """Whether one of the tolerations fits, all as the API has them."""
    return any(
        t.get("effect") in (None, taint["effect"])
        and t.get("key") in (None, taint["key"])
        and (t.get("operator") == "Exists" or t.get("value") == taint.get("value"))
        for t in tolerations
    )


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from([Deployment, DaemonSet]),
    tolerations=TOLERATIONS,
    steps=st.lists(st.tuples(st.sampled_from([0.0, 0.5, 3.0]), COMMANDS), max_size=12),
)
def test_no_pod_comes_to_a_node_it_does_not_tolerate(kind, tolerations, steps):
    """Whatever happens to nodes, at the moment a pod is bound it tolerates the node's taints."""
    cluster = Cluster(nodes=[Node(name) for name in "abc"])
    bound = set()

    def see(event, kind, obj):
        node = obj["spec"].get("nodeName") if kind == "Pod" else None
        if node is None or obj["metadata"]["uid"] in bound:
            return
        bound.add(obj["metadata"]["uid"])
        for taint in cluster.get("Node", node)["spec"].get("taints", ()):
            if taint["effect"] != "PreferNoSchedule":
                assert is_tolerated(taint, obj["spec"]["tolerations"])

    cluster.watch(see)
    cluster.apply(kind("web", image="web:v1", tolerations=tolerations))
    for seconds, command in steps:
        cluster.wait(seconds)
        cluster.kubectl(command)
    cluster.wait(60)
    assert len(bound) == sum(pod.scheduled_at is not None for pod in cluster.pods)
