"""The bar of work that takes a while: where it is seen, and that nothing of it stays."""

import io
import sys
import time
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from rollnb.plots import progress
from rollnb.plots.progress import find_stream, show_progress


class Terminal(io.StringIO):
    """A stream on which someone sees what is written at once."""

    def isatty(self):
        """Say so."""
        return True


def run_in_kernel(monkeypatch, **content):
    """Let Jupyter seem to have been asked to run a cell, with this in the request."""
    shell = SimpleNamespace(kernel=None, get_parent=lambda: {"content": content})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


@pytest.fixture(autouse=True)
def _no_notebook(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))


def test_terminal(monkeypatch):
    """In a terminal there is a bar, after a while, and in the end an empty line."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "DELAY_SECONDS", 1e-9)
    for _ in show_progress([1, 2, 3]):
        time.sleep(0.12)
    written = terminal.getvalue()
    assert "/3 [" in written
    assert written.rpartition("\r")[2] == ""
    assert written.rstrip("\r").rpartition("\r")[2].strip() == ""


def test_quick_work_has_no_bar(monkeypatch):
    """What is done within a second shows nothing."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(show_progress([1, 2, 3])) == [1, 2, 3]
    assert terminal.getvalue().strip() == ""


def test_file(monkeypatch):
    """Output that goes into a file has no bar in it."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert find_stream() is None


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        pytest.param({"allow_stdin": True}, True, id="someone runs the cell"),
        pytest.param({"allow_stdin": False}, False, id="a program runs the cell"),
        pytest.param({}, False, id="a widget asks"),
    ],
)
def test_notebook(monkeypatch, content, seen):
    """Below a cell there is a bar if whoever runs it could answer a question."""
    run_in_kernel(monkeypatch, **content)
    assert find_stream() is (sys.stdout if seen else None)


@pytest.mark.slow
def test_stored_notebook():
    """A notebook that is run to be stored has nothing of a bar in its outputs."""
    code = """
        import time
        from rollnb.plots import progress
        progress.DELAY_SECONDS = 1e-9
        print([(step, time.sleep(0.2)) for step in progress.show_progress("ab")])
    """
    lines = "\n".join(line.strip() for line in code.splitlines())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(lines)])
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    assert [output.text for output in notebook.cells[0].outputs] == [
        "[('a', None), ('b', None)]\n"
    ]
