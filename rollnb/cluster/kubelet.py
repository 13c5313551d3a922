"""The kubelet: when a pod's containers pull, start, are ready, fail and stop.

Follows ``pkg/kubelet`` of Kubernetes 1.36: ``images/image_manager.go`` (pull back-off),
``kuberuntime/kuberuntime_manager.go`` (crash back-off, one container started after the other) and
``kuberuntime/kuberuntime_container.go`` (preStop, SIGTERM, SIGKILL). Every pod pulls its image:
there is no cache of images on the nodes, and init containers take no time.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from rollnb.cluster import lifecycle
from rollnb.cluster.behaviour import INSTANT, Behaviour
from rollnb.cluster.clock import KUBELET, Clock
from rollnb.cluster.constants import KUBELET as KUBELET_TIMES
from rollnb.cluster.control_plane import ControlPlane
from rollnb.cluster.log import Fact
from rollnb.cluster.objects import ContainerState, Pod
from rollnb.cluster.pod_resources import NOT_FOUND, full_name
from rollnb.cluster.posting import EventLog
from rollnb.cluster.probes import Prober
from rollnb.cluster.store import Store
from rollnb.spec import Image

#: Seconds to the next look at a pod: after its status changed (PLEG), and after a failed sync.
RELIST_SECONDS = float(KUBELET_TIMES["pleg_relist_seconds"])
#: The latter is made longer by chance, by up to half (``workerBackOffPeriodJitterFactor`` in
#: ``pkg/kubelet/pod_workers.go``); the same for all pods here, so that runs repeat.
JITTER = 1.2
BACK_OFF_PERIOD_SECONDS = JITTER * float(KUBELET_TIMES["back_off_period_seconds"])
#: The most that it waits for a back-off to end (``syncFrequency`` of its configuration).
RESYNC_SECONDS = 60.0
#: What every image is said to have: the model pulls by time, not by size.
IMAGE_BYTES = 25_000_000
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
        registry: Mapping[str, Image] | None,
        rng: random.Random,
    ) -> None:
        self.store = store
        self.clock = clock
        self.events = events
        self.registry = registry
        self.rng = rng
        self._starting: Pod | None = None
        self.instant = False  # everything at once, while a cluster is set up
        self.start_seconds = control_plane.kubelet_seconds
        self.report_seconds = control_plane.report_seconds
        self.gone_seconds = control_plane.gone_seconds
        self.prober = Prober(self, clock)
        store.pod_bound.append(self._accept)
        store.pod_deleted.append(self._terminate)

    def _after(self, seconds: float, action, pod: Pod, index: int = 0) -> None:
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
                if self.registry is not None:
                    name = container.spec.image
                    self.registry.setdefault(name, Image(name))
                container.behaviour = Behaviour(self._image(container.spec.image, pod), self.rng)
                container.behaviour.settled = True

    def _run(self, plan) -> None:
        action, pod, index, token = plan
        if token == pod.token:
            action(pod, index)

    def _report(self, pod: Pod) -> None:
        self.store.tell("MODIFIED", "Pod", pod)

    def _event(self, pod: Pod, type: str, reason: str, message: str) -> None:
        self.events.note(type, reason, message, "Pod", pod.name, "kubelet", pod.uid)

    # ------------------------------------------------------------------------ pulling and starting

    def _accept(self, pod: Pod) -> None:
        seconds = 0.0 if self.instant else self.start_seconds
        self._after(seconds, self._create_containers, pod)

    def _create_containers(self, pod: Pod, _: int) -> None:
        for container in pod.containers:
            image = self._image(container.spec.image, pod)
            container.behaviour = Behaviour(INSTANT if self.instant else image, self.rng)
            container.waiting = "ContainerCreating"
        self.prober.add_pod(pod)
        self._report(pod)
        self._pull(pod, 0)

    def _image(self, name: str, pod: Pod) -> Image:
        image = (self.registry or {}).get(name) or Image(name)
        if pod.ordinal is not None and pod.ordinal in image.by_ordinal:
            return image.by_ordinal[pod.ordinal]
        return image

    def _has_image(self, name: str) -> bool:
        return self.registry is None or name in self.registry

    def _pull(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        container.begun = True
        name = container.spec.image
        self._event(pod, "Normal", "Pulling", lifecycle.pull_events(name, NOT_FOUND)[0])
        if self.instant or self._has_image(name):
            if container.failed_pulls:  # the image was not known when the pod came here
                container.behaviour = Behaviour(self._image(name, pod), self.rng)
            self._after(container.behaviour.pull, self._pulled, pod, index)
        else:
            self._after(container.behaviour.pull_fails_after, self._pull_failed, pod, index)

    def _pull_failed(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        container.failed_pulls += 1
        container.waiting = "ErrImagePull"
        text = lifecycle.pull_events(container.spec.image, NOT_FOUND)[1]
        self._event(pod, "Warning", "Failed", text)
        self._event(pod, "Warning", "Failed", "Error: ErrImagePull")
        self._report(pod)
        first = container.failed_pulls == 1
        look = RELIST_SECONDS if first else BACK_OFF_PERIOD_SECONDS
        wait = lifecycle.pull_backoff_seconds(container.failed_pulls)
        while look < wait:
            self._after(look, self._back_off_pull, pod, index)
            look += BACK_OFF_PERIOD_SECONDS
        self._after(wait, self._pull, pod, index)
        if first:
            self._next_container(pod, index)

    def _back_off_pull(self, pod: Pod, index: int) -> None:
        """Look at a pod whose pull has to wait; each such look is said."""
        container = pod.containers[index]
        text = lifecycle.pull_events(container.spec.image, NOT_FOUND)[2]
        self._event(pod, "Normal", "BackOff", text)
        self._event(pod, "Warning", "Failed", "Error: ImagePullBackOff")
        self._set_waiting(pod, container, "ImagePullBackOff")

    def _set_waiting(self, pod: Pod, container: ContainerState, reason: str) -> None:
        if container.waiting != reason:
            container.waiting = reason
            self._report(pod)

    def _pulled(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        container.pulled_at = self.clock.now
        seconds = container.behaviour.pull
        self._event(
            pod,
            "Normal",
            "Pulled",
            lifecycle.pulled_event(container.spec.image, seconds, IMAGE_BYTES),
        )
        self._after(container.behaviour.start, self._started, pod, index)

    def _next_container(self, pod: Pod, index: int) -> None:
        if index + 1 < len(pod.containers) and not pod.containers[index + 1].begun:
            self._pull(pod, index + 1)

    def _started(self, pod: Pod, index: int) -> None:
        store = self.store
        container = pod.containers[index]
        was_running = any(c.running for c in pod.containers)
        first = container.attempts == 0
        container.attempts += 1
        container.waiting = ""
        if not first:
            present = lifecycle.pulled_event(container.spec.image, None, IMAGE_BYTES)
            self._event(pod, "Normal", "Pulled", present)
            container.last_started_at = container.started_at
            container.last_exited_at = container.exited_at
            container.last_exit_code = container.exit_code
        container.started_at = self.clock.now
        container.exited_at = container.exit_code = None
        container.started = container.spec.startup_probe is None
        self._event(pod, "Normal", "Created", "Container created")
        self._event(pod, "Normal", "Started", "Container started")
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
            self._after(behaviour.crash_after, self._crashed, pod, index)
        self._starting = pod
        self.prober.watch(pod, index)
        self._starting = None
        self._report(pod)
        if first:
            self._next_container(pod, index)

    # --------------------------------------------------------------------------------- readiness

    def set_container_ready(self, pod: Pod, container: ContainerState, ready: bool) -> None:
        """Note what the probes say of a container, and what follows for the pod."""
        if container.ready == ready:
            return
        container.ready = ready
        if pod is self._starting:
            self._sync_ready(pod)  # running and ready in one report
        else:
            self._after(self.report_seconds, self._update_ready, pod)

    def _update_ready(self, pod: Pod, _: int) -> None:
        if self._sync_ready(pod):
            self._report(pod)

    def _sync_ready(self, pod: Pod) -> bool:
        ready = all(c.ready for c in pod.containers)
        changed = ready != pod.ready
        self.store.set_ready(pod, ready)
        return changed

    # ----------------------------------------------------------------------- crashes and restarts

    def _crashed(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        age = self.clock.now - container.started_at
        if age >= container.behaviour.crash_after - 1e-6:  # else restarted since
            self._exited(pod, index, 1)

    def probe_failed(self, pod: Pod, message: str) -> None:
        """Say that a look at a container did not end well."""
        self._event(pod, "Warning", "Unhealthy", message)

    def kill_container(self, pod: Pod, index: int, message: str, grace: int | None) -> None:
        """Stop a container whose probe failed, with the probe's grace; it is started again.

        ``setTerminationGracePeriod`` (``kuberuntime_container.go``).
        """
        container = pod.containers[index]
        self._event(pod, "Normal", "Killing", message)
        behaviour = container.behaviour
        if grace is None:
            grace = pod.group.template.termination_grace_period_seconds
        sigterm, sigkill = lifecycle.termination_plan(grace, container.spec.pre_stop_seconds)
        if behaviour.ignores_sigterm or sigterm + behaviour.stop > sigkill:
            self._after(sigkill, self._killed, pod, index)
        else:
            self._after(sigterm + behaviour.stop, self._stopped, pod, index)

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
        self._report(pod)
        look, wait = 0.0 if by_probe else RESTART_SECONDS, self._back_off(container, by_probe)
        self._after(max(look, wait), self._restart, pod, index)
        while look < wait:
            self._after(look, self._back_off_crash, pod, index)
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
        self._event(pod, "Warning", "BackOff", lifecycle.crash_event(container.spec.name, name))
        self._set_waiting(pod, container, "CrashLoopBackOff")

    def _restart(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        container.restarts += 1
        container.behaviour.settled = False
        self._started(pod, index)

    # -------------------------------------------------------------------------------- termination

    def _terminate(self, pod: Pod) -> None:
        pod.token += 1  # nothing planned so far happens, unless it is planned anew below
        if not any(c.running for c in pod.containers):
            # What never ran needs no grace period.
            self._after(0.0 if pod.node is None else self.gone_seconds, self._gone, pod)
            return
        for index, container in enumerate(pod.containers):
            if not container.running:
                continue
            name = container.spec.name
            self._event(pod, "Normal", "Killing", f"Stopping container {name}")
            behaviour = container.behaviour
            # A second deletion may leave less time; what was asked for before goes on.
            waited = self.clock.now - pod.deleted_at
            grace = pod.grace_seconds - waited
            sigterm, sigkill = lifecycle.termination_plan(grace, container.spec.pre_stop_seconds)
            ends = max(sigterm + behaviour.stop - waited, 0.0)
            if self.instant or grace <= 0:
                self._after(0.0, self._ended, pod, index)
            elif behaviour.ignores_sigterm or ends > sigkill:
                self._after(sigkill, self._ended_by_sigkill, pod, index)
            else:
                self._after(ends, self._ended, pod, index)

    def _ended_by_sigkill(self, pod: Pod, index: int) -> None:
        pod.containers[index].exit_code = 137
        self._ended(pod, index)

    def _ended(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        if container.exit_code is None:
            container.exit_code = 0
        container.exited_at = self.clock.now
        container.ready = False
        if any(c.running for c in pod.containers):
            self._report(pod)
            return
        self.store.fact(Fact.STOPPED, pod)
        failed = any(c.exit_code for c in pod.containers)
        self.store.end_pod(pod, "Failed" if failed else "Succeeded")
        self._report(pod)
        self._after(self.gone_seconds, self._gone, pod)

    def _gone(self, pod: Pod, _: int) -> None:
        self._report(pod)  # the deletion with grace period 0
        self.store.remove_pod(pod)
