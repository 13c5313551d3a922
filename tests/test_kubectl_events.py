"""``kubectl events`` lists what happened by time, of one object or of a type."""

import pytest

from rollnb import Cluster, DaemonSet, Deployment, Image, Node, StatefulSet


@pytest.fixture(scope="module")
def cluster():
    """A Deployment whose image is missing; nothing changes it."""
    cluster = Cluster([Image("web:2")])
    cluster.apply(Deployment("web", image="web:1"))
    cluster.wait(5)
    return cluster


@pytest.mark.parametrize(
    ("flags", "reasons"),
    [
        (
            "",
            [
                *("ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulling", "Failed"),
                *("Failed", "BackOff", "Failed"),
            ],
        ),
        ("--for deployment/web", ["ScalingReplicaSet"]),
        ("--for deploy/web --types=Warning", []),
        ("--types=warning", ["Failed", "Failed", "Failed"]),
        ("--types=Normal,Warning --for pod/nobody", []),
    ],
)
def test_chosen(cluster, flags, reasons):
    """Events are of the object and of the types asked for."""
    output = cluster.kubectl(f"events --no-headers {flags}")
    assert sorted(line.split()[2] for line in output.stdout.splitlines()) == sorted(reasons)
    nothing = "" if reasons else "No events found in default namespace.\n"
    assert (output.stderr, output.exit) == (nothing, 0)


def test_order():
    """What happened last stands last, though it may have happened before, too."""
    cluster = Cluster([Image("web:2")])
    cluster.apply(Deployment("web", image="web:1"))
    cluster.wait(100)
    lines = cluster.kubectl("events --no-headers").stdout.splitlines()
    ages = [int(line.split()[0].removesuffix("s")) for line in lines]
    assert len(set(ages)) > 2
    assert ages == sorted(ages, reverse=True)


def test_formats(cluster):
    """Events can be printed in other formats than a table."""
    output = cluster.kubectl("events --for deployment/web -o json | jq -r '.items[].message'")
    assert str(output) == "Scaled up replica set web-76f464fd7c from 0 to 1"


@pytest.mark.parametrize(
    ("flags", "stderr"),
    [
        ("--for web", "error: --for must be in resource/name form"),
        (
            "--for deploy/web/1",
            "error: arguments in resource/name form may not have more than one slash",
        ),
        ("--for frob/web", 'error: the server doesn\'t have a resource type "frob"'),
        ("--types=Error", "error: valid --types are Normal or Warning"),
    ],
)
def test_errors(cluster, flags, stderr):
    """What is not understood is said in kubectl's words."""
    output = cluster.kubectl(f"events {flags}")
    assert (output.stdout, output.stderr, output.exit) == ("", stderr + "\n", 1)


def watched(flags):
    """Return when a watch of Events prints which lines; the Deployment is scaled after 5 s."""
    cluster = Cluster()
    cluster.apply(Deployment("web", image="web:1"))
    cluster.wait(5)
    watch = cluster.kubectl(f"events --for deployment/web --watch {flags}", background=True)
    cluster.kubectl("scale deploy web --replicas=3")
    cluster.wait(5)
    return watch.lines


def test_watch():
    """A watch prints the Events that there are, and then each that comes, below one header."""
    assert [(time, line.split()[0]) for time, line in watched("")] == [
        (5.0, "LAST"),
        (5.0, "5s"),
        (5.0, "0s"),
    ]


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        ("name", ["event/web.0000000000000000", "event/web.0000000000000007"]),
        ("jsonpath={.type}", ["Normal", "Normal"]),
    ],
)
def test_watch_in_another_format(output, lines):
    """A watch prints each Event in the format that was asked for."""
    assert [line for _, line in watched(f"-o {output}")] == lines


def test_watch_parts_documents():
    """Between the YAML documents of a watch stands a line that parts them."""
    lines = [line for _, line in watched("-o yaml")]
    assert lines.count("---") == lines.count("kind: Event") - 1 == 1
    assert lines[0] == "apiVersion: v1"


def test_events_of_a_pod_that_came_back():
    """A StatefulSet's pod is described with its own Events, not those of the one before it."""
    cluster = Cluster()
    cluster.apply(StatefulSet("db", image="db:1"))
    cluster.wait(5)
    cluster.kubectl("delete pod db-0")
    cluster.wait(5)
    assert cluster.kubectl("describe pod db-0").count("Successfully assigned") == 1


@pytest.mark.parametrize(
    ("kind", "looked_at"),
    [
        pytest.param(Deployment, "deployment web", id="Deployment"),
        pytest.param(Deployment, "replicasets", id="ReplicaSet"),
        pytest.param(StatefulSet, "statefulset web", id="StatefulSet"),
        pytest.param(DaemonSet, "daemonset web", id="DaemonSet"),
    ],
)
def test_events_of_a_workload_that_came_back(kind, looked_at):
    """What is created anew under its old name has Events of its own, counted from one."""
    cluster = Cluster(nodes=[Node("a")])
    for _ in range(2):
        cluster.apply(kind("web", image="web:1"))
        cluster.wait(40)
        text = str(cluster.kubectl(f"describe {looked_at}"))
        cluster.delete(kind.__name__, "web")
        cluster.wait(40)
    (row,) = text[text.index("Events:") :].splitlines()[3:]
    assert "40s" in row.split()
