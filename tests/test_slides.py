"""Slides, builds, films, and what stands beside a picture: its data and its description."""

import re
import subprocess
import sys
from functools import cache
from itertools import pairwise

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text
from PIL import Image as Picture

from rollnb import Deployment, plots, simulate
from rollnb.plots.animation import find_ffmpeg
from rollnb.plots.figures import SMALLEST, read_style, settings
from rollnb.plots.films import Film
from rollnb.plots.labels import wrap
from rollnb.plots.reveal import Curtain, find_parts
from rollnb.scenarios import IMAGES, SCENARIOS, roll_out, update, worker
from rollnb.throughput import pulling

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    matplotlib.pyplot.close("all")


@cache
def play(name="lesson"):
    """Return the run of a scenario."""
    return SCENARIOS[name].play()


@cache
def patched():
    """Return a run in which a patch changes the pace at 20 s, and a scale the replicas at 50 s."""
    pace = '{"spec": {"strategy": {"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 0}}}}'
    actions = [
        (0, update("v0.2")),
        (20, f"kubectl patch deployment worker -p '{pace}'"),
        (50, "kubectl scale deployment worker --replicas=14"),
    ]
    return simulate(worker(max_surge=1, max_unavailable=1), actions, images=IMAGES)


def limits(figure):
    """Return the limits that a figure shows: where its lines end, and the words beside them."""
    ax = figure.axes[0]
    lines = [line for line in ax.lines if line.get_label() == "_limit"]
    shown = [text for text in ax.texts if text.get_label() == "_limit" and text.get_visible()]
    return [line.get_ydata()[-1] for line in lines], [t.get_text().split()[1] for t in shown]


def words(figure):
    """Return the texts that are seen on a figure."""
    shown = [text for text in figure.findobj(Text) if text.get_visible()]
    return {text.get_text() for text in shown if text.axes is None or text.axes.get_visible()}


def places(figure):
    """Return the position and the scales of each axes."""
    return [(ax.get_position().bounds, ax.get_xlim(), ax.get_ylim()) for ax in figure.axes]


class TestPeaks:
    def test_lines(self):
        """One line is at the spec's limit, one at the most pods there are; between them +9."""
        ax = plots.peaks(play())
        assert sorted(line.get_ydata()[0] for line in ax.lines) == [11, 20]
        assert {"+9", "20 pods at most,\nwith terminating"} <= words(ax.figure)
        assert "11 by the spec:\nreplicas\n+ maxSurge" in words(ax.figure)

    def test_no_difference(self):
        """Where no pod is too many, there is one line, and no difference to point out."""
        ax = plots.peaks(play("all-at-once"))
        assert [line.get_ydata()[0] for line in ax.lines] == [10]
        assert not {text for text in words(ax.figure) if text.startswith("+")}

    def test_limit_of_the_time(self):
        """The spec's line changes at a patch; the peak is compared with the limit before it."""
        ax = plots.peaks(patched())
        spec = next(line for line in ax.lines if line.get_drawstyle() == "steps-post")
        assert spec.get_xdata()[1:-1].tolist() == [20, 20, 50, 50]
        np.testing.assert_array_equal(spec.get_ydata(), [11, np.nan, 13, np.nan, 17, 17])
        assert "17 by the spec:\nreplicas\n+ maxSurge" in words(ax.figure)
        arrow, difference = (text for text in ax.texts if text.get_label() == "_mark")
        assert difference.get_text() == "+9"
        assert (arrow.xy[1], arrow.xyann[1]) == (11, 20)
        assert 8 < arrow.xy[0] < 20
        label = next(text for text in ax.texts if text.get_label() == "1 terminating")
        assert not difference.get_window_extent().overlaps(label.get_window_extent())

    def test_until(self):
        """What comes after the end of the time axis is no peak."""
        assert "14 pods at most,\nwith terminating" in words(plots.peaks(play(), until=3).figure)

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("statefulset", "5 by the spec:\nreplicas"),
            ("daemonset-surge", "6 by the spec:\nnodes\n+ maxSurge"),
        ],
    )
    def test_other_kinds(self, name, expected):
        """A StatefulSet has no surge, and a DaemonSet asks for nodes."""
        assert expected in words(plots.peaks(play(name)).figure)


class TestStacked:
    def test_flat_then_falling(self):
        """The work stays the same while old workers work on, and falls once they are gone."""
        upper, lower = plots.stacked(play())
        values = plots.data(lower)["hashes/s"]
        assert values[values.index < 40].unique().tolist() == [10]
        assert values.iloc[-1] == pytest.approx(8.33, abs=0.01)
        assert upper.get_xlim() == lower.get_xlim()
        assert upper.get_xlim()[1] > 45  # so that one sees it

    def test_several_rates(self):
        """Rates of one's own, with names, on axes of one's own."""
        axes = Figure().subplots(2)
        rate = pulling(play().timeline, 2.0)
        drawn = plots.stacked(play(), {"asked": rate, "seen": rate / 2}, axes=axes, until=20)
        assert drawn.tolist() == axes.tolist()
        assert [line.get_label() for line in axes[1].lines] == ["asked", "seen", "_mark"]
        assert axes[0].get_xlim()[1] == 20

    def test_any_workload(self):
        """Pods of which no more is known are endpoints of a Service."""
        update = (0, "kubectl set image deploy web web=web:2")
        run = simulate(Deployment("web", replicas=2, image="web:1"), [update])
        lower = plots.stacked(run)[1]
        assert lower.get_ylabel() == "endpoints"
        assert list(plots.data(lower)["endpoints"])[-1] == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(lambda run: plots.traffic(run), "give service.traffic(run)", id="traffic"),
        pytest.param(
            lambda run: plots.slide(run, "", draw="pods"), "such as plots.pods", id="a name"
        ),
        pytest.param(
            lambda run: plots.slide(run.cluster, ""), "give what simulate", id="a cluster"
        ),
        pytest.param(lambda run: plots.pods(run.cluster), "Run(cluster)", id="its pods"),
    ],
)
def test_what_to_give(call, message):
    """Something else than is drawn is refused with what to give instead."""
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call(play())


class TestBuild:
    def test_parts(self):
        """A slide comes part by part: first nothing, at the end all, and nothing moves."""
        figures = plots.build(play(), "One up, one down")
        assert len(figures) == 5
        seen = [words(figure) for figure in figures]
        assert {"One up, one down", "time (s)"} <= seen[0]
        assert all(before < after for before, after in pairwise(seen))
        new = [after - before for before, after in pairwise(seen)]
        assert new[:3] == [
            {"v0.1 available", "v0.2 available"},
            {"v0.2 not yet available"},
            {"v0.1 terminating"},
        ]
        assert "complete at 10 s" in new[3]
        assert all(places(figure) == places(figures[0]) for figure in figures)

    @pytest.mark.parametrize("name", SCENARIOS)
    @pytest.mark.parametrize(
        "draw", [plots.replicas, plots.pods, plots.peaks], ids=lambda draw: draw.__name__
    )
    def test_number_of_steps(self, name, draw):
        """Left to itself, a build has three to six steps."""
        assert 3 <= len(plots.build(play(name), "A title", draw=draw)) <= 6

    def test_panels(self):
        """Runs beside each other come one after the other."""
        runs = {"before": play(), "after": play("careful")}
        figures = plots.build(runs, "Quick or careful?", draw=plots.compare)
        shown = [
            [any(patch.get_visible() for patch in ax.patches) for ax in figure.axes]
            for figure in figures
        ]
        assert shown == [[False, False], [True, False], [True, True]]

    def test_times(self):
        """Given seconds, each step shows what has happened by then, and no word of the rest."""
        first, second, last = plots.build(play(), "One up, one down", [0, 12, 44])
        assert not {"complete at 10 s", "v0.2 not yet available"} & words(first)
        assert {"complete at 10 s", "v0.2 not yet available"} <= words(second)
        assert "v0.1 terminating" not in words(second)
        assert {"v0.1 terminating", "last old process ends at 40 s"} <= words(last)
        (patch, *_) = second.axes[0].patches
        right = patch.get_clip_box().x1
        assert second.axes[0].transData.inverted().transform((right, 0))[0] == pytest.approx(12)

    def test_limits_of_the_time(self):
        """Limits stand as they are known at the time: a change still to come is not seen."""
        figures = plots.build(patched(), "Patched", [5, 20, 49, 60])
        assert [limits(figure) for figure in figures] == [
            ([9, 11], ["9", "11"]),
            ([10, 13], ["10", "13"]),
            ([10, 13], ["10", "13"]),
            ([14, 17], ["14", "17"]),
        ]
        first, second = (figure.axes[0].lines[0].get_xdata()[1:] for figure in figures[:2])
        assert first.tolist() == [second[-1]]
        assert second[0] == 20

    def test_names_of_pods_to_come(self):
        """A row of bars has no name before its bar is seen; the places of the others stay."""
        figures = plots.build(play(), "One up", [0, 2, 50], draw=plots.pods)
        rows = [figure.axes[0].get_yticklabels() for figure in figures]
        seen = [[(label.get_text(), label.get_position()[1]) for label in row] for row in rows]
        pods = play().pods
        names = pods["name"].str.rpartition("-")[2].tolist()
        for shown, time, count in zip(seen, (0, 2, 50), (10, 12, 20), strict=True):
            assert (pods["created_at"] < time).sum() == count
            assert shown == list(zip(names[:count], range(count), strict=True))
        assert len({places(figure)[0] for figure in figures}) == 1
        assert plots.data(figures[0].axes[0])["row"].unique().tolist() == names
        assert [words(figure) & {"v0.1", "v0.2"} for figure in figures] == [
            {"v0.1"},
            {"v0.1", "v0.2"},
            {"v0.1", "v0.2"},
        ]

    def test_own_steps(self):
        """A speaker says which parts come when; what is not named is there from the start."""
        figures = plots.build(play(), "Title", ["available", ("terminating", "marks", "note")])
        assert len(figures) == 2
        assert "v0.2 not yet available" in words(figures[0])
        assert "v0.1 terminating" not in words(figures[0])

    def test_errors(self):
        """A step that is no part says which there are."""
        with pytest.raises(ValueError, match=r"step 'ready' is not one of \['limits', 'av"):
            plots.build(play(), "Title", ["ready"])
        with pytest.raises(ValueError, match="steps is empty"):
            plots.build(play(), "Title", [])

    def test_parts_of_each_figure(self):
        """The parts of a figure are those that it has."""
        assert find_parts(plots.slide(play("statefulset"), "Title")) == [
            "limits",
            "available",
            "unavailable",
            "terminating",
            "marks",
            "note",
        ]
        assert find_parts(plots.throughput(pulling(play().timeline, 2.0)).figure) == ["lines"]


class TestAnimate:
    def test_gif(self, tmp_path):
        """A GIF has the frames asked for and shows, at the end, all there is."""
        path = plots.animate(
            play(), tmp_path / "run.gif", "Title", seconds=2, frames_per_second=2, width=320
        )
        with Picture.open(path) as film:
            assert film.size == (320, 180)
            assert 4 <= film.n_frames <= 8
            durations = []
            for frame in range(film.n_frames):
                film.seek(frame)
                durations.append(film.info["duration"])
        assert sum(durations) == 4000  # two seconds of film, two to look at its end

    def test_page(self, tmp_path):
        """An HTML page holds its pictures itself, says what they show, and asks no one."""
        path = plots.animate(play(), tmp_path / "run.html", "Title", seconds=0.5, lang="fr")
        text = path.read_text(encoding="utf-8")
        assert len(re.findall(r'"iVBOR[^"]*"', text)) == 5
        assert "//" not in re.sub(r'"iVBOR[^"]*"', "", text)
        assert '<html lang="fr">' in text
        assert ">Lire</button>" in text
        assert re.search(r'alt="Title\. Terminé en 10 s', text)

    def test_words(self):
        """What is written below the title is of the moment, and of the run at its end."""
        film = Film(play(), "Title", plots.replicas, {}, width=960)
        assert [film.note(time) for time in (0.0, 12.0, film.end)] == [
            "0 s: 10 available, 10 pods with terminating ones",
            "12 s: 10 available, 20 pods with terminating ones",
            plots.describe(play()),
        ]
        assert matplotlib.pyplot.get_fignums() == []

    @pytest.mark.parametrize("draw", [plots.replicas, plots.pods, plots.peaks, plots.stacked])
    @pytest.mark.parametrize("time", [0.0, 12.0, 35.0])
    def test_pictures(self, draw, time):
        """A picture of a film is the slide, cut off at its time, with the note of that time."""
        film = Film(patched(), "Title", draw, {}, width=480)
        film.picture(film.end)  # the order of times does not matter
        seen = np.asarray(film.picture(time), dtype=float)
        figure = plots.slide(patched(), "Title", draw=draw, note=film.note(time))
        figure.canvas.draw()
        Curtain(figure).cover(time)
        (note,) = [text for text in figure.texts if text.get_label() == "_note"]
        note.set_visible(True)
        figure.set_dpi(50)
        with settings(read_style()):
            figure.canvas.draw()
        expected = np.asarray(figure.canvas.buffer_rgba(), dtype=float)[..., :3]
        assert seen.shape == expected.shape == (270, 480, 3)
        assert np.sqrt(np.mean((seen - expected) ** 2)) < 3

    def test_last_picture_is_the_slide(self):
        """At its end a film shows the slide itself."""
        film = Film(play(), "Title", plots.replicas, {"theme": "dark"}, width=480)
        figure = plots.slide(play(), "Title", theme="dark")
        figure.set_dpi(50)
        with settings(read_style()):
            figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba(), dtype=int)[..., :3]
        assert np.abs(np.asarray(film.picture(film.end), dtype=int) - pixels).max() <= 1

    @pytest.mark.parametrize(("width", "size"), [(320, (320, 180)), (321, (322, 180))])
    def test_video(self, width, size, tmp_path):
        """An MP4 plays as long as asked for, and shows the pictures of the film."""
        try:
            ffmpeg = find_ffmpeg()
        except RuntimeError:
            pytest.skip("needs ffmpeg")
        path = tmp_path / "run.mp4"
        plots.animate(play(), path, "Title", seconds=2, frames_per_second=4, width=width)
        command = [ffmpeg, "-loglevel", "error", "-i", path, "-f", "rawvideo"]
        video = subprocess.run(
            [*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True
        )
        frames = np.frombuffer(video.stdout, np.uint8).reshape(-1, size[1], size[0], 3)
        assert len(frames) == 16  # two seconds of film, two to look at its end
        film = Film(play(), "Title", plots.replicas, {}, width)
        for number, time in ((0, 0.0), (4, film.end * 4 / 7), (15, film.end)):
            picture = np.asarray(film.picture(time), dtype=float)
            shown = frames[number, : picture.shape[0], : picture.shape[1]]
            assert np.sqrt(np.mean((shown - picture) ** 2)) < 12

    def test_video_that_cannot_be_written(self, tmp_path):
        """What ffmpeg says is in the error."""
        try:
            find_ffmpeg()
        except RuntimeError:
            pytest.skip("needs ffmpeg")
        (tmp_path / "run.mp4").mkdir()
        with pytest.raises(RuntimeError, match=r"'run\.mp4': (?s:.*)Is a directory"):
            plots.animate(play(), tmp_path / "run.mp4", seconds=0.2, width=160)

    def test_missing_folder(self, tmp_path):
        """A folder that is missing is made."""
        path = tmp_path / "films" / "of today" / "run.gif"
        assert plots.animate(play(), path, seconds=0.2, width=160) == path
        assert path.exists()

    def test_progress(self, tmp_path):
        """Whoever waits can be shown how far it is."""
        seen = []
        plots.animate(
            play(),
            tmp_path / "run.gif",
            seconds=1,
            frames_per_second=3,
            width=160,
            progress=lambda times: seen.extend(times) or times,
        )
        assert seen == pytest.approx([0.0, 21.6, 43.2])

    def test_errors(self, tmp_path, monkeypatch):
        """Another ending is an error; without ffmpeg an MP4 says what there is instead."""
        with pytest.raises(ValueError, match=r"'run.avi' does not end with one of .gif, .html"):
            plots.animate(play(), tmp_path / "run.avi")
        monkeypatch.setenv("PATH", "")
        monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
        with pytest.raises(RuntimeError, match=r"needs ffmpeg .*; .gif and .html do not"):
            plots.animate(play(), tmp_path / "run.mp4")


class TestData:
    @pytest.mark.parametrize("name", ["lesson", "bad-image-undone", "statefulset", "daemonset"])
    def test_same_as_drawn(self, name):
        """The table of a run and the one read off its picture are the same."""
        drawn = plots.data(plots.replicas(play(name)))
        table = plots.data(play(name))
        assert drawn.columns.names == ["revision", "state"]
        pd.testing.assert_frame_equal(
            drawn.reset_index(drop=True), table.reset_index(drop=True), check_dtype=False
        )
        assert drawn.index[1:].tolist() == table.index[1:].tolist()

    def test_sums(self):
        """All areas together are all pods that exist."""
        table = plots.data(play())
        timeline = play().timeline["pods"]
        assert table[table.index >= 0].sum(axis=1).tolist() == timeline.tolist()

    def test_bars(self):
        """The table of bars has a row for each, with the name of the pod."""
        table = plots.data(plots.pods(play("statefulset")))
        own = table[table["row"] == "web-4"]
        assert own[["revision", "state", "stop"]].values.tolist()[:3] == [
            [0, "ready", 0.0],
            [0, "terminating", 1.0],
            [1, "starting", 3.0],
        ]

    def test_error(self):
        """Of something else there is no data."""
        with pytest.raises(ValueError, match="list is no Run"):
            plots.data([])


class TestDescribe:
    def test_slide(self):
        """A slide in words: its title, its measures, what is drawn, the limits, the marks."""
        assert plots.describe(plots.slide(play(), "One up")) == (
            "One up. Complete after 10 s, at least 9 available, up to 20 pods with terminating "
            "ones. Over time, pods from 0 to 43.2 s: v0.1 available from 10 to 0; v0.2 available "
            "from 0 to 10; v0.2 not yet available from 0 to 0, up to 2; v0.1 terminating from 0 "
            "to 0, up to 10; ≥ 9 = replicas − maxUnavailable; ≤ 11 = replicas + maxSurge; "
            "complete at 10 s; last old process ends at 40 s."
        )

    def test_french(self):
        """A French figure is described in French."""
        text = plots.describe(plots.pods(play("bad-image"), lang="fr"))
        assert text.startswith("Une barre pour chacune des 12 lignes, de 0 à 60 s : ready sur")
        assert text.endswith("ImagePullBackOff; ImagePullBackOff.")

    def test_panels(self):
        """Of runs beside each other each is described, with its label, measures and versions."""
        text = plots.describe(plots.compare({"one": play(), "two": play("careful")}))
        assert text == (
            "One: complete after 10 s, at least 9 available, up to 20 pods. Over time, pods from "
            "0 to 84.2 s: v0.1 available from 10 to 0; v0.2 available from 0 to 10; v0.2 not yet "
            "available from 0 to 0, up to 2; v0.1 terminating from 0 to 0, up to 10; ≥ 9; ≤ 11. "
            "Two: complete after 48 s, at least 10 available, up to 20 pods. Over time, pods from "
            "0 to 84.2 s: v0.1 available from 10 to 0; v0.2 available from 0 to 10; v0.2 not yet "
            "available from 0 to 0, up to 3; v0.1 terminating from 0 to 0, up to 9; ≥ 10; ≤ 13."
        )

    def test_different_versions(self):
        """Runs of different versions have the words of the key: old and new."""
        runs = {"to v0.2": play(), "to v0.3": play("bad-image-pushed")}
        text = plots.describe(plots.compare(runs))
        assert text.count("old available from 10 to 0; new available from 0 to 10") == 2

    def test_what_is_seen(self):
        """Of curves that go on beyond the axis only what is seen is described."""
        text = plots.describe(plots.replicas(play(), until=1))
        assert "v0.1 available from 10 to 9;" in text
        update = (300, "kubectl set image deploy web web=web:v2")
        run = simulate(Deployment("web", image="web:v1"), [update])
        assert plots.describe(plots.replicas(run, until=100)) == (
            "Over time, pods from 0 to 100 s: v1 available 1 throughout; "
            "≥ 1 = replicas − maxUnavailable; ≤ 2 = replicas + maxSurge."
        )

    def test_limits_that_change(self):
        """Of a limit that changes it is said until when it holds."""
        text = plots.describe(plots.replicas(patched(), lang="fr"))
        assert (
            "≥ 9 = replicas − maxUnavailable jusqu'à 20 s; ≥ 10 = replicas − maxUnavailable "
            "jusqu'à 50 s; ≥ 14 = replicas − maxUnavailable; ≤ 11 = replicas + maxSurge jusqu'à "
            "20 s; ≤ 13 = replicas + maxSurge jusqu'à 50 s; ≤ 17 = replicas + maxSurge"
        ) in text

    def test_limits_that_come_back(self):
        """Of a limit that comes back each time is said, and one that stays is said once."""
        scales = [(5 * i, f"kubectl scale deploy web --replicas={n}") for i, n in ((1, 6), (2, 4))]
        run = simulate(Deployment("web", replicas=4, image="web:v1", max_surge=0), scales)
        text = plots.describe(plots.replicas(run))
        said = "≥ 3 = replicas − maxUnavailable"
        middle = "≥ 5 = replicas − maxUnavailable"
        assert f"{said} until 5 s; {middle} until 10 s; {said}; ≤ 4" in text

    def test_one_row(self):
        """One row is one row."""
        text = plots.describe(plots.pods(simulate(Deployment("web", image="web:1"))))
        assert text == "Bars in 1 row, from 0 to 1 s: ready in 1 row between 0 and 1 s."

    @pytest.mark.parametrize("kind", ["svg", "png"])
    def test_saved(self, kind, tmp_path):
        """A file says in its metadata what it shows."""
        figure = plots.slide(play(), "One up, one down")
        (path,) = plots.save(figure, tmp_path / f"a.{kind}")
        if kind == "png":
            with Picture.open(path) as picture:
                assert picture.text["Description"] == plots.describe(figure)
        else:
            assert "<dc:description>One up, one down. Complete after" in path.read_text()


def test_width(tmp_path):
    """A PNG can be smaller, for a page; its proportions stay."""
    (path,) = plots.save(plots.replicas(play()), tmp_path / "small.png", width=480)
    assert imread(path).shape[:2] == (270, 480)


def test_smallest_text():
    """The smallest text has capitals of 11 minutes of arc at six picture heights."""
    pixels = SMALLEST * 200 / 72
    capitals = 0.729 * pixels / 1080  # of the picture's height; DejaVu Sans
    minutes = capitals / 6 * 180 / 3.14159 * 60
    assert pixels > 30
    assert minutes > 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("one two", "one two", id="what fits stays"),
        pytest.param("aaaa bbbb cccc dd", "aaaa bbbb\ncccc dd", id="lines are even"),
        pytest.param("abcdefghijklmnopq", "abcdefghijklmnopq", id="a long word stays whole"),
    ],
)
def test_wrap(text, expected):
    """Text is broken at blanks into as few lines as fit, as even as can be."""
    assert wrap(text, 100.0, 11.0) == expected


def test_grid_of_ones_own():
    """Every picture of one run can be drawn into a grid that someone else has made."""
    before = matplotlib.rcParams.copy()
    figure = Figure(figsize=(12, 8))
    axes = figure.subplots(2, 2).ravel()
    run = roll_out(worker(replicas=4))
    drawn = [
        plots.replicas(run, ax=axes[0]),
        plots.pods(run, ax=axes[1]),
        plots.peaks(run, ax=axes[2]),
        plots.throughput(pulling(run.timeline, 1.0), ax=axes[3], theme="dark"),
    ]
    assert all(one is ax for one, ax in zip(drawn, axes, strict=True))
    assert matplotlib.rcParams == before
    assert matplotlib.pyplot.get_fignums() == []
    assert len(figure.axes) == 4
