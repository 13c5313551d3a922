"""An explorer that two threads move: JupyterLab's page is one, a cell about it the other."""

import warnings
from threading import Barrier, Event, Thread
from time import sleep

import matplotlib
import pytest

pytest.importorskip("ipywidgets")

from rollnb.plots.figures import settings as matplotlib_settings
from rollnb.widgets import Explorer, Settings


def run_together(*functions):
    """Run functions at the same time, each in a thread, and return what they raised."""
    errors, barrier = [], Barrier(len(functions))

    def begin(function):
        barrier.wait()
        try:
            function()
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=begin, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_page_and_cell():
    """While the page moves sliders and the time, a cell shows other settings: both in turn."""
    explorer = Explorer(Settings(replicas=4))

    def move():
        for number in range(24):
            explorer.controls.parts["replicas"].value = 2 + number % 5
            explorer.time.value = number % 9

    def show():
        for number in range(12):
            explorer.show(Settings(replicas=3, min_ready_seconds=number))

    assert run_together(move, show) == []
    assert explorer.controls.read() == explorer.now.settings


def test_warnings_of_two_threads(monkeypatch):
    """What Python says of warnings is one for all threads, too: it is as it was afterwards."""
    begun = Event()
    simulate, late = Settings.simulate, Settings(min_ready_seconds=1)

    def take_long(settings):
        begun.set()
        sleep(0.1 if settings == late else 0.3)
        return simulate(settings)

    explorer, before = Explorer(), warnings.filters.copy()
    monkeypatch.setattr(Settings, "simulate", take_long)

    def build():
        begun.wait()
        Explorer()

    assert run_together(lambda: explorer.show(late), build) == []
    assert warnings.filters == before


def test_style_of_two_threads():
    """Two threads draw in the house style: what matplotlib was set to before comes back."""
    before = matplotlib.rcParams["font.size"]

    def draw(size):
        for _ in range(20):
            with matplotlib_settings({"font.size": size}):
                sleep(0.001)
                assert matplotlib.rcParams["font.size"] == size

    assert run_together(lambda: draw(7.0), lambda: draw(9.0)) == []
    assert matplotlib.rcParams["font.size"] == before
