"""tools/french_notebooks.py: the French notebooks follow the English ones, but for the text."""

import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import french_notebooks


def test_bring_in_step(tmp_path, monkeypatch):
    """Code, tags and chosen slide types come from the English edition, text and length do not."""
    text = new_markdown_cell("# Why?")
    skipped = new_markdown_cell("For readers.", metadata={"slideshow": {"slide_type": "skip"}})
    code = new_code_cell('lang = "en"', metadata={"tags": ["raises-exception"]})
    end = new_markdown_cell("End.", metadata={"slideshow": {"slide_type": "-", "proposed": "-"}})
    french = [new_markdown_cell(words) for words in ("# Pourquoi ?", "À lire.", "Fin.\n" * 22)]
    french.insert(2, new_code_cell("1"))
    path = tmp_path / "fr" / "01.ipynb"
    path.parent.mkdir()
    nbformat.write(new_notebook(cells=[text, skipped, code, end]), tmp_path / path.name)
    nbformat.write(new_notebook(cells=french), path)
    monkeypatch.setattr(french_notebooks, "NOTEBOOKS", tmp_path)
    assert french_notebooks.bring_in_step(path)
    assert not french_notebooks.bring_in_step(path)
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.source for cell in cells[:3]] == ["# Pourquoi ?", "À lire.", 'lang = "fr"']
    assert cells[2].metadata["tags"] == ["raises-exception"]
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in cells]
    assert kinds == ["slide", "skip", "skip", "subslide"]
