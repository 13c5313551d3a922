"""``kubectl cordon``, ``uncordon`` and ``drain`` keep pods away from nodes, and take them away."""

import re

import pytest

from rollnb import Cluster, DaemonSet, Image, Node, StatefulSet
from rollnb.kubectl.ages import go_duration
from rollnb.kubectl.drain_filters import judge

IMAGES = [
    Image("web:1", stop_seconds=2),
    Image("slow:1", stop_seconds=2, start_seconds=2),
    Image("deaf:1", ignores_sigterm=True),
]
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
    assert not judge(None, pod, flags).goes
    assert judge(None, {**pod, "status": {"phase": phase}}, flags) == (True, "", "")


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


# ------------------------------------------------------------------------------------- budgets

GUARD = "create pdb web --selector=app=web"


def guarded(limit="--max-unavailable=1", image="web:1"):
    """Return a cluster with a budget for the two pods on one node, and another node."""
    cluster = settled(web(image=image), nodes="a")
    cluster.add_node(Node("b"))
    cluster.kubectl(f"{GUARD} {limit}")
    return cluster


def refused(name):
    """Return what is said of a pod that its budget does not let go."""
    return (
        f'error when evicting pods/"{name}" -n "default" (will retry after 5s): '
        "Cannot evict pod as it would violate the pod's disruption budget."
    )


def too_late(name, seconds):
    """Return what is said of such a pod at the end of ``--timeout``."""
    return f'error when evicting pods/"{name}" -n "default": global timeout reached: {seconds}s'


@pytest.mark.parametrize("in_background", [False, True])
def test_budget(in_background):
    """A pod that its budget does not let go is asked for again, every 5 s until it may."""
    cluster = guarded()
    output = cluster.kubectl("drain a", background=in_background)
    cluster.wait(10 if in_background else 0)
    assert (output.exit, output.lines) == (
        0,
        [
            (0, "node/a cordoned"),
            (0, "evicting pod default/web-0"),
            (0, "evicting pod default/web-1"),
            (0, refused("web-1")),
            (2, "pod/web-0 evicted"),
            (5, "evicting pod default/web-1"),  # the new web-0 is ready since 4 s
            (7, "pod/web-1 evicted"),
            (7, "node/a drained"),
        ],
    )


def test_budget_at_the_same_instant():
    """What happens by itself in the instant of an attempt has happened before it."""
    output = guarded(image="slow:1").kubectl("drain a")
    assert (7, "pod/web-1 evicted") in output.lines  # web-0 is ready again at 5 s


def test_disable_eviction():
    """Whoever deletes does not ask the budget, and kubectl then says less."""
    cluster = guarded("--min-available=100%")
    assert told(cluster, "drain a --disable-eviction") == [
        "node/a cordoned",
        "pod/web-0 deleted",
        "pod/web-1 deleted",
        "node/a drained",
    ]
    assert cluster.now == 2


def test_budget_and_timeout():
    """After the timeout, the next attempt is the last."""
    cluster = guarded("--min-available=100%")
    late = [too_late(name, 6) for name in ("web-0", "web-1")]
    both = f"[{late[0]}, {late[1]}]"
    evicting = [f"evicting pod default/web-{i}" for i in (0, 1)]
    asked = [*evicting, refused("web-0"), refused("web-1")]
    assert cluster.kubectl("drain a --timeout=6s").lines == [
        (0, "node/a cordoned"),
        *((0, line) for line in asked),
        *((5, line) for line in asked),
        *((10, line) for line in evicting),
        (10, f'There are pending pods in node "a" when an error occurred: {both}'),
        (10, "pod/web-0"),
        (10, "pod/web-1"),
        *((10, line) for line in [*refusal(both)[:-1], *late]),
    ]


def test_timeout_at_an_attempt():
    """An attempt at the very timeout is too late."""
    output = guarded("--min-available=100%").kubectl("drain a --timeout=5s")
    assert output.lines[-1] == (5, too_late("web-1", 5))


@pytest.mark.parametrize(
    ("seconds", "text"), [(4, "4s"), (1.5, "1.5s"), (90, "1m30s"), (3600, "1h0m0s")]
)
def test_go_duration(seconds, text):
    """A timeout is written as Go does."""
    assert go_duration(seconds) == text


def test_timeout_of_both_sorts():
    """Pods that are slow to go are given up at the timeout, those refused at the next attempt."""
    cluster = guarded(image="deaf:1")
    output = cluster.kubectl("drain a --timeout=4s")
    slow = (
        'error when waiting for pod "web-0" in namespace "default" to terminate: context '
        "deadline exceeded"
    )
    assert output.lines[-2:] == [(5, slow), (5, too_late("web-1", 4))]
    assert (output.exit, cluster.now) == (1, 5)


def test_timeout_without_eviction():
    """Who has not asked for evictions is told less of a timeout, too."""
    cluster = guarded(image="deaf:1")
    output = cluster.kubectl("drain a --disable-eviction --timeout=4s")
    assert output.lines[1:] == [
        (
            4,
            'There are pending pods in node "a" when an error occurred: context deadline exceeded',
        ),
        *((4, f"pod/web-{i}") for i in (0, 1)),
        *((4, line) for line in refusal("context deadline exceeded")),
    ]


def test_two_budgets():
    """A pod with two budgets is not evicted, and not asked for again; the next node is drained."""
    cluster = guarded()
    cluster.kubectl("create pdb other --selector=app=web --min-available=0")
    output = cluster.kubectl("drain a b")
    assert "pod/web-0\npod/web-1\n" in output.stderr
    assert output.stderr.endswith(
        "There are pending nodes to be drained:\n a\n"
        + "".join(
            f'error when evicting pods/"web-{i}" -n "default": This pod has more than one '
            "PodDisruptionBudget, which the eviction subresource does not support.\n"
            for i in (0, 1)
        )
    )
    assert output.stdout.endswith("node/b drained\n")
    assert (output.exit, cluster.now) == (1, 0)


def test_budget_that_never_allows():
    """A drain that would ask for ever ends when nothing has changed for half a minute."""
    cluster = guarded("--min-available=100%")
    output = cluster.kubectl("drain a")
    assert output.stderr.count(refused("web-0")) == 7
    assert output.lines[-1] == (30, "rollnb: pod 'web-0' may never be evicted: stopped waiting")
    cluster.kubectl("delete pdb web")
    cluster.wait(10)
    assert set(nodes_of_pods(cluster).values()) == {"a"}  # nobody asks any more


def test_refused_pod_that_goes_by_itself():
    """A pod that is gone meanwhile is not asked for."""
    cluster = guarded("--min-available=100%")
    process = cluster.kubectl("drain a", background=True)
    cluster.kubectl("scale sts web --replicas=0")
    cluster.wait(6)
    assert process.lines[-1] == (5, "node/a drained")
    assert not any("evicted" in line for _, line in process.lines)


def test_refused_pod_that_comes_back_elsewhere():
    """A drain asks by name, also for the next pod of a StatefulSet, which is on another node."""
    cluster = guarded("--min-available=100%")
    process = cluster.kubectl("drain a", background=True)
    cluster.kubectl("delete pod web-0 web-1")
    cluster.wait(4)
    assert set(nodes_of_pods(cluster).values()) == {"b"}
    cluster.wait(2)
    assert process.lines[-2:] == [(5, refused("web-0")), (5, refused("web-1"))]
    cluster.kubectl("delete pdb web")
    cluster.wait(10)
    gone = [(12, f"pod/web-{i} evicted") for i in (0, 1)]
    assert process.lines[-3:] == [*gone, (12, "node/a drained")]


def test_dry_run_asks():
    """The server's dry run is refused as the eviction would be, and counts no eviction."""
    cluster = guarded()
    evicting = [f"evicting pod default/web-{i} (server dry run)" for i in (0, 1)]
    assert told(cluster, "drain a --dry-run=server")[1:3] == evicting
    cluster.kubectl('patch pdb web -p \'{"spec":{"maxUnavailable":0}}\'')
    output = cluster.kubectl("drain a --dry-run=server --timeout=1s")
    assert refused("web-0") in output.stderr
    for line in ("drain a --dry-run=client", "drain a --dry-run=server --disable-eviction"):
        assert cluster.kubectl(line).exit == 0
    cluster.wait(5)
    assert set(nodes_of_pods(cluster).values()) == {"a"}
