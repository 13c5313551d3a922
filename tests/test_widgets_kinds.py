"""The explorer of any kind of workload, with any strategy, and what may be done afterwards."""

import re
from dataclasses import replace

import pytest

pytest.importorskip("ipywidgets")

from explorer_page import texts

from rollnb import manifest, plots
from rollnb.run import settled_cluster
from rollnb.scenarios import SCENARIOS, web, worker
from rollnb.spec import DaemonSet
from rollnb.widgets import Settings, explore
from rollnb.widgets.controls import find_idle
from rollnb.widgets.orders import lines
from rollnb.widgets.origin import read_settings, turn_to
from rollnb.widgets.source import OWN
from rollnb.widgets.words import TITLES, title

STATEFUL = read_settings(web("StatefulSet"))
PARALLEL = replace(STATEFUL, pod_management_policy="Parallel")
DAEMON = read_settings(web("DaemonSet"))


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
        pytest.param(replace(STATEFUL, partition=3), (4, 4, 5), id="two above the partition"),
        pytest.param(replace(STATEFUL, stop_seconds=3.0), (25, 4, 5), id="each has to stop first"),
        pytest.param(PARALLEL, (10, 4, 5), id="Parallel: one by one all the same"),
        pytest.param(
            replace(STATEFUL, max_unavailable=3), (10, 2, 5), id="in order: three down, one up"
        ),
        pytest.param(
            replace(PARALLEL, max_unavailable="60%"), (4, 2, 5), id="three down, three up"
        ),
        pytest.param(DAEMON, (8, 3, 4), id="DaemonSet: node after node"),
        pytest.param(replace(DAEMON, nodes=6), (12, 5, 6), id="six nodes"),
        pytest.param(
            replace(DAEMON, max_surge="50%", max_unavailable=0), (4, 4, 6), id="half of them up"
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
            replace(STATEFUL, image_exists=False, then="undo"),
            "stuck",
            {"v1", "v2"},
            id="the trap: undo alone leaves the broken pod",
        ),
        pytest.param(
            replace(PARALLEL, image_exists=False, then="undo"),
            "complete",
            {"v1"},
            id="Parallel: no trap",
        ),
        pytest.param(
            replace(STATEFUL, image_exists=False, then="undo_delete"),
            "complete",
            {"v1"},
            id="the way out of it",
        ),
        pytest.param(
            replace(STATEFUL, strategy="OnDelete", then="delete"),
            "stuck",
            {"v1", "v2"},
            id="OnDelete: only what is deleted is new",
        ),
        pytest.param(
            replace(DAEMON, image_exists=False, then="undo"), "complete", {"v1"}, id="DaemonSet"
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
            replace(read_settings(worker(strategy="Recreate")), strategy="RollingUpdate"),
            id="Deployment from Recreate",
        ),
        pytest.param(replace(STATEFUL, partition=2, replicas=7), id="StatefulSet"),
        pytest.param(replace(STATEFUL, strategy="OnDelete"), id="StatefulSet to OnDelete"),
        pytest.param(replace(STATEFUL, max_unavailable="40%"), id="StatefulSet with a gate"),
        pytest.param(
            replace(read_settings(web("StatefulSet", max_unavailable=3)), max_unavailable=1),
            id="StatefulSet back to 1",
        ),
        pytest.param(replace(DAEMON, max_surge="30%", max_unavailable=0), id="DaemonSet"),
        pytest.param(
            replace(DAEMON, strategy="OnDelete", min_ready_seconds=4), id="DaemonSet to OnDelete"
        ),
    ],
)
def test_lines_give_a_cluster_these_settings(settings):
    """Whoever types the lines on a cluster with the manifest has the workload as explored."""
    cluster = settled_cluster(
        settings.base, images=settings.images, feature_gates=settings.feature_gates
    )
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
        "statefulset": [
            "replicas",
            "pod_management_policy",
            "strategy",
            "max_unavailable",
            "partition",
            "min_ready_seconds",
        ],
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
            replace(STATEFUL, then="undo", strategy="OnDelete"),
            {"partition", "max_unavailable", "pod_management_policy"},
            id="OnDelete",
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
    explorer.controls.parts["replicas"].value = 15
    which.value = "daemonset/rng"
    assert texts(explorer.screen)[1].count("pod/rng-") >= 4
    assert explorer.now.settings.beside[0].replicas == 15
    explorer.source.again.click()
    assert explorer.now.settings == read_settings(SEVERAL)
    explorer.load(None)
    assert which.layout.display == "none"


def test_turn_keeps_the_cluster():
    """Another workload is on the same cluster; what its pods do is as usual."""
    begun = read_settings(SEVERAL)
    settings = replace(begun, nodes=7, seed=2, pull_seconds=9, spread_percent=20, stop_seconds=3)
    turned = turn_to(settings, "daemonset/rng")
    (changed,) = settings.beside
    assert turned == Settings(
        base=changed, beside=(begun.base,), around=begun.around, nodes=7, seed=2
    )


def test_partition_ends_at_the_replicas(explorer):
    """A larger partition would change nothing, unless the manifest has it."""
    partition, replicas = (explorer.controls.parts[name] for name in ("partition", "replicas"))
    explorer.load(web("StatefulSet", replicas=3))
    assert partition.max == 3
    replicas.value = 7
    assert partition.max == 7
    partition.value = 6
    replicas.value = 4
    assert (partition.max, partition.value) == (6, 6)
    explorer.load(web("StatefulSet", replicas=3, partition=9))
    assert (partition.max, partition.value) == (9, 9)


def test_rng_counts():
    """Workers get more done with more rng pods: one for each node."""
    few, many = (
        explore(replace(read_settings(SCENARIOS["rng-on-four-nodes"]), nodes=nodes))
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
    assert [name for _, name in options] == list(SCENARIOS)
    assert [words for words, _ in options] == [title(name, lang) for name in SCENARIOS]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (worker(max_surge=3), "worker: v0.1 → v0.2, maxSurge 3, maxUnavailable 25%"),
        (worker(strategy="Recreate"), "worker: v0.1 → v0.2, Recreate"),
        (web("StatefulSet", partition=2), "web: v1 → v2, partition 2"),
        (
            web("StatefulSet", max_unavailable=3),
            "web: v1 → v2, maxUnavailable 3, partition 0",
        ),
        (web("DaemonSet"), "web: v1 → v2, maxSurge 0, maxUnavailable 1"),
        (
            DaemonSet("front", image="registry.example/nginx:1.27"),
            "front: nginx:1.27 → nginx:1.28, maxSurge 0, maxUnavailable 1",
        ),
        (DaemonSet("log", image="log"), "log: log → next, maxSurge 0, maxUnavailable 1"),
    ],
)
def test_slide_title(source, expected, monkeypatch, explorer):
    """The slide is named after its workload, and its title says how that rolls."""
    titles = []
    draw = plots.slide

    def note(run, title, **options):
        titles.append(title)
        return draw(run, title, **options)

    monkeypatch.setattr(plots, "slide", note)
    explorer.load(source)
    explorer.slide.button.click()
    name = explorer.now.settings.base.name
    assert re.findall('download="([^"]*)"', explorer.slide.links.value) == [
        f"{name}-slide.png",
        f"{name}-slide.svg",
    ]
    assert titles == [expected]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(replicas=0), id="Deployment"),
        pytest.param(replace(STATEFUL, replicas=0), id="StatefulSet"),
        pytest.param(replace(DAEMON, nodes=0), id="DaemonSet"),
    ],
)
def test_no_pods(explorer, settings):
    """Without a pod there is an empty figure, and life goes on."""
    explorer.show(settings)
    assert texts(explorer.measures)[0].startswith("Complete after 0 s, at least 0 available")
    assert explorer.tiles.value == ""
    explorer.show(Settings())
    assert texts(explorer.measures)[0].startswith("Complete after 10 s")


@pytest.mark.parametrize(
    ("name", "unavailable"), [("lesson", "20%"), ("statefulset", "40%"), ("daemonset", "40%")]
)
def test_unit_keeps_meaning(explorer, name, unavailable):
    """The share is one of the replicas, of a DaemonSet one of the nodes."""
    explorer.load(name)
    part = explorer.controls.parts["max_unavailable"]
    part.slider.value = 2
    before = explorer.now.run.summary.least_available
    part.unit.value = "%"
    assert explorer.now.settings.max_unavailable == unavailable
    assert explorer.now.run.summary.least_available == before


@pytest.mark.parametrize("name", ["bad-image", "statefulset-trap"])
def test_figure_and_measures_agree(explorer, name):
    """Of a rollout that gets stuck the figure and the measures above it name the same reason."""
    explorer.load(name)
    explorer.controls.parts["termination_grace_period_seconds"].value = 5
    (mark,) = [text.get_text() for text in explorer.picture.pods.texts if ": " in text.get_text()]
    assert mark == "stuck: ImagePullBackOff"
    summary = explorer.now.run.summary
    assert summary.reason == "ImagePullBackOff"
    outcome = {"stuck": "Stuck", "deadline exceeded": "Progress deadline exceeded"}[summary.state]
    outcome = f"{outcome}: ImagePullBackOff (seen until {explorer.now.run.cluster.now:g} s)"
    assert texts(explorer.measures)[0].startswith(f"{outcome}, at least ")


def test_not_begun_is_not_seen(explorer):
    """With OnDelete nothing happens by itself: it does not matter until when one looks."""
    explorer.show(replace(STATEFUL, strategy="OnDelete"))
    assert texts(explorer.measures)[0].startswith("Stuck: OnDelete, at least 5 available")


def test_failed_command_is_said(explorer):
    """What is done afterwards may fail: the page says so, with kubectl's words."""
    explorer.show(Settings(strategy="Recreate", then="undo"))
    said = texts(explorer.measures)[0]
    assert said.endswith('At 20 s: error: no rollout history found for deployment "worker"')


def test_list_follows_the_image(explorer):
    """The image that may be pushed is the one that is missing, also while controls are moved."""
    then = explorer.controls.parts["then"]
    assert ("push v0.2", "push") in then.options
    explorer.controls.parts["image_exists"].value = False
    assert ("push v0.3", "push") in then.options
    then.value = "push"
    explorer.controls.parts["then_seconds"].value = 9
    assert explorer.now.settings == Settings(image_exists=False, then="push", then_seconds=9)


def test_ranges_are_of_the_workload(explorer):
    """A slider is longer for a value beyond its range, and as before afterwards."""
    grace = explorer.controls.parts["termination_grace_period_seconds"]
    explorer.load(worker(termination_grace_period_seconds=3000))
    assert (grace.max, grace.value) == (3000, 3000)
    explorer.load(None)
    assert (grace.min, grace.max, grace.value) == (0, 60, 30)


def test_refusal_stays(explorer):
    """As long as the controls stand at what was refused, the page says so."""
    explorer.show(Settings(max_surge=0, max_unavailable=0))
    explorer.compare.value = "none"
    assert "may not be 0" in texts(explorer.measures)[0]
    explorer.show(Settings())
    assert texts(explorer.measures)[0].startswith("Complete")


def test_only_own_settings_are_own(explorer):
    """The list has an entry for what is no scenario only while that is shown."""
    explorer.load(web("DaemonSet"))
    assert explorer.source.begin.options[0] == ("own settings", OWN)
    explorer.load(None)
    assert OWN not in dict(explorer.source.begin.options).values()


def test_seed_is_named(explorer):
    """Settings that no control stands for are named, too, when they differ."""
    explorer.show(Settings(seed=3, spread_percent=10))
    assert "seed 0" in texts(explorer.measures)[1]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pull_seconds": -3}, "pull_seconds=-3 must be a number of seconds from 0 on"),
        ({"spread_percent": "1"}, "spread_percent='1' must be a whole number from 0 on"),
        ({"nodes": -1}, "nodes=-1 must be a whole number from 0 on"),
        ({"then_seconds": 2.5}, "then_seconds=2.5 must be a whole number from 0 on"),
        ({"image_exists": "no"}, "image_exists='no' must be True or False"),
        ({"strategy": "OnDelete"}, "strategy='OnDelete' is not one of ['RollingUpdate', 'Recrea"),
        ({"pod_management_policy": "parallel"}, "pod_management_policy='parallel' is not one of"),
        ({"image": "registry/worker:v0.1"}, "image='registry/worker:v0.1' is the one that runs"),
        ({"base": 3}, "base=3 must be one of Deployment, StatefulSet, DaemonSet"),
    ],
)
def test_bad_settings(fields, message):
    """What no control could stand for is refused where it is written."""
    with pytest.raises(ValueError, match=re.escape(message)):
        Settings(**fields)


@pytest.mark.parametrize("time", [-3, 5.5, "5"])
def test_bad_time(time):
    """An explorer begins at a second."""
    with pytest.raises(ValueError, match="must be a whole number of seconds from 0 on"):
        explore(time=time)


def test_lines_have_their_time():
    """What is done afterwards is typed after a while; the pod is named by its ordinal."""
    base = web("StatefulSet", ordinals_start=3)
    settings = Settings(base=base, image_exists=False, then="undo_delete", then_seconds=12)
    assert lines(settings)[1:] == [
        "kubectl set image statefulset web web=registry/web:v2",
        "sleep 12",
        "kubectl rollout undo statefulset web",
        "sleep 20",
        "kubectl delete pod web-7",
    ]
