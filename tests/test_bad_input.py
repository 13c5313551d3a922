"""Bad input is one clear error, through every door, and leaves the cluster as it was."""

import json
import re
from math import inf, nan

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from rollnb import measures, plots, run, service, throughput, timeline
from rollnb.cluster import Cluster
from rollnb.node import Node
from rollnb.scenarios import SCENARIOS, WORKER, dockercoins, lesson
from rollnb.spec import Deployment, Image

PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' "
    "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
)
AT_LEAST_0 = "must be greater than or equal to 0"

#: What is wrong: fields as Python takes them, the field and line in YAML, and what is said of it.
VALUES = [
    pytest.param(
        {"replicas": -1},
        "spec.replicas",
        8,
        f"Invalid value: -1: {AT_LEAST_0}",
        id="negative replicas",
    ),
    pytest.param(
        {"max_surge": -1},
        "spec.strategy.rollingUpdate.maxSurge",
        15,
        f"Invalid value: -1: {AT_LEAST_0}",
        id="negative count",
    ),
    pytest.param(
        {"max_surge": "25"},
        "spec.strategy.rollingUpdate.maxSurge",
        15,
        f'Invalid value: "25": {PERCENT}',
        id="a percentage without its sign",
    ),
    pytest.param(
        {"max_unavailable": "-5%"},
        "spec.strategy.rollingUpdate.maxUnavailable",
        16,
        f'Invalid value: "-5%": {PERCENT}',
        id="negative percentage",
    ),
    pytest.param(
        {"max_surge": 0, "max_unavailable": 0},
        "spec.strategy.rollingUpdate.maxUnavailable",
        16,
        "Invalid value: 0: may not be 0 when `maxSurge` is 0",
        id="neither more nor fewer pods",
    ),
]
values = pytest.mark.parametrize(("fields", "field", "line", "said"), VALUES)

KEYS = {"replicas": "replicas", "max_surge": "maxSurge", "max_unavailable": "maxUnavailable"}


def spoil(fields):
    """Return the lesson's manifest with these fields in it."""
    lines = WORKER.splitlines()
    for name, value in fields.items():
        (number,) = (i for i, line in enumerate(lines) if line.strip().startswith(KEYS[name]))
        before = lines[number].partition(":")[0]
        lines[number] = f"{before}: {json.dumps(value)}"
    return "\n".join(lines)


def state(cluster):
    """Return all that is stored, and how much has happened."""
    kinds = ("Deployment", "ReplicaSet", "Pod", "Event")
    return {kind: cluster.list(kind) for kind in kinds}, len(cluster.log)


@pytest.fixture
def cluster():
    """The lesson's cluster; it has to be the same afterwards."""
    cluster = lesson()
    before = state(cluster)
    yield cluster
    assert state(cluster) == before
    cluster.wait(20.0)
    assert state(cluster) == before


# ------------------------------------------------------------------------------------- from Python


@values
def test_python(fields, field, line, said):
    """A field of `Deployment` is checked when it is written."""
    with pytest.raises(ValueError, match="invalid") as caught:
        Deployment("worker", image="worker:v0.1", **fields)
    assert str(caught.value) == f'The Deployment "worker" is invalid: {field}: {said}'


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        pytest.param(
            lambda cluster: Deployment("worker", image="worker:v0.1", replica=3),
            TypeError,
            "Deployment.__init__() got an unexpected keyword argument 'replica'",
            id="unknown field",
        ),
        pytest.param(
            lambda cluster: cluster.create({}),
            ValueError,
            'no matches for kind "" in version "" (there is no such kind)',
            id="an object of no kind",
        ),
        pytest.param(
            lambda cluster: cluster.get("Deployment", "nobody"),
            LookupError,
            "Deployment 'nobody' not found",
            id="missing deployment",
        ),
    ],
)
def test_python_calls(cluster, call, error, said):
    """A call that cannot be carried out says which value is at fault."""
    with pytest.raises(error) as caught:
        call(cluster)
    assert str(caught.value) == said


def refused(function, said, *arguments, **named):
    """Return a call, and what is said of its value that makes no sense."""
    return pytest.param(function, arguments, named, said, id=said.partition(" must")[0])


SECONDS = "must be a number of seconds"


@pytest.mark.parametrize(
    ("function", "arguments", "named", "said"),
    [
        refused(Cluster.wait, f"seconds=-1 {SECONDS} from 0 on", -1),
        refused(Cluster.wait, f"seconds='5' {SECONDS} from 0 on", "5"),
        refused(Cluster.wait, f"seconds=nan {SECONDS} from 0 on", nan),
        refused(Cluster.wait, f"seconds=True {SECONDS} from 0 on", True),
        refused(Cluster.wait, "seconds=inf must be finite", inf),
        refused(Cluster.run, f"until=nan {SECONDS}", nan),
        refused(Cluster.push, "image=5 must be an Image, or the name of one", 5),
        refused(Cluster.add_node, "nodes has 'n1', which is no Node: write Node('n1')", "n1"),
        refused(Cluster.kubectl, "line=5 must be a command line, such as 'get pods'", 5),
        refused(Cluster.kubectl, f"limit=-1 {SECONDS} from 0 on", "get pods", limit=-1),
        refused(
            Cluster.kubectl,
            f"command_seconds=-1 {SECONDS} from 0 on",
            "get pods",
            command_seconds=-1,
        ),
        refused(
            Cluster.edit, "function='x' must be a function from text to text", "deploy/worker", "x"
        ),
    ],
)
def test_cluster(cluster, function, arguments, named, said):
    """A cluster refuses what makes no sense, and nothing happens in it."""
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        function(cluster, *arguments, **named)
    assert str(caught.value) == said


def play(**options):
    """Simulate a Deployment that nothing happens to."""
    return run.simulate(Deployment("web", image="web:1"), **options)


@pytest.mark.parametrize("make", [Cluster, play])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"images": ["web:1"]}, "images has 'web:1', which is no Image: write Image('web:1')"),
        ({"images": "web:1"}, "images='web:1' must be a list, such as [Image('web:1')]"),
        ({"images": 5}, "images=5 must be a list of Image values"),
        ({"images": [5]}, "images has 5, which is no Image"),
        (
            {"images": [Image("web:1"), Image("web:1", pull_seconds=3)]},
            "images has 'web:1' twice: give each a name of its own",
        ),
        ({"nodes": ["n1"]}, "nodes has 'n1', which is no Node: write Node('n1')"),
        (
            {"nodes": [Node("n1"), Node("n1")]},
            "nodes has 'n1' twice: give each a name of its own",
        ),
        ({"seed": None}, "seed=None must be a whole number"),
        ({"epoch": "now"}, f"epoch='now' {SECONDS}"),
        (
            {"control_plane": "fast"},
            "control_plane='fast' must be a ControlPlane, such as MEASURED",
        ),
        (
            {"feature_gates": "MaxUnavailableStatefulSet"},
            "feature_gates='MaxUnavailableStatefulSet' must be a list, such as "
            "['MaxUnavailableStatefulSet']",
        ),
    ],
)
def test_new_cluster(make, options, said):
    """What a cluster is made of is checked before it is there."""
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        make(**options)
    assert str(caught.value) == said


@pytest.fixture(scope="module")
def rollout():
    """The lesson's rollout; nothing changes it."""
    return SCENARIOS["lesson"].play()


@pytest.mark.parametrize(
    ("function", "arguments", "named", "said"),
    [
        refused(lambda _: Cluster(start=nan), f"start=nan {SECONDS}"),
        refused(
            lambda _: Cluster(namespace="Not Valid"),
            "namespace='Not Valid' must be made of small letters, digits and dashes",
        ),
        refused(lambda _: play(until=-3), f"until=-3 {SECONDS} from 0 on"),
        refused(lambda _: play(until=inf), "until=inf must be finite"),
        refused(lambda _: play(settled="no"), "settled='no' must be True or False"),
        refused(
            lambda _: play(actions=[(0, 5)]),
            "the action (0, 5) must end with a command, an Image, or a function",
        ),
        refused(
            lambda _: play(actions=5),
            "actions=5 must be a list of pairs of seconds and a command",
        ),
        refused(lambda _: dockercoins(nodes=-1), "nodes=-1 must be a whole number from 0 on"),
        refused(run.Run.at, f"time=-5 {SECONDS} from 0 on", -5),
        refused(run.Run.at, f"time=nan {SECONDS} from 0 on", nan),
        refused(run.Run.at, f"time='5' {SECONDS} from 0 on", "5"),
        refused(service.traffic, "rate=-1 must be a number from 0 on", rate=-1),
        refused(service.traffic, "rate=nan must be a number from 0 on", rate=nan),
        refused(service.traffic, "capacity=-1 must be a number from 0 on", capacity=-1),
        refused(service.traffic, f"since=nan {SECONDS}", since=nan),
        refused(
            service.traffic,
            f"propagation_seconds=nan {SECONDS} from 0 on",
            propagation_seconds=nan,
        ),
        refused(
            service.traffic,
            "workload 7 is not in the cluster; it has ['deployment/worker']",
            workload=7,
        ),
        refused(service.lost_by_pod, "rate=-2 must be a number from 0 on", rate=-2),
        refused(
            lambda run: service.totals(service.traffic(run), -1),
            f"until=-1 {SECONDS} from 0 on",
        ),
        refused(measures.summary, f"until=-2 {SECONDS} from 0 on", until=-2),
        refused(measures.summary, f"since=nan {SECONDS}", since=nan),
        refused(
            lambda run: throughput.pulling(run.timeline, -1), "rate=-1 must be a number from 0 on"
        ),
        refused(
            lambda run: throughput.serving(run.timeline, -3), "rate=-3 must be a number from 0 on"
        ),
        refused(
            lambda run: throughput.serving(run.timeline, 1, demand=-1),
            "demand=-1 must be a number from 0 on",
        ),
        refused(
            lambda run: throughput.dockercoins(run.by_revision, {1: 0.1, 2: 1}, rng=-1),
            "rng=-1 must be a number of pods from 0 on",
        ),
        refused(
            lambda run: throughput.dockercoins(run.by_revision, {1: -1, 2: 1}),
            f"sleep_seconds[1]=-1 {SECONDS} from 0 on",
        ),
        refused(
            lambda run: throughput.webui(run.pods, {1: 0.1, 2: 1}, until=5, rng=0),
            "rng=0 must be a number of pods above 0",
        ),
        refused(
            lambda run: throughput.webui(run.pods, {1: 0.1, 2: 1}, until=-5),
            f"until=-5 {SECONDS} from 0 on",
        ),
    ],
)
def test_functions(rollout, function, arguments, named, said):
    """Whoever computes with a number that means nothing says so in place of a result."""
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        function(rollout, *arguments, **named)
    assert str(caught.value) == said


def curves(run):
    """Return the run as a recording has it."""
    pods = run.timeline["pods"]
    return pd.DataFrame({"t": pods.index, "pods": pods.to_numpy()})


DRAWN = {
    "replicas": plots.replicas,
    "pods": plots.pods,
    "peaks": plots.peaks,
    "stacked": plots.stacked,
    "compare": lambda run, **options: plots.compare({"one": run}, **options),
    "overlay": lambda run, **options: plots.overlay(curves(run), curves(run), **options),
    "throughput": lambda run, **options: plots.throughput(throughput.hashes(run), **options),
    "traffic": lambda run, **options: plots.traffic(service.traffic(run), **options),
    "slide": lambda run, **options: plots.slide(run, "title", **options),
}


@pytest.mark.parametrize("until", [-1, 0, nan, "5"])
@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_until(rollout, draw, until):
    """No picture has a time axis that ends where it begins, or before: none is begun."""
    begun = plt.get_fignums()
    with pytest.raises(ValueError, match="until=") as caught:
        draw(rollout, until=until)
    assert str(caught.value) == f"until={until!r} {SECONDS} above 0"
    assert plt.get_fignums() == begun


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        pytest.param(
            lambda run: plots.replicas(run, top=-1),
            "top=-1 must be a number of pods above 0",
            id="no room for pods",
        ),
        pytest.param(
            lambda run: plots.compare([]),
            "runs=[] must be a mapping of label to Run, with at least one",
            id="runs without labels",
        ),
        pytest.param(
            lambda run: plots.build(run, "title", [-1.0, 5.0]),
            f"steps=-1.0 {SECONDS} from 0 on",
            id="a step before the start",
        ),
        pytest.param(
            lambda run: plots.build(run, "title", ["limits", 3]),
            "steps=['limits', 3] has parts and times: give one or the other",
            id="steps of two sorts",
        ),
        pytest.param(
            lambda run: plots.save(plots.replicas(run), "picture", width=159),
            "width=159 must be a whole number of pixels from 160 on",
            id="width of a picture",
        ),
        pytest.param(
            lambda run: plots.save(plots.replicas(run), "picture", "png"),
            "formats='png' must be a list, such as ['png']",
            id="formats that are one",
        ),
        *(
            pytest.param(
                lambda run, option=option: plots.animate(run, "film.gif", **option), said, id=said
            )
            for option, said in (
                ({"seconds": -1}, f"seconds=-1 {SECONDS} above 0"),
                ({"frames_per_second": 0}, "frames_per_second=0 must be a number above 0"),
                ({"width": 159}, "width=159 must be a whole number of pixels from 160 on"),
                ({"width": 320.5}, "width=320.5 must be a whole number of pixels from 160 on"),
            )
        ),
    ],
)
def test_pictures(rollout, draw, said, tmp_path, monkeypatch):
    """A picture that could not be drawn is refused, and no file is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        draw(rollout)
    assert str(caught.value) == said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("draw", [plots.data, *list(DRAWN.values())[:5], DRAWN["slide"]])
def test_no_run(rollout, draw):
    """What is not a run is not drawn, and the error says how to make one."""
    begun = plt.get_fignums()
    with pytest.raises(ValueError, match="no Run") as caught:
        draw(rollout.cluster)
    assert str(caught.value) == (
        "Cluster is no Run: give what simulate() returned, or Run(cluster)"
    )
    assert plt.get_fignums() == begun


@pytest.mark.parametrize(
    "look", [measures.summary, timeline.pods, service.traffic, throughput.hashes]
)
def test_no_cluster(look):
    """What has no workloads is no cluster."""
    with pytest.raises(ValueError, match="int has no workloads: give a Cluster"):
        look(5)


# --------------------------------------------------------------------------------------- from YAML


@values
def test_yaml(cluster, fields, field, line, said):
    """A wrong value in a manifest is refused with its field and its line."""
    with pytest.raises(ValueError, match="invalid") as caught:
        cluster.apply(spoil(fields))
    where = f" (line {line})"
    assert caught.value.located() == (
        f'The Deployment "worker" is invalid: {field}: {said}{where}'
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        pytest.param(
            "replicas:",
            "replica:",
            8,
            "spec.replica does not exist; did you mean spec.replicas?",
            id="unknown field",
        ),
        pytest.param(
            "maxSurge:",
            "maxsurge:",
            15,
            "spec.strategy.rollingUpdate.maxsurge does not exist; "
            "did you mean spec.strategy.rollingUpdate.maxSurge?",
            id="unknown field further in",
        ),
        pytest.param(
            "replicas: 10",
            "replicas: ten",
            8,
            "spec.replicas is 'ten'; write a whole number without quotes",
            id="wrong type",
        ),
    ],
)
def test_yaml_fields(cluster, old, new, line, said):
    """A field that does not exist, or has another type, is named with its line and a way out."""
    with pytest.raises(ValueError, match=r"strict decoding|unmarshal") as caught:
        cluster.apply(WORKER.replace(old, new))
    assert str(caught.value).endswith(f"(line {line}: {said})")


def test_simulate_takes_no_bad_manifest():
    """`simulate` refuses a manifest before anything is played."""
    with pytest.raises(ValueError, match=r'"worker" is invalid: spec\.replicas: .* -1: must'):
        run.simulate(spoil({"replicas": -1}), [(0.0, "kubectl get pods")])


# ------------------------------------------------------------------------------------ from kubectl


def patch(body):
    """Return the command that patches the worker."""
    return f"kubectl patch deployment worker -p '{body}'"


def rolling_update(fields):
    """Return the patch with these fields, one line of YAML."""
    strategy = {KEYS[name]: value for name, value in fields.items() if name != "replicas"}
    spec = {"strategy": {"rollingUpdate": strategy}} if strategy else dict(fields)
    return json.dumps({"spec": spec})


@values
def test_patch(cluster, fields, field, line, said):
    """A patch that would make the Deployment invalid is refused as the API server does."""
    output = cluster.kubectl(patch(rolling_update(fields)))
    error = f'The Deployment "worker" is invalid: {field}: {said}\n'
    assert (output.stdout, output.stderr, output.exit) == ("", error, 1)


@pytest.mark.parametrize(
    ("line", "stderr"),
    [
        pytest.param(
            "kubectl frobnicate deploy worker",
            'error: unknown command "frobnicate" for "kubectl"',
            id="unknown command",
        ),
        pytest.param(
            "kubectl rollout frobnicate deploy worker",
            'error: unknown command "rollout frobnicate"\n'
            "See 'kubectl rollout -h' for help and examples",
            id="unknown command of rollout",
        ),
        pytest.param(
            "kubectl get deploy --frobnicate",
            "error: unknown flag: --frobnicate\nSee 'kubectl get --help' for usage.",
            id="unknown flag",
        ),
        pytest.param(
            "kubectl get frobs",
            'error: the server doesn\'t have a resource type "frobs"',
            id="unknown kind",
        ),
        pytest.param(
            patch("spec: [1"),
            "error: unable to parse \"spec: [1\": yaml: line 1: did not find expected ',' or ']'",
            id="a patch that is not YAML",
        ),
        pytest.param(
            patch("worker"),
            "Error from server (BadRequest): json: cannot unmarshal string into Go value of type "
            "map[string]interface {}",
            id="a patch that is no mapping",
        ),
        pytest.param(
            patch("spec: {replicas: ten}"),
            'The request is invalid: patch: Invalid value: "map[spec:map[replicas:ten]]": '
            "unrecognized type: int32",
            id="a patch with a wrong type",
        ),
        pytest.param(
            "kubectl scale deploy worker --replicas=-1",
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or "
            "equal to 0",
            id="negative scale",
        ),
        *(
            pytest.param(
                f"kubectl {command}",
                'Error from server (NotFound): deployments.apps "nobody" not found',
                id=f"missing deployment: {command.partition(' deploy')[0]}",
            )
            for command in (
                "get deploy nobody",
                "describe deploy nobody",
                "set image deploy nobody worker=worker:v0.2",
                "scale deploy nobody --replicas=3",
                "patch deploy nobody -p '{}'",
                "rollout status deploy nobody",
                "rollout undo deploy nobody",
                "rollout pause deploy nobody",
            )
        ),
        pytest.param(
            "kubectl set image deploy worker nobody=worker:v0.2",
            'error: unable to find container named "nobody"',
            id="missing container",
        ),
        pytest.param(
            "kubectl rollout undo deploy worker",
            'error: no rollout history found for deployment "worker"',
            id="nothing to undo",
        ),
        pytest.param(
            "kubectl rollout undo deploy worker --to-revision=7",
            "error: unable to find specified revision 7 in history",
            id="no such revision",
        ),
    ],
)
def test_kubectl(cluster, line, stderr):
    """What kubectl cannot do, it says on stderr, with exit code 1."""
    output = cluster.kubectl(line)
    assert (output.stdout, output.stderr, output.exit) == ("", stderr + "\n", 1)


def test_unknown_field_in_patch(cluster):
    """An unknown field in a patch is only warned of, as by the API server, and changes nothing."""
    output = cluster.kubectl(patch("spec: {replica: 3}"))
    assert (output.stdout, output.stderr, output.exit) == (
        "deployment.apps/worker patched (no change)\n",
        'Warning: unknown field "spec.replica"\n',
        0,
    )


def test_unknown_field_in_file(cluster):
    """``replace -f`` refuses a manifest with an unknown field, and names the file."""
    files = {"worker.yaml": WORKER.replace("replicas:", "replica:")}
    output = cluster.kubectl("kubectl replace -f worker.yaml", files=files)
    assert (output.stdout, output.exit) == ("", 1)
    assert output.stderr == (
        'Error from server (BadRequest): error when replacing "worker.yaml": Deployment in '
        'version "v1" cannot be handled as a Deployment: strict decoding error: unknown field '
        '"spec.replica"\n'
    )


def test_edit(cluster):
    """An edit that makes the Deployment invalid is refused."""
    output = cluster.edit(
        "deploy/worker", lambda text: text.replace("replicas: 10", "replicas: -1")
    )
    assert f"spec.replicas: Invalid value: -1: {AT_LEAST_0}" in output.stderr
    assert output.exit == 1


def test_commands_after_a_mistake(cluster):
    """In a block of shell a mistake does not stop what follows, and the last exit code counts."""
    output = cluster.kubectl("kubectl get deploy nobody\nkubectl get deploy worker -o name")
    assert output.stdout == "deployment.apps/worker\n"
    assert output.exit == 0
