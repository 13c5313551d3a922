"""What ``apply``, ``create`` and ``replace`` make of files, and of those that lack something."""

import re

import pytest

from rollnb import Cluster, Deployment, StatefulSet
from rollnb.kubectl.history import LAST_APPLIED

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app: web}}
  template:
    metadata:
      labels: {{app: web}}
    spec:
      containers:
      - {{name: web, image: web:1}}
"""

EXISTS = (
    'Error from server (AlreadyExists): error when creating "web.yaml": deployments.apps "web" '
    "already exists\n"
)
INVALID = (
    'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or '
    "equal to 0\n"
)
NOBODY = (
    'Error from server (NotFound): error when replacing "web.yaml": deployments.apps "web" not '
    "found\n"
)


@pytest.mark.parametrize(
    ("there", "replicas", "line", "stdout", "stderr"),
    [
        (True, 5, "create --dry-run=client", "created (dry run)", ""),
        (True, 5, "create --dry-run=server", "", EXISTS),
        (False, -1, "create --dry-run=client", "created (dry run)", ""),
        (False, -1, "create --dry-run=server", "", INVALID),
        (False, 5, "create --dry-run=server", "created (server dry run)", ""),
        (True, 3, "apply --dry-run=client", "configured (dry run)", ""),
        (True, 3, "apply --dry-run=server", "unchanged (server dry run)", ""),
        (True, 5, "apply --dry-run=server", "configured (server dry run)", ""),
        (False, 5, "apply --dry-run=client", "created (dry run)", ""),
        (
            True,
            5,
            "apply --server-side --dry-run=client",
            "",
            "error: --dry-run=client doesn't work with --server-side (did you mean "
            "--dry-run=server instead?)\n",
        ),
        (False, 5, "replace --dry-run=client", "replaced (dry run)", ""),
        (False, 5, "replace --dry-run=server", "", NOBODY),
        (True, 5, "replace --dry-run=server", "replaced (server dry run)", ""),
        (True, -1, "replace --dry-run=server", "", INVALID),
        (
            True,
            5,
            "replace --force --dry-run=server",
            "",
            "error: --dry-run can not be used when --force is set\n",
        ),
    ],
)
def test_dry_run(there, replicas, line, stdout, stderr):
    """The client says what it would send; the server, what would come of it."""
    cluster = Cluster()
    if there:
        cluster.kubectl("apply -f -", stdin=WEB.format(replicas=3))
        cluster.wait(10)
    before = cluster.list("Deployment")
    files = {"web.yaml": WEB.format(replicas=replicas)}
    output = cluster.kubectl(f"{line} -f web.yaml", files=files)
    said = f"deployment.apps/web {stdout}\n" if stdout else ""
    assert (output.stdout, output.stderr, output.exit) == (said, stderr, 1 if stderr else 0)
    assert cluster.list("Deployment") == before


DATABASE = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: NAME}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "IMAGE"}]}
"""


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("create -f new.yaml", id="create: no image"),
        pytest.param("apply -f new.yaml", id="apply: no image"),
        pytest.param("apply -f old.yaml", id="apply, changed: no image"),
        pytest.param("replace -f old.yaml", id="replace: no image"),
        pytest.param("create quota some --hard=pods=1 --scopes=BestEffort", id="scopes"),
        pytest.param("set image pod/db-0 db=db:2", id="a pod"),
        pytest.param("label rs --all a=b", id="a ReplicaSet"),
    ],
)
def test_dry_run_is_refused_as_the_request_is(line):
    """What the server would refuse it refuses in a dry run, too."""
    cluster, text = Cluster(), DATABASE.replace("NAME", "db")
    cluster.kubectl("apply -f -", stdin=text.replace("IMAGE", "db:1"))
    cluster.apply(Deployment("web", image="web:1"))
    cluster.wait(5)
    files = {"old.yaml": text.replace("IMAGE", "")}
    files["new.yaml"] = files["old.yaml"].replace("name: db", "name: new", 1)
    dry, wet = (cluster.kubectl(line + flag, files=files) for flag in (" --dry-run=server", ""))
    assert wet.stderr.startswith("rollnb: ")
    assert (dry.stdout, dry.stderr, dry.exit) == (wet.stdout, wet.stderr, 1)


def test_dry_run_behind_a_feature_gate():
    """A dry run keeps a field whose feature gate is open, as the request does."""
    cluster = Cluster(feature_gates=["MaxUnavailableStatefulSet"])
    cluster.apply(StatefulSet("db", image="db:1", strategy="OnDelete"))
    update = '{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":2}}'
    line = f'patch sts db -p \'{{"spec":{{"updateStrategy":{update}}}}}\''
    line += " -o jsonpath='{.spec.updateStrategy.rollingUpdate.maxUnavailable}'"
    assert cluster.kubectl(f"{line} --dry-run=server").stdout == "2"
    assert cluster.kubectl(line).stdout == "2"


def test_dry_run_of_what_has_no_namespace():
    """A node stays without a namespace."""
    path = "-o jsonpath='{.metadata.namespace}'"
    output = Cluster().kubectl(
        f"cordon node-1 --dry-run=server; kubectl label node node-1 a=b --dry-run=server {path}"
    )
    assert str(output) == "node/node-1 cordoned (server dry run)"


NAMELESS = WEB.replace("name: web\nspec", "generateName: web-\nspec").format(replicas=1)


def test_generated_name():
    """The API server completes a ``generateName``, with another five letters each time."""
    cluster = Cluster()
    names = set()
    for _ in range(2):
        output = cluster.kubectl("create -f -", stdin=NAMELESS)
        names.add(re.fullmatch(r"deployment.apps/(web-[a-z0-9]{5}) created", str(output))[1])
    assert {obj["metadata"]["name"] for obj in cluster.list("Deployment")} == names
    assert len(names) == 2
    output = cluster.kubectl("create -f - --dry-run=server", stdin=NAMELESS)
    assert re.fullmatch(r"deployment.apps/web-\w{5} created \(server dry run\)", str(output))
    assert len(cluster.list("Deployment")) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("create -f - --dry-run=client", "deployment.apps/<unknown> created (dry run)"),
        ("apply -f -", "error: from web-: cannot use generate name with apply"),
        (
            "replace -f -",
            'error: error when replacing "STDIN": resource name may not be empty',
        ),
    ],
)
def test_name_that_is_not_generated(line, said):
    """Only what creates in any case lets a name be generated."""
    assert str(Cluster().kubectl(line, stdin=NAMELESS)) == said


def test_longest_generated_name():
    """A long ``generateName`` is cut off, so that the name is not too long."""
    cluster = Cluster()
    metadata = {"generateName": "a" * 63}
    made = cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    name = made["metadata"]["name"]
    assert (name[:58], len(name)) == ("a" * 58, 63)
    (applied,) = cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    assert applied["metadata"]["name"] != name


def test_dry_run_shows_the_file():
    """What the client would send is the file, in the namespace."""
    cluster = Cluster(namespace="shop")
    fields = "{.metadata} {.spec.replicas} {.spec.strategy}"
    line = f"create -f - --dry-run=client -o jsonpath='{fields}'"
    output = cluster.kubectl(line, stdin=WEB.format(replicas=3))
    assert output.stdout == '{"name":"web","namespace":"shop"} 3 '


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  strategy: {}
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - image: shop/web:1
        name: web
        resources: {}
status: {}
"""


def test_manifest_to_begin_with():
    """``create deployment --dry-run`` writes a manifest, which can be applied as it is."""
    cluster = Cluster()
    line = "create deployment web --image=shop/web:1 --replicas=2 --dry-run=client -o yaml"
    manifest = cluster.kubectl(line).stdout
    assert manifest == DEPLOYMENT
    assert not cluster.list("Deployment")
    output = cluster.kubectl("apply -f -", stdin=manifest)
    assert output.stdout == "deployment.apps/web created\n"


@pytest.mark.parametrize(
    "line",
    ["create deployment web --image=web:1 --save-config", "create --save-config -f web.yaml"],
)
def test_save_config(line):
    """With ``--save-config`` the object is ready for the first ``apply``: it warns of nothing."""
    cluster = Cluster()
    files = {"web.yaml": WEB.format(replicas=3)}
    cluster.kubectl(line, files=files)
    assert LAST_APPLIED in cluster.get("Deployment", "web")["metadata"]["annotations"]
    assert cluster.kubectl("apply -f web.yaml", files=files).stderr == ""


def test_apply_another_strategy():
    """A file may go from one strategy to the other and back, its settings in it or not."""
    cluster = Cluster()
    rolling = "strategy: {{rollingUpdate: {{maxSurge: 2}}}}\n  selector"
    for strategy, said in [
        (rolling, "created"),
        ("strategy: {{type: Recreate}}\n  selector", "configured"),
        (rolling, "configured"),
    ]:
        text = WEB.replace("selector", strategy, 1).format(replicas=3)
        assert cluster.kubectl("apply -f -", stdin=text) == f"deployment.apps/web {said}"
    strategy = cluster.get("Deployment", "web")["spec"]["strategy"]
    assert (strategy["type"], strategy["rollingUpdate"]["maxSurge"]) == ("RollingUpdate", 2)


def test_apply_without_the_name_of_a_container():
    """Containers are told apart by their names: without one there is nothing to compare with."""
    cluster = Cluster()
    cluster.kubectl("apply -f -", stdin=WEB.format(replicas=3))
    text = WEB.format(replicas=3).replace("name: web, image", "image")
    output = cluster.kubectl("apply -f -", stdin=text)
    assert (output.exit, output.stderr) == (
        1,
        'error: error when creating patch for "STDIN": map: map[image:web:1] does not contain '
        "declared merge key: name\n",
    )


@pytest.mark.parametrize("metadata", ["", "metadata:", "metadata: {}", "metadata: {name: }"])
@pytest.mark.parametrize(
    ("line", "stderr"),
    [
        (
            "apply",
            "error: error when retrieving current configuration of:\n"
            'Resource: "apps/v1, Resource=deployments", '
            'GroupVersionKind: "apps/v1, Kind=Deployment"\n'
            'Name: "", Namespace: "default"\n'
            'from server for: "web.yaml": resource name may not be empty',
        ),
        ("replace", 'error: error when replacing "web.yaml": resource name may not be empty'),
        (
            "create",
            'The Deployment "" is invalid: metadata.name: Required value: name or generateName '
            "is required",
        ),
        ("delete", "error: resource name may not be empty"),
        ("get", "error: resource name may not be empty"),
        ("rollout status", "error: resource name may not be empty"),
    ],
)
def test_no_name(metadata, line, stderr):
    """An object without a name is refused, by kubectl or by the server, whatever is missing."""
    cluster = Cluster()
    text = WEB.format(replicas=3).replace("metadata:\n  name: web\n", f"{metadata}\n", 1)
    output = cluster.kubectl(f"{line} -f web.yaml", files={"web.yaml": text})
    assert (output.stdout, output.stderr, output.exit) == ("", f"{stderr}\n", 1)
