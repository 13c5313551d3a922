"""ConfigMaps, Secrets, claims and the like: their rows in tables, and what describes them.

Follows their printers in ``pkg/printers/internalversion/printers.go`` and their describers in
``kubectl/pkg/describe/describe.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import base64
from typing import Any

from rollnb.kubectl.ages import age
from rollnb.kubectl.metadata import head_lines, labels_lines, own_labels_lines

Object = dict[str, Any]
Objects = list[Object]

#: In tables, and in this order.
_ACCESS_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def _age(obj: Object, now: float) -> str:
    return age(obj["metadata"].get("creationTimestamp"), now)


def _modes(claim: Object) -> str:
    given = (claim.get("status") or {}).get("accessModes") or ()
    return ",".join(short for mode, short in _ACCESS_MODES.items() if mode in given)


def _capacity(claim: Object) -> str:
    return ((claim.get("status") or {}).get("capacity") or {}).get("storage", "")


# ----------------------------------------------------------------------------------------- tables


def config_map_cells(obj: Object, now: float) -> list[str]:
    """Return the cells of a ConfigMap: how many texts it holds."""
    size = len(obj.get("data") or ()) + len(obj.get("binaryData") or ())
    return [obj["metadata"]["name"], str(size), _age(obj, now)]


def secret_cells(obj: Object, now: float) -> list[str]:
    """Return the cells of a Secret."""
    size = len(obj.get("data") or ())
    return [obj["metadata"]["name"], obj.get("type", ""), str(size), _age(obj, now)]


def service_account_cells(obj: Object, now: float) -> list[str]:
    """Return the cells of a ServiceAccount."""
    return [obj["metadata"]["name"], str(len(obj.get("secrets") or ())), _age(obj, now)]


def claim_cells(obj: Object, now: float) -> list[str]:
    """Return the cells of a PersistentVolumeClaim."""
    spec = obj.get("spec") or {}
    return [
        *(obj["metadata"]["name"], (obj.get("status") or {}).get("phase", "")),
        *(spec.get("volumeName", ""), _capacity(obj), _modes(obj)),
        *(spec.get("storageClassName", ""), spec.get("volumeAttributesClassName", "<unset>")),
        *(_age(obj, now), spec.get("volumeMode", "<unset>")),
    ]


# ------------------------------------------------------------------------------------ descriptions


def describe_config_map(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what a ConfigMap holds."""
    lines = [*head_lines(obj), *own_labels_lines(obj), "", "Data", "===="]
    for key, text in sorted((obj.get("data") or {}).items()):
        lines += [f"{key}:", "----", *text.split("\n"), ""]
    lines += ["", "BinaryData", "===="]
    for key, text in sorted((obj.get("binaryData") or {}).items()):
        lines.append(f"{key}: {_size(text)} bytes")
    return [*lines, ""]


def describe_secret(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List how much a Secret holds."""
    lines = [*head_lines(obj), *own_labels_lines(obj), "", f"Type:\t{obj.get('type', '')}"]
    lines += ["", "Data", "===="]
    data = sorted((obj.get("data") or {}).items())
    return [*lines, *(f"{key}:\t{_size(text)} bytes" for key, text in data)]


def _size(text: str) -> int:
    return len(base64.b64decode(text))


def describe_service_account(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a ServiceAccount."""
    title = "Image pull secrets:"
    names = [secret.get("name", "") for secret in obj.get("imagePullSecrets") or ()] or ["<none>"]
    shown = (f"{' ' * len(title) if i else title}\t{name}" for i, name in enumerate(names))
    return [*head_lines(obj), *own_labels_lines(obj), *shown]


def describe_claim(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a PersistentVolumeClaim, and the pods that use it."""
    name, spec = obj["metadata"]["name"], obj.get("spec") or {}
    users = sorted(pod["metadata"]["name"] for pod in others.get("Pod", ()) if _uses(pod, name))
    first, *rest = users or ["<none>"]
    return [
        *head_lines(obj),
        f"StorageClass:\t{spec.get('storageClassName', '')}",
        f"Status:\t{(obj.get('status') or {}).get('phase', '')}",
        f"Volume:\t{spec.get('volumeName', '')}",
        *own_labels_lines(obj),
        f"Finalizers:\t[{' '.join(obj['metadata'].get('finalizers') or ())}]",
        f"Capacity:\t{_capacity(obj)}",
        f"Access Modes:\t{_modes(obj)}",
        f"VolumeMode:\t{spec.get('volumeMode', '')}",
        f"Used By:\t{first}",
        *(f"\t{user}" for user in rest),
    ]


def _uses(pod: Object, claim: str) -> bool:
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    sources = (volume.get("persistentVolumeClaim") or {} for volume in volumes)
    return any(source.get("claimName") == claim for source in sources)


def claim_templates_lines(templates: Objects | None) -> list[str]:
    """List the claims that a StatefulSet asks for with each pod.

    Notes
    -----
    ``describeVolumeClaimTemplates``.
    """
    if not templates:
        return ["Volume Claims:\t<none>"]
    lines = ["Volume Claims:"]
    for claim in templates:
        meta, spec = claim.get("metadata") or {}, claim.get("spec") or {}
        requests = (spec.get("resources") or {}).get("requests") or {}
        lines += [
            f"  Name:\t{meta.get('name', '')}",
            f"  StorageClass:\t{spec.get('storageClassName', '')}",
            *labels_lines("  Labels", meta.get("labels")),
            *labels_lines("  Annotations", meta.get("annotations")),
            f"  Capacity:\t{requests.get('storage', '<default>')}",
            f"  Access Modes:\t[{' '.join(spec.get('accessModes') or ())}]",
        ]
    return lines
