"""Draw the gallery: every kind of slide, a film, and the explorer, each with the call for it.

    python tools/make_gallery.py             draws all into docs/gallery and writes docs/gallery.md
    python tools/make_gallery.py lesson      draws only this one

The explorer is a screenshot from JupyterLab in Chromium; without one its picture stays as it is.
The same pictures are the same files, as long as matplotlib is the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import matplotlib
import matplotlib.pyplot as plt
from PIL import Image

from rollnb import plots, scenarios, service

ROOT = Path(__file__).parents[1]
PAGE, FOLDER = ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery"

#: Pixels: of a slide, and of the steps of a build beside each other.
WIDTH, STEP_WIDTH = 960, 480


class Picture(NamedTuple):
    """A picture of the gallery: what it shows, and the call that makes it."""

    name: str
    sentence: str
    call: str


SLIDES = (
    Picture(
        "lesson",
        "A rollout over time: pods by version and state, the limits, and when it is over.",
        'plots.slide(play("lesson"), "Complete after 10 s, over after 40 s")',
    ),
    Picture(
        "pods",
        "The same rollout with a bar for each pod.",
        'plots.slide(play("lesson"), "Each old pod works on for 30 s", draw=plots.pods)',
    ),
    Picture(
        "peaks",
        "The most pods that the spec allows, and the most that there really are.",
        'plots.slide(play("lesson"), "11 pods by the spec, 20 on the nodes", draw=plots.peaks)',
    ),
    Picture(
        "throughput",
        "The work that gets done, below the pods that do it: flat, then falling.",
        'plots.slide(play("lesson"), "Slower, but 30 s too late to notice", draw=plots.stacked)',
    ),
    Picture(
        "before-and-after",
        "Two settings side by side, on the same scales.",
        'plots.slide({"1 up, 1 down": play("lesson"), "3 up, 0 down, 10 s to warm up": '
        'play("careful")}, "Quick or careful?", draw=plots.compare)',
    ),
    Picture(
        "six",
        "Up to six settings in one picture.",
        'plots.slide({f"{up} up, {down} down": scenarios.roll_out(scenarios.worker(max_surge=up, '
        "max_unavailable=down)) for up, down in ((1, 1), (3, 0), (0, 3), (3, 3), (10, 0), "
        '(0, 10))}, "Six settings, and 20 pods with each", draw=plots.compare)',
    ),
    Picture(
        "scaled",
        "Limits are steps: here someone scales from 5 to 8 replicas meanwhile.",
        'plots.slide(scenarios.change(scenarios.web("Deployment"), "v2", '
        '(3.0, "kubectl scale {} --replicas=8")), "Scaled during the update")',
    ),
    Picture(
        "bad-image",
        "A rollout that is stuck; any slide can be dark.",
        'plots.slide(play("bad-image"), "Stuck, but nine pods work", theme="dark")',
    ),
    Picture(
        "all-at-once",
        "All old pods first, then all new ones; in between, those that ignore SIGTERM work on.",
        'plots.slide(play("all-at-once"), "Recreate: half a minute with nobody available")',
    ),
    Picture(
        "statefulset",
        "A StatefulSet: a row for each name, so that pods that follow each other share it.",
        'plots.slide(play("statefulset"), "One by one, from the last to the first", '
        "draw=plots.pods)",
    ),
    Picture(
        "daemonset",
        "A DaemonSet with a surge: a row for each node, the new pod beside the old one.",
        'plots.slide(play("daemonset-surge"), "On each node the new pod first", '
        'draw=plots.pods, theme="dark")',
    ),
    Picture(
        "requests",
        "Requests to a Service; those on top are lost.",
        "plots.slide(service.traffic(scenarios.change(scenarios.web("
        '"Deployment"), "v2", images=scenarios.ABRUPT), rate=100), '
        '"Pods that stop at once lose requests", draw=plots.traffic)',
    ),
    Picture(
        "french",
        "Every figure speaks French as well.",
        'plots.slide(play("careful"), "Trois de plus, aucun de moins", lang="fr")',
    ),
)

BUILD = Picture(
    "build",
    "A slide in steps, for a talk: first nothing, so that the audience can predict.",
    'plots.build(play("careful"), "Three up, none down, 10 s to warm up")',
)
FILM = Picture(
    "film",
    "A slide as a film (GIF; HTML with a slider; MP4 if there is ffmpeg or imageio-ffmpeg).",
    'plots.animate(play("lesson"), "film.gif", "One up, one down")',
)
EXPLORER = Picture(
    "explorer",
    "The explorer: sliders, curves, tiles, the terminal, and the patch to apply.",
    "widgets.explore()",
)

INTRODUCTION = """# Gallery

Each picture is one call; `make gallery` draws them all. The calls stand after

```python
from rollnb import plots, scenarios, service, widgets

def play(name):
    return scenarios.SCENARIOS[name].play()
```

and `plots.save(figure, "name")` writes SVG, PDF and PNG at 1920 × 1080.
"""


def play(name: str) -> object:
    """Play a scenario by its name."""
    return scenarios.SCENARIOS[name].play()


def draw(call: str) -> object:
    """Return what a call of the gallery makes."""
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
    path = folder / f"{FILM.name}.gif"
    plots.animate(play("lesson"), path, "One up, one down", width=520, frames_per_second=4)


def draw_explorer(folder: Path) -> None:
    """Take a picture of the explorer in a browser, if there is one."""
    sys.path.insert(0, str(ROOT / "tests"))
    import browser

    if browser.find_chromium() is None:
        print("explorer: needs Chromium, its picture stays as it is")
        return
    with (
        tempfile.TemporaryDirectory() as scratch,
        browser.open_lab(ROOT / "notebooks", Path(scratch)) as lab,
    ):
        page = lab.open("06_explorer.ipynb", width=1400, height=1800)
        lab.slider(page)
        picture = page.locator("img.widget-image").first
        picture.wait_for()
        explorer = page.locator(".jp-OutputArea-output:has(img.widget-image)").first
        explorer.scroll_into_view_if_needed()
        page.mouse.move(0, 0)
        path = folder / f"{EXPLORER.name}.png"
        explorer.screenshot(path=path)
    # Few colours are enough for a page, and a third of the size.
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)


def write_page(folder: Path) -> str:
    """Return the page of the gallery as Markdown."""
    parts = [INTRODUCTION]
    for picture in (*SLIDES, FILM, EXPLORER):
        ending = "gif" if picture is FILM else "png"
        shown = f"![{picture.sentence}]({folder.name}/{picture.name}.{ending})"
        parts.append(f"{picture.sentence}\n\n{shown}\n\n```python\n{picture.call}\n```\n")
    steps = sorted(folder.glob(f"{BUILD.name}-*.png"))
    shown = "\n".join(f"![Step {n}]({folder.name}/{s.name})" for n, s in enumerate(steps, start=1))
    parts.insert(-2, f"{BUILD.sentence}\n\n{shown}\n\n```python\n{BUILD.call}\n```\n")
    return "\n".join(parts)


def main() -> None:
    """Draw what the command line names, or everything."""
    parser = argparse.ArgumentParser(description="Draw the gallery into docs/gallery.")
    parser.add_argument("names", nargs="*", help="pictures to draw; by default all of them")
    names = parser.parse_args().names
    matplotlib.use("agg")
    FOLDER.mkdir(parents=True, exist_ok=True)
    tasks = {picture.name: (draw_slide, picture, FOLDER) for picture in SLIDES}
    tasks |= {BUILD.name: (draw_build, FOLDER), FILM.name: (draw_film, FOLDER)}
    tasks[EXPLORER.name] = (draw_explorer, FOLDER)
    unknown = set(names) - set(tasks)
    if unknown:
        sys.exit(f"{unknown.pop()!r} is not one of {', '.join(tasks)}")
    for name in names or tasks:
        task, *arguments = tasks[name]
        task(*arguments)
        plt.close("all")
        print(f"{name}: drawn", flush=True)
    PAGE.write_text(write_page(FOLDER), encoding="utf-8")


if __name__ == "__main__":
    main()
