"""What the user asks for is checked where it is asked."""

import pytest

from rollnb import Image, Node, Normal, Uniform


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: Image("a", pull_seconds=-5), "pull_seconds=-5 must not", id="pull"),
        pytest.param(lambda: Image("a", stop_seconds="2"), "stop_seconds='2' must be", id="text"),
        pytest.param(lambda: Image("a", crash_count=-1), "crash_count=-1 must not", id="count"),
        pytest.param(lambda: Image(""), "name='' must be an image's name", id="no image"),
        pytest.param(lambda: Node("n", cpu=-1), "cpu=-1 must not be negative", id="node"),
        pytest.param(lambda: Node(""), "name='' must be a node's name", id="no node"),
        pytest.param(lambda: Uniform(5, 1), "low=5, high=1: 0 <= low <= high", id="uniform"),
        pytest.param(lambda: Normal(1, -1), "deviation=-1 must not be", id="normal"),
    ],
)
def test_bad_values(make, message):
    """A value that makes no sense is named, with what is allowed."""
    with pytest.raises(ValueError, match=message):
        make()
