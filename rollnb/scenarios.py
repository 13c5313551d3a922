"""The named situations that notebooks, tests and the README share.

The worker is that of the lesson: ten replicas, a pod starts in two seconds (one to pull, one to
start), is ready at once, and its process ignores SIGTERM for the whole grace period of 30 s. For
the other kinds there is ``web``, which starts in two seconds, too, and stops in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from rollnb.cluster import Cluster, ControlPlane
from rollnb.node import Node
from rollnb.run import Action, Run, settled_cluster, simulate
from rollnb.spec import DaemonSet, Deployment, Image, StatefulSet, Workload
from rollnb.validation import check_number

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

#: The bottleneck of DockerCoins, by the time of the lesson on every node.
RNG = Image("registry/rng:v0.1", pull_seconds=1, start_seconds=1)

#: What the registry has of ``web``: v3 has not been pushed.
WEB = tuple(Image(f"registry/web:v{i}", stop_seconds=1) for i in (1, 2))

#: The same pods, if their processes ended at once at SIGTERM.
ABRUPT = tuple(replace(image, stop_seconds=0) for image in WEB)

#: As many nodes as ``web`` has replicas, so that its DaemonSet is as large.
NODES = tuple(Node(f"node-{i}") for i in range(1, 6))


def is_dockercoins(image: str) -> bool:
    """Whether an image is one of the lesson's workers, whatever the registry."""
    return image.rpartition("/")[2] in {one.name.rpartition("/")[2] for one in (V1, V2, V3)}


def lesson(manifest: Any = WORKER, *, control_plane: ControlPlane | None = None) -> Cluster:
    """Return the lesson's cluster: the worker has been running for some seconds at time 0.

    Parameters
    ----------
    manifest : str, Path, dict or workload
        Another manifest than the lesson's.
    control_plane : ControlPlane, optional
        `rollnb.cluster.MEASURED` for the small delays of a real one.
    """
    return settled_cluster(
        manifest,
        images=IMAGES,
        control_plane=control_plane,
        namespace="dockercoins",
        environment={"REGISTRY": "registry"},
    )


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
    deployment: Deployment,
    tag: str = "v0.2",
    *,
    first: Action | None = None,
    images: Iterable[Image] = IMAGES,
    **options: Any,
) -> Run:
    """Simulate what comes of giving the worker another version.

    Parameters
    ----------
    first : action, optional
        What is done right before: ``"kubectl create quota small --hard=pods=10"``.
    options
        Those of `simulate`.
    """
    steps = [step for step in (first, update(tag)) if step is not None]
    return simulate(deployment, [(0.0, step) for step in steps], images=images, **options)


# ---------------------------------------------------------------------------------- other kinds


def web(kind: str, **fields: Any) -> Workload:
    """Return ``web`` as a workload of a kind, with some fields changed."""
    if kind == "DaemonSet":
        return DaemonSet("web", **{"image": WEB[0].name, **fields})
    make = {"Deployment": Deployment, "StatefulSet": StatefulSet}[kind]
    return make("web", **{"replicas": len(NODES), "image": WEB[0].name, **fields})


def change(workload: Workload, tag: str, *more: tuple[float, Action], **options: Any) -> Run:
    """Simulate what comes of giving ``web``, as a workload of any kind, another version.

    Parameters
    ----------
    workload : workload
        As from `web`.
    tag : str
        ``v2``, or ``v3``, which does not exist.
    more : (float, action)
        What is done afterwards; ``{}`` in a command stands for the workload: ``daemonset/web``.
    options
        Those of `simulate`.
    """
    target = f"{type(workload).__name__.lower()}/web"
    steps = [(0.0, f"kubectl set image {target} web=registry/web:{tag}"), *more]
    actions = [
        (time, action.replace("{}", target) if isinstance(action, str) else action)
        for time, action in steps
    ]
    return simulate(workload, actions, **{"images": WEB, "nodes": NODES, **options})


def three_kinds(tag: str, *more: tuple[float, Action], **options: Any) -> dict[str, Run]:
    """Simulate the same `change` on each kind; the runs by kind."""
    kinds = ("Deployment", "StatefulSet", "DaemonSet")
    return {kind: change(web(kind), tag, *more, **options) for kind in kinds}


def dockercoins(nodes: int = 4, tag: str = "v0.2", **options: Any) -> Run:
    """Simulate an update of the worker while rng runs as a DaemonSet on so many nodes."""
    check_number("nodes", nodes, whole=True)
    machines = tuple(Node(f"node-{i}") for i in range(1, nodes + 1))
    workloads = (worker(max_surge=1, max_unavailable=1), DaemonSet("rng", image=RNG.name))
    options = {"images": (*IMAGES, RNG), "nodes": machines, **options}
    return simulate(workloads, [(0.0, update(tag))], **options)


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
        Scenario(
            "statefulset",
            "a StatefulSet: one by one, from the highest ordinal down",
            web("StatefulSet"),
            ((0.0, "kubectl set image statefulset web web=registry/web:v2"),),
            {"images": WEB, "nodes": NODES},
        ),
        Scenario(
            "statefulset-trap",
            "a StatefulSet with a missing image, undone: the broken pod stays",
            web("StatefulSet"),
            (
                (0.0, "kubectl set image statefulset web web=registry/web:v3"),
                (20.0, "kubectl rollout undo statefulset web"),
            ),
            {"images": WEB, "nodes": NODES, "until": 60.0},
        ),
        Scenario(
            "statefulset-trap-opened",
            "undone, and the broken pod deleted: then it recovers",
            web("StatefulSet"),
            (
                (0.0, "kubectl set image statefulset web web=registry/web:v3"),
                (20.0, "kubectl rollout undo statefulset web"),
                (40.0, "kubectl delete pod web-4"),
            ),
            {"images": WEB, "nodes": NODES},
        ),
        Scenario(
            "daemonset",
            "a DaemonSet: node after node, each without a pod for a while",
            web("DaemonSet"),
            ((0.0, "kubectl set image daemonset web web=registry/web:v2"),),
            {"images": WEB, "nodes": NODES},
        ),
        Scenario(
            "daemonset-surge",
            "a DaemonSet with a surge: on each node the new pod first",
            web("DaemonSet", max_surge=1, max_unavailable=0),
            ((0.0, "kubectl set image daemonset web web=registry/web:v2"),),
            {"images": WEB, "nodes": NODES},
        ),
        Scenario(
            "rng-on-four-nodes",
            "a slower worker while rng runs on four nodes: now it shows",
            (worker(max_surge=1, max_unavailable=1), DaemonSet("rng", image=RNG.name)),
            ((0.0, update("v0.2")),),
            {"images": (*IMAGES, RNG), "nodes": NODES[:4]},
        ),
    )
}
