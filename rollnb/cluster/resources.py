"""The cluster's objects as the API server would return them: plain dicts, camelCase keys."""

from __future__ import annotations

import math
from typing import Any

from rollnb import manifest
from rollnb.cluster.events import Event
from rollnb.cluster.objects import Condition, Manifest, PodGroup, ReplicaSet
from rollnb.cluster.pod_resources import POD_TEMPLATE_HASH, copy_json, hash_text, positive
from rollnb.cluster.pod_status import dashed
from rollnb.cluster.scheduler import NodeState
from rollnb.cluster.stored_resources import StoredResources
from rollnb.cluster.workloads import DaemonSetState, DeploymentState, StatefulSetState

DEPLOYMENT_ANNOTATION = "deployment.kubernetes.io/"

#: The system of every node.
NODE_INFO = {
    "architecture": "amd64",
    "containerRuntimeVersion": "containerd://2.2.1",
    "kernelVersion": "6.12.63+deb13-amd64",
    "kubeletVersion": "v1.36.2",
    "operatingSystem": "linux",
    "osImage": "Debian GNU/Linux 13 (trixie)",
}


class Resources(StoredResources):
    """Renders what a store holds."""

    def render(self, kind: str, thing: Any) -> Manifest:
        """Return an object as a dict of its own: changing it changes nothing."""
        return getattr(self, "_" + kind.lower(), self._plain)(thing)

    def _conditions(self, conditions: list[Condition]) -> list[Manifest]:
        return [
            {
                "type": c.type,
                "status": c.status,
                "lastUpdateTime": self.time(c.last_update_at),
                "lastTransitionTime": self.time(c.last_transition_at),
                "reason": c.reason,
                "message": c.message,
            }
            for c in conditions
        ]

    def _own_conditions(self, rs: ReplicaSet) -> list[Manifest]:
        """Return the conditions of a ReplicaSet: they do not say when they were last updated."""
        conditions = self._conditions(rs.conditions)
        for condition in conditions:
            del condition["lastUpdateTime"]
        return conditions

    # --------------------------------------------------------------------------------- workloads

    def _workload(self, workload: Any, annotations: dict[str, str], status: Manifest) -> Manifest:
        metadata = workload.manifest["metadata"]
        return {
            "apiVersion": "apps/v1",
            "kind": workload.kind,
            "metadata": self._metadata(
                workload.name,
                workload.created_at,
                workload.uid,
                generation=workload.generation,
                labels=dict(metadata.get("labels") or {}),
                annotations={**(metadata.get("annotations") or {}), **annotations},
                **self._deletion(workload),
            ),
            "spec": copy_json(workload.manifest["spec"]),
            "status": {"observedGeneration": workload.observed_generation, **status},
        }

    def _deployment(self, d: DeploymentState) -> Manifest:
        counts = d.status
        status = {
            **positive(
                replicas=counts.replicas,
                updatedReplicas=counts.updated,
                readyReplicas=counts.ready,
                availableReplicas=counts.available,
                unavailableReplicas=counts.unavailable,
            ),
            "terminatingReplicas": counts.terminating,
            "conditions": self._conditions(d.conditions),
        }
        revision = {DEPLOYMENT_ANNOTATION + "revision": str(d.revision)} if d.revision else {}
        return self._workload(d, revision, status)

    def _statefulset(self, s: StatefulSetState) -> Manifest:
        counts = s.status
        if counts is None:
            return self._workload(s, {}, {"replicas": 0, "availableReplicas": 0})
        update = max(s.groups, key=lambda group: (self.store.has(group), group.revision))
        status = {
            "replicas": counts.replicas,
            **positive(
                readyReplicas=counts.ready_replicas,
                currentReplicas=counts.current_replicas,
                updatedReplicas=counts.updated_replicas,
            ),
            "availableReplicas": counts.available_replicas,
            "currentRevision": (s.current or update).name,
            "updateRevision": update.name,
            "collisionCount": 0,
        }
        return self._workload(s, {}, status)

    def _daemonset(self, d: DaemonSetState) -> Manifest:
        generation = {"deprecated.daemonset.template.generation": str(d.template_generation)}
        counts = d.status
        if counts is None:
            names = (
                "currentNumberScheduled",
                "desiredNumberScheduled",
                "numberMisscheduled",
                "numberReady",
            )
            return self._workload(d, generation, dict.fromkeys(names, 0))
        status = {
            "currentNumberScheduled": counts.current_number_scheduled,
            "desiredNumberScheduled": counts.desired_number_scheduled,
            "numberMisscheduled": counts.number_misscheduled,
            "numberReady": counts.number_ready,
            **positive(
                updatedNumberScheduled=counts.updated_number_scheduled,
                numberAvailable=counts.number_available,
                numberUnavailable=counts.number_unavailable,
            ),
        }
        return self._workload(d, generation, status)

    def _controllerrevision(self, revision: PodGroup) -> Manifest:
        owner = revision.workload
        hash_label = {"controller-revision-hash": revision.template_hash}
        return {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": self._metadata(
                revision.name,
                revision.created_at,
                revision.uid,
                labels={**revision.template.labels, **hash_label},
                annotations=dict(owner.manifest["metadata"].get("annotations") or {}),
                ownerReferences=self._owner(owner),
            ),
            "data": {
                "spec": {
                    "template": {**copy_json(revision.template_manifest), "$patch": "replace"}
                }
            },
            "revision": revision.revision,
        }

    def _replicaset(self, rs: ReplicaSet) -> Manifest:
        labels = {**rs.template.labels, POD_TEMPLATE_HASH: rs.template_hash}
        annotations = dict(rs.annotations)
        for key, value in (
            ("revision", rs.revision),
            ("desired-replicas", rs.desired_replicas),
            ("max-replicas", rs.max_replicas),
            ("revision-history", ",".join(map(str, rs.revision_history))),
        ):
            if value not in ("", None):
                annotations[DEPLOYMENT_ANNOTATION + key] = str(value)
        template = copy_json(rs.template_manifest)
        template.setdefault("metadata", {})["labels"] = dict(labels)
        owner = rs.workload
        return {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": self._metadata(
                rs.name,
                rs.created_at,
                rs.uid,
                generation=rs.generation,
                labels=labels,
                annotations=annotations,
                ownerReferences=self._owner(owner),
                **self._deletion(rs),
            ),
            "spec": {
                "replicas": rs.replicas,
                **positive(minReadySeconds=rs.min_ready_seconds),
                "selector": {
                    "matchLabels": {
                        **(owner.manifest["spec"]["selector"].get("matchLabels") or {}),
                        POD_TEMPLATE_HASH: rs.template_hash,
                    }
                },
                "template": template,
            },
            "status": {
                "replicas": rs.status_replicas,
                **positive(
                    fullyLabeledReplicas=rs.status_replicas,
                    readyReplicas=rs.status_ready,
                    availableReplicas=rs.status_available,
                ),
                "terminatingReplicas": rs.status_terminating,
                "observedGeneration": rs.observed_generation,
                **({"conditions": self._own_conditions(rs)} if rs.conditions else {}),
            },
        }

    # ----------------------------------------------------------------------------------- the rest

    def _event(self, event: Event) -> Manifest:
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{event.name}.{event.number:016x}",
                "namespace": self.namespace,
                "creationTimestamp": self.time(event.first_at),
            },
            "involvedObject": {
                "kind": event.kind,
                "name": event.name,
                "namespace": self.namespace,
                "uid": dashed(event.uid),
                **({"fieldPath": _field_path(event)} if event.container else {}),
            },
            "type": event.type,
            "reason": event.reason,
            "message": event.message,
            "count": event.count,
            "firstTimestamp": self.time(event.first_at),
            "lastTimestamp": self.time(event.last_at),
            "source": {"component": event.source},
        }

    def _node(self, node: NodeState) -> Manifest:
        spec = node.spec
        uid = f"{hash_text(spec.name):032x}"
        metadata = self._metadata(
            spec.name,
            node.created_at,
            uid,
            labels=dict(spec.labels),
            annotations=dict(node.annotations),
        )
        del metadata["namespace"]
        sizes = {"cpu": spec.cpu, "memory": spec.memory, "pods": spec.pods}
        room = {
            name: manifest.format_quantity(size, binary=name == "memory")
            for name, size in sizes.items()
            if size < math.inf
        }
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": metadata,
            "spec": manifest.render_node_spec(spec),
            "status": {
                **({"capacity": room, "allocatable": dict(room)} if room else {}),
                "conditions": [
                    {
                        "type": "Ready",
                        "status": "True",
                        "lastHeartbeatTime": metadata["creationTimestamp"],
                        "lastTransitionTime": metadata["creationTimestamp"],
                        "reason": "KubeletReady",
                        "message": "kubelet is posting ready status",
                    }
                ],
                "addresses": [
                    {"type": "InternalIP", "address": node.address},
                    {"type": "Hostname", "address": spec.name},
                ],
                "nodeInfo": dict(NODE_INFO),
            },
        }


def _field_path(event: Event) -> str:
    return f"spec.containers{{{event.container}}}"
