"""Turn notebooks into decks of slides that need no network.

    python tools/make_slides.py notebooks build/slides

A heading begins a slide, code and what it shows come one after the other, and what does not fit on
a slide goes on the next one below. Cells that have a slide type of their own (in JupyterLab: the
property inspector) keep it. `make slides` fetches what the decks need (reveal.js, jQuery,
RequireJS) into the folder once, if npm is there.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from traitlets.config import Config

#: Pixels of a slide, and how many lines of text fit on it.
WIDTH, HEIGHT, LINES = 1280, 720, 22

#: Lines that a picture takes, and characters of text on one of them.
PICTURE, CHARACTERS = 16, 110

#: A script that would be fetched from the network, for diagrams that the notebooks do not have.
MERMAID = r"<script[^>]*>\s*import mermaid.*?</script>"

#: At 1920 x 1080 text is 30 pixels high, code 27; a picture leaves room for the code above it.
STYLE = """<style>
:root { --jp-content-font-size1: 20px; --jp-code-font-size: 18px; }
.reveal h1, .reveal h2, .reveal h3 { text-transform: none; }
.reveal .jp-OutputArea-output img { max-height: 480px; width: auto; }
</style>
</head>"""

#: Where the decks find their scripts, below the folder of the decks.
SCRIPTS = {
    "reveal_url_prefix": "node_modules/reveal.js",
    "require_js_url": "node_modules/requirejs/require.js",
    "jquery_url": "node_modules/jquery/dist/jquery.min.js",
}

INDEX = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>rollnb: the course as slides</title>
<style>body {{ font: 1.3rem/1.8 sans-serif; margin: 3rem }}</style>
<h1>The course as slides</h1>
<p>Space goes on, Esc shows all slides, S opens the speaker's view.</p>
<ul>
{links}
</ul>
</html>
"""


def set_types(notebook: NotebookNode) -> None:
    """Give each cell its slide type, unless it has one."""
    used = LINES
    for cell in notebook.cells:
        needed = count_lines(cell)
        kind = choose_type(cell, used, needed)
        kind = cell.metadata.setdefault("slideshow", {}).setdefault("slide_type", kind)
        used = needed if kind in ("slide", "subslide") else used + needed


def choose_type(cell: NotebookNode, used: int, needed: int) -> str:
    """Return the slide type of a cell, on a slide of which so many lines are used."""
    if cell.cell_type == "markdown" and re.match(r"##? ", cell.source):
        return "slide"
    if used + needed > LINES:
        return "subslide"
    return "fragment" if cell.cell_type == "code" else "-"


def count_lines(cell: NotebookNode) -> int:
    """Return about how many lines a cell takes on a slide, what it shows included."""
    lines = sum(1 + len(line) // CHARACTERS for line in cell.source.splitlines())
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if any(kind.startswith("image/") for kind in data):
            lines += PICTURE
        else:
            lines += len((output.get("text") or data.get("text/plain", "")).splitlines())
    return lines + 1


def make_deck(path: Path, target: Path, up: str) -> None:
    """Write the deck of a notebook; `up` leads from it to the folder of the scripts."""
    notebook = nbformat.read(path, as_version=4)
    set_types(notebook)
    options = {name: f"{up}{script}" for name, script in SCRIPTS.items()}
    options |= {"font_awesome_url": "", "mathjax_url": ""}
    options |= {"reveal_width": str(WIDTH), "reveal_height": str(HEIGHT), "reveal_scroll": True}
    options |= {"reveal_theme": "white"}
    options |= {"exclude_input_prompt": True, "exclude_output_prompt": True}
    config = Config(SlidesExporter=options | {"reveal_transition": "none"})
    body, _ = SlidesExporter(config=config).from_notebook_node(
        notebook, {"metadata": {"name": path.stem}}
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    body = re.sub(MERMAID, "", body, flags=re.DOTALL).replace("</head>", STYLE, 1)
    target.write_text(body, encoding="utf-8")


def read_title(path: Path) -> str:
    """Return the first heading of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    headings = (re.match(r"# (.+)", cell.source) for cell in cells)
    return next((heading[1] for heading in headings if heading), path.stem)


def main() -> None:
    """Make the decks that the command line asks for, and a page with links to them."""
    parser = argparse.ArgumentParser(description="Turn notebooks into decks of slides.")
    parser.add_argument("notebooks", type=Path, help="folder of notebooks")
    parser.add_argument("folder", type=Path, help="folder for the decks")
    options = parser.parse_args()
    paths = sorted(options.notebooks.rglob("*.ipynb"))
    paths = [path for path in paths if ".ipynb_checkpoints" not in path.parts]
    if not paths:
        sys.exit(f"no notebooks in {options.notebooks}")
    links = []
    for path in paths:
        deck = path.relative_to(options.notebooks).with_suffix(".html")
        make_deck(path, options.folder / deck, "../" * (len(deck.parts) - 1))
        links.append(f'<li><a href="{deck}">{html.escape(read_title(path))}</a></li>')
        print(options.folder / deck, flush=True)
    page = INDEX.format(links="\n".join(links))
    (options.folder / "index.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
