"""The facts from Kubernetes that tests compare with: one file per subject, many cases each.

Another folder of such files is read if the environment variable ``ROLLNB_FACTS`` names one.
"""

import json
import os
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("ROLLNB_FACTS") or Path(__file__).parent / "data" / "facts")


@cache
def load(prefix):
    """Return the file whose name starts with `prefix`, such as ``"14"``; no cases if none does."""
    found = sorted(FOLDER.glob(f"{prefix}*.json"))
    return json.loads(found[0].read_text(encoding="utf-8")) if found else {"cases": []}


_asked_for = {}


def facts(prefix, *tests):
    """Return ``given, expect`` of each case of these groups, with the case's name as id."""
    _asked_for.setdefault(prefix, set()).update(tests)
    return [
        pytest.param(case["given"], case["expect"], id=case["name"])
        for case in load(prefix)["cases"]
        if case["test"] in tests
    ]


def untested(prefix):
    """Return the groups of a file that no test module imported so far has asked for."""
    return {case["test"] for case in load(prefix)["cases"]} - _asked_for.get(prefix, set())
