"""The settings of a rollout as one value: what an explorer's controls stand for.

Pure, and no widget: `Settings(max_surge=3).simulate()` is what moving a slider does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

from rollnb import scenarios
from rollnb.int_or_percent import IntOrPercent
from rollnb.run import PATIENCE_SECONDS, Run, simulate
from rollnb.spec import Container, Deployment, Duration, Image, Uniform, resolve_fenceposts
from rollnb.widgets import orders
from rollnb.widgets.images import next_image

#: The Deployment of the lesson; a pod template that says nothing has a grace period of 30 s.
LESSON = Deployment("worker", image=scenarios.V1.name, termination_grace_period_seconds=30)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What shapes a rollout; the defaults are those of DockerCoins' worker in the lesson.

    Parameters
    ----------
    replicas, max_surge, max_unavailable, min_ready_seconds, termination_grace_period_seconds
        As in `rollnb.Deployment`.
    handles_sigterm : bool
        Whether the process ends at SIGTERM, or works on until the grace period is over.
    image_exists : bool
        Whether the registry has the new tag. The lesson's worker goes from v0.1 to v0.2, which
        exists, or from v0.2 to v0.3, which does not.
    pull_seconds, start_seconds, ready_seconds : float
        As in `rollnb.Image`.
    spread_percent : int
        By how much these three differ from pod to pod: 20 means 80 to 120 per cent, evenly.
    seed : int
        Of the differences.
    base : Deployment
        The Deployment that all this is about, with what else stands in its manifest.
    namespace : str
        Where it is, for the lines of a real cluster.
    """

    replicas: int = 10
    max_surge: IntOrPercent = 1
    max_unavailable: IntOrPercent = 1
    min_ready_seconds: int = 0
    termination_grace_period_seconds: int = LESSON.termination_grace_period_seconds
    handles_sigterm: bool = False
    image_exists: bool = True
    pull_seconds: float = 1.0
    start_seconds: float = 1.0
    ready_seconds: float = 0.0
    spread_percent: int = 0
    seed: int = 0
    base: Deployment = field(default=LESSON, repr=False)
    namespace: str = field(default="default", repr=False)

    @property
    def container(self) -> Container:
        """The container whose image the rollout changes: the first one."""
        return self.base.template.containers[0]

    @property
    def old_image(self) -> str:
        """The image before the rollout."""
        image = self.container.image
        return image if self.image_exists or image != scenarios.V1.name else scenarios.V2.name

    @property
    def new_image(self) -> str:
        """The image that the rollout brings."""
        return next_image(self.old_image)

    @property
    def deployment(self) -> Deployment:
        """The Deployment before the rollout.

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
            replicas=self.replicas,
            max_surge=self.max_surge,
            max_unavailable=self.max_unavailable,
            min_ready_seconds=self.min_ready_seconds,
            termination_grace_period_seconds=self.termination_grace_period_seconds,
        )

    @property
    def images(self) -> tuple[Image, ...]:
        """What the registry has; those of further containers take no time."""
        names = [self.old_image, self.new_image] if self.image_exists else [self.old_image]
        others = {one.image for one in self.base.template.containers} - {*names, self.new_image}
        return tuple(
            Image(
                name,
                pull_seconds=self._vary(self.pull_seconds),
                start_seconds=self._vary(self.start_seconds),
                ready_seconds=self._vary(self.ready_seconds),
                ignores_sigterm=not self.handles_sigterm,
            )
            for name in names
        ) + tuple(Image(name, pull_seconds=0, start_seconds=0) for name in sorted(others))

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
            As for `deployment`.
        """
        deployment = self.deployment
        longest = self._longest_seconds()
        return simulate(
            deployment,
            [(0.0, orders.update(replace(self, namespace="default")))],
            images=self.images,
            until=longest if self.image_exists and longest > PATIENCE_SECONDS else None,
            seed=self.seed,
        )

    def _longest_seconds(self) -> float:
        """Return seconds in which the rollout is over, surely: round after round of pods."""
        pace = sum(resolve_fenceposts(self.max_surge, self.max_unavailable, self.replicas))
        pod = (self.pull_seconds + self.start_seconds + self.ready_seconds) * (
            1 + self.spread_percent / 100
        )
        for one in self.base.template.containers:
            for probe in filter(None, (one.startup_probe, one.readiness_probe)):
                pod += probe.initial_delay_seconds
                pod += probe.period_seconds * (probe.success_threshold + 1)
        rounds = math.ceil(self.replicas / pace) + 1
        return rounds * (pod + self.min_ready_seconds) + self.termination_grace_period_seconds + 10

    # ---------------------------------------------------------------------- for a real cluster

    @property
    def changes_pods(self) -> bool:
        """Whether the patch changes the pod template, and so starts a rollout by itself."""
        grace = self.base.termination_grace_period_seconds
        return self.termination_grace_period_seconds != grace

    def patch(self) -> str:
        """Return the YAML that gives these settings to a Deployment.

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
