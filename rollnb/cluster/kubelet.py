"""The kubelet: when a pod's containers pull, start, are ready, fail and stop.

Follows ``pkg/kubelet/kuberuntime`` of Kubernetes 1.36: ``kuberuntime_manager.go`` (crash back-off,
one container started after the other) and ``kuberuntime_container.go`` (preStop, SIGTERM,
SIGKILL). Init containers take no time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, MutableMapping

from rollnb.cluster import lifecycle
from rollnb.cluster.clock import KUBELET, Clock
from rollnb.cluster.control_plane import ControlPlane
from rollnb.cluster.image_manager import IMAGE_BYTES, JITTER, ImageManager
from rollnb.cluster.log import Fact
from rollnb.cluster.objects import ContainerState, Pod
from rollnb.cluster.pod_status import full_name, waits_for
from rollnb.cluster.posting import EventLog
from rollnb.cluster.probes import Prober
from rollnb.cluster.store import Store
from rollnb.spec import Image

#: The most that it waits for a back-off to end (``syncFrequency`` of its configuration).
RESYNC_SECONDS = 60.0
#: Seconds until an ended process is noticed: its restart, or the back-off, follows.
RESTART_SECONDS = 0.5


class Kubelet:
    """The kubelets of all nodes.

    Parameters
    ----------
    registry : dict of Image, or None
        The images that can be pulled, by name; None: any image, with the defaults of `Image`.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: EventLog,
        control_plane: ControlPlane,
        registry: MutableMapping[str, Image] | None,
        rng: random.Random,
    ) -> None:
        self.store = store
        self.clock = clock
        self.events = events
        self.images = ImageManager(self, registry, rng)
        self._starting: Pod | None = None
        self.instant = False  # everything at once, while a cluster is set up
        self.start_seconds = control_plane.kubelet_seconds
        self.report_seconds = control_plane.report_seconds
        self.gone_seconds = control_plane.gone_seconds
        self.prober = Prober(self, clock)
        store.pod_bound.append(self._accept)
        store.pod_deleted.append(self._terminate)

    def after(
        self, seconds: float, action: Callable[[Pod, int], None], pod: Pod, index: int = 0
    ) -> None:
        """Let `action` happen in so many seconds, unless the pod's plans change before."""
        self.clock.at(
            self.clock.now + seconds, KUBELET, self._run, (action, pod, index, pod.token)
        )

    def draw_behaviours(self) -> None:
        """Let the pods that exist behave as their images say, after an instant set-up.

        What runs has been pulled once, so the registry has it from now on.
        """
        for pod in self.store.objects["Pod"].values():
            for container in pod.containers:
                if self.images.registry is not None:
                    name = container.spec.image
                    self.images.registry.setdefault(name, Image(name))
                self.images.draw_behaviour(pod, container)
                container.behaviour.settled = True

    def _run(self, plan) -> None:
        action, pod, index, token = plan
        if token == pod.token:
            action(pod, index)

    def report(self, pod: Pod) -> None:
        """Write the status of a pod."""
        self.store.report_pod(pod)

    def event(
        self, pod: Pod, container: ContainerState, type: str, reason: str, message: str
    ) -> None:
        """Say what happens to a container."""
        self.events.note(type, reason, message, pod, "kubelet", container.spec.name)

    # ----------------------------------------------------------------------------------- starting

    def _accept(self, pod: Pod) -> None:
        seconds = 0.0 if self.instant else self.start_seconds
        self.after(seconds, self._create_containers, pod)

    def _create_containers(self, pod: Pod, _: int) -> None:
        for container in pod.containers:
            self.images.draw_behaviour(pod, container)
            container.waiting = "ContainerCreating"
        self.prober.add_pod(pod)
        self.report(pod)
        self.images.pull(pod, 0)

    def set_waiting(self, pod: Pod, container: ContainerState, reason: str) -> None:
        """Note why a container does not run."""
        if container.waiting != reason:
            container.waiting = reason
            self.report(pod)

    def start_container(self, pod: Pod, index: int) -> None:
        """Start a container whose image is there."""
        store = self.store
        container = pod.containers[index]
        was_running = any(c.running for c in pod.containers)
        first = container.attempts == 0
        container.attempts += 1
        container.waiting = ""
        if not first:
            present = lifecycle.pulled_event(container.spec.image, None, IMAGE_BYTES)
            self.event(pod, container, "Normal", "Pulled", present)
            container.last_started_at = container.started_at
            container.last_exited_at = container.exited_at
            container.last_exit_code = container.exit_code
        container.started_at = self.clock.now
        container.exited_at = container.exit_code = None
        container.started = container.spec.startup_probe is None
        self.event(pod, container, "Normal", "Created", "Container created")
        self.event(pod, container, "Normal", "Started", "Container started")
        if not was_running:
            if pod.started_at is None:
                pod.started_at = self.clock.now
            store.fact(Fact.STARTED, pod)
        if all(c.attempts for c in pod.containers):
            pod.phase = "Running"
        behaviour = container.behaviour
        if behaviour.crash_after is not None and (
            behaviour.crash_count is None or container.attempts <= behaviour.crash_count
        ):
            self.after(behaviour.crash_after, self._crashed, pod, index)
        self._starting = pod
        self.prober.watch(pod, index)
        self._starting = None
        self.report(pod)
        if first:
            self.images.pull_next(pod, index)

    # --------------------------------------------------------------------------------- readiness

    def set_container_ready(self, pod: Pod, container: ContainerState, ready: bool) -> None:
        """Note what the probes say of a container, and what follows for the pod."""
        if container.ready == ready:
            return
        container.ready = ready
        if pod is self._starting:
            self._sync_ready(pod)  # running and ready in one report
        else:
            self.after(self.report_seconds, self._update_ready, pod)

    def _update_ready(self, pod: Pod, _: int) -> None:
        if self._sync_ready(pod):
            self.report(pod)

    def _sync_ready(self, pod: Pod) -> bool:
        ready = all(c.ready for c in pod.containers) and not waits_for(pod)
        changed = ready != pod.ready
        self.store.set_ready(pod, ready)
        return changed

    # ----------------------------------------------------------------------- crashes and restarts

    def _crashed(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        age = self.clock.now - container.started_at
        if age >= container.behaviour.crash_after - 1e-6:  # else restarted since
            self._exited(pod, index, 1)

    def probe_failed(self, pod: Pod, container: ContainerState, message: str) -> None:
        """Say that a look at a container did not end well."""
        self.event(pod, container, "Warning", "Unhealthy", message)

    def kill_container(self, pod: Pod, index: int, message: str, grace: int | None) -> None:
        """Stop a container whose probe failed, with the probe's grace; it is started again.

        ``setTerminationGracePeriod`` (``kuberuntime_container.go``).
        """
        container = pod.containers[index]
        self.event(pod, container, "Normal", "Killing", message)
        behaviour = container.behaviour
        if grace is None:
            grace = pod.group.template.termination_grace_period_seconds
        sigterm, sigkill = lifecycle.termination_plan(grace, container.spec.pre_stop_seconds)
        if behaviour.ignores_sigterm or sigterm + behaviour.stop > sigkill:
            self.after(sigkill, self._killed, pod, index)
        else:
            self.after(sigterm + behaviour.stop, self._stopped, pod, index)

    def _killed(self, pod: Pod, index: int) -> None:
        self._exited(pod, index, 137, by_probe=True)

    def _stopped(self, pod: Pod, index: int) -> None:
        self._exited(pod, index, 0, by_probe=True)

    def _exited(self, pod: Pod, index: int, exit_code: int, *, by_probe: bool = False) -> None:
        container = pod.containers[index]
        if not container.running:
            return
        container.exited_at = self.clock.now
        container.exit_code = exit_code
        container.ready = False
        if not any(c.running for c in pod.containers):
            self.store.fact(Fact.STOPPED, pod)
        self.store.set_ready(pod, False)
        self.report(pod)
        look, wait = 0.0 if by_probe else RESTART_SECONDS, self._back_off(container, by_probe)
        self.after(max(look, wait), self._restart, pod, index)
        while look < wait:
            self.after(look, self._back_off_crash, pod, index)
            # The error of the sync says when the back-off is over (``completeWork``).
            look += JITTER * min(wait - look, RESYNC_SECONDS)

    def _back_off(self, container: ContainerState, by_probe: bool) -> float:
        """Return how long a container that has ended waits for its next start, in seconds.

        ``doBackOff`` (``kuberuntime_manager.go``): where a probe ended the process, the kubelet
        counts from the end of the process before, for it has not yet looked again.
        """
        started_at, exited_at = container.started_at, container.exited_at
        if by_probe:
            if container.last_exited_at is None:
                return 0.0
            started_at, exited_at = container.last_started_at, container.last_exited_at
        wait = lifecycle.crash_backoff_seconds(container.backoff, exited_at - started_at)
        container.backoff = wait
        return wait if self.clock.now - exited_at < wait else 0.0

    def _back_off_crash(self, pod: Pod, index: int) -> None:
        """Look at a pod whose restart has to wait; each such look is said."""
        container = pod.containers[index]
        name = full_name(pod, self.events.namespace)
        self.event(
            pod, container, "Warning", "BackOff", lifecycle.crash_event(container.spec.name, name)
        )
        self.set_waiting(pod, container, "CrashLoopBackOff")

    def _restart(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        container.restarts += 1
        container.behaviour.settled = False
        self.start_container(pod, index)

    # -------------------------------------------------------------------------------- termination

    def _terminate(self, pod: Pod) -> None:
        pod.token += 1  # nothing planned so far happens, unless it is planned anew below
        if not any(c.running for c in pod.containers):
            # What never ran needs no grace period.
            self.after(0.0 if pod.node is None else self.gone_seconds, self._gone, pod)
            return
        for index, container in enumerate(pod.containers):
            if not container.running:
                continue
            name = container.spec.name
            self.event(pod, container, "Normal", "Killing", f"Stopping container {name}")
            behaviour = container.behaviour
            # A second deletion may leave less time; what was asked for before goes on.
            waited = self.clock.now - pod.deleted_at
            grace = pod.grace_seconds - waited
            sigterm, sigkill = lifecycle.termination_plan(grace, container.spec.pre_stop_seconds)
            ends = max(sigterm + behaviour.stop - waited, 0.0)
            if self.instant or grace <= 0:
                self.after(0.0, self._ended, pod, index)
            elif behaviour.ignores_sigterm or ends > sigkill:
                self.after(sigkill, self._ended_by_sigkill, pod, index)
            else:
                self.after(ends, self._ended, pod, index)

    def _ended_by_sigkill(self, pod: Pod, index: int) -> None:
        pod.containers[index].exit_code = 137
        self._ended(pod, index)

    def _ended(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        if container.exit_code is None:
            container.exit_code = 0
        container.exited_at = self.clock.now
        if any(c.running for c in pod.containers):
            return  # told only once all have ended (``SyncTerminatingPod``, ``kubelet.go``)
        for each in pod.containers:
            each.ready = False
        self.store.fact(Fact.STOPPED, pod)
        failed = any(c.exit_code for c in pod.containers)
        self.store.end_pod(pod, "Failed" if failed else "Succeeded")
        self.report(pod)
        self.after(self.gone_seconds, self._gone, pod)

    def _gone(self, pod: Pod, _: int) -> None:
        self.report(pod)  # the deletion with grace period 0
        self.store.remove_pod(pod)
