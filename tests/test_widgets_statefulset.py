"""A StatefulSet in the explorer: its feature gate, and what is never patched."""

from dataclasses import replace

import pytest

pytest.importorskip("ipywidgets")

from rollnb.run import settled_cluster
from rollnb.scenarios import SCENARIOS, web, worker
from rollnb.widgets import Settings
from rollnb.widgets.kinds import GATE
from rollnb.widgets.origin import read_settings
from rollnb.widgets.terminal import notes

STATEFUL = read_settings(web("StatefulSet"))
PARALLEL = replace(STATEFUL, pod_management_policy="Parallel")


@pytest.mark.parametrize(
    ("settings", "gates"),
    [
        pytest.param(STATEFUL, (), id="a StatefulSet goes one by one without a gate"),
        pytest.param(replace(STATEFUL, max_unavailable=1), (), id="1 is what holds without"),
        pytest.param(replace(STATEFUL, max_unavailable=2), (GATE,), id="more needs it"),
        pytest.param(replace(STATEFUL, max_unavailable="20%"), (GATE,), id="a share, too"),
        pytest.param(Settings(max_unavailable=2), (), id="a Deployment needs none"),
        pytest.param(
            read_settings([worker(), web("StatefulSet", max_unavailable=2)]),
            (GATE,),
            id="what runs beside it needs one",
        ),
    ],
)
def test_gate(settings, gates):
    """A StatefulSet that asks for more than one at a time is played with its gate open."""
    assert settings.feature_gates == gates
    assert settings.simulate().cluster.feature_gates == frozenset(gates)


def test_gate_of_a_scenario():
    """A scenario has to open the gate that its StatefulSet needs: the explorer would."""
    scenario = SCENARIOS["statefulset"]
    two = replace(scenario, workload=web("StatefulSet", max_unavailable=2))
    settings = read_settings(replace(two, options={**two.options, "feature_gates": [GATE]}))
    assert (settings.max_unavailable, settings.feature_gates) == (2, (GATE,))
    with pytest.raises(ValueError, match="opens the feature gates"):
        read_settings(two)


def test_closed_gate_is_not_patched():
    """What a cluster would drop without a word stands in no patch, and in no workload."""
    assert "maxUnavailable" not in STATEFUL.patch()
    assert STATEFUL.workload == STATEFUL.base == web("StatefulSet")
    assert "maxUnavailable: 2" in replace(STATEFUL, max_unavailable=2).patch()


def test_policy_is_not_patched():
    """What a StatefulSet was created with is refused in a patch, so that it stands in none."""
    assert PARALLEL.patch() == STATEFUL.patch()
    cluster = settled_cluster(STATEFUL.base)
    line = """kubectl patch sts web -p '{"spec":{"podManagementPolicy":"Parallel"}}'"""
    assert "updates to statefulset spec for fields other than" in cluster.kubectl(line)


def test_policy_of_pods_that_stay():
    """The way out that the page tells: deleted without its pods, and created anew."""
    cluster = settled_cluster(STATEFUL.base, images=PARALLEL.images)
    before = list(cluster.pods)
    cluster.kubectl("delete sts web --cascade=orphan")
    cluster.apply(PARALLEL.workload)
    cluster.wait(5)
    assert list(cluster.pods) == before
    assert "5/5" in cluster.kubectl("get sts web")


@pytest.mark.parametrize("value", [0, "0%"])
def test_unavailable_zero(value):
    """With nobody unavailable a StatefulSet never rolls: the API server refuses it."""
    with pytest.raises(ValueError, match=r"maxUnavailable: Invalid value: .*: cannot be 0"):
        replace(STATEFUL, max_unavailable=value).simulate()


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_notes(lang):
    """Beside the patch stands what it needs, and what it cannot do; else nothing."""
    assert notes(STATEFUL, lang) == []
    (gate,) = notes(replace(STATEFUL, max_unavailable=2), lang)
    assert GATE in gate
    (policy,) = notes(PARALLEL, lang)
    assert "Parallel" in policy
    assert "--cascade=orphan" in policy
    assert len(notes(replace(PARALLEL, max_unavailable=2), lang)) == 2
    assert notes(replace(STATEFUL, max_unavailable=2, strategy="OnDelete"), lang) == []
    assert notes(read_settings(web("StatefulSet", pod_management_policy="Parallel"))) == []
