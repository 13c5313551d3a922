"""The lesson, played from its first command to its last: ``python -m rollnb.lesson``.

Prints what a terminal would show and writes the figures. The commands are the lesson's own; the
``sleep`` lines between them are the time that a class would take to look.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes

from rollnb import plots, throughput
from rollnb.cluster import MEASURED, Cluster
from rollnb.run import Run
from rollnb.scenarios import PATCH, V3, WORKER, lesson


class Part(NamedTuple):
    """A part of the lesson: what it is about, what is typed, and the figure drawn after it."""

    title: str
    commands: str
    figure: str = ""


STATUS = "kubectl rollout status deploy worker"
LOOK = "kubectl get deploy,rs,pods"

PARTS = (
    Part(
        "How fast may a rollout go?",
        """
kubectl get deploy -o json |
        jq ".items[] | {name:.metadata.name} + .spec.strategy.rollingUpdate"
sleep 4
""",
    ),
    Part(
        "A slower worker, v0.2: done in ten seconds, but the old pods work on for thirty",
        f"""
export TAG=v0.2
kubectl set image deploy worker worker=$REGISTRY/worker:$TAG
{STATUS}
{LOOK}
sleep 33
{LOOK}
""",
        "update",
    ),
    Part(
        "An image that does not exist, v0.3: stuck at nine old pods and two new ones",
        f"""
export TAG=v0.3
kubectl set image deploy worker worker=$REGISTRY/worker:$TAG
{STATUS} --timeout=40s
{LOOK}
kubectl describe deploy worker
""",
    ),
    Part(
        "Back out",
        f"""
kubectl rollout undo deploy worker
{STATUS}
kubectl rollout history deploy worker
sleep 10
{LOOK}
""",
    ),
    Part(
        "Another pace: nobody missing, three at a time, ten seconds to warm up, back to v0.1",
        f"""
kubectl patch deployment worker -p "{PATCH}"
kubectl rollout status deployment worker
kubectl get deploy -o json worker |
        jq "{{name:.metadata.name}} + .spec.strategy.rollingUpdate"
{LOOK}
sleep 32
{LOOK}
kubectl rollout history deploy worker
""",
        "lesson",
    ),
)

#: Up to here the lesson is the same, whether the mistake is then undone or its image pushed.
MISTAKE = 3

#: Instead of backing out.
PUSHED = Part(
    "Or else push the image: the next attempt to pull it succeeds",
    f"""
{STATUS}
{LOOK}
""",
)


def play(cluster: Cluster, parts: Sequence[Part] = PARTS) -> Iterator[tuple[Part, str]]:
    """Play parts of the lesson, one after the other; yields each with what it printed.

    Parameters
    ----------
    cluster : Cluster
        As `rollnb.scenarios.lesson` gives it.
    """
    for part in parts:
        yield part, cluster.kubectl(part.commands, echo=True)


def play_pushed(cluster: Cluster) -> tuple[Part, str]:
    """Play the lesson's other way out of the mistake, on a cluster of its own."""
    for _ in play(cluster, PARTS[:MISTAKE]):
        pass
    cluster.push(V3)
    (branch,) = play(cluster, [PUSHED])
    return branch


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the lesson in the terminal and write its figures."""
    parser = argparse.ArgumentParser(prog="python -m rollnb.lesson", description=main.__doc__)
    parser.add_argument(
        "manifest", nargs="?", help="another manifest of a Deployment `worker` than the lesson's"
    )
    parser.add_argument("--figures", default="build", help="folder for the figures")
    parser.add_argument(
        "--no-latency", action="store_true", help="a control plane that reacts at once"
    )
    options = parser.parse_args(arguments)
    folder = Path(options.figures)
    folder.mkdir(parents=True, exist_ok=True)
    manifest = WORKER if options.manifest is None else Path(options.manifest)
    plane = None if options.no_latency else MEASURED
    try:
        cluster, other = (lesson(manifest, control_plane=plane) for _ in range(2))
        check(cluster)
    except (OSError, ValueError) as error:
        located = getattr(error, "located", error.__str__)
        print(f"error: {located()}", file=sys.stderr)
        return 1
    saved = []
    for part, text in play(cluster):
        print(f"\n# {part.title}\n\n{text}")
        if part.figure:
            for name, ax in figures(Run(cluster)):
                saved += plots.save(ax, folder / f"{part.figure}-{name}")
    part, text = play_pushed(other)
    print(f"\n# {part.title}\n\n{text}")
    print("\nFigures:", *saved, sep="\n  ")
    return 0


def check(cluster: Cluster) -> None:
    """Refuse a manifest that the lesson's commands do not fit.

    Raises
    ------
    ValueError
    """
    for deployment in cluster.list("Deployment"):
        containers = deployment["spec"]["template"]["spec"]["containers"]
        names = [container["name"] for container in containers]
        if deployment["metadata"]["name"] == "worker" and "worker" in names:
            return
    raise ValueError("the lesson needs a Deployment `worker` with a container `worker`")


def figures(run: Run) -> Iterator[tuple[str, Axes]]:
    """Draw what has happened so far: pods by state and revision, each pod, and the throughput."""
    rate = throughput.dockercoins(run.by_revision, throughput.read_sleep_seconds(run.pods))
    yield "pods", plots.replicas(run)
    yield "bars", plots.pods(run)
    yield "throughput", plots.throughput(rate)


if __name__ == "__main__":
    sys.exit(main())
