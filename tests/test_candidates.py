"""The pods that go first are found without looking at all of them: the same ones."""

import random

import pytest
from makers import make_pod, make_rs

from rollnb.cluster.candidates import Candidates
from rollnb.cluster.replicaset import POD_DELETION_COST, pods_to_delete


def make_pods(rng, number):
    """Make ready pods of a few ages, on a few nodes; some have been restarted."""
    rs = make_rs()
    return [
        make_pod(
            rs,
            uid=f"{rng.getrandbits(32):08x}",
            node=f"node-{rng.randrange(3)}",
            created_at=rng.choice([0.0, 0.5, 7.0, 90.0]),
            ready_at=100.0 + rng.choice([0.0, 0.25, 3.0, 10.5, 11.0, 40.0]),
            restarts=rng.choice([0, 0, 0, 1]),
            annotations=rng.choice([{}, {}, {}, {POD_DELETION_COST: "-1"}]),
        )
        for _ in range(number)
    ]


@pytest.mark.parametrize("seed", range(30))
def test_same_as_by_looking_at_all(seed):
    """Whatever their ages and nodes, the pods chosen are those that the rules name."""
    rng = random.Random(seed)
    pods = make_pods(rng, rng.randrange(2, 40))
    candidates = Candidates()
    for pod in pods:
        candidates.add(pod)
    while len(pods) > 1:
        on_node = {f"node-{i}": rng.randrange(5) for i in range(3)}
        count = rng.randrange(1, len(pods))
        chosen = candidates.choose(on_node, count, 150.0)
        assert chosen == pods_to_delete(pods, on_node, count, 150.0)
        for pod in chosen:
            pod.deleted_at = 150.0
            pods.remove(pod)


def test_pods_that_came_back():
    """A pod that was not ready for a while counts once, with its new age."""
    first, second = make_pods(random.Random(1), 2)
    candidates = Candidates()
    for pod in (first, second, first):
        candidates.add(pod)
    assert set(candidates.choose({}, 2, 150.0)) == {first, second}
    first.ready_at = second.ready_at + 1000.0
    candidates.add(first)
    assert candidates.choose({}, 1, 2000.0) == pods_to_delete([first, second], {}, 1, 2000.0)


def test_pods_that_are_gone():
    """Pods that are deleted or not ready any more are forgotten."""
    pods = make_pods(random.Random(2), 6)
    candidates = Candidates()
    for pod in pods:
        candidates.add(pod)
    pods[0].deleted_at = 120.0
    pods[1].ready = False
    assert set(candidates.choose({}, 4, 150.0)) == set(pods[2:])
