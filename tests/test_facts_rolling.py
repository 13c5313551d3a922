"""A rolling update takes the steps that Kubernetes 1.36 takes; facts files 01, 05 and 07."""

import pytest
from facts import facts, untested
from makers import make_rs, make_spec

from rollnb.cluster.rolling import (
    cleanup_unhealthy_replicas,
    new_replica_set_replicas,
    reconcile_new_replica_set,
    reconcile_old_replica_sets,
    resolve_surge,
    resolve_unavailable,
    rollout_rolling,
    scale_down_old_replica_sets_for_rolling_update,
    scaling_message,
)
from rollnb.int_or_percent import (
    parse_int_or_percent,
    percent_errors,
    resolve_percent,
    split_percent,
)


def spec_of(given):
    """Make the spec that a case describes."""
    return make_spec(given["deployment_replicas"], given["max_surge"], given["max_unavailable"])


def apply(scales):
    """Apply a turn's sizes; return the Events that the controller writes."""
    events = []
    for rs, replicas in scales:
        message = scaling_message(rs.name, rs.replicas, replicas)
        events.append(f"Normal ScalingReplicaSet {message}")
        rs.replicas = replicas
    return events


@pytest.mark.parametrize(("given", "expect"), facts("01", "reconcile_new_replica_set"))
def test_reconcile_new_replica_set(given, expect):
    """The new ReplicaSet grows as far as the surge allows, and shrinks to `replicas`."""
    new, old = make_rs(given["new_replicas"]), make_rs(given["old_replicas"])
    events = apply(reconcile_new_replica_set(spec_of(given), new, [old]))
    assert {"scaled": bool(events), "new_replicas_after": new.replicas} == expect


@pytest.mark.parametrize(("given", "expect"), facts("01", "reconcile_old_replica_sets"))
def test_reconcile_old_replica_sets(given, expect):
    """An old ReplicaSet shrinks as far as availability allows."""
    new = make_rs(given["new_replicas"], given["ready_pods_from_new_rs"])
    old = make_rs(given["old_replicas"], given["ready_pods_from_old_rs"])
    events = apply(reconcile_old_replica_sets(spec_of(given), new, [old]))
    assert {"scaled": bool(events), "old_replicas_after": old.replicas} == expect


@pytest.mark.parametrize(("given", "expect"), facts("01", "cleanup_unhealthy_replicas"))
def test_cleanup_unhealthy_replicas(given, expect):
    """Old pods that are not available go first."""
    old = make_rs(given["old_replicas"], given["available_pods"])
    scales, _ = cleanup_unhealthy_replicas([old], given["max_cleanup_count"])
    apply(scales)
    count = given["old_replicas"] - old.replicas
    assert {"cleanup_count": count, "old_replicas_after": old.replicas} == expect


@pytest.mark.parametrize(
    ("given", "expect"), facts("01", "scale_down_old_replica_sets_for_rolling_update")
)
def test_scale_down_old_replica_sets(given, expect):
    """Available old pods go as long as enough are left."""
    old = make_rs(given["old_replicas"], given["available_pods"])
    events = apply(scale_down_old_replica_sets_for_rolling_update(spec_of(given), [old], [old]))
    assert {"scaled": bool(events), "old_replicas_after": old.replicas} == expect


@pytest.mark.parametrize(("given", "expect"), facts("01", "reconcile_old_replica_sets_multi"))
def test_reconcile_several_old_replica_sets(given, expect):
    """Several old ReplicaSets shrink in the order of their age, and in the order written."""
    new = make_rs(given["new_rs"]["replicas"], given["new_rs"]["available"], "new", 1000.0)
    old = [
        make_rs(rs["replicas"], rs["available"], rs["name"], float(rs["creation_order"]))
        for rs in given["old_rs"]
    ]
    events = apply(reconcile_old_replica_sets(spec_of(given), new, old))
    assert {
        "scaled": bool(events),
        "replicas_after": {rs.name: rs.replicas for rs in [new, *old]},
        "events": events,
    } == expect


@pytest.mark.parametrize(("given", "expect"), facts("05", "rollout_trace"))
def test_rollout_trace(given, expect):
    """A whole rollout goes through the sizes of the real one, turn by turn."""
    spec = make_spec(given["replicas"], given["max_surge"], given["max_unavailable"])
    old = make_rs(given["replicas"], given["replicas"], "old", -1.0)
    new = make_rs(new_replica_set_replicas(spec, [old], 0), 0, "new")
    created_with, steps, events = new.replicas, [], []
    while True:
        seen = new.status_available
        scaled = rollout_rolling(spec, new, [old])
        events += apply(scaled)
        action = scaled[0].replica_set.name if scaled else "none"
        steps.append(
            {
                "action": action,
                "new": new.replicas,
                "new_available_seen": seen,
                "old": old.replicas,
            }
        )
        old.status_available = old.replicas
        if given["availability"] == "instant":
            new.status_available = new.replicas
        elif given["availability"] == "one_per_sync":
            new.status_available = min(new.status_available + 1, new.replicas)
        done = (old.replicas, new.replicas) == (0, spec.replicas)
        if not scaled and (done or new.status_available == seen):
            break
    assert {
        "resolved_surge": resolve_surge(spec),
        "resolved_unavailable": resolve_unavailable(spec),
        "new_rs_created_with": created_with,
        "steps": steps,
        "events": events,
        "final": {"old": old.replicas, "new": new.replicas},
    } == expect


def resolve(value, total, round_up):
    """Return the pods, and the error or None."""
    try:
        return resolve_percent(value, total, round_up=round_up), None
    except ValueError as error:
        return 0, str(error)


@pytest.mark.parametrize(("given", "expect"), facts("07", "scaled_value"))
def test_scaled_value(given, expect):
    """A percentage is rounded as asked; a string without a percent sign is refused."""
    value, error = resolve(given["value"], given["total"], given["round_up"])
    assert {"value": value, "error": error is not None} == expect


@pytest.mark.parametrize(("given", "expect"), facts("07", "scaled_value_grid", "scaled_value_int"))
def test_scaled_value_both_ways(given, expect):
    """A percentage is rounded up or down; a count is what it is."""
    up, error = resolve(given["value"], given["total"], True)
    down, _ = resolve(given["value"], given["total"], False)
    assert {"rounded_up": up, "rounded_down": down, "error": error} == expect


@pytest.mark.parametrize(("given", "expect"), facts("07", "scaled_value_bad_string"))
def test_scaled_value_bad_string(given, expect):
    """What is no percentage is refused with Go's words."""
    value, error = resolve(given["value"], given["total"], True)
    assert {"value": value, "error": error} == expect


@pytest.mark.parametrize(("given", "expect"), facts("07", "int_or_percent"))
def test_int_or_percent(given, expect):
    """A value is a count or a percentage, or it is refused."""
    try:
        (value, is_percent), error = split_percent(given["value"]), False
    except ValueError:
        value, is_percent, error = 0, False, True
    assert {"value": value, "is_percent": is_percent, "error": error} == expect


@pytest.mark.parametrize(("given", "expect"), facts("07", "parse", "parse_text"))
def test_parse(given, expect):
    """What is typed is a count if it is a number of 32 bits, else a text."""
    value = parse_int_or_percent(given["text"])
    kind = {"kind": "int" if isinstance(value, int) else "string"}
    assert kind | ({"value": value} if "value" in expect else {}) == expect


@pytest.mark.parametrize(("given", "expect"), facts("07", "is_valid_percent"))
def test_is_valid_percent(given, expect):
    """A percentage is written with digits and a percent sign, nothing else."""
    messages = percent_errors(given["value"])
    assert {"valid": not messages, "messages": messages} == expect


@pytest.mark.parametrize("prefix", ["01", "05", "07"])
def test_all_groups_are_tested(prefix):
    """No group of cases in these files is left out."""
    assert untested(prefix) == set()
