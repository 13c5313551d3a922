"""Notebooks in a real browser: what a student sees when a slider is moved."""

import nbformat
import pytest

pytestmark = pytest.mark.browser

SLIDER = """
import io

import ipywidgets as widgets
from matplotlib.figure import Figure

fig = Figure(figsize=(4, 2))
(line,) = fig.subplots().plot([0, 1], [0, 1])
picture = widgets.Image(format="png")
slider = widgets.IntSlider(1, 0, 10, continuous_update=False)


def redraw(_=None):
    line.set_ydata([0, slider.value / 10])
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png")
    picture.value = buffer.getvalue()


slider.observe(redraw, "value")
redraw()
widgets.VBox([slider, picture])
"""


@pytest.fixture(scope="module")
def page(lab):
    """A notebook with one slider and one picture, opened and run."""
    cells = [nbformat.v4.new_code_cell(SLIDER.strip())]
    # Many cells below, so that the slider's cell is one of several screens.
    cells += [nbformat.v4.new_markdown_cell(f"## Section {n}") for n in range(40)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, lab.folder / "slider.ipynb")
    return lab.open("slider.ipynb")


def test_key_moves_slider(lab, page):
    """A slider moved by a key changes the picture below it."""
    lab.slider(page)
    before = lab.picture(page)
    lab.press(page, "ArrowRight")
    lab.wait_for_new_picture(page, before)
    assert page.locator(".widget-readout").first.inner_text() == "2"


def test_mouse_moves_slider(lab, page):
    """A slider dragged with the mouse changes the picture below it."""
    before = lab.picture(page)
    lab.drag(page, right=60)
    lab.wait_for_new_picture(page, before)
    assert int(page.locator(".widget-readout").first.inner_text()) > 2
