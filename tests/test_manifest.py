"""YAML to objects to values and back: what is read, filled in, refused and written."""

import io
import json
import math
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollnb import manifest
from rollnb.manifest import Invalid, ManifestError
from rollnb.manifest.quantity import canonical
from rollnb.manifest.yaml11 import resolve
from rollnb.node import Toleration
from rollnb.spec import Container, DaemonSet, Deployment, Probe, Service, StatefulSet

LESSON = Path(__file__).parent / "data" / "lesson" / "transcript.json"

DEPLOYMENT = dedent("""\
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      labels:
        app: web
    spec:
      replicas: 3
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: shop/web:v1
    """)


def make_deployment(old="", new=""):
    """Return the text of a Deployment, one piece of it changed."""
    assert old in DEPLOYMENT
    return DEPLOYMENT.replace(old, new, 1)


def admit(text):
    """Return the first object of a text as the API server stores it."""
    return next(manifest.admit(obj) for obj in manifest.read(text))


def fail(text):
    """Return the error that a text leads to."""
    with pytest.raises((ManifestError, Invalid)) as caught:
        admit(text)
    return caught.value


# ---------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("word", "value"),
    [
        pytest.param("010", 8, id="a leading zero means octal"),
        pytest.param("08", 8, id="unless it cannot"),
        pytest.param("0o10", 8, id="octal as written today"),
        pytest.param("0x10", 16, id="hexadecimal"),
        pytest.param("0b11", 3, id="binary"),
        pytest.param("1_000", 1000, id="underscores between digits"),
        pytest.param("+5", 5, id="a sign"),
        pytest.param("3.0", 3, id="a whole float is an integer in JSON"),
        pytest.param("1e1", 10, id="so is one with an exponent"),
        pytest.param("2.5", 2.5, id="a float"),
        pytest.param("1.2.3", "1.2.3", id="a version is a text"),
        pytest.param("12:30", "12:30", id="no numbers to the base of sixty"),
        pytest.param("2026-01-01", "2026-01-01", id="a date stays a text"),
        pytest.param("1e400", "1e400", id="too large for a float"),
        pytest.param("yes", True, id="yes is true"),
        pytest.param("Off", False, id="off is false"),
        pytest.param("y", True, id="y is true as well"),
        pytest.param("~", None, id="a tilde is null"),
        pytest.param("-", "-", id="a dash is a text"),
        pytest.param("25%", "25%", id="a percentage is a text"),
    ],
)
def test_words(word, value):
    """A word without quotes means what YAML 1.1 says, as go-yaml v2 reads it."""
    assert resolve(word) == value
    assert type(resolve(word)) is type(value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("a: 1\na: 2\n", {"a": 2}, id="the last of equal keys wins"),
        pytest.param("b: &b {x: 1}\na: *b\n", {"b": {"x": 1}, "a": {"x": 1}}, id="an alias"),
        pytest.param(
            "b: &b {x: 1, z: 1}\na: {<<: *b, z: 2}\n",
            {"b": {"x": 1, "z": 1}, "a": {"x": 1, "z": 2}},
            id="a merge key, and what stands behind it wins",
        ),
        pytest.param(
            "a: {<<: [{x: 1}, {x: 2, z: 2}]}\n", {"a": {"x": 1, "z": 2}}, id="the first wins"
        ),
        pytest.param("on: 1\n1: 2\n", {"true": 1, "1": 2}, id="keys become texts"),
        pytest.param("a:\tb\t# c\n", {"a": "b"}, id="tabs between words"),
        pytest.param("a: !!str 5\nb: '5'\n", {"a": "5", "b": "5"}, id="texts by tag and quotes"),
        pytest.param("a: |\n  x\n  y\n", {"a": "x\ny\n"}, id="a literal text"),
        pytest.param("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}, id="byte order mark and CRLF"),
        pytest.param('{\n\t"a": 1.0\n}', {"a": 1}, id="JSON, indented with tabs"),
    ],
)
def test_values(text, values):
    """Texts become the values that kubectl sends on."""
    head = "apiVersion: v1\nkind: Pod\n"
    if text.startswith("{"):
        text, head = text.replace("{", '{"apiVersion": "v1", "kind": "Pod",', 1), ""
    (obj,) = manifest.read(
        text.replace("\ufeff", f"\ufeff{head}") if "\ufeff" in text else head + text
    )
    assert obj == {"apiVersion": "v1", "kind": "Pod"} | values


TWO = "apiVersion: v1\nkind: {}\nmetadata:\n  name: {}\n"
POD, SERVICE = TWO.format("Pod", "a"), TWO.format("Service", "b")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{POD}---\n{SERVICE}", id="two documents"),
        pytest.param(f"---\n---  # first\n{POD}---\n---\n{SERVICE}---\n", id="empty documents"),
        pytest.param(f"{POD}---\n{SERVICE}".replace("\n", "\r\n"), id="CRLF around ---"),
        pytest.param(
            "apiVersion: v1\nkind: List\nitems:\n"
            + "".join("- " + one.replace("\n", "\n  ").rstrip(" ") for one in (POD, SERVICE)),
            id="a list",
        ),
        pytest.param(
            json.dumps(manifest.read(POD)[0]) + json.dumps(manifest.read(SERVICE)[0]),
            id="JSON objects one after the other",
        ),
    ],
)
def test_several_objects(text):
    """A manifest may hold several objects, in more than one way."""
    assert [(obj["kind"], obj["metadata"]["name"]) for obj in manifest.read(text)] == [
        ("Pod", "a"),
        ("Service", "b"),
    ]


def test_items_of_a_typed_list():
    """Items without kind are of the list's."""
    text = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n"
    assert manifest.read(text) == [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}
    ]


def test_sources(tmp_path):
    """A manifest comes as text, bytes, file, path, dict, list or workload."""
    path = tmp_path / "web.yaml"
    path.write_text(DEPLOYMENT, encoding="utf-8")
    expected = manifest.read(DEPLOYMENT)
    assert manifest.read(path) == expected
    assert manifest.read(DEPLOYMENT.encode()) == expected
    assert manifest.read(io.StringIO(DEPLOYMENT)) == expected
    assert manifest.read(io.BytesIO(DEPLOYMENT.encode())) == expected
    assert manifest.read(expected[0]) == expected
    assert manifest.read([DEPLOYMENT, expected]) == expected * 2
    workload = Deployment("web", image="shop/web:v1")
    assert manifest.read(workload) == [manifest.render(workload)]


def test_no_source():
    """What is no manifest at all says so."""
    with pytest.raises(TypeError, match="cannot read a manifest from int"):
        manifest.read(5)


def test_lines():
    """Each field knows its line, counted in the whole text."""
    (_, obj) = manifest.read(f"{POD}---\n{DEPLOYMENT}")
    assert {path: obj.lines[path] for path in ("kind", "spec.replicas")} == {
        "kind": 7,
        "spec.replicas": 13,
    }
    assert obj.lines["spec.template.spec.containers[0].image"] == 24


PARSING = "error: error parsing web.yaml: "
CONVERTING = PARSING + "error converting YAML to JSON: "
VALIDATING = 'error: error validating "web.yaml": error validating data: '
OFF = "; if you choose to ignore these errors, turn validation off with --validate=false"
DECODING = 'error: unable to decode "web.yaml": '
REQUEST = (
    'Error from server (BadRequest): error when creating "web.yaml": '
    'Deployment in version "v1" cannot be handled as a Deployment: '
)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        pytest.param(
            "a:\n  - name: web\n\t  image: x\n",
            CONVERTING + "yaml: line 2: found a tab character that violates indentation",
            3,
            id="a tab behind a text",
        ),
        pytest.param(
            "a:\n\tb: 1\n",
            CONVERTING + "yaml: line 2: found character that cannot start any token",
            2,
            id="a tab behind a key",
        ),
        pytest.param(
            "a:\n  b: 1\n c: 2\n",
            CONVERTING + "yaml: line 2: did not find expected key",
            3,
            id="one space too few",
        ),
        pytest.param(
            "a: b: c\n",
            CONVERTING + "yaml: mapping values are not allowed in this context",
            1,
            id="two colons in the first line",
        ),
        pytest.param(
            "a:\n  1:\nb\n  2:\n",
            CONVERTING + "yaml: line 3: could not find expected ':'",
            4,
            id="a key without colon",
        ),
        pytest.param(
            "x: 1\nimage: @web\n",
            CONVERTING + "yaml: line 2: found character that cannot start any token",
            2,
            id="a character kept for later",
        ),
        pytest.param(
            "v:\n- [A,\n",
            CONVERTING + "yaml: line 2: did not find expected node content",
            3,
            id="an open bracket",
        ),
        pytest.param(
            "a: 1\nb: *none\n",
            CONVERTING + "yaml: unknown anchor 'none' referenced",
            2,
            id="an alias of nothing",
        ),
        pytest.param(
            "a: &a [*a]\n",
            CONVERTING + "yaml: anchor 'a' value contains itself",
            1,
            id="an alias of itself",
        ),
        pytest.param(
            "a: 1\nimage: {{ .Values.image }}\n",
            CONVERTING + "yaml: invalid map key: "
            'map[interface {}]interface {}{".Values.image":interface {}(nil)}',
            2,
            id="a template that was not filled in",
        ),
        pytest.param(
            "a: 1\n<<: 2\n",
            CONVERTING + "yaml: map merge requires map or sequence of maps as the value",
            2,
            id="a merge key without mapping",
        ),
        pytest.param(
            "a: 1\nb: \x01\n",
            CONVERTING + "yaml: control characters are not allowed",
            2,
            id="a control character",
        ),
        pytest.param(
            b"a: 1\nb: \xe9\n",
            CONVERTING + "yaml: invalid leading UTF-8 octet",
            2,
            id="not UTF-8",
        ),
        pytest.param(
            f"{POD}--- Next\n{SERVICE}",
            PARSING + "invalid Yaml document separator: Next",
            5,
            id="text behind ---",
        ),
        pytest.param(
            '{"kind": "Pod",\n "a" 1}',
            PARSING + "json: offset 22: invalid character '1' after object key",
            2,
            id="JSON without colon",
        ),
        pytest.param(
            "a: 1\n", VALIDATING + "[apiVersion not set, kind not set]" + OFF, 1, id="no object"
        ),
        pytest.param("web", VALIDATING + "invalid object to validate" + OFF, None, id="a word"),
        pytest.param(
            "apiVersion: v1\nkind: ''\na: 1\n",
            DECODING + 'Object \'Kind\' is missing in \'{"a":1,"apiVersion":"v1","kind":""}\'',
            1,
            id="no kind",
        ),
        pytest.param(
            POD.replace("name: a", "name: yes"),
            DECODING
            + "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.name of type "
            "string",
            4,
            id="a name that is no text",
        ),
        pytest.param(
            make_deployment("apps/v1", "extensions/v1beta1"),
            'error: resource mapping not found for name: "web" namespace: "" from "web.yaml": '
            'no matches for kind "Deployment" in version "extensions/v1beta1"\n'
            "ensure CRDs are installed first",
            1,
            id="an old API version",
        ),
        pytest.param(
            make_deployment("replicas: 3", 'replicas: "3"'),
            REQUEST + "json: cannot unmarshal string into Go struct field "
            "DeploymentSpec.spec.replicas of type int32",
            8,
            id="a number in quotes",
        ),
        pytest.param(
            make_deployment("replicas: 3", "replicas: 2.5"),
            REQUEST + "json: cannot unmarshal number 2.5 into Go struct field "
            "DeploymentSpec.spec.replicas of type int32",
            8,
            id="half a pod",
        ),
        pytest.param(
            make_deployment("replicas: 3", "replicas: 3000000000"),
            REQUEST + "json: cannot unmarshal number 3000000000 into Go struct field "
            "DeploymentSpec.spec.replicas of type int32",
            8,
            id="a number of more than 32 bits",
        ),
        pytest.param(
            make_deployment(
                "        app: web\n    spec", "        app: web\n        v: 1.10\n    spec"
            ),
            REQUEST + "json: cannot unmarshal number into Go struct field "
            "ObjectMeta.spec.template.metadata.labels of type string",
            16,
            id="a label that is a number",
        ),
        pytest.param(
            make_deployment("  replicas: 3", "  strategy: Recreate"),
            REQUEST + "json: cannot unmarshal string into Go struct field "
            "DeploymentSpec.spec.strategy of type v1.DeploymentStrategy",
            8,
            id="a word for a struct",
        ),
        pytest.param(
            make_deployment(
                "        - name: web\n          image", "          name: web\n          image"
            ),
            REQUEST + "json: cannot unmarshal object into Go struct field "
            "PodSpec.spec.template.spec.containers of type []v1.Container",
            17,
            id="a list without dash",
        ),
        pytest.param(
            make_deployment("  replicas: 3", "  strategy: {rollingUpdate: {maxSurge: true}}"),
            REQUEST + "json: cannot unmarshal bool into Go struct field "
            "RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32",
            8,
            id="neither count nor percentage",
        ),
        pytest.param(
            DEPLOYMENT + "          resources: {requests: {cpu: lots}}\n",
            REQUEST + "quantities must match the regular expression "
            "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            20,
            id="no amount",
        ),
        pytest.param(
            make_deployment("  replicas: 3", "  replica: 3\n  rollingUpdate: {}"),
            REQUEST + 'strict decoding error: unknown field "spec.replica", '
            'unknown field "spec.rollingUpdate"',
            8,
            id="unknown fields",
        ),
        pytest.param(
            DEPLOYMENT + "          env: [{FOO: bar}]\n",
            REQUEST
            + 'strict decoding error: unknown field "spec.template.spec.containers[0].env[0].FOO"',
            20,
            id="an unknown field in a list",
        ),
    ],
)
def test_refused(text, message, line):
    """What cannot be read is refused in kubectl's words, and the line is known."""
    error = fail(text)
    assert (error.kubectl("web.yaml"), error.line) == (message, line)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        pytest.param(
            "replicas: 3",
            'replicas: "3"',
            "line 8: spec.replicas is '3'; write a whole number without quotes",
            id="field, value and what is allowed",
        ),
        pytest.param(
            "replicas: 3",
            "replica: 3",
            "line 8: spec.replica does not exist; did you mean spec.replicas?",
            id="nearly the name of a field",
        ),
        pytest.param(
            "  replicas: 3",
            "  maxSurge: 3",
            "line 8: spec.maxSurge does not exist; there are minReadySeconds, paused, progress"
            "DeadlineSeconds, replicas, revisionHistoryLimit, selector, strategy, template",
            id="no field at all",
        ),
        pytest.param(
            "  replicas: 3",
            "  rollingUpdate: {}",
            "line 8: spec.rollingUpdate does not exist; did you mean spec.strategy.rollingUpdate?",
            id="one level too few",
        ),
        pytest.param(
            "matchLabels:\n      app: web\n",
            "matchLabels:\n      app: web\n    template: {}\n",
            "line 12: spec.selector.template does not exist; did you mean spec.template?",
            id="one level too many",
        ),
    ],
)
def test_way_out(old, new, text):
    """In Python an error also says how to mend it."""
    assert str(fail(make_deployment(old, new))).endswith(f"({text})")


def test_errors_beside_objects():
    """With a list for errors, the objects beside them are returned, as kubectl goes on."""
    errors = []
    bad = TWO.format("Pod", "yes")
    objects = manifest.read(
        f"{POD}---\n{bad}---\n{SERVICE}---\na: b: c\n---\n{POD}", errors=errors
    )
    assert [obj["metadata"]["name"] for obj in objects] == ["a", "b"]
    assert [(error.stage, error.line) for error in errors] == [("decoding", 9), ("parsing", 16)]


# ---------------------------------------------------------------------------------------- objects


def test_complete_as_recorded():
    """The lesson's Deployment is completed to what a real API server stored."""
    part = json.loads(LESSON.read_text(encoding="utf-8"))["parts"][0]
    (recorded,) = json.loads(part["commands"][0]["stdout"])["items"]
    assert admit(part["manifest"])["spec"] == recorded["spec"]


def test_older_defaults():
    """When the lesson was written, a Deployment had 1/1 and no deadline."""
    (obj,) = manifest.read(DEPLOYMENT)
    spec = manifest.complete(obj, defaults="extensions/v1beta1")["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 1}
    assert (spec["progressDeadlineSeconds"], spec["revisionHistoryLimit"]) == (2147483647,) * 2


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("web", "Always"),
        ("web:latest", "Always"),
        ("web:v1", "IfNotPresent"),
        ("registry:5000/web", "Always"),
        ("registry:5000/web:v1", "IfNotPresent"),
        ("web@sha256:00", "IfNotPresent"),
        ("web:latest@sha256:00", "Always"),
    ],
)
def test_pull_policy(image, policy):
    """Only the tag `latest`, written or not, is always pulled."""
    obj = admit(make_deployment("shop/web:v1", image))
    assert obj["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == policy


def test_zero_means_absent():
    """Fields that are null, or zero where Go cannot tell, are not stored."""
    obj = admit(
        make_deployment(
            "  replicas: 3", "  replicas: 0\n  minReadySeconds: 0\n  paused: false\n  strategy:"
        )
    )
    assert obj["spec"]["replicas"] == 0
    assert not {"minReadySeconds", "paused"} & obj["spec"].keys()
    assert obj["spec"]["strategy"]["type"] == "RollingUpdate"


def test_completed_twice_is_the_same():
    """An object as stored is admitted as it is."""
    obj = admit(DEPLOYMENT)
    assert manifest.admit(obj) == obj
    assert manifest.admit(obj, obj) == obj


def test_unknown_fields_with_a_warning():
    """A patch of kubectl's only warns of unknown fields, and they are dropped."""
    (obj,) = manifest.read(make_deployment("  replicas: 3", "  replicas: 3\n  replica: 3"))
    warnings = []
    assert manifest.admit(obj, strict=False, warnings=warnings) == admit(DEPLOYMENT)
    assert warnings == ['unknown field "spec.replica"']


def test_bad_patch():
    """An object that a patch made unreadable is the patch's fault."""
    obj = admit(DEPLOYMENT)
    obj["spec"]["replicas"] = "3"
    with pytest.raises(Invalid) as caught:
        manifest.admit(obj, patch={"spec": {"replicas": "3"}})
    assert str(caught.value) == (
        "The request is invalid: patch: "
        'Invalid value: "map[spec:map[replicas:3]]": unrecognized type: int32'
    )


STATEFULSET = make_deployment("Deployment", "StatefulSet").replace(
    "  replicas: 3\n", "  updateStrategy: {rollingUpdate: {maxUnavailable: 2}}\n"
)


def test_feature_gate():
    """`maxUnavailable` of a StatefulSet is dropped unless the gate is open, or it was in use."""
    (obj,) = manifest.read(STATEFULSET)
    gate = ["MaxUnavailableStatefulSet"]
    open_gate = manifest.admit(obj, feature_gates=gate)
    dropped = manifest.admit(obj)
    rolling = [
        new["spec"]["updateStrategy"]["rollingUpdate"]
        for new in (dropped, open_gate, manifest.admit(obj, open_gate))
    ]
    with_it = {"partition": 0, "maxUnavailable": 2}
    assert rolling == [{"partition": 0}, with_it, with_it]


def test_template_generation():
    """A DaemonSet counts its pod templates in an annotation."""
    text = make_deployment("Deployment", "DaemonSet").replace("  replicas: 3\n", "")
    first = admit(text)
    (changed,) = manifest.read(text.replace("v1\n", "v2\n").replace("apps/v2", "apps/v1"))
    counts = [
        obj["metadata"]["annotations"]["deprecated.daemonset.template.generation"]
        for obj in (first, manifest.admit(first, first), manifest.admit(changed, first))
    ]
    assert counts == ["1", "1", "2"]


# ----------------------------------------------------------------------------------------- values


WORKLOADS = [
    Deployment("web", image="shop/web:v1"),
    Deployment("web", image="shop/web:v1", replicas=0, strategy="Recreate", paused=True),
    Deployment(
        "web",
        image="shop/web:v1",
        max_surge="50%",
        max_unavailable=0,
        min_ready_seconds=5,
        progress_deadline_seconds=60,
        revision_history_limit=2,
        readiness_probe=Probe(period_seconds=2),
        startup_probe=Probe(initial_delay_seconds=1, failure_threshold=9),
        pre_stop_seconds=15,
        termination_grace_period_seconds=20,
        cpu=0.5,
        memory=64 * 2**20,
        labels={"app": "web", "tier": "front"},
        annotations={"a/b": "c"},
        node_selector={"pool": "main"},
    ),
    Deployment(
        "web",
        containers=(
            Container("web", "shop/web:v1", host_ports=(80, 443)),
            Container(
                "side",
                "shop/side:v1",
                liveness_probe=Probe(termination_grace_period_seconds=5),
                pre_stop_seconds=0.5,
            ),
        ),
    ),
    Deployment("web", image="shop/web:v1", pre_stop_seconds=60),
    StatefulSet("db", image="shop/db:v1", partition=2, pod_management_policy="Parallel"),
    StatefulSet("db", image="shop/db:v1", max_unavailable="50%", ordinals_start=5),
    StatefulSet("db", image="shop/db:v1", strategy="OnDelete", min_ready_seconds=1),
    DaemonSet("agent", image="shop/agent:v1", max_surge="10%", max_unavailable=0),
    DaemonSet("agent", image="shop/agent:v1", strategy="OnDelete"),
    DaemonSet(
        "agent",
        image="shop/agent:v1",
        tolerations=(
            Toleration(operator="Exists"),
            Toleration("gpu", "Equal", "a100"),
            Toleration("disk", effect="NoExecute", toleration_seconds=0),
        ),
    ),
    Service("web", selector={"app": "web"}),
]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: f"{type(w).__name__} {w.name}")
def test_round_trip(workload):
    """A workload is the same when it has been an object, and YAML, of the API."""
    text = manifest.dump(manifest.render(workload))
    (obj,) = manifest.read(text)
    # With the gate open, a StatefulSet without maxUnavailable would get 1.
    asked = getattr(workload, "max_unavailable", None) is not None
    gates = ["MaxUnavailableStatefulSet"] if asked else []
    assert manifest.parse(manifest.admit(obj, feature_gates=gates)) == workload


@pytest.mark.parametrize(
    ("hook", "seconds"),
    [
        ({"sleep": {"seconds": 15}}, 15.0),
        ({"exec": {"command": ["sleep", "60"]}}, 60.0),
        ({"exec": {"command": ["/bin/sleep", "2m"]}}, 120.0),
        ({"exec": {"command": ["sh", "-c", "sleep 5"]}}, 5.0),
        ({"exec": {"command": ["/bin/sh", "-c", "nginx -s quit; sleep 2.5 && sleep 1"]}}, 3.5),
        ({"exec": {"command": ["nosleep", "5"]}}, 0.0),
        ({"httpGet": {"path": "/quit", "port": 80}}, 0.0),
    ],
)
def test_pre_stop(hook, seconds):
    """A preStop hook sleeps as long as its command says."""
    obj = admit(DEPLOYMENT)
    obj["spec"]["template"]["spec"]["containers"][0]["lifecycle"] = {"preStop": hook}
    assert manifest.parse(obj).pre_stop_seconds == seconds


def test_not_simulated():
    """A kind without model is admitted, but is no workload."""
    obj = admit("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    with pytest.raises(ManifestError, match=r"kind 'ConfigMap' is not simulated \(there are"):
        manifest.parse(obj)


@pytest.mark.parametrize(
    ("written", "stored", "number"),
    [
        ("500m", "500m", 0.5),
        (0.5, "500m", 0.5),
        ("1000m", "1", 1),
        (2, "2", 2),
        ("64Mi", "64Mi", 64 * 2**20),
        ("1024Ki", "1Mi", 2**20),
        ("0.5Gi", "512Mi", 2**29),
        ("128M", "128M", 128e6),
        ("1e3", "1e3", 1000),
        ("1500k", "1500k", 1.5e6),
        ("-1", "-1", -1),
        ("0", "0", 0),
        ("100", "100", 100),
    ],
)
def test_quantity(written, stored, number):
    """Amounts are stored with the largest suffix that leaves a whole number."""
    assert (canonical(written), manifest.parse_quantity(written)) == (stored, number)


@pytest.mark.parametrize("text", ["", "lots", "1X", "1.2.3", "1 Gi", "Mi"])
def test_no_quantity(text):
    """What is no amount is refused."""
    with pytest.raises(ValueError, match="quantit"):
        manifest.parse_quantity(text)


# ------------------------------------------------------------------------------------------- YAML


@pytest.mark.parametrize(
    ("obj", "text"),
    [
        pytest.param(
            {"b": [{"z": 1, "x": []}], "a": {}}, "a: {}\nb:\n- x: []\n  z: 1\n", id="lists"
        ),
        pytest.param({"a": [["x", "w"], "z"]}, "a:\n- - x\n  - w\n- z\n", id="lists of lists"),
        pytest.param({"a10": 1, "a9": 1, "a-b": 1}, "a-b: 1\na9: 1\na10: 1\n", id="natural order"),
        pytest.param(
            {"a": "1", "b": "y", "c": "", "d": "12:30", "e": "2026-01-01T00:00:00Z", "f": "~"},
            'a: "1"\nb: "y"\nc: ""\nd: "12:30"\ne: "2026-01-01T00:00:00Z"\nf: "~"\n',
            id="double quotes for what would mean something else",
        ),
        pytest.param(
            {"a": "b: c", "d": "'e", "f": "- g", "h": "i #j", "k": "*", "l": "m:"},
            "a: 'b: c'\nd: '''e'\nf: '- g'\nh: 'i #j'\nk: '*'\nl: 'm:'\n",
            id="single quotes for what would be read otherwise",
        ),
        pytest.param(
            {"a": "25%", "b": "x:y", "c": "it's"}, "a: 25%\nb: x:y\nc: it's\n", id="plain"
        ),
        pytest.param({"a": None, "b": True, "c": 1.5}, "a: null\nb: true\nc: 1.5\n", id="values"),
        pytest.param(
            {"a": {"b": "x\ny\n", "c": "x\n\ny"}},
            "a:\n  b: |\n    x\n    y\n  c: |-\n    x\n\n    y\n",
            id="literal texts",
        ),
        pytest.param({"a": "x\ty"}, 'a: "x\\ty"\n', id="escapes"),
        pytest.param(
            {"a": {"m": "word " * 20 + "end"}},
            "a:\n  m: " + "word " * 15 + "word\n    " + "word " * 4 + "end\n",
            id="folded behind 80 characters",
        ),
    ],
)
def test_dump(obj, text):
    """YAML is written as kubectl does."""
    assert manifest.dump(obj) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=120),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(value=JSON)
def test_dump_can_be_read(value):
    """Whatever is written is read as the same again."""
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "data": value}
    assert manifest.read(manifest.dump(obj)) == [obj]


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_float_can_be_read(value):
    """Numbers keep their value."""
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "data": value}
    (back,) = manifest.read(manifest.dump(obj))
    assert math.isclose(back["data"], value, rel_tol=1e-15)


# ------------------------------------------------------------------------------------------- hash


def test_template_hash():
    """A hash depends on the template alone, not on its own label, and names no words."""
    template = admit(DEPLOYMENT)["spec"]["template"]
    labelled = json.loads(json.dumps(template))
    labelled["metadata"]["labels"]["pod-template-hash"] = "x"
    changed = admit(make_deployment("web:v1", "web:v2"))["spec"]["template"]
    first = manifest.template_hash(template)
    assert manifest.template_hash(labelled) == first
    assert manifest.template_hash(changed) != first
    assert manifest.template_hash(template, collision_count=1) != first
    assert set(first) <= set("bcdfghjklmnpqrstvwxz2456789")
    assert 8 <= len(first) <= 10


def test_name_of_a_file():
    """A file's name given as text is told from YAML."""
    with pytest.raises(ValueError, match=r"is the name of a file: give Path\('web\.yaml'\)"):
        manifest.read("web.yaml")
