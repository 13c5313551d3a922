"""The API server's door: objects are completed, validated, stored, and given out again.

Everything that is asked for comes in here. An object that is refused leaves the cluster as it was;
one that is stored wakes its controller.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from rollnb import manifest
from rollnb.cluster import admission, budgets, quota
from rollnb.cluster.budgets import Budgets, BudgetState
from rollnb.cluster.clock import Clock
from rollnb.cluster.daemonset import node_should_run
from rollnb.cluster.endpoint_watch import EndpointWatch
from rollnb.cluster.garbage_collector import CASCADES, GarbageCollector
from rollnb.cluster.objects import Manifest, ObjectState
from rollnb.cluster.pod_resources import hash_text
from rollnb.cluster.posting import EventLog
from rollnb.cluster.quota import Quotas
from rollnb.cluster.releasing import update_pod
from rollnb.cluster.resources import Resources
from rollnb.cluster.store import Forbidden, Store
from rollnb.cluster.stored_resources import OF_SERVICES
from rollnb.cluster.workloads import (
    DaemonSetState,
    DeploymentState,
    StatefulSetState,
    WorkloadState,
)
from rollnb.manifest.schema import SERVED
from rollnb.validation import check_number

#: How each kind of workload is stored.
STATES = {state.kind: state for state in (DeploymentState, StatefulSetState, DaemonSetState)}

#: Annotations that controllers write and users do not.
CONTROLLERS_OWN = (
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
)


#: Every kind that the API server knows.
KINDS = frozenset(kind for kinds in SERVED.values() for kind in kinds.split())


class NotFound(LookupError):
    """There is no object of this kind and name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name!r} not found")
        self.kind = kind
        self.name = name


def key_of(obj: Manifest) -> tuple[str, Any]:
    """Return the kind and the name of an object that may be incomplete.

    Raises
    ------
    ManifestError
        If the kind is not known, or not in this API version.
    """
    manifest.check_served(obj)
    return obj["kind"], (obj.get("metadata") or {}).get("name")


def _check_kind(kind: str) -> None:
    """Refuse kubectl's names of kinds: ``deploy``, ``pods``."""
    if kind not in KINDS:
        beginning = str(kind).lower().removesuffix("s")
        like = sorted((k for k in KINDS if k.lower().startswith(beginning)), key=len)
        meant = like[0] if like and len(beginning) > 2 else "Deployment"
        raise ValueError(f"kind={kind!r} must be written as in a manifest, such as {meant!r}")


class Controller(Protocol):
    """Whoever looks after the workloads of a kind."""

    def adopt(self, state: Any) -> None:
        """Look after a new workload."""


class ApiServer:
    """Stores objects and gives them out as dicts.

    Parameters
    ----------
    controllers : mapping of str to controller
        Who looks after a new workload, by its kind.
    feature_gates : collection of str
        Gates switched on beyond the defaults of 1.36.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: EventLog,
        controllers: Mapping[str, Controller],
        feature_gates: Collection[str],
    ) -> None:
        self.feature_gates = frozenset(feature_gates)
        self.namespace = events.namespace
        self._store = store
        self._clock = clock
        self._events = events
        self._controllers = controllers
        self._resources = Resources(store, events.namespace)
        own = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        state = ObjectState(own, None, clock.now, f"{hash_text(self.namespace):032x}")
        store.objects["Namespace"] = {state.name: state}
        self._garbage_collector = GarbageCollector(store, clock)
        self._budgets = Budgets(store, clock, self._resources.pod_labels)
        self._quotas = Quotas(store)

    def list(self, kind: str) -> list[Manifest]:
        """Return all objects of a kind, by name."""
        _check_kind(kind)
        render = self._resources.render
        if kind == "Event":
            return [render(kind, event) for event in self._events.records]
        if kind in OF_SERVICES:
            services = self._store.objects["Service"]
            things = {name: one for name, one in services.items() if one.spec.selector}
        else:
            things = self._store.objects.get(kind, {})
        return [render(kind, thing) for _, thing in sorted(things.items())]

    def get(self, kind: str, name: str) -> Manifest:
        """Return one object; `NotFound` if there is none."""
        if kind in self._store.objects:
            return self._resources.render(kind, self._find(kind, name))
        for thing in self.list(kind):
            if thing["metadata"]["name"] == name:
                return thing
        raise NotFound(kind, name)

    def _find(self, kind: str, name: str) -> Any:
        try:
            return self._store.objects[kind][name]
        except KeyError:
            raise NotFound(kind, name) from None

    def create(self, obj: Manifest) -> Manifest:
        """Store a new object; it is completed and validated first."""
        obj = self.admit(obj)
        kind, name = obj["kind"], obj["metadata"]["name"]
        if name in self._store.objects.get(kind, {}):
            raise ValueError(f'{kind} "{name}" already exists')
        return self._store_new(obj)

    def admit(self, obj: Manifest, old: Manifest | None = None) -> Manifest:
        """Complete and validate an object, in the only namespace there is, and store nothing.

        Parameters
        ----------
        old : dict, optional
            What it would replace, as `get` returns it.

        Raises
        ------
        ManifestError, Invalid
            As for `rollnb.manifest.admit`.
        Refused
            If a cluster would take the object, and this one does not.
        """
        if old is None:
            obj = admission.name(obj, self._store.generate_name)
        return admission.admit(obj, old, self.namespace, self.feature_gates)

    def _store_new(self, obj: Manifest) -> Manifest:
        kind = obj["kind"]
        store = self._store
        now, uid = self._clock.now, store.uid()
        if kind in STATES:
            spec = manifest.parse(obj)
            state: Any = STATES[kind](len(store.workloads), obj, spec, now, uid)
            state.template_hash = manifest.template_hash(obj["spec"]["template"])
            self._controllers[kind].adopt(state)
            self._garbage_collector.adopt(state)
            store.workloads[state.index : state.index + 1] = [state]
            self._log_asked(state)
        elif kind == budgets.KIND:
            state = self._budgets.create(obj, now, uid)
        elif kind == quota.KIND:
            state = self._quotas.create(obj, now, uid)
        else:
            state = ObjectState(obj, self._parse(obj), now, uid)
        store.objects.setdefault(kind, {})[state.name] = state
        store.tell("ADDED", kind, state)
        return self._resources.render(kind, state)

    def _parse(self, obj: Manifest) -> Any:
        return manifest.parse(obj) if obj["kind"] in (*STATES, "Service") else None

    def _log_asked(self, state: WorkloadState) -> None:
        if isinstance(state, DaemonSetState):
            template = state.pod_template
            nodes = self._store.objects["Node"].values()
            state.asked = sum(node_should_run(template, node.spec) for node in nodes)
        else:
            state.asked = state.spec.replicas
        self._store.log_asked(state)

    def update(self, obj: Manifest) -> Manifest:
        """Replace an object's labels, annotations and spec; validated against what is there."""
        kind, name = key_of(obj)
        state = self._find(kind, name)
        current = self._resources.render(kind, state)
        obj = self.admit(obj, current)
        if kind == "Pod":
            update_pod(self._store, state, obj["metadata"])
        elif self._replace(state, obj):
            self._store.tell("MODIFIED", kind, state)
            if kind in STATES:
                state.wake()
        return self._resources.render(kind, state)

    def _replace(self, state: Any, obj: Manifest) -> bool:
        """Put labels, annotations and spec in place of the old ones; False if they are equal."""
        old = state.manifest
        metadata = dict(obj["metadata"])
        metadata["annotations"] = {
            key: value
            for key, value in (metadata.get("annotations") or {}).items()
            if key not in CONTROLLERS_OWN
        }
        contents = [
            {key: value for key, value in each.items() if key not in ("metadata", "status")}
            for each in (obj, old)
        ]
        same_spec = contents[0] == contents[1]
        if same_spec and all(
            (metadata.get(key) or {}) == (old["metadata"].get(key) or {})
            for key in ("labels", "annotations")
        ):
            return False
        state.manifest = {**obj, "metadata": metadata}
        state.spec = self._parse(obj)
        if isinstance(state, BudgetState):
            self._budgets.recount(state)
        if isinstance(state, WorkloadState):
            state.resource_version += 1
        if not same_spec:
            state.generation += 1
        if not same_spec and isinstance(state, WorkloadState):
            state.specs.append((self._clock.now, state.spec))
            template_hash = manifest.template_hash(obj["spec"]["template"])
            if isinstance(state, DaemonSetState):
                state.template_generation += template_hash != state.template_hash
            state.template_hash = template_hash
            self._log_asked(state)
        return True

    def delete(
        self,
        kind: str,
        name: str,
        grace_period_seconds: float | None = None,
        cascade: str = "background",
    ) -> None:
        """Delete an object; what becomes of the pods of a workload or ReplicaSet says `cascade`.

        Parameters
        ----------
        grace_period_seconds : float, optional
            Of a pod. The pods of a workload have their own.
        cascade : str
            ``"background"``: the object goes at once, and its pods are deleted; ``"foreground"``:
            it stays until they are gone; ``"orphan"``: they run on without it.

        Raises
        ------
        NotFound
            If there is no such object.
        ValueError
            If an argument has no meaning, or the cluster cannot do without the object.
        """
        if grace_period_seconds is not None:
            check_number("grace_period_seconds", grace_period_seconds, of="seconds")
        if cascade not in CASCADES:
            raise ValueError(f"cascade={cascade!r} must be one of {', '.join(CASCADES)}")
        if kind not in self._store.objects:
            self.get(kind, name)
            raise ValueError(f"{kind} {name!r} cannot be deleted: the cluster keeps it by itself")
        if (kind, name) == ("Namespace", self.namespace):
            raise Forbidden(f'namespaces "{name}" is forbidden: this namespace may not be deleted')
        self._delete(kind, self._find(kind, name), grace_period_seconds, cascade)

    def _delete(self, kind: str, thing: Any, grace_seconds: float | None, cascade: str) -> None:
        if kind == "Pod":
            self._store.delete_pod(thing, grace_seconds)
        else:
            self._garbage_collector.delete(thing, cascade)

    def evict(
        self, name: str, grace_period_seconds: float | None = None, *, dry_run: bool = False
    ) -> None:
        """Delete a pod, if its PodDisruptionBudget lets it go; a dry run only asks.

        Raises
        ------
        NotFound
            If there is no such pod.
        EvictionRefused
            If its budget does not let it go now, or it has several.
        """
        self._budgets.check(self._find("Pod", name))
        if not dry_run:
            self.delete("Pod", name, grace_period_seconds)

    def apply(self, source: Any) -> list[Manifest]:
        """Create or replace what a manifest describes.

        Parameters
        ----------
        source : str, Path, file, dict, list of dict or workload
            YAML or JSON with one or several objects, or a workload of `rollnb.spec`.

        Returns
        -------
        list of dict
            The objects as stored.
        """
        # All are admitted before the first is stored: an error leaves the cluster unchanged.
        objects = []
        for obj in manifest.read(source):
            kind, name = key_of(obj)
            there = self._store.objects.get(kind, {}).get(name)
            old = None if there is None else self._resources.render(kind, there)
            objects.append(self.admit(obj, old))
        # The same object may stand there twice: the second time it is replaced.
        return [
            self.update(obj)
            if obj["metadata"]["name"] in self._store.objects.get(obj["kind"], {})
            else self._store_new(obj)
            for obj in objects
        ]

    def watch(
        self, callback: Callable[[str, str, Manifest], None], *, endpoints: Collection[str] = ()
    ) -> Callable[[], None]:
        """Call back at each write; returns a function that ends this.

        Parameters
        ----------
        callback : callable
            Called with ``"ADDED"``, ``"MODIFIED"`` or ``"DELETED"``, the kind, and the object.
        endpoints : collection of str
            ``EndpointSlice``, ``Endpoints``, or both, to be told of them, too: they have to be
            made anew for this whenever a pod changes.
        """
        watch = None
        if endpoints:
            watch = EndpointWatch(self.list, callback, endpoints, self._clock)

        def tell(event: str, kind: str, thing: Any) -> None:
            (watch or callback)(event, kind, self._resources.render(kind, thing))

        def end() -> None:
            if watch:
                watch.end()
            if tell in watchers:
                watchers.remove(tell)

        watchers = self._store.watchers
        watchers.append(tell)
        return end
