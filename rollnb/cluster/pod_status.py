"""The status of pods as the kubelet reports it: phase, conditions, containers, addresses.

Times are whole seconds in UTC. Follows ``pkg/kubelet/status/generate.go`` (Kubernetes 1.36).
Init containers take no time here: they have ended as soon as the pod is on its node, and those
that go on beside the others (sidecars) run for as long as the pod does.
"""

from __future__ import annotations

from datetime import UTC, datetime

from rollnb.cluster import lifecycle
from rollnb.cluster.objects import ContainerState, Manifest, Pod, PodGroup
from rollnb.cluster.qos import qos_class
from rollnb.cluster.store import Store

#: What the registry answers for an image that it lacks.
NOT_FOUND = "not found"


class PodStatus:
    """Renders the status of a store's pods.

    Parameters
    ----------
    store : Store
    namespace : str
        The only namespace there is.
    """

    def __init__(self, store: Store, namespace: str) -> None:
        self.store = store
        self.namespace = namespace
        self._qos_classes: dict[PodGroup, str] = {}

    def time(self, seconds: float) -> str:
        """Format an instant of the cluster's clock: ``2026-11-25T19:17:30Z``."""
        whole = round(self.store.epoch + self.store.stamp(seconds))
        return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _pod_status(self, pod: Pod) -> Manifest:
        status: Manifest = {"phase": pod.phase, "qosClass": self._qos_class(pod)}
        if pod.node is None:
            if pod.reason == "Unschedulable":
                condition = {"type": "PodScheduled", "status": "False", "reason": pod.reason}
                status["conditions"] = [condition]
            return status
        if pod.reason:
            status["reason"] = pod.reason
        scheduled = self.time(pod.scheduled_at)
        on_node = pod.containers[0].behaviour is not None
        if on_node:
            status["hostIP"] = host_ip(pod, self.store)
            status["hostIPs"] = [{"ip": status["hostIP"]}]
            status["podIP"] = pod_ip(pod, self.store)
            status["podIPs"] = [{"ip": status["podIP"]}]
            status["startTime"] = scheduled
            if init_containers := _pod_spec(pod).get("initContainers"):
                status["initContainerStatuses"] = [
                    self._init_status(pod, container) for container in init_containers
                ]
            status["containerStatuses"] = [self._container_status(pod, c) for c in pod.containers]
        status["conditions"] = self._pod_conditions(pod, scheduled, on_node)
        return status

    def _qos_class(self, pod: Pod) -> str:
        """Return the class of a pod, found out once for all pods of a template."""
        group = pod.group
        if group not in self._qos_classes:
            self._qos_classes[group] = qos_class(_pod_spec(pod))
        return self._qos_classes[group]

    def _pod_conditions(self, pod: Pod, scheduled: str, on_node: bool) -> list[Manifest]:
        changed = scheduled
        if pod.ready_transition_at is not None:
            changed = self.time(pod.ready_transition_at)
        gates = waits_for(pod)
        containers_ready = pod.ready or (bool(gates) and all(c.ready for c in pod.containers))
        conditions = [("PodScheduled", True, scheduled)]
        if on_node:
            conditions = [
                ("PodReadyToStartContainers", pod.stopped_at is None, scheduled),
                ("Initialized", True, scheduled),
                ("Ready", pod.ready, changed),
                ("ContainersReady", containers_ready, changed),
                *conditions,
            ]
        shown = [
            {
                "type": type,
                "status": str(holds),
                "lastProbeTime": None,
                "lastTransitionTime": since,
            }
            for type, holds, since in conditions
        ]
        if gates and on_node:
            shown[2]["reason"] = "ReadinessGatesNotReady"
            shown[2]["message"] = "; ".join(
                f'corresponding condition of pod readiness gate "{gate}" does not exist.'
                for gate in gates
            )
        return shown

    def _init_status(self, pod: Pod, container: Manifest) -> Manifest:
        """Return the status of an init container: done in no time, or a sidecar that runs."""
        runs = container.get("restartPolicy") == "Always" and pod.stopped_at is None
        begun = pod.scheduled_at
        ended = pod.scheduled_at if pod.stopped_at is None else pod.stopped_at
        state = {"running": {"startedAt": self.time(begun)}}
        if not runs:
            state = {"terminated": self._terminated(begun, ended, 0)}
        return {
            "name": container["name"],
            "image": container.get("image", ""),
            "imageID": "",
            "ready": runs or container.get("restartPolicy") != "Always",
            "restartCount": 0,
            "started": runs,
            "state": state,
            "lastState": {},
        }

    def _container_status(self, pod: Pod, c: ContainerState) -> Manifest:
        last = (
            {"terminated": self._terminated(c.last_started_at, c.last_exited_at, c.last_exit_code)}
            if c.last_exited_at is not None
            else {}
        )
        if c.waiting:
            state: Manifest = {"waiting": {"reason": c.waiting}}
            if message := self._waiting_message(pod, c):
                state["waiting"]["message"] = message
            if c.exited_at is not None:
                last = {"terminated": self._terminated(c.started_at, c.exited_at, c.exit_code)}
        elif c.exited_at is not None and not is_untold(pod, c):
            state = {"terminated": self._terminated(c.started_at, c.exited_at, c.exit_code)}
        elif c.started_at is not None:
            state = {"running": {"startedAt": self.time(c.started_at)}}
        else:
            state = {"waiting": {"reason": "ContainerCreating"}}
        return {
            "name": c.spec.name,
            "image": c.spec.image,
            "imageID": "",
            "ready": c.ready,
            "restartCount": c.restarts,
            "started": "running" in state and c.started,
            "state": state,
            "lastState": last,
        }

    def _waiting_message(self, pod: Pod, c: ContainerState) -> str:
        if c.waiting == "CrashLoopBackOff":
            pod_name = full_name(pod, self.namespace)
            return lifecycle.crash_waiting(c.spec.name, pod_name, c.backoff)[1]
        if c.failed_pulls and c.waiting in ("ErrImagePull", "ImagePullBackOff"):
            seconds_since = 0.0 if c.waiting == "ErrImagePull" else 1.0
            waiting = lifecycle.pull_waiting(
                c.spec.image, NOT_FOUND, c.failed_pulls, seconds_since
            )
            return waiting[1] if waiting else ""
        return ""

    def _terminated(self, started_at: float, exited_at: float, exit_code: int) -> Manifest:
        return {
            "exitCode": exit_code,
            "reason": "Error" if exit_code else "Completed",
            "startedAt": self.time(started_at),
            "finishedAt": self.time(exited_at),
        }


def is_untold(pod: Pod, c: ContainerState) -> bool:
    """Whether a container of a terminating pod has ended and others have not: nobody says so."""
    return pod.deleted_at is not None and pod.stopped_at is None and c.exited_at >= pod.deleted_at


def host_ip(pod: Pod, store: Store) -> str:
    """Return the address of the pod's node; empty once that is lost."""
    node = store.objects["Node"].get(pod.node)
    return node.address if node is not None else ""


def pod_ip(pod: Pod, store: Store) -> str:
    """Return an address for the pod, unique among the first 64,000, or that of its node."""
    if _pod_spec(pod).get("hostNetwork"):
        return host_ip(pod, store)
    return f"10.244.{pod.index // 250 % 256}.{pod.index % 250 + 1}"


def waits_for(pod: Pod) -> list[str]:
    """Return the readiness gates of a pod: conditions that nobody here ever sets.

    ``GeneratePodReadyCondition`` (``pkg/kubelet/status/generate.go``): such a pod is not ready.
    """
    return [gate["conditionType"] for gate in _pod_spec(pod).get("readinessGates") or ()]


def _pod_spec(pod: Pod) -> Manifest:
    return pod.group.template_manifest["spec"]


def dashed(uid: str) -> str:
    """Format a unique id as the API does: 8-4-4-4-12 digits."""
    return "-".join((uid[:8], uid[8:12], uid[12:16], uid[16:20], uid[20:]))


def full_name(pod: Pod, namespace: str) -> str:
    """Name a pod as the kubelet does in its messages: ``web-1_default(uid)``."""
    return f"{pod.name}_{namespace}({dashed(pod.uid)})"
