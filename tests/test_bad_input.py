"""Bad input is one clear error, through every door, and leaves the cluster as it was."""

import json

import pytest

from rollnb import run
from rollnb.scenarios import WORKER, lesson
from rollnb.spec import Deployment

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
            lambda cluster: cluster.get("Deployment", "nobody"),
            LookupError,
            "Deployment 'nobody' not found",
            id="missing deployment",
        ),
        pytest.param(
            lambda cluster: cluster.wait(-1),
            ValueError,
            "seconds=-1 must not be negative: time only goes on",
            id="back in time",
        ),
    ],
)
def test_python_calls(cluster, call, error, said):
    """A call that cannot be carried out says which value is at fault."""
    with pytest.raises(error) as caught:
        call(cluster)
    assert str(caught.value) == said


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
