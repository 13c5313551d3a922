"""The terminal's tables and descriptions are laid out as kubectl's."""

import json
import re
from pathlib import Path

import pytest
from terminal import FakeCluster, make_revision, make_workload

from rollnb.kubectl import ages, describe, tabwriter
from rollnb.kubectl.metadata import annotations_lines, tolerations_lines
from rollnb.kubectl.resources import format_selector, matches
from rollnb.kubectl.templates import describe_probe

LESSON = Path(__file__).parent / "data" / "lesson" / "transcript.json"
COMMANDS = [
    (part["id"], command)
    for part in json.loads(LESSON.read_text(encoding="utf-8"))["parts"]
    for command in part["commands"]
]


def cells(line):
    """Return the cells of a printed row; a blank alone does not part them."""
    return re.split(r" {2,}", line)


def outputs(*beginnings):
    """Return the recorded commands that begin like this, as parameters."""
    return [
        pytest.param(command, id=f"{part} {command['command']} at {command['t']:.0f} s")
        for part, command in COMMANDS
        if command["command"].startswith(beginnings)
    ]


@pytest.mark.parametrize("command", outputs("kubectl get deploy,rs,pods"))
def test_tables_are_aligned(command):
    """Every table has columns of its own, three blanks apart."""
    for table in command["stdout"].removesuffix("\n").split("\n\n"):
        rows = [cells(line) for line in table.split("\n")]
        assert "\n".join(tabwriter.TableWriter().write(rows)) == table


@pytest.mark.parametrize(
    "command", outputs(*(f"kubectl get {k}s -w" for k in ("pod", "replicaset", "deployment")))
)
def test_watch_remembers_widths(command):
    """A wide cell shifts its own row; the rows behind it line up with it."""
    writer = tabwriter.TableWriter()
    begun = command["lines"][0][0] + 0.05
    start = [cells(line) for t, line in command["lines"] if t < begun]
    printed = writer.write(start)
    for _, line in command["lines"][len(start) :]:
        printed += writer.write([cells(line)])
    assert "\n".join(printed) + "\n" == command["stdout"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\tb", "a  b", id="two blanks behind a cell"),
        pytest.param("long\tb\nc\td", "long  b\nc     d", id="a column is as wide as its widest"),
        pytest.param(
            "a\tb\nno cell\nlonger\tc", "a  b\nno cell\nlonger  c", id="a line parts blocks"
        ),
        pytest.param("a\t\nbbb\tc", "a    \nbbb  c", id="an empty last cell keeps the blanks"),
        pytest.param("a\tb\tc\nd\te", "a  b  c\nd  e", id="rows may be shorter"),
    ],
)
def test_align(text, expected):
    """Tabs become columns, block by block."""
    assert tabwriter.align(text) == expected


# --------------------------------------------------------------------------------------- describe


def at(epoch, seconds_ago):
    """Return the timestamp of something so long before the time 0 of `epoch`."""
    return ages.timestamp(epoch - seconds_ago)


def make_event(epoch, about, message, last, first=None, count=1):
    """Make an Event of the Deployment controller; the times are seconds ago."""
    return {
        "kind": "Event",
        "metadata": {"name": f"{about}.{message}"},
        "involvedObject": {"kind": "Deployment", "name": about},
        "type": "Normal",
        "reason": "ScalingReplicaSet",
        "message": message,
        "count": count,
        "firstTimestamp": at(epoch, last if first is None else first),
        "lastTimestamp": at(epoch, last),
        "source": {"component": "deployment-controller"},
    }


def make_replica_set(name, image, revision, replicas, created):
    """Make a ReplicaSet of the lesson."""
    rs = make_revision("Deployment", "worker", revision, image)
    rs["metadata"] |= {"name": name, "creationTimestamp": created}
    labels = {"app": "worker", "pod-template-hash": name.removeprefix("worker-")}
    rs["spec"]["template"]["metadata"]["labels"] = labels
    rs["spec"]["template"]["spec"]["containers"][0]["name"] = "worker"
    rs["spec"]["replicas"] = replicas
    rs["status"]["replicas"] = replicas
    return rs


def test_describe_deployment():
    """The stuck worker is described as it was on a real control plane, Events included."""
    (command,) = [c for _, c in COMMANDS if c["command"] == "kubectl describe deploy worker"]
    epoch = ages.unix("2026-11-25T19:18:47Z")
    old, middle, new = (f"worker-{h}" for h in ("599b64b589", "58d688f58", "6476b956bc"))
    worker = make_workload("Deployment", "worker", "registry/worker:v0.3", replicas=10)
    worker["metadata"] |= {
        "namespace": "dockercoins",
        "creationTimestamp": at(epoch, 77),
        "labels": {"app": "worker"},
        "annotations": {"deployment.kubernetes.io/revision": "3"},
    }
    worker["spec"] |= {
        "selector": {"matchLabels": {"app": "worker"}},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1},
        },
    }
    template = worker["spec"]["template"]
    template["metadata"]["labels"] = {"app": "worker"}
    template["spec"]["containers"][0]["name"] = "worker"
    worker["status"] = {
        "replicas": 11,
        "updatedReplicas": 2,
        "availableReplicas": 9,
        "unavailableReplicas": 2,
        "conditions": [
            {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
            {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"},
        ],
    }
    sets = [
        make_replica_set(middle, "registry/worker:v0.2", 2, 9, at(epoch, 64)),
        make_replica_set(old, "registry/worker:v0.1", 1, 0, at(epoch, 77)),
        make_replica_set(new, "registry/worker:v0.3", 3, 2, at(epoch, 20)),
    ]
    up, down = "Scaled up replica set {} from {} to {}", "Scaled down replica set {} from {} to {}"
    steps = [
        (up.format(old, 0, 10), 77),
        (up.format(middle, 0, 1), 64),
        (down.format(old, 10, 9), 64),
        (up.format(middle, 1, 2), 64),
        (down.format(old, 9, 8), 62),
        (up.format(middle, 2, 3), 62),
        (down.format(old, 8, 7), 62),
        (up.format(middle, 3, 4), 62),
        (down.format(old, 7, 6), 60),
    ]
    events = [make_event(epoch, "worker", *step) for step in steps]
    combined = "(combined from similar events): " + up.format(new, 1, 2)
    events.append(make_event(epoch, "worker", combined, 20, first=60, count=15))
    others = {"ReplicaSet": sets, "Event": events}
    assert describe.describe(worker, others, epoch) == command["stdout"]


def test_describe_pod_that_terminates():
    """The end of the grace period lies ahead, so its age is invalid, as kubectl has it."""
    pod = {
        "kind": "Pod",
        "metadata": {
            "name": "web-1",
            "namespace": "default",
            "deletionTimestamp": at(1000.0, -30),
            "deletionGracePeriodSeconds": 30,
        },
        "spec": {"containers": [{"name": "web", "image": "web:v1"}], "nodeName": "node-1"},
        "status": {"phase": "Running", "hostIP": "10.0.0.1"},
    }
    lines = describe.describe(pod, {}, 1000.0).splitlines()
    assert [line for line in lines if "erminati" in line or line.startswith("Node:")] == [
        "Node:                      node-1/10.0.0.1",
        "Status:                    Terminating (lasts <invalid>)",
        "Termination Grace Period:  30s",
    ]


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        pytest.param(
            {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}},
            "http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3",
            id="http",
        ),
        pytest.param(
            {"tcpSocket": {"port": "web"}, "initialDelaySeconds": 5, "periodSeconds": 2},
            "tcp-socket :web delay=5s timeout=1s period=2s #success=1 #failure=3",
            id="tcp",
        ),
        pytest.param(
            {"exec": {"command": ["cat", "/tmp/ok"]}, "failureThreshold": 1},
            "exec [cat /tmp/ok] delay=0s timeout=1s period=10s #success=1 #failure=1",
            id="command",
        ),
    ],
)
def test_describe_probe(probe, expected):
    """A probe is one line."""
    assert describe_probe(probe) == expected


def test_annotations_hide_last_applied():
    """The text of the last apply is for machines."""
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "b": "1", "a": "x"}
    assert annotations_lines("Annotations", annotations) == ["Annotations:\ta: x", "\tb: 1"]


def test_tolerations():
    """Tolerations say what they tolerate and for how long, by key."""
    tolerations = [
        {
            "key": "node.kubernetes.io/not-ready",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": 300,
        },
        {"key": "gpu", "value": "yes"},
    ]
    assert tolerations_lines("Tolerations", tolerations) == [
        "Tolerations:\tgpu=yes",
        "\tnode.kubernetes.io/not-ready:NoExecute op=Exists for 300s",
    ]


# -------------------------------------------------------------------------------------- selectors


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("app=web", True),
        ("app==web,tier!=db", True),
        ("app in (web, api),tier", True),
        ("app notin (web)", False),
        ("!tier", False),
        ("missing!=x", True),
        ("", True),
    ],
)
def test_matches(selector, expected):
    """Selectors choose by labels."""
    assert matches(selector, {"app": "web", "tier": "fe"}) == expected


def test_format_selector():
    """A selector is printed with its terms in order."""
    terms = [
        {"key": "env", "operator": "In", "values": ["b", "a"]},
        {"key": "old", "operator": "DoesNotExist"},
    ]
    selector = {"matchLabels": {"tier": "fe", "app": "web"}, "matchExpressions": terms}
    assert format_selector(selector) == "app=web,env in (a,b),!old,tier=fe"


# --------------------------------------------------------------------------- get, on a small scene


@pytest.fixture
def cluster():
    """A Deployment, created 90 s ago, with one ready pod."""
    cluster = FakeCluster()
    created = at(cluster.epoch, 90)
    web = make_workload("Deployment", "web", "shop/web:v1")
    web["metadata"] |= {"creationTimestamp": created, "labels": {"app": "web"}}
    cluster.create(web)
    cluster.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web-1", "creationTimestamp": created, "labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "shop/web:v1"}], "nodeName": "node-1"},
            "status": {
                "phase": "Running",
                "podIP": "10.0.0.1",
                "containerStatuses": [{"name": "c", "ready": True, "state": {"running": {}}}],
            },
        }
    )
    return cluster


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "get pods",
            "NAME    READY   STATUS    RESTARTS   AGE\nweb-1   1/1     Running   0          90s",
            id="table",
        ),
        pytest.param(
            "get po -o wide",
            "NAME    READY   STATUS    RESTARTS   AGE   IP         NODE     NOMINATED NODE   "
            "READINESS GATES\n"
            "web-1   1/1     Running   0          90s   10.0.0.1   node-1   <none>           "
            "<none>",
            id="wide",
        ),
        pytest.param(
            "get deploy,pods --no-headers",
            "deployment.apps/web   1/1   1     1     90s\n\npod/web-1   1/1   Running   0     90s",
            id="two kinds, no headers",
        ),
        pytest.param(
            "get pod/web-1 -L app --show-labels",
            "NAME    READY   STATUS    RESTARTS   AGE   APP   LABELS\n"
            "web-1   1/1     Running   0          90s   web   app=web",
            id="labels",
        ),
        pytest.param(
            "get pods -A",
            "NAMESPACE   NAME    READY   STATUS    RESTARTS   AGE\n"
            "default     web-1   1/1     Running   0          90s",
            id="all namespaces",
        ),
        pytest.param("get deploy,po -o name", "deployment.apps/web\npod/web-1", id="names"),
        pytest.param(
            "get po -o custom-columns=POD:.metadata.name,IMAGE:.spec.containers[*].image",
            "POD     IMAGE\nweb-1   shop/web:v1",
            id="custom columns",
        ),
        pytest.param(
            "get deploy web -o jsonpath='{.spec.strategy}'",
            '{"type":"RollingUpdate"}',
            id="jsonpath",
        ),
        pytest.param(
            "get pods -l app=other", "No resources found in default namespace.", id="none"
        ),
        pytest.param("get nodes", "No resources found", id="none, without namespace"),
        pytest.param(
            "get pods -n default -l app=other",
            "No resources found in default namespace.",
            id="none, the namespace named",
        ),
    ],
)
def test_get(cluster, line, expected):
    """Objects are printed in kubectl's formats."""
    assert str(cluster.kubectl(line)) == expected


def test_get_list_as_json(cluster):
    """Several objects are a List, one that is named is itself."""
    several = json.loads(cluster.kubectl("get pods -o json"))
    one = json.loads(cluster.kubectl("get pods web-1 -o json"))
    assert several == {
        "apiVersion": "v1",
        "items": [one],
        "kind": "List",
        "metadata": {"resourceVersion": ""},
    }


def test_watch_in_background(cluster):
    """A watch goes on while later commands let time pass; ages are those of the moment."""
    watch = cluster.kubectl("kubectl get deploy -w &")
    cluster.later(5.0, lambda: cluster.update(cluster.get("Deployment", "web")))
    cluster.kubectl("sleep 10")
    assert [(t, line) for t, line in watch.lines] == [
        (0.0, "NAME   READY   UP-TO-DATE   AVAILABLE   AGE"),
        (0.0, "web    1/1     1            1           90s"),
        (5.0, "web    1/1     1            1           95s"),
    ]
    assert watch.exit is None
    watch.stop()
    cluster.update(cluster.get("Deployment", "web"))
    assert (watch.exit, len(watch.lines)) == (1, 3)


#: How a watch ends by itself.
STOPPED = (
    "rollnb: no rollout goes on any more: stopped watching (timeout 60 kubectl … watches for 60 s)"
)


def test_watch_ends_when_nothing_is_left_to_happen(cluster):
    """In the foreground a watch lasts as long as the cluster is at work."""
    cluster.later(5.0, lambda: cluster.delete("Pod", "web-1"))
    output = cluster.kubectl("get pods -w")
    assert [line for _, line in output.lines] == [
        "NAME    READY   STATUS    RESTARTS   AGE",
        "web-1   1/1     Running   0          90s",
        "web-1   1/1     Running   0          95s",
        STOPPED,
    ]
    assert (cluster.now, output.exit) == (5.0, 0)


def test_watch_events(cluster):
    """The type of each event may be shown."""
    cluster.later(1.0, lambda: cluster.delete("Pod", "web-1"))
    output = cluster.kubectl("get pods -w --output-watch-events")
    assert output.stdout == (
        "EVENT   NAME    READY   STATUS    RESTARTS   AGE\n"
        "ADDED   web-1   1/1     Running   0          90s\n"
        "DELETED   web-1   1/1     Running   0          91s\n"
    )


def test_watch_ends_at_its_timeout(cluster):
    """``--request-timeout`` ends a watch without an error."""
    cluster.later(50.0, lambda: cluster.delete("Pod", "web-1"))
    output = cluster.kubectl("get pods -w --request-timeout=20s")
    assert (cluster.now, output.exit, len(output.lines)) == (20.0, 0, 2)
