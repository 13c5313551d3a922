"""``kubectl set`` changes containers, and says of whom it found none."""

import pytest

from rollnb import Cluster, Container, Deployment


@pytest.fixture
def cluster():
    """A Deployment of two containers, which is complete."""
    cluster = Cluster()
    containers = (Container("web", "web:1"), Container("log", "log:1"))
    with cluster.instantly():
        cluster.apply(Deployment("web", replicas=2, containers=containers))
    return cluster


def resources(cluster):
    """Return what each container may take."""
    containers = cluster.get("Deployment", "web")["spec"]["template"]["spec"]["containers"]
    return {container["name"]: container["resources"] for container in containers}


UPDATED = "deployment.apps/web resource requirements updated\n"


def test_resources(cluster):
    """Limits and requests are set in all containers, and roll the pods once."""
    line = "set resources deploy web --limits=cpu=200m,memory=512Mi --requests=cpu=0.1"
    assert cluster.kubectl(line).stdout == UPDATED
    limits = {"cpu": "200m", "memory": "512Mi"}
    both = {"limits": limits, "requests": {"cpu": "100m", "memory": "512Mi"}}
    assert resources(cluster) == {"web": both, "log": both}
    cluster.wait(0)
    assert len(cluster.list("ReplicaSet")) == 2
    again = cluster.kubectl(line)
    assert (again.stdout, again.exit) == ("", 0)  # nothing has changed
    more = "set resources deploy web -c w* --requests=memory=0.25Gi"
    assert cluster.kubectl(more).stdout == UPDATED
    assert resources(cluster)["web"]["requests"] == {"cpu": "100m", "memory": "256Mi"}
    assert resources(cluster)["log"] == both


def test_resources_dry_run(cluster):
    """A dry run shows what would be, and changes nothing."""
    output = cluster.kubectl(
        "set resources deploy/web --limits=cpu=1 --dry-run=client -o "
        "jsonpath={.spec.template.spec.containers[0].resources.limits.cpu}"
    )
    assert (output.stdout, resources(cluster)["web"]) == ("1", {})


@pytest.mark.parametrize(
    ("flags", "stderr"),
    [
        (
            "",
            "error: you must specify an update to requests or limits (in the form of "
            "--requests/--limits)",
        ),
        ("--limits=cpu", "error: Invalid argument syntax cpu, expected <resource>=<value>"),
        ("--limits=cpu=much", "error: quantities must match the regular expression "),
        ("--limits=cpu=1 -c nobody", "error: unable to find container named nobody"),
        (
            "--limits=cpu=1 --requests=cpu=2 -c web",
            'The Deployment "web" is invalid: spec.template.spec.containers[0].resources.requests'
            ': Invalid value: "2": must be less than or equal to cpu limit of 1',
        ),
    ],
)
def test_resources_refused(cluster, flags, stderr):
    """What cannot be set is an error, and nothing is set."""
    output = cluster.kubectl(f"set resources deploy web {flags}")
    assert output.stderr.startswith(stderr)
    assert (output.stdout, output.exit) == ("", 1)
    assert resources(cluster) == {"web": {}, "log": {}}


def test_env(cluster):
    """Variables are set and removed in the containers named, and listed."""
    cluster.kubectl("set env deploy/web A=1 B=2")
    cluster.kubectl("set env deploy/web A- -c l*")
    listed = "# Deployment web, container web\nA=1\nB=2\n# Deployment web, container log\nB=2\n"
    assert cluster.kubectl("set env deploy/web --list").stdout == listed
    cluster.kubectl("set env deploy/web B=3 --list")  # shows what would be
    output = cluster.kubectl("set env deploy/web C=3 -c nobody")
    assert (output.stdout, output.stderr, output.exit) == (
        "",
        'warning: Deployment/web does not have any containers matching "nobody"\n',
        0,
    )
    assert cluster.kubectl("set env deploy/web --list").stdout == listed


def test_env_from_elsewhere(cluster):
    """A variable that comes from elsewhere is listed with its source."""
    where = '{"fieldRef":{"fieldPath":"spec.nodeName"}}'
    env = f'[{{"name":"NODE","valueFrom":{where}}}]'
    patch = f"spec: {{template: {{spec: {{containers: [{{name: web, env: {env}}}]}}}}}}"
    cluster.kubectl(f"patch deploy web -p '{patch}'")
    output = cluster.kubectl("set env deploy/web --list -c web")
    assert output.stdout == (
        "# Deployment web, container web\n# NODE from field path spec.nodeName\n"
    )


def test_no_pod_template(cluster):
    """An object without a pod template is named, with its type."""
    cluster.kubectl("apply -f -", stdin=SERVICE)
    output = cluster.kubectl("set image svc/web web=web:2")
    assert (output.stdout, output.stderr) == (
        "",
        "error: services/web the object is not a pod or does not have a pod template: "
        "*v1.Service\n",
    )


SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    "spec: {selector: {app: web}, ports: [{port: 80}]}\n"
)
