"""What becomes of pods when the object that owns them is deleted, and made anew."""

import pytest

from rollnb import Cluster, DaemonSet, Deployment, Image, StatefulSet
from rollnb.spec import Node

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


def start(kind):
    """Run a workload for 10 s."""
    cluster = Cluster(IMAGES, nodes=[Node("a"), Node("b"), Node("c")])
    cluster.apply(make(kind))
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
