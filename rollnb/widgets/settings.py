"""The settings of a rollout as one value: what an explorer's controls stand for.

Pure, and no widget: `Settings(max_surge=3).simulate()` is what moving a slider does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from rollnb import scenarios
from rollnb.int_or_percent import IntOrPercent
from rollnb.node import Node
from rollnb.run import Run, simulate
from rollnb.spec import (
    Container,
    DaemonSet,
    Duration,
    Image,
    StatefulSet,
    Uniform,
    Workload,
)
from rollnb.validation.arguments import check_flag, check_number
from rollnb.widgets import orders
from rollnb.widgets.images import next_image
from rollnb.widgets.kinds import GATE, KINDS, POLICIES, kind_of
from rollnb.widgets.objects import objects

#: The Deployment of the lesson.
LESSON = scenarios.worker(max_surge=1, max_unavailable=1)

#: What a workload says; of what its kind does not have, the value of another kind is kept.
OF_THE_WORKLOAD = sorted({name for kind in KINDS.values() for name in kind.fields})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What shapes a rollout; the defaults are those of DockerCoins' worker in the lesson.

    Parameters
    ----------
    replicas, strategy, max_surge, max_unavailable, partition, min_ready_seconds, optional
        As in a workload of the kind of `base`; by default as there. Those that the kind has not
        do nothing. `max_unavailable` of a StatefulSet opens the feature gate that it needs,
        unless it is 1, which is what holds without.
    pod_management_policy : str, optional
        What a StatefulSet was created with: ``OrderedReady`` or ``Parallel``; no patch changes it.
    nodes : int
        How many there are, if there is a DaemonSet.
    termination_grace_period_seconds : int, optional
        By default as in `base`.
    handles_sigterm : bool, optional
        Whether the process ends at SIGTERM, or works on until the grace period is over; by
        default it ends, but for DockerCoins' worker.
    stop_seconds : float
        If so, how long that takes it, as in `rollnb.Image`.
    image : str, optional
        The new image; by default the one with the next tag.
    image_exists : bool
        Whether the registry has it. The lesson's worker goes from v0.1 to v0.2, which exists, or
        from v0.2 to v0.3, which does not.
    pull_seconds, start_seconds, ready_seconds : float
        As in `rollnb.Image`.
    spread_percent : int
        By how much these three differ from pod to pod: 20 means 80 to 120 per cent, evenly.
    then : str
        What is done after the update: ``nothing``, ``push`` the image, ``undo``, and for a
        StatefulSet ``delete`` the pod that is updated first, or ``undo_delete``.
    then_seconds : int
        When, in seconds after the update; with ``undo_delete`` the pod is deleted 20 s later.
    seed : int
        Of the differences.
    base : workload
        What all this is about, with what else stands in its manifest.
    beside : tuple of workload
        What runs beside it, and stays as it is.
    around : tuple of dict
        The manifests of all that is there, such as a ResourceQuota, which holds up a rollout;
        workloads that have none are played as `rollnb` would write it.
    namespace : str
        Where it is, for the lines of a real cluster.
    """

    replicas: int | None = None
    nodes: int = 4
    strategy: str | None = None
    max_surge: IntOrPercent | None = None
    max_unavailable: IntOrPercent | None = None
    partition: int | None = None
    pod_management_policy: str | None = None
    min_ready_seconds: int | None = None
    termination_grace_period_seconds: int | None = None
    handles_sigterm: bool | None = None
    stop_seconds: float = 0.0
    image: str | None = None
    image_exists: bool = True
    pull_seconds: float = 1.0
    start_seconds: float = 1.0
    ready_seconds: float = 0.0
    spread_percent: int = 0
    then: str = "nothing"
    then_seconds: int = 20
    seed: int = 0
    base: Workload = field(default=LESSON, repr=False)
    beside: tuple[Workload, ...] = field(default=(), repr=False)
    around: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    namespace: str = field(default="default", repr=False)

    def __post_init__(self) -> None:
        if type(self.base) not in KINDS:
            kinds = ", ".join(kind.__name__ for kind in KINDS)
            raise ValueError(f"base={self.base!r} must be one of {kinds}")
        own = kind_of(self.base).fields
        defaults = {
            name: getattr(
                self.base if name in own else LESSON, name, getattr(StatefulSet, name, 0)
            )
            for name in OF_THE_WORKLOAD
        }
        if defaults["max_unavailable"] is None:
            defaults["max_unavailable"] = 1
        defaults["termination_grace_period_seconds"] = self.base.termination_grace_period_seconds
        defaults["handles_sigterm"] = not scenarios.is_dockercoins(self.container.image)
        for name, value in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        """Refuse what no control could stand for; the API server checks the workload itself."""
        for name in ("stop_seconds", "pull_seconds", "start_seconds", "ready_seconds"):
            check_number(name, getattr(self, name), of="seconds")
        for name in ("nodes", "spread_percent", "then_seconds", "seed"):
            check_number(name, getattr(self, name), whole=True)
        for name in ("handles_sigterm", "image_exists"):
            check_flag(name, getattr(self, name))
        choices = {
            "strategy": kind_of(self.base).strategies,
            "pod_management_policy": POLICIES,
            "then": orders.afterwards_of(self),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name}={getattr(self, name)!r} is not one of {list(allowed)}")
        if self.new_image == self.old_image:
            raise ValueError(f"image={self.image!r} is the one that runs already")

    @property
    def active_fields(self) -> tuple[str, ...]:
        """Those fields of a workload that do something here, in the order of a page."""
        needs_nodes = any(isinstance(one, DaemonSet) for one in (self.base, *self.beside))
        return ("nodes",) * needs_nodes + kind_of(self.base).fields

    @property
    def feature_gates(self) -> tuple[str, ...]:
        """Those that are open beyond the defaults, because a StatefulSet needs one."""
        there = [one for one in (self.base, *self.beside) if isinstance(one, StatefulSet)]
        asked = {one.max_unavailable for one in there}
        if isinstance(self.base, StatefulSet):
            asked.add(self.max_unavailable)
        return () if asked <= {None, 1} else (GATE,)

    @property
    def pace(self) -> tuple[str, ...]:
        """Those fields below ``rollingUpdate`` that a cluster with these gates takes."""
        names = kind_of(self.base).pace
        if isinstance(self.base, StatefulSet) and not self.feature_gates:
            return tuple(name for name in names if name != "max_unavailable")
        return names

    @property
    def container(self) -> Container:
        """The container whose image the rollout changes: the first one."""
        return self.base.template.containers[0]

    @property
    def old_image(self) -> str:
        """The image before the rollout."""
        image = self.container.image
        is_first = image == scenarios.V1.name and self.image is None
        return scenarios.V2.name if is_first and not self.image_exists else image

    @property
    def new_image(self) -> str:
        """The image that the rollout brings."""
        return self.image or next_image(self.old_image)

    @property
    def workload(self) -> Workload:
        """The workload before the rollout.

        Raises
        ------
        ValueError
            With the API server's message, if it would refuse these settings.
        """
        first = replace(self.container, image=self.old_image)
        several = self.base.containers
        kind = kind_of(self.base)
        dropped = dict.fromkeys({*kind.pace} - {*self.pace})
        return replace(
            self.base,
            **{"containers": (first, *several[1:])} if several else {"image": first.image},
            **{name: getattr(self, name) for name in kind.fields} | dropped,
            termination_grace_period_seconds=self.termination_grace_period_seconds,
        )

    @property
    def images(self) -> tuple[Image, ...]:
        """What the registry has; those of further containers take no time."""
        names = [self.old_image, self.new_image] if self.image_exists else [self.old_image]
        others = {one.image for one in self.base.template.containers} - {*names, self.new_image}
        return tuple(map(self.describe_image, names)) + tuple(
            Image(name, pull_seconds=0, start_seconds=0) for name in sorted(others)
        )

    def describe_image(self, name: str) -> Image:
        """Return an image of that name that behaves as these settings say."""
        return Image(
            name,
            pull_seconds=self._vary(self.pull_seconds),
            start_seconds=self._vary(self.start_seconds),
            ready_seconds=self._vary(self.ready_seconds),
            ignores_sigterm=not self.handles_sigterm,
            stop_seconds=self.stop_seconds,
        )

    def _vary(self, seconds: float) -> Duration:
        part = self.spread_percent / 100
        if not part:
            return seconds
        return Uniform(max(seconds * (1 - part), 0.0), seconds * (1 + part))

    def simulate(self) -> Run:
        """Play the rollout: the new image is set at 0 s.

        Raises
        ------
        ValueError
            As for `workload`.
        """
        labels = {k: v for one in (self.base, *self.beside) for k, v in one.node_selector.items()}
        machines = [Node(f"node-{number + 1}", labels=labels) for number in range(self.nodes)]
        return simulate(
            objects(self),
            orders.steps(self),
            images=self.images,
            nodes=machines,
            seed=self.seed,
            feature_gates=self.feature_gates,
        )

    # ---------------------------------------------------------------------- for a real cluster

    @property
    def changes_pods(self) -> bool:
        """Whether the patch changes the pod template, and so starts a rollout by itself."""
        grace = self.base.termination_grace_period_seconds
        return self.termination_grace_period_seconds != grace

    def patch(self) -> str:
        """Return the YAML that gives these settings to a workload.

        The grace period is left out if it is the one from before: it stands in the pod
        template, and to name another one replaces all pods.
        """
        return orders.patch(self)

    def command(self) -> str:
        """Return the ``kubectl patch`` line with the same patch."""
        return orders.command(self)

    def update(self) -> str:
        """Return the command that sets the new image."""
        return orders.update(self)

    def changes(self, other: Settings) -> dict[str, tuple[Any, Any]]:
        """Return which fields differ, each with the value here and the other one."""
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return {name: (here, there) for name, (here, there) in pairs.items() if here != there}
