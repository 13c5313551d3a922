"""The measures of a run: how long, how few, how many, and how it stands at the end.

They are taken from the columns of the log, without a frame, so that thousands of runs are cheap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from rollnb.changes import Array, Changes, settle
from rollnb.cluster.log import Fact
from rollnb.timeline import find_reason, find_workload
from rollnb.validation import check_number

#: Reasons that last until someone, or another try, does something about them.
TROUBLE = {
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "Error",
    "ImagePullBackOff",
    "InvalidImageName",
    "NotReady",
    "Unschedulable",
}

#: What is said for some seconds after each attempt, and what then lasts: one trouble, one name.
LASTING = {"ErrImagePull": "ImagePullBackOff"}


@dataclass(frozen=True)
class Summary:
    """What a run comes to. Durations in seconds from its first action; counts in pods.

    Parameters
    ----------
    duration_seconds : float
        Until the rollout is complete to stay so: all `replicas` updated and available, and no
        old pod left but terminating ones and those below a StatefulSet's partition. NaN if that
        never happens.
    old_gone_seconds : float
        Until the last process of an old revision has ended; 0 if none ran, NaN if one still runs.
    least_available : int
        The fewest available pods at any time.
    most_replicas, most_pods : int
        The most pods at any time: without terminating ones, and with them.
    short_pod_seconds : float
        Pods that were not available although asked for, times how long.
    extra_pod_seconds : float
        Pods beyond those asked for, terminating ones included, times how long.
    state : str
        At the end: ``complete``, ``progressing``, ``stuck`` (what is missing cannot come by
        waiting; with ``OnDelete``, someone has to delete the old pods), ``deadline exceeded``
        (the Deployment says so itself), ``paused``, or ``deleted``.
    reason : str
        Why the pods that are missing at the end are not available; else empty.
    """

    duration_seconds: float
    old_gone_seconds: float
    least_available: int
    most_replicas: int
    most_pods: int
    short_pod_seconds: float
    extra_pod_seconds: float
    state: str
    reason: str = ""

    def to_series(self) -> pd.Series:
        """Return the measures as a Series, one row each: a table in a notebook."""
        return pd.Series(asdict(self), dtype=object)


def summary(
    run: Any,
    workload: str | int | None = None,
    *,
    since: float | None = None,
    until: float | None = None,
) -> Summary:
    """Measure a run, or what has happened in a cluster so far.

    Parameters
    ----------
    run : Run or Cluster
    workload : str or int, optional
        As for `rollnb.timeline.find_workload`.
    since, until : float, optional
        The seconds to look at, and from which durations count; by default from the first action
        of what `simulate` played, else from 0, to now. The state is that of the end of the run.

    Notes
    -----
    *Complete* is ``DeploymentComplete`` (``pkg/controller/deployment/util/deployment_util.go``,
    Kubernetes 1.36). What changes back within an instant does not count.
    """
    since = getattr(run, "began_at", 0.0) if since is None else since
    check_number("since", since, of="seconds", least=-np.inf, endless=True)
    if until is not None:
        check_number("until", until, of="seconds", least=since)
    cluster = getattr(run, "cluster", run)
    index = find_workload(run, workload)
    changes = Changes(cluster.log, index)
    counts = changes.counts(changes.wanted)
    counts |= {
        "replicas": changes.last_value(Fact.ASKED),
        "total": changes.total.cumsum(),
        "old": counts["running"] - _running_new(changes),
    }
    times, data = settle(changes.times, np.column_stack(list(counts.values())), since)
    if until is None:
        end = max(cluster.now, since, *times[-1:])  # instants are rounded, the clock is not
    else:
        end = until
        times, data = times[times <= end], data[times <= end]
    if not len(times):
        raise ValueError(f"nothing happened to the workload until {end} s: there is no summary")
    count = dict(zip(counts, data.T, strict=True))
    held = np.diff(times, append=max(end, times[-1]))

    replicas, available = count["replicas"], count["available_replicas"]
    state = cluster.workloads[index]
    spec = state.spec
    done = count["updated_replicas"] >= replicas - getattr(spec, "partition", 0)
    done &= (available == replicas) & (count["total"] == replicas)
    done[-1:] &= getattr(state, "gone_at", None) is None
    old_gone = count["old"] == 0
    missing = np.maximum(replicas - available, 0)
    extra = np.maximum(count["pods"] - replicas, 0)
    ending, reason = _state(state, _reasons(cluster, index), bool(done[-1]))
    return Summary(
        duration_seconds=_since_when(done, times, since),
        old_gone_seconds=0.0 if old_gone.all() else _since_when(old_gone, times, since),
        least_available=int(available.min()),
        most_replicas=int(count["total"].max()),
        most_pods=int(count["pods"].max()),
        short_pod_seconds=float(missing @ held),
        extra_pod_seconds=float(extra @ held),
        state=ending,
        reason=reason,
    )


def table(runs: Mapping[str, Any], *names: str) -> pd.DataFrame:
    """Lay the measures of several runs below each other.

    Parameters
    ----------
    runs : mapping of label to Run
    names : str
        Which fields of `Summary` become columns; by default all.

    Returns
    -------
    DataFrame, indexed by label
    """
    rows = {label: asdict(run.summary) for label, run in runs.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame[list(names)] if names else frame


def _running_new(changes: Changes) -> Array:
    """Count the running pods of the revision that is wanted at the end."""
    wanted = changes.groups[changes.facts == Fact.UPDATED]
    newest = wanted[-1] if len(wanted) else -1
    return np.where(changes.groups == newest, changes.running, 0).cumsum()


def _since_when(holds: Array, times: Array, since: float) -> float:
    """Return the seconds after which `holds` is true to the end; NaN if it is not at the end."""
    if not holds[-1]:
        return float("nan")
    broken = np.flatnonzero(~holds)
    start = float(times[broken[-1] + 1]) if len(broken) else float(times[0])
    return start - since if np.isfinite(since) else start


# --------------------------------------------------------------------------- the state at the end


def _state(workload: Any, reasons: Counter[str], complete: bool) -> tuple[str, str]:
    """Return in which state a workload is, and why pods are missing."""
    if getattr(workload, "gone_at", None) is not None:
        return "deleted", ""
    reason = reasons.most_common(1)[0][0] if reasons else ""
    reason = LASTING.get(reason, reason)
    if getattr(workload.spec, "paused", False):
        return "paused", reason
    if complete:
        return "complete", ""
    if any(
        condition.type == "Progressing" and condition.reason == "ProgressDeadlineExceeded"
        for condition in getattr(workload, "conditions", ())
    ):
        return "deadline exceeded", reason
    if reasons and set(reasons) <= TROUBLE:
        return "stuck", reason
    if not reasons and getattr(workload.spec, "strategy", "") == "OnDelete":
        return "stuck", "OnDelete"
    return "progressing", reason


def _reasons(cluster: Any, workload: int) -> Counter[str]:
    """Count why the workload's pods are not available, or not there; empty: on their way."""
    state = cluster.workloads[workload]
    groups = [group for group in cluster.groups if group.workload is state]
    pods = [pod for group in groups for pod in group.pods.values()]
    reasons = Counter(_trouble(pod) for pod in pods if pod.is_active and not pod.available)
    # A pod that was refused, as by a quota, may still come: its controller tries again and again.
    if any(group.failing for group in groups):
        reasons["FailedCreate"] += 1
    return reasons


def _trouble(pod: Any) -> str:
    """Return why an active pod is not available; empty while it is merely on its way."""
    reason = find_reason(pod)
    if reason or pod.ready:
        return reason
    if pod.node is None:
        return "Unschedulable"
    running = [container for container in pod.containers if container.running]
    if any(getattr(container.behaviour, "ready", 0) is None for container in running):
        return "NotReady"
    return ""
