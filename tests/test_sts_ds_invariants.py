"""What holds in every undisturbed update of a StatefulSet or DaemonSet, on the whole engine."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from rollnb import MEASURED, ControlPlane, DaemonSet, Image, Node, StatefulSet, Uniform, simulate
from rollnb.cluster.daemonset_rolling import resolve_desired_node_counts
from rollnb.cluster.statefulset import resolve_max_unavailable

GATE = "MaxUnavailableStatefulSet"

seconds = st.sampled_from([0.0, 0.5, 2.0, Uniform(0.0, 3.0), Uniform(0.5, 1.0)])
images = st.tuples(
    *(
        st.builds(
            Image,
            st.just(f"web:v{version}"),
            pull_seconds=seconds,
            start_seconds=seconds,
            ready_seconds=seconds,
            stop_seconds=seconds,
        )
        for version in (1, 2)
    )
)
counts = st.integers(1, 9) | st.sampled_from(["1%", "30%", "60%", "100%"])
common = {
    "name": st.just("web"),
    "image": st.just("web:v1"),
    "min_ready_seconds": st.integers(0, 2),
}
stateful_sets = st.builds(
    StatefulSet,
    replicas=st.integers(0, 8),
    partition=st.integers(0, 9),
    max_unavailable=st.none() | counts,
    pod_management_policy=st.sampled_from(["OrderedReady", "Parallel"]),
    ordinals_start=st.integers(0, 3),
    **common,
)
daemon_sets = st.builds(DaemonSet, max_unavailable=counts, **common) | st.builds(
    DaemonSet, max_unavailable=st.just(0), max_surge=counts, **common
)
options = st.fixed_dictionaries(
    {
        "images": images,
        "seed": st.integers(0, 99),
        "control_plane": st.sampled_from([ControlPlane(), MEASURED]),
    }
)
gates = st.sampled_from([(), (GATE,)])


def roll(workload, **options):
    """Play an update of a workload to its end."""
    kind = type(workload).__name__.lower()
    run = simulate(workload, [(0.0, f"kubectl set image {kind} web web=web:v2")], **options)
    assert run.summary.state == "complete"
    return run


def count_at_once(starts, ends):
    """Return the most intervals that hold at one instant; one that is open goes on for ever."""
    starts, ends = np.sort(starts), np.sort(ends.fillna(np.inf))
    begun = np.arange(1, len(starts) + 1)
    return int((begun - np.searchsorted(ends, starts, side="right")).max(initial=0))


@settings(max_examples=60, deadline=None)
@given(spec=stateful_sets, gates=gates, options=options)
def test_stateful_set(spec, gates, options):
    """Never more than maxUnavailable are missing, the partition holds, and so do identities."""
    run = roll(spec, feature_gates=gates, **options)
    limit = resolve_max_unavailable(spec.max_unavailable, spec.replicas) if gates else 1
    assert run.timeline["available_replicas"].min() >= spec.replicas - limit
    assert run.timeline["pods"].max() <= spec.replicas

    ordinals = pd.Series([int(name[4:]) for name in run.pods["name"]], run.pods.index, dtype=int)
    updated = set(ordinals[run.pods["revision"] == 2])
    start = spec.ordinals_start
    assert set(ordinals) == set(range(start, start + spec.replicas))
    assert updated == set(range(start + spec.partition, start + spec.replicas))
    assert not run.pods["deleted_at"][ordinals < start + spec.partition].notna().any()
    for _, lives in run.pods.groupby(ordinals.to_numpy()):
        assert len(lives) <= 2
        assert count_at_once(lives["created_at"], lives["gone_at"]) == 1

    going = ordinals[run.pods["deleted_at"].notna()]
    order = run.pods.loc[going.index, "deleted_at"].groupby(going.to_numpy()).min()
    assert order.is_monotonic_decreasing  # the higher the ordinal, the sooner it goes


@settings(max_examples=60, deadline=None)
@given(spec=daemon_sets, number=st.integers(0, 8), options=options)
def test_daemon_set(spec, number, options):
    """Never more nodes without an available pod, nor with two, than allowed; never two ready."""
    run = roll(spec, nodes=[Node(f"node-{i}") for i in range(number)], **options)
    surge, unavailable = resolve_desired_node_counts(spec, number)
    pods = run.pods
    times = np.unique(pods[["created_at", "available_at", "deleted_at", "gone_at"]].stack())
    times = times[times >= 0]

    def holds(start, end):
        """Return for each instant and node how many pods are between the two."""
        begun = pods[start].to_numpy() <= times[:, None]
        over = pods[end].fillna(np.inf).to_numpy() <= times[:, None]
        return pd.DataFrame(begun & ~over).T.groupby(pods["node"].to_numpy()).sum().T

    alive, ready, available = (
        holds(start, "deleted_at") for start in ("created_at", "ready_at", "available_at")
    )
    if number:
        assert (available == 0).sum(axis=1).max() <= unavailable
        assert (alive > 1).sum(axis=1).max() <= surge
        assert (ready > 1).sum(axis=1).max() <= surge
        assert alive.max(axis=None) <= (2 if surge else 1)
    if spec.min_ready_seconds == 0 and number and options["control_plane"] != MEASURED:
        assert ready.max(axis=None) == 1


@settings(max_examples=15, deadline=None)
@given(spec=stateful_sets | daemon_sets, options=options)
def test_same_seed_same_frames(spec, options):
    """A run depends on its spec and its seed alone."""
    one, two = (roll(spec, **options) for _ in range(2))
    pd.testing.assert_frame_equal(one.timeline, two.timeline)
    pd.testing.assert_frame_equal(one.pods, two.pods)
    pd.testing.assert_frame_equal(one.events, two.events)
