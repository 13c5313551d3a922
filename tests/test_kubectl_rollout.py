"""``rollout undo`` and ``rollout history`` say what they have done or would do."""

import pytest
from terminal import terminal

from rollnb import Cluster, DaemonSet, Deployment, StatefulSet, manifest

KINDS = {"deploy": Deployment, "sts": StatefulSet, "ds": DaemonSet}
NAMES = {"deploy": "deployment", "sts": "statefulset", "ds": "daemonset"}
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def cluster(kind):
    """A workload that has had two images."""
    cluster = Cluster()
    with cluster.instantly():
        cluster.apply(KINDS[kind]("web", image="web:1"))
    cluster.kubectl(f"set image {kind}/web web=web:2")
    cluster.kubectl(f"rollout status {kind}/web")
    return cluster


def image(obj):
    """Return the image in an object's template."""
    return obj["spec"]["template"]["spec"]["containers"][0]["image"]


@each_kind
def test_undo_tried_on_the_server(cluster, kind):
    """A dry run on the server says what it would do in one line, and changes nothing."""
    output = cluster.kubectl(f"rollout undo {kind}/web --dry-run=server")
    assert str(output) == f"{NAMES[kind]}.apps/web rolled back (server dry run)"
    assert image(cluster.get(KINDS[kind].__name__, "web")) == "web:2"
    again = cluster.kubectl(f"rollout undo {kind}/web --dry-run=server --to-revision=2")
    assert str(again) == (
        f"{NAMES[kind]}.apps/web skipped rollback (current template already matches revision 2) "
        "(server dry run)"
    )


@each_kind
def test_undo_tried_by_the_client(cluster, kind):
    """A dry run of the client shows the template; of all but a Deployment's it says what it is."""
    output = cluster.kubectl(f"rollout undo {kind}/web --dry-run=client")
    will = "" if kind == "deploy" else "will roll back to "
    assert output.startswith(f"{NAMES[kind]}.apps/web {will}Pod Template:\n")
    assert "web:1" in output
    assert output.endswith("\n (dry run)")


@each_kind
def test_history_as_yaml(cluster, kind):
    """In another format each revision is an object: a ReplicaSet, or the workload as it was."""
    shown = manifest.read(cluster.kubectl(f"rollout history {kind}/web -o yaml"))
    kept = "ReplicaSet" if kind == "deploy" else KINDS[kind].__name__
    assert [(obj["kind"], image(obj)) for obj in shown] == [(kept, "web:1"), (kept, "web:2")]
    (one,) = manifest.read(cluster.kubectl(f"rollout history {kind}/web -o yaml --revision=1"))
    assert one == shown[0]


@pytest.mark.parametrize("kind", ["deploy"])
def test_history_in_other_formats(cluster):
    """A path is shown once for each revision; a revision that is not there is an error."""
    path = "jsonpath='{.spec.template.spec.containers[0].image} '"
    assert str(cluster.kubectl(f"rollout history deploy/web -o {path}")) == "web:1 web:2 "
    output = cluster.kubectl("rollout history deploy/web -o name --revision=9")
    assert output.stderr == "error: unable to find the specified revision\n"


def test_record_is_deprecated():
    """``--record`` is warned of, and still does what it says."""
    output = terminal().kubectl("set image deploy/web c=v9 --record")
    assert output.stderr == (
        "Flag --record has been deprecated, --record will be removed in the future\n"
    )
    assert output.stdout == "deployment.apps/web image updated\n"


@pytest.mark.parametrize(
    ("line", "stderr"),
    [
        (
            "apply -k .",
            "error: --kustomize is not simulated: give the text that kubectl kustomize prints "
            "with -f\n",
        ),
        (
            "apply -f web.yaml --prune -l app=web",
            "error: --prune is not simulated: use kubectl delete -l\n",
        ),
    ],
)
def test_refused_flags(line, stderr):
    """What is not simulated is refused, and nothing is done."""
    output = terminal().kubectl(line, files={"web.yaml": ""})
    assert (output.stdout, output.stderr, output.exit) == ("", stderr, 1)
