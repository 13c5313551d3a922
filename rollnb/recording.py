"""Recordings of real rollouts: what was played there, as images and nodes of a simulation.

A recording is a JSON object: the manifests, the behaviour of each version's pods, the actions,
and what was watched (``curve``, ``rs_spec``, ``rollout_status``, ``outputs``). A stand-in for the
kubelet made the pods, so that how long each takes is known exactly. `rollnb.replay` plays it.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from rollnb.node import Node
from rollnb.spec import Duration, Image

Recording = dict[str, Any]

#: What a behaviour's fields are called in `Image`; those it leaves out are 0, or do not happen.
DURATIONS = {
    "pull": "pull_seconds",
    "start": "start_seconds",
    "ready": "ready_seconds",
    "stop": "stop_seconds",
    "crash_after": "crash_after_seconds",
    "unready_after": "unready_after_seconds",
    "unready_for": "unready_for_seconds",
    "pull_fail": "pull_fails_after_seconds",
}

#: The nodes of a pool: how many, and how many cores each has. A DaemonSet's pool has one node per
#: pod; more of the others never hurt, but a small pool can be full.
POOL_NODES = {"main": (10, 64.0), "small": (2, 4.0)}


def load(path: str | Path) -> Recording:
    """Read a recording from its JSON file."""
    return json.loads(Path(path).read_text())


def curve(recording: Recording) -> pd.DataFrame:
    """Return the recorded counts of pods, one row per change.

    Returns
    -------
    DataFrame
        Columns ``t`` (seconds since the first action; missing in the first row, the state before
        it), ``pods`` (all that exist), ``terminating``, ``ready``, ``available`` and, for each
        version V, ``V``, ``V ready``, ``V available`` (without terminating ones).
    """
    return pd.DataFrame(recording["curve"]["rows"], columns=recording["curve"]["columns"])


def timeline(recording: Recording) -> pd.DataFrame:
    """Return the recorded counts under the names, and with the index, of a run's timeline."""
    counts = curve(recording)
    names = {
        "pods": "pods",
        "ready": "ready_replicas",
        "available": "available_replicas",
        "terminating": "terminating_replicas",
    }
    frame = counts[list(names)].rename(columns=names)
    frame["endpoints"] = frame["ready_replicas"]
    return frame.set_axis(pd.Index(counts["t"].fillna(0.0), name="time"))


class Draws:
    """The durations that were drawn for the pods of a recording, given out again in that order.

    The k-th pod that reaches a node after t = 0 gets the k-th entry of ``drawn``. Each duration of
    a pod is drawn once, so every field counts the pods for itself.
    """

    def __init__(self, recording: Recording) -> None:
        self.in_force = False  # pods of the start have no drawn values
        self._next: dict[tuple[str, str], int] = {}
        self._entries: dict[str, list[Mapping[str, float]]] = {}
        hashes = {v["hash"]: v["image"] for v in recording["versions"].values()}
        behaviours = recording["behaviours"]
        for pod, values in recording.get("drawn", {}).items():
            # A Deployment's pod bears its template's hash; else the fields tell the version.
            hashed = re.fullmatch(r".*-([a-z0-9]+)-[a-z0-9]{5}", pod)
            own = [hashes[hashed[1]]] if hashed and hashed[1] in hashes else behaviours
            fields = sorted(values)
            tags = [tag for tag in own if sorted(behaviours[tag].get("jitter", ())) == fields]
            self._entries.setdefault("+".join(tags or own), []).append(values)

    def add_to(self, tag: str, field: str, seconds: float) -> Duration:
        """Return `seconds`, with what is drawn for each pod of the version added if any is."""
        for group, entries in self._entries.items():
            if tag in group.split("+") and any(field in values for values in entries):
                return _Drawn(self, group, field, seconds)
        return seconds

    def next(self, group: str, field: str) -> float:
        """Return the value for the next pod; 0 before t = 0 and for pods never recorded."""
        if not self.in_force:
            return 0.0
        index = self._next.get((group, field), 0)
        self._next[group, field] = index + 1
        entries = self._entries[group]
        return entries[index].get(field, 0.0) if index < len(entries) else 0.0


class _Drawn:
    """A duration with a recorded value added."""

    def __init__(self, draws: Draws, group: str, field: str, seconds: float) -> None:
        self._take = lambda: seconds + draws.next(group, field)

    def sample(self, rng: random.Random) -> float:
        """Return the duration for the next pod; chance has no part in it."""
        return self._take()


def image(name: str, behaviour: Mapping[str, Any], draws: Draws | None = None) -> Image:
    """Translate a behaviour into an image.

    Parameters
    ----------
    name : str
        Of the image, with its tag.
    behaviour : mapping
        ``pull``, ``start``, ``ready``, ``stop``, ``crash_after``, … in seconds, ``never_ready``,
        ``ignore_term``, ``crash_count``, and ``by_ordinal`` for single pods of a StatefulSet.
        ``bad_image`` is the registry's matter.
    draws : Draws, optional
        Values to be added pod by pod.
    """
    tag = name.rpartition(":")[2]
    given = {"pull", "start", *behaviour, *behaviour.get("jitter", ())}
    durations = {field: behaviour.get(field, 0.0) for field in DURATIONS if field in given}
    if draws:
        durations = {f: draws.add_to(tag, f, seconds) for f, seconds in durations.items()}
    common = {key: value for key, value in behaviour.items() if key != "by_ordinal"}
    return Image(
        name,
        **{DURATIONS[field]: seconds for field, seconds in durations.items()},
        becomes_ready=not behaviour.get("never_ready", False),
        ignores_sigterm=behaviour.get("ignore_term", False),
        crash_count=behaviour.get("crash_count"),
        by_ordinal={
            int(ordinal): image(name, {**common, **own}, draws)
            for ordinal, own in behaviour.get("by_ordinal", {}).items()
        },
    )


def images(recording: Recording, draws: Draws | None = None) -> dict[str, Image]:
    """Return the image of every version, by tag; those without a behaviour take no time."""
    manifest = recording["manifests"][0]
    name = manifest["spec"]["template"]["spec"]["containers"][0]["image"]
    repository, _, tag = name.rpartition(":")
    tags = [tag, *recording["settings"].get("pre", ()), *recording["behaviours"]]
    tags += [version["image"] for version in recording["versions"].values()]
    tags += [action["tag"] for action in recording["actions"] if "tag" in action]
    return {
        tag: image(f"{repository}:{tag}", recording["behaviours"].get(tag, {}), draws)
        for tag in dict.fromkeys(tags)
    }


def nodes(recording: Recording) -> list[Node]:
    """Return the nodes of the workload's pool.

    A DaemonSet has one pod per node, so its nodes are those of its pods at the start.
    """
    pod_spec = recording["manifests"][0]["spec"]["template"]["spec"]
    labels = pod_spec.get("nodeSelector", {})
    pool = labels.get("pool", "main")
    pods = [o for o in recording["initial"] if o["kind"] == "Pod"]
    names = {pod["node"] for pod in pods if pod.get("node")}
    count, cpu = POOL_NODES.get(pool, (0, 64.0))
    if recording["kind"] != "DaemonSet":
        names |= {f"{pool}-{i}" for i in range(1, count + 1)}
    plain = Node("any", cpu=cpu, labels=labels)
    return [
        replace(plain, name=name, labels={**labels, "kubernetes.io/hostname": name})
        for name in sorted(names, key=lambda name: (len(name), name))
    ]
