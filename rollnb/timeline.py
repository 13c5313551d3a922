"""Facts to frames: counts over time, and tables of pods and events.

A log holds one row per change (`rollnb.cluster.log`); the changes become counts by cumulative
sums over its columns (`rollnb.changes`), and one frame is made of the arrays at the end. Several
changes at one instant show as their result.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from rollnb.changes import Array, Changes, settle
from rollnb.cluster.log import Fact, Log
from rollnb.kubectl.resources import BY_KIND

#: Columns of the table of pods that hold instants, and a pod's own name for them.
INSTANTS = {
    "created_at": "created_at",
    "scheduled_at": "scheduled_at",
    "started_at": "started_at",
    "ready_at": "first_ready_at",
    "deleted_at": "deleted_at",
    "stopped_at": "stopped_at",
    "gone_at": "gone_at",
}

#: In which state a fact leaves a pod that is not terminating.
STATES = {
    Fact.CREATED: "pending",
    Fact.SCHEDULED: "starting",
    Fact.STARTED: "running",
    Fact.STOPPED: "down",
    Fact.READY: "ready",
    Fact.UNREADY: "running",
    Fact.DELETED: "terminating",
    Fact.GONE: "gone",
}

#: What a container waits for when nothing is wrong.
STARTING = ("ContainerCreating", "PodInitializing")


def find_workload(run: Any, workload: str | int | None = None) -> int:
    """Return the index of a workload in ``cluster.workloads``.

    Parameters
    ----------
    run : Run or Cluster
    workload : str or int, optional
        Name (``"db"``, or ``"statefulset/db"``), or index; by default the one that the run is
        about (`rollnb.run.Run.of`), else the first. What was deleted and created anew counts as
        the new one.

    Raises
    ------
    ValueError
        If there is no workload of that name or index, several kinds of that name, none at all,
        or no cluster.
    """
    workload = getattr(run, "workload", None) if workload is None else workload
    there = getattr(getattr(run, "cluster", run), "workloads", None)
    if there is None:
        raise ValueError(f"{type(run).__name__} has no workloads: give a Cluster")
    if isinstance(workload, Integral) and 0 <= workload < len(there):
        return int(workload)
    names = [f"{one.kind.lower()}/{one.spec.name}" for one in there]
    if workload is None:
        if not there:
            raise ValueError("there is no workload in the cluster")
        workload = names[0]
    fits = [index for index, one in enumerate(there) if _is_named(one, str(workload))]
    if not fits:
        known = list(dict.fromkeys(names))
        raise ValueError(f"workload {workload!r} is not in the cluster; it has {known}")
    if len(meant := sorted({names[index] for index in fits})) > 1:
        raise ValueError(f"workload {workload!r} may be any of {meant}: say which")
    return fits[-1]


def _is_named(state: Any, words: str) -> bool:
    """Whether a workload is meant by ``db``, ``statefulset/db`` or ``sts/db``."""
    kind, _, name = words.rpartition("/")
    resource = BY_KIND[state.kind]
    kinds = ("", resource.singular, resource.plural, *resource.short)
    return name == state.spec.name and kind.lower() in kinds


def read_changes(run: Any, workload: str | int | None = None) -> Changes:
    """Return what changes the counts of a workload: see `find_workload`."""
    index = find_workload(run, workload)
    return Changes(getattr(run, "cluster", run).log, index)


def timeline(run: Any, workload: str | int | None = None, *, since: float = 0.0) -> pd.DataFrame:
    """Count the pods of a workload over time.

    Parameters
    ----------
    run : Run or Cluster
    workload : str or int, optional
        As for `find_workload`; by default the one that the run is about, or the first.
    since : float
        First instant, in seconds; ``-inf`` shows how the workload came up, too.

    Returns
    -------
    DataFrame, indexed by ``time`` in seconds
        One row per instant with a change; a count holds until the next row. ``replicas`` are
        asked for; ``pods`` all that exist, with terminating ones; ``updated_replicas``,
        ``ready_replicas`` and ``available_replicas`` leave terminating ones out;
        ``terminating_replicas``; ``running`` are pods whose process runs, terminating or not;
        ``endpoints`` are ready and not terminating.

    Notes
    -----
    The words are those of ``DeploymentStatus`` (``apps/v1``, Kubernetes 1.36).
    """
    changes = read_changes(run, workload)
    asked = {"replicas": changes.last_value(Fact.ASKED)}
    return _frame(changes, asked | changes.counts(changes.wanted), since)


def by_revision(
    run: Any, workload: str | int | None = None, *, since: float = 0.0
) -> pd.DataFrame:
    """Count the pods of each revision over time.

    Returns
    -------
    DataFrame, indexed by ``time`` in seconds, columns (``revision``, ``count``)
        The counts of `timeline` for each revision that has a ReplicaSet, under the number that
        it has at the end (an undo gives the old template a new number). Here ``replicas`` is
        what the ReplicaSet is asked for, and ``updated_replicas`` counts while the revision is
        the wanted one. A workload without any, as one that was created paused, has the revision
        0 without pods.
    """
    changes = read_changes(run, workload)
    groups = [(group.revision, group.index) for group in _groups(run, workload)]
    counts: dict[tuple[int, str], Array] = {}
    for revision, index in sorted(groups) or [(0, -1)]:
        scaled = {"replicas": changes.last_value(Fact.SCALED, index)}
        own = scaled | changes.counts([index], changes.groups == index)
        for name, column in own.items():
            key = (revision, name)
            counts[key] = counts[key] + column if key in counts else column
    frame = _frame(changes, counts, since)
    frame.columns.names = ["revision", "count"]
    return frame


def endpoints(run: Any, workload: str | int | None = None, *, since: float = 0.0) -> pd.DataFrame:
    """Count a Service's endpoints over time: ``ready``, ``serving`` and ``terminating``.

    Notes
    -----
    The conditions of an EndpointSlice (``podToEndpoint``,
    ``staging/src/k8s.io/endpointslice/utils.go``): *serving* is ready whether or not the pod is
    terminating; *ready* is serving and not terminating.
    """
    changes = read_changes(run, workload)
    counts = {
        "ready": changes.ready.cumsum(),
        "serving": changes.serving.cumsum(),
        "terminating": changes.terminating.cumsum(),
    }
    return _frame(changes, counts, since)


def _frame(changes: Changes, counts: dict[Any, Array], since: float) -> pd.DataFrame:
    """Make one frame of arrays that are ready."""
    times, data = settle(changes.times, np.column_stack(list(counts.values())), since)
    columns = pd.Index(list(counts))  # of pairs: two levels
    return pd.DataFrame(data, pd.Index(times, name="time"), columns, copy=False)


def _groups(run: Any, workload: str | int | None) -> list[Any]:
    """Return the ReplicaSets (or revisions) of a workload."""
    cluster = getattr(run, "cluster", run)
    state = cluster.workloads[find_workload(run, workload)]
    return [group for group in cluster.groups if group.workload is state]


# ----------------------------------------------------------------------------- tables of objects


def pods(run: Any, workload: str | int | None = None, *, since: float = 0.0) -> pd.DataFrame:
    """List the pods of a workload in the order of their creation, with the instants of each.

    Returns
    -------
    DataFrame, indexed by the number of the pod in ``cluster.pods``
        One row per pod that exists at `since` or later: ``name``, ``revision``, ``image`` (of
        the first container), ``node``; in seconds, NaN if it did not happen: ``created_at``,
        ``scheduled_at``, ``started_at``, ``ready_at`` and ``available_at`` (for the first
        time), ``deleted_at`` (when it became terminating), ``stopped_at`` (its process),
        ``gone_at``; ``restarts`` of its containers, and the ``reason`` why it is not well.
    """
    index = find_workload(run, workload)
    cluster = getattr(run, "cluster", run)
    state = cluster.workloads[index]
    listed = [
        pod
        for pod in cluster.pods
        if pod.group.workload is state and (pod.gone_at is None or pod.gone_at >= since)
    ]
    instants = {
        name: np.array([getattr(pod, attribute) for pod in listed], dtype=float).round(9)
        for name, attribute in INSTANTS.items()
    }
    columns: dict[str, Any] = {
        "name": [pod.name for pod in listed],
        "revision": [pod.group.revision for pod in listed],
        "image": [pod.containers[0].spec.image for pod in listed],
        "node": [pod.node for pod in listed],
        **{name: instants[name] for name in list(INSTANTS)[:4]},
        "available_at": _first_available(cluster.log)[[pod.index for pod in listed]],
        **{name: instants[name] for name in list(INSTANTS)[4:]},
        "restarts": [sum(c.restarts for c in pod.containers) for pod in listed],
        "reason": [find_reason(pod) for pod in listed],
    }
    return pd.DataFrame(columns, pd.Index([pod.index for pod in listed], dtype=int))


def spells(run: Any, workload: str | int | None = None) -> pd.DataFrame:
    """List what each pod was doing, one row for each state it was in without a break.

    A restart is a break, even one that takes no time.

    Returns
    -------
    DataFrame, indexed by the number of the pod in ``cluster.pods``
        ``name`` of the pod (one pod of a StatefulSet has it after the other), ``revision``,
        ``state``, and from when to when, in seconds: ``start``, ``stop`` (NaN if it goes on).
        The states: ``pending`` (no node yet), ``starting`` (pulling, or waiting to), ``running``
        (not ready), ``ready``, ``down`` (the process has ended, but not the pod),
        ``terminating``.
    """
    cluster = getattr(run, "cluster", run)
    changes = read_changes(run, workload)
    columns = (changes.times, changes.facts, changes.pods)
    lists: dict[int, list[tuple[str, float]]] = {}
    started_at: dict[int, float] = {}
    for time, fact, pod in zip(*(column.tolist() for column in columns), strict=True):
        state = STATES.get(fact)
        if state is None:
            continue
        mine = lists.setdefault(pod, [])
        last = mine[-1][0] if mine else ""
        # Nothing but its end is news of a pod that is terminating; a process that stops is not
        # ready, either.
        if (last == "terminating" and state != "gone") or (
            last == "down" and fact == Fact.UNREADY
        ):
            continue
        if fact == Fact.STARTED:
            started_at[pod] = time
        if mine and mine[-1][1] == time:
            mine.pop()
        if not mine or mine[-1][0] != state or started_at.get(pod) == time:
            mine.append((state, time))
    rows = [
        (pod, state, start, stop)
        for pod, mine in lists.items()
        for (state, start), (_, stop) in zip(mine, [*mine[1:], ("", np.nan)], strict=True)
        if state != "gone"
    ]
    order = sorted(range(len(rows)), key=lambda i: rows[i][0])
    pods = [cluster.pods[rows[i][0]] for i in order]
    return pd.DataFrame(
        {
            "name": [pod.name for pod in pods],
            "revision": [pod.group.revision for pod in pods],
            "state": [rows[i][1] for i in order],
            "start": [rows[i][2] for i in order],
            "stop": np.array([rows[i][3] for i in order], dtype=float),
        },
        pd.Index([pod.index for pod in pods], dtype=int),
    )


def troubles(run: Any, workload: str | int | None = None) -> pd.DataFrame:
    """List why pods are not well, or were not before they got well at last.

    Returns
    -------
    DataFrame, indexed by the number of the pod in ``cluster.pods``
        One row per pod with trouble: the ``reason``, and between which seconds there was one:
        ``start``, ``stop`` (NaN if it goes on). Trouble that is over is that of the pod's last
        Event of an image that could not be pulled, or of a container that crashed.
    """
    cluster = getattr(run, "cluster", run)
    last: dict[str, tuple[float, str]] = {}
    for event in cluster.events:
        reason = _read_trouble(event)
        if reason and event.kind == "Pod":
            last[event.uid] = max((event.last_at, reason), last.get(event.uid, (-np.inf, "")))
    rows = []
    for pod, mine in spells(run, workload).groupby(level=0):
        at, reason = last.get(cluster.pods[pod].uid, (np.nan, ""))
        if now := find_reason(cluster.pods[pod]):
            rows.append((pod, now, mine["start"].iloc[0], np.nan))
        elif reason:
            then = mine[mine["start"] <= at].iloc[-1]
            rows.append((pod, reason, then["start"], then["stop"]))
    return pd.DataFrame(rows, columns=["pod", "reason", "start", "stop"]).set_index("pod")


def _read_trouble(event: Any) -> str:
    """Return the reason that an Event tells of, as ``kubectl get pods`` would say it."""
    if event.reason == "BackOff" and event.message.startswith("Back-off restarting"):
        return "CrashLoopBackOff"
    return event.message.removeprefix("Error: ") if event.reason == "Failed" else ""


def find_reason(pod: Any) -> str:
    """Return why the pod is not well, as ``kubectl get pods`` would say it; else ``""``."""
    reasons = [pod.reason, *(container.waiting for container in pod.containers)]
    return next((reason for reason in reasons if reason not in ("", *STARTING)), "")


def _first_available(log: Log) -> Array:
    """Return when each pod first was available; NaN if never."""
    who = np.array(log.pods)
    at = np.full(int(who.max(initial=-1)) + 1, np.nan)
    rows = np.flatnonzero(np.array(log.facts) == Fact.AVAILABLE)[::-1]
    at[who[rows]] = np.array(log.times)[rows].round(9)
    return at


def events(cluster: Any) -> pd.DataFrame:
    """List the cluster's Events in the order of their first time, as ``kubectl get events``."""
    columns = ("first_at", "last_at", "count", "type", "reason", "kind", "name", "message")
    columns += ("source",)
    return pd.DataFrame(
        {name: [getattr(event, name) for event in cluster.events] for name in columns}
    )
