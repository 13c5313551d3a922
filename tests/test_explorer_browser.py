"""The explorer as a student uses it: JupyterLab in a real browser, by keyboard and by mouse."""

import pickle
import re
import statistics
from dataclasses import replace

import browser
import pytest
from explorer_page import (
    DAEMON,
    MEASURES,
    MOVES,
    OWN,
    STATEFUL,
    Move,
    expect,
    find_slider,
    make,
    measures,
    take_slide,
    upload,
)

from rollnb.widgets import Settings

pytestmark = pytest.mark.browser

PATCH = ".jp-OutputArea-output pre >> nth=2"
STATUS = ".jp-OutputArea-output pre >> nth=0"


@pytest.fixture(scope="module")
def page(lab):
    """The explorer's notebook, opened and run."""
    page = lab.open("06_explorer.ipynb")
    find_slider(page, "time (s)").wait_for()
    page.locator(MEASURES).wait_for()
    return page


#: Set the explorer of the page to where a test begins, without a key or the mouse.
RESET = """async settings => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const code = `
        import pickle
        from rollnb.widgets import Explorer
        explorer = [value for value in Out.values() if isinstance(value, Explorer)][-1]
        explorer.load(None)
        settings = pickle.loads(bytes.fromhex("${settings}"))
        if settings != explorer.now.settings:
            explorer.show(settings)
        explorer.time.value = 5
    `.replaceAll('\\n        ', '\\n');
    const reply = await kernel.requestExecute({code, store_history: false}).done;
    if (reply.content.status !== 'ok') throw Error(reply.content.evalue);
}"""


def begin(page, settings):
    """Let the page show settings at 5 s."""
    page.evaluate(RESET, pickle.dumps(settings).hex())
    expect(page, MEASURES, measures(settings))


@pytest.fixture(autouse=True)
def start(page):
    """Each test begins with the lesson's worker, at 5 s."""
    begin(page, Settings())
    expect(page, STATUS, "6 out of 10 new replicas have been updated")
    expect(page, PATCH, "maxSurge: 1")


def readout(page, label):
    """Return the number beside a slider."""
    return int(page.locator(f".widget-readout[aria-label='{label}']:visible").inner_text())


def press(page, label, key):
    """Move the slider of that name by a key."""
    find_slider(page, label).focus()
    page.keyboard.press(key)


def test_key(lab, page):
    """A slider moved by a key: another figure, other measures, another patch."""
    before = lab.picture(page)
    press(page, "maxSurge", "ArrowRight")
    lab.wait_for_new_picture(page, before)
    expect(page, MEASURES, "Complete after 8 s, at least 9 available, up to 20 pods")
    expect(page, PATCH, "maxSurge: 2")
    expect(page, STATUS, "9 out of 10 new replicas have been updated")


def test_mouse(lab, page):
    """A slider moved by the mouse: another figure, and its number in the patch."""
    before = lab.picture(page)
    lab.drag(page, 40)
    lab.wait_for_new_picture(page, before)
    replicas = readout(page, "replicas")
    assert replicas > 10
    expect(page, PATCH, f"replicas: {replicas}")
    expect(page, MEASURES, f"at least {replicas - 1} available")


def test_time(lab, page):
    """Another second: the terminal changes, the measures do not."""
    before = lab.picture(page)
    press(page, "time (s)", "ArrowRight")
    lab.wait_for_new_picture(page, before)
    expect(page, STATUS, "8 out of 10 new replicas have been updated")
    expect(page, MEASURES, "Complete after 10 s")


def test_scrub(page):
    """While the time is dragged by the mouse, pods and terminal follow."""
    handle = find_slider(page, "time (s)")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 150, y, steps=5)
    expect(page, STATUS, "successfully rolled out")
    page.mouse.move(x - 100, y, steps=5)
    expect(page, STATUS, "out of 10 new replicas")
    page.mouse.up()


def test_play(lab, page):
    """Play lets time pass by itself."""
    page.locator(".widget-play button").first.click()
    expect(page, STATUS, "successfully rolled out")
    page.locator(".widget-play button").first.click()
    assert readout(page, "time (s)") >= 10


def test_play_by_key(page):
    """Play and pause are buttons that take Enter."""
    play = page.get_by_role("button", name="Play or pause")
    play.focus()
    page.keyboard.press("Enter")
    expect(page, STATUS, "8 out of 10 new replicas have been updated")
    page.keyboard.press("Enter")
    page.wait_for_timeout(700)  # longer than a step of the player
    stopped = readout(page, "time (s)")
    page.wait_for_timeout(700)
    assert readout(page, "time (s)") == stopped


def test_compare(lab, page):
    """What is held is what the measures compare with; nothing is no line below them."""
    page.get_by_label("compare with").select_option("this one, held")
    for _ in range(2):
        press(page, "maxSurge", "ArrowRight")
    expect(page, PATCH, "maxSurge: 3")
    expect(page, MEASURES, "Before (thin lines), maxSurge 1: complete after 10 s")
    page.get_by_label("compare with").select_option("nothing")
    page.get_by_text("Before (thin lines)").wait_for(state="hidden")
    page.get_by_label("compare with").select_option("setting before")


def test_terminal(page):
    """The terminal shows another command, by keyboard."""
    view = page.get_by_label("Terminal", exact=True)
    view.focus()
    page.keyboard.press("ArrowDown")
    expect(page, ".rollnb-explorer pre >> nth=1", "ScalingReplicaSet")
    page.keyboard.press("ArrowDown")
    expect(page, ".rollnb-explorer pre >> nth=1", "RollingUpdateStrategy:  1 max unavailable")
    view.select_option("kubectl get deploy,rs,pods")
    expect(page, ".rollnb-explorer pre >> nth=1", "deployment.apps/worker")


def test_refused(lab, page):
    """Zero and zero: the API server's message; the figure stays, dimmed, and nobody takes it."""
    before = lab.picture(page)
    press(page, "maxSurge", "Home")
    lab.wait_for_new_picture(page, before)
    before = lab.picture(page)
    press(page, "maxUnavailable", "Home")
    expect(page, "[role=alert]", "maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge`")
    assert lab.picture(page) == before
    explorer = page.locator(".rollnb-explorer")
    slide, copy = (explorer.get_by_role("button", name=name) for name in ("Make a slide", "Copy"))
    opacity = "image => Number(getComputedStyle(image).opacity)"
    assert slide.is_disabled()
    assert copy.count() == 0
    assert page.locator("img.widget-image").evaluate(opacity) < 0.5
    press(page, "maxUnavailable", "ArrowRight")
    copy.wait_for()
    assert slide.is_enabled()
    assert page.locator("img.widget-image").evaluate(opacity) == 1


@pytest.mark.parametrize("move", MOVES, ids=Move.name)
def test_control(lab, page, move):
    """Each control brings the measures, the figure and the patch of what it stands for."""
    begin(page, move.begin)
    before = lab.picture(page)
    make(page, move)
    lab.wait_for_new_picture(page, before)
    expect(page, MEASURES, measures(move.settings))
    expect(page, PATCH, move.settings.patch().strip())


def test_choice_by_key(page):
    """Lists work by keyboard alone: the missing image is stuck, SIGTERM handled needs fewer."""
    for label, key, text in (
        ("process ends", "ArrowDown", "up to 11 pods with terminating ones"),
        ("process ends", "ArrowUp", "up to 20 pods with terminating ones"),
        ("new image", "ArrowDown", "Progress deadline exceeded: ImagePullBackOff (seen until"),
        ("new image", "ArrowUp", "Complete after 10 s"),
    ):
        page.get_by_label(label).focus()
        page.keyboard.press(key)
        expect(page, MEASURES, text)


def tiles(page):
    """Return what the rows of tiles say to a screen reader."""
    rows = page.locator(".rollnb-explorer [role=img]")
    return rows.evaluate_all("rows => rows.map(row => row.getAttribute('aria-label'))")


def test_tiles(page):
    """Another second: the tiles are those of the pods at that second."""
    assert tiles(page) == ["v0.1: 5 ready; 5 terminating", "v0.2: 2 pulling, starting; 4 ready"]
    press(page, "time (s)", "ArrowRight")
    expect(page, STATUS, "8 out of 10 new replicas have been updated")
    assert tiles(page) == ["v0.1: 3 ready; 7 terminating", "v0.2: 2 pulling, starting; 6 ready"]


def test_begin_with(page):
    """Another scenario by keyboard: its controls, its terminal; and back by the button."""
    begin_with = page.get_by_label("begin with")
    begin_with.select_option("a DaemonSet: node after node, each without a pod for a while")
    expect(page, STATUS, "kubectl rollout status daemonset web")
    assert readout(page, "nodes") == 5
    assert not find_slider(page, "replicas").count()
    press(page, "nodes", "ArrowLeft")
    expect(page, MEASURES, measures(replace(DAEMON, nodes=4)))
    page.get_by_role("button", name="Start over").focus()
    page.keyboard.press("Enter")
    expect(page, MEASURES, measures(DAEMON))
    assert readout(page, "nodes") == 5


def test_unit(page):
    """The unit of maxSurge switches to a percentage with the same meaning, and back."""
    unit = page.locator("select[title^='maxSurge']")
    unit.select_option("%")
    expect(page, PATCH, "maxSurge: 10%")
    unit.select_option("pods")
    expect(page, PATCH, "maxSurge: 1")


def test_tab_order(lab, page):
    """Tab leads from each control to the next, in the order in which they are read."""
    find_slider(page, "replicas").focus()
    seen = []
    for _ in range(7):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "[document.activeElement.className.split(' ')[0], "
                "document.activeElement.getAttribute('aria-label') || "
                "document.activeElement.title || document.activeElement.labels[0].textContent]"
            )
        )
    assert seen == [
        ["widget-readout", "replicas"],
        ["", "strategy"],
        ["noUi-handle", "maxSurge"],
        ["widget-readout", "maxSurge"],
        ["", "maxSurge: pods, %"],
        ["noUi-handle", "maxUnavailable"],
        ["widget-readout", "maxUnavailable"],
    ]


def test_names_for_screen_readers(page):
    """Every slider has its name, every list its label, and the picture says what it shows."""
    names = page.locator(".noUi-handle:visible").evaluate_all(
        "handles => handles.map(handle => handle.getAttribute('aria-label'))"
    )
    assert names == [
        "replicas",
        "maxSurge",
        "maxUnavailable",
        "minReadySeconds",
        "grace period (s)",
        "pull (s)",
        "start (s)",
        "until ready (s)",
        "spread (± %)",
        "time (s)",
    ]
    tree = page.locator(".rollnb-explorer").aria_snapshot()
    controls = re.findall(r"^- '?(button|combobox|link|slider|img)\b ?(\".*?\")?", tree, re.M)
    assert len(controls) > 25
    assert [role for role, name in controls if name in ("", '""')] == []
    image = page.locator("img.widget-image")
    assert "at least 9 available" in image.get_attribute("alt")
    press(page, "minReadySeconds", "ArrowRight")
    page.wait_for_function(
        "() => { const image = document.querySelector('img.widget-image');"
        " return image.title.includes('Complete after 15 s') && image.alt === image.title; }"
    )
    assert "null" not in page.locator("button.widget-upload").get_attribute("title")


def test_nothing_jumps(lab, page):
    """The figure stays where it is when measures, a message or nothing stands above it."""

    def place():
        return page.locator("img.widget-image").evaluate(
            "image => { const of = e => e.getBoundingClientRect();"
            " return [of(image).top - of(image.closest('.rollnb-explorer')).top,"
            " of(image).height]; }"
        )

    before = place()
    press(page, "maxSurge", "Home")
    expect(page, MEASURES, "Complete after 20 s")
    assert place() == before
    press(page, "maxUnavailable", "Home")
    page.locator("[role=alert]").wait_for()
    assert place() == before


def test_answers_at_once(lab, page, record_property):
    """How long it takes from a key to the new figure; printed, since machines differ."""
    seconds = {}
    for name, label in (("a setting", "maxSurge"), ("the time", "time (s)")):
        find_slider(page, label).focus()
        seconds[name] = [
            page.evaluate(TIMED, "ArrowRight" if step % 2 == 0 else "ArrowLeft")
            for step in range(12)
        ]
    for name, took in seconds.items():
        text = f"median {statistics.median(took):.0f} ms, most {max(took):.0f} ms"
        record_property("measured", f"explorer, {name} changed: {text}")


#: Press a key on the focused slider, and return after how many ms another picture is there.
TIMED = """async key => {
    const image = document.querySelector('img.widget-image');
    const start = performance.now();
    const loaded = new Promise(done => image.addEventListener('load', done, {once: true}));
    const options = {key, bubbles: true, cancelable: true};
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', options));
    const late = new Promise((_, fail) => setTimeout(() => fail('no new picture'), 20000));
    await Promise.race([loaded, late]);
    await new Promise(requestAnimationFrame);
    return performance.now() - start;
}"""


#: What is left in the page, and in Python, once all that is not needed any more is gone.
LEFT = """async () => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const code = `
        import gc, resource
        gc.collect()
        print(len(gc.get_objects()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    `.replaceAll('\\n        ', '\\n');
    const future = kernel.requestExecute({code, store_history: false});
    let text = '';
    future.onIOPub = message => { text += message.content.text ?? ''; };
    await future.done;
    return text.split(' ').map(Number);
}"""


@pytest.mark.slow
def test_memory_is_flat(page, record_property):
    """Three hundred changes in a row leave nothing behind, neither in the page nor in Python."""
    session = page.context.new_cdp_session(page)

    def move(count):
        find_slider(page, "maxSurge").focus()
        took = [
            page.evaluate(TIMED, "ArrowLeft" if number % 2 else "ArrowRight")
            for number in range(count)
        ]
        session.send("HeapProfiler.collectGarbage")
        left = session.send("Memory.getDOMCounters")
        heap = session.send("Runtime.getHeapUsage")["usedSize"] / 2**20
        objects, most = page.evaluate(LEFT)
        return took, (left["nodes"], left["jsEventListeners"], heap, objects, most / 2**10)

    _, before = move(20)
    took, after = move(300)
    nodes, listeners, heap, objects, most = (b - a for a, b in zip(before, after, strict=True))
    record_property(
        "measured",
        f"explorer, 300 changes: median {statistics.median(took):.0f} ms; page {nodes:+} nodes, "
        f"{listeners:+} listeners, {heap:+.1f} MiB; Python {objects:+} objects, {most:+.1f} MiB",
    )
    assert nodes < 100
    assert listeners < 100
    assert heap < 10
    assert objects < 2000
    assert most < 20


def test_own_deployment(lab, page):
    """A manifest pasted by keyboard: a wrong one brings the message, a right one all of it."""
    page.get_by_role("button", name="Your own manifest").focus()
    page.keyboard.press("Enter")
    before = lab.picture(page)
    text = page.locator(".rollnb-explorer textarea")
    text.fill(OWN.replace("replicas: 4", "replicas: x"))
    page.get_by_role("button", name="Apply").click()
    expect(page, "[role=alert]", "line 5: spec.replicas is 'x'")
    assert lab.picture(page) == before
    page.wait_for_function(browser.IDLE)
    text.fill(OWN)
    text.focus()
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)  # a text waits in the page while Python is busy, a click does not
    page.keyboard.press("Enter")
    lab.wait_for_new_picture(page, before)
    assert readout(page, "replicas") == 4
    expect(page, STATUS, 'deployment "web" successfully rolled out')
    expect(page, PATCH, "maxSurge: 25%")
    expect(page, "pre", "kubectl set image deployment web -n shop nginx=nginx:1.28")


def test_uploaded(lab, page, tmp_path):
    """A file is applied as soon as it is chosen."""
    path = tmp_path / "web.yaml"
    path.write_text(OWN, encoding="utf-8")
    before = lab.picture(page)
    upload(page, path)
    lab.wait_for_new_picture(page, before)
    expect(page, STATUS, 'deployment "web" successfully rolled out')


def test_patch_is_taken(page):
    """The link brings the patch as a file, and the button copies the same."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Save worker-patch.yaml").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename == "worker-patch.yaml"
    assert "# kubectl set image deployment worker worker=registry/worker:v0.2\nspec:\n" in text
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Copied").wait_for()
    page.context.grant_permissions(["clipboard-read"])
    assert page.evaluate("navigator.clipboard.readText()") == text


def test_slide_is_saved(lab, page):
    """The slide gets to the reader as PNG and as SVG; nothing is written beside the notebook."""
    before = sorted(lab.folder.iterdir())
    take_slide(page, "worker")
    assert sorted(lab.folder.iterdir()) == before
    press(page, "maxSurge", "ArrowRight")
    page.get_by_role("link", name="Save worker-slide.png").wait_for(state="hidden")


def test_gate_is_told(page):
    """Where a StatefulSet's maxUnavailable is in the patch, the page says what that needs."""
    begin(page, STATEFUL)
    note = page.get_by_text("needs the feature gate MaxUnavailableStatefulSet")
    assert not note.is_visible()
    press(page, "maxUnavailable", "ArrowRight")
    note.wait_for()
    page.get_by_label("podManagementPolicy").select_option("Parallel")
    page.get_by_text("No patch changes podManagementPolicy").wait_for()
