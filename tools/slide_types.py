"""Decide where each cell of a notebook stands when the notebook is shown as slides.

A text with a heading begins a slide, an exercise (`**2.** How many …`) begins one below, code and
what it shows come one after the other, and what does not fit on a slide goes on the next one
below. A folded solution stays with its exercise if there is room for it unfolded. Imports and the
language are on no slide.

A type that someone chose, in JupyterLab in the property inspector, stays: the type proposed here
is stored beside it, and is decided anew only as long as the two are the same.
"""

from __future__ import annotations

import re

from nbformat import NotebookNode

#: The types that begin a slide, and those of cells that no slide shows.
BEGIN, HIDDEN = ("slide", "subslide"), ("skip", "notes")

#: The type of a cell that stands with the one before it.
GO_ON = "-"

#: How many lines of text fit on a slide.
LINES = 22

#: Lines that a picture and a row of a table take, and characters of text on one of them.
PICTURE, ROW, CHARACTERS = 16, 1.6, 110


def set_types(notebook: NotebookNode) -> None:
    """Give each cell its slide type, unless someone chose one."""
    used: float = LINES
    for cell in notebook.cells:
        needed = count_lines(cell)
        show = cell.metadata.setdefault("slideshow", NotebookNode())
        if show.get("slide_type") == show.get("proposed"):
            show.slide_type = show.proposed = propose_type(cell, used, needed)
        kind = show.get("slide_type", GO_ON)
        if kind in BEGIN:
            used = needed
        elif kind not in HIDDEN:
            used += needed


def propose_type(cell: NotebookNode, used: float, needed: float) -> str:
    """Return the slide type of a cell, on a slide of which so many lines are used."""
    if cell.cell_type == "code" and is_set_up(cell.source):
        return "skip"
    text = cell.source if cell.cell_type == "markdown" else ""
    if re.match("# ", text) or re.search("^## ", text, flags=re.MULTILINE):
        return "slide"
    if used + needed > LINES or re.match(r"\*\*\d+\.\*\* ", text):
        return "subslide"
    return "fragment" if cell.cell_type == "code" else GO_ON


def is_set_up(code: str) -> bool:
    """Whether code only imports, loads extensions, and chooses the language."""
    return all(
        re.match(r"(import |from |%load_ext |lang = )|\s*$", line) for line in code.splitlines()
    )


def find_slides(notebook: NotebookNode) -> list[list[NotebookNode]]:
    """Return the cells of each slide."""
    slides: list[list[NotebookNode]] = []
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", GO_ON)
        if kind in BEGIN or not slides:
            slides.append([])
        if kind not in HIDDEN:
            slides[-1].append(cell)
    return slides


def count_lines(cell: NotebookNode) -> float:
    """Return about how many lines a cell takes on a slide, what it shows included."""
    source = cell.source.splitlines()
    lines: float = sum(1 + len(line) // CHARACTERS for line in source)
    if cell.cell_type == "markdown":
        lines += sum(line.startswith("# ") for line in source)  # the title is larger
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if any(kind.startswith("image/") for kind in data):
            lines += PICTURE
        elif "text/html" in data:
            lines += ROW * data["text/html"].count("<tr")
        else:
            lines += len((output.get("text") or data.get("text/plain", "")).splitlines())
    return lines + 1
