"""The exercises of the notebooks: `check` says what is off in an answer, and not what is right."""

from __future__ import annotations

from typing import Any

from rollnb.course.exercises import EXERCISES
from rollnb.course.words import WORDS
from rollnb.words import speak

__all__ = ["EXERCISES", "check"]


def check(exercise: str, answer: Any = ..., *, lang: str = "en") -> None:
    """Print whether an answer is right, and if not, what is off.

    Parameters
    ----------
    exercise : str
        Its number in the notebooks: ``"2.3"`` is the third one of notebook 2.
    answer : number, str, list of str or workload
        As the exercise asks; ``...`` while there is none.
    lang : str
        ``"en"`` or ``"fr"``.

    Raises
    ------
    ValueError
        If there is no such exercise, or no such language.
    """
    if exercise not in EXERCISES:
        notebook = str(exercise).split(".")[0]
        first, *_, last = names = list(EXERCISES)
        there = [name for name in names if name.split(".")[0] == notebook]
        raise ValueError(
            f"{exercise=} is not one of {there or f'those from {first!r} to {last!r}'}"
        )
    findings = [("no_answer",)] if answer is ... else EXERCISES[exercise].find(answer)
    for key, *values in findings or [("right",)]:
        print(speak(WORDS, key, values, lang))
