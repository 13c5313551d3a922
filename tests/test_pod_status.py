"""The status of pods: class of service, addresses, init containers, conditions."""

import pytest

from rollnb import Cluster, DaemonSet, Image, Node
from rollnb.cluster.qos import qos_class


def resources(requests=None, limits=None):
    """Return a container's resources, as the API server completes them."""
    return {"requests": {**(limits or {}), **(requests or {})}, "limits": limits or {}}


BOTH = {"cpu": "100m", "memory": "64Mi"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"containers": [{}, {}]}, "BestEffort", id="nothing is asked for"),
        pytest.param(
            {"containers": [{"resources": resources(limits=BOTH)}]}, "Guaranteed", id="limits"
        ),
        pytest.param(
            {"containers": [{"resources": resources({"cpu": "0.1"}, BOTH)}]},
            "Guaranteed",
            id="the same in other words",
        ),
        pytest.param(
            {"containers": [{"resources": resources({"cpu": "50m"}, BOTH)}]},
            "Burstable",
            id="asks for less than it may take",
        ),
        pytest.param(
            {"containers": [{"resources": resources(limits={"cpu": "1"})}]},
            "Burstable",
            id="no limit of memory",
        ),
        pytest.param(
            {"containers": [{"resources": resources(limits=BOTH)}, {}]},
            "Burstable",
            id="one container without",
        ),
        pytest.param(
            {"containers": [{"resources": resources(limits=BOTH)}], "initContainers": [{}]},
            "Burstable",
            id="an init container without",
        ),
        pytest.param(
            {"containers": [{"resources": resources({"cpu": "0"})}]}, "BestEffort", id="zero"
        ),
        pytest.param(
            {"containers": [{"resources": resources({"ephemeral-storage": "1Gi"})}]},
            "BestEffort",
            id="other resources do not count",
        ),
        pytest.param(
            {"containers": [{}], "resources": resources(limits=BOTH)},
            "Guaranteed",
            id="of the pod as a whole",
        ),
    ],
)
def test_qos_class(spec, expected):
    """Every container counts, with its CPU and memory."""
    assert qos_class(spec) == expected


def deployment(**spec):
    """Return a Deployment of one pod with these fields in its spec."""
    spec.setdefault("containers", [{"name": "web", "image": "web:1"}])
    labels = {"app": "web"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def play(obj, seconds=10.0, **arguments):
    """Return a cluster some time after an object was applied, and its first pod."""
    cluster = Cluster(**arguments)
    cluster.apply(obj)
    cluster.wait(seconds)
    return cluster, cluster.list("Pod")[0]


def test_class_of_a_pod():
    """A pod says its class from the beginning, and ``describe`` shows it."""
    containers = [{"name": "web", "image": "web:1", "resources": {"limits": BOTH}}]
    cluster, pod = play(deployment(containers=containers), 0.0)
    assert pod["status"]["qosClass"] == "Guaranteed"
    (row,) = cluster.kubectl("describe pod | grep QoS").stdout.splitlines()
    assert row.split() == ["QoS", "Class:", "Guaranteed"]


SIDECAR = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}


def test_sidecar():
    """A sidecar is ready before the container that it goes with, and counts as one of two."""
    cluster, _ = play(deployment(initContainers=[{"name": "init", "image": "i:1"}, SIDECAR]), 0.5)
    get = "get pods --no-headers"
    assert cluster.kubectl(get).stdout.split()[1:3] == ["1/2", "ContainerCreating"]
    cluster.wait(9.5)
    assert cluster.kubectl(get).stdout.split()[1:3] == ["2/2", "Running"]
    init, sidecar = cluster.list("Pod")[0]["status"]["initContainerStatuses"]
    assert init["state"]["terminated"]["reason"] == "Completed"
    assert sidecar["state"] == {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def test_sidecar_of_a_pod_that_crashes():
    """A sidecar goes on while the container beside it waits for its next start."""
    images = [Image("web:1", crash_after_seconds=1)]
    cluster, _ = play(deployment(initContainers=[SIDECAR]), images=images)
    shown = cluster.kubectl("get pods --no-headers").stdout.split()
    assert shown[1:3] == ["1/2", "CrashLoopBackOff"]


def conditions(pod):
    """Return the conditions of a pod, in their order."""
    return {c["type"]: c["status"] for c in pod["status"]["conditions"]}


def test_conditions():
    """A pod has five conditions, in the kubelet's order."""
    _, pod = play(deployment())
    assert list(conditions(pod).items()) == [
        ("PodReadyToStartContainers", "True"),
        ("Initialized", "True"),
        ("Ready", "True"),
        ("ContainersReady", "True"),
        ("PodScheduled", "True"),
    ]


def test_readiness_gate():
    """A pod with a readiness gate is never ready, for nobody sets the condition."""
    cluster, pod = play(deployment(readinessGates=[{"conditionType": "lb/ready"}]), 60.0)
    held = conditions(pod)
    assert (held["ContainersReady"], held["Ready"]) == ("True", "False")
    assert cluster.kubectl("get deploy --no-headers").stdout.split()[1] == "0/1"
    row = cluster.kubectl("get pods -o wide --no-headers").stdout.split()
    assert (row[1], row[2], row[-1]) == ("1/1", "Running", "0/1")
    ready = next(c for c in pod["status"]["conditions"] if c["type"] == "Ready")
    assert (ready["reason"], ready["message"]) == (
        "ReadinessGatesNotReady",
        'corresponding condition of pod readiness gate "lb/ready" does not exist.',
    )


def test_addresses():
    """Each node has an address, which its pods name; a pod on the host's network has no other."""
    cluster = Cluster(nodes=[Node("a"), Node("b")])
    cluster.apply(DaemonSet("d", image="d:1"))
    cluster.apply(deployment(hostNetwork=True))
    cluster.wait(5)
    hosts = {node: f"192.168.0.{i}" for i, node in enumerate("ab", 1)}
    wide = cluster.kubectl("get nodes -o wide --no-headers").stdout.splitlines()
    assert {row.split()[0]: row.split()[5] for row in wide} == hosts
    for pod in cluster.list("Pod"):
        host = hosts[pod["spec"]["nodeName"]]
        assert pod["status"]["hostIP"] == host
        assert (pod["status"]["podIP"] == host) == bool(pod["spec"].get("hostNetwork"))


def test_address_of_a_new_node():
    """A node that comes back has a new address: the old one may still be known."""
    cluster = Cluster(nodes=[Node("a"), Node("b")])
    cluster.remove_node("a")
    cluster.add_node(Node("a"))
    addresses = [node["status"]["addresses"][0]["address"] for node in cluster.list("Node")]
    assert addresses == ["192.168.0.3", "192.168.0.2"]


def test_events_of_two_containers():
    """Each Event of a container says which one it is about, and counts apart."""
    containers = [{"name": name, "image": f"{name}:1"} for name in ("web", "log")]
    cluster, _ = play(deployment(containers=containers))
    created = [event for event in cluster.list("Event") if event["reason"] == "Created"]
    assert [(e["involvedObject"]["fieldPath"], e["count"]) for e in created] == [
        ("spec.containers{web}", 1),
        ("spec.containers{log}", 1),
    ]
    wide = cluster.kubectl("get events -o wide --field-selector reason=Scheduled").stdout
    assert "spec." not in wide  # that one is about the pod
