"""Words and numbers are written as a language does."""

import numpy as np
import pytest

from rollnb.words import number, speak

WORDS = {
    "en": {"late": "{} is {:.1f} s late, {!r}"},
    "fr": {"late": "{} : {:.1f} s de retard, {!r}"},
}


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("en", "v0.2 is 2.5 s late, 0.5"), ("fr", "v0.2 : 2,5 s de retard, 0.5")],
)
def test_speak(lang, expected):
    """In French a number has a comma; a text, and what is Python's, stay as they are."""
    assert speak(WORDS, "late", ["v0.2", np.float64(2.54), 0.5], lang) == expected


def test_unknown_language():
    """A language that is not there is named with those that are."""
    with pytest.raises(ValueError, match=r"lang='de' is not one of \['en', 'fr'\]"):
        speak(WORDS, "late", [], "de")


@pytest.mark.parametrize(
    ("value", "english", "french"), [(10, "10", "10"), (10.0, "10", "10"), (2.46, "2.5", "2,5")]
)
def test_number(value, english, french):
    """A number is as short as it can be."""
    assert (number(value), number(value, "fr")) == (english, french)
