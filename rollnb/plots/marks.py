"""What stands on and beside the axes: their names, the limits, and marks of instants."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rollnb.cluster.daemonset_rolling import resolve_desired_node_counts
from rollnb.cluster.statefulset import resolve_max_unavailable
from rollnb.plots.colours import Theme
from rollnb.plots.figures import SMALL, SMALLEST
from rollnb.plots.labels import axes_size, measure, spread
from rollnb.plots.words import number, say
from rollnb.spec import DaemonSet, StatefulSet, resolve_fenceposts

#: Ticks are a power of ten times one of these apart.
STEPS = [1, 2, 5, 10]

#: Just before time 0: what holds then is drawn to the left of it.
BEFORE = -1e-6


class Setting(NamedTuple):
    """The limits from a time on; no `bounds` without a workload or with another strategy."""

    time: float
    bounds: tuple[int, int] | None
    spec: Any


def name_axes(ax: Axes, label: str, lang: str, *, whole: bool = True, counts: bool = True) -> None:
    """Name both axes, and set ticks: whole numbers, if so told, and none of `counts` if not."""
    ax.set_xlabel(say("time", lang=lang))
    ax.set_ylabel(label)
    width, height = axes_size(ax)
    across, up = (min(max(int(size / 22), 1), most) for size, most in ((width, 8), (height, 6)))
    ax.xaxis.set_major_locator(MaxNLocator(across, integer=True, steps=STEPS))
    if counts:
        ax.yaxis.set_major_locator(MaxNLocator(up, integer=whole, steps=STEPS))


def read_limits(run: Any) -> tuple[int, int] | None:
    """Return the limits at the end of a run, if it knows its workload."""
    settings = read_settings(run)
    return settings[-1].bounds if settings else None


def read_settings(run: Any, start: float = BEFORE, end: float = np.inf) -> list[Setting]:
    """Return the limits of a run over time: what holds at the start, and changes up to the end.

    They change with the spec and with the pods that are asked for. There are none if the run does
    not know its workload.
    """
    workloads = getattr(getattr(run, "cluster", None), "workloads", None)
    if not workloads:
        return []
    specs = getattr(workloads[0], "specs", None) or [(-np.inf, workloads[0].spec)]
    times = [time for time, _ in specs]
    asked = run.timeline["replicas"]
    gates = getattr(run.cluster, "feature_gates", ())
    settings: list[Setting] = []
    for time in sorted({*times, *asked.index[asked.diff() != 0].tolist()}):
        if time > end:
            break
        number = bisect_right(times, time) - 1
        spec = specs[max(number, 0)][1]
        row = int(asked.index.searchsorted(time, side="right")) - 1
        replicas = asked.iloc[row] if row >= 0 else getattr(spec, "replicas", asked.iloc[0])
        bounds = find_limits(spec, int(replicas), gates) if number >= 0 else None
        if time <= start:
            settings.clear()
        elif settings and settings[-1].bounds == bounds:
            time = settings.pop().time
        settings.append(Setting(time, bounds, spec))
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


def draw_limits(ax: Axes, settings: list[Setting], look: Theme, lang: str | None) -> None:
    """Draw the limits as thin lines in steps, with words beside them for the last setting.

    Without `lang` these are only numbers.
    """
    start, end = ax.get_xlim()
    times = [*(max(setting.time, start) for setting in settings), end]
    line = {"color": look.ink, "linewidth": 1.2, "linestyle": (0, (5, 3)), "zorder": 4}
    for side in (0, 1):
        values = [np.nan if bounds is None else bounds[side] for _, bounds, _ in settings]
        values.append(values[-1])
        effects = look.casing(1.2)
        ax.step(times, values, where="post", label="_limit", path_effects=effects, **line)
    _, bounds, spec = settings[-1]
    if bounds is None:
        return
    texts = [f"≥ {bounds[0]}", f"≤ {bounds[1]}"]
    if lang is not None:
        asked = say("nodes" if isinstance(spec, DaemonSet) else "replicas", lang=lang)
        surges = hasattr(spec, "max_surge")
        texts = [
            say("unavailable_limit", bounds[0], asked, lang=lang),
            say("surge_limit" if surges else "replicas_limit", bounds[1], asked, lang=lang),
        ]
    write_beside(ax, texts, [float(bound) for bound in bounds], look, SMALLEST, label="_limit")


def write_beside(
    ax: Axes,
    texts: list[str],
    values: list[float],
    look: Theme,
    size: float,
    label: str = "_beside",
    *,
    inside: bool = False,
) -> None:
    """Write texts to the right of the axes, as near to their heights as they fit.

    If so told, none is higher or lower than the axes.
    """
    height = axes_size(ax)[1]
    low, high = ax.get_ylim()
    wanted = [(value - low) / (high - low) * height for value in values]
    sizes = [measure(text, size)[1] + 2 for text in texts]
    room = (0.0, height) if inside else (-height, 2 * height)
    places = spread(wanted, sizes, *room)
    for text, place in zip(texts, places, strict=True):
        ax.annotate(
            text,
            (1, place / height),
            (5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=size,
            color=look.ink,
            annotation_clip=False,
            label=label,
        )


def find_instants(run: Any, end: float) -> dict[str, float]:
    """Return when a run is complete and when its last old process ends, if by the end."""
    summary = getattr(run, "summary", None)
    if summary is None:
        return {}
    instants = {"complete": summary.duration_seconds, "old_gone": summary.old_gone_seconds}
    return {key: at for key, at in instants.items() if 0 < at <= end}


def draw_marks(
    ax: Axes, run: Any, top: float, look: Theme, lang: str, *, whole: bool = False
) -> None:
    """Mark above the axes when the run is complete, or in which state it ends instead.

    A dotted line up to the height `top` leads to each instant. Words may reach beyond the axes to
    the right if these have the `whole` width of the figure.
    """
    summary = getattr(run, "summary", None)
    if summary is None:
        return
    low, high = ax.get_xlim()
    marks = find_instants(run, high)
    texts = [say(key, number(at, lang), lang=lang) for key, at in marks.items()]
    ends = list(marks.values())
    if summary.state != "complete":
        texts.append(say(summary.state, summary.reason, lang=lang))
        ends.append(high)
    width = axes_size(ax)[0]
    room = (0.985 - ax.get_position().x0) * float(ax.figure.get_size_inches()[0]) * 72
    sizes = [measure(text, SMALL)[0] + 14 for text in texts]
    wanted = [(at - low) / (high - low) * width for at in ends]
    places = spread(wanted, sizes, 0.0, room if whole else width)
    for text, at, place in zip(texts, wanted, places, strict=True):
        ax.annotate(
            text,
            (at / width, 1),
            ((place - at), 5),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=look.ink,
            annotation_clip=False,
            label="_mark",
        )
    for at, x, place, size in zip(marks.values(), wanted, places, sizes, strict=False):
        # Straight up, if that leads to the words.
        foot = min(max(x, place - size / 2 + 12), place + size / 2 - 12)
        ax.plot(
            [at, at, low + foot / width * (high - low)],
            [0, top, ax.get_ylim()[1]],
            color=look.ink,
            linewidth=1.2,
            linestyle=":",
            path_effects=look.casing(1.2),
            label="_mark",
        )
