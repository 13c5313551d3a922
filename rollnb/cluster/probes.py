"""Probes: when a container counts as started and ready, and when it is killed for not answering.

Without a readiness probe in the manifest, a container is ready as soon as its process answers
(`Image.ready_seconds` after its start); with one, at the look that notices. Follows
``pkg/kubelet/prober/worker.go`` (Kubernetes 1.36): a look every period after the initial delay;
readiness and liveness wait for the startup probe. Left out: the random delay of the first look
after a restart of the kubelet itself, and the time a look takes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rollnb.cluster.clock import KUBELET, Clock
from rollnb.cluster.objects import ContainerState, Pod
from rollnb.spec import Probe

if TYPE_CHECKING:
    from rollnb.cluster.kubelet import Kubelet


class Prober:
    """Looks after the probes of all containers."""

    def __init__(self, kubelet: Kubelet, clock: Clock) -> None:
        self.kubelet = kubelet
        self.clock = clock

    def watch(self, pod: Pod, index: int) -> None:
        """Begin with a container that has just started."""
        container = pod.containers[index]
        spec = container.spec
        if spec.startup_probe is not None:
            self._plan(pod, container, spec.startup_probe, self._startup)
            return
        self._watch_started(pod, container)

    def _watch_started(self, pod: Pod, container: ContainerState) -> None:
        spec = container.spec
        if spec.readiness_probe is None:
            self._follow(pod, container)
        else:
            self._plan(pod, container, spec.readiness_probe, self._readiness)
        if spec.liveness_probe is not None:
            self._plan(pod, container, spec.liveness_probe, self._liveness)

    # ------------------------------------------------------------------------- without a probe

    def _follow(self, pod: Pod, container: ContainerState) -> None:
        """Be ready exactly while the process answers."""
        change = next_change(container, self.clock.now)
        self.kubelet.set_container_ready(pod, container, answers(container, self.clock.now))
        if change < math.inf:
            self._at(change, pod, container, self._follow_on, None, None)

    def _follow_on(self, pod: Pod, container: ContainerState, _probe, _state) -> None:
        self._follow(pod, container)

    # --------------------------------------------------------------------------- with probes

    def _plan(self, pod: Pod, container: ContainerState, probe: Probe, look) -> None:
        first = self.clock.now + probe.initial_delay_seconds
        self._at(first, pod, container, look, probe, [0, 0])

    def _at(self, time: float, pod: Pod, container: ContainerState, look, probe, state) -> None:
        plan = (look, pod, container, container.started_at, probe, state)
        self.clock.at(time, KUBELET, self._run, plan)

    def _run(self, plan) -> None:
        look, pod, container, started_at, probe, state = plan
        if container.running and container.started_at == started_at:
            look(pod, container, probe, state)

    def _count(self, container: ContainerState, state: list) -> bool:
        """Look once; keep successes and failures in a row in `state`."""
        success = answers(container, self.clock.now)
        if success:
            state[0], state[1] = state[0] + 1, 0
        else:
            state[0], state[1] = 0, state[1] + 1
        return success

    def _again(self, pod: Pod, container: ContainerState, look, probe: Probe, state) -> None:
        self._at(self.clock.now + probe.period_seconds, pod, container, look, probe, state)

    def _startup(self, pod: Pod, container: ContainerState, probe: Probe, state) -> None:
        self._count(container, state)
        if state[0] >= 1:
            container.started = True
            self._watch_started(pod, container)
        elif state[1] >= probe.failure_threshold:
            self._kill(pod, container, "startup")
        else:
            self._again(pod, container, self._startup, probe, state)

    def _readiness(self, pod: Pod, container: ContainerState, probe: Probe, state) -> None:
        self._count(container, state)
        if state[0] >= probe.success_threshold:
            self.kubelet.set_container_ready(pod, container, True)
        elif state[1] >= probe.failure_threshold or not container.ready:
            self.kubelet.set_container_ready(pod, container, False)
        self._again(pod, container, self._readiness, probe, state)

    def _liveness(self, pod: Pod, container: ContainerState, probe: Probe, state) -> None:
        self._count(container, state)
        if state[1] >= probe.failure_threshold:
            self._kill(pod, container, "liveness")
        else:
            self._again(pod, container, self._liveness, probe, state)

    def _kill(self, pod: Pod, container: ContainerState, kind: str) -> None:
        if pod.deleted_at is not None:
            return  # only readiness is still looked at while a pod terminates
        name = container.spec.name
        self.kubelet.kill_container(
            pod,
            pod.containers.index(container),
            f"Container {name} failed {kind} probe, will be restarted",
        )


def answers(container: ContainerState, now: float) -> bool:
    """Whether the process gives good answers at `now`, by its image's behaviour."""
    behaviour = container.behaviour
    if behaviour.ready is None or not container.running:
        return False
    since = now - container.started_at - behaviour.ready
    if since < -1e-9:
        return False
    if behaviour.unready_after is None:
        return True
    if behaviour.unready_for is None:
        return since < behaviour.unready_after - 1e-9
    cycle = behaviour.unready_after + behaviour.unready_for
    # The slack keeps sums of durations on the right side of the edge.
    return (since + 1e-9) % cycle < behaviour.unready_after


def next_change(container: ContainerState, now: float) -> float:
    """Return when `answers` changes next (seconds of the clock; inf: never)."""
    behaviour = container.behaviour
    if behaviour.ready is None:
        return math.inf
    first = container.started_at + behaviour.ready
    if now < first - 1e-9:
        return first
    if behaviour.unready_after is None:
        return math.inf
    if behaviour.unready_for is None:
        end = first + behaviour.unready_after
        return end if now < end - 1e-9 else math.inf
    cycle = behaviour.unready_after + behaviour.unready_for
    whole = math.floor((now - first + 1e-9) / cycle) * cycle
    within = now - first - whole
    if within + 1e-9 < behaviour.unready_after:
        return first + whole + behaviour.unready_after
    return first + whole + cycle
