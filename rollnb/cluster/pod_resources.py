"""Pods as the API server would return them, and what all such objects have in common.

Times are whole seconds in UTC. What the model does not have (addresses, image digests, resource
versions of a real store) is filled in plausibly, so that the objects have the usual shape.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rollnb.cluster import lifecycle
from rollnb.cluster.objects import ContainerState, Manifest, Pod, ReplicaSet
from rollnb.cluster.store import Store

POD_TEMPLATE_HASH = "pod-template-hash"
#: What the registry answers for an image that it lacks.
NOT_FOUND = "not found"


class PodResources:
    """Renders the pods of a store.

    Parameters
    ----------
    store : Store
    namespace : str
        The only namespace there is.
    """

    def __init__(self, store: Store, namespace: str) -> None:
        self.store = store
        self.namespace = namespace

    def time(self, seconds: float) -> str:
        """Format an instant of the cluster's clock: ``2026-11-25T19:17:30Z``."""
        whole = round(self.store.epoch + self.store.stamp(seconds))
        return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _metadata(self, name: str, created_at: float, uid: str, **more: Any) -> Manifest:
        return {
            "name": name,
            "namespace": self.namespace,
            "uid": dashed(uid),
            "resourceVersion": str(len(self.store.log) + 1),
            "creationTimestamp": self.time(created_at),
            **{key: value for key, value in more.items() if value},
        }

    def _deletion(self, thing: Any) -> Manifest:
        """Return what the metadata say of an object that waits for its pods to be gone."""
        if thing.deleted_at is None:
            return {}
        return {
            "deletionTimestamp": self.time(thing.deleted_at),
            "finalizers": ["foregroundDeletion"],
        }

    def _owner(self, owner: Any) -> list[Manifest]:
        """Return the reference to an owner, unless that has left behind what it owned."""
        if owner.has_orphans:
            return []
        return [
            {
                "apiVersion": "apps/v1",
                "kind": owner.kind,
                "name": owner.name,
                "uid": dashed(owner.uid),
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ]

    def _pod(self, pod: Pod) -> Manifest:
        group = pod.group
        template = group.template_manifest
        spec = copy_json(template["spec"])
        if pod.node is not None:
            spec["nodeName"] = pod.node
        metadata = self._metadata(
            pod.name,
            pod.created_at,
            pod.uid,
            labels=self.pod_labels(pod),
            annotations={**(template["metadata"].get("annotations") or {}), **pod.annotations},
            ownerReferences=self._owner(
                group if isinstance(group, ReplicaSet) else group.workload
            ),
        )
        if pod.ordinal is None:
            metadata["generateName"] = group.name + "-"
        if pod.deleted_at is not None:
            metadata["deletionTimestamp"] = self.time(pod.deleted_at + pod.grace_seconds)
            metadata["deletionGracePeriodSeconds"] = int(pod.grace_seconds)
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": spec,
            "status": self._pod_status(pod),
        }

    def pod_labels(self, pod: Pod) -> dict[str, str]:
        """Return the labels of a pod: its template's, and those its controller adds."""
        group = pod.group
        if isinstance(group, ReplicaSet):
            return {**group.template.labels, POD_TEMPLATE_HASH: group.template_hash}
        labels = {**group.template.labels, "controller-revision-hash": group.template_hash}
        if pod.ordinal is not None:
            labels["controller-revision-hash"] = group.name
            labels["statefulset.kubernetes.io/pod-name"] = pod.name
            labels["apps.kubernetes.io/pod-index"] = str(pod.ordinal)
        return labels

    def _pod_status(self, pod: Pod) -> Manifest:
        if pod.node is None:
            condition = {"type": "PodScheduled", "status": "False"}
            if pod.reason != "Unschedulable":
                return {"phase": "Pending", "qosClass": "BestEffort"}
            return {
                "phase": "Pending",
                "conditions": [{**condition, "reason": "Unschedulable"}],
                "qosClass": "BestEffort",
            }
        status: Manifest = {"phase": pod.phase, "qosClass": "BestEffort"}
        if pod.reason:
            status["reason"] = pod.reason
        scheduled = self.time(pod.scheduled_at)
        changed = self.time(
            pod.scheduled_at if pod.ready_transition_at is None else pod.ready_transition_at
        )
        ready = "True" if pod.ready else "False"
        conditions = [("PodScheduled", "True", scheduled)]
        if pod.containers[0].behaviour is not None:
            conditions = [
                ("Initialized", "True", scheduled),
                ("Ready", ready, changed),
                ("ContainersReady", ready, changed),
                *conditions,
            ]
            status["hostIP"] = "192.168.0.1"
            status["hostIPs"] = [{"ip": status["hostIP"]}]
            status["podIP"] = pod_ip(pod)
            status["podIPs"] = [{"ip": status["podIP"]}]
            status["startTime"] = scheduled
            status["containerStatuses"] = [self._container_status(pod, c) for c in pod.containers]
        status["conditions"] = [
            {"type": type, "status": value, "lastProbeTime": None, "lastTransitionTime": since}
            for type, value, since in conditions
        ]
        return status

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
        elif c.exited_at is not None:
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
            "started": c.running and c.started,
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


def dashed(uid: str) -> str:
    """Format a unique id as the API does: 8-4-4-4-12 digits."""
    return "-".join((uid[:8], uid[8:12], uid[12:16], uid[16:20], uid[20:]))


def full_name(pod: Pod, namespace: str) -> str:
    """Name a pod as the kubelet does in its messages: ``web-1_default(uid)``."""
    return f"{pod.name}_{namespace}({dashed(pod.uid)})"


def positive(**counts: int) -> dict[str, int]:
    """Return the counts above zero: the API leaves the others out."""
    return {name: count for name, count in counts.items() if count}


def copy_json(value: Any) -> Any:
    """Copy a value made of dicts and lists."""
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_json(item) for item in value]
    return value


def pod_ip(pod: Pod) -> str:
    """Return an address for the pod; unique among the first 64,000."""
    return f"10.244.{pod.index // 250 % 256}.{pod.index % 250 + 1}"


def hash_text(text: str) -> int:
    """Return a number for a text that is the same in every run."""
    return int.from_bytes(text.encode()[-16:], "big")
