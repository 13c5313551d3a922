"""Probes: when a container counts as started and ready, and when it is killed for not answering.

Without a readiness probe in the manifest, a container is ready as soon as its process answers
(`Image.ready_seconds` after its start); with one, at the look that notices. Follows
``pkg/kubelet/prober/worker.go`` and ``prober_manager.go`` (Kubernetes 1.36). Left out: the random
delay of the first look after a restart of the kubelet itself, and the time that a look takes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rollnb.cluster.behaviour import answers, next_change
from rollnb.cluster.clock import KUBELET, Clock
from rollnb.cluster.objects import ContainerState, Pod
from rollnb.cluster.pod_status import is_untold, pod_ip
from rollnb.cluster.store import Store
from rollnb.spec import Probe

if TYPE_CHECKING:
    from rollnb.cluster.kubelet import Kubelet

READINESS, LIVENESS, STARTUP = "Readiness", "Liveness", "Startup"


class Worker:
    """Looks at one container with one probe, through all its restarts.

    Looks come every period. Those of liveness and startup are counted from the pod's arrival on
    the node, whenever the container starts: with a period of 10 s and a start after 3 s, the first
    one comes 7 s later. Readiness is looked at as soon as the container counts as started, and
    every period from there.
    """

    __slots__ = ("container", "in_a_row", "kind", "last", "on_hold", "origin", "pod", "probe")

    def __init__(
        self, kind: str, pod: Pod, container: ContainerState, probe: Probe, origin: float
    ) -> None:
        self.kind = kind
        self.pod = pod
        self.container = container
        self.probe = probe
        self.origin = origin
        self.last: bool | None = None  # what the last look said, and the ones before it
        self.in_a_row = 0
        self.on_hold = False  # after a fatal failure, until there is a new process

    def next_look(self, now: float) -> float:
        """Return when the next look after `now` is due, in seconds of the clock."""
        period = self.probe.period_seconds
        # The slack keeps sums of durations on the right side of the edge.
        return self.origin + (math.floor((now - self.origin) / period + 1e-9) + 1) * period

    def count(self, success: bool) -> bool:
        """Count one result; return whether enough of its kind have come in a row."""
        self.in_a_row = self.in_a_row + 1 if success == self.last else 1
        self.last = success
        probe = self.probe
        return self.in_a_row >= (probe.success_threshold if success else probe.failure_threshold)


class Prober:
    """Looks after the probes of all containers."""

    def __init__(self, kubelet: Kubelet, clock: Clock) -> None:
        self.kubelet = kubelet
        self.clock = clock

    def add_pod(self, pod: Pod) -> None:
        """Prepare the probes of a pod that has just come to its node."""
        for container in pod.containers:
            spec = container.spec
            container.probes = tuple(
                Worker(kind, pod, container, probe, self.clock.now)
                for kind, probe in (
                    (STARTUP, spec.startup_probe),
                    (READINESS, spec.readiness_probe),
                    (LIVENESS, spec.liveness_probe),
                )
                if probe is not None
            )

    def watch(self, pod: Pod, index: int) -> None:
        """Begin with a process that has just started."""
        container = pod.containers[index]
        if self.kubelet.instant:
            container.started = True
            self.kubelet.set_container_ready(pod, container, True)
        for worker in container.probes:
            worker.on_hold = False
            if worker.kind != READINESS:
                self._plan(worker)
        if container.started:
            self._watch_readiness(pod, container)
        for other in pod.containers:
            if other is not container and other.running and other.started and not other.ready:
                self._look_now(other)

    def _watch_readiness(self, pod: Pod, container: ContainerState) -> None:
        if container.spec.readiness_probe is None:
            self._follow(pod, container)
        else:
            self._look_now(container)

    # ------------------------------------------------------------------------- without a probe

    def _follow(self, pod: Pod, container: ContainerState) -> None:
        """Be ready exactly while the process answers."""
        now = self.clock.now
        self.kubelet.set_container_ready(pod, container, answers(container, now))
        change = next_change(container, now)
        if change < math.inf:
            self.clock.at(change, KUBELET, self._follow_on, (pod, container, container.started_at))

    def _follow_on(self, plan: tuple[Pod, ContainerState, float]) -> None:
        pod, container, started_at = plan
        if container.running and container.started_at == started_at:
            self._follow(pod, container)

    # --------------------------------------------------------------------------- with probes

    def _look_now(self, container: ContainerState) -> None:
        """Look at readiness at once, and every period from now on.

        Whenever the status of a pod is made anew, a container that is started but not ready is
        looked at (``UpdatePodStatus`` in ``prober_manager.go``).
        """
        for worker in container.probes:
            if worker.kind == READINESS:
                worker.origin = self.clock.now
                self._look(worker)
                self._plan(worker)

    def _plan(self, worker: Worker) -> None:
        time = worker.next_look(self.clock.now)
        plan = (worker, worker.origin, worker.container.started_at)
        self.clock.at(time, KUBELET, self._run, plan)

    def _run(self, plan: tuple[Worker, float, float]) -> None:
        worker, origin, started_at = plan
        container = worker.container
        if worker.origin != origin or container.started_at != started_at:
            return  # planned anew since
        # While others of a terminating pod still stop, the pod's status has this one as running,
        # so that it is still asked whether it is ready, and does not answer.
        runs = container.running or is_untold(worker.pod, container)
        if runs and self._look(worker):
            self._plan(worker)

    def _look(self, worker: Worker) -> bool:
        """Look once; return False if this process is not looked at again.

        Notes
        -----
        ``doProbe`` (``worker.go``). It counts the initial delay from the start in the pod's
        status, a whole second of the wall clock (``normalizeStatus``, ``status_manager.go``).
        """
        kind, pod, container = worker.kind, worker.pod, worker.container
        if kind != READINESS and pod.deleted_at is not None:
            return False
        now = self.clock.now
        since = now - self.kubelet.store.stamp(container.started_at)
        if int(since + 1e-9) < worker.probe.initial_delay_seconds:
            return True
        if container.started == (kind == STARTUP):
            return kind != STARTUP  # the others wait until the startup probe has passed
        success = answers(container, now)
        if not success:
            message = failure_message(kind, pod, container, self.kubelet.store)
            self.kubelet.probe_failed(pod, container, message)
        if worker.count(success):
            return self._conclude(worker, success)
        return True

    def _conclude(self, worker: Worker, success: bool) -> bool:
        kind, pod, container = worker.kind, worker.pod, worker.container
        if kind == READINESS:
            self.kubelet.set_container_ready(pod, container, success)
        elif not success:
            worker.on_hold = True
            worker.in_a_row = 0
            self.kubelet.kill_container(
                pod,
                pod.containers.index(container),
                f"Container {container.spec.name} failed {kind.lower()} probe, will be restarted",
                worker.probe.termination_grace_period_seconds,
            )
        elif kind == STARTUP:
            container.started = True
            self._watch_readiness(pod, container)
            return False
        return not worker.on_hold


def failure_message(kind: str, pod: Pod, container: ContainerState, store: Store) -> str:
    """Return the text of the Event Unhealthy, as the probe's handler would have it."""
    spec = find_container(pod, container.spec.name)
    probe = spec.get(f"{kind.lower()}Probe") or {}
    if "tcpSocket" in probe:
        address = f"{pod_ip(pod, store)}:{probe['tcpSocket'].get('port')}"
        output = f"dial tcp {address}: connect: connection refused"
    elif "grpc" in probe:
        output = 'service unhealthy (responded with "NOT_SERVING")'
    elif "exec" in probe:
        output = ""  # what the command prints
    else:
        output = "HTTP probe failed with statuscode: 503"
    return f"{kind} probe failed: {output}"


def find_container(pod: Pod, name: str) -> dict[str, Any]:
    """Return a container of the pod's template as the API has it; empty if there is none."""
    spec = pod.group.template_manifest.get("spec", {})
    return next((c for c in spec.get("containers", ()) if c["name"] == name), {})
