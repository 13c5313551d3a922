import pytest
from makers import make_pod, make_rs, make_spec

from rollnb.cluster.recreate import (
    old_pods_running,
    scale_down_old_replica_sets_for_recreate,
    scale_up_new_replica_set_for_recreate,
)
from rollnb.cluster.rolling import Scale


def test_old_replica_sets_go_to_zero():
    """All old ReplicaSets with pods are scaled down in one turn."""
    old = [make_rs(3), make_rs(0), make_rs(1)]
    scales = scale_down_old_replica_sets_for_recreate(old)
    assert scales == [Scale(old[0], 0), Scale(old[2], 0)]


@pytest.mark.parametrize(
    ("phase", "of_new", "expected"),
    [
        pytest.param("Running", False, True, id="an old pod, terminating or not"),
        pytest.param("Failed", False, False, id="an old pod that has ended"),
        pytest.param("Running", True, False, id="a new pod"),
    ],
)
def test_old_pods_running(phase, of_new, expected):
    """New pods wait until the last old one has ended."""
    new, old = make_rs(), make_rs()
    pod = make_pod(new if of_new else old, phase=phase, deleted_at=1.0)
    assert old_pods_running(new, [old], [pod]) == expected


def test_new_replica_set_gets_its_full_size():
    """Recreate starts all new pods at once."""
    new, spec = make_rs(0), make_spec(5, strategy="Recreate")
    assert scale_up_new_replica_set_for_recreate(spec, new) == [Scale(new, 5)]
    assert scale_up_new_replica_set_for_recreate(spec, make_rs(5)) == []
