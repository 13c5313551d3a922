"""tools/make_slides.py: notebooks become decks that fit on slides and need no network."""

import base64
import re
import sys
from copy import deepcopy
from pathlib import Path

import browser
import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import make_slides
import slide_types


def encode_explorer(lang):
    """Return the picture of the explorer in a language, as a notebook stores pictures."""
    return base64.b64encode(Path(make_slides.EXPLORER.format(lang)).read_bytes()).decode()


ALT = 'From "v1" to v2,\n< 10 pods'
PICTURE = new_output(
    "display_data",
    {"image/png": "aGVsbG8=", "text/plain": "<Figure>"},
    metadata={"image/png": {"alt": ALT}},
)
TABLE = new_output("execute_result", {"text/html": "<tr><td>1</td></tr>" * 9, "text/plain": "1"})

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS += sorted((ROOT / "notebooks" / "fr").glob("*.ipynb"))

#: What `make slides` has fetched, if it ever ran here.
SCRIPTS = ROOT / "build" / "slides" / "node_modules"


@pytest.fixture
def deck(tmp_path, monkeypatch):
    """The folder of decks made of two notebooks, one of them in a folder below."""
    for name in ("01_one.ipynb", "fr/01_un.ipynb"):
        path = tmp_path / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        explorer = new_output("execute_result", {"text/plain": "Explorer(deployment/worker)"})
        cells = [new_markdown_cell("# Why < how?"), new_code_cell("1", outputs=[PICTURE])]
        cells.append(new_code_cell("explore()", outputs=[explorer]))
        nbformat.write(new_notebook(cells=cells), path)
    folder = tmp_path / "slides"
    command = ["make_slides.py", str(tmp_path / "notebooks"), str(folder)]
    monkeypatch.setattr(sys, "argv", command)
    make_slides.main()
    return folder


def test_types_are_proposed(deck):
    """Cells that have no slide type get one: what code shows comes after its heading."""
    page = BeautifulSoup((deck / "01_one.html").read_text(encoding="utf-8"), "html.parser")
    assert len(page.select(".fragment img")) == 1
    assert not page.select(".fragment h1")


def test_no_network(deck):
    """All that a deck loads lies in the folder of the decks."""
    for name, up in [("01_one.html", ""), ("fr/01_un.html", "../")]:
        text = (deck / name).read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]*)"', text)
        assert loaded
        assert {link.startswith(f"{up}node_modules/") for link in loaded if link} == {True}
        assert "mermaid.esm" not in text
        assert "MathJax.Hub.Rerender" not in text


def test_language(deck):
    """A deck says in which language it is, for those who listen to it."""
    for name, lang in [("01_one.html", "en"), ("fr/01_un.html", "fr")]:
        assert f'<html lang="{lang}">' in (deck / name).read_text(encoding="utf-8")


def read_alts(path):
    """Return the description of each picture of a deck, in order; None where there is none."""
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return [picture.get("alt") for picture in page.find_all("img")]


def test_explorer(deck):
    """Where a cell shows the explorer, a picture of it in the deck's language is embedded."""
    for name, lang in [("01_one.html", "en"), ("fr/01_un.html", "fr")]:
        text = (deck / name).read_text(encoding="utf-8")
        assert encode_explorer(lang) in text
        assert "Explorer(deployment/worker)" not in text
        assert read_alts(deck / name)[-1] == make_slides.SENTENCES[lang]


def test_alternative_text(deck):
    """A picture of a deck is described as in the notebook."""
    assert read_alts(deck / "01_one.html")[0] == ALT


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_picture_is_described(path, tmp_path):
    """In the decks of the course no picture lacks its description."""
    make_slides.make_deck(path, tmp_path / "deck.html", "")
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    shown = [output for output in outputs if "image/png" in output.get("data", {})]
    alts = read_alts(tmp_path / "deck.html")
    assert len(alts) == len(shown)
    assert all(alts)
    assert not any(alt.startswith("No description") for alt in alts)


def set_heights(*cells):
    """Return how high the pictures of a notebook with these cells become, in order."""
    notebook = new_notebook(cells=[deepcopy(cell) for cell in cells])
    slide_types.set_types(notebook)
    make_slides.set_heights(notebook)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    return [output.metadata["image/png"]["height"] for output in outputs]


def test_height_of_pictures():
    """The fewer lines stand beside a picture, the higher it is, and two share a slide."""
    shown = [new_code_cell("\n".join("abcdefghi"[:n]), outputs=[PICTURE]) for n in (1, 9)]
    two = new_code_cell("a", outputs=[PICTURE, PICTURE])
    line = make_slides.LINE
    assert set_heights(*shown) == [20 * line, 12 * line]
    assert set_heights(two) == [10 * line, 10 * line]


def test_least_height():
    """Below a cell that is taller than a slide, a picture is still to be seen."""
    assert set_heights(new_code_cell("a\n" * 30, outputs=[PICTURE])) == [8 * make_slides.LINE]


def test_tall_text():
    """The text of a cell with more lines than a slide is smaller; of one that fits it is not."""
    tall, fits = new_code_cell("a\n" * 22), new_code_cell("a\n" * 21)
    make_slides.tag_tall(new_notebook(cells=[tall, fits]))
    assert tall.metadata.get("tags") == [make_slides.TALL]
    assert "tags" not in fits.metadata


def test_index(deck):
    """One page leads to all decks, by the titles of their notebooks."""
    links = re.findall(r'<a href="([^"]*)">([^<]*)</a>', (deck / "index.html").read_text())
    assert links == [("01_one.html", "Why &lt; how?"), ("fr/01_un.html", "Why &lt; how?")]


LEAVES = ".slides section:not(:has(section))"


@pytest.fixture(scope="module")
def page():
    """A page of a browser without a network, as large as a slide."""
    api = pytest.importorskip("playwright.sync_api")
    if browser.find_chromium() is None:
        browser.miss_chromium()
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.find_chromium(), args=browser.FLAGS
        )
        size = {"width": make_slides.WIDTH, "height": make_slides.HEIGHT}
        yield chromium.new_context(offline=True, viewport=size).new_page()
        chromium.close()


@pytest.fixture
def varied(tmp_path):
    """A deck with little and much code, pictures, and a table."""
    figure = new_output("display_data", {"image/png": encode_explorer("en")})
    code = [new_code_cell("\n".join(["x = 1"] * n), outputs=[figure]) for n in (1, 5, 12)]
    cells = [new_markdown_cell("# Why?"), *code, new_code_cell("x", outputs=[TABLE])]
    cells.append(new_code_cell("\n".join(["x = 1"] * 38)))
    notebook = new_notebook(cells=cells)
    slide_types.set_types(notebook)
    nbformat.write(notebook, tmp_path / "deck.ipynb")
    make_slides.make_deck(tmp_path / "deck.ipynb", tmp_path / "deck.html", "")
    return tmp_path / "deck.html"


@pytest.mark.browser
def test_requests(page, varied):
    """A browser asks for nothing but files of this machine, and shows what is embedded."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(varied.as_uri(), wait_until="load")
    assert {url.partition(":")[0] for url in asked} == {"file"}
    pictures = page.locator(".jp-OutputArea-output img")
    assert pictures.evaluate_all("all => all.map(one => one.naturalWidth > 0)") == [True] * 3


@pytest.mark.browser
def test_walk(page, varied):
    """Offline, the space key leads through a deck: no error, no slide taller than the page."""
    if not SCRIPTS.is_dir():
        pytest.skip("needs what `make slides` fetches once")
    (varied.parent / "node_modules").symlink_to(SCRIPTS)
    errors, heights = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(varied.as_uri())
    page.locator(".reveal.ready").wait_for()
    for _ in range(page.locator(f"{LEAVES}, .fragment").count()):
        present = page.locator(f"{LEAVES}.present").last
        heights.append(present.evaluate("slide => slide.scrollHeight"))
        page.keyboard.press("Space")
    assert errors == []
    assert "present" in page.locator(LEAVES).last.get_attribute("class")
    assert max(heights) <= make_slides.HEIGHT
