"""Services with their endpoints, budgets, and objects that are only stored, as the API has them.

Follows the allocators of ``pkg/registry/core/service``, and ``podToEndpoint`` and ``FindPort`` of
``endpointslice`` (Kubernetes 1.36). A Service has one EndpointSlice, with the ports of the first
of its pods; the one ``Endpoints`` object of old is made of the same.
"""

from __future__ import annotations

from typing import Any

from rollnb.cluster import lifecycle
from rollnb.cluster.objects import Manifest, Pod
from rollnb.cluster.pod_resources import PodResources, copy_json
from rollnb.cluster.pod_status import dashed, pod_ip

#: The kinds that follow from a Service and its pods.
OF_SERVICES = frozenset(("EndpointSlice", "Endpoints"))

_SERVICE_NAME = "kubernetes.io/service-name"
_MANAGED_BY = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}


class StoredResources(PodResources):
    """Renders what no controller of a workload looks after."""

    def _plain(self, thing: Any) -> Manifest:
        metadata = thing.manifest["metadata"]
        return {
            **copy_json(thing.manifest),
            "metadata": self._metadata(
                thing.name,
                thing.created_at,
                thing.uid,
                labels=copy_json(metadata.get("labels")),
                annotations=copy_json(metadata.get("annotations")),
            ),
        }

    def _namespace(self, namespace: Any) -> Manifest:
        rendered = self._plain(namespace)
        metadata = rendered["metadata"]
        del metadata["namespace"]
        name = {"kubernetes.io/metadata.name": namespace.name}
        metadata["labels"] = {**metadata.get("labels", {}), **name}
        rendered["spec"] = {"finalizers": ["kubernetes"]}
        return {**rendered, "status": {"phase": "Active"}}

    def _persistentvolumeclaim(self, claim: Any) -> Manifest:
        """Show a claim as bound: to a volume of its own, and as large as asked for."""
        rendered = self._plain(claim)
        rendered["metadata"]["finalizers"] = ["kubernetes.io/pvc-protection"]
        spec = rendered.setdefault("spec", {})
        spec.setdefault("storageClassName", "standard")
        spec.setdefault("volumeMode", "Filesystem")
        spec.setdefault("volumeName", f"pvc-{dashed(claim.uid)}")
        rendered["status"] = {
            "phase": "Bound",
            "accessModes": list(spec.get("accessModes") or ()),
            "capacity": dict((spec.get("resources") or {}).get("requests") or {}),
        }
        return rendered

    def _poddisruptionbudget(self, budget: Any) -> Manifest:
        """Show a budget's status; ``UpdateDisruptionAllowedCondition`` (``pdb_helper.go``)."""
        rendered, status = self._plain(budget), budget.status
        rendered["metadata"]["generation"] = budget.generation
        enough = status.disruptions_allowed > 0
        reason = "SufficientPods" if enough else "InsufficientPods"
        rendered["status"] = {
            "conditions": [
                {
                    "type": "DisruptionAllowed",
                    "status": str(enough),
                    "observedGeneration": budget.generation,
                    "lastTransitionTime": self.time(budget.allowed_at),
                    "reason": "SyncFailed" if status.problem else reason,
                    "message": status.problem,
                }
            ],
            "currentHealthy": status.current_healthy,
            "desiredHealthy": status.desired_healthy,
            "disruptionsAllowed": status.disruptions_allowed,
            "expectedPods": status.expected_pods,
            "observedGeneration": budget.generation,
        }
        return rendered

    def _resourcequota(self, quota: Any) -> Manifest:
        rendered = self._plain(quota)
        hard = rendered.setdefault("spec", {}).get("hard") or {}
        rendered["status"] = {"hard": dict(hard), "used": quota.used} if hard else {}
        return rendered

    # ---------------------------------------------------------------------------------- services

    def _service(self, service: Any) -> Manifest:
        rendered = self._plain(service)
        spec, number = rendered["spec"], int(service.uid[:8], 16)
        if spec.get("type") != "ExternalName":
            address = f"10.{96 + (number >> 16) % 16}.{number >> 8 & 255}.{number % 254 + 1}"
            spec.setdefault("clusterIP", address)
            spec["clusterIPs"] = [spec["clusterIP"]]
        if spec.get("type") in ("NodePort", "LoadBalancer"):
            for i, port in enumerate(spec.get("ports") or ()):
                port.setdefault("nodePort", 30000 + (number + i) % 2768)
        return {**rendered, "status": {"loadBalancer": {}}}

    def _endpoints_of(self, service: Any) -> list[tuple[Pod, lifecycle.Endpoint]]:
        """Return the pods behind a Service and their conditions."""
        found = []
        not_ready_too = bool(service.manifest["spec"].get("publishNotReadyAddresses"))
        for pod in self.store.objects["Pod"].values():
            labels = self.pod_labels(pod)
            if any(labels.get(k) != v for k, v in service.spec.selector.items()):
                continue
            conditions = lifecycle.endpoint(
                pod.phase,
                ready=pod.ready,
                terminating=pod.deleted_at is not None,
                publish_not_ready=not_ready_too,
                has_ip=pod.containers[0].behaviour is not None,
            )
            if conditions is not None:
                found.append((pod, conditions))
        return found

    def _of_service(self, service: Any, version: str, kind: str, name: str) -> Manifest:
        labels = service.manifest["metadata"].get("labels") or {}
        own = {_SERVICE_NAME: service.name, **_MANAGED_BY} if kind == "EndpointSlice" else {}
        meta = self._metadata(name, service.created_at, service.uid, labels={**labels, **own})
        return {"apiVersion": version, "kind": kind, "metadata": meta}

    def _endpointslice(self, service: Any) -> Manifest:
        found = self._endpoints_of(service)
        return {
            **self._of_service(
                service,
                "discovery.k8s.io/v1",
                "EndpointSlice",
                f"{service.name}-{service.uid[:5]}",
            ),
            "addressType": "IPv4",
            "endpoints": [
                {
                    "addresses": [pod_ip(pod, self.store)],
                    "conditions": conditions._asdict(),
                    "nodeName": pod.node,
                    "targetRef": self._target(pod),
                }
                for pod, conditions in found
            ],
            "ports": _ports(service, found[0][0]) if found else [],
        }

    def _endpoints(self, service: Any) -> Manifest:
        not_ready_too = bool(service.manifest["spec"].get("publishNotReadyAddresses"))
        found = [
            (pod, conditions)
            for pod, conditions in self._endpoints_of(service)
            if lifecycle.in_endpoints_object(conditions, publish_not_ready=not_ready_too)
        ]
        rendered = self._of_service(service, "v1", "Endpoints", service.name)
        if not found:
            return rendered
        subset: Manifest = {}
        for pod, conditions in found:
            address = {
                "ip": pod_ip(pod, self.store),
                "nodeName": pod.node,
                "targetRef": self._target(pod),
            }
            field = "addresses" if conditions.ready else "notReadyAddresses"
            subset.setdefault(field, []).append(address)
        subset["ports"] = _ports(service, found[0][0])
        return {**rendered, "subsets": [subset]}

    def _target(self, pod: Pod) -> Manifest:
        uid = dashed(pod.uid)
        return {"kind": "Pod", "name": pod.name, "namespace": self.namespace, "uid": uid}


def _ports(service: Any, pod: Pod) -> list[Manifest]:
    """Return where a Service's ports lead in a pod; a named one leads to its namesake there."""
    named = {
        port.get("name"): port["containerPort"]
        for container in pod.group.template_manifest["spec"].get("containers") or ()
        for port in container.get("ports") or ()
    }
    found = []
    for port in service.manifest["spec"].get("ports") or ():
        target = port.get("targetPort")
        number = named.get(target) if isinstance(target, str) else target
        if number is not None:
            protocol = port.get("protocol", "TCP")
            found.append({"name": port.get("name", ""), "port": number, "protocol": protocol})
    return found
