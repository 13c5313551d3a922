# ruff: noqa: B905, RUF005 -- the reference of the measure, kept word for word
"""Compare a simulated rollout with the recording of a real one.

Timing is judged with tolerance and counts without: a curve may be late or early by
``Limits.lag`` seconds plus ``Limits.drift`` of the time gone by, but the states it rests in, their
order, the peak and the low, and the end must be those of the recording.  ``README.md`` says why
the limits are what they are.

    python compare.py simulated.csv recording.json      # a CSV with the columns of the curve
    python compare.py recording.json recording-r2.json  # two recordings
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

GRID_SECONDS = 0.02


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a simulation may differ by and still pass.

    Attributes
    ----------
    lag : float
        Seconds by which any change may come early or late.
    drift : float
        Further seconds per second since the first action: latencies add up over many steps.
    hold : float
        A state counts as *settled* when nothing changes for so many seconds.
    blink : float
        A peak or low that lasts less than so many seconds may be missed.
    outside : float
        Mean seconds per pod change that a curve may spend beyond `lag` and `drift`.
    rounding : float
        Further seconds for availability under minReadySeconds: Kubernetes counts it from a
        timestamp in whole seconds, so a few milliseconds may decide over one second.
    pods : float
        Share of the peak by which a peak or low may differ.
    """

    lag: float = 0.3
    drift: float = 0.02
    rounding: float = 1.0
    pods: float = 0.0
    hold: float = 0.8
    blink: float = 0.3
    outside: float = 0.03

    def tolerance(self, t):
        """Seconds by which an event at time `t` may be shifted."""
        return self.lag + self.drift * np.maximum(t, 0.0)


# With more than about 50 pods the controllers' client rate limit (20 requests a second after a
# burst of 30) sets the pace.  Where each request falls varies, so there the states in between are
# not compared.
LARGE = Limits(lag=0.6, drift=0.1, hold=float("inf"), outside=0.6, pods=0.05)
LARGE_PODS = 50


def limits_for(recording: dict) -> Limits:
    """Return `LARGE` for more than `LARGE_PODS` pods at once, else the defaults."""
    peak = curve_frame(recording)["pods"].max()
    return LARGE if peak > LARGE_PODS else Limits()


@dataclasses.dataclass
class Comparison:
    """Differences between a simulation and a recording; ``passed`` is the verdict.

    Attributes
    ----------
    name : str
        Of the recording.
    failures : list of str
        One sentence for each limit exceeded; empty if the simulation is faithful.
    shift : float
        Area between the curves per pod change: the mean time error of a change, in seconds.
    outside : float
        The same beyond the tolerance; the worst column counts.
    worst_column : str
        The column that ``outside`` belongs to.
    outcome, finish, gone : (simulated, recorded)
        ``complete``, ``stuck`` or ``changing``; the last change among pods that are not
        terminating; the last change of all (seconds, None while changing).
    peak_pods, peak_alive, low_available : (simulated, recorded)
        Extremes over the run, in pods; *alive* leaves terminating pods out.
    status_exit : (simulated, recorded) or None
        When `kubectl rollout status` returned (seconds, None: still waiting).
    tables_compared : int
        Number of `kubectl get` outputs that were compared.
    """

    name: str
    failures: list[str] = dataclasses.field(default_factory=list)
    shift: float = 0.0
    outside: float = 0.0
    worst_column: str = ""
    outcome: tuple = ("", "")
    finish: tuple = (None, None)
    gone: tuple = (None, None)
    peak_pods: tuple = (0, 0)
    peak_alive: tuple = (0, 0)
    low_available: tuple = (0, 0)
    status_exit: tuple | None = None
    tables_compared: int = 0

    @property
    def passed(self) -> bool:
        """Whether no limit was exceeded."""
        return not self.failures

    def __str__(self) -> str:
        """Write one line of numbers, then one line per failure."""
        head = (
            f"{self.name}: {'pass' if self.passed else 'FAIL'}"
            f"  {self.outcome[0]}/{self.outcome[1]}  shift {self.shift:.3f} s"
            f"  outside {self.outside:.3f} s ({self.worst_column})"
            f"  finish {self.finish[0]}/{self.finish[1]}"
            f"  peak {self.peak_pods[0]}/{self.peak_pods[1]}"
            f"  low {self.low_available[0]}/{self.low_available[1]}"
        )
        return "\n    ".join([head, *self.failures])


# ------------------------------------------------------------------------------------- step curves


def curve_frame(recording: dict) -> pd.DataFrame:
    """Return the recorded curve as a frame with the column ``t`` and one column per count."""
    return pd.DataFrame(recording["curve"]["rows"], columns=recording["curve"]["columns"])


def spec_frame(rs_spec: list, versions: list[str]) -> pd.DataFrame:
    """Return ``rs_spec`` rows as a frame, one column per version; no replica set counts as 0."""
    return pd.DataFrame(
        [[t] + [sizes.get(v, 0) for v in versions] for t, sizes in rs_spec],
        columns=["t", *versions],
    )


@dataclasses.dataclass(frozen=True)
class Steps:
    """A step curve: ``values[i]`` holds from ``times[i]`` until ``times[i + 1]`` or ``end``."""

    times: np.ndarray
    values: np.ndarray
    columns: list[str]
    end: float

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, columns: list[str], end: float) -> Steps:
        """Take `columns` (absent ones are 0) until `end`; a missing ``t`` is the time before 0."""
        frame = frame.sort_values("t", kind="stable", na_position="first")
        times = frame["t"].astype(float).fillna(-1.0).to_numpy()
        values = frame.reindex(columns=columns, fill_value=0).fillna(0).astype(int).to_numpy()
        last = np.append(times[1:] > times[:-1], True)  # of several rows at one time
        times, values = times[last], values[last]
        changed = np.append(True, np.any(values[1:] != values[:-1], axis=1))
        keep = changed & (times <= end)
        return cls(times[keep], values[keep], columns, end)

    def at(self, t: np.ndarray) -> np.ndarray:
        """Return the values in force at the times `t`."""
        index = np.searchsorted(self.times, t, side="right") - 1
        return self.values[np.maximum(index, 0)]

    def envelope(self, t: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and greatest values within `half` seconds of each `t`."""
        first = np.maximum(np.searchsorted(self.times, t - half, side="right") - 1, 0)
        stop = np.maximum(np.searchsorted(self.times, t + half, side="right"), first + 1)
        padded = np.vstack([self.values, self.values[-1:]])  # reduceat wants stop < len
        pairs = np.column_stack([first, stop]).ravel()
        low = np.minimum.reduceat(padded, pairs, axis=0)[::2]
        return low, np.maximum.reduceat(padded, pairs, axis=0)[::2]

    def durations(self) -> np.ndarray:
        """Return how long each row holds; the start counts from 0."""
        starts = np.maximum(self.times, 0.0)
        return np.diff(np.append(starts, self.end))

    def settled(self, hold: float) -> list[tuple]:
        """Return ``(state, start, end)`` of the states that hold for at least `hold` seconds."""
        starts, lasts = np.maximum(self.times, 0.0), self.durations()
        return [
            (tuple(v), s, s + d)
            for v, s, d in zip(self.values.tolist(), starts, lasts)
            if d >= hold
        ]

    def column(self, name: str) -> Steps:
        """Return one column; ``alive`` is ``pods`` less ``terminating``."""
        value = self.values[:, self.columns.index("pods" if name == "alive" else name)]
        if name == "alive":
            value = value - self.values[:, self.columns.index("terminating")]
        return Steps(self.times, value[:, None], [name], self.end)


def changes(steps: Steps) -> np.ndarray:
    """Count the pods that come or go, per column."""
    return np.abs(np.diff(steps.values, axis=0)).sum(axis=0)


def area_outside(a: Steps, b: Steps, tolerance=None) -> np.ndarray:
    """Integrate, per column, how far `a` leaves the envelope of `b` (pod-seconds).

    The envelope spans the values of `b` within ``tolerance(t)`` seconds; without `tolerance`
    it is the curve itself, and the result the plain area between the curves.
    """
    t = np.arange(0.0, min(a.end, b.end), GRID_SECONDS) + GRID_SECONDS / 2
    half = tolerance(t) if tolerance else np.zeros_like(t)
    low, high = b.envelope(t, half)
    x = a.at(t)
    return (np.maximum(low - x, 0) + np.maximum(x - high, 0)).sum(axis=0) * GRID_SECONDS


def merge_old(frame: pd.DataFrame, recording: dict) -> pd.DataFrame:
    """Add the older versions of a DaemonSet up, under the name of the first.

    The controller goes through the nodes in random order: where two old versions are left, chance
    decides which of them is replaced first.
    """
    versions = list(recording["versions"])
    if recording["kind"] != "DaemonSet" or len(versions) < 3:
        return frame
    frame = frame.copy()
    for old in versions[1:-1]:
        for suffix in ("", " ready", " available"):
            if old + suffix in frame:
                frame[versions[0] + suffix] += frame.pop(old + suffix)
    return frame


def extremes(steps: Steps, name: str, blink: float) -> tuple[int, int, int, int]:
    """Return ``(touched high, held high, held low, touched low)`` of one column.

    *Held* values last for at least `blink` seconds, at that level or beyond it.
    """
    one = steps.column(name)
    inside = one.times + one.durations() > 0
    values = one.values[:, 0]
    t = np.arange(0.0, max(one.end - blink, GRID_SECONDS), GRID_SECONDS) + blink / 2
    low, high = one.envelope(t, np.full_like(t, blink / 2))
    return int(values[inside].max()), int(low.max()), int(high.min()), int(values[inside].min())


def find_missing(wanted: list[tuple], offered: list) -> tuple | None:
    """Return the first item of `wanted` that breaks the order in `offered`, or None.

    Both are read from left to right; items of `offered` may be skipped.
    """
    position = 0
    for item in wanted:
        while position < len(offered) and offered[position] != item[0]:
            position += 1
        if position == len(offered):
            return item
    return None


# ------------------------------------------------------------------------------------ the outcome


def last_change(steps: Steps, quiet: float = 2.5) -> float | None:
    """Return the time of the last change, or None if the end follows within `quiet` seconds."""
    if len(steps.times) == 1:
        return 0.0
    last = float(steps.times[-1])
    return last if last <= steps.end - quiet else None


def outcome(steps: Steps) -> str:
    """Return ``complete``, ``stuck`` (at rest, pods missing or not available) or ``changing``."""
    if last_change(steps) is None:
        return "changing"
    row = dict(zip(steps.columns, steps.values[-1]))
    return "complete" if row["available"] == row["pods"] and not row["terminating"] else "stuck"


# ------------------------------------------------------------------------------------ kubectl text


def deduplicate(lines: list) -> list[tuple[str, float]]:
    """Drop repeats from ``[[t, text]]``; returns ``(text, t)``."""
    kept: list[tuple[str, float]] = []
    for t, text in lines:
        if not kept or kept[-1][0] != text:
            kept.append((text, t))
    return kept


def settled_lines(run: dict, end: float, hold: float) -> list[tuple]:
    """Return the lines that stood for `hold` seconds, and the last, as ``(text, start, end)``."""
    lines = deduplicate(run["lines"])
    stop = run["exit_t"] if run.get("exit") is not None else end
    ends = [t for _, t in lines[1:]] + [stop]
    return [
        (x, t, e)
        for i, ((x, t), e) in enumerate(zip(lines, ends))
        if e - t >= hold or i == len(lines) - 1
    ]


def age_seconds(text: str) -> int | None:
    """Read an AGE such as ``17s`` or ``2m5s``; None if it is none."""
    match = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", text)
    if not match or not text:
        return None
    return 60 * int(match[1] or 0) + int(match[2] or 0)


def read_tables(text: str, names: dict[str, str]) -> Counter:
    """Count the rows of `kubectl get` tables, with hashes replaced by version names.

    Random name endings, IPs and ages are left out: rows that differ in nothing else are counted.

    Parameters
    ----------
    text : str
        Output of `kubectl get` for several kinds: tables with blank lines between.
    names : dict
        Template hash to version name.
    """
    rows: Counter = Counter()
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        titles = re.split(r"\s{2,}", lines[0].strip())
        starts = [lines[0].index(title) for title in titles]
        for line in lines[1:]:
            cells = [line[a:b].strip() for a, b in zip(starts, starts[1:] + [None])]
            row = dict(zip(titles, cells))
            row.pop("AGE", None)
            row["RESTARTS"] = row.get("RESTARTS", "").split(" ")[0]
            name = row.pop("NAME")
            for key, version in names.items():
                name = name.replace(key, version)
            if "STATUS" in row and not re.fullmatch(r"(pod/)?.*-\d{1,2}", name):
                name = re.sub(r"-[a-z0-9]{5}$", "", name)  # the pod's own random ending
            rows[(name, *sorted((k, v) for k, v in row.items() if v))] += 1
    return rows


# ------------------------------------------------------------------------------------- the verdict


def _compare_order(
    title: str, simulated: list, recorded: list, sim_all: list, rec_all: list
) -> list[str]:
    """Check that what one side rests in occurs, in order, on the other side."""
    found = []
    missing = find_missing(recorded, sim_all)
    if missing:
        found.append(
            f"{title}: recorded {missing[0]} ({missing[1]:.2f}..{missing[2]:.2f} s) "
            "is missing or out of order in the simulation"
        )
    extra = find_missing(simulated, rec_all)
    if extra:
        found.append(
            f"{title}: simulated {extra[0]} ({extra[1]:.2f}..{extra[2]:.2f} s) "
            "is not in the recording, or not in this order"
        )
    return found


def _compare_steps(title: str, sim: Steps, rec: Steps, limits: Limits) -> list[str]:
    return _compare_order(
        title,
        sim.settled(limits.hold),
        rec.settled(limits.hold),
        [tuple(v) for v in sim.values.tolist()],
        [tuple(v) for v in rec.values.tolist()],
    )


def _compare_time(title: str, sim: float | None, rec: float | None, limits: Limits) -> list[str]:
    if sim is None or rec is None:
        return [] if sim is rec else [f"{title}: simulated {sim}, recorded {rec}"]
    if abs(sim - rec) <= limits.tolerance(rec):
        return []
    return [f"{title}: simulated {sim:.2f} s, recorded {rec:.2f} s ({sim - rec:+.2f} s)"]


def _compare_status(
    sim: list, rec: list, end: float, result: Comparison, limits: Limits
) -> list[str]:
    found = []
    for s, r in zip(sim, rec):
        found += _compare_order(
            f"rollout status from {r['t']:.1f} s",
            settled_lines(s, end, limits.hold),
            settled_lines(r, end, limits.hold),
            [x for x, _ in deduplicate(s["lines"])],
            [x for x, _ in deduplicate(r["lines"])],
        )
        if s.get("exit") != r.get("exit"):
            found.append(f"rollout status: exit {s.get('exit')}, recorded {r.get('exit')}")
        result.status_exit = (s.get("exit_t"), r.get("exit_t"))
        found += _compare_time("rollout status returned", *result.status_exit, limits)
    if len(sim) != len(rec):
        found.append(f"rollout status: {len(sim)} runs, recorded {len(rec)}")
    return found


def _compare_tables(
    sim_out: list,
    recording: dict,
    sim_names: dict,
    sim: Steps,
    rec: Steps,
    result: Comparison,
    limits: Limits,
) -> list[str]:
    found = []
    rec_names = {v["hash"]: name for name, v in recording["versions"].items()}
    sim_gets = [o for o in sim_out if o["command"].startswith("kubectl get")]
    for r in recording["outputs"]:
        near = [o for o in sim_gets if abs(o["t"] - r["t"]) < 0.25]
        t = np.array([r["t"]])
        half = limits.tolerance(t) + 0.2  # kubectl itself takes up to 0.2 s
        quiet = all(np.array_equal(*x.envelope(t, half)) for x in (sim, rec))
        if not near or not quiet or not r["command"].startswith("kubectl get"):
            continue
        result.tables_compared += 1
        a, b = read_tables(near[0]["text"], sim_names), read_tables(r["text"], rec_names)
        if a != b:
            found.append(
                f"{r['command']} at {r['t']:.1f} s: simulated {dict(a - b)}, "
                f"recorded {dict(b - a)}"
            )
    return found


def compare(
    simulated: pd.DataFrame,
    recording: dict,
    *,
    rs_spec: list | None = None,
    rollout_status: list | None = None,
    outputs: list | None = None,
    versions: dict | None = None,
    limits: Limits | None = None,
) -> Comparison:
    """Compare a simulated timeline with a recording.

    Parameters
    ----------
    simulated : DataFrame
        One row per change with the columns of the recorded curve: ``t`` (seconds since the first
        action; missing in the first row, the state before it), ``pods``, ``terminating``,
        ``ready``, ``available``, and ``V``, ``V ready``, ``V available`` for each version V.
        Rows after the end of the recording are ignored.
    recording : dict
        A recording, as read from its JSON file.
    rs_spec, rollout_status, outputs : list, optional
        What the simulation gives for the recording's fields of these names, in the same form;
        a field left out is not compared.
    versions : dict, optional
        The simulation's counterpart of ``recording["versions"]``, needed to read `outputs`
        if its template hashes are not those of the recording.
    limits : Limits, optional
        What to tolerate; by default what `limits_for` gives for the recording.

    Returns
    -------
    Comparison
        Measured differences, and ``failures`` in words.

    Raises
    ------
    ValueError
        If `simulated` has no rows or lacks one of the columns every curve has.
    """
    needed = ["t", "pods", "terminating", "ready", "available"]
    lacking = [c for c in needed if c not in simulated.columns]
    if lacking or simulated.empty:
        raise ValueError(
            f"simulated has {len(simulated)} rows and lacks {lacking}: see the README"
        )
    limits = limits or limits_for(recording)
    recorded = merge_old(curve_frame(recording), recording)
    simulated = merge_old(simulated, recording)
    columns = list(dict.fromkeys([*recorded.columns, *simulated.columns]))[1:]
    end = float(recording["duration"])
    sim = Steps.from_frame(simulated, columns, end)
    rec = Steps.from_frame(recorded, columns, end)
    result = Comparison(recording["name"])
    failures = result.failures

    # the curves
    moves = np.maximum(changes(rec), 1)
    result.shift = float((area_outside(sim, rec).sum()) / moves.sum())
    outside = np.maximum(
        area_outside(sim, rec, limits.tolerance), area_outside(rec, sim, limits.tolerance)
    )
    if recording["settings"].get("min_ready"):
        late = dataclasses.replace(limits, lag=limits.lag + limits.rounding)
        loose = np.maximum(
            area_outside(sim, rec, late.tolerance), area_outside(rec, sim, late.tolerance)
        )
        outside = np.where([c.endswith("available") for c in columns], loose, outside)
        limits_at_end = late
    else:
        limits_at_end = limits
    outside = outside / moves
    result.outside, result.worst_column = float(outside.max()), columns[int(outside.argmax())]
    if result.outside > limits.outside:
        failures.append(
            f"curve {result.worst_column!r} is {result.outside:.2f} s per pod change "
            f"beyond the tolerance (at most {limits.outside})"
        )
    failures += _compare_steps("state", sim, rec, limits)

    # peaks and lows
    for field, column, high in (
        ("peak_pods", "pods", True),
        ("peak_alive", "alive", True),
        ("low_available", "available", False),
        (None, "ready", False),
    ):
        s, r = extremes(sim, column, limits.blink), extremes(rec, column, limits.blink)
        touched, held = (0, 1) if high else (3, 2)
        pair = (s[touched], r[touched])
        if field:
            setattr(result, field, pair)
        sign, slack = (1 if high else -1), limits.pods * float(rec.column("pods").values.max())
        if max(sign * (s[held] - r[touched]), sign * (r[held] - s[touched])) > slack:
            failures.append(
                f"{'peak' if high else 'low'} of {column}: simulated {s[held]}..{s[touched]}, "
                f"recorded {r[held]}..{r[touched]} pods"
            )

    # the end
    alive = [c for c in columns if c not in ("pods", "terminating")]
    result.outcome = (outcome(sim), outcome(rec))
    result.gone = (last_change(sim), last_change(rec))
    result.finish = tuple(
        last_change(Steps.from_frame(f, alive, end)) for f in (simulated, recorded)
    )
    if result.outcome[0] != result.outcome[1]:
        failures.append(f"outcome: simulated {result.outcome[0]}, recorded {result.outcome[1]}")
    failures += _compare_time("last change of live pods", *result.finish, limits_at_end)
    failures += _compare_time("last change", *result.gone, limits_at_end)
    if result.outcome[1] != "changing" and not np.array_equal(sim.values[-1], rec.values[-1]):
        failures.append(
            f"end: simulated {dict(zip(columns, sim.values[-1].tolist()))}, "
            f"recorded {dict(zip(columns, rec.values[-1].tolist()))}"
        )

    # what the controllers and kubectl say
    if rs_spec and recording.get("rs_spec"):
        names = list(
            dict.fromkeys(v for _, sizes in recording["rs_spec"] + rs_spec for v in sizes)
        )
        frames = [
            Steps.from_frame(spec_frame(x, names), names, end)
            for x in (rs_spec, recording["rs_spec"])
        ]
        failures += _compare_steps(f"replica set sizes {tuple(names)}", *frames, limits)
    if rollout_status is not None:
        failures += _compare_status(
            rollout_status, recording["rollout_status"], end, result, limits
        )
    if outputs is not None:
        used = versions or recording["versions"]
        hashes = {v["hash"]: name for name, v in used.items()}
        failures += _compare_tables(outputs, recording, hashes, sim, rec, result, limits)
    return result


def compare_recordings(a: dict, b: dict, limits: Limits | None = None) -> Comparison:
    """Compare recording `a`, in the place of a simulation, with recording `b`."""
    return compare(
        curve_frame(a),
        b,
        rs_spec=a["rs_spec"],
        rollout_status=a["rollout_status"],
        outputs=a["outputs"],
        versions=a["versions"],
        limits=limits,
    )


def main(argv: list[str] | None = None) -> int:
    """Compare a CSV or a recording with a recording; return 1 if they differ."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "simulated", type=Path, help="CSV with the columns of the curve, or recording"
    )
    parser.add_argument("recording", type=Path, help="recording (JSON)")
    parser.add_argument("--json", action="store_true", help="print all numbers as JSON")
    for field in dataclasses.fields(Limits):
        parser.add_argument(f"--{field.name}", type=float, help=f"instead of {field.default:g}")
    args = parser.parse_args(argv)
    recording = json.loads(args.recording.read_text())
    given = {f.name: getattr(args, f.name) for f in dataclasses.fields(Limits)}
    limits = dataclasses.replace(
        limits_for(recording), **{k: v for k, v in given.items() if v is not None}
    )
    if args.simulated.suffix == ".csv":
        result = compare(pd.read_csv(args.simulated), recording, limits=limits)
    else:
        result = compare_recordings(json.loads(args.simulated.read_text()), recording, limits)
    print(
        json.dumps(dict(dataclasses.asdict(result), passed=result.passed), indent=1)
        if args.json
        else result
    )
    return 0 if result.passed else 1


if __name__ == "__main__":
    sys.exit(main())
