"""How long a pod's steps take and what they are called: back-offs, termination, endpoints.

Follows ``pkg/kubelet/images/image_manager.go``, ``pkg/kubelet/kuberuntime/kuberuntime_manager.go``
and ``kuberuntime_container.go``, ``client-go/util/flowcontrol/backoff.go`` and
``staging/src/k8s.io/endpointslice/utils.go`` (Kubernetes 1.36). All durations in seconds.
"""

from __future__ import annotations

from typing import NamedTuple


class BackOff(NamedTuple):
    """Waits that double up to a limit, in seconds."""

    initial: float = 10.0
    maximum: float = 300.0
    factor: int = 2

    @property
    def reset_after(self) -> float:
        """How long a thing must do well for its failures to be forgotten."""
        return 2 * self.maximum

    def after(self, previous: float) -> float:
        """Return the wait that follows on a wait; on none, the first one."""
        return min(self.factor * previous, self.maximum) if previous else self.initial


IMAGE_PULL_BACK_OFF = BackOff()
CRASH_LOOP_BACK_OFF = BackOff()
#: With the feature gate ReduceDefaultCrashLoopBackOffDecay, which is off.
REDUCED_CRASH_LOOP_BACK_OFF = BackOff(initial=1.0, maximum=60.0)


# ---------------------------------------------------------------------------------- pulling images


#: Why a container waits whose image cannot be had for another reason than a failed pull.
IMAGE_REASONS = {
    "bad_reference": "InvalidImageName",
    "never_and_absent": "ErrImageNeverPull",
    "registry_down": "RegistryUnavailable",
    "signature": "SignatureValidationFailed",
}


def pull_backoff_seconds(failures: int) -> float:
    """Return how long the kubelet waits after so many failed pulls: 10, 20, 40, … 300."""
    wait = 0.0
    for _ in range(failures):
        wait = IMAGE_PULL_BACK_OFF.after(wait)
        if wait == IMAGE_PULL_BACK_OFF.maximum:
            break
    return wait


def pull_waiting(
    image: str, error: str, failures: int, seconds_since: float
) -> tuple[str, str] | None:
    """Return reason and message of a container that waits for its image.

    Parameters
    ----------
    seconds_since : float
        Since the last failed pull. 0 shows the failure itself, a later look at the pod the
        back-off; None is returned when that is over and the image is pulled again.
    """
    if seconds_since >= pull_backoff_seconds(failures):
        return None
    if seconds_since == 0:
        return "ErrImagePull", error
    return "ImagePullBackOff", f"{pull_events(image, error)[2]}: ErrImagePull: {error}"


def pull_events(image: str, error: str) -> tuple[str, str, str]:
    """Return the texts of the Events Pulling, Failed and BackOff."""
    return (
        f'Pulling image "{image}"',
        f'Failed to pull image "{image}": {error}',
        f'Back-off pulling image "{image}"',
    )


def pulled_event(image: str, seconds: float | None, size: int) -> str:
    """Return the text of the Event Pulled.

    Parameters
    ----------
    seconds : float or None
        How long the pull took; None: the image was already there.
    size : int
        Of the image, in bytes.
    """
    if seconds is None:
        return (
            f'Container image "{image}" already present on machine and can be accessed by the pod'
        )
    took = format_duration(seconds)
    return (
        f'Successfully pulled image "{image}" in {took} ({took} including waiting). '
        f"Image size: {size} bytes."
    )


# ---------------------------------------------------------------------------------------- crashes


def crash_backoff_seconds(
    previous: float | None, ran_seconds: float, back_off: BackOff = CRASH_LOOP_BACK_OFF
) -> float:
    """Return how long a crashed container waits for its next start: 0, 10, 20, 40, … 300.

    Parameters
    ----------
    previous : float or None
        The wait before this start; None if nothing has crashed so far.
    ran_seconds : float
        From that start to the crash. After more than 10 minutes all is forgiven.
    """
    if previous is None or ran_seconds > back_off.reset_after:
        return 0.0
    return back_off.after(previous)


def crash_waiting(container: str, pod: str, delay_seconds: float) -> tuple[str, str]:
    """Return reason and message of a container that waits for its next start."""
    delay = format_duration(delay_seconds)
    message = f"back-off {delay} restarting failed container={container} pod={pod}"
    return "CrashLoopBackOff", message


def crash_event(container: str, pod: str) -> str:
    """Return the text of the Event BackOff."""
    return f"Back-off restarting failed container {container} in pod {pod}"


def format_duration(seconds: float) -> str:
    """Format seconds, to the millisecond, as Go does: ``500ms``, ``1.25s``, ``40s``, ``2m40s``."""
    milliseconds = int(seconds * 1000 + 1e-6)
    if 0 < milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, milliseconds = divmod(milliseconds, 60_000)
    text = f"{milliseconds / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    return f"{minutes}m{text}" if minutes else text


# ------------------------------------------------------------------------------------ termination


#: What a container gets between SIGTERM and SIGKILL, whatever the preStop hook has used up.
MINIMUM_GRACE_SECONDS = 2.0


class Termination(NamedTuple):
    """When a container is told to stop, in seconds after the deletion, and when it is made to."""

    sigterm_at: float
    sigkill_at: float


def termination_grace_seconds(template: float, deletion: float | None = None) -> float:
    """Return the grace period: the one given with the deletion wins over the template's.

    Notes
    -----
    A negative one in a template is 1 s in its pods (``Convert_v1_Pod_To_core_Pod``,
    ``pkg/apis/core/v1/conversion.go``).
    """
    grace = template if deletion is None else deletion
    return grace if grace >= 0 else 1.0


def runs_pre_stop(grace: float, pre_stop: float) -> bool:
    """Whether a preStop hook of so many seconds is run at all."""
    return pre_stop > 0 and grace > 0


def termination_plan(grace: float, pre_stop: float = 0.0) -> Termination:
    """Return when SIGTERM is sent and when, at the latest, SIGKILL.

    The preStop hook takes its time, in whole seconds, out of the grace period: 30 s of grace and a
    hook of 5 s leave 25 s. A hook that lasts longer than the grace period is cut off.

    Notes
    -----
    ``killContainer`` (``kuberuntime_container.go``).
    """
    sigterm_at = min(pre_stop, grace) if runs_pre_stop(grace, pre_stop) else 0.0
    left = max(grace - int(sigterm_at), MINIMUM_GRACE_SECONDS)
    return Termination(sigterm_at, sigterm_at + left)


# -------------------------------------------------------------------------------------- endpoints


class Endpoint(NamedTuple):
    """The conditions of a pod's endpoint in an EndpointSlice."""

    ready: bool
    serving: bool
    terminating: bool


def endpoint(
    phase: str, *, ready: bool, terminating: bool, publish_not_ready: bool, has_ip: bool
) -> Endpoint | None:
    """Return the endpoint of a pod that a Service selects; None if it has none.

    Notes
    -----
    ``ShouldPodBeInEndpoints`` and ``podToEndpoint`` (``endpointslice/utils.go``). A terminating
    pod is not ready, even while it still serves.
    """
    if phase in ("Succeeded", "Failed") or not has_ip:
        return None
    return Endpoint(publish_not_ready or (ready and not terminating), ready, terminating)


def in_endpoints_object(conditions: Endpoint | None, *, publish_not_ready: bool) -> bool:
    """Whether the pod is in the older Endpoints object: terminating ones are left out there."""
    return conditions is not None and (publish_not_ready or not conditions.terminating)
