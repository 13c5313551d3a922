"""What an explorer offers for each kind of workload: its fields, strategies and views."""

from __future__ import annotations

from typing import NamedTuple

from rollnb.spec import DaemonSet, Deployment, StatefulSet, Workload


class Kind(NamedTuple):
    """What tells a kind from the others.

    Parameters
    ----------
    fields : tuple of str
        Those of `Settings` that it has, in the order of its controls.
    pace : tuple of str
        Those of them that stand below ``rollingUpdate``.
    strategies : tuple of str
    strategy_field : str
        Where the manifest has the strategy.
    get : str
        What ``kubectl get`` shows of it.
    """

    fields: tuple[str, ...]
    pace: tuple[str, ...]
    strategies: tuple[str, ...]
    strategy_field: str
    get: str


SURGE = ("max_surge", "max_unavailable")

#: Of a StatefulSet; what it was created with stays.
POLICIES = ("OrderedReady", "Parallel")

#: The feature gate that `max_unavailable` of a StatefulSet needs, closed by default.
GATE = "MaxUnavailableStatefulSet"

KINDS: dict[type, Kind] = {
    Deployment: Kind(
        ("replicas", "strategy", *SURGE, "min_ready_seconds"),
        SURGE,
        ("RollingUpdate", "Recreate"),
        "strategy",
        "deploy,rs,pods",
    ),
    StatefulSet: Kind(
        (
            "replicas",
            "pod_management_policy",
            "strategy",
            "max_unavailable",
            "partition",
            "min_ready_seconds",
        ),
        ("max_unavailable", "partition"),
        ("RollingUpdate", "OnDelete"),
        "updateStrategy",
        "sts,pods",
    ),
    DaemonSet: Kind(
        ("strategy", *SURGE, "min_ready_seconds"),
        SURGE,
        ("RollingUpdate", "OnDelete"),
        "updateStrategy",
        "ds,pods",
    ),
}


def kind_of(workload: Workload) -> Kind:
    """Return what is special about the kind of a workload."""
    return KINDS[type(workload)]


def name_of(workload: Workload) -> str:
    """Return the workload as kubectl takes it: ``statefulset/web``."""
    return f"{word_of(workload)}/{workload.name}"


def word_of(workload: Workload) -> str:
    """Return its kind as kubectl takes it: ``statefulset``."""
    return type(workload).__name__.lower()
