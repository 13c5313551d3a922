"""The quality-of-service class of pods: who goes first when a node runs short of memory.

Follows ``ComputePodQOS`` (``pkg/apis/core/v1/helper/qos/qos.go``, Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rollnb.manifest.quantity import parse_quantity


def qos_class(spec: Mapping[str, Any]) -> str:
    """Return ``Guaranteed``, ``Burstable`` or ``BestEffort`` for the spec of a pod.

    Guaranteed is a pod whose every container, init containers included, has limits of CPU and
    memory and requests as much; best effort is one that says nothing of either. What the pod asks
    for as a whole, if it does, stands for its containers.
    """
    if spec.get("resources"):
        return _class_of(spec["resources"])
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    classes = {_class_of(container.get("resources") or {}) for container in containers}
    return classes.pop() if len(classes) == 1 else "Burstable"


def _class_of(resources: Mapping[str, Any]) -> str:
    requests, limits = (_positive(resources.get(field)) for field in ("requests", "limits"))
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if len(limits) == 2 and requests == limits else "Burstable"


def _positive(amounts: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the amounts above zero of what counts."""
    sizes = {name: parse_quantity((amounts or {}).get(name, 0)) for name in ("cpu", "memory")}
    return {name: size for name, size in sizes.items() if size > 0}
