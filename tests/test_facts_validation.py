"""What the API server refuses: errors of Kubernetes 1.36's own validators, word for word."""

import copy

import pytest
from facts import facts

from rollnb import manifest
from rollnb.validation import Invalid


def camel(name):
    """Return a field's name as manifests have it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def camel_keys(value):
    """Return a value with every key as manifests have it."""
    if isinstance(value, dict):
        return {camel(key): camel_keys(inner) for key, inner in value.items()}
    return [camel_keys(item) for item in value] if isinstance(value, list) else value


def labels(text):
    """Return the labels of ``name=abc``."""
    return dict(pair.split("=") for pair in text.split(",")) if text else {}


def make(kind, spec):
    """Return the valid object that the cases start from, with `spec` in it."""
    container = {
        "name": "abc",
        "image": "image",
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePolicy": "File",
    }
    pods = {
        "metadata": {"labels": {"name": "abc"}},
        "spec": {
            "restartPolicy": "Always",
            "dnsPolicy": "Default",
            "terminationGracePeriodSeconds": 30,
            "containers": [container],
        },
    }
    common = {"selector": {"matchLabels": {"name": "abc"}}, "template": pods}
    metadata = {"name": "abc", "namespace": "default"}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": metadata,
        "spec": copy.deepcopy(common | spec),
    }


STRATEGY = {
    "Deployment": "strategy",
    "DaemonSet": "updateStrategy",
    "StatefulSet": "updateStrategy",
}
BASE = {
    "Deployment": {
        "replicas": 1,
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1},
        },
    },
    "DaemonSet": {
        "updateStrategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
        },
    },
    "StatefulSet": {
        "replicas": 3,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate"},
    },
}


def change(obj, changed):
    """Put the values of a case into an object."""
    spec, kind = obj["spec"], obj["kind"]
    strategy = spec[STRATEGY[kind]]
    pods = spec["template"]["spec"]
    for name, value in changed.items():
        if name in ("strategy_type", "update_strategy_type"):
            strategy["type"] = value
        elif name == "rolling_update":
            if value is None:
                strategy.pop("rollingUpdate", None)
            elif isinstance(value, str):  # "1/1": surge and unavailable
                surge, unavailable = (int(v) if v.isdigit() else v for v in value.split("/"))
                strategy["rollingUpdate"] = {"maxSurge": surge, "maxUnavailable": unavailable}
            else:
                strategy["rollingUpdate"] = camel_keys(value)
        elif name in ("max_surge", "max_unavailable", "partition"):
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.pop(camel(name), None)
            if value is not None:
                rolling[camel(name)] = value
        elif name == "name":
            obj["metadata"]["name"] = value
        elif name == "image":
            pods["containers"][0]["image"] = value
        elif name == "termination_grace_period_seconds":
            pods["terminationGracePeriodSeconds"] = value
        elif name == "selector":
            given = {} if value == "{}" else labels(value)
            spec["selector"] = {"matchLabels": given} if given else {}
        elif name == "template_labels":
            spec["template"]["metadata"]["labels"] = labels(value)
        elif name == "ordinals_start":
            spec["ordinals"] = {"start": value}
        elif name in (
            "replicas",
            "min_ready_seconds",
            "progress_deadline_seconds",
            "revision_history_limit",
            "pod_management_policy",
            "service_name",
            "paused",
        ):
            spec[camel(name)] = value
        else:
            raise KeyError(f"no one knows how to change {name}")
    return obj


def errors(obj, old=None):
    """Return the errors in an object, as the cases have them."""
    try:
        manifest.validate(obj, old)
    except Invalid as error:
        return [
            {"detail": e.detail, "field": e.field, "message": e.message, "type": e.type}
            for e in error.errors
        ]
    return []


def outcome(found):
    """Return errors with the verdict."""
    return {"valid": not found, "errors": found}


#: The group of cases about each kind's strategy, and about its other fields.
KINDS = {"deployment": "Deployment", "daemonset": "DaemonSet", "statefulset": "StatefulSet"}


def each(group):
    """Return the cases of a group of every kind, with the kind before them."""
    return [
        pytest.param(kind, *case.values, id=case.id)
        for name, kind in KINDS.items()
        for case in facts("08", group.format(name))
    ]


@pytest.mark.parametrize(("kind", "given", "expect"), each("{}_rolling_update"))
def test_rolling_update(kind, given, expect):
    """Surge, unavailable and partition: every wrong combination has its errors, in order."""
    assert outcome(errors(change(make(kind, BASE[kind]), given))) == expect


@pytest.mark.parametrize(("kind", "given", "expect"), each("{}"))
def test_fields(kind, given, expect):
    """Each field of a workload has its rule, and each error its whole message."""
    assert outcome(errors(change(make(kind, BASE[kind]), given["changed"]))) == expect


@pytest.mark.parametrize(("kind", "given", "expect"), each("{}_update"))
def test_update(kind, given, expect):
    """Some fields may not change once an object is there."""
    old = make(kind, BASE[kind])
    new = change(copy.deepcopy(old), given["changed"])
    assert outcome(errors(new, old)) == expect


@pytest.mark.parametrize(("given", "expect"), facts("08", "deployment_error_table"))
def test_deployment_error_table(given, expect):
    """The first error of each wrong Deployment in Kubernetes' own table."""
    found = errors(change(make("Deployment", BASE["Deployment"]), given))
    assert expect["first_error_contains"] in found[0]["message"]
    assert expect["valid"] is False


@pytest.mark.parametrize(("given", "expect"), facts("08", "daemonset_max_surge_table"))
def test_daemonset_max_surge_table(given, expect):
    """Kubernetes' own table: exactly one of surge and unavailable is above zero."""
    found = errors(change(make("DaemonSet", BASE["DaemonSet"]), given))
    assert {"valid": not found} == expect


@pytest.mark.parametrize(("given", "expect"), facts("08", "statefulset_table"))
def test_statefulset_table(given, expect):
    """Kubernetes' own table of StatefulSets: field and type of each error."""
    obj = make("StatefulSet", camel_keys(given["spec"]))
    obj["metadata"]["name"] = given["name"]
    found = [
        {"field": error["field"], "type": error["message"].split(": ")[1]} for error in errors(obj)
    ]
    assert outcome(found) == expect


@pytest.mark.parametrize(("given", "expect"), facts("08", "statefulset_min_ready_table"))
def test_statefulset_min_ready_table(given, expect):
    """Kubernetes' own table: minReadySeconds may be large, but not negative."""
    found = errors(make("StatefulSet", camel_keys(given["ss"])))
    assert {"expect_err": bool(found)} == expect
