"""The StatefulSet controller's decisions, beyond the facts of file 14."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pods import make_pod

from rollnb.cluster.statefulset import (
    Create,
    Delete,
    Status,
    choose_revision,
    complete_rolling_update,
    resolve_max_unavailable,
    update_stateful_set,
)
from rollnb.spec import StatefulSet


def make_pods(*states):
    """Make pods from (revision, state) by ordinal; None leaves the ordinal out."""
    return {
        ordinal: make_pod(*state, ordinal=ordinal)
        for ordinal, state in enumerate(states)
        if state is not None
    }


def decide(spec, pods, **options):
    """Run one sync from "old" to "new"; return its actions as plain tuples."""
    return [
        ("create", *action) if isinstance(action, Create) else ("delete", action.pod.ordinal)
        for action in update_stateful_set(spec, pods, "old", "new", 0.0, **options).actions
    ]


@pytest.mark.parametrize(
    ("fields", "ordinal", "expected"),
    [
        pytest.param({"partition": 2}, 1, "old", id="below the partition"),
        pytest.param({"partition": 2}, 2, "new", id="from the partition on"),
        pytest.param({}, 0, "new", id="no partition"),
        pytest.param({"partition": 2, "ordinals_start": 5}, 6, "old", id="the second of all"),
        pytest.param({"partition": 2, "ordinals_start": 5}, 7, "new", id="counted from the first"),
        pytest.param({"strategy": "OnDelete"}, 0, "new", id="OnDelete knows no partition"),
    ],
)
def test_choose_revision(fields, ordinal, expected):
    """A pod that comes back keeps the old template only below the partition."""
    assert choose_revision(StatefulSet("web", replicas=3, **fields), ordinal, "old", "new") == (
        expected
    )


@pytest.mark.parametrize(
    ("fields", "status", "expected"),
    [
        pytest.param(
            {"replicas": 3},
            Status(3, 3, 3, 0, 3),
            (Status(3, 3, 3, 3, 3), "new"),
            id="all updated and ready",
        ),
        pytest.param(
            {"replicas": 3}, Status(3, 2, 2, 0, 3), (Status(3, 2, 2, 0, 3), "old"), id="not ready"
        ),
        pytest.param(
            {"replicas": 3, "partition": 1},
            Status(3, 3, 3, 1, 2),
            (Status(3, 3, 3, 1, 2), "old"),
            id="held by the partition",
        ),
        pytest.param(
            {"replicas": 3, "strategy": "OnDelete"},
            Status(3, 3, 3, 0, 3),
            (Status(3, 3, 3, 0, 3), "old"),
            id="OnDelete never completes",
        ),
        pytest.param(
            {"replicas": 0, "partition": 2},
            Status(0, 0, 0, 0, 0),
            (Status(0, 0, 0, 0, 0), "new"),
            id="nothing of nothing is complete, whatever the partition",
        ),
        pytest.param(
            {"replicas": 2},
            Status(3, 2, 2, 1, 2),
            (Status(3, 2, 2, 1, 2), "old"),
            id="one pod too many",
        ),
    ],
)
def test_complete_rolling_update(fields, status, expected):
    """The update revision becomes the current one when nothing is left to do."""
    assert complete_rolling_update(StatefulSet("web", **fields), status, "old", "new") == expected


OLD, NEW = ("old", "available"), ("new", "available")


@pytest.mark.parametrize(
    ("fields", "states", "expected"),
    [
        pytest.param({}, [OLD, OLD, OLD], [("delete", 2)], id="the highest ordinal goes first"),
        pytest.param({}, [OLD, OLD, NEW], [("delete", 1)], id="then the next one down"),
        pytest.param({}, [OLD, OLD, ("new", "pending")], [], id="one at a time"),
        pytest.param(
            {}, [OLD, OLD, ("other", "pending")], [], id="OrderedReady: a broken pod pins the set"
        ),
        pytest.param(
            {}, [OLD, OLD, None], [("create", 2, "new")], id="deleted, it comes back updated"
        ),
        pytest.param(
            {"pod_management_policy": "Parallel"},
            [OLD, OLD, ("other", "pending")],
            [("delete", 2)],
            id="Parallel: a broken pod is replaced",
        ),
        pytest.param(
            {"partition": 2}, [None, OLD, NEW], [("create", 0, "old")], id="comes back old"
        ),
        pytest.param(
            {"pod_management_policy": "Parallel"},
            [None, OLD, None],
            [("create", 0, "new"), ("create", 2, "new")],
            id="Parallel: all that is missing, and no update yet",
        ),
        pytest.param(
            {"pod_management_policy": "Parallel"},
            [OLD, OLD, ("old", "failed")],
            [("delete", 2)],
            id="asked for once, though it is both ended and out of date",
        ),
        pytest.param({"strategy": "OnDelete"}, [OLD, OLD, OLD], [], id="OnDelete waits"),
        pytest.param({"replicas": 1}, [OLD, OLD, OLD], [("delete", 2)], id="down one at a time"),
        pytest.param(
            {"replicas": 1},
            [OLD, OLD, ("old", "pending")],
            [("delete", 2)],
            id="down: a broken pod goes if it is the only one",
        ),
        pytest.param(
            {"replicas": 1},
            [OLD, ("old", "pending"), ("old", "pending")],
            [],
            id="down: it waits for a broken one below",
        ),
        pytest.param(
            {"replicas": 1},
            [OLD, OLD, ("old", "terminating")],
            [],
            id="down: it waits for the end",
        ),
        pytest.param(
            {"replicas": 1, "pod_management_policy": "Parallel"},
            [OLD, OLD, OLD],
            [("delete", 2), ("delete", 1), ("delete", 0)],
            id="Parallel: down and on with the update in one sync",
        ),
        pytest.param(
            {"ordinals_start": 1},
            [None, None, OLD],
            [("create", 1, "new")],
            id="from the start on",
        ),
        pytest.param(
            {"ordinals_start": 1}, [None, OLD, OLD, OLD], [("delete", 3)], id="and to the end"
        ),
        pytest.param(
            {"ordinals_start": 1, "partition": 2},
            [None, OLD, OLD, NEW],
            [],
            id="the partition is a number of pods, not an ordinal",
        ),
        pytest.param(
            {"ordinals_start": 1, "partition": 1},
            [None, None, OLD, NEW],
            [("create", 1, "old")],
            id="the first one comes back old",
        ),
        pytest.param(
            {"ordinals_start": 1},
            [OLD, OLD, OLD],
            [("create", 3, "new")],
            id="a later start: the new ordinals come before the old ones go",
        ),
        pytest.param(
            {"ordinals_start": 1},
            [OLD, NEW, NEW, ("new", "pending")],
            [],
            id="a later start: and have to be available",
        ),
        pytest.param(
            {"ordinals_start": 1},
            [OLD, NEW, NEW, NEW],
            [("delete", 0)],
            id="below the start: down",
        ),
        pytest.param(
            {"ordinals_start": 1},
            [OLD, NEW, NEW, NEW, OLD],
            [("delete", 4)],
            id="on both sides: the highest goes first",
        ),
        pytest.param(
            {"ordinals_start": 2, "replicas": 1, "pod_management_policy": "Parallel"},
            [OLD, OLD, OLD, OLD],
            [("delete", 3), ("delete", 1), ("delete", 0), ("delete", 2)],
            id="Parallel: both sides, and on with the update",
        ),
    ],
)
def test_update_stateful_set(fields, states, expected):
    """What is missing comes first, then what is too many, then what is out of date."""
    spec = StatefulSet("web", **({"replicas": 3} | fields))
    assert decide(spec, make_pods(*states)) == expected


def test_gate():
    """Without its feature gate maxUnavailable means one."""
    spec = StatefulSet("web", replicas=4, max_unavailable=3)
    pods = make_pods(OLD, OLD, OLD, OLD)
    gated = decide(spec, pods, max_unavailable_enabled=True)
    assert (decide(spec, pods), gated) == (
        [("delete", 3)],
        [("delete", 3), ("delete", 2), ("delete", 1)],
    )


def test_gate_with_start():
    """Several at a time, the highest ones, and none of the first as many as the partition says."""
    spec = StatefulSet("web", replicas=3, ordinals_start=2, partition=1, max_unavailable=3)
    pods = make_pods(None, None, OLD, OLD, OLD)
    assert decide(spec, pods, max_unavailable_enabled=True) == [("delete", 4), ("delete", 3)]


@pytest.mark.parametrize(
    ("fields", "states", "expected"),
    [
        pytest.param({}, [], [["create"]], id="OrderedReady: one, and then wait"),
        pytest.param({}, [OLD] * 12, [["delete"]], id="OrderedReady: one too many goes at a time"),
        pytest.param(
            {"pod_management_policy": "Parallel"},
            [],
            [["create"], ["create"] * 2, ["create"] * 4, ["create"]],
            id="Parallel: 1, 2, 4, and what is left of 8",
        ),
        pytest.param(
            {"pod_management_policy": "Parallel"},
            [None, OLD, OLD, None, OLD, None, OLD, OLD],
            [["create"], ["create"] * 2],
            id="Parallel: the batches are of ordinals: 0, then 1 and 2, then 3 to 6",
        ),
        pytest.param(
            {"pod_management_policy": "Parallel", "strategy": "OnDelete"},
            [OLD] * 14,
            [["delete"], ["delete"] * 2, ["delete"] * 3],
            id="Parallel: scaling down, too",
        ),
        pytest.param(
            {"pod_management_policy": "Parallel", "max_unavailable": 3},
            [OLD] * 8,
            [["delete"], ["delete"], ["delete"]],
            id="Parallel: updates go one after the other all the same",
        ),
    ],
)
def test_batches(fields, states, expected):
    """What may go side by side is asked for in batches that double, as ReplicaSets do."""
    spec = StatefulSet("web", **({"replicas": 8} | fields))
    sync = update_stateful_set(
        spec, make_pods(*states), "old", "new", 0.0, max_unavailable_enabled=True
    )
    kinds = [[type(action).__name__.lower() for action in batch] for batch in sync.batches]
    assert kinds == expected


def test_current_replicas_never_negative():
    """Pods of a third revision are taken from the current ones, but not below zero."""
    spec = StatefulSet("web", replicas=2, pod_management_policy="Parallel")
    pods = make_pods(("other", "available"), ("other", "running_not_ready"))
    sync = update_stateful_set(spec, pods, "old", "new", 0.0)
    assert sync == ([[Delete(pods[1])]], Status(2, 1, 1, 0, 0))


# ------------------------------------------------------------------------------------ closed loop


def play(spec, pods, rng, *, enabled, check):
    """Sync and let pods live, one event at a time, until nothing happens any more."""
    now = 0.0
    while True:
        now += 1.0
        sync = update_stateful_set(spec, pods, "old", "new", now, max_unavailable_enabled=enabled)
        for action in sync.actions:
            if isinstance(action, Create):
                assert action.ordinal not in pods, "a second pod of the same identity"
                pods[action.ordinal] = make_pod(
                    action.revision, "pending", ordinal=action.ordinal, created_at=now
                )
            else:
                pod = action.pod
                assert pods[pod.ordinal] is pod
                assert pod.deleted_at is None, "deleted twice"
                pod.deleted_at, pod.available = now, False
        check(pods)
        moving = [pod for pod in pods.values() if not pod.available]
        if not moving:
            if not sync.actions:
                return sync
            continue
        pod = rng.choice(moving)
        if pod.deleted_at is not None:
            del pods[pod.ordinal]
        else:
            pod.phase, pod.ready, pod.available, pod.ready_at = "Running", True, True, now


sets = st.builds(
    StatefulSet,
    st.just("web"),
    replicas=st.integers(0, 9),
    partition=st.integers(0, 10),
    max_unavailable=st.none() | st.integers(1, 9) | st.sampled_from(["10%", "40%", "100%"]),
    pod_management_policy=st.sampled_from(["OrderedReady", "Parallel"]),
    ordinals_start=st.integers(0, 3),
)


@given(spec=sets, enabled=st.booleans(), rng=st.randoms(use_true_random=False))
def test_rolling_update_of_healthy_pods(spec, enabled, rng):
    """No more than maxUnavailable are missing, and the partition holds; it ends updated."""
    limit = resolve_max_unavailable(spec.max_unavailable, spec.replicas) if enabled else 1
    start = spec.ordinals_start
    pods = make_pods(*[None] * start, *[OLD] * spec.replicas)
    untouched = {n + start: pods[n + start] for n in range(min(spec.partition, spec.replicas))}

    def check(pods):
        assert sum(not pod.available for pod in pods.values()) + spec.replicas - len(pods) <= limit
        assert {ordinal: pods.get(ordinal) for ordinal in untouched} == untouched
        assert pods.keys() <= set(range(start, start + spec.replicas))

    play(spec, pods, rng, enabled=enabled, check=check)
    assert [pods[n + start].group for n in range(spec.replicas)] == [
        "old" if n < spec.partition else "new" for n in range(spec.replicas)
    ]


@given(
    spec=sets,
    states=st.lists(
        st.none()
        | st.tuples(
            st.sampled_from(["old", "new", "other"]),
            st.sampled_from(
                ["available", "running_not_ready", "pending", "failed", "succeeded", "terminating"]
            ),
        ),
        max_size=9,
    ),
    enabled=st.booleans(),
    rng=st.randoms(use_true_random=False),
)
def test_ends_settled(spec, states, enabled, rng):
    """From any state, if all pods can become ready, all replicas exist, updated, and no others.

    A third revision may be left below the partition, where nothing is replaced for its age.
    """
    pods = make_pods(*states)
    play(spec, pods, rng, enabled=enabled, check=lambda pods: None)
    start = spec.ordinals_start
    assert sorted(pods) == list(range(start, start + spec.replicas))
    assert {pods[n + start].group for n in range(spec.partition, spec.replicas)} <= {"new"}


@given(spec=sets, rng=st.randoms(use_true_random=False))
def test_identities_come_in_order(spec, rng):
    """OrderedReady creates an ordinal only when all below it are available."""
    if spec.pod_management_policy == "Parallel":
        return
    pods = {}

    def check(pods):
        ready = [pods[n].available for n in sorted(pods)]
        assert sorted(pods) == list(range(spec.ordinals_start, spec.ordinals_start + len(pods)))
        assert all(ready[:-1])

    play(spec, pods, rng, enabled=False, check=check)
    assert len(pods) == spec.replicas
