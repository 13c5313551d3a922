"""The slide figures as pictures: each looks as it did when someone last looked at it.

    python tests/test_figures.py

draws the stored pictures anew; look at them before they are committed. They are small, and all
words are in DejaVu Sans, which comes with matplotlib, so that its version hardly matters.
"""

import re
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from rollnb import plots

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from make_gallery import FOLDER, ROOT, SLIDES, WIDE, draw, play

STORED = Path(__file__).parent / "data" / "figures"
WIDTH = 480

#: Root mean square of the differences of pixels, of 255. `TestDifference` says what is above it.
TOLERANCE = 6.0

matplotlib.use("agg")


def store(figure, folder, name):
    """Write a figure as a small picture, and return its path."""
    (path,) = plots.save(figure, folder / f"{name}.png", width=WIDTH)
    matplotlib.pyplot.close("all")
    return path


def difference(one, other):
    """Return how much two pictures differ: the root mean square over all pixels, 0 to 255."""
    first, second = (imread(path)[:, :, :3] * 255 for path in (one, other))
    assert first.shape == second.shape == (270, WIDTH, 3)
    return float(np.sqrt(np.mean((first - second) ** 2)))


@pytest.mark.parametrize("slide", SLIDES, ids=lambda slide: slide.name)
def test_picture(slide, tmp_path):
    """A slide looks like its stored picture."""
    drawn = store(draw(slide.call), tmp_path, slide.name)
    assert difference(drawn, STORED / f"{slide.name}.png") < TOLERANCE


def test_each_picture_has_its_slide():
    """No picture is stored that nobody compares."""
    assert {path.stem for path in STORED.glob("*.png")} == {slide.name for slide in SLIDES}


def test_readme_shows_each_picture():
    """README.md shows what is in docs/gallery, but for the pictures that only the decks have."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"\(docs/gallery/([^)]*)\)", text)
    drawn = {path.name for path in FOLDER.iterdir()}
    assert sorted(shown) == sorted(drawn - {f"{name}.png" for name in WIDE.values()})


@pytest.mark.parametrize("slide", SLIDES, ids=lambda slide: slide.name)
def test_readme_names_the_call(slide):
    """What README.md says of how a slide is drawn is in its call, and so is any `draw=`."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    said = text.split(f"(docs/gallery/{slide.name}.png)")[1].partition("|")[0].partition("\n")[0]
    options = re.findall(r"`((?:draw|lang|theme)=[^`]*)`", said)
    assert all(option in slide.call for option in options)
    assert re.findall(r"draw=[\w.]+", slide.call) == [o for o in options if o.startswith("draw")]


def test_gallery_is_light():
    """No picture of the gallery is larger than 150 kB."""
    assert [path.name for path in FOLDER.iterdir() if path.stat().st_size > 150_000] == []


class TestDifference:
    """What the tolerance does not tolerate."""

    TITLE = "Complete after 10 s, over after 40 s"

    @pytest.mark.parametrize(
        ("scenario", "options"),
        [
            pytest.param("lesson", {"labels": False}, id="no labels"),
            pytest.param("lesson", {"marks": False}, id="no marks"),
            pytest.param("lesson", {"limits": False}, id="no limits"),
            pytest.param("lesson", {"until": 46.0}, id="a longer time axis"),
            pytest.param("default", {}, id="another run"),
            pytest.param("lesson", {"theme": "dark"}, id="another theme"),
            pytest.param("lesson", {"lang": "fr"}, id="another language"),
        ],
    )
    def test_seen(self, scenario, options, tmp_path):
        """What a viewer would see, the comparison sees."""
        changed = store(plots.slide(play(scenario), self.TITLE, **options), tmp_path, "changed")
        assert difference(changed, STORED / "lesson.png") > TOLERANCE

    def test_not_seen(self, tmp_path):
        """A shift by half a pixel of the small picture, as from other hinting, is tolerated."""
        figure = plots.slide(play("lesson"), self.TITLE)
        for text in figure.findobj(matplotlib.text.Text):
            text.set_fontsize(text.get_fontsize() * 1.01)
        assert difference(store(figure, tmp_path, "a"), STORED / "lesson.png") < TOLERANCE


if __name__ == "__main__":
    STORED.mkdir(parents=True, exist_ok=True)
    for slide in SLIDES:
        print(store(draw(slide.call), STORED, slide.name))
