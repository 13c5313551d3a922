"""The README says how much of what Kubernetes did is simulated alike, and says it rightly."""

import json
from pathlib import Path
from types import SimpleNamespace

import evidence

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"


def make_report(name, kind="facts"):
    """Make the report of a test."""
    return SimpleNamespace(
        nodeid=f"tests/t.py::test[{name}]", user_properties=[("evidence", kind)]
    )


def test_count_outcomes():
    """Each piece counts once, and holds if no test of it fails; tests of nothing do not count."""
    reports = [
        ("passed", make_report("a")),
        ("passed", make_report("b")),
        ("failed", make_report("b")),
        ("error", make_report("c")),
        ("passed", make_report("d", "cases")),
        ("passed", SimpleNamespace(nodeid="tests/t.py::test", user_properties=[])),
    ]
    counts = evidence.count_outcomes(reports)
    assert evidence.summarise(counts) == (
        "agreement with Kubernetes 1.36: facts: 1 of 3; cases: 1 of 1"
    )


def test_readme():
    """The line in the README is the one that ``make agreement`` prints when all hold."""
    facts = sum(
        len(json.loads(path.read_text(encoding="utf-8"))["cases"])
        for path in (DATA / "facts").glob("*.json")
    )
    numbers = {
        "facts": facts,
        "recordings": len(list((DATA / "recordings").glob("*.json"))),
        "cases": len(list((DATA / "cases").glob("*.yaml"))),
    }
    line = evidence.summarise({kind: (number, number) for kind, number in numbers.items()})
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")
