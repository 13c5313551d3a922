"""The lesson, as played on a real control plane, prints the same here.

Each part of the transcript is played once, from its first to its last command, on its manifest and
at its times, in one cluster with the latencies of a real control plane.
"""

from functools import cache

import numpy as np
import pytest
import transcripts
from transcripts import PARTS, SECONDS, Play

from rollnb import manifest, recording, scenarios, throughput
from rollnb.cluster import MEASURED
from rollnb.kubectl import Process
from rollnb.run import Run

#: What stays for less than this (s) is on its way: at which moments of a burst a controller looks,
#: and so whether pods of one burst are seen together, is chance on a real control plane.
BLINK_SECONDS = 0.5

#: In these parts at most two pods change at a time, and even what blinks by is the same.
WITHOUT_BURSTS = ("lesson", "push")


@cache
def play(part):
    """Play a part of the transcript, once for all tests of it."""
    return Play(PARTS[part])


def commands(is_wanted):
    """Make every command of the transcript that `is_wanted` a test of its own."""
    return pytest.mark.parametrize(
        ("part", "number"),
        [
            pytest.param(name, command["n"], id=f"{name} {command['n']}: {title(command)}")
            for name, part in PARTS.items()
            for command in part["commands"]
            if is_wanted(command)
        ],
    )


def title(command):
    """Return the first line of a command, without its ``kubectl``."""
    return command["command"].splitlines()[0].removeprefix("kubectl ").rstrip(' |"')


def recorded(part, number):
    """Return a command of the transcript by its number."""
    return next(c for c in PARTS[part]["commands"] if c["n"] == number)


def is_watch(command):
    """Whether a command is ``get -w``."""
    return command["command"].endswith(" -w")


def is_status(command):
    """Whether a command is ``rollout status``."""
    return "rollout status" in command["command"]


def is_json(command):
    """Whether a command prints an object with all its fields."""
    return command["command"].endswith("-o json")


every_part = pytest.mark.parametrize("part", list(PARTS))

# ------------------------------------------------------------------------------- what is printed


@commands(lambda c: not (is_watch(c) or is_status(c) or is_json(c)))
def test_text(part, number):
    """Tables, messages, ``describe`` and what jq prints are the same line for line."""
    command, played = recorded(part, number), play(part)
    output = played.outputs[number]
    tags = transcripts.recorded_tags(PARTS[part])
    differences = transcripts.find_differences(output.stdout, played.tags, command["stdout"], tags)
    assert (differences, output.stderr, output.exit) == ([], command["stderr"], command["exit"])


@commands(lambda c: "jq" in c["command"] or "history" in c["command"])
def test_text_to_the_letter(part, number):
    """What has neither names nor ages in it is the same to the last blank."""
    assert play(part).outputs[number].stdout == recorded(part, number)["stdout"]


@commands(is_json)
def test_json(part, number):
    """``-o json`` has the same fields in the same order, with the same values."""
    expected, played = recorded(part, number)["stdout"], play(part)
    output = played.outputs[number].stdout
    ours = transcripts.leaves(output, played.tags)
    theirs = transcripts.leaves(expected, transcripts.recorded_tags(PARTS[part]))
    assert [leaf[0] for leaf in ours] == [leaf[0] for leaf in theirs]
    differences = [
        (our, their)
        for our, their in zip(ours, theirs, strict=True)
        if not transcripts.is_close(our[1:], their[1:])
    ]
    assert differences == []
    assert output.startswith('{\n    "apiVersion": "v1",\n    "items": [\n')


@commands(is_status)
def test_rollout_status(part, number):
    """``rollout status`` prints the same lines in order, and ends in the same way and time."""
    command, output = recorded(part, number), play(part).outputs[number]
    lasting = 0.0 if part in WITHOUT_BURSTS else BLINK_SECONDS
    end = ended_at(output)
    lines = stays(output.lines, end, lasting)
    assert lines == stays(command["lines"], command["t_end"], lasting)
    assert (output.exit, output.stderr) == (command["exit"], command["stderr"])
    assert end == pytest.approx(command["t_end"], abs=SECONDS)


def ended_at(output):
    """Return when a command ended, in the foreground or elsewhere."""
    return output.exit_at if isinstance(output, Process) else output.lines[-1][0]


def stays(lines, end, seconds):
    """Leave out repeats, and what stays for less than `seconds`; the last line stays."""
    changes = [line for i, line in enumerate(lines) if i == 0 or line[1] != lines[i - 1][1]]
    nexts = [t for t, _ in changes[1:]] + [max(end, changes[-1][0] + seconds)]
    return transcripts.without_repeats(
        text
        for (t, text), following in zip(changes, nexts, strict=True)
        if following - t >= seconds
    )


# ----------------------------------------------------------------------------------- the watches


def watch(part, kind):
    """Return the output of ``kubectl get KIND -w``, ours and the transcript's."""
    command = next(c for c in PARTS[part]["commands"] if c["command"] == f"kubectl get {kind} -w")
    return play(part).outputs[command["n"]], command


@every_part
def test_watched_pods(part):
    """Each pod goes through the same rows of ``get pods -w``, whatever its name."""
    ours, theirs = watch(part, "pods")
    tags = transcripts.recorded_tags(PARTS[part])
    assert transcripts.rows_by_object(ours.stdout, play(part).tags) == (
        transcripts.rows_by_object(theirs["stdout"], tags)
    )
    assert (ours.exit, ours.stderr) == (theirs["exit"], theirs["stderr"])


@every_part
@pytest.mark.parametrize("kind", ["replicasets", "deployments"])
def test_watched_counts(part, kind):
    """Each ReplicaSet, and the Deployment, stops at the same rows of ``get -w``."""
    ours, theirs = watch(part, kind)
    tags = transcripts.recorded_tags(PARTS[part])
    assert stops(ours.lines, play(part).tags) == stops(theirs["lines"], tags)
    assert (ours.exit, ours.stderr) == (theirs["exit"], theirs["stderr"])


def stops(lines, tags):
    """Return, for each object, the rows at which it stayed, without their ages."""
    rows = {}
    for t, line in lines:
        name, *cells = transcripts.anonymous(f"-{line}", tags)[1:].split()
        rows.setdefault(name, []).append((t, tuple(cells[:-1])))
    return {name: stays(seen, np.inf, BLINK_SECONDS) for name, seen in rows.items()}


@pytest.mark.parametrize("part", WITHOUT_BURSTS)
def test_watched_sizes(part):
    """In ``get rs -w`` each ReplicaSet is asked for the same sizes, one after the other."""
    ours, theirs = watch(part, "replicasets")
    tags = transcripts.recorded_tags(PARTS[part])
    assert desired(ours.lines, play(part).tags) == desired(theirs["lines"], tags)


def desired(lines, tags):
    """Return, for each ReplicaSet, the sizes in column DESIRED."""
    sizes = {}
    for _, line in lines:
        name, size, *_ = transcripts.anonymous(f"-{line}", tags)[1:].split()
        sizes.setdefault(name, []).append(size)
    return {name: transcripts.without_repeats(values) for name, values in sizes.items()}


# -------------------------------------------------------------------------------- what happened


@every_part
def test_sizes(part):
    """The ReplicaSets are given the same sizes in the same order."""
    rows = [
        (t, {tag: size for tag, size in row.items() if size}) for t, row in PARTS[part]["rs_spec"]
    ]
    ours = transcripts.sizes(play(part))
    lasting = 0.0 if part in WITHOUT_BURSTS else BLINK_SECONDS
    assert stays(ours, np.inf, lasting) == stays(rows, np.inf, lasting)


@every_part
def test_curve(part):
    """Each count is at any time one that the recording has within half a second of it."""
    times, counts = transcripts.curve(play(part))
    columns, rows = PARTS[part]["curve"]["columns"], PARTS[part]["curve"]["rows"]
    recorded_times = np.array([row[0] or 0.0 for row in rows])
    assert set(counts) == set(columns[1:])
    moments = np.arange(1.0, PARTS[part]["duration"] - 1.0, 0.05)
    faults = []
    for i, column in enumerate(columns[1:], start=1):
        values = np.array([row[i] for row in rows])
        own = counts[column].to_numpy()[np.searchsorted(times, moments, side="right") - 1]
        first = np.searchsorted(recorded_times, moments - 0.5, side="right") - 1
        last = np.searchsorted(recorded_times, moments + 0.5, side="right")
        for t, value, start, end in zip(moments, own, first, last, strict=True):
            near = values[start:end]
            if not near.min() <= value <= near.max():
                faults.append((column, round(t, 2), value, near.tolist()))
    assert faults == []


def test_stuck():
    """The image that does not exist: nine old pods and two new ones, and no end to it."""
    columns = transcripts.curve(play("lesson"))
    assert counts_at(columns, 60.0) == {
        "v0.2 alive": 9,
        "v0.2 ready": 9,
        "v0.2 terminating": 1,
        "v0.2 process running": 10,
        "v0.3 alive": 2,
    }
    status = play("lesson").outputs[11]
    assert (status.exit, len(status.lines)) == (1, 1)


def counts_at(columns, t):
    """Return the counts that are not zero at a time."""
    times, counts = columns
    row = np.searchsorted(times, t, side="right") - 1
    return {name: int(n) for name, column in counts.items() if (n := column.iloc[row])}


@pytest.mark.parametrize(
    ("part", "t", "expected"),
    [
        pytest.param("lesson", 3.0, 10.0, id="ten v0.1 workers wait for rng"),
        pytest.param("lesson", 47.0, 10 / 1.2, id="ten v0.2 workers do not"),
        pytest.param("push", 2.0, 10 / 1.2, id="the same at the start of the other part"),
        pytest.param("push", 35.0, 9 / 1.2, id="one is missing once the old one is dead"),
    ],
)
def test_throughput(part, t, expected):
    """DockerCoins' hashes/s: 10 % less with the bad image, once its grace period is over."""
    run = Run(play(part).cluster)
    # v0.3 of the transcript behaves as v0.2 does.
    sleeps = {
        group.revision: 0.1 if play(part).tags[group.template_hash] == "v0.1" else 1.0
        for group in run.cluster.groups
    }
    rate = throughput.dockercoins(run.by_revision, sleeps)
    assert rate[rate.index <= t].iloc[-1] == pytest.approx(expected, rel=1e-3)


def test_both_ways_out():
    """The undo ends with ten v0.2 pods, the push with ten v0.3 pods; nothing else is left."""
    assert counts_at(transcripts.curve(play("lesson")), 81.0) == {
        f"v0.2 {count}": 10 for count in ("alive", "ready", "process running")
    }
    assert counts_at(transcripts.curve(play("push")), 76.0) == {
        f"v0.3 {count}": 10 for count in ("alive", "ready", "process running")
    }


# ------------------------------------------------------------------------- the named situations


def test_scenario():
    """The scenarios' worker, patch and images are those of the transcript."""
    part = PARTS["lesson"]
    assert manifest.read(scenarios.WORKER) == manifest.read(part["manifest"])
    patch = next(c["command"] for c in part["commands"] if "patch" in c["command"])
    assert patch == f'kubectl patch deployment worker -p "{scenarios.PATCH}"'
    images = [
        recording.image(name, behaviour) for name, behaviour in part["behaviours_at_start"].items()
    ]
    assert images == [scenarios.V1, scenarios.V2, scenarios.V3]
    assert scenarios.lesson().environment == part["environment"]


@pytest.mark.parametrize(
    ("background", "seconds"),
    [
        pytest.param(False, 0.09, id="a command is typed, and takes its time to start"),
        pytest.param(True, 0.0, id="in the background the time is that of its request"),
    ],
)
def test_kubectl_takes_time(background, seconds):
    """With measured latencies the control plane reacts while the next kubectl starts."""
    cluster = scenarios.lesson(control_plane=MEASURED)
    cluster.kubectl("kubectl get deploy", background=background)
    assert cluster.now == pytest.approx(seconds)


def test_status_after_update():
    """``rollout status`` typed after ``set image`` finds the first two new pods."""
    cluster = scenarios.lesson(control_plane=MEASURED)
    output = cluster.kubectl(f"{scenarios.update('v0.2')}\nkubectl rollout status deploy worker")
    updated, first, *_, last = output.splitlines()
    assert updated == "deployment.apps/worker image updated"
    assert first.endswith("2 out of 10 new replicas have been updated...")
    assert last == 'deployment "worker" successfully rolled out'
