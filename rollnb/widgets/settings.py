"""The settings of a rollout as one value: what an explorer's controls stand for.

Pure, and no widget: `Settings(max_surge=3).simulate()` is what moving a slider does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from rollnb import scenarios
from rollnb.int_or_percent import IntOrPercent
from rollnb.run import Run, simulate
from rollnb.spec import (
    Container,
    DaemonSet,
    Deployment,
    Duration,
    Image,
    Node,
    Uniform,
    Workload,
)
from rollnb.widgets import orders
from rollnb.widgets.images import next_image
from rollnb.widgets.kinds import kind_of

#: The Deployment of the lesson; a pod template that says nothing has a grace period of 30 s.
LESSON = Deployment("worker", image=scenarios.V1.name, termination_grace_period_seconds=30)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What shapes a rollout; the defaults are those of DockerCoins' worker in the lesson.

    Parameters
    ----------
    replicas, strategy, max_surge, max_unavailable, partition, min_ready_seconds
        As in the workload of the kind of `base`; those that it has not do nothing.
    nodes : int
        How many there are, if there is a DaemonSet.
    termination_grace_period_seconds
        As in the workload.
    handles_sigterm : bool
        Whether the process ends at SIGTERM, or works on until the grace period is over.
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
        When, in seconds after the update.
    seed : int
        Of the differences.
    base : workload
        What all this is about, with what else stands in its manifest.
    beside : tuple of workload
        What runs beside it, and stays as it is.
    namespace : str
        Where it is, for the lines of a real cluster.
    """

    replicas: int = 10
    nodes: int = 4
    strategy: str = "RollingUpdate"
    max_surge: IntOrPercent = 1
    max_unavailable: IntOrPercent = 1
    partition: int = 0
    min_ready_seconds: int = 0
    termination_grace_period_seconds: int = LESSON.termination_grace_period_seconds
    handles_sigterm: bool = False
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
    namespace: str = field(default="default", repr=False)

    def __post_init__(self) -> None:
        allowed = orders.afterwards_of(self)
        if self.then not in allowed:
            raise ValueError(f"then={self.then!r} is not one of {list(allowed)}")

    @property
    def active_fields(self) -> tuple[str, ...]:
        """Those fields of a workload that do something here, in the order of a page."""
        needs_nodes = any(isinstance(one, DaemonSet) for one in (self.base, *self.beside))
        return ("nodes",) * needs_nodes + kind_of(self.base).fields

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
        return replace(
            self.base,
            **{"containers": (first, *several[1:])} if several else {"image": first.image},
            **{name: getattr(self, name) for name in kind_of(self.base).fields},
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
        machines = tuple(Node(f"node-{number + 1}") for number in range(self.nodes))
        return simulate(
            (self.workload, *self.beside),
            orders.steps(replace(self, namespace="default")),
            images=self.images,
            nodes=machines if "nodes" in self.active_fields else None,
            seed=self.seed,
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
