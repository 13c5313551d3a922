"""The ReplicaSet controller decides as Kubernetes 1.36 does; facts file 06.

Two parts of the cases are about things that the model lacks: the feature gate
DeploymentReplicaSetTerminatingReplicas is on, so terminating pods are always counted; and where a
case does not say how long a pod has been ready, both the shortest and the longest time are tried.

What the product has no use for: ``replica_set_failure_condition`` (nothing makes creating a pod
fail); ``min_next_availability_check`` and ``…_delayed`` (each pod's own check is planned when it
becomes ready, by the function that ``next_pod_availability_check`` tests); `calculate_status`
counts anew what the running counters must equal.
"""

import pytest
from facts import facts, untested
from makers import describe, make_condition, make_pod, make_rs

from rollnb.cluster.availability import (
    calculate_status,
    failure_conditions,
    find_min_next_pod_availability_check,
    next_availability_check,
    next_available_pod,
)
from rollnb.cluster.history import filter_active_replica_sets
from rollnb.cluster.replicaset import (
    POD_DELETION_COST,
    deletion_keys,
    pods_to_add,
    pods_to_delete,
    slow_start_batches,
)

NOW = 1e8


def ago(seconds):
    """Return the time so many seconds before the call; None if it is not known."""
    return None if seconds is None else NOW - seconds


def pod_of(given):
    """Make a pod from a case's."""
    cost = given.get("pod_deletion_cost")
    return make_pod(
        name=given["name"],
        phase=given.get("phase", "Running"),
        ready=given["ready"],
        ready_at=ago(given.get("ready_seconds_ago")),
        restarts=given.get("restarts", 0),
        sidecar_restarts=given.get("sidecar_restarts", 0),
        created_at=ago(given.get("created_seconds_ago")),
        node=(given.get("node") or "a node") if given.get("scheduled") else None,
        annotations={} if cost is None else {POD_DELETION_COST: cost},
    )


def sort(pods, ranks, **gates):
    """Return pods in the order of deletion, ties in the order given."""
    keys = deletion_keys(pods, ranks, NOW, **gates)
    return [pods[i] for i in sorted(range(len(pods)), key=keys.__getitem__)]


def deleted_first(pods, ranks, **gates):
    """Return the name of the pod that goes first, whatever the order in which they are listed."""
    first, other = sort(pods, ranks, **gates)[0], sort(pods[::-1], ranks[::-1], **gates)[0]
    return first.name if first is other else "tie"


@pytest.mark.parametrize(("given", "expect"), facts("06", "deletion_order"))
def test_deletion_order(given, expect):
    """Pods go in the real order; here none has a related pod beside it."""
    pods = [pod_of(pod) for pod in given["pods"]][::-1]
    order = sort(pods, [0] * len(pods))
    assert {"deletion_order": [pod.name for pod in order]} == expect


@pytest.mark.parametrize(("given", "expect"), facts("06", "deletion_order_random"))
def test_deletion_order_random(given, expect):
    """Pods go in the real order, whatever their node, phase, readiness, cost, age and restarts."""
    ranks = [pod["related_pods_on_node"] for pod in given["pods"]]
    order = sort([pod_of(pod) for pod in given["pods"]], ranks)
    assert {"deletion_order": [pod.name for pod in order]} == expect


@pytest.mark.parametrize(("given", "expect"), facts("06", "deletion_rank_pair_random"))
def test_deletion_rank_pair_random(given, expect):
    """Of two pods, the right one goes first, or neither comes before the other."""
    ranks = [pod["related_pods_on_node"] for pod in given["pods"]]
    pods = [pod_of(pod) for pod in given["pods"]]
    assert {"deleted_first": deleted_first(pods, ranks)} == expect


@pytest.mark.parametrize(
    ("given", "expect"), facts("06", "deletion_rank_pair", "deletion_rank_tie")
)
def test_deletion_rank_pair(given, expect):
    """Of two pods with given ranks, the right one goes first, or neither."""
    pods = [pod_of(pod) for pod in given["pods"]]
    if "index" in expect:
        pods[1 - expect["index"]].name = "the other"
    costs = given.get("pod_deletion_cost_enabled", True)
    assert deleted_first(pods, given["ranks"], costs=costs) == expect["deleted_first"]


@pytest.mark.parametrize(("given", "expect"), facts("06", "pods_to_delete"))
def test_pods_to_delete(given, expect):
    """So many pods are chosen; all of them in the order given if all have to go.

    Where no related pods are given, Kubernetes' own test takes the pods themselves.
    """
    pods = [pod_of(pod) for pod in given["pods"]]
    related = {}
    for pod in pods if given["related"] is None else map(pod_of, given["related"]):
        if pod.is_active:
            related[pod.node] = related.get(pod.node, 0) + 1
    deleted = pods_to_delete(pods, related, given["diff"], NOW)
    assert {"deleted": [pod.name for pod in deleted]} == expect


@pytest.mark.parametrize(("given", "expect"), facts("06", "active_pod_filter"))
def test_active_pod_filter(given, expect):
    """Pods that have ended are no replicas."""
    pods = [
        make_pod(name=pod["pod_name"], phase=pod.get("pod_phase", "")) for pod in given["pods"]
    ]
    assert {"want_pod_names": [pod.name for pod in pods if pod.is_active]} == expect


@pytest.mark.parametrize(("given", "expect"), facts("06", "active_replica_set_filter"))
def test_active_replica_set_filter(given, expect):
    """ReplicaSets of size zero are not active."""
    sets = [rs and make_rs(rs["replicas"], name=rs["name"]) for rs in given["replica_sets"]]
    assert {"active": [rs.name for rs in filter_active_replica_sets(sets)]} == expect


# ----------------------------------------------------------------------------------- availability


@pytest.mark.parametrize(("given", "expect"), facts("06", "next_pod_availability_check"))
def test_next_pod_availability_check(given, expect):
    """A ready pod is looked at again when it becomes available."""
    since = ago(given["ready_seconds_ago"])
    found = next_availability_check(given["ready"], since, given["min_ready_seconds"], NOW)
    assert {"available_in_seconds": found} == expect


@pytest.mark.parametrize(("given", "expect"), facts("06", "min_next_availability_check"))
def test_min_next_availability_check(given, expect):
    """Of several pods, the first to become available counts."""
    pods = [pod_of(pod) for pod in given["pods"]]
    seconds, pod = next_available_pod(pods, given["min_ready_seconds"], NOW) or (None, None)
    assert {"next_check_in_seconds": seconds, "pod": pod and pod.name} == expect
    again = find_min_next_pod_availability_check(pods, given["min_ready_seconds"], NOW, NOW)
    assert again == seconds


@pytest.mark.parametrize(("given", "expect"), facts("06", "min_next_availability_check_delayed"))
def test_min_next_availability_check_delayed(given, expect):
    """The time that writing the status took is taken off; at worst the check is due at once."""
    pods = [pod_of(pod) for pod in given["pods"]]
    later = NOW + given["status_evaluation_delay_seconds"]
    found = find_min_next_pod_availability_check(pods, given["min_ready_seconds"], NOW, later)
    assert {"next_check_in_seconds": found} == expect


# ----------------------------------------------------------------------------------------- status

#: The labels of the ReplicaSet in Kubernetes' own test, which the cases leave out.
LABELS = {"name": "foo", "type": "production"}


def count(given, ready_since):
    """Return the status of a case's ReplicaSet, its pods being ready since then."""
    rs = make_rs(given["spec_replicas"], labels=LABELS)
    rs.min_ready_seconds = given["min_ready_seconds"]
    pods = [
        make_pod(
            make_rs(labels=pod["labels"]),
            phase=pod["phase"],
            ready=pod["ready"],
            ready_at=ago(pod["ready_seconds_ago"]) if "ready_seconds_ago" in pod else ready_since,
        )
        for pod in given["active_pods"]
    ]
    pods += [make_pod(rs, deleted_at=NOW) for _ in range(given["terminating_pods"])]
    status = calculate_status(rs, pods, NOW)
    return {
        "replicas": status.replicas,
        "ready_replicas": status.ready,
        "available_replicas": status.available,
        "fully_labeled_replicas": status.fully_labeled,
        "terminating_replicas": status.terminating
        if given["terminating_replicas_reported"]
        else None,
    }


@pytest.mark.parametrize(("given", "expect"), facts("06", "replica_set_status"))
def test_replica_set_status(given, expect):
    """The status counts pods that are there, ready, available, and carry all labels.

    Cases that differ only in how long a pod has been ready do not say it, so one of two must fit.
    """
    assert expect["status"] in [count(given, NOW), count(given, 0.0)]


@pytest.mark.parametrize(("given", "expect"), facts("06", "replica_set_failure_condition"))
def test_replica_set_failure_condition(given, expect):
    """A failure to create or delete is reported until it is over."""
    failing = [make_condition("ReplicaFailure")] if given["existing_failure_condition"] else []
    after = failure_conditions(
        failing, given["spec_replicas"], given["active_pods"], given["manage_error"], NOW
    )
    assert {"conditions": describe(after)} == expect


# --------------------------------------------------------------------------------------- creation


@pytest.mark.parametrize(("given", "expect"), facts("06", "burst_replicas"))
def test_burst_replicas(given, expect):
    """One turn creates only so many pods."""
    pods, created = given["pods"], []
    while pods < given["replicas"]:
        created.append(pods_to_add(given["replicas"], pods, given["burst_replicas"]))
        pods += created[-1]
    assert {"created_per_sync": created} == expect


def create_slowly(count, initial_batch, calls_that_succeed):
    """Create pods batch by batch until one fails; the first so many calls succeed."""
    calls = 0
    for batch in slow_start_batches(count, initial_batch):
        calls += batch
        if calls > calls_that_succeed:
            return {"successes": calls_that_succeed, "calls": calls, "failed": True}
    return {"successes": calls, "calls": calls, "failed": False}


@pytest.mark.parametrize(("given", "expect"), facts("06", "slow_start_batch"))
def test_slow_start_batch(given, expect):
    """A failure costs its batch, not all calls."""
    assert create_slowly(**given) == expect


@pytest.mark.parametrize(("given", "expect"), facts("06", "slow_start_batch_grid"))
def test_slow_start_batch_grid(given, expect):
    """Batches double; after a failed call no further batch is begun."""
    first = given["first_failing_call"]
    succeeding = given["count"] if first is None else first - 1
    assert create_slowly(given["count"], given["initial_batch"], succeeding) == expect


def test_all_groups_are_tested():
    """No group of cases in this file is left out."""
    assert untested("06") == set()
