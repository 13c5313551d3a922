"""``kubectl cordon``, ``uncordon`` and ``drain`` keep pods away from nodes, and take them away."""

import re

import pytest

from rollnb import Cluster, DaemonSet, Image, Node, StatefulSet
from rollnb.kubectl import drain

IMAGES = [Image("web:1", stop_seconds=2), Image("deaf:1", ignores_sigterm=True)]
EMPTY_DIR = '{"spec":{"template":{"spec":{"volumes":[{"name":"scratch","emptyDir":{}}]}}}}'


def settled(*workloads, nodes="ab", patch=None):
    """Return a cluster in which the workloads are complete."""
    cluster = Cluster(IMAGES, nodes=[Node(name) for name in nodes])
    with cluster.instantly():
        for workload in workloads:
            cluster.apply(workload)
            if patch:
                cluster.kubectl(f"patch sts {workload.name} -p '{patch}'")
    return cluster


@pytest.fixture
def cluster():
    """Two nodes with a pod of a StatefulSet on each."""
    return settled(web())


def web(replicas=2, image="web:1"):
    """Return a StatefulSet that makes all its pods at once."""
    options = {"pod_management_policy": "Parallel", "termination_grace_period_seconds": 9}
    return StatefulSet("web", replicas=replicas, image=image, **options)


def told(cluster, line, exit_code=0):
    """Return what a command says, without the random part of the names."""
    output = cluster.kubectl(line)
    assert output.exit == exit_code
    return re.sub(
        r"agent-\w{5}", "agent-x", "\n".join(line for _, line in output.lines)
    ).splitlines()


def states(cluster):
    """Return the column STATUS of the nodes."""
    rows = cluster.kubectl("get nodes").stdout.splitlines()[1:]
    return [row.split()[1] for row in rows]


def nodes_of_pods(cluster):
    """Return where the pods are."""
    return {pod["metadata"]["name"]: pod["spec"].get("nodeName") for pod in cluster.list("Pod")}


def test_cordon(cluster):
    """A cordoned node gets no new pods and keeps its own, until it is uncordoned."""
    assert told(cluster, "cordon a") == ["node/a cordoned"]
    assert states(cluster) == ["Ready,SchedulingDisabled", "Ready"]
    assert told(cluster, "cordon node/a b") == ["node/a already cordoned", "node/b cordoned"]
    before = nodes_of_pods(cluster)
    cluster.kubectl("scale sts web --replicas=3")
    cluster.wait(5)
    assert nodes_of_pods(cluster) == {**before, "web-2": None}
    assert told(cluster, "uncordon a") == ["node/a uncordoned"]
    assert told(cluster, "uncordon a") == ["node/a already uncordoned"]
    cluster.wait(5)
    assert nodes_of_pods(cluster) == {**before, "web-2": "a"}


def test_watch_nodes(cluster):
    """A watch of the nodes shows that one is cordoned."""
    watch = cluster.kubectl("get nodes --watch-only", background=True)
    cluster.kubectl("cordon a")
    assert [line.split()[:2] for _, line in watch.lines] == [
        ["NAME", "STATUS"],
        ["a", "Ready,SchedulingDisabled"],
    ]


def test_cordon_by_label(cluster):
    """Nodes are cordoned by label."""
    cluster.kubectl("label node b disk=ssd")
    assert told(cluster, "cordon -l disk") == ["node/b cordoned"]
    assert states(cluster) == ["Ready", "Ready,SchedulingDisabled"]


def test_dry_run(cluster):
    """A dry run tells what would be, and changes nothing."""
    before = cluster.list("Node"), nodes_of_pods(cluster)
    assert told(cluster, "cordon a --dry-run=client") == ["node/a cordoned (dry run)"]
    assert told(cluster, "drain a --dry-run=server") == [
        "node/a cordoned (server dry run)",
        f"evicting pod default/{pod_on(cluster, 'a')} (server dry run)",
        "node/a drained (server dry run)",
    ]
    cluster.wait(5)
    assert (cluster.list("Node"), nodes_of_pods(cluster)) == before


def pod_on(cluster, node):
    """Return the name of the pod on a node."""
    return next(name for name, place in nodes_of_pods(cluster).items() if place == node)


@pytest.mark.parametrize("command", ["cordon", "uncordon", "drain"])
@pytest.mark.parametrize(
    ("words", "stderr"),
    [
        ("", "error: USAGE: {0} NODE [flags]\nSee 'kubectl {0} -h' for help and examples\n"),
        (
            "a -l disk",
            "error: cannot specify both a node name and a --selector option\n"
            "See 'kubectl {0} -h' for help and examples\n",
        ),
        ("a c", 'Error from server (NotFound): nodes "c" not found\n'),
    ],
)
def test_refused(cluster, command, words, stderr):
    """Without nodes that are there, nothing is done."""
    output = cluster.kubectl(f"{command} {words}")
    assert (output.stdout, output.stderr, output.exit) == ("", stderr.format(command), 1)
    assert states(cluster) == ["Ready", "Ready"]


def test_drain(cluster):
    """A drain ends when the pods are gone, which come back elsewhere."""
    pod = pod_on(cluster, "a")
    output = cluster.kubectl("drain a")
    assert output.lines == [
        (0, "node/a cordoned"),
        (0, f"evicting pod default/{pod}"),
        (2, f"pod/{pod} evicted"),
        (2, "node/a drained"),
    ]
    assert (output.exit, cluster.now) == (0, 2)
    cluster.wait(5)
    assert states(cluster)[0] == "Ready,SchedulingDisabled"
    assert set(nodes_of_pods(cluster).values()) == {"b"}
    assert told(cluster, "drain a") == ["node/a already cordoned", "node/a drained"]


def test_drain_one_node_after_the_other(cluster):
    """All nodes are cordoned before the first is drained, so that pods do not move twice."""
    lines = [
        (time, line) for time, line in cluster.kubectl("drain a b").lines if "pod" not in line
    ]
    cordoned = [(0, "node/a cordoned"), (0, "node/b cordoned")]
    assert lines == [*cordoned, (2, "node/a drained"), (4, "node/b drained")]
    cluster.wait(5)
    assert set(nodes_of_pods(cluster).values()) == {None}


def test_drain_in_background(cluster):
    """A drain goes on while time passes."""
    process = cluster.kubectl("drain a b", background=True)
    cluster.wait(3)
    assert (process.exit, process.lines[-1][0]) == (None, 2)
    cluster.wait(3)
    assert (process.exit, process.exit_at) == (0, 4)


@pytest.mark.parametrize(("flags", "seconds"), [("", 9), ("--grace-period=3", 3)])
def test_grace_period(flags, seconds):
    """An evicted pod has its own grace period, unless told otherwise."""
    cluster = settled(web(image="deaf:1"))
    cluster.kubectl(f"drain a {flags}")
    assert cluster.now == seconds


DAEMONS = (
    "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/agent-x"
)
NO_CONTROLLER = "Pods that declare no controller"


def refusal(error):
    """Return what a drain of the node a says that is kept from it by one error."""
    return [
        f'error: unable to drain node "a" due to error: {error}, continuing command...',
        "There are pending nodes to be drained:",
        " a",
        error,
    ]


def eviction(*names):
    """Return what a drain of the node a says that evicts pods at once."""
    begins = [f"evicting pod default/{name}" for name in names]
    return [*begins, *(f"pod/{name} evicted" for name in names), "node/a drained"]


def daemons():
    """Return a cluster with the pods of a DaemonSet."""
    return settled(DaemonSet("agent", image="agent:1"))


def without_their_set():
    """Return a cluster with pods on their way out whose DaemonSet has gone before."""
    cluster = settled(DaemonSet("agent", image="deaf:1"))
    cluster.kubectl("delete ds agent --wait=false")
    return cluster


def scratch():
    """Return a cluster with a pod that has a directory of its own."""
    return settled(web(1), nodes="a", patch=EMPTY_DIR)


def orphan():
    """Return a cluster with a pod whose StatefulSet has gone."""
    cluster = settled(web(1), nodes="a")
    cluster.kubectl("delete sts web --cascade=orphan")
    cluster.wait(5)
    return cluster


@pytest.mark.parametrize(
    ("make", "flags", "expected"),
    [
        pytest.param(daemons, "", refusal(DAEMONS), id="daemons"),
        pytest.param(daemons, "--force", refusal(DAEMONS), id="daemons by force"),
        pytest.param(
            daemons,
            "--ignore-daemonsets",
            ["Warning: ignoring DaemonSet-managed Pods: default/agent-x", "node/a drained"],
            id="daemons to ignore",
        ),
        pytest.param(
            without_their_set,
            "--ignore-daemonsets",
            refusal('cannot delete daemonsets.apps "agent" not found: default/agent-x'),
            id="daemons without their set",
        ),
        pytest.param(
            without_their_set,
            "--force",
            eviction("agent-x"),
            id="daemons without their set, by force",
        ),
        pytest.param(
            scratch,
            "",
            refusal(
                "cannot delete Pods with local storage (use --delete-emptydir-data to override): "
                "default/web-0"
            ),
            id="emptyDir",
        ),
        pytest.param(
            scratch, "--delete-emptydir-data", eviction("web-0"), id="emptyDir to delete"
        ),
        pytest.param(
            orphan,
            "",
            refusal(f"cannot delete {NO_CONTROLLER} (use --force to override): default/web-0"),
            id="no controller",
        ),
        pytest.param(
            orphan,
            "--force",
            [f"Warning: deleting {NO_CONTROLLER}: default/web-0", *eviction("web-0")],
            id="no controller, by force",
        ),
        pytest.param(orphan, "--pod-selector=app=other", ["node/a drained"], id="other pods"),
    ],
)
def test_pods_that_may_not_go(make, flags, expected):
    """Pods that would not come back, or come back at once, go only if told so."""
    cluster = make()
    before = nodes_of_pods(cluster)
    refused = expected[0].startswith("error")
    assert told(cluster, f"drain a {flags}", int(refused)) == ["node/a cordoned", *expected]
    if "evicted" not in str(expected):
        cluster.wait(5)
        assert nodes_of_pods(cluster) == before


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_ended_pod(phase):
    """A pod that has ended goes in any case."""
    pod = orphan().list("Pod")[0]
    flags = {"force": False, "ignore-daemonsets": False, "delete-emptydir-data": False}
    assert not drain.judge(None, pod, flags).goes
    assert drain.judge(None, {**pod, "status": {"phase": phase}}, flags) == (True, "", "")


def test_several_reasons():
    """All reasons are told, and no warnings beside them."""
    cluster = settled(web(1), DaemonSet("agent", image="agent:1"), nodes="a")
    cluster.kubectl("delete sts web --cascade=orphan")
    cluster.wait(5)
    orphan = f"cannot delete {NO_CONTROLLER} (use --force to override): default/web-0"
    expected = [*refusal(f"[{DAEMONS}, {orphan}]")[:-1], DAEMONS, orphan]
    assert told(cluster, "drain a", 1)[1:] == expected
    assert told(cluster, "drain a --ignore-daemonsets", 1)[1:] == refusal(orphan)


def test_timeout_from_outside():
    """A drain is ended by ``timeout``, on whichever node it is, and not given up by itself."""
    cluster = settled(web(image="deaf:1"))
    output = cluster.kubectl("timeout 6 kubectl drain a b --timeout=4s")
    assert (output.exit, cluster.now) == (124, 6)
    assert output.stderr.count("unable to drain") == 1


def test_timeout():
    """A node whose pods do not go in time is given up, and the next is drained."""
    cluster = settled(web(image="deaf:1"))
    one, other = pod_on(cluster, "a"), pod_on(cluster, "b")
    output = cluster.kubectl("drain a b --timeout=4s")
    late = [
        f'error when waiting for pod "{name}" in namespace "default" to terminate: context '
        "deadline exceeded"
        for name in (one, other)
    ]
    given_up = [
        [
            (time, f"evicting pod default/{name}"),
            (time + 4, f'There are pending pods in node "{node}" when an error occurred: {text}'),
            (time + 4, f"pod/{name}"),
            (
                time + 4,
                f'error: unable to drain node "{node}" due to error: {text}, '
                "continuing command...",
            ),
        ]
        for time, node, name, text in [(0, "a", one, late[0]), (4, "b", other, late[1])]
    ]
    ends = ["There are pending nodes to be drained:", " a", " b", *late]
    assert output.lines[2:] == [*given_up[0], *given_up[1], *((8, line) for line in ends)]
    assert (output.exit, cluster.now) == (1, 8)
