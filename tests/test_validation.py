"""The API server's rules beyond the facts: pods, names, selectors; and values made in Python."""

import copy
import re

import pytest

from rollnb import manifest
from rollnb.spec import DaemonSet, Deployment, StatefulSet
from rollnb.validation import FieldError, Invalid
from rollnb.validation.errors import quote, to_json

POD = "spec.template.spec"
CONTAINER = f"{POD}.containers[0]"


def make(kind="Deployment", **container):
    """Return an object as one would write it, with these fields in its container."""
    pods = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "web:v1"} | container]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": pods},
    }


def messages(obj, old=None):
    """Return what the API server says about an object."""
    try:
        manifest.admit(obj, old)
    except Invalid as error:
        return [e.message for e in error.errors]
    return []


HTTP = {"httpGet": {"port": 80}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"name": ""}, [f"{CONTAINER}.name: Required value"], id="no name"),
        pytest.param({"image": ""}, [f"{CONTAINER}.image: Required value"], id="no image"),
        pytest.param(
            {"imagePullPolicy": "Sometimes"},
            [
                f'{CONTAINER}.imagePullPolicy: Unsupported value: "Sometimes": '
                'supported values: "Always", "IfNotPresent", "Never"'
            ],
            id="an unknown pull policy",
        ),
        pytest.param(
            {"ports": [{"containerPort": 70000}, {"name": "http_1"}]},
            [
                f"{CONTAINER}.ports[0].containerPort: Invalid value: 70000: "
                "must be between 1 and 65535, inclusive",
                f'{CONTAINER}.ports[1].name: Invalid value: "http_1": '
                "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
                f"{CONTAINER}.ports[1].containerPort: Required value",
            ],
            id="ports",
        ),
        pytest.param(
            {"volumeMounts": [{"name": "data", "mountPath": "/data"}]},
            [f'{CONTAINER}.volumeMounts[0].name: Not found: "data"'],
            id="a volume that is not there",
        ),
        pytest.param(
            {"resources": {"requests": {"cpu": 2}, "limits": {"cpu": "1000m"}}},
            [
                f'{CONTAINER}.resources.requests: Invalid value: "2": '
                "must be less than or equal to cpu limit of 1"
            ],
            id="more requested than allowed",
        ),
        pytest.param(
            {"resources": {"requests": {"cpus": 2, "example.com/gpu": 1, "hugepages-2Mi": 0}}},
            [
                f'{CONTAINER}.resources.requests[cpus]: Invalid value: "cpus": '
                "must be a standard resource type or fully qualified",
                f'{CONTAINER}.resources.requests[cpus]: Invalid value: "cpus": '
                "must be a standard resource for containers",
            ],
            id="a resource that does not exist",
        ),
        pytest.param(
            {"readinessProbe": {}},
            [f"{CONTAINER}.readinessProbe: Required value: must specify a handler type"],
            id="a probe that asks nothing",
        ),
        pytest.param(
            {"readinessProbe": {"httpGet": {"port": "8080"}}},
            [
                f'{CONTAINER}.readinessProbe.httpGet.port: Invalid value: "8080": '
                "must contain at least one letter (a-z)"
            ],
            id="a port in quotes",
        ),
        pytest.param(
            {"livenessProbe": HTTP | {"successThreshold": 2, "periodSeconds": -1}},
            [
                f"{CONTAINER}.livenessProbe.periodSeconds: Invalid value: -1: "
                "must be greater than or equal to 0",
                f"{CONTAINER}.livenessProbe.successThreshold: Invalid value: 2: must be 1",
            ],
            id="a liveness probe's thresholds",
        ),
        pytest.param(
            {"startupProbe": HTTP | {"terminationGracePeriodSeconds": 0}},
            [
                f"{CONTAINER}.startupProbe.terminationGracePeriodSeconds: Invalid value: 0: "
                "must be greater than 0"
            ],
            id="a probe's own grace period of no time",
        ),
        pytest.param(
            {"readinessProbe": HTTP | {"terminationGracePeriodSeconds": 5}},
            [
                f"{CONTAINER}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: "
                "must not be set for readinessProbes"
            ],
            id="a probe after which nothing is stopped",
        ),
        pytest.param(
            {"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}},
            [
                f"{CONTAINER}.lifecycle.preStop.sleep: Invalid value: 31: "
                "must be non-negative and less than terminationGracePeriodSeconds (30)"
            ],
            id="a sleep longer than the grace period",
        ),
        pytest.param(
            {"env": [{"name": "A=B"}]},
            [
                f'{CONTAINER}.env[0].name: Invalid value: "A=B": a valid environment variable '
                "name must consist only of printable ASCII characters other than '='"
            ],
            id="a variable's name",
        ),
    ],
)
def test_container(fields, expected):
    """Each field of a container has its rule."""
    assert messages(make(**fields)) == expected


def test_volume_named_as_a_claim():
    """The volume of a claim takes the place of one of its name, and may be mounted."""
    mount = {"name": "data", "mountPath": "/data"}
    obj = make("StatefulSet", volumeMounts=[mount])
    spec = obj["spec"]
    spec["template"]["spec"]["volumes"] = [{"name": "data", "emptyDir": {}}]
    spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    assert manifest.check_pods(manifest.admit(obj)) == []
    del spec["template"]["spec"]["volumes"]
    assert manifest.check_pods(manifest.admit(obj)) == []
    del spec["volumeClaimTemplates"]
    (error,) = manifest.check_pods(manifest.admit(obj))
    assert error.message == f'{CONTAINER}.volumeMounts[0].name: Not found: "data"'


def test_pod_of_a_statefulset():
    """A StatefulSet's pods are not looked at before they are created."""
    assert messages(make("StatefulSet", image="")) == []


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        pytest.param(
            "Deployment",
            lambda spec: spec["template"]["spec"].update(containers=[]),
            [f"{POD}.containers: Required value"],
            id="no containers",
        ),
        pytest.param(
            "Deployment",
            lambda spec: spec["template"]["spec"]["containers"].append(
                {"name": "web", "image": "x"}
            ),
            [f'{POD}.containers[1].name: Duplicate value: "web"'],
            id="two containers of one name",
        ),
        pytest.param(
            "DaemonSet",
            lambda spec: spec["template"]["spec"].update(restartPolicy="Never"),
            [f'{POD}.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
            id="pods of workloads are always restarted",
        ),
        pytest.param(
            "ReplicaSet",
            lambda spec: spec["template"]["spec"].update(activeDeadlineSeconds=5),
            [
                f"{POD}.activeDeadlineSeconds: Forbidden: "
                "activeDeadlineSeconds in ReplicaSet is not Supported"
            ],
            id="and have no deadline",
        ),
        pytest.param(
            "StatefulSet",
            lambda spec: spec.pop("selector"),
            [
                "spec.selector: Required value",
                'spec.template.metadata.labels: Invalid value: {"app":"web"}: '
                "`selector` does not match template `labels`",
            ],
            id="no selector",
        ),
        pytest.param(
            "DaemonSet",
            lambda spec: spec["selector"]["matchLabels"].update(tier="front"),
            [
                'spec.template.metadata.labels: Invalid value: {"app":"web"}: '
                "`selector` does not match template `labels`"
            ],
            id="a selector that selects other pods",
        ),
        pytest.param(
            "Deployment",
            lambda spec: spec.update(
                selector={"matchExpressions": [{"key": "app", "operator": "Is", "values": ["x"]}]}
            ),
            [
                'spec.selector.matchExpressions[0].operator: Invalid value: "Is": '
                "not a valid selector operator",
                'spec.selector: Invalid value: {"matchExpressions":'
                '[{"key":"app","operator":"Is","values":["x"]}]}: invalid label selector',
            ],
            id="an operator that does not exist",
        ),
        pytest.param(
            "Deployment",
            lambda spec: spec["template"]["metadata"]["labels"].update(v="a b"),
            [
                'spec.template.labels: Invalid value: "a b": a valid label must be an empty string'
                " or consist of alphanumeric characters, '-', '_' or '.', and must start and end "
                "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
                "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            ],
            id="a label with a space",
        ),
        pytest.param(
            "DaemonSet",
            lambda spec: spec["template"]["spec"].update(
                tolerations=[
                    {"key": "gpu", "operator": "Exists", "value": "x"},
                    {"operator": "Equal", "effect": "NoExecute", "tolerationSeconds": 5},
                    {"key": "g pu", "operator": "Lt", "effect": "Never", "tolerationSeconds": 0},
                ]
            ),
            [
                f'{POD}.tolerations[0].operator: Invalid value: "x": '
                "value must be empty when `operator` is 'Exists'",
                f'{POD}.tolerations[1].operator: Invalid value: "Equal": operator must be Exists '
                'when `key` is empty, which means "match all values and all keys"',
                f'{POD}.tolerations[2].key: Invalid value: "g pu": name part must consist of '
                "alphanumeric characters, '-', '_' or '.', and must start and end with an "
                "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used "
                "for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                f'{POD}.tolerations[2].effect: Invalid value: "Never": effect must be '
                "'NoExecute' when `tolerationSeconds` is set",
                f'{POD}.tolerations[2].operator: Unsupported value: "Lt": '
                'supported values: "Equal", "Exists"',
                f'{POD}.tolerations[2].effect: Unsupported value: "Never": supported values: '
                '"NoSchedule", "PreferNoSchedule", "NoExecute"',
            ],
            id="tolerations",
        ),
    ],
)
def test_workload(kind, change, expected):
    """Each part of a workload has its rule."""
    obj = make(kind)
    change(obj["spec"])
    assert messages(obj) == expected


@pytest.mark.parametrize(
    ("term", "selected"),
    [
        ({"key": "app", "operator": "In", "values": ["web", "db"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["web"]}, False),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
        ({"key": "tier", "operator": "NotIn", "values": ["x"]}, True),
    ],
)
def test_expressions(term, selected):
    """A selector may have expressions instead of labels."""
    obj = make()
    obj["spec"]["selector"] = {"matchExpressions": [term]}
    assert (messages(obj) == []) == selected


@pytest.mark.parametrize("kind", ["Deployment", "DaemonSet", "ReplicaSet"])
def test_selector_is_immutable(kind):
    """A selector stays as it was, and its error comes last."""
    old = manifest.admit(make(kind))
    new = make(kind)
    new["spec"]["selector"]["matchLabels"]["tier"] = "front"
    assert messages(new, old) == [
        'spec.template.metadata.labels: Invalid value: {"app":"web"}: '
        "`selector` does not match template `labels`",
        'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"front"}}: '
        "field is immutable",
    ]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("v1", "ConfigMap"),
        ("v1", "Namespace"),
        ("v1", "PersistentVolumeClaim"),
        ("v1", "Secret"),
        ("v1", "ServiceAccount"),
        ("batch/v1", "Job"),
    ],
)
@pytest.mark.parametrize("metadata", [{}, {"metadata": None}, {"metadata": {"name": ""}}])
def test_every_kind_needs_a_name(version, kind, metadata):
    """An object is stored by its name, even one of which nothing else is looked at."""
    obj = {"apiVersion": version, "kind": kind, **metadata}
    assert messages(obj) == ["metadata.name: Required value: name or generateName is required"]


@pytest.mark.parametrize("kind", ["Namespace", "PersistentVolumeClaim", "ServiceAccount"])
def test_names_of_what_is_only_stored(kind):
    """A name keeps to the rules of its kind, whether or not the rest is looked at."""
    obj = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "A_b"}}
    (message,) = messages(obj)
    assert message.startswith('metadata.name: Invalid value: "A_b": a lowercase RFC 1123')


def test_service():
    """A Service needs ports, and a name that begins with a letter."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "1st"}, "spec": {}}
    assert [message.split(": ")[:2] for message in messages(service)] == [
        ["metadata.name", "Invalid value"],
        ["spec.ports", "Required value"],
    ]


def test_text():
    """One error stands on the line, several below it, the same sentence once; lines on demand."""
    first = FieldError("spec.replicas", "FieldValueInvalid", -1, "must be more")
    second = FieldError("spec.selector", "FieldValueRequired")
    assert str(Invalid("Deployment", "web", [first])) == (
        'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be more'
    )
    several = Invalid("Deployment", "web", [first, second, first])
    assert str(several) == (
        'The Deployment "web" is invalid: \n'
        "* spec.replicas: Invalid value: -1: must be more\n"
        "* spec.selector: Required value"
    )
    located = several.locate({"spec": 3, "spec.replicas": 4})
    assert (str(located), located.line) == (str(several), 4)
    assert located.located() == (
        'The Deployment "web" is invalid: \n'
        "* spec.replicas: Invalid value: -1: must be more (line 4)\n"
        "* spec.selector: Required value (line 3)"
    )


@pytest.mark.parametrize(
    ("text", "quoted"),
    [('a"b', '"a\\"b"'), ("é“", '"é“"'), ("\xa0", '"\\u00a0"'), ("\n\x01", '"\\n\\x01"')],
)
def test_quote(text, quoted):
    """Texts are quoted as Go does."""
    assert quote(text) == quoted


def test_to_json():
    """JSON is written as Go does, which thinks of web pages."""
    assert to_json({"a": [1, "<&>"]}) == '{"a":[1,"\\u003c\\u0026\\u003e"]}'


# ----------------------------------------------------------------------------------------- Python


@pytest.mark.parametrize(
    ("make_workload", "message"),
    [
        pytest.param(
            lambda: Deployment("web", max_surge=0, max_unavailable=0),
            'The Deployment "web" is invalid: spec.strategy.rollingUpdate.maxUnavailable: '
            "Invalid value: 0: may not be 0 when `maxSurge` is 0",
            id="nothing could ever be replaced",
        ),
        pytest.param(
            lambda: Deployment("web", replicas=-1),
            'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: '
            "must be greater than or equal to 0",
            id="negative",
        ),
        pytest.param(
            lambda: Deployment("web", strategy="BlueGreen"),
            'The Deployment "web" is invalid: spec.strategy: Unsupported value: '
            '{"Type":"BlueGreen","RollingUpdate":{"MaxUnavailable":"25%","MaxSurge":"25%"}}: '
            'supported values: "Recreate", "RollingUpdate"',
            id="an unknown strategy",
        ),
        pytest.param(
            lambda: Deployment("web", min_ready_seconds=600),
            'The Deployment "web" is invalid: spec.progressDeadlineSeconds: Invalid value: 600: '
            "must be greater than minReadySeconds",
            id="a deadline that always passes",
        ),
        pytest.param(
            lambda: DaemonSet("agent", max_surge=1),
            'The DaemonSet "agent" is invalid: spec.updateStrategy.rollingUpdate.maxSurge: '
            "Invalid value: 1: may not be set when maxUnavailable is non-zero",
            id="surge beside unavailable",
        ),
        pytest.param(
            lambda: StatefulSet("db", partition=-1),
            'The StatefulSet "db" is invalid: spec.updateStrategy.rollingUpdate.partition: '
            "Invalid value: -1: must be greater than or equal to 0",
            id="a negative partition",
        ),
        pytest.param(
            lambda: Deployment("web", replicas="3"),
            "replicas='3' must be a whole number",
            id="a text for a number",
        ),
        pytest.param(
            lambda: Deployment("web", max_surge=0.25),
            'max_surge=0.25 must be a whole number or a percentage such as "25%"',
            id="a fraction for a percentage",
        ),
    ],
)
def test_python(make_workload, message):
    """A workload that the API server would refuse cannot be made in Python either."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make_workload()


@pytest.mark.parametrize("value", ["25", "-5%", "5.5%", "", "25 %"])
@pytest.mark.parametrize("field", ["max_surge", "max_unavailable"])
def test_no_percentage(field, value):
    """A text that is no percentage is refused, with the field and the value."""
    with pytest.raises(Invalid) as caught:
        Deployment("web", **{field: value})
    (error,) = caught.value.errors
    assert error.field.lower().endswith(field.replace("_", ""))
    assert (error.value, "a valid percent string" in error.detail) == (value, True)


def test_rules_do_not_change_objects():
    """Looking at an object leaves it as it is."""
    obj = manifest.complete(make())
    before = copy.deepcopy(obj)
    manifest.validate(obj, obj)
    assert obj == before
