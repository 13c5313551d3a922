"""ResourceQuotas: how much all pods may come to, and how much they do.

Follows ``PodUsageFunc`` and ``Constraints`` (``pkg/quota/v1/evaluator/core/pods.go``) and
``CheckRequest`` (``apiserver/pkg/admission/plugin/resourcequota/controller.go``, Kubernetes 1.36).
A pod counts until it has ended, so also while it terminates; ``count/pods`` counts its object. A
real quota controller gives back within moments what a pod has used; here that happens at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from typing import Any

from rollnb.cluster.objects import Manifest, ObjectState, Pod, PodGroup
from rollnb.cluster.store import Forbidden, Store
from rollnb.manifest.quantity import add_up, parse_quantity

KIND = "ResourceQuota"

#: Counts objects, whatever has become of the pod.
OBJECTS = "count/pods"

#: What a quota may limit of the pods, by field of their resources and name there.
_COMPUTE = {
    ("requests", "cpu"): ("cpu", "requests.cpu"),
    ("requests", "memory"): ("memory", "requests.memory"),
    ("limits", "cpu"): ("limits.cpu",),
    ("limits", "memory"): ("limits.memory",),
}

_UNTIL_ENDED = {"pods", *(name for names in _COMPUTE.values() for name in names)}
_COUNTED = {OBJECTS, *_UNTIL_ENDED}

_ENDED = ("Failed", "Succeeded")

Amounts = dict[str, str]


def pod_usage(spec: Mapping[str, Any]) -> Amounts:
    """Return what a pod of this spec comes to, by the names that quotas have for it."""
    usage = {"pods": "1", OBJECTS: "1"}
    for (field, name), limited in _COMPUTE.items():
        amount = _amount(spec, field, name)
        if parse_quantity(amount):
            usage |= dict.fromkeys(limited, amount)
    return usage


def _amount(spec: Mapping[str, Any], field: str, name: str) -> str:
    """Return what a pod asks for: containers side by side, init containers one after another.

    ``PodRequests`` and ``PodLimits`` (``component-helpers/resource/helpers.go``).
    """

    def of(thing: Mapping[str, Any]) -> str | None:
        return ((thing.get("resources") or {}).get(field) or {}).get(name)

    sidecars: list[str] = []
    most = "0"
    for container in spec.get("initContainers") or ():
        amount = of(container) or "0"
        if container.get("restartPolicy") == "Always":
            sidecars.append(amount)
            amount = "0"
        most = max(most, add_up([amount, *sidecars]), key=parse_quantity)
    running = [of(container) or "0" for container in spec.get("containers") or ()]
    total = of(spec) or max(add_up([*running, *sidecars]), most, key=parse_quantity)
    if field == "limits" and not parse_quantity(total):
        return total  # without a limit, none for the overhead either
    return add_up([total, (spec.get("overhead") or {}).get(name, "0")])


def find_unspecified(spec: Mapping[str, Any], limited: Iterable[str]) -> str:
    """Say what containers must ask for because a quota limits it: ``cpu for: web``; else nothing.

    Pods that say what they need as a whole are not asked (``IsPodLevelResourcesSet``).
    """
    if spec.get("resources"):
        return ""
    lacking = []
    fields = {each: place for place, names in _COMPUTE.items() for each in names}
    for each in sorted(set(limited) & fields.keys()):
        field, name = fields[each]
        containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
        silent = {
            container["name"]
            for container in containers
            if name not in ((container.get("resources") or {}).get(field) or {})
        }
        if silent:
            lacking.append(f"{each} for: {','.join(sorted(silent))}")
    return "; ".join(lacking)


class QuotaState(ObjectState):
    """A ResourceQuota."""

    __slots__ = ("_quotas",)

    def __init__(self, obj: Manifest, created_at: float, uid: str, quotas: Quotas) -> None:
        super().__init__(obj, None, created_at, uid)
        self._quotas = quotas

    @property
    def hard(self) -> Amounts:
        """How much there may be, by name."""
        return (self.manifest.get("spec") or {}).get("hard") or {}

    @property
    def used(self) -> Amounts:
        """How much there is of what it limits; names that are not counted are left out."""
        used = self._quotas.used
        return {each: used[each] for each in self.hard if each in used}


class Quotas:
    """Keeps count of what the pods come to, and lets none be created beyond a quota.

    Attributes
    ----------
    used : dict of str to str
        What all pods come to, by the names that quotas limit.
    """

    def __init__(self, store: Store) -> None:
        self.used: Amounts = {}
        self._store = store
        self._hard: dict[str, Amounts] = {}  # of each quota, in the order of their names
        self._usages: dict[PodGroup, Amounts] = {}  # of one of its pods
        store.admission.append(self._admit)
        store.pod_created.append(self._created)
        store.pod_ended.append(self._ended)
        store.pod_gone.append(self._gone)

    def create(self, obj: Manifest, created_at: float, uid: str) -> QuotaState:
        """Return a new quota, and look at what becomes of quotas from now on."""
        if not self._hard:
            self._store.watchers.insert(0, self._see)
        return QuotaState(obj, created_at, uid, self)

    def _see(self, event: str, kind: str, thing: Any) -> None:
        """Count anew when a quota has come, changed, or gone."""
        if kind == KIND and (event == "DELETED" or thing.hard != self._hard.get(thing.name)):
            self._recount()
            if not self._hard:
                self._store.watchers.remove(self._see)

    def _recount(self) -> None:
        quotas = sorted(self._store.objects[KIND].items())
        self._hard = {name: quota.hard for name, quota in quotas}
        limited = {each for hard in self._hard.values() for each in hard}
        self.used = dict.fromkeys(limited & _COUNTED, "0")
        for pod in self._store.objects["Pod"].values():
            self._add(pod, "", {OBJECTS} if pod.phase in _ENDED else _COUNTED)

    def _usage(self, group: PodGroup) -> Amounts:
        usage = self._usages.get(group)
        if usage is None:
            usage = self._usages[group] = pod_usage(group.template_manifest["spec"])
        return usage

    # --------------------------------------------------------------------------------- at the door

    def _admit(self, group: PodGroup, name: str) -> None:
        if not self._hard:
            return
        spec, used = group.template_manifest["spec"], self.used
        for quota, hard in self._hard.items():
            if lacking := find_unspecified(spec, hard):
                raise _forbidden(name, f"failed quota: {quota}: must specify {lacking}")
        usage = self._usage(group)
        for quota, hard in self._hard.items():
            asked = {each: usage[each] for each in sorted(hard) if each in usage}
            exceeded = [
                each for each, amount in asked.items() if not _fits(used[each], amount, hard[each])
            ]
            if exceeded:
                requested, taken, limited = (
                    ",".join(f"{each}={amounts[each]}" for each in exceeded)
                    for amounts in (asked, used, hard)
                )
                raise _forbidden(
                    name,
                    f"exceeded quota: {quota}, requested: {requested}, used: {taken}, "
                    f"limited: {limited}",
                )

    # ------------------------------------------------------------------------------- keeping count

    def _created(self, pod: Pod) -> None:
        self._count(pod, "", _COUNTED)

    def _ended(self, pod: Pod) -> None:
        self._count(pod, "-", _UNTIL_ENDED)

    def _gone(self, pod: Pod) -> None:
        self._count(pod, "-", {OBJECTS} if pod.phase in _ENDED else _COUNTED)

    def _count(self, pod: Pod, sign: str, names: Set[str]) -> None:
        """Add or take away what a pod comes to, and tell of the quotas of which that is news."""
        if changed := self._add(pod, sign, names):
            for quota in self._store.objects[KIND].values():
                if changed & quota.hard.keys():
                    self._store.tell("MODIFIED", KIND, quota)

    def _add(self, pod: Pod, sign: str, names: Set[str]) -> set[str]:
        """Add what a pod comes to; return the names of which there is more or less now."""
        usage = self._usage(pod.group)
        changed = names & self.used.keys() & usage.keys()
        for each in changed:
            self.used[each] = _sum(self.used[each], sign + usage[each])
        return changed


# Both are remembered: the same few amounts come and go.


@lru_cache(4096)
def _sum(one: str, other: str) -> str:
    return add_up([one, other])


@lru_cache(4096)
def _fits(used: str, asked: str, hard: str) -> bool:
    return parse_quantity(add_up([used, asked])) <= parse_quantity(hard)


def _forbidden(pod: str, why: str) -> Forbidden:
    return Forbidden(f'pods "{pod}" is forbidden: {why}')
