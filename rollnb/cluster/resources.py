"""The cluster's objects as the API server would return them: plain dicts, camelCase keys.

Times are whole seconds in UTC. What the model does not have (addresses, image digests, resource
versions of a real store) is filled in plausibly, so that the objects have the usual shape.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rollnb.cluster import lifecycle
from rollnb.cluster.events import Event
from rollnb.cluster.objects import (
    Condition,
    ContainerState,
    DaemonSetState,
    DeploymentState,
    Manifest,
    Pod,
    PodGroup,
    ReplicaSet,
    StatefulSetState,
)
from rollnb.cluster.scheduler import NodeState
from rollnb.cluster.store import Store

POD_TEMPLATE_HASH = "pod-template-hash"
DEPLOYMENT_ANNOTATION = "deployment.kubernetes.io/"


class Resources:
    """Renders what a store holds.

    Parameters
    ----------
    store : Store
    namespace : str
        The only namespace there is.
    """

    def __init__(self, store: Store, namespace: str) -> None:
        self.store = store
        self.namespace = namespace

    def render(self, kind: str, thing: Any) -> Manifest:
        """Return an object as a dict of its own: changing it changes nothing."""
        return getattr(self, "_" + kind.lower())(thing)

    def time(self, seconds: float) -> str:
        """Format an instant of the cluster's clock: ``2026-11-25T19:17:30Z``."""
        whole = round(self.store.epoch + self.store.stamp(seconds))
        return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _metadata(self, name: str, created_at: float, uid: str, **more: Any) -> Manifest:
        return {
            "name": name,
            "namespace": self.namespace,
            "uid": "-".join((uid[:8], uid[8:12], uid[12:16], uid[16:20], uid[20:])),
            "resourceVersion": str(len(self.store.log) + 1),
            "creationTimestamp": self.time(created_at),
            **{key: value for key, value in more.items() if value},
        }

    def _owner(self, api_version: str, kind: str, name: str, uid: str) -> list[Manifest]:
        return [
            {
                "apiVersion": api_version,
                "kind": kind,
                "name": name,
                "uid": "-".join((uid[:8], uid[8:12], uid[12:16], uid[16:20], uid[20:])),
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ]

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
        update = max(s.revisions, key=lambda revision: revision.revision)  # as last written
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
        generation = {"deprecated.daemonset.template.generation": str(len(d.revisions) or 1)}
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
                ownerReferences=self._owner("apps/v1", owner.kind, owner.name, owner.uid),
            ),
            "data": {
                "spec": {"template": {**copy_json(revision.template_manifest), "$patch": "replace"}}
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
                ownerReferences=self._owner("apps/v1", "Deployment", owner.name, owner.uid),
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
            },
        }

    # -------------------------------------------------------------------------------------- pods

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
            ownerReferences=self._pod_owner(pod),
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

    def _pod_owner(self, pod: Pod) -> list[Manifest]:
        group = pod.group
        owner = group if isinstance(group, ReplicaSet) else group.workload
        kind = "ReplicaSet" if isinstance(group, ReplicaSet) else group.workload.kind
        return self._owner("apps/v1", kind, owner.name, owner.uid)

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
            status["podIP"] = pod_ip(pod)
            status["startTime"] = scheduled
            status["containerStatuses"] = [self._container_status(c) for c in pod.containers]
        status["conditions"] = [
            {"type": type, "status": value, "lastProbeTime": None, "lastTransitionTime": since}
            for type, value, since in conditions
        ]
        return status

    def _container_status(self, c: ContainerState) -> Manifest:
        last = (
            {"terminated": self._terminated(c.last_started_at, c.last_exited_at, c.last_exit_code)}
            if c.last_exited_at is not None
            else {}
        )
        if c.waiting:
            state: Manifest = {"waiting": {"reason": c.waiting}}
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

    def _terminated(self, started_at: float, exited_at: float, exit_code: int) -> Manifest:
        return {
            "exitCode": exit_code,
            "reason": "Error" if exit_code else "Completed",
            "startedAt": self.time(started_at),
            "finishedAt": self.time(exited_at),
        }

    # ----------------------------------------------------------------------------------- the rest

    def _event(self, event: Event) -> Manifest:
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{event.name}.{id(event):x}",
                "namespace": self.namespace,
                "creationTimestamp": self.time(event.first_at),
            },
            "involvedObject": {
                "kind": event.kind,
                "name": event.name,
                "namespace": self.namespace,
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
        metadata = self._metadata(spec.name, self.store.start, uid)
        del metadata["namespace"]
        metadata["labels"] = {"kubernetes.io/hostname": spec.name, **spec.labels}
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": metadata,
            "spec": {},
            "status": {
                "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
                "nodeInfo": {"kubeletVersion": "v1.36.2"},
            },
        }

    def _service(self, service: Any) -> Manifest:
        metadata = service.manifest["metadata"]
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": self._metadata(
                service.name,
                service.created_at,
                service.uid,
                labels=metadata.get("labels"),
                annotations=metadata.get("annotations"),
            ),
            "spec": copy_json(service.manifest["spec"]),
            "status": {"loadBalancer": {}},
        }

    def _endpointslice(self, service: Any) -> Manifest:
        endpoints = []
        for pod in self.store.objects["Pod"].values():
            labels = self.pod_labels(pod)
            if any(labels.get(k) != v for k, v in service.spec.selector.items()):
                continue
            conditions = lifecycle.endpoint(
                pod.phase,
                ready=pod.ready,
                terminating=pod.deleted_at is not None,
                publish_not_ready=False,
                has_ip=pod.containers[0].behaviour is not None,
            )
            if conditions is not None:
                endpoints.append(
                    {
                        "addresses": [pod_ip(pod)],
                        "conditions": dict(
                            zip(("ready", "serving", "terminating"), conditions, strict=True)
                        ),
                        "nodeName": pod.node,
                        "targetRef": {"kind": "Pod", "name": pod.name},
                    }
                )
        name = f"{service.name}-{service.uid[:5]}"
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": self._metadata(
                name,
                service.created_at,
                service.uid,
                labels={"kubernetes.io/service-name": service.name},
            ),
            "addressType": "IPv4",
            "endpoints": endpoints,
        }


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
