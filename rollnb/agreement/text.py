"""What kubectl prints, as it can be compared: status lines in order, tables as sets of rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rollnb.agreement.steps import Settled

#: The name of a single pod of a StatefulSet; those of other pods have a random ending.
_ORDINAL = re.compile(r"(?:pod/)?.*-\d{1,2}")
_RANDOM_ENDING = re.compile(r"-[a-z0-9]{5}$")


def distinct_lines(lines: Sequence[Sequence[Any]]) -> list[tuple[float, str]]:
    """Return ``(t, text)`` of the lines that differ from the one before."""
    return [
        next((t, text) for t, text in same) for _, same in groupby(lines, lambda line: line[1])
    ]


def settled_lines(status: Mapping[str, Any], end: float, hold: float) -> list[Settled]:
    """Return the lines of a ``rollout status`` that stood for `hold` seconds, and the last.

    Parameters
    ----------
    status : mapping
        ``lines`` (``[[t, text]]``), ``exit`` (None while it waits) and ``exit_t``.
    end : float
        When the recording ends, in seconds.
    hold : float
        Infinity leaves the last line alone.
    """
    lines = distinct_lines(status["lines"])
    returned = status["exit_t"] if status.get("exit") is not None else end
    stops = [*(t for t, _ in lines[1:]), returned]
    every = [Settled(text, t, stop) for (t, text), stop in zip(lines, stops, strict=False)]
    return [line for line in every[:-1] if line.stop - line.start >= hold] + every[-1:]


def read_tables(text: str, versions: Mapping[str, str]) -> Counter[tuple[Any, ...]]:
    """Count the rows of the tables of ``kubectl get``, without what differs from run to run.

    Ages, random name endings and the time since a restart are left out, and template hashes
    become version names: rows that are equal then are counted.

    Parameters
    ----------
    text : str
        Tables with blank lines between.
    versions : mapping
        Template hash to version name.
    """
    rows: Counter[tuple[Any, ...]] = Counter()
    for table in text.strip().split("\n\n"):
        head, *lines = table.splitlines()
        titles = re.split(r"\s{2,}", head.strip())
        edges = [*(head.index(title) for title in titles), None]
        for line in lines:
            cells = (line[edges[i] : edges[i + 1]].strip() for i in range(len(titles)))
            row = dict(zip(titles, cells, strict=True))
            rows[_comparable(row, versions)] += 1
    return rows


def _comparable(row: dict[str, str], versions: Mapping[str, str]) -> tuple[Any, ...]:
    """Return the name and the cells of a row that are the same in every run."""
    name = row["NAME"]
    for template_hash, version in versions.items():
        name = name.replace(template_hash, version)
    if "STATUS" in row and not _ORDINAL.fullmatch(name):
        name = _RANDOM_ENDING.sub("", name)
    restarts = row.get("RESTARTS", "").split(" ")[0]  # "2 (12s ago)"
    kept = {**row, "NAME": "", "AGE": "", "RESTARTS": restarts}
    return (name, *sorted((title, cell) for title, cell in kept.items() if cell))
