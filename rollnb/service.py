"""A Service in front of a workload: which pods clients send to, and which requests are lost.

Clients learn late of a change of endpoints: a proxy on every node has to hear of it first. For so
long they go on sending to a pod that is terminating, and not yet to one that has become ready.
What is sent to a process that has ended is lost. Follows ``CategorizeEndpoints``
(``pkg/proxy/topology.go``, Kubernetes 1.36): traffic goes to ready endpoints, and only where there
are none to those that still serve while they terminate.

Simplified: requests take no time, are spread evenly, and every client hears of a change after the
same delay, be it 1 s by default; nobody tries again. Clients begin to send when they hear of the
first ready pod: the Service is taken to be there as soon as that, whenever it was created. A
process answers until it ends: a server that stops listening at SIGTERM is one with
``stop_seconds=0``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rollnb.changes import Array, settle
from rollnb.timeline import find_workload, read_changes
from rollnb.validation import check_number

COLUMNS = ["answered", "lost", "targets", "dead"]


class _Table(NamedTuple):
    """Instants, and at each of them whether clients send anything.

    For each pod, too: whether they send to it, and whether it answers.
    """

    times: Array
    sends: Array
    targets: Array
    answers: Array


def traffic(
    run: Any,
    rate: float = 100.0,
    *,
    propagation_seconds: float = 1.0,
    capacity: float = np.inf,
    workload: str | int | None = None,
    since: float | None = None,
) -> pd.DataFrame:
    """Follow the requests that clients send to a Service in front of a workload.

    A cluster without any Service is taken to have one that selects all pods of the workload.

    Parameters
    ----------
    run : Run or Cluster
    rate : float
        Requests per second that clients send, whatever comes of them, from when they know the
        first ready pod on.
    propagation_seconds : float
        From a change of the endpoints until clients act on it; what was so before time 0 they
        know.
    capacity : float, optional
        Requests per second that one pod can answer; by default no limit.
    workload : str or int, optional
        As for `rollnb.timeline.find_workload`.
    since : float, optional
        First instant, in seconds; by default the first action (``run.began_at``).

    Returns
    -------
    DataFrame, indexed by ``time`` in seconds
        Values hold until the next row: ``answered`` and ``lost`` in requests per second,
        ``targets`` the pods that clients send to, ``dead`` those of them that do not answer.
        The last row is the end of the run, or when clients have heard of its last change.

    Raises
    ------
    ValueError
        If the cluster has Services, none of which selects the workload's pods.

    Examples
    --------
    Ten pods share 100 requests/s. One is deleted and ends at once: for a second its 10 requests/s
    find nobody.
    """
    check_number("capacity", capacity, endless=True)
    since = _check(run, rate, propagation_seconds, since)
    table = _follow(run, propagation_seconds, workload)
    targets = table.targets.sum(axis=1)
    alive = (table.targets & table.answers).sum(axis=1)
    answered = alive * np.minimum(_share(rate, targets), capacity)
    lost = np.where(table.sends, rate, 0.0) - answered
    columns = np.column_stack([answered, lost, targets, targets - alive])
    begin = [since] if np.isfinite(since) else []  # nothing is sent before the first change
    columns = np.vstack([np.zeros((len(begin), len(COLUMNS))), columns])
    times, columns = settle(np.append(begin, table.times), columns, since)
    # The last row is the end of the run, or later: when clients have heard of its last change.
    end = max([getattr(run, "cluster", run).now, *table.times[-1:]])
    if len(times) and times[-1] < end:
        times, columns = np.append(times, end), np.vstack([columns, columns[-1]])
    frame = pd.DataFrame(columns, pd.Index(times, name="time"), COLUMNS)
    return frame.astype({"targets": int, "dead": int})


def totals(frame: pd.DataFrame, until: float | None = None) -> pd.Series:
    """Add up ``answered`` and ``lost`` requests of a `traffic`, by default up to its last row."""
    times = frame.index.to_numpy(dtype=float)
    end = times[-1] if until is None else until
    check_number("until", end, of="seconds", least=times[0])
    held = np.diff(np.minimum(np.append(times, end), end))
    rates = frame[["answered", "lost"]]
    return pd.Series(rates.to_numpy().T @ held, rates.columns, name="requests").round(9)


def lost_by_pod(
    run: Any,
    rate: float = 100.0,
    *,
    propagation_seconds: float = 1.0,
    workload: str | int | None = None,
    since: float | None = None,
) -> pd.Series:
    """Return how many requests were lost at each pod that lost any, in the order of creation.

    Parameters are those of `traffic`; a request that no pod was there for is nobody's.
    """
    since = _check(run, rate, propagation_seconds, since)
    table = _follow(run, propagation_seconds, workload)
    cluster = getattr(run, "cluster", run)
    held = np.append(np.diff(np.maximum(table.times, since)), 0.0)
    share = _share(rate, table.targets.sum(axis=1)) * held
    lost = (share @ (table.targets & ~table.answers)).round(9)
    at = np.flatnonzero(lost)
    return pd.Series(lost[at], [cluster.pods[pod].name for pod in at], name="lost requests")


def _check(run: Any, rate: float, propagation_seconds: float, since: float | None) -> float:
    """Refuse numbers that mean nothing, and return the first instant."""
    since = getattr(run, "began_at", 0.0) if since is None else since
    check_number("rate", rate)
    check_number("propagation_seconds", propagation_seconds, of="seconds")
    return check_number("since", since, of="seconds", least=-np.inf, endless=True)


def _check_selected(cluster: Any, workload: Any) -> None:
    """Refuse to send requests where the cluster has Services, and none selects the workload."""
    services = cluster.list("Service")
    selectors = [service["spec"].get("selector") or {} for service in services]
    labels = [spec.template.labels.items() for _, spec in workload.specs]
    if services and not any(
        selector and selector.items() <= pod for selector in selectors for pod in labels
    ):
        shown = {s["metadata"]["name"]: s["spec"].get("selector") for s in services}
        raise ValueError(
            f"no Service selects the pods of {workload.name!r}: they have the labels "
            f"{dict(labels[-1])}, and the selectors are {shown}"
        )


def _share(rate: float, targets: Array) -> Array:
    """Return the requests/s that each target gets."""
    return rate / np.maximum(targets, 1)


def _follow(run: Any, delay: float, workload: str | int | None) -> _Table:
    """Say at every instant with a change which pods clients send to, and which ones answer."""
    cluster = getattr(run, "cluster", run)
    changes = read_changes(run, workload)
    _check_selected(cluster, cluster.workloads[find_workload(run, workload)])
    rows = np.flatnonzero(changes.ready | changes.serving)
    changed = np.unique(changes.times[rows])
    place = np.searchsorted(changed, changes.times[rows])
    pods = changes.pods[rows]

    def states(change: Array) -> Array:
        """Return for each instant and pod whether it holds; before the first instant, never."""
        counts = np.zeros((len(changed) + 1, int(changes.pods.max(initial=-1)) + 1), dtype=int)
        np.add.at(counts, (place + 1, pods), change[rows])
        return counts.cumsum(axis=0) > 0

    ready, serving = states(changes.ready), states(changes.serving)
    heard = (changed + delay).round(9)
    heard = np.where(changed < 0, np.minimum(heard, 0.0), heard)  # what was there is well known
    times = np.unique(np.concatenate([changed, heard]))
    known = np.searchsorted(heard, times, side="right")
    now = np.searchsorted(changed, times, side="right")
    targets = ready[known]
    nobody = ~targets.any(axis=1)
    targets[nobody] = (serving & ~ready)[known[nobody]]
    return _Table(times, known > 0, targets, serving[now])
