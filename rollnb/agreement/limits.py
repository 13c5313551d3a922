"""How much a simulation may differ from a recording, and how a difference is found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rollnb.agreement.steps import Settled, Steps
from rollnb.agreement.words import Difference


@dataclass(frozen=True)
class Limits:
    """What a simulation may differ by and still agree.

    Parameters
    ----------
    lag : float
        Seconds by which any change may come early or late.
    drift : float
        Further seconds per second since the first action: latencies add up over many steps.
    rounding : float
        Further seconds for availability under minReadySeconds. Kubernetes counts it from a
        timestamp in whole seconds, so that milliseconds may decide over one second.
    pods : float
        Share of the peak by which a peak or low may differ.
    hold : float
        A state counts as settled when it holds for so many seconds.
    blink : float
        A peak or low that holds for less than so many seconds may be missed.
    outside : float
        Mean seconds per pod change that a curve may spend beyond `lag` and `drift`.
    """

    lag: float = 0.3
    drift: float = 0.02
    rounding: float = 1.0
    pods: float = 0.0
    hold: float = 0.8
    blink: float = 0.3
    outside: float = 0.03

    def tolerance(self, t: np.ndarray | float) -> np.ndarray:
        """Return the seconds by which an event at `t` may be shifted."""
        return self.lag + self.drift * np.maximum(t, 0.0)

    @property
    def with_rounding(self) -> Limits:
        """The limits for what waits for minReadySeconds."""
        return replace(self, lag=self.lag + self.rounding)


#: Above `LARGE_PODS` pods the rate limit of the controllers' client sets the pace, and where each
#: request falls varies: the states in between are not compared there.
LARGE = Limits(lag=0.6, drift=0.1, hold=math.inf, outside=0.6, pods=0.05)
LARGE_PODS = 50


def limits_for(peak_pods: int) -> Limits:
    """Return the limits for a rollout of at most so many pods at once."""
    return LARGE if peak_pods > LARGE_PODS else Limits()


# ------------------------------------------------- differences; `title` says what is compared


def differ_in_order(
    title: Difference,
    simulated: list[Settled],
    recorded: list[Settled],
    all_simulated: Sequence[object],
    all_recorded: Sequence[object],
) -> list[Difference]:
    """Report what one side rests in and the other never passes through, or not in this order."""
    missing = _first_out_of_order(recorded, all_simulated)
    extra = _first_out_of_order(simulated, all_recorded)
    return [
        Difference(key, (title, item.state, item.start, item.stop))
        for key, item in (("not_simulated", missing), ("not_recorded", extra))
        if item
    ]


def _first_out_of_order(wanted: list[Settled], offered: Sequence[object]) -> Settled | None:
    """Return the first of `wanted` that `offered`, read on from the one before, has not."""
    position = 0
    for item in wanted:
        try:
            position = offered.index(item.state, position)
        except ValueError:
            return item
    return None


def differ_in_states(
    title: Difference, simulated: Steps, recorded: Steps, hold: float
) -> list[Difference]:
    """Report the first states that only one side rests in."""
    return differ_in_order(
        title,
        simulated.settled(hold),
        recorded.settled(hold),
        simulated.states,
        recorded.states,
    )


def differ_in_time(
    title: Difference, simulated: float | None, recorded: float | None, limits: Limits
) -> list[Difference]:
    """Report an event that comes too early or late, or on one side only."""
    if simulated is None or recorded is None:
        same = simulated is recorded
        return [] if same else [Difference("one_side", (title, simulated, recorded))]
    late = simulated - recorded
    if abs(late) <= limits.tolerance(recorded):
        return []
    return [Difference("time", (title, simulated, recorded, late))]
