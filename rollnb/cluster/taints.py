"""Which taints of a node a pod tolerates, and for how long.

Follows ``FindMatchingUntoleratedTaint`` (``component-helpers/scheduling/corev1/helpers.go``), the
admission of pods (``plugin/pkg/admission/defaulttolerationseconds/admission.go``), what the
DaemonSet controller adds (``pkg/controller/daemon/util/daemonset_util.go``) and the taint manager
(``pkg/controller/tainteviction/taint_eviction.go``), all of Kubernetes 1.36.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from rollnb.node import UNSCHEDULABLE, Taint, Toleration

#: The effects that keep new pods away.
REPELLING = ("NoSchedule", "NoExecute")
#: A pod that says nothing of these taints tolerates them so long, in seconds.
DEFAULT_TOLERATION_SECONDS = 300
_LOST = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_PRESSED = tuple(f"node.kubernetes.io/{what}-pressure" for what in ("disk", "memory", "pid"))

#: What every daemon pod tolerates. Of pods in the node's network, which would tolerate one taint
#: more, the model does not know.
DAEMON_TOLERATIONS = (
    *(Toleration(key, "Exists", effect="NoExecute") for key in _LOST),
    *(Toleration(key, "Exists", effect="NoSchedule") for key in (*_PRESSED, UNSCHEDULABLE.key)),
)

Tolerations = tuple[Toleration, ...]


def find_untolerated(
    taints: Iterable[Taint], tolerations: Tolerations, *effects: str
) -> list[Taint]:
    """Return the taints with one of the effects that none of the tolerations tolerates."""
    return [
        taint
        for taint in taints
        if taint.effect in effects and not any(t.tolerates(taint) for t in tolerations)
    ]


def add_default_tolerations(tolerations: Tolerations) -> Tolerations:
    """Let a pod stay five minutes on a node that is lost, unless it says otherwise.

    Notes
    -----
    ``Plugin.Admit`` (``defaulttolerationseconds/admission.go``).
    """
    missing = (
        Toleration(key, "Exists", "", "NoExecute", DEFAULT_TOLERATION_SECONDS)
        for key in _LOST
        if not any(t.key in ("", key) and t.effect in ("", "NoExecute") for t in tolerations)
    )
    return (*tolerations, *missing)


def add_daemon_tolerations(tolerations: Tolerations) -> Tolerations:
    """Let daemon pods run where others may not; what differs in its seconds alone is replaced.

    Notes
    -----
    ``AddOrUpdateDaemonPodTolerations`` (``daemonset_util.go``).
    """
    added = {(t.key, t.operator, t.value, t.effect): t for t in DAEMON_TOLERATIONS}
    kept = [added.pop((t.key, t.operator, t.value, t.effect), t) for t in tolerations]
    return (*kept, *added.values())


def seconds_until_eviction(taints: Iterable[Taint], tolerations: Tolerations) -> float:
    """Return how long a pod may stay on its node; `math.inf`: for ever.

    Of the tolerations only the first that fits a taint counts, and of those the shortest.

    Notes
    -----
    ``GetMatchingTolerations`` (``pkg/apis/core/v1/helper/helpers.go``), ``getMinTolerationTime``
    (``taint_eviction.go``).
    """
    seconds = math.inf
    for taint in taints:
        if taint.effect == "NoExecute":
            used = next((t for t in tolerations if t.tolerates(taint)), None)
            if used is None:
                return 0.0
            if used.toleration_seconds is not None:
                seconds = min(seconds, max(float(used.toleration_seconds), 0.0))
    return seconds
