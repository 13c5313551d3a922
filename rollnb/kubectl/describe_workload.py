"""What ``kubectl describe`` lists of Deployments, ReplicaSets, StatefulSets and DaemonSets.

Follows their describers in ``kubectl/pkg/describe/describe.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from rollnb.kubectl.history import revision_of
from rollnb.kubectl.metadata import created_line, head_lines, own_labels_lines
from rollnb.kubectl.resources import controller_of, format_labels, format_selector, owned_by
from rollnb.kubectl.stored import claim_templates_lines
from rollnb.kubectl.templates import describe_template

Object = dict[str, Any]
Objects = list[Object]


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


def describe_deployment(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a Deployment."""
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
        *head_lines(obj),
        created_line(obj),
        *own_labels_lines(obj),
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


def describe_replica_set(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a ReplicaSet."""
    spec, status = obj["spec"], obj.get("status") or {}
    owner = controller_of(obj)
    return [
        *head_lines(obj),
        f"Selector:\t{format_selector(spec.get('selector'))}",
        *own_labels_lines(obj),
        *([f"Controlled By:\t{owner['kind']}/{owner['name']}"] if owner else []),
        f"Replicas:\t{status.get('replicas') or 0} current / {spec.get('replicas') or 0} desired",
        _pods_status(obj, others),
        *describe_template(spec["template"]),
        *_conditions(status),
    ]


def describe_stateful_set(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a StatefulSet."""
    spec, status = obj["spec"], obj.get("status") or {}
    strategy = spec.get("updateStrategy") or {}
    replicas = spec.get("replicas") or 0
    lines = [
        *head_lines(obj),
        created_line(obj),
        f"Selector:\t{format_selector(spec.get('selector'))}",
        *own_labels_lines(obj),
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
        *claim_templates_lines(spec.get("volumeClaimTemplates")),
    ]


def describe_daemon_set(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a DaemonSet."""
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
        *own_labels_lines(obj),
        *(f"{title}: {status.get(field) or 0}" for title, field in numbers),
        _pods_status(obj, others),
        *describe_template(spec["template"]),
    ]
