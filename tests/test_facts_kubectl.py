"""kubectl's own functions, on the inputs of the facts: files 10 to 13.

Every group is mapped onto the function that the commands here use; nothing is left out.
"""

import copy
import re
from pathlib import Path

import pytest
from facts import facts, load
from terminal import FakeCluster, terminal

from rollnb.kubectl import ages, history, rollout, status
from rollnb.kubectl.tables import TABLES

NOW = 1_800_000_000.0
HASH = "pod-template-hash"


def camel(value):
    """Return snake_case keys in camelCase, and times relative to now as timestamps."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, item in value.items():
        if key.endswith("_seconds_ago"):
            if item is not None:
                found[TIMES[key]] = ages.timestamp(NOW - item)
        else:
            found[NAMES.get(key) or camel_word(key)] = camel(item)
    return found


def camel_word(word):
    """Return ``ready_replicas`` as ``readyReplicas``."""
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)


TIMES = {
    "creation_seconds_ago": "creationTimestamp",
    "deletion_seconds_ago": "deletionTimestamp",
    "finished_at_seconds_ago": "finishedAt",
    "started_at_seconds_ago": "startedAt",
    "last_probe_seconds_ago": "lastProbeTime",
}
NAMES = {
    "last_termination_state": "lastState",
    "pod_ip": "podIP",
    "pod_i_ps": "podIPs",
}
META = ("name", "labels", "annotations", "creationTimestamp", "deletionTimestamp")


def make_object(kind, given):
    """Make an API object of flat facts: what belongs into the metadata goes there."""
    obj = camel(given)
    meta = {key: obj.pop(key) for key in META if key in obj}
    return {"kind": kind, "metadata": meta, "spec": {}, "status": {}, **obj}


# ---------------------------------------------------------------------------------- durations: 13


@pytest.mark.parametrize(
    ("given", "expect"), facts("13", "human_duration", "human_duration_boundary")
)
def test_human_duration(given, expect):
    """Durations have two or three digits."""
    assert ages.human_duration(given["seconds"]) == expect["text"]


@pytest.mark.parametrize(("given", "expect"), facts("13", "short_human_duration_boundary"))
def test_short_human_duration(given, expect):
    """Short durations have one unit."""
    assert ages.short_human_duration(given["seconds"]) == expect["text"]


@pytest.mark.parametrize(("given", "expect"), facts("13", "durations"))
def test_durations(given, expect):
    """Both forms of the same duration."""
    seconds = given["seconds"]
    found = {
        "human": ages.human_duration(seconds),
        "short_human": ages.short_human_duration(seconds),
    }
    assert found == expect


@pytest.mark.parametrize(("given", "expect"), facts("13", "age_cell"))
def test_age_cell(given, expect):
    """An age is counted from the timestamp to the moment of printing."""
    assert ages.age(ages.timestamp(NOW), NOW + given["age_seconds"]) == expect["age"]


# ------------------------------------------------------------------------------------- tables: 12

KINDS = {
    "pod": "Pod",
    "deployment": "Deployment",
    "replicaset": "ReplicaSet",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "controllerrevision": "ControllerRevision",
    "event": "Event",
}


@pytest.mark.parametrize(("given", "expect"), facts("12", "columns"))
def test_columns(given, expect):
    """The columns of each kind, and those that ``-o wide`` adds."""
    table = TABLES[KINDS[given["kind"]]]
    assert table.header() == expect["columns"]
    assert list(table.wide_columns) == expect["wide_adds"]


def read_row(kind, obj, wide=True):
    """Return the cells of an object by the names that the facts give them."""
    table = TABLES[kind]
    names = [name.lower().replace(" ", "_").replace("-", "_") for name in table.header(wide)]
    return dict(zip(names, table.row(obj, NOW, wide), strict=True))


def compare(row, expect):
    """Compare the cells that the facts name; numbers may stand there as numbers."""
    assert {key: row[key] for key in expect} == {key: str(value) for key, value in expect.items()}


@pytest.mark.parametrize(
    ("given", "expect"),
    facts(
        "12",
        *("pod_row", "pod_row_wide", "pod_row_sidecar", "pod_row_conditions", "pod_row_states"),
    ),
)
def test_pod_row(given, expect):
    """READY, STATUS and RESTARTS of a pod."""
    # The table's row conditions mark pods that have ended; kubectl get prints no column of them.
    expect = {key: v for key, v in expect.items() if key != "completed_condition_reason"}
    compare(read_row("Pod", make_object("Pod", given["pod"])), expect)


ROWS = {
    "deployment_row": "Deployment",
    "replica_set_row": "ReplicaSet",
    "stateful_set_row": "StatefulSet",
    "daemon_set_row": "DaemonSet",
}


def workload_facts(suffix=""):
    """Return the cases of the rows of workloads, each with its kind."""
    return [
        pytest.param(kind, *case.values, id=case.id)
        for test, kind in ROWS.items()
        for case in facts("12", test + suffix)
    ]


def with_template(obj, containers, images, selector):
    """Give an object the template and selector that the facts describe."""
    pairs = zip(containers, images, strict=True)
    obj["spec"]["template"] = {
        "spec": {"containers": [{"name": name, "image": image} for name, image in pairs]}
    }
    labels = dict(part.split("=") for part in selector.split(","))
    obj["spec"]["selector"] = {"matchLabels": labels}
    return obj


@pytest.mark.parametrize(("kind", "given", "expect"), workload_facts())
def test_workload_row(kind, given, expect):
    """Counts of a workload, from the unit tests' tables."""
    obj = make_object(
        kind,
        {
            "name": given["name"],
            "creation_seconds_ago": 0,
            "spec": {"replicas": given["spec_replicas"]},
            "status": given["status"],
        },
    )
    with_template(obj, given["containers"], given["images"], "foo=bar")
    # API times are whole seconds, so it is the moment of printing that is shifted.
    table = TABLES[kind]
    names = [n.lower().replace(" ", "_").replace("-", "_") for n in table.header(given["wide"])]
    cells = table.row(obj, NOW + given["age_seconds"], given["wide"])
    row = dict(zip(names, cells, strict=True))
    assert row == {key: str(value) for key, value in expect.items()}


@pytest.mark.parametrize(("kind", "given", "expect"), workload_facts("_eval"))
def test_workload_row_evaluated(kind, given, expect):
    """Counts of a workload, wide."""
    obj = make_object(kind, given["object"])
    with_template(obj, given["containers"], given["images"], given["selector"])
    pod_spec = obj["spec"]["template"]["spec"]
    # Of what the objects of single cases had besides, the facts only tell what was printed: no
    # containers although the group has some, or a selector of nodes.
    if not expect["containers"]:
        pod_spec["containers"] = []
    if (nodes := expect.get("node_selector", "<none>")) != "<none>":
        pod_spec["nodeSelector"] = dict(part.split("=") for part in nodes.split(","))
    compare(read_row(kind, obj), expect)


# ------------------------------------------------------------------------------ rollout status: 10


def compare_status(found, expect):
    """Compare the parts of a status that the facts name."""
    error = found.error
    if isinstance(expect.get("error"), bool):
        error = error is not None
    values = {"message": found.message, "done": found.done, "error": error}
    assert {key: values[key] for key in expect} == expect


@pytest.mark.parametrize(
    ("given", "expect"),
    facts("10", "deployment_rollout_status", "deployment_rollout_status_grid"),
)
def test_deployment_rollout_status(given, expect):
    """What is said of a Deployment."""
    replicas = given.get("replicas", given.get("status_replicas"))
    reason = given.get("progressing_reason")
    obj = {
        "kind": "Deployment",
        "metadata": {
            "name": given["name"],
            "generation": given["generation"],
            "annotations": {history.REVISION: str(given.get("deployment_revision", 0))},
        },
        "spec": {"replicas": given["spec_replicas"]},
        "status": {
            "observedGeneration": given["observed_generation"],
            "replicas": replicas,
            "updatedReplicas": given["updated_replicas"],
            "availableReplicas": given["available_replicas"],
            "conditions": [{"type": "Progressing", "reason": reason}] if reason else [],
        },
    }
    compare_status(status.rollout_status(obj, given.get("requested_revision", 0)), expect)


@pytest.mark.parametrize(
    ("given", "expect"), facts("10", "daemonset_rollout_status", "daemonset_rollout_status_grid")
)
def test_daemonset_rollout_status(given, expect):
    """What is said of a DaemonSet."""
    counts = {
        "observedGeneration": given.get("observed_generation"),
        "updatedNumberScheduled": given.get("updated_number_scheduled", given.get("updated")),
        "desiredNumberScheduled": given.get("desired_number_scheduled", given.get("desired")),
        "numberAvailable": given.get("number_available", given.get("available")),
    }
    obj = {
        "kind": "DaemonSet",
        "metadata": {"name": given.get("name"), "generation": given.get("generation")},
        "spec": {"updateStrategy": {"type": given["strategy"]}},
        "status": counts,
    }
    compare_status(status.rollout_status(obj), expect)


@pytest.mark.parametrize(
    ("given", "expect"),
    facts("10", "statefulset_rollout_status", "statefulset_rollout_status_grid"),
)
def test_statefulset_rollout_status(given, expect):
    """What is said of a StatefulSet."""
    strategy = given["strategy"]
    if isinstance(strategy, str):
        strategy = {"type": strategy}
        if given["rolling_update_set"]:
            partition = given["partition"]
            strategy["rolling_update"] = {} if partition is None else {"partition": partition}
    fields = ("observed_generation", "ready_replicas", "current_replicas", "updated_replicas")
    obj = {
        "kind": "StatefulSet",
        "metadata": {"name": given["name"], "generation": given["generation"]},
        "spec": {"replicas": given["spec_replicas"], "updateStrategy": camel(strategy)},
        "status": camel(
            {key: given[key] for key in (*fields, "current_revision", "update_revision")}
        ),
    }
    compare_status(status.rollout_status(obj), expect)


# --------------------------------------------------------------------- undo, history, messages: 11


def make_template(image):
    """Make the pod template that the facts are about."""
    return {
        "metadata": {"labels": {"foo": "bar"}},
        "spec": {"containers": [{"name": "c", "image": image}]},
    }


def make_revision(owner, given):
    """Make the ReplicaSet that keeps one revision."""
    annotations = {history.REVISION: str(given["revision"])}
    if given["change_cause"]:
        annotations[history.CHANGE_CAUSE] = given["change_cause"]
    return {
        "kind": "ReplicaSet",
        "apiVersion": "apps/v1",
        "metadata": {
            "name": f"{owner}-{given['revision']}",
            "annotations": annotations,
            "ownerReferences": [{"kind": "Deployment", "name": owner, "controller": True}],
        },
        "spec": {"template": make_template(given["image"])},
    }


def make_deployment(name, image="v1", paused=None, **annotations):
    """Make a Deployment with the template of the facts."""
    spec = {"replicas": 1, "template": make_template(image)}
    if paused is not None:
        spec["paused"] = paused
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": name, "generation": 1, "annotations": annotations},
        "spec": spec,
        "status": {},
    }


@pytest.mark.parametrize(("given", "expect"), facts("11", "rollout_undo"))
def test_rollout_undo(given, expect):
    """Which template comes back, and what is said."""
    name = given["deployment"]
    deployment = make_deployment(name, given["current_image"], given["paused"])
    revisions = [make_revision(name, r) for r in given["revisions"]]
    revisions = history.history_of(deployment, revisions)
    found = {"result": None, "error": None, "image_after": given["current_image"]}
    try:
        result, changed = history.rollback(deployment, revisions, given["to_revision"])
    except history.HistoryError as problem:
        found["error"] = str(problem)
    else:
        found["result"] = result
        after = changed or deployment
        found["image_after"] = after["spec"]["template"]["spec"]["containers"][0]["image"]
        found["kubectl_line"] = f"deployment.apps/{name} {result}"
    assert {key: found[key] for key in expect} == expect


@pytest.mark.parametrize(("given", "expect"), facts("11", "rollout_history"))
def test_rollout_history(given, expect):
    """The table of revisions, and one revision's template."""
    name = given["deployment"]
    revisions = [make_revision(name, r) for r in given["revisions"]]
    revisions = history.history_of(make_deployment(name), revisions)
    found = {"output": None, "error": None}
    try:
        found["output"] = history.view_history(revisions, given["revision"])
    except history.HistoryError as problem:
        found["error"] = str(problem)
    assert {key: found[key] for key in expect} == expect


@pytest.mark.parametrize(("given", "expect"), facts("11", "pause_resume_restart"))
def test_pause_resume_restart(given, expect):
    """Only a Deployment pauses, and only a running one restarts."""
    operation, _, kind = given["operation"].partition(" ")
    names = {"replicaset": "ReplicaSet", "statefulset": "StatefulSet", "daemonset": "DaemonSet"}
    obj = make_deployment("web", paused=given["paused"])
    obj["kind"] = names.get(kind, "Deployment")
    decide = {
        "pause": rollout.paused,
        "resume": rollout.resumed,
        "restart": lambda obj: rollout.restarted(obj, NOW),
    }[operation]
    error = None
    try:
        decide(obj)
    except rollout.Refused as problem:
        error = str(problem)
    assert error == expect["error"]


class Stage:
    """A cluster prepared for one message, and the command that prints it."""

    def __init__(self, given):
        """Prepare what `given` says is there."""
        self.given = given
        self.kind = given.get("kind", "deployment").lower()
        if self.kind == "statefulset or daemonset":
            self.kind = "statefulset"
        self.command = given.get("command", "")
        self.name = given.get("name", "NAME")
        self.cluster = terminal(self.kind, self.name, images=self._images())
        self.options = {}
        self._prepare()

    def _images(self):
        """Return the images of the revisions, the latest last."""
        if "revisions_before" in self.given:
            return [f"v{n}" for n in self.given["revisions_before"]]
        return ["v1"] if self.given.get("history") == 1 else ["v1", "v2", "v3"]

    def _prepare(self):
        given, cluster = self.given, self.cluster
        obj = cluster.objects[cluster.kind, self.name]
        if given.get("paused"):
            obj["spec"]["paused"] = True
        if given.get("has_last_applied_annotation"):
            obj["metadata"]["annotations"][history.LAST_APPLIED] = "{}\n"
        if reason := given.get("progressing_reason"):
            obj["status"]["conditions"] = [{"type": "Progressing", "reason": reason}]
        if given.get("patch_is_empty"):
            obj["spec"]["template"]["metadata"]["annotations"] = {
                rollout.RESTARTED_AT: ages.timestamp(cluster.epoch + cluster.now)
            }
        if given.get("template_equal"):
            wanted = given["to_revision"] or len(self._images()) - 1
            obj["spec"]["template"] = make_template(f"v{wanted}")
        if "timeout" in self.command or given.get("event") == "deleted":
            obj["metadata"]["generation"] += 1
        if given.get("event") == "deleted":
            cluster.later(2.0, lambda: cluster.delete(cluster.kind, self.name))
        if self.command.startswith("apply") and self.command != "apply create":
            self.play(f"apply -f - <<'EOF'\n{self._manifest()}EOF")
        if self.command == "apply create":
            del cluster.objects[cluster.kind, self.name]

    def _manifest(self, replicas=1):
        kind = self.cluster.kind
        size = "revisionHistoryLimit" if kind == "DaemonSet" else "replicas"
        return (
            f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: {self.name}\n"
            f"spec:\n  {size}: {replicas}\n"
        )

    def line(self):
        """Return the command line that the message answers."""
        target = f"{self.kind}/{self.name}"
        given = self.given
        if "errors" in given:
            return f"scale {target} --replicas=3"
        if self.command.startswith("apply"):
            replicas = 2 if self.command == "apply change" else 1
            return f"apply -f - <<'EOF'\n{self._manifest(replicas)}EOF"
        if self.command == "set image":
            image = "v3" if given.get("image") == "same as now" else "v4"
            return f"set image {target} c={image}"
        if self.command == "scale":
            return f"scale {target} --replicas=3"
        if "undo_to" in given:
            return f"rollout undo {target} --to-revision={given['undo_to']}"
        command, *flags = self.command.split(" --")
        words = [command, target, *(f"--{flag}" for flag in flags)]
        if given.get("to_revision"):
            words.append(f"--to-revision={given['to_revision']}")
        return " ".join(words)

    def play(self, line):
        """Run a line on the prepared cluster."""
        return self.cluster.kubectl(line)


@pytest.mark.parametrize(("given", "expect"), facts("11", "message"))
def test_message(given, expect):
    """What kubectl prints, on which stream, and with which exit code."""
    stage = Stage(given)
    if "errors" in given:
        stage.cluster.refuse(given["kind"], given["name"], given["errors"])
    output = stage.play(stage.line())
    for key, wanted in expect.items():
        CHECKS[key](stage, output, wanted)


def lines_of(output):
    """Return the lines of stdout, a trailing blank one included."""
    return output.stdout.removesuffix("\n").split("\n")


def check_stream(stream):
    """Compare a whole stream; newlines at its end do not matter."""

    def check(stage, output, wanted):
        assert getattr(output, stream).rstrip("\n") == wanted.rstrip("\n")

    return check


def check_contains(stage, output, wanted):
    """Find a text in stderr."""
    assert wanted in output.stderr


def check_exit(stage, output, wanted):
    """Compare the exit code."""
    assert output.exit == wanted


def check_first_line(stage, output, wanted):
    """Compare the first line, with its trailing blank."""
    assert lines_of(output)[0] == wanted


def check_second_line(stage, output, wanted):
    """Compare the second line."""
    assert lines_of(output)[1] == wanted


def check_end(stage, output, wanted):
    """A table of revisions ends with a blank line."""
    assert (wanted, lines_of(output)[-1]) == ("blank line", "")


def check_template_annotation(stage, output, wanted):
    """A restart leaves its time in the template."""
    template = stage.cluster.objects[stage.cluster.kind, stage.name]["spec"]["template"]
    value = template["metadata"]["annotations"][wanted]
    assert ages.unix(value) == int(stage.cluster.epoch + stage.cluster.now)


def check_revisions(stage, output, wanted):
    """The revision that comes back gets the next number; so says the history table then."""
    stage.cluster.renumber()
    table = lines_of(stage.play(f"rollout history {stage.kind}/{stage.name}"))[2:-1]
    assert [int(row.split()[0]) for row in table] == wanted


CHECKS = {
    "stdout": check_stream("stdout"),
    "stderr": check_stream("stderr"),
    "stderr_contains": check_contains,
    "exit_code": check_exit,
    "first_line": check_first_line,
    "then": check_second_line,
    "ends_with": check_end,
    "template_annotation": check_template_annotation,
    "value_format": lambda stage, output, wanted: None,  # read by check_template_annotation
    "note": lambda stage, output, wanted: None,  # for people
    "revisions_after": check_revisions,
}


def test_every_group_is_used():
    """A group that no test asks for fails here, so that none is left out unseen."""
    source = Path(__file__).read_text(encoding="utf-8")
    groups = {case["test"] for n in ("10", "11", "12", "13") for case in load(n)["cases"]}
    known = {*re.findall(r'"(\w+)"', source), *(f"{test}_eval" for test in ROWS)}
    assert groups - known == set()


def test_fake_is_small():
    """The fake cluster stores copies, as the real one does."""
    cluster = FakeCluster()
    obj = make_deployment("web")
    cluster.create(copy.deepcopy(obj))
    cluster.get("Deployment", "web")["spec"]["replicas"] = 9
    assert cluster.get("Deployment", "web")["spec"]["replicas"] == 1
