"""Pods as the API server would return them, and what all such objects have in common.

Times are whole seconds in UTC. What the model does not have (addresses, image digests, resource
versions of a real store) is filled in plausibly, so that the objects have the usual shape.
"""

from __future__ import annotations

from typing import Any

from rollnb import manifest
from rollnb.cluster.objects import Manifest, Pod, ReplicaSet
from rollnb.cluster.pod_status import PodStatus, dashed
from rollnb.cluster.workloads import WorkloadState

POD_TEMPLATE_HASH = "pod-template-hash"


class PodResources(PodStatus):
    """Renders the pods of a store."""

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
        if isinstance(owner, WorkloadState) and owner.has_orphans:
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
        owner = group if isinstance(group, ReplicaSet) else group.workload
        template = group.template_manifest
        spec = copy_json(template["spec"])
        spec["tolerations"] = manifest.render_tolerations(group.tolerations)
        if pod.node is not None:
            spec["nodeName"] = pod.node
        metadata = self._metadata(
            pod.name,
            pod.created_at,
            pod.uid,
            labels=self.pod_labels(pod),
            annotations=self._annotations(pod),
            ownerReferences=[] if group.loose else self._owner(owner),
        )
        if pod.ordinal is None:
            metadata["generateName"] = owner.name + "-"
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

    def _annotations(self, pod: Pod) -> dict[str, str]:
        if pod.labels is not None:
            return dict(pod.annotations)
        return {**pod.group.template.annotations, **pod.annotations}

    def pod_labels(self, pod: Pod) -> dict[str, str]:
        """Return the labels of a pod: its template's, and those its controller adds."""
        group = pod.group
        if pod.labels is not None:
            return dict(pod.labels)
        if isinstance(group, ReplicaSet):
            return {**group.template.labels, POD_TEMPLATE_HASH: group.template_hash}
        labels = {**group.template.labels, "controller-revision-hash": group.template_hash}
        if pod.ordinal is not None:
            labels["controller-revision-hash"] = group.name
            labels["statefulset.kubernetes.io/pod-name"] = pod.name
            labels["apps.kubernetes.io/pod-index"] = str(pod.ordinal)
        return labels


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


def hash_text(text: str) -> int:
    """Return a number for a text that is the same in every run."""
    return int.from_bytes(text.encode()[-16:], "big")
