"""ConfigMaps, Secrets and the like are kept, listed, described and deleted."""

import pytest

from rollnb import Cluster

APP = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: shop}
data: {LOG: debug, two: "a\\nb"}
---
apiVersion: v1
kind: Secret
metadata: {name: pw, namespace: shop}
data: {user: YWRtaW4=}
stringData: {password: s3cret}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: shop, namespace: shop}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""

NAMES = (
    "namespace/shop",
    "configmap/conf",
    "secret/pw",
    "serviceaccount/shop",
    "persistentvolumeclaim/data",
)


@pytest.fixture
def cluster():
    """Return a cluster that has the application's objects for 5 s."""
    cluster = Cluster()
    cluster.kubectl("apply -f -", stdin=APP)
    cluster.wait(5)
    return cluster


def lines(*words):
    """Return a line for each object, with what was done."""
    return "".join(f"{name} {word}\n" for name, word in zip(NAMES, words, strict=True))


def test_apply():
    """All are created; plain text of a Secret makes the next apply send it again."""
    cluster = Cluster()
    output = cluster.kubectl("apply -f -", stdin=APP)
    assert (output.stdout, output.stderr) == (lines(*["created"] * 5), "")
    output = cluster.kubectl("apply -f -", stdin=APP)
    words = ["unchanged", "unchanged", "configured", "unchanged", "unchanged"]
    assert (output.stdout, output.stderr) == (lines(*words), "")


def test_apply_a_change(cluster):
    """What is left out of the file goes, as with other objects."""
    changed = APP.replace('LOG: debug, two: "a\\nb"', "LOG: info")
    assert "configmap/conf configured\n" in cluster.kubectl("apply -f -", stdin=changed).stdout
    assert cluster.get("ConfigMap", "conf")["data"] == {"LOG": "info"}


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        ("ns", "NAME      STATUS   AGE\ndefault   Active   5s\nshop      Active   5s\n"),
        ("cm", "NAME   DATA   AGE\nconf   2      5s\n"),
        ("secret", "NAME   TYPE     DATA   AGE\npw     Opaque   2      5s\n"),
        ("sa", "NAME   SECRETS   AGE\nshop   0         5s\n"),
    ],
)
def test_get(cluster, kind, table):
    """Each kind has its table, by its short name."""
    assert cluster.kubectl(f"get {kind}").stdout == table


def test_claim(cluster):
    """A claim is bound to a volume as large as asked for, so that a pod may use it."""
    claim = cluster.get("PersistentVolumeClaim", "data")
    volume = f"pvc-{claim['metadata']['uid']}"
    assert cluster.kubectl("get pvc -o wide").stdout.splitlines()[1].split() == [
        *("data", "Bound", volume, "1Gi", "RWO", "standard", "<unset>", "5s", "Filesystem")
    ]
    described = cluster.kubectl("describe pvc data").stdout
    assert f"Status:        Bound\nVolume:        {volume}\n" in described
    assert "Capacity:      1Gi\nAccess Modes:  RWO\n" in described
    assert "Used By:       <none>\n" in described


def test_describe_config_map(cluster):
    """A ConfigMap shows its texts."""
    assert cluster.kubectl("describe cm").stdout == (
        "Name:         conf\nNamespace:    default\nLabels:       <none>\n"
        "Annotations:  <none>\n\nData\n====\nLOG:\n----\ndebug\n\ntwo:\n----\na\nb\n\n\n"
        "BinaryData\n====\n\nEvents:  <none>\n"
    )


def test_describe_secret(cluster):
    """A Secret shows how long its texts are, not what they say."""
    assert cluster.kubectl("describe secret").stdout == (
        "Name:         pw\nNamespace:    default\nLabels:       <none>\n"
        "Annotations:  <none>\n\nType:  Opaque\n\nData\n====\npassword:  6 bytes\n"
        "user:      5 bytes\n"
    )


def test_describe_service_account(cluster):
    """A ServiceAccount shows the Secrets that it pulls images with."""
    described = cluster.kubectl("describe sa shop").stdout
    assert "Image pull secrets:  <none>\n" in described


def test_secret_is_stored_in_base64(cluster):
    """Plain text is stored as if it had been given in base64."""
    secret = cluster.get("Secret", "pw")
    assert secret["data"] == {"user": "YWRtaW4=", "password": "czNjcmV0"}
    assert "stringData" not in secret


@pytest.mark.parametrize(
    ("kind", "data", "error"),
    [
        pytest.param(
            "ConfigMap",
            "{port: 80}",
            "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
            id="a number in a ConfigMap",
        ),
        pytest.param(
            "Secret",
            "{password: s3cret}",
            "illegal base64 data at input byte 4",
            id="plain text under data",
        ),
        pytest.param(
            "Secret", "{p: a.bc}", "illegal base64 data at input byte 1", id="no letter of base64"
        ),
        pytest.param(
            "Secret",
            "{port: 80}",
            "json: cannot unmarshal number into Go struct field Secret.data of type []uint8",
            id="a number in a Secret",
        ),
    ],
)
def test_wrong_data(kind, data, error):
    """What cannot be stored is refused in the API server's words."""
    text = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: x}}\ndata: {data}\n"
    output = Cluster().kubectl("apply -f x.yaml", files={"x.yaml": text})
    assert output.stderr.splitlines()[0] == (
        'Error from server (BadRequest): error when creating "x.yaml": '
        f'{kind} in version "v1" cannot be handled as a {kind}: {error}'
    )


def test_wrong_name():
    """Names are looked at, as those of workloads are."""
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: My_Conf}\n"
    output = Cluster().kubectl("apply -f -", stdin=text)
    assert 'The ConfigMap "My_Conf" is invalid: metadata.name: Invalid value' in output.stderr


def test_patch_of_data(cluster):
    """A patch of data is a change; the same one again is none."""
    line = """patch cm conf -p '{"data":{"LOG":"warn"}}'"""
    assert str(cluster.kubectl(line)) == "configmap/conf patched"
    assert str(cluster.kubectl(line)) == "configmap/conf patched (no change)"


def test_delete(cluster):
    """What was applied can be deleted by the same file."""
    output = cluster.kubectl("delete -f -", stdin=APP)
    assert output.stdout.splitlines()[:2] == [
        'namespace "shop" deleted',
        'configmap "conf" deleted from default namespace',
    ]
    assert output.stderr == "rollnb: all objects are in namespace default: they stay\n"
    assert cluster.kubectl("get cm,secret,sa,pvc -o name").stdout == ""
    assert cluster.kubectl("get ns -o name").stdout == "namespace/default\n"


def test_create_namespace():
    """A namespace can be made by its name, once."""
    cluster = Cluster()
    assert str(cluster.kubectl("create ns shop")) == "namespace/shop created"
    assert cluster.kubectl("create namespace shop").stderr == (
        'Error from server (AlreadyExists): namespaces "shop" already exists\n'
    )


def test_own_namespace_stays(cluster):
    """The namespace that everything is in cannot be deleted."""
    assert cluster.kubectl("delete ns default").stderr == (
        'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may '
        "not be deleted\n"
    )


def test_claims_of_a_stateful_set():
    """What a StatefulSet claims for each pod is described, though no claims are made."""
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    labels = {"app": "db"}
    obj = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "db", "image": "db:1"}]},
            },
            "volumeClaimTemplates": [claim],
        },
    }
    cluster = Cluster()
    cluster.apply(obj)
    described = cluster.kubectl("describe sts db").stdout
    assert (
        "Volume Claims:\n"
        "  Name:          data\n"
        "  StorageClass:  \n"
        "  Labels:        <none>\n"
        "  Annotations:   <none>\n"
        "  Capacity:      1Gi\n"
        "  Access Modes:  [ReadWriteOnce]\n"
    ) in described
