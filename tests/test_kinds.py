"""StatefulSets and DaemonSets as one meets them: in kubectl, in runs, and in the scenarios."""

from dataclasses import replace

import numpy as np
import pytest

from rollnb import (
    Cluster,
    ControlPlane,
    DaemonSet,
    Deployment,
    Image,
    Node,
    StatefulSet,
    scenarios,
    simulate,
    throughput,
)
from rollnb.scenarios import SCENARIOS, change, three_kinds, web

IMAGES = [Image("db:v1"), Image("db:v2", ready_seconds=1)]
UPDATE = "kubectl set image statefulset db db=db:v2"


def start(workload, seconds=30.0, **options):
    """Return a cluster in which the workload is up."""
    cluster = Cluster(IMAGES, **options)
    cluster.apply(workload)
    cluster.wait(seconds)
    return cluster


def read_pods(cluster):
    """Return name, readiness and status as ``get pods`` shows them."""
    lines = cluster.kubectl("get pods --no-headers").splitlines()
    return [tuple(line.split()[:3]) for line in lines]


def read_names(cluster):
    """Return the names of all pods."""
    return [name for name, _, _ in read_pods(cluster)]


# ------------------------------------------------------------------------------------ StatefulSets


def test_the_trap():
    """An OrderedReady set with a broken pod does not recover by undo, but by deleting the pod."""
    cluster = start(StatefulSet("db", replicas=3, image="db:v1"))
    cluster.kubectl("set image sts db db=db:v3")
    cluster.wait(8)
    broken = ("db-2", "0/1", "ImagePullBackOff")
    well = [("db-0", "1/1", "Running"), ("db-1", "1/1", "Running")]
    assert read_pods(cluster) == [*well, broken]

    assert cluster.kubectl("rollout undo sts db") == "statefulset.apps/db rolled back"
    cluster.wait(600)
    assert [name for name, ready, _ in read_pods(cluster) if ready == "0/1"] == ["db-2"]
    status = cluster.kubectl("rollout status sts db --timeout=5s")
    assert status.stderr == "error: timed out waiting for the condition\n"

    assert cluster.kubectl("delete pod db-2").startswith('pod "db-2" deleted')
    assert cluster.kubectl("rollout status sts db").splitlines()[-1] == (
        "partitioned roll out complete: 3 new pods have been updated..."
    )
    assert read_pods(cluster) == [*well, ("db-2", "1/1", "Running")]


def test_no_trap_in_parallel():
    """With Parallel an undo is enough."""
    spec = StatefulSet("db", replicas=3, image="db:v1", pod_management_policy="Parallel")
    cluster = start(spec)
    cluster.kubectl("set image sts db db=db:v3")
    cluster.wait(12)
    cluster.kubectl("rollout undo sts db")
    cluster.wait(5)
    assert [ready for _, ready, _ in read_pods(cluster)] == ["1/1"] * 3


def test_undo_renumbers():
    """An undo gives the old template the highest number; the history keeps both."""
    cluster = start(StatefulSet("db", replicas=2, image="db:v1"))
    cluster.kubectl(UPDATE)
    cluster.wait(20)
    cluster.kubectl("rollout undo sts db")
    cluster.wait(20)
    history = cluster.kubectl("rollout history sts db").splitlines()[2:4]
    assert [line.split()[0] for line in history] == ["2", "3"]
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.list("Pod")} == {"db:v1"}


@pytest.mark.parametrize(
    ("fields", "gates", "deleted", "state"),
    [
        pytest.param({}, (), {4: 0, 3: 3, 2: 6, 1: 9, 0: 12}, "complete", id="highest first"),
        pytest.param({"partition": 3}, (), {4: 0, 3: 3}, "complete", id="down to the partition"),
        pytest.param({"strategy": "OnDelete"}, (), {}, "stuck", id="OnDelete: nobody goes"),
        pytest.param(
            {"pod_management_policy": "Parallel"},
            (),
            {4: 0, 3: 3, 2: 6, 1: 9, 0: 12},
            "complete",
            id="Parallel is about creation, not about updates",
        ),
        pytest.param(
            {"max_unavailable": 2},
            (),
            {4: 0, 3: 3, 2: 6, 1: 9, 0: 12},
            "complete",
            id="without the gate maxUnavailable says nothing",
            marks=pytest.mark.filterwarnings("ignore:maxUnavailable"),
        ),
        pytest.param(
            {"max_unavailable": 2, "pod_management_policy": "Parallel"},
            ("MaxUnavailableStatefulSet",),
            {4: 0, 3: 0, 2: 3, 1: 3, 0: 6},
            "complete",
            id="with it, two at a time",
        ),
    ],
)
def test_who_goes_when(fields, gates, deleted, state):
    """The ordinals go in their order; a new pod is ready three seconds after the old one went."""
    spec = StatefulSet("db", replicas=5, image="db:v1", **fields)
    run = simulate(spec, [(0, UPDATE)], images=IMAGES, feature_gates=gates)
    gone = run.pods[run.pods["deleted_at"].notna()]
    ordinals = [int(name.removeprefix("db-")) for name in gone["name"]]
    assert dict(zip(ordinals, gone["deleted_at"], strict=True)) == deleted
    assert run.summary.state == state


def test_settled_with_min_ready_seconds():
    """A set that comes up one by one, each waiting, is all there at time 0."""
    spec = StatefulSet("db", replicas=6, image="db:v1", min_ready_seconds=7)
    run = simulate(spec, [(0, UPDATE)], images=IMAGES, until=1.0)
    assert run.timeline.loc[0.0, ["pods", "available_replicas"]].tolist() == [6, 5]
    assert (run.pods["available_at"].dropna() <= 0).all()


def test_start_ordinal():
    """Pods are numbered from the start ordinal: in names, in labels, and for their images."""
    slow = Image("db:v1", by_ordinal={6: Image("db:v1", ready_seconds=9)})
    cluster = Cluster([slow])
    cluster.apply(StatefulSet("db", replicas=2, image="db:v1", ordinals_start=5))
    cluster.wait(10)
    assert read_pods(cluster) == [("db-5", "1/1", "Running"), ("db-6", "0/1", "Running")]
    labels = cluster.get("Pod", "db-6")["metadata"]["labels"]
    assert labels["apps.kubernetes.io/pod-index"] == "6"


@pytest.mark.parametrize(
    ("fields", "deleted"),
    [
        pytest.param({}, {5: 0, 4: 3, 3: 6}, id="from the highest to the start"),
        pytest.param({"partition": 2}, {5: 0}, id="a partition of 2 spares the first two"),
    ],
)
def test_update_with_start_ordinal(fields, deleted):
    """An update goes down to the start ordinal, and the partition is counted from there."""
    spec = StatefulSet("db", replicas=3, image="db:v1", ordinals_start=3, **fields)
    run = simulate(spec, [(0, UPDATE)], images=IMAGES)
    gone = run.pods[run.pods["deleted_at"].notna()]
    ordinals = [int(name.removeprefix("db-")) for name in gone["name"]]
    assert dict(zip(ordinals, gone["deleted_at"], strict=True)) == deleted
    assert run.summary.state == "complete"
    assert run.cluster.kubectl("rollout status sts db") == (
        f"partitioned roll out complete: {len(deleted)} new pods have been updated..."
    )


def test_start_ordinal_of_a_live_set():
    """The pods of the new numbers come first, one by one; then the others go, highest first."""
    cluster = start(StatefulSet("db", replicas=3, image="db:v1"))
    watched = []
    cluster.watch(lambda event, kind, obj: kind == "Pod" and watched.append((event, obj)))
    cluster.kubectl("""patch sts db -p '{"spec":{"ordinals":{"start":2}}}'""")
    cluster.wait(30)
    steps = dict.fromkeys(
        ("-" if "deletionTimestamp" in obj["metadata"] else "+") + obj["metadata"]["name"]
        for event, obj in watched
        if event == "ADDED" or "deletionTimestamp" in obj["metadata"]
    )
    assert list(steps) == ["+db-3", "+db-4", "-db-1", "-db-0"]
    assert read_names(cluster) == ["db-2", "db-3", "db-4"]

    spec = cluster.get("StatefulSet", "db")["spec"]
    assert spec["ordinals"] == {"start": 2}
    cluster.kubectl("""patch sts db -p '{"spec":{"ordinals":{"start":null}}}'""")
    assert cluster.get("StatefulSet", "db")["spec"]["ordinals"] == {"start": 0}
    cluster.wait(30)
    assert read_names(cluster) == ["db-0", "db-1", "db-2"]


def test_stateful_set_on_a_lost_node():
    """Pods of a lost node come back elsewhere under their names, the lowest first."""
    cluster = start(StatefulSet("db", replicas=4, image="db:v1"), nodes=[Node("a"), Node("b")])
    uids = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in cluster.list("Pod")}
    lost = [p["metadata"]["name"] for p in cluster.list("Pod") if p["spec"]["nodeName"] == "a"]
    assert cluster.kubectl("delete node a") == 'node "a" deleted'
    cluster.wait(1)
    assert read_names(cluster) == sorted({*uids} - {lost[1]})
    cluster.wait(30)
    assert {pod["spec"]["nodeName"] for pod in cluster.list("Pod")} == {"b"}
    assert [
        pod["metadata"]["name"]
        for pod in cluster.list("Pod")
        if pod["metadata"]["uid"] != uids[pod["metadata"]["name"]]
    ] == lost


@pytest.mark.parametrize(
    ("policy", "seconds_later"),
    [
        pytest.param("OrderedReady", 2, id="OrderedReady: the next one when that is up"),
        pytest.param("Parallel", 0, id="Parallel: the others wait as well, though they could go"),
    ],
)
def test_stateful_set_made_anew(policy, seconds_later):
    """A set waits for a name that a pod of its predecessor still has: 5 ms, 10 ms, 20 ms, ...

    Its own write of the status is an attempt, too, in the place of the one after 10 ms.
    """
    deaf = Image("db:v1", ignores_sigterm=True)
    cluster = Cluster([Image("db:v1", by_ordinal={0: deaf})])
    spec = StatefulSet("db", replicas=2, image="db:v1", pod_management_policy=policy)
    cluster.apply(spec)
    cluster.wait(10)
    cluster.kubectl("delete sts db")
    cluster.apply(spec)
    cluster.wait(80)
    latest = {pod.name: pod.created_at for pod in cluster.pods}
    after = 10 + 0.005 * (2**13 - 1) - 0.01  # the first attempt after the 30 s of grace
    assert latest == {
        "db-0": pytest.approx(after),
        "db-1": pytest.approx(after + seconds_later),
    }
    assert cluster.kubectl("get sts db --no-headers").split()[:2] == ["db", "2/2"]


# ---------------------------------------------------------------------------------- DaemonSets


def test_status_is_of_the_pods_after_the_sync():
    """What a sync has created is in the status that it writes, however long it took."""
    cluster = Cluster(IMAGES, nodes=[Node(f"n{i}") for i in range(100)])
    cluster.apply(DaemonSet("agent", image="db:v1"))
    statuses = []
    cluster.watch(lambda _, kind, obj: kind == "DaemonSet" and statuses.append(obj["status"]))
    cluster.wait(10)
    first = statuses[0]
    assert (first["desiredNumberScheduled"], first["currentNumberScheduled"]) == (100, 100)
    assert first["numberReady"] > 0  # the last ones had to wait for the client's rate limit


def test_steps_of_a_daemon_set():
    """The status is written when a new pod is made and when it is available, as was recorded."""
    cluster = start(DaemonSet("agent", image="db:v1"), nodes=[Node("a"), Node("b"), Node("c")])
    cluster.kubectl("set image ds agent agent=db:v2")
    waiting = 'Waiting for daemon set "agent" rollout to finish: '
    assert cluster.kubectl("rollout status ds agent").splitlines() == [
        *[f"{waiting}1 out of 3 new pods have been updated..."] * 2,
        *[f"{waiting}2 out of 3 new pods have been updated..."] * 2,
        f"{waiting}2 of 3 updated pods are available...",
        'daemon set "agent" successfully rolled out',
    ]


def test_history_is_cleaned_up_before_the_status_is_written():
    """The sync that replaces the last old pod deletes its revision, then writes the status."""
    spec = DaemonSet("agent", image="db:v1", revision_history_limit=0)
    cluster = start(spec, nodes=[Node("a")])
    writes = []

    def note(event, kind, obj):
        updated = kind == "DaemonSet" and obj["status"].get("updatedNumberScheduled")
        if updated or (event, kind) == ("DELETED", "ControllerRevision"):
            writes.append(kind)

    cluster.kubectl("set image ds agent agent=db:v2")
    cluster.watch(note)
    cluster.wait(5)
    assert writes[:2] == ["ControllerRevision", "DaemonSet"]


def test_undo_while_old_pods_stop():
    """With a surge an undo goes on at once, though the oldest pod still is of that version."""
    spec = DaemonSet("agent", image="db:v1", max_surge=1, max_unavailable=0)
    run = simulate(
        spec,
        [(0, "kubectl set image ds agent agent=db:v2"), (5, "kubectl rollout undo ds agent")],
        images=[Image("db:v1", ignores_sigterm=True), Image("db:v2")],
        nodes=[Node("a")],
    )
    assert run.pods["created_at"].tolist()[1:] == [0.0, 5.0]


def test_nodes_come_and_go():
    """A new node gets its pod, a lost one takes its pod along, and the status follows."""
    cluster = start(DaemonSet("agent", image="db:v1"), nodes=[Node("a"), Node("b")])
    cluster.add_node(Node("c"))
    assert cluster.kubectl("get ds agent --no-headers").split()[1:6] == ["3", "3", "2", "3", "2"]
    cluster.wait(5)
    assert cluster.kubectl("get ds agent --no-headers").split()[1:6] == ["3"] * 5
    cluster.remove_node("a")
    cluster.wait(0)
    assert cluster.kubectl("get ds agent --no-headers").split()[1:6] == ["2"] * 5
    assert {pod["spec"]["nodeName"] for pod in cluster.list("Pod")} == {"b", "c"}


def test_node_that_comes_during_an_update():
    """A node that comes during an update gets the new version at once, beside the limit."""
    run = simulate(
        DaemonSet("agent", image="db:v1"),
        [
            (0, "kubectl set image ds agent agent=db:v2"),
            (1, lambda cluster: cluster.add_node(Node("late"))),
        ],
        images=IMAGES,
        nodes=[Node("a"), Node("b")],
    )
    late = run.pods[run.pods["node"] == "late"]
    assert late[["revision", "created_at"]].to_numpy().tolist() == [[2, 1]]
    assert run.summary.state == "complete"


def test_node_that_is_lost_during_an_update():
    """Without the node there is one pod less to replace: the update goes on."""
    run = simulate(
        DaemonSet("agent", image="db:v1"),
        [
            (0, "kubectl set image ds agent agent=db:v2"),
            (1, lambda cluster: cluster.remove_node("b")),
        ],
        images=IMAGES,
        nodes=[Node("a"), Node("b"), Node("c")],
    )
    assert (run.summary.state, run.timeline["replicas"].iloc[-1]) == ("complete", 2)


def test_surge_with_min_ready_seconds():
    """With a surge the controller looks a second after minReadySeconds, on its own account."""
    spec = DaemonSet("agent", image="db:v1", max_surge=1, max_unavailable=0, min_ready_seconds=5)
    run = simulate(
        spec, [(0, "kubectl set image ds agent agent=db:v1.1")], nodes=[Node("a"), Node("b")]
    )
    gone = run.pods["deleted_at"].dropna()
    assert sorted(gone) == [8.0, 16.0]  # 2 s to start, 5 s to wait, and one more
    assert run.timeline["available_replicas"].min() == 2


def test_undo_of_a_bad_image():
    """An undo replaces the broken pod of a DaemonSet, unlike that of a StatefulSet."""
    cluster = start(DaemonSet("agent", image="db:v1"), nodes=[Node("a"), Node("b")])
    cluster.kubectl("set image ds agent agent=db:v3")
    cluster.wait(12)
    assert sorted(ready for _, ready, _ in read_pods(cluster)) == ["0/1", "1/1"]
    cluster.kubectl("rollout undo ds agent")
    cluster.wait(3)
    assert [ready for _, ready, _ in read_pods(cluster)] == ["1/1", "1/1"]


# ---------------------------------------------------------------------- workloads that are deleted

KINDS = [
    pytest.param(Deployment("db", replicas=60, image="db:v1"), id="Deployment"),
    pytest.param(
        StatefulSet("db", replicas=60, image="db:v1", pod_management_policy="Parallel"),
        id="StatefulSet",
    ),
    pytest.param(DaemonSet("db", image="db:v1", max_unavailable="100%"), id="DaemonSet"),
]


#: Pods run at once, and take longer to end than a controller waits for its requests.
SLOW_TO_STOP = [Image("db:v1", pull_seconds=0, start_seconds=0, stop_seconds=5)]

each_cascade = pytest.mark.parametrize("cascade", ["background", "foreground"])


def delete_in_the_midst(cluster, kind, cascade):
    """Delete the workload while its controller waits for the rate limit; return what is left."""
    cluster.wait(0.5)
    assert 0 < len(cluster.list("Pod")) != 60
    cluster.delete(kind, "db", cascade=cascade)
    cluster.wait(60)
    kinds = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ControllerRevision", "Pod")
    return [obj for kind in kinds for obj in cluster.list(kind)]


@each_cascade
@pytest.mark.parametrize("workload", KINDS)
def test_deleted_while_it_is_made(workload, cascade):
    """A workload that is deleted while its controller makes pods leaves none behind."""
    cluster = Cluster(SLOW_TO_STOP, nodes=[Node(f"n{i}") for i in range(60)])
    cluster.apply(workload)
    assert delete_in_the_midst(cluster, type(workload).__name__, cascade) == []


@each_cascade
@pytest.mark.parametrize("workload", [KINDS[0], KINDS[2]])
def test_deleted_while_it_is_updated(workload, cascade):
    """Nor does one that is deleted during an update, be there a history to clean up or not."""
    kind = type(workload).__name__
    cluster = Cluster(IMAGES, nodes=[Node(f"n{i}") for i in range(60)])
    cluster.apply(replace(workload, revision_history_limit=0))
    cluster.wait(30)
    cluster.kubectl(f"set image {kind} db db=db:v2")
    assert delete_in_the_midst(cluster, kind, cascade) == []


def test_deleted_before_its_replica_set_is_made():
    """A ReplicaSet that was asked for before its owner was deleted goes as soon as it comes."""
    cluster = Cluster(SLOW_TO_STOP, control_plane=ControlPlane(request_seconds=1.0))
    cluster.apply(Deployment("db", replicas=2, image="db:v1"))
    cluster.wait(30)
    cluster.kubectl("set image deploy db db=db:v2")
    cluster.wait(0.5)
    cluster.delete("Deployment", "db", cascade="foreground")
    cluster.wait(60)
    assert [rs.revision for rs in cluster.groups] == [1, 2]
    assert [pod.group.revision for pod in cluster.pods] == [1, 1]
    assert cluster.list("Deployment") + cluster.list("ReplicaSet") + cluster.list("Pod") == []


@pytest.mark.parametrize("workload", KINDS)
def test_deleted_and_made_anew(workload):
    """A new workload of the same name has its own pods, and no one else makes any."""
    kind = type(workload).__name__
    cluster = Cluster(IMAGES, nodes=[Node("a"), Node("b")])
    cluster.apply(workload)
    cluster.wait(30)
    cluster.delete(kind, "db")
    cluster.apply(workload)
    cluster.wait(30)
    pods = cluster.list("Pod")
    assert len(pods) == (2 if kind == "DaemonSet" else 60)
    owners = {pod["metadata"]["ownerReferences"][0]["uid"] for pod in pods}
    assert len(owners) == 1


# ----------------------------------------------------------------------------------- scenarios


def test_three_kinds():
    """On the same change a Deployment is quicker, because it may have more pods for a while."""
    runs = three_kinds("v2")
    assert {
        kind: (
            run.summary.duration_seconds,
            run.summary.least_available,
            run.summary.most_replicas,
        )
        for kind, run in runs.items()
    } == {"Deployment": (4.0, 4, 7), "StatefulSet": (15.0, 4, 5), "DaemonSet": (15.0, 4, 5)}


def test_three_kinds_undone():
    """A missing image stops all three; of two of them an undo is the way out."""
    runs = three_kinds("v3", (20.0, "kubectl rollout undo {}"), until=60.0)
    assert {kind: run.summary.state for kind, run in runs.items()} == {
        "Deployment": "complete",
        "StatefulSet": "stuck",
        "DaemonSet": "complete",
    }
    assert runs["StatefulSet"].summary.reason in ("ImagePullBackOff", "ErrImagePull")


@pytest.mark.parametrize("name", [name for name in SCENARIOS if "set" in name or "rng" in name])
def test_scenarios(name):
    """Each scenario ends as its title says."""
    state = "stuck" if name == "statefulset-trap" else "complete"
    assert SCENARIOS[name].play().summary.state == state


@pytest.mark.parametrize(
    ("nodes", "before", "after"),
    [
        pytest.param(1, 10.0, 8.33, id="1 node: 17 % less"),
        pytest.param(4, 33.33, 8.33, id="4 nodes: 75 % less, the lesson's significant drop"),
    ],
)
def test_slower_worker_with_rng_as_daemon_set(nodes, before, after):
    """How much the slower worker costs depends on how many rng pods there are."""
    run = scenarios.dockercoins(nodes)
    assert len(run.cluster.list("Node")) == nodes
    rates = throughput.hashes(run)
    assert np.round(rates.iloc[[0, -1]], 2).tolist() == [before, after]


def test_hashes_while_rng_is_updated():
    """While rng itself is rolled out, one of its nodes is without it at a time."""
    run = scenarios.dockercoins(2, tag="v0.1")
    assert throughput.hashes(run).tolist() == [20.0]
    run.cluster.wait(5)
    run.cluster.kubectl("set image ds rng rng=registry/rng:v0.1b")
    run.cluster.push(Image("registry/rng:v0.1b"))
    run.cluster.wait(20)
    assert throughput.hashes(run).unique().tolist() == [20.0, 10.0]


def test_change_takes_other_fields():
    """What a workload may be is asked for in its own words."""
    run = change(web("DaemonSet", max_surge=2, max_unavailable=0), "v2")
    assert run.timeline["available_replicas"].min() == 5
