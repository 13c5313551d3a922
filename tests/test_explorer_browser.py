"""The explorer as a student uses it: JupyterLab in a real browser, by keyboard and by mouse."""

import statistics

import pytest

pytestmark = pytest.mark.browser

REPLICAS, SURGE, UNAVAILABLE, TIME = 0, 1, 2, 9  # sliders, in the order of the page

MEASURES = "[role=status], [role=alert]"
PATCH = ".jp-OutputArea-output pre >> nth=2"
STATUS = ".jp-OutputArea-output pre >> nth=0"


@pytest.fixture(scope="module")
def page(lab):
    """The explorer's notebook, opened and run."""
    page = lab.open("06_explorer.ipynb")
    lab.slider(page, TIME)
    page.locator(MEASURES).wait_for()
    return page


#: Set the explorer of the page to where tests begin, without a key or the mouse.
RESET = """async () => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const code = `
        from rollnb.widgets import Explorer, Settings
        explorer = [value for value in Out.values() if isinstance(value, Explorer)][-1]
        explorer.show(Settings())
        explorer.time.value = 5
    `.replaceAll('\\n        ', '\\n');
    const reply = await kernel.requestExecute({code, store_history: false}).done;
    if (reply.content.status !== 'ok') throw Error(reply.content.evalue);
}"""


@pytest.fixture(autouse=True)
def start(page):
    """Each test begins with the lesson's worker, at 5 s."""
    page.evaluate(RESET)
    expect(page, MEASURES, "Complete after 10 s, at least 9 available, up to 20 pods")
    expect(page, STATUS, "6 out of 10 new replicas have been updated")
    expect(page, PATCH, "maxSurge: 1")


def expect(page, selector, text):
    """Wait until the page says a text at a place."""
    page.locator(selector).filter(has_text=text).wait_for()


def readout(lab, page, index):
    """Return the number beside a slider."""
    return int(page.locator(".widget-readout").nth(index).inner_text())


def test_key(lab, page):
    """A slider moved by a key: another figure, other measures, another patch."""
    before = lab.picture(page)
    lab.press(page, "ArrowRight", SURGE)
    lab.wait_for_new_picture(page, before)
    expect(page, MEASURES, "Complete after 8 s, at least 9 available, up to 20 pods")
    expect(page, PATCH, "maxSurge: 2")
    expect(page, STATUS, "9 out of 10 new replicas have been updated")


def test_mouse(lab, page):
    """A slider moved by the mouse: another figure, and its number in the patch."""
    before = lab.picture(page)
    lab.drag(page, 40, REPLICAS)
    lab.wait_for_new_picture(page, before)
    replicas = readout(lab, page, REPLICAS)
    assert replicas > 10
    expect(page, PATCH, f"replicas: {replicas}")
    expect(page, MEASURES, f"at least {replicas - 1} available")


def test_time(lab, page):
    """Another second: the terminal changes, the measures do not."""
    before = lab.picture(page)
    lab.press(page, "ArrowRight", TIME)
    lab.wait_for_new_picture(page, before)
    expect(page, STATUS, "8 out of 10 new replicas have been updated")
    expect(page, MEASURES, "Complete after 10 s")


def test_play(lab, page):
    """Play lets time pass by itself."""
    page.locator(".widget-play button").first.click()
    expect(page, STATUS, "successfully rolled out")
    page.locator(".widget-play button").first.click()
    assert readout(lab, page, TIME) >= 10


def test_refused(lab, page):
    """Zero and zero: the API server's message, and the figure stays."""
    before = lab.picture(page)
    lab.press(page, "Home", SURGE)
    lab.wait_for_new_picture(page, before)
    before = lab.picture(page)
    lab.press(page, "Home", UNAVAILABLE)
    expect(page, "[role=alert]", "maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge`")
    assert lab.picture(page) == before


def test_choices(page):
    """Lists work by keyboard alone: the missing image is stuck, SIGTERM handled needs fewer."""
    for label, key, text in (
        ("process ends", "ArrowDown", "up to 11 pods with terminating ones"),
        ("process ends", "ArrowUp", "up to 20 pods with terminating ones"),
        ("new image", "ArrowDown", "Progress deadline exceeded, at least 9 available"),
        ("new image", "ArrowUp", "Complete after 10 s"),
    ):
        page.get_by_label(label).focus()
        page.keyboard.press(key)
        expect(page, MEASURES, text)


def test_unit(page):
    """The unit of maxSurge switches to a percentage with the same meaning, and back."""
    unit = page.locator("select[title^='maxSurge']")
    unit.select_option("%")
    expect(page, PATCH, "maxSurge: 10%")
    unit.select_option("pods")
    expect(page, PATCH, "maxSurge: 1")


def test_tab_order(lab, page):
    """Tab leads from each control to the next, in the order in which they are read."""
    lab.slider(page, REPLICAS).focus()
    seen = []
    for _ in range(6):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "[document.activeElement.className.split(' ')[0], "
                "document.activeElement.getAttribute('aria-label') || "
                "document.activeElement.title]"
            )
        )
    assert seen == [
        ["widget-readout", "replicas"],
        ["noUi-handle", "maxSurge"],
        ["widget-readout", "maxSurge"],
        ["", "maxSurge: pods, %"],
        ["noUi-handle", "maxUnavailable"],
        ["widget-readout", "maxUnavailable"],
    ]


def test_names_for_screen_readers(page):
    """Every slider has its name, every list its label, and the picture says what it shows."""
    names = page.locator(".noUi-handle").evaluate_all(
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
    unnamed = page.locator(".jp-OutputArea-output select").evaluate_all(
        "lists => lists.filter(one => !one.title && !one.labels[0]?.textContent).length"
    )
    assert unnamed == 0
    assert "at least 9 available" in page.locator("img.widget-image").get_attribute("title")


def test_nothing_jumps(lab, page):
    """The figure stays where it is when measures, a message or nothing stands above it."""

    def place():
        return page.locator("img.widget-image").evaluate(
            "image => { const of = e => e.getBoundingClientRect();"
            " return [of(image).top - of(image.closest('.rollnb-explorer')).top,"
            " of(image).height]; }"
        )

    before = place()
    lab.press(page, "Home", SURGE)
    expect(page, MEASURES, "Complete after 20 s")
    assert place() == before
    lab.press(page, "Home", UNAVAILABLE)
    page.locator("[role=alert]").wait_for()
    assert place() == before


def test_answers_at_once(lab, page, capsys):
    """How long it takes from a key to the new figure; printed, since machines differ."""
    seconds = {}
    for name, index in (("a setting", SURGE), ("the time", TIME)):
        lab.slider(page, index).focus()
        seconds[name] = [
            page.evaluate(TIMED, "ArrowRight" if step % 2 == 0 else "ArrowLeft")
            for step in range(12)
        ]
    with capsys.disabled():
        for name, took in seconds.items():
            print(f"\n{name}: median {statistics.median(took):.0f} ms, most {max(took):.0f} ms")


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


OWN = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: 'nginx:1.27'}
"""


def test_own_deployment(lab, page):
    """A manifest pasted by keyboard: a wrong one brings the message, a right one all of it."""
    page.get_by_role("button", name="Your own Deployment").focus()
    page.keyboard.press("Enter")
    before = lab.picture(page)
    text = page.locator(".rollnb-explorer textarea")
    text.fill(OWN.replace("replicas: 4", "replicas: x"))
    page.get_by_role("button", name="Apply").click()
    expect(page, "[role=alert]", "line 5: spec.replicas is 'x'")
    assert lab.picture(page) == before
    text.fill(OWN)
    text.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    lab.wait_for_new_picture(page, before)
    assert readout(lab, page, REPLICAS) == 4
    expect(page, STATUS, 'deployment "web" successfully rolled out')
    expect(page, PATCH, "maxSurge: 25%")
    expect(page, "pre", "kubectl set image deployment web -n shop nginx=nginx:1.28")


def test_uploaded(lab, page, tmp_path):
    """A file is applied as soon as it is chosen."""
    path = tmp_path / "web.yaml"
    path.write_text(OWN, encoding="utf-8")
    before = lab.picture(page)
    upload = page.locator(".rollnb-explorer button.widget-upload")
    if not upload.is_visible():
        page.get_by_role("button", name="Your own Deployment").click()
    with page.expect_file_chooser() as chooser:
        upload.click()
    chooser.value.set_files(path)
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
    """The button writes the slide beside the notebook, and says where."""
    page.get_by_role("button", name="Save as slide").click()
    page.get_by_text("Saved worker-slide-1.png and worker-slide-1.svg in").wait_for()
    assert (lab.folder / "worker-slide-1.png").stat().st_size > 10_000
    assert (lab.folder / "worker-slide-1.svg").is_file()
