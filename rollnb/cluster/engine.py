"""The cluster: the one place where things are asked for, and where time passes.

Everything goes through the API server's door: an object is completed, validated and stored, then
the controllers are woken; scheduler and kubelet do the rest as time is let pass.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from rollnb import manifest
from rollnb.cluster.clock import Clock
from rollnb.cluster.control_plane import ControlPlane
from rollnb.cluster.daemonset import node_should_run
from rollnb.cluster.daemonset_controller import DaemonSetController
from rollnb.cluster.deployment_controller import DeploymentController
from rollnb.cluster.events import Event
from rollnb.cluster.kubelet import Kubelet
from rollnb.cluster.objects import (
    DaemonSetState,
    DeploymentState,
    Manifest,
    Pod,
    PodGroup,
    ReplicaSet,
    RevisionedState,
    StatefulSetState,
    WorkloadState,
)
from rollnb.cluster.posting import EventLog
from rollnb.cluster.replicaset_controller import ReplicaSetController
from rollnb.cluster.resources import Resources
from rollnb.cluster.scheduler import Scheduler
from rollnb.cluster.statefulset_controller import StatefulSetController
from rollnb.cluster.store import Store
from rollnb.spec import Image, Node, Service

#: 2026-01-01 00:00:00 UTC, where the clock of a cluster stands at zero unless told otherwise.
EPOCH = 1767225600.0

#: Eight machines with room for any number of pods; give your own to see pods wait.
NODES = tuple(Node(f"node-{i}") for i in range(1, 9))


#: How each kind of workload is stored.
STATES = {
    state.kind: state for state in (DeploymentState, StatefulSetState, DaemonSetState)
}

#: Annotations that controllers write and users do not.
CONTROLLERS_OWN = (
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
)


class NotFound(LookupError):
    """There is no object of this kind and name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name!r} not found")
        self.kind = kind
        self.name = name


class ServiceState:
    """A Service as stored."""

    __slots__ = ("created_at", "manifest", "name", "spec", "uid")

    def __init__(self, manifest: Manifest, spec: Service, created_at: float, uid: str) -> None:
        self.name = spec.name
        self.manifest = manifest
        self.spec = spec
        self.created_at = created_at
        self.uid = uid


class Cluster:
    """A simulated Kubernetes cluster with one namespace.

    Parameters
    ----------
    images : iterable of Image, optional
        All images that the registry has. Left out: every image exists, with the defaults of
        `Image`.
    nodes : iterable of Node, optional
        By default eight, with room for any number of pods.
    control_plane : ControlPlane, optional
        How fast it reacts: by default with the real client limits and no latency; `MEASURED` has
        the latencies of a real one.
    seed : int
        For names and drawn durations: the same seed gives the same run.
    epoch, start : float
        Wall-clock time (unix seconds) of time 0, and the time at which the cluster begins (s).
    namespace : str
    environment : mapping, optional
        Shell variables for `kubectl`.
    feature_gates : collection of str
        Gates switched on beyond the defaults of 1.36: ``MaxUnavailableStatefulSet``.

    Attributes
    ----------
    now : float
        The time, in seconds.
    """

    def __init__(
        self,
        images: Iterable[Image] | None = None,
        *,
        nodes: Iterable[Node] | None = None,
        control_plane: ControlPlane | None = None,
        seed: int = 0,
        epoch: float = EPOCH,
        start: float = 0.0,
        namespace: str = "default",
        environment: Mapping[str, str] | None = None,
        feature_gates: Collection[str] = (),
    ) -> None:
        plane = control_plane or ControlPlane()
        self.epoch = epoch
        self.namespace = namespace
        self.environment = dict(environment or {})
        self.feature_gates = frozenset(feature_gates)
        self._clock = Clock(start)
        self._store = Store(self._clock, epoch, start, seed)
        self._events = EventLog(self._store, self._clock, namespace)
        self._resources = Resources(self._store, namespace)
        self._scheduler = Scheduler(
            self._store, self._clock, self._events, plane, NODES if nodes is None else nodes
        )
        # Durations have a stream of their own: two strategies with one seed draw alike.
        self._kubelet = Kubelet(
            self._store,
            self._clock,
            self._events,
            plane,
            None if images is None else {image.name: image for image in images},
            random.Random(f"durations {seed}"),
        )
        parts = (self._store, self._clock, self._events, plane)
        replica_sets = ReplicaSetController(*parts)
        self._controllers = {
            "Deployment": DeploymentController(*parts, replica_sets),
            "StatefulSet": StatefulSetController(*parts),
            "DaemonSet": DaemonSetController(*parts),
        }
        self._controllers["StatefulSet"].max_unavailable_enabled = (
            "MaxUnavailableStatefulSet" in feature_gates
        )
        self._clients = [replica_sets.client, *(c.client for c in self._controllers.values())]

    # ------------------------------------------------------------------------------------- time

    @property
    def now(self) -> float:
        """The time, in seconds."""
        return self._clock.now

    def run(self, until: float, stop: Callable[[], bool] | None = None) -> None:
        """Let time pass.

        Parameters
        ----------
        until : float
            When to stop at the latest, in seconds of the clock; `math.inf` to go on while
            anything is left to happen.
        stop : callable, optional
            Asked after every event; true ends the wait there.
        """
        clock = self._clock
        while (time := clock.next_time()) is not None and time <= until:
            clock.step()
            if stop is not None and stop():
                return
        if until < math.inf:
            clock.now = max(clock.now, until)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        if seconds < 0:
            raise ValueError(f"seconds={seconds!r} must not be negative: time only goes on")
        self.run(self.now + seconds)

    def next_time(self) -> float | None:
        """Return when something happens next, in seconds; None if nothing is left to happen."""
        return self._clock.next_time()

    @contextmanager
    def instantly(self) -> Iterator[None]:
        """Set things up: what is applied in this block takes no time once time is let pass.

        Pulls, starts and readiness take 0 s, and no request waits for the rate limit. At the end
        of the block all that has been asked for happens.
        """
        with ExitStack() as stack:
            for client in self._clients:
                stack.enter_context(client.limiter.unlimited())
            self._kubelet.instant = True
            try:
                yield
                self.run(self.now)
            finally:
                self._kubelet.instant = False
        self._kubelet.draw_behaviours()

    # ------------------------------------------------------------------- the API server's door

    def list(self, kind: str) -> list[Manifest]:
        """Return all objects of a kind, by name."""
        if kind == "Namespace":
            return [{"apiVersion": "v1", "kind": kind, "metadata": {"name": self.namespace}}]
        render = self._resources.render
        if kind == "Event":
            return [render(kind, event) for event in self._events.records]
        source = "Service" if kind == "EndpointSlice" else kind
        return [render(kind, thing) for _, thing in sorted(self._store.objects[source].items())]

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
        obj = manifest.admit(obj, feature_gates=self.feature_gates)
        kind, name = obj["kind"], obj["metadata"]["name"]
        if name in self._store.objects.get(kind, {}):
            raise ValueError(f'{kind} "{name}" already exists')
        return self._store_new(obj)

    def _store_new(self, obj: Manifest) -> Manifest:
        kind = obj["kind"]
        spec = manifest.parse(obj)
        store = self._store
        now, uid = self._clock.now, store.uid()
        if kind == "Service":
            state: Any = ServiceState(obj, spec, now, uid)
        elif kind in STATES:
            state = STATES[kind](len(store.workloads), obj, spec, now, uid)
            state.template_hash = manifest.template_hash(obj["spec"]["template"])
            store.workloads.append(state)
            self._log_asked(state)
        else:
            raise ValueError(
                f"kind {kind!r} is not simulated; there are {', '.join(STATES)} and Service"
            )
        store.objects[kind][state.name] = state
        if kind in STATES:
            self._controllers[kind].adopt(state)
        store.tell("ADDED", kind, state)
        return self._resources.render(kind, state)

    def _log_asked(self, state: WorkloadState) -> None:
        if isinstance(state, DaemonSetState):
            template = state.spec.template
            nodes = self._store.objects["Node"].values()
            asked = sum(node_should_run(template, node.spec) for node in nodes)
        else:
            asked = state.spec.replicas
        self._store.log_asked(state, asked)

    def update(self, obj: Manifest) -> Manifest:
        """Replace an object's labels, annotations and spec; validated against what is there."""
        kind, name = obj["kind"], obj["metadata"]["name"]
        state = self._find(kind, name)
        current = self._resources.render(kind, state)
        obj = manifest.admit(obj, current, feature_gates=self.feature_gates)
        if self._replace(state, obj):
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
        same_spec = obj["spec"] == old["spec"]
        if same_spec and all(
            (metadata.get(key) or {}) == (old["metadata"].get(key) or {})
            for key in ("labels", "annotations")
        ):
            return False
        state.manifest = {"metadata": metadata, "spec": obj["spec"]}
        state.spec = manifest.parse(obj)
        if not same_spec and isinstance(state, WorkloadState):
            state.generation += 1
            state.template_hash = manifest.template_hash(obj["spec"]["template"])
            self._log_asked(state)
        return True

    def delete(self, kind: str, name: str, grace_period_seconds: float | None = None) -> None:
        """Delete an object; a workload's pods go with it."""
        thing = self._find(kind, name)
        store = self._store
        if kind == "Pod":
            store.delete_pod(thing, grace_period_seconds)
            return
        del store.objects[kind][name]
        store.tell("DELETED", kind, thing)
        if isinstance(thing, DeploymentState):
            store.log_asked(thing, 0)
            for rs in thing.replica_sets:
                self.delete("ReplicaSet", rs.name, grace_period_seconds)
        elif isinstance(thing, RevisionedState):
            store.log_asked(thing, 0)
            for revision in thing.revisions:
                self._delete_pods(revision, grace_period_seconds)
                store.remove_group(revision, "ControllerRevision")
        elif isinstance(thing, ReplicaSet):
            deployment = thing.workload
            if deployment.name in store.objects["Deployment"]:
                deployment.replica_sets.remove(thing)
                deployment.wake()
            self._delete_pods(thing, grace_period_seconds)

    def _delete_pods(self, group: PodGroup, grace_period_seconds: float | None) -> None:
        for pod in list(group.pods.values()):
            self._store.delete_pod(pod, grace_period_seconds)

    # ------------------------------------------------------------------------------- other doors

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
        objects = [
            manifest.admit(obj, feature_gates=self.feature_gates) for obj in manifest.read(source)
        ]
        return [
            self.update(obj)
            if obj["metadata"]["name"] in self._store.objects[obj["kind"]]
            else self._store_new(obj)
            for obj in objects
        ]

    def push(self, image: Image | str) -> None:
        """Let the registry have an image from now on; pods find it at their next attempt."""
        image = Image(image) if isinstance(image, str) else image
        if self._kubelet.registry is not None:
            self._kubelet.registry[image.name] = image

    def has_image(self, name: str) -> bool:
        """Whether the registry has an image."""
        return self._kubelet.registry is None or name in self._kubelet.registry

    def watch(self, callback: Callable[[str, str, Manifest], None]) -> Callable[[], None]:
        """Call back at each write; returns a function that ends this.

        Parameters
        ----------
        callback : callable
            Called with ``"ADDED"``, ``"MODIFIED"`` or ``"DELETED"``, the kind, and the object.
        """

        def tell(event: str, kind: str, thing: Any) -> None:
            callback(event, kind, self._resources.render(kind, thing))

        watchers = self._store.watchers
        watchers.append(tell)
        return lambda: watchers.remove(tell) if tell in watchers else None

    def kubectl(self, line: str, **options: Any) -> Any:
        """Play a kubectl command line, or several lines of shell: see `rollnb.kubectl.run`."""
        from rollnb import kubectl  # the terminal stands to the right of the cluster

        return kubectl.run(self, line, **options)

    def add_node(self, node: Node) -> None:
        """Add a machine; DaemonSets get a pod there, and pods that wait may find room."""
        self._scheduler.add_node(node)
        self._node_changed()

    def remove_node(self, name: str) -> None:
        """Lose a machine with its pods: they end at once and their objects go."""
        self._find("Node", name)
        for pod in [pod for pod in self._store.objects["Pod"].values() if pod.node == name]:
            self._store.delete_pod(pod, 0.0)
        self._scheduler.remove_node(name)
        self._node_changed()

    def _node_changed(self) -> None:
        for state in self._store.objects["DaemonSet"].values():
            self._log_asked(state)
            state.wake()

    def edit(self, target: str, function: Callable[[str], str]) -> Any:
        """Edit an object as ``kubectl edit`` does, with a function from YAML to YAML.

        Parameters
        ----------
        target : str
            ``deployment/worker``.
        function : callable
            Takes the text that the editor would show, and returns the changed text.
        """
        from rollnb import kubectl  # the terminal stands to the right of the cluster

        return kubectl.edit(self, target, function)

    # ---------------------------------------------------------------------------------- history

    @property
    def log(self):
        """The facts so far: see `rollnb.cluster.log`."""
        return self._store.log

    @property
    def pods(self) -> list[Pod]:
        """Every pod there ever was, by its index."""
        return self._store.all_pods

    @property
    def groups(self) -> list[PodGroup]:
        """Every ReplicaSet or revision there ever was, by its index."""
        return self._store.groups

    @property
    def workloads(self) -> list[Any]:
        """Every workload there ever was, by its index."""
        return self._store.workloads

    @property
    def events(self) -> list[Event]:
        """The cluster's Events, oldest first."""
        return self._events.records
