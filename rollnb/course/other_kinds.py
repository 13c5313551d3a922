"""The exercises on StatefulSets and DaemonSets, and on the traffic of a Service.

As in `rollnb.course.exercises`; the pods are those of ``web`` (`rollnb.scenarios`).
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from rollnb import service
from rollnb.cluster import Cluster
from rollnb.course.kinds import Commands, Finding, Letters, Number, Setting
from rollnb.run import Run
from rollnb.scenarios import ABRUPT, NODES, SCENARIOS, WEB, change
from rollnb.spec import StatefulSet, Workload

#: Seconds after which clients hear of a change, in the exercise on preStop.
LATE_SECONDS = 5.0


def _stuck_set() -> Cluster:
    """Return the trap before anything is done about it."""
    return SCENARIOS["statefulset-trap"].play().at(15.0)


def _is_back(cluster: Cluster) -> list[Finding]:
    obj = cluster.get("StatefulSet", "web")
    spec, status = obj["spec"], obj["status"]
    image = spec["template"]["spec"]["containers"][0]["image"]
    if image not in [good.name for good in WEB]:
        return [("still_asks_for", obj["kind"], image)]
    counts = [status.get(name, 0) for name in ("updatedReplicas", "availableReplicas")]
    return [] if counts == [spec["replicas"]] * 2 == [len(NODES)] * 2 else [("not_back", *counts)]


def _update(workload: Workload) -> Run:
    return change(replace(workload, image=WEB[0].name), "v2")


def _update_abruptly(workload: Workload) -> Run:
    return change(replace(workload, image=ABRUPT[0].name), "v2", images=ABRUPT)


def _count_updated(run: Run) -> SimpleNamespace:
    return SimpleNamespace(updated_replicas=int(run.timeline["updated_replicas"].iloc[-1]))


def _measure_end(run: Run) -> SimpleNamespace:
    """Return the lost requests, and the longest that a pod takes to end."""
    lost = service.totals(service.traffic(run, propagation_seconds=LATE_SECONDS))["lost"]
    terminating = (run.pods["gone_at"] - run.pods["deleted_at"]).max()
    return SimpleNamespace(lost_requests=float(lost), terminating_seconds=float(terminating))


OTHER_KINDS: dict[str, Number | Letters | Setting | Commands] = {
    "8.1": Number(24, {16: "stop_too", 3: "all_pods"}),
    "8.2": Number(3, {2: "nodes_up"}),
    "8.3": Letters("acd", "abcd"),
    "8.4": Commands(_stuck_set, _is_back),
    "8.5": Setting(
        _update,
        at_least={"updated_replicas": 2},
        at_most={"updated_replicas": 2},
        fields={"replicas": len(NODES)},
        kind=StatefulSet,
        measure=_count_updated,
    ),
    "9.1": Number(400, {100: "one_pod", 200: "one_second"}),
    "9.2": Letters("ace", "abcde"),
    "9.3": Number(30, {35: "grace_includes"}),
    "9.4": Setting(
        _update_abruptly,
        at_most={"lost_requests": 0, "terminating_seconds": 8},
        fields={"replicas": 10},
        measure=_measure_end,
    ),
    "9.5": Number(58.3, {17: "one_rng", 16.7: "one_rng"}, tolerance=1.0),
}
