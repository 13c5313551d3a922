"""kubectl's verbs change what they should, and say so in kubectl's words."""

import pytest
from terminal import FakeCluster, make_workload, terminal

from rollnb import Cluster, kubectl, manifest
from rollnb.kubectl.commands import COMMANDS
from rollnb.kubectl.history import CHANGE_CAUSE, LAST_APPLIED

USAGE = "\nSee 'kubectl {} --help' for usage."


def admissible(name="web", replicas=1):
    """Return YAML that the API server takes."""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n"
        f"  replicas: {replicas}\n  selector:\n    matchLabels:\n      app: {name}\n"
        f"  template:\n    metadata:\n      labels:\n        app: {name}\n"
        "    spec:\n      containers:\n      - name: c\n        image: shop/web:v1\n"
    )


@pytest.fixture
def cluster():
    """A Deployment that is complete, has two revisions, and is as the API server completed it."""
    cluster = terminal()
    (obj,) = manifest.read(admissible(replicas=3))
    stored = cluster.objects["Deployment", "web"]
    stored["spec"] = manifest.admit(obj)["spec"]
    return cluster


def spec(cluster, name="web"):
    """Return the Deployment's spec."""
    return cluster.get("Deployment", name)["spec"]


@pytest.mark.parametrize(
    ("line", "stdout", "path", "value"),
    [
        pytest.param("set image deploy/web c=v9", "image updated", "image", "v9", id="set image"),
        pytest.param("set image deploy web *=v9", "image updated", "image", "v9", id="every one"),
        pytest.param("set image deploy -l foo=bar c=v1", "", "image", "shop/web:v1", id="none"),
        pytest.param(
            "set env deploy/web A=1", "env updated", "env", [{"name": "A", "value": "1"}], id="env"
        ),
        pytest.param("scale deploy web --replicas 7", "scaled", "replicas", 7, id="scale"),
        pytest.param(
            "scale deploy/web --current-replicas=3 --replicas=4",
            "scaled",
            "replicas",
            4,
            id="if 3",
        ),
        pytest.param(
            """patch deploy web -p '{"spec":{"replicas":5}}'""",
            "patched",
            "replicas",
            5,
            id="JSON",
        ),
        pytest.param(
            'patch deploy web -p "spec:\n  replicas: 5\n"', "patched", "replicas", 5, id="YAML"
        ),
        pytest.param(
            """patch deploy web --type=merge -p '{"spec":{"replicas":5}}'""",
            "patched",
            "replicas",
            5,
            id="merge patch",
        ),
        pytest.param(
            """patch deploy web --type json -p '[{"op":"replace","path":"/spec/replicas",'"""
            """'"value":5}]'""",
            "patched",
            "replicas",
            5,
            id="JSON patch",
        ),
        pytest.param(
            """patch deploy web -p '{"spec":{"replicas":3}}'""",
            "patched (no change)",
            "replicas",
            3,
            id="no change",
        ),
        pytest.param(
            "scale deploy web --replicas=9 --dry-run=client",
            "scaled (dry run)",
            "replicas",
            3,
            id="dry run",
        ),
    ],
)
def test_change(cluster, line, stdout, path, value):
    """A change is written, and one line says so."""
    output = cluster.kubectl(line)
    expected = f"deployment.apps/web {stdout}\n" if stdout else ""
    assert (output.stdout, output.stderr, output.exit) == (expected, "", 0)
    container = spec(cluster)["template"]["spec"]["containers"][0]
    assert {**container, **spec(cluster)}[path] == value


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param("frobnicate", 'error: unknown command "frobnicate" for "kubectl"', id="verb"),
        pytest.param(
            "gte pods",
            'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n',
            id="a slip",
        ),
        pytest.param(
            "logs web",
            'error: "kubectl logs" has no part in a rollout and is not simulated',
            id="not simulated",
        ),
        *(
            pytest.param(
                f"{command} deploy/web",
                f'error: "kubectl {command}" has no part in a rollout and is not simulated',
                id=command,
            )
            for command in ("autoscale", "top", "set selector", "create configmap")
        ),
        pytest.param("get", "error: Required resource not specified.", id="get what"),
        pytest.param(
            "get poods", 'error: the server doesn\'t have a resource type "poods"', id="kind"
        ),
        pytest.param(
            "get pods --foo", "error: unknown flag: --foo" + USAGE.format("get"), id="flag"
        ),
        pytest.param(
            "get pods -x",
            "error: unknown shorthand flag: 'x' in -x" + USAGE.format("get"),
            id="letter",
        ),
        pytest.param(
            "get pods -o",
            "error: flag needs an argument: 'o' in -o" + USAGE.format("get"),
            id="flag without value",
        ),
        pytest.param(
            "get pods -o tabel",
            'error: unable to match a printer suitable for the output format "tabel", allowed ',
            id="format",
        ),
        pytest.param(
            "get pods -o go-template={{.metadata.name}}",
            "error: -o go-template is not simulated: use -o jsonpath='{.metadata.name}', ",
            id="another language",
        ),
        pytest.param(
            "get pods --template={{.metadata.name}}",
            "error: -o go-template is not simulated: use -o jsonpath='{.metadata.name}', ",
            id="another language, not named",
        ),
        pytest.param(
            "get pods --show-labels -o json",
            "error: --show-labels option cannot be used with json printer",
            id="labels beside JSON",
        ),
        pytest.param(
            "get deploy --output-watch-events",
            "error: --output-watch-events option can only be used with --watch or --watch-only",
            id="events of no watch",
        ),
        pytest.param(
            "get deploy --sort-by=.spec.nope",
            'error: couldn\'t find any field with path "{.spec.nope}" in the list of objects',
            id="sort by nothing",
        ),
        pytest.param(
            "get events --for deployment/web",
            "error: unknown flag: --for" + USAGE.format("get"),
            id="a flag of kubectl events",
        ),
        pytest.param(
            "get deploy,rs -w",
            "error: you may only specify a single resource type",
            id="two kinds",
        ),
        pytest.param(
            "get deploy nope",
            'Error from server (NotFound): deployments.apps "nope" not found',
            id="name",
        ),
        pytest.param(
            "get deploy web rs/x",
            "error: there is no need to specify a resource type as a separate argument",
            id="two ways of naming",
        ),
        pytest.param(
            "scale deploy nope --replicas=1",
            'Error from server (NotFound): deployments.apps "nope" not found',
            id="scale what",
        ),
        pytest.param(
            "scale deploy web", 'error: required flag(s) "replicas" not set', id="scale to what"
        ),
        pytest.param(
            "scale deploy web --replicas=-1",
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or",
            id="scale below zero",
        ),
        pytest.param(
            "scale deploy web --replicas=many",
            'error: invalid argument "many" for "--replicas" flag: strconv.ParseInt: parsing '
            '"many": invalid syntax' + USAGE.format("scale"),
            id="scale to a word",
        ),
        pytest.param(
            "scale deploy web --replicas=1 --current-replicas=9",
            "error: Expected replicas to be 9, was 3",
            id="scale from another number",
        ),
        pytest.param(
            "set image deploy web",
            "error: at least one image update is required",
            id="set image to what",
        ),
        pytest.param(
            "set image deploy web x=v1",
            'error: unable to find container named "x"',
            id="set image of whom",
        ),
        pytest.param(
            "patch deploy web",
            "error: must specify --patch or --patch-file containing the contents of the patch",
            id="no patch",
        ),
        pytest.param(
            "patch deploy web -p 'a: [1'",
            'error: unable to parse "a: [1": yaml: ',
            id="a patch that is not YAML",
        ),
        pytest.param(
            """patch deploy web --type=json -p '[{"op":"remove","path":"/spec/nope"}]'""",
            "The request is invalid: path '/spec/nope' does not exist",
            id="a JSON patch that does not fit",
        ),
        pytest.param(
            """patch deploy web --type=json -p '[{"op":"remove","path":5}]'""",
            "The request is invalid: path 5 is no text",
            id="a JSON patch with a path that is no text",
        ),
        pytest.param(
            """patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"a":"b"}]}}}}'""",
            "Error from server: map: map[a:b] does not contain declared merge key: name",
            id="a patch without a merge key",
        ),
        pytest.param(
            "patch deploy web -p 'kind: ConfigMap'",
            'Error from server (BadRequest): ConfigMap in version "apps/v1" cannot be handled as '
            "a Deployment",
            id="a patch that makes something else of it",
        ),
        pytest.param(
            """patch deploy web --type=merge -p '{"metadata":5}'""",
            'The request is invalid: patch: Invalid value: "map[metadata:5]": cannot restore '
            "struct from: int64",
            id="a patch that leaves no metadata",
        ),
        pytest.param(
            """patch deploy web -p '{"metadata":{"namespace":"other"}}'""",
            "Error from server (BadRequest): the namespace of the object (other) does not match "
            "the namespace on the request (default)",
            id="a patch to another namespace",
        ),
        pytest.param(
            """patch deploy web -p '{"metadata":{"name":"other"}}'""",
            "Error from server (BadRequest): the name of the object (other) does not match the "
            "name on the URL (web)",
            id="a patch to another name",
        ),
        pytest.param(
            """patch deploy web --type=json -p '[{"op":"remove","path":"/metadata/name"}]'""",
            "Error from server (BadRequest): the name of the object (web based on URL) was "
            "undeterminable: name must be provided",
            id="a patch to no name",
        ),
        pytest.param(
            "patch deploy web --type=x -p '{}'",
            'error: --type must be one of [json merge strategic], not "x"',
            id="type of patch",
        ),
        pytest.param(
            """patch deploy web -p '{"spec":{"replicas":-1}}'""",
            'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater',
            id="a patch against the rules",
        ),
        pytest.param(
            """patch deploy web -p '{"spec":{"replica":1}}'""",
            'Warning: unknown field "spec.replica"',
            id="a patch of an unknown field",
        ),
        pytest.param(
            "rollout",
            "error: kubectl rollout needs one of: status, history, undo",
            id="rollout what",
        ),
        pytest.param(
            "rollout udno deploy/web", 'error: unknown command "rollout udno"', id="rollout slip"
        ),
        pytest.param(
            "rollout status deploy/web --timeout=x",
            'error: invalid argument "x" for "--timeout" flag: time: invalid duration "x"',
            id="timeout",
        ),
        pytest.param(
            "rollout restart deploy/web --dry-run=client",
            "error: unknown flag: --dry-run" + USAGE.format("rollout restart"),
            id="restart, but only dry",
        ),
        pytest.param(
            "scale deploy web --replicas=1 --dry-run=maybe",
            'error: Invalid dry-run value (maybe). Must be "none", "server", or "client".',
            id="dry run of another kind",
        ),
        pytest.param(
            "scale deploy web --replicas=1 --dry-run",
            "error: --dry-run flag without a value was specified.",
            id="dry run of what kind",
        ),
        pytest.param(
            "rollout undo rs/web-1",
            "error: no rollbacker has been implemented for ReplicaSet.apps",
            id="undo of a ReplicaSet",
        ),
        pytest.param(
            "rollout undo deploy/web --to-revision=9",
            "error: unable to find specified revision 9 in history",
            id="undo to what",
        ),
        pytest.param(
            "apply -f nope.yaml", 'error: the path "nope.yaml" does not exist', id="file"
        ),
        pytest.param("apply", "error: must specify one of -f and -k", id="apply what"),
        pytest.param(
            "delete pod",
            "error: resource(s) were provided, but no name was specified",
            id="delete",
        ),
        pytest.param(
            "delete pod x", 'Error from server (NotFound): pods "x" not found', id="delete whom"
        ),
        pytest.param(
            "annotate deploy web",
            "error: at least one annotation update is required",
            id="annotate",
        ),
        pytest.param(
            "scale rs web-1 --replicas=1",
            "rollnb: a ReplicaSet cannot be changed here: change what owns it",
            id="what controllers make",
        ),
        pytest.param(
            "edit deploy web", "error: there is no editor here: use cluster.edit(", id="edit"
        ),
    ],
)
def test_errors(cluster, line, error):
    """What is wrong is one clear error on stderr, and nothing has changed."""
    before = spec(cluster)
    output = cluster.kubectl(line)
    assert error in output.stderr
    assert output.exit == (0 if error.startswith("Warning") else 1)
    assert spec(cluster) == before


def test_error_is_kept_apart(cluster):
    """What is found is printed, what is not found is an error behind it."""
    output = cluster.kubectl("get deploy web nope -o name")
    assert output.stdout == "deployment.apps/web\n"
    assert output.stderr == 'Error from server (NotFound): deployments.apps "nope" not found\n'
    assert output.exit == 1


# ------------------------------------------------------------------------ annotations and labels


@pytest.mark.parametrize(
    ("line", "stdout", "stderr"),
    [
        pytest.param("annotate deploy web a=2 --overwrite", "annotated", "", id="overwrite"),
        pytest.param("annotate deploy/web a-", "annotated", "", id="remove"),
        pytest.param(
            "annotate deploy/web a=2",
            "",
            "error: --overwrite is false but found the following declared annotation(s): "
            "'a' already has a value (1)\n",
            id="not without --overwrite",
        ),
        pytest.param("label deploy/web tier=fe", "labeled", "", id="label"),
        pytest.param("label deploy/web old-", "unlabeled", "", id="unlabel"),
        pytest.param("label deploy/web old- --overwrite", "labeled", "", id="says kubectl"),
    ],
)
def test_annotate_and_label(cluster, line, stdout, stderr):
    """Values that are there are not overwritten by accident."""
    metadata = cluster.objects["Deployment", "web"]["metadata"]
    metadata |= {"annotations": {"a": "1"}, "labels": {"old": "1"}}
    output = cluster.kubectl(line)
    assert output.stdout == (f"deployment.apps/web {stdout}\n" if stdout else "")
    assert output.stderr == stderr


def test_label_that_is_not_there(cluster):
    """What cannot be taken away is said, and nothing is written."""
    output = cluster.kubectl("label deploy/web tier-")
    assert output.stdout == 'label "tier" not found.\ndeployment.apps/web not labeled\n'
    assert cluster.written == 0


def test_record(cluster):
    """``--record`` notes the command as the change's cause."""
    cluster.kubectl("set image deploy/web c=v9 --record")
    annotations = cluster.get("Deployment", "web")["metadata"]["annotations"]
    assert annotations[CHANGE_CAUSE] == "kubectl set image deploy/web c=v9 --record=true"


# ------------------------------------------------------------------------------------------ edit


@pytest.mark.parametrize(
    ("dry_run", "exit"),
    [
        pytest.param("client", 0, id="kubectl does not know better"),
        pytest.param("server", 1, id="the server does"),
    ],
)
def test_dry_run_of_what_the_server_refuses(cluster, dry_run, exit):
    """A dry run on the server fails where the change itself would."""
    output = cluster.kubectl(f"set resources deploy web --limits=cpus=1 --dry-run={dry_run}")
    assert (output.exit, "limits[cpus]: Invalid value" in output.stderr) == (exit, exit == 1)


def test_edit(cluster):
    """Editing is a function from text to text."""
    output = kubectl.edit(cluster, "deployment/web", lambda text: text.replace("web:v1", "web:v2"))
    assert str(output) == "deployment.apps/web edited"
    assert spec(cluster)["template"]["spec"]["containers"][0]["image"] == "shop/web:v2"


@pytest.mark.parametrize(
    ("function", "stderr"),
    [
        pytest.param(lambda text: text, "Edit cancelled, no changes made.", id="no change"),
        pytest.param(lambda text: "", "Edit cancelled, no changes made.", id="nothing left"),
        pytest.param(
            lambda text: "a: [",
            "error: error parsing the edited file: error converting YAML to JSON: yaml: ",
            id="no YAML",
        ),
        pytest.param(
            lambda text: text + "---\n" + text,
            "error: the edited file holds 2 objects: one is expected",
            id="two objects",
        ),
        *(
            pytest.param(
                lambda text, old=old, new=new: text.replace(old, new),
                "error: At least one of apiVersion, kind and name was changed",
                id=f"another {what}",
            )
            for what, old, new in (
                ("name", "name: web\n", "name: shop\n"),
                ("version", "apps/v1", "apps/v2"),
                ("kind", "kind: Deployment", "kind: DaemonSet"),
            )
        ),
    ],
)
def test_edit_without_change(cluster, function, stderr):
    """What is not changed, or cannot be read, is not written."""
    output = kubectl.edit(cluster, "deploy web", function)
    assert output.stderr.startswith(stderr)
    assert cluster.written == 0


def test_edit_without_text(cluster):
    """A function that returns nothing is a slip in Python, not something that kubectl prints."""
    with pytest.raises(ValueError, match="function must return the changed text, not None"):
        kubectl.edit(cluster, "deploy web", lambda text: None)
    assert cluster.written == 0


# ----------------------------------------------------------------------------------------- apply


def test_apply_says_what_it_did():
    """Created, unchanged, configured; a field taken out of the file goes back to its default."""
    cluster = FakeCluster()
    said = [
        str(cluster.kubectl("apply -f web.yaml", files={"web.yaml": text}))
        for text in (admissible(replicas=1), admissible(replicas=1), admissible(replicas=2))
    ]
    assert said == [
        f"deployment.apps/web {word}" for word in ("created", "unchanged", "configured")
    ]
    stored = cluster.get("Deployment", "web")
    assert stored["spec"]["replicas"] == 2
    assert '"replicas":2' in stored["metadata"]["annotations"][LAST_APPLIED]
    without = admissible().replace("  replicas: 1\n", "")
    cluster.kubectl("apply -f -", stdin=without)
    assert "replicas" not in cluster.get("Deployment", "web")["spec"]


def test_apply_after_create_warns():
    """An object that was not applied before gets its annotation, with a warning."""
    cluster = FakeCluster()
    cluster.kubectl("create -f -", stdin=admissible())
    output = cluster.kubectl("apply -f -", stdin=admissible())
    assert output.stdout == "deployment.apps/web configured\n"
    assert output.stderr.startswith(
        f"Warning: resource deployments/web is missing the {LAST_APPLIED} annotation which is "
        "required by kubectl apply."
    )


def test_apply_on_the_server():
    """Server-side apply keeps no annotation of what was applied."""
    cluster = FakeCluster()
    for text in (admissible(), admissible(replicas=2)):
        output = cluster.kubectl("apply --server-side -f -", stdin=text)
        assert str(output) == "deployment.apps/web serverside-applied"
    stored = cluster.get("Deployment", "web")
    assert stored["spec"]["replicas"] == 2
    assert LAST_APPLIED not in stored["metadata"].get("annotations", {})


def test_create_twice():
    """What exists is not created again."""
    cluster = FakeCluster()
    files = {"web.yaml": admissible()}
    cluster.kubectl("create -f web.yaml", files=files)
    assert cluster.kubectl("create -f web.yaml", files=files).stderr == (
        'Error from server (AlreadyExists): error when creating "web.yaml": deployments.apps '
        '"web" already exists\n'
    )


def test_other_kinds_are_passed_over():
    """A kind without a part in rollouts is named, and the others of the file are applied."""
    text = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: c\n---\n" + admissible()
    cluster, passed_over = (
        FakeCluster(),
        'rollnb: Job "c" has no part in a rollout here: passed over\n',
    )
    output = cluster.kubectl("apply -f -", stdin=text)
    assert (output.stdout, output.stderr) == ("deployment.apps/web created\n", passed_over)
    output = cluster.kubectl("delete -f -", stdin=text)
    deleted = 'deployment.apps "web" deleted from default namespace\n'
    assert (output.stdout, output.stderr) == (deleted, passed_over)


def test_create_deployment():
    """A Deployment is made from its name and image."""
    cluster = FakeCluster()
    output = cluster.kubectl("create deployment web --image=registry/shop/api:v1 --replicas=3")
    assert str(output) == "deployment.apps/web created"
    template = spec(cluster)["template"]
    assert template["metadata"]["labels"] == {"app": "web"}
    assert template["spec"]["containers"] == [
        {"image": "registry/shop/api:v1", "name": "api", "resources": {}}
    ]


def test_create_deploy():
    """The short name of a Deployment is as good."""
    cluster = FakeCluster()
    output = cluster.kubectl("create deploy web --image=shop/web:v1")
    assert str(output) == "deployment.apps/web created"


# ------------------------------------------------------------------------------------- namespaces

NAMESPACED = admissible("other").replace("name: other\n", "name: other\n  namespace: prod\n", 1)


@pytest.mark.parametrize(
    "line",
    [
        "get deploy web",
        "get all",
        "get deploy web -o wide",
        "get deploy web -o yaml",
        "get deploy -o json",
        "get deploy,rs -o name",
        "get deploy web -o jsonpath={.metadata.namespace}",
        "get deploy -o custom-columns=N:.metadata.name",
        "get deploy -l no=where",
        "describe deploy web",
        "events",
        "rollout status deploy/web",
        "rollout history deploy/web",
        "rollout restart deploy/web",
        "rollout pause deploy/web",
        "rollout undo deploy/web",
        "scale deploy web --replicas=7",
        "set image deploy/web c=v9",
        "set env deploy/web A=1",
        "annotate deploy web a=1",
        "label deploy web a=1",
        """patch deploy web -p '{"spec":{"replicas":5}}'""",
        "wait deploy/web --for=condition=Available --timeout=1s",
        "delete deploy web",
        "delete rs --all",
        "apply -f -",
        "create -f -",
        "create deployment new --image=v1",
    ],
)
def test_namespace_changes_nothing(line):
    """The cluster has one namespace, and any ``-n`` means that one, as is said of others."""

    def play(line):
        cluster = terminal()
        output = cluster.kubectl(line, stdin=NAMESPACED)
        return output.stdout, output.stderr, output.exit, cluster.objects

    plain = play(line)
    assert plain[2] == (1 if line.startswith("wait") else 0)
    note = "rollnb: there is one namespace here, default: -n prod is taken for it\n"
    told = (plain[0], note + plain[1], *plain[2:])
    forms = [f"{line} -n prod", f"{line} --namespace=prod", f"kubectl -n prod {line}"]
    assert [play(form) for form in forms] == [told] * 3
    assert play(f"{line} -n default") == plain
    if not line.startswith(("get", "events")):  # those gain a column, or lose a word
        assert play(f"{line} -A") == plain


def test_namespace_that_was_made():
    """Nothing is said of a namespace that someone has made."""
    cluster = Cluster()
    cluster.kubectl("create namespace prod")
    assert cluster.kubectl("create deployment web --image=a:1 -n prod").stderr == ""


def test_apply_of_a_namespace():
    """A manifest's namespace is the cluster's, so that a second ``apply`` finds no change."""
    cluster = FakeCluster()
    said = [str(cluster.kubectl("apply -f -", stdin=NAMESPACED)) for _ in range(2)]
    assert said == [f"deployment.apps/other {word}" for word in ("created", "unchanged")]
    assert cluster.get("Deployment", "other")["metadata"]["namespace"] == "default"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("get hpa", "HorizontalPodAutoscaler"),
        ("get pods,cronjobs", "CronJob"),
        ("delete job/once", "Job"),
        ("describe ingress.networking.k8s.io web", "Ingress"),
    ],
)
def test_kinds_passed_over(cluster, line, kind):
    """A kind that any cluster has is said to have no part here, as when a file has one."""
    output = cluster.kubectl(line)
    assert output.stderr == f"rollnb: {kind} has no part in a rollout here\n"
    assert output.exit == 1


# ------------------------------------------------------------------------------------------- help


def test_help(cluster):
    """Both ways of asking for help list the commands."""
    asked, flag = (cluster.kubectl(f"kubectl {word}") for word in ("help", "--help"))
    assert (asked.exit, asked.stderr, asked.stdout) == (0, "", flag.stdout)
    assert "\n  rollout undo " in asked.stdout
    assert len(asked.stdout.splitlines()) < 40


@pytest.mark.parametrize("command", COMMANDS)
def test_help_for_users(cluster, command):
    """Help speaks of what a command does, not of source files, and without marks."""
    said = cluster.kubectl(f"{command} --help").stdout
    assert "pkg/" not in said
    assert "``" not in said


@pytest.mark.parametrize("command", ["get", "rollout", "rollout undo", "create deploy"])
def test_help_of_a_command(cluster, command):
    """Help is found before a command's name and behind it."""
    asked, flag = cluster.kubectl(f"help {command}"), cluster.kubectl(f"{command} --help")
    assert (asked.exit, asked.stderr, asked.stdout) == (0, "", flag.stdout)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(
            "",
            "Client Version: v1.36.2\nServer Version: v1.36.2 (simulated by rollnb)",
            id="both",
        ),
        pytest.param("--client", "Client Version: v1.36.2", id="kubectl's own"),
        pytest.param("-o json | jq -r .serverVersion.gitVersion", "v1.36.2", id="json"),
        pytest.param("-o json --client | jq -c keys", '["clientVersion"]', id="json, its own"),
        pytest.param(
            "-o yaml --client",
            'clientVersion:\n  gitVersion: v1.36.2\n  major: "1"\n  minor: "36"\n',
            id="yaml, with an empty line behind it",
        ),
        pytest.param("-o name", "error: --output must be 'yaml' or 'json'", id="another format"),
        pytest.param("a b", "error: extra arguments: [a b]", id="words"),
    ],
)
def test_version(cluster, words, expected):
    """The version is that of the rules, for a person or for a program."""
    assert str(cluster.kubectl(f"version {words}")) == expected


# --------------------------------------------------------------------------------------- waiting


def stuck(cluster):
    """Let the Deployment be in the middle of a rollout."""
    status = cluster.objects["Deployment", "web"]["status"]
    status["updatedReplicas"] = status["availableReplicas"] = 0


def write(cluster, **status):
    """Return a step that writes a new status."""

    def step():
        obj = cluster.get("Deployment", "web")
        obj["status"] |= status
        cluster.update(obj)

    return step


WAITING = (
    'Waiting for deployment "web" rollout to finish: 0 out of 3 new replicas have been updated...'
)


def test_status_waits_for_the_end(cluster):
    """Each write of the Deployment is a line; the wait ends with the rollout."""
    stuck(cluster)
    cluster.later(1.0, write(cluster))
    cluster.later(2.0, write(cluster, updatedReplicas=3, replicas=3, availableReplicas=3))
    cluster.later(9.0, write(cluster))
    output = cluster.kubectl("rollout status deploy/web")
    done = 'deployment "web" successfully rolled out'
    assert output.lines == [(0.0, WAITING), (1.0, WAITING), (2.0, done)]
    assert (output.exit, cluster.now) == (0, 2.0)


@pytest.mark.parametrize(
    ("line", "options", "stderr", "now"),
    [
        pytest.param(
            "rollout status deploy/web --timeout=5s",
            {},
            "error: timed out waiting for the condition\n",
            5.0,
            id="its timeout",
        ),
        pytest.param(
            "rollout status deploy/web",
            {},
            "rollnb: deployment 'web' will not get any further by itself: stopped waiting\n",
            0.0,
            id="nothing left to happen",
        ),
        pytest.param(
            "rollout status deploy/web",
            {"limit": 20.0, "busy": True},
            "rollnb: still waiting after 20s of simulated time: stopped\n",
            20.0,
            id="the limit",
        ),
        pytest.param(
            "rollout status deploy/web --watch=false", {}, "", 0.0, id="no wait asked for"
        ),
        pytest.param(
            "wait deploy/web --for=condition=Available --timeout=8s",
            {},
            "error: timed out waiting for the condition on deployments/web\n",
            8.0,
            id="kubectl wait",
        ),
    ],
)
def test_no_wait_hangs(cluster, line, options, stderr, now):
    """A wait for what never comes ends with a clear word."""
    stuck(cluster)
    if options.pop("busy", False):
        for second in range(1, 100):
            cluster.later(float(second), write(cluster))
    output = cluster.kubectl(line, **options)
    assert output.stderr == stderr
    assert (output.exit, cluster.now) == (1 if stderr else 0, now)


def test_status_in_background(cluster):
    """In the background a wait goes on while time passes, and remembers when it ended."""
    stuck(cluster)
    process = cluster.kubectl("rollout status deploy/web", background=True)
    assert (process.exit, process.stdout) == (None, WAITING + "\n")
    cluster.later(2.0, write(cluster, updatedReplicas=3, replicas=3, availableReplicas=3))
    cluster.wait(10.0)
    assert (process.exit, process.exit_at, len(process.lines)) == (0, 2.0, 2)


def test_background_of_a_command_that_does_not_wait(cluster):
    """An ampersand changes nothing for a command that is done at once."""
    output = cluster.kubectl("kubectl scale deploy web --replicas=4 &")
    assert (output.stdout, output.exit) == ("deployment.apps/web scaled\n", 0)


def test_wait_for_condition(cluster):
    """kubectl wait ends when the condition holds."""
    stuck(cluster)
    conditions = [{"type": "Available", "status": "True"}]
    cluster.later(3.0, write(cluster, conditions=conditions))
    output = cluster.kubectl("wait --for=condition=available deploy/web --timeout=60s")
    assert (str(output), cluster.now) == ("deployment.apps/web condition met", 3.0)


# --------------------------------------------------------------------------------------- rollout


def test_undo_takes_over_annotations():
    """The change-cause comes back with the revision; what the cluster keeps itself stays."""
    cluster = terminal()
    cluster.objects["Deployment", "web"]["metadata"]["annotations"] = {CHANGE_CAUSE: "second"}
    cluster.objects["ReplicaSet", "web-1"]["metadata"]["annotations"][CHANGE_CAUSE] = "first"
    cluster.kubectl("rollout undo deploy web")
    stored = cluster.get("Deployment", "web")
    assert stored["metadata"]["annotations"] == {CHANGE_CAUSE: "first"}
    assert stored["spec"]["template"]["spec"]["containers"][0]["image"] == "v1"


@pytest.mark.parametrize("kind", ["statefulset", "daemonset"])
def test_undo_from_controller_revisions(kind):
    """StatefulSets and DaemonSets keep their templates in ControllerRevisions."""
    cluster = terminal(kind)
    assert str(cluster.kubectl(f"rollout undo {kind}/web")) == f"{kind}.apps/web rolled back"
    template = cluster.get(cluster.kind, "web")["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == "v1"


def test_undo_dry_run_shows_the_template():
    """A dry run shows what would come back, and changes nothing."""
    cluster = terminal()
    lines = str(cluster.kubectl("rollout undo deploy/web --dry-run=client")).splitlines()
    assert lines[0] == "deployment.apps/web Pod Template:"
    assert "    Image:\tv1" in lines
    assert cluster.written == 0


@pytest.mark.parametrize("which", ["deploy -l app=x", "deploy", "deploy/a deploy/b"])
def test_status_of_several(which):
    """One rollout after the other is waited for; a kind without a name means all of it."""
    cluster = FakeCluster()
    for name in ("a", "b"):
        obj = make_workload("Deployment", name, "v1")
        obj["metadata"]["labels"] = {"app": "x"}
        cluster.create(obj)
    assert str(cluster.kubectl(f"rollout status {which}")) == (
        'deployment "a" successfully rolled out\ndeployment "b" successfully rolled out'
    )
