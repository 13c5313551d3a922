"""The tiles of the explorer: which pods they show at a second, where, and how."""

import html
import re
from collections import Counter

import pytest

pytest.importorskip("ipywidgets")

from rollnb import simulate
from rollnb.scenarios import IMAGES, SCENARIOS, web, worker
from rollnb.widgets import Settings
from rollnb.widgets.tiles import SMALL, Tiles

ROW = re.compile(r'aria-label="([^"]*)".*?</div>', re.DOTALL)


def rows(text):
    """Return the description of each row, and the titles of its places; "" for a free one."""
    found = {}
    for match in ROW.finditer(text):
        places = re.findall(r'(visibility:hidden)|title="([^"]*)"', match[0])
        found[html.unescape(match[1])] = [html.unescape(title) for _, title in places]
    return found


#: Nodes on which two old pods are at once: one terminates while the next, after an undo, starts.
TWICE = Settings(
    base=web("DaemonSet", max_surge=1, max_unavailable=0),
    nodes=3,
    handles_sigterm=False,
    then="undo",
    then_seconds=3,
)


@pytest.fixture(scope="module", params=[*sorted(SCENARIOS), "two old pods on a node"])
def run(request):
    """A run of each scenario, and one more."""
    return SCENARIOS[request.param].play() if request.param in SCENARIOS else TWICE.simulate()


def test_every_pod_has_a_tile(run):
    """At any second there are as many tiles of a row as pods of its revision in the table."""
    tiles = Tiles(run)
    for time in (0, 1, 5, 12, 21, 39, 59):
        seen = [sum(map(bool, places)) for places in rows(tiles.html(time)).values()]
        pods = run.by_revision.xs("pods", axis=1, level="count")
        now = pods[pods.index <= time].iloc[-1]
        assert sorted(filter(None, seen)) == sorted(filter(None, now))


def test_pods_keep_their_places(run):
    """A pod stays where it is, from its first second to its last."""
    tiles = Tiles(run)
    places = {}
    for time in range(0, 60):
        for number, titles in enumerate(rows(tiles.html(time)).values()):
            for place, title in enumerate(titles):
                if title:
                    places.setdefault((number, title.partition(":")[0]), set()).add(place)
    assert {len(seen) for seen in places.values()} == {1}


def test_states():
    """A row says in words, too, what its pods are doing."""
    tiles = Tiles(Settings().simulate())
    assert list(rows(tiles.html(5))) == [
        "v0.1: 5 ready; 5 terminating",
        "v0.2: 2 pulling, starting; 4 ready",
    ]
    assert list(rows(tiles.html(41))) == ["v0.1: 0", "v0.2: 10 ready"]
    french = Tiles(Settings().simulate(), lang="fr")
    assert "v0.2: 2 pull, démarrage; 4 ready" in rows(french.html(5))


def test_reasons():
    """With the cluster of that second, a row says what keeps its pods waiting."""
    run = Settings(image_exists=False).simulate()
    told = list(rows(Tiles(run).html(5, run.at(5))))
    assert told[1] == "v0.3: 2 pulling, starting (ImagePullBackOff)"


def test_a_free_place_is_taken():
    """A pod of a Deployment has the first place that is free when it is created."""
    run = simulate(
        worker(replicas=3),
        [
            (5, "kubectl scale deploy worker --replicas=1"),
            (50, "kubectl scale deploy worker --replicas=4"),
        ],
        images=IMAGES,
    )
    (places,) = rows(Tiles(run).html(60)).values()
    assert [bool(title) for title in places] == [True] * 4


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("statefulset", ["web-0", "web-1", "web-2", "web-3", "web-4"]),
        ("daemonset", ["node-1", "node-2", "node-3", "node-4", "node-5"]),
    ],
)
def test_places_of_a_kind(name, words):
    """Places are ordinals in a StatefulSet and nodes in a DaemonSet, in each row the same."""
    tiles = Tiles(SCENARIOS[name].play())
    old, new = (places for _, places in sorted(rows(tiles.html(5)).items()))
    both = [place for place, pair in enumerate(zip(old, new, strict=False)) if all(pair)]
    assert both == []
    assert re.findall(r">([a-z]+-\d)</span>", tiles.html(0)) == words


def test_colours_are_those_of_the_figure():
    """Tiles of one revision have its colour, and each state its pattern."""
    text = Tiles(Settings().simulate()).html(5)
    grounds = Counter(re.findall(r"px;background:(.*?);border-color", text))
    assert sorted(grounds.values()) == [2, 4, 5, 5]
    kinds = {ground.partition("(")[0] for ground in grounds}
    assert kinds == {"#0072b2", "#e69f00", "radial-gradient", "repeating-linear-gradient"}


def test_many_pods():
    """A row of many tiles has no room for names: they are small, and named when pointed at."""
    text = Tiles(Settings(replicas=60).simulate()).html(5)
    assert f"width:{SMALL}px" in text
    assert "worker-" in text
    assert not re.search(r">[a-z0-9]{5}</span>", text)
