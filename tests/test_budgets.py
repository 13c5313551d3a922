"""PodDisruptionBudgets in a cluster: kept by kubectl, asked by evictions, passed by rollouts."""

import json

import pytest

from rollnb import Cluster, DaemonSet, Deployment, Image, Node, StatefulSet
from rollnb.cluster import EvictionRefused

IMAGES = [
    Image("web:1", pull_seconds=0, start_seconds=3, stop_seconds=1),
    Image("web:2", pull_seconds=0, start_seconds=3),
    Image("web:bad", becomes_ready=False),
]


def settled(*workloads, nodes="abc"):
    """Return a cluster in which the workloads are complete: six pods of `web` if none is given."""
    cluster = Cluster(IMAGES, nodes=[Node(name) for name in nodes])
    with cluster.instantly():
        cluster.apply(list(workloads or [web()]))
    return cluster


def web(**fields):
    """Return a Deployment of six pods that removes half of them first."""
    defaults = {"replicas": 6, "image": "web:1", "max_surge": 0, "max_unavailable": "50%"}
    return Deployment("web", **(defaults | fields))


def guarded(*workloads, limit="--max-unavailable=1"):
    """Return such a cluster with a budget for the pods of `web`."""
    cluster = settled(*workloads)
    assert cluster.kubectl(f"create pdb web --selector=app=web {limit}").exit == 0
    return cluster


def numbers(cluster, name="web"):
    """Return expected pods, desired and current healthy ones, and the disruptions allowed."""
    status = cluster.get("PodDisruptionBudget", name)["status"]
    fields = ("expectedPods", "desiredHealthy", "currentHealthy", "disruptionsAllowed")
    return tuple(status[field] for field in fields)


def pods(cluster):
    """Return the names of the pods."""
    return [pod["metadata"]["name"] for pod in cluster.list("Pod")]


# ----------------------------------------------------------------------------------- in kubectl

BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 4, selector: {matchLabels: {app: web}}}
"""


def test_apply():
    """A budget is created, changed, and deleted by its file; kubectl calls none unchanged."""
    cluster = settled()
    name = "poddisruptionbudget.policy/web"
    assert str(cluster.kubectl("apply -f -", stdin=BUDGET)) == f"{name} created"
    assert str(cluster.kubectl("apply -f -", stdin=BUDGET)) == f"{name} configured"
    assert cluster.get("PodDisruptionBudget", "web")["metadata"]["generation"] == 1
    text = BUDGET.replace("minAvailable: 4", 'maxUnavailable: "50%"')
    assert str(cluster.kubectl("apply -f -", stdin=text)) == f"{name} configured"
    assert numbers(cluster) == (6, 3, 6, 3)
    budget = cluster.get("PodDisruptionBudget", "web")
    assert budget["metadata"]["generation"] == budget["status"]["observedGeneration"] == 2
    assert str(cluster.kubectl("delete -f -", stdin=text)) == (
        'poddisruptionbudget.policy "web" deleted from default namespace'
    )
    assert cluster.list("PodDisruptionBudget") == []


def test_get():
    """The table has the limit that is given, and how many may be disrupted."""
    cluster = guarded(limit="--min-available=4")
    cluster.kubectl("create poddisruptionbudget other --selector=app=other --max-unavailable=10%")
    cluster.wait(5)
    assert cluster.kubectl("get pdb").stdout == (
        "NAME    MIN AVAILABLE   MAX UNAVAILABLE   ALLOWED DISRUPTIONS   AGE\n"
        "other   N/A             10%               0                     5s\n"
        "web     4               N/A               2                     5s\n"
    )


def test_describe():
    """Describe shows the four numbers of the status."""
    assert guarded(limit="--max-unavailable=50%").kubectl("describe pdb web").stdout == (
        "Name:             web\n"
        "Namespace:        default\n"
        "Max unavailable:  50%\n"
        "Selector:         app=web\n"
        "Status:\n"
        "    Allowed disruptions:  3\n"
        "    Current:              6\n"
        "    Desired:              3\n"
        "    Total:                6\n"
        "Events:                   <none>\n"
    )


def test_create():
    """What is created by flags is the manifest that they stand for, and once only."""
    cluster = settled()
    line = "create pdb web --selector=app=web,tier==front --min-available=50%"
    shown = json.loads(cluster.kubectl(f"{line} --dry-run=client -o json").stdout)
    assert cluster.list("PodDisruptionBudget") == []
    labels = {"app": "web", "tier": "front"}
    assert shown["spec"] == {"minAvailable": "50%", "selector": {"matchLabels": labels}}
    assert str(cluster.kubectl(line)) == "poddisruptionbudget.policy/web created"
    assert cluster.get("PodDisruptionBudget", "web")["spec"] == shown["spec"]
    assert cluster.kubectl(line).stderr == (
        "error: failed to create poddisruptionbudgets: poddisruptionbudgets.policy "
        '"web" already exists\n'
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("", "exactly one NAME is required, got 0"),
        ("x --min-available=1", "a selector must be specified"),
        ("x --selector=a=b", "one of min-available or max-unavailable must be specified"),
        (
            "x --selector=a=b --min-available=1 --max-unavailable=1",
            "min-available and max-unavailable cannot be both specified",
        ),
        ("x --selector=a=b --min-available=1.5", "invalid format specified for min-available"),
        ("x --selector=a=b --max-unavailable=-1", "invalid format specified for max-unavailable"),
        (
            "x --selector=a!=b --max-unavailable=1",
            "only equality-based selector requirements are supported, not 'a!=b'",
        ),
    ],
)
def test_create_refused(words, problem):
    """kubectl looks at the flags itself."""
    output = Cluster().kubectl(f"create pdb {words}")
    assert (output.stderr, output.exit) == (f"error: {problem}\n", 1)


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        pytest.param(
            "{minAvailable: 1, maxUnavailable: 25%, selector: {matchLabels: {app: web}}}",
            'spec: Invalid value: {"MinAvailable":1,"Selector":{"matchLabels":{"app":"web"}},'
            '"MaxUnavailable":"25%","UnhealthyPodEvictionPolicy":null}: '
            "minAvailable and maxUnavailable cannot be both set",
            id="both",
        ),
        pytest.param(
            "{minAvailable: -1}",
            "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0",
            id="negative",
        ),
        pytest.param(
            "{maxUnavailable: 101%}",
            'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
            id="more than all",
        ),
        pytest.param(
            "{minAvailable: 1, selector: {matchLabels: {app: a b}}}",
            'spec.selector.matchLabels: Invalid value: "a b": a valid label must be',
            id="label",
        ),
        pytest.param(
            "{minAvailable: 1, unhealthyPodEvictionPolicy: Never}",
            'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: '
            '"AlwaysAllow", "IfHealthyBudget"',
            id="policy",
        ),
    ],
)
def test_invalid(spec, error):
    """What the API server refuses is refused in its words."""
    text = f"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: x}}\nspec: {spec}"
    output = Cluster().kubectl("apply -f -", stdin=text)
    about = 'The PodDisruptionBudget "x" is invalid: '
    assert output.stderr.startswith(about + error)
    assert output.exit == 1


def test_names():
    """A budget may have a name that most objects may not have, but none that parts an address."""
    cluster = settled()
    text = BUDGET.replace("name: web", "name: My_Budget")
    assert cluster.kubectl("apply -f -", stdin=text).exit == 0
    refused = cluster.kubectl("apply -f -", stdin=BUDGET.replace("name: web", "name: my/budget"))
    assert "metadata.name: Invalid value: \"my/budget\": may not contain '/'" in refused.stderr


def test_unknown_field():
    """A field that budgets do not have is refused with its name."""
    text = BUDGET.replace("minAvailable", "minavailable")
    assert (
        'unknown field "spec.minavailable"' in Cluster().kubectl("apply -f -", stdin=text).stderr
    )


# ----------------------------------------------------------------------------------- its status


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("--min-available=4", (6, 4, 6, 2)),
        ("--min-available=100%", (6, 6, 6, 0)),
        ("--max-unavailable=2", (6, 4, 6, 2)),
    ],
)
def test_status(limit, expected):
    """The scale of a Deployment counts, not that of its ReplicaSets."""
    cluster = guarded(limit=limit)
    assert numbers(cluster) == expected


def test_surge_is_not_expected():
    """Two ReplicaSets of one Deployment do not ask for more than it does."""
    cluster = guarded(web(max_surge=2, max_unavailable=0), limit="--max-unavailable=1")
    cluster.kubectl("set image deploy web web=web:2")
    cluster.wait(1)
    assert len(pods(cluster)) == 8
    assert numbers(cluster) == (6, 5, 6, 1)


def test_status_follows_pods():
    """A pod that is deleted is missing until the next one is ready."""
    cluster = guarded()
    assert numbers(cluster)[2:] == (6, 1)
    cluster.kubectl(f"delete pod {pods(cluster)[0]} --wait=false")
    assert numbers(cluster)[2:] == (5, 0)
    cluster.wait(2.9)
    assert numbers(cluster)[2:] == (5, 0)
    cluster.wait(0.2)
    assert numbers(cluster)[2:] == (6, 1)


def test_condition():
    """The condition says since when disruptions are allowed, and one can wait for it."""
    cluster = guarded()
    cluster.wait(10)
    cluster.kubectl(f"delete pod {pods(cluster)[0]} --wait=false")
    (condition,) = cluster.get("PodDisruptionBudget", "web")["status"]["conditions"]
    said = {key: condition[key] for key in ("type", "status", "reason", "lastTransitionTime")}
    assert said == {
        "type": "DisruptionAllowed",
        "status": "False",
        "reason": "InsufficientPods",
        "lastTransitionTime": "2026-01-01T00:00:10Z",
    }
    output = cluster.kubectl("wait pdb web --for=condition=DisruptionAllowed")
    assert output.lines == [(13, "poddisruptionbudget.policy/web condition met")]


def test_watch():
    """A watch shows a budget whenever its status has changed."""
    cluster = guarded()
    watch = cluster.kubectl("get pdb web --watch", background=True)
    cluster.kubectl(f"delete pod {pods(cluster)[0]} --wait=false")
    cluster.wait(5)
    assert [(time, line.split()[3]) for time, line in watch.lines[1:]] == [
        (0, "1"),
        (0, "0"),
        (3, "1"),
    ]


def test_selected_by_another_label():
    """A pod that gets another label is covered no more, and comes back with the old one."""
    cluster = guarded(StatefulSet("web", replicas=3, image="web:1"), limit="--min-available=1")
    assert numbers(cluster) == (3, 1, 3, 2)
    cluster.kubectl("label pod web-0 tier=front")
    cluster.kubectl(
        """patch pdb web -p '{"spec":{"selector":{"matchLabels":{"tier":"front"}}}}'"""
    )
    assert numbers(cluster) == (1, 1, 1, 0)
    selector = cluster.get("PodDisruptionBudget", "web")["spec"]["selector"]
    assert selector == {"matchLabels": {"tier": "front"}}  # a patch replaces it
    cluster.kubectl("label pod web-0 tier-")
    assert numbers(cluster) == (0, 1, 0, 0)


def test_empty_selector():
    """An empty selector covers every pod, and an absent one none."""
    cluster = settled()
    for selector, covered in (("selector: {}", 6), ("", 0)):
        text = BUDGET.replace("selector: {matchLabels: {app: web}}", selector)
        cluster.kubectl("apply -f -", stdin=text)
        assert numbers(cluster)[0] == covered


@pytest.mark.parametrize("spec", ["", "spec: {}", "spec: null"])
def test_without_spec(spec):
    """A budget that says nothing covers no pod and refuses no eviction."""
    cluster = settled()
    text = BUDGET.replace(BUDGET.splitlines()[-1], spec)
    assert cluster.kubectl("apply -f -", stdin=text).exit == 0
    assert numbers(cluster) == (0, 0, 0, 0)
    assert cluster.kubectl("get pdb").stdout.split()[-5:-1] == ["web", "N/A", "N/A", "0"]
    assert "Selector:   <unset>\n" in cluster.kubectl("describe pdb web").stdout
    cluster.evict(pods(cluster)[0])
    cluster.wait(5)


@pytest.mark.parametrize(
    ("workload", "command", "problem"),
    [
        pytest.param(
            DaemonSet("web", image="web:1"),
            "",
            "daemonsets.apps does not implement the scale subresource",
            id="a DaemonSet has no scale",
        ),
        pytest.param(
            StatefulSet("web", image="web:1"),
            "delete sts web --wait=false",
            'found no controllers for pod "web-0"',
            id="a controller that is gone",
        ),
    ],
)
def test_failed_sync(workload, command, problem):
    """A share of pods that cannot be counted allows nothing, and says why."""
    cluster = guarded(workload)
    if command:
        cluster.kubectl(command)
    (condition,) = cluster.get("PodDisruptionBudget", "web")["status"]["conditions"]
    assert (condition["reason"], condition["message"]) == ("SyncFailed", problem)
    assert numbers(cluster)[3] == 0


def test_orphans_have_no_scale():
    """Pods that were left behind count for a number of pods, not for a share."""
    cluster = guarded(StatefulSet("web", replicas=3, image="web:1"))
    cluster.kubectl("delete sts web --cascade=orphan")
    assert numbers(cluster) == (0, 0, 3, 0)
    cluster.kubectl("delete pdb web")
    cluster.kubectl("create pdb web --selector=app=web --min-available=2")
    assert numbers(cluster) == (3, 2, 3, 1)


def test_pod_that_was_let_go_has_no_scale():
    """The Deployment that has let a pod go asks for no such pod any more."""
    cluster = settled()
    cluster.kubectl("create pdb front --selector=tier=front --max-unavailable=1")
    cluster.kubectl(f"label pod {pods(cluster)[0]} app- tier=front")
    assert numbers(cluster, "front") == (0, 0, 1, 0)


def test_deleted_in_the_same_instant():
    """Nobody is told of a new status of a budget that has gone meanwhile."""
    cluster, told = guarded(), []
    cluster.wait(1)
    cluster.watch(lambda event, kind, _: told.append(event) if "Budget" in kind else None)
    cluster.delete("Pod", pods(cluster)[0])
    assert numbers(cluster) == (6, 5, 5, 0)
    cluster.delete("PodDisruptionBudget", "web")
    cluster.wait(1)
    assert told == ["DELETED"]


def test_replica_set_that_was_left_behind():
    """The scale of a ReplicaSet counts when its Deployment is gone."""
    cluster = guarded()
    cluster.kubectl("delete deploy web --cascade=orphan")
    assert numbers(cluster) == (6, 5, 6, 1)


def test_no_budget_no_look():
    """Without a budget nothing is looked at when pods are written."""
    cluster = guarded()
    assert len(cluster._store.watchers) == 1
    cluster.kubectl("delete pdb web")
    cluster.wait(1)
    assert cluster._store.watchers == []


# ------------------------------------------------------------------------------- who asks, and who


def test_evict():
    """An eviction deletes a pod if the budget allows it; the next one is refused."""
    cluster = guarded()
    one, other, *_ = pods(cluster)
    cluster.evict(one, dry_run=True)
    assert numbers(cluster)[3] == 1
    cluster.evict(one)
    with pytest.raises(EvictionRefused, match="it would violate the pod's disruption budget"):
        cluster.evict(other)
    cluster.evict(one)  # it is on its way already
    cluster.delete("Pod", other)  # whoever deletes does not ask
    assert numbers(cluster)[2] == 4


def test_unhealthy_pods():
    """Pods that are not ready may be evicted beside enough healthy ones, or if told so."""
    cluster = guarded(web(replicas=3, max_unavailable=1), limit="--min-available=3")
    cluster.kubectl("set image deploy web web=web:bad")
    cluster.wait(10)
    bad = next(p["metadata"]["name"] for p in cluster.list("Pod") if "bad" in str(p["spec"]))
    assert numbers(cluster) == (3, 3, 2, 0)
    with pytest.raises(EvictionRefused):
        cluster.evict(bad, dry_run=True)
    cluster.kubectl("""patch pdb web -p '{"spec":{"unhealthyPodEvictionPolicy":"AlwaysAllow"}}'""")
    cluster.evict(bad)


def lives(cluster):
    """Return when each pod was created, became ready, and was deleted."""
    return [(pod.created_at, pod.ready_at, pod.deleted_at) for pod in cluster.pods]


def test_rollouts_do_not_ask():
    """A rollout takes half of the pods away though all are to stay: the budget only counts."""
    cluster, alone = guarded(limit="--min-available=100%"), settled()
    seen = []
    for one in (cluster, alone):
        one.kubectl("set image deploy web web=web:2")
    while cluster.now < 8:
        cluster.wait(1)
        seen.append(numbers(cluster))
    assert seen == [(6, 6, 3, 0)] * 5 + [(6, 6, 6, 0)] * 3
    alone.wait(8)
    assert lives(cluster) == lives(alone)


def test_allowed_disruptions_follow_a_rollout():
    """During a rollout fewer pods may be evicted; a watch shows each change of the status."""
    cluster = guarded(limit="--min-available=4")
    watch = cluster.kubectl("get pdb web --watch", background=True)
    cluster.kubectl("set image deploy web web=web:2")
    cluster.wait(10)
    allowed = [(time, line.split()[3]) for time, line in watch.lines[1:]]
    assert allowed == [(0, "2"), (0, "0"), (1, "0"), (3, "0"), (4, "0"), (6, "2")]


def test_scaling_does_not_ask():
    """Whoever asks for fewer pods gets them."""
    cluster = guarded(limit="--min-available=6")
    cluster.kubectl("scale deploy web --replicas=1")
    cluster.wait(5)
    assert numbers(cluster) == (1, 6, 1, 0)
