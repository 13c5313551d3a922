"""What ``kubectl describe`` lists of Services and of their endpoints.

Follows their describers in ``kubectl/pkg/describe/describe.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from typing import Any

from rollnb.kubectl.metadata import head_lines, own_labels_lines
from rollnb.kubectl.resources import format_labels

Object = dict[str, Any]
Objects = list[Object]

#: So many endpoints are shown on one line.
MOST = 3


def describe_service(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of a Service."""
    spec, name = obj["spec"], obj["metadata"]["name"]
    slices = [
        one
        for one in others.get("EndpointSlice", ())
        if (one["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == name
    ]
    lines = [
        *head_lines(obj),
        *own_labels_lines(obj),
        f"Selector:\t{format_labels(spec.get('selector'))}",
        f"Type:\t{spec.get('type') or 'ClusterIP'}",
    ]
    if spec.get("ipFamilyPolicy"):
        lines.append(f"IP Family Policy:\t{spec['ipFamilyPolicy']}")
    lines += [
        f"IP Families:\t{','.join(spec.get('ipFamilies') or ()) or '<none>'}",
        f"IP:\t{spec.get('clusterIP') or ''}",
        f"IPs:\t{','.join(spec.get('clusterIPs') or ()) or '<none>'}",
    ]
    if spec.get("externalIPs"):
        lines.append(f"External IPs:\t{','.join(spec['externalIPs'])}")
    if spec.get("externalName"):
        lines.append(f"External Name:\t{spec['externalName']}")
    for port in spec.get("ports") or ():
        lines += _port(port, slices)
    lines.append(f"Session Affinity:\t{spec.get('sessionAffinity') or 'None'}")
    for title in ("External", "Internal"):
        if policy := spec.get(f"{title.lower()}TrafficPolicy"):
            lines.append(f"{title} Traffic Policy:\t{policy}")
    return lines


def _port(port: Object, slices: Objects) -> list[str]:
    protocol, name = port.get("protocol") or "TCP", port.get("name") or "<unset>"
    target = port.get("targetPort") or port.get("port")
    lines = [f"Port:\t{name}\t{port.get('port')}/{protocol}", f"TargetPort:\t{target}/{protocol}"]
    if port.get("nodePort"):
        lines.append(f"NodePort:\t{name}\t{port['nodePort']}/{protocol}")
    return [*lines, f"Endpoints:\t{_endpoints(slices, port.get('name') or '')}"]


def _endpoints(slices: Objects, port_name: str) -> str:
    """Return the addresses that a port leads to, the first three of them.

    Notes
    -----
    ``formatEndpointSlices``: one that is not ready counts for nothing, but to say that there are
    more than three; so it says ``+ 0 more...``.
    """
    if not slices:
        return "<none>"
    shown: list[str] = []
    count, more = 0, False
    for one in slices:
        for port in one.get("ports") or ():
            if port.get("name", "") != port_name:
                continue
            for endpoint in one.get("endpoints") or ():
                more = more or len(shown) == MOST
                if not (endpoint.get("conditions") or {}).get("ready", True):
                    continue
                if not more:
                    shown.append(f"{endpoint['addresses'][0]}:{port['port']}")
                count += 1
    return ",".join(shown) + (f" + {count - MOST} more..." if more else "")


def describe_endpoint_slice(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of an EndpointSlice."""
    lines = [*head_lines(obj), *own_labels_lines(obj), f"AddressType:\t{obj['addressType']}"]
    lines += _ports_lines(obj.get("ports"), "  ") or ["Ports: <unset>"]
    endpoints = obj.get("endpoints") or ()
    lines.append("Endpoints:" if endpoints else "Endpoints: <none>")
    for endpoint in endpoints:
        ready = (endpoint.get("conditions") or {}).get("ready")
        target = endpoint.get("targetRef") or {}
        lines += [
            f"  - Addresses:\t{', '.join(endpoint['addresses'])}",
            "    Conditions:",
            f"      Ready:\t{'<unset>' if ready is None else str(ready).lower()}",
            "    Hostname:\t<unset>",
            *([f"    TargetRef:\t{target['kind']}/{target['name']}"] if target else []),
            f"    NodeName:\t{endpoint.get('nodeName') or '<unset>'}",
            "    Zone:\t<unset>",
        ]
    return lines


def describe_endpoints(obj: Object, others: dict[str, Objects], now: float) -> list[str]:
    """List what there is to know of an Endpoints object."""
    lines = [*head_lines(obj), *own_labels_lines(obj), "Subsets:"]
    for subset in obj.get("subsets") or ():
        for title, field in (
            ("Addresses", "addresses"),
            ("NotReadyAddresses", "notReadyAddresses"),
        ):
            shown = ",".join(address["ip"] for address in subset.get(field) or ())
            lines.append(f"  {title}:\t{shown or '<none>'}")
        lines += [*_ports_lines(subset.get("ports"), "    ", "  "), ""]
    return lines


def _ports_lines(ports: Objects | None, indent: str, outer: str = "") -> list[str]:
    if not ports:
        return []
    rows = [("Name", "Port", "Protocol"), ("----", "----", "--------")]
    rows += [(p.get("name") or "<unset>", str(p["port"]), p.get("protocol", "TCP")) for p in ports]
    return [f"{outer}Ports:", *(indent + "\t".join(row) for row in rows)]


def endpoints_cell(obj: Object) -> str:
    """Return the addresses of an Endpoints object as one cell; ``formatEndpoints``."""
    if not obj.get("subsets"):
        return "<none>"
    addresses = [
        f"{address['ip']}:{port['port']}"
        for subset in obj["subsets"]
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
    ]
    more = len(addresses) - MOST
    return ",".join(addresses[:MOST]) + (f" + {more} more..." if more > 0 else "")
