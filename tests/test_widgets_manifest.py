"""The explorer of a reader's own Deployment, or of a scenario, and what one takes from it."""

import base64
import gc
import html
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("ipywidgets")

from explorer_page import texts

from rollnb import manifest, patch
from rollnb.run import settled_cluster, simulate
from rollnb.scenarios import SCENARIOS, V1, V2, WORKER, web, worker
from rollnb.widgets import Settings, explore
from rollnb.widgets.images import next_image
from rollnb.widgets.objects import objects
from rollnb.widgets.origin import read_settings
from rollnb.widgets.terminal import pace

SHOP = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 4
  minReadySeconds: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {disk: ssd}
      terminationGracePeriodSeconds: 20
      containers:
      - name: nginx
        image: registry.example:5000/nginx:1.27-alpine
        readinessProbe: {periodSeconds: 5, httpGet: {path: /, port: 80}}
        lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
      - name: logs
        image: busybox
"""


@pytest.fixture(scope="module")
def shared():
    """An explorer that each test gives its own manifest; made once, since that takes longest."""
    return explore()


@pytest.fixture
def explorer(shared):
    """An explorer of the lesson's worker, with nothing before."""
    shared.compare.value = "none"
    shared.show(Settings())
    shared.compare.value = "before"
    return shared


# ------------------------------------------------------------------------------- where one begins


def test_own_deployment():
    """Controls begin with what the first Deployment of a manifest says."""
    settings = read_settings(SHOP)
    fields = ("replicas", "max_surge", "max_unavailable", "min_ready_seconds")
    assert [getattr(settings, name) for name in fields] == [4, "25%", "25%", 3]
    assert settings.termination_grace_period_seconds == 20
    assert settings.handles_sigterm
    assert (settings.base.name, settings.container.name, settings.namespace) == (
        "web",
        "nginx",
        "shop",
    )


def test_own_namespace_is_there():
    """A command that names the manifest's namespace is about one that there is."""
    (update,) = read_settings(SHOP).simulate().outputs
    assert " -n shop " in update.command
    assert update.output.stderr == ""


def test_own_deployment_is_played_whole():
    """Probes, hooks and further containers of the manifest take part; all pods find a node."""
    run = read_settings(SHOP).simulate()
    assert run.summary.state == "complete"
    assert run.summary.old_gone_seconds >= run.summary.duration_seconds
    assert set(run.pods["name"].str.rpartition("-")[0].str.rpartition("-")[0]) == {"web"}
    assert "busybox" in run.cluster.kubectl("get pods -o jsonpath='{..image}'")


@pytest.mark.parametrize("kind", ["text", "bytes", "path", "value"])
def test_sources(kind, tmp_path):
    """A text, a file, its bytes and a value of rollnb begin alike."""
    path = tmp_path / "deployment.yaml"
    path.write_text(WORKER, encoding="utf-8")
    sources = {
        "text": WORKER,
        "bytes": WORKER.encode(),
        "path": path,
        "value": worker(max_surge=1, max_unavailable=1),
    }
    settings = read_settings(sources[kind])
    assert settings.changes(Settings()).keys() <= {"base", "around"}
    assert settings.simulate().summary == Settings().simulate().summary


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name):
    """An explorer begins as the scenario is played, to the last pod."""
    scenario = SCENARIOS[name]
    ours, theirs = (
        run.summary for run in (read_settings(scenario).simulate(), scenario.play(until=None))
    )
    assert repr(ours) == repr(theirs)  # a duration that is not there is not equal to itself


LESSON = SCENARIOS["lesson"].actions
CONFIGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(SHOP.replace("replicas: 4", "replicas: x"), "(line 11: ", id="wrong type"),
        pytest.param(
            SHOP.replace("replicas:", "replica:"), "did you mean spec.replicas?", id="typing error"
        ),
        pytest.param(
            SHOP.replace("replicas: 4", "replicas: -1"),
            'The Deployment "web" is invalid: spec.replicas: Invalid value: -1',
            id="against the rules",
        ),
        pytest.param("a: [", "error converting YAML to JSON", id="no YAML"),
        pytest.param(b"\xff\xfea", "UTF-16", id="no UTF-8"),
        pytest.param("", "DaemonSet: there is nothing", id="empty"),
        pytest.param(
            CONFIGS,
            "needs one of Deployment, StatefulSet, DaemonSet: there is ConfigMap",
            id="no workload",
        ),
        pytest.param(
            replace(SCENARIOS["lesson"], actions=((0, "kubectl rollout restart deploy worker"),)),
            "begins with 'kubectl set image deployment worker worker=",
            id="another beginning",
        ),
        pytest.param(
            replace(SCENARIOS["lesson"], actions=()), "'lesson' has none", id="no update"
        ),
        pytest.param(
            replace(SCENARIOS["lesson"], actions=((5, LESSON[0][1]),)), "at 0 s", id="later"
        ),
        pytest.param(
            replace(SCENARIOS["lesson"], options={"images": (V1, replace(V2, start_seconds=9))}),
            "no control for what Image(name='registry/worker:v0.2'",
            id="another new image",
        ),
        pytest.param(
            replace(SCENARIOS["lesson"], options={"epoch": 3}), "the option 'epoch'", id="option"
        ),
        pytest.param(
            replace(SCENARIOS["lesson"], actions=(*LESSON, (5, "kubectl scale deploy worker"))),
            "no control for what is done afterwards: [(5, 'kubectl scale deploy worker')]",
            id="another end",
        ),
        pytest.param(
            SHOP + "---\n" + SHOP, "one of each name: deployment/web is there 2 times", id="twice"
        ),
        pytest.param(
            SHOP + "---\n" + SHOP.replace("namespace: shop", "namespace: bar"),
            "the explorer has one namespace: there are bar, shop",
            id="two namespaces",
        ),
        pytest.param(worker(paused=True), "deployment/worker rolls nothing out", id="paused"),
        pytest.param("lessen", "'lessen' is no scenario: there are lesson, default,", id="typo"),
        pytest.param(Path("not-there.yaml"), "not-there.yaml", id="no file"),
        pytest.param(3, "cannot read a manifest from int", id="no manifest"),
    ],
)
def test_wrong_source(explorer, source, message):
    """What is wrong is said, with the line; the page keeps what it shows."""
    with pytest.raises((ValueError, TypeError, OSError), match=re.escape(message)):
        explore(source)
    parts = (explorer.image, explorer.screen, explorer.patch)
    before = [part.value for part in parts], explorer.controls.read(), explorer.now
    explorer.load(source)
    assert message in texts(explorer.measures)[0]
    assert 'role="alert"' in explorer.measures.value
    assert ([part.value for part in parts], explorer.controls.read(), explorer.now) == before


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("registry/worker:v0.1", "registry/worker:v0.2"),
        ("registry.example:5000/nginx:1.27-alpine", "registry.example:5000/nginx:1.28-alpine"),
        ("app:9", "app:10"),
        ("app:latest", "app:next"),
        ("registry.example:5000/app", "registry.example:5000/app:next"),
        ("app:1@sha256:0123", "app:2"),
        ("app:3f2a9c1", "app:next"),
    ],
)
def test_next_image(image, expected):
    """The update goes to another tag of the same image: the next version, if it is one."""
    assert next_image(image) == expected


# ------------------------------------------------------------------------------------ in the page


def test_folded(explorer):
    """What a manifest is pasted into takes no room until it is wanted."""
    inside = explorer.source.box.children[1]
    shown = [inside.layout.display]
    for opened in (True, False):
        explorer.source.open.value = opened
        shown.append(inside.layout.display)
    assert shown == ["none", None, "none"]


def test_pasted(explorer):
    """A pasted manifest is applied by the button: controls, figure, terminal, patch follow."""
    picture = explorer.image.value
    explorer.source.text.value = SHOP
    assert explorer.now.settings == Settings()
    explorer.source.apply.click()
    assert explorer.now.settings == explorer.controls.read() == read_settings(SHOP)
    assert explorer.image.value != picture
    assert "pods that get requests" in explorer.image.tooltip
    assert explorer.before is None
    assert texts(explorer.screen)[0].startswith("$ kubectl rollout status deployment web ")
    assert explorer.view.options[-1] == "kubectl describe deployment web"
    lines = texts(explorer.patch)[1].splitlines()
    assert lines[0].startswith("kubectl patch deployment web -n shop -p ")
    image = "registry.example:5000/nginx:1.28-alpine"
    assert lines[1] == f"kubectl set image deployment web -n shop nginx={image}"


def test_scenario_with_every_image():
    """A scenario that names no images has all of them, as when it is played; its seed counts."""
    scenario = replace(SCENARIOS["lesson"], options={"seed": 4})
    settings = read_settings(scenario)
    assert settings == replace(read_settings("lesson"), seed=4)


def test_node_selector():
    """The nodes have the labels that the manifest asks for, so that all of them are eligible."""
    run = read_settings(web("DaemonSet", node_selector={"disk": "ssd"})).simulate()
    assert run.summary.most_pods == 4
    assert "disk=ssd" in run.cluster.kubectl("get ds")


def test_uploaded(explorer):
    """A file is applied at once, and its text is there to be changed."""
    file = {"name": "web.yaml", "type": "", "size": len(SHOP), "last_modified": None}
    explorer.source.upload.set_trait("value", ())
    explorer.source._take({"new": ({**file, "content": memoryview(SHOP.encode())},)})
    assert explorer.now.settings == read_settings(SHOP)
    assert explorer.source.text.value == SHOP


def test_controls_change_own_deployment(explorer):
    """After a manifest controls move on from it: its missing image, its other fields stay."""
    explorer.load(SHOP)
    explorer.controls.parts["image_exists"].value = False
    assert explorer.now.settings.base == read_settings(SHOP).base
    outcome = "Progress deadline exceeded: ImagePullBackOff (seen until 601 s), "
    assert texts(explorer.measures)[0].startswith(outcome)
    assert "new image 1.28-alpine, exists" in texts(explorer.measures)[1]
    options = [text for text, _ in explorer.controls.parts["image_exists"].options]
    assert options == ["1.28-alpine, exists", "1.28-alpine, missing"]


@pytest.mark.parametrize("source", [SHOP, "careful", "statefulset"])
def test_what_is_held_is_let_go(explorer, source):
    """What is begun anew is compared with nothing; from then on with the setting before."""
    explorer.compare.value = "held"
    explorer.load(source)
    assert (explorer.before, explorer.compare.value) == (None, "before")
    assert len(texts(explorer.measures)) == 1
    explorer.controls.parts["replicas"].value = 7
    assert explorer.before.settings == read_settings(source)


QUOTA = """
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: team, namespace: shop}
spec: {hard: {pods: "%s", limits.cpu: "20"}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: none, namespace: elsewhere}
spec: {hard: {pods: "0"}}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: shop}
spec: {containers: [{name: a, image: b}]}
"""
LIMITED = SHOP.replace("image: busybox", "image: busybox\n        resources: {limits: {cpu: 1}}")
LIMITED = LIMITED.replace("      nodeSelector: {disk: ssd}\n", "")
LIMITED = LIMITED.replace("        read", "        resources: {limits: {cpu: 1}}\n        read")


def test_quota_is_played():
    """A manifest's quota holds up its rollout, of the pods as they stand there; no other does."""
    settings = read_settings(LIMITED + QUOTA % 5)
    there = manifest.read(LIMITED + QUOTA % 5)[:3]
    played = simulate(there, [(0, settings.update())], images=settings.images)
    assert settings.simulate().summary == played.summary
    assert played.summary.most_pods == 5
    assert read_settings(LIMITED + QUOTA % 9).simulate().summary.most_pods > 5
    refused = read_settings(SHOP + QUOTA % 5).simulate()
    assert "must specify limits.cpu" in refused.cluster.kubectl("describe rs")


def test_more_than_a_quota_has_room_for(explorer):
    """Replicas that a quota has no room for are missing, and the page says why."""
    explorer.load(LIMITED + QUOTA % 5)
    assert texts(explorer.measures)[0].startswith("Complete")
    explorer.controls.parts["replicas"].value = 9
    assert explorer.now.run.summary.most_pods == 5
    assert texts(explorer.measures)[0].startswith("Progress deadline exceeded: FailedCreate")


def test_settings_are_those_of_the_controls():
    """Where a control stands otherwise than the manifest, the control counts; all else stays."""
    settings = replace(
        read_settings(SHOP),
        replicas=3,
        strategy="Recreate",
        min_ready_seconds=0,
        termination_grace_period_seconds=7,
    )
    (_namespace, _service, played) = objects(settings)
    begun = manifest.admit(next(obj for obj in manifest.read(SHOP) if obj["kind"] == "Deployment"))
    spec, pods = played["spec"], played["spec"]["template"]["spec"]
    assert (spec["replicas"], spec["minReadySeconds"]) == (3, 0)
    assert (spec["strategy"], pods["terminationGracePeriodSeconds"]) == ({"type": "Recreate"}, 7)
    assert pods["containers"] == begun["spec"]["template"]["spec"]["containers"]
    assert spec["selector"] == begun["spec"]["selector"]


def test_back_to_the_lesson(explorer):
    """After a manifest the lesson's worker is there again as before."""
    before = explorer.measures.value, explorer.patch.value, explorer.screen.value
    explorer.load(SHOP)
    explorer.load(None)
    assert (explorer.measures.value, explorer.patch.value, explorer.screen.value) == before


# ---------------------------------------------------------------------------------- what one takes


@pytest.mark.parametrize("source", [None, SHOP], ids=["lesson", "own"])
def test_patch_is_for_the_own_deployment(source):
    """The two lines, typed in a cluster with the manifest, do what the explorer shows."""
    settings = read_settings(source)
    begin = WORKER if source is None else SHOP
    cluster = settled_cluster(begin, images=settings.images, namespace=settings.namespace)
    for line in (settings.command(), settings.update()):
        assert "deployment.apps/" in cluster.kubectl(line)
    obj = cluster.get("Deployment", settings.base.name)
    patched = manifest.parse(obj)
    assert patched.template.containers[0].image == settings.new_image
    assert patched.max_surge == settings.max_surge


def test_file_to_take(explorer):
    """The link holds the patch as YAML, with both lines as comments; the button copies that."""
    explorer.load(SHOP)
    settings = explorer.now.settings
    link = re.search(r'download="([^"]*)" href="data:[^,]*;base64,([^"]*)"', explorer.patch.value)
    text = base64.b64decode(link[2]).decode()
    assert link[1] == "web-patch.yaml"
    assert text.splitlines()[:2] == [f"# {settings.command()}", f"# {settings.update()}"]
    assert patch.read(text) == patch.read(settings.patch())
    copied = re.search(r'data-text="([^"]*)"', explorer.patch.value)[1]
    assert html.unescape(copied) == text


def test_slide(explorer):
    """The links hold the slide as PNG and as SVG, until something else is shown."""
    explorer.slide.button.click()
    found = re.findall(
        r'download="([^"]*)" href="data:([^;]*);base64,([^"]*)">([^<]*)<',
        explorer.slide.links.value,
    )
    png, svg = (base64.b64decode(content) for _, _, content, _ in found)
    assert [(name, media, words) for name, media, _, words in found] == [
        ("worker-slide.png", "image/png", "Save worker-slide.png"),
        ("worker-slide.svg", "image/svg+xml", "Save worker-slide.svg"),
    ]
    assert np.frombuffer(png[16:24], dtype=">u4").tolist() == [1920, 1080]
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    explorer.time.value = 7
    assert explorer.slide.links.value
    explorer.controls.parts["max_surge"].slider.value = 3
    assert explorer.slide.links.value == ""


def test_slide_shows_what_the_figure_shows(explorer):
    """The slide of a rollout that is stuck ends where the figure does, and says the same."""
    explorer.load("bad-image")
    explorer.slide.button.click()
    content = re.search('image/svg[^,]*;base64,([^"]*)"', explorer.slide.links.value)[1]
    svg = ElementTree.fromstring(base64.b64decode(content))
    (said,) = [one.text for one in svg.iter("{http://purl.org/dc/elements/1.1/}description")]
    assert " 60 s" in said
    assert "Stuck: ImagePullBackOff, at least 9 available" in said


def test_slides_of_two_policies(explorer):
    """Slides of a StatefulSet created in one way and in the other have titles of their own."""
    explorer.load("statefulset")
    begun = explorer.now.settings
    assert pace(begun) == "partition 0"
    assert pace(replace(begun, pod_management_policy="Parallel")) == "partition 0, Parallel"
    assert (
        pace(replace(begun, pod_management_policy="Parallel", strategy="OnDelete")) == "OnDelete"
    )


def test_slide_leaves_no_file(explorer, tmp_path, monkeypatch):
    """Where Python runs, which may be another machine, nothing is written."""
    monkeypatch.chdir(tmp_path)
    explorer.slide.button.click()
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------ memory


@pytest.mark.slow
def test_memory_is_flat(explorer):
    """Three hundred changes in a row leave no more behind than the first twenty did."""
    resource = pytest.importorskip("resource")
    surge = explorer.controls.parts["max_surge"].slider

    def move(count):
        for number in range(count):
            surge.value = 2 + number % 2
        gc.collect()
        return len(gc.get_objects()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = move(20)
    objects, most = (after - early for after, early in zip(move(300), before, strict=True))
    print(f"after 300 changes: {objects:+} objects, at most {most:+} KiB of memory")
    assert objects < 300
    assert most < 20 * 1024
