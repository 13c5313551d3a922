import pytest
from makers import make_rs, make_spec

from rollnb.cluster.rolling import Scale
from rollnb.cluster.scaling import is_scaling_event, scale


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([(5, 10)], False, id="sized for this number"),
        pytest.param([(5, 8)], True, id="sized for another"),
        pytest.param([(0, 8)], False, id="an empty ReplicaSet does not count"),
        pytest.param([(5, 0)], False, id="nothing is noted"),
        pytest.param([(5, 10), (5, 12)], True, id="one of several is enough"),
    ],
)
def test_is_scaling_event(sizes, expected):
    """A Deployment is scaled when an active ReplicaSet was sized for another number."""
    sets = [make_rs(replicas, desired_replicas=desired) for replicas, desired in sizes]
    assert is_scaling_event(make_spec(10), sets) == expected


def test_only_active_replica_set_gets_all():
    """A single active ReplicaSet takes the whole size, be it the new one or an old one."""
    new, old = make_rs(0), make_rs(3)
    assert scale(make_spec(7), new, [old]) == [Scale(old, 7)]


def test_without_active_ones_the_newest_gets_all():
    """A Deployment scaled up from zero begins with its newest ReplicaSet."""
    older, newer = make_rs(0, created_at=1.0), make_rs(0, created_at=2.0)
    assert scale(make_spec(7), None, [newer, older]) == [Scale(newer, 7)]
    assert scale(make_spec(7), None, []) == []


def test_saturated_new_replica_set_ends_the_old_ones():
    """With all new pods available, the old ReplicaSets go, the newest of them first."""
    new = make_rs(4, 4, desired_replicas=4)
    older, newer = make_rs(1, created_at=1.0), make_rs(2, created_at=2.0)
    assert scale(make_spec(4), new, [older, newer]) == [Scale(newer, 0), Scale(older, 0)]


def test_unchanged_size_is_written_for_its_notes():
    """A ReplicaSet whose share stays is written all the same if its notes are out of date."""
    new = make_rs(2, desired_replicas=4, max_replicas=5)
    old = make_rs(3, desired_replicas=3, max_replicas=4)
    assert scale(make_spec(4), new, [old]) == [Scale(old, 3)]


def test_recreate_does_not_share():
    """Recreate has nothing to share in proportion."""
    spec = make_spec(9, strategy="Recreate")
    assert scale(spec, make_rs(2, desired_replicas=4), [make_rs(3, desired_replicas=4)]) == []
