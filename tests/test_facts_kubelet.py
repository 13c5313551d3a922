"""Back-offs, termination, endpoints, constants and texts are Kubernetes 1.36's; facts file 16.

What the product has no use for, and is here only so that the rule is written down:

- ``image_pull_policy``: images are missing or there, nothing else happens to them;
- the alpha back-off, ``in_legacy_endpoints_object``, constants of the endpoint slice controller
  and retries of the others: off by default, or not modelled.
"""

import itertools

import pytest
from facts import facts, untested

from rollnb.cluster import constants, lifecycle
from rollnb.cluster.conditions import (
    AVAILABLE_TEXTS,
    FAILED_RS_CREATE,
    PROGRESSING_TEXTS,
    available_condition,
    progressing_condition,
)
from rollnb.cluster.rolling import scaling_message
from rollnb.spec import Probe

# ------------------------------------------------------------------------------------ image pulls


@pytest.mark.parametrize(("given", "expect"), facts("16", "image_pull_backoff"))
def test_image_pull_backoff(given, expect):
    """A failed pull is tried again after waits that double, with its reasons and texts."""
    found = {}
    if "consecutive_pull_failures" in given:
        failures = given["consecutive_pull_failures"]
        waits = [lifecycle.pull_backoff_seconds(number) for number in failures]
        found["wait_seconds_after_each"] = waits
    image, error = given.get("image", "web:bad"), given.get("pull_error", "not found")
    failed, waiting, over = (
        lifecycle.pull_waiting(image, error, 1, seconds) for seconds in (0.0, 1.0, 10.0)
    )
    if "image" in given:
        found |= dict([failed, waiting])
        found["events"] = list(lifecycle.pull_events(image, error))
    elif "after_a_failed_pull" in expect:
        found["after_a_failed_pull"] = failed[0]
        found["next_pod_sync_inside_the_window"] = waiting[0]
        assert over is None  # "a new pull is tried"
        found["window_over"] = expect["window_over"]
    assert found == expect


@pytest.mark.parametrize(("given", "expect"), facts("16", "image_pull_policy"))
def test_image_reasons(given, expect):
    """Other reasons for a container to wait for its image have their own words."""
    assert expect == lifecycle.IMAGE_REASONS


# ---------------------------------------------------------------------------------------- crashes

GATES = {
    None: lifecycle.CRASH_LOOP_BACK_OFF,
    "ReduceDefaultCrashLoopBackOffDecay": lifecycle.REDUCED_CRASH_LOOP_BACK_OFF,
}


@pytest.mark.parametrize(("given", "expect"), facts("16", "crash_loop_backoff"))
def test_crash_loop_backoff(given, expect):
    """A crashed container is started at once, then after waits that double up to a limit."""
    if "container" in given:
        reason, message = lifecycle.crash_waiting(
            given["container"], given["pod"], given["delay_seconds"]
        )
        event = lifecycle.crash_event(given["container"], given["pod"])
        assert {"reason": reason, "message": message, "event": event} == expect
        return
    back_off = GATES[given.get("gate")]
    waits = [lifecycle.crash_backoff_seconds(None, 1.0, back_off)]
    for _ in range(10):
        waits.append(lifecycle.crash_backoff_seconds(waits[-1], 1.0, back_off))
    assert waits[0] == 0.0  # "at once (no entry yet)"
    factor, maximum = expect.get("factor", 2), expect["max_seconds"]
    assert waits[1] == expect["initial_seconds"]
    for wait, following in itertools.pairwise(waits[1:]):
        assert following == min(factor * wait, maximum)
    if "reset_when_container_ran_longer_than_seconds" in expect:
        limit = expect["reset_when_container_ran_longer_than_seconds"]
        assert lifecycle.crash_backoff_seconds(maximum, limit, back_off) == maximum
        assert lifecycle.crash_backoff_seconds(maximum, limit + 0.1, back_off) == 0.0


@pytest.mark.parametrize(("given", "expect"), facts("16", "kubelet"))
def test_kubelet_periods(given, expect):
    """The kubelet looks at its pods in these periods."""
    assert expect == constants.KUBELET


# ------------------------------------------------------------------------------------ termination


@pytest.mark.parametrize(("given", "expect"), facts("16", "termination"))
def test_termination(given, expect):
    """The preStop hook takes its time out of the grace period; two seconds are always left."""
    if "steps" in expect:
        words = ["deletionTimestamp", "preStop", "SIGTERM", "SIGKILL", "pod object removed"]
        order = [next(w for w in words if step.startswith(w)) for step in expect["steps"]]
        assert order == words
        sigterm_at, sigkill_at = lifecycle.termination_plan(30, 5)
        assert 0 < sigterm_at < sigkill_at
        return
    if "wins_over" in expect:
        assert lifecycle.termination_grace_seconds(30, 5) == 5
        assert lifecycle.termination_grace_seconds(30) == 30
        return
    grace, pre_stop = given["termination_grace_period_seconds"], given["pre_stop_seconds"]
    plan = lifecycle.termination_plan(grace, pre_stop)
    assert {
        "pre_stop_runs": lifecycle.runs_pre_stop(grace, pre_stop),
        "sigterm_at_seconds": plan.sigterm_at,
        "sigkill_at_seconds_at_latest": plan.sigkill_at,
    } == expect


# -------------------------------------------------------------------------------------- endpoints


@pytest.mark.parametrize(("given", "expect"), facts("16", "endpoint"))
def test_endpoint(given, expect):
    """A pod's endpoint is ready, serving and terminating as in a real EndpointSlice."""
    publish = given["publish_not_ready_addresses"]
    found = lifecycle.endpoint(
        given["phase"],
        ready=given["pod_ready_condition"],
        terminating=given["terminating_pod"],
        publish_not_ready=publish,
        has_ip=given["has_ip"],
    )
    in_object = lifecycle.in_endpoints_object(found, publish_not_ready=publish)
    ready, serving, terminating = found or (None, None, None)
    assert {
        "in_slice": found is not None,
        "ready": ready,
        "serving": serving,
        "terminating": terminating,
        "in_legacy_endpoints_object": in_object,
    } == expect


# -------------------------------------------------------------------------------------- constants


@pytest.mark.parametrize(("given", "expect"), facts("16", "probes"))
def test_probe_defaults(given, expect):
    """A probe that says nothing else is the API server's."""
    probe = Probe()
    assert {name: getattr(probe, name) for name in expect} == expect


TABLES = [
    constants.REPLICA_SET_CONTROLLER,
    constants.DEPLOYMENT_CONTROLLER,
    constants.DAEMON_SET_CONTROLLER,
    constants.ENDPOINT_SLICE_CONTROLLER,
    constants.CONTROLLER_CLIENT,
]


@pytest.mark.parametrize(("given", "expect"), facts("16", "constants"))
def test_constants(given, expect):
    """Every component has the numbers of its source."""
    assert expect in TABLES


@pytest.mark.parametrize(("given", "expect"), facts("16", "feature gates"))
def test_feature_gates(given, expect):
    """The gates that matter stand as they do by default."""
    assert expect == constants.FEATURE_GATES


# ------------------------------------------------------------------------------------------ texts


@pytest.mark.parametrize(("given", "expect"), facts("16", "condition messages"))
def test_condition_messages(given, expect):
    """Conditions have the status and the text of their reason."""
    if "new_rs" not in given:
        conditions = {reason: available_condition(reason, 0.0) for reason in AVAILABLE_TEXTS}
        assert {reason: [c.status, c.message] for reason, c in conditions.items()} == expect
        return
    names = {"replica_set": given["new_rs"], "deployment": given["deployment"]}
    conditions = {r: progressing_condition(r, 0.0, **names) for r in PROGRESSING_TEXTS}
    messages = {r: c.message for r, c in conditions.items() if r != FAILED_RS_CREATE}
    assert messages | {"status": {r: c.status for r, c in conditions.items()}} == expect


@pytest.mark.parametrize(("given", "expect"), facts("16", "events"))
def test_scaling_events(given, expect):
    """Scaling is reported with the size before and after."""
    rs, before, after = given["rs"], given["from"], given["to"]
    assert {
        "up": scaling_message(rs, before, after),
        "down": scaling_message(rs, after, before),
        "created": scaling_message(rs, 0, before),
    } == expect


def test_all_groups_are_tested():
    """No group of cases in this file is left out."""
    assert untested("16") == set()
