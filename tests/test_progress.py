import pytest
from makers import describe, make_condition, make_rs, make_spec

from rollnb.cluster.conditions import PROGRESSING, get_condition
from rollnb.cluster.progress import (
    Status,
    calculate_status,
    new_replica_set_conditions,
    paused_conditions,
    sync_conditions,
)
from rollnb.spec import NO_LIMIT


@pytest.mark.parametrize(
    ("paused", "reason", "expected"),
    [
        pytest.param(True, "ReplicaSetUpdated", "DeploymentPaused", id="paused"),
        pytest.param(True, "DeploymentPaused", None, id="still paused"),
        pytest.param(False, "DeploymentPaused", "DeploymentResumed", id="resumed"),
        pytest.param(False, "DeploymentResumed", None, id="resumed before"),
        pytest.param(True, "ProgressDeadlineExceeded", None, id="a timeout stays visible"),
    ],
)
def test_paused_conditions(paused, reason, expected):
    """A pause and its end show in the condition Progressing, with the status Unknown."""
    before = [make_condition(reason=reason)]
    after = paused_conditions(make_spec(paused=paused), before, 5.0)
    if expected is None:
        assert after is before
    else:
        found = get_condition(after, PROGRESSING)
        assert (found.status, found.reason) == ("Unknown", expected)


@pytest.mark.parametrize(
    ("conditions", "created", "expected"),
    [
        pytest.param([], True, ["NewReplicaSetCreated"], id="created"),
        pytest.param([], False, ["FoundNewReplicaSet"], id="found"),
        pytest.param(["NewReplicaSetAvailable"], False, None, id="finding it again is no news"),
        pytest.param(
            ["NewReplicaSetAvailable"], True, ["NewReplicaSetCreated"], id="the next rollout"
        ),
    ],
)
def test_new_replica_set_conditions(conditions, created, expected):
    """A new ReplicaSet begins a rollout whose progress is watched."""
    before = [make_condition(reason=reason) for reason in conditions]
    after = new_replica_set_conditions(make_spec(), before, "web-1", 5.0, created=created)
    assert [c.reason for c in after] == (conditions if expected is None else expected)
    assert (after is before) == (expected is None)


def test_every_step_forward_starts_the_deadline_anew():
    """Progress with the same reason updates the condition, but not its transition."""
    before = [
        make_condition("Available", "True", "MinimumReplicasAvailable"),
        make_condition(reason="ReplicaSetUpdated", since=1.0),
    ]
    new = make_rs(3, 2, "web-1")
    status = Status(10, 3, 9, 9, 1)
    after = sync_conditions(make_spec(), Status(10, 2, 9, 9, 1), status, new, before, 7.5, 7.0)
    found = get_condition(after, PROGRESSING)
    assert (found.last_update_at, found.last_transition_at) == (7.0, 1.0)
    assert found.message == 'ReplicaSet "web-1" is progressing.'
    again = sync_conditions(make_spec(), status, status, new, after, 8.5, 8.0)
    assert again is after


def test_no_deadline_no_progress():
    """Without a deadline there is no condition Progressing."""
    spec = make_spec(progress_deadline_seconds=NO_LIMIT)
    new = make_rs(10, 10)
    before = [
        make_condition("Available", "True", "MinimumReplicasAvailable"),
        make_condition(reason="ReplicaSetUpdated"),
    ]
    status = calculate_status(spec, [new], new)
    after = sync_conditions(spec, Status(), status, new, before, 5.0, 5.0)
    assert [condition.type for condition in after] == ["Available"]


def test_failure_of_the_new_replica_set_comes_first():
    """A ReplicaSet that cannot create pods makes its Deployment fail, until it can."""

    def failing(message):
        return make_rs(
            conditions=[make_condition("ReplicaFailure", "True", "FailedCreate", message=message)]
        )

    old, new = failing("old"), failing("new")
    spec, status = make_spec(0), Status()
    after = sync_conditions(spec, status, status, new, [], 5.0, 5.0, [old, new])
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
    assert describe(after)[-1] == failure | {"message": "new"}
    healthy = make_rs()
    after = sync_conditions(spec, status, status, healthy, after, 6.0, 6.0, [healthy])
    assert get_condition(after, "ReplicaFailure") is None
