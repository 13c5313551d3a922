"""Fixtures for more than one test module."""

from pathlib import Path

import browser
import evidence
import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

# Notebooks run at the same time as the other tests: how long an example takes says nothing.
settings.register_profile("rollnb", settings(), deadline=None)
settings.load_profile("rollnb")


# For a module, not for the session: while Playwright is open its event loop counts as running, and
# the notebooks that the same process tests next need one of their own.
@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebooks, in a real browser: see `browser.Lab`."""
    if browser.find_chromium() is None:
        browser.miss_chromium()
    pytest.importorskip("playwright.sync_api")
    with browser.open_lab(ROOT / "notebooks", tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def pytest_collection_modifyitems(items):
    """Note which tests compare with Kubernetes itself."""
    for item in items:
        kind = evidence.find_kind(item)
        if kind:
            item.user_properties.append(("evidence", kind))


def pytest_terminal_summary(terminalreporter):
    """Say with how much of what Kubernetes did the simulation agrees, and what was measured."""
    counts = evidence.count_outcomes(
        (outcome, report)
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.getreports(outcome)
    )
    if counts:
        terminalreporter.write_line(evidence.summarise(counts))
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "measured":
                terminalreporter.write_line(value)
