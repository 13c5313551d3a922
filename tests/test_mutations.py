"""The mutations that `make mutations` plays still fit the source; playing them takes minutes."""

import sys
from pathlib import Path

import pytest
from mutations import MUTATIONS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from mutate import mutate  # noqa: E402  (found beside the other tools)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_mutation_fits(mutation):
    """The text to replace is there as often as it should be, and the result is Python."""
    source = (ROOT / "rollnb" / f"{mutation.module}.py").read_text(encoding="utf-8")
    mutated = mutate(source, mutation)
    assert mutated != source
    compile(mutated, mutation.module, "exec")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_modules_exist(mutation):
    """Each test module that has to notice is there."""
    assert all((ROOT / "tests" / f"{module}.py").exists() for module in mutation.tests)


def test_stale_text_is_not_passed_over():
    """A mutation whose text is gone is an error, not one that nobody notices."""
    with pytest.raises(LookupError, match="0 times, not 1"):
        mutate("nothing of the kind", MUTATIONS[0])
