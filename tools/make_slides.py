"""Turn notebooks into decks of slides that need no network.

    python tools/make_slides.py notebooks build/slides

The slide types are those that stand in the notebooks, and those proposed for cells that have none
(slide_types.py); pictures have the descriptions that stand there. `make slides` fetches what the
decks need (reveal.js, jQuery, RequireJS) into the folder once, if npm is there.
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
from slide_types import LINES, PICTURE, count_lines, find_slides, set_types
from traitlets.config import Config

#: Pixels of a slide.
WIDTH, HEIGHT = 1280, 720

#: Pixels of a line beside a picture, and how many lines a picture has room for at least.
LINE, LEAST = 29, 8

#: The tag of a cell that has more lines than a slide: its text is smaller.
TALL = "tall"

#: The pages of nbconvert, with descriptions and heights of pictures, which they leave out, and
#: without a script for diagrams, which would come from the network: the notebooks have none.
TEMPLATE = """{% extends "index.html.j2" %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block data_png %}
{%- set alt = output | get_metadata("alt", "image/png") or "" -%}
{%- set height = output | get_metadata("height", "image/png") -%}
{%- set image = '<img alt="%s" style="max-height: %spx" ' | format(alt | escape_html, height) -%}
{{ super() | replace("<img ", image) }}
{%- endblock %}
"""

#: A script that calls at each slide what draws formulas, which the notebooks do not have either.
MATHJAX = r"var update = function\(event\).*?'slidechanged', update\);"

#: Pictures of the explorer, which needs a kernel to be there itself, and what is seen on them.
EXPLORER = str(Path(__file__).parents[1] / "docs" / "gallery" / "explorer-slide-{}.png")
SENTENCES = {
    "en": "The explorer: sliders, curves, tiles, the terminal, and the patch to apply.",
    "fr": "L'explorateur : curseurs, courbes, tuiles, le terminal et le patch à appliquer.",
}

#: At 1920 x 1080 text is 30 pixels high, code 27.
STYLE = """<style>
:root { --jp-content-font-size1: 20px; --jp-code-font-size: 18px; }
.reveal h1, .reveal h2, .reveal h3 { text-transform: none; }
.reveal .jp-OutputArea-output img { width: auto; }
.reveal .celltag_tall:not(:has(img)) { --jp-code-font-size: 13px; }
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


def tag_tall(notebook: NotebookNode) -> None:
    """Tag the cells that have more lines than a slide."""
    for cell in notebook.cells:
        if count_lines(cell) > LINES:
            cell.metadata.setdefault("tags", []).append(TALL)


def set_heights(notebook: NotebookNode) -> None:
    """Let pictures be as high as what stands beside them on a slide leaves room for."""
    for cells in find_slides(notebook):
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        pictures = [output for output in outputs if "image/png" in output.get("data", {})]
        others = sum(map(count_lines, cells)) - PICTURE * len(pictures)
        for picture in pictures:
            lines = max((LINES - others) / len(pictures), LEAST)
            picture.metadata.setdefault("image/png", {})["height"] = round(lines * LINE)


def show_explorer(notebook: NotebookNode, lang: str) -> None:
    """Put a picture of the whole explorer where a cell shows it."""
    for cell in notebook.cells:
        shown = [output.get("data", {}) for output in cell.get("outputs", [])]
        if any(data.get("text/plain", "").startswith("Explorer(") for data in shown):
            picture = base64.b64encode(Path(EXPLORER.format(lang)).read_bytes()).decode()
            told = {"image/png": {"alt": SENTENCES[lang]}}
            cell.outputs = [new_output("display_data", {"image/png": picture}, metadata=told)]


def make_deck(path: Path, target: Path, up: str) -> None:
    """Write the deck of a notebook; `up` leads from it to the folder of the scripts."""
    notebook = nbformat.read(path, as_version=4)
    lang = "fr" if path.parent.name == "fr" else "en"
    show_explorer(notebook, lang)
    set_types(notebook)
    tag_tall(notebook)
    set_heights(notebook)
    options = {name: f"{up}{script}" for name, script in SCRIPTS.items()}
    options |= {"font_awesome_url": "", "mathjax_url": "", "language_code": lang}
    options |= {"reveal_width": str(WIDTH), "reveal_height": str(HEIGHT), "reveal_scroll": True}
    options |= {"reveal_theme": "white"}
    options |= {"exclude_input_prompt": True, "exclude_output_prompt": True}
    config = Config(SlidesExporter=options | {"reveal_transition": "none"})
    exporter = SlidesExporter(config=config, raw_template=TEMPLATE)
    body, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    target.parent.mkdir(parents=True, exist_ok=True)
    body = re.sub(MATHJAX, "", body, flags=re.DOTALL)
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
