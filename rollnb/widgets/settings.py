"""The settings of a rollout as one value: what an explorer's controls stand for.

Pure, and no widget: `Settings(max_surge=3).simulate()` is what moving a slider does.
"""

from __future__ import annotations

import json
import math
import shlex
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

from rollnb import manifest, scenarios, throughput
from rollnb.int_or_percent import IntOrPercent
from rollnb.run import PATIENCE_SECONDS, Run, simulate
from rollnb.spec import Deployment, Duration, Image, Uniform, resolve_fenceposts

NAME = "worker"

#: The grace period of a pod template that says nothing, and of the lesson's.
GRACE_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What shapes the rollout of DockerCoins' worker; the defaults are those of the lesson.

    Parameters
    ----------
    replicas, max_surge, max_unavailable, min_ready_seconds, termination_grace_period_seconds
        As in `rollnb.Deployment`.
    handles_sigterm : bool
        Whether the process ends at SIGTERM, or works on until the grace period is over.
    image_exists : bool
        True: from v0.1 to v0.2. False: from v0.2 to v0.3, which the registry lacks.
    pull_seconds, start_seconds, ready_seconds : float
        As in `rollnb.Image`.
    spread_percent : int
        By how much these three differ from pod to pod: 20 means 80 to 120 per cent, evenly.
    seed : int
        Of the differences.
    """

    replicas: int = 10
    max_surge: IntOrPercent = 1
    max_unavailable: IntOrPercent = 1
    min_ready_seconds: int = 0
    termination_grace_period_seconds: int = GRACE_SECONDS
    handles_sigterm: bool = False
    image_exists: bool = True
    pull_seconds: float = 1.0
    start_seconds: float = 1.0
    ready_seconds: float = 0.0
    spread_percent: int = 0
    seed: int = 0

    @property
    def old_image(self) -> str:
        """The image before the rollout."""
        return scenarios.V1.name if self.image_exists else scenarios.V2.name

    @property
    def new_image(self) -> str:
        """The image that the rollout brings."""
        return scenarios.V2.name if self.image_exists else scenarios.V3.name

    @property
    def deployment(self) -> Deployment:
        """The Deployment before the rollout.

        Raises
        ------
        ValueError
            With the API server's message, if it would refuse these settings.
        """
        return Deployment(
            NAME,
            replicas=self.replicas,
            image=self.old_image,
            max_surge=self.max_surge,
            max_unavailable=self.max_unavailable,
            min_ready_seconds=self.min_ready_seconds,
            termination_grace_period_seconds=self.termination_grace_period_seconds,
        )

    @property
    def images(self) -> tuple[Image, ...]:
        """What the registry has."""
        names = [self.old_image, self.new_image] if self.image_exists else [self.old_image]
        return tuple(
            Image(
                name,
                pull_seconds=self._vary(self.pull_seconds),
                start_seconds=self._vary(self.start_seconds),
                ready_seconds=self._vary(self.ready_seconds),
                ignores_sigterm=not self.handles_sigterm,
            )
            for name in names
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
            As for `deployment`.
        """
        deployment = self.deployment
        longest = self._longest_seconds()
        return simulate(
            deployment,
            [(0.0, self.update())],
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
        rounds = math.ceil(self.replicas / pace) + 1
        return rounds * (pod + self.min_ready_seconds) + self.termination_grace_period_seconds + 10

    # ---------------------------------------------------------------------- for a real cluster

    def _patch(self) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "replicas": self.replicas,
            "minReadySeconds": self.min_ready_seconds,
            "strategy": {
                "rollingUpdate": {
                    "maxSurge": self.max_surge,
                    "maxUnavailable": self.max_unavailable,
                }
            },
        }
        if self.changes_pods:
            seconds = self.termination_grace_period_seconds
            spec["template"] = {"spec": {"terminationGracePeriodSeconds": seconds}}
        return {"spec": spec}

    @property
    def changes_pods(self) -> bool:
        """Whether the patch changes the pod template, and so starts a rollout by itself."""
        return self.termination_grace_period_seconds != GRACE_SECONDS

    def patch(self) -> str:
        """Return the YAML that gives these settings to a Deployment.

        The grace period is left out if it is that of the lesson's worker: it stands in the pod
        template, and to name another one replaces all pods.
        """
        return manifest.dump(self._patch())

    def command(self) -> str:
        """Return the ``kubectl patch`` line with the same patch."""
        body = json.dumps(self._patch(), separators=(",", ":"))
        return f"kubectl patch deployment {NAME} -p {shlex.quote(body)}"

    def update(self) -> str:
        """Return the command that sets the new image."""
        return f"kubectl set image deployment {NAME} {NAME}={self.new_image}"

    def changes(self, other: Settings) -> dict[str, tuple[Any, Any]]:
        """Return which fields differ, each with the value here and the other one."""
        here, there = asdict(self), asdict(other)
        return {
            field.name: (here[field.name], there[field.name])
            for field in fields(self)
            if here[field.name] != there[field.name]
        }


def work(run: Run) -> pd.Series:
    """Return the hashes/s of DockerCoins with one rng during a run of these settings."""
    sleeps = throughput.read_sleep_seconds(run.pods)
    return throughput.dockercoins(run.by_revision, sleeps)
