"""StatefulSets decide as Kubernetes 1.36 does; facts file 14."""

import pytest
from facts import facts
from pods import make_pod

from rollnb.cluster.statefulset import (
    Create,
    Delete,
    resolve_max_unavailable,
    update_stateful_set,
)
from rollnb.spec import StatefulSet


def make_set(given, **fields):
    """Make the spec that a case describes."""
    names = ("replicas", "partition", "max_unavailable", "pod_management_policy", "strategy")
    names += ("min_ready_seconds",)
    known = {name: given[name] for name in names if given.get(name) is not None}
    return StatefulSet("web", **(known | fields))


def apply(pods, actions, state):
    """Apply a sync's actions: what is deleted is gone, what is created has the given state."""
    for action in actions:
        if isinstance(action, Create):
            pods[action.ordinal] = make_pod(action.revision, state, ordinal=action.ordinal)
        else:
            del pods[action.pod.ordinal]


def deleted(actions):
    """Return the ordinals of the deleted pods, in order."""
    return [action.pod.ordinal for action in actions if isinstance(action, Delete)]


def created(actions):
    """Return the created pods as a case writes them, by ordinal."""
    return [
        {"ordinal": ordinal, "revision": revision}
        for ordinal, revision in sorted(a for a in actions if isinstance(a, Create))
    ]


def make_pods(replicas, group="old"):
    """Make available pods of one revision, by ordinal."""
    return {ordinal: make_pod(group, ordinal=ordinal) for ordinal in range(replicas)}


@pytest.mark.parametrize(("given", "expect"), facts("14", "max_unavailable"))
def test_max_unavailable(given, expect):
    """MaxUnavailable rounds down and is at least one."""
    found = resolve_max_unavailable(given["max_unavailable"], given["replicas"])
    assert found == expect["max_unavailable"]


@pytest.mark.parametrize(("given", "expect"), facts("14", "one_sync"))
def test_one_sync(given, expect):
    """One sync creates, deletes and counts what the controller does."""
    pods = {
        pod["ordinal"]: make_pod(pod["revision"], pod["state"], ordinal=pod["ordinal"])
        for pod in given["pods"]
        if pod["state"] != "absent"
    }
    sync = update_stateful_set(
        make_set(given),
        pods,
        "old",
        "new",
        0.0,
        max_unavailable_enabled=given.get("max_unavailable_enabled", False),
    )
    assert {
        "created": created(sync.actions),
        "deleted_ordinals": sorted(deleted(sync.actions)),
        "status": sync.status._asdict(),
    } == {
        "created": expect["created"],
        "deleted_ordinals": sorted(expect["deleted_ordinals"]),
        "status": expect["status"],
    }


@pytest.mark.parametrize(("given", "expect"), facts("14", "rollout_trace"))
def test_rollout_trace(given, expect):
    """A whole rollout takes the same steps, in the same order."""
    spec = make_set(given)
    pods = make_pods(given["replicas"])
    steps = []
    while True:
        sync = update_stateful_set(
            spec,
            pods,
            "old",
            "new",
            0.0,
            max_unavailable_enabled=given.get("max_unavailable_enabled", False),
        )
        if not sync.actions:
            break
        steps.append({"created": created(sync.actions), "deleted": deleted(sync.actions)})
        apply(pods, sync.actions, "available")
    assert steps == expect["steps"]


@pytest.mark.parametrize(("given", "expect"), facts("14", "partition_update"))
def test_partition_update(given, expect):
    """An update together with a scale-up leaves ordinals below the partition alone."""
    spec = make_set(given, replicas=given["replicas_after"])
    pods = make_pods(given["replicas_before"])
    while actions := update_stateful_set(spec, pods, "old", "new", 0.0).actions:
        apply(pods, actions, "available")
    assert [pods[ordinal].group for ordinal in sorted(pods)] == expect["revision_by_ordinal"]


@pytest.mark.parametrize(("given", "expect"), facts("14", "max_unavailable_steps"))
def test_max_unavailable_steps(given, expect):
    """With the gate on, Parallel uses up the budget while OrderedReady first fills its ranks."""
    spec = make_set(given)
    pods = make_pods(given["replicas"])

    def step():
        sync = update_stateful_set(spec, pods, "old", "new", 0.0, max_unavailable_enabled=True)
        apply(pods, sync.actions, "running_not_ready")
        return deleted(sync.actions)

    found = {"first_sync_deletes": step()}
    step()
    found["next_sync_pods"] = len(pods)
    pods[4].ready = pods[4].available = True
    found["after_pod_4_ready_next_sync_deletes"] = step()
    found["pods_below_partition_untouched"] = [
        ordinal for ordinal in range(given["partition"]) if pods[ordinal].group == "old"
    ]
    assert found == expect


@pytest.mark.parametrize(("given", "expect"), facts("14", "max_unavailable_invariant"))
def test_max_unavailable_invariant(given, expect):
    """Pods that terminate anywhere use up the budget; Parallel, so that they hold up nothing."""
    pods = make_pods(given["replicas"])
    for ordinal in given["already_terminating"]:
        pods[ordinal] = make_pod("old", "terminating", ordinal=ordinal)
    sync = update_stateful_set(
        make_set(given, pod_management_policy="Parallel"),
        pods,
        "old",
        "new",
        0.0,
        max_unavailable_enabled=True,
    )
    assert len(deleted(sync.actions)) == expect["deleted_by_this_sync"]


@pytest.mark.parametrize(("given", "expect"), facts("14", "min_ready_seconds"))
def test_min_ready_seconds(given, expect):
    """A pod is available once it has been ready for minReadySeconds, terminating or not."""
    ready_for = given["ready_for_seconds"]
    for fields in (
        {"available": ready_for >= given["min_ready_seconds"]},
        {"available": False, "deleted_at": 99.0},
    ):
        pods = make_pods(given["replicas"])
        for pod in pods.values():
            pod.ready_at = 100.0 - ready_for
            vars(pod).update(fields)
        sync = update_stateful_set(make_set(given), pods, "old", "old", 100.0)
        assert sync.status.available_replicas == expect["available_replicas"]
