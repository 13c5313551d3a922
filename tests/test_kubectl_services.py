"""Services and their endpoints, as kubectl shows and makes them."""

import json

import pytest

from rollnb import Cluster, Image, Node, StatefulSet

SHOP = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {type: NodePort, selector: {app: shop}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - {name: shop, image: "shop:1", ports: [{containerPort: 8080, name: http}]}
"""


def play(text=SHOP, **arguments):
    """Apply a manifest and wait until its pods are ready."""
    cluster = Cluster(**arguments)
    cluster.kubectl("apply -f -", stdin=text)
    cluster.wait(5)
    return cluster


def test_describe_service():
    """All that kubectl says of a Service; a named port leads to the container's."""
    cluster = play()
    spec = cluster.get("Service", "shop")["spec"]
    ip, node_port = spec["clusterIP"], spec["ports"][0]["nodePort"]
    assert cluster.kubectl("describe svc shop").stdout == (
        f"""\
Name:                     shop
Namespace:                default
Labels:                   <none>
Annotations:              <none>
Selector:                 app=shop
Type:                     NodePort
IP Family Policy:         SingleStack
IP Families:              IPv4
IP:                       {ip}
IPs:                      {ip}
Port:                     <unset>  80/TCP
TargetPort:               http/TCP
NodePort:                 <unset>  {node_port}/TCP
Endpoints:                10.244.0.1:8080,10.244.0.2:8080
Session Affinity:         None
External Traffic Policy:  Cluster
Internal Traffic Policy:  Cluster
Events:                   <none>
"""
    )


def test_address_stays():
    """A Service keeps its addresses, whatever else changes in it."""
    cluster = play()
    before = cluster.get("Service", "shop")["spec"]
    cluster.kubectl("label svc shop tier=front")
    cluster.kubectl("replace -f -", stdin=SHOP.split("---")[0])
    after = cluster.get("Service", "shop")["spec"]
    assert before == after
    first, second = (int(part) for part in before["clusterIP"].split(".")[:2])
    assert first == 10
    assert 96 <= second <= 111  # the default --service-cluster-ip-range
    assert 30000 <= before["ports"][0]["nodePort"] <= 32767


def test_no_address():
    """A headless Service has no address, and needs no ports."""
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {clusterIP: None}\n"
    cluster = play(text)
    assert cluster.kubectl("get svc").stdout.splitlines()[1].split()[:5] == [
        *("db", "ClusterIP", "None", "<none>", "<none>")
    ]
    assert cluster.list("EndpointSlice") == []  # it selects nothing


def test_get_endpoints():
    """The older object is still there, with a warning; terminating pods are not in it."""
    cluster = play(images=[Image("shop:1", ignores_sigterm=True)])
    cluster.kubectl("delete pod --all --wait=false")
    warning = (
        "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
    )
    output = cluster.kubectl("get ep")
    assert output.stderr == warning + "\n"
    assert output.stdout == "NAME   ENDPOINTS   AGE\nshop               5s\n"
    cluster.wait(5)
    assert cluster.kubectl("get endpoints").stdout.splitlines()[1].split() == [
        *("shop", "10.244.0.3:8080,10.244.0.4:8080", "10s")
    ]
    described = cluster.kubectl("describe ep shop")
    assert described.stderr == warning + "\n"
    assert "Addresses:          10.244.0.3,10.244.0.4\n" in described.stdout
    assert "NotReadyAddresses:  <none>\n" in described.stdout


def test_pods_that_are_not_ready():
    """They are in the slice, but nothing is sent to them."""
    cluster = play(images=[Image("shop:1", becomes_ready=False)])
    assert cluster.kubectl("get endpointslices").stdout.splitlines()[1].split()[1:4] == [
        *("IPv4", "8080", "10.244.0.1,10.244.0.2")
    ]
    described = cluster.kubectl("describe endpointslice").stdout
    assert "  - Addresses:  10.244.0.1\n    Conditions:\n      Ready:    false\n" in described
    assert "Endpoints:                \n" in cluster.kubectl("describe svc shop").stdout
    described = cluster.kubectl("describe ep").stdout
    assert "  NotReadyAddresses:  10.244.0.1,10.244.0.2\n" in described


def test_more_endpoints_than_are_shown():
    """Three are shown and the others counted."""
    cluster = play(SHOP.replace("replicas: 2", "replicas: 5"))
    first = ["10.244.0.1", "10.244.0.2", "10.244.0.3"]
    with_ports = ",".join(f"{address}:8080" for address in first) + " + 2 more..."
    assert with_ports in cluster.kubectl("get ep").stdout
    assert with_ports in cluster.kubectl("describe svc").stdout
    assert ",".join(first) + " + 2 more..." in cluster.kubectl("get endpointslice").stdout


# ----------------------------------------------------------------------------------------- expose


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "deploy shop",
            {"ports": [{"port": 8080, "protocol": "TCP", "targetPort": 8080}]},
            id="the container's port, without --port",
        ),
        pytest.param(
            "deploy shop --port=80 --target-port=http",
            {"ports": [{"port": 80, "protocol": "TCP", "targetPort": "http"}]},
            id="target by name",
        ),
        pytest.param(
            "deploy shop --port=80,81 --protocol=UDP",
            {
                "ports": [
                    {"name": "port-1", "port": 80, "protocol": "UDP", "targetPort": 80},
                    {"name": "port-2", "port": 81, "protocol": "UDP", "targetPort": 81},
                ]
            },
            id="several ports have names",
        ),
        pytest.param(
            "svc shop --port=443 --type=LoadBalancer --selector=app=other",
            {
                "ports": [{"port": 443, "protocol": "TCP", "targetPort": 443}],
                "selector": {"app": "other"},
                "type": "LoadBalancer",
            },
            id="another selector",
        ),
    ],
)
def test_expose(line, expected):
    """The Service selects the object's pods and has the ports that are asked for."""
    output = play().kubectl(f"expose {line} --name=x --dry-run=client -o json | jq -c .spec")
    assert output.stderr == ""
    spec = {"selector": {"app": "shop"}, **expected}
    assert json.loads(output.stdout) == spec


def test_expose_says_so():
    """The Service is made, has the labels of the object, and leads to its pods."""
    cluster = Cluster()
    cluster.kubectl("create deployment web --image=web:1")
    cluster.wait(5)
    assert str(cluster.kubectl("expose deployment web --port=80")) == "service/web exposed"
    assert cluster.get("Service", "web")["metadata"]["labels"] == {"app": "web"}
    assert "10.244.0.1:80" in cluster.kubectl("get ep web").stdout


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param(
            "deploy bare",
            "error: couldn't find port via --port flag or introspection\n"
            "See 'kubectl expose -h' for help and examples\n",
            id="no port",
        ),
        pytest.param("node n1", "error: cannot expose a Node\n", id="kind"),
        pytest.param("sts db --port=80", "error: cannot expose a StatefulSet.apps\n", id="group"),
        pytest.param(
            "deploy nope --port=80",
            'Error from server (NotFound): deployments.apps "nope" not found\n',
            id="not there",
        ),
        pytest.param(
            "deploy shop --port=80",
            'Error from server (AlreadyExists): services "shop" already exists\n',
            id="there already",
        ),
        pytest.param(
            "deploy shop --port=http --name=x",
            'error: strconv.Atoi: parsing "http": invalid syntax\n',
            id="port",
        ),
    ],
)
def test_expose_refuses(line, error):
    """What cannot be exposed is said in kubectl's words."""
    cluster = play(nodes=[Node("n1")])
    cluster.apply(StatefulSet("db", image="db:1"))
    cluster.kubectl("create deployment bare --image=web:1")
    assert cluster.kubectl(f"expose {line}").stderr == error


def test_watch_of_endpoints():
    """A watch of endpoints has a row for each change, also of what is made and goes meanwhile."""
    cluster = play(images=[Image("shop:1", stop_seconds=1)])
    watched = {
        kind: cluster.kubectl(f"get {kind} -w --no-headers", background=True)
        for kind in ("ep", "endpointslices")
    }
    cluster.kubectl("scale deploy shop --replicas=1")
    cluster.wait(2)
    cluster.kubectl("expose deploy shop --name=other --port=80")
    cluster.wait(0)
    cluster.kubectl("delete svc other")
    cluster.wait(60)
    first, second = (f"10.244.0.{n}" for n in (1, 2))
    (left,) = [pod["status"]["podIP"] for pod in cluster.list("Pod")]
    rows = [line.split()[:2] for line in watched["ep"].stdout.splitlines()]
    assert rows == [
        ["shop", f"{first}:8080,{second}:8080"],
        ["shop", f"{left}:8080"],
        ["other", f"{left}:80"],
        ["other", f"{left}:80"],
    ]
    # In a slice, a terminating pod stays until it has ended.
    slices = [line.split()[3] for line in watched["endpointslices"].stdout.splitlines()]
    assert slices == [f"{first},{second}"] * 2 + [left] * 3


def test_looks_at_endpoints():
    """Endpoints are made anew when an address comes or goes, once for all pods of an instant."""
    cluster = play(SHOP.replace("replicas: 2", "replicas: 20"))
    looks, find = [], cluster.list
    cluster.list = lambda kind: looks.append((kind, cluster.now)) or find(kind)
    cluster.kubectl("get ep -w", background=True)
    del looks[:]
    cluster.kubectl("label pod --all tier=front")
    cluster.wait(0.5)
    cluster.kubectl("annotate pod --all note=nothing")
    cluster.wait(0.5)
    cluster.kubectl("scale deploy shop --replicas=30")
    cluster.wait(30)
    at = [time for kind, time in looks if kind == "Endpoints"]
    assert sorted(set(at)) == at == [5, 6, 8]  # the labels, and twice the ten new pods


def test_watch_of_endpoints_that_are_ready_no_more():
    """A row follows when pods are not ready any more, and when one is not selected any more."""
    cluster = play(images=[Image("shop:1", unready_after_seconds=10)])
    watch = cluster.kubectl("get ep -w --no-headers", background=True)
    slices = cluster.kubectl("get endpointslice -w --no-headers", background=True)
    cluster.wait(10)
    cluster.kubectl(f"label pod {cluster.list('Pod')[0]['metadata']['name']} app-")
    cluster.wait(0)
    for lines in (watch.lines, slices.lines):
        assert [time for time, line in lines if "Warning" not in line] == [5, 12, 15]


def test_watch_of_endpoints_that_has_ended():
    """Nobody is told after the end of a watch, not even of the same instant."""
    cluster, told = play(), []
    end = cluster.watch(lambda *write: told.append(write[1]), endpoints=["Endpoints"])
    cluster.delete("Service", "shop")
    end()
    cluster.wait(10)
    assert told == ["Service"]


@pytest.mark.parametrize(
    ("line", "now"),
    [
        ("wait ep/shop --for=jsonpath='{.subsets[0].addresses[0].ip}'", 7.0),
        ("wait --for=create ep/shop endpoints/later --timeout=60s", 9.0),
        ("wait --for=delete ep/shop", 12.0),
    ],
)
def test_wait_for_endpoints(line, now):
    """What endpoints come to can be waited for, and so can their coming and going."""
    cluster = play("---".join(SHOP.split("---")[:1]))
    cluster.run(5)
    cluster.kubectl("apply -f -", stdin=SHOP)
    job = cluster.kubectl(line, background=True)
    cluster.run(9)
    cluster.kubectl("expose deploy shop --name=later --port=80")
    cluster.run(12)
    cluster.kubectl("delete svc shop")
    cluster.run(20)
    assert (job.exit, job.exit_at) == (0, now)
