"""Runs are played to their end, and again."""

from dataclasses import replace

import pytest

from rollnb import Cluster, Deployment, Image, Run, Uniform, simulate
from rollnb.scenarios import IMAGES, SCENARIOS, roll_out, worker


def test_recreate_is_played_to_its_end():
    """A run does not end between the last old pod and the first new one."""
    summary = SCENARIOS["all-at-once"].play().summary
    assert (summary.state, summary.duration_seconds, summary.least_available) == (
        "complete",
        32.0,
        0,
    )


@pytest.mark.parametrize("seed", range(8))
def test_run_ends_complete(seed):
    """A run that ends with the last pod counts it, wherever float dust puts that instant."""
    images = [Image("web:1"), Image("web:2", pull_seconds=Uniform(0.5, 2.5))]
    run = simulate(
        Deployment("web", replicas=7, image="web:1"),
        [(0, "kubectl set image deployment web web=web:2")],
        images=images,
        seed=seed,
    )
    assert (run.summary.state, run.summary.duration_seconds) == (
        "complete",
        run.timeline.index[-1],
    )


def test_looking_back_plays_the_run_again():
    """The cluster at an instant is the one that the run went through, and time can go on there."""
    run = SCENARIOS["lesson"].play()
    back = run.at(3.0)
    assert back.now == 3.0
    assert back.kubectl("get pods") == run.at(3.0).kubectl("get pods")
    back.run(run.cluster.now)
    assert back.kubectl("get deploy,rs,pods") == run.cluster.kubectl("get deploy,rs,pods")


def test_cluster_played_by_hand_has_no_past():
    """What was played by hand cannot be played again, and says so."""
    with pytest.raises(ValueError, match="played by hand"):
        Run(Cluster()).at(0.0)


def test_a_slow_rollout_is_played_to_its_end():
    """The patience of a run begins anew with each available pod, as the progress deadline does."""
    slow = [replace(image, start_seconds=6) for image in IMAGES]
    summary = roll_out(
        worker(max_surge=1, max_unavailable=1, progress_deadline_seconds=15), images=slow
    ).summary
    assert (summary.state, summary.duration_seconds) == ("complete", 35.0)


def test_other_objects_in_the_manifest():
    """A manifest as people have it: other kinds beside the workload, a namespace of its own."""
    manifest = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: prod}
data: {colour: blue}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
"""
    run = simulate(manifest, [(0, "kubectl set image deployment web web=web:2")])
    assert run.summary.state == "complete"
    assert run.cluster.get("ConfigMap", "settings")["metadata"]["namespace"] == "default"


@pytest.mark.parametrize(
    ("action", "message"),
    [
        pytest.param("kubectl get pods", "must be a pair of seconds and a command", id="no time"),
        pytest.param(("x", "kubectl get pods"), "must begin with its time in seconds", id="text"),
        pytest.param((-1, "kubectl get pods"), "must begin with its time in seconds", id="past"),
    ],
)
def test_bad_action(action, message):
    """An action that is none is refused before anything is played."""
    with pytest.raises(ValueError, match=message):
        simulate(Deployment("web", image="web:1"), [action])


def test_failed_command_warns():
    """A command with a typo does not pass as a rollout that went well."""
    with pytest.warns(UserWarning, match="unknown command"):
        simulate(Deployment("web", image="web:1"), [(0, "kubectl set imge deployment web web=a")])


def test_unknown_feature_gate():
    """A gate with a typo is refused."""
    with pytest.raises(ValueError, match="MaxUnavailableStatefulset"):
        Cluster(feature_gates=["MaxUnavailableStatefulset"])


def test_one_object_twice_in_a_manifest():
    """The second time an object stands in a manifest, it replaces the first."""
    cluster = Cluster()
    cluster.apply([Deployment("web", image="web:1"), Deployment("web", image="web:2", replicas=3)])
    cluster.run(10)
    assert (len(cluster.workloads), cluster.get("Deployment", "web")["spec"]["replicas"]) == (1, 3)
