"""``kubectl taint`` changes the taints of nodes; they are shown, and may be patched."""

import json

import pytest

from rollnb import Cluster, DaemonSet, Deployment, Node, Toleration
from rollnb.node import Taint

GPU = Taint("gpu", "NoSchedule", "a100")
SPOT = Taint("spot", "PreferNoSchedule")
DISK = Taint("disk", "NoExecute", "slow")


@pytest.fixture
def cluster():
    """Two nodes, of which one has taints."""
    return Cluster(nodes=[Node("a", taints=(GPU, SPOT)), Node("b", labels={"disk": "ssd"})])


def taints(cluster, node="a"):
    """Return the taints of a node as kubectl writes them."""
    return [
        f"{one['key']}={one.get('value', '')}:{one['effect']}"
        for one in cluster.get("Node", node)["spec"].get("taints", ())
    ]


OLD = ["gpu=a100:NoSchedule", "spot=:PreferNoSchedule"]


@pytest.mark.parametrize(
    ("words", "done", "expected"),
    [
        pytest.param("disk=slow:NoExecute", "tainted", ["disk=slow:NoExecute", *OLD], id="new"),
        pytest.param("disk:NoExecute", "tainted", ["disk=:NoExecute", *OLD], id="no value"),
        pytest.param("gpu=x:NoExecute", "tainted", ["gpu=x:NoExecute", *OLD], id="other effect"),
        pytest.param(
            "gpu=h100:NoSchedule --overwrite",
            "modified",
            ["gpu=h100:NoSchedule", OLD[1]],
            id="other value",
        ),
        pytest.param("gpu-", "untainted", [OLD[1]], id="removed by key"),
        pytest.param("gpu:NoSchedule-", "untainted", [OLD[1]], id="removed by effect"),
        pytest.param("gpu=x:NoSchedule-", "untainted", [OLD[1]], id="removed whatever its value"),
        pytest.param("gpu- spot-", "untainted", [], id="all removed"),
        pytest.param(
            "disk:NoExecute gpu-",
            "modified",
            ["disk=:NoExecute", OLD[1]],
            id="added and removed",
        ),
    ],
)
def test_taint(cluster, words, done, expected):
    """Taints are added first, and removed by key or by key and effect; a dry run does neither."""
    for flag, suffix in [("client", " (dry run)"), ("server", " (server dry run)")]:
        output = cluster.kubectl(f"taint nodes a {words} --dry-run={flag}")
        assert output.stdout == f"node/a {done}{suffix}\n"
        assert taints(cluster) == OLD
    assert cluster.kubectl(f"taint nodes a {words}").stdout == f"node/a {done}\n"
    assert taints(cluster) == expected


@pytest.mark.parametrize(
    ("words", "names"),
    [("a b", "ab"), ("--all", "ab"), ("-l disk=ssd", "b")],
)
def test_nodes(cluster, words, names):
    """Nodes are named, or chosen all or by label."""
    output = cluster.kubectl(f"taint no {words} disk=slow:NoExecute")
    assert output.stdout == "".join(f"node/{name} tainted\n" for name in names)
    assert [n for n in "ab" if "disk=slow:NoExecute" in taints(cluster, n)] == list(names)


HELP = "\nSee 'kubectl taint -h' for help and examples"
NO_NAME = "at least one resource name must be specified since 'all' parameter is not set"


@pytest.mark.parametrize(
    ("words", "stderr"),
    [
        ("", "one or more resources must be specified as <resource> <name>"),
        ("nodes a", "at least one taint update is required"),
        ("nodes x- a", "all resources must be specified before taint changes: a"),
        ("pods a x-", "invalid resource type pods, only node types are supported"),
        ("nodes gpu-", NO_NAME),
        (
            "nodes --all -l x gpu-",
            "setting 'all' parameter with a non empty selector is prohibited",
        ),
        ("nodes a x=y:", f"invalid taint effect: , unsupported taint effect{HELP}"),
        ("nodes a x:y:NoExecute", f"invalid taint spec: x:y:NoExecute{HELP}"),
        ("nodes a x=y=z:NoExecute", f"invalid taint spec: x=y=z:NoExecute{HELP}"),
        ("nodes a x=y:Never", f"invalid taint effect: Never, unsupported taint effect{HELP}"),
        (
            "nodes a x=1:NoExecute x=2:NoExecute",
            f"duplicated taints with the same key and effect: {{x 2 NoExecute <nil>}}{HELP}",
        ),
        (
            "nodes a gpu:NoExecute gpu-",
            "can not both modify and remove the following taint(s) in the same command: "
            '{"gpu":""}',
        ),
        (
            "nodes a gpu=x:NoSchedule",
            "node a already has gpu taint(s) with same effect(s) and --overwrite is false",
        ),
        ("nodes a disk-", 'taint "disk" not found'),
        ("nodes a disk=slow:NoExecute-", 'taint "disk:NoExecute" not found'),
        (
            "nodes a gpu:NoExecute- disk-",
            '[taint "gpu:NoExecute" not found, taint "disk" not found]',
        ),
    ],
)
def test_refused(cluster, words, stderr):
    """What cannot be meant is refused, and nothing is changed."""
    output = cluster.kubectl(f"taint {words}")
    assert (output.stdout, output.stderr, output.exit) == ("", f"error: {stderr}\n", 1)
    assert taints(cluster) == OLD


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("-x=y:NoExecute", "name part must consist of"),
        ("x=y", "name part must consist of"),
        ("x=-:NoExecute", "a valid label must be"),
    ],
)
def test_names(cluster, word, problem):
    """Keys and values are written as those of labels."""
    output = cluster.kubectl(f"taint nodes a -- {word}")
    assert output.stderr.startswith(f"error: invalid taint spec: {word}, {problem}")


def test_some_nodes(cluster):
    """A node that cannot be tainted does not keep the others from it."""
    output = cluster.kubectl("taint nodes a c b gpu=x:NoSchedule")
    assert (output.stdout, output.exit) == ("node/b tainted\n", 1)
    assert output.stderr.splitlines() == [
        "node a already has gpu taint(s) with same effect(s) and --overwrite is false",
        'Error from server (NotFound): nodes "c" not found',
    ]


def test_node_named_twice(cluster):
    """A node is looked at when its turn comes: named twice, it has the taint the second time."""
    output = cluster.kubectl("taint nodes b b disk=x:NoSchedule")
    assert (output.stdout, output.exit) == ("node/b tainted\n", 1)
    assert output.stderr == (
        "error: node b already has disk taint(s) with same effect(s) and --overwrite is false\n"
    )


def test_node_without_a_spec(cluster):
    """A patch may take a node's spec away: it has no taints then."""
    output = cluster.kubectl("""patch node a --type=merge -p '{"spec":null}'""")
    assert (output.stdout, output.stderr) == ("node/a patched\n", "")
    assert taints(cluster) == []


def test_output(cluster):
    """With ``-o`` the node is printed."""
    output = cluster.kubectl("taint nodes b disk=slow:NoExecute -o json")
    assert json.loads(output.stdout)["spec"] == {
        "taints": [{"key": "disk", "value": "slow", "effect": "NoExecute"}]
    }


def test_patch(cluster):
    """A node may be patched within the rules, and its labels changed."""
    cluster.kubectl("""patch node b -p '{"spec":{"unschedulable":true}}'""")
    assert taints(cluster, "b") == ["node.kubernetes.io/unschedulable=:NoSchedule"]
    cluster.kubectl("label node b disk=hdd --overwrite")
    cluster.kubectl("annotate node b note=old")
    cluster.kubectl("uncordon b")
    metadata = cluster.get("Node", "b")["metadata"]
    assert (taints(cluster, "b"), metadata["labels"]["disk"]) == ([], "hdd")
    assert metadata["annotations"] == {"note": "old"}
    output = cluster.kubectl(
        """patch node b -p '{"spec":{"taints":[{"key":"x","effect":"y"}]}}'"""
    )
    assert output.stderr == (
        'The Node "b" is invalid: metadata.taints[0].effect: Unsupported value: "y": supported '
        'values: "NoSchedule", "PreferNoSchedule", "NoExecute"\n'
    )


TOLERATIONS = (
    Toleration("gpu", "Exists"),
    Toleration("disk", "Equal", "slow", "NoExecute", 30),
    Toleration(operator="Exists", effect="NoSchedule"),
)
TOLERATED = [":NoSchedule op=Exists", "disk=slow:NoExecute for 30s", "gpu op=Exists"]
NOT_READY = "node.kubernetes.io/not-ready:NoExecute op=Exists"
UNREACHABLE = "node.kubernetes.io/unreachable:NoExecute op=Exists"
PRESSURES = [
    f"node.kubernetes.io/{name}:NoSchedule op=Exists"
    for name in ("disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")
]


@pytest.mark.parametrize(
    ("make", "line", "heading", "expected"),
    [
        pytest.param(None, "node b", "Taints", ["<none>"], id="no taints"),
        pytest.param(None, "node b", "Unschedulable", ["false"], id="a node that takes pods"),
        pytest.param(
            None,
            "node a",
            "Taints",
            [
                "gpu=a100:NoSchedule",
                "node.kubernetes.io/unschedulable:NoSchedule",
                "spot:PreferNoSchedule",
            ],
            id="taints",
        ),
        pytest.param(None, "node a", "Unschedulable", ["true"], id="a cordoned node"),
        pytest.param(
            Deployment("web", image="web:1"),
            "pod web",
            "Tolerations",
            [f"{NOT_READY} for 300s", f"{UNREACHABLE} for 300s"],
            id="every pod",
        ),
        pytest.param(
            DaemonSet("web", image="web:1"),
            "pod web",
            "Tolerations",
            sorted([*PRESSURES, NOT_READY, UNREACHABLE]),
            id="pod of a DaemonSet",
        ),
        pytest.param(
            Deployment("web", image="web:1", tolerations=TOLERATIONS),
            "pod web",
            "Tolerations",
            [*TOLERATED, f"{NOT_READY} for 300s", f"{UNREACHABLE} for 300s"],
            id="pod with tolerations",
        ),
        pytest.param(
            DaemonSet("web", image="web:1", tolerations=TOLERATIONS),
            "ds web",
            "Tolerations",
            TOLERATED,
            id="a template has only its own",
        ),
    ],
)
def test_describe(make, line, heading, expected):
    """What keeps pods away, and what they bear, is described."""
    cluster = Cluster(nodes=[Node("a", taints=(GPU, SPOT), unschedulable=True), Node("b")])
    if make:
        cluster.apply(make)
        cluster.wait(1)
    described = [text.split() for text in cluster.kubectl(f"describe {line}").stdout.splitlines()]
    first = next(i for i, words in enumerate(described) if words[:1] == [f"{heading}:"])
    found = [described[first][1:], *described[first + 1 : first + len(expected) + 1]]
    assert found[: len(expected)] == [text.split() for text in expected]
    assert found[-1][0][-1] == ":"  # the next heading
