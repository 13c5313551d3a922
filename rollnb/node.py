"""Nodes: the machines, what keeps pods away from them, and the pods that do not mind.

``NodeSpec``, ``Taint`` and ``Toleration`` of ``k8s.io/api/core/v1/types.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from rollnb.validation import (
    check_field,
    check_flag,
    check_mapping,
    check_taints,
    check_toleration,
    check_values,
)

HOSTNAME = "kubernetes.io/hostname"


@dataclass(frozen=True, slots=True)
class Taint:
    """What keeps pods away from a node, except those that tolerate it.

    Parameters
    ----------
    key : str
    effect : str
        ``"NoSchedule"``: no new pods; ``"PreferNoSchedule"``: only if there is no other node;
        ``"NoExecute"``: no new pods, and those that are there have to go.
    value : str
    """

    key: str
    effect: str
    value: str = ""


#: The taint of a node that is cordoned.
UNSCHEDULABLE = Taint("node.kubernetes.io/unschedulable", "NoSchedule")


@dataclass(frozen=True, slots=True)
class Toleration:
    """Which taints a pod does not mind; what is left empty fits any, but for the value.

    Parameters
    ----------
    key : str
        Empty, with the operator ``"Exists"``: all taints.
    operator : str
        ``"Exists"``: whatever the value; ``"Equal"``, or nothing: this value.
    value, effect : str
    toleration_seconds : int, optional
        How long a taint with the effect ``"NoExecute"`` is tolerated; None: for ever.
    """

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None

    def __post_init__(self) -> None:
        check_toleration(self)

    def tolerates(self, taint: Taint) -> bool:
        """Whether the pod does not mind a taint.

        Notes
        -----
        ``ToleratesTaint`` (``k8s.io/api/core/v1/toleration.go``).
        """
        return (
            self.effect in ("", taint.effect)
            and self.key in ("", taint.key)
            and (self.operator == "Exists" or self.value == taint.value)
        )


@dataclass(frozen=True, slots=True)
class Node:
    """A machine; by default with room for any number of pods.

    ``cpu`` is in cores and ``memory`` in bytes. A pod that is terminating keeps its place. Its
    name is one of the labels; a node that is cordoned (`unschedulable`) has a taint that says so,
    and no other has it (``doNoScheduleTaintingPass``,
    ``pkg/controller/nodelifecycle/node_lifecycle_controller.go``).
    """

    name: str
    cpu: float = math.inf
    memory: float = math.inf
    pods: float = math.inf
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"name={self.name!r} must be a node's name")
        check_field(self, "cpu", of="cores", endless=True)
        check_field(self, "memory", of="bytes", endless=True)
        check_field(self, "pods", whole=True, endless=True)
        check_mapping("labels", self.labels, str, str)
        check_flag("unschedulable", self.unschedulable)
        taints = check_values("taints", self.taints, Taint)
        check_taints(self.name, taints)
        cordon = (UNSCHEDULABLE.key, UNSCHEDULABLE.effect)
        own = tuple(taint for taint in taints if (taint.key, taint.effect) != cordon)
        object.__setattr__(self, "taints", own + (UNSCHEDULABLE,) * self.unschedulable)
        object.__setattr__(self, "labels", {HOSTNAME: self.name, **self.labels})
