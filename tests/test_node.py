"""What a node is, and which of its taints a pod does not mind."""

import re
from dataclasses import replace

import pytest

from rollnb import Deployment, Node, Taint, Toleration
from rollnb.node import UNSCHEDULABLE

GPU = Taint("gpu", "NoSchedule", "a100")


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        pytest.param(Toleration("gpu", value="a100"), True, id="key and value"),
        pytest.param(Toleration("gpu", "Equal", "a100"), True, id="which is what Equal means"),
        pytest.param(Toleration("gpu"), False, id="another value"),
        pytest.param(Toleration("gpu", "Exists"), True, id="whatever the value"),
        pytest.param(Toleration("disk", "Exists"), False, id="another key"),
        pytest.param(Toleration(operator="Exists"), True, id="whatever the key"),
        pytest.param(Toleration("gpu", "Exists", effect="NoSchedule"), True, id="the effect"),
        pytest.param(Toleration("gpu", "Exists", effect="NoExecute"), False, id="another effect"),
    ],
)
def test_tolerates(toleration, expected):
    """What a toleration leaves open fits any taint, but an open value only an empty one."""
    assert toleration.tolerates(GPU) == expected


def test_cordoned():
    """A node has the taint that says so for as long as it is cordoned, whatever is written."""
    node = Node("a", taints=[GPU], unschedulable=True)
    assert node.taints == (GPU, UNSCHEDULABLE)
    assert replace(node, unschedulable=False).taints == (GPU,)
    assert Node("a", taints=[replace(UNSCHEDULABLE, value="x")]).taints == ()


def test_hostname():
    """Its name is one of a node's labels."""
    hostname = {"kubernetes.io/hostname": "a"}
    assert Node("a", labels={"disk": "ssd"}).labels == {"disk": "ssd"} | hostname
    assert Node("a").labels == hostname


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda: Node("a", taints=[Taint("gpu", "Never"), Taint("", "NoExecute")]),
            'The Node "a" is invalid: \n'
            '* metadata.taints[0].effect: Unsupported value: "Never": supported values: '
            '"NoSchedule", "PreferNoSchedule", "NoExecute"\n'
            '* metadata.taints[1].key: Invalid value: "": name part must be non-empty\n'
            '* metadata.taints[1].key: Invalid value: "": name part must consist of',
            id="effect and key",
        ),
        pytest.param(
            lambda: Node("a", taints=[Taint("gpu", "NoSchedule", "x y")]),
            'The Node "a" is invalid: metadata.taints[0].value: Invalid value: "x y": a valid',
            id="value",
        ),
        pytest.param(
            lambda: Node("a", taints=[GPU, Taint("gpu", "NoSchedule")]),
            'The Node "a" is invalid: metadata.taints[1]: Duplicate value: {"Key":"gpu",'
            '"Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and '
            "effect pair",
            id="two of one key and effect",
        ),
        pytest.param(
            lambda: Node("a", taints=[Taint(5, "NoSchedule")]), "key=5 must be a text", id="text"
        ),
        pytest.param(
            lambda: Node("a", taints="gpu:NoSchedule"),
            "taints='gpu:NoSchedule' must be a list, such as [Taint('gpu:NoSchedule')]",
            id="as kubectl writes it",
        ),
        pytest.param(
            lambda: Node("a", unschedulable="yes"),
            "unschedulable='yes' must be True or False",
            id="yes as text",
        ),
        pytest.param(
            lambda: Toleration(),
            'The Toleration "" is invalid: toleration.operator: Invalid value: "": operator must '
            'be Exists when `key` is empty, which means "match all values and all keys"',
            id="nothing at all",
        ),
        pytest.param(
            lambda: Toleration("gpu", toleration_seconds=5),
            'The Toleration "gpu" is invalid: toleration.effect: Invalid value: "": effect must '
            "be 'NoExecute' when `tolerationSeconds` is set",
            id="seconds of another effect",
        ),
        pytest.param(
            lambda: Toleration("gpu", effect="NoExecute", toleration_seconds="5"),
            "toleration_seconds='5' must be a whole number of seconds",
            id="seconds as text",
        ),
        pytest.param(
            lambda: Deployment("web", image="a", tolerations=["gpu"]),
            "tolerations has 'gpu', which is no Toleration: write Toleration('gpu')",
            id="a key for a toleration",
        ),
    ],
)
def test_bad_values(make, message):
    """What the API server would refuse is refused in its words, what has no meaning in ours."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        make()
