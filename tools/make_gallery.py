"""Draw the pictures of README.md: every kind of slide, a film, and the explorer.

    python tools/make_gallery.py             draws all of them into docs/gallery
    python tools/make_gallery.py lesson      draws only this one

The explorer is photographed in JupyterLab in Chromium; without one its pictures stay as they are.
The same pictures are the same files, as long as matplotlib is the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import matplotlib.pyplot as plt
from PIL import Image, ImageChops

from rollnb import plots, scenarios, service

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "gallery"

#: Pixels: of a slide, and of the steps of a build beside each other.
WIDTH, STEP_WIDTH = 960, 480


class Picture(NamedTuple):
    """A picture, and the call that makes it."""

    name: str
    call: str


SLIDES = (
    Picture(
        "lesson",
        'plots.slide(play("lesson"), "Complete after 10 s, over after 40 s")',
    ),
    Picture(
        "pods",
        'plots.slide(play("lesson"), "Each old pod works on for 30 s", draw=plots.pods)',
    ),
    Picture(
        "peaks",
        'plots.slide(play("lesson"), "11 pods by the spec, 20 on the nodes", draw=plots.peaks)',
    ),
    Picture(
        "throughput",
        'plots.slide(play("lesson"), "Slower, but 30 s too late to notice", draw=plots.stacked)',
    ),
    Picture(
        "before-and-after",
        'plots.slide({"1 up, 1 down": play("lesson"), "3 up, 0 down, 10 s to warm up": '
        'play("careful")}, "Quick or careful?", draw=plots.compare)',
    ),
    Picture(
        "six",
        'plots.slide({f"{up} up, {down} down": scenarios.roll_out(scenarios.worker(max_surge=up, '
        "max_unavailable=down)) for up, down in ((1, 1), (3, 0), (0, 3), (3, 3), (10, 0), "
        '(0, 10))}, "Six settings, and 20 pods with each", draw=plots.compare)',
    ),
    Picture(
        "scaled",
        'plots.slide(scenarios.change(scenarios.web("Deployment"), "v2", '
        '(3.0, "kubectl scale {} --replicas=8")), "Scaled during the update")',
    ),
    Picture(
        "bad-image",
        'plots.slide(play("bad-image"), "Stuck, but nine pods work", theme="dark")',
    ),
    Picture(
        "all-at-once",
        'plots.slide(play("all-at-once"), "Recreate: half a minute with nobody available")',
    ),
    Picture(
        "statefulset",
        'plots.slide(play("statefulset"), "One by one, from the last to the first", '
        "draw=plots.pods)",
    ),
    Picture(
        "daemonset",
        'plots.slide(play("daemonset-surge"), "On each node the new pod first", '
        'draw=plots.pods, theme="dark")',
    ),
    Picture(
        "requests",
        "plots.slide(service.traffic(scenarios.change(scenarios.web("
        '"Deployment"), "v2", images=scenarios.ABRUPT), rate=100), '
        '"Pods that stop at once lose requests", draw=plots.traffic, until=6)',
    ),
    Picture(
        "french",
        'plots.slide(play("careful"), "Trois de plus, aucun de moins", lang="fr")',
    ),
)

BUILD = Picture("build", 'plots.build(play("careful"), "Three up, none down, 10 s to warm up")')
FILM, EXPLORER = "film", "explorer"

#: The explorer in a window as wide as a slide, for the decks of `make slides`.
WIDE = {"en": "explorer-slide-en", "fr": "explorer-slide-fr"}


def play(name: str) -> object:
    """Play a scenario by its name."""
    return scenarios.SCENARIOS[name].play()


def draw(call: str) -> object:
    """Return what a call makes."""
    return eval(call, {"plots": plots, "scenarios": scenarios, "service": service, "play": play})


def draw_slide(picture: Picture, folder: Path) -> None:
    """Draw a slide."""
    plots.save(draw(picture.call), folder / f"{picture.name}.png", width=WIDTH)


def draw_build(folder: Path) -> None:
    """Draw the steps of a build, numbered from 1."""
    for number, figure in enumerate(draw(BUILD.call), start=1):
        plots.save(figure, folder / f"{BUILD.name}-{number}.png", width=STEP_WIDTH)


def draw_film(folder: Path) -> None:
    """Draw a small film."""
    path = folder / f"{FILM}.gif"
    plots.animate(play("lesson"), path, "One up, one down", width=520, frames_per_second=4)


def draw_explorer(folder: Path) -> None:
    """Take pictures of the explorer in a browser, if there is one."""
    sys.path.insert(0, str(ROOT / "tests"))
    import browser

    if browser.find_chromium() is None:
        print("explorer: needs Chromium, its pictures stay as they are")
        return
    with (
        tempfile.TemporaryDirectory() as scratch,
        browser.open_lab(ROOT / "notebooks", Path(scratch)) as lab,
    ):
        for name, notebook, width in (
            (EXPLORER, "06_explorer.ipynb", 1400),
            (WIDE["en"], "06_explorer.ipynb", 2100),
            (WIDE["fr"], "fr/06_explorer.ipynb", 2100),
        ):
            photograph(lab, notebook, width, folder / f"{name}.png")


def photograph(lab: Any, notebook: str, width: int, path: Path) -> None:
    """Take a picture of the explorer of a notebook, in a window of that width."""
    page = lab.open(notebook, width=width, height=1800)
    lab.slider(page)
    page.locator("img.widget-image").first.wait_for()
    explorer = page.locator(".jp-OutputArea-output:has(img.widget-image)").first
    explorer.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    explorer.screenshot(path=path)
    page.close()
    picture = Image.open(path).convert("RGB")
    # What is empty below is left out.
    *_, bottom = ImageChops.invert(picture).getbbox()
    picture = picture.crop((0, 0, picture.width, bottom))
    # Few colours are enough for a page, and a third of the size.
    picture.quantize(128).save(path, optimize=True)


def main() -> None:
    """Draw what the command line names, or everything."""
    parser = argparse.ArgumentParser(description="Draw the pictures of README.md.")
    parser.add_argument("names", nargs="*", help="pictures to draw; by default all of them")
    names = parser.parse_args().names
    matplotlib.use("agg")
    FOLDER.mkdir(parents=True, exist_ok=True)
    tasks = {picture.name: (draw_slide, picture, FOLDER) for picture in SLIDES}
    tasks |= {BUILD.name: (draw_build, FOLDER), FILM: (draw_film, FOLDER)}
    tasks[EXPLORER] = (draw_explorer, FOLDER)
    unknown = set(names) - set(tasks)
    if unknown:
        sys.exit(f"{unknown.pop()!r} is not one of {', '.join(tasks)}")
    for name in names or tasks:
        task, *arguments = tasks[name]
        task(*arguments)
        plt.close("all")
        print(f"{name}: drawn", flush=True)


if __name__ == "__main__":
    main()
