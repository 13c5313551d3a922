"""tools/slide_types.py: where each cell of a notebook stands on slides."""

import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from slide_types import find_slides, set_types

PICTURE = new_output("display_data", {"image/png": "aGVsbG8=", "text/plain": "<Figure>"})
TABLE = new_output("execute_result", {"text/html": "<tr><td>1</td></tr>" * 9, "text/plain": "1"})


def types(*cells):
    """Return the slide types that cells get, in order."""
    notebook = new_notebook(cells=list(cells))
    set_types(notebook)
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


def test_heading_in_a_text():
    """A text with a heading begins a slide, so that question and answer stand on the same."""
    cells = [
        new_markdown_cell("# A question?"),
        new_code_cell("1"),
        new_markdown_cell("One.\n\n## Another\n\n**Predict:** and two?"),
        new_code_cell("2"),
    ]
    assert types(*cells) == ["slide", "fragment", "slide", "fragment"]


def test_exercises():
    """Each exercise has a slide of its own, with its check and its folded solution."""

    def answer():
        solution = "<details><summary>Solution</summary>\n\n9\n\n</details>"
        return [new_code_cell("answer = ...\ncheck()"), new_markdown_cell(solution)]

    cells = [new_markdown_cell("## Exercises\n\n**1.** How many?"), *answer()]
    cells += [new_markdown_cell("**2.** How long?"), *answer()]
    assert types(*cells) == ["slide", "fragment", "-", "subslide", "fragment", "-"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from rollnb import plots\n\n%load_ext rollnb.kubectl", "skip"),
        ('lang = "en"', "skip"),
        ("import numpy as np\nnp.arange(3)", "fragment"),
    ],
)
def test_set_up(code, expected):
    """Imports, extensions and the language are on no slide; code that does more is."""
    assert types(new_markdown_cell("# A question?"), new_code_cell(code))[1] == expected


def typed(**stored):
    """Return the code cell of a slide that has these entries already."""
    return new_code_cell("1", metadata={"slideshow": stored})


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        pytest.param({}, "fragment", id="none yet: proposed"),
        pytest.param({"slide_type": "slide", "proposed": "slide"}, "fragment", id="anew"),
        pytest.param({"slide_type": "notes"}, "notes", id="chosen before one was proposed"),
        pytest.param({"slide_type": "skip", "proposed": "fragment"}, "skip", id="chosen instead"),
        pytest.param({"slide_type": "", "proposed": "fragment"}, "", id="JupyterLab's word for -"),
    ],
)
def test_chosen_types_stay(stored, expected):
    """What was proposed is decided anew, what someone chose is kept, as often as it is stored."""
    cells = [new_markdown_cell("# Title"), typed(**stored)]
    assert types(*cells) == types(*cells) == ["slide", expected]


def test_hidden_cells():
    """Notes and cells that are left out take no room."""
    shown = new_code_cell("ax", outputs=[PICTURE])
    notes = new_markdown_cell("Wait.\n" * 9, metadata={"slideshow": {"slide_type": "notes"}})
    cells = [new_markdown_cell("# Title"), notes, shown]
    assert types(*cells) == ["slide", "notes", "fragment"]
    assert find_slides(new_notebook(cells=cells)) == [[cells[0], shown]]
