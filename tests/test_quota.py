"""ResourceQuotas: what counts, what is refused, and how the controllers go on trying.

Waits double from 5 ms on, and a ReplicaSet's own write of its status is an attempt as well: with
nothing else happening attempts come at 0, 0, 5, 25, 65, 145 ms, ... 20.465 s, 40.945 s, 81.905 s.
"""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollnb import Cluster, DaemonSet, Deployment, Image, Node, StatefulSet, simulate
from rollnb.cluster import MEASURED, ControlPlane, Refused
from rollnb.cluster.quota import find_unspecified, pod_usage
from rollnb.scenarios import POLITE, roll_out, worker

SMALL = "kubectl create quota small --hard=pods={}".format
IMAGES = [Image(f"web:v{i}", pull_seconds=0, start_seconds=2, stop_seconds=1) for i in (1, 2)]


def web(replicas=2, cpu=0.0, memory=0.0, kind=Deployment, **fields):
    """Return a workload whose pods start in 2 s."""
    return kind("web", replicas=replicas, image="web:v1", cpu=cpu, memory=memory, **fields)


def cluster_of(*objects, quota="", **options):
    """Return a cluster with a quota, if one is given, and some objects, at 0 s."""
    cluster = Cluster(IMAGES, **options)
    if quota:
        cluster.kubectl(f"kubectl create quota small --hard={quota}")
    for obj in objects:
        cluster.apply(obj)
    cluster.run(0)
    return cluster


def used(cluster, name="small"):
    """Return what a quota says is used."""
    return cluster.get("ResourceQuota", name)["status"]["used"]


def attempts_of(cluster):
    """Note when a pod is asked for from now on, be it created or not."""
    times = []
    cluster._store.admission.insert(0, lambda group, name: times.append(round(cluster.now, 3)))
    return times


def created(run, revision=2):
    """Return when the pods of a revision were created."""
    pods = run.pods[run.pods["revision"] == revision]
    return sorted(pods["created_at"].round(3))


def conditions(cluster, kind):
    """Return type, status and reason of the conditions of the first object of a kind."""
    listed = cluster.list(kind)[0]["status"].get("conditions", ())
    return [(c["type"], c["status"], c["reason"]) for c in listed]


FAILURE = ("ReplicaFailure", "True", "FailedCreate")


def events(cluster, reason="FailedCreate"):
    """Return the messages of the Events with a reason."""
    return [event.message for event in cluster.events if event.reason == reason]


# ----------------------------------------------------------------------------------- what counts


def container(name="a", limits=None, **requests):
    """Return a container of a pod's spec."""
    return {"name": name, "resources": {"requests": requests, "limits": limits or {}}}


@pytest.mark.parametrize(
    ("spec", "compute"),
    [
        pytest.param({"containers": [{"name": "a"}]}, {}, id="nothing asked for"),
        pytest.param(
            {"containers": [container(cpu="500m"), container("b", cpu="1")]},
            {"cpu": "1500m", "requests.cpu": "1500m"},
            id="containers are added up",
        ),
        pytest.param(
            {"containers": [container(limits={"cpu": "2", "memory": "1Gi"}, memory="64Mi")]},
            {
                "memory": "64Mi",
                "requests.memory": "64Mi",
                "limits.cpu": "2",
                "limits.memory": "1Gi",
            },
            id="limits apart from requests",
        ),
        pytest.param(
            {
                "containers": [container(cpu="500m")],
                "initContainers": [container("i", cpu="2"), container("j", cpu="1")],
            },
            {"cpu": "2", "requests.cpu": "2"},
            id="the largest init container, if it asks for more",
        ),
        pytest.param(
            {
                "containers": [container(cpu="500m")],
                "initContainers": [{**container("s", cpu="250m"), "restartPolicy": "Always"}],
            },
            {"cpu": "750m", "requests.cpu": "750m"},
            id="a sidecar runs beside the others",
        ),
        pytest.param(
            {
                "containers": [container(cpu="500m")],
                "resources": {"requests": {"cpu": "3"}},
                "overhead": {"cpu": "1"},
            },
            {"cpu": "4", "requests.cpu": "4"},
            id="what the pod asks for as a whole, and its overhead",
        ),
    ],
)
def test_pod_usage(spec, compute):
    """A pod counts as one, and as what its containers ask for."""
    assert pod_usage(spec) == {"pods": "1", "count/pods": "1"} | compute


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        pytest.param({"containers": [container(cpu="1")]}, "", id="said"),
        pytest.param(
            {"containers": [container("b"), container("a"), container("c", cpu="1")]},
            "cpu for: a,b; requests.cpu for: a,b",
            id="the names of the silent ones",
        ),
        pytest.param(
            {"containers": [container()], "resources": {"requests": {"cpu": "1"}}},
            "",
            id="said for the pod as a whole",
        ),
    ],
)
def test_find_unspecified(spec, sentence):
    """Where a quota limits CPU or memory, each container has to say how much."""
    assert find_unspecified(spec, ["requests.cpu", "pods", "cpu"]) == sentence


def test_used():
    """All pods of the namespace count, those that were there before the quota, too."""
    cluster = cluster_of(web(3, cpu=0.5, memory=64 * 2**20))
    names = "pods", "count/pods", "requests.cpu", "memory"
    cluster.kubectl(f"kubectl create quota small --hard={','.join(f'{n}=1Gi' for n in names)}")
    counted = {"pods": "3", "count/pods": "3", "requests.cpu": "1500m", "memory": "192Mi"}
    assert used(cluster) == counted
    cluster.kubectl("kubectl scale deployment web --replicas=4")
    cluster.run(1)
    assert used(cluster) == {
        "pods": "4",
        "count/pods": "4",
        "requests.cpu": "2",
        "memory": "256Mi",
    }


def test_terminating_pods_count():
    """A pod counts until its last process has ended; its object a little longer."""
    cluster = cluster_of(web(2), quota="pods=9,count/pods=9", control_plane=MEASURED)
    cluster.run(10)
    cluster.kubectl("kubectl scale deployment web --replicas=1")
    counts = []
    cluster.watch(lambda event, kind, obj: kind == "Pod" and counts.append(used(cluster)))
    cluster.run(20)
    counts = [(each["pods"], each["count/pods"]) for each in (*counts, used(cluster))]
    assert list(dict.fromkeys(counts)) == [("2", "2"), ("1", "2"), ("1", "1")]


def test_what_has_ended_before_the_quota():
    """A quota that comes between a pod's end and that of its object counts the object alone."""
    cluster = cluster_of(web(2), control_plane=ControlPlane(gone_seconds=5))
    cluster.run(10)
    cluster.kubectl("kubectl scale deployment web --replicas=1")
    cluster.run(12)  # it has stopped at 11 s
    cluster.kubectl("kubectl create quota small --hard=pods=9,count/pods=9")
    assert used(cluster) == {"pods": "1", "count/pods": "2"}
    cluster.run(20)
    assert used(cluster) == {"pods": "1", "count/pods": "1"}


def test_a_pod_that_never_ran_counts_until_it_is_gone():
    """What was never on a node is given back when its object goes."""
    cluster = cluster_of(web(2), quota="pods=9,count/pods=9", nodes=[Node("a", pods=1)])
    cluster.kubectl("kubectl scale deployment web --replicas=0")
    cluster.run(10)
    assert used(cluster) == {"pods": "0", "count/pods": "0"}


def test_other_names_are_kept():
    """What the model does not count is shown, and limits nothing."""
    cluster = cluster_of(web(2), quota="services=0,example.com/gpu=1,pods=5")
    quota = cluster.get("ResourceQuota", "small")
    assert quota["status"]["hard"] == {"services": "0", "example.com/gpu": "1", "pods": "5"}
    assert quota["status"]["used"] == {"pods": "2"}
    assert str(cluster.kubectl("kubectl expose deployment web --port=80")).endswith("exposed")


def test_scopes_are_refused():
    """A quota for some of the pods only is refused, with a way out."""
    obj = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "some"},
        "spec": {"scopes": ["BestEffort"]},
    }
    with pytest.raises(Refused, match="leave its scopes out"):
        Cluster().create(obj)


def test_no_quota_no_look():
    """Without a quota nothing is looked at when objects are written."""
    cluster = cluster_of(quota="pods=1")
    cluster.kubectl("kubectl create quota other --hard=pods=2")
    assert len(cluster._store.watchers) == 1
    cluster.kubectl("kubectl delete quota small other")
    assert cluster._store.watchers == []


# -------------------------------------------------------------------------------- at the door


@pytest.mark.parametrize(
    ("quota", "fields", "why"),
    [
        pytest.param(
            "pods=1",
            {},
            "exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1",
            id="pods",
        ),
        pytest.param(
            "requests.cpu=800m,pods=1,limits.memory=0",
            {"cpu": 0.5},
            "failed quota: small: must specify limits.memory for: web",
            id="what has to be said comes first",
        ),
        pytest.param(
            "requests.cpu=800m,pods=1,count/pods=5",
            {"cpu": 0.5},
            "exceeded quota: small, requested: pods=1,requests.cpu=500m, "
            "used: pods=1,requests.cpu=500m, limited: pods=1,requests.cpu=800m",
            id="all that is exceeded, and nothing else",
        ),
    ],
)
def test_refusal(quota, fields, why):
    """A pod that a quota has no room for is refused in the API server's words."""
    cluster = cluster_of(web(2, **fields), quota=quota)
    message = events(cluster)[0]
    beginning, name = 'Error creating: pods "', message.split('"')[1]
    assert message == f'{beginning}{name}" is forbidden: {why}'
    assert name.rpartition("-")[0] == cluster.list("ReplicaSet")[0]["metadata"]["name"]


def test_first_quota_that_is_not_told():
    """Of several quotas that a pod does not tell what it needs, the first by name says so."""
    cluster = cluster_of(quota="cpu=9")
    cluster.kubectl("kubectl create quota large --hard=memory=9Gi")
    cluster.apply(web(1))
    cluster.run(0)
    assert "failed quota: large: must specify memory for: web" in events(cluster)[0]


def test_up_to_the_limit():
    """What fits exactly is let in: three times 0.1 are 0.3."""
    cluster = cluster_of(web(4, cpu=0.1), quota="cpu=300m")
    assert used(cluster) == {"cpu": "300m"}


def test_each_quota_limits():
    """Of several quotas, the first by name that has no room refuses."""
    cluster = cluster_of(quota="pods=5")
    cluster.kubectl("kubectl create quota tiny --hard=pods=1")
    cluster.apply(web(3))
    cluster.run(0)
    assert used(cluster) == used(cluster, "tiny") == {"pods": "1"}
    assert "exceeded quota: tiny," in events(cluster)[0]


# -------------------------------------------------------------------------------- ReplicaSets


def test_attempts():
    """A ReplicaSet tries again after 5 ms, 10 ms and so on, and after its own write."""
    cluster = cluster_of(quota="pods=0")
    times = attempts_of(cluster)
    cluster.apply(web(1))
    cluster.run(1000)
    later = [round(0.005 + 0.02 * (2**n - 1), 3) for n in range(16)]
    assert times == [0, 0, *later]
    assert later[-2:] == [327.665, 655.345]


def test_waits_end_at_1000_seconds():
    """After two hours a ReplicaSet still tries, every thousand seconds."""
    cluster = cluster_of(web(1), quota="pods=0")
    times = attempts_of(cluster)
    cluster.run(9000)
    assert [b - a for a, b in pairwise(times[-4:])] == [1000] * 3


def test_slow_start_ends_at_a_failure():
    """Pods are asked for 1, 2, 4 ... at a time; the batch with a failure is the last."""
    cluster = cluster_of(quota="pods=5")
    times = attempts_of(cluster)
    cluster.apply(web(20))
    cluster.run(0)
    # Of the third batch two fit and two do not; each of the two further turns asks for one.
    assert times == [0] * (1 + 2 + 4 + 1 + 1)


@pytest.mark.parametrize(
    "workload",
    [
        web(2),
        web(2, kind=StatefulSet, pod_management_policy="Parallel"),
        DaemonSet("web", image="web:v1"),
    ],
    ids=lambda workload: type(workload).__name__,
)
def test_own_pods_wake(workload):
    """Each change of an own pod is an attempt: its node, its containers, that it is ready."""
    control_plane = ControlPlane(bind_seconds=1, kubelet_seconds=1)
    nodes = [Node("a"), Node("b")]
    cluster = cluster_of(quota="pods=1", control_plane=control_plane, nodes=nodes)
    times = attempts_of(cluster)
    cluster.apply(workload)
    cluster.run(4)
    assert {1, 2, 4} <= {*times}


def test_pods_of_others_do_not_wake():
    """That another Deployment's pod is gone, and there is room, is not noticed."""
    cluster = cluster_of(replace(web(1), name="other"), web(3), quota="pods=3")
    cluster.run(49)
    times = attempts_of(cluster)
    cluster.kubectl("kubectl scale deployment other --replicas=0")
    cluster.run(60)
    assert (times, used(cluster)) == ([], {"pods": "2"})


def test_a_larger_quota_wakes_nobody():
    """Raising or deleting a quota helps only at the next attempt."""
    cluster = cluster_of(web(3), quota="pods=0")
    times = attempts_of(cluster)
    cluster.run(50)
    patch = '{"spec":{"hard":{"pods":"2"}}}'
    cluster.kubectl(f"kubectl patch quota small -p '{patch}'")
    cluster.run(82)
    assert sorted(set(times))[-2:] == [40.945, 81.905]
    assert (used(cluster), len(cluster.list("Pod"))) == ({"pods": "2"}, 2)
    cluster.kubectl("kubectl delete quota small")
    cluster.run(83.5)
    assert len(cluster.list("Pod")) == 2
    cluster.run(84)  # its own pods are ready at 83.905 s
    assert len(cluster.list("Pod")) == 3


def test_conditions():
    """ReplicaFailure is true for the ReplicaSet and its Deployment until a creation works."""
    cluster = cluster_of(web(3), quota="pods=1")
    cluster.run(30)
    assert conditions(cluster, "ReplicaSet") == [FAILURE]
    assert FAILURE in conditions(cluster, "Deployment")
    (condition,) = cluster.list("ReplicaSet")[0]["status"]["conditions"]
    assert condition["lastTransitionTime"] == "2026-01-01T00:00:00Z"
    assert condition["message"] in "\n".join(events(cluster))
    assert "lastUpdateTime" not in condition
    described = cluster.kubectl("kubectl describe deploy web; kubectl describe rs").stdout
    assert described.count("ReplicaFailure   True    FailedCreate") == 2
    cluster.kubectl("kubectl delete quota small")
    cluster.run(400)
    assert conditions(cluster, "ReplicaSet") == []
    assert FAILURE not in conditions(cluster, "Deployment")


def test_the_failures_are_forgotten():
    """Once a turn has succeeded, waits begin at 5 ms again."""
    cluster = cluster_of(web(2), quota="pods=1")
    cluster.run(50)
    cluster.kubectl("kubectl delete quota small")
    cluster.run(400)
    cluster.kubectl("kubectl create quota small --hard=pods=2")
    times = attempts_of(cluster)
    cluster.kubectl("kubectl scale deployment web --replicas=3")
    cluster.run(400.1)
    assert times == [400, 400, 400.005, 400.025, 400.065]


# ---------------------------------------------------------------------------------- rollouts


def test_surge_waits_for_old_pods_and_the_next_attempt():
    """Ten workers with a surge under ten pods: nothing until old ones are gone, and then some.

    Two old pods are gone at 30 s. The next attempt is at 40.885 s: that the ReplicaSet is made
    larger at the beginning is one attempt more.
    """
    run = roll_out(worker(), first=SMALL(10), until=60)
    assert created(run) == [40.885] * 2
    gone = run.pods["gone_at"].dropna()
    assert list(gone[gone < 60]) == [30, 30]
    assert run.timeline["pods"].max() == 10


def test_terminating_pods_hold_up_a_rollout_without_surge():
    """Even maxSurge 0 needs room: each pod waits for its predecessor's end, and for the back-off.

    32 s a pod become 43 s: 30 s of grace, on to the attempt at 40.945 s, and 2 s to start. Since
    each of them succeeds, the next wait does not begin with the one before.
    """
    deployment = worker(max_surge=0, max_unavailable=1)
    run = roll_out(deployment, first=SMALL(10))
    assert created(run) == [round(40.945 + 42.945 * n, 3) for n in range(10)]
    assert run.summary.duration_seconds == pytest.approx(429.45)
    assert roll_out(deployment, first=SMALL(20)).summary.duration_seconds == 20


def test_waits_grow_while_the_surge_never_fits():
    """Where some pods come and others are refused the turn has failed, and the waits go on."""
    run = roll_out(worker(), first=SMALL(10), until=1500)
    steps = sorted(set(created(run)))
    assert steps[:2] == [40.885, 81.845]
    assert all(later - earlier > 150 for earlier, later in pairwise(steps[1:]))


def test_no_room_for_the_surge():
    """25 % of three are no unavailable pod: under a quota of three nothing ever happens.

    The deadline goes on meanwhile, and the run says why pods are missing.
    """
    run = roll_out(worker(replicas=3), first=SMALL(3), images=POLITE)
    assert created(run) == []
    assert run.timeline["available_replicas"].min() == 3
    assert (run.summary.state, run.summary.reason) == ("deadline exceeded", "FailedCreate")
    status = run.cluster.kubectl("kubectl rollout status deployment worker")
    assert status.stderr == 'error: deployment "worker" exceeded its progress deadline\n'
    soon = roll_out(worker(replicas=3), first=SMALL(3), images=POLITE, until=30)
    assert (soon.summary.state, soon.summary.reason) == ("progressing", "FailedCreate")


@pytest.mark.parametrize("kind", [Deployment, StatefulSet, DaemonSet])
def test_summary_says_why(kind):
    """A run says of each kind why pods are missing, while they are."""
    fields = {} if kind is DaemonSet else {"replicas": 2}
    workload = kind("web", image="web:v1", **fields)
    options = {"settled": False, "images": IMAGES, "nodes": [Node("a"), Node("b")]}
    actions = [(0, "kubectl delete pods --all --wait=false")]
    run = simulate(workload, [(0, SMALL(0)), *actions], until=30, **options)
    assert (run.summary.state, run.summary.reason) == ("progressing", "FailedCreate")
    run = simulate(
        workload, [(0, SMALL(0)), *actions, (30, "kubectl delete quota small")], **options
    )
    assert (run.summary.state, run.summary.reason) == ("complete", "")
    assert not run.cluster.is_retrying


def test_room_for_one_more():
    """With one pod to spare the same three are replaced one after the other."""
    run = roll_out(worker(replicas=3), first=SMALL(4), images=POLITE)
    assert run.summary.state == "complete"
    assert run.summary.least_available == 3


# -------------------------------------------------------------------------- the other two kinds


def test_stateful_set():
    """A StatefulSet says which pod it could not create, and tries again with a back-off."""
    cluster = cluster_of(quota="pods=1")
    times = attempts_of(cluster)
    cluster.apply(web(3, kind=StatefulSet))
    cluster.run(50)
    why = "exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1"
    assert set(events(cluster)) == {
        f'create Pod web-1 in StatefulSet web failed error: pods "web-1" is forbidden: {why}'
    }
    assert [pod["metadata"]["name"] for pod in cluster.list("Pod")] == ["web-0"]
    # The first waits until web-0 is available, at 2 s; its own write of the status is the next.
    assert times[:5] == [0, 2, 2, 2.005, 2.025]
    cluster.kubectl("kubectl delete quota small")
    cluster.run(200)
    assert len(cluster.list("Pod")) == 3


@pytest.mark.parametrize("control_plane", [None, MEASURED])
@pytest.mark.parametrize("kind", [StatefulSet, Deployment])
def test_rollout_status_waits_for_the_next_attempt(kind, control_plane):
    """A controller that was refused asks again in the end, and ``rollout status`` waits for it."""
    fields = {"progress_deadline_seconds": 5000} if kind is Deployment else {}
    cluster = cluster_of(web(1, kind=kind, **fields), quota="pods=0", control_plane=control_plane)
    cluster.run(2400)
    cluster.kubectl("kubectl delete quota small")
    output = cluster.kubectl(f"kubectl rollout status {kind.__name__} web")
    assert output.exit == 0
    assert 3300 < cluster.now < 3600


def test_the_failures_of_a_stateful_set_are_forgotten():
    """Once a pod could be created, the next wait is 5 ms again."""
    cluster = cluster_of(web(1, kind=StatefulSet), quota="pods=0")
    cluster.run(50)
    cluster.kubectl("kubectl delete quota small")
    cluster.run(100)
    cluster.kubectl("kubectl create quota small --hard=pods=1")
    times = attempts_of(cluster)
    cluster.kubectl("kubectl scale sts web --replicas=2")
    cluster.run(100.01)
    assert times == [100, 100, 100.005]


def test_daemon_set_keeps_its_history_while_it_fails():
    """Old revisions are cleaned up only in a turn without a failure."""
    cluster = cluster_of(quota="pods=0", nodes=[Node("a")])
    cluster.apply(DaemonSet("web", image="web:v1", revision_history_limit=0))
    cluster.kubectl("kubectl set image daemonset/web web=web:v2")
    cluster.run(1)
    assert len(cluster.list("ControllerRevision")) == 2
    cluster.kubectl("kubectl delete quota small")
    cluster.run(10)
    assert len(cluster.list("ControllerRevision")) == 1


def test_daemon_set():
    """A DaemonSet posts the Event of a ReplicaSet, and tries again with a back-off."""
    nodes = [Node(f"node-{i}") for i in range(4)]
    cluster = cluster_of(quota="pods=1", nodes=nodes)
    times = attempts_of(cluster)
    cluster.apply(DaemonSet("web", image="web:v1"))
    cluster.run(0)
    # One fits; the two of the next batch do not. Then one at a time.
    assert times == [0, 0, 0, 0]
    assert events(cluster)[0].startswith('Error creating: pods "web-')
    assert len(cluster.list("Pod")) == 1
    cluster.run(50)
    cluster.kubectl("kubectl delete quota small")
    cluster.run(200)
    assert len(cluster.list("Pod")) == 4


def test_daemon_set_update():
    """An update that deletes before it creates needs no room but what it has given back."""
    nodes = [Node(f"node-{i}") for i in range(3)]
    run = simulate(
        DaemonSet("web", image="web:v1"),
        [(0, SMALL(3)), (0, "kubectl set image daemonset/web web=web:v2")],
        images=IMAGES,
        nodes=nodes,
    )
    assert run.summary.state == "complete"
    assert run.events.query("reason == 'FailedCreate'").empty


# ------------------------------------------------------------------------------- what always holds


@settings(max_examples=60, deadline=None)
@given(
    most=st.integers(0, 14),
    replicas=st.integers(0, 10),
    limits=st.sampled_from([(0, 1), (1, 0), (3, 0), ("25%", "25%"), ("100%", "100%")]),
    grace=st.integers(0, 40),
    control_plane=st.sampled_from([ControlPlane(), MEASURED]),
    seed=st.integers(0, 3),
)
def test_never_more_pods_than_the_quota(most, replicas, limits, grace, control_plane, seed):
    """Of pods that have not ended there are never more than a quota lets be.

    The same run twice is the same. The rollout begins below the quota.
    """
    deployment = worker(
        replicas=min(replicas, most),
        max_surge=limits[0],
        max_unavailable=limits[1],
        termination_grace_period_seconds=grace,
    )
    options = {"control_plane": control_plane, "seed": seed, "until": 200}
    run, again = (roll_out(deployment, first=SMALL(most), **options) for _ in range(2))
    ends = run.pods["stopped_at"].fillna(run.pods["gone_at"]).fillna(math.inf)
    begins = run.pods["created_at"]
    assert all(((begins <= now) & (now < ends)).sum() <= most for now in begins)
    assert used(run.cluster) == {"pods": str(len(run.cluster.list("Pod")))}
    assert run.timeline.equals(again.timeline)
    assert run.events.equals(again.events)
