import itertools
import re
from functools import cache

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import StepPatch
from matplotlib.text import Text
from scripted import rolling, run_of, settled

from rollnb import (
    Cluster,
    DaemonSet,
    Deployment,
    Image,
    Node,
    Run,
    StatefulSet,
    plots,
    simulate,
)
from rollnb.cluster.log import Fact
from rollnb.plots.colours import THEMES
from rollnb.plots.figures import style
from rollnb.plots.films import Film
from rollnb.plots.labels import count_columns, fit_inside, measure, spread
from rollnb.plots.limits import find_limits, read_settings
from rollnb.plots.panels import find_top
from rollnb.service import traffic
from rollnb.throughput import pulling

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _close_figures():
    """Figures do not pile up."""
    yield
    matplotlib.pyplot.close("all")


@cache
def make_run(**options):
    """Return a rollout of ten pods, unless told otherwise."""
    return run_of(rolling(**options))


def undone():
    """Return a run in which a bad image is undone, so that three numbers occur."""
    cluster = settled(4)
    cluster.workloads[0].spec.progress_deadline_seconds = 600
    bad = cluster.add_group(2, "worker:v0.3")
    cluster.note(0, Fact.UPDATED, bad)
    new = [cluster.create(0, bad), cluster.create(0, bad)]
    for pod in new:
        cluster.delete(20, pod)
        cluster.note(21, Fact.GONE, pod=pod, value=1)
        pod.gone_at = 21.0
    cluster.groups[0].revision = 3
    cluster.note(20, Fact.UPDATED, cluster.groups[0])
    cluster.now = 21.0
    return run_of(cluster)


def areas(ax):
    """Return the areas as {label: {time: (lower, upper)}}; None where there is nothing."""
    found = {}
    for patch in ax.patches:
        if isinstance(patch, StepPatch):
            values, edges, baseline = patch.get_data()
            found[patch.get_label()] = {
                time: (low, high)
                for time, low, high in zip(edges, baseline, values, strict=False)
                if high == high
            }
    return found


def texts(figure):
    """Return the texts of a figure that are seen."""
    figure.canvas.draw()
    ticks = [
        label
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for label, at in zip(axis.get_majorticklabels(), axis.get_majorticklocs(), strict=False)
        if not min(axis.get_view_interval()) <= at <= max(axis.get_view_interval())
    ]
    return [
        text
        for text in figure.findobj(Text)
        if text.get_text() and text.get_visible() and text not in ticks and shown(text)
    ]


def words(figure):
    """Return what the texts say that are seen on a figure."""
    return {text.get_text() for text in texts(figure)}


def shown(text):
    """Whether the axes that a text belongs to are seen."""
    return text.axes is None or text.axes.get_visible()


def overlaps(figure):
    """Return the pairs of texts that lie on each other, and the texts that are cut off."""
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts(figure)]
    whole = figure.bbox
    problems = [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(boxes, 2)
        if a.shrunk(0.98, 0.9).overlaps(b)
    ]
    inside = [
        (word, "is cut off")
        for word, box in boxes
        if box.x0 < whole.x0 or box.y0 < whole.y0 or box.x1 > whole.x1 or box.y1 > whole.y1
    ]
    return problems + inside


class TestReplicas:
    def test_areas(self):
        """Available pods lie at the bottom, then those on their way, then terminating ones."""
        run = make_run(replicas=2, surge=1, unavailable=0)
        found = areas(plots.replicas(run))
        start = next(iter(found["1 available"]))
        assert -10 < start < 0
        assert found == {
            "1 available": {start: (0, 2), 0: (0, 2), 2: (0, 1)},
            "2 available": {2: (1, 2), 4: (0, 2), 32: (0, 2), 34: (0, 2)},
            "2 unavailable": {0: (2, 3), 2: (2, 3)},
            "1 terminating": {2: (3, 4), 4: (2, 4), 32: (2, 3)},
        }

    def test_labels(self):
        """Areas are named by the image's tag, and the axes with their units."""
        ax = plots.replicas(make_run())
        words = {text.get_text() for text in texts(ax.figure)}
        assert words >= {
            "v0.1 available",
            "v0.2 available",
            "v0.2 not yet available",
            "v0.1 terminating",
            "time (s)",
            "pods",
            "complete at 10 s",
            "last old process ends at 40 s",
            "≥ 9 = replicas\n− maxUnavailable",
            "≤ 11 = replicas\n+ maxSurge",
        }

    def test_same_tag(self):
        """Revisions of one image are told apart by their numbers."""
        cluster = rolling()
        for pod in cluster.pods:
            pod.containers[0].spec.image = "worker:v0.1"
        words = {text.get_text() for text in texts(plots.replicas(run_of(cluster)).figure)}
        assert "revision 1 available" in words

    def test_undo_keeps_colours(self):
        """A version keeps its colour when an undo gives it a new number."""
        ax = plots.replicas(undone())
        colours = {
            patch.get_label(): matplotlib.colors.to_hex(patch.get_facecolor())
            for patch in ax.patches
        }
        assert colours["3 available"] == THEMES["light"].revision(0)

    def test_limits(self):
        """The limits are thin lines at replicas - unavailable and replicas + surge."""
        ax = plots.replicas(make_run(surge=3, unavailable=2), marks=False)
        assert [line.get_ydata()[0] for line in ax.lines] == [8, 13]
        assert plots.replicas(make_run(), marks=False, limits=False).lines[:] == []

    def test_limits_over_time(self):
        """A limit is level from one change of the spec or the scale to the next, broken there."""
        surge = '{"spec": {"strategy": {"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 0}}}}'
        run = simulate(
            Deployment("web", replicas=4, max_surge=1, max_unavailable=1, image="web:v1"),
            [
                (0, "kubectl set image deploy web web=web:v2"),
                (20, f"kubectl patch deploy web -p '{surge}'"),
                (40, "kubectl scale deploy web --replicas=6"),
            ],
            until=60.0,
        )
        low, high = plots.replicas(run, marks=False, until=50).lines
        instants = [20, 20, 40, 40, 50]
        assert low.get_xdata()[1:].tolist() == high.get_xdata()[1:].tolist() == instants
        np.testing.assert_array_equal(low.get_ydata(), [3, np.nan, 4, np.nan, 6, 6])
        np.testing.assert_array_equal(high.get_ydata(), [5, np.nan, 7, np.nan, 9, 9])
        ax = plots.replicas(run, until=30)
        words = [text.get_text() for text in texts(ax.figure)]
        assert "≤ 7 = replicas\n+ maxSurge" in words
        assert ax.get_ylim()[1] < 9
        assert find_top(run) == 9

    def test_limits_of_a_workload_created_anew(self):
        """After a delete and a create the limits are those of the new workload."""
        create = "kubectl create deployment web --image=web:v2 --replicas=10"
        run = simulate(
            Deployment("web", replicas=4, max_surge=0, image="web:v1"),
            [(2, "kubectl delete deploy web"), (5, create)],
        )
        low, high = plots.replicas(run, marks=False).lines
        assert [line.get_xdata()[0] for line in (low, high)] == [5, 5]
        assert [line.get_ydata()[0] for line in (low, high)] == [8, 13]

    def test_no_limits_of_another_strategy(self):
        """While the strategy is Recreate there are no limits; those before it stay."""
        recreate = '{"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}}'
        run = simulate(
            Deployment("web", replicas=4, image="web:v1"),
            [(10, f"kubectl patch deploy web -p '{recreate}'")],
            until=20.0,
        )
        ax = plots.replicas(run, marks=False, until=20)
        low, _ = ax.lines
        assert low.get_ydata()[0] == 3
        assert np.isnan(low.get_ydata()[1:]).all()
        assert [text for text in texts(ax.figure) if text.get_label() == "_limit"] == []

    def test_slivers_have_no_label(self):
        """What exists for less than 1 % of the time axis, or not before its end, has no name."""
        words = {text.get_text() for text in texts(plots.replicas(make_run(), until=500).figure)}
        assert "v0.1 terminating" in words
        words = {text.get_text() for text in texts(plots.replicas(make_run(), until=5000).figure)}
        assert words & {"v0.1 terminating", "v0.2 not yet available"} == set()
        late = simulate(
            Deployment("web", replicas=4, image="web:v1"),
            [(20, "kubectl set image deploy web web=web:v2")],
        )
        named = [text.get_text() for text in texts(plots.replicas(late, until=10).figure)]
        assert [name for name in named if name.startswith("v")] == ["v1 available"]

    def test_tags_that_are_numbers(self):
        """A tag that looks like a count of pods has the image's name before it."""
        run = simulate(
            Deployment("web", replicas=4, image="registry.example/web:1"),
            [(0, "kubectl set image deploy web web=registry.example/web:2")],
        )
        words = {text.get_text() for text in texts(plots.replicas(run).figure)}
        assert {"web:1 available", "web:2 available"} <= words

    def test_end(self):
        """The time axis ends a little after the last change, or where it is told to."""
        assert plots.replicas(make_run()).get_xlim()[1] == pytest.approx(43.2)
        assert plots.replicas(make_run(), until=12).get_xlim()[1] == 12

    def test_end_of_what_does_not_end(self):
        """A run that is stuck is shown to its end, however long nothing happens."""
        assert plots.replicas(make_run(good=False)).get_xlim()[1] == 60
        assert plots.replicas(never_pushed()).get_xlim()[1] == pytest.approx(601)

    @pytest.mark.parametrize("until", [None, 30])
    def test_state_is_said_alike(self, until):
        """Below the title and at the right edge stands the same state."""
        figure = plots.slide(never_pushed(), "Never pushed", until=until)
        state = "stuck" if until else "progress deadline exceeded"
        state = f"{state}: ImagePullBackOff"
        words = [" ".join(text.get_text().split()) for text in texts(figure)]
        assert state in words
        assert any(word.startswith(f"{state}, at least") for word in words)

    def test_marks_after_a_late_action(self):
        """Marks are at seconds of the time axis, whenever the first action was."""
        update = (100, "kubectl set image deploy web web=web:v2")
        run = simulate(Deployment("web", replicas=3, image="web:v1"), [update])
        figure = plots.slide(run, "Late")
        words = {text.get_text() for text in texts(figure)}
        assert {"complete at 106 s", "last old process ends at 106 s"} <= words
        assert any(word.startswith("complete after 6 s") for word in words)

    def test_undone(self):
        """After an undo it is the other version whose last process ends."""
        run = simulate(
            Deployment("web", replicas=3, image="web:v1"),
            [
                (0, "kubectl set image deploy web web=web:v2"),
                (3, "kubectl rollout undo deploy web"),
            ],
            images=[Image("web:v1"), Image("web:v2", becomes_ready=False, stop_seconds=4)],
        )
        words = {text.get_text() for text in texts(plots.replicas(run).figure)}
        assert "last process of v2 ends at 7 s" in words

    def test_deleted(self):
        """Of a deleted workload that is said; it has no limits any more."""
        run = simulate(
            Deployment("web", replicas=3, image="web:v1"),
            [(5, "kubectl delete deploy web")],
            images=[Image("web:v1", stop_seconds=3)],
        )
        ax = plots.replicas(run)
        words = {text.get_text() for text in texts(ax.figure)}
        assert "deleted" in words
        assert [word for word in words if word.startswith(("complete", "≤", "≥"))] == []
        limits = [line for line in ax.lines if line.get_label() == "_limit"]
        assert [line.get_ydata()[0] for line in limits] == [3, 4]
        assert all(np.isnan(line.get_ydata()[1:]).all() for line in limits)

    def test_many_versions(self):
        """Five versions have five colours; no arrow to an area crosses the label of another."""
        updates = [(3 * i, f"kubectl set image deploy web web=web:{i + 2}") for i in range(4)]
        ax = plots.replicas(simulate(Deployment("web", replicas=6, image="web:1"), updates))
        solid = [p for p in ax.patches if str(p.get_label()).endswith(" available")]
        assert len({patch.get_facecolor() for patch in solid}) == 5
        ax.figure.canvas.draw()
        arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
        assert len(arrows) == 4
        for one, other in itertools.permutations(arrows, 2):
            path = one.arrow_patch.get_path().get_extents(one.arrow_patch.get_transform())
            assert not Text.get_window_extent(other).overlaps(path), (one, other)

    def test_stuck(self):
        """A run that does not end says why."""
        figure = plots.replicas(make_run(good=False)).figure
        assert "stuck: ImagePullBackOff" in {text.get_text() for text in texts(figure)}

    @pytest.mark.parametrize(
        ("until", "expected"),
        [
            pytest.param(10, [], id="nothing is wrong yet"),
            pytest.param(20, ["still progressing"], id="it has only begun"),
            pytest.param(25, ["stuck: ImagePullBackOff"], id="stuck from now on"),
        ],
    )
    def test_state_of_the_time(self, until, expected):
        """At the right edge stands the state of that time, not of the end of the run."""
        run = simulate(
            Deployment("web", replicas=4, image="web:v1"),
            [(20, "kubectl set image deploy web web=web:v2")],
            images=[Image("web:v1")],
        )
        assert run.summary.state == "deadline exceeded"
        ax = plots.replicas(run, until=until)
        assert [text.get_text() for text in ax.texts if text.get_label() == "_mark"] == expected

    @pytest.mark.parametrize(
        ("lang", "expected"),
        [
            ("en", "progress deadline exceeded: FailedCreate"),
            ("fr", "progress deadline dépassée : FailedCreate"),
        ],
    )
    def test_reason_of_a_quota(self, lang, expected):
        """A rollout that a quota holds up says so, above the figure and below its title."""
        figure = plots.slide(held_up(), "Too small", lang=lang)
        said = words(figure)
        assert expected in said
        assert any(one.startswith(f"{expected}, ") for one in said)
        assert overlaps(figure) == []
        (mark,) = [text for text in figure.axes[0].texts if text.get_label() == "_mark"]
        assert Text.get_window_extent(mark).x1 < figure.axes[0].bbox.x1  # beside the limits

    def test_state_of_a_run_played_by_hand(self):
        """What cannot be played again has no word for its state before its last change."""
        run = make_run(good=False)
        shown = [
            {text.get_text() for text in plots.replicas(run, until=until).texts}
            & {"stuck: ImagePullBackOff"}
            for until in (10, 40)
        ]
        assert shown == [set(), {"stuck: ImagePullBackOff"}]


@cache
def held_up():
    """Return a run whose surge finds no room in a quota."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}}
    return simulate(
        [
            Deployment("web", replicas=8, image="web:v1", max_unavailable=0),
            {**quota, "spec": {"hard": {"pods": "8"}}},
        ],
        [(0, "kubectl set image deploy web web=web:v2")],
    )


@cache
def late():
    """Return the run of a third version, at 300 s in a cluster played by hand."""
    cluster = Cluster([Image(f"web:v{i}", stop_seconds=4) for i in (1, 2, 3)])
    cluster.apply(Deployment("web", replicas=20, image="web:v1"))
    cluster.run(100)
    cluster.kubectl("scale deploy web --replicas=4")
    cluster.kubectl("set image deploy web web=web:v2")
    cluster.run(300)
    cluster.kubectl("set image deploy web web=web:v3")
    cluster.run(400)
    return Run(cluster, began_at=300)


class TestBegin:
    @pytest.mark.parametrize(
        "draw",
        [
            pytest.param(plots.replicas, id="replicas"),
            pytest.param(plots.pods, id="pods"),
            pytest.param(plots.peaks, id="peaks"),
            pytest.param(plots.stacked, id="stacked"),
            pytest.param(lambda run: plots.compare({"a": run, "b": run}), id="compare"),
        ],
    )
    def test_axis(self, draw):
        """Pictures start a little before the first action; the axis has the cluster's seconds."""
        for ax in np.ravel(draw(late())):
            start, end = ax.get_xlim()
            assert 308 < end < 312
            assert start == pytest.approx(300 - 0.04 * (end - 300))

    @pytest.mark.parametrize(
        ("options", "until", "expected"),
        [
            pytest.param({}, None, (60, 66), id="from the first action on"),
            pytest.param({}, 90, (60, 90), id="to where it is told to"),
            pytest.param({}, 60, (0, 60), id="all from 0 on if it ends with the first action"),
            pytest.param({"settled": False}, None, (0, 66), id="from its creation on"),
        ],
    )
    def test_of_a_simulation(self, options, until, expected):
        """What is seen of a run that waits before it acts is what is measured."""
        update = (60, "kubectl set image deploy web web=web:v2")
        run = simulate(Deployment("web", replicas=3, image="web:v1"), [update], **options)
        begin, last = expected
        end = last if until else begin + (last - begin) * 1.08
        start = 0 if options else begin - 0.04 * (end - begin)
        assert plots.replicas(run, until=until).get_xlim() == pytest.approx((start, end))
        assert plots.pods(run, until=until).get_xlim() == pytest.approx((start, end))

    def test_all(self):
        """Without a first action all seconds of a cluster are seen, from 0 on."""
        assert plots.replicas(Run(late().cluster)).get_xlim() == pytest.approx((0, 308 * 1.08))

    def test_data(self):
        """The first row is the state just before; older versions and their pods are not there."""
        table = plots.data(late())
        assert table.columns.get_level_values("revision").unique().tolist() == [2, 3]
        assert table.iloc[0].tolist() == [4, 0, 0, 0]
        assert table.index[1:].tolist() == [300, 302, 304, 306, 308]
        drawn = plots.data(plots.replicas(late()))
        assert drawn.values.tolist() == table.values.tolist()
        ax = plots.pods(late())
        assert len(ax.get_yticklabels()) == 8
        bars = plots.data(ax)
        assert bars.groupby("revision")["row"].nunique().tolist() == [4, 4]
        assert bars[bars["state"] == "ready"].groupby("revision")["start"].min()[1] == 302

    def test_colours(self):
        """The version that is there at the first action is the old one."""
        ax = plots.replicas(late())
        colours = {
            patch.get_label(): matplotlib.colors.to_hex(patch.get_facecolor())
            for patch in ax.patches
        }
        assert colours["2 available"] == THEMES["light"].revision(0)
        assert colours["3 available"] == THEMES["light"].revision(1)

    def test_heights(self):
        """How high a picture is follows from what is seen on it, not from what was before."""
        run = late()
        assert find_top(run) == 8
        assert "8 pods at most,\nwith terminating" in words(plots.peaks(run).figure)
        lower = plots.stacked(run)[1]
        assert lower.get_ylim()[1] < 5
        assert plots.data(lower)["endpoints"].iloc[0] == 4
        assert plots.peaks(run, until=200).get_ylim()[1] > 20

    def test_compare(self):
        """Runs that begin at different seconds are all seen from the first of these on."""
        early = run_of(rolling(replicas=2))
        axes = plots.compare({"late": late(), "early": early})
        assert {ax.get_xlim()[0] <= 0 for ax in axes} == {True}
        assert {ax.get_ylim()[1] > 20 for ax in axes} == {True}
        first = plots.data(axes[0])
        assert first.columns.get_level_values("revision").unique().tolist() == [1, 2, 3]

    def test_film(self):
        """A film begins where its picture does."""
        for draw in (plots.replicas, plots.pods, plots.stacked):
            film = Film(late(), "Late", draw, {}, width=160)
            assert film.begin == 300
            assert film.note(300) == "300 s: 4 available, 4 pods with terminating ones"

    def test_steps(self):
        """The steps of a picture without parts are instants from the first action on.

        When the update is complete, and when the last old process has ended, come between.
        """
        run = late()
        *figures, last = plots.build(run, "Late", draw=plots.pods)
        seen = []
        for ax in (figure.axes[0] for figure in figures):
            right = next(bar for bars in ax.containers for bar in bars).get_clip_box().x1
            seen.append(ax.transData.inverted().transform((right, 0))[0])
        after = sorted([run.summary.duration_seconds, run.summary.old_gone_seconds])
        assert after[0] < after[1]
        assert seen == pytest.approx([300, *(300 + seconds for seconds in after)])
        assert last.axes[0].get_xlim()[1] > seen[-1]

    def test_before(self):
        """Up to a time before the first action all is seen that was before, from 0 on."""
        run = late()
        table = plots.data(plots.replicas(run, until=200))
        assert (table.index[0], table.iloc[0].sum()) == (0, 20)
        assert {1, 2} <= set(table.columns.get_level_values("revision"))
        most = int(Run(run.cluster).timeline["pods"][:200].max())
        assert f"{most} pods at most,\nwith terminating" in words(
            plots.peaks(run, until=200).figure
        )

    def test_settings(self):
        """What is asked for begins with what holds just before the first action."""
        assert [setting.replicas for setting in read_settings(late())] == [4]

    def test_words(self):
        """The description says from when to when."""
        text = plots.describe(plots.replicas(late()))
        assert text.startswith("Over time, pods from 299.7 to 308.6 s: v2 available from 4 to 0")

    def test_no_pods_yet(self):
        """The axis of bars begins where that of areas does, also as long as there is no pod."""
        workload = Deployment("web", replicas=2, image="web:v1", paused=True)
        run = simulate(workload, settled=False, until=10)
        assert [draw(run, until=10).get_xlim() for draw in (plots.pods, plots.replicas)] == [
            (0, 10),
            (0, 10),
        ]

    @pytest.mark.parametrize("images", [None, []], ids=["complete", "stuck"])
    def test_measures_of_what_is_not_seen(self, images):
        """Before the first action there is nothing to measure, on a slide or above a panel."""
        update = (300, "kubectl set image deploy web web=web:v2")
        run = simulate(Deployment("web", replicas=4, image="web:v1"), [update], images=images)
        for count in (1, 4):
            axes = plots.compare({str(i): run for i in range(count)}, until=300)
            notes = [text for ax in axes for text in ax.texts if text.get_label() == "_note"]
            assert {note.get_text() for note in notes} == {""}
        for until, is_measured in ((300, False), (301, True)):
            said = words(plots.slide(run, "Before", until=until))
            assert any("at least" in one for one in said) == is_measured


class TestThroughput:
    def test_steps(self):
        """A rate holds until the next row."""
        rates = pulling(make_run(replicas=2, surge=1, unavailable=0).timeline, 5.0)
        ax = plots.throughput(rates)
        (line,) = ax.lines
        assert line.get_drawstyle() == "steps-post"
        assert line.get_xdata()[:-1].tolist() == rates.index.tolist()
        assert line.get_ydata().tolist() == [10, 15, 20, 15, 10, 10]
        assert ax.get_ylabel() == "hashes/s"

    def test_first_row(self):
        """The time axis starts with the first row."""
        rates = pd.Series([5.0, 6.0], pd.Index([300.0, 310.0]))
        assert plots.throughput(rates, until=320).get_xlim() == (300, 320)

    def test_several(self):
        """Several rates are named at their ends, however close they are."""
        index = pd.Index([0.0, 5.0], name="time")
        series = {name: pd.Series([9.0, 10.0], index) for name in ("true", "seen", "asked")}
        ax = plots.throughput(series)
        assert overlaps(ax.figure) == []
        assert [line.get_label() for line in ax.lines] == list(series)

    @pytest.mark.parametrize("pack", [lambda run: run, lambda run: {"one": run}])
    def test_of_a_run(self, pack):
        """A run is no series; the error says how to make one."""
        with pytest.raises(TypeError, match=r"give rollnb\.throughput\.hashes\(run\)"):
            plots.throughput(pack(make_run()))


def never_pushed():
    """Return a run whose new image does not exist, until its deadline has passed."""
    update = (0, "kubectl set image deploy web web=web:v9")
    web = Deployment("web", replicas=4, image="web:v1")
    return simulate(web, [update], images=[Image("web:v1")])


class TestPods:
    def test_bars(self):
        """Each pod has a bar, made of what it did and when."""
        ax = plots.pods(make_run(replicas=1, surge=1, unavailable=0))
        found = {
            container.get_label(): [(bar.get_x(), bar.get_width()) for bar in container]
            for container in ax.containers
            if len(container)
        }
        low, end = ax.get_xlim()
        assert found == {
            "0 ready": [(low, 2 - low)],
            "0 terminating": [(2, 30)],
            "1 starting": [(0, 2)],
            "1 ready": [(2, end - 2)],
        }

    def test_available(self):
        """A tick marks when a pod is available, if that is later than ready."""
        ax = plots.pods(make_run(replicas=1, surge=1, unavailable=0, warm_up=10.0))
        segments = np.concatenate([c.get_segments() for c in ax.collections])
        assert segments[:, 0, 0].tolist() == [12.0]

    def test_key_of_the_tick(self):
        """The key explains the tick where there is one."""
        keys = [
            [t.get_text() for t in plots.pods(make_run(warm_up=warm)).get_legend().get_texts()]
            for warm in (0.0, 10.0)
        ]
        assert [key.count("available") for key in keys] == [0, 1]

    @pytest.mark.parametrize("lang", ["en", "fr"])
    def test_key_fits(self, lang):
        """The key is on the figure, above the bars and below the title, however much it says."""
        images = [Image("postgres:15", stop_seconds=3), Image("postgres:16", ready_seconds=2)]
        run = simulate(
            StatefulSet("postgres", replicas=3, image="postgres:15", min_ready_seconds=3),
            [(0, "kubectl set image sts postgres postgres=postgres:16")],
            images=images,
        )
        figure = plots.slide(run, "Two images", draw=plots.pods, lang=lang)
        figure.canvas.draw()
        ax = figure.axes[0]
        box = ax.get_legend().get_window_extent()
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
        notes = [text.get_window_extent() for text in figure.texts]
        assert box.y0 >= ax.bbox.y1
        assert box.y1 + 15 < min(note.y0 for note in notes)

    def test_passed_trouble(self):
        """Why a pod could not start is said on its bar, also when it has started at last."""
        run = simulate(
            Deployment("web", replicas=3, image="web:v1"),
            [(0, "kubectl set image deploy web web=web:v2"), (60, Image("web:v2"))],
            images=[Image("web:v1")],
        )
        assert run.summary.state == "complete"
        ax = plots.pods(run)
        (said,) = [text for text in ax.texts if text.get_label() == "_reason"]
        ready_at = run.pods["ready_at"].max() - 4
        assert (said.get_text(), said.xy[0]) == ("ImagePullBackOff", pytest.approx(ready_at))

    def test_names_of_nodes(self):
        """Names of nodes are without the domain they share, and need no room if left out."""
        left = []
        for count in (5, 40):
            nodes = [Node(f"ip-10-0-0-{i}.eu-central-1.compute.internal") for i in range(count)]
            ax = plots.pods(simulate(DaemonSet("log", image="log:1"), nodes=nodes))
            left.append(ax.get_position().x0)
            names = [text.get_text() for text in ax.get_yticklabels()]
            assert names == ([f"ip-10-0-0-{i}" for i in range(5)] if count == 5 else [])
        assert left[1] < 0.03 < left[0] < 0.16

    def test_crash(self):
        """A bar shows each time at which the process was down."""
        cluster = settled(1)
        (pod,) = cluster.pods
        for time, fact in [(5, Fact.STOPPED), (15, Fact.STARTED), (16, Fact.READY)]:
            cluster.note(time, fact, pod=pod)
        ax = plots.pods(run_of(cluster))
        (down,) = [container for container in ax.containers if container.get_label() == "0 down"]
        assert [(bar.get_x(), bar.get_width()) for bar in down] == [(5, 10)]

    def test_names(self):
        """Pods are named by what tells them apart; what keeps one from starting is said."""
        words = [t.get_text() for t in texts(plots.pods(make_run(good=False)).figure)]
        assert words.count("ImagePullBackOff") == 2
        assert {"00000", "00011", "v0.1", "v0.2", "pulling, starting"} <= set(words)

    def test_nothing_yet(self):
        """Before the first pod there are no bars, and nothing to explain."""
        run = simulate(
            Deployment("web", replicas=2, image="web:v1"),
            [(2, "kubectl delete deploy web"), (5, "kubectl create deploy web --image=web:v2")],
        )
        ax = plots.pods(run, until=4)
        assert [text.get_text() for text in ax.get_legend().get_texts()] == []

    def test_many(self):
        """Of more pods than fit, none is named."""
        words = {t.get_text() for t in texts(plots.pods(make_run(replicas=40)).figure)}
        assert "00000" not in words

    def test_blocks(self):
        """Each block of bars of a version has its name beside it, a version maybe several."""
        run = simulate(
            Deployment("web", replicas=4, image="web:v1"),
            [
                (0, "kubectl set image deploy web web=web:v2"),
                (60, "kubectl rollout undo deploy web"),
            ],
        )
        ax = plots.pods(run)
        beside = [text for text in ax.texts if text.get_label() == "_beside"]
        assert [text.get_text() for text in beside] == ["v1", "v2", "v1"]
        low, high = ax.get_ylim()
        middles = [low + text.xy[1] * (high - low) for text in beside]
        assert middles == pytest.approx([1.5, 5.5, 9.5])
        shorter = plots.pods(run, until=50)
        names = [text.get_text() for text in shorter.texts if text.get_label() == "_beside"]
        assert names == ["v1", "v2"]

    def test_many_blocks(self):
        """Names that do not fit beside their blocks are in the key, with their colours."""
        updates = [
            (20 * i, f"kubectl set image deploy web web=web:v{2 - i % 2}") for i in range(40)
        ]
        run = simulate(Deployment("web", replicas=1, image="web:v1"), updates)
        ax = plots.pods(run)
        assert [text for text in ax.texts if text.get_label() == "_beside"] == []
        assert [t.get_text() for t in ax.get_legend().get_texts()][:2] == ["v1", "v2"]
        assert overlaps(ax.figure) == []

    def test_rows_of_a_stateful_set(self):
        """Pods that have a name one after the other share its row; the key names revisions."""
        run = simulate(
            StatefulSet("db", replicas=12, image="db:v1"),
            [(0, "kubectl set image sts db db=db:v2")],
        )
        ax = plots.pods(run)
        assert [t.get_text() for t in ax.get_yticklabels()] == [f"db-{i}" for i in range(12)]
        key = [t.get_text() for t in ax.get_legend().get_texts()]
        assert key == ["v1", "v2", "pulling, starting", "ready"]
        bars = {
            container.get_label(): [round(bar.get_y() + bar.get_height() / 2) for bar in container]
            for container in ax.containers
            if len(container)
        }
        assert sorted(bars["0 ready"]) == sorted(bars["1 ready"]) == list(range(12))

    def test_rows_of_a_daemon_set(self):
        """Each node has a row; with a surge its old and its new pod stand in it side by side."""
        run = simulate(
            DaemonSet("agent", image="agent:v1", max_surge=1, max_unavailable=0),
            [(0, "kubectl set image ds agent agent=agent:v2")],
            nodes=[Node("node-10"), Node("node-9")],
        )
        ax = plots.pods(run)
        assert [t.get_text() for t in ax.get_yticklabels()] == ["node-9", "node-10"]
        middles = {
            container.get_label(): sorted(
                round(b.get_y() + b.get_height() / 2, 3) for b in container
            )
            for container in ax.containers
            if len(container)
        }
        assert middles["0 ready"] == [-0.2, 0.8]
        assert middles["1 ready"] == [0.2, 1.2]

    def test_colours_are_those_of_replicas(self):
        """A revision keeps its colour when an undo gives the old one the higher number."""
        run = simulate(
            StatefulSet("db", replicas=2, image="db:v1"),
            [(0, "kubectl set image sts db db=db:v2"), (1, "kubectl rollout undo sts db")],
            images=[Image("db:v1")],
            until=20.0,
        )
        legend = plots.pods(run).get_legend()
        assert [t.get_text() for t in legend.get_texts()][:2] == ["v1", "v2"]


class TestLimits:
    @pytest.mark.parametrize(
        ("workload", "gates", "expected"),
        [
            pytest.param(StatefulSet("db", replicas=5, max_unavailable=2), (), (4, 5), id="one"),
            pytest.param(
                StatefulSet("db", replicas=5, max_unavailable="50%"),
                ("MaxUnavailableStatefulSet",),
                (3, 5),
                id="with the gate, rounded down",
            ),
            pytest.param(DaemonSet("agent", max_unavailable="30%"), (), (3, 5), id="rounded up"),
            pytest.param(DaemonSet("agent", strategy="OnDelete"), (), None, id="OnDelete: none"),
        ],
    )
    def test_find_limits(self, workload, gates, expected):
        """The limits are those that the controllers of the other kinds go by."""
        assert find_limits(workload, 5, gates) == expected


class TestTraffic:
    def test_areas(self):
        """Lost requests lie on the answered ones, up to all that are sent."""
        index = pd.Index([0.0, 2.0, 3.0, 10.0], name="time")
        frame = pd.DataFrame(
            {"answered": [100.0, 90, 100, 100], "lost": [0.0, 10, 0, 0]}, index=index
        )
        ax = plots.traffic(frame)
        (answered, lost) = areas(ax).values()
        assert answered == {0.0: (0, 100), 2.0: (0, 90), 3.0: (0, 100), 10.0: (0, 100)}
        assert {time: edges for time, edges in lost.items() if edges} == {2.0: (90, 100)}
        assert [t.get_text() for t in ax.get_legend().get_texts()] == [
            "answered",
            "lost: 10 of 1000 requests",
        ]
        assert overlaps(ax.figure) == []

    @pytest.mark.parametrize("until", [None, 7.0, 12.0])
    def test_axis_is_what_is_counted(self, until):
        """The time axis has the seconds whose requests are counted above it, and no other."""
        index = pd.Index([300.0, 302.0, 305.0], name="time")
        frame = pd.DataFrame({"answered": [100.0, 90, 100], "lost": [0.0, 10, 0]}, index=index)
        ax = plots.traffic(frame, until=until and 300 + until)
        seconds = until or 5
        assert ax.get_xlim() == (300, 300 + seconds)
        assert ax.get_legend().get_texts()[1].get_text() == (
            f"lost: 30 of {seconds * 100:.0f} requests"
        )

    def test_end_before_the_first_row(self):
        """An axis that would end before it starts is refused, with what there is to see."""
        update = (300, "kubectl set image deploy web web=web:v2")
        frame = traffic(simulate(Deployment("web", replicas=2, image="web:v1"), [update]))
        with pytest.raises(ValueError, match="must be a number of seconds from 300 on"):
            plots.traffic(frame, until=100)


class TestCompare:
    def test_scales(self):
        """Runs beside each other have the same scales."""
        runs = {"one": make_run(), "two": make_run(surge=3, unavailable=0, warm_up=10.0)}
        axes = plots.compare(runs)
        assert len({(ax.get_xlim()[1], ax.get_ylim()) for ax in axes}) == 1
        assert [ax.get_title(loc="left") for ax in axes] == ["one", "two"]

    @pytest.mark.parametrize("count", [2, 3, 6])
    def test_words_between_axes(self, count):
        """Between the words of a limit and the next axes there is room for a letter."""
        axes = plots.compare({str(i): make_run() for i in range(count)})
        axes[0].figure.canvas.draw()
        texts = [text for text in axes[0].texts if text.get_label() == "_limit"]
        end = max(Text.get_window_extent(text).x1 for text in texts)
        points = (axes[1].bbox.x0 - end) * 72 / axes[0].figure.dpi
        assert len(texts) == 2
        assert points > 12

    def test_state_of_the_time(self):
        """Above a run that is stuck stands its state where the time axis ends."""
        for until, state in ((30, "stuck: ImagePullBackOff"), (None, "progress deadline")):
            (ax,) = plots.compare({"one": never_pushed()}, until=until)
            (note,) = [text.get_text() for text in ax.texts if text.get_label() == "_note"]
            assert note.startswith(state)

    @pytest.mark.parametrize(("lang", "theme"), [("en", "light"), ("fr", "dark")])
    def test_key_of_three_kinds(self, lang, theme):
        """The key of different versions is on the figure, below the names of the time axes."""
        kinds = (StatefulSet("postgres", replicas=3, image="postgres:15", min_ready_seconds=3),)
        kinds += (Deployment("web", replicas=5, image="web:1"), DaemonSet("log", image="log:1"))
        runs = {}
        for workload in kinds:
            kind, name = type(workload).__name__, workload.name
            update = f"kubectl set image {kind.lower()} {name} {name}={name}:2"
            old = Image(workload.image, stop_seconds=2)
            runs[kind] = simulate(workload, [(0, update)], images=[old, Image(f"{name}:2")])
        axes = plots.compare(runs, lang=lang, theme=theme)
        figure = axes[0].figure
        figure.canvas.draw()
        (key,) = figure.legends
        box = key.get_window_extent()
        assert figure.bbox.x0 < box.x0 < box.x1 < figure.bbox.x1
        assert box.y0 >= 0
        assert box.y1 < min(ax.xaxis.label.get_window_extent().y0 for ax in axes)
        old, new = ("old", "new") if lang == "en" else ("anciens", "nouveaux")
        assert {text.get_text().split()[0] for text in key.texts} == {old, new}

    def test_given_axes(self):
        """Runs can be drawn in a grid of one's own."""
        figure = Figure()
        axes = figure.subplots(2, 2)
        drawn = plots.compare({"one": make_run(), "two": make_run()}, axes=axes)
        assert drawn.tolist() == axes.ravel()[:2].tolist()

    def test_errors(self):
        """Nothing to compare, or too few axes, is a clear error."""
        with pytest.raises(ValueError, match=r"runs=\{\} must be a mapping"):
            plots.compare({})
        with pytest.raises(ValueError, match="1 axes are too few for 2 runs"):
            plots.compare({"a": make_run(), "b": make_run()}, axes=[Figure().subplots()])

    def test_most(self):
        """More than six runs cannot be seen in one figure; on axes of one's own they can."""
        runs = {str(i): make_run() for i in range(7)}
        with pytest.raises(ValueError, match=r"7 runs are too many .*: draw 6 at most, or give"):
            plots.compare(runs)
        axes = Figure().subplots(7)
        assert plots.compare(runs, axes=axes).tolist() == axes.tolist()

    @pytest.mark.parametrize("count", [4, 5, 6])
    def test_two_rows(self, count):
        """Of four runs and more each has enough height, numbers below, and how it ends above."""
        runs = {f"maxSurge {i}, maxUnavailable 1": make_run() for i in range(count)}
        axes = plots.compare(runs, title="Which is the quickest?")
        axes[0].figure.canvas.draw()
        assert min(ax.get_position().height for ax in axes) > 0.2
        columns = -(-count // 2)
        named = [any(label.get_visible() for label in ax.get_xticklabels()) for ax in axes]
        assert named == [number >= count - columns for number in range(count)]
        assert [ax.get_xlabel() for ax in axes[columns:]] == ["time (s)"] + [""] * (
            count - columns - 1
        )
        lines = [
            text.get_text() for ax in axes for text in ax.texts if text.get_label() == "_note"
        ]
        assert lines == ["complete after 10 s"] * count


DRAWN = [
    pytest.param(lambda run, **o: plots.replicas(run, **o), id="replicas"),
    pytest.param(lambda run, **o: plots.pods(run, **o), id="pods"),
    pytest.param(lambda run, **o: plots.throughput(pulling(run.timeline, 2), **o), id="rate"),
    pytest.param(
        lambda run, **o: plots.compare({"before": run, "after": make_run()}, **o), id="two"
    ),
    pytest.param(
        lambda run, **o: plots.compare(
            {f"surge {i}, unavailable 1, a long name": run for i in range(5)}, **o
        ),
        id="five",
    ),
    pytest.param(
        lambda run, **o: plots.slide(run, "A title that is quite long, and then a bit", **o),
        id="slide",
    ),
    pytest.param(lambda run, **o: plots.peaks(run, **o), id="peaks"),
    pytest.param(lambda run, **o: plots.stacked(run, pulling(run.timeline, 2), **o), id="stacked"),
]

RUNS = [
    pytest.param({}, id="1 up 1 down"),
    pytest.param({"surge": 3, "unavailable": 2}, id="25 %"),
    pytest.param({"surge": 0, "unavailable": 10}, id="all at once"),
    pytest.param({"surge": 1, "unavailable": 0, "warm_up": 10.0}, id="slow"),
    pytest.param({"good": False}, id="bad image"),
    pytest.param({"replicas": 1, "surge": 1, "unavailable": 0}, id="one replica"),
    pytest.param({"replicas": 100, "grace": 1.0}, id="100 replicas"),
]


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("options", RUNS)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_word_can_be_read(draw, options, lang):
    """On a slide no text is cut off, none lies on another, none is smaller than 30 pixels."""
    drawn = draw(make_run(**options), lang=lang)
    figure = drawn if isinstance(drawn, Figure) else np.ravel(drawn)[0].figure
    assert overlaps(figure) == []
    smallest = min(text.get_fontsize() for text in texts(figure))
    assert smallest * 200 / 72 >= 30


@pytest.mark.parametrize("draw", DRAWN[:3])
def test_draws_on_given_axes(draw):
    """A function draws on the axes it is given, returns them, and changes no setting."""
    before = matplotlib.rcParams.copy()
    figure = Figure()
    ax = figure.subplots()
    assert draw(make_run(), ax=ax) is ax
    assert matplotlib.rcParams == before
    assert matplotlib.pyplot.get_fignums() == []


def test_new_figure_is_pyplots():
    """Without axes the figure is pyplot's, which a notebook shows below the cell."""
    ax = plots.replicas(make_run())
    assert matplotlib.pyplot.gcf() is ax.figure
    assert ax.figure.get_size_inches().tolist() == [9.6, 5.4]


def test_many_figures(recwarn):
    """A notebook or a talk may have more figures than matplotlib thinks are many."""
    for _ in range(matplotlib.rcParams["figure.max_open_warning"] + 1):
        plots.throughput(pd.Series([1.0], pd.Index([0.0])))
    assert [str(warning.message) for warning in recwarn] == []


def test_settings_stay_after_an_error():
    """Nothing of the style is left behind, even if drawing fails."""
    before = matplotlib.rcParams.copy()
    with pytest.raises(ValueError, match=r"lang='de' is not one of \['en', 'fr'\]"):
        plots.replicas(make_run(), lang="de")
    with pytest.raises(ValueError, match=r"theme='red' is not one of \['dark', 'light'\]"):
        plots.replicas(make_run(), theme="red")
    assert matplotlib.rcParams == before


def test_display_stays_on():
    """The first figure of a notebook turns their display on; that is for all that follow."""
    before = matplotlib.is_interactive()
    try:
        matplotlib.interactive(False)
        with style():
            matplotlib.interactive(True)
        assert matplotlib.is_interactive()
    finally:
        matplotlib.interactive(before)


class TestSave:
    def test_formats(self, tmp_path):
        """Without an ending all three formats are written, beside each other."""
        paths = plots.save(plots.replicas(make_run()), tmp_path / "v0.2")
        assert [path.name for path in paths] == ["v0.2.svg", "v0.2.pdf", "v0.2.png"]
        assert all(path.stat().st_size > 5000 for path in paths)

    @pytest.mark.parametrize("size", [(9.6, 5.4), (4, 4)], ids=["16:9", "square"])
    def test_pixels(self, tmp_path, size):
        """A PNG is 1920 x 1080 whatever size the figure has; the figure keeps its own."""
        figure = Figure(figsize=size)
        plots.replicas(make_run(), ax=figure.subplots())
        (path,) = plots.save(figure, tmp_path / "picture.png")
        assert imread(path).shape[:2] == (1080, 1920)
        assert figure.get_size_inches().tolist() == list(size)

    def test_vector_sizes(self, tmp_path):
        """SVG and PDF have the same proportions."""
        svg, pdf, _ = plots.save(plots.replicas(make_run()), tmp_path / "picture")
        assert 'viewBox="0 0 691.2 388.8"' in svg.read_text()
        assert re.search(rb"MediaBox \[ ?0 0 691.2 388.8 ?\]", pdf.read_bytes())

    @pytest.mark.parametrize("draw", [plots.replicas, plots.pods], ids=["replicas", "pods"])
    def test_same_bytes(self, tmp_path, draw):
        """The same figure is saved as the same bytes, drawn again or not."""
        first, second = draw(make_run()), draw(make_run())
        written = [
            [path.read_bytes() for path in plots.save(ax, tmp_path / name)]
            for ax, name in [(first, "a"), (first, "b"), (second, "c")]
        ]
        assert written[0] == written[1] == written[2]

    def test_missing_folder(self, tmp_path):
        """A folder that is missing is made."""
        (path,) = plots.save(plots.replicas(make_run()), tmp_path / "a talk" / "day 1" / "x.svg")
        assert path == tmp_path / "a talk" / "day 1" / "x.svg"
        assert path.exists()

    def test_other_endings(self, tmp_path):
        """Another kind of picture is a clear error, and nothing is written."""
        ax = plots.replicas(make_run())
        with pytest.raises(ValueError, match=r"'x\.JPG' .* one of \.svg, \.pdf, \.png"):
            plots.save(ax, tmp_path / "x.JPG")
        with pytest.raises(ValueError, match=r"cannot be written as \.jpg"):
            plots.save(ax, tmp_path / "x", ["png", "jpg"])
        assert list(tmp_path.iterdir()) == []


class TestSlide:
    def test_words(self):
        """A slide has a title and, unless told otherwise, the measures of the run."""
        figure = plots.slide(make_run(), "One up, one down")
        words = {text.get_text() for text in texts(figure)}
        line = "complete after 10 s, at least 9 available, up to 20 pods with terminating ones"
        assert {"One up, one down", line} <= words
        assert plots.describe(make_run(good=False)) == (
            "stuck: ImagePullBackOff, at least 9 available, up to 12 pods with terminating ones"
        )

    def test_dark(self):
        """The dark theme changes the paper and the ink."""
        figure = plots.slide(make_run(), "Dark", theme="dark")
        assert matplotlib.colors.to_hex(figure.get_facecolor()) == THEMES["dark"].paper
        assert figure.texts[0].get_color() == THEMES["dark"].ink


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param([5.0, 15.0], [5.0, 15.0], id="with room enough nothing moves"),
        pytest.param([5.0, 6.0], [3.5, 7.5], id="neighbours make room for each other"),
        pytest.param([6.0, 5.0], [7.5, 3.5], id="the order stays"),
        pytest.param([0.0, 1.0], [2.0, 6.0], id="nothing leaves the room"),
        pytest.param([19.0, 20.0, 1.0], [14.0, 18.0, 2.0], id="at the other end, too"),
        pytest.param([5.0, 6.0, 9.0], [8 / 3, 20 / 3, 32 / 3], id="a chain"),
    ],
)
def test_spread(wanted, expected):
    """Labels move apart as little as needed."""
    assert spread(wanted, [4.0] * len(wanted), 0.0, 20.0) == pytest.approx(expected)


def test_count_columns():
    """A key has as many columns as fit, and rows that are as alike as can be."""
    column = measure("web", 10)[0] + 40
    fits = {n: count_columns(["web"] * 5, n * column + 1, 10) for n in (5, 4, 3, 2, 0)}
    assert fits == {5: 5, 4: 3, 3: 3, 2: 2, 0: 1}


@pytest.mark.parametrize(
    ("upper", "size", "expected"),
    [
        pytest.param([5, 5, 5, 5, 5], (2, 3), (2.0, 2.5), id="in the middle"),
        pytest.param([5, 5, 1, 9, 9], (1, 3), (3.5, 4.5), id="where it is roomiest"),
        pytest.param([5, 5, 1, 5, 5], (2, 3), None, id="a gap is in the way"),
        pytest.param([5, 5], (9, 3), None, id="wider than everything"),
    ],
)
def test_fit_inside(upper, size, expected):
    """A label goes where an area has the most room for it, if it has."""
    upper = np.array(upper, dtype=float)
    assert fit_inside(np.zeros(len(upper)), upper, 1.0, size) == expected
