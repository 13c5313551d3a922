"""The READY, STATUS and RESTARTS cells of a pod.

Follows ``printPod`` of ``pkg/printers/internalversion/printers.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rollnb.kubectl.ages import age, unix

Object = dict[str, Any]


@dataclass(frozen=True)
class PodCells:
    """What ``kubectl get pods`` says of one pod beside its name and age."""

    ready: str
    status: str
    restarts: str


class _Counts:
    """What the container statuses add up to, while they are read one after the other."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.ready = 0
        self.restarts = 0
        self.last_restart: str | None = None

    def add_restarts(self, container: Object) -> None:
        """Count a container's restarts, and remember the latest end of a process."""
        self.restarts += container.get("restartCount") or 0
        ended = ((container.get("lastState") or {}).get("terminated") or {}).get("finishedAt")
        if ended and (self.last_restart is None or unix(ended) > unix(self.last_restart)):
            self.last_restart = ended


def pod_cells(pod: Object, now: float) -> PodCells:
    """Return the cells of a pod as they are at the unix second `now`.

    Notes
    -----
    The status is the first container's with something to tell, that of an init container that has
    not succeeded before all others, and ``Terminating`` from the deletion until the processes have
    ended: then the exit of the containers shows again (``Error``, ``Completed``).
    """
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    phase = status.get("phase") or ""
    conditions = {c["type"]: c for c in status.get("conditions") or ()}
    shown = status.get("reason") or phase
    if conditions.get("PodScheduled", {}).get("reason") == "SchedulingGated":
        shown = "SchedulingGated"

    init_containers = spec.get("initContainers") or []
    sidecars = {c.get("name") for c in init_containers if c.get("restartPolicy") == "Always"}
    n_sidecars = sum(c.get("restartPolicy") == "Always" for c in init_containers)
    total = len(spec.get("containers") or ()) + n_sidecars

    counts = _Counts(shown)
    sidecar_counts = _Counts(shown)
    init_statuses = status.get("initContainerStatuses") or ()
    initializing = _read_init_containers(
        init_statuses, len(init_containers), sidecars, counts, sidecar_counts
    )
    initialized = conditions.get("Initialized", {}).get("status") == "True"
    if not initializing or initialized:
        # Restarts of init containers are forgotten, but for those of sidecars, which still run.
        counts.restarts = sidecar_counts.restarts
        counts.last_restart = sidecar_counts.last_restart
        is_ready = conditions.get("Ready", {}).get("status") == "True"
        _read_containers(status.get("containerStatuses") or (), is_ready, counts)

    if pod["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            counts.status = "Unknown"
        elif phase not in ("Succeeded", "Failed"):
            counts.status = "Terminating"
    restarts = str(counts.restarts)
    if counts.restarts and counts.last_restart:
        restarts += f" ({age(counts.last_restart, now)} ago)"
    return PodCells(f"{counts.ready}/{total}", counts.status, restarts)


def _read_init_containers(
    statuses: Any, total: int, sidecars: set, counts: _Counts, sidecar: _Counts
) -> bool:
    """Read up to the first init container that is not done; return whether there is one."""
    for index, container in enumerate(statuses):
        state = container.get("state") or {}
        is_sidecar = container.get("name") in sidecars
        counts.add_restarts(container)
        if is_sidecar:
            sidecar.add_restarts(container)
        terminated, waiting = state.get("terminated"), state.get("waiting")
        if terminated is not None and not terminated.get("exitCode"):
            continue
        if is_sidecar and container.get("started"):
            counts.ready += bool(container.get("ready"))
            continue
        if terminated is not None:
            counts.status = "Init:" + _end(terminated)
        elif waiting and waiting.get("reason", "PodInitializing") != "PodInitializing":
            counts.status = "Init:" + waiting["reason"]
        else:
            counts.status = f"Init:{index}/{total}"
        return True
    return False


def _read_containers(statuses: Any, pod_is_ready: bool, counts: _Counts) -> None:
    """Read the containers from last to first: the first one with something to tell wins.

    Only an end without error does not hide that another container has failed.
    """
    running = failed = False
    for container in reversed(statuses):
        state = container.get("state") or {}
        counts.add_restarts(container)
        terminated, waiting = state.get("terminated"), state.get("waiting")
        if waiting and waiting.get("reason"):
            counts.status = waiting["reason"]
        elif terminated is not None:
            if terminated.get("exitCode") or not failed:
                counts.status = _end(terminated)
            failed = failed or bool(terminated.get("exitCode"))
        elif container.get("ready") and state.get("running") is not None:
            running = True
            counts.ready += 1
    if counts.status == "Completed" and running:
        counts.status = "Running" if pod_is_ready else "NotReady"


def _end(terminated: Object) -> str:
    """Return why a process ended: the reason, else its signal or exit code."""
    if terminated.get("reason"):
        return terminated["reason"]
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode') or 0}"
