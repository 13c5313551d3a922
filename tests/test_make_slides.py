"""tools/make_slides.py: notebooks become decks that fit on slides and need no network."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import make_slides

PICTURE = new_output("display_data", {"image/png": "aGVsbG8=", "text/plain": "<Figure>"})


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
        cells = [new_markdown_cell("# Why < how?"), new_code_cell("1", outputs=[PICTURE])]
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


def test_index(deck):
    """One page leads to all decks, by the titles of their notebooks."""
    links = re.findall(r'<a href="([^"]*)">([^<]*)</a>', (deck / "index.html").read_text())
    assert links == [("01_one.html", "Why &lt; how?"), ("fr/01_un.html", "Why &lt; how?")]
