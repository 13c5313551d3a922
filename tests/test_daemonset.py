"""The DaemonSet controller's decisions, beyond the facts of file 15."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pods import make_daemon_set, make_pod

from rollnb import Cluster
from rollnb.cluster.daemonset import (
    BURST_REPLICAS,
    Status,
    calculate_status,
    manage,
    node_should_continue_running,
    node_should_run,
    resync_after_seconds,
    update_daemon_set,
)
from rollnb.cluster.daemonset_rolling import resolve_desired_node_counts, rolling_update
from rollnb.node import Node, Taint, Toleration
from rollnb.spec import Container, DaemonSet, PodTemplate

SURGING = {"max_surge": 1, "max_unavailable": 0}


def make_nodes(*nodes):
    """Make pods by node, each node a list of (revision, state, fields); oldest first."""
    return {
        f"n{number}": [
            make_pod(
                revision,
                state,
                **({"node": f"n{number}", "created_at": float(age)} | (rest[0] if rest else {})),
            )
            for age, (revision, state, *rest) in enumerate(on_node)
        ]
        for number, on_node in enumerate(nodes)
        if on_node
    }


def decide(spec, pods, count):
    """Run one sync towards "new"; return nodes that get a pod, and (node, revision) deleted."""
    nodes = [f"n{number}" for number in range(count)]
    actions = update_daemon_set(spec, nodes, set(nodes), pods, "new", set())
    return actions.create, [(pod.node, pod.group) for pod in actions.delete]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param({}, True, id="no selector: every node"),
        pytest.param({"disk": "ssd"}, True, id="label there"),
        pytest.param({"disk": "ssd", "zone": "b"}, False, id="all have to match"),
    ],
)
def test_node_should_run(selector, expected):
    """The node selector picks the nodes."""
    template = PodTemplate((Container("agent", "agent:v1"),), node_selector=selector)
    assert node_should_run(template, Node("n0", labels={"disk": "ssd", "zone": "a"})) == expected


@pytest.mark.parametrize(
    ("fields", "desired", "expected"),
    [
        pytest.param({"max_unavailable": "10%"}, 8, (0, 1), id="a tenth of 8 is 1"),
        pytest.param({"max_unavailable": "40%"}, 8, (0, 4), id="2 fifths of 8 are 4"),
        pytest.param({"max_unavailable": 0, "max_surge": "1%"}, 8, (1, 0), id="surge, too"),
        pytest.param({"max_unavailable": 0}, 8, (0, 1), id="nothing allowed: one all the same"),
        pytest.param({"max_unavailable": 0}, 0, (0, 0), id="nobody, nothing"),
    ],
)
def test_resolve_desired_node_counts(fields, desired, expected):
    """Both limits are rounded up, unlike a Deployment's maxUnavailable."""
    assert resolve_desired_node_counts(make_daemon_set(**fields), desired) == expected


GPU, LOST = Toleration("gpu", "Exists"), Taint("lost", "NoExecute")
TAINTED = [Taint("gpu", "NoSchedule"), Taint("slow", "PreferNoSchedule")]


@pytest.mark.parametrize(
    ("node", "tolerations", "run", "continue_running"),
    [
        pytest.param({}, [], True, True, id="no taint"),
        pytest.param({"taints": TAINTED[1:]}, [], True, True, id="one that only asks"),
        pytest.param({"taints": TAINTED}, [], False, True, id="NoSchedule: what is there stays"),
        pytest.param({"taints": TAINTED}, [GPU], True, True, id="tolerated"),
        pytest.param({"taints": [LOST]}, [], False, False, id="NoExecute: it goes"),
        pytest.param({"taints": [*TAINTED, LOST]}, [GPU], False, False, id="one is enough"),
        pytest.param({"labels": {"disk": "hdd"}}, [], False, False, id="other labels"),
        pytest.param({"unschedulable": True}, [], False, True, id="cordoned"),
    ],
)
def test_taints(node, tolerations, run, continue_running):
    """A taint keeps daemon pods from a node, and one with NoExecute drives them away."""
    template = PodTemplate(
        (Container("agent", "agent:v1"),),
        node_selector={"disk": "ssd"},
        tolerations=tuple(tolerations),
    )
    node = Node("n0", **({"labels": {"disk": "ssd"}} | node))
    assert node_should_run(template, node) == run
    assert node_should_continue_running(template, node) == continue_running


OLD, NEW = ("old", "available"), ("new", "available")
STARTING, BROKEN = ("new", "running_not_ready"), ("old", "running_not_ready")
GOING = ("old", "terminating")
ENDED = ("old", "terminating", {"phase": "Succeeded", "ready": False})


@pytest.mark.parametrize(
    ("fields", "nodes", "expected"),
    [
        pytest.param({}, [[], []], (["n0", "n1"], []), id="a pod for each node"),
        pytest.param({}, [[OLD], [OLD]], ([], [("n0", "old")]), id="one at a time"),
        pytest.param({}, [[STARTING], [OLD]], ([], []), id="until it is available"),
        pytest.param({}, [[GOING], [OLD]], ([], []), id="a terminating pod keeps its node"),
        pytest.param({}, [[ENDED], [OLD]], (["n0"], []), id="until it has ended"),
        pytest.param({}, [[OLD], [BROKEN]], ([], [("n1", "old")]), id="broken ones go first"),
        pytest.param(
            {},
            [[BROKEN], [BROKEN], [OLD]],
            ([], [("n0", "old"), ("n1", "old")]),
            id="and all at once",
        ),
        pytest.param(
            {"max_unavailable": 2},
            [[OLD], [], [OLD]],
            (["n1"], []),
            id="no update in the sync that fills a node",
        ),
        pytest.param({"strategy": "OnDelete"}, [[OLD], []], (["n1"], []), id="OnDelete fills"),
        pytest.param({"strategy": "OnDelete"}, [[OLD], [BROKEN]], ([], []), id="and waits"),
        pytest.param(
            {}, [[OLD, NEW], [NEW]], ([], [("n0", "new")]), id="of two the older one stays"
        ),
        pytest.param(SURGING, [[OLD], [OLD]], (["n0"], []), id="surge: beside the old one"),
        pytest.param(SURGING, [[OLD, STARTING], [OLD]], ([], []), id="surge: one at a time"),
        pytest.param(
            SURGING, [[OLD, NEW], [OLD]], ([], [("n0", "old")]), id="surge: then the old one goes"
        ),
        pytest.param(
            SURGING, [[GOING, NEW], [OLD]], (["n1"], []), id="surge: and need not have gone"
        ),
        pytest.param(SURGING, [[GOING], [NEW]], (["n0"], []), id="surge: no waiting for the end"),
        pytest.param(
            SURGING,
            [[("new", "terminating"), OLD], [NEW]],
            (["n0"], []),
            id="surge: nor for that of a new one, when an undo is undone",
        ),
        pytest.param(
            SURGING,
            [[OLD], [BROKEN], [BROKEN]],
            (["n1", "n2", "n0"], []),
            id="surge: beside broken ones at once, and they are not counted yet",
        ),
        pytest.param(
            SURGING,
            [[BROKEN, STARTING], [OLD]],
            ([], [("n0", "old")]),
            id="surge: of two broken ones the new one stays",
        ),
        pytest.param(
            SURGING,
            [[OLD, ("other", "pending"), STARTING], [NEW]],
            ([], [("n0", "other")]),
            id="surge: one old and one new pod at most",
        ),
    ],
)
def test_update_daemon_set(fields, nodes, expected):
    """Each node gets its pod first; the update goes on in a later sync."""
    spec = DaemonSet("agent", **fields)
    assert decide(spec, make_nodes(*nodes), len(nodes)) == expected


@pytest.mark.parametrize(
    ("fields", "nodes"),
    [
        pytest.param({}, [[], [OLD]], id="an empty one"),
        pytest.param({}, [[OLD, OLD], [OLD]], id="a crowded one"),
        pytest.param({}, [[OLD, NEW], [OLD]], id="one with two pods"),
        pytest.param(SURGING, [[STARTING, STARTING], [OLD]], id="surge: a crowded one"),
    ],
)
def test_disorder_uses_up_the_limit(fields, nodes):
    """A node that has to be put in order first counts as the one that may be updated."""
    names = [f"n{number}" for number in range(len(nodes))]
    spec = DaemonSet("agent", **fields)
    assert rolling_update(spec, names, {*names}, make_nodes(*nodes), "new") == ([], [])


def test_order_of_nodes():
    """Nodes are updated in the order in which the controller visits them."""
    spec = DaemonSet("agent", max_unavailable=2)
    pods = make_nodes([OLD], [OLD], [OLD])
    actions = update_daemon_set(spec, ["n2", "n0", "n1"], {*pods}, pods, "new", set())
    assert [pod.node for pod in actions.delete] == ["n2", "n0"]


def test_nodes_come_and_go():
    """Pods leave a node that is no longer eligible; waiting pods of a lost node go, too."""
    pods = make_nodes([NEW], [NEW, GOING], [])
    pods["lost"] = [make_pod("new", "pending", node=None), make_pod("new", node="lost")]
    waiting = pods["lost"][0]
    actions = manage(DaemonSet("agent"), ["n0", "n1", "n2"], {"n0", "n2"}, pods, "new", set())
    assert actions == (["n2"], [pods["n1"][0], waiting])


@pytest.mark.parametrize(
    ("fields", "nodes", "expected"),
    [
        pytest.param({}, [[NEW], [NEW]], ([], []), id="a pod stays"),
        pytest.param({}, [[], [NEW]], ([], []), id="none comes"),
        pytest.param({}, [[NEW, NEW], [NEW]], ([], [("n0", "new")]), id="of two the older stays"),
        pytest.param({}, [[OLD], [NEW]], ([], [("n0", "old")]), id="an old one goes for good"),
        pytest.param(SURGING, [[GOING], [NEW]], ([], []), id="surge: none comes, either"),
        pytest.param(SURGING, [[BROKEN], [NEW]], ([], [("n0", "old")]), id="surge: broken, gone"),
        pytest.param(
            SURGING, [[OLD], [STARTING]], ([], []), id="surge: a good one stays as it is needed"
        ),
        pytest.param(
            SURGING, [[OLD], [NEW]], ([], [("n0", "old")]), id="surge: until there are enough"
        ),
        pytest.param(
            SURGING, [[OLD, NEW], [NEW]], ([], [("n0", "old")]), id="surge: a new one stays"
        ),
    ],
)
def test_node_that_may_keep_its_pod(fields, nodes, expected):
    """The first of two nodes has a taint: what it has may stay, but nothing is replaced there."""
    pods = make_nodes(*nodes)
    names = ["n0", "n1"]
    actions = update_daemon_set(
        DaemonSet("agent", **fields), names, {"n1"}, pods, "new", keeping={"n0"}
    )
    assert (actions.create, [(pod.node, pod.group) for pod in actions.delete]) == expected


def test_burst():
    """One sync creates 250 pods and no more."""
    create, delete = decide(DaemonSet("agent"), {}, BURST_REPLICAS + 50)
    assert (len(create), delete) == (250, [])


@pytest.mark.parametrize(
    ("on_node", "expected"),
    [
        pytest.param([], Status(1, 0, 0, 0, 0, 0, 1), id="nothing"),
        pytest.param([NEW], Status(1, 1, 0, 1, 1, 1, 0), id="updated"),
        pytest.param([OLD, STARTING], Status(1, 1, 0, 1, 0, 1, 0), id="the oldest counts"),
        pytest.param([GOING, STARTING], Status(1, 1, 0, 1, 0, 1, 0), id="even if terminating"),
        pytest.param([ENDED, STARTING], Status(1, 1, 0, 0, 1, 0, 1), id="until it has ended"),
        pytest.param(
            [("old", "available", {"node": None}), STARTING],
            Status(1, 1, 0, 0, 1, 0, 1),
            id="bound pods come first",
        ),
    ],
)
def test_calculate_status(on_node, expected):
    """A node counts once, by its oldest pod."""
    pods = {"n0": [pod for on in make_nodes(on_node).values() for pod in on]}
    assert calculate_status(DaemonSet("agent"), ["n0"], {"n0"}, pods, "new", 0.0) == expected


def test_misscheduled():
    """Pods on nodes that are not eligible count as misscheduled, until they have ended."""
    pods = make_nodes([OLD], [GOING], [ENDED])
    status = calculate_status(DaemonSet("agent"), [*pods], set(), pods, "new", 0.0)
    assert status == Status(0, 0, 2, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(("new", "available"), None, id="available"),
        pytest.param(("new", "available", {"available": False}), 5, id="ready, not yet available"),
        pytest.param(("new", "running_not_ready"), None, id="not ready"),
        pytest.param(("new", "terminating"), None, id="terminating, was available"),
        pytest.param(("new", "terminating", {"ready_at": -4.0}), 5, id="terminating, was not"),
    ],
)
def test_resync(state, expected):
    """With minReadySeconds the controller looks again so long after it saw a pod get ready."""
    pods = make_nodes([state])
    spec = DaemonSet("agent", min_ready_seconds=5)
    status = calculate_status(spec, ["n0"], {"n0"}, pods, "new", 0.0)
    assert resync_after_seconds(spec, status) == expected


# ------------------------------------------------------------------------------------ closed loop


def play(spec, pods, nodes, rng, check):
    """Sync and let pods live, one event at a time, until nothing happens any more."""
    now = 0.0
    while True:
        now += 1.0
        order = rng.sample(nodes, len(nodes))
        actions = update_daemon_set(spec, order, set(nodes), pods, "new", set())
        for node in actions.create:
            pods[node].append(make_pod("new", "pending", created_at=now, node=node))
        for pod in actions.delete:
            assert pod.deleted_at is None, "deleted twice"
            pod.deleted_at, pod.available = now, False
        check(pods)
        moving = [pod for on_node in pods.values() for pod in on_node if not pod.available]
        if not moving:
            if not any(actions):
                return calculate_status(spec, nodes, set(nodes), pods, "new", now)
            continue
        pod = rng.choice(moving)
        if pod.deleted_at is not None:
            pods[pod.node].remove(pod)
        else:
            pod.phase, pod.ready, pod.available, pod.ready_at = "Running", True, True, now


limits = st.one_of(
    st.fixed_dictionaries({"max_unavailable": st.integers(1, 9) | st.sampled_from(["1%", "30%"])}),
    st.fixed_dictionaries(
        {
            "max_unavailable": st.just(0),
            "max_surge": st.integers(1, 9) | st.sampled_from(["1%", "30%"]),
        }
    ),
)


@given(limits=limits, count=st.integers(0, 9), rng=st.randoms(use_true_random=False))
def test_rolling_update_of_healthy_pods(limits, count, rng):
    """Never more nodes without an available pod, nor with a second one, than allowed."""
    spec = DaemonSet("agent", **limits)
    surge, unavailable = resolve_desired_node_counts(spec, count)
    pods = make_nodes(*[[OLD]] * count)

    def check(pods):
        live = [[pod for pod in on if pod.deleted_at is None] for on in pods.values()]
        ready = [sum(pod.ready for pod in on) for on in live]
        assert sum(not any(pod.available for pod in on) for on in pods.values()) <= unavailable
        assert sum(max(len(on) - 1, 0) for on in live) <= surge
        assert all(number <= 1 for number in ready)

    status = play(spec, pods, [*pods], rng, check)
    assert [[pod.group for pod in on] for on in pods.values()] == [["new"]] * count
    assert status == Status(count, count, 0, count, count, count, 0)


states = st.sampled_from(["available", "running_not_ready", "pending", "terminating"])


@given(
    limits=limits,
    nodes=st.lists(
        st.lists(st.tuples(st.sampled_from(["old", "new", "other"]), states), max_size=3),
        max_size=6,
    ),
    rng=st.randoms(use_true_random=False),
)
def test_ends_settled(limits, nodes, rng):
    """From any state, if all pods can become ready, each node ends with one updated pod."""
    names = [f"n{number}" for number in range(len(nodes))]
    made = make_nodes(*nodes)
    pods = {node: made.get(node, []) for node in names}
    play(DaemonSet("agent", **limits), pods, names, rng, lambda pods: None)
    assert [[pod.group for pod in pods[node]] for node in names] == [["new"]] * len(nodes)


@given(count=st.integers(1, 8), updates=st.integers(1, 4), rng=st.randoms(use_true_random=False))
def test_repeated_bad_updates(count, updates, rng):
    """However many updates never get ready, only one node is without a ready pod."""
    spec = DaemonSet("agent")
    pods = make_nodes(*[[("v0", "available")]] * count)
    for update in range(1, updates + 1):
        for _ in range(10):
            order = rng.sample([*pods], count)
            actions = update_daemon_set(spec, order, {*pods}, pods, f"v{update}", set())
            for node in actions.create:
                pods[node].append(make_pod(f"v{update}", "running_not_ready", node=node))
            for pod in actions.delete:
                pods[pod.node].remove(pod)
    assert sorted(pod.group for on in pods.values() for pod in on) == (
        ["v0"] * (count - 1) + [f"v{updates}"]
    )


def test_nodes_are_forgotten():
    """What is known of the nodes is kept for the revision of each DaemonSet that is there."""
    cluster = Cluster(nodes=[Node("a")])
    for name in ("gone", "agent"):
        for image in ("web:1", "web:2", "web:3"):
            cluster.apply(DaemonSet(name, image=image))
            cluster.wait(60)
        if name == "gone":
            cluster.delete("DaemonSet", name)
    judged = cluster._controllers["DaemonSet"]._judged
    assert [state.name for state in judged] == ["agent"]
