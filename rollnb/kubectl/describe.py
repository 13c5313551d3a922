"""What ``kubectl describe`` prints of one object.

Follows the describers of ``kubectl/pkg/describe/describe.go`` (Kubernetes 1.36). Pure functions
from API objects to text; tabs part the columns until the end.
"""

from __future__ import annotations

from typing import Any

from rollnb.kubectl import describe_node as nodes
from rollnb.kubectl import describe_pod as pods
from rollnb.kubectl import describe_service as services
from rollnb.kubectl import describe_workload as workloads
from rollnb.kubectl import stored
from rollnb.kubectl.ages import age
from rollnb.kubectl.describe_any import describe_any
from rollnb.kubectl.describe_budget import describe_budget
from rollnb.kubectl.describe_quota import describe_quota
from rollnb.kubectl.tables import event_source, last_seen
from rollnb.kubectl.tabwriter import align

Object = dict[str, Any]
Objects = list[Object]


_DESCRIBERS = {
    "Deployment": workloads.describe_deployment,
    "ReplicaSet": workloads.describe_replica_set,
    "StatefulSet": workloads.describe_stateful_set,
    "DaemonSet": workloads.describe_daemon_set,
    "Pod": pods.describe_pod,
    "Service": services.describe_service,
    "EndpointSlice": services.describe_endpoint_slice,
    "Endpoints": services.describe_endpoints,
    "PodDisruptionBudget": describe_budget,
    "ConfigMap": stored.describe_config_map,
    "Secret": stored.describe_secret,
    "ServiceAccount": stored.describe_service_account,
    "PersistentVolumeClaim": stored.describe_claim,
    "ResourceQuota": describe_quota,
    "Node": nodes.describe_node,
    "Namespace": nodes.describe_namespace,
}


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
    lines = _DESCRIBERS.get(obj["kind"], describe_any)(obj, others, now)
    if obj["kind"] not in ("Event", "Namespace", "Secret", "ResourceQuota"):
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
