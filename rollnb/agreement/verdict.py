"""What a comparison finds: numbers, and each limit exceeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import pandas as pd

from rollnb.agreement.words import Difference, say


@dataclass
class Agreement:
    """How far a simulation is from a recording; pairs are (simulated, recorded).

    Parameters
    ----------
    name : str
        Of the recording.
    failures : list of Difference
        One for each limit exceeded; `sentences` says them.
    shift : float
        Mean time error of a change: the area between the curves per pod change (s). Not judged.
    outside : float
        The same beyond the tolerance, in the worst column, `worst_column`.
    outcome : pair of str
        ``complete``, ``stuck`` or ``changing``.
    finish, gone : pair of float or None
        The last change among pods that are not terminating; the last change of all (s).
    peak_pods, peak_alive, low_available : pair of int
        Extremes over the run, in pods; *alive* leaves terminating ones out.
    status_exit : pair of float or None, optional
        When ``kubectl rollout status`` returned (s; None: it still waits at the end).
    tables_compared : int
        How many outputs of ``kubectl get`` were compared.
    """

    name: str
    failures: list[Difference] = field(default_factory=list)
    shift: float = 0.0
    outside: float = 0.0
    worst_column: str = ""
    outcome: tuple[str, str] = ("", "")
    finish: tuple[float | None, float | None] = (None, None)
    gone: tuple[float | None, float | None] = (None, None)
    peak_pods: tuple[int, int] = (0, 0)
    peak_alive: tuple[int, int] = (0, 0)
    low_available: tuple[int, int] = (0, 0)
    status_exit: tuple[float | None, float | None] | None = None
    tables_compared: int = 0

    @property
    def passed(self) -> bool:
        """Whether no limit was exceeded."""
        return not self.failures

    def sentences(self, lang: str = "en") -> list[str]:
        """Return a sentence for each limit exceeded, in English or in French."""
        return [say(failure, lang) for failure in self.failures]

    def __str__(self) -> str:
        numbers = (
            f"{self.name}: {'agrees' if self.passed else 'DIFFERS'}"
            f"  {self.outcome[0]}  shift {self.shift:.3f} s  outside {self.outside:.3f} s"
        )
        return "\n    ".join([numbers, *self.sentences()])


def table(agreements: Sequence[Agreement]) -> pd.DataFrame:
    """Return one row per recording: the numbers of `Agreement`, and whether it agrees."""
    rows = [{**asdict(a), "failures": len(a.failures), "agrees": a.passed} for a in agreements]
    return pd.DataFrame(rows).set_index("name")
