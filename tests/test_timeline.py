import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scripted import ScriptedCluster, one_by_one, settled

from rollnb.cluster import Cluster
from rollnb.cluster.log import Fact
from rollnb.measures import Summary, summary
from rollnb.run import simulate
from rollnb.spec import Deployment, Image, Uniform
from rollnb.timeline import by_revision, endpoints, events, pods, spells, timeline

COLUMNS = [
    "replicas",
    "pods",
    "updated_replicas",
    "ready_replicas",
    "available_replicas",
    "terminating_replicas",
    "running",
    "endpoints",
]


def rows(frame):
    """Return a frame as {time: [counts]}."""
    return dict(zip(frame.index.tolist(), frame.to_numpy().tolist(), strict=True))


class TestTimeline:
    def test_rollout(self):
        """Each instant with a change is one row, with the counts that hold from then on."""
        frame = timeline(one_by_one())
        assert frame.index.name == "time"
        assert frame.columns.tolist() == COLUMNS
        assert rows(frame) == {
            0.0: [2, 3, 1, 2, 2, 0, 2, 2],
            2.0: [2, 4, 2, 2, 2, 1, 3, 2],
            4.0: [2, 4, 2, 2, 2, 2, 4, 2],
            32.0: [2, 3, 2, 2, 2, 1, 3, 2],
            34.0: [2, 2, 2, 2, 2, 0, 2, 2],
        }

    def test_since(self):
        """What happened before the first instant shows as its result, or in full if asked for."""
        cluster = one_by_one()
        assert rows(timeline(cluster, since=33.0)) == {
            33.0: [2, 3, 2, 2, 2, 1, 3, 2],
            34.0: [2, 2, 2, 2, 2, 0, 2, 2],
        }
        assert timeline(cluster, since=-math.inf).index[:2].tolist() == [-60.0, -58.0]

    def test_blink(self):
        """What changes and changes back within an instant is no row."""
        cluster = settled(1)
        cluster.note(5, Fact.UNREADY, pod=cluster.pods[0])
        cluster.note(5, Fact.READY, pod=cluster.pods[0])
        assert timeline(cluster).index.tolist() == [0.0]

    def test_instants_compare_as_equal(self):
        """Sums of floats that mean the same instant share a row."""
        cluster = settled(1)
        cluster.note(0.3, Fact.UNREADY, pod=cluster.pods[0])
        cluster.note(0.1 + 0.2, Fact.UNAVAILABLE, pod=cluster.pods[0])
        assert timeline(cluster).index.tolist() == [0.0, 0.3]

    def test_terminating_pods_change_no_replicas(self):
        """A terminating pod that becomes unready or ready again counts nowhere but as serving."""
        cluster = settled(1)
        (pod,) = cluster.pods
        cluster.delete(1, pod)
        cluster.note(2, Fact.UNREADY, pod=pod)
        cluster.note(3, Fact.READY, pod=pod)
        cluster.stop(4, pod)
        assert rows(timeline(cluster)) == {
            0.0: [1, 1, 1, 1, 1, 0, 1, 1],
            1.0: [1, 1, 0, 0, 0, 1, 1, 0],
            4.0: [1, 0, 0, 0, 0, 0, 0, 0],
        }
        assert rows(endpoints(cluster)) == {
            0.0: [1, 1, 0],
            1.0: [0, 1, 1],
            2.0: [0, 0, 1],
            3.0: [0, 1, 1],
            4.0: [0, 0, 0],
        }

    def test_pods_that_vanish(self):
        """A pod whose object is gone without a word leaves nothing behind in any count."""
        cluster = settled(1)
        cluster.note(1, Fact.GONE, pod=cluster.pods[0])
        assert rows(timeline(cluster))[1.0] == [1, 0, 0, 0, 0, 0, 0, 0]

    def test_scaling(self):
        """`replicas` is what is asked for at that time."""
        cluster = settled(1)
        cluster.note(7, Fact.ASKED, value=3)
        assert timeline(cluster)["replicas"].to_dict() == {0.0: 1, 7.0: 3}

    def test_updated_follows_the_wanted_revision(self):
        """After an undo, the pods of the old template are the updated ones."""
        cluster = settled(2)
        bad = cluster.add_group(2)
        cluster.note(0, Fact.UPDATED, bad)
        cluster.create(0, bad)
        cluster.note(10, Fact.UPDATED, cluster.groups[0])
        assert timeline(cluster)["updated_replicas"].to_dict() == {0.0: 1, 10.0: 2}

    @pytest.mark.parametrize("workload", ["web", 1], ids=["by name", "by index"])
    def test_workloads_apart(self, workload):
        """Each workload has its own timeline."""
        cluster = settled(2)
        cluster.add_workload("web")
        web = cluster.add_group(1, workload=1)
        cluster.note(3, Fact.ASKED, value=5, workload=1)
        cluster.create(3, web)
        assert rows(timeline(cluster, workload)) == {3.0: [5, 1, 0, 0, 0, 0, 0, 0]}
        assert rows(timeline(cluster)) == {0.0: [2, 2, 2, 2, 2, 0, 2, 2]}
        assert len(pods(cluster, workload)) == 1

    def test_workload_created_anew(self):
        """What was deleted and created anew is looked at as it is now; another kind is another."""
        cluster = settled(2)
        cluster.add_workload("worker", kind="StatefulSet")
        assert rows(timeline(cluster)) == {0.0: [2, 2, 2, 2, 2, 0, 2, 2]}
        cluster.add_workload("worker")
        cluster.note(3, Fact.ASKED, value=5, workload=2)
        assert rows(timeline(cluster)) == {3.0: [5, 0, 0, 0, 0, 0, 0, 0]}

    def test_unknown_workload(self):
        """An unknown name is an error that says which there are."""
        message = r"'web' is not in the cluster; it has \['deployment/worker'\]"
        with pytest.raises(ValueError, match=message):
            timeline(settled(1), "web")

    @pytest.mark.parametrize("table", [timeline, by_revision, pods, spells, endpoints, summary])
    def test_no_workload(self, table):
        """Where there is nothing to look at, that is said."""
        with pytest.raises(ValueError, match="there is no workload in the cluster"):
            table(Cluster())


class TestByRevision:
    def test_rollout(self):
        """Every count of the timeline, for each revision; `replicas` is its ReplicaSet's."""
        frame = by_revision(one_by_one())
        assert frame.columns.names == ["revision", "count"]
        assert rows(frame[1]) == {
            0.0: [2, 2, 0, 2, 2, 0, 2, 2],
            2.0: [1, 2, 0, 1, 1, 1, 2, 1],
            4.0: [0, 2, 0, 0, 0, 2, 2, 0],
            32.0: [0, 1, 0, 0, 0, 1, 1, 0],
            34.0: [0, 0, 0, 0, 0, 0, 0, 0],
        }
        assert frame[2]["updated_replicas"].to_dict() == {0: 1, 2: 2, 4: 2, 32: 2, 34: 2}

    def test_no_revision(self):
        """A workload that was created paused has no revision yet: 0 stands for it."""
        cluster = Cluster()
        cluster.apply(Deployment("web", image="web:1", paused=True))
        cluster.wait(5)
        frame = by_revision(cluster)
        assert list(frame.columns.unique("revision")) == [0]
        assert not frame.to_numpy().any()
        assert by_revision(cluster).xs("pods", axis=1, level="count").shape == (1, 1)

    def test_sums(self):
        """Summed over revisions, all counts but the asked ones are the timeline's."""
        cluster = one_by_one()
        summed = by_revision(cluster).T.groupby(level="count").sum().T[COLUMNS[1:]]
        pd.testing.assert_frame_equal(
            summed, timeline(cluster)[COLUMNS[1:]], check_names=False, check_dtype=False
        )


class TestTables:
    def test_pods(self):
        """One row per pod, in the order of creation, with NaN for what never happened."""
        frame = pods(one_by_one())
        nan = math.nan
        expected = pd.DataFrame(
            {
                "name": [f"worker-{r}-0000{i}" for i, r in enumerate([1, 1, 2, 2])],
                "revision": [1, 1, 2, 2],
                "image": ["worker:v0.1", "worker:v0.1", "worker:v0.2", "worker:v0.2"],
                "node": ["node-1", "node-2", "node-3", "node-1"],
                "created_at": [-60.0, -60.0, 0.0, 2.0],
                "scheduled_at": [-60.0, -60.0, 0.0, 2.0],
                "started_at": [-58.0, -58.0, 2.0, 4.0],
                "ready_at": [-58.0, -58.0, 2.0, 4.0],
                "available_at": [-58.0, -58.0, 2.0, 4.0],
                "deleted_at": [2.0, 4.0, nan, nan],
                "stopped_at": [32.0, 34.0, nan, nan],
                "gone_at": [32.0, 34.0, nan, nan],
                "restarts": [0, 0, 0, 0],
                "reason": ["", "", "", ""],
            }
        )
        pd.testing.assert_frame_equal(frame, expected)

    def test_pods_of_before(self):
        """A pod that was gone before the first instant is left out."""
        assert len(pods(one_by_one(), since=33.0)) == 3

    def test_reason(self):
        """What is wrong is said as kubectl does; that a container starts is nothing wrong."""
        cluster = settled(1)
        cluster.create(1, cluster.groups[0]).containers[0].waiting = "ImagePullBackOff"
        cluster.create(1, cluster.groups[0])
        assert pods(cluster)["reason"].tolist() == ["", "ImagePullBackOff", ""]

    def test_events(self):
        """Events become rows with the words of the API."""
        cluster = ScriptedCluster()
        fields = {
            "first_at": 0.0,
            "last_at": 3.0,
            "count": 2,
            "type": "Normal",
            "reason": "ScalingReplicaSet",
            "kind": "Deployment",
            "name": "worker",
            "message": "Scaled up replica set worker-1 from 0 to 1",
            "source": "deployment-controller",
        }
        cluster.events.append(SimpleNamespace(**fields))
        assert events(cluster).to_dict("records") == [fields]
        assert events(ScriptedCluster()).columns.tolist() == list(fields)


class TestSpells:
    def test_rollout(self):
        """One row for each state of a pod, in the order of creation."""
        frame = spells(one_by_one())
        nan = math.nan
        assert frame.columns.tolist() == ["name", "revision", "state", "start", "stop"]
        expected = pd.DataFrame(
            [
                ["worker-1-00000", 1, "starting", -60.0, -58.0],
                ["worker-1-00000", 1, "ready", -58.0, 2.0],
                ["worker-1-00000", 1, "terminating", 2.0, 32.0],
                ["worker-1-00001", 1, "starting", -60.0, -58.0],
                ["worker-1-00001", 1, "ready", -58.0, 4.0],
                ["worker-1-00001", 1, "terminating", 4.0, 34.0],
                ["worker-2-00002", 2, "starting", 0.0, 2.0],
                ["worker-2-00002", 2, "ready", 2.0, nan],
                ["worker-2-00003", 2, "starting", 2.0, 4.0],
                ["worker-2-00003", 2, "ready", 4.0, nan],
            ],
            index=[0, 0, 0, 1, 1, 1, 2, 2, 3, 3],
            columns=frame.columns,
        )
        pd.testing.assert_frame_equal(frame, expected)

    @pytest.mark.parametrize("ready", [True, False])
    def test_restart(self, ready):
        """A restart that takes no time parts what the pod does before from what it does after."""
        cluster = settled(1)
        (pod,) = cluster.pods
        at_once = [Fact.UNREADY, Fact.STOPPED, Fact.STARTED, *[Fact.READY] * ready]
        for time, facts in [(3, [Fact.UNREADY, Fact.READY]), (5, at_once), (9, at_once)]:
            for fact in facts:
                cluster.note(time, fact, pod=pod)
        frame = spells(cluster).iloc[1:]
        state = "ready" if ready else "running"
        assert frame["state"].tolist() == ["ready", state, state]
        assert frame["start"].tolist() == [-58, 5, 9]

    def test_crash(self):
        """A process that ends leaves the pod down until it runs again."""
        cluster = settled(1)
        (pod,) = cluster.pods
        for time, fact in [
            (1, Fact.UNREADY),
            (3, Fact.READY),
            (5, Fact.STOPPED),
            (5, Fact.UNREADY),
            (15, Fact.STARTED),
            (16, Fact.READY),
        ]:
            cluster.note(time, fact, pod=pod)
        states = spells(cluster).set_index("start")["state"].loc[1:].to_dict()
        assert states == {
            1.0: "running",
            3.0: "ready",
            5.0: "down",
            15.0: "running",
            16.0: "ready",
        }


class TestSummary:
    def test_rollout(self):
        """All measures of a small rollout, as one can add them up by hand."""
        assert summary(one_by_one()) == Summary(
            duration_seconds=4.0,
            old_gone_seconds=34.0,
            least_available=2,
            most_replicas=3,
            most_pods=4,
            short_pod_seconds=0.0,
            extra_pod_seconds=1 * 2 + 2 * 30 + 1 * 2,
            state="complete",
        )

    def test_nothing_happens(self):
        """A cluster at rest is complete at once."""
        measures = summary(settled(3))
        assert (measures.duration_seconds, measures.old_gone_seconds) == (0.0, 0.0)
        assert measures.state == "complete"

    def test_short(self):
        """Missing pods cost until they are back, or until the end."""
        cluster = settled(2)
        cluster.note(1, Fact.UNREADY, pod=cluster.pods[0])
        cluster.note(1, Fact.UNAVAILABLE, pod=cluster.pods[0])
        cluster.now = 11.0
        measures = summary(cluster)
        assert (measures.short_pod_seconds, measures.least_available) == (10.0, 1)
        assert math.isnan(measures.duration_seconds)
        assert summary(cluster, until=4.0).short_pod_seconds == 3.0

    def test_complete_to_stay_so(self):
        """A rollout that becomes incomplete again is complete when it is so for good."""
        cluster = one_by_one()
        pod = cluster.pods[2]
        for time, facts in [
            (41, (Fact.UNREADY, Fact.UNAVAILABLE)),
            (44, (Fact.READY, Fact.AVAILABLE)),
        ]:
            for fact in facts:
                cluster.note(time, fact, pod=pod)
        assert summary(cluster).duration_seconds == 44.0

    def test_series(self):
        """In a notebook the measures are a table."""
        series = summary(one_by_one()).to_series()
        assert series["most_pods"] == 4
        assert series["state"] == "complete"


def broken(trouble=None, *, paused=False, exceeded=False):
    """Return a cluster with one new pod that is not available."""
    cluster = settled(1, paused=paused)
    new = cluster.add_group(2, "worker:v0.3")
    cluster.note(0, Fact.UPDATED, new)
    pod = cluster.create(0, new)
    if exceeded:
        cluster.add_condition("Progressing", "ProgressDeadlineExceeded")
    if trouble:
        trouble(pod)
    return cluster


def waits(reason):
    """Return what gives a pod's container a reason to wait."""
    return lambda pod: setattr(pod.containers[0], "waiting", reason)


def never_ready(pod):
    """Let the pod run without a good answer, ever."""
    pod.containers[0].waiting = ""
    pod.containers[0].running = True
    pod.containers[0].behaviour = SimpleNamespace(ready=None)


def not_ready_yet(pod):
    """Let the pod run without a good answer yet."""
    never_ready(pod)
    pod.containers[0].behaviour.ready = 2.0


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        pytest.param(broken(), ("progressing", ""), id="starting is progress"),
        pytest.param(broken(not_ready_yet), ("progressing", ""), id="warming up is progress"),
        pytest.param(
            broken(lambda pod: setattr(pod, "ready", True)),
            ("progressing", ""),
            id="ready and waiting for minReadySeconds is progress",
        ),
        pytest.param(
            broken(waits("ImagePullBackOff")),
            ("stuck", "ImagePullBackOff"),
            id="an image that cannot be pulled is stuck",
        ),
        pytest.param(
            broken(waits("CrashLoopBackOff")),
            ("stuck", "CrashLoopBackOff"),
            id="a crash loop is stuck",
        ),
        pytest.param(broken(never_ready), ("stuck", "NotReady"), id="never ready is stuck"),
        pytest.param(
            broken(lambda pod: setattr(pod, "node", None)),
            ("stuck", "Unschedulable"),
            id="no node is stuck",
        ),
        pytest.param(
            broken(waits("ErrImagePull"), exceeded=True),
            ("deadline exceeded", "ImagePullBackOff"),
            id="after the deadline the Deployment says so itself",
        ),
        pytest.param(broken(paused=True), ("paused", ""), id="paused is paused"),
    ],
)
def test_state_at_the_end(cluster, expected):
    """The state is told by the pods that are missing, the conditions, and `paused`."""
    measures = summary(cluster)
    assert (measures.state, measures.reason) == expected


IMAGES = [
    Image("worker:v0.1", ignores_sigterm=True),
    Image("worker:v0.2", ignores_sigterm=True, ready_seconds=Uniform(0.0, 3.0)),
]


@pytest.mark.parametrize(
    ("fields", "tag", "expected"),
    [
        pytest.param((1, 1, 0), "v0.1b", (11, 9, 10, 40, 20), id="1 up, 1 down"),
        pytest.param(("25%", "25%", 0), "v0.1b", (13, 8, 4, 34, 20), id="25 %"),
        pytest.param((3, 0, 10), "v0.1b", (13, 10, 48, 78, 20), id="3 up, warm up 10 s"),
        pytest.param((1, 0, 10), "v0.1b", (11, 10, 120, 150, 14), id="1 up, warm up 10 s"),
        pytest.param((0, "100%", 0), "v0.1b", (10, 0, 2, 30, 20), id="all at once"),
        pytest.param((0, 1, 0), "v0.1b", (10, 9, 20, 48, 20), id="1 down"),
        pytest.param((1, 1, 0), "bad", (11, 9, math.nan, math.nan, 12), id="bad image, 1 + 1"),
        pytest.param(("25%", "25%", 0), "bad", (13, 8, math.nan, math.nan, 15), id="bad, 25 %"),
    ],
)
def test_arithmetic(fields, tag, expected):
    """Ten replicas, 2 s to start, 30 s to die: the measures can be reckoned by hand."""
    surge, unavailable, warm_up = fields
    worker = Deployment(
        "worker",
        replicas=10,
        image="worker:v0.1",
        max_surge=surge,
        max_unavailable=unavailable,
        min_ready_seconds=warm_up,
    )
    command = f"kubectl set image deployment worker worker=worker:{tag}"
    images = [*IMAGES, Image("worker:v0.1b")]
    found = simulate(worker, [(0, command)], images=images, until=200).summary
    measures = (
        found.most_replicas,
        found.least_available,
        found.duration_seconds,
        found.old_gone_seconds,
        found.most_pods,
    )
    assert measures == pytest.approx(expected, nan_ok=True)
    assert found.state == ("stuck" if tag == "bad" else "complete")


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_the_clusters_own(seed):
    """At any time the sums over the log are the counters that the controllers act on."""
    cluster = Cluster(IMAGES, seed=seed)
    cluster.apply(Deployment("worker", replicas=8, image="worker:v0.1", min_ready_seconds=1))
    commands = {
        6.0: "kubectl set image deployment worker worker=worker:v0.2",
        11.0: "kubectl scale deployment worker --replicas=5",
        13.0: "kubectl set image deployment worker worker=worker:missing",
        21.0: "kubectl rollout undo deployment worker",
    }
    for time in np.arange(0.0, 70.0, 0.5):
        cluster.run(float(time))
        if time in commands:
            cluster.kubectl(commands[time])
        last = timeline(cluster).iloc[-1]
        groups = cluster.groups
        assert last.drop(["replicas", "updated_replicas", "running", "endpoints"]).to_dict() == {
            "pods": sum(len(group.pods) for group in groups),
            "ready_replicas": sum(group.ready for group in groups),
            "available_replicas": sum(group.available for group in groups),
            "terminating_replicas": sum(group.terminating for group in groups),
        }
        running = sum(
            any(container.running for container in pod.containers)
            for group in groups
            for pod in group.pods.values()
        )
        assert last["running"] == running


def test_large_frames_are_vectorised():
    """A frame of 20,000 pods has the right sums; no loop over pods runs for it."""
    cluster = settled(0)
    group = cluster.groups[0]
    number = 20_000
    log = cluster.log
    log.times.extend(np.repeat(np.arange(number) / 8, 2).tolist())
    log.facts.extend([Fact.CREATED, Fact.STARTED] * number)
    log.workloads.extend([0] * (2 * number))
    log.groups.extend([group.index] * (2 * number))
    log.pods.extend(np.repeat(np.arange(number), 2).tolist())
    log.values.extend([0] * (2 * number))
    frame = timeline(cluster)
    assert len(frame) == number
    assert frame.iloc[-1][["pods", "updated_replicas", "running"]].tolist() == [number] * 3
