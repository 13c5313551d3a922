"""Pods and their groups, ReplicaSets or revisions, as facts and running counters.

These are the hot, mutable objects of a run. Instants are floats in seconds of the cluster's clock
and None while they have not happened. Counters are kept by the engine at each transition, so
that nobody rescans pods; what follows from facts (is a pod available?) is derived, not stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rollnb.cluster.taints import add_default_tolerations
from rollnb.spec import Container, PodTemplate, Service

Manifest = dict[str, Any]


class ContainerState:
    """One container of a pod: what runs in it now, and what the kubelet knows of it."""

    __slots__ = (
        "attempts",
        "backoff",
        "begun",
        "behaviour",
        "exit_code",
        "exited_at",
        "failed_pulls",
        "last_exit_code",
        "last_exited_at",
        "last_started_at",
        "probes",
        "pulled_at",
        "ready",
        "restarts",
        "spec",
        "started",
        "started_at",
        "waiting",
    )

    def __init__(self, spec: Container) -> None:
        self.spec = spec
        self.behaviour: Any = None
        self.begun = False  # its image has been asked for at least once
        self.waiting = ""  # the reason: ContainerCreating, ErrImagePull, CrashLoopBackOff, ...
        self.failed_pulls = 0
        self.attempts = 0  # starts of the process
        self.backoff: float | None = None  # seconds of the last crash back-off
        self.restarts = 0
        self.pulled_at: float | None = None
        self.started_at: float | None = None  # of the process that runs, or ran last
        self.probes: tuple[Any, ...] = ()  # one worker for each, while the pod is on its node
        self.started = False  # the startup probe has passed
        self.ready = False
        self.exited_at: float | None = None
        self.exit_code: int | None = None
        self.last_started_at: float | None = None  # of the process before
        self.last_exited_at: float | None = None
        self.last_exit_code: int | None = None

    @property
    def running(self) -> bool:
        """Whether a process runs."""
        return self.started_at is not None and self.exited_at is None


class Pod:
    """One pod, from its creation until it is gone; kept for the frames afterwards."""

    kind = "Pod"
    #: Restartable init containers: the model has none, but the order of deletion asks for them.
    sidecars: tuple[ContainerState, ...] = ()

    __slots__ = (
        "annotations",
        "available",
        "containers",
        "created_at",
        "deleted_at",
        "first_ready_at",
        "gone_at",
        "grace_seconds",
        "group",
        "index",
        "labels",
        "name",
        "node",
        "ordinal",
        "phase",
        "ready",
        "ready_at",
        "ready_transition_at",
        "reason",
        "scheduled_at",
        "started_at",
        "stopped_at",
        "target_node",
        "token",
        "uid",
    )

    def __init__(
        self, index: int, name: str, group: PodGroup, created_at: float, uid: str
    ) -> None:
        self.index = index  # in the order of creation, over the whole cluster
        self.name = name
        self.group = group
        self.uid = uid
        self.ordinal: int | None = None
        self.annotations: dict[str, str] = {}
        # Its own, once a user has changed them; then its annotations are all it has, too.
        self.labels: dict[str, str] | None = None
        self.node: str | None = None
        self.target_node: str | None = None  # the only node it may go to: a DaemonSet's choice
        self.phase = "Pending"
        self.reason = ""
        self.containers = [ContainerState(c) for c in group.template.containers]
        self.ready = False
        self.available = False
        self.token = 0  # raised when plans made for this pod no longer hold
        self.grace_seconds = 0.0
        self.created_at = created_at
        self.scheduled_at: float | None = None
        self.started_at: float | None = None
        self.ready_at: float | None = None  # since when it is ready
        self.first_ready_at: float | None = None
        self.ready_transition_at: float | None = None  # last change of the Ready condition
        self.deleted_at: float | None = None
        self.stopped_at: float | None = None
        self.gone_at: float | None = None

    @property
    def is_active(self) -> bool:
        """Counted as a replica: not terminating and not ended."""
        return self.deleted_at is None and self.phase not in ("Succeeded", "Failed")


def wake_nobody() -> None:
    """Wake no controller."""


class PodGroup:
    """The pods of one template: a ReplicaSet, or one revision of another workload."""

    kind = "ControllerRevision"
    loose = False  # made for a pod that no controller has

    __slots__ = (
        "available",
        "cpu",
        "created_at",
        "failing",
        "index",
        "memory",
        "min_ready_seconds",
        "name",
        "on_node",
        "pods",
        "ready",
        "revision",
        "template",
        "template_hash",
        "template_manifest",
        "terminating",
        "tolerations",
        "total",
        "uid",
        "wake",
        "workload",
    )

    def __init__(
        self,
        index: int,
        name: str,
        workload: Any,
        template: PodTemplate,
        template_manifest: Manifest,
        template_hash: str,
        created_at: float,
        uid: str,
    ) -> None:
        self.index = index
        self.name = name
        self.workload = workload
        self.template = template
        # Of one of its pods: what it tolerates, and what it requests.
        self.tolerations = add_default_tolerations(template.tolerations)
        self.cpu = sum(c.cpu for c in template.containers)
        self.memory = sum(c.memory for c in template.containers)
        self.template_manifest = template_manifest
        self.template_hash = template_hash
        self.created_at = created_at
        self.uid = uid
        self.revision = 0
        self.min_ready_seconds = 0
        self.wake: Callable[[], None] = wake_nobody  # tells the controller that pods have changed
        self.failing = False  # a pod was refused: it is tried again when another one changes
        self.pods: dict[str, Pod] = {}  # all that exist, terminating ones included
        self.on_node: dict[str, int] = {}  # active pods by node
        self.total = 0  # active pods; terminating ones apart
        self.ready = 0
        self.available = 0
        self.terminating = 0


def pods_of(groups: Iterable[PodGroup]) -> Iterator[Pod]:
    """Go through all pods that exist, terminating ones included."""
    for group in groups:
        yield from group.pods.values()


class ObjectState:
    """An object that no controller of workloads looks after: a Service, a ConfigMap, ..."""

    __slots__ = ("created_at", "generation", "kind", "manifest", "name", "spec", "uid")

    def __init__(self, obj: Manifest, spec: Service | None, created_at: float, uid: str) -> None:
        self.kind = obj["kind"]
        self.name = obj["metadata"]["name"]
        self.manifest = obj
        self.spec = spec
        self.created_at = created_at
        self.uid = uid
        self.generation = 1


class Condition:
    """A condition of a Deployment or ReplicaSet; instants in seconds of the cluster's clock."""

    __slots__ = ("last_transition_at", "last_update_at", "message", "reason", "status", "type")

    def __init__(self, type: str, status: str, reason: str, message: str, now: float) -> None:
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.last_update_at = now
        self.last_transition_at = now


class ReplicaSet(PodGroup):
    """A ReplicaSet: `replicas` is asked for, ``status_…`` is what its controller last wrote."""

    kind = "ReplicaSet"

    __slots__ = (
        "annotations",
        "candidates",
        "conditions",
        "deleted_at",
        "desired_replicas",
        "generation",
        "max_replicas",
        "observed_generation",
        "replicas",
        "revision_history",
        "status_available",
        "status_ready",
        "status_replicas",
        "status_terminating",
    )

    def __init__(self, *args: Any, replicas: int = 0) -> None:
        super().__init__(*args)
        self.replicas = replicas
        self.candidates: Any = None  # its ready pods, in the order in which they would go
        self.annotations: dict[str, str] = {}  # those copied from the Deployment: change-cause
        self.desired_replicas = 0  # annotation deployment.kubernetes.io/desired-replicas
        self.max_replicas = 0  # annotation deployment.kubernetes.io/max-replicas
        self.revision_history: list[int] = []
        self.generation = 1
        self.observed_generation = 0
        self.deleted_at: float | None = None  # in the foreground: it stays until its pods are gone
        self.conditions: list[Condition] = []
        self.status_replicas = 0
        self.status_ready = 0
        self.status_available = 0
        self.status_terminating = 0
