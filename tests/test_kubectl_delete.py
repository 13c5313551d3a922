"""``kubectl delete`` deletes what it is asked to, goes on after errors, and waits for the end."""

import pytest

from rollnb import Cluster, Deployment, Image, StatefulSet, manifest


@pytest.fixture
def cluster():
    """A Deployment with two pods that take 5 s to end, and a Service in front."""
    cluster = Cluster([Image("web:1", stop_seconds=5)])
    with cluster.instantly():
        cluster.apply(Deployment("web", replicas=2, image="web:1"))
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        }
    )
    return cluster


def names(cluster, kind):
    """Return the names of all objects of a kind."""
    return [obj["metadata"]["name"] for obj in cluster.list(kind)]


def test_wait_until_the_pod_is_gone(cluster):
    """kubectl says at once what it deletes, and returns when it is gone."""
    name = names(cluster, "Pod")[0]
    output = cluster.kubectl(f"delete pod {name}")
    assert output.lines == [(0.0, f'pod "{name}" deleted from default namespace')]
    assert (output.exit, cluster.now) == (0, 5.0)


def test_two_kinds_of_one_name(cluster):
    """Objects of one name in a file are each deleted by their own kind."""
    text = manifest.dump({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}})
    text += "---\n" + text.replace("apiVersion: v1", "apiVersion: apps/v1").replace(
        "Service", "Deployment"
    )
    output = cluster.kubectl("delete -f two.yaml", files={"two.yaml": text})
    assert (output.stdout, output.stderr, output.exit) == (
        'service "web" deleted from default namespace\n'
        'deployment.apps "web" deleted from default namespace\n',
        "",
        0,
    )
    assert names(cluster, "Service") + names(cluster, "Deployment") == []


def test_file_that_names_an_object_twice(cluster):
    """What is gone when its second turn comes is not found, and the error names the file."""
    text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
    output = cluster.kubectl("delete -f -", stdin=f"{text}---\n{text}")
    assert output.stdout == 'service "web" deleted from default namespace\n'
    assert output.stderr == (
        'Error from server (NotFound): error when deleting "STDIN": services "web" not found\n'
    )


# -------------------------------------------------------------------- what is not there, or stays


def test_everything(cluster):
    """With ``--all`` it is no error that a ReplicaSet has gone with its Deployment."""
    cluster.apply(StatefulSet("db", image="web:1"))
    output = cluster.kubectl("delete all --all --wait=false")
    assert [line.split()[0] for line in output.stdout.splitlines()] == [
        "pod",
        "pod",
        "pod",
        "service",
        "deployment.apps",
        "statefulset.apps",
    ]
    assert (output.stderr, output.exit) == ("", 0)
    cluster.wait(10)
    assert cluster.kubectl("get all").stderr == "No resources found in default namespace.\n"


@pytest.mark.parametrize("selector", ["--all", "-l app=web", "--field-selector metadata.name!=x"])
def test_what_is_gone_meanwhile(cluster, selector):
    """With a selector as with ``--all`` it is an error only if that is asked for."""
    (rs,) = names(cluster, "ReplicaSet")
    line = f"delete deploy,rs,svc {selector} --ignore-not-found=false --wait=false"
    cluster.kubectl("label svc,deploy --all app=web")
    output = cluster.kubectl(line)
    assert output.stderr == f'Error from server (NotFound): replicasets.apps "{rs}" not found\n'
    assert output.exit == 1
    assert names(cluster, "Service") == []  # its turn comes after the error


def test_error_does_not_stop_the_rest(cluster):
    """What is there is deleted, whatever else is asked for."""
    output = cluster.kubectl("delete svc x web y")
    assert output.stdout == 'service "web" deleted from default namespace\n'
    assert output.stderr == (
        'Error from server (NotFound): services "x" not found\n'
        'Error from server (NotFound): services "y" not found\n'
    )
    assert output.exit == 1


@pytest.mark.parametrize("words", ["svc -l app=x", "sts --all", "svc x --ignore-not-found"])
def test_nothing_to_delete(cluster, words):
    """That there was nothing to do is said, and is no error."""
    output = cluster.kubectl(f"delete {words}")
    assert (output.stdout, output.stderr, output.exit) == ("No resources found\n", "", 0)


@pytest.mark.parametrize(
    ("words", "stderr"),
    [
        pytest.param(
            "ns default",
            'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may '
            "not be deleted",
            id="the namespace",
        ),
        pytest.param(
            "event first",
            "rollnb: Event 'first' cannot be deleted: the cluster keeps it by itself",
            id="what the cluster writes",
        ),
        pytest.param(
            "rs --all --cascade=orphan",
            "rollnb: the pods of a ReplicaSet cannot run on without it",
            id="a ReplicaSet without its pods",
        ),
    ],
)
def test_what_stays(cluster, words, stderr):
    """What cannot be deleted here is there afterwards, and the error says so."""
    first = cluster.list("Event")[0]["metadata"]["name"]
    shown = cluster.kubectl("get ns,events,rs")
    output = cluster.kubectl(f"delete {words}".replace("first", first))
    assert (output.stdout, output.exit) == ("", 1)
    assert output.stderr == stderr.replace("first", first) + "\n"
    assert cluster.kubectl("get ns,events,rs") == shown


def test_orphan_is_not_changed(cluster):
    """A ReplicaSet that nothing owns cannot be changed here, and no owner is spoken of."""
    cluster.kubectl("delete deploy web --cascade=orphan")
    output = cluster.kubectl("scale rs --all --replicas=1")
    assert output.stderr == ("rollnb: a ReplicaSet cannot be changed here, and nothing owns it\n")


# ------------------------------------------------------------------------------------------ flags


@pytest.mark.parametrize(
    ("flags", "stdout"),
    [
        ("--dry-run=client", 'service "web" deleted (dry run) from default namespace\n'),
        ("--dry-run=server", 'service "web" deleted (server dry run) from default namespace\n'),
        ("--dry-run=client -o name", "service/web\n"),
    ],
)
def test_dry_run(cluster, flags, stdout):
    """A dry run says what would be deleted, and deletes nothing."""
    output = cluster.kubectl(f"delete svc web {flags}")
    assert (output.stdout, output.exit, names(cluster, "Service")) == (stdout, 0, ["web"])


@pytest.mark.parametrize(
    ("flags", "grace"),
    [
        pytest.param("", None, id="its own"),
        pytest.param("--grace-period=0", 1, id="0 without --force"),
        pytest.param("--grace-period=7", 7, id="another"),
        pytest.param("--now", 1, id="now"),
        pytest.param("--force", 0, id="force"),
        pytest.param("--force --grace-period=0", 0, id="force and 0"),
    ],
)
def test_grace_period(cluster, flags, grace):
    """Only ``--force`` deletes at once."""
    asked = []
    cluster.delete = lambda kind, name, seconds, cascade: asked.append(seconds)
    cluster.kubectl(f"delete deploy web --wait=false {flags}")
    assert asked == [grace]


DEPRECATED = (
    "warning: --cascade={} is deprecated (boolean value) and can be replaced with --cascade={}.\n"
)


@pytest.mark.parametrize(
    ("flags", "asked", "stderr"),
    [
        pytest.param("", ["background"], "", id="by default"),
        pytest.param("--cascade", ["background"], "", id="without a value"),
        pytest.param("--cascade=orphan", ["orphan"], "", id="a word"),
        pytest.param(
            "--cascade=false", ["orphan"], DEPRECATED.format("false", "orphan"), id="false"
        ),
        pytest.param("--cascade=F", ["orphan"], DEPRECATED.format("F", "orphan"), id="F"),
        pytest.param(
            "--cascade=true", ["background"], DEPRECATED.format("true", "background"), id="true"
        ),
        pytest.param("--cascade=1", ["background"], DEPRECATED.format("1", "background"), id="1"),
        pytest.param(
            "--cascade=all",
            [],
            "error: invalid cascade value (all). "
            'Must be "background", "foreground", or "orphan"\n',
            id="another word",
        ),
    ],
)
def test_cascade(cluster, flags, asked, stderr):
    """``--cascade`` says what becomes of the pods; its old truth values still do."""
    given = []
    cluster.delete = lambda kind, name, seconds, cascade: given.append(cascade)
    output = cluster.kubectl(f"delete deploy web --wait=false {flags}")
    assert (given, output.stderr) == (asked, stderr)


ALL_OF_SOME = "setting 'all' parameter but found a non empty selector. "


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("deploy web --force --grace-period=5", "--force and --grace-period greater than 0 "),
        ("deploy web --force --now", "--force and --grace-period greater than 0 "),
        ("deploy web --now --grace-period=0", "--now and --grace-period "),
        ("deploy --all -l app=web", ALL_OF_SOME),
        ("deploy --all --field-selector metadata.name=web", ALL_OF_SOME),
        ("deploy web -l app=web", "name cannot be provided when a selector is specified"),
        ("deploy web -o yaml", "unexpected -o output mode: yaml. We only support '-o name'"),
    ],
)
def test_contradictions(cluster, words, error):
    """Flags that contradict each other are an error, and nothing is deleted."""
    if error.startswith("--"):
        error += "cannot be specified together"
    output = cluster.kubectl(f"delete svc,{words}")
    assert (output.stdout, output.stderr, output.exit) == ("", f"error: {error}\n", 1)
    assert names(cluster, "Deployment") + names(cluster, "Service") == ["web", "web"]
