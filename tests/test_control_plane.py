"""How fast the control plane is: the limits of its clients, batches, and turns of controllers."""

import math

import pytest

from rollnb import Deployment, Image, simulate
from rollnb.cluster import MEASURED, Cluster, ControlPlane
from rollnb.cluster.clock import Clock
from rollnb.cluster.control_plane import Client, RateLimiter, WorkQueue

IDEAL = ControlPlane(requests_per_second=math.inf)


@pytest.mark.parametrize(
    ("asked_at", "sent_at"),
    [
        pytest.param([0.0] * 32, [0.0] * 30 + [0.05, 0.1], id="a burst of 30, then 20 a second"),
        pytest.param(
            [0.0] * 32 + [0.2], [0.0] * 30 + [0.05, 0.1, 0.2], id="what waits has paid already"
        ),
        pytest.param([0.0] * 60 + [1.5], None, id="nobody overtakes"),
        pytest.param(
            [0.0] * 30 + [1.0] * 21, [0.0] * 30 + [1.0] * 20 + [1.05], id="20 more a second later"
        ),
        pytest.param(
            [0.0] * 30 + [100.0] * 31, [0.0] * 30 + [100.0] * 30 + [100.05], id="30 at the most"
        ),
    ],
)
def test_rate_limiter(asked_at, sent_at):
    """A client may send 30 requests at once, and 20 a second from then on, in order."""
    limiter = RateLimiter(20.0, 30)
    actual = [limiter.reserve(now) for now in asked_at]
    if sent_at is None:
        assert actual == sorted(actual)
    else:
        assert actual == pytest.approx(sent_at)


def test_unlimited():
    """While a cluster is set up requests pass uncounted."""
    limiter = RateLimiter(20.0, 1)
    with limiter.unlimited():
        assert [limiter.reserve(0.0) for _ in range(50)] == [0.0] * 50
    assert [limiter.reserve(0.0) for _ in range(2)] == [0.0, 0.05]


def test_requests_side_by_side():
    """Requests of one batch are sent together; each has its effect when it has gone through."""
    clock = Clock()
    client = Client(clock, ControlPlane(burst=2, request_seconds=0.5), 0)
    effects = []
    waits = list(client.requests(lambda name: effects.append((clock.now, name)), ["a", "b", "c"]))
    while clock.next_time() is not None:
        clock.step()
    assert effects == [(0.5, "a"), (0.5, "b"), (0.55, "c")]
    assert waits == [0.55]


def test_a_key_waits_once():
    """A key asked for several times gets one turn; one asked for during its turn gets another."""
    clock = Clock()
    turns = []

    def turn(key):
        turns.append((clock.now, key))
        yield clock.now + 1.0

    queue = WorkQueue(clock, 0, 0.25, turn)
    for _ in range(3):
        queue.add("web")
    clock.step()
    queue.add("web")
    queue.add("web")
    while clock.next_time() is not None:
        clock.step()
    assert turns == [(0.25, "web"), (1.5, "web")]


def failing_queue(clock, failures):
    """Return a queue whose turns fail so often for each key, and the list of its turns."""
    turns = []

    def turn(key):
        turns.append((round(clock.now, 3), key))
        if sum(key == other for _, other in turns) <= failures:
            queue.add_rate_limited(key)
        else:
            queue.forget(key)
        return iter(())

    queue = WorkQueue(clock, 0, 0.0, turn)
    return queue, turns


def test_waits_double_until_a_turn_succeeds():
    """What fails is tried again after 5 ms, 10 ms, 20 ms; then the count begins anew."""
    clock = Clock()
    queue, turns = failing_queue(clock, failures=3)
    queue.add("web")
    while clock.next_time() is not None:
        clock.step()
    assert turns == [(0, "web"), (0.005, "web"), (0.015, "web"), (0.035, "web")]
    queue.add_rate_limited("web")
    assert clock.next_time() == pytest.approx(0.04)


def test_all_retries_of_a_queue_have_a_limit():
    """A hundred keys may fail at once; from then on ten a second are tried again."""
    clock = Clock()
    queue, turns = failing_queue(clock, failures=1)
    for key in range(102):
        queue.add(key)
    while clock.next_time() is not None:
        clock.step()
    assert [time for time, _ in turns[102:]] == [0.005] * 100 + [0.1, 0.2]


@pytest.mark.parametrize(
    ("control_plane", "first", "last"),
    [
        pytest.param(IDEAL, 0.0, 0.0, id="no limits"),
        # 100 pods, and before the last of them at most 25 Events, share the bucket: 30 at once.
        pytest.param(ControlPlane(), (100 - 30) / 20, (125 - 30) / 20, id="the real limits"),
    ],
)
def test_hundred_pods(control_plane, first, last):
    """A hundred pods take as long to create as the client's limits say."""
    run = simulate(
        Deployment("web", replicas=100, image="web:v1"),
        control_plane=control_plane,
        settled=False,
        until=30,
    )
    created = [pod.created_at for pod in run.cluster.pods]
    assert len(created) == 100
    assert first <= created[-1] <= last


def test_status_waits_for_the_batches():
    """A ReplicaSet's status is written once all its pods are created: the Deployment waits."""
    run = simulate(
        Deployment("web", replicas=100, image="web:v1", max_surge="100%", max_unavailable=0),
        [(0, "kubectl set image deployment web web=web:v2")],
        images=[Image("web:v1"), Image("web:v2", pull_seconds=0, start_seconds=0)],
    )
    created = [pod.created_at for pod in run.cluster.pods if pod.created_at >= 0]
    deleted = [pod.deleted_at for pod in run.cluster.pods if pod.deleted_at is not None]
    assert min(deleted) >= max(created) > 3.5


def test_latencies():
    """With measured latencies each step is some milliseconds later, and none is lost."""
    ideal, measured = (
        simulate(
            Deployment("web", replicas=4, image="web:v1"),
            [(0, "kubectl set image deployment web web=web:v2")],
            control_plane=plane,
        ).cluster.pods
        for plane in (IDEAL, MEASURED)
    )
    assert len(ideal) == len(measured)
    late = [b.created_at - a.created_at for a, b in zip(ideal, measured, strict=True)][4:]
    assert all(0.005 < seconds < 0.3 for seconds in late)


def test_clients_have_buckets_of_their_own():
    """What one controller sends does not slow another down."""
    cluster = Cluster(control_plane=ControlPlane(requests_per_second=1.0, burst=3))
    cluster.apply(Deployment("web", replicas=5, image="web:v1"))
    cluster.run(0.0)
    # Three pods at once; the Deployment's own writes have not used up that burst.
    assert len(cluster.pods) == 3
