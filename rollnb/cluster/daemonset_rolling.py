"""The rolling step of the DaemonSet controller: which old pods are replaced, and how.

Follows ``rollingUpdate`` and its helpers in ``pkg/controller/daemon/update.go`` (Kubernetes 1.36).
Pods, nodes and revisions are those of `rollnb.cluster.daemonset`, which calls this once every node
has its pod.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from rollnb.cluster.objects import Pod
from rollnb.spec import DaemonSet, resolve_percent

Revision = Any  # whatever `Pod.group` holds: a PodGroup, or its name
PodsByNode = Mapping[str, Sequence[Pod]]


class Actions(NamedTuple):
    """Nodes that get a pod, and pods to delete; each in the order of the requests."""

    create: list[str]
    delete: list[Pod]


def resolve_desired_node_counts(spec: DaemonSet, desired: int) -> tuple[int, int]:
    """Resolve surge and unavailable to pods: shares of the eligible nodes, both rounded up.

    Should both be zero, one pod may be unavailable.

    Notes
    -----
    ``updatedDesiredNodeCounts`` (``update.go``).
    """
    if spec.strategy != "RollingUpdate":
        return 0, min(desired, 1)
    surge = resolve_percent(spec.max_surge, desired, round_up=True)
    unavailable = resolve_percent(spec.max_unavailable, desired, round_up=True)
    if surge == 0 and unavailable == 0:
        unavailable = min(desired, 1)
    return surge, unavailable


def rolling_update(
    spec: DaemonSet, nodes: Iterable[str], eligible: Set[str], pods: PodsByNode, update: Revision
) -> Actions:
    """Replace old pods within the limits: delete first, or, with a surge, create first.

    Notes
    -----
    ``rollingUpdate`` (``update.go``).
    """
    surge, unavailable = resolve_desired_node_counts(spec, len(eligible))
    if surge == 0:
        return Actions([], _delete_first(unavailable, nodes, eligible, pods, update))
    return _create_first(surge, nodes, eligible, pods, update)


def _delete_first(
    unavailable: int, nodes: Iterable[str], eligible: Set[str], pods: PodsByNode, update: Revision
) -> list[Pod]:
    """Choose unavailable old pods, whatever their number, then available ones up to the limit.

    8 nodes, 2 may be unavailable: with one new pod starting and one old pod broken, the broken one
    goes and no other.
    """
    missing = 0
    broken: list[Pod] = []
    candidates: list[Pod] = []
    for node in nodes:
        on_node = pods.get(node)
        if not on_node:
            missing += node in eligible
            continue
        new, old, is_crowded = _find_updated_pods(on_node, update)
        if is_crowded or (new is None) == (old is None):
            missing += 1  # `manage` has to put this node in order first
        elif new is not None:
            missing += not new.available
        elif old.available:
            candidates.append(old)
        else:
            broken.append(old)
            missing += 1
    return broken + candidates[: max(unavailable - missing, 0)]


def _create_first(
    surge: int, nodes: Iterable[str], eligible: Set[str], pods: PodsByNode, update: Revision
) -> Actions:
    """Create beside old pods: at once where the old one is broken, elsewhere up to `surge`.

    An old pod goes when the new one on its node is available. One that its node may keep, but not
    replace, goes when it is broken, or when there are more available pods than eligible nodes.
    """
    surging = available = 0
    delete: list[Pod] = []
    leaving: list[Pod] = []
    broken: list[str] = []
    candidates: list[str] = []
    for node in nodes:
        new, old, is_crowded = _find_updated_pods(pods.get(node, ()), update)
        if is_crowded:
            surging += 1
            continue
        shown = old or new
        available += shown is not None and shown.available
        if old is None:
            pass  # updated, or for `manage` to fill
        elif new is None and node in eligible:
            (candidates if old.available else broken).append(node)
        elif new is None:
            (leaving if old.available else delete).append(old)
        elif new.available:
            delete.append(old)
        else:
            surging += 1
    delete += leaving[: max(available - len(eligible), 0)]
    return Actions(broken + candidates[: max(surge - surging, 0)], delete)


def _find_updated_pods(
    pods: Sequence[Pod], update: Revision
) -> tuple[Pod | None, Pod | None, bool]:
    """Return a node's new and old pod, terminating ones apart, or that there are too many.

    ``findUpdatedPodsOnNode`` (``update.go``).
    """
    new = old = None
    for pod in pods:
        if pod.deleted_at is not None:
            continue
        if pod.group == update:
            if new is not None:
                return None, None, True
            new = pod
        else:
            if old is not None:
                return None, None, True
            old = pod
    return new, old, False
