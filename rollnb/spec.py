"""What the user asks for: workloads and images, as frozen values.

The words are those of ``apps/v1`` and ``core/v1`` in snake_case; the defaults follow
``pkg/apis/apps/v1/defaults.go`` (Kubernetes 1.36). Percentages become pods as in
``ResolveFenceposts`` (``pkg/controller/deployment/util/deployment_util.go``).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Protocol

from rollnb.int_or_percent import IntOrPercent, resolve_percent
from rollnb.node import Toleration
from rollnb.validation import (
    check_container,
    check_field,
    check_flag,
    check_mapping,
    check_values,
    check_workload,
)

#: 2147483647 stands for "none" in a progress deadline or history limit.
NO_LIMIT = 2**31 - 1

#: What an absent field of a Deployment means, by the API version that says so. The lesson was
#: written for ``extensions/v1beta1``: one up, one down, and no deadline.
DEPLOYMENT_DEFAULTS: dict[str, dict[str, IntOrPercent]] = {
    "apps/v1": {
        "max_surge": "25%",
        "max_unavailable": "25%",
        "progress_deadline_seconds": 600,
        "revision_history_limit": 10,
    },
    "extensions/v1beta1": {
        "max_surge": 1,
        "max_unavailable": 1,
        "progress_deadline_seconds": NO_LIMIT,
        "revision_history_limit": NO_LIMIT,
    },
}


def resolve_fenceposts(
    max_surge: IntOrPercent | None, max_unavailable: IntOrPercent | None, replicas: int
) -> tuple[int, int]:
    """Resolve surge (rounded up) and unavailable (rounded down) to pods; absent ones are zero.

    Both rounding to zero gives one unavailable pod: otherwise no pod could ever be replaced.

    Notes
    -----
    ``ResolveFenceposts`` (``pkg/controller/deployment/util/deployment_util.go``).
    """
    surge, unavailable = (
        0 if value is None else resolve_percent(value, replicas, round_up=round_up)
        for value, round_up in ((max_surge, True), (max_unavailable, False))
    )
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, unavailable


# ------------------------------------------------------------------------------------- durations


class Distribution(Protocol):
    """A duration that differs from pod to pod."""

    def sample(self, rng: random.Random) -> float:
        """Draw one value, in seconds."""


Duration = float | Distribution


@dataclass(frozen=True, slots=True)
class Uniform:
    """A duration anywhere between `low` and `high` seconds."""

    low: float
    high: float

    def __post_init__(self) -> None:
        check_field(self, "low", of="seconds")
        check_field(self, "high", of="seconds", least=self.low)

    def sample(self, rng: random.Random) -> float:
        """Draw one value, in seconds."""
        return rng.uniform(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Normal:
    """A duration around `mean` seconds; draws below zero count as zero."""

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        check_field(self, "mean", of="seconds")
        check_field(self, "deviation", of="seconds")

    def sample(self, rng: random.Random) -> float:
        """Draw one value, in seconds."""
        return max(rng.gauss(self.mean, self.deviation), 0.0)


def draw(duration: Duration, rng: random.Random) -> float:
    """Return the seconds of a fixed duration, or draw them."""
    return duration if isinstance(duration, (int, float)) else duration.sample(rng)


@dataclass(frozen=True, slots=True)
class Image:
    """What the containers of an image do. All durations in seconds.

    Parameters
    ----------
    name : str
        As in the manifest: ``registry/worker:v0.2``.
    pull_seconds, start_seconds : Duration
        From the node's turn to the pulled image; from there to a running process.
    ready_seconds : Duration
        From the running process to its first good answer: without a readiness probe in the
        manifest the container is ready then, with one at the probe that notices.
    becomes_ready : bool
        False: it runs but never answers well.
    stop_seconds : Duration
        From SIGTERM to the end of the process.
    ignores_sigterm : bool
        True: it works on until SIGKILL, at the end of the grace period.
    crash_after_seconds : Duration, optional
        The process exits with code 1 so long after each start.
    crash_count : int, optional
        Only so many starts of a container crash; by default all.
    unready_after_seconds, unready_for_seconds : Duration, optional
        Ready so long, then not ready so long, repeating.
    pull_fails_after_seconds : Duration
        How long a pull takes to fail while the registry lacks the image.
    by_ordinal : mapping of int to Image
        For pods of a StatefulSet that behave otherwise than the rest.
    """

    name: str
    pull_seconds: Duration = 1.0
    start_seconds: Duration = 1.0
    ready_seconds: Duration = 0.0
    becomes_ready: bool = True
    stop_seconds: Duration = 0.0
    ignores_sigterm: bool = False
    crash_after_seconds: Duration | None = None
    crash_count: int | None = None
    unready_after_seconds: Duration | None = None
    unready_for_seconds: Duration | None = None
    pull_fails_after_seconds: Duration = 0.5
    by_ordinal: Mapping[int, Image] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"name={self.name!r} must be an image's name, as in the manifest")
        for each in fields(self):
            name, value = each.name, getattr(self, each.name)
            if isinstance(each.default, bool):
                check_flag(name, value)
            elif not name.endswith("_seconds") or hasattr(value, "sample"):
                continue
            elif value is not None or each.default is not None:
                otherwise = ", or drawn as by Uniform(1, 2)"
                check_field(self, name, of="seconds", endless=True, otherwise=otherwise)
        check_mapping("by_ordinal", self.by_ordinal, int, Image)
        if self.crash_count is not None:
            check_field(self, "crash_count", whole=True)
        after, down = self.unready_after_seconds, self.unready_for_seconds
        if down is not None and (after is None or after == down == 0):
            raise ValueError(
                f"unready_for_seconds={down!r}, unready_after_seconds={after!r}: give both, and "
                "one above 0"
            )


# ---------------------------------------------------------------------------------- pod templates


@dataclass(frozen=True, slots=True)
class Probe:
    """When the kubelet looks at a container; defaults as in ``core/v1``.

    A container that fails its liveness or startup probe gets the probe's own
    ``termination_grace_period_seconds`` to stop, without one the pod's.
    """

    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    success_threshold: int = 1
    failure_threshold: int = 3
    termination_grace_period_seconds: int | None = None

    def __post_init__(self) -> None:
        for name in ("initial_delay_seconds", "period_seconds", "timeout_seconds"):
            check_field(self, name, of="seconds", whole=True)
        for name in ("success_threshold", "failure_threshold"):
            check_field(self, name, whole=True)
        if self.termination_grace_period_seconds is not None:
            check_field(
                self, "termination_grace_period_seconds", of="seconds", least=1, whole=True
            )


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod, as far as it shapes a rollout.

    ``cpu`` is in cores and ``memory`` in bytes, both requests; ``pre_stop_seconds`` is how long a
    preStop hook sleeps before SIGTERM.
    """

    name: str
    image: str
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    pre_stop_seconds: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0
    host_ports: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        check_container(self, Probe)
        object.__setattr__(self, "host_ports", check_values("host_ports", self.host_ports, int))


@dataclass(frozen=True, slots=True)
class PodTemplate:
    """The pods of one revision."""

    containers: tuple[Container, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    termination_grace_period_seconds: int = 30
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()


# -------------------------------------------------------------------------------------- workloads


@dataclass(frozen=True, kw_only=True)
class _Workload:
    """Fields that every workload takes; those of the pod template stand flat beside the others.

    Give `image` with the fields of a container, or `containers` for pods with several.
    """

    name: str = field(kw_only=False)
    image: str | None = None
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    pre_stop_seconds: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0
    containers: tuple[Container, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    termination_grace_period_seconds: int = 30
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    min_ready_seconds: int = 0
    revision_history_limit: int | None = None

    @property
    def template(self) -> PodTemplate:
        """The pod template that the flat fields describe."""
        containers = self.containers or (
            Container(
                self.name,
                self.image or "",
                readiness_probe=self.readiness_probe,
                liveness_probe=self.liveness_probe,
                startup_probe=self.startup_probe,
                pre_stop_seconds=self.pre_stop_seconds,
                cpu=self.cpu,
                memory=self.memory,
            ),
        )
        return PodTemplate(
            containers,
            labels=self.labels or {"app": self.name},
            annotations=self.annotations,
            termination_grace_period_seconds=self.termination_grace_period_seconds,
            node_selector=self.node_selector,
            tolerations=self.tolerations,
        )

    def _fill(self, defaults: Mapping[str, IntOrPercent]) -> None:
        """Give fields left at None the value that the API server would."""
        for name, value in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)

    def _check(self) -> None:
        """Refuse what the API server would refuse."""
        for name, kind in (("containers", Container), ("tolerations", Toleration)):
            object.__setattr__(self, name, check_values(name, getattr(self, name), kind))
        check_container(self, Probe)
        check_workload(self)


@dataclass(frozen=True, kw_only=True)
class Deployment(_Workload):
    """A Deployment, each field with the API server's default.

    Parameters
    ----------
    max_surge, max_unavailable : int or str, optional
        A count of pods or a percentage such as ``"25%"``.
    strategy : str
        ``"RollingUpdate"`` or ``"Recreate"``.
    defaults : str
        Whose defaults hold for fields left out: ``"apps/v1"`` (25 %, 25 %, 600 s) or
        ``"extensions/v1beta1"`` (1, 1, no deadline), as when the lesson was written.
    """

    replicas: int = 1
    strategy: str = "RollingUpdate"
    max_surge: IntOrPercent | None = None
    max_unavailable: IntOrPercent | None = None
    progress_deadline_seconds: int | None = None
    paused: bool = False
    defaults: str = "apps/v1"

    def __post_init__(self) -> None:
        if self.defaults not in DEPLOYMENT_DEFAULTS:
            raise ValueError(
                f"defaults={self.defaults!r} is not known: use one of {list(DEPLOYMENT_DEFAULTS)}"
            )
        self._fill(DEPLOYMENT_DEFAULTS[self.defaults])
        self._check()


@dataclass(frozen=True, kw_only=True)
class StatefulSet(_Workload):
    """A StatefulSet, each field with the API server's default.

    `max_unavailable` is dropped without a word, as on a cluster, unless a simulation is given
    ``feature_gates=["MaxUnavailableStatefulSet"]``.
    """

    replicas: int = 1
    strategy: str = "RollingUpdate"
    partition: int = 0  # so many pods, from the lowest ordinal up, keep the old template
    max_unavailable: IntOrPercent | None = None
    pod_management_policy: str = "OrderedReady"
    ordinals_start: int = 0

    def __post_init__(self) -> None:
        self._fill({"revision_history_limit": 10})
        self._check()

    @property
    def ordinals(self) -> range:
        """The numbers in the names of its pods."""
        return range(self.ordinals_start, self.ordinals_start + self.replicas)


@dataclass(frozen=True, kw_only=True)
class DaemonSet(_Workload):
    """A DaemonSet, each field with the API server's default."""

    strategy: str = "RollingUpdate"
    max_surge: IntOrPercent = 0
    max_unavailable: IntOrPercent = 1

    def __post_init__(self) -> None:
        self._fill({"revision_history_limit": 10})
        self._check()


Workload = Deployment | StatefulSet | DaemonSet


@dataclass(frozen=True, slots=True)
class Service:
    """A Service: which pods get its traffic."""

    name: str
    selector: Mapping[str, str] = field(default_factory=dict)
