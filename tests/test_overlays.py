"""A recording and its simulation on one pair of axes: what is drawn is what was counted."""

import pandas as pd

from rollnb import plots

COLUMNS = ["t", "pods", "terminating", "ready", "available", "v1", "v1 ready", "v2"]
RECORDED = pd.DataFrame([[None, 2, 0, 2, 2, 2, 2, 0], [1.0, 3, 1, 2, 2, 1, 1, 1]], columns=COLUMNS)
SIMULATED = RECORDED.assign(t=[None, 1.5], pods=[2, 5])


def draw(**options):
    """Draw, and return the axes and its lines by who counted and what."""
    ax = plots.overlay(RECORDED, SIMULATED, **options)
    return ax, {(line.get_gid(), line.get_label()): line for line in ax.lines}


def test_lines():
    """There is a pair of lines for all pods and for each version, from before the first action."""
    ax, lines = draw(until=10.0)
    assert set(lines) == {
        (who, what) for who in ("recorded", "simulated") for what in ("pods", "v1", "v2")
    }
    line = lines["simulated", "pods"]
    assert list(line.get_xdata()) == [-10.0, 1.5, 10.0]
    assert list(line.get_ydata()) == [2, 5, 5]
    assert line.get_drawstyle() == "steps-post"
    assert ax.get_ylim()[1] > 5


def test_thin_lines_run_in_broad_ones():
    """The simulation is drawn thin, over the recording, in the same colour but darker."""
    ax, lines = draw()
    order = [line.get_gid() for line in ax.lines]
    assert order == ["recorded", "simulated"] * 3
    assert lines["recorded", "v1"].get_linewidth() > 3 * lines["simulated", "v1"].get_linewidth()
    assert lines["recorded", "v1"].get_color() != lines["recorded", "v2"].get_color()


def test_words():
    """The key and the labels beside the lines are in the language asked for."""
    ax, _ = draw(lang="fr")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["enregistré", "simulé"]
    assert [text.get_text() for text in ax.texts] == ["v1", "v2", "tous les pods"]


def test_end():
    """What comes after `until` is not drawn."""
    _, lines = draw(until=1.2)
    assert list(lines["simulated", "pods"].get_xdata()) == [-1.2, 1.2]
