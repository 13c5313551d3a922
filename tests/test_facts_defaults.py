"""What the API server fills in: objects defaulted by Kubernetes 1.36's own functions."""

import pytest
from facts import facts, load
from test_facts_validation import camel, camel_keys

from rollnb import manifest

KINDS = {
    "deployment": "Deployment",
    "replicaset": "ReplicaSet",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
}


def without_empty(value):
    """Return a value without what is empty: the cases leave out what is absent, zero or empty."""
    if isinstance(value, dict):
        inner = {key: without_empty(one) for key, one in value.items()}
        return {key: one for key, one in inner.items() if one not in ({}, [], "", None)}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def complete(kind, given, feature_gates=()):
    """Return the defaulted object of a case."""
    obj = {"apiVersion": "apps/v1", "kind": kind, "spec": camel_keys(given.get("spec", {}))}
    if "labels" in given:
        obj["metadata"] = {"labels": given["labels"]}
    return manifest.complete(obj, feature_gates=feature_gates)


def rows(*tests):
    """Return the cases of some groups, their names as a parameter too."""
    names = {case["name"]: case["name"] for case in load("09")["cases"]}
    return [pytest.param(names[case.id], *case.values, id=case.id) for case in facts("09", *tests)]


@pytest.mark.parametrize(
    ("name", "given", "expect"),
    rows("deployment_defaults", "statefulset_defaults", "daemonset_defaults"),
)
def test_table(name, given, expect):
    """Kubernetes' own tables: the spec without selector and template, which they leave out.

    Nor are labels compared there: a group of apps/v1 does not copy them from the template.
    """
    kind = KINDS[name.split("_")[0]]
    # Whether the gate is open stands nowhere else.
    gates = {"MaxUnavailableStatefulSet"} if "MaxUnavailable enabled" in name else ()
    spec = complete(kind, given, gates)["spec"]
    del spec["template"]
    assert without_empty(spec) == without_empty(camel_keys(expect["spec"]))


@pytest.mark.parametrize(("given", "expect"), facts("09", "replicaset_defaults"))
def test_replicaset_table(given, expect):
    """A ReplicaSet without `replicas` has one; zero stays zero."""
    assert complete("ReplicaSet", given)["spec"]["replicas"] == expect["expect_replicas"]


@pytest.mark.parametrize(("name", "given", "expect"), rows("evaluated_defaults"))
def test_whole_object(name, given, expect):
    """The whole object as the API server completes it, from strategy to probes and ports."""
    words = name.removeprefix("evaluated: ").split()
    one = "".join(words[:2])
    kind = next(KINDS[known] for known in KINDS if one.startswith(known))
    obj = complete(kind, given)
    expected = {"spec": camel_keys(expect["spec"])}
    if "annotations" in expect:
        expected["metadata"] = {"annotations": expect["annotations"]}
    del obj["apiVersion"], obj["kind"]
    assert without_empty(obj) == without_empty(expected)
    assert obj["spec"]["template"]["spec"][camel("security_context")] == {}
