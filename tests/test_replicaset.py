import random

import pytest
from makers import make_pod

from rollnb.cluster.availability import is_available
from rollnb.cluster.replicaset import (
    POD_DELETION_COST,
    deletion_cost,
    deletion_keys,
    logarithmic_age,
    pods_to_add,
    pods_to_delete,
    slow_start_batches,
)


@pytest.mark.parametrize(
    ("replicas", "active", "expected"),
    [
        pytest.param(10, 7, 3, id="create"),
        pytest.param(7, 10, -3, id="delete"),
        pytest.param(2000, 0, 500, id="at most 500 created"),
        pytest.param(0, 2000, -500, id="at most 500 deleted"),
    ],
)
def test_pods_to_add(replicas, active, expected):
    """One turn makes up the difference, within the burst limit."""
    assert pods_to_add(replicas, active) == expected


def test_slow_start_batches():
    """Batches double, and the last one takes what is left."""
    assert list(slow_start_batches(20)) == [1, 2, 4, 8, 5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5", 5), ("-7", -7), ("+5", 0), ("05", 0), ("x", 0), ("", 0), ("2147483648", 0)],
)
def test_deletion_cost(text, expected):
    """A cost that is not written as the API server wants it does not count."""
    assert deletion_cost({POD_DELETION_COST: text}) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(None, -2, id="unknown"),
        pytest.param(0, -1, id="none yet"),
        pytest.param(8, 32, id="up to 8.6 s"),
        pytest.param(9, 33, id="up to 17.2 s"),
    ],
)
def test_logarithmic_age(age, expected):
    """Ages are compared by powers of two."""
    assert logarithmic_age(None if age is None else 100.0 - age, 100.0) == expected


def test_young_pods_go_first_then_unique_ids_decide():
    """Among pods of about one age it is chance, in the form of the unique id, who goes."""
    ready = {"b": 10.0, "a": 11.0, "c": 60.0, "d": 63.0}
    pods = [
        make_pod(uid=uid, ready_at=ready_at, created_at=0.0, node="node")
        for uid, ready_at in ready.items()
    ]
    order = pods_to_delete(pods, {"node": 4}, 3, 72.0)
    assert [pod.uid for pod in order] == ["c", "d", "a"]


def test_pods_of_one_second_go_by_restarts():
    """Pods that became ready in one second: the one that was restarted goes."""
    pods = [
        make_pod(uid=uid, ready_at=10.0 + offset, created_at=0.0, node="node", restarts=restarts)
        for uid, offset, restarts in (("a", 0.1, 0), ("b", 0.4, 2), ("c", 0.9, 0))
    ]
    assert [pod.uid for pod in pods_to_delete(pods, {}, 1, 100.0)] == ["b"]


@pytest.mark.parametrize("seed", range(20))
def test_choosing_few_is_the_beginning_of_sorting_all(seed):
    """Looking only at pods that do not work, where there are enough, changes nothing."""
    rng = random.Random(seed)
    pods = []
    for _ in range(12):
        works = rng.random() < 0.5
        node = f"node-{rng.randrange(3)}" if works or rng.random() < 0.7 else None
        since = float(rng.randrange(90)) if works else None
        pods.append(
            make_pod(
                phase="Running" if works else rng.choice(["Pending", "Running"]),
                ready=works,
                ready_at=since,
                node=node,
                uid=f"{rng.random()}",
                restarts=rng.randrange(2),
            )
        )
    related = {f"node-{number}": rng.randrange(5) for number in range(3)}
    keys = deletion_keys(pods, [related.get(pod.node, 0) for pod in pods], 100.0)
    order = [pods[i] for i in sorted(range(len(pods)), key=keys.__getitem__)]
    for count in range(len(pods)):
        assert pods_to_delete(pods, related, count, 100.0) == order[:count]


@pytest.mark.parametrize(
    ("ready", "since", "minimum", "expected"),
    [
        pytest.param(False, 0.0, 0, False, id="not ready"),
        pytest.param(True, None, 0, True, id="nothing to wait for"),
        pytest.param(True, None, 1, False, id="an unknown time is never over"),
        pytest.param(True, 90.0, 10, True, id="just now"),
        pytest.param(True, 91.0, 10, False, id="not yet"),
    ],
)
def test_is_available(ready, since, minimum, expected):
    """A pod is available once it has been ready for so long."""
    assert is_available(ready, since, minimum, 100.0) == expected
