import hypothesis.strategies as st
import pytest
from hypothesis import given
from makers import make_rs, make_spec

from rollnb.cluster.rolling import (
    cleanup_unhealthy_replicas,
    new_replica_set_replicas,
    reconcile_old_replica_sets,
    resolve_surge,
    resolve_unavailable,
    rollout_rolling,
)

LIMITS = st.integers(0, 12) | st.integers(0, 150).map("{}%".format)


@st.composite
def specs(draw):
    """Draw a Deployment of some pods, with any limits that the API server accepts."""
    surge, unavailable = draw(LIMITS), draw(LIMITS)
    if surge in (0, "0%") and unavailable in (0, "0%"):
        surge = 1
    return make_spec(draw(st.integers(0, 30)), surge, unavailable)


def settle(spec, new, old):
    """Apply turns until nothing changes; deleted pods are gone at once, new ones unavailable."""
    while scales := rollout_rolling(spec, new, old):
        for rs, replicas in scales:
            rs.replicas = replicas
            rs.status_available = min(rs.status_available, replicas)
            yield rs


def begin(spec):
    """Return the new and the old ReplicaSet of a rollout that begins."""
    old = make_rs(spec.replicas, spec.replicas, "old", -1.0)
    return make_rs(new_replica_set_replicas(spec, [old], 0), 0, "new"), old


@given(spec=specs())
def test_sizes_depend_only_on_the_available_new_pods(spec):
    """Once settled, A available new pods leave R - U - A old ones and allow S + U + A new ones."""
    new, old = begin(spec)
    replicas, surge, unavailable = spec.replicas, resolve_surge(spec), resolve_unavailable(spec)
    for available in range(replicas + 1):
        new.status_available = available
        list(settle(spec, new, [old]))
        assert (old.replicas, new.replicas) == (
            max(0, replicas - unavailable - available),
            min(replicas, surge + unavailable + available),
        )


@given(spec=specs(), data=st.data())
def test_limits_hold_after_every_write(spec, data):
    """Healthy pods never exceed `replicas` and surge, nor fall below what must be available."""
    new, old = begin(spec)
    most = spec.replicas + resolve_surge(spec)
    least = spec.replicas - resolve_unavailable(spec)
    while (old.replicas, new.status_available) != (0, spec.replicas):
        for _ in settle(spec, new, [old]):
            assert new.replicas + old.replicas <= most
            assert new.status_available + old.status_available >= least
        waiting = new.replicas - new.status_available
        new.status_available += data.draw(st.integers(1, waiting)) if waiting else 0


@given(
    spec=specs(),
    new=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    old=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=4),
)
def test_one_turn_either_grows_or_shrinks(spec, new, old):
    """One turn gives the new ReplicaSet a size within the limits, or makes old ones smaller."""
    new = make_rs(new[0], min(new))
    old = [make_rs(size, min(size, available)) for size, available in old]
    scales = rollout_rolling(spec, new, old)
    if scales and scales[0].replica_set is new:
        (scale,) = scales
        assert scale.replicas != new.replicas
        assert 0 <= scale.replicas <= spec.replicas
    else:
        sizes = {rs: rs.replicas for rs in old}
        for rs, replicas in scales:
            assert 0 <= replicas < sizes[rs]
            sizes[rs] = replicas


def test_unavailable_and_available_pods_go_in_one_turn():
    """A ReplicaSet appears twice: for its pods that are not available, then for others."""
    spec, new = make_spec(10, 3, 2), make_rs(5, 5)
    old = make_rs(8, 6)
    sizes = [scale.replicas for scale in reconcile_old_replica_sets(spec, new, [old])]
    assert sizes == [6, 3]


@pytest.mark.parametrize(
    ("oldest_available", "sizes"),
    [
        pytest.param(1, [1], id="what was written before stands"),
        pytest.param(2, [], id="nothing else is written"),
    ],
)
def test_a_status_that_lags_behind_ends_the_turn(oldest_available, sizes):
    """More available pods than were asked for: the controller waits for the newer status."""
    oldest, lagging = make_rs(2, oldest_available, created_at=0.0), make_rs(3, 5, created_at=1.0)
    scales, complete = cleanup_unhealthy_replicas([lagging, oldest], 4)
    assert ([scale.replicas for scale in scales], complete) == (sizes, False)
    new = make_rs(0)
    found = reconcile_old_replica_sets(make_spec(1, 1, 1), new, [lagging, oldest])
    assert [scale.replicas for scale in found] == sizes
