"""Workloads as stored: what is asked for, their ReplicaSets or revisions, and their status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rollnb.cluster.objects import Condition, Manifest, Pod, PodGroup, wake_nobody
from rollnb.cluster.taints import add_daemon_tolerations
from rollnb.spec import PodTemplate, Workload


class WorkloadState:
    """A workload as stored: the manifest as the API server completed it, and its spec."""

    __slots__ = (
        "asked",
        "created_at",
        "deleted_at",
        "generation",
        "gone_at",
        "groups",
        "has_orphans",
        "index",
        "manifest",
        "name",
        "observed_generation",
        "resource_version",
        "spec",
        "specs",
        "template_hash",
        "uid",
        "wake",
    )

    kind = ""
    #: Whether the controller looks at the moment a pod becomes available, or later by itself.
    notices_availability = True

    def __init__(
        self, index: int, manifest: Manifest, spec: Workload, created_at: float, uid: str
    ) -> None:
        self.index = index  # among the cluster's workloads
        self.name = spec.name
        self.wake: Callable[[], None] = wake_nobody
        self.manifest = manifest
        self.spec = spec
        self.specs = [(created_at, spec)]  # each one, and from when on it was asked for
        self.template_hash = ""
        self.groups: list[Any] = []  # its ReplicaSets, or the pods of each of its revisions
        self.has_orphans = False  # it is gone and has left them behind
        self.asked = 0  # pods it wants: `replicas`, or one for each eligible node
        self.created_at = created_at
        self.deleted_at: float | None = None  # in the foreground: it stays until its pods are gone
        self.gone_at: float | None = None  # it is not there any more
        self.uid = uid
        self.generation = 1
        self.observed_generation = 0
        self.resource_version = 1  # writes so far: one that has seen an older one is refused

    @property
    def pod_template(self) -> PodTemplate:
        """What its controller makes pods of."""
        return self.spec.template


class DeploymentState(WorkloadState):
    """A Deployment as stored, and its status."""

    __slots__ = (
        "conditions",
        "revision",
        "status",
    )

    kind = "Deployment"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.revision = 0  # annotation deployment.kubernetes.io/revision
        self.conditions: list[Condition] = []
        self.status: Any = None  # the counts as its controller last wrote them


class RevisionedState(WorkloadState):
    """A StatefulSet or DaemonSet as stored: its history is a list of revisions."""

    __slots__ = ("current", "status")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.current: PodGroup | None = None  # a StatefulSet's revision before the update
        self.status: Any = None  # the counts as its controller last wrote them


class StatefulSetState(RevisionedState):
    """A StatefulSet as stored."""

    __slots__ = ()
    kind = "StatefulSet"


class DaemonSetState(RevisionedState):
    """A DaemonSet as stored."""

    __slots__ = ("pods_by_node", "template_generation")
    kind = "DaemonSet"
    notices_availability = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.template_generation = 1  # changes of the template so far, the first one included
        self.pods_by_node: dict[str, list[Pod]] = {}  # all that exist, by the node each is for

    def add_pod(self, pod: Pod) -> None:
        """Take a pod in."""
        self.pods_by_node.setdefault(pod.target_node, []).append(pod)

    def remove_pod(self, pod: Pod) -> None:
        """Forget a pod that is gone."""
        self.pods_by_node[pod.target_node].remove(pod)

    @property
    def pod_template(self) -> PodTemplate:
        """What its controller makes pods of; ``CreatePodTemplate`` (``daemonset_util.go``)."""
        template = self.spec.template
        return replace(template, tolerations=add_daemon_tolerations(template.tolerations))
