"""Run notebooks in place and store their outputs so that they repeat.

    python tools/store_notebooks.py notebooks             every notebook of a folder
    python tools/store_notebooks.py notebooks/01_*.ipynb  these

Whatever differs from one run to the next (timestamps, ids of widgets, the version of Python) is
left out, so a notebook that says the same is the same file. Each cell gets its slide type, too
(slide_types.py), for which what it shows has to be known.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from slide_types import set_types

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def find_notebooks(paths: list[Path]) -> list[Path]:
    """Return the notebooks named, and those in the folders named and below, in order."""
    found = []
    for path in paths:
        inside = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        found += [notebook for notebook in inside if ".ipynb_checkpoints" not in notebook.parts]
    return found


def find_picture(model_id: str, states: dict[str, dict]) -> tuple[str, str] | None:
    """Return the first PNG inside a widget, as base64 text, and its tooltip."""
    widget = states.get(model_id, {})
    state = widget.get("state", {})
    if state.get("_model_name") == "ImageModel" and state.get("format") == "png":
        data = next((b["data"] for b in widget.get("buffers", []) if b["path"] == ["value"]), None)
        return data and (data, state.get("tooltip") or "")
    pictures = (
        find_picture(child.removeprefix("IPY_MODEL_"), states)
        for child in state.get("children", [])
    )
    return next((picture for picture in pictures if picture), None)


def describe(outputs: list[NotebookNode]) -> str:
    """Return in words what a cell shows: what it printed, and the table at its end."""
    printed = [output.text for output in outputs if output.get("name") == "stdout"]
    result = [o.data.get("text/plain", "") for o in outputs if o.output_type == "execute_result"]
    return "".join([*printed, *result]).strip()


def join_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what a cell printed piece by piece: where the kernel cuts it is chance."""
    joined: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type != "stream":
            joined.append(output)
        elif output.name in streams:
            streams[output.name].text += output.text
        else:
            streams[output.name] = output
            joined.append(output)
    return joined


def make_repeatable(notebook: NotebookNode) -> None:
    """Drop what differs between runs, and keep the picture that a widget last showed.

    Without its kernel a widget cannot be shown, but its picture can; nbval compares neither.
    A figure gets as its alternative text what the cell says beside it.
    """
    states = notebook.metadata.pop("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:
            cell.outputs = join_streams(cell.outputs)
        for output in cell.get("outputs", []):
            view = output.get("data", {}).pop(WIDGET_VIEW, None)
            picture = view and find_picture(view["model_id"], states)
            if picture:
                output.data["image/png"], told = picture
                output.metadata["image/png"] = {"alt": told or describe(cell.outputs)}
            if view is None and "image/png" in output.get("data", {}):
                output.metadata["image/png"] = {"alt": describe(cell.outputs)}
    notebook.metadata.kernelspec = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata.language_info = {"name": "python"}


def store(path: Path) -> bool:
    """Run one notebook in its folder, store it, and return whether the file changed.

    An error in a cell ends the run, unless the cell has the tag ``raises-exception``.
    """
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=120,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    make_repeatable(notebook)
    set_types(notebook)
    after = nbformat.writes(notebook) + "\n"
    path.write_text(after, encoding="utf-8")
    return after != before


def main() -> None:
    """Store the notebooks named on the command line."""
    parser = argparse.ArgumentParser(description="Run notebooks in place and store their outputs.")
    parser.add_argument("paths", nargs="+", type=Path, help="notebooks, or folders of notebooks")
    notebooks = find_notebooks(parser.parse_args().paths)
    if not notebooks:
        sys.exit("no notebooks there")
    for path in notebooks:
        print(f"{path}: {'stored anew' if store(path) else 'unchanged'}", flush=True)


if __name__ == "__main__":
    main()
