"""The kinds of exercises: what an answer is, and what can be off in it.

`find` of each returns findings: a key of `rollnb.course.words.WORDS` and the values that fill its
sentence. No finding means that the answer is right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from rollnb.cluster import Cluster, NotFound
from rollnb.run import Run
from rollnb.spec import Deployment
from rollnb.validation import check_number

Finding = tuple[Any, ...]


@dataclass(frozen=True)
class Number:
    """A number to work out; as a text, it may have a point or a comma.

    Parameters
    ----------
    right : float
    slips : mapping of float to str
        What one gets by a common slip, and the key of the sentence that points at it.
    tolerance : float
        How far off an answer may be.
    """

    right: float
    slips: Mapping[float, str] = field(default_factory=dict)
    tolerance: float = 0.01

    def find(self, answer: Any) -> list[Finding]:
        """Return what is off in the number."""
        try:
            given = float(answer.replace(",", ".")) if isinstance(answer, str) else answer
            check_number("answer", given, least=-math.inf, endless=True)
        except ValueError:
            return [("not_a_number", answer)]
        if self._is_near(given, self.right):
            return []
        slip = next((key for wrong, key in self.slips.items() if self._is_near(given, wrong)), "")
        return [("too_high" if given > self.right else "too_low",), *([(slip,)] if slip else [])]

    def _is_near(self, given: float, value: float) -> bool:
        return math.isclose(given, value, abs_tol=self.tolerance)


@dataclass(frozen=True)
class Letters:
    """Some of several choices, given as their letters: ``"ad"``, ``"A, D"`` or a list of them."""

    right: str
    choices: str

    def find(self, answer: Any) -> list[Finding]:
        """Return how many letters are missing, and how many are too many."""
        parts = answer if isinstance(answer, Iterable) else [answer]
        given = set(re.findall(r"\w", "".join(map(str, parts)).lower()))
        if not given <= set(self.choices):
            return [("not_letters", answer, ", ".join(self.choices))]
        missing, wrong = set(self.right) - given, given - set(self.right)
        findings: list[Finding] = [("letters_wrong", len(wrong))] if wrong else []
        return findings + ([("letters_missing", len(missing))] if missing else [])


@dataclass(frozen=True)
class Setting:
    """A workload to find: it is played, and its measures are compared with what is asked.

    Parameters
    ----------
    play : callable
        From the workload to its run.
    at_least, at_most : mapping of str to float
        Bounds on what `measure` returns.
    fields, fields_at_least : mapping of str to value
        What these fields of the workload must be, or must not be less than.
    complete : bool
        Whether the rollout must be complete at the end.
    kind : type
        Of the workload.
    measure : callable
        From the run to an object with measures; by default to its summary.
    """

    play: Callable[[Any], Run]
    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    fields_at_least: Mapping[str, float] = field(default_factory=dict)
    complete: bool = True
    kind: type = Deployment
    measure: Callable[[Run], Any] = attrgetter("summary")

    def find(self, answer: Any) -> list[Finding]:
        """Return what is off: fields first, then what happens."""
        if not isinstance(answer, self.kind):
            return [("not_a_kind", self.kind.__name__, type(answer).__name__)]
        findings: list[Finding] = [
            ("field", name, wanted, getattr(answer, name))
            for name, wanted in self.fields.items()
            if getattr(answer, name) != wanted
        ]
        findings += [
            ("field_at_least", name, least, getattr(answer, name))
            for name, least in self.fields_at_least.items()
            if getattr(answer, name) < least
        ]
        if findings:
            return findings
        run = self.play(answer)
        summary = run.summary
        if self.complete and summary.state != "complete":
            return [("not_complete", f"{summary.state} {summary.reason}".rstrip())]
        measures = self.measure(run)
        found = {name: getattr(measures, name) for name in (*self.at_least, *self.at_most)}
        return [
            ("measure_low", name, found[name])
            for name, least in self.at_least.items()
            if not found[name] >= least
        ] + [
            ("measure_high", name, found[name])
            for name, most in self.at_most.items()
            if not found[name] <= most
        ]


@dataclass(frozen=True)
class Commands:
    """Commands to type: they are played on a cluster, and what counts is how it is then.

    Parameters
    ----------
    start : callable
        Returns the cluster as it is when the commands are typed.
    goal : callable
        From the cluster, `seconds` after the last command, to the findings.
    """

    start: Callable[[], Cluster]
    goal: Callable[[Cluster], list[Finding]]
    seconds: float = 60.0

    def find(self, answer: Any) -> list[Finding]:
        """Return what is not as it should be, and then what the terminal said of errors."""
        if not isinstance(answer, str) or not answer.strip():
            return [("not_commands", answer)]
        cluster = self.start()
        output = cluster.kubectl(answer)
        cluster.wait(self.seconds)
        try:
            findings = self.goal(cluster)
        except NotFound as gone:
            findings = [("gone", gone.kind, gone.name)]
        if findings and output.stderr:
            findings.append(("kubectl_says", output.stderr.strip()))
        return findings
