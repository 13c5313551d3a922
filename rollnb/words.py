"""The one way to look up words: sentences with blanks, by their key, in several languages.

Each room keeps its own: `rollnb.plots.words`, `rollnb.agreement.words` and so on. Numbers are
written here as the language does: in French with a comma.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def speak(
    words: Mapping[str, Mapping[str, str]], key: str, values: Iterable[object], lang: str
) -> str:
    """Return the text of `key` in a language, filled with `values`, numbers as it writes them.

    Raises
    ------
    ValueError
        If the language is not there.
    """
    if lang not in words:
        raise ValueError(f"{lang=} is not one of {sorted(words)}")
    return words[lang][key].format(*(_spell(value, lang) for value in values))


def number(value: float, lang: str = "en") -> str:
    """Return a number as short as it can be shown: ``10``, ``2.5``, in French ``2,5``.

    What is as good as nothing is ``0``, also from below.
    """
    return format(_spell(float(round(value, 1)) + 0.0, lang), "g")


class _WithComma(float):
    """A number as it is written in French."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(".", ",")


def _spell(value: object, lang: str) -> object:
    return _WithComma(value) if lang == "fr" and isinstance(value, float) else value
