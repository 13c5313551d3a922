"""Counts how much of what Kubernetes itself did holds: facts, recordings and cases."""

from collections import defaultdict

#: In the order of the summary.
KINDS = ("facts", "recordings", "cases")


def find_kind(item):
    """Return the kind of evidence that a test compares with; None if it has none."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    module = item.path.stem
    if module.startswith("test_facts_") and "given" in parameters:
        return "facts"
    if module == "test_recordings" and item.originalname.endswith("_recording"):
        return "recordings"
    if module == "test_cases" and parameters:
        return "cases"
    return None


def count_outcomes(reports):
    """Return how many hold and how many there are, by kind, from ``(outcome, report)`` pairs."""
    tests, failed = defaultdict(set), defaultdict(set)
    for outcome, report in reports:
        kind = dict(getattr(report, "user_properties", ())).get("evidence")
        if kind:
            # Two tests may look at one fact, each from its side.
            name = report.nodeid.partition("[")[2]
            tests[kind].add(name)
            if outcome != "passed":
                failed[kind].add(name)
    return {
        kind: (len(tests[kind] - failed[kind]), len(tests[kind]))
        for kind in KINDS
        if kind in tests
    }


def summarise(counts):
    """Say in a line how much holds."""
    parts = [f"{kind}: {hold:,} of {number:,}" for kind, (hold, number) in counts.items()]
    return "agreement with Kubernetes 1.36: " + "; ".join(parts)
