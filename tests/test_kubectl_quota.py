"""``kubectl`` and ResourceQuotas: created, shown, changed and deleted."""

import pytest

from rollnb import Cluster, Deployment, Image, manifest
from rollnb.manifest.quantity import in_form_of

QUOTA = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: compute}
spec: {hard: {pods: 4, requests.cpu: 2, limits.memory: 1G, memory: 1Gi}}
"""


@pytest.fixture
def cluster():
    """Return a cluster with a quota and two pods, 5 s old."""
    cluster = Cluster()
    template = {"containers": [{"name": "web", "image": "web:v1", "resources": RESOURCES}]}
    labels = {"app": "web"}
    cluster.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": template},
            },
        }
    )
    cluster.kubectl("apply -f -", stdin=QUOTA)
    cluster.wait(5)
    return cluster


RESOURCES = {
    "requests": {"cpu": "250m", "memory": "64Mi"},
    "limits": {"memory": "128Mi"},
}


def test_get(cluster):
    """Requests and limits are columns of their own; the age comes last."""
    assert cluster.kubectl("get quota").stdout.splitlines() == [
        "NAME      REQUEST                                              "
        "LIMIT                     AGE",
        "compute   memory: 128Mi/1Gi, pods: 2/4, requests.cpu: 500m/2   "
        "limits.memory: 256Mi/1G   5s",
    ]
    assert str(cluster.kubectl("get resourcequotas -o name")) == "resourcequota/compute"


def test_describe(cluster):
    """What is used is shown in the form of the limit; a quota has no Events."""
    assert cluster.kubectl("describe quota").stdout == (
        "Name:          compute\n"
        "Namespace:     default\n"
        "Resource       Used       Hard\n"
        "--------       ----       ----\n"
        "limits.memory  268435456  1G\n"
        "memory         128Mi      1Gi\n"
        "pods           2          4\n"
        "requests.cpu   500m       2\n"
    )


@pytest.mark.parametrize(
    ("value", "other", "expected"),
    [
        ("1500m", "2", "1500m"),
        ("1500m", "2Ki", "2"),
        ("1Ki", "1k", "1024"),
        ("2048", "1Gi", "2Ki"),
    ],
)
def test_in_form_of(value, other, expected):
    """An amount in another form is a whole number, rounded up."""
    assert in_form_of(value, other) == expected


def test_describe_namespace(cluster):
    """A namespace shows its quotas."""
    described = cluster.kubectl("describe ns default").stdout
    assert (
        "\nResource Quotas\n"
        "  Name:          compute\n"
        "  Resource       Used   Hard\n"
        "  --------       ---    ---\n"
        "  limits.memory  256Mi  1G\n"
        "  memory         128Mi  1Gi\n"
        "  pods           2      4\n"
        "  requests.cpu   500m   2\n"
        "\nNo LimitRange resource.\n"
    ) in described
    cluster.kubectl("delete quota compute")
    assert "\nNo resource quota.\n" in cluster.kubectl("describe ns default").stdout


def test_yaml(cluster):
    """A quota as an object says what is limited, and what is used."""
    obj = manifest.read(cluster.kubectl("get quota compute -o yaml").stdout)[0]
    assert obj["status"] == {
        "hard": obj["spec"]["hard"],
        "used": {"pods": "2", "requests.cpu": "500m", "limits.memory": "256Mi", "memory": "128Mi"},
    }


def test_watch_has_news_only():
    """Of one pod less a watch has one row, and of what a quota does not limit none."""
    cluster = Cluster([Image("web:v1", stop_seconds=1)])
    cluster.apply(Deployment("web", replicas=2, image="web:v1"))
    for name, hard in (("running", "pods=4"), ("objects", "count/pods=4"), ("cpu", "cpu=1")):
        cluster.kubectl(f"create quota {name} --hard={hard}")
    cluster.wait(5)
    watch = cluster.kubectl("get quota -w --no-headers", background=True)
    cluster.kubectl("scale deployment web --replicas=1")
    cluster.wait(5)
    rows = [(time, *line.split()[:3]) for time, line in watch.lines[3:]]
    assert rows == [(6, "running", "pods:", "1/4"), (6, "objects", "count/pods:", "1/4")]


def test_watch(cluster):
    """Each pod that comes or goes is an update of the quota."""
    output = cluster.kubectl("get quota -w --no-headers", background=True)
    cluster.kubectl("scale deployment web --replicas=4")
    cluster.wait(1)
    shown = [line.split()[4] for line in output.stdout.splitlines()]
    assert shown == ["2/4,", "3/4,", "4/4,"]


def test_create():
    """A quota is made of its name and a list of limits, once."""
    cluster = Cluster()
    line = "create quota small --hard=pods=3,requests.cpu=0.5"
    assert str(cluster.kubectl(line)) == "resourcequota/small created"
    hard = cluster.get("ResourceQuota", "small")["spec"]["hard"]
    assert hard == {"pods": "3", "requests.cpu": "500m"}
    assert cluster.kubectl(line.replace("quota", "resourcequota", 1)).stderr == (
        'error: failed to create quota: resourcequotas "small" already exists\n'
    )


def test_create_without_limits():
    """A quota that limits nothing is one, too."""
    cluster = Cluster()
    cluster.kubectl("create quota any")
    cluster.apply(Deployment("web", replicas=2, image="web:v1"))
    cluster.wait(5)
    assert cluster.kubectl("get quota").stdout.splitlines()[1].split() == ["any", "5s"]
    assert len(cluster.list("Pod")) == 2


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param("", "error: exactly one NAME is required, got 0", id="no name"),
        pytest.param(
            "a --hard=pods",
            "error: Invalid argument syntax pods, expected <resource>=<value>",
            id="no amount",
        ),
        pytest.param(
            "a --hard=pods=ten",
            "error: quantities must match the regular expression "
            "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            id="no number",
        ),
        pytest.param(
            "a --hard=pods=1 --scopes=BestEffort",
            "rollnb: a quota that is for some of the pods only: leave its scopes out",
            id="scopes",
        ),
    ],
)
def test_create_errors(words, error):
    """What kubectl cannot read is refused in its words."""
    assert Cluster().kubectl(f"create quota {words}").stderr == f"{error}\n"


@pytest.mark.parametrize(
    ("hard", "errors"),
    [
        pytest.param(
            "{pod: 1}",
            [
                'spec.hard[pod]: Invalid value: "pod": must be a standard resource type or fully '
                "qualified",
                'spec.hard[pod]: Invalid value: "pod": must be a standard resource for quota',
            ],
            id="an unknown name",
        ),
        pytest.param(
            "{pods: -1}",
            ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
            id="less than nothing",
        ),
        pytest.param(
            "{pods: 1.5, count/pods: 500m, cpu: 1.5}",
            [
                'spec.hard[count/pods]: Invalid value: "500m": must be an integer',
                'spec.hard[pods]: Invalid value: "1500m": must be an integer',
            ],
            id="half a pod",
        ),
        pytest.param("{count/deployments.apps: 1, requests.example.com/gpu: 1}", [], id="good"),
        pytest.param("{hugepages-2Mi: 1Gi, limits.ephemeral-storage: 1.5}", [], id="good, too"),
    ],
)
def test_validation(hard, errors):
    """What may be limited, and by how much, is checked in the API server's words."""
    text = QUOTA[: QUOTA.index("spec")] + f"spec: {{hard: {hard}}}\n"
    stderr = Cluster().kubectl("apply -f -", stdin=text).stderr
    assert all(error in stderr for error in errors)
    assert stderr.count("Invalid value") == len(errors)


def test_no_amount():
    """What is null is an amount of zero."""
    cluster = Cluster()
    cluster.kubectl("apply -f -", stdin=QUOTA.replace("pods: 4", "pods: null"))
    assert cluster.get("ResourceQuota", "compute")["spec"]["hard"]["pods"] == "0"


def test_change(cluster):
    """Limits are patched, edited and applied; the same again is no change."""
    line = """patch quota compute -p '{"spec":{"hard":{"pods":"9"}}}'"""
    assert str(cluster.kubectl(line)) == "resourcequota/compute patched"
    assert str(cluster.kubectl(line)) == "resourcequota/compute patched (no change)"
    cluster.edit("quota/compute", lambda text: text.replace('pods: "9"', 'pods: "8"'))
    assert cluster.get("ResourceQuota", "compute")["spec"]["hard"]["pods"] == "8"
    applied = cluster.kubectl("apply -f -", stdin=QUOTA)
    assert str(applied) == "resourcequota/compute configured"
    assert cluster.get("ResourceQuota", "compute")["status"]["hard"]["pods"] == "4"


def test_delete(cluster):
    """A quota goes by its name."""
    deleted = cluster.kubectl("delete quota compute")
    assert str(deleted) == 'resourcequota "compute" deleted from default namespace'
    assert cluster.kubectl("get quota").stderr == "No resources found in default namespace.\n"
