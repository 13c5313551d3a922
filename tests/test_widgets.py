import json
import math
import re
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pytest

pytest.importorskip("ipywidgets")

from explorer_page import texts

from rollnb import manifest, patch
from rollnb.plots.rates import work
from rollnb.scenarios import WORKER, lesson
from rollnb.widgets import Explorer, Settings, explore
from rollnb.widgets import words as explorer_words
from rollnb.widgets.controls import Amount, Controls
from rollnb.widgets.front import STALE
from rollnb.widgets.picture import choose_end

NEVER = math.nan


def artists(ax):
    """Return how many artists an axes holds."""
    return len(ax.get_children())


def ghosts(ax):
    """Return the points of the lines of the setting before."""
    return [line.get_xydata().tolist() for line in ax.lines if line.get_label() == "before"]


# ---------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({}, (11, 9, 10, 40, 20), id="lesson: one up, one down"),
        pytest.param(
            {"max_surge": "25%", "max_unavailable": "25%"}, (13, 8, 4, 34, 20), id="25 %"
        ),
        pytest.param(
            {"max_surge": 3, "max_unavailable": 0, "min_ready_seconds": 10},
            (13, 10, 48, 78, 20),
            id="lesson's patch",
        ),
        pytest.param(
            {"max_surge": 1, "max_unavailable": 0, "min_ready_seconds": 10},
            (11, 10, 120, 150, 14),
            id="one at a time with ten seconds each",
        ),
        pytest.param(
            {"max_surge": 0, "max_unavailable": "100%"}, (10, 0, 2, 30, 20), id="all at once"
        ),
        pytest.param(
            {"image_exists": False}, (11, 9, NEVER, NEVER, 12), id="missing image: 9 + 2"
        ),
        pytest.param(
            {"handles_sigterm": True}, (11, 9, 10, 10, 11), id="SIGTERM handled: none lingers"
        ),
        pytest.param(
            {"start_seconds": 5.0, "ready_seconds": 4.0}, (11, 9, 50, 80, 17), id="slow start"
        ),
        pytest.param(
            {"replicas": 20, "max_unavailable": 0, "min_ready_seconds": 30},
            (21, 20, 640, 670, 22),
            id="longer than the progress deadline, but never without progress",
        ),
    ],
)
def test_simulate(settings, expected):
    """Settings play the rollout that they describe."""
    summary = Settings(**settings).simulate().summary
    measured = (
        summary.most_replicas,
        summary.least_available,
        summary.duration_seconds,
        summary.old_gone_seconds,
        summary.most_pods,
    )
    assert measured == pytest.approx(expected, nan_ok=True)


def test_spread():
    """With a spread pods differ, the same way whenever the seed is the same."""
    runs = [
        Settings(spread_percent=20, ready_seconds=5.0, seed=seed).simulate() for seed in (1, 1, 2)
    ]
    waits = [
        (run.pods["ready_at"] - run.pods["created_at"])[run.pods["revision"] == 2].tolist()
        for run in runs
    ]
    assert waits[0] == waits[1] != waits[2]
    assert len(set(waits[0])) > 1
    assert all(0.8 * 7 <= wait <= 1.2 * 7 for wait in waits[0])


def test_work():
    """Throughput falls once the last fast worker is gone, and 9 of 10 slow ones do 10 % less."""
    assert work(Settings().simulate()).iloc[-1] == pytest.approx(8.333, abs=0.001)
    assert work(Settings(image_exists=False).simulate()).iloc[-1] == pytest.approx(7.5)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="counts"),
        pytest.param({"max_surge": "30%", "max_unavailable": "0%"}, id="percentages"),
        pytest.param({"replicas": 4, "min_ready_seconds": 7}, id="other numbers"),
        pytest.param({"termination_grace_period_seconds": 5}, id="grace period"),
    ],
)
def test_patch_gives_a_cluster_these_settings(settings):
    """Whoever runs the printed line has the Deployment of the explorer, image apart."""
    settings = Settings(**settings)
    cluster = lesson()
    assert cluster.kubectl(settings.command()).startswith("deployment.apps/worker patched")
    patched = manifest.parse(cluster.get("Deployment", "worker"))
    names = ("replicas", "max_surge", "max_unavailable", "min_ready_seconds")
    assert [getattr(patched, name) for name in names] == [
        getattr(settings, name) for name in names
    ]
    grace = patched.template.termination_grace_period_seconds
    assert grace == settings.termination_grace_period_seconds


def test_patch_is_the_command():
    """The YAML and the kubectl line say the same."""
    settings = Settings(max_surge="25%", termination_grace_period_seconds=5)
    body = re.search(r"-p '(.*)'$", settings.command())[1]
    assert patch.read(settings.patch()) == json.loads(body)


def test_patch_leaves_pods_alone():
    """A patch of the pace alone replaces no pod: the template stands in it only if it changes."""
    (obj,) = manifest.read(WORKER)
    patched = patch.apply(obj, patch.read(Settings(max_surge=3).patch()))
    assert patched["spec"]["template"] == obj["spec"]["template"]
    assert not Settings(max_surge=3).changes_pods
    assert "terminationGracePeriodSeconds: 5" in (
        Settings(termination_grace_period_seconds=5).patch()
    )


REFUSED = (
    'The Deployment "worker" is invalid: spec.strategy.rollingUpdate.maxUnavailable: '
    "Invalid value: 0: may not be 0 when `maxSurge` is 0"
)


def test_settings_refused():
    """What the API server refuses is refused with its words."""
    with pytest.raises(ValueError, match="may not be 0 when") as error:
        Settings(max_surge=0, max_unavailable=0).simulate()
    assert str(error.value) == REFUSED


# ---------------------------------------------------------------------------------------- controls


@pytest.mark.parametrize(
    ("value", "round_up", "replicas", "expected"),
    [
        pytest.param(3, True, 10, "30%", id="pods to their share"),
        pytest.param(1, True, 3, "33%", id="a surge is rounded up: 33 % of 3 is 1"),
        pytest.param(1, False, 3, "34%", id="unavailable is rounded down: it takes 34 %"),
        pytest.param("25%", True, 10, 3, id="a share of a surge to pods"),
        pytest.param("25%", False, 10, 2, id="a share of unavailable to pods"),
        pytest.param(15, True, 10, "100%", id="no more than all"),
        pytest.param(0, False, 10, "0%", id="none"),
    ],
)
def test_unit_keeps_meaning(value, round_up, replicas, expected):
    """To switch between count and percentage changes how it is said, not what it means."""
    amount = Amount(value, "pods", {"description": "maxSurge"})
    amount.unit.value = "pods" if isinstance(value, str) else "%"
    amount.convert(replicas, round_up=round_up)
    assert amount.value == expected


OTHER = Settings(
    replicas=33,
    max_surge="40%",
    max_unavailable=5,
    nodes=17,
    strategy="Recreate",
    partition=25,
    pod_management_policy="Parallel",
    min_ready_seconds=45,
    termination_grace_period_seconds=90,
    handles_sigterm=True,
    stop_seconds=2.0,
    image_exists=False,
    pull_seconds=2.5,
    start_seconds=30.0,
    ready_seconds=4.0,
    spread_percent=15,
    then="undo",
    then_seconds=70,
    seed=7,
)


@pytest.mark.parametrize("settings", [Settings(), OTHER], ids=["default", "all other"])
def test_controls_show_settings(settings):
    """Controls read what they were made with, or were set to, also beyond their range."""
    assert Controls(settings, print, "en").read() == settings
    told = []
    controls = Controls(Settings(), told.append, "en")
    controls.write(settings)
    assert (controls.read(), told) == (settings, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("replicas", 12),
        ("nodes", 3),
        ("strategy", "Recreate"),
        ("partition", 2),
        ("pod_management_policy", "Parallel"),
        ("min_ready_seconds", 3),
        ("termination_grace_period_seconds", 12),
        ("handles_sigterm", True),
        ("stop_seconds", 1.5),
        ("image_exists", False),
        ("then", "push"),
        ("then_seconds", 9),
        ("pull_seconds", 2.5),
        ("start_seconds", 3.0),
        ("ready_seconds", 4.5),
        ("spread_percent", 10),
    ],
)
def test_control_changes_its_field(name, value):
    """Each control stands for one field, and tells of it once."""
    told = []
    controls = Controls(Settings(), told.append, "en")
    controls.parts[name].value = value
    assert told == [Settings(**{name: value})]


@pytest.mark.parametrize("name", ["max_surge", "max_unavailable"])
def test_unit_is_told_once(name):
    """Count and percentage are one control: switching brings one new setting, not two."""
    told = []
    controls = Controls(Settings(), told.append, "en")
    controls.parts[name].slider.value = 3
    controls.parts[name].unit.value = "%"
    assert told == [Settings(**{name: 3}), Settings(**{name: "30%"})]


# ---------------------------------------------------------------------------------------- explorer


@pytest.fixture(scope="module")
def shared():
    """An explorer that tests set to what they need; made once, since that takes longest."""
    return explore()


@pytest.fixture
def explorer(shared):
    """An explorer of the lesson's worker at 5 s, with nothing before."""
    shared.compare.value = "none"
    shared.show(Settings())
    shared.time.value = 5
    shared.view.index = 0
    shared.compare.value = "before"
    return shared


LESSON_LINE = (
    "Complete after 10 s, at least 9 available, up to 20 pods with terminating ones; "
    "10 pod-seconds short, 310 extra."
)


def test_slider_changes_everything(explorer):
    """A control moved changes figure, measures, terminal and patch, and says what was before."""
    picture, screen = explorer.image.value, explorer.screen.value
    assert texts(explorer.measures) == [LESSON_LINE]
    explorer.controls.parts["max_surge"].slider.value = 3
    assert explorer.now.settings == Settings(max_surge=3)
    assert explorer.image.value != picture
    assert explorer.screen.value != screen
    assert texts(explorer.measures) == [
        "Complete after 6 s, at least 9 available, up to 20 pods with terminating ones; "
        "6 pod-seconds short, 314 extra.",
        "Before (thin lines), maxSurge 1: complete after 10 s, at least 9 available, "
        "up to 20 pods.",
    ]
    settings = explorer.now.settings
    assert texts(explorer.patch) == [
        settings.patch().rstrip(),
        f"{settings.command()}\n{settings.update()}",
    ]


def test_terminal_shows_the_second(explorer):
    """The terminal prints what kubectl would at the chosen second; the measures stay."""
    explorer.time.value = 2
    status, rest = texts(explorer.screen)
    assert status == (
        "$ kubectl rollout status deployment worker --watch=false\n"
        'Waiting for deployment "worker" rollout to finish: '
        "4 out of 10 new replicas have been updated..."
    )
    assert rest == "$ kubectl get deploy,rs,pods\n" + str(
        Settings().simulate().at(2).kubectl("get deploy,rs,pods").rstrip()
    )
    explorer.time.value = 20
    assert texts(explorer.screen)[0].endswith('deployment "worker" successfully rolled out')
    explorer.view.value = "kubectl get events"
    assert "ScalingReplicaSet" in texts(explorer.screen)[1]
    assert texts(explorer.measures) == [LESSON_LINE]


def test_picture_crosses_the_second(explorer):
    """Another second moves only the line across the figure."""
    first = explorer.picture.png(5)
    axes = explorer.picture.figure.axes
    count = [artists(ax) for ax in axes]
    assert explorer.picture.png(6) != first
    assert explorer.picture.png(5) == first
    assert [artists(ax) for ax in axes] == count


def test_texts_stay_above_the_second(explorer):
    """The line across the figure passes below what is written on the areas."""

    def pixels(time):
        return plt.imread(BytesIO(explorer.picture.png(time)))

    axes = explorer.picture.pods
    (label,) = [text for text in axes.texts if text.get_text() == "v0.1 terminating"]
    box = label.get_bbox_patch().get_window_extent()
    left, right = (axes.transData.inverted().transform((x, 0))[0] for x in (box.x0, box.x1))
    middle = (left + right) / 2
    changed = np.flatnonzero(
        (pixels(middle) != pixels(2)).any(axis=2)[:, round((box.x0 + box.x1) / 2)]
    )
    height = len(pixels(2))
    assert len(changed) > 100
    assert not [row for row in changed if box.y0 + 1 < height - row < box.y1 - 1]


def test_second_is_seen_on_any_ground(explorer):
    """The line across the figure has a light edge, which tells it from a dark area."""
    figure, axes = explorer.picture.figure, explorer.picture.pods
    before, after = (plt.imread(BytesIO(explorer.picture.png(at)))[..., :3] for at in (1.5, 1.0))
    x, y = axes.transData.transform((1.0, 1.0))
    row = after[round(figure.bbox.height - y), round(x) - 3 : round(x) + 4].sum(axis=1)
    area = before[round(figure.bbox.height - y), round(x)].sum()
    assert row.min() < area < row.max() - 0.3


def test_refused_setting_keeps_the_figure(explorer):
    """Zero and zero shows the API server's message; all else stays, dimmed, and life goes on."""
    explorer.controls.parts["max_surge"].slider.value = 0
    parts = (explorer.image, explorer.screen, explorer.patch)
    before = [part.value for part in parts]
    explorer.controls.parts["max_unavailable"].slider.value = 0
    assert texts(explorer.measures) == [REFUSED]
    assert 'role="alert"' in explorer.measures.value
    assert [part.value for part in parts] == before
    assert is_stale(explorer)
    explorer.controls.parts["max_unavailable"].slider.value = 2
    assert texts(explorer.measures)[0].startswith("Complete after 10 s, at least 8 available")
    assert not is_stale(explorer)


def is_stale(explorer):
    """Whether an explorer is dimmed, and no slide is made."""
    assert (STALE in explorer._dom_classes) == explorer.slide.button.disabled
    return explorer.slide.button.disabled


def test_refused_setting_has_no_slide(explorer):
    """The links to the slide of what is no longer asked for go away; a wrong manifest hides none.

    The controls then still stand for what is shown.
    """
    explorer.slide.links.value = "a link"
    explorer.load("a: [")
    assert not is_stale(explorer)
    assert explorer.slide.links.value == "a link"
    explorer.show(Settings(max_surge=0, max_unavailable=0))
    assert explorer.slide.links.value == ""


def test_ghost_is_the_setting_before(explorer):
    """Thin lines are the available and all pods, and the throughput, of the setting before."""
    before = explorer.now.run
    explorer.controls.parts["max_surge"].slider.value = 3
    end = explorer.picture.end
    series = [before.timeline["available_replicas"], before.timeline["pods"]]
    expected = [
        [*map(list, zip(one.index, one, strict=True)), [end, one.iloc[-1]]] for one in series
    ]
    assert ghosts(explorer.picture.pods) == expected
    rates = work(before)
    assert ghosts(explorer.picture.work) == [
        [*map(list, zip(rates.index, rates, strict=True)), [end, rates.iloc[-1]]]
    ]


def test_compare_with(explorer):
    """One can hold a setting to compare all others with, or compare with nothing."""
    surge = explorer.controls.parts["max_surge"].slider
    explorer.compare.value = "held"
    surge.value = 2
    surge.value = 3
    assert explorer.before.settings == Settings()
    explorer.compare.value = "none"
    assert (explorer.before, ghosts(explorer.picture.pods)) == (None, [])
    explorer.compare.value = "before"
    surge.value = 4
    assert explorer.before.settings == Settings(max_surge=3)


def test_differences_are_named(explorer):
    """Each field that differs is named with the value that it had."""
    explorer.show(
        Settings(image_exists=False, handles_sigterm=True, pull_seconds=2.5, max_surge="25%")
    )
    assert texts(explorer.measures)[1].startswith(
        "Before (thin lines), new image v0.2, exists, maxSurge 1, process ends at SIGKILL, "
        "pull (s) 1: complete after 10 s"
    )


def test_grace_period_is_explained(explorer):
    """A patch that replaces pods says so."""
    assert "pod template" not in explorer.patch.value
    explorer.controls.parts["termination_grace_period_seconds"].value = 5
    assert "pod template" in explorer.patch.value


def test_time_stays_within_its_axis(explorer):
    """A shorter rollout has a shorter time slider; the second looked at is on it."""
    explorer.show(Settings(min_ready_seconds=30))
    explorer.time.value = 180
    explorer.compare.value = "none"
    explorer.show(Settings(handles_sigterm=True))
    assert (explorer.time.value, explorer.time.max, explorer.player.max) == (20, 20, 20)
    assert texts(explorer.screen)[1].count("pod/worker-") == 10


def test_explorer_does_not_grow(explorer):
    """Many changes leave as many artists and axes as one."""
    sizes = []
    for number in range(12):
        explorer.controls.parts["max_surge"].slider.value = 2 + number % 2
        sizes.append([artists(ax) for ax in explorer.picture.figure.axes])
    assert sizes[2::2] == [sizes[2]] * 5
    assert sizes[3::2] == [sizes[3]] * 5


def test_picture_is_described(explorer):
    """Who cannot see the picture is told what it shows."""
    assert explorer.image.tooltip == (
        f"Pods by state and hashes per second over 45 seconds. {LESSON_LINE}"
    )


def test_repr_repeats():
    """The text that a notebook stores says of what the explorer is, and what is not as usual."""
    assert repr(explore()) == "Explorer(deployment/worker)"
    text = "Explorer(deployment/worker, max_surge='30%', then='undo')"
    assert repr(explore(Settings(max_surge="30%", then="undo"))) == text


def test_explorer_in_french():
    """Labels, measures and figure are French; Kubernetes' own words stay."""
    explorer = Explorer(lang="fr")
    assert texts(explorer.measures)[0].startswith("Terminé en 10 s, au moins 9 available")
    parts = explorer.controls.parts
    assert parts["max_surge"].slider.description == "maxSurge"
    assert parts["start_seconds"].description == "démarrage (s)"
    assert explorer.picture.work.get_xlabel() == "temps (s)"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param([{}], 45, id="a little after the last change"),
        pytest.param([{"handles_sigterm": True}], 20, id="short"),
        pytest.param([{"handles_sigterm": True}, {}], 45, id="both runs are seen whole"),
    ],
)
def test_choose_end(settings, expected):
    """The time axis ends at one of few instants, so that it rarely changes."""
    assert choose_end([Settings(**one).simulate() for one in settings]) == expected


def test_words_in_both_languages():
    """Every word of the explorer is there in English and in French."""
    keys = {lang: list(entries) for lang, entries in explorer_words.WORDS.items()}
    assert keys["en"] == keys["fr"] == sorted(keys["en"])


def test_unknown_language():
    """A language that is not there is refused by name."""
    with pytest.raises(ValueError, match=r"lang='de' is not one of \['en', 'fr'\]"):
        explore(lang="de")


def test_picture_has_the_size_of_its_frame(explorer):
    """The page keeps room for the picture by its width and height; they are the picture's own."""
    width, height = np.frombuffer(explorer.image.value[16:24], dtype=">u4")
    assert f"aspect-ratio: {width / height}" in explorer.children[0].value
