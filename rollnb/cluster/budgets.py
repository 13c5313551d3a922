"""The PodDisruptionBudgets of a cluster: which pods they cover, and how their status changes.

Decisions are in `rollnb.cluster.disruption`. Each budget counts its pods as they are written, so
that no write makes it look at all of them; without budgets nothing is looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from rollnb.cluster.clock import POSTING, Clock
from rollnb.cluster.disruption import (
    Covered,
    DisruptionStatus,
    Owner,
    Spec,
    calculate_status,
    check_eviction,
)
from rollnb.cluster.objects import Manifest, ObjectState, Pod, PodGroup, ReplicaSet
from rollnb.cluster.store import Store
from rollnb.validation.names import selects

KIND = "PodDisruptionBudget"

#: What a status is calculated from.
_WATCHED = ("Pod", "Deployment", "ReplicaSet", "StatefulSet", KIND)


class BudgetState(ObjectState):
    """A PodDisruptionBudget and the pods that it covers.

    Attributes
    ----------
    last_status : DisruptionStatus
        As it was when somebody has asked last.
    allowed_at : float
        Since when disruptions are allowed, or are not.
    """

    __slots__ = ("_budgets", "_groups", "_healthy", "_pods", "allowed_at", "last_status")

    def __init__(self, obj: Manifest, created_at: float, uid: str, budgets: Budgets) -> None:
        super().__init__(obj, None, created_at, uid)
        self._budgets = budgets
        self.last_status = DisruptionStatus()
        self.allowed_at = created_at
        self.forget()

    @property
    def status(self) -> DisruptionStatus:
        """How many pods there are, should be, and may be disrupted now."""
        self._budgets.refresh()
        return self.last_status

    @property
    def rules(self) -> Spec:
        """What it asks for: a budget may do without a spec, and then covers nothing."""
        return self.manifest.get("spec") or {}

    def selects(self, labels: dict[str, str]) -> bool:
        """Whether it covers pods with these labels; an empty selector covers all."""
        return selects(self.rules.get("selector"), labels)

    def forget(self) -> None:
        """Cover no pod."""
        self._pods: dict[Pod, tuple[PodGroup, bool]] = {}
        self._groups: Counter[PodGroup] = Counter()
        self._healthy = 0

    def count(self, pod: Pod, covers: bool) -> None:
        """Count a pod as it is now, and not as it was."""
        if pod in self._pods:
            group, healthy = self._pods.pop(pod)
            self._groups[group] -= 1
            if not self._groups[group]:
                del self._groups[group]
            self._healthy -= healthy
        if covers:
            healthy = pod.ready and pod.deleted_at is None
            self._pods[pod] = pod.group, healthy
            self._groups[pod.group] += 1
            self._healthy += healthy

    def covered(self, store: Store) -> Covered:
        """Return what there is to know of its pods."""
        owners = [find_owner(store, group) for group in self._groups]
        return Covered(len(self._pods), self._healthy, [owner for owner in owners if owner])


def find_owner(store: Store, group: PodGroup) -> Owner | None:
    """Return the controller whose scale counts for pods: a Deployment, not its ReplicaSet.

    Notes
    -----
    ``getPodDeployment``, ``getPodReplicaSet`` and ``getPodStatefulSet``.
    """
    workload, name = group.workload, next(iter(group.pods), "")
    if group.loose:
        return None
    if isinstance(group, ReplicaSet) and not store.has(workload):
        return Owner(group.kind, group.uid, group.replicas if store.has(group) else None, name)
    if workload.has_orphans:
        return None
    has_scale = workload.kind != "DaemonSet" and store.has(workload)
    return Owner(workload.kind, workload.uid, workload.spec.replicas if has_scale else None, name)


class Budgets:
    """Looks after the budgets of a store.

    Parameters
    ----------
    pod_labels : callable
        Returns the labels of a pod.
    """

    def __init__(
        self, store: Store, clock: Clock, pod_labels: Callable[[Pod], dict[str, str]]
    ) -> None:
        self.store = store
        self.clock = clock
        self._pod_labels = pod_labels
        self._is_stale = False  # something has been written since the last refresh
        self._is_planned = False
        self._changed: list[BudgetState] = []  # of which the watchers do not know yet

    def create(self, obj: Manifest, created_at: float, uid: str) -> BudgetState:
        """Return a new budget, and look at what is written from now on."""
        if not self._all():
            self.store.watchers.insert(0, self._see)
        budget = BudgetState(obj, created_at, uid, self)
        self.recount(budget)
        return budget

    def recount(self, budget: BudgetState) -> None:
        """Find out which pods a new or changed budget covers; ``getPodsForPdb``."""
        budget.forget()
        for pod in self.store.objects["Pod"].values():
            budget.count(pod, budget.selects(self._pod_labels(pod)))

    def check(self, pod: Pod) -> None:
        """Refuse to evict a pod if its budget does; `EvictionRefused` says why."""
        labels = self._pod_labels(pod)
        budgets = [
            (budget.rules, budget.status) for budget in self._all() if budget.selects(labels)
        ]
        check_eviction(pod.phase, pod.ready, pod.deleted_at is not None, budgets)

    def refresh(self) -> None:
        """Calculate every status anew, if something has been written."""
        if not self._is_stale:
            return
        self._is_stale = False
        for budget in self._all():
            last, covered = budget.last_status, budget.covered(self.store)
            new = calculate_status(budget.rules, covered, last)
            if new == last:
                continue
            if (new.disruptions_allowed > 0) != (last.disruptions_allowed > 0):
                budget.allowed_at = self.clock.now
            budget.last_status = new
            self._changed.append(budget)

    def _all(self) -> Collection[BudgetState]:
        return self.store.objects.get(KIND, {}).values()

    def _see(self, event: str, kind: str, thing: Any) -> None:
        """Take one write, and plan one look for all those of this instant."""
        if not self._all():
            self.store.watchers.remove(self._see)
        elif kind in _WATCHED:
            if kind == "Pod":
                labels = self._pod_labels(thing)
                for budget in self._all():
                    budget.count(thing, event != "DELETED" and budget.selects(labels))
            self._is_stale = True
            if not self._is_planned:
                self._is_planned = True
                self.clock.at(self.clock.now, POSTING, self._look)

    def _look(self, _: None) -> None:
        """Tell the watchers of the budgets whose status has changed."""
        self._is_planned = False
        self.refresh()
        changed, self._changed = dict.fromkeys(self._changed), []
        for budget in changed:
            if self.store.has(budget):
                self.store.tell("MODIFIED", KIND, budget)
