"""DockerCoins: workers that queue for a bottleneck, and the bursts that its web UI shows.

A worker sleeps, asks ``rng`` for random bytes, and has ``hasher`` hash them: that is one unit, and
what is counted is a hash (a coin is a hash that starts with ``0``, one in 16). rng serves one
request at a time, so the workers are a closed queue.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rollnb.validation import check_number

#: Seconds that a worker of each version sleeps before a unit of work.
SLEEP_SECONDS = {"v0.1": 0.1, "v0.2": 1.0}

#: Seconds of a request to rng, which serves one at a time, and to hasher, which serves many.
RNG_SECONDS = 0.1
HASHER_SECONDS = 0.1

#: A worker adds to the counter at most once in so many seconds, and the web UI asks as often.
FLUSH_SECONDS = 1.0

HASHES = "hashes/s"


def closed_queue(
    workers: np.ndarray | list[float], sleep_seconds: np.ndarray | list[float], rng: float = 1
) -> np.ndarray:
    """Return the hashes/s of workers that sleep, ask one of `rng` servers, and hash.

    Parameters
    ----------
    workers : array of shape (..., versions)
        Running workers of each version.
    sleep_seconds : array of shape (versions,)
        What a worker of that version sleeps per unit.
    rng : float or array
        Servers (rng pods) at that time, with ideal balance between them.

    Returns
    -------
    array of shape (...)
        ``min(sum(N / (Z + s)), c / s)``: every worker at its own pace, unless rng is saturated.
        ``Z = sleep + 0.1`` is the time between two requests of a worker, ``s = 0.1`` the time of
        a request: one v0.1 worker does 1 / (0.1 + 0.1 + 0.1) = 3.33 hashes/s.

    Notes
    -----
    Measured values are a few per cent lower: about 6 ms of a worker's time per unit and 3 ms of
    rng's are left out, and so is the 10 s pause of a worker whose connection is refused.
    """
    between = np.asarray(sleep_seconds, dtype=float) + HASHER_SECONDS
    pace = (np.asarray(workers, dtype=float) / (between + RNG_SECONDS)).sum(axis=-1)
    return np.minimum(pace, np.asarray(rng) / RNG_SECONDS)


def rng_latency(
    workers: np.ndarray | list[float], sleep_seconds: np.ndarray | list[float], rng: float = 1
) -> np.ndarray:
    """Return how long a request to rng takes, in seconds, waiting included.

    Takes what `closed_queue` takes. While rng is not saturated, this is its service time of
    0.1 s; with N workers of one version in front of c saturated servers it is ``N s / c - Z``:
    0.8 s for ten v0.1 workers and one rng. Without any rng it is infinite.
    """
    workers = np.asarray(workers, dtype=float)
    between = np.asarray(sleep_seconds, dtype=float) + HASHER_SECONDS
    capacity = np.asarray(rng, dtype=float) / RNG_SECONDS
    low = np.full(workers.shape[:-1], RNG_SECONDS)
    with np.errstate(divide="ignore", invalid="ignore"):
        high = np.maximum(
            np.nan_to_num(workers.sum(axis=-1) / capacity, nan=0.0, posinf=np.inf), low
        )
        # The flow through rng falls with the latency; halving the interval finds the one at
        # which it is what rng can do.
        for _ in range(60):
            middle = (low + high) / 2
            too_fast = (workers / (between + middle[..., None])).sum(axis=-1) > capacity
            low, high = np.where(too_fast, middle, low), np.where(too_fast, high, middle)
    return high


def read_sleep_seconds(pods: pd.DataFrame) -> dict[int, float]:
    """Return what the workers of each revision sleep, by the tag of their image.

    Parameters
    ----------
    pods : DataFrame
        As in ``run.pods``: needs ``revision`` and ``image``. A revision whose tag is not in
        `SLEEP_SECONDS` is left out: of an image that does not exist no worker ever runs.
    """
    tags = pods["image"].str.rpartition(":")[2]
    known = tags.isin(list(SLEEP_SECONDS))
    return dict(zip(pods["revision"][known].tolist(), tags[known].map(SLEEP_SECONDS), strict=True))


def sleeps_of(revisions: pd.Index, sleep_seconds: Mapping[int, float]) -> dict[int, float]:
    """Return what the given revisions sleep; all of them must be known."""
    unknown = [revision for revision in revisions if revision not in sleep_seconds]
    if unknown:
        raise ValueError(
            f"sleep_seconds={dict(sleep_seconds)} has no entry for revision {unknown[0]}, "
            "whose workers run: add the seconds that they sleep per unit of work"
        )
    for revision in revisions:
        check_number(f"sleep_seconds[{revision}]", sleep_seconds[revision], of="seconds")
    return {revision: float(sleep_seconds[revision]) for revision in revisions}


def webui(
    pods: pd.DataFrame,
    sleep_seconds: Mapping[int, float],
    *,
    rng: float = 1,
    until: float,
    since: float = 0.0,
) -> pd.Series:
    """Return what the web UI of DockerCoins would draw: bursts.

    A worker adds its units to the counter only between two of them and when a second has passed
    since the last time; the web UI asks for the counter once a second and draws the difference.
    So one v0.1 worker, at a steady 3.33 hashes/s, looks like 4, 4, 4, 4, 4, 0. Workers that
    start at one instant stay 0.1 s behind each other: so they come out of their first queue.

    Parameters
    ----------
    pods : DataFrame
        As in ``run.pods``: needs ``revision``, ``started_at`` and ``stopped_at``. A worker is
        taken to run from the one to the other, without restarts; units that it has not added
        when it stops are lost.
    sleep_seconds : mapping of revision to seconds
    rng : float
        How many rng pods serve.
    since, until : float
        Seconds between which the web UI asks.

    Returns
    -------
    Series, indexed by time in seconds
        Hashes per second, seen at each whole second, over the second before.
    """
    check_number("rng", rng, of="pods", positive=True)
    check_number("since", since, of="seconds", least=-np.inf)
    check_number("until", until, of="seconds", least=since)
    ran = pods[pods["started_at"].notna()]
    sleeps = sleeps_of(pd.Index(ran["revision"].unique()), sleep_seconds)
    starts = ran["started_at"].to_numpy(dtype=float)
    ends = ran["stopped_at"].fillna(until).to_numpy(dtype=float).clip(max=until)
    times = np.unique(np.concatenate([starts, ends]))
    alive = (starts <= times[:, None]) & (times[:, None] < ends)
    kinds = (ran["revision"].to_numpy()[:, None] == list(sleeps)).astype(int)
    waits = rng_latency(alive @ kinds, list(sleeps.values()), rng)

    behind = ran.groupby("started_at").cumcount().to_numpy() * (RNG_SECONDS / rng)
    flushes, counts = [np.zeros(0)], [np.zeros(0, dtype=int)]
    for revision, start, end, wait in zip(ran["revision"], starts, ends, behind, strict=True):
        pace = 1 / (sleeps[revision] + HASHER_SECONDS + waits)
        done = np.append(0.0, (pace[:-1] * np.diff(times)).cumsum())
        done -= np.interp(start, times, done)
        units = np.arange(1, int(np.interp(end, times, done) + 1e-9) + 1)
        finished = np.interp(units, done, times) + wait
        at, number = _flush(finished[finished <= end + 1e-9], start + wait)
        flushes.append(at)
        counts.append(number)
    polls = np.arange(np.ceil(since), np.floor(until + 1e-9) + 1)
    at, number = np.concatenate(flushes), np.concatenate(counts)
    order = at.argsort(kind="stable")
    counter = np.append(0, number[order].cumsum())
    seen = counter[np.searchsorted(at[order], polls + 1e-9, side="right")]
    return pd.Series(np.diff(seen).astype(float), pd.Index(polls[1:], name="time"), name=HASHES)


def _flush(finished: np.ndarray, start: float) -> tuple[np.ndarray, np.ndarray]:
    """Return when a worker adds to the counter, and how many units, from when each is finished."""
    at, counts, last, first = [], [], start, 0
    while True:
        # A second less the dust of the sums: what takes exactly a second really takes a bit more.
        unit = int(np.searchsorted(finished, last + FLUSH_SECONDS - 1e-9))
        if unit >= len(finished):
            return np.array(at), np.array(counts, dtype=int)
        last = finished[unit]
        at.append(last)
        counts.append(unit + 1 - first)
        first = unit + 1
