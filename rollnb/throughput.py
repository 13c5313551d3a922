"""Timelines to work done: pulling workers, pods behind a Service, and DockerCoins.

A worker that pulls its work counts while its process runs, terminating or not; a pod behind a
Service counts while it is a ready endpoint. DockerCoins has a bottleneck besides: its workers
queue for ``rng`` (`rollnb.dockercoins`). Rates are in units of work per second: hashes/s for
DockerCoins, requests/s behind a Service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rollnb import timeline as frames
from rollnb.dockercoins import (
    HASHES,
    closed_queue,
    read_sleep_seconds,
    rng_latency,
    sleeps_of,
    webui,
)
from rollnb.validation import check_number

__all__ = [
    "closed_queue",
    "dockercoins",
    "hashes",
    "pulling",
    "read_sleep_seconds",
    "rng_latency",
    "serving",
    "webui",
]

REQUESTS = "requests/s"


def pulling(timeline: pd.DataFrame, rate: float, *, name: str = HASHES) -> pd.Series:
    """Return what workers get done that pull their work and have no bottleneck.

    Parameters
    ----------
    timeline : DataFrame, indexed by time in seconds
        Needs the column ``running`` (pods).
    rate : float
        Units of work per second and pod.
    name : str
        The unit, which is the name of the result and the label of its axis.

    Returns
    -------
    Series, indexed by time in seconds
        Units per second from each instant to the next; a terminating pod works on until its
        process ends.
    """
    check_number("rate", rate)
    return (timeline["running"] * float(rate)).rename(name)


def serving(
    timeline: pd.DataFrame, rate: float, *, demand: float = np.inf, name: str = REQUESTS
) -> pd.Series:
    """Return what pods behind a Service can answer.

    Parameters
    ----------
    timeline : DataFrame, indexed by time in seconds
        Needs the column ``endpoints`` (pods that are ready and not terminating).
    rate : float
        Requests per second that one pod can answer.
    demand : float, optional
        Requests per second that clients send: more are not answered. By default no limit.

    Returns
    -------
    Series, indexed by time in seconds
        Requests per second from each instant to the next.
    """
    check_number("rate", rate)
    check_number("demand", demand, endless=True)
    return (timeline["endpoints"] * float(rate)).clip(upper=demand).rename(name)


def dockercoins(
    by_revision: pd.DataFrame,
    sleep_seconds: Mapping[int, float],
    *,
    rng: float | pd.Series = 1,
) -> pd.Series:
    """Return the hashes/s of DockerCoins while its workers are rolled out.

    Parameters
    ----------
    by_revision : DataFrame, indexed by time in seconds, columns (revision, count)
        Needs the count ``running`` (pods whose process runs) of each revision.
    sleep_seconds : mapping of revision to seconds
        What the workers of a revision sleep per unit: ``{1: 0.1, 2: 1.0}``; see
        `read_sleep_seconds`.
    rng : float or Series, indexed by time in seconds
        How many rng pods serve; a Series (the ``endpoints`` of their timeline) may change.

    Returns
    -------
    Series, indexed by time in seconds
        Hashes per second from each instant to the next, as in `closed_queue`.
    """
    running = by_revision.xs("running", axis=1, level="count")
    if isinstance(rng, pd.Series):
        times = running.index.union(rng.index)
        running = running.reindex(times, method="ffill").bfill()
        rng = rng.reindex(times, method="ffill").bfill().to_numpy()
    else:
        check_number("rng", rng, of="pods")
    sleeps = sleeps_of(running.columns[running.any()], sleep_seconds)
    workers = running[list(sleeps)].to_numpy()
    rates = closed_queue(workers, list(sleeps.values()), rng)
    return pd.Series(rates, running.index, name=HASHES)


def hashes(run: Any, *, worker: str | int = "worker", rng: str = "rng") -> pd.Series:
    """Return the hashes/s of a run: its workers in front of its own rng pods.

    Parameters
    ----------
    run : Run or Cluster
    worker, rng : str
        Names of the workloads, or of the workers their index. Where there is no rng in the
        cluster, one pod serves throughout.

    Returns
    -------
    Series, indexed by time in seconds
        As from `dockercoins`; those rng pods serve that are endpoints.
    """
    cluster = getattr(run, "cluster", run)
    workers = frames.by_revision(cluster, worker)
    there = any(state.spec.name == rng for state in cluster.workloads)
    return dockercoins(
        workers,
        read_sleep_seconds(frames.pods(cluster, worker)),
        rng=frames.timeline(cluster, rng)["endpoints"] if there else 1,
    )
