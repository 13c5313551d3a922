"""tools/store_notebooks.py: what is stored repeats, and shows what a student would see."""

import sys
from pathlib import Path

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from store_notebooks import store

CELLS = [
    "print(6 * 7)",
    """
from io import BytesIO

import ipywidgets
from matplotlib.figure import Figure

buffer = BytesIO()
Figure(figsize=(1, 1)).savefig(buffer)
ipywidgets.VBox([ipywidgets.IntSlider(3), ipywidgets.Image(value=buffer.getvalue())])
""",
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A small notebook, stored twice: its path, and each time (whether it changed, its text)."""
    path = tmp_path_factory.mktemp("notebooks") / "one.ipynb"
    cells = [
        nbformat.v4.new_code_cell(source.strip(), id=f"cell-{i}") for i, source in enumerate(CELLS)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    results = [(store(path), path.read_text(encoding="utf-8")) for _ in range(2)]
    return path, results


def test_stored_twice_is_the_same(stored):
    """A notebook that says the same stays the same file."""
    _, [(changed, first), (changed_again, second)] = stored
    assert (changed, changed_again) == (True, False)
    assert first == second


def test_outputs_are_stored(stored):
    """Each cell is stored as run, a widget by its text and its picture, without its state."""
    notebook = nbformat.read(stored[0], as_version=4)
    printed, widget = (cell.outputs for cell in notebook.cells)
    assert [cell.execution_count for cell in notebook.cells] == [1, 2]
    assert [(output.name, output.text) for output in printed] == [("stdout", "42\n")]
    assert [sorted(output.data) for output in widget] == [["image/png", "text/plain"]]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_slide_types_are_stored(stored):
    """The types that cells have on slides are stored with them."""
    cells = nbformat.read(stored[0], as_version=4).cells
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in cells]
    assert kinds == ["subslide", "subslide"]
