"""Names, labels, annotations, taints and tolerations, as ``kubectl describe`` lists them.

Follows ``printLabelsMultiline`` and its like of ``kubectl/pkg/describe/describe.go`` (Kubernetes
1.36). All functions return lines whose columns are parted by tabs.
"""

from __future__ import annotations

from typing import Any

from rollnb.kubectl.ages import rfc1123

Object = dict[str, Any]

_HIDDEN_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
_MAX_ANNOTATION = 140


def labels_lines(title: str, labels: dict[str, str] | None) -> list[str]:
    """List labels under a title, one a line."""
    items = [f"{key}={value}" for key, value in sorted((labels or {}).items())]
    return _under(title, items)


def annotations_lines(title: str, annotations: dict[str, str] | None) -> list[str]:
    """List annotations under a title; long ones are cut, the last-applied one is hidden."""
    items = []
    for key, value in sorted((annotations or {}).items()):
        if key == _HIDDEN_ANNOTATION:
            continue
        value = value.removesuffix("\n")
        if len(key) + len(value) + 2 > _MAX_ANNOTATION or "\n" in value:
            items.append(f"{key}:")
            items += [f"  {_shorten(line)}" for line in value.split("\n")]
        else:
            items.append(f"{key}: {value}")
    return _under(title, items)


def _shorten(line: str) -> str:
    length = _MAX_ANNOTATION - 2
    return line if len(line) <= length else line[:length] + "..."


def taints_lines(taints: list[Object] | None) -> list[str]:
    """List the taints of a node."""
    sorted_taints = sorted(taints or (), key=lambda taint: (taint["effect"], taint["key"]))
    return _under("Taints", [taint_text(taint) for taint in sorted_taints])


def taint_text(taint: Object) -> str:
    """Write a taint as kubectl does: ``gpu=true:NoSchedule``."""
    value, effect = taint.get("value"), taint.get("effect")
    text = taint["key"] + (f"={value}" if value else "")
    return text + (f":{effect}" if effect else "")


def tolerations_lines(title: str, tolerations: list[Object] | None) -> list[str]:
    """List tolerations under a title."""
    items = []
    for toleration in sorted(tolerations or (), key=lambda one: one.get("key") or ""):
        key, effect = toleration.get("key") or "", toleration.get("effect") or ""
        text = key
        if toleration.get("value"):
            text += f"={toleration['value']}"
        if effect:
            text += f":{effect}"
        if toleration.get("operator") == "Exists" and not toleration.get("value"):
            text += " op=Exists" if key or effect else "op=Exists"
        if toleration.get("tolerationSeconds") is not None:
            text += f" for {toleration['tolerationSeconds']}s"
        items.append(text)
    return _under(title, items)


def _under(title: str, items: list[str]) -> list[str]:
    first, *rest = items or ["<none>"]
    return [f"{title}:\t{first}", *(f"\t{item}" for item in rest)]


def head_lines(obj: Object) -> list[str]:
    """Say which object it is."""
    meta = obj["metadata"]
    return [f"Name:\t{meta['name']}", f"Namespace:\t{meta.get('namespace', '')}"]


def roles_of(node: Object) -> list[str]:
    """Return the roles that a node's labels give it; ``findNodeRoles``."""
    prefix, role = "node-role.kubernetes.io/", "kubernetes.io/role"
    labels = node["metadata"].get("labels") or {}
    found = {label.removeprefix(prefix) for label in labels if label.startswith(prefix)}
    return sorted({*found, labels.get(role, "")} - {""})


def own_labels_lines(obj: Object) -> list[str]:
    """List an object's labels and annotations."""
    meta = obj["metadata"]
    return [
        *labels_lines("Labels", meta.get("labels")),
        *annotations_lines("Annotations", meta.get("annotations")),
    ]


def created_line(obj: Object) -> str:
    """Say when an object was created."""
    return f"CreationTimestamp:\t{rfc1123(obj['metadata'].get('creationTimestamp'))}"
