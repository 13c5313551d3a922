"""Objects are selected by the fields that the API server selects them by, and by no others."""

import pytest

from rollnb import Cluster, Deployment, Node


@pytest.fixture(scope="module")
def cluster():
    """Two pods, of which the second finds no room; nothing changes them."""
    cluster = Cluster(nodes=[Node("n1", pods=1)])
    cluster.apply(Deployment("web", image="web:1", replicas=2))
    cluster.wait(10)
    return cluster


@pytest.mark.parametrize(
    ("what", "selector", "count"),
    [
        ("pods", "status.phase=Running", 1),
        ("pods", "status.phase==Running", 1),
        ("pods", "status.phase!=Running", 1),
        ("pods", "status.phase=Running,spec.nodeName=n1", 1),
        ("pods", "status.phase=Running,spec.nodeName=n2", 0),
        ("pods", "spec.nodeName=", 1),
        ("pods", "spec.hostNetwork=false", 2),
        ("deploy", "metadata.name=web,metadata.namespace=default", 1),
        ("rs", "status.replicas=2", 1),
        ("nodes", "spec.unschedulable=false", 1),
        ("ns", "status.phase=Active", 1),
        ("events", "involvedObject.kind=Deployment,reason=ScalingReplicaSet", 1),
        ("events", "source=default-scheduler,type=Warning", 1),
    ],
)
def test_selector(cluster, what, selector, count):
    """What does not fit is left out; a field that is absent is empty, or false."""
    output = cluster.kubectl(f"get {what} --field-selector={selector} --no-headers")
    assert len(output.stdout.splitlines()) == count
    assert output.exit == 0


def test_selectors_together(cluster):
    """Labels and fields can be asked for at once, and in a watch."""
    line = "get pods -l app=web --field-selector status.phase=Running -o name"
    found = cluster.kubectl(line).stdout
    assert found.startswith("pod/web-")
    assert cluster.kubectl(f"{line} -w --request-timeout=1s").stdout == found


@pytest.mark.parametrize(
    ("line", "stderr"),
    [
        pytest.param(
            "get pods -l app=web --field-selector=spec.nope=1",
            'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label '
            'selector "app=web", field selector "spec.nope=1": field label not supported: '
            "spec.nope",
            id="pods",
        ),
        pytest.param(
            "get deploy --field-selector=status.replicas=2",
            'Error from server (BadRequest): Unable to find "apps/v1, Resource=deployments" that '
            'match label selector "", field selector "status.replicas=2": "status.replicas" is '
            'not a known field selector: only "metadata.name", "metadata.namespace"',
            id="a kind without fields of its own",
        ),
        pytest.param(
            "delete pods --field-selector=status.reason=x",
            'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label '
            'selector "", field selector "status.reason=x": field label not supported: '
            "status.reason",
            id="delete",
        ),
        pytest.param(
            "get pods --field-selector=Running",
            'error: the provided field selector "Running" is not valid: invalid selector: '
            "'Running'; can't understand 'Running'",
            id="no field",
        ),
    ],
)
def test_unknown_field(cluster, line, stderr):
    """Another field is an error, not an empty list; nothing is deleted."""
    output = cluster.kubectl(line)
    assert (output.stdout, output.stderr, output.exit) == ("", stderr + "\n", 1)
    assert len(cluster.list("Pod")) == 2


def test_delete_by_field():
    """Only the pods that fit are deleted."""
    cluster = Cluster(nodes=[Node("n1", pods=1)])
    cluster.apply(Deployment("web", image="web:1", replicas=2))
    cluster.wait(10)
    pending = cluster.kubectl("get pods --field-selector status.phase=Pending -o name").stdout
    line = "delete pods --field-selector status.phase=Pending --wait=false -o name"
    assert cluster.kubectl(line).stdout == pending
