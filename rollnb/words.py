"""The one way to look up words: sentences with blanks, by their key, in several languages.

Each room keeps its own: `rollnb.plots.words`, `rollnb.agreement.words` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def speak(
    words: Mapping[str, Mapping[str, str]], key: str, values: Iterable[object], lang: str
) -> str:
    """Return the text of `key` in a language, filled with `values`.

    Raises
    ------
    ValueError
        If the language is not there.
    """
    if lang not in words:
        raise ValueError(f"{lang=} is not one of {sorted(words)}")
    return words[lang][key].format(*values)
