"""A real browser that looks at JupyterLab, for tests; the fixture is `lab` in conftest.py.

    def test_slider(lab):
        page = lab.open("06_explorer.ipynb")     # opened, and every cell run
        before = lab.picture(page)
        lab.press(page, "ArrowRight")            # on the first slider
        lab.wait_for_new_picture(page, before)

Nothing of the user's own Jupyter settings is read or written.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TOKEN = "for-this-test-only"
TIMEOUT = 60.0  # seconds; generous, since other tests run at the same time

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: Settings of JupyterLab by extension: draw cells that are out of sight too, and ask nothing.
SETTINGS: dict[str, dict[str, Any]] = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
}

# The icon says idle before the kernel can be given cells: ask the session itself.
IDLE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
RUN_ALL = "window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => null)"
PICTURES = ".jp-OutputArea-output img.widget-image"
NEW_PICTURE = f"""before => {{
    const picture = [...document.querySelectorAll('{PICTURES}')].at(-1);
    return picture && picture.complete && picture.src !== before;
}}"""


def miss_chromium():
    """Skip for want of Chromium; where CI says that all is there, that is a failure."""
    message = "needs Chromium: apt install chromium"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def find_chromium() -> str | None:
    """Return the path of the machine's Chromium, if it has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Lab:
    """JupyterLab on `folder`, seen through `browser`."""

    def __init__(self, folder: Path, url: str, browser: Any) -> None:
        self.folder = folder
        self.url = url
        self.browser = browser

    def open(self, notebook: str, *, width: int = 1280, height: int = 900) -> Any:
        """Open a notebook of the folder, run all its cells, and return the page."""
        page = self.browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(TIMEOUT * 1000)
        page.goto(f"{self.url}/lab/tree/{notebook}?reset&token={TOKEN}")
        page.wait_for_function(IDLE)
        page.evaluate(RUN_ALL)
        return page

    def slider(self, page: Any, index: int = 0) -> Any:
        """Return the handle of a slider that is seen, by default the first, once it is there."""
        handle = page.locator(".noUi-handle:visible").nth(index)
        handle.wait_for()
        return handle

    def press(self, page: Any, key: str, index: int = 0) -> None:
        """Move a slider by a key such as ``ArrowRight``."""
        handle = self.slider(page, index)
        handle.focus()
        page.keyboard.press(key)

    def drag(self, page: Any, right: float, index: int = 0) -> None:
        """Move a slider by the mouse, so many pixels to the right."""
        handle = self.slider(page, index)
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + right, y, steps=5)
        page.mouse.up()

    def picture(self, page: Any) -> str:
        """Return the address of the last Image widget's picture; a new picture has a new one."""
        return page.locator(PICTURES).last.get_attribute("src")

    def wait_for_new_picture(self, page: Any, before: str) -> None:
        """Wait until the last Image widget shows another picture than `before`."""
        page.wait_for_function(NEW_PICTURE, arg=before)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _environment(scratch: Path) -> dict[str, str]:
    """Return the variables of a JupyterLab that keeps all it writes in `scratch`."""
    settings = scratch / "settings"
    for name, values in SETTINGS.items():
        path = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    return os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_DATA_DIR": str(scratch / "data"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "IPYTHONDIR": str(scratch / "ipython"),
    }


def _wait_for_server(server: subprocess.Popen, url: str, log: Path) -> None:
    request = urllib.request.Request(
        f"{url}/api/status", headers={"Authorization": f"token {TOKEN}"}
    )
    deadline = time.monotonic() + TIMEOUT
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(request, timeout=5).close()
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


@contextlib.contextmanager
def serve(folder: Path, scratch: Path) -> Iterator[str]:
    """Run JupyterLab on `folder` at a free port of this machine, and yield its URL."""
    port = _free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": TOKEN,
        "LabApp.expose_app_in_browser": True,
    }
    command += [f"--{name}={value}" for name, value in options.items()]
    environment = _environment(scratch)
    log = scratch / "jupyterlab.log"
    with log.open("w", encoding="utf-8") as stream:
        server = subprocess.Popen(
            command, env=environment, stdout=stream, stderr=subprocess.STDOUT, cwd=folder
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for_server(server, url, log)
        yield url
    finally:
        server.terminate()  # its kernels end with it
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextlib.contextmanager
def open_lab(notebooks: Path, scratch: Path) -> Iterator[Lab]:
    """Serve a copy of the folder `notebooks` and open a browser on it."""
    from playwright.sync_api import sync_playwright

    folder = scratch / "notebooks"
    if notebooks.is_dir():
        shutil.copytree(notebooks, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    else:
        folder.mkdir()
    with serve(folder, scratch) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield Lab(folder, url, browser)
        finally:
            browser.close()
