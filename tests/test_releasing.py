"""Labels of pods: a controller lets go the pods that it does not select any more."""

import pytest

from rollnb import Cluster, DaemonSet, Deployment, Image, Node, StatefulSet, timeline
from rollnb.service import traffic


def play(*workloads, **arguments):
    """Return a cluster in which the pods of workloads have been running for 10 s."""
    cluster = Cluster(**arguments)
    with cluster.instantly():
        for workload in workloads:
            cluster.apply(workload)
    cluster.wait(10)
    return cluster


def names(cluster, selector="app"):
    """Return the names of the pods that a selector finds."""
    return cluster.kubectl(f"get pods -l '{selector}' -o name").stdout.split()


def owners(cluster, name):
    """Return the names of what owns a pod."""
    pod = cluster.get("Pod", name.partition("/")[2])
    return [owner["name"] for owner in pod["metadata"].get("ownerReferences", ())]


def test_quarantine():
    """A pod without the label is let go: it runs on, and another one takes its place."""
    cluster = play(Deployment("web", replicas=3, image="web:1"))
    pod, *others = names(cluster)
    assert str(cluster.kubectl(f"label {pod} app-")) == f"{pod} unlabeled"
    assert owners(cluster, pod) == []
    cluster.wait(5)
    (new,) = {*names(cluster)} - {*others}
    assert owners(cluster, new) == owners(cluster, others[0])
    rows = cluster.kubectl("get pods --no-headers").stdout.splitlines()
    assert [row.split()[1:3] for row in rows] == [["1/1", "Running"]] * 4
    assert cluster.kubectl("get deploy --no-headers").stdout.split()[1:4] == ["3/3", "3", "3"]


def test_counts():
    """For the workload the pod is gone, not terminating, and no later one is counted amiss."""
    cluster = play(Deployment("web", replicas=3, image="web:1"))
    pod = names(cluster)[0]
    cluster.kubectl(f"label {pod} app=other --overwrite")
    cluster.wait(5)
    cluster.kubectl(f"delete {pod}")
    cluster.wait(5)
    frame = timeline.timeline(cluster)
    columns = ["pods", "ready_replicas", "available_replicas", "terminating_replicas", "running"]
    assert frame.loc[10.0, columns].tolist() == [3, 2, 2, 0, 2]
    assert frame.loc[10.0:, "pods"].tolist() == [3] * len(frame.loc[10.0:])
    assert frame[columns].iloc[-1].tolist() == [3, 3, 3, 0, 3]


def test_rollout_leaves_it_alone():
    """An update, and the end of the workload, are not for a pod that was let go."""
    cluster = play(Deployment("web", replicas=3, image="web:1"))
    pod = names(cluster)[0]
    cluster.kubectl(f"label {pod} app-")
    cluster.kubectl("set image deploy web web=web:2")
    cluster.kubectl("rollout status deploy web")
    cluster.kubectl("delete deploy web")
    cluster.wait(60)
    assert cluster.kubectl("get pods -o name").stdout.split() == [pod]


def test_scaling_down_takes_others():
    """A smaller ReplicaSet deletes no pod that was let go, however little it costs."""
    cluster = play(Deployment("web", replicas=3, image="web:1"), nodes=[Node("n")])
    pods = names(cluster)
    for pod in pods[:2]:
        cluster.kubectl(f"annotate {pod} controller.kubernetes.io/pod-deletion-cost=-1")
        cluster.kubectl(f"label {pod} app-")
    cluster.wait(5)
    cluster.kubectl("scale deploy web --replicas=1")
    cluster.wait(60)
    assert {*names(cluster, "!app")} == {*pods[:2]}
    assert len(names(cluster)) == 1


def test_no_traffic():
    """A Service sends nothing to a pod without its label."""
    cluster = play(Deployment("web", replicas=2, image="web:1"))
    cluster.kubectl("expose deploy web --port=80")
    pod, other = (cluster.get("Pod", name.partition("/")[2]) for name in names(cluster))
    cluster.kubectl(f"label pod {pod['metadata']['name']} app-")
    assert cluster.kubectl("get ep --no-headers").stdout.split()[1] == (
        f"{other['status']['podIP']}:80"
    )
    assert traffic(cluster).loc[11.0, "targets"] == 1


def test_daemon():
    """A DaemonSet puts another pod beside the one that it has let go."""
    cluster = play(DaemonSet("d", image="d:1"), nodes=[Node("a"), Node("b")])
    pod = names(cluster)[0]
    node = cluster.get("Pod", pod.partition("/")[2])["spec"]["nodeName"]
    cluster.kubectl(f"label {pod} app-")
    cluster.wait(5)
    nodes = [one["spec"]["nodeName"] for one in cluster.list("Pod")]
    assert sorted(nodes) == sorted(["a", "b", node])
    cluster.kubectl(f"delete {pod}")
    assert len(names(cluster)) == 2


def test_other_labels():
    """Labels and annotations that nobody selects by are only kept."""
    cluster = play(Deployment("web", replicas=1, image="web:1", annotations={"old": "1"}))
    pod = names(cluster)[0]
    cluster.kubectl(f"label {pod} tier=front")
    cluster.kubectl(f"annotate {pod} note=x old-")
    meta = cluster.get("Pod", pod.partition("/")[2])["metadata"]
    assert (meta["labels"]["tier"], meta["annotations"]) == ("front", {"note": "x"})
    assert names(cluster, "tier=front") == [pod]
    assert len(owners(cluster, pod)) == 1


def test_terminating():
    """A pod that is being deleted stays with its controller."""
    cluster = play(
        Deployment("web", replicas=2, image="web:1"),
        images=[Image("web:1", ignores_sigterm=True)],
    )
    pod = names(cluster)[0]
    cluster.kubectl(f"delete {pod} --wait=false")
    cluster.kubectl(f"label {pod} app-")
    assert len(owners(cluster, pod)) == 1
    cluster.wait(60)
    assert len(names(cluster)) == 2


def test_deletion_cost():
    """The pod that costs least goes first, also where all are ready and alike."""
    cluster = play(Deployment("web", replicas=6, image="web:1"), nodes=[Node("n")])
    cheap = names(cluster)[3]
    cluster.kubectl(f"annotate {cheap} controller.kubernetes.io/pod-deletion-cost=-1")
    cluster.kubectl("scale deploy web --replicas=5")
    cluster.wait(40)
    assert cheap not in names(cluster)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        pytest.param(
            ["label pod db-0 app-"],
            "rollnb: without these labels db-0 would leave its StatefulSet, which could make no "
            "other pod of that name while this one is there: delete the pod instead\n",
            id="a StatefulSet's",
        ),
        pytest.param(
            ["label pod -l app=d app-", "label pod -l '!app' app=d"],
            "would take",
            id="taken back",
        ),
        pytest.param(
            ["label pod -l app=web app-", "label pod -l '!app' app=d"],
            "rollnb: with these labels DaemonSet d would take web-",
            id="taken by another",
        ),
        pytest.param(
            ["label pod -l app=web app=d --overwrite"], "would take web-", id="taken at once"
        ),
        pytest.param(
            ["set image pod/db-0 db=db:2"],
            "rollnb: the spec of a pod cannot be changed here, not even its image: change what "
            "owns it\n",
            id="its image",
        ),
        pytest.param(
            ["label pod db-0 x=-"],
            'The Pod "db-0" is invalid: metadata.labels: Invalid value: "-"',
            id="no label",
        ),
        pytest.param(
            ["label rs --all x=y"], "rollnb: a ReplicaSet cannot be changed here", id="others"
        ),
    ],
)
def test_refused(lines, error):
    """What the simulation cannot do is said, and changes nothing."""
    cluster = play(
        StatefulSet("db", image="db:1"),
        DaemonSet("d", image="d:1"),
        Deployment("web", image="web:1"),
        nodes=[Node("n")],
    )
    *before, last = lines
    for line in before:
        cluster.kubectl(line)
    cluster.wait(5)
    pods = cluster.list("Pod")
    assert error in cluster.kubectl(last).stderr
    assert cluster.list("Pod") == pods


def test_nobody_takes_it():
    """A pod may have any labels that no workload looks for, though one that is gone did."""
    cluster = play(DaemonSet("d", image="d:1"), nodes=[Node("n")])
    (pod,) = names(cluster)
    cluster.kubectl(f"label {pod} app-")
    cluster.kubectl("delete ds d --cascade=orphan")
    assert str(cluster.kubectl(f"label {pod} app=d")) == f"{pod} labeled"


def test_new_workload_does_not_adopt():
    """A pod that was let go stays without an owner, and may be annotated all the same."""
    cluster = play(DaemonSet("d", image="d:1"), nodes=[Node("n")])
    (pod,) = names(cluster)
    cluster.kubectl(f"label {pod} app=e --overwrite")
    cluster.apply(DaemonSet("e", image="e:1"))
    cluster.wait(5)
    assert owners(cluster, pod) == []
    assert str(cluster.kubectl(f"annotate {pod} note=x")) == f"{pod} annotated"
