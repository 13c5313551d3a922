"""What holds in every run, whatever is asked for, whatever the images do."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollnb.cluster import MEASURED, ControlPlane
from rollnb.run import PATIENCE_SECONDS, Run, simulate
from rollnb.spec import NO_LIMIT, Deployment, Image, Uniform, resolve_fenceposts

#: Some of the random commands have nothing to do, and say so: an undo without a history.
pytestmark = pytest.mark.filterwarnings("ignore:the action at:UserWarning")

TAGS = ("v1", "v2", "v3")

examples = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
AT_ONCE = ControlPlane(requests_per_second=math.inf)
on_all = pytest.mark.parametrize(
    "control_plane",
    [
        pytest.param(AT_ONCE, id="at once"),
        pytest.param(ControlPlane(), id="rate limits"),
        pytest.param(MEASURED, id="latency"),
    ],
)

# ---------------------------------------------------------------------------- what may be asked

counts_or_percents = st.integers(0, 8) | st.integers(0, 100).map("{}%".format)
seconds = st.floats(0.0, 6.0).map(lambda s: round(s, 1))
durations = seconds | st.tuples(seconds, seconds).map(lambda pair: Uniform(*sorted(pair)))


@st.composite
def limits(draw):
    """Draw maxSurge and maxUnavailable; not both are written as zero."""
    surge, unavailable = draw(counts_or_percents), draw(counts_or_percents)
    if {surge, unavailable} <= {0, "0%"}:
        unavailable = 1
    return surge, unavailable


@st.composite
def deployments(draw, strategies=("RollingUpdate", "Recreate")):
    """Draw a Deployment of the first image."""
    surge, unavailable = draw(limits())
    min_ready_seconds = draw(st.sampled_from([0, 0, 1, 12]))
    return Deployment(
        "web",
        replicas=draw(st.integers(0, 30)),
        image="web:v1",
        strategy=draw(st.sampled_from(strategies)),
        max_surge=surge,
        max_unavailable=unavailable,
        min_ready_seconds=min_ready_seconds,
        termination_grace_period_seconds=draw(st.integers(0, 40)),
        progress_deadline_seconds=draw(st.sampled_from([13, 60, 600, NO_LIMIT])),
        revision_history_limit=draw(st.sampled_from([0, 1, 10])),
        pre_stop_seconds=draw(st.sampled_from([0, 0, 3])),
    )


@st.composite
def healthy_images(draw, tag):
    """Draw an image whose pods become ready and stay so."""
    return Image(
        f"web:{tag}",
        pull_seconds=draw(durations),
        start_seconds=draw(durations),
        ready_seconds=draw(durations),
        stop_seconds=draw(durations),
        ignores_sigterm=draw(st.booleans()),
    )


@st.composite
def any_images(draw, tag):
    """Draw an image that may crash, or never be ready, or be ready now and then."""
    image = draw(healthy_images(tag))
    if draw(st.booleans()):
        crash_after = draw(st.none() | st.integers(0, 20))
        image = replace(
            image,
            crash_after_seconds=crash_after,
            crash_count=None if crash_after is None else draw(st.none() | st.integers(1, 3)),
            becomes_ready=draw(st.booleans()),
        )
    if draw(st.integers(0, 4)) == 0:
        image = replace(image, unready_after_seconds=5.0, unready_for_seconds=3.0)
    return image


def delete_pod(index):
    """Return an action that deletes one of the pods there are."""

    def act(cluster):
        pods = cluster.list("Pod")
        if pods:
            name = pods[index % len(pods)]["metadata"]["name"]
            cluster.kubectl(f"kubectl delete pod {name} --wait=false", background=True)

    return act


SET_IMAGE = "kubectl set image deploy web web=web:{}".format
set_image = st.sampled_from(TAGS).map(SET_IMAGE)
pauses = st.sampled_from(["pause", "resume"]).map("kubectl rollout {} deploy web".format)
templates = set_image | st.sampled_from(["undo", "restart"]).map(
    "kubectl rollout {} deploy web".format
)
rollouts = templates | pauses
scales = st.integers(0, 30).map("kubectl scale deploy web --replicas={}".format)
patches = limits().map(
    lambda pair: (
        "kubectl patch deploy web -p "
        f'\'{{"spec": {{"strategy": {{"rollingUpdate": {{"maxSurge": {quote(pair[0])}, '
        f'"maxUnavailable": {quote(pair[1])}}}}}}}}}\''
    )
)
patches |= st.integers(0, 12).map(
    'kubectl patch deploy web -p "spec: {{minReadySeconds: {}}}"'.format
)
pushes = st.sampled_from(TAGS).map("web:{}".format).map(Image)
anything = rollouts | scales | patches | pushes | st.integers(0, 30).map(delete_pod)


def quote(value):
    """Write a count or a percentage in JSON."""
    return value if isinstance(value, int) else f'"{value}"'


@st.composite
def at_times(draw, actions):
    """Draw actions and their times, in seconds; an update is always among them."""
    times = st.floats(0.0, 60.0).map(lambda t: round(t, 1))
    update = draw(st.sampled_from([0.0, 5.0])), SET_IMAGE(draw(st.sampled_from(TAGS[1:])))
    return [update, *draw(st.lists(st.tuples(times, actions), max_size=5))]


@st.composite
def runs(draw):
    """Draw the arguments of `simulate` for a run in which anything may happen."""
    images = [draw(any_images(tag)) for tag in TAGS]
    missing = draw(st.sets(st.sampled_from(TAGS[1:])))
    return {
        "workload": draw(deployments()),
        "actions": draw(at_times(anything)),
        "images": [image for image in images if image.name.removeprefix("web:") not in missing],
        "seed": draw(st.integers(0, 3)),
        "control_plane": draw(st.sampled_from([AT_ONCE, ControlPlane(), MEASURED])),
    }


# ------------------------------------------------------------------------------------ the limits


def simulate_undisturbed(data, control_plane, actions, min_ready_seconds=None):
    """Let data choose a Deployment, images and one of `actions`, and play them.

    All old pods are healthy. Of new ones nothing is asked: their image may be missing, or they may
    never be ready. Returns the run, and the most and the fewest pods there may be.
    """
    deployment = data.draw(deployments(strategies=["RollingUpdate"]))
    if min_ready_seconds is not None:
        deployment = replace(deployment, min_ready_seconds=min_ready_seconds)
    images = [data.draw(healthy_images(tag)) for tag in TAGS]
    images[1] = replace(images[1], becomes_ready=data.draw(st.booleans()))
    images = images[: data.draw(st.integers(1, 3))]
    actions = data.draw(actions)
    run = simulate(deployment, actions, images=images, control_plane=control_plane, until=150.0)
    surge, unavailable = resolve_fenceposts(
        deployment.max_surge, deployment.max_unavailable, deployment.replicas
    )
    return run, deployment.replicas + surge, deployment.replicas - unavailable


@on_all
@examples
@given(data=st.data())
def test_limits(control_plane, data):
    """While pods stay healthy and nobody scales, an update keeps within its limits.

    There are never fewer available pods than replicas - unavailable, nor more pods that are not
    terminating than replicas + surge. The latter is strict for the sizes of the ReplicaSets; where
    requests take time, one ReplicaSet may create a pod while another still waits to delete one.
    """
    run, most, fewest = simulate_undisturbed(data, control_plane, at_times(pauses))
    sizes = run.by_revision.xs("replicas", axis=1, level="count").sum(axis=1)
    assert sizes.max() <= most
    if control_plane == AT_ONCE:
        alive = run.timeline["pods"] - run.timeline["terminating_replicas"]
        assert alive.max() <= most
    assert run.timeline["available_replicas"].min() >= fewest


@on_all
@examples
@given(data=st.data())
def test_limits_of_sizes(control_plane, data):
    """However often the template changes, the sizes of ReplicaSets keep within the limits.

    Where nothing takes time, so do the available pods. Else a ReplicaSet's status may lag behind
    the size it was given a moment ago, and the controller takes pods for available that are to go
    (``newRSUnavailablePodCount`` in ``reconcileOldReplicaSets`` is negative then).

    Without minReadySeconds only: of pods that are ready, some available and some not yet, a
    ReplicaSet deletes those on crowded nodes first (``ActivePodsWithRanks``,
    ``pkg/controller/controller_utils.go``), so going back halfway may really cost available ones.
    """
    run, most, fewest = simulate_undisturbed(data, control_plane, at_times(rollouts), 0)
    sizes = run.by_revision.xs("replicas", axis=1, level="count").sum(axis=1)
    assert sizes.max() <= most
    if control_plane == AT_ONCE:
        assert run.timeline["available_replicas"].min() >= fewest


@on_all
@examples
@given(data=st.data())
def test_recreate(control_plane, data):
    """With Recreate, no pod of one revision runs while one of another does.

    Where requests take time that is for a single update: of a ReplicaSet that is still creating
    its pods, the controller cannot know that more are to come.
    """
    deployment = data.draw(deployments(strategies=["Recreate"]))
    images = [data.draw(healthy_images(tag)) for tag in TAGS]
    actions = data.draw(at_times(set_image if control_plane == AT_ONCE else pauses))
    run = simulate(deployment, actions, images=images, control_plane=control_plane)
    running = run.by_revision.xs("running", axis=1, level="count")
    assert (running > 0).sum(axis=1).max() <= 1


# --------------------------------------------------------------------------------------- the end


@examples
@given(data=st.data())
def test_healthy_runs_complete(data):
    """With healthy images and nothing paused, every run ends complete, with nothing left over."""
    deployment = replace(data.draw(deployments()), progress_deadline_seconds=NO_LIMIT)
    images = [data.draw(healthy_images(tag)) for tag in TAGS]
    actions = data.draw(
        at_times(set_image | scales | patches | st.integers(0, 30).map(delete_pod))
    )
    run = simulate(deployment, actions, images=images)
    asked = run.cluster.get("Deployment", "web")["spec"]["replicas"]
    last = run.timeline.iloc[-1].to_dict()
    assert run.summary.state == "complete"
    assert last == {
        "replicas": asked,
        "pods": asked,
        "updated_replicas": asked,
        "ready_replicas": asked,
        "available_replicas": asked,
        "terminating_replicas": 0,
        "running": asked,
        "endpoints": asked,
    }


@examples
@given(arguments=runs())
def test_every_run_ends(arguments):
    """A run ends complete, stuck for a stated reason, paused, or at its limit."""
    run = simulate(**arguments)
    summary = run.summary
    spec = run.cluster.workloads[0].spec
    deadline = spec.progress_deadline_seconds
    patience = PATIENCE_SECONDS if deadline == NO_LIMIT else deadline
    last_action = max((t for t, _ in arguments["actions"]), default=0.0)
    assert summary.state in ("complete", "paused", "stuck", "deadline exceeded", "progressing")
    if summary.state == "paused":
        assert spec.paused
    if summary.state == "stuck":
        assert summary.reason
    # Pods that are ready now and then may be so when the run ends, and not a moment later.
    flaps = any(image.unready_after_seconds is not None for image in arguments["images"])
    if summary.state == "progressing" and not flaps:
        assert run.cluster.now >= last_action + patience
    assert run.cluster.now < math.inf


# ----------------------------------------------------------------------------- the same again


def assert_same(run, other):
    """Check that two runs are equal in every frame."""
    for name in ("timeline", "by_revision", "pods", "events"):
        pd.testing.assert_frame_equal(getattr(run, name), getattr(other, name))


@examples
@given(arguments=runs())
def test_same_seed(arguments):
    """The same seed gives the same frames."""
    assert_same(simulate(**arguments), simulate(**arguments))


@examples
@given(arguments=runs(), moments=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=10))
def test_time_in_pieces(arguments, moments):
    """Time let pass in pieces gives the same as in one go."""
    whole = simulate(**arguments, until=120.0)
    pieces = [(t, lambda cluster: None) for t in moments]
    actions = [*arguments["actions"], *pieces]
    assert_same(whole, simulate(**{**arguments, "actions": actions}, until=120.0))


# ---------------------------------------------------------------------------------- the counting


def recount(cluster):
    """Count the pods of the cluster one by one; the names are those of a timeline."""
    there = [pod for pod in cluster.pods if pod.gone_at is None]
    active = [pod for pod in there if pod.deleted_at is None and pod.phase != "Failed"]
    ready = [pod for pod in active if pod.ready]
    return {
        "pods": len(there),
        "ready_replicas": len(ready),
        "available_replicas": sum(pod.available for pod in ready),
        "terminating_replicas": sum(pod.deleted_at is not None for pod in there),
    }


def check_groups(cluster):
    """Check every pod's place, and the counters of every ReplicaSet, against its pods."""
    there = {pod.name: pod for pod in cluster.pods if pod.gone_at is None}
    assert {name: pod for group in cluster.groups for name, pod in group.pods.items()} == there
    assert sum(len(group.pods) for group in cluster.groups) == len(there)
    assert [pod["metadata"]["name"] for pod in cluster.list("Pod")] == sorted(there)
    for group in cluster.groups:
        pods = group.pods.values()
        active = [pod for pod in pods if pod.deleted_at is None]
        assert all(pod.group is group for pod in pods)
        assert (group.total, group.ready, group.available, group.terminating) == (
            len(active),
            sum(pod.ready for pod in active),
            sum(pod.available for pod in active),
            len(pods) - len(active),
        )
        assert not any(pod.available and not pod.ready for pod in active)


@examples
@given(arguments=runs(), moments=st.lists(st.floats(0.0, 110.0), min_size=1, max_size=8))
def test_counts(arguments, moments):
    """Pods are never lost or counted twice, neither by the controllers nor in the frames."""
    seen = {}

    def look(cluster):
        check_groups(cluster)
        cluster.run(cluster.now)  # what is done at this instant happens before it is over
        seen[cluster.now] = recount(cluster)

    looks = [(t, look) for t in moments]
    actions = [*arguments["actions"], *looks]
    run = simulate(**{**arguments, "actions": actions}, until=120.0)
    for t, counts in seen.items():
        row = run.timeline[run.timeline.index <= t].iloc[-1]
        assert row[list(counts)].to_dict() == counts
    check_groups(run.cluster)
    by_revision = run.by_revision.T.groupby(level="count").sum().T
    for column in ("pods", "ready_replicas", "available_replicas", "terminating_replicas"):
        assert by_revision[column].iloc[-1] == run.timeline[column].iloc[-1]
    assert len(run.pods) == len(run.cluster.pods)
    assert Run(run.cluster).timeline.equals(run.timeline)
