"""Plays a workload and a list of actions, and keeps what came of it."""

from __future__ import annotations

import inspect
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

import pandas as pd

from rollnb import manifest, measures, timeline
from rollnb.cluster import Cluster, ControlPlane
from rollnb.cluster.engine import EPOCH
from rollnb.node import Node
from rollnb.spec import NO_LIMIT, Image
from rollnb.validation import check_flag, check_number, check_values

#: What may be done at a time: a kubectl command, an image to push, or a function of the cluster.
Action = str | Image | Callable[[Cluster], Any]

#: So long before the first action a settled workload was created, in seconds; longer if its pods
#: need longer to be available.
SETTLED_SECONDS = 10.0

#: So long after the last action a run without `until` ends at the latest, in seconds, if the
#: workload has no progress deadline.
PATIENCE_SECONDS = 600.0


class Command(NamedTuple):
    """A command of a run, when it was given (s), and what it printed."""

    time: float
    command: str
    output: Any


@dataclass(frozen=True)
class Run:
    """What came of a simulation: frames, measures, and the cluster at its end.

    ``Run(cluster)`` gives the frames of a cluster that was played by hand, as far as its time has
    come; take a new one after more time has passed. Its durations count, and its pictures start,
    at 0: ``Run(cluster, began_at=300)`` measures and shows an update at 300 s.

    Attributes
    ----------
    cluster : Cluster
        At the end of the run; time may be let pass and commands given from here.
    outputs : tuple of Command
        What the kubectl commands among the actions printed.
    workload : str or int, optional
        Which workload frames, measures and pictures are about: see `of`. By default the first.
    began_at : float
        From when on it is measured, and seen in pictures, in seconds: the first action, or 0 if
        there is none.
    """

    cluster: Cluster
    outputs: tuple[Command, ...] = ()
    replay: Callable[[float], Cluster] | None = None
    workload: str | int | None = None
    began_at: float = 0.0

    def of(self, workload: str | int) -> Run:
        """Return the same run as seen from another workload: ``"db"``, ``"statefulset/db"``.

        Raises
        ------
        ValueError
            If there is no such workload; it says which there are.
        """
        timeline.find_workload(self.cluster, workload)
        return replace(self, workload=workload)

    @cached_property
    def timeline(self) -> pd.DataFrame:
        """Counts over time: see `rollnb.timeline.timeline`."""
        return timeline.timeline(self)

    @cached_property
    def by_revision(self) -> pd.DataFrame:
        """The same counts for each revision: see `rollnb.timeline.by_revision`."""
        return timeline.by_revision(self)

    @cached_property
    def pods(self) -> pd.DataFrame:
        """One row per pod: see `rollnb.timeline.pods`."""
        return timeline.pods(self)

    @cached_property
    def events(self) -> pd.DataFrame:
        """The cluster's Events: see `rollnb.timeline.events`."""
        return timeline.events(self.cluster)

    @cached_property
    def summary(self) -> measures.Summary:
        """The measures of the run: see `rollnb.measures.summary`."""
        return measures.summary(self)

    def at(self, time: float) -> Cluster:
        """Return the cluster as it was at `time` seconds: the run is simply played again.

        Raises
        ------
        ValueError
            If the cluster was played by hand: only what `simulate` plays can be played again.
        """
        check_number("time", time, of="seconds")
        if self.replay is None:
            raise ValueError(
                "this cluster was played by hand: use simulate() to look back in time"
            )
        return self.replay(time)


def simulate(
    workload: Any,
    actions: Iterable[tuple[float, Action]] = (),
    *,
    images: Iterable[Image] | None = None,
    until: float | None = None,
    nodes: Iterable[Node] | None = None,
    control_plane: ControlPlane | None = None,
    seed: int = 0,
    epoch: float = EPOCH,
    feature_gates: Collection[str] = (),
    settled: bool = True,
) -> Run:
    """Play a workload and the actions on it.

    Parameters
    ----------
    workload : workload, or anything that `Cluster.apply` takes
        What is there at the start.
    actions : iterable of (float, action)
        When (seconds) and what: a kubectl command, an `Image` to push to the registry, or a
        function that is called with the cluster. A command that waits (``rollout status``,
        ``-w``) does so in a terminal of its own.
    until : float, optional
        When the run ends, in seconds. Left out: once the rollout is complete, all old pods are
        gone, and every command but a watch is done, at the latest when the progress deadline has
        passed without a further available pod.
    settled : bool
        True: the workload's pods have been running for some seconds at time 0, and measures
        begin with the first action. False: it is created at time 0, and they begin with that.
    images, nodes, control_plane, seed, epoch, feature_gates
        As for `Cluster`; of the images, those that run at time 0 need not be given.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If the manifest is not valid, or an action is not a time and something to do.

    Warns
    -----
    UserWarning
        If a command fails, as one with a typo does; what it printed is in `Run.outputs`.
    """
    objects = manifest.read(workload)
    steps = _check_actions(actions)
    check_flag("settled", settled)
    if until is not None:
        check_number("until", until, of="seconds")
    images = None if images is None else check_values("images", images, Image)
    nodes = None if nodes is None else check_values("nodes", nodes, Node)
    options = {
        "images": images,
        "nodes": nodes,
        "control_plane": control_plane,
        "seed": seed,
        "epoch": epoch,
        "feature_gates": feature_gates,
    }

    def set_up() -> Cluster:
        if settled:
            return settled_cluster(objects, **options)
        cluster = Cluster(**options)
        cluster.apply(objects)
        return cluster

    cluster = set_up()
    outputs = []
    for command in _play(cluster, steps):
        outputs.append(command)
        if command.output.exit:  # a command that waits has no exit code yet
            said = command.output.stderr.strip()
            message = f"the action at {command.time} s, {command.command!r}, failed: {said}"
            warnings.warn(message, stacklevel=2)
    if until is None:
        _settle(cluster, outputs)
    else:
        cluster.run(until)
    began_at = steps[0][0] if steps and settled else 0.0
    return Run(cluster, tuple(outputs), partial(_replay, set_up, steps), began_at=began_at)


def settled_cluster(source: Any, **options: Any) -> Cluster:
    """Return a cluster at time 0 in which all pods have been available for some seconds.

    Parameters
    ----------
    source : anything that `Cluster.apply` takes
        What is there.
    options
        As for `Cluster`, but for the start, which follows from the pods.
    """
    objects = manifest.read(source)
    wait = max(map(_available_after, objects), default=0)
    cluster = Cluster(start=-SETTLED_SECONDS - wait, **options)
    with cluster.instantly():
        cluster.apply(objects)
        cluster.run(-SETTLED_SECONDS)
    cluster.run(0.0)
    return cluster


def _available_after(obj: dict[str, Any]) -> int:
    """Return the seconds of waiting until pods that are ready at once are all available.

    Where pods come one by one, there is a second more for each: no step may be late.
    """
    spec = obj.get("spec")
    if not isinstance(spec, dict):
        return 0
    seconds = spec.get("minReadySeconds", 0)
    if not isinstance(seconds, int):
        return 0
    one_by_one = obj.get("kind") == "StatefulSet" and spec.get("podManagementPolicy") != "Parallel"
    replicas = spec.get("replicas", 1)
    if seconds and one_by_one and isinstance(replicas, int):
        return (seconds + 1) * replicas
    return seconds


def _check_actions(actions: Any) -> list[tuple[float, Action]]:
    """Return actions by time; refuse what is not a list of times and something to do."""
    if isinstance(actions, str) or not isinstance(actions, Iterable):
        raise ValueError(f"actions={actions!r} must be a list of pairs of seconds and a command")
    return sorted(map(_check_step, actions), key=lambda step: step[0])


def _check_step(step: Any) -> tuple[float, Action]:
    """Return an action; refuse what is not a time and something to do."""
    try:
        time, action = step
    except (TypeError, ValueError):
        raise ValueError(f"the action {step!r} must be a pair of seconds and a command") from None
    time = check_number(f"the action {step!r}: time", time, of="seconds")
    if not isinstance(action, str | Image) and not callable(action):
        raise ValueError(f"the action {step!r} must end with a command, an Image, or a function")
    if callable(action) and not _takes_a_cluster(action):
        raise ValueError(f"the action {step!r}: the function must take one argument, the cluster")
    return time, action


def _takes_a_cluster(function: Callable[..., Any]) -> bool:
    """Whether a function can be called with one argument, as far as Python knows."""
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # a builtin does not say
        return True
    return True


def _play(cluster: Cluster, steps: Sequence[tuple[float, Action]]) -> Iterable[Command]:
    for time, action in steps:
        cluster.run(time)
        if isinstance(action, Image):
            cluster.push(action)
        elif callable(action):
            action(cluster)
        else:
            yield Command(time, action, cluster.kubectl(action, background=True))


def _replay(set_up: Callable[[], Cluster], steps: Sequence[tuple[float, Action]], time: float):
    cluster = set_up()
    for _ in _play(cluster, [step for step in steps if step[0] <= time]):
        pass
    cluster.run(time)
    return cluster


def _settle(cluster: Cluster, outputs: Iterable[Command]) -> None:
    """Let time pass until every workload is as asked for and nothing terminates any more.

    Commands that are not done go on meanwhile, such as a drain that a budget holds up: it asks
    again when all pods are available. Nobody waits for those that only look on.
    """
    processes = [
        process
        for command in outputs
        for process in getattr(command.output, "background", [command.output])
        if not process.is_endless
    ]

    def is_over() -> bool:
        return is_settled(cluster) and all(process.exit is not None for process in processes)

    cluster.run(cluster.now)  # what the last action set going at once
    patience = max(map(_patience, cluster.workloads), default=PATIENCE_SECONDS)
    before = -1
    # As the deadline does, patience begins anew while more and more new pods are available.
    while not is_over() and (available := _count_available(cluster)) > before:
        before = available
        cluster.run(cluster.now + patience, stop=is_over)
    cluster.come_to_rest()  # the controllers still have to note it


def _patience(workload: Any) -> float:
    """Return for how many seconds without progress one waits for a workload."""
    deadline = getattr(workload.spec, "progress_deadline_seconds", NO_LIMIT)
    return PATIENCE_SECONDS if deadline == NO_LIMIT else deadline + 1.0


def _count_available(cluster: Cluster) -> int:
    """Count the available pods of the revisions that are wanted now."""
    return sum(
        group.available
        for group in cluster.groups
        if group.template_hash == group.workload.template_hash
    )


def is_settled(cluster: Cluster) -> bool:
    """Whether every pod is as its workload asks: the new ones available, all others gone.

    Old pods may stay below a StatefulSet's partition, and wherever the strategy is ``OnDelete``.
    """
    for group in cluster.groups:
        if group.terminating or group.total != group.available:
            return False
    pods, new = Counter[int](), Counter[int]()
    for group in cluster.groups:
        workload = group.workload
        pods[workload.index] += group.total
        if group.template_hash == workload.template_hash:
            new[workload.index] += group.total
    for workload in cluster.workloads:
        spec, asked = workload.spec, workload.asked
        stay = asked if spec.strategy == "OnDelete" else getattr(spec, "partition", 0)
        if pods[workload.index] != asked or new[workload.index] < asked - stay:
            return False
        if workload.observed_generation != workload.generation:
            return False
    return True
