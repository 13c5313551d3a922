"""What a simulated cluster went through, in the form of a recording."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rollnb.changes import Changes, settle
from rollnb.cluster import Cluster
from rollnb.cluster.log import Fact


def tag_of(group: Any) -> str:
    """Return the tag of a group's first image."""
    return group.template.containers[0].image.rpartition(":")[2]


def group_versions(cluster: Cluster) -> dict[str, list[int]]:
    """Return the groups of each version; a second template with the same image is ``tag'2``."""
    names: dict[str, str] = {}
    versions: dict[str, list[int]] = {}
    for group in cluster.groups:
        if group.template_hash not in names:
            tag = tag_of(group)
            earlier = sum(name.partition("'")[0] == tag for name in names.values())
            names[group.template_hash] = f"{tag}'{earlier + 1}" if earlier else tag
        versions.setdefault(names[group.template_hash], []).append(group.index)
    return versions


def curve(cluster: Cluster, groups: dict[str, list[int]]) -> pd.DataFrame:
    """Return the counts of pods in the form of a recorded curve."""
    changes = Changes(cluster.log, 0)
    counts = {
        "pods": changes.existing.cumsum(),
        "terminating": changes.terminating.cumsum(),
        "ready": changes.ready.cumsum(),
        "available": changes.available.cumsum(),
    }
    for version, members in groups.items():
        mine = np.isin(changes.groups, members)
        counts[version] = np.where(mine, changes.total, 0).cumsum()
        counts[f"{version} ready"] = np.where(mine, changes.ready, 0).cumsum()
        counts[f"{version} available"] = np.where(mine, changes.available, 0).cumsum()
    return _frame(changes.times, counts)


def sizes(cluster: Cluster, groups: dict[str, list[int]]) -> list[list[Any]]:
    """Return the sizes of the ReplicaSets, one row per change."""
    changes = Changes(cluster.log, 0)
    frame = _frame(
        changes.times,
        {
            version: sum(changes.last_value(Fact.SCALED, member) for member in members)
            for version, members in groups.items()
        },
    )
    times = [None, *frame.pop("t").tolist()[1:]]
    return [[t, asked] for t, asked in zip(times, frame.to_dict("records"), strict=True)]


def _frame(times: np.ndarray, counts: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return one row per change, the first for what was there before the first action."""
    # A hair before 0, so that the state before the first action is a row of its own.
    times = np.where(times < 0, -1.0, times)
    instants, rows = settle(times, np.column_stack(list(counts.values())), -1.0)
    frame = pd.DataFrame(rows, columns=list(counts))
    frame.insert(0, "t", np.where(instants < 0, np.nan, instants))
    return frame


def status_of(recorded: dict[str, Any], process: Any) -> dict[str, Any]:
    """Return what a ``kubectl rollout status`` printed, line by line, errors included."""
    status = {"t": recorded["t"], "command": recorded["command"], "exit": process.exit}
    status["lines"] = [[t, text] for t, text in process.lines]
    if process.exit is not None:
        # What is done at once never was in the background.
        status["exit_t"] = getattr(process, "exit_at", process.lines[-1][0])
    return status
