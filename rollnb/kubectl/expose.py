"""``kubectl expose``: a Service for the pods of an object.

Follows ``kubectl/pkg/cmd/expose/expose.go``, ``kubectl/pkg/generate/versioned/service.go`` and
``kubectl/pkg/polymorphichelpers`` (Kubernetes 1.36).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rollnb.kubectl.flags import FILES, OUTPUT, RECORD, Arguments, Flag
from rollnb.kubectl.manifests import create_object, with_last_applied
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.resources import BY_KIND, Resource
from rollnb.kubectl.session import Session

Object = dict[str, Any]

FLAGS = {
    **FILES,
    **OUTPUT,
    **RECORD,
    "save-config": Flag(False),
    "name": Flag(""),
    "port": Flag(""),
    "target-port": Flag(""),
    "protocol": Flag(""),
    "type": Flag(""),
    "selector": Flag(""),
    "labels": Flag("", "l"),
    "cluster-ip": Flag(""),
    "external-ip": Flag(""),
    "session-affinity": Flag(""),
}

#: What can be exposed, and where its pod template is.
_EXPOSED = ("Service", "Pod", "Deployment", "ReplicaSet")
#: The longest name of a Service.
_LONGEST_NAME = 63


def expose(session: Session, args: Arguments) -> None:
    """Make a Service in front of the pods of a Deployment, ReplicaSet, Pod or Service."""
    anywhere = replace(args, flags={**args.flags, "selector": ""})  # that is the Service's
    for resource, obj in session.select(args.words, anywhere):
        if resource.kind not in _EXPOSED:
            group = f".{resource.group}" if resource.group else ""
            raise error(f"cannot expose a {resource.kind}{group}")
        service = _service(args, resource, obj)
        if args["save-config"]:
            service = with_last_applied(service, session.cluster.namespace)
        create_object(session, args, "", BY_KIND["Service"], service, "exposed")


def _service(args: Arguments, resource: Resource, obj: Object) -> Object:
    """Return the Service; ``generateService``."""
    selector = _pairs(args["selector"], "selector") or _selector(resource, obj)
    labels = _pairs(args["labels"], "labels") or dict(obj["metadata"].get("labels") or {})
    metadata: Object = {"name": args["name"] or obj["metadata"]["name"][:_LONGEST_NAME]}
    if labels:
        metadata["labels"] = labels
    spec: Object = {"ports": _ports(args, resource, obj), "selector": selector}
    for flag, field in (
        ("type", "type"),
        ("cluster-ip", "clusterIP"),
        ("session-affinity", "sessionAffinity"),
    ):
        if args[flag]:
            spec[field] = args[flag]
    if args["external-ip"]:
        spec["externalIPs"] = [args["external-ip"]]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def _usage(problem: str) -> Failure:
    return error(f"{problem}\nSee 'kubectl expose -h' for help and examples")


def _pairs(text: str, what: str) -> dict[str, str]:
    """Read ``app=web,tier=front``; ``ParseLabels``."""
    pairs = dict(pair.partition("=")[::2] for pair in text.split(",") if pair)
    if not all(pair.count("=") for pair in text.split(",") if pair):
        raise error(f"unexpected {what} spec: {text}")
    return pairs


def _selector(resource: Resource, obj: Object) -> dict[str, str]:
    """Return the labels that the object's pods have; ``MapBasedSelectorForObject``."""
    retrieving = "couldn't retrieve selectors via --selector flag or introspection: "
    if resource.kind == "Pod":
        labels = obj["metadata"].get("labels")
        problem = "the pod has no labels and cannot be exposed"
    elif resource.kind == "Service":
        labels = obj["spec"].get("selector")
        problem = "the service has no pod selector set"
    else:
        selector = obj["spec"]["selector"]
        labels = None if selector.get("matchExpressions") else selector.get("matchLabels")
        problem = "couldn't convert expressions to map-based selector format"
    if not labels:
        raise _usage(retrieving + problem)
    return dict(labels)


def _ports(args: Arguments, resource: Resource, obj: Object) -> list[Object]:
    """Return the Service's ports: those asked for, or all that the object has."""
    own = _own_ports(resource, obj)
    asked = [_number(text) for text in args["port"].split(",") if text]
    numbers = asked or list(own)
    if not numbers and args["cluster-ip"] != "None":
        raise _usage("couldn't find port via --port flag or introspection")
    ports = []
    for i, number in enumerate(numbers, 1):
        target = args["target-port"] or str(number)
        port: Object = {"name": f"port-{i}"} if len(numbers) > 1 else {}
        ports.append(
            port
            | {
                "port": number,
                "protocol": args["protocol"] or own.get(number) or "TCP",
                "targetPort": int(target) if target.isdigit() else target,
            }
        )
    return ports


def _own_ports(resource: Resource, obj: Object) -> dict[int, str]:
    """Return the protocol of each port; ``PortsForObject`` and ``ProtocolsForObject``."""
    if resource.kind == "Service":
        ports, field = obj["spec"].get("ports") or (), "port"
    else:
        pod = obj if resource.kind == "Pod" else obj["spec"]["template"]
        containers = pod["spec"].get("containers") or ()
        ports = [port for container in containers for port in container.get("ports") or ()]
        field = "containerPort"
    return {port[field]: port.get("protocol", "TCP") for port in ports}


def _number(text: str) -> int:
    if not text.isdigit():
        raise error(f'strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)
