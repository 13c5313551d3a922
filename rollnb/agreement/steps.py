"""Step curves: counts that hold until the next row, and how far two of them are apart.

Timing is judged with tolerance and counts without, so a curve is compared with the *envelope* of
the other: the least and greatest values it takes within the tolerance of an instant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Curves are read at the middle of intervals of this length.
GRID_SECONDS = 0.02

#: The end of a run counts as at rest if nothing changed for so many seconds before it.
QUIET_SECONDS = 2.5

Tolerance = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Settled:
    """A state that a curve rests in, from `start` to `stop` (seconds)."""

    state: object
    start: float
    stop: float


@dataclass(frozen=True)
class Steps:
    """Counts over time: ``values[i]`` holds from ``times[i]`` to ``times[i + 1]``, or `end`."""

    times: np.ndarray
    values: np.ndarray
    columns: tuple[str, ...]
    end: float

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, columns: list[str], end: float) -> Steps:
        """Read `columns` of a frame with the column ``t``, up to `end`.

        A column the frame lacks is 0 throughout; a missing ``t`` is the state before 0. Of
        several rows at one instant the last counts, and rows that change nothing are dropped.
        """
        ordered = frame.sort_values("t", kind="stable", na_position="first")
        times = ordered["t"].astype(float).fillna(-1.0).to_numpy()
        counts = ordered.reindex(columns=columns, fill_value=0).fillna(0).astype(int).to_numpy()
        last_of_instant = np.append(np.diff(times) > 0, True)
        times, counts = times[last_of_instant], counts[last_of_instant]
        differs = np.append(True, (np.diff(counts, axis=0) != 0).any(axis=1))
        kept = differs & (times <= end)
        return cls(times[kept], counts[kept], tuple(columns), end)

    def at(self, t: np.ndarray) -> np.ndarray:
        """Return the values in force at the instants `t`."""
        row = np.searchsorted(self.times, t, side="right") - 1
        return self.values[np.maximum(row, 0)]

    def envelope(self, t: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and greatest values within `half` seconds of the instants `t`."""
        first = np.maximum(np.searchsorted(self.times, t - half, side="right") - 1, 0)
        after = np.maximum(np.searchsorted(self.times, t + half, side="right"), first + 1)
        # `reduceat` takes slices from pairs (first, after); an `after` behind the last row needs
        # one row more to point at.
        slices = np.column_stack([first, after]).ravel()
        rows = np.concatenate([self.values, self.values[-1:]])
        return (
            np.minimum.reduceat(rows, slices, axis=0)[::2],
            np.maximum.reduceat(rows, slices, axis=0)[::2],
        )

    @property
    def starts(self) -> np.ndarray:
        """Since when each row holds; what was there before counts from 0."""
        return np.maximum(self.times, 0.0)

    @property
    def lasts(self) -> np.ndarray:
        """How long each row holds."""
        return np.diff(np.append(self.starts, self.end))

    @property
    def states(self) -> list[tuple[int, ...]]:
        """The rows as tuples, in order."""
        return [tuple(row) for row in self.values.tolist()]

    def settled(self, hold: float) -> list[Settled]:
        """Return the states that hold for at least `hold` seconds."""
        return [
            Settled(state, start, start + lasts)
            for state, start, lasts in zip(self.states, self.starts, self.lasts, strict=True)
            if lasts >= hold
        ]

    def column(self, name: str) -> Steps:
        """Return one column; ``alive`` is ``pods`` less ``terminating``."""
        if name == "alive":
            counts = self.column("pods").values - self.column("terminating").values
        else:
            index = self.columns.index(name)
            counts = self.values[:, index : index + 1]
        return Steps(self.times, counts, (name,), self.end)

    def changes(self) -> np.ndarray:
        """Count, per column, the pods that come or go."""
        return np.abs(np.diff(self.values, axis=0)).sum(axis=0)

    @property
    def last_change(self) -> float | None:
        """The instant of the last change, or None if it still changes at the end."""
        if len(self.times) == 1:
            return 0.0
        last = float(self.times[-1])
        return last if last <= self.end - QUIET_SECONDS else None

    @property
    def outcome(self) -> str:
        """``complete``, ``stuck`` (at rest, but not all pods available) or ``changing``."""
        if self.last_change is None:
            return "changing"
        last = dict(zip(self.columns, self.values[-1], strict=True))
        done = last["available"] == last["pods"] and last["terminating"] == 0
        return "complete" if done else "stuck"


@dataclass(frozen=True)
class Extreme:
    """A peak or low: *held* for the length of a blink at that level or beyond; or *touched*."""

    held: int
    touched: int


def peak(curve: Steps, name: str, blink: float) -> Extreme:
    """Return the highest values of the column `name`, held for `blink` seconds and touched."""
    held, touched = _extremes(curve.column(name), blink)
    return Extreme(int(held[0].max()), int(touched.max()))


def low(curve: Steps, name: str, blink: float) -> Extreme:
    """Return the lowest values of the column `name`, held for `blink` seconds and touched."""
    held, touched = _extremes(curve.column(name), blink)
    return Extreme(int(held[1].min()), int(touched.min()))


def _extremes(one: Steps, blink: float) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Return (least, greatest) within each stretch of `blink` seconds, and all values from 0."""
    middles = np.arange(0.0, max(one.end - blink, GRID_SECONDS), GRID_SECONDS) + blink / 2
    within = one.envelope(middles, np.full_like(middles, blink / 2))
    return within, one.values[one.times + one.lasts > 0, 0]


def area_outside(curve: Steps, other: Steps, tolerance: Tolerance | None = None) -> np.ndarray:
    """Integrate, per column, how far `curve` leaves the envelope of `other` (pod-seconds).

    Parameters
    ----------
    curve, other : Steps
        With the same columns.
    tolerance : callable, optional
        Half the width of the envelope, in seconds, at given instants. Without it the envelope is
        the curve itself, and the result the area between the two.
    """
    t = np.arange(0.0, min(curve.end, other.end), GRID_SECONDS) + GRID_SECONDS / 2
    least, greatest = other.envelope(t, np.zeros_like(t) if tolerance is None else tolerance(t))
    counts = curve.at(t)
    beyond = np.maximum(least - counts, 0) + np.maximum(counts - greatest, 0)
    return beyond.sum(axis=0) * GRID_SECONDS
