"""Turn notebooks into decks of slides that need no network.

    python tools/make_slides.py notebooks build/slides

A heading begins a slide, code and what it shows come one after the other, and what does not fit on
a slide goes on the next one below. Cells that have a slide type of their own (in JupyterLab: the
property inspector) keep it. `make slides` fetches what the decks need (reveal.js, jQuery,
RequireJS) into the folder once, if npm is there.
"""

from __future__ import annotations

import argparse
import base64
import html
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets.config import Config

#: Pixels of a slide, and how many lines of text fit on it.
WIDTH, HEIGHT, LINES = 1280, 720, 22

#: Lines that a picture and a row of a table take, and characters of text on one of them.
PICTURE, ROW, CHARACTERS = 16, 1.6, 110

#: The tag of a cell that has more lines than a slide: its picture, or else its text, is smaller.
TALL = "tall"

#: A script that would be fetched from the network, for diagrams that the notebooks do not have,
#: and one that calls at each slide what draws formulas, which they do not have either.
MERMAID = r"<script[^>]*>\s*import mermaid.*?</script>"
MATHJAX = r"var update = function\(event\).*?'slidechanged', update\);"

#: A picture of the explorer, which needs a kernel to be there itself, and what is seen on it.
EXPLORER = Path(__file__).parents[1] / "docs" / "gallery" / "explorer.png"
SENTENCES = {
    "en": "The explorer: sliders, curves, tiles, the terminal, and the patch to apply.",
    "fr": "L'explorateur : curseurs, courbes, tuiles, le terminal et le patch à appliquer.",
}

#: At 1920 x 1080 text is 30 pixels high, code 27; a picture leaves room for the code above it.
STYLE = """<style>
:root { --jp-content-font-size1: 20px; --jp-code-font-size: 18px; }
.reveal h1, .reveal h2, .reveal h3 { text-transform: none; }
.reveal .jp-OutputArea-output img { max-height: 460px; width: auto; }
.reveal .celltag_tall:not(:has(img)) { --jp-code-font-size: 13px; }
.reveal .celltag_tall .jp-OutputArea-output img { max-height: 330px; }
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
    """Give each cell its slide type, unless it has one, and tag those that are taller than one."""
    used: float = LINES
    for cell in notebook.cells:
        needed = count_lines(cell)
        if needed > LINES:
            cell.metadata.setdefault("tags", []).append(TALL)
        kind = choose_type(cell, used, needed)
        kind = cell.metadata.setdefault("slideshow", {}).setdefault("slide_type", kind)
        used = needed if kind in ("slide", "subslide") else used + needed


def choose_type(cell: NotebookNode, used: float, needed: float) -> str:
    """Return the slide type of a cell, on a slide of which so many lines are used."""
    if cell.cell_type == "markdown" and re.match(r"##? ", cell.source):
        return "slide"
    if used + needed > LINES:
        return "subslide"
    return "fragment" if cell.cell_type == "code" else "-"


def count_lines(cell: NotebookNode) -> float:
    """Return about how many lines a cell takes on a slide, what it shows included."""
    lines: float = sum(1 + len(line) // CHARACTERS for line in cell.source.splitlines())
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if any(kind.startswith("image/") for kind in data):
            lines += PICTURE
        elif "text/html" in data:
            lines += ROW * data["text/html"].count("<tr")
        else:
            lines += len((output.get("text") or data.get("text/plain", "")).splitlines())
    return lines + 1


def show_explorer(notebook: NotebookNode, sentence: str) -> None:
    """Put a picture of the explorer and the sentence of what it is where a cell shows it."""
    picture = base64.b64encode(EXPLORER.read_bytes()).decode()
    for cell in notebook.cells:
        shown = [
            output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])
        ]
        if any(text.startswith("Explorer(") for text in shown):
            cell.outputs = [
                new_output("display_data", {"image/png": picture}),
                new_output("stream", text=sentence),
            ]


def make_deck(path: Path, target: Path, up: str) -> None:
    """Write the deck of a notebook; `up` leads from it to the folder of the scripts."""
    notebook = nbformat.read(path, as_version=4)
    lang = "fr" if path.parent.name == "fr" else "en"
    show_explorer(notebook, SENTENCES[lang])
    set_types(notebook)
    options = {name: f"{up}{script}" for name, script in SCRIPTS.items()}
    options |= {"font_awesome_url": "", "mathjax_url": "", "language_code": lang}
    options |= {"reveal_width": str(WIDTH), "reveal_height": str(HEIGHT), "reveal_scroll": True}
    options |= {"reveal_theme": "white"}
    options |= {"exclude_input_prompt": True, "exclude_output_prompt": True}
    config = Config(SlidesExporter=options | {"reveal_transition": "none"})
    body, _ = SlidesExporter(config=config).from_notebook_node(
        notebook, {"metadata": {"name": path.stem}}
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    body = re.sub(f"{MERMAID}|{MATHJAX}", "", body, flags=re.DOTALL)
    body = body.replace("</head>", STYLE, 1)
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
