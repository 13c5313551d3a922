"""What ``kubectl describe`` prints of one object.

Follows the describers of ``kubectl/pkg/describe/describe.go`` (Kubernetes 1.36). Pure functions
from API objects to text; tabs part the columns until the end.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from rollnb.kubectl.ages import age, rfc1123
from rollnb.kubectl.history import revision_of
from rollnb.kubectl.resources import controller_of, format_labels, format_selector, owned_by
from rollnb.kubectl.tables import event_source, last_seen
from rollnb.kubectl.tabwriter import align
from rollnb.kubectl.templates import (
    annotations_lines,
    describe_containers,
    describe_template,
    describe_volumes,
    labels_lines,
    tolerations_lines,
)

Object = dict[str, Any]
Objects = list[Object]


def describe(obj: Object, others: dict[str, Objects], now: float) -> str:
    """Describe one object.

    Parameters
    ----------
    obj : dict
        The object.
    others : dict of str to list of dict
        The objects beside it by kind, of which ``describe`` shows something: its ``Pod`` s,
        ``ReplicaSet`` s and ``Event`` s.
    now : float
        The unix second at which it is described.
    """
    describers = {
        "Deployment": _deployment,
        "ReplicaSet": _replica_set,
        "StatefulSet": _stateful_set,
        "DaemonSet": _daemon_set,
        "Pod": _pod,
        "Service": _service,
        "Node": _node,
    }
    lines = describers.get(obj["kind"], _anything)(obj, others, now)
    if obj["kind"] != "Event":
        lines += events_lines(events_of(obj, others.get("Event", [])), now)
    return align("\n".join(lines)) + "\n"


# ----------------------------------------------------------------------------------------- events


def events_of(obj: Object, events: Objects) -> Objects:
    """Return the Events about an object, the latest last."""
    meta = obj["metadata"]
    about = [
        event
        for event in events
        if (ref := event.get("involvedObject") or {}).get("kind") == obj["kind"]
        and ref.get("name") == meta["name"]
        and (not ref.get("uid") or not meta.get("uid") or ref["uid"] == meta["uid"])
    ]
    # An Event of the newer API has no lastTimestamp and so comes first, as in kubectl.
    return sorted(about, key=lambda event: event.get("lastTimestamp") or "")


def events_lines(events: Objects, now: float) -> list[str]:
    """List Events; one that repeats says how often and for how long: ``20s (x15 over 60s)``.

    Notes
    -----
    ``DescribeEvents``.
    """
    if not events:
        return ["Events:\t<none>"]
    lines = [
        "Events:",
        "  Type\tReason\tAge\tFrom\tMessage",
        "  ----\t------\t----\t----\t-------",
    ]
    for event in events:
        first = age(event.get("eventTime") or event.get("firstTimestamp"), now)
        series = event.get("series") or {}
        count = series.get("count") or event.get("count") or 0
        shown = first
        if series or count > 1:
            shown = f"{last_seen(event, now)} (x{count} over {first})"
        source, message = event_source(event), (event.get("message") or "").strip()
        lines.append(f"  {event.get('type')}\t{event.get('reason')}\t{shown}\t{source}\t{message}")
    return lines


# -------------------------------------------------------------------------------------- workloads


def _head(obj: Object) -> list[str]:
    meta = obj["metadata"]
    return [f"Name:\t{meta['name']}", f"Namespace:\t{meta.get('namespace', '')}"]


def _labels(obj: Object) -> list[str]:
    meta = obj["metadata"]
    return [
        *labels_lines("Labels", meta.get("labels")),
        *annotations_lines("Annotations", meta.get("annotations")),
    ]


def _created(obj: Object) -> str:
    return f"CreationTimestamp:\t{rfc1123(obj['metadata'].get('creationTimestamp'))}"


def _pods_status(obj: Object, others: dict[str, Objects]) -> str:
    """Return one line that counts the pods of a controller by phase."""
    phases = Counter(
        (pod.get("status") or {}).get("phase")
        for pod in others.get("Pod", ())
        if owned_by(obj, pod)
    )
    return (
        f"Pods Status:\t{phases['Running']} Running / {phases['Pending']} Waiting / "
        f"{phases['Succeeded']} Succeeded / {phases['Failed']} Failed"
    )


def _conditions(status: Object) -> list[str]:
    conditions = status.get("conditions") or ()
    if not conditions:
        return []
    rows = [f"  {c['type']} \t{c['status']}\t{c.get('reason') or ''}" for c in conditions]
    return ["Conditions:", "  Type\tStatus\tReason", "  ----\t------\t------", *rows]


def _replica_sets(found: Objects) -> str:
    texts = [
        f"{rs['metadata']['name']} ({(rs.get('status') or {}).get('replicas') or 0}/"
        f"{rs['spec'].get('replicas') or 0} replicas created)"
        for rs in found
    ]
    return ", ".join(texts) or "<none>"


def _deployment(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    spec, status = obj["spec"], obj.get("status") or {}
    counts = [
        f"{spec.get('replicas') or 0} desired",
        f"{status.get('updatedReplicas') or 0} updated",
        f"{status.get('replicas') or 0} total",
        f"{status.get('availableReplicas') or 0} available",
        f"{status.get('unavailableReplicas') or 0} unavailable",
    ]
    strategy = spec.get("strategy") or {}
    lines = [
        *_head(obj),
        _created(obj),
        *_labels(obj),
        f"Selector:\t{format_selector(spec.get('selector'))}",
        f"Replicas:\t{' | '.join(counts)}",
        f"StrategyType:\t{strategy.get('type', '')}",
        f"MinReadySeconds:\t{spec.get('minReadySeconds') or 0}",
    ]
    rolling_update = strategy.get("rollingUpdate")
    if rolling_update:
        lines.append(
            f"RollingUpdateStrategy:\t{rolling_update.get('maxUnavailable')} max unavailable, "
            f"{rolling_update.get('maxSurge')} max surge"
        )
    lines += describe_template(spec["template"])
    lines += _conditions(status)
    new, old = find_new_and_old(obj, others.get("ReplicaSet", []))
    if new or old:
        lines.append(f"OldReplicaSets:\t{_replica_sets(old)}")
        lines.append(f"NewReplicaSet:\t{_replica_sets(new)}")
    return lines


def find_new_and_old(deployment: Object, replica_sets: Objects) -> tuple[Objects, Objects]:
    """Part a Deployment's ReplicaSets into the one it wants (if it exists) and the others.

    Notes
    -----
    The new one is known by its revision, which the Deployment carries too; before the controller
    has seen a changed template there is none (``FindNewReplicaSet`` compares the templates).
    """
    owned = [rs for rs in replica_sets if owned_by(deployment, rs)]
    owned.sort(key=lambda rs: rs["metadata"].get("creationTimestamp") or "")
    wanted = deployment["spec"]["template"]
    new = [rs for rs in owned if _template_spec(rs) == wanted.get("spec")]
    new = [rs for rs in new if _own_labels(rs) == _template_meta(wanted)]
    new.sort(key=revision_of, reverse=True)
    return new[:1], [rs for rs in owned if rs not in new[:1]]


def _template_spec(rs: Object) -> Object | None:
    return rs["spec"]["template"].get("spec")


def _template_meta(template: Object) -> tuple[Object, Object]:
    meta = template.get("metadata") or {}
    return dict(meta.get("labels") or {}), dict(meta.get("annotations") or {})


def _own_labels(rs: Object) -> tuple[Object, Object]:
    labels, annotations = _template_meta(rs["spec"]["template"])
    labels.pop("pod-template-hash", None)
    return labels, annotations


def _replica_set(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    spec, status = obj["spec"], obj.get("status") or {}
    owner = controller_of(obj)
    return [
        *_head(obj),
        f"Selector:\t{format_selector(spec.get('selector'))}",
        *_labels(obj),
        *([f"Controlled By:\t{owner['kind']}/{owner['name']}"] if owner else []),
        f"Replicas:\t{status.get('replicas') or 0} current / {spec.get('replicas') or 0} desired",
        _pods_status(obj, others),
        *describe_template(spec["template"]),
        *_conditions(status),
    ]


def _stateful_set(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    spec, status = obj["spec"], obj.get("status") or {}
    strategy = spec.get("updateStrategy") or {}
    replicas = spec.get("replicas") or 0
    lines = [
        *_head(obj),
        _created(obj),
        f"Selector:\t{format_selector(spec.get('selector'))}",
        *_labels(obj),
        f"Replicas:\t{replicas} desired | {status.get('replicas') or 0} total",
        f"Update Strategy:\t{strategy.get('type', '')}",
    ]
    rolling_update = strategy.get("rollingUpdate") or {}
    if rolling_update.get("partition") is not None:
        lines.append(f"  Partition:\t{rolling_update['partition']}")
        if rolling_update.get("maxUnavailable") is not None:
            lines.append(f"  MaxUnavailable:\t{rolling_update['maxUnavailable']}")
    return [
        *lines,
        _pods_status(obj, others),
        *describe_template(spec["template"]),
        "Volume Claims:\t<none>",
    ]


def _daemon_set(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    spec, status = obj["spec"], obj.get("status") or {}
    pod_spec = spec["template"].get("spec") or {}
    numbers = (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    )
    return [
        f"Name:\t{obj['metadata']['name']}",
        f"Selector:\t{format_selector(spec.get('selector'))}",
        f"Node-Selector:\t{format_labels(pod_spec.get('nodeSelector'))}",
        *_labels(obj),
        *(f"{title}: {status.get(field) or 0}" for title, field in numbers),
        _pods_status(obj, others),
        *describe_template(spec["template"]),
    ]


# ------------------------------------------------------------------------------------ other kinds


def _pod(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    meta, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
    node, host = spec.get("nodeName"), status.get("hostIP") or ""
    phase = status.get("phase")
    lines = [
        *_head(obj),
        f"Priority:\t{spec.get('priority') or 0}",
        f"Service Account:\t{spec.get('serviceAccountName') or 'default'}",
        f"Node:\t{f'{node}/{host}' if node else '<none>'}",
    ]
    if status.get("startTime"):
        lines.append(f"Start Time:\t{rfc1123(status['startTime'])}")
    lines += _labels(obj)
    if meta.get("deletionTimestamp") and phase not in ("Failed", "Succeeded"):
        grace = meta.get("deletionGracePeriodSeconds") or 0
        # The time is that of the end of the grace period; until then, kubectl says <invalid>.
        lines.append(f"Status:\tTerminating (lasts {age(meta['deletionTimestamp'], now)})")
        lines.append(f"Termination Grace Period:\t{grace}s")
    else:
        lines.append(f"Status:\t{phase}")
    for title, field in (("Reason", "reason"), ("Message", "message")):
        if status.get(field):
            lines.append(f"{title}:\t{status[field]}")
    ips = status.get("podIPs") or ()
    lines.append(f"IP:\t{status.get('podIP') or ''}")
    lines += ["IPs:", *(f"  IP:\t{ip['ip']}" for ip in ips)] if ips else ["IPs:\t<none>"]
    owner = controller_of(obj)
    if owner:
        lines.append(f"Controlled By:\t{owner['kind']}/{owner['name']}")
    if spec.get("initContainers"):
        statuses = status.get("initContainerStatuses") or []
        lines += describe_containers("Init Containers", spec["initContainers"], statuses, "")
    statuses = status.get("containerStatuses") or []
    lines += describe_containers("Containers", spec.get("containers") or [], statuses, "")
    conditions = status.get("conditions") or ()
    if conditions:
        rows = [f"  {c['type']} \t{c['status']} " for c in conditions]
        lines += ["Conditions:", "  Type\tStatus", *rows]
    return [
        *lines,
        *describe_volumes(spec.get("volumes"), ""),
        f"QoS Class:\t{status.get('qosClass') or 'BestEffort'}",
        *labels_lines("Node-Selectors", spec.get("nodeSelector")),
        *tolerations_lines("Tolerations", spec.get("tolerations")),
    ]


def _service(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    spec = obj["spec"]
    lines = [
        *_head(obj),
        *_labels(obj),
        f"Selector:\t{format_labels(spec.get('selector'))}",
        f"Type:\t{spec.get('type') or 'ClusterIP'}",
        f"IP:\t{spec.get('clusterIP') or ''}",
    ]
    slices = [
        s
        for s in others.get("EndpointSlice", ())
        if (s["metadata"].get("labels") or {}).get("kubernetes.io/service-name")
        == obj["metadata"]["name"]
    ]
    addresses = [
        address
        for s in slices
        for endpoint in s.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready", True)
        for address in endpoint.get("addresses") or ()
    ]
    for port in spec.get("ports") or ():
        protocol = port.get("protocol") or "TCP"
        target = port.get("targetPort") or port.get("port")
        lines.append(f"Port:\t{port.get('name') or '<unset>'}\t{port.get('port')}/{protocol}")
        lines.append(f"TargetPort:\t{target}/{protocol}")
        shown = ",".join(f"{address}:{target}" for address in addresses[:3])
        more = f" + {len(addresses) - 3} more..." if len(addresses) > 3 else ""
        lines.append(f"Endpoints:\t{shown}{more}")
    return [*lines, f"Session Affinity:\t{spec.get('sessionAffinity') or 'None'}"]


def _node(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    name = obj["metadata"]["name"]
    pods = [p for p in others.get("Pod", ()) if (p.get("spec") or {}).get("nodeName") == name]
    return [
        f"Name:\t{name}",
        *_labels(obj),
        _created(obj),
        f"Unschedulable:\t{str(bool((obj.get('spec') or {}).get('unschedulable'))).lower()}",
        f"Non-terminated Pods:\t({len(pods)} in total)",
        *(f"  {pod['metadata']['name']}" for pod in pods),
    ]


def _anything(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """Describe a kind that has no describer of its own."""
    return [*_head(obj), *_labels(obj), _created(obj)]
