"""DaemonSets decide as Kubernetes 1.36 does; facts file 15."""

from functools import partial

import pytest
from facts import facts
from pods import make_daemon_set, make_pod

from rollnb.cluster.daemonset import calculate_status, manage
from rollnb.cluster.daemonset_rolling import resolve_desired_node_counts, rolling_update


def read_daemon_set(given):
    """Make the spec that a case describes; a limit left out is zero there."""
    return make_daemon_set(
        strategy=given.get("strategy", "RollingUpdate"),
        max_surge=given.get("max_surge") or 0,
        max_unavailable=given.get("max_unavailable") or 0,
        min_ready_seconds=given.get("min_ready_seconds", 0),
    )


def apply(pods, actions):
    """Apply actions at once: created pods are not ready, deleted ones are gone."""
    for node in actions.create:
        pods.setdefault(node, []).append(make_pod("current", "pending", created_at=0.0, node=node))
    for pod in actions.delete:
        pods[pod.node].remove(pod)


@pytest.mark.parametrize(("given", "expect"), facts("15", "desired_counts"))
def test_desired_counts(given, expect):
    """Percentages are shares of the eligible nodes, rounded up."""
    spec = read_daemon_set(given)
    nodes = [f"node-{n}" for n in range(given["desired_number_scheduled"])]
    pods = {node: [make_pod("old")] for node in nodes[: given["nodes_with_one_ready_pod"]]}
    desired = calculate_status(spec, nodes, set(nodes), pods, "old", 0.0).desired_number_scheduled
    surge, unavailable = resolve_desired_node_counts(spec, desired)
    assert {
        "max_surge": surge,
        "max_unavailable": unavailable,
        "desired_number_scheduled": desired,
    } == expect


@pytest.mark.parametrize(("given", "expect"), facts("15", "sync_sequence"))
def test_sync_sequence(given, expect):
    """One sync creates and deletes as many pods; its own changes are seen at once, as there."""
    spec = read_daemon_set(given)
    pods = {}
    for group in given["nodes"]:
        for _ in range(group["node_count"]):
            node = f"node-{len(pods)}"
            pods[node] = [
                make_pod(
                    pod["template"],
                    "available" if pod["ready"] else "running_not_ready",
                    available=pod["ready"]
                    and pod.get("ready_seconds", 0) >= spec.min_ready_seconds,
                    created_at=float(pod["template"] == "current"),
                    node=node,
                )
                for pod in group["pods"]
            ]
    nodes = list(pods)
    creates = deletes = 0
    for step in (partial(manage, keeping=set()), rolling_update):
        if step is rolling_update and spec.strategy != "RollingUpdate":
            continue
        present = {node: on_node for node, on_node in pods.items() if on_node}
        actions = step(spec, nodes, set(nodes), present, "current")
        apply(pods, actions)
        creates += len(actions.create)
        deletes += len(actions.delete)
    assert {"creates": creates, "deletes": deletes} == expect
