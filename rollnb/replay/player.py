"""Play a recording: its workload, images and actions, in a simulated cluster.

The workload and its history are there, with all pods ready, before t = 0; then the behaviours come
into force and the actions follow at their times, with ``kubectl rollout status`` and ``kubectl
get`` beside them as when it was recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rollnb import timeline
from rollnb.agreement.limits import Limits
from rollnb.cluster import MEASURED, Cluster, ControlPlane
from rollnb.cluster.constants import FEATURE_GATES
from rollnb.recording import Draws, Recording, images, nodes
from rollnb.replay.form import curve, group_versions, sizes, status_of, tag_of

#: Recorded is when kubectl was started; it answers so much later (median of 92).
KUBECTL_SECONDS = 0.09

#: A table may be as it was a little earlier or later: it is looked at so many tolerances away too.
LOOKS = (0.0, -1.0, -0.5, 0.5, 1.0)


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
    def timeline(self) -> pd.DataFrame:
        """Counts over time: see `rollnb.timeline.timeline`."""
        return timeline.timeline(self.cluster)

    @property
    def by_revision(self) -> pd.DataFrame:
        """The same counts for each revision: see `rollnb.timeline.by_revision`."""
        return timeline.by_revision(self.cluster)

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
            cluster.kubectl(action["command"] + " --overwrite", background=True)
        elif action["do"] == "delete_pod":
            cluster.kubectl(
                f"kubectl delete pod {_find_pod(cluster, recording, action)}", background=True
            )
        else:
            cluster.kubectl(action["command"], background=True)

    def watch_status(status: dict[str, Any]) -> None:
        statuses.append((status, cluster.kubectl(status["command"], background=True)))

    def look(output: dict[str, Any], away: float) -> None:
        text = cluster.kubectl(output["command"], background=True).stdout
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
    groups = group_versions(cluster)
    return Replay(
        cluster,
        curve(cluster, groups),
        sizes(cluster, groups) if recording["kind"] == "Deployment" else None,
        [status_of(status, process) for status, process in statuses],
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
    settings = recording["settings"]
    # Without delays a rollout needs no time but for minReadySeconds, at worst once for each pod.
    wait = settings.get("min_ready", 0) * (settings.get("replicas", 10) + 1) + 1.0
    created = [o["created"] for o in recording["initial"] if "created" in o]
    steps = 1 + len(settings.get("pre", ()))
    cluster = Cluster(
        [i for tag, i in by_tag.items() if not behaviours.get(tag, {}).get("bad_image")],
        nodes=nodes(recording),
        control_plane=control_plane,
        seed=seed,
        epoch=recording["t0_unix"],
        start=min([-wait * steps - 5.0, *created]),
        feature_gates=[
            gate
            for gate, on in recording.get("feature_gates", {}).items()
            if on and gate in FEATURE_GATES
        ],
    )
    kind, name = recording["kind"].lower(), recording["workload"]
    manifest = recording["manifests"][0]
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    with cluster.instantly():
        cluster.apply(recording["manifests"])
        cluster.wait(wait)
        for tag in settings.get("pre", ()):
            if by_tag[tag].name != container["image"]:
                pair = f"{container['name']}={by_tag[tag].name}"
                cluster.kubectl(f"kubectl set image {kind}/{name} {pair}", background=True)
                cluster.wait(wait)
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
        and action.get("image") in (None, tag_of(pod.group))
    ]
    # Of several pods of an image the one that has been there longest.
    return candidates[0].name
