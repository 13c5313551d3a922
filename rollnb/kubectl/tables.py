"""The tables of ``kubectl get``: columns and rows of each kind, from the API's objects.

Follows the ``AddHandlers`` of ``pkg/printers/internalversion/printers.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rollnb.kubectl import stored
from rollnb.kubectl.ages import age
from rollnb.kubectl.describe_budget import budget_cells
from rollnb.kubectl.describe_quota import quota_cells
from rollnb.kubectl.describe_service import endpoints_cell
from rollnb.kubectl.metadata import roles_of
from rollnb.kubectl.pods import pod_cells
from rollnb.kubectl.resources import controller_of, format_labels, format_selector

Object = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """How objects of one kind are listed.

    ``cells`` returns a row for the object at a unix second: as many cells as there are columns,
    the wide ones included.
    """

    columns: tuple[str, ...]
    cells: Callable[[Object, float], list[str]]
    wide_columns: tuple[str, ...] = ()

    def header(self, wide: bool = False) -> list[str]:
        """Return the names of the columns."""
        return list(self.columns + self.wide_columns if wide else self.columns)

    def row(self, obj: Object, now: float, wide: bool = False) -> list[str]:
        """Return the cells of one object at the unix second `now`."""
        cells = self.cells(obj, now)
        return cells if wide else cells[: len(self.columns)]


def _common(obj: Object) -> tuple[str, Object, Object]:
    return obj["metadata"]["name"], obj.get("spec") or {}, obj.get("status") or {}


def _age(obj: Object, now: float) -> str:
    return age(obj["metadata"].get("creationTimestamp"), now)


def _number(obj: Object, field: str) -> str:
    return str(obj.get(field) or 0)


def _containers(spec: Object) -> list[str]:
    containers = ((spec.get("template") or {}).get("spec") or {}).get("containers") or ()
    names = ",".join(c.get("name", "") for c in containers)
    return [names, ",".join(c.get("image", "") for c in containers)]


def _pod(obj: Object, now: float) -> list[str]:
    name, spec, status = _common(obj)
    cells = pod_cells(obj, now)
    conditions = {c["type"]: c["status"] for c in status.get("conditions") or ()}
    gates = [gate["conditionType"] for gate in spec.get("readinessGates") or ()]
    passed = sum(conditions.get(gate) == "True" for gate in gates)
    return [
        *(name, cells.ready, cells.status, cells.restarts, _age(obj, now)),
        (status.get("podIPs") or [{"ip": status.get("podIP")}])[0]["ip"] or "<none>",
        spec.get("nodeName") or "<none>",
        status.get("nominatedNodeName") or "<none>",
        f"{passed}/{len(gates)}" if gates else "<none>",
    ]


def _deployment(obj: Object, now: float) -> list[str]:
    name, spec, status = _common(obj)
    ready = f"{_number(status, 'readyReplicas')}/{_number(spec, 'replicas')}"
    updated, available = (_number(status, f"{w}Replicas") for w in ("updated", "available"))
    selector = format_selector(spec.get("selector"))
    return [name, ready, updated, available, _age(obj, now), *_containers(spec), selector]


def _replica_set(obj: Object, now: float) -> list[str]:
    name, spec, status = _common(obj)
    numbers = [
        _number(spec, "replicas"),
        _number(status, "replicas"),
        _number(status, "readyReplicas"),
    ]
    selector = format_selector(spec.get("selector"))
    return [name, *numbers, _age(obj, now), *_containers(spec), selector]


def _stateful_set(obj: Object, now: float) -> list[str]:
    name, spec, status = _common(obj)
    ready = f"{_number(status, 'readyReplicas')}/{_number(spec, 'replicas')}"
    return [name, ready, _age(obj, now), *_containers(spec)]


def _daemon_set(obj: Object, now: float) -> list[str]:
    name, spec, status = _common(obj)
    fields = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    pod_spec = (spec.get("template") or {}).get("spec") or {}
    nodes = format_labels(pod_spec.get("nodeSelector"))
    numbers = [_number(status, field) for field in fields]
    selector = format_selector(spec.get("selector"))
    return [name, *numbers, nodes, _age(obj, now), *_containers(spec), selector]


def _controller_revision(obj: Object, now: float) -> list[str]:
    owner = controller_of(obj)
    controller = "<none>"
    if owner:
        group = owner.get("apiVersion", "").partition("/")
        kind = owner["kind"].lower() + (f".{group[0]}" if group[1] else "")
        controller = f"{kind}/{owner['name']}"
    return [obj["metadata"]["name"], controller, _number(obj, "revision"), _age(obj, now)]


def _service(obj: Object, now: float) -> list[str]:
    name, spec, _ = _common(obj)
    ports = ",".join(
        str(p.get("port"))
        + (f":{p['nodePort']}" if p.get("nodePort") else "")
        + f"/{p.get('protocol', 'TCP')}"
        for p in spec.get("ports") or ()
    )
    external = {"LoadBalancer": "<pending>", "ExternalName": spec.get("externalName")}
    kind = spec.get("type") or "ClusterIP"
    return [
        *(name, kind, spec.get("clusterIP") or "<none>", external.get(kind) or "<none>"),
        *(ports or "<none>", _age(obj, now), format_labels(spec.get("selector"))),
    ]


def _endpoint_slice(obj: Object, now: float) -> list[str]:
    ports = ",".join(str(p["port"]) for p in obj.get("ports") or ()) or "<unset>"
    addresses = [a for e in obj.get("endpoints") or () for a in e.get("addresses") or ()]
    shown = ",".join(addresses[:3]) or "<unset>"
    if len(addresses) > 3:
        shown += f" + {len(addresses) - 3} more..."
    kind = obj.get("addressType") or "IPv4"
    return [obj["metadata"]["name"], kind, ports, shown, _age(obj, now)]


def _endpoints(obj: Object, now: float) -> list[str]:
    return [obj["metadata"]["name"], endpoints_cell(obj), _age(obj, now)]


def last_seen(event: Object, now: float) -> str:
    """Return how long ago an Event happened, or happened last."""
    series = event.get("series") or {}
    last = series.get("lastObservedTime") or event.get("lastTimestamp")
    return age(last or event.get("firstTimestamp") or event.get("eventTime"), now)


def event_source(event: Object) -> str:
    """Return who reported an Event."""
    source = event.get("source") or {}
    return source.get("component") or event.get("reportingComponent") or ""


def _event(obj: Object, now: float) -> list[str]:
    about = obj.get("involvedObject") or {}
    target = about.get("kind", "").lower() + (f"/{about['name']}" if about.get("name") else "")
    count = (obj.get("series") or {}).get("count") or obj.get("count") or 1
    host = (obj.get("source") or {}).get("host")
    return [
        *(last_seen(obj, now), obj.get("type", ""), obj.get("reason", ""), target),
        (obj.get("message") or "").strip(),
        about.get("fieldPath", ""),
        ", ".join(filter(None, (event_source(obj), host))),
        age(obj.get("firstTimestamp") or obj.get("eventTime"), now),
        str(count),
        obj["metadata"]["name"],
    ]


def _node(obj: Object, now: float) -> list[str]:
    name, spec, status = _common(obj)
    conditions = {c["type"]: c["status"] for c in status.get("conditions") or ()}
    ready = {"True": "Ready", "False": "NotReady", None: "Ready"}.get(
        conditions.get("Ready"), "Unknown"
    )
    if spec.get("unschedulable"):
        ready += ",SchedulingDisabled"
    info = status.get("nodeInfo") or {}
    addresses = {a["type"]: a["address"] for a in status.get("addresses") or ()}
    return [
        *(name, ready, ",".join(roles_of(obj)) or "<none>", _age(obj, now)),
        info.get("kubeletVersion") or "v1.36.2",
        addresses.get("InternalIP") or "<none>",
        addresses.get("ExternalIP") or "<none>",
        info.get("osImage") or "<unknown>",
        info.get("kernelVersion") or "<unknown>",
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def _namespace(obj: Object, now: float) -> list[str]:
    phase = (obj.get("status") or {}).get("phase") or "Active"
    return [obj["metadata"]["name"], phase, _age(obj, now)]


_TEMPLATE = ("CONTAINERS", "IMAGES", "SELECTOR")
_REPLICAS = ("DESIRED", "CURRENT", "READY")

#: The tables by kind.
TABLES = {
    "Pod": Table(
        ("NAME", "READY", "STATUS", "RESTARTS", "AGE"),
        _pod,
        ("IP", "NODE", "NOMINATED NODE", "READINESS GATES"),
    ),
    "Deployment": Table(
        ("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"), _deployment, _TEMPLATE
    ),
    "ReplicaSet": Table(("NAME", *_REPLICAS, "AGE"), _replica_set, _TEMPLATE),
    "StatefulSet": Table(("NAME", "READY", "AGE"), _stateful_set, _TEMPLATE[:2]),
    "DaemonSet": Table(
        ("NAME", *_REPLICAS, "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"),
        _daemon_set,
        _TEMPLATE,
    ),
    "ControllerRevision": Table(("NAME", "CONTROLLER", "REVISION", "AGE"), _controller_revision),
    "Service": Table(
        ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"), _service, ("SELECTOR",)
    ),
    "EndpointSlice": Table(("NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"), _endpoint_slice),
    "Endpoints": Table(("NAME", "ENDPOINTS", "AGE"), _endpoints),
    "PodDisruptionBudget": Table(
        ("NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"), budget_cells
    ),
    "Event": Table(
        ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"),
        _event,
        ("SUBOBJECT", "SOURCE", "FIRST SEEN", "COUNT", "NAME"),
    ),
    "Node": Table(
        ("NAME", "STATUS", "ROLES", "AGE", "VERSION"),
        _node,
        ("INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"),
    ),
    "Namespace": Table(("NAME", "STATUS", "AGE"), _namespace),
    "ConfigMap": Table(("NAME", "DATA", "AGE"), stored.config_map_cells),
    "Secret": Table(("NAME", "TYPE", "DATA", "AGE"), stored.secret_cells),
    "ServiceAccount": Table(("NAME", "SECRETS", "AGE"), stored.service_account_cells),
    "ResourceQuota": Table(("NAME", "REQUEST", "LIMIT", "AGE"), quota_cells),
    "PersistentVolumeClaim": Table(
        (
            *("NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS"),
            *("VOLUMEATTRIBUTESCLASS", "AGE"),
        ),
        stored.claim_cells,
        ("VOLUMEMODE",),
    ),
}
