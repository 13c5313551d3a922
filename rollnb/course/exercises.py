"""The exercises, by their number in the notebooks.

Pods start in two seconds (one to pull, one to start) wherever an exercise does not say otherwise.
The notebooks' solutions are run through these in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rollnb.cluster import Cluster
from rollnb.course.kinds import Commands, Finding, Letters, Number, Setting
from rollnb.course.other_kinds import OTHER_KINDS
from rollnb.node import Node
from rollnb.run import Run
from rollnb.scenarios import POLITE, V1, V2, lesson, roll_out, update, worker
from rollnb.spec import Deployment

#: v0.2 crashes 20 s after each start.
FRAGILE = (V1, replace(V2, crash_after_seconds=20))


def _play(tag: str = "v0.2", **options: Any) -> Callable[[Deployment], Run]:
    """Return a function that rolls a Deployment out; whatever its image, it begins at v0.1."""
    return lambda deployment: roll_out(replace(deployment, image=V1.name), tag, **options)


def _lesson_at_v2() -> Cluster:
    return lesson(worker(image=V2.name, max_surge=1, max_unavailable=1))


def _stuck() -> Cluster:
    cluster = _lesson_at_v2()
    cluster.kubectl(update("v0.3"))
    cluster.wait(40.0)
    return cluster


def _deployment(cluster: Cluster) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    obj = cluster.get("Deployment", "worker")
    return obj["spec"], obj["status"]


def _is_back(cluster: Cluster) -> list[Finding]:
    spec, status = _deployment(cluster)
    image = spec["template"]["spec"]["containers"][0]["image"]
    if image not in (V1.name, V2.name):
        return [("still_asks_for", "Deployment", image)]
    counts = [status.get(name, 0) for name in ("updatedReplicas", "availableReplicas")]
    return [] if counts == [spec["replicas"]] * 2 == [10, 10] else [("not_back", *counts)]


def _has_new_pace(cluster: Cluster) -> list[Finding]:
    spec, _ = _deployment(cluster)
    pace = {**spec["strategy"]["rollingUpdate"], "minReadySeconds": spec.get("minReadySeconds", 0)}
    wanted = {"maxSurge": 3, "maxUnavailable": 0, "minReadySeconds": 10}
    off = [
        ("field", name, wanted[name], pace[name]) for name in wanted if pace[name] != wanted[name]
    ]
    started = len(cluster.list("ReplicaSet")) > 1
    return off + ([("rollout_started",)] if started else [])


EXERCISES: dict[str, Number | Letters | Setting | Commands] = {
    "1.1": Number(140, {100: "new_pods_too", 40: "old_pods_too", 7: "all_pods"}),
    "1.2": Letters("bc", "abcde"),
    "1.3": Setting(
        _play(images=POLITE, until=120.0),
        at_least={"least_available": 8},
        at_most={"duration_seconds": 6},
        fields={"replicas": 10},
    ),
    "2.1": Number(9, {8: "surge_up"}),
    "2.2": Number(6, {5: "unavailable_down"}),
    "2.3": Number(20, {40: "both_together", 2: "rounds_not_seconds", 300: "one_by_one"}),
    "2.4": Setting(
        _play(images=POLITE, until=120.0),
        at_least={"least_available": 18},
        at_most={"most_replicas": 25, "duration_seconds": 6},
        fields={"replicas": 20},
    ),
    "2.5": Setting(
        _play(images=POLITE, until=120.0, nodes=[Node("node-1", pods=10)]),
        at_least={"least_available": 8},
        fields={"replicas": 10},
    ),
    "3.1": Number(20, {10: "complete_is_not_gone", 40: "grace_is_ten"}),
    "3.2": Number(5, {6: "whole_unit", 10: "below_saturation"}, tolerance=0.05),
    "3.3": Number(7, {3: "lost_not_left"}),
    "3.4": Setting(
        _play(until=240.0),
        at_most={"most_pods": 13},
        fields={"replicas": 10, "max_surge": 1, "max_unavailable": 1},
    ),
    "4.1": Number(15, {20: "some_go_first", 18: "percent_of_twenty"}),
    "4.2": Number(10, {5: "gone_are_replaced", 6: "gone_are_replaced"}),
    "4.3": Number(152, {80: "asks_on_its_own", 160: "doubles_from_ten"}, tolerance=3),
    "4.4": Setting(
        _play("v0.3", images=POLITE, until=60.0),
        at_least={"least_available": 10},
        at_most={"most_pods": 12},
        fields={"replicas": 10},
        complete=False,
    ),
    "4.5": Commands(_stuck, _is_back),
    "5.1": Number(60, {50: "start_too", 48: "surge_two", 12: "every_round", 10: "every_round"}),
    "5.2": Setting(
        _play(images=POLITE, until=120.0),
        at_least={"least_available": 10},
        at_most={"most_replicas": 12, "duration_seconds": 30},
        fields={"replicas": 10},
        fields_at_least={"min_ready_seconds": 3},
    ),
    "5.3": Setting(
        _play(images=FRAGILE, until=240.0),
        at_least={"least_available": 10},
        fields={"replicas": 10},
        complete=False,
    ),
    "5.4": Commands(_lesson_at_v2, _has_new_pace, seconds=5.0),
    "6.1": Setting(
        _play(images=POLITE, until=120.0),
        at_least={"least_available": 8},
        at_most={"most_replicas": 10, "duration_seconds": 28},
        fields={"replicas": 8},
        fields_at_least={"min_ready_seconds": 5},
    ),
    "6.2": Letters("be", "abcde"),
    "6.3": Number(9, {6: "stop_too", 18: "two_nodes"}),
    "6.4": Number(70, {20: "old_pods_too", 50: "new_pods_too", 7: "all_pods"}),
    "6.5": Number(35, {33: "start_after_undo", 53: "nine_are_there"}),
    "7.1": Number(1.1, {0.3: "drift_too", 0.8: "lag_too"}),
    "7.2": Letters("ade", "abcde"),
    "7.3": Number(2, {1: "every_round"}),
    "7.4": Number(13.5, {15: "burst_first"}, tolerance=0.5),
    **OTHER_KINDS,
}
