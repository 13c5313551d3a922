"""The limits of a rollout over time: how few pods may be available, and how many there may be."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from rollnb.cluster.daemonset_rolling import resolve_desired_node_counts
from rollnb.cluster.statefulset import resolve_max_unavailable
from rollnb.plots.areas import MOMENT, find_begin
from rollnb.plots.colours import Theme
from rollnb.plots.figures import SMALLEST
from rollnb.plots.marks import write_beside
from rollnb.plots.words import say
from rollnb.spec import DaemonSet, StatefulSet, resolve_fenceposts
from rollnb.timeline import find_workload


class Setting(NamedTuple):
    """What is asked for from a time on; no `bounds` with a strategy that has none."""

    time: float
    bounds: tuple[int, int] | None
    replicas: int
    spec: Any

    @property
    def most(self) -> int:
        """The most pods by the spec, terminating ones apart."""
        return self.replicas if self.bounds is None else self.bounds[1]


def read_settings(run: Any, start: float | None = None, end: float = np.inf) -> list[Setting]:
    """Return what is asked for over time: what holds at the start, and changes up to the end.

    The start is by default just before the first action. Limits change with the spec and with the
    pods that are asked for. There are none if the run does not know its workload.
    """
    if not getattr(getattr(run, "cluster", None), "workloads", None):
        return []
    start = find_begin(run) - MOMENT if start is None else start
    workload = run.cluster.workloads[find_workload(run)]
    specs = getattr(workload, "specs", None) or [(-np.inf, workload.spec)]
    times = [time for time, _ in specs]
    gone_at = getattr(workload, "gone_at", None)
    gone_at = np.inf if gone_at is None else gone_at
    asked = run.timeline["replicas"]
    gates = getattr(run.cluster, "feature_gates", ())
    settings: list[Setting] = []
    for time in sorted({*times, gone_at, *asked.index[asked.diff() != 0].tolist()}):
        if time > end or time == np.inf:
            break
        number = bisect_right(times, time) - 1
        spec = specs[max(number, 0)][1]
        row = int(asked.index.searchsorted(time, side="right")) - 1
        count = asked.iloc[row] if row >= 0 else getattr(spec, "replicas", asked.iloc[0])
        replicas = int(count)
        there = number >= 0 and time < gone_at
        bounds = find_limits(spec, replicas, gates) if there else None
        if time <= start:
            settings.clear()
        elif settings and settings[-1][1:3] == (bounds, replicas):
            time = settings.pop().time
        settings.append(Setting(time, bounds, replicas, spec))
    return settings


def find_limits(
    spec: Any, replicas: int, feature_gates: Collection[str] = ()
) -> tuple[int, int] | None:
    """Return the least available pods and the most pods (without terminating) of a rollout.

    None for a strategy without limits (``Recreate``, ``OnDelete``).
    """
    if getattr(spec, "strategy", "RollingUpdate") != "RollingUpdate":
        return None
    if isinstance(spec, StatefulSet):
        gated = "MaxUnavailableStatefulSet" in feature_gates
        up, down = 0, resolve_max_unavailable(spec.max_unavailable, replicas) if gated else 1
    elif isinstance(spec, DaemonSet):
        up, down = resolve_desired_node_counts(spec, replicas)
    else:
        up, down = resolve_fenceposts(spec.max_surge, spec.max_unavailable, replicas)
    return max(replicas - down, 0), replicas + up


def name_asked(spec: Any, lang: str) -> str:
    """Return the word for what is asked for: replicas, or of a DaemonSet nodes."""
    return say("nodes" if isinstance(spec, DaemonSet) else "replicas", lang=lang)


def draw_limits(ax: Axes, settings: list[Setting], look: Theme, lang: str | None) -> None:
    """Draw the limits as thin lines, level from one change to the next, with words beside them.

    The words are those of the last setting; those of others are there, but not seen, for pictures
    of earlier moments (`rollnb.plots.reveal`). Without `lang` they are only numbers.
    """
    start, end = ax.get_xlim()
    times = [*(max(setting.time, start) for setting in settings), end]
    line = {"color": look.ink, "linewidth": 1.2, "linestyle": (0, (5, 3)), "zorder": 4}
    for side in (0, 1):
        values = [np.nan if one.bounds is None else one.bounds[side] for one in settings]
        effects = look.casing(1.2)
        levels = find_levels(times, values)
        ax.step(*levels, where="post", label="_limit", path_effects=effects, **line)
    for setting, since in zip(settings, times, strict=False):
        if setting.bounds is None:
            continue
        texts = _name_limits(setting, lang)
        values = [float(bound) for bound in setting.bounds]
        for text in write_beside(ax, texts, values, look, SMALLEST, "_limit", since=since):
            text.set_visible(setting is settings[-1])


def find_levels(times: Sequence[float], values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return a line of steps that is broken where it would lead up or down, through areas.

    There is one instant more than values: the end.
    """
    changes = [i for i in range(1, len(values)) if values[i] != values[i - 1]]
    levels = np.insert(np.array(values, dtype=float), changes, np.nan)
    instants = np.insert(np.array(times, dtype=float), changes, np.take(times, changes))
    return instants, np.append(levels, levels[-1])


def _name_limits(setting: Setting, lang: str | None) -> list[str]:
    low, high = setting.bounds or ()
    if lang is None:
        return [f"≥ {low}", f"≤ {high}"]
    asked = name_asked(setting.spec, lang)
    surges = hasattr(setting.spec, "max_surge")
    return [
        say("unavailable_limit", low, asked, lang=lang),
        say("surge_limit" if surges else "replicas_limit", high, asked, lang=lang),
    ]
