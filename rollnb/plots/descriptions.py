"""Figures in words, for those who cannot see them: the text that stands in for a picture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rollnb.plots import words
from rollnb.plots.figures import get_figure
from rollnb.plots.tables import data
from rollnb.plots.words import WORDS, number, say


def describe(drawn: Any, lang: str = "en", *, short: bool = False) -> str:
    """Say in a line how a run went, or in some sentences what a figure shows.

    Parameters
    ----------
    drawn : Run, Figure, or what a plot function returned
        A figure is described in its own language.
    lang : str
    short : bool
        Of a run: in fewer words.

    Returns
    -------
    str
        Of a figure: its title, its note and, for each axes, what is drawn and from which value
        to which. It serves as the alternative text of a picture.
    """
    if hasattr(drawn, "summary"):
        return words.describe(drawn, lang, short=short)
    return describe_figure(get_figure(drawn))


def describe_figure(figure: Figure) -> str:
    """Return the alternative text of a figure."""
    shown = [ax for ax in figure.axes if ax.get_visible()]
    lang = next((lang for ax in shown if (lang := _read_lang(ax))), "en")
    said = [text.get_text() for text in figure.texts if text.get_visible()]
    unit = ""
    for ax in shown:
        unit = ax.get_ylabel() or unit  # beside another one, axes say it but once
        said.append(_describe_axes(ax, unit, lang))
    return " ".join(_sentence(text) for text in said if text)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "?", "!", ":")) else f"{text}."


def _read_lang(ax: Axes) -> str | None:
    return next((lang for lang in WORDS if ax.get_xlabel() == say("time", lang=lang)), None)


def _names(ax: Axes) -> dict[str, str]:
    """Return the words for areas, by their labels: written on them, or else in the key."""
    key = {
        (handle.get_facecolor(), handle.get_hatch()): text.get_text()
        for legend in ax.figure.legends
        for handle, text in zip(legend.legend_handles, legend.texts, strict=True)
    }
    looks = {patch.get_label(): (patch.get_facecolor(), patch.get_hatch()) for patch in ax.patches}
    names = {label: key[look] for label, look in looks.items() if look in key}
    return names | {text.get_label(): text.get_text() for text in ax.texts}


def _describe_axes(ax: Axes, unit: str, lang: str) -> str:
    frame = data(ax)
    if frame.empty:
        return ""
    names = _names(ax)
    title = ": ".join(text for text in (ax.get_title(loc="left"), names.get("_note")) if text)
    span = [number(max(round(at, 1), 0.0), lang) for at in ax.get_xlim()]
    if "start" in frame:
        rows = frame["row"].nunique()
        key = "alt_bar" if rows == 1 else "alt_bars"
        head = say(key, rows, *span, lang=lang)
        parts = list(_describe_bars(ax, frame, lang))
    else:
        head = say("alt_curves", unit, *span, lang=lang)
        shown = _find_shown(frame, ax.get_xlim()[1])
        parts = [_describe_curve(_name(label, names, lang), shown[label], lang) for label in shown]
    parts += _describe_limits(ax, lang)
    parts += [text.get_text() for text in ax.texts if text.get_label() == "_mark"]
    return (f"{title}. " if title else "") + f"{head} {'; '.join(filter(None, parts))}"


def _find_shown(frame: pd.DataFrame, end: float) -> pd.DataFrame:
    """Return what is drawn of curves: up to the end of the axis, and of areas those with pods."""
    shown = frame[frame.index < end]
    return shown.loc[:, shown.any()] if frame.columns.nlevels > 1 else shown


def _describe_limits(ax: Axes, lang: str) -> list[str]:
    """Say which limits there are, and of those that change until when."""
    steps = [line for line in ax.lines if line.get_drawstyle() == "steps-post"]
    times = next((line.get_xdata() for line in steps if line.get_label() == "_limit"), [])
    texts = [text for text in ax.texts if text.get_label() == "_limit"]
    said = []
    for side in (texts[::2], texts[1::2]):  # the lower limit, then the upper one
        for limit, same in groupby(side, key=lambda text: text.get_text()):
            last = list(same)[-1].xy[0]
            until = next((float(t) for t in times[:-1] if t > last), None)
            end = "" if until is None else number(until, lang)
            said.append(say("alt_until", limit, end, lang=lang) if end else limit)
    return said


def _name(label: Any, names: dict[str, str], lang: str) -> str:
    if isinstance(label, str):
        return label
    revision, state = label
    general = say(state, say("revision", revision, lang=lang), lang=lang)
    return names.get(f"{revision} {state}", general)


def _describe_curve(name: str, values: pd.Series, lang: str) -> str:
    first, last = float(values.iloc[0]), float(values.iloc[-1])
    text = say("alt_from_to", name, number(first, lang), number(last, lang), lang=lang)
    if first == last == values.max() == values.min():
        return say("alt_constant", name, number(first, lang), lang=lang)
    if values.max() > max(first, last):
        text += say("alt_up_to", number(float(values.max()), lang), lang=lang)
    if values.min() < min(first, last):
        text += say("alt_down_to", number(float(values.min()), lang), lang=lang)
    return text


def _describe_bars(ax: Axes, frame: pd.DataFrame, lang: str) -> Iterator[str]:
    for state, spells in frame.groupby("state", sort=False):
        start, stop = (
            number(float(time), lang) for time in (spells.start.min(), spells.stop.max())
        )
        word = say(f"{state}_state", lang=lang)
        rows = spells["row"].nunique()
        yield say("alt_spell" if rows == 1 else "alt_spells", word, rows, start, stop, lang=lang)
    yield from (text.get_text() for text in ax.texts if text.get_label() == "_reason")
