from rollnb.scenarios import SCENARIOS


def test_recreate_is_played_to_its_end():
    """A run does not end between the last old pod and the first new one."""
    summary = SCENARIOS["all-at-once"].play().summary
    assert (summary.state, summary.duration_seconds, summary.least_available) == (
        "complete",
        32.0,
        0,
    )
