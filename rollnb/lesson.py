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

from rollnb import plots, throughput
from rollnb.cluster import MEASURED, Cluster
from rollnb.run import Run
from rollnb.scenarios import PATCH, WORKER, lesson


class Part(NamedTuple):
    """A part of the lesson: what it is about, and what is typed."""

    title: str
    commands: str


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
    ),
    Part(
        "An image that does not exist, v0.3: stuck at nine old pods and two new ones",
        f"""
export TAG=v0.3
kubectl set image deploy worker worker=$REGISTRY/worker:$TAG
{STATUS} --timeout=20s
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
    ),
)

#: Instead of backing out: the image is pushed, and the next attempt to pull it succeeds.
PUSHED = Part(
    "Or push the image: the next attempt to pull it succeeds",
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the lesson in the terminal and write its figures."""
    parser = argparse.ArgumentParser(prog="python -m rollnb.lesson", description=main.__doc__)
    parser.add_argument(
        "manifest", nargs="?", help="another manifest of a Deployment `worker` than the lesson's"
    )
    parser.add_argument("--figures", default="figures", help="folder for the figures")
    parser.add_argument(
        "--no-latency", action="store_true", help="a control plane that reacts at once"
    )
    options = parser.parse_args(arguments)
    folder = Path(options.figures)
    folder.mkdir(parents=True, exist_ok=True)
    manifest = WORKER if options.manifest is None else Path(options.manifest)
    cluster = lesson(manifest, control_plane=None if options.no_latency else MEASURED)
    for part, text in play(cluster):
        print(f"\n# {part.title}\n\n{text}")
    print("Figures:")
    for name, ax in figures(Run(cluster)):
        for kind in ("svg", "png", "pdf"):
            plots.save(ax, folder / f"{name}.{kind}")
        print(f"  {folder / name}.svg, .png, .pdf")
    return 0


def figures(run: Run) -> Iterator[tuple[str, plots.Axes]]:
    """Draw the lesson as it went: the pods, the throughput, and a bar for each pod."""
    yield "lesson-pods", plots.replicas(run)
    yield "lesson-throughput", plots.throughput(throughput.dockercoins(run.by_revision, run.pods))
    yield "lesson-bars", plots.pods(run)


if __name__ == "__main__":
    sys.exit(main())
