"""Runs are played to their end, and again."""

from dataclasses import replace

import numpy as np
import pytest

from rollnb import Cluster, Deployment, Image, Node, Run, StatefulSet, Uniform, measures, simulate
from rollnb.scenarios import IMAGES, SCENARIOS, roll_out, worker
from rollnb.service import traffic


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


@pytest.mark.parametrize("seconds", [20, 700])
def test_patience_with_another_kind_beside(seconds):
    """A Deployment is judged at its deadline, be a StatefulSet, which has none, beside it."""
    web = Deployment("web", image="web:1", progress_deadline_seconds=seconds)
    update = [(0, "kubectl set image deployment web web=web:2")]
    beside = StatefulSet("db", replicas=1, image="web:1")
    run = simulate([web, beside], update, images=[Image("web:1")])
    assert (run.summary.state, run.cluster.now >= seconds) == ("deadline exceeded", True)


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
        pytest.param(("x", "kubectl get pods"), "time='x' must be a number of seconds", id="text"),
        pytest.param((0, lambda: 3), "must take one argument, the cluster", id="no cluster"),
        pytest.param((-1, "kubectl get pods"), "time=-1 must be a number of seconds", id="past"),
    ],
)
def test_bad_action(action, message):
    """An action that is none is refused before anything is played."""
    with pytest.raises(ValueError, match=message):
        simulate(Deployment("web", image="web:1"), [action])


def test_times_of_numpy():
    """The times of actions may come from an array."""
    run = simulate(
        Deployment("web", image="web:1"), [(time, "kubectl get pods") for time in np.arange(2)]
    )
    assert [command.time for command in run.outputs] == [0, 1]


def test_failed_command_warns():
    """A command with a typo does not pass as a rollout that went well."""
    with pytest.warns(UserWarning, match="unknown command"):
        simulate(Deployment("web", image="web:1"), [(0, "kubectl set imge deployment web web=a")])


@pytest.mark.parametrize("later", [[], [(20, "kubectl get pods")]])
def test_what_fails_later_does_not_warn(later, recwarn):
    """A command that still waits has not failed, whatever is done after it."""
    run = simulate(
        Deployment("web", image="web:1", progress_deadline_seconds=30),
        [
            (0, "kubectl set image deployment web web=web:2"),
            (0, "kubectl rollout status deployment web --timeout=5s"),
            *later,
        ],
        images=[Image("web:2", becomes_ready=False)],
    )
    assert run.outputs[1].output.exit == 1
    assert not recwarn.list


def test_at_does_not_warn_again(recwarn):
    """A run that is played again has said what failed."""
    run = simulate(Deployment("web", image="web:1"), [(0, "kubectl get pod/none")])
    run.at(0)
    assert len(recwarn.list) == 1
    assert recwarn.list[0].filename == __file__


@pytest.mark.parametrize(
    "line", ["kubectl drain node-1", "kubectl cordon node-1\nkubectl drain node-1"]
)
def test_run_goes_on_while_a_drain_does(line):
    """A run is not over while a budget holds up a drain, though all pods are available."""
    run = simulate(
        Deployment("web", image="web:1", replicas=4),
        [
            (0, "kubectl create pdb web --selector=app=web --max-unavailable=1"),
            (0, line),
        ],
        nodes=[Node("node-1"), Node("node-2")],
        images=[Image("web:1", start_seconds=2, stop_seconds=1)],
    )
    assert {pod.node for pod in run.cluster.pods if pod.gone_at is None} == {"node-2"}
    assert run.cluster.now < 10


def test_run_does_not_wait_for_a_watch():
    """A watch goes on for ever, and the run ends without it."""
    actions = [(0, "kubectl set image deployment web web=web:2")]
    watched = [*actions, (0, "kubectl get pods -w")]
    ends = [
        simulate(Deployment("web", image="web:1"), each).cluster.now for each in (actions, watched)
    ]
    assert ends[0] == ends[1]


def test_a_drain_that_never_ends():
    """A run waits for a drain that is never let through as long as for a rollout that is stuck."""
    run = simulate(
        Deployment("web", image="web:1", progress_deadline_seconds=60),
        [
            (0, "kubectl create pdb web --selector=app=web --max-unavailable=0"),
            (0, "kubectl drain node-1"),
        ],
    )
    assert run.outputs[1].output.exit is None
    assert run.cluster.now == pytest.approx(61, abs=1)


def test_run_of_a_workload_created_anew():
    """After a delete and a create the new workload is shown and measured, from the start on."""
    run = simulate(
        Deployment("web", image="web:1", replicas=3),
        [
            (2, "kubectl delete deploy web"),
            (5, "kubectl create deployment web --image=web:2 --replicas=4"),
        ],
    )
    assert set(run.pods["image"]) == {"web:2"}
    assert run.timeline["available_replicas"].to_dict() == {5.0: 0, 7.0: 4}
    assert run.summary.state == "complete"
    assert (run.summary.duration_seconds, run.summary.old_gone_seconds) == (5.0, 0.0)
    assert (run.summary.least_available, run.summary.most_pods) == (0, 4)


def test_measures_begin_with_the_first_action():
    """Durations and the least available pods count from the first action; before, nobody asks."""
    update = "kubectl set image deploy/web web=web:2"
    early, late = (
        simulate(Deployment("web", image="web:1", replicas=3), [(at, update)]) for at in (0, 100)
    )
    assert (early.began_at, late.began_at) == (0, 100)
    assert late.summary == early.summary
    created = simulate(Deployment("web", image="web:1"), [(9, update)], settled=False)
    assert created.summary == measures.summary(created, since=0)
    assert created.summary.least_available == 0
    by_hand = Run(late.cluster)
    assert by_hand.summary.duration_seconds == 106
    assert measures.summary(by_hand, since=100) == late.summary


def two_workloads():
    """Return a run in which the second of two workloads is updated."""
    return simulate(
        [
            Deployment("web", image="web:1", replicas=3),
            StatefulSet("db", image="db:1", replicas=2),
        ],
        [(0, "kubectl set image statefulset db db=db:2")],
    )


@pytest.mark.parametrize("name", ["db", "statefulset/db", "sts/db", "StatefulSet/db"])
def test_seen_from_another_workload(name):
    """Frames, measures, pictures and traffic of ``run.of`` are about the workload it names."""
    run = two_workloads()
    assert (run.summary.duration_seconds, set(run.pods["image"])) == (0.0, {"web:1"})
    seen = run.of(name)
    assert (seen.summary.duration_seconds, set(seen.pods["image"])) == (4.0, {"db:1", "db:2"})
    assert seen.timeline["replicas"].tolist()[-1] == 2
    assert seen.by_revision.columns.get_level_values("revision").unique().tolist() == [1, 2]
    assert traffic(seen)["targets"].max() == 2
    assert seen.cluster is run.cluster


def test_unknown_workload():
    """A name that is unknown, or that two kinds have, is an error that says which there are."""
    with pytest.raises(ValueError, match=r"it has \['deployment/web', 'statefulset/db'\]"):
        two_workloads().of("cache")
    both = simulate([Deployment("web", image="web:1"), StatefulSet("web", image="web:1")])
    with pytest.raises(ValueError, match=r"\['deployment/web', 'statefulset/web'\]: say which"):
        both.of("web")
    assert both.of("sts/web").pods["name"].tolist() == ["web-0"]


def test_deleted_workload():
    """What has been deleted is not complete."""
    run = simulate(
        Deployment("web", image="web:1"),
        [(0, "kubectl set image deploy/web web=web:2"), (20, "kubectl delete deploy web")],
    )
    assert run.summary.state == "deleted"
    assert np.isnan(run.summary.duration_seconds)


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
