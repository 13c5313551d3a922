"""The explorer of any kind of workload, with any strategy, and what may be done afterwards."""

import html
import re

import pytest

pytest.importorskip("ipywidgets")

from rollnb import manifest
from rollnb.run import settled_cluster
from rollnb.scenarios import SCENARIOS, web, worker
from rollnb.spec import DaemonSet, Deployment, StatefulSet
from rollnb.widgets import Settings, explore
from rollnb.widgets.controls import find_idle
from rollnb.widgets.origin import read_settings, turn_to
from rollnb.widgets.source import OWN
from rollnb.widgets.words import TITLES

STATEFUL = read_settings(web("StatefulSet"))
DAEMON = read_settings(web("DaemonSet"))


def changed(settings, **fields):
    """Return settings with some of them changed."""
    return Settings(**{**vars(settings), **fields})


def texts(widget):
    """Return the paragraphs and terminal texts of an HTML widget, without marks."""
    found = re.findall(r"<(?:p|pre)[^>]*>(.*?)</(?:p|pre)>", widget.value, re.DOTALL)
    return [html.unescape(text) for text in found if text]


def shown(explorer):
    """Return which controls of the workload are there, in the order of the page."""
    parts = explorer.controls.parts
    boxes = {name: getattr(part, "box", part) for name, part in parts.items()}
    there = [name for name, box in boxes.items() if box.layout.display != "none"]
    return there[: there.index("termination_grace_period_seconds")]


@pytest.fixture(scope="module")
def shared():
    """An explorer that each test gives its own settings; made once, since that takes longest."""
    return explore()


@pytest.fixture
def explorer(shared):
    """An explorer of the lesson's worker, with nothing before."""
    shared.compare.value = "none"
    shared.load(None)
    shared.view.index = 0
    shared.compare.value = "before"
    return shared


# ------------------------------------------------------------------------------------ simulated


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(Settings(strategy="Recreate"), (32, 0, 10), id="Recreate: all at once"),
        pytest.param(Settings(replicas=0), (0, 0, 0), id="no replicas: complete at once"),
        pytest.param(STATEFUL, (10, 4, 5), id="StatefulSet: one by one"),
        pytest.param(changed(STATEFUL, partition=3), (4, 4, 5), id="two above the partition"),
        pytest.param(changed(STATEFUL, stop_seconds=3.0), (25, 4, 5), id="each has to stop first"),
        pytest.param(DAEMON, (8, 3, 4), id="DaemonSet: node after node"),
        pytest.param(changed(DAEMON, nodes=6), (12, 5, 6), id="six nodes"),
        pytest.param(
            changed(DAEMON, max_surge="50%", max_unavailable=0), (4, 4, 6), id="half of them up"
        ),
    ],
)
def test_simulate(settings, expected):
    """Settings of any kind play the rollout that they describe: s, at least, at most."""
    summary = settings.simulate().summary
    measured = summary.duration_seconds, summary.least_available, summary.most_pods
    assert measured == expected


@pytest.mark.parametrize(
    ("settings", "state", "images"),
    [
        pytest.param(
            Settings(image_exists=False, then="push"), "complete", {"v0.3"}, id="pushed: goes on"
        ),
        pytest.param(
            Settings(image_exists=False, then="undo"), "complete", {"v0.2"}, id="undone: back"
        ),
        pytest.param(
            changed(STATEFUL, image_exists=False, then="undo"),
            "stuck",
            {"v1", "v2"},
            id="the trap: undo alone leaves the broken pod",
        ),
        pytest.param(
            changed(STATEFUL, image_exists=False, then="undo_delete"),
            "complete",
            {"v1"},
            id="the way out of it",
        ),
        pytest.param(
            changed(STATEFUL, strategy="OnDelete", then="delete"),
            "stuck",
            {"v1", "v2"},
            id="OnDelete: only what is deleted is new",
        ),
        pytest.param(
            changed(DAEMON, image_exists=False, then="undo"), "complete", {"v1"}, id="DaemonSet"
        ),
    ],
)
def test_afterwards(settings, state, images):
    """What is done afterwards is played, and ends as on a cluster."""
    run = settings.simulate()
    left = run.pods[run.pods["gone_at"].isna() & run.pods["deleted_at"].isna()]
    assert run.summary.state == state
    assert set(left["image"].str.rpartition(":")[2]) == images


def test_afterwards_happens_at_its_second():
    """The second that is chosen is the one at which it is done."""
    run = Settings(image_exists=False, then="undo", then_seconds=33).simulate()
    assert run.outputs[1].time == 33
    assert run.pods["deleted_at"].max() == 33


@pytest.mark.parametrize("then", ["delete", "undo_delete"])
@pytest.mark.parametrize("base", [worker(), web("DaemonSet")], ids=["Deployment", "DaemonSet"])
def test_pod_without_a_name(base, then):
    """Only a StatefulSet has pods with names that are known before: others refuse the choice."""
    with pytest.raises(ValueError, match=f"then='{then}' is not one of"):
        Settings(base=base, then=then)


# ---------------------------------------------------------------------------- for a real cluster


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(strategy="Recreate"), id="Deployment to Recreate"),
        pytest.param(
            changed(read_settings(worker(strategy="Recreate")), strategy="RollingUpdate"),
            id="Deployment from Recreate",
        ),
        pytest.param(changed(STATEFUL, partition=2, replicas=7), id="StatefulSet"),
        pytest.param(changed(STATEFUL, strategy="OnDelete"), id="StatefulSet to OnDelete"),
        pytest.param(changed(DAEMON, max_surge="30%", max_unavailable=0), id="DaemonSet"),
        pytest.param(
            changed(DAEMON, strategy="OnDelete", min_ready_seconds=4), id="DaemonSet to OnDelete"
        ),
    ],
)
def test_lines_give_a_cluster_these_settings(settings):
    """Whoever types the lines on a cluster with the manifest has the workload as explored."""
    cluster = settled_cluster(settings.base, images=settings.images)
    for line in (settings.command(), settings.update()):
        assert ".apps/" in cluster.kubectl(line)
    kind = type(settings.base).__name__
    obj = cluster.get(kind, settings.base.name)
    patched, wanted = manifest.parse(obj), settings.workload
    names = [name for name in settings.active_fields if name != "nodes"]
    if settings.strategy != "RollingUpdate":
        names = [name for name in names if name not in find_idle(settings)]
    assert [getattr(patched, name) for name in names] == [getattr(wanted, name) for name in names]
    assert patched.template.containers[0].image == settings.new_image


# -------------------------------------------------------------------------------------- the page


def test_controls_of_a_kind(explorer):
    """Each kind has its own controls, under its own name, and a missing one does no harm."""
    seen = {}
    for name in ("lesson", "statefulset", "daemonset", "rng-on-four-nodes"):
        explorer.load(SCENARIOS[name])
        seen[name] = shown(explorer)
        assert explorer.controls.read() == explorer.now.settings
    surge = ["max_surge", "max_unavailable", "min_ready_seconds"]
    assert seen == {
        "lesson": ["replicas", "strategy", *surge],
        "statefulset": ["replicas", "strategy", "partition", "min_ready_seconds"],
        "daemonset": ["nodes", "strategy", *surge],
        "rng-on-four-nodes": ["nodes", "replicas", "strategy", *surge],
    }


@pytest.mark.parametrize(
    ("settings", "idle"),
    [
        pytest.param(Settings(), {"stop_seconds", "then_seconds"}, id="lesson"),
        pytest.param(Settings(handles_sigterm=True, then="undo"), set(), id="all of them do"),
        pytest.param(
            Settings(handles_sigterm=True, then="undo", strategy="Recreate"),
            {"max_surge", "max_unavailable"},
            id="Recreate has no pace",
        ),
        pytest.param(
            changed(STATEFUL, then="undo", strategy="OnDelete"), {"partition"}, id="OnDelete"
        ),
    ],
)
def test_idle_controls(explorer, settings, idle):
    """A control that would do nothing is switched off, and on again when it does something."""
    explorer.show(settings)
    parts = explorer.controls.parts
    there = set(shown(explorer)) | {"stop_seconds", "then_seconds"}
    assert {name for name in there if parts[name].disabled} == idle
    explorer.show(Settings(handles_sigterm=True, then="undo"))
    assert not any(parts[name].disabled for name in shown(explorer))


@pytest.mark.parametrize(
    ("name", "status", "view"),
    [
        ("lesson", "kubectl rollout status deployment worker", "kubectl get deploy,rs,pods"),
        ("statefulset", "kubectl rollout status statefulset web", "kubectl get sts,pods"),
        ("daemonset", "kubectl rollout status daemonset web", "kubectl get ds,pods"),
    ],
)
def test_terminal_of_a_kind(explorer, name, status, view):
    """The terminal speaks of the workload that is there; the view that was chosen stays."""
    explorer.load(SCENARIOS[name])
    first, second = texts(explorer.screen)
    assert first.startswith(f"$ {status} ")
    assert second.startswith(f"$ {view}\nNAME ")
    explorer.view.index = 2
    explorer.load(SCENARIOS["default"])
    assert explorer.view.value == "kubectl describe deployment worker"
    assert texts(explorer.screen)[1].splitlines()[1].split() == ["Name:", "worker"]


def test_begin_with_a_scenario(explorer):
    """The list of scenarios begins anew with the one that is chosen; one that failed is not it."""
    explorer.source.begin.value = "statefulset-trap"
    assert explorer.now.settings == read_settings(SCENARIOS["statefulset-trap"])
    assert explorer.controls.parts["then"].value == "undo"
    assert texts(explorer.measures)[0].startswith("Stuck: ")
    assert explorer.before is None
    explorer.source.text.value = "a: ["
    explorer.source.apply.click()
    assert explorer.source.begin.value == "statefulset-trap"
    explorer.load(web("DaemonSet"))
    assert explorer.source.begin.value == OWN


def test_start_over(explorer):
    """The button brings back what was begun with, and compares with what it was."""
    explorer.load(SCENARIOS["careful"])
    explorer.controls.parts["max_surge"].slider.value = 5
    explorer.source.again.click()
    assert explorer.now.settings == read_settings(SCENARIOS["careful"])
    assert explorer.before.settings.max_surge == 5


SEVERAL = [worker(max_surge=2, max_unavailable=0), DaemonSet("rng", image="rng:1")]


def test_several_workloads(explorer):
    """Of several workloads one is rolled out, and the others are there beside it."""
    explorer.load(SEVERAL)
    which = explorer.source.which
    assert (which.options, which.value) == (
        ("daemonset/rng", "deployment/worker"),
        "deployment/worker",
    )
    assert which.layout.display is None
    assert texts(explorer.screen)[1].count("pod/rng-") == 4
    which.value = "daemonset/rng"
    assert explorer.now.settings.update() == "kubectl set image daemonset rng rng=rng:2"
    assert "Deployment" in {type(one).__name__ for one in explorer.now.settings.beside}
    which.value = "deployment/worker"
    assert explorer.now.settings == read_settings(SEVERAL)
    explorer.load(None)
    assert which.layout.display == "none"


def test_turn_keeps_the_nodes():
    """Whoever looks at another workload is on the same cluster."""
    settings = changed(read_settings(SEVERAL), nodes=7)
    assert turn_to(settings, "daemonset/rng").nodes == 7


def test_rng_counts():
    """Workers get more done with more rng pods: one for each node."""
    few, many = (
        explore(changed(read_settings(SCENARIOS["rng-on-four-nodes"]), nodes=nodes))
        for nodes in (1, 4)
    )
    first = [one.picture.work.lines[0].get_ydata()[0] for one in (few, many)]
    assert first[0] == pytest.approx(10, abs=0.1)
    assert first[1] > 30


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_scenarios_have_titles(lang):
    """Every scenario is in the list, in both languages."""
    assert TITLES.keys() == SCENARIOS.keys()
    options = explore(lang=lang).source.begin.options
    assert [name for _, name in options] == [OWN, *SCENARIOS]


@pytest.mark.parametrize("kind", [Deployment, StatefulSet, DaemonSet])
def test_slide_title(kind, tmp_path, monkeypatch, explorer):
    """The slide of any kind is saved, and named after its workload."""
    monkeypatch.chdir(tmp_path)
    explorer.load(web(kind.__name__))
    explorer.slide.button.click()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "web-slide-1.png",
        "web-slide-1.svg",
    ]
