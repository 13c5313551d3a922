"""A dry run of what files say asks the server only if it is told so, and changes nothing."""

import pytest

from rollnb import Cluster
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
