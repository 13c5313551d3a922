"""Compare a simulated rollout with the recording of a real one.

A curve may be late or early by the tolerance of `Limits`; but the states it rests in, their
order, the peak and the low, and the end must be those of the recording.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rollnb.agreement.limits import (
    Limits,
    differ_in_order,
    differ_in_states,
    differ_in_time,
    limits_for,
)
from rollnb.agreement.steps import Steps, area_outside, low, peak
from rollnb.agreement.text import distinct_lines, read_tables, settled_lines
from rollnb.agreement.verdict import Agreement
from rollnb.agreement.words import Difference

Recording = Mapping[str, Any]

#: How far apart two runs of ``kubectl get`` may be, and how long kubectl itself may take.
_SAME_GET_SECONDS, _KUBECTL_SECONDS = 0.25, 0.2

_NEEDED = ("t", "pods", "terminating", "ready", "available")


def compare(
    simulated: pd.DataFrame,
    recording: Recording,
    *,
    rs_spec: list[Any] | None = None,
    rollout_status: list[Any] | None = None,
    outputs: list[Any] | None = None,
    versions: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> Agreement:
    """Compare a simulated curve with a recording.

    Parameters
    ----------
    simulated : DataFrame
        One row per change: ``t`` (seconds since the first action; missing in the first row, the
        state before it), ``pods``, ``terminating``, ``ready``, ``available``, and ``V``,
        ``V ready``, ``V available`` for each version V.
    recording : mapping
        As `rollnb.recording.load` gives it.
    rs_spec, rollout_status, outputs : list, optional
        What the simulation has for these fields of a recording; those left out are not compared.
    versions : mapping, optional
        The simulation's counterpart of ``recording["versions"]``: needed to read `outputs` if
        its template hashes differ.
    limits : Limits, optional
        By default those for the number of pods recorded.

    Raises
    ------
    ValueError
        If `simulated` has no rows or lacks a column.
    """
    lacking = [column for column in _NEEDED if column not in simulated]
    if lacking or simulated.empty:
        raise ValueError(f"the simulated curve has {len(simulated)} rows and lacks {lacking}")
    recorded = pd.DataFrame(recording["curve"]["rows"], columns=recording["curve"]["columns"])
    limits = limits or limits_for(recorded["pods"].max())
    frames = [_merge_old_versions(frame, recording) for frame in (simulated, recorded)]
    columns = list(dict.fromkeys(c for frame in frames[::-1] for c in frame if c != "t"))
    end = float(recording["duration"])
    sim, rec = (Steps.from_frame(frame, columns, end) for frame in frames)
    result = Agreement(recording["name"])
    slow = bool(recording["settings"].get("min_ready"))
    result.failures += _differ_in_curves(sim, rec, limits, slow, result)
    result.failures += differ_in_states(Difference("state"), sim, rec, limits.hold)
    result.failures += _differ_in_extremes(sim, rec, limits, result)
    alive = [column for column in columns if column not in ("pods", "terminating")]
    lively = [Steps.from_frame(frame, alive, end) for frame in frames]
    at_end = limits.with_rounding if slow else limits
    result.failures += _differ_at_the_end(sim, rec, lively, at_end, result)
    if rs_spec and recording.get("rs_spec"):
        result.failures += _differ_in_sizes(rs_spec, recording["rs_spec"], end, limits)
    if rollout_status is not None:
        pairs = (rollout_status, recording["rollout_status"])
        result.failures += _differ_in_status(*pairs, end, limits, result)
    if outputs is not None:
        names = [_by_hash(v) for v in (versions or recording["versions"], recording["versions"])]
        result.failures += _differ_in_tables(
            outputs, recording["outputs"], names, (sim, rec), limits, result
        )
    return result


def _by_hash(versions: Mapping[str, Any]) -> dict[str, str]:
    return {version["hash"]: name for name, version in versions.items()}


def _merge_old_versions(frame: pd.DataFrame, recording: Recording) -> pd.DataFrame:
    """Add the older versions of a DaemonSet up, under the name of the first.

    Its controller visits the nodes in random order, so with two old versions left chance decides
    which of them is replaced first.
    """
    first, *between = list(recording["versions"])[:-1] or [""]
    if recording["kind"] != "DaemonSet" or not between:
        return frame
    frame = frame.copy()
    for suffix in ("", " ready", " available"):
        old = [version + suffix for version in between if version + suffix in frame]
        frame[first + suffix] = frame.get(first + suffix, 0) + frame[old].sum(axis=1)
        frame = frame.drop(columns=old)
    return frame


def _differ_in_curves(
    sim: Steps, rec: Steps, limits: Limits, slow: bool, result: Agreement
) -> list[Difference]:
    """Report the column that spends most time beyond the tolerance; fill in the mean errors."""

    def beyond(limits: Limits) -> np.ndarray:
        return np.maximum(
            area_outside(sim, rec, limits.tolerance), area_outside(rec, sim, limits.tolerance)
        )

    changes = np.maximum(rec.changes(), 1)
    outside = beyond(limits)
    if slow:
        waits = [column.endswith("available") for column in sim.columns]
        outside = np.where(waits, beyond(limits.with_rounding), outside)
    outside = outside / changes
    worst = int(outside.argmax())
    result.shift = float(area_outside(sim, rec).sum() / changes.sum())
    result.outside, result.worst_column = float(outside[worst]), sim.columns[worst]
    if result.outside <= limits.outside:
        return []
    return [Difference("curve", (result.worst_column, result.outside, limits.outside))]


def _differ_in_extremes(
    sim: Steps, rec: Steps, limits: Limits, result: Agreement
) -> list[Difference]:
    """Report peaks and lows that one side holds and the other does not even touch."""
    slack = limits.pods * float(rec.column("pods").values.max())
    found = []
    for name, column, extreme, sign in (
        ("peak_pods", "pods", peak, 1),
        ("peak_alive", "alive", peak, 1),
        ("low_available", "available", low, -1),
        (None, "ready", low, -1),
    ):
        s, r = extreme(sim, column, limits.blink), extreme(rec, column, limits.blink)
        if name:
            setattr(result, name, (s.touched, r.touched))
        if max(sign * (s.held - r.touched), sign * (r.held - s.touched)) > slack:
            counts = (s.held, s.touched, r.held, r.touched)
            found.append(Difference(extreme.__name__, (column, *counts)))
    return found


def _differ_at_the_end(
    sim: Steps, rec: Steps, lively: list[Steps], limits: Limits, result: Agreement
) -> list[Difference]:
    """Report another outcome, another time of the last change, another final state."""
    result.outcome = (sim.outcome, rec.outcome)
    result.finish = (lively[0].last_change, lively[1].last_change)
    result.gone = (sim.last_change, rec.last_change)
    found = []
    if sim.outcome != rec.outcome:
        found.append(Difference("outcome", tuple(map(Difference, result.outcome))))
    found += differ_in_time(Difference("last_live_change"), *result.finish, limits)
    found += differ_in_time(Difference("last_change"), *result.gone, limits)
    if rec.outcome != "changing" and sim.states[-1] != rec.states[-1]:
        ends = (dict(zip(steps.columns, steps.states[-1], strict=True)) for steps in (sim, rec))
        found.append(Difference("end", tuple(ends)))
    return found


def _differ_in_sizes(
    sim: list[Any], rec: list[Any], end: float, limits: Limits
) -> list[Difference]:
    """Report sizes of ReplicaSets, ``[[t, {version: replicas}]]``, that differ in order."""
    names = list(dict.fromkeys(version for _, sizes in rec + sim for version in sizes))
    curves = [
        Steps.from_frame(
            pd.DataFrame([{"t": t, **sizes} for t, sizes in rows], columns=["t", *names]),
            names,
            end,
        )
        for rows in (sim, rec)
    ]
    return differ_in_states(Difference("sizes", (tuple(names),)), *curves, limits.hold)


def _differ_in_status(
    sim: list[Any], rec: list[Any], end: float, limits: Limits, result: Agreement
) -> list[Difference]:
    """Report lines, exit codes and returns of ``kubectl rollout status`` that differ."""
    found = []
    for s, r in zip(sim, rec, strict=False):
        found += differ_in_order(
            Difference("status", (float(r["t"]),)),
            settled_lines(s, end, limits.hold),
            settled_lines(r, end, limits.hold),
            [text for _, text in distinct_lines(s["lines"])],
            [text for _, text in distinct_lines(r["lines"])],
        )
        if s.get("exit") != r.get("exit"):
            found.append(Difference("exit", (s.get("exit"), r.get("exit"))))
        result.status_exit = (s.get("exit_t"), r.get("exit_t"))
        found += differ_in_time(Difference("status_returned"), *result.status_exit, limits)
    if len(sim) != len(rec):
        found.append(Difference("runs", (len(sim), len(rec))))
    return found


def _differ_in_tables(
    simulated: list[Any],
    recorded: list[Any],
    names: list[dict[str, str]],
    curves: tuple[Steps, Steps],
    limits: Limits,
    result: Agreement,
) -> list[Difference]:
    """Report tables of ``kubectl get`` that differ, where both curves are at rest.

    What a table says of a container is in no curve: of several looks around the time, as far
    apart as the tolerance allows, one has to agree.
    """
    gets = [
        [o for o in out if o["command"].startswith("kubectl get")] for out in (simulated, recorded)
    ]
    found = []
    for r in gets[1]:
        near = [s for s in gets[0] if abs(s["t"] - r["t"]) < _SAME_GET_SECONDS]
        t = np.array([r["t"]])
        half = limits.tolerance(t) + _KUBECTL_SECONDS
        at_rest = all(np.array_equal(*curve.envelope(t, half)) for curve in curves)
        if not near or not at_rest:
            continue
        result.tables_compared += 1
        recorded_rows = read_tables(r["text"], names[1])
        looks = [read_tables(s["text"], names[0]) for s in near]
        if recorded_rows not in looks:
            rows = (dict(looks[0] - recorded_rows), dict(recorded_rows - looks[0]))
            found.append(Difference("table", (r["command"], float(r["t"]), *rows)))
    return found
