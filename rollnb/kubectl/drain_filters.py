"""Which pods of a node ``kubectl drain`` takes away, and why it leaves others.

Follows ``kubectl/pkg/drain/filters.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rollnb.cluster import NotFound
from rollnb.kubectl.flags import Arguments
from rollnb.kubectl.resources import BY_KIND, controller_of, list_objects
from rollnb.validation import quote

Object = dict[str, Any]

POD = BY_KIND["Pod"]


class Verdict(NamedTuple):
    """What becomes of a pod on a node that is drained: it goes, or it stays for a reason."""

    goes: bool
    warning: str = ""
    error: str = ""


def judge(cluster: Any, pod: Object, args: Arguments) -> Verdict:
    """Say whether a pod may be evicted.

    Notes
    -----
    ``makeFilters`` (``kubectl/pkg/drain/filters.go``): of warnings the last filter's is left.
    """
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return Verdict(True)
    owner = controller_of(pod)
    if owner and owner["kind"] == "DaemonSet":
        try:
            cluster.get("DaemonSet", owner["name"])
        except NotFound:
            if not args["force"]:
                return Verdict(False, error=f"daemonsets.apps {quote(owner['name'])} not found")
        else:
            if args["ignore-daemonsets"]:
                return Verdict(False, "ignoring DaemonSet-managed Pods")
            fatal = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
            return Verdict(False, error=fatal)
    volumes = pod["spec"].get("volumes") or ()
    has_local_storage = any(volume.get("emptyDir") is not None for volume in volumes)
    if has_local_storage and not args["delete-emptydir-data"]:
        fatal = "Pods with local storage (use --delete-emptydir-data to override)"
        return Verdict(False, error=fatal)
    if owner:
        return Verdict(True)
    if args["force"]:
        return Verdict(True, "deleting Pods that declare no controller")
    fatal = "Pods that declare no controller (use --force to override)"
    return Verdict(False, error=fatal)


class Choice(NamedTuple):
    """The pods of a node that go; warnings about others; and errors, for which none may go."""

    pods: list[Object]
    warnings: list[str]
    errors: list[str]


def choose_pods(cluster: Any, node: str, args: Arguments) -> Choice:
    """Look at the pods of a node that the flags of ``kubectl drain`` select."""
    pods = []
    warnings: dict[str, list[str]] = {}
    errors: dict[str, list[str]] = {}
    for pod in list_objects(cluster, POD, args["pod-selector"], f"spec.nodeName={node}"):
        verdict = judge(cluster, pod, args)
        for texts, text in ((warnings, verdict.warning), (errors, verdict.error)):
            if text:
                texts.setdefault(text, []).append(full_name(pod))
        if verdict.goes:
            pods.append(pod)
    return Choice(
        pods,
        [f"{text}: {', '.join(names)}" for text, names in warnings.items()],
        [f"cannot delete {text}: {', '.join(names)}" for text, names in errors.items()],
    )


def full_name(pod: Object) -> str:
    """Return a pod's namespace and name."""
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
