"""The cluster: an API server with its controllers, scheduler and kubelets, where time passes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from rollnb import manifest
from rollnb.cluster.api_server import ApiServer, key_of
from rollnb.cluster.clock import CLIENT, Clock
from rollnb.cluster.constants import FEATURE_GATES
from rollnb.cluster.control_plane import ControlPlane
from rollnb.cluster.daemonset_controller import DaemonSetController
from rollnb.cluster.deployment_controller import DeploymentController
from rollnb.cluster.events import Event
from rollnb.cluster.kubelet import Kubelet
from rollnb.cluster.objects import Manifest, Pod, PodGroup
from rollnb.cluster.posting import EventLog
from rollnb.cluster.replicaset_controller import ReplicaSetController
from rollnb.cluster.scheduler import Scheduler
from rollnb.cluster.statefulset_controller import StatefulSetController
from rollnb.cluster.store import Store
from rollnb.cluster.taint_eviction import TaintEviction
from rollnb.node import Node
from rollnb.spec import Image
from rollnb.validation import check_number, check_values
from rollnb.validation.names import dns_label

#: 2026-01-01 00:00:00 UTC, where the clock of a cluster stands at zero unless told otherwise.
EPOCH = 1767225600.0

#: Eight machines with room for any number of pods; give your own to see pods wait.
NODES = tuple(Node(f"node-{i}") for i in range(1, 9))


#: A set-up is done when nothing has happened for so long, in seconds.
REST_SECONDS = 0.3


def by_name(name: str, values: Any, kind: type) -> dict[str, Any]:
    """Return the values of an argument by their names, each of which may occur but once."""
    found: dict[str, Any] = {}
    for value in check_values(name, values, kind):
        if value.name in found:
            raise ValueError(f"{name} has {value.name!r} twice: give each a name of its own")
        found[value.name] = value
    return found


class Cluster(ApiServer):
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
    kubectl_seconds : float
        How long a kubectl command takes to start.
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
        plane = ControlPlane() if control_plane is None else control_plane
        if not isinstance(plane, ControlPlane):
            raise ValueError(f"control_plane={plane!r} must be a ControlPlane, such as MEASURED")
        if unknown := {*check_values("feature_gates", feature_gates, str)} - FEATURE_GATES.keys():
            raise ValueError(
                f"feature_gates={sorted(unknown)} are not known: use some of {list(FEATURE_GATES)}"
            )
        check_number("seed", seed, least=-math.inf, whole=True)
        check_number("epoch", epoch, of="seconds", least=-math.inf)
        check_number("start", start, of="seconds", least=-math.inf)
        if not isinstance(namespace, str) or dns_label(namespace):
            raise ValueError(
                f"namespace={namespace!r} must be made of small letters, digits and dashes"
            )
        registry = None if images is None else by_name("images", images, Image)
        machines = NODES if nodes is None else by_name("nodes", nodes, Node).values()
        clock = Clock(start)
        store = Store(clock, epoch, seed)
        events = EventLog(store, clock, namespace)
        parts = (store, clock, events, plane)
        self.epoch = epoch
        self.environment = dict(environment or {})
        self.kubectl_seconds = plane.kubectl_seconds
        self._scheduler = Scheduler(*parts, machines)
        # Durations have a stream of their own: two strategies with one seed draw alike.
        self._kubelet = Kubelet(*parts, registry, random.Random(f"durations {seed}"))
        replica_sets = ReplicaSetController(*parts)
        controllers = {
            "Deployment": DeploymentController(*parts, replica_sets),
            "StatefulSet": StatefulSetController(
                *parts, max_unavailable_enabled="MaxUnavailableStatefulSet" in feature_gates
            ),
            "DaemonSet": DaemonSetController(*parts),
        }
        self._taint_eviction = TaintEviction(*parts)
        acting = (replica_sets, *controllers.values(), self._taint_eviction)
        self._clients = [controller.client for controller in acting]
        super().__init__(store, clock, events, controllers, feature_gates)

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
        check_number("until", until, of="seconds", least=-math.inf, endless=True)
        clock = self._clock
        while (time := clock.next_time()) is not None and time <= until:
            clock.step()
            if stop is not None and stop():
                return
        if until < math.inf:
            clock.now = max(clock.now, until)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        check_number("seconds", seconds, of="seconds")
        self.run(self.now + seconds)

    def next_time(self) -> float | None:
        """Return when something happens next, in seconds; None if nothing is left to happen."""
        return self._clock.next_time()

    @property
    def is_retrying(self) -> bool:
        """Whether a controller was refused a pod, and will ask for it again."""
        return any(group.failing and self._store.has(group) for group in self._store.groups)

    def call_at(self, time: float, action: Callable[[], None]) -> None:
        """Let a client act at a time, in seconds, after all that happens by itself then."""
        self._clock.at(time, CLIENT, lambda _: action())

    @contextmanager
    def instantly(self) -> Iterator[None]:
        """Set things up: pulls, starts and readiness take 0 s, and no request waits.

        At the end of the block time passes until what was asked for in it has happened: no time at
        all, or a fraction of a second, with the latencies of a real control plane or where a
        controller tries again because a quota has no room.
        """
        with ExitStack() as stack:
            for client in self._clients:
                stack.enter_context(client.limiter.unlimited())
            self._kubelet.instant = True
            try:
                yield
                self.come_to_rest()
            finally:
                self._kubelet.instant = False
        self._kubelet.draw_behaviours()

    def come_to_rest(self) -> None:
        """Let time pass while the next step is a matter of latency or rate limits only."""
        latest = self.now + 60.0
        while (time := self._clock.next_time()) is not None and time <= min(
            self.now + REST_SECONDS, latest
        ):
            self._clock.step()

    # ------------------------------------------------------------------------------- other doors

    def push(self, image: Image | str) -> None:
        """Let the registry have an image from now on; pods find it at their next attempt.

        An image given by its name alone behaves as the last one of the same repository.
        """
        if not isinstance(image, Image | str):
            raise ValueError(f"image={image!r} must be an Image, or the name of one")
        registry = self._kubelet.images.registry
        if registry is None:
            return
        if isinstance(image, str):
            repository = image.rpartition(":")[0]
            known = [one for one in registry.values() if one.name.startswith(repository + ":")]
            image = replace(known[-1], name=image) if known else Image(image)
        registry[image.name] = image

    def has_image(self, name: str) -> bool:
        """Whether the registry has an image."""
        return self._kubelet.images.has(name)

    def kubectl(self, line: str, **options: Any) -> Any:
        """Play a kubectl command line, or several lines of shell: see `rollnb.kubectl.run`."""
        from rollnb import kubectl  # the terminal stands to the right of the cluster

        return kubectl.run(self, line, **options)

    def add_node(self, node: Node) -> None:
        """Add a machine; DaemonSets get a pod there, and pods that wait may find room."""
        (node,) = check_values("nodes", [node], Node)
        self._scheduler.add_node(node)
        self._node_changed()

    def remove_node(self, name: str) -> None:
        """Lose a machine with its pods: they end at once and their objects go."""
        self._find("Node", name)
        for pod in [pod for pod in self._store.objects["Pod"].values() if pod.node == name]:
            self._store.delete_pod(pod, 0.0)
        self._scheduler.remove_node(name)
        self._node_changed()

    def update(self, obj: Manifest) -> Manifest:
        """Replace an object as `ApiServer.update` does; a node's taints and labels take effect."""
        kind, name = key_of(obj)
        if kind != "Node":
            return super().update(obj)
        state = self._find("Node", name)
        obj = self.admit(obj, self.get("Node", name))
        new = manifest.parse(obj)
        state.annotations = obj["metadata"].get("annotations") or {}
        old = state.spec
        self._scheduler.change_node(
            replace(old, labels=new.labels, taints=new.taints, unschedulable=new.unschedulable)
        )
        self._taint_eviction.node_changed(old, state.spec)
        self._node_changed()
        return self.get("Node", name)

    def _delete(self, kind: str, thing: Any, grace_seconds: float | None, cascade: str) -> None:
        if kind == "Node":
            self.remove_node(thing.spec.name)
        else:
            super()._delete(kind, thing, grace_seconds, cascade)

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
