"""tools/make_slides.py: notebooks become decks that fit on slides and need no network."""

import base64
import html
import re
import sys
from pathlib import Path

import browser
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import make_slides

PICTURE = new_output("display_data", {"image/png": "aGVsbG8=", "text/plain": "<Figure>"})
TABLE = new_output("execute_result", {"text/html": "<tr><td>1</td></tr>" * 9, "text/plain": "1"})

#: What `make slides` has fetched, if it ever ran here.
SCRIPTS = Path(__file__).parents[1] / "build" / "slides" / "node_modules"


def types(*cells):
    """Return the slide types that cells get, in order."""
    notebook = new_notebook(cells=list(cells))
    make_slides.set_types(notebook)
    return [cell.metadata["slideshow"]["slide_type"] for cell in notebook.cells]


def test_headings_begin_slides():
    """A heading begins a slide; text stays on it, code and what it shows come one by one."""
    cells = [
        new_markdown_cell("# A question?"),
        new_markdown_cell("Predict."),
        new_code_cell("run = play()"),
        new_markdown_cell("## Another"),
        new_markdown_cell("### A detail"),
    ]
    assert types(*cells) == ["slide", "-", "fragment", "slide", "-"]


def test_what_does_not_fit():
    """A picture has a slide with room for it: there are not two on one."""
    shown = new_code_cell("ax = plots.replicas(run)", outputs=[PICTURE])
    cells = [new_markdown_cell("## Two"), shown, new_code_cell("ax", outputs=[PICTURE])]
    assert types(*cells) == ["slide", "fragment", "subslide"]


def test_rows_of_a_table():
    """A row of a table is higher than a line: fourteen lines and nine rows need two slides."""
    shown = new_code_cell("\n".join("abcd"), outputs=[TABLE])
    assert types(new_markdown_cell("## Nine rows\n\nA line."), shown) == ["slide", "subslide"]


def test_taller_than_a_slide():
    """A cell with more lines than a slide is drawn smaller; one that fits is not."""
    tall = new_code_cell("\n".join("abcdefg"), outputs=[PICTURE])
    fits = new_code_cell("ax", outputs=[PICTURE])
    types(tall, fits)
    assert tall.metadata.get("tags") == [make_slides.TALL]
    assert "tags" not in fits.metadata


def test_own_types_stay():
    """What someone has chosen is kept, and the next cell goes by it."""
    skipped = new_markdown_cell(
        "Only for readers.", metadata={"slideshow": {"slide_type": "skip"}}
    )
    assert types(new_markdown_cell("# Title"), skipped) == ["slide", "skip"]


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


def test_explorer(deck):
    """Where a cell shows the explorer, a picture of it is embedded, with what it is."""
    picture = base64.b64encode(make_slides.EXPLORER.read_bytes()).decode()
    for name, lang in [("01_one.html", "en"), ("fr/01_un.html", "fr")]:
        text = (deck / name).read_text(encoding="utf-8")
        assert picture in text
        assert "Explorer(deployment/worker)" not in text
        assert make_slides.SENTENCES[lang] in html.unescape(text)


def test_index(deck):
    """One page leads to all decks, by the titles of their notebooks."""
    links = re.findall(r'<a href="([^"]*)">([^<]*)</a>', (deck / "index.html").read_text())
    assert links == [("01_one.html", "Why &lt; how?"), ("fr/01_un.html", "Why &lt; how?")]


LEAVES = ".slides section:not(:has(section))"


@pytest.mark.browser
def test_walk(tmp_path):
    """Offline, the space key leads through a deck: no error, no slide taller than the page."""
    api = pytest.importorskip("playwright.sync_api")
    if browser.find_chromium() is None:
        browser.miss_chromium()
    if not SCRIPTS.is_dir():
        pytest.skip("needs what `make slides` fetches once")
    picture = base64.b64encode(make_slides.EXPLORER.read_bytes()).decode()
    figure = new_output("display_data", {"image/png": picture})
    code = [new_code_cell("\n".join(["x = 1"] * n), outputs=[figure]) for n in (1, 5, 12)]
    cells = [new_markdown_cell("# Why?"), *code, new_code_cell("x", outputs=[TABLE])]
    cells.append(new_code_cell("\n".join(["x = 1"] * 38)))
    nbformat.write(new_notebook(cells=cells), tmp_path / "deck.ipynb")
    make_slides.make_deck(tmp_path / "deck.ipynb", tmp_path / "deck.html", "")
    (tmp_path / "node_modules").symlink_to(SCRIPTS)
    errors, heights = [], []
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.find_chromium(), args=browser.FLAGS
        )
        size = {"width": make_slides.WIDTH, "height": make_slides.HEIGHT}
        page = chromium.new_context(offline=True, viewport=size).new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((tmp_path / "deck.html").as_uri())
        page.locator(".reveal.ready").wait_for()
        for _ in range(page.locator(f"{LEAVES}, .fragment").count()):
            present = page.locator(f"{LEAVES}.present").last
            heights.append(present.evaluate("slide => slide.scrollHeight"))
            page.keyboard.press("Space")
        last = page.locator(LEAVES).last.get_attribute("class")
        chromium.close()
    assert errors == []
    assert "present" in last
    assert max(heights) <= make_slides.HEIGHT
