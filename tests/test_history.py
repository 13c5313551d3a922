import pytest
from makers import make_rs

from rollnb.cluster.history import (
    Annotations,
    append_revision,
    max_revision,
    new_replica_set_annotations,
    next_revision,
)


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        pytest.param([], (0, 1), id="no history"),
        pytest.param([3], (3, 4), id="one ReplicaSet"),
        pytest.param([2, 5, 4], (5, 6), id="in any order"),
    ],
)
def test_revisions(revisions, expected):
    """The next revision is one above all others."""
    sets = [make_rs(revision=revision) for revision in revisions]
    assert (max_revision(sets), next_revision(sets)) == expected


@pytest.mark.parametrize(
    ("rs", "revision", "annotations", "expected"),
    [
        pytest.param({}, 1, {}, (1, [], {}), id="a first revision"),
        pytest.param({"revision": 2}, 2, {}, None, id="nothing new"),
        pytest.param({"revision": 5}, 3, {}, None, id="a revision never goes down"),
        pytest.param(
            {"revision": 1}, 4, {}, (4, [1], {}), id="rolled back to: the old number is kept"
        ),
        pytest.param(
            {"revision": 3, "revision_history": [1]}, 5, {}, (5, [1, 3], {}), id="once more"
        ),
        pytest.param(
            {"revision": 2, "annotations": {"kept": "x"}},
            2,
            {"kubernetes.io/change-cause": "why", "deployment.kubernetes.io/revision": "9"},
            (2, [], {"kept": "x", "kubernetes.io/change-cause": "why"}),
            id="the Deployment's annotations are copied, its own bookkeeping is not",
        ),
    ],
)
def test_new_replica_set_annotations(rs, revision, annotations, expected):
    """The new ReplicaSet gets the newest revision, remembers old ones, and the change cause."""
    found = new_replica_set_annotations(make_rs(**rs), revision, annotations)
    assert found == (expected and Annotations(*expected))


def test_long_revision_history_forgets_the_oldest():
    """The list of earlier revisions stays within its limit of characters."""
    assert append_revision([1, 22, 333], 4444, limit=11) == [22, 333, 4444]
