"""Play a recording: its workload, images and actions, in a simulated cluster.

The workload and its history are there, with all pods ready, before t = 0; then the behaviours come
into force and the actions follow at their times, with ``kubectl rollout status`` and ``kubectl
get`` beside them as when it was recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rollnb.agreement.limits import Limits
from rollnb.changes import Changes, settle
from rollnb.cluster import MEASURED, Cluster, ControlPlane
from rollnb.cluster.log import Fact
from rollnb.recording import Draws, Recording, images, nodes

#: From the start of kubectl to its first request: recorded are the starts (median of 92).
KUBECTL_SECONDS = 0.09

#: A table may be as it was a little earlier or later: it is looked at so many tolerances away too.
LOOKS = (0.0, -1.0, -0.5, 0.5, 1.0)

#: So long each step of the setting up is given; without delays it needs milliseconds.
_SETTLING_SECONDS = 1.0


@dataclass(frozen=True)
class Replay:
    """What a simulation has for a recording, in the recording's own form.

    Parameters
    ----------
    cluster : Cluster
        At the end of the recording.
    curve : DataFrame
        As `rollnb.recording.curve` gives it.
    rs_spec : list of [t, {version: replicas}], or None
        The sizes that the ReplicaSets ask for, one row per change; None if there are none.
    rollout_status, outputs : list of dict
        What kubectl said; an output as it was at its time, then as a little earlier and later.
    versions : dict
        Version (image tag) to its template's ``hash`` and ``image``.
    """

    cluster: Cluster
    curve: pd.DataFrame
    rs_spec: list[list[Any]] | None
    rollout_status: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    versions: dict[str, dict[str, str]]

    @property
    def said(self) -> dict[str, Any]:
        """The fields that `rollnb.agreement.compare` takes beside the curve."""
        fields = ("rs_spec", "rollout_status", "outputs", "versions")
        return {field: getattr(self, field) for field in fields}


def replay(
    recording: Recording, *, control_plane: ControlPlane = MEASURED, seed: int = 0
) -> Replay:
    """Simulate what was recorded.

    Parameters
    ----------
    recording : dict
        As `rollnb.recording.load` gives it.
    control_plane : ControlPlane
        By default with the latencies measured on the recorded one.
    seed : int
        For names, and for the order in which a DaemonSet's controller visits the nodes.
    """
    draws = Draws(recording)
    by_tag = images(recording, draws)
    cluster = _settled_cluster(recording, by_tag, control_plane, seed)
    draws.in_force = True
    statuses: list[tuple[dict[str, Any], Any]] = []
    looks: list[tuple[float, float, dict[str, Any]]] = []
    end = float(recording["duration"])

    def act(action: dict[str, Any]) -> None:
        if action["do"] == "push":
            cluster.push(by_tag[action["tag"]])
        elif action["do"] == "annotate":
            # The recorded command had no --overwrite, but what it stands for overwrote.
            cluster.kubectl(action["command"] + " --overwrite")
        elif action["do"] == "delete_pod":
            cluster.kubectl(
                f"kubectl delete pod {_find_pod(cluster, recording, action)}", background=True
            )
        else:
            cluster.kubectl(action["command"], background=True)

    def watch_status(status: dict[str, Any]) -> None:
        statuses.append((status, cluster.kubectl(status["command"], background=True)))

    def look(output: dict[str, Any], away: float) -> None:
        text = cluster.kubectl(output["command"]).stdout
        looks.append((output["t"], abs(away), {**output, "text": text}))

    plan: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = [
        *((a["t"] + a.get("took", 0.0), act, (a,)) for a in recording["actions"]),
        *((s["t"] + KUBECTL_SECONDS, watch_status, (s,)) for s in recording["rollout_status"]),
        *((_look_at(o, away), look, (o, away)) for o in recording["outputs"] for away in LOOKS),
    ]
    for t, do, what in sorted(plan, key=lambda step: step[0]):
        cluster.run(min(t, end))
        do(*what)
    cluster.run(end)
    groups = _group_versions(cluster)
    return Replay(
        cluster,
        _curve(cluster, groups),
        _sizes(cluster, groups) if recording["kind"] == "Deployment" else None,
        [_status(status, process) for status, process in statuses],
        [output for *_, output in sorted(looks, key=lambda look: look[:2])],
        {
            version: {
                "hash": cluster.groups[members[0]].template_hash,
                "image": version.partition("'")[0],
            }
            for version, members in groups.items()
        },
    )


def _look_at(output: dict[str, Any], away: float) -> float:
    """Return when to look for a recorded output, so many tolerances away from its time."""
    return output["t"] + KUBECTL_SECONDS + away * float(Limits().tolerance(output["t"]))


def _settled_cluster(
    recording: Recording, by_tag: dict[str, Any], control_plane: ControlPlane, seed: int
) -> Cluster:
    """Return a cluster in which the workload has been for a while, just before t = 0."""
    behaviours = recording["behaviours"]
    created = [o["created"] for o in recording["initial"] if "created" in o]
    cluster = Cluster(
        [i for tag, i in by_tag.items() if not behaviours.get(tag, {}).get("bad_image")],
        nodes=nodes(recording),
        control_plane=control_plane,
        seed=seed,
        epoch=recording["t0_unix"],
        start=min(created, default=-10.0),
        feature_gates=[gate for gate, on in recording.get("feature_gates", {}).items() if on],
    )
    kind, name = recording["kind"].lower(), recording["workload"]
    manifest = recording["manifests"][0]
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    with cluster.instantly():
        cluster.apply(recording["manifests"])
        cluster.wait(_SETTLING_SECONDS)
        for tag in recording["settings"].get("pre", ()):
            if by_tag[tag].name != container["image"]:
                pair = f"{container['name']}={by_tag[tag].name}"
                cluster.kubectl(f"kubectl set image {kind}/{name} {pair}")
                cluster.wait(_SETTLING_SECONDS)
    cluster.run(0.0)
    return cluster


def _find_pod(cluster: Cluster, recording: Recording, action: dict[str, Any]) -> str:
    """Return the pod that stands for the one deleted by hand: by name, node, or image."""
    if "pod" in action:
        return action["pod"]
    candidates = [
        pod
        for pod in cluster.pods
        if pod.gone_at is None
        and pod.deleted_at is None
        and action.get("node") in (None, pod.node)
        and action.get("image") in (None, _tag(pod.group))
    ]
    # Of several pods of an image the one that has been there longest.
    return candidates[0].name


def _tag(group: Any) -> str:
    return group.template.containers[0].image.rpartition(":")[2]


def _group_versions(cluster: Cluster) -> dict[str, list[int]]:
    """Return the groups of each version; a second template with the same image is ``tag'2``."""
    names: dict[str, str] = {}
    versions: dict[str, list[int]] = {}
    for group in cluster.groups:
        if group.template_hash not in names:
            tag = _tag(group)
            earlier = sum(name.partition("'")[0] == tag for name in names.values())
            names[group.template_hash] = f"{tag}'{earlier + 1}" if earlier else tag
        versions.setdefault(names[group.template_hash], []).append(group.index)
    return versions


def _curve(cluster: Cluster, groups: dict[str, list[int]]) -> pd.DataFrame:
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


def _sizes(cluster: Cluster, groups: dict[str, list[int]]) -> list[list[Any]]:
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
    return [[t, sizes] for t, sizes in zip(times, frame.to_dict("records"), strict=True)]


def _frame(times: np.ndarray, counts: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return one row per change, the first for what was there before the first action."""
    # A hair before 0, so that the state before the first action is a row of its own.
    times = np.where(times < 0, -1.0, times)
    instants, rows = settle(times, np.column_stack(list(counts.values())), -1.0)
    frame = pd.DataFrame(rows, columns=list(counts))
    frame.insert(0, "t", np.where(instants < 0, np.nan, instants))
    return frame


def _status(recorded: dict[str, Any], process: Any) -> dict[str, Any]:
    """Return what a ``kubectl rollout status`` printed, line by line, errors included."""
    status = {"t": recorded["t"], "command": recorded["command"], "exit": process.exit}
    status["lines"] = [[t, text] for t, text in process.lines]
    if process.exit is not None:
        # What is done at once never was in the background.
        status["exit_t"] = getattr(process, "exit_at", process.lines[-1][0])
    return status
