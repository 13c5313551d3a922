"""Fixtures for more than one test module."""

from collections import defaultdict
from pathlib import Path

import browser
import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

#: What Kubernetes itself did, and tests compare with; the summary counts each.
EVIDENCE = ("facts", "recordings", "cases")

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


def pytest_collection_modifyitems(items):
    """Note which tests compare with Kubernetes itself: a fact, a recording or a case."""
    for item in items:
        kind = find_evidence(item)
        if kind:
            item.user_properties.append(("evidence", kind))


def find_evidence(item):
    """Return what kind of evidence a test compares with, if it does."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    module = item.path.stem
    if module.startswith("test_facts_") and "given" in parameters:
        return "facts"
    if module == "test_recordings" and item.originalname.endswith("_recording"):
        return "recordings"
    if module == "test_cases" and parameters:
        return "cases"
    return None


def pytest_terminal_summary(terminalreporter):
    """Say with how much of what Kubernetes does the simulation agrees."""
    tests, failed = defaultdict(set), defaultdict(set)
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(outcome):
            kind = dict(getattr(report, "user_properties", ())).get("evidence")
            if kind:
                # Two tests may look at one fact, each from its side.
                name = report.nodeid.partition("[")[2] or report.nodeid
                tests[kind].add(name)
                if outcome != "passed":
                    failed[kind].add(name)
    if tests:
        counts = [
            f"{kind}: {len(names) - len(failed[kind]):,} of {len(names):,}"
            for kind, names in sorted(tests.items(), key=lambda item: EVIDENCE.index(item[0]))
        ]
        terminalreporter.write_line("agreement with Kubernetes 1.36: " + "; ".join(counts))
