"""What the explorer knows of images: the tag that comes next, and the work that pods do."""

from __future__ import annotations

import re

import pandas as pd

from rollnb import scenarios, throughput
from rollnb.run import Run


def is_dockercoins(image: str) -> bool:
    """Whether an image is one of the lesson's workers, whatever the registry."""
    names = {one.name.rpartition("/")[2] for one in (scenarios.V1, scenarios.V2, scenarios.V3)}
    return image.rpartition("/")[2] in names


def next_image(image: str) -> str:
    """Return the image with another tag: 1.27-alpine becomes 1.28-alpine, latest becomes next."""
    path, _, last = image.partition("@")[0].rpartition("/")
    name, _, tag = last.partition(":")
    version = re.match(r"(v?(?:\d+\.)*)(\d+)(?!\w)(.*)", tag)
    tag = f"{version[1]}{int(version[2]) + 1}{version[3]}" if version else "next"
    return f"{path}/{name}:{tag}" if path else f"{name}:{tag}"


def work(run: Run) -> pd.Series:
    """Return what pods do during a run of settings.

    The hashes/s of DockerCoins, if they are its workers: with the rng pods that are there, else
    with one. Otherwise how many pods a Service sends requests to.
    """
    sleeps = throughput.read_sleep_seconds(run.pods)
    running = run.by_revision.xs("running", axis=1, level="count").any()
    known = set(running.index[running]) <= set(sleeps)
    if known and all(map(is_dockercoins, run.pods["image"])):
        name = run.cluster.workloads[0].spec.name
        return throughput.hashes(run, worker=name)
    return throughput.serving(run.timeline, 1, name="endpoints")
