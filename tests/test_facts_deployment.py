"""The Deployment controller decides as Kubernetes 1.36 does; facts files 02, 03 and 04.

What the product has no use for: ``replicas_annotation_parse``, since the sizes that a ReplicaSet
notes are numbers here, not text.
"""

from datetime import datetime

import pytest
from facts import facts, untested
from makers import describe, make_condition, make_pod, make_rs, make_spec, seconds_between

from rollnb.cluster.conditions import (
    AVAILABLE,
    PROGRESSING,
    get_condition,
    remove_condition,
    set_condition,
)
from rollnb.cluster.history import (
    filter_active_replica_sets,
    find_new_replica_set,
    find_old_replica_sets,
    parse_replicas_annotation,
    replica_sets_to_clean_up,
    replicas_annotations_need_update,
)
from rollnb.cluster.progress import (
    PROGRESS_CHECK_EXTRA_SECONDS,
    Status,
    available_conditions,
    calculate_status,
    deployment_complete,
    deployment_progressing,
    deployment_timed_out,
    seconds_until_stuck,
    sync_conditions,
)
from rollnb.cluster.recreate import (
    old_pods_running,
    scale_down_old_replica_sets_for_recreate,
)
from rollnb.cluster.rolling import (
    min_available,
    new_replica_set_replicas,
    resolve_surge,
    resolve_unavailable,
    scaling_message,
)
from rollnb.cluster.scaling import (
    replica_set_fraction,
    replica_set_proportion,
    scale,
)
from rollnb.spec import resolve_fenceposts

# --------------------------------------------------------------------------------------- budgets


def fenceposts(given):
    """Return surge, unavailable and the error, if any."""
    try:
        surge, unavailable = resolve_fenceposts(
            given["max_surge"], given["max_unavailable"], given["desired"]
        )
    except ValueError as error:
        return {"surge": 0, "unavailable": 0, "error": str(error)}
    return {"surge": surge, "unavailable": unavailable, "error": None}


@pytest.mark.parametrize(("given", "expect"), facts("02", "resolve_fenceposts"))
def test_resolve_fenceposts(given, expect):
    """Both limits become pods; at least one pod may always be replaced."""
    found = fenceposts(given)
    assert found | {"error": found["error"] is not None} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "resolve_fenceposts_bad_strings"))
def test_resolve_fenceposts_bad_strings(given, expect):
    """What is no percentage is refused with Go's words."""
    assert fenceposts(given) == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "resolve_fenceposts_grid"))
def test_resolve_fenceposts_grid(given, expect):
    """The budgets follow from both limits."""
    spec = make_spec(given["desired"], given["max_surge"], given["max_unavailable"])
    assert (
        fenceposts(given)
        | {
            "max_surge_resolved": resolve_surge(spec),
            "max_unavailable_resolved": resolve_unavailable(spec),
            "min_available": min_available(spec),
        }
        == expect
    )


def spec_of(given):
    """Make the spec from a case's spec in the shape of the API."""
    strategy = given["spec"]["strategy"]
    return make_spec(
        given["spec"].get("replicas", 0),
        strategy=strategy["type"],
        **strategy.get("rolling_update", {}),
    )


@pytest.mark.parametrize(("given", "expect"), facts("02", "max_unavailable"))
def test_max_unavailable(given, expect):
    """No more pods may be missing than there are; Recreate has no such budget."""
    assert {"max_unavailable": resolve_unavailable(spec_of(given))} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "min_available"))
def test_min_available(given, expect):
    """What has to stay available is never below zero; Recreate keeps nothing."""
    assert {"min_available": min_available(spec_of(given))} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "new_rs_new_replicas"))
def test_new_replica_set_replicas(given, expect):
    """A rolling update fills the surge, Recreate takes all; here the new set is not counted."""
    spec = make_spec(
        given["dep_replicas"],
        given["max_surge"],
        given["max_unavailable"],
        given["strategy_type"],
    )
    old = [make_rs(replicas) for replicas in given["old_rs_replicas"]]
    found = new_replica_set_replicas(spec, old, given["new_rs_replicas"])
    assert {"new_replicas": found} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "new_rs_new_replicas_random"))
def test_new_replica_set_replicas_random(given, expect):
    """The new set grows by what the surge leaves, never beyond `replicas`."""
    spec = make_spec(given["deployment_replicas"], given["max_surge"])
    sizes = [*given["old_rs_replicas"], given["new_rs_replicas"]]
    found = new_replica_set_replicas(spec, [make_rs(n) for n in sizes], sizes[-1])
    assert {"new_replicas": found} == expect


# -------------------------------------------------------------------------------- status, progress


def status_of(given):
    """Make a status from a case's."""
    return Status(
        given["replicas"],
        given["updated_replicas"],
        given.get("ready_replicas", 0),
        given["available_replicas"],
    )


@pytest.mark.parametrize(("given", "expect"), facts("02", "deployment_complete"))
def test_deployment_complete(given, expect):
    """Complete means: all pods new and available, no old ones."""
    status = status_of(given | {"replicas": given["status_replicas"]})
    assert {"complete": deployment_complete(make_spec(given["spec_replicas"]), status)} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "deployment_progressing"))
def test_deployment_progressing(given, expect):
    """Progress is a count that moved forward."""
    found = deployment_progressing(status_of(given["old_status"]), status_of(given["new_status"]))
    assert {"progressing": found} == expect


def condition_of(given, start):
    """Make a condition from a case's, with times in seconds after `start`."""
    times = {
        ours: seconds_between(start, given[theirs])
        for ours, theirs in (
            ("last_update_at", "last_update_time"),
            ("last_transition_at", "last_transition_time"),
        )
        if theirs in given
    }
    return make_condition(given["type"], given["status"], given.get("reason", ""), **times)


@pytest.mark.parametrize(("given", "expect"), facts("02", "deployment_timed_out"))
def test_deployment_timed_out(given, expect):
    """The deadline runs from the last update of Progressing; a finished rollout has none."""
    spec = make_spec(progress_deadline_seconds=given["progress_deadline_seconds"])
    start = given["condition"].get("last_update_time")
    now = seconds_between(start, given["now"]) if start and given["now"] else 0.0
    found = deployment_timed_out(spec, condition_of(given["condition"], start), now)
    assert {"timed_out": found} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "replica_counts"))
def test_replica_counts(given, expect):
    """Counts are sums over ReplicaSets; one that hides its terminating pods hides the sum."""
    sets = [
        make_rs(
            rs["spec_replicas"],
            status_replicas=rs["status_replicas"],
            status_terminating=rs["terminating_replicas"],
            observed_generation=rs["observed_generation"],
        )
        for rs in given["replica_sets"]
    ]
    status = calculate_status(make_spec(), sets, None)
    assert {
        "spec_count": status.available + status.unavailable,
        "status_count": status.replicas,
        "terminating_count": status.terminating,
    } == expect


@pytest.mark.parametrize(("given", "expect"), facts("03", "deployment_status"))
def test_deployment_status(given, expect):
    """The status adds up the ReplicaSets' and says whether enough pods are available."""
    spec = make_spec(given["deployment_replicas"], given["max_surge"], given["max_unavailable"])
    sets = [
        make_rs(
            rs["spec_replicas"],
            rs["available_replicas"],
            rs["name"],
            status_replicas=rs["status_replicas"],
            status_ready=rs["ready_replicas"],
        )
        for rs in given["replica_sets"]
    ]
    new = [rs for rs, about in zip(sets, given["replica_sets"], strict=True) if about["is_new"]]
    status = calculate_status(spec, sets, new[0] if new else None)
    available = get_condition(available_conditions(spec, status, [], 0.0), AVAILABLE)
    assert {
        "replicas": status.replicas,
        "updated_replicas": status.updated,
        "ready_replicas": status.ready,
        "available_replicas": status.available,
        "unavailable_replicas": status.unavailable,
        "available_status": available.status,
        "available_reason": available.reason,
        "available_message": available.message,
    } == expect


@pytest.mark.parametrize(("given", "expect"), facts("04", "requeue_stuck_deployment"))
def test_requeue_stuck_deployment(given, expect):
    """A Deployment without news is looked at again one second after its deadline."""
    spec = make_spec(
        given["spec_replicas"], progress_deadline_seconds=given["progress_deadline_seconds"]
    )
    starts = [c["last_update_time"] for c in given["conditions"] if "last_update_time" in c]
    start = starts[0] if starts else given["now"]
    now = seconds_between(start, given["now"]) if given["now"] else 0.0
    conditions = [condition_of(condition, start) for condition in given["conditions"]]
    after = seconds_until_stuck(spec, conditions, status_of(given["new_status"]), now)
    requeue = "never" if after is None else "after" if after else "now_rate_limited"
    assert {
        "requeue": requeue,
        "check_in_seconds": after,
        "queue_delay_seconds": after + PROGRESS_CHECK_EXTRA_SECONDS if after else None,
    } == expect


def rs_of(given):
    """Make a ReplicaSet from a case's; None stays None."""
    if given is None:
        return None
    return make_rs(
        given["spec_replicas"],
        given.get("available_replicas", 0),
        given["name"],
        status_replicas=given["status_replicas"],
        status_ready=given.get("ready_replicas", 0),
    )


@pytest.mark.parametrize(("given", "expect"), facts("04", "sync_rollout_status"))
def test_sync_rollout_status(given, expect):
    """The condition Progressing changes, and keeps its times, as the real one does.

    Where a case says that a time is not kept, Kubernetes' own table only leaves the time open: one
    row does so although a row like it, with a ReplicaSet to name, keeps the time of transition.
    What is tested there is the rule: the transition is as old as the status.
    """
    spec = make_spec(
        given["spec_replicas"], progress_deadline_seconds=given["progress_deadline_seconds"]
    )
    times = [c["last_update_time"] for c in given["conditions"] if "last_update_time" in c]
    start = times[0] if times else "2017-01-01T00:00:00Z"
    now = (datetime(2026, 1, 2) - datetime.fromisoformat(start[:-1])).total_seconds()
    before = [condition_of(condition, start) for condition in given["conditions"]]
    new, old = rs_of(given["new_rs"]), [rs_of(rs) for rs in given["old_rs"]]
    sets = [*old, *([new] if new else [])]
    new_status = calculate_status(spec, sets, new)
    after = sync_conditions(
        spec, status_of(given["old_status"]), new_status, new, before, now, now, sets
    )
    was = get_condition(before, PROGRESSING)
    found = get_condition(after, expect["condition_type"])
    assert found.status == expect["condition_status"]
    assert found.reason == expect["condition_reason"]
    if expect["last_update_kept"]:
        assert found.last_update_at == was.last_update_at
    if expect["last_transition_kept"]:
        assert found.last_transition_at == was.last_transition_at
    same_status = was is not None and was.status == found.status
    assert found.last_transition_at == (was.last_transition_at if same_status else now)


# -------------------------------------------------------------------------------------- conditions


def conditions_of(status):
    """Make the conditions of a case's status."""
    return [make_condition(**condition) for condition in status.get("conditions", [])]


def as_status(conditions):
    """Return conditions as the status of a case."""
    return {"conditions": describe(conditions)} if conditions else {}


@pytest.mark.parametrize(("given", "expect"), facts("02", "get_condition"))
def test_get_condition(given, expect):
    """A condition is found by its type."""
    found = get_condition(conditions_of(given["status"]), given["cond_type"])
    assert {"expected": found is not None} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "set_condition"))
def test_set_condition(given, expect):
    """A condition takes the place of the one of its type, at the end of the list."""
    after = set_condition(conditions_of(given["status"]), make_condition(**given["cond"]))
    assert as_status(after) == expect["expected_status"]


@pytest.mark.parametrize(("given", "expect"), facts("02", "remove_condition"))
def test_remove_condition(given, expect):
    """A condition is removed by its type; the others keep their order."""
    after = remove_condition(conditions_of(given["status"]), given["cond_type"])
    assert as_status(after) == expect["expected_status"]


# ---------------------------------------------------------------------------------------- scaling


@pytest.mark.parametrize(("given", "expect"), facts("02", "replica_set_fraction"))
def test_replica_set_fraction(given, expect):
    """A ReplicaSet's share follows from the size it was made for."""
    spec = make_spec(given["deployment_replicas"], given["deployment_max_surge"])
    rs = make_rs(given["rs_replicas"], max_replicas=int(given["max_replicas_annotation"] or 0))
    found = replica_set_fraction(spec, rs, given["deployment_status_replicas"])
    assert {"fraction": found} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "replica_set_proportion_random"))
def test_replica_set_proportion(given, expect):
    """A share is cut to what is left to give."""
    spec = make_spec(given["deployment_replicas"], given["max_surge"])
    rs = make_rs(given["rs_replicas"], max_replicas=given["max_replicas_annotation"])
    to_add, added = given["replicas_to_add"], given["replicas_added_so_far"]
    assert {
        "fraction": replica_set_fraction(spec, rs),
        "proportion": replica_set_proportion(spec, rs, to_add, added),
    } == expect


@pytest.mark.parametrize(("given", "expect"), facts("03", "proportional_scale"))
def test_proportional_scale(given, expect):
    """Several ReplicaSets share the new size in proportion."""

    def make(rs):
        return rs and make_rs(
            rs["replicas"],
            rs["available_replicas"],
            rs["name"],
            datetime.fromisoformat(rs["created"]).timestamp(),
            desired_replicas=rs["desired_replicas_annotation"],
            max_replicas=rs["max_replicas_annotation"],
        )

    spec = make_spec(**given["deployment"])
    sets = [make(given["new_rs"]), *map(make, given["old_rs"])]
    scales = scale(spec, sets[0], sets[1:])
    for rs, replicas in scales:
        rs.replicas = replicas
    sizes = {rs.name: rs.replicas for rs in sets if rs is not None}
    unchecked = expect.get("size_not_checked_for", ())
    wanted = {name: n for name, n in expect["replicas_after"].items() if name not in unchecked}
    assert {name: n for name, n in sizes.items() if name not in unchecked} == wanted


@pytest.mark.parametrize(("given", "expect"), facts("03", "proportional_scale_random"))
def test_proportional_scale_random(given, expect):
    """Sizes, and the order in which they are written, are those of the real controller."""
    spec = make_spec(
        given["deployment_replicas_after"], given["max_surge"], given["max_unavailable"]
    )
    sets = {
        rs["name"]: make_rs(
            rs["replicas"],
            rs["replicas"],
            rs["name"],
            float(rs["creation_order"]),
            desired_replicas=given["deployment_replicas_before"],
            max_replicas=given["max_replicas_annotation"],
        )
        for rs in given["replica_sets"]
    }
    new = sets["new"] if given["has_new_rs"] else None
    old = [rs for rs in sets.values() if rs is not new]
    events = []
    for rs, replicas in scale(spec, new, old):
        if replicas != rs.replicas:
            message = scaling_message(rs.name, rs.replicas, replicas)
            events.append(f"Normal ScalingReplicaSet {message}")
        rs.replicas = replicas
    sizes = {name: rs.replicas for name, rs in sets.items()}
    assert {"rs_replicas_after": sizes, "events": events} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "replicas_annotations_need_update"))
def test_replicas_annotations_need_update(given, expect):
    """Notes on the size are rewritten if one of them is out of date.

    The Deployment of Kubernetes' own test, which the cases leave out, has 10 replicas, at most 20.
    """
    notes = given["replica_set"].get("annotations") or {}
    rs = make_rs(
        desired_replicas=int(notes.get("desired_replicas_annotation") or 0),
        max_replicas=int(notes.get("max_replicas_annotation") or 0),
    )
    assert {"expected": replicas_annotations_need_update(rs, 10, 20)} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "replicas_annotation_parse"))
def test_replicas_annotation_parse(given, expect):
    """A size noted in an annotation is a number from 0 to 2147483647."""
    try:
        value, error = parse_replicas_annotation(given["annotations"], "test"), ""
    except ValueError as problem:
        value, error = None, str(problem)
    assert {
        "expected_value": value or 0,
        "expected_valid": value is not None,
        "expected_err": expect["expected_err"],
    } == expect
    assert error.endswith(expect["expected_err"])


# ---------------------------------------------------------------------------------------- history


def history_of(given):
    """Make the ReplicaSets of a case about templates."""
    return [
        make_rs(
            rs.get("replicas", 0),
            name=rs["name"],
            created_at=-1e9 if rs["created_minute"] is None else 60.0 * rs["created_minute"],
            template_hash=rs["template"],
        )
        for rs in given["replica_sets"]
    ]


@pytest.mark.parametrize(("given", "expect"), facts("02", "find_new_replica_set"))
def test_find_new_replica_set(given, expect):
    """The new ReplicaSet has the Deployment's template; of two, the older one is it."""
    new = find_new_replica_set(given["deployment_template"], history_of(given))
    assert {"new_replica_set": new and new.name} == expect


@pytest.mark.parametrize(("given", "expect"), facts("02", "find_old_replica_sets"))
def test_find_old_replica_sets(given, expect):
    """All others are old."""
    sets = history_of(given)
    old = find_old_replica_sets(find_new_replica_set(given["deployment_template"], sets), sets)
    assert {
        "all_old": [rs.name for rs in old],
        "old_with_nonzero_spec_replicas": [rs.name for rs in filter_active_replica_sets(old)],
    } == expect


def cleaned_up(given):
    """Return the names of the ReplicaSets that the limit lets go."""
    old = [
        make_rs(
            rs["spec_replicas"],
            name=rs["name"],
            created_at=float(position),
            status_replicas=rs["status_replicas"],
            revision=int(rs["revision"] or 0),
            observed_generation=1,
            deleted_at=0.0 if rs["being_deleted"] else None,
        )
        for position, rs in enumerate(given["old_rs"])
    ]
    spec = make_spec(revision_history_limit=given["revision_history_limit"])
    return [rs.name for rs in replica_sets_to_clean_up(spec, old)]


@pytest.mark.parametrize(("given", "expect"), facts("03", "cleanup_old_replica_sets"))
def test_cleanup_old_replica_sets(given, expect):
    """Beyond the limit, ReplicaSets without pods go."""
    assert {"deletions": len(cleaned_up(given))} == expect


@pytest.mark.parametrize(("given", "expect"), facts("03", "cleanup_old_replica_sets_order"))
def test_cleanup_old_replica_sets_order(given, expect):
    """The lowest revisions go first."""
    assert {"deleted": cleaned_up(given)} == expect


# --------------------------------------------------------------------------------------- Recreate


@pytest.mark.parametrize(("given", "expect"), facts("04", "recreate_scale_down_old"))
def test_recreate_scale_down_old(given, expect):
    """Recreate begins by scaling all old ReplicaSets to zero."""
    old = [make_rs(size) for size in given["old_rs_sizes"]]
    for rs, replicas in scale_down_old_replica_sets_for_recreate(old):
        rs.replicas = replicas
    assert {"old_rs_sizes_after": [rs.replicas for rs in old]} == expect


@pytest.mark.parametrize(("given", "expect"), facts("04", "old_pods_running"))
def test_old_pods_running(given, expect):
    """Recreate waits for every old pod that has not ended."""
    new = rs_of(given["new_rs"])
    old = [rs_of(rs) for rs in given["old_rs"]]
    pods = []
    for owner, phases in given["pod_phases_by_owner"].items():
        # A ReplicaSet is named after its unique id, where it has one.
        is_new = new is not None and new.name.endswith(owner)
        group = new if is_new else make_rs()
        pods += [make_pod(group, phase=phase) for phase in phases]
    assert {"old_pods_running": old_pods_running(new, old, pods)} == expect


@pytest.mark.parametrize("prefix", ["02", "03", "04"])
def test_all_groups_are_tested(prefix):
    """No group of cases in these files is left out."""
    assert untested(prefix) == set()
