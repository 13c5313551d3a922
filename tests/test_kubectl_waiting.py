"""``kubectl wait`` and ``rollout status`` end as they should, and say why."""

import pytest

from rollnb import Cluster, Deployment, Image, StatefulSet
from rollnb.kubectl.waiting import Watching
from rollnb.spec import Probe

WAITING = (
    'Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...'
)
STOPPED = (
    "rollnb: deployment 'web' will not get any further by itself: stopped waiting, for it is "
    "paused"
)


@pytest.fixture
def cluster():
    """A StatefulSet that is complete."""
    cluster = Cluster()
    with cluster.instantly():
        cluster.apply(StatefulSet("db", replicas=2, image="db:1"))
    return cluster


@pytest.mark.parametrize(
    ("line", "stdout", "stderr", "now"),
    [
        pytest.param("--for=delete pod/db-7", "", "", 0.0, id="what is gone already"),
        pytest.param(
            "--for=delete pod/db-7 pod/db-1 --timeout=4s",
            "",
            "error: timed out waiting for the condition on pods/db-1\n",
            4.0,
            id="what is gone, and what is not",
        ),
        pytest.param(
            "--for=delete pod/db-1 --timeout=0",
            "",
            "error: condition not met for pods/db-1\n",
            0.0,
            id="a look whether it is gone",
        ),
        pytest.param(
            "--for=create pod/db-0 sts/db",
            "pod/db-0 condition met\nstatefulset.apps/db condition met\n",
            "",
            0.0,
            id="what is there already",
        ),
        pytest.param(
            "--for=create pod/db-0 pod/db-7 --timeout=4s",
            "",
            "error: timed out waiting for the condition\n",
            4.0,
            id="what is not created",
        ),
        pytest.param(
            "--for=create pod -l app=web --timeout=-1s",
            "",
            "rollnb: nothing will be created any more: stopped waiting\n",
            0.0,
            id="what will not be created",
        ),
        pytest.param(
            "--for=create frob/db",
            "",
            'error: the server doesn\'t have a resource type "frob"\n',
            0.0,
            id="what cannot be created",
        ),
        pytest.param(
            "--for=jsonpath='{.status.readyReplicas}'=2 sts/db",
            "statefulset.apps/db condition met\n",
            "",
            0.0,
            id="a value",
        ),
        pytest.param(
            "--for=jsonpath='{.status.readyReplicas}'=3 sts/db --timeout=0s",
            "",
            "error: condition not met for statefulsets/db\n",
            0.0,
            id="a look at a value",
        ),
        pytest.param(
            "--for=jsonpath='{.status.readyReplicas}'=3 sts/db --timeout=5s",
            "",
            "error: timed out waiting for the condition on statefulsets/db\n",
            5.0,
            id="a value that does not come",
        ),
        pytest.param(
            "--for=jsonpath='{.status.conditions[?(@.type==\"Ready\")].status}'=True pod/db-0",
            "pod/db-0 condition met\n",
            "",
            0.0,
            id="a path with a comparison",
        ),
        pytest.param(
            "--for=jsonpath='{.status.readyReplicas}'= sts/db",
            "",
            "error: jsonpath wait has to have a value after equal sign, like "
            "--for=jsonpath='{.status.readyReplicas}'=3\n",
            0.0,
            id="no value",
        ),
        pytest.param(
            "--for=jsonpath= sts/db",
            "",
            "error: jsonpath expression cannot be empty\n",
            0.0,
            id="no path",
        ),
        pytest.param(
            "--for=jsonpath={.a}=1=2 sts/db",
            "",
            "error: jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or "
            "--for=jsonpath='{.status.readyReplicas}'\n",
            0.0,
            id="two values",
        ),
        pytest.param(
            "--for=condition=Ready pod --all --timeout=-1s",
            "pod/db-0 condition met\npod/db-1 condition met\n",
            "",
            0.0,
            id="as long as it takes",
        ),
        pytest.param(
            "--for=ready pod/db-0", "", 'error: unrecognized condition: "ready"\n', 0.0, id="what"
        ),
        pytest.param(
            "--for=condition pod/db-0",
            "",
            'error: unrecognized condition: "condition"\n',
            0.0,
            id="no condition",
        ),
    ],
)
def test_wait(cluster, line, stdout, stderr, now):
    """A wait ends when what is waited for is there, or with its timeout."""
    output = cluster.kubectl(f"wait {line}")
    assert (output.stdout, output.stderr) == (stdout, stderr)
    assert (output.exit, cluster.now) == (1 if stderr else 0, now)


@pytest.mark.parametrize("what", ["pod/db-1", "pod -l app=db"])
def test_wait_until_created(what):
    """A wait for what is named or selected ends when it is there."""
    cluster = Cluster()
    wait = cluster.kubectl(f"wait --for=create {what}", background=True)
    cluster.wait(5)
    assert (wait.exit, str(wait)) == (None, "")
    cluster.apply(StatefulSet("db", replicas=2, image="db:1"))
    cluster.wait(5)
    name, at = ("db-1", 7.0) if "/" in what else ("db-0", 5.0)
    assert (wait.exit, wait.exit_at, str(wait)) == (0, at, f"pod/{name} condition met")


def test_wait_until_deleted():
    """A wait for the end of a pod ends with that pod, though another comes under its name."""
    cluster = Cluster([Image("db:1", stop_seconds=5)])
    with cluster.instantly():
        cluster.apply(StatefulSet("db", image="db:1"))
    cluster.kubectl("delete pod db-0 --wait=false")
    output = cluster.kubectl("wait --for=delete pod/db-0")
    assert (str(output), output.exit, cluster.now) == ("pod/db-0 condition met", 0, 5.0)


def paused(**behaviour):
    """Return a cluster with a rollout that was paused at its beginning."""
    cluster = Cluster([Image("web:1"), Image("web:2", **behaviour)])
    with cluster.instantly():
        cluster.apply(Deployment("web", image="web:1", replicas=3))
    cluster.kubectl("set image deploy/web web=web:2")
    cluster.kubectl("rollout pause deploy/web")
    return cluster


def test_status_of_a_paused_rollout():
    """A line is printed when the Deployment changes, and no more; that it is paused ends it."""
    output = paused().kubectl("rollout status deploy/web")
    assert output.lines == [(0.0, WAITING), (2.0, WAITING), (2.0, STOPPED)]
    assert output.exit == 1


def test_status_of_a_paused_rollout_that_is_never_quiet():
    """Pods that come and go print a line each time, as kubectl does, up to the limit."""
    cluster = paused(unready_after_seconds=10, unready_for_seconds=10)
    output = cluster.kubectl("rollout status deploy/web", limit=60.0)
    assert [time for time, _ in output.lines] == [0.0, 2.0, 12.0, 22.0, 32.0, 42.0, 52.0, 60.0]
    assert output.stderr == (
        "rollnb: still waiting after 1m of simulated time: stopped, for it is paused\n"
    )


def test_resume_lets_a_status_end():
    """What waits for a paused rollout goes on when it is resumed."""
    cluster = paused()
    process = cluster.kubectl("rollout status deploy/web", background=True)
    cluster.wait(30)
    assert process.exit is None
    cluster.kubectl("rollout resume deploy/web")
    cluster.wait(30)
    assert process.exit == 0
    assert process.stdout.endswith('deployment "web" successfully rolled out\n')


@pytest.mark.parametrize("verb", ["pause", "resume"])
@pytest.mark.parametrize(("kind", "plural"), [("sts", "statefulsets"), ("ds", "daemonsets")])
def test_only_deployments_are_paused(verb, kind, plural):
    """StatefulSets and DaemonSets cannot be paused."""
    cluster = Cluster()
    name = {"sts": "StatefulSet", "ds": "DaemonSet"}[kind]
    labels = "{app: web}"
    cluster.apply(
        f"apiVersion: apps/v1\nkind: {name}\nmetadata: {{name: web}}\nspec:\n"
        f"  selector: {{matchLabels: {labels}}}\n  template:\n    metadata: {{labels: {labels}}}\n"
        "    spec: {containers: [{name: web, image: 'web:1'}]}\n"
    )
    output = cluster.kubectl(f"rollout {verb} {kind}/web")
    doing = {"pause": "pausing", "resume": "resuming"}[verb]
    assert output.stderr == f'error: {plural}.apps "web" {doing} is not supported\n'


# --------------------------------------------------------------------------------------- watches


def cluster_with(*images, replicas=2):
    """Return a cluster whose Deployment ``web`` has the first of these images."""
    cluster = Cluster(images)
    with cluster.instantly():
        cluster.apply(Deployment("web", image="web:1", replicas=replicas))
    return cluster


@pytest.mark.parametrize("command", ["get pods -w", "get deploy --watch-only", "events -w"])
def test_watch_ends_when_no_rollout_goes_on(command):
    """A watch lets no time pass for what changes nothing, such as a deadline that is no matter."""
    cluster = cluster_with(Image("web:1"), Image("web:2"))
    cluster.wait(400)
    cluster.kubectl("set image deploy/web web=web:2")
    cluster.kubectl("rollout status deploy/web")
    then = cluster.now
    cluster.wait(450)  # the progress deadline is 150 s away
    output = cluster.kubectl(command)
    assert (cluster.now, output.exit) == (then + 450, 0)
    assert output.stderr == (
        "rollnb: no rollout goes on any more: stopped watching (timeout 60 kubectl … watches for "
        "60 s)\n"
    )


def test_watch_lasts_while_a_pod_terminates():
    """A rollout is over only when the last old pod is gone."""
    cluster = Cluster([Image("web:1", ignores_sigterm=True), Image("web:2")])
    with cluster.instantly():
        cluster.apply(Deployment("web", image="web:1", termination_grace_period_seconds=90))
    cluster.kubectl("set image deploy/web web=web:2")
    cluster.kubectl("get pods -w")
    assert cluster.now == 2.0 + 90.0


def test_watch_of_a_stuck_rollout_ends():
    """After its deadline nothing more is expected of a rollout, though kubelets try for ever."""
    cluster = cluster_with(Image("web:1"))
    cluster.kubectl("set image deploy/web web=web:2")
    output = cluster.kubectl("get pods -w")
    assert "no rollout goes on any more" in output.stderr
    assert 600 < cluster.now < 1000


def test_watch_of_pods_that_never_rest_ends_at_the_limit():
    """Pods that get unready again and again are watched up to the limit; the last line says so."""
    unsteady = Image("web:2", unready_after_seconds=10, unready_for_seconds=10)
    cluster = cluster_with(Image("web:1"), unsteady)
    cluster.kubectl("set image deploy/web web=web:2")
    output = cluster.kubectl("get pods -w", limit=60)
    assert (cluster.now, output.exit) == (60.0, 1)
    assert output.stderr == (
        "rollnb: still waiting after 1m of simulated time: stopped (timeout 60 kubectl … watches "
        "for 60 s)\n"
    )


@pytest.mark.parametrize(
    "line", ["wait deploy/web --for=jsonpath={}=x", "get deploy -w -o jsonpath={}"]
)
def test_what_cannot_be_found_ends_a_wait(line):
    """A wait ends with the error of its template; who has changed the object hears nothing."""
    cluster = cluster_with(Image("web:1"))
    template = "'{.spec.template.spec.containers[0].env[1].name}'"
    job = cluster.kubectl(line.format(template), background=True)
    assert job.exit is None
    assert cluster.kubectl("set env deploy web A=b") == "deployment.apps/web env updated"
    cluster.wait(5)
    assert (job.exit, job.stderr) == (1, "error: array index out of bounds: index 1, length 1\n")


def test_watch_looks_once_at_what_stays(monkeypatch):
    """A watch judges the objects once for as long as none is written, however often probed."""
    looks = []
    patience = Watching.patience
    monkeypatch.setattr(Watching, "patience", lambda self: looks.append(1) or patience(self))
    cluster = Cluster()
    cluster.apply(Deployment("web", image="web:1", readiness_probe=Probe(period_seconds=1)))
    cluster.wait(100)
    cluster.kubectl("get pods -w")
    assert 130 <= cluster.now < 135
    assert len(looks) == 1


@pytest.mark.parametrize(
    ("line", "now", "exit"),
    [
        ("timeout 60 kubectl get pods -w", 60.0, 124),
        ("timeout 1m kubectl events --watch", 60.0, 124),
        ("timeout 60 kubectl get pods -w --request-timeout=20s", 20.0, 0),
        ("kubectl events -w --request-timeout=20s", 20.0, 0),
        ("timeout 60 kubectl get pods", 0.0, 0),
        ("timeout 5 kubectl wait deploy/web --for=delete", 5.0, 124),
        ("timeout 60 kubectl wait deploy/web --for=delete --timeout=5s", 5.0, 1),
    ],
)
def test_timeout(line, now, exit):
    """A watch goes on for as long as it is told, however quiet the cluster is."""
    cluster = cluster_with(Image("web:1"))
    output = cluster.kubectl(line)
    assert (cluster.now, output.exit) == (now, exit)
    assert "rollnb" not in output


@pytest.mark.parametrize("line", ["get events -w", "get events --watch-only", "events -w"])
def test_watch_shows_no_event_twice(line):
    """Events of before are there once, in the table; with --watch-only they are not shown."""
    cluster = Cluster()
    cluster.apply(StatefulSet("db", image="db:1"))
    cluster.wait(5)
    watch = cluster.kubectl(line, background=True)
    before = watch.stdout
    assert before.count("pod/db-0") == (0 if "only" in line else 5)
    cluster.kubectl("delete pod db-0")
    cluster.wait(5)
    later = watch.stdout.removeprefix(before)
    assert [later.count(f" {reason} ") for reason in ("Killing", "Scheduled")] == [1, 1]
