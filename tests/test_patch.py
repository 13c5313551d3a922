"""Patches: from the text after ``-p`` to the changed object."""

import copy
import re

import pytest

from rollnb import manifest, patch
from rollnb.manifest import ManifestError
from rollnb.patch import PatchError

WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}, "finalizers": ["a", "b"]},
    "spec": {
        "replicas": 3,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "web:v1",
                        "ports": [{"containerPort": 80}, {"containerPort": 81}],
                        "args": ["a", "b"],
                        "env": [{"name": "X", "value": "1"}],
                    },
                    {"name": "side", "image": "side:v1"},
                ]
            }
        },
    },
}


def pods(spec):
    """Return a patch of the pod template's spec."""
    return {"spec": {"template": {"spec": spec}}}


def containers(obj):
    """Return the names and images of an object's containers."""
    return [(c["name"], c["image"]) for c in obj["spec"]["template"]["spec"]["containers"]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            [{"name": "side", "image": "side:v2"}],
            [("web", "web:v1"), ("side", "side:v2")],
            id="merged by name",
        ),
        pytest.param(
            [{"name": "new", "image": "new:v1"}],
            [("new", "new:v1"), ("web", "web:v1"), ("side", "side:v1")],
            id="a new one comes first",
        ),
        pytest.param(
            [{"$patch": "delete", "name": "side"}], [("web", "web:v1")], id="deleted by name"
        ),
        pytest.param(
            [{"name": "new", "image": "new:v1"}, {"$patch": "replace"}],
            [("new", "new:v1")],
            id="the whole list replaced",
        ),
    ],
)
def test_containers(body, expected):
    """Containers are one by their name."""
    assert containers(patch.strategic_merge(WEB, pods({"containers": body}))) == expected


def test_order():
    """A patch may say in which order a list is to be."""
    order = [{"name": "side"}, {"name": "web"}]
    changed = patch.strategic_merge(WEB, pods({"$setElementOrder/containers": order}))
    assert containers(changed) == [("side", "side:v1"), ("web", "web:v1")]


def test_lists_within_containers():
    """Ports and variables are merged by their keys, arguments are replaced."""
    change = {
        "name": "web",
        "ports": [{"containerPort": 80, "name": "http"}],
        "env": [{"name": "X", "value": "2"}],
        "args": ["c"],
    }
    web = patch.strategic_merge(WEB, pods({"containers": [change]}))["spec"]["template"]["spec"]
    assert web["containers"][0] == {
        "name": "web",
        "image": "web:v1",
        "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 81}],
        "args": ["c"],
        "env": [{"name": "X", "value": "2"}],
    }


@pytest.mark.parametrize(
    ("body", "strategy"),
    [
        pytest.param(
            {"rollingUpdate": {"maxUnavailable": 0}},
            {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            id="fields merged",
        ),
        pytest.param(
            {"type": "Recreate", "rollingUpdate": None}, {"type": "Recreate"}, id="null deletes"
        ),
        pytest.param(
            {"$retainKeys": ["type"], "type": "Recreate"}, {"type": "Recreate"}, id="keys retained"
        ),
        pytest.param(
            {"$retainKeys": ["type"], "type": "Recreate", "rollingUpdate": None},
            {"type": "Recreate"},
            id="keys retained, and one of the others deleted",
        ),
        pytest.param(
            {"$patch": "replace", "type": "Recreate"}, {"type": "Recreate"}, id="replace"
        ),
        pytest.param({"$patch": "delete"}, {}, id="delete"),
    ],
)
def test_strategy(body, strategy):
    """Structs are merged, unless the patch says otherwise."""
    changed = patch.strategic_merge(WEB, {"spec": {"strategy": body}})
    assert changed["spec"]["strategy"] == strategy


def test_texts():
    """Lists of texts are merged as sets, and texts can be taken out."""
    added = patch.strategic_merge(WEB, {"metadata": {"finalizers": ["c"]}})
    gone = patch.strategic_merge(WEB, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}})
    assert set(added["metadata"]["finalizers"]) == {"a", "b", "c"}
    assert gone["metadata"]["finalizers"] == ["b"]


def test_nothing_is_changed_in_place():
    """The object and the patch stay as they are."""
    before, body = copy.deepcopy(WEB), pods({"containers": [{"name": "web", "image": "v2"}]})
    for way in (patch.strategic_merge, patch.merge):
        way(WEB, body)["spec"]["template"]["spec"]["containers"].clear()
    assert (before, body) == (WEB, pods({"containers": [{"name": "web", "image": "v2"}]}))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (pods({"containers": [{"image": "x"}]}), "does not contain declared merge key: name"),
        ({"spec": {"$patch": "remove"}}, "unknown patch type found: remove"),
        ({"spec": {"$retainKeys": [], "replicas": 1}}, "invalid patch format of retainKeys"),
    ],
)
def test_strategic_merge_refused(body, message):
    """A patch that cannot be carried out says why."""
    with pytest.raises(PatchError, match=message):
        patch.strategic_merge(WEB, body)


@pytest.mark.parametrize(
    ("obj", "body", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"a": "foo"}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ],
)
def test_merge(obj, body, expected):
    """The examples of RFC 7386."""
    assert patch.merge(obj, body) == expected


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "add", "path": "/c", "value": 1}, {"a": [1, 2], "b": {"x/y": 0}, "c": 1}),
        ({"op": "add", "path": "/a/1", "value": 9}, {"a": [1, 9, 2], "b": {"x/y": 0}}),
        ({"op": "add", "path": "/a/-", "value": 9}, {"a": [1, 2, 9], "b": {"x/y": 0}}),
        ({"op": "remove", "path": "/a/0"}, {"a": [2], "b": {"x/y": 0}}),
        ({"op": "replace", "path": "/a/0", "value": 9}, {"a": [9, 2], "b": {"x/y": 0}}),
        ({"op": "replace", "path": "/b/x~1y", "value": 9}, {"a": [1, 2], "b": {"x/y": 9}}),
        ({"op": "move", "from": "/a/0", "path": "/c"}, {"a": [2], "b": {"x/y": 0}, "c": 1}),
        ({"op": "copy", "from": "/a/0", "path": "/c"}, {"a": [1, 2], "b": {"x/y": 0}, "c": 1}),
        ({"op": "test", "path": "/a", "value": [1, 2]}, {"a": [1, 2], "b": {"x/y": 0}}),
    ],
)
def test_json_patch(operation, expected):
    """Each operation of RFC 6902."""
    assert patch.json_patch({"a": [1, 2], "b": {"x/y": 0}}, [operation]) == expected


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/c"},
        {"op": "replace", "path": "/c", "value": 1},
        {"op": "add", "path": "/c/d", "value": 1},
        {"op": "add", "path": "/a/5", "value": 1},
        {"op": "test", "path": "/a", "value": []},
        {"op": "swap", "path": "/a"},
        {},
        None,
        {"op": "add", "path": "a", "value": 1},
    ],
)
def test_json_patch_refused(operation):
    """An operation that cannot be carried out undoes the others."""
    obj = {"a": [1, 2]}
    with pytest.raises(PatchError):
        patch.json_patch(obj, [{"op": "add", "path": "/b", "value": 1}, operation])
    assert obj == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("text", "type", "message"),
    [
        pytest.param(
            "spec:\n\treplicas: 1",
            "strategic",
            'error: unable to parse "spec:\\n\\treplicas: 1": '
            "yaml: line 2: found character that cannot start any token",
            id="a tab",
        ),
        pytest.param(
            "spec: {replicas: 1",
            "merge",
            'error: unable to parse "spec: {replicas: 1": '
            "yaml: line 1: did not find expected ',' or '}'",
            id="an open brace",
        ),
        pytest.param(
            "{spec}",
            "strategic",
            "Error from server (BadRequest): invalid character 's' looking for beginning of "
            "object key string",
            id="what begins like JSON is sent as it is",
        ),
        pytest.param(
            '{"spec": 1',
            "strategic",
            "Error from server (BadRequest): unexpected end of JSON input",
            id="JSON without end",
        ),
        pytest.param(
            "replicas",
            "strategic",
            "Error from server (BadRequest): json: cannot unmarshal string into Go value of type "
            "map[string]interface {}",
            id="a word",
        ),
        pytest.param(
            '{"spec": {}}',
            "json",
            "Error from server (BadRequest): json: cannot unmarshal object into Go value of type "
            "jsonpatch.Patch",
            id="no operations",
        ),
        pytest.param(
            "[1]",
            "json",
            "Error from server (BadRequest): json: cannot unmarshal number into Go value of type "
            "jsonpatch.Operation",
            id="a number among the operations",
        ),
    ],
)
def test_read_refused(text, type, message):
    """A text that is no patch is refused by whoever notices first, kubectl or the API server."""
    with pytest.raises(ManifestError) as caught:
        patch.read(text, type)
    assert caught.value.kubectl() == message


@pytest.mark.parametrize(
    ("text", "type", "body"),
    [
        ("\n  spec:\n    replicas: 010\n", "strategic", {"spec": {"replicas": 8}}),
        ('{"spec": {"replicas": 3}}', "merge", {"spec": {"replicas": 3}}),
        ('[{"op": "remove", "path": "/a"}]', "json", [{"op": "remove", "path": "/a"}]),
        ("- op: remove\n  path: /a\n", "json", [{"op": "remove", "path": "/a"}]),
    ],
)
def test_read(text, type, body):
    """A patch is written in YAML or JSON."""
    assert patch.read(text, type) == body


# -------------------------------------------------------------------------------- kubectl apply


def make(**spec):
    """Return a Deployment as one would write it."""
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}} | {
        "spec": spec
    }


def images(**by_name):
    """Return a pod template with these containers."""
    return {"spec": {"containers": [{"name": n, "image": i} for n, i in by_name.items()]}}


@pytest.mark.parametrize(
    ("last", "wanted", "live", "expected"),
    [
        pytest.param(
            make(replicas=5),
            make(),
            make(replicas=5),
            {"spec": {"replicas": None}},
            id="taken out",
        ),
        pytest.param(make(), make(), make(replicas=6), {}, id="never had, so left alone"),
        pytest.param(
            make(replicas=1),
            make(replicas=2),
            make(replicas=6),
            {"spec": {"replicas": 2}},
            id="changed",
        ),
        pytest.param(
            make(template=images(a="v1", b="v1")),
            make(template=images(a="v2", c="v1")),
            make(template=images(a="v1", b="v1", z="v1")),
            {
                "spec": {
                    "template": {
                        "spec": {
                            "$setElementOrder/containers": [{"name": "a"}, {"name": "c"}],
                            "containers": [
                                {"name": "a", "image": "v2"},
                                {"name": "c", "image": "v1"},
                                {"$patch": "delete", "name": "b"},
                            ],
                        }
                    }
                }
            },
            id="a list by its key: changed, new, taken out, someone else's",
        ),
        pytest.param(
            make(strategy={"type": "RollingUpdate"}),
            make(strategy={"type": "Recreate"}),
            make(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}),
            {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
            id="what was defaulted for another type goes",
        ),
    ],
)
def test_three_way(last, wanted, live, expected):
    """The patch of ``kubectl apply`` has what changed, and what was taken out of the file."""
    assert patch.three_way(last, wanted, live) == expected


def test_three_way_to_another_type():
    """A file may go from one type of strategy to the other, and take the settings out."""
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 2}}
    last, wanted = make(strategy=rolling), make(strategy={"type": "Recreate"})
    changed = patch.strategic_merge(last, patch.three_way(last, wanted, last))
    assert changed["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize(
    ("item", "shown"),
    [({"image": "v2"}, "map[image:v2]"), ("a", "a"), ({}, "map[]")],
)
def test_three_way_without_a_key(item, shown):
    """An item of a list that is merged by a key must have it."""
    live = make(template=images(a="v1"))
    wanted = make(template={"spec": {"containers": [item]}})
    message = f"map: {shown} does not contain declared merge key: name"
    with pytest.raises(PatchError, match=re.escape(message)):
        patch.three_way(live, wanted, live)


def test_three_way_carried_out():
    """Applied, the file's fields are there, in the file's order, beside those of others."""
    last, wanted = make(template=images(a="v1", b="v1")), make(template=images(c="v1", a="v2"))
    live = make(replicas=6, template=images(a="v1", b="v1", z="v1"))
    changed = patch.strategic_merge(live, patch.three_way(last, wanted, live))
    assert containers(changed) == [("c", "v1"), ("a", "v2"), ("z", "v1")]
    assert changed["spec"]["replicas"] == 6


def test_applied_twice():
    """Applying a stored object's own manifest changes nothing."""
    written = manifest.render(manifest.parse(manifest.complete(make(template=images(web="v1")))))
    stored = manifest.admit(written)
    assert patch.three_way(written, written, stored) == {}
