"""Fixtures for more than one test module."""

from collections import Counter
from pathlib import Path

import browser
import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

#: Modules whose tests are counted in the summary: what was seen on a real control plane.
COUNTED = ("test_cases.py", "test_recordings.py")

# Notebooks run at the same time as the other tests: how long an example takes says nothing.
settings.register_profile("rollnb", settings(), deadline=None)
settings.load_profile("rollnb")


# For a module, not for the session: while Playwright is open its event loop counts as running, and
# the notebooks that the same process tests next need one of their own.
@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebooks, in a real browser: see `browser.Lab`."""
    if browser.find_chromium() is None:
        pytest.skip("needs Chromium: apt install chromium")
    pytest.importorskip("playwright.sync_api")
    with browser.open_lab(ROOT / "notebooks", tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def pytest_terminal_summary(terminalreporter):
    """Say how many cases and recordings hold, by kind."""
    held, played = Counter(), Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            module, _, test = report.nodeid.rpartition("/")[2].partition("::")
            if report.when == "call" and "[" in test and module in COUNTED:
                name = f"{module} {test.partition('[')[0]}"
                played[name] += 1
                held[name] += outcome == "passed"
    for name, number in sorted(played.items()):
        terminalreporter.write_line(f"{name}: {held[name]} of {number} hold")
