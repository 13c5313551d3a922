"""Play a part of the lesson's transcript on a simulated cluster, and compare what is printed.

Times of a part are seconds from its first command on. What the comparison leaves out is named in
`NOT_MODELLED`; all else has to agree, ages and times within `SECONDS`.
"""

import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

from rollnb import recording, timeline
from rollnb.cluster import MEASURED, Cluster
from rollnb.node import Node

PATH = Path(__file__).parent / "data" / "lesson" / "transcript.json"
PARTS = {part["id"]: part for part in json.loads(PATH.read_text(encoding="utf-8"))["parts"]}

#: What a real API server makes up and a simulated one need not: fields by their path.
NOT_MODELLED = ("items.metadata.resourceVersion", "items.metadata.uid")

#: By how much an age or a time may differ: the two runs are a fraction of a second apart, and what
#: is stored and shown are whole seconds of different phases.
SECONDS = 2.0


# ------------------------------------------------------------------------------------ the playing


class Play:
    """A part of the transcript, played from its first to its last command in one cluster.

    Parameters
    ----------
    part : dict
        Of ``transcript.json``.

    Attributes
    ----------
    outputs : dict
        What each command printed, by its number.
    """

    def __init__(self, part):
        self.part = part
        self.outputs = {}
        self.images = {
            name.rpartition(":")[2]: (recording.image(name, behaviour), behaviour)
            for name, behaviour in part["behaviours_at_start"].items()
        }
        self.cluster = Cluster(
            [image for image, behaviour in self.images.values() if "bad_image" not in behaviour],
            # Those that the first pods went to: on which node a pod is decides when it is deleted.
            nodes=[Node(pod["node"]) for pod in part["pods"].values() if pod["bound"] < 0],
            control_plane=MEASURED,
            epoch=part["t0_unix"],
            start=min(pod["bound"] for pod in part["pods"].values()) - 0.03,
            namespace=part["namespace"],
            environment=part["environment"],
        )
        self.cluster.apply(part["manifest"])
        plan = [(t, self._push, text) for t, text in part["other_actions"]]
        for command in part["commands"]:
            if has_own_terminal(command, part):
                plan.append((command["t"] + MEASURED.kubectl_seconds, self._begin, command))
            else:
                plan.append((command["t"], self._type, command))
            if "stopped" in command:
                plan.append((command["stopped"]["t"], self._stop, command))
        for t, do, what in sorted(plan, key=lambda step: step[0]):
            self.cluster.run(t)
            do(what)
        self.cluster.run(part["duration"])

    def _type(self, command):
        self.cluster.kubectl(command.get("shell", ""))
        self.outputs[command["n"]] = self.cluster.kubectl(command["command"])

    def _begin(self, command):
        line = command["command"]
        self.outputs[command["n"]] = self.cluster.kubectl(line, background=True)

    def _stop(self, command):
        self.outputs[command["n"]].stop()

    def _push(self, text):
        self.cluster.push(self.images[re.match(r"(\S+) pushed", text)[1]][0])

    @property
    def tags(self):
        """The image tag of each template hash."""
        return {
            group.template_hash: group.template.containers[0].image.rpartition(":")[2]
            for group in self.cluster.groups
        }


def has_own_terminal(command, part):
    """Whether a command goes on while others are typed, or somebody has to stop it."""
    return "stopped" in command or any(
        command["t"] < other["t"] < command["t_end"] for other in part["commands"]
    )


def recorded_tags(part):
    """Return the image tag of each template hash of the transcript: pods' names bear it."""
    return {
        name.split("-")[-2]: pod["image"].rpartition(":")[2] for name, pod in part["pods"].items()
    }


# ---------------------------------------------------------------------------------- the comparing

AGE = re.compile(r"(?<![\w.])(?:\d+[dhms])+(?![\w-])")
TIME = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def read_age(text):
    """Return the seconds of an age such as ``2m19s``."""
    return float(sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", text)))


def read_time(text):
    """Return the unix seconds of a time such as ``2026-11-25T19:17:30Z``."""
    form = "%Y-%m-%dT%H:%M:%SZ" if "T" in text[4:11] else "%a, %d %b %Y %H:%M:%S +0000"
    return datetime.strptime(text, form).timestamp()


def anonymous(text, tags):
    """Put image tags in place of template hashes, and nothing in place of a pod's random ending.

    The hashes differ, for ours are taken of another form of the template, and so does the width
    of the columns that they are in: columns are parted by two blanks here.
    """
    for key, tag in tags.items():
        text = re.sub(rf"-{key}-[a-z0-9]{{5}}\b", f"-{tag}-*", text)
        text = re.sub(rf"-{key}\b", f"-{tag}", text)
    return re.sub(r" {2,}", "  ", text)


def read_lines(text, tags):
    """Part each line of a text into its words, and its ages and times (s).

    Rows of a table are sorted by what is the same in both: names are random. So is which of a
    ReplicaSet's pods is deleted first, for that depends on the nodes that the scheduler took: the
    ages of its pods are sorted by themselves.
    """
    blocks = []
    for block in anonymous(text, tags).split("\n\n"):
        lines = [read_line(line) for line in block.splitlines()]
        if lines and lines[0][0].startswith("NAME  "):
            lines[1:] = sorted(lines[1:])
            ages = {}
            for words, seconds in sorted(lines, key=lambda line: line[1]):
                ages.setdefault(words.split()[0], []).append(seconds)
            lines = [(words, ages[words.split()[0]].pop(0)) for words, _ in lines]
        blocks += [*lines, ("", [])]
    return blocks


def read_line(line):
    """Part a line into its words, and its ages and times (s)."""
    seconds = [read_time(time) for time in TIME.findall(line)]
    line = TIME.sub("TIME", line)
    seconds += [read_age(age) for age in AGE.findall(line)]
    return AGE.sub("AGE", line).rstrip(), seconds


def find_differences(text, tags, expected, expected_tags):
    """Return the lines that differ: (what is printed, what is expected)."""
    ours, theirs = read_lines(text, tags), read_lines(expected, expected_tags)
    length = max(len(ours), len(theirs))
    pairs = zip(*(lines + [None] * (length - len(lines)) for lines in (ours, theirs)), strict=True)
    return [(our, their) for our, their in pairs if not is_close(our, their)]


def is_close(our, their):
    """Whether two read lines are the same but for a small difference in ages and times."""
    if our is None or their is None:
        return our is their
    (words, seconds), (expected, wanted) = our, their
    return (
        words == expected
        and len(seconds) == len(wanted)
        and all(abs(a - b) <= SECONDS for a, b in zip(seconds, wanted, strict=True))
    )


def flatten(value, path=""):
    """Return the leaves of a JSON value by their path; items of a list in order."""
    if isinstance(value, dict):
        pairs = [(f"{path}.{key}" if path else key, item) for key, item in value.items()]
    elif isinstance(value, list):
        pairs = [(path, item) for item in value]
    else:
        return [(path, value)]
    if not pairs:
        return [(path, value)]
    return [leaf for name, item in pairs for leaf in flatten(item, name)]


def leaves(text, tags):
    """Return what can be compared of JSON output: leaves with path, words, ages and times."""
    return [
        (path, *line)
        for path, value in flatten(json.loads(text))
        if path not in NOT_MODELLED
        for line in read_lines(json.dumps(value), tags)
    ]


def without_repeats(lines):
    """Leave out what repeats the line before: how often is chance."""
    lines = list(lines)
    return [line for i, line in enumerate(lines) if i == 0 or line != lines[i - 1]]


def rows_by_object(text, tags):
    """Return the different rows that a watch printed of each object, without names and ages.

    A dict from the anonymous name to a Counter of sequences of rows; a sequence of each object.
    """
    header, *rows = text.splitlines()
    assert header.split()[0] == "NAME"
    sequences = {}
    for row in rows:
        name, *cells = row.split()
        sequences.setdefault(name, []).append(tuple(cells[:-1]))
    found = {}
    for name, cells in sequences.items():
        key = anonymous(f"-{name}", tags)[1:]
        found.setdefault(key, Counter())[tuple(without_repeats(cells))] += 1
    return found


# --------------------------------------------------------------------------------------- the curve

COUNTS = {
    "alive": lambda counts: counts["pods"] - counts["terminating_replicas"],
    "ready": lambda counts: counts["ready_replicas"],
    "terminating": lambda counts: counts["terminating_replicas"],
    "process running": lambda counts: counts["running"],
}


def curve(play):
    """Return a run's counts under the names of the transcript's curve, one row per change."""
    frame = timeline.by_revision(play.cluster)
    tags = {g.revision: play.tags[g.template_hash] for g in play.cluster.groups}
    found = {}
    for revision in frame.columns.levels[0]:
        for name, count in COUNTS.items():
            found[f"{tags[revision]} {name}"] = count(frame[revision])
    return frame.index.to_numpy(), found


def sizes(play):
    """Return the sizes of the ReplicaSets, by tag, with the time at which they were asked for."""
    frame = timeline.by_revision(play.cluster)
    tags = {g.revision: play.tags[g.template_hash] for g in play.cluster.groups}
    asked = frame.xs("replicas", axis=1, level="count")
    return [
        (t, {tags[revision]: size for revision, size in row.items() if size})
        for t, row in zip(asked.index, asked.to_dict("records"), strict=True)
    ]
