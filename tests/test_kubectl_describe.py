"""Nodes and the namespace are described as far as the simulation knows them."""

import pytest

from rollnb import Cluster, DaemonSet, Node, StatefulSet
from rollnb.kubectl import describe, describe_any

NODE = """\
Name:               n1
Roles:              worker
Labels:             disk=ssd
                    kubernetes.io/hostname=n1
                    node-role.kubernetes.io/worker=
Annotations:        <none>
CreationTimestamp:  Thu, 01 Jan 2026 00:00:00 +0000
Taints:             <none>
Unschedulable:      false
Conditions:
  Type    Status  LastHeartbeatTime                 LastTransitionTime                Reason         Message
  ----    ------  -----------------                 ------------------                ------         -------
  Ready   True    Thu, 01 Jan 2026 00:00:00 +0000   Thu, 01 Jan 2026 00:00:00 +0000   KubeletReady   kubelet is posting ready status
Addresses:
  InternalIP:  192.168.0.1
  Hostname:    n1
Capacity:
  cpu:     2
  memory:  4Gi
  pods:    110
Allocatable:
  cpu:     2
  memory:  4Gi
  pods:    110
System Info:
  Kernel Version:             6.12.63+deb13-amd64
  OS Image:                   Debian GNU/Linux 13 (trixie)
  Operating System:           linux
  Architecture:               amd64
  Container Runtime Version:  containerd://2.2.1
  Kubelet Version:            v1.36.2
Non-terminated Pods:          (1 in total)
  Namespace                   Name     CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
  ---------                   ----     ------------  ----------  ---------------  -------------  ---
  default                     web-0    250m (12%)    1 (50%)     256Mi (6%)       1Gi (25%)      100s
Allocated resources:
  (Total limits may be over 100 percent, i.e., overcommitted.)
  Resource           Requests    Limits
  --------           --------    ------
  cpu                250m (12%)  1 (50%)
  memory             256Mi (6%)  1Gi (25%)
  ephemeral-storage  0 (0%)      0 (0%)
Events:              <none>
"""  # noqa: E501 as wide as kubectl's


def settled(*nodes):
    """Return a cluster in which one pod has been running for 100 s."""
    cluster = Cluster(nodes=nodes)
    with cluster.instantly():
        cluster.apply(StatefulSet("web", image="web:1", cpu=0.25, memory=256 * 2**20))
        cluster.kubectl("set resources sts web --limits=cpu=1,memory=1Gi")
    cluster.wait(100)
    return cluster


def test_node():
    """A node is shown with its room, and with what its pods take of it."""
    labels = {"node-role.kubernetes.io/worker": "", "disk": "ssd"}
    cluster = settled(Node("n1", cpu=2, memory=4 * 2**30, pods=110, labels=labels))
    assert cluster.kubectl("describe node n1").stdout == NODE


def test_node_with_room_for_any_pods():
    """Where there is no limit, none is shown, and pods take none of it."""
    output = settled(Node("n1")).kubectl("describe node n1")
    assert "Capacity" not in output
    assert "  default                     web-0    250m (0%)     1 (0%) " in output


def test_node_without_ended_pods():
    """A pod that has ended, or is on another node, takes nothing."""
    node, pod = (settled(Node("n1")).list(kind)[0] for kind in ("Node", "Pod"))
    ended = [{**pod, "status": {"phase": phase}} for phase in ("Failed", "Succeeded")]
    elsewhere = {**pod, "spec": {**pod["spec"], "nodeName": "n2"}}
    text = describe.describe(node, {"Pod": [*ended, pod, elsewhere]}, 0.0)
    assert "Non-terminated Pods:          (1 in total)" in text


def test_namespace():
    """The namespace is as old as the cluster."""
    cluster = Cluster(start=-30.0, namespace="shop")
    cluster.wait(70)
    assert cluster.kubectl("get ns").stdout == ("NAME   STATUS   AGE\nshop   Active   70s\n")
    assert cluster.kubectl("describe ns shop").stdout == (
        "Name:         shop\nLabels:       kubernetes.io/metadata.name=shop\n"
        "Annotations:  <none>\nStatus:       Active\n\n"
        "No resource quota.\n\nNo LimitRange resource.\n"
    )


REVISION = """\
Name:         web-0
Namespace:    default
Labels:       app=web
              controller-revision-hash=0
Annotations:  <none>
API Version:  apps/v1
Data:
  Spec:
    Template:
      $patch:  replace
      Metadata:
        Labels:
          App:  web
      Spec:
        Containers:
          Image:              web:1
          Image Pull Policy:  IfNotPresent
          Name:               web
          Resources:
          Termination Message Path:    /dev/termination-log
          Termination Message Policy:  File
        Dns Policy:                    ClusterFirst
        Restart Policy:                Always
        Scheduler Name:                default-scheduler
        Security Context:
        Termination Grace Period Seconds:  30
Kind:                                      ControllerRevision
Metadata:
  Creation Timestamp:  2026-01-01T00:00:00Z
  Owner References:
    API Version:           apps/v1
    Block Owner Deletion:  true
    Controller:            true
    Kind:                  DaemonSet
    Name:                  web
    UID:                   1
  Resource Version:        1
  UID:                     1
Revision:                  1
Events:                    <none>
"""


def test_revision():
    """A kind without a describer of its own is shown with all its fields, by their names."""
    cluster = Cluster()
    with cluster.instantly():
        cluster.apply(DaemonSet("web", image="web:1"))
    (revision,) = cluster.list("ControllerRevision")
    labels = {**revision["metadata"]["labels"], "controller-revision-hash": "0"}
    (owner,) = revision["metadata"]["ownerReferences"]
    metadata = {**revision["metadata"], "name": "web-0", "labels": labels, "annotations": {}}
    metadata |= {"uid": "1", "resourceVersion": "1", "ownerReferences": [{**owner, "uid": "1"}]}
    assert describe.describe({**revision, "metadata": metadata}, {}, 0.0) == REVISION


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("apiVersion", "API Version"),
        ("uid", "UID"),
        ("clusterIP", "Cluster IP"),
        ("hostIPs", "Host I Ps"),
        ("$patch", "$patch"),
        ("app.kubernetes.io/name", "app.kubernetes.io/name"),
        ("pod-name", "Pod - Name"),
    ],
)
def test_field_label(field, label):
    """A field's name is shown in words, unless it has signs that no word has."""
    assert describe_any.field_label(field) == label


ENVIRONMENT = {
    "envFrom": [
        {"configMapRef": {"name": "conf"}},
        {"secretRef": {"name": "pass", "optional": True}, "prefix": "P_"},
    ],
    "env": [
        {"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "ROOM", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "a"}}},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "pass", "key": "b"}}},
        {"name": "TEXT", "value": "one\ntwo"},
    ],
}


@pytest.mark.parametrize(
    ("what", "me", "room"),
    [
        pytest.param("pod web-0", "web-0 ", "default ", id="a pod has the values of two fields"),
        pytest.param("sts web", "", "", id="a template has none"),
    ],
)
def test_environment(what, me, room):
    """Variables are listed with where they come from, in kubectl's words."""
    cluster = Cluster()
    with cluster.instantly():
        cluster.apply(StatefulSet("web", image="web:1", replicas=0))
        stored = cluster.get("StatefulSet", "web")
        stored["spec"]["replicas"] = 1
        stored["spec"]["template"]["spec"]["containers"][0] |= ENVIRONMENT
        cluster.update(stored)
    listed = cluster.kubectl(f"describe {what}").split("Environment Variables from:\n")[1]
    lines = [" ".join(line.split()) for line in listed.split("    Mounts:")[0].splitlines()]
    assert lines == [
        "conf ConfigMap Optional: false",
        "pass Secret with prefix 'P_' Optional: true",
        "Environment:",
        f"ME: {me}(v1:metadata.name)",
        f"ROOM: {room}(v1:metadata.namespace)",
        "IP: (v1:status.podIP)",
        "A: <set to the key 'a' of config map 'conf'> Optional: false",
        "B: <set to the key 'b' in secret 'pass'> Optional: false",
        "TEXT: one",
        "two",
    ]
