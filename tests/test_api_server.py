"""What becomes of pods when what owns them is deleted and made anew; and what is refused."""

import math
import re

import pytest

from rollnb import Cluster, ControlPlane, DaemonSet, Deployment, Image, StatefulSet, timeline
from rollnb.cluster import Forbidden, Refused
from rollnb.manifest import ManifestError
from rollnb.node import Node

IMAGES = [Image("web:v1", ignores_sigterm=True), Image("web:v2")]
KINDS = ["Deployment", "StatefulSet", "DaemonSet"]
each_kind = pytest.mark.parametrize("kind", KINDS)


def make(kind, name="web", **fields):
    """Describe a workload with three pods on three nodes; they take their 30 s to end."""
    if kind == "DaemonSet":
        return DaemonSet(name, image="web:v1", **fields)
    return {"Deployment": Deployment, "StatefulSet": StatefulSet}[kind](
        name, replicas=3, image="web:v1", **fields
    )


def start(kind, **fields):
    """Run a workload for 10 s."""
    cluster = Cluster(IMAGES, nodes=[Node("a"), Node("b"), Node("c")])
    cluster.apply(make(kind, **fields))
    cluster.run(10)
    return cluster


def owners(cluster, kind="Pod"):
    """Return the kinds and uids of what owns the objects of a kind."""
    return {
        (reference["kind"], reference["uid"])
        for obj in cluster.list(kind)
        for reference in obj["metadata"].get("ownerReferences", ())
    }


def living(cluster):
    """Return the pods that exist and are not being deleted, by their place in ``cluster.pods``."""
    return [pod.index for pod in cluster.pods if pod.deleted_at is None]


@each_kind
@pytest.mark.parametrize("flags", ["--grace-period=3", "--now", "--force"])
def test_pods_have_their_own_grace_period(kind, flags):
    """A grace period given with the deletion is the workload's; its pods end after their own."""
    cluster = start(kind)
    cluster.kubectl(f"delete {kind} web {flags}")
    assert (cluster.now, cluster.list(kind)) == (10, [])
    assert len(owners(cluster)) == 1  # what owned a terminating pod still stands in it
    cluster.run(60)
    assert [pod.gone_at for pod in cluster.pods] == [40] * 3


@each_kind
def test_foreground(kind):
    """The object is shown until its last pod is gone; its controller makes no pod anew."""
    cluster = start(kind)
    cluster.kubectl(f"delete {kind} web --cascade=foreground --wait=false")
    cluster.delete("Pod", cluster.pods[0].name, 5.0)
    cluster.run(39)
    metadata = cluster.get(kind, "web")["metadata"]
    assert metadata["deletionTimestamp"] == "2026-01-01T00:00:10Z"
    assert metadata["finalizers"] == ["foregroundDeletion"]
    cluster.run(60)
    assert [cluster.list(k) for k in (kind, "ReplicaSet", "ControllerRevision")] == [[]] * 3
    assert [pod.gone_at for pod in cluster.pods] == [15, 40, 40]


def test_foreground_is_waited_for():
    """kubectl returns when the object is gone: at once, or with the last pod."""
    returned = {}
    for cascade in ("background", "foreground"):
        cluster = start("Deployment")
        cluster.kubectl(f"delete deploy web --cascade={cascade}")
        returned[cascade] = cluster.now
    assert returned == {"background": 10, "foreground": 40}


def test_deployment_in_the_foreground():
    """A Deployment that is being deleted says how many pods it has left, and rolls nothing out."""
    cluster = start("Deployment")
    cluster.kubectl("delete deploy web --cascade=foreground --wait=false")
    cluster.kubectl("set image deploy web web=web:v2")
    cluster.run(12)
    assert cluster.kubectl("get deploy web --no-headers").split()[:4] == ["web", "0/3", "0", "0"]
    (rs,) = cluster.kubectl("get rs --no-headers").splitlines()
    assert rs.split()[1:4] == ["3", "0", "0"]


def test_replica_set_in_the_foreground():
    """A ReplicaSet stays until its pods are gone; then the Deployment makes another one."""
    cluster = start("Deployment")
    name = cluster.groups[0].name
    cluster.kubectl(f"delete rs {name} --cascade=foreground")
    assert (cluster.now, len(cluster.pods)) == (40, 3)
    cluster.wait(5)
    assert [(rs.name, rs.created_at) for rs in cluster.groups] == [(name, 0), (name, 40)]
    assert cluster.kubectl("get deploy web --no-headers").split()[1] == "3/3"


def test_replica_sets_without_pods_in_the_foreground():
    """Of the ReplicaSets, those without pods go at once; the time of the deletion stays."""
    cluster = start("Deployment")
    cluster.kubectl("set image deploy web web=web:v2")
    cluster.run(60)
    cluster.kubectl("set image deploy web web=web:v1")
    cluster.run(120)
    cluster.delete("Deployment", "web", cascade="foreground")
    cluster.run(121)
    cluster.delete("Deployment", "web", cascade="foreground")
    (rs,) = cluster.list("ReplicaSet")
    deployment = cluster.get("Deployment", "web")
    assert {obj["metadata"]["deletionTimestamp"] for obj in (rs, deployment)} == {
        "2026-01-01T00:02:00Z"
    }


def test_background_after_all():
    """A second deletion, in the background, does not wait for the pods any more."""
    cluster = start("Deployment")
    cluster.delete("Deployment", "web", cascade="foreground")
    cluster.delete("Deployment", "web")
    assert cluster.list("Deployment") + cluster.list("ReplicaSet") == []
    cluster.run(60)
    assert [pod.gone_at for pod in cluster.pods] == [40] * 3


# --------------------------------------------------------------------------- parts of a workload


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        pytest.param("DaemonSet", ["1"], id="at once, for the controller watches revisions"),
        pytest.param("StatefulSet", [], id="once a pod changes, for that one does not"),
    ],
)
def test_revision_deleted(kind, numbers):
    """A deleted revision of the template is made anew, and the pods are left alone."""
    cluster = start(kind)
    (revision,) = cluster.list("ControllerRevision")
    cluster.kubectl(f"delete controllerrevision {revision['metadata']['name']}")

    def history():
        words = cluster.kubectl(f"rollout history {kind} web").split()
        return [word for word in words if word.isdigit()]

    cluster.run(20)
    assert (history(), living(cluster)) == (numbers, [0, 1, 2])
    cluster.kubectl(f"delete pod {cluster.pods[0].name} --now")
    cluster.run(30)
    assert (history(), living(cluster)) == (["1"], [1, 2, 3])
    (new,) = cluster.list("ControllerRevision")
    assert new["metadata"]["name"] == revision["metadata"]["name"]
    assert new["metadata"]["uid"] != revision["metadata"]["uid"]


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_revisions_deleted_during_an_update(kind):
    """Without its revisions an update goes on, and the workload can be deleted."""
    cluster = start(kind)
    cluster.kubectl(f"set image {kind} web web=web:v2")
    cluster.run(45)
    assert cluster.kubectl("delete controllerrevisions --all").exit == 0
    cluster.run(200)
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.list("Pod")} == {"web:v2"}
    assert cluster.kubectl(f"rollout status {kind} web").exit == 0
    (revision,) = [obj["metadata"]["name"] for obj in cluster.list("ControllerRevision")]
    status = cluster.get(kind, "web")["status"]
    assert status.get("updateRevision") == (revision if kind == "StatefulSet" else None)
    cluster.kubectl("delete controllerrevisions --all")
    assert cluster.kubectl(f"delete {kind} web").exit == 0
    cluster.run(300)
    assert cluster.list("Pod") + cluster.list("ControllerRevision") == []


def test_current_revision_deleted():
    """Without the revision before the update, pods below the partition come back updated."""
    cluster = start("StatefulSet", partition=2)
    cluster.kubectl("set image sts web web=web:v2")
    cluster.run(60)
    current = cluster.groups[0].name
    assert cluster.get("StatefulSet", "web")["status"]["currentRevision"] == current
    cluster.delete("ControllerRevision", current)
    cluster.kubectl("delete pod web-0 --now")
    cluster.run(80)
    images = [pod["spec"]["containers"][0]["image"] for pod in cluster.list("Pod")]
    assert images == ["web:v2", "web:v1", "web:v2"]


def test_revisions_of_one_name():
    """Of two workloads with one name and template, each has a revision of its own."""
    cluster = start("StatefulSet")
    cluster.apply(make("DaemonSet"))
    cluster.run(20)
    assert len(owners(cluster, "ControllerRevision")) == 2
    for kind in ("StatefulSet", "DaemonSet"):
        assert cluster.kubectl(f"delete {kind} web").exit == 0
    cluster.run(60)
    assert cluster.list("ControllerRevision") + cluster.list("Pod") == []


def watch_late_writes(cluster):
    """Return a list of all writes, from now on, of what has been deleted."""
    gone, late = set(), []

    def note(event, kind, obj):
        uid = obj["metadata"].get("uid")
        if uid in gone:
            late.append((event, kind, cluster.now))
        elif event == "DELETED":
            gone.add(uid)

    cluster.watch(note)
    return late


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("Deployment", "ReplicaSet"),
        ("StatefulSet", "ControllerRevision"),
        ("DaemonSet", "ControllerRevision"),
    ],
)
def test_part_deleted_at_any_moment(kind, part):
    """Whenever the old part is deleted, the update goes on, and what is gone is not written."""
    for tenth in range(45):
        cluster = Cluster(nodes=[Node("a")], control_plane=ControlPlane(request_seconds=0.2))
        fields = {} if kind == "DaemonSet" else {"replicas": 1}
        workload = {"Deployment": Deployment, "StatefulSet": StatefulSet, "DaemonSet": DaemonSet}
        cluster.apply(workload[kind]("web", image="web:v1", revision_history_limit=0, **fields))
        cluster.run(20)
        old = cluster.groups[0].name
        late = watch_late_writes(cluster)
        cluster.kubectl(f"set image {kind} web web=web:v2")
        cluster.run(20 + tenth / 10)
        if any(obj["metadata"]["name"] == old for obj in cluster.list(part)):
            cluster.delete(part, old)
        cluster.run(60)
        (pod,) = cluster.list("Pod")
        assert (pod["spec"]["containers"][0]["image"], late) == ("web:v2", [])


# ------------------------------------------------------------------------------------- the door


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"cascade": "foregroud"},
            "cascade='foregroud' must be one of background, foreground, orphan",
            id="no such cascade",
        ),
        pytest.param(
            {"grace_period_seconds": -5},
            "grace_period_seconds=-5 must be a number of seconds from 0 on",
            id="below 0",
        ),
        pytest.param(
            {"grace_period_seconds": math.nan},
            "grace_period_seconds=nan must be a number of seconds from 0 on",
            id="not a number",
        ),
        pytest.param(
            {"grace_period_seconds": "x"},
            "grace_period_seconds='x' must be a number of seconds from 0 on",
            id="a word",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["Deployment", "Pod", "Node"])
def test_deletion_without_a_meaning(kind, arguments, message):
    """What means nothing is refused, whatever is deleted, and everything stays."""
    cluster = start("Deployment")
    name = cluster.list(kind)[0]["metadata"]["name"]
    with pytest.raises(ValueError, match=f"^{message}$"):
        cluster.delete(kind, name, **arguments)
    assert "deletionTimestamp" not in cluster.get(kind, name)["metadata"]


def test_orphans_of_a_replica_set():
    """A ReplicaSet cannot leave its pods behind."""
    cluster = start("Deployment")
    name = cluster.groups[0].name
    with pytest.raises(ValueError, match=r"^the pods of a ReplicaSet cannot run on without it$"):
        cluster.delete("ReplicaSet", name, cascade="orphan")
    assert cluster.get("ReplicaSet", name)


def test_what_cannot_be_deleted():
    """The namespace stays, and so does what the cluster writes by itself."""
    cluster = start("Deployment")
    with pytest.raises(Forbidden, match=r'^namespaces "default" is forbidden: this namespace may'):
        cluster.delete("Namespace", "default")
    event = cluster.list("Event")[0]["metadata"]["name"]
    with pytest.raises(ValueError, match=f"^Event '{event}' cannot be deleted: the cluster keeps"):
        cluster.delete("Event", event)
    assert cluster.list("Event")[0]["metadata"]["name"] == event


# ---------------------------------------------------------------------------------------- orphans


@pytest.mark.parametrize(
    ("kind", "owner", "expected"),
    [
        pytest.param("Deployment", ["ReplicaSet"], [1, 2, 3], id="a ReplicaSet has its pods on"),
        pytest.param("StatefulSet", [], [1, 2], id="no one looks after them"),
        pytest.param("DaemonSet", [], [1, 2], id="nor after these"),
    ],
)
def test_orphans(kind, owner, expected):
    """Pods left behind run on, and belong to no one who is gone."""
    cluster = start(kind)
    cluster.kubectl(f"delete {kind} web --cascade=orphan")
    cluster.run(100)
    assert (cluster.list(kind), living(cluster)) == ([], [0, 1, 2])
    assert [kind for kind, _ in owners(cluster)] == owner
    assert owners(cluster, "ReplicaSet") == owners(cluster, "ControllerRevision") == set()
    cluster.delete("Pod", cluster.pods[0].name)
    cluster.run(140)
    assert living(cluster) == expected


@each_kind
def test_orphans_are_adopted(kind):
    """A new workload takes over what an old one has left behind, and rolls it on from there."""
    cluster = start(kind)
    cluster.kubectl(f"delete {kind} web --cascade=orphan")
    cluster.run(20)
    cluster.apply(make(kind, min_ready_seconds=1))
    cluster.run(30)
    uid = cluster.get(kind, "web")["metadata"]["uid"]
    assert living(cluster) == [0, 1, 2]
    assert owners(cluster, "ReplicaSet" if kind == "Deployment" else "Pod") == {(kind, uid)}
    cluster.kubectl(f"set image {kind} web web=web:v2")
    cluster.run(200)
    assert living(cluster) == [3, 4, 5]
    history = cluster.kubectl(f"rollout history {kind} web").split()
    assert [word for word in history if word.isdigit()] == ["1", "2"]
    (state,) = cluster.workloads  # one story, told by one timeline
    assert [spec.min_ready_seconds for _, spec in state.specs] == [0, 1, 1]
    assert set(cluster.log.workloads) == {0}


@pytest.mark.parametrize(
    ("kind", "new"),
    [
        pytest.param(
            "Deployment", make("Deployment", labels={"app": "other"}), id="of other labels"
        ),
        pytest.param(
            "StatefulSet", make("StatefulSet", "db", labels={"app": "web"}), id="of another name"
        ),
        pytest.param("DaemonSet", make("Deployment"), id="of another kind"),
    ],
)
def test_orphans_of_another(kind, new):
    """A workload leaves alone what it does not select, and a StatefulSet pods of other names."""
    cluster = start(kind)
    cluster.kubectl(f"delete {kind} web --cascade=orphan")
    cluster.apply(new)
    cluster.run(30)
    assert living(cluster) == [0, 1, 2, 3, 4, 5]


def test_deployment_of_another_name():
    """A Deployment adopts ReplicaSets by their labels, whatever their names are."""
    cluster = start("Deployment")
    cluster.kubectl("delete deploy web --cascade=orphan")
    cluster.apply(make("Deployment", name="site", labels={"app": "web"}))
    cluster.run(30)
    assert cluster.kubectl("get deploy site --no-headers").split()[1] == "3/3"
    assert cluster.kubectl("rollout status deploy site").endswith("successfully rolled out")


def describe(name, selector, labels, image="web:v2"):
    """Describe a Deployment of two pods with these labels, of which it selects by some."""
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "web", "image": image}]},
    }
    spec = {"replicas": 2, "selector": {"matchLabels": selector}, "template": template}
    metadata = {"name": name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def pods_by_owner(cluster):
    """Return how many pods the ReplicaSets of each Deployment have; None: of no one."""
    found = {}
    for rs in cluster.list("ReplicaSet"):
        owner = next((ref["name"] for ref in rs["metadata"].get("ownerReferences", ())), None)
        found[owner] = found.get(owner, 0) + rs["status"]["replicas"]
    return found


A, B = {"app": "web", "part": "a"}, {"app": "web", "part": "b"}


def test_some_orphans_are_adopted():
    """Of what was left behind, what is selected is adopted; another may take the rest."""
    cluster = Cluster(IMAGES)
    cluster.apply(describe("web", {"app": "web"}, A))
    cluster.run(10)
    cluster.apply(describe("web", {"app": "web"}, B, image="missing"))
    cluster.run(20)
    cluster.delete("Deployment", "web", cascade="orphan")
    assert pods_by_owner(cluster) == {None: 3}
    cluster.apply(describe("b", {"part": "b"}, B, image="missing"))
    cluster.run(30)
    assert pods_by_owner(cluster) == {None: 2, "b": 2}
    cluster.apply(describe("a", {"part": "a"}, A))
    cluster.run(40)
    assert pods_by_owner(cluster) == {"a": 2, "b": 2}
    assert [len(timeline.pods(cluster, name)) for name in "ab"] == [2, 2]
    assert [timeline.timeline(cluster, name)["pods"].iloc[-1] for name in "ab"] == [2, 2]


def test_orphans_of_two():
    """What two have left behind is adopted by one that selects both, and counted there."""
    cluster = Cluster(IMAGES)
    for name, labels in (("a", A), ("b", B)):
        cluster.apply(describe(name, labels, labels))
    cluster.run(10)
    for name in "ab":
        cluster.delete("Deployment", name, cascade="orphan")
    cluster.run(20)
    cluster.apply(describe("web", {"app": "web"}, A))
    assert pods_by_owner(cluster) == {"web": 4}
    cluster.run(100)
    assert pods_by_owner(cluster) == {"web": 2}
    pods = timeline.timeline(cluster, "web", since=5)["pods"]
    assert (pods.iloc[0], pods.iloc[-1]) == (4, 2)


@pytest.mark.parametrize(
    ("kind", "meant"),
    [("deploy", "Deployment"), ("pods", "Pod"), ("svc", "Deployment"), (None, "Deployment")],
)
@pytest.mark.parametrize("door", ["get", "delete"])
def test_kind_is_written_as_in_a_manifest(door, kind, meant):
    """kubectl's names of kinds are not those of the API, and the error says which one it is."""
    cluster = start("Deployment")
    with pytest.raises(ValueError, match=f"such as '{meant}'"):
        getattr(cluster, door)(kind, "web")


@pytest.mark.parametrize("door", ["apply", "create"])
@pytest.mark.parametrize(
    ("version", "kind", "instead"),
    [
        ("v1", "Node", "use cluster.add_node"),
        *(
            ("v1", kind, "it follows from workloads and Services")
            for kind in ("Pod", "Event", "Endpoints")
        ),
        ("apps/v1", "ReplicaSet", "it follows from workloads and Services"),
        ("apps/v1", "ControllerRevision", "it follows from workloads and Services"),
        ("discovery.k8s.io/v1", "EndpointSlice", "it follows from workloads and Services"),
    ],
)
def test_made_by_the_cluster_alone(door, version, kind, instead):
    """What only the cluster makes is refused, and leaves no trace."""
    cluster = start("Deployment")
    before = cluster.list(kind)
    obj = {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": {}}
    message = f"no {kind} is made from a manifest: {instead}"
    with pytest.raises(Refused, match=re.escape(message)):
        getattr(cluster, door)(obj)
    assert cluster.list(kind) == before


@pytest.mark.parametrize(
    ("obj", "error", "message"),
    [
        ({}, ManifestError, 'no matches for kind ""'),
        ({"apiVersion": "v1", "kind": "Service"}, LookupError, "Service None not found"),
        ({"apiVersion": "v1", "kind": "Node"}, LookupError, "Node None not found"),
    ],
)
def test_update_of_nothing(obj, error, message):
    """An object to replace must say what it is."""
    with pytest.raises(error, match=message):
        Cluster().update(obj)


@pytest.mark.parametrize(
    ("pod", "problem"),
    [
        ({"containers": [{"name": "web"}]}, "containers[0].image: Required value"),
        ({"containers": [{"image": "web:v1"}]}, "containers[0].name: Required value"),
        ({"containers": []}, "containers: Required value"),
        (
            {"containers": [{"name": "a", "image": "v1", "readinessProbe": {}}]},
            "containers[0].readinessProbe: Required value: must specify a handler type",
        ),
        (
            {
                "containers": [
                    {
                        "name": "a",
                        "image": "v1",
                        "volumeMounts": [
                            {"name": "data", "mountPath": "/data"},
                            {"name": "logs", "mountPath": "/logs"},
                        ],
                    }
                ]
            },
            'containers[0].volumeMounts[1].name: Not found: "logs"',
        ),
    ],
)
def test_stateful_set_that_could_make_no_pod(pod, problem):
    """A cluster takes a StatefulSet without a look at its pods; here it is refused in time."""
    cluster = start("StatefulSet")
    obj = cluster.get("StatefulSet", "web")
    obj["spec"]["template"]["spec"] = pod
    obj["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    obj["metadata"]["name"] = "other"
    message = "a cluster would take this StatefulSet, and then make no pod of it: "
    message += f"spec.template.spec.{problem}"
    with pytest.raises(Refused, match=f"^{re.escape(message)}$"):
        cluster.apply(obj)
