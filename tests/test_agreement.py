"""The measure of `rollnb.agreement` judges as the reference beside the recordings does."""

import copy
import dataclasses
import json
import os
import random
import string
from pathlib import Path

import compare as reference
import numpy as np
import pandas as pd
import pytest

from rollnb import agreement
from rollnb.agreement import text
from rollnb.agreement.steps import Settled, Steps, area_outside, low, peak
from rollnb.agreement.words import WORDS, Difference, say

FOLDER = Path(os.environ.get("ROLLNB_RECORDINGS") or Path(__file__).parent / "data" / "recordings")
RECORDINGS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
FIELDS = ("rs_spec", "rollout_status", "outputs", "versions")


# ------------------------------------------------------------------ a recording, and changes of it


def delay(recording, seconds=0.0, stretch=1.0, since=0.0):
    """Move what happens from `since` on."""

    def later(t):
        return t if t is None or t < since else t * stretch + seconds

    changed = copy.deepcopy(recording)
    for row in changed["curve"]["rows"] + (changed["rs_spec"] or []):
        row[0] = later(row[0])
    for status in changed["rollout_status"]:
        status["lines"] = [[later(t), line] for t, line in status["lines"]]
        if status.get("exit_t") is not None:
            status["exit_t"] = later(status["exit_t"])
    return changed


def jitter(recording, seconds=0.05):
    """Move each row on its own, keeping the order."""
    rng = random.Random(1)
    changed = copy.deepcopy(recording)
    rows = changed["curve"]["rows"][1:]
    times = sorted(row[0] + rng.uniform(0, seconds) for row in rows)
    for row, t in zip(rows, times, strict=True):
        row[0] = t
    return changed


def add(recording, column, pods, start, seconds):
    """Let `column` have more (or fewer) pods for some time."""
    changed = copy.deepcopy(recording)
    columns, rows = changed["curve"]["columns"], changed["curve"]["rows"]
    index = columns.index(column)
    before = [row for row in rows if row[0] is None or row[0] <= start][-1]
    inside = [row for row in rows if row[0] is not None and start < row[0] < start + seconds]
    back = ([before, *inside])[-1]
    changed["curve"]["rows"] = sorted(
        [*rows, [start, *before[1:]], [start + seconds, *back[1:]]],
        key=lambda row: -1 if row[0] is None else row[0],
    )
    for row in changed["curve"]["rows"]:
        if row[0] is not None and start <= row[0] < start + seconds:
            row[index] += pods
    return changed


def drop_state(recording):
    """Leave out the middle row of the curve, and of the sizes."""
    changed = copy.deepcopy(recording)
    for rows in (changed["curve"]["rows"], changed["rs_spec"] or []):
        if len(rows) > 2:
            del rows[len(rows) // 2]
    return changed


def tell_less(recording):
    """Leave out the first line of rollout status, and let it fail."""
    changed = copy.deepcopy(recording)
    for status in changed["rollout_status"]:
        status["lines"] = status["lines"][1:] or [[1.0, "nothing"]]
        status["exit"] = status["exit"] and 1 - status["exit"]
    return changed


def miscount(recording):
    """Change a number in the tables of kubectl get."""
    changed = copy.deepcopy(recording)
    for output in changed["outputs"]:
        output["text"] = output["text"].replace("1/1", "0/1")
    return changed


CHANGES = {
    "none": lambda r: r,
    "0.2 s late": lambda r: delay(r, 0.2),
    "1 s late": lambda r: delay(r, 1.0),
    "1 s late, from the middle on": lambda r: delay(r, 1.0, since=r["duration"] / 2),
    "1.5 % slower": lambda r: delay(r, stretch=1.015),
    "10 % slower": lambda r: delay(r, stretch=1.1),
    "each row up to 50 ms late": jitter,
    "a pod more for a second": lambda r: add(r, "pods", 1, r["duration"] / 3, 1.0),
    "a pod more for a blink": lambda r: add(r, "pods", 1, r["duration"] / 3, 0.01),
    "one ready less for a second": lambda r: add(r, "ready", -1, r["duration"] / 3, 1.0),
    "one available less at the end": lambda r: add(r, "available", -1, r["duration"] - 3, 9.0),
    "a step left out": drop_state,
    "other lines and exit code": tell_less,
    "other tables": miscount,
}


def judge(module, simulated, recording):
    """Compare one recording, in place of a simulation, with another."""
    result = module.compare(
        reference.curve_frame(simulated), recording, **{f: simulated[f] for f in FIELDS}
    )
    numbers = dataclasses.asdict(result)
    return {**numbers, "failures": len(numbers["failures"])}, result.passed


@pytest.mark.parametrize("change", [pytest.param(f, id=name) for name, f in CHANGES.items()])
def test_same_verdict_on_changed_recordings(change):
    """Every number and the verdict are the reference's, whatever is changed in a recording."""
    changed = {name: change(recording) for name, recording in RECORDINGS.items()}
    got = {n: judge(agreement, changed[n], r) for n, r in RECORDINGS.items()}
    assert got == {n: judge(reference, changed[n], r) for n, r in RECORDINGS.items()}


def test_same_verdict_on_pairs_of_recordings():
    """Every number and the verdict are the reference's, between any two situations."""
    rng = random.Random(1)
    pairs = [(a, b) for a in RECORDINGS for b in rng.choices(list(RECORDINGS), k=4)]
    got = {p: judge(agreement, RECORDINGS[p[0]], RECORDINGS[p[1]]) for p in pairs}
    assert got == {p: judge(reference, RECORDINGS[p[0]], RECORDINGS[p[1]]) for p in pairs}


def test_a_recording_agrees_with_itself():
    """The measure finds no fault with what really happened."""
    verdicts = {name: judge(agreement, r, r)[1] for name, r in RECORDINGS.items()}
    assert verdicts == dict.fromkeys(RECORDINGS, True)


@pytest.mark.parametrize("pods", [10, 50, 51, 500])
def test_limits(pods):
    """The limits are the reference's, for few pods and for many."""
    recording = {"curve": {"columns": ["t", "pods"], "rows": [[None, pods]]}}
    assert dataclasses.asdict(agreement.limits_for(pods)) == dataclasses.asdict(
        reference.limits_for(recording)
    )


# ----------------------------------------------------------------------------------- its sentences


def test_words():
    """Both languages say the same, with the same blanks in each sentence."""
    blanks = {
        lang: {
            key: [blank[1:] for blank in string.Formatter().parse(text) if blank[1] is not None]
            for key, text in words.items()
        }
        for lang, words in WORDS.items()
    }
    assert blanks["en"] == blanks["fr"]


@pytest.mark.parametrize(
    ("difference", "english", "french"),
    [
        pytest.param(
            Difference("time", (Difference("last_change"), 9.25, 8.0, 1.25)),
            "last change: simulated 9.25 s, recorded 8.00 s (+1.25 s)",
            "dernier changement : simulé 9,25 s, enregistré 8,00 s (+1,25 s)",
            id="a number has a comma in French",
        ),
        pytest.param(
            Difference("outcome", (Difference("stuck"), Difference("complete"))),
            "outcome: simulated stuck, recorded complete",
            "issue : bloqué dans la simulation, terminé dans l'enregistrement",
            id="a value may be words",
        ),
        pytest.param(
            Difference("peak", ("pods", 16, 16, 18, 18)),
            "peak of pods: simulated 16 to 16, recorded 18 to 18 pods",
            "pic (pods) : simulé de 16 à 16, enregistré de 18 à 18 pods",
            id="names of columns stay as they are",
        ),
        pytest.param(
            Difference("one_side", (Difference("status_returned"), None, 12.5)),
            "rollout status returned: simulated none, recorded 12.5",
            "retour de rollout status : simulé aucun, enregistré 12,5",
            id="what is not there is said in words",
        ),
    ],
)
def test_say(difference, english, french):
    """A difference is said in either language, with its numbers."""
    assert (say(difference), say(difference, "fr")) == (english, french)


def test_all_can_be_said():
    """Whatever is off in a recording is said in one sentence, in both languages."""
    recording = RECORDINGS["d-05-bad-deadline-undo"]
    said = set()
    for change in CHANGES.values():
        changed = change(recording)
        fields = {field: changed[field] for field in FIELDS}
        result = agreement.compare(reference.curve_frame(changed), recording, **fields)
        said |= {failure.key for failure in result.failures}
        english, french = result.sentences(), result.sentences("fr")
        assert len(english) == len(french) == len(result.failures)
        assert not set(english) & set(french)
    titles = {"state", "sizes", "status", "status_returned", "last_change", "last_live_change"}
    assert said >= WORDS["en"].keys() - titles - {"changing", "complete", "stuck", "none", "runs"}


# ----------------------------------------------------------------------------------- single pieces


def make_steps(*rows, end=10.0, columns=("pods", "terminating")):
    """Make a step curve of rows ``(t, count, ...)``."""
    frame = pd.DataFrame(rows, columns=["t", *columns])
    return Steps.from_frame(frame, list(columns), end)


def test_steps_from_frame():
    """Of rows at one instant the last counts; what changes nothing or comes late is dropped."""
    steps = make_steps(
        (None, 3, 0), (1, 4, 0), (1, 4, 1), (2, 4, 1), (3, 3, 0), (12, 9, 9), end=10
    )
    assert (steps.times.tolist(), steps.states) == ([-1, 1, 3], [(3, 0), (4, 1), (3, 0)])
    assert steps.settled(2.0) == [Settled((4, 1), 1, 3), Settled((3, 0), 3, 10)]
    assert steps.changes().tolist() == [2, 2]


@pytest.mark.parametrize(
    ("half", "expected"),
    [
        pytest.param(0.0, ([4], [4]), id="at the instant"),
        pytest.param(0.5, ([4], [4]), id="the value before ends where it begins"),
        pytest.param(0.6, ([3], [4]), id="the value before"),
        pytest.param(2.0, ([3], [5]), id="before and after"),
    ],
)
def test_envelope(half, expected):
    """The envelope spans the values within so many seconds."""
    steps = make_steps((None, 3), (1, 4), (3, 5), columns=("pods",))
    least, greatest = steps.envelope(np.array([1.5]), np.array([half]))
    assert (least.ravel().tolist(), greatest.ravel().tolist()) == expected


@pytest.mark.parametrize(
    ("blink", "expected"),
    [
        pytest.param(0.1, (6, 6), id="longer than a blink"),
        pytest.param(0.3, (4, 6), id="shorter than a blink"),
    ],
)
def test_extremes(blink, expected):
    """A peak, or a low, that lasts less than a blink is touched but not held."""
    rows = [(None, 3, 0), (1, 4, 0), (5, 6, 0), (5.2, 4, 0)]
    high = peak(make_steps(*rows), "pods", blink)
    assert (high.held, high.touched) == expected
    deep = low(make_steps(*((t, -pods, 0) for t, pods, _ in rows)), "pods", blink)
    assert (-deep.held, -deep.touched) == expected


def test_area_outside():
    """Half a second late is half a pod-second, and nothing within a tolerance of a second."""
    early = make_steps((None, 3), (1.0, 4), columns=("pods",))
    late = make_steps((None, 3), (1.5, 4), columns=("pods",))
    assert area_outside(late, early).tolist() == pytest.approx([0.5])
    assert area_outside(late, early, lambda t: np.full_like(t, 1.0)).tolist() == [0.0]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        pytest.param("web-abc-x1y2z  1/1  Running  0", "web-def-k3l4m  1/1  Running  0", True,
                     id="random endings and template hashes differ from run to run"),
        pytest.param("web-abc-x1y2z  1/1  Running  2 (3s ago)", "web-def-k3l4m  1/1  Running  2",
                     True, id="the age of a restart is left out"),
        pytest.param("web-abc-x1y2z  1/1  Running  0", "web-def-k3l4m  0/1  Running  0", False,
                     id="readiness counts"),
        pytest.param("web-1  1/1  Running  0", "web-2  1/1  Running  0", False,
                     id="the ordinal of a StatefulSet's pod is no random ending"),
    ],
)  # fmt: skip
def test_read_tables(left, right, same):
    """Rows of kubectl get are compared by what is the same in every run."""

    def read(row, version_hash):
        cells = [*row.split("  "), "5s"]
        titles = ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
        lines = ["".join(f"{cell:20}" for cell in line).rstrip() for line in (titles, cells)]
        return text.read_tables("\n".join(lines), {version_hash: "v1"})

    assert (read(left, "abc") == read(right, "def")) == same
