"""The history of StatefulSets and DaemonSets."""

from dataclasses import dataclass

import pytest

from rollnb.cluster.revisions import (
    Choice,
    choose_revision,
    cleanup_history,
    name_revision,
    next_revision,
    truncate_history,
)


@dataclass(frozen=True)
class Revision:
    revision: int
    template_hash: str


def make_history(**numbers):
    """Make revisions from hash=number."""
    return {name: Revision(number, name) for name, number in numbers.items()}


@pytest.mark.parametrize(
    ("numbers", "template", "expected"),
    [
        pytest.param({}, "a", (None, 1), id="the first is 1"),
        pytest.param({"a": 1}, "b", (None, 2), id="a new template gets the next number"),
        pytest.param({"a": 1, "b": 2}, "b", ("b", 2), id="the newest one stays"),
        pytest.param({"a": 1, "b": 2}, "a", ("a", 3), id="an old one moves to the top"),
        pytest.param({"b": 2, "a": 3}, "c", (None, 4), id="numbers are never used again"),
    ],
)
def test_choose_revision(numbers, template, expected):
    """A template is in the history once, under its latest number."""
    history = make_history(**numbers)
    name, number = expected
    found = choose_revision(list(history.values()), template)
    assert found == Choice(history.get(name), number)


def test_next_revision():
    """The next number is one above the highest, in whatever order."""
    assert next_revision([Revision(4, "a"), Revision(2, "b")]) == 5


def test_name_revision():
    """A very long name is cut, the hash is not."""
    names = (name_revision("web", "65cd8d469"), name_revision("w" * 240, "65cd8d469"))
    assert names == ("web-65cd8d469", "w" * 223 + "-65cd8d469")


@pytest.mark.parametrize(
    ("live", "limit", "stateful_set", "daemon_set"),
    [
        pytest.param("", 4, "", "", id="within the limit"),
        pytest.param("", 2, "ab", "ab", id="the oldest go"),
        pytest.param("", 0, "abcd", "abcd", id="none is kept"),
        pytest.param("a", 2, "b", "bc", id="a live one counts for a DaemonSet alone"),
        pytest.param("abcd", 0, "", "", id="live ones stay"),
    ],
)
def test_history_limit(live, limit, stateful_set, daemon_set):
    """Revisions beyond the limit go, oldest first, but never one that pods still have."""
    history = make_history(d=7, b=3, a=1, c=5)
    alive = {history[name] for name in live}

    def names(revisions):
        return "".join(revision.template_hash for revision in revisions)

    assert (
        names(truncate_history(history.values(), alive, limit)),
        names(cleanup_history(history.values(), alive, limit)),
    ) == (stateful_set, daemon_set)
