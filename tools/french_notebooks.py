"""Give the French notebooks the code of the English ones; their text stays.

    python tools/french_notebooks.py                every notebook of notebooks/fr
    python tools/store_notebooks.py notebooks/fr    then run them

A notebook is written in English; its French edition in ``notebooks/fr`` has the same cells, with
French text and ``lang = "fr"``. After a change of code this brings both in step; where cells were
added or removed, it says from which cell on the editions differ, and the text has to follow first.
What cells say of themselves (tags, slide types that someone chose) is the same in both, too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from slide_types import set_types

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def bring_in_step(path: Path) -> bool:
    """Copy code and metadata of the English edition into a French one; say whether it changed."""
    before = path.read_text(encoding="utf-8")
    french = nbformat.reads(before, as_version=4)
    english = nbformat.read(NOTEBOOKS / path.name, as_version=4)
    kinds = [[cell.cell_type for cell in notebook.cells] for notebook in (english, french)]
    if kinds[0] != kinds[1]:
        pairs = zip(*kinds, strict=False)
        place = next((i for i, (a, b) in enumerate(pairs) if a != b), min(map(len, kinds)))
        sys.exit(f"{path}: cell {place + 1} is where it begins to differ from {path.name}")
    for ours, theirs in zip(french.cells, english.cells, strict=True):
        if ours.cell_type == "code":
            ours.source = theirs.source.replace('lang = "en"', 'lang = "fr"')
        ours.metadata = theirs.metadata
    set_types(french)
    after = nbformat.writes(french) + "\n"
    path.write_text(after, encoding="utf-8")
    return after != before


def main() -> None:
    """Bring every French notebook in step."""
    for path in sorted((NOTEBOOKS / "fr").glob("*.ipynb")):
        print(f"{path.name}: {'code brought in step' if bring_in_step(path) else 'in step'}")


if __name__ == "__main__":
    main()
