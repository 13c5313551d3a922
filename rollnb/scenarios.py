"""The named situations that notebooks, tests and the README share.

The worker is that of the lesson: ten replicas, a pod starts in two seconds (one to pull, one to
start), is ready at once, and its process ignores SIGTERM for the whole grace period of 30 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from rollnb.cluster import Cluster, ControlPlane
from rollnb.run import SETTLED_SECONDS, Action, Run, simulate
from rollnb.spec import Deployment, Image

#: The manifest of DockerCoins' worker, as in the lesson: one up, one down.
WORKER = files("rollnb").joinpath("worker.yaml").read_text(encoding="utf-8")

#: The lesson's patch: careful about availability, quick, and with time to warm up.
PATCH = """
  spec:
    template:
      spec:
        containers:
        - name: worker
          image: $REGISTRY/worker:v0.1
    strategy:
      rollingUpdate:
        maxUnavailable: 0
        maxSurge: 3
    minReadySeconds: 10
"""

V1, V2, V3 = (
    Image(f"registry/worker:v0.{i}", pull_seconds=1, start_seconds=1, ignores_sigterm=True)
    for i in (1, 2, 3)
)

#: What the registry has in the lesson: v0.3 has not been pushed.
IMAGES = (V1, V2)

#: The same workers, if they listened: they end two seconds after SIGTERM.
POLITE = tuple(replace(image, ignores_sigterm=False, stop_seconds=2) for image in IMAGES)


def lesson(manifest: Any = WORKER, *, control_plane: ControlPlane | None = None) -> Cluster:
    """Return the lesson's cluster: the worker has been running for some seconds at time 0.

    Parameters
    ----------
    manifest : str, Path, dict or workload
        Another manifest than the lesson's.
    control_plane : ControlPlane, optional
        `rollnb.cluster.MEASURED` for the small delays of a real one.
    """
    cluster = Cluster(
        IMAGES,
        control_plane=control_plane,
        start=-SETTLED_SECONDS,
        namespace="dockercoins",
        environment={"REGISTRY": "registry"},
    )
    with cluster.instantly():
        cluster.apply(manifest)
    cluster.run(0.0)
    return cluster


@dataclass(frozen=True)
class Scenario:
    """A situation to play: what is there, what is done, and which images exist."""

    name: str
    title: str
    workload: Any
    actions: tuple[tuple[float, Action], ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def play(self, **changes: Any) -> Run:
        """Simulate it; `changes` go to `simulate` in place of the scenario's own options."""
        return simulate(self.workload, self.actions, **{**self.options, **changes})


def worker(**fields: Any) -> Deployment:
    """Return the lesson's worker with some fields changed."""
    return Deployment("worker", **{"replicas": 10, "image": V1.name, **fields})


def update(tag: str) -> str:
    """Return the command that gives the worker another version."""
    return f"kubectl set image deployment worker worker=registry/worker:{tag}"


def roll_out(
    deployment: Deployment, tag: str = "v0.2", *, images: Iterable[Image] = IMAGES, **options: Any
) -> Run:
    """Simulate what comes of giving the worker another version; `options` are `simulate`'s."""
    return simulate(deployment, [(0.0, update(tag))], images=images, **options)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "lesson",
            "one up, one down: v0.1 to v0.2",
            worker(max_surge=1, max_unavailable=1),
            ((0.0, update("v0.2")),),
            {"images": IMAGES},
        ),
        Scenario(
            "default",
            "25 % up, 25 % down",
            worker(),
            ((0.0, update("v0.2")),),
            {"images": IMAGES},
        ),
        Scenario(
            "all-at-once",
            "all old pods first, then all new ones (Recreate)",
            worker(strategy="Recreate"),
            ((0.0, update("v0.2")),),
            {"images": IMAGES},
        ),
        Scenario(
            "careful",
            "three up, none down, ten seconds to warm up",
            worker(max_surge=3, max_unavailable=0, min_ready_seconds=10),
            ((0.0, update("v0.2")),),
            {"images": IMAGES},
        ),
        Scenario(
            "bad-image",
            "an image that does not exist: stuck at 9 + 2",
            worker(max_surge=1, max_unavailable=1, image=V2.name),
            ((0.0, update("v0.3")),),
            {"images": IMAGES, "until": 60.0},
        ),
        Scenario(
            "bad-image-pushed",
            "the missing image is pushed: the next attempt finds it",
            worker(max_surge=1, max_unavailable=1, image=V2.name),
            ((0.0, update("v0.3")), (15.0, V3)),
            {"images": IMAGES},
        ),
        Scenario(
            "bad-image-undone",
            "the update with the missing image is undone",
            worker(max_surge=1, max_unavailable=1, image=V2.name),
            ((0.0, update("v0.3")), (20.0, "kubectl rollout undo deployment worker")),
            {"images": IMAGES},
        ),
    )
}
