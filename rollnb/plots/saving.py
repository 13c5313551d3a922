"""How a figure is written to a file: always 16:9, always the same bytes, with its description."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rollnb.plots.descriptions import describe_figure
from rollnb.plots.figures import (
    LEAST_WIDTH,
    SLIDE_SIZE,
    get_figure,
    read_style,
    settings,
)
from rollnb.validation import check_number, check_values

FORMATS = ("svg", "pdf", "png")

#: Endings of pictures and films that are not written here; any other is part of a name.
OTHERS = ("bmp", "eps", "gif", "html", "jpeg", "jpg", "mp4", "ps", "svgz", "tif", "tiff", "webp")

#: Under which keys each format keeps a description, and what it would otherwise write of the time.
_DESCRIPTION = {"svg": "Description", "pdf": "Subject", "png": "Description"}
_NO_DATE = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}


def save(
    figure: Figure | Axes | Sequence[Axes],
    path: str | Path,
    formats: Sequence[str] = FORMATS,
    *,
    width: int = 1920,
) -> list[Path]:
    """Save a figure at 16:9: PNG with 1920 × 1080 pixels, SVG and PDF as large.

    Its description, as from `describe`, is in the file's metadata.

    Parameters
    ----------
    figure : Figure, or what a plot function returned
    path : str or Path
        With one of the endings ``.svg``, ``.pdf``, ``.png``: that file alone. Without: all of
        `formats`, beside each other. A folder that is missing is made.
    width : int
        Of a PNG, in pixels; the height is 9/16 of that.

    Returns
    -------
    list of Path
        What was written: the same bytes whenever the same figure is saved.

    Raises
    ------
    ValueError
        If the ending, or one of the formats, is that of another kind of picture.
    """
    check_number("width", width, of="pixels", least=LEAST_WIDTH, whole=True)
    formats = check_values("formats", formats, str)
    figure = get_figure(figure)
    path = Path(path)
    ending = path.suffix.lower().lstrip(".")
    wrong = [ending] if ending in OTHERS else [f for f in formats if f not in FORMATS]
    if wrong:
        allowed = ", ".join(f".{f}" for f in FORMATS)
        raise ValueError(
            f"{path.name!r} cannot be written as .{wrong[0]}: end it with one of {allowed}, "
            "or with none of them for all three"
        )
    paths = [path] if ending in FORMATS else [path.parent / f"{path.name}.{f}" for f in formats]
    path.parent.mkdir(parents=True, exist_ok=True)
    for file in paths:
        file.write_bytes(render(figure, file.suffix.lower().lstrip("."), width=width))
    return paths


def render(figure: Figure, kind: str, *, width: int = 1920) -> bytes:
    """Return what a file of one of the `FORMATS` holds: see `save`."""
    size = figure.get_size_inches().copy()
    figure.set_size_inches(SLIDE_SIZE)
    buffer = io.BytesIO()
    try:
        with settings(read_style()):
            figure.savefig(
                buffer,
                format=kind,
                dpi=width / SLIDE_SIZE[0],
                metadata=_NO_DATE[kind] | {_DESCRIPTION[kind]: describe_figure(figure)},
                facecolor=figure.get_facecolor(),
            )
    finally:
        figure.set_size_inches(size)
    return buffer.getvalue()
