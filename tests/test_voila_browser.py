"""The explorer for people without JupyterLab: Voilà in a real browser, by keyboard."""

import contextlib
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import browser
import pytest
from explorer_page import (
    DAEMON,
    MEASURES,
    MOVES,
    OWN,
    SIGTERM,
    STATEFUL,
    STUCK,
    TRAP,
    Move,
    expect,
    find_slider,
    make,
    measures,
    take_slide,
    upload,
)

from rollnb.widgets import Settings
from rollnb.widgets.origin import read_settings
from rollnb.widgets.words import title

pytestmark = pytest.mark.browser

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@contextlib.contextmanager
def serve(folder, scratch):
    """Run Voilà on `folder` at a free port of this machine, and yield its URL."""
    port = browser._free_port()
    log = scratch / "voila.log"
    command = [sys.executable, "-m", "voila", "--no-browser", "--Voila.ip=127.0.0.1"]
    with log.open("w", encoding="utf-8") as stream:
        server = subprocess.Popen(
            [*command, f"--port={port}", str(folder)],
            env=browser._environment(scratch),
            stdout=stream,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + browser.TIMEOUT
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(url, timeout=5).close()
                break
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Voilà did not start:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.2)
        yield url
    finally:
        server.terminate()  # its kernels end with it
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A function that opens a notebook of its folder in Voilà."""
    pytest.importorskip("voila")
    api = pytest.importorskip("playwright.sync_api")
    if browser.find_chromium() is None:
        browser.miss_chromium()
    scratch = tmp_path_factory.mktemp("voila")
    folder = scratch / "notebooks"
    shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    with serve(folder, scratch) as url, api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.find_chromium(), args=browser.FLAGS
        )

        def open_page(notebook):
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(browser.TIMEOUT * 1000)
            page.goto(f"{url}/voila/render/{notebook}")
            page.locator(".noUi-handle:visible").first.wait_for()
            return page

        open_page.folder = folder
        try:
            yield open_page
        finally:
            chromium.close()


@pytest.fixture(scope="module")
def page(pages):
    """The explorer, opened once."""
    return pages("06_explorer.ipynb")


#: How the page gets from the lesson to where a move begins: what is chosen in which list.
WAYS = (
    (Settings(), {}),
    (SIGTERM, {"process ends": "at SIGTERM"}),
    (STUCK, {"new image": "v0.3, missing", "then": "rollout undo"}),
    (STATEFUL, {"begin with": title("statefulset")}),
    (TRAP, {"begin with": title("statefulset-trap")}),
    (DAEMON, {"begin with": title("daemonset")}),
)


def start(page):
    """Let the page show the lesson as it is at first."""
    page.get_by_label("begin with").select_option(title("lesson"))
    page.get_by_role("button", name="Start over").click()
    expect(page, MEASURES, measures(Settings()))


@pytest.mark.parametrize("move", MOVES, ids=Move.name)
def test_control(page, move):
    """Each control brings the measures and the patch of what it stands for, as in JupyterLab."""
    start(page)
    for label, choice in next(way for begin, way in WAYS if begin == move.begin).items():
        page.get_by_label(label, exact=True).select_option(choice)
    expect(page, MEASURES, measures(move.begin))
    make(page, move)
    expect(page, MEASURES, measures(move.settings))
    expect(page, ".rollnb-explorer pre >> nth=2", move.settings.patch().strip())


def test_looks(page):
    """Time, its pods and its terminal, play and what one compares with work as in JupyterLab."""
    start(page)
    status, rest = (f".rollnb-explorer pre >> nth={number}" for number in (0, 1))
    find_slider(page, "time (s)").focus()
    page.keyboard.press("Home")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(page, status, "8 out of 10 new replicas have been updated")
    page.locator("[role=img][aria-label='v0.1: 3 ready; 7 terminating']").wait_for()
    page.get_by_label("Terminal", exact=True).select_option("kubectl get events")
    expect(page, rest, "ScalingReplicaSet")
    page.get_by_label("Terminal", exact=True).select_option("kubectl get deploy,rs,pods")
    page.get_by_label("compare with").select_option("this one, held")
    find_slider(page, "maxSurge").focus()
    page.keyboard.press("ArrowRight")
    expect(page, MEASURES, "Before (thin lines), maxSurge 1: complete after 10 s")
    page.get_by_label("compare with").select_option("setting before")
    page.get_by_role("button", name="Play or pause").click()
    expect(page, status, "successfully rolled out")
    page.get_by_role("button", name="Play or pause").click()


def test_kinds(page):
    """Another kind by keyboard: its controls and its terminal are there."""
    page.get_by_label("begin with").focus()
    page.keyboard.type("a StatefulSet: one")
    expect(page, MEASURES, measures(STATEFUL))
    find_slider(page, "partition").focus()
    page.keyboard.press("ArrowRight")
    expect(page, MEASURES, measures(replace(STATEFUL, partition=1)))
    expect(page, ".rollnb-explorer pre >> nth=1", "statefulset.apps/web")


def test_uploaded(page, tmp_path):
    """A file from the reader's machine is applied as soon as it is chosen."""
    path = tmp_path / "web.yaml"
    path.write_text(OWN, encoding="utf-8")
    upload(page, path)
    expect(page, MEASURES, measures(read_settings(path)))
    status = ".rollnb-explorer pre >> nth=0"
    expect(page, status, 'deployment "web" successfully rolled out')


def test_slide_is_saved(page, pages):
    """The slide gets to the reader's machine, and is not written where Python runs."""
    page.get_by_label("begin with").select_option(title("statefulset"))
    expect(page, MEASURES, measures(STATEFUL))
    before = sorted(pages.folder.iterdir())
    take_slide(page, "web")
    assert sorted(pages.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("notebook", "before", "after"),
    [
        pytest.param("06_explorer.ipynb", "Complete after 10 s", "Complete after 8 s", id="en"),
        pytest.param("fr/06_explorer.ipynb", "Terminé en 10 s", "Terminé en 8 s", id="fr"),
    ],
)
def test_voila(pages, notebook, before, after):
    """A key on a slider: other measures, another figure, another patch, as in JupyterLab."""
    page = pages(notebook)
    expect(page, MEASURES, before)
    picture = page.locator("img.widget-image")
    first = picture.get_attribute("src")
    page.get_by_label("maxSurge").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page, MEASURES, after)
    expect(page, ".rollnb-explorer pre >> nth=2", "maxSurge: 2")
    page.wait_for_function(
        "first => document.querySelector('img.widget-image').src !== first", arg=first
    )
    page.close()
