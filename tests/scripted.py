"""A cluster that only plays back what a test writes down: facts, pods and groups."""

from __future__ import annotations

from types import SimpleNamespace

from rollnb import measures, timeline
from rollnb.cluster.log import Fact, Log
from rollnb.cluster.objects import Condition


class ScriptedCluster:
    """What frames and figures read of a cluster, filled by hand."""

    def __init__(self, name="worker", **spec):
        self.log = Log()
        self.pods = []
        self.groups = []
        self.events = []
        self.now = 0.0
        self.workloads = []
        self.add_workload(name, **spec)

    def add_workload(self, name, kind="Deployment", **spec):
        """Add a workload with the given fields of its spec."""
        defaults = {"paused": False, "max_surge": 1, "max_unavailable": 1}
        spec = SimpleNamespace(name=name, **(defaults | spec))
        self.workloads.append(SimpleNamespace(kind=kind, spec=spec, conditions=[]))

    def add_condition(self, type, reason):
        """Add a condition to the first workload."""
        self.workloads[0].conditions.append(Condition(type, "False", reason, "", self.now))

    def add_group(self, revision, image="worker:v0.1", workload=0):
        """Add a ReplicaSet."""
        group = SimpleNamespace(
            index=len(self.groups),
            revision=revision,
            image=image,
            workload=self.workloads[workload],
            pods={},
            failing=False,
        )
        self.groups.append(group)
        return group

    def note(self, time, fact, group=None, pod=None, value=0, workload=0):
        """Log one fact, as the engine does."""
        self.now = time
        group_index, pod_index = -1, -1
        if pod is not None:
            group, pod_index = pod.group, pod.index
        if group is not None:
            group_index = group.index
            workload = self.workloads.index(group.workload)
        self.log.append(time, fact, workload, group_index, pod_index, value)

    def create(self, time, group):
        """Create a pod on a node."""
        container = SimpleNamespace(
            spec=SimpleNamespace(image=group.image),
            restarts=0,
            waiting="ContainerCreating",
            running=False,
            behaviour=None,
        )
        index = len(self.pods)
        pod = SimpleNamespace(
            index=index,
            uid=f"uid-{index}",
            name=f"worker-{group.revision}-{index:05d}",
            group=group,
            node=f"node-{index % 3 + 1}",
            reason="",
            containers=[container],
            ready=False,
            available=False,
            is_active=True,
            created_at=time,
            scheduled_at=time,
            started_at=None,
            first_ready_at=None,
            deleted_at=None,
            stopped_at=None,
            gone_at=None,
        )
        self.pods.append(pod)
        group.pods[pod.name] = pod
        self.note(time, Fact.CREATED, pod=pod)
        self.note(time, Fact.SCHEDULED, pod=pod)
        return pod

    def start(self, time, pod, available=True):
        """Let a pod's process start and be ready at once and, if so told, available."""
        self.note(time, Fact.STARTED, pod=pod)
        pod.started_at = time
        pod.containers[0].running, pod.containers[0].waiting = True, ""
        pod.ready, pod.available, pod.first_ready_at = True, available, time
        self.note(time, Fact.READY, pod=pod)
        if available:
            self.note(time, Fact.AVAILABLE, pod=pod)

    def delete(self, time, pod):
        """Let a pod terminate; its process goes on."""
        self.note(time, Fact.DELETED, pod=pod)
        pod.deleted_at, pod.is_active, pod.available = time, False, False

    def stop(self, time, pod):
        """End a terminating pod: its process, and then its object."""
        self.note(time, Fact.STOPPED, pod=pod)
        self.note(time, Fact.UNREADY, pod=pod)
        self.note(time, Fact.GONE, pod=pod, value=1)
        pod.stopped_at = pod.gone_at = time
        del pod.group.pods[pod.name]


def settled(replicas, **spec):
    """Return a cluster whose pods of revision 1 have been available since before t = 0."""
    cluster = ScriptedCluster(**spec)
    old = cluster.add_group(1, "worker:v0.1")
    cluster.note(-60, Fact.ASKED, value=replicas)
    cluster.note(-60, Fact.UPDATED, old)
    cluster.note(-60, Fact.SCALED, old, value=replicas)
    for _ in range(replicas):
        cluster.create(-60, old)
    for pod in list(cluster.pods):
        cluster.start(-58, pod)
    cluster.now = 0.0
    return cluster


def one_by_one():
    """Return a cluster of 2 pods: surge 1, unavailable 0, start 2 s, 30 s to die."""
    cluster = settled(2, max_surge=1, max_unavailable=0)
    new = cluster.add_group(2, "worker:v0.2")
    first, second = cluster.pods
    cluster.note(0, Fact.UPDATED, new)
    cluster.note(0, Fact.SCALED, new, value=1)
    third = cluster.create(0, new)
    cluster.start(2, third)
    cluster.delete(2, first)
    cluster.note(2, Fact.SCALED, cluster.groups[0], value=1)
    cluster.note(2, Fact.SCALED, new, value=2)
    fourth = cluster.create(2, new)
    cluster.start(4, fourth)
    cluster.note(4, Fact.SCALED, cluster.groups[0], value=0)
    cluster.delete(4, second)
    cluster.stop(32, first)
    cluster.stop(34, second)
    cluster.now = 40.0
    return cluster


def rolling(replicas=10, surge=1, unavailable=1, start=2.0, grace=30.0, warm_up=0.0, good=True):
    """Return a rollout in which every pod takes as long, and old ones ignore SIGTERM.

    With A new pods available there are max(0, R - U - A) old ones and min(R, S + U + A) new ones.
    """
    cluster = settled(replicas, max_surge=surge, max_unavailable=unavailable)
    old, new = cluster.groups[0], cluster.add_group(2, "worker:v0.2")
    cluster.workloads[0].spec.progress_deadline_seconds = 600
    cluster.note(0, Fact.UPDATED, new)
    living = list(cluster.pods)
    created = available = 0
    plans = [(0.0, 0, "settle", None)]
    while plans:
        plans.sort(key=lambda plan: plan[:2])
        time, _, what, pod = plans.pop(0)
        cluster.now = time
        if what == "start":
            cluster.start(time, pod, available=False)
        elif what == "available":
            cluster.note(time, Fact.AVAILABLE, pod=pod)
            pod.available = True
            available += 1
        elif what == "stop":
            cluster.stop(time, pod)
        if what == "stop" or any(plan[0] == time and plan[2] != "stop" for plan in plans):
            continue
        while len(living) > max(0, replicas - unavailable - available):
            pod = living.pop(0)
            cluster.delete(time, pod)
            plans.append((time + grace, 2, "stop", pod))
        while created < min(replicas, surge + unavailable + available):
            pod = cluster.create(time, new)
            created += 1
            if good:
                plans.append((time + start, 0, "start", pod))
                plans.append((time + start + warm_up, 1, "available", pod))
            else:
                pod.containers[0].waiting = pod.reason = "ImagePullBackOff"
        cluster.note(time, Fact.SCALED, old, value=len(living))
        cluster.note(time, Fact.SCALED, new, value=created)
    if not good:
        cluster.now = 60.0
    return cluster


def run_of(cluster):
    """Return the frames and measures of a cluster, as a Run has them."""
    return SimpleNamespace(
        cluster=cluster,
        timeline=timeline.timeline(cluster),
        by_revision=timeline.by_revision(cluster),
        pods=timeline.pods(cluster),
        events=timeline.events(cluster),
        summary=measures.summary(cluster),
    )
