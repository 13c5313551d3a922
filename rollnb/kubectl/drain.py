"""``kubectl cordon``, ``uncordon`` and ``drain``.

Follows ``kubectl/pkg/cmd/drain/drain.go`` and ``kubectl/pkg/drain`` (Kubernetes 1.36). Nothing
holds up an eviction here, so that it is a deletion.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from rollnb.cluster import NotFound
from rollnb.kubectl.flags import DRY_RUN, Arguments, Flag
from rollnb.kubectl.output import error
from rollnb.kubectl.resources import BY_KIND, controller_of, get_object, list_objects
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.wait import Gone
from rollnb.kubectl.writing import dry_run_suffix, say, write
from rollnb.validation import quote

Object = dict[str, Any]

NODE, POD = BY_KIND["Node"], BY_KIND["Pod"]
_CORDON = {"selector": Flag("", "l"), **DRY_RUN}
FLAGS = {
    "cordon": _CORDON,
    "uncordon": _CORDON,
    "drain": {
        **_CORDON,
        "delete-emptydir-data": Flag(False),
        "force": Flag(False),
        "grace-period": Flag(-1),
        "ignore-daemonsets": Flag(False),
        "pod-selector": Flag(""),
        "timeout": Flag("0s"),
    },
}


def cordon(session: Session, args: Arguments) -> None:
    """Let no new pods come to nodes."""
    _cordon(session, args, "cordon", True)


def uncordon(session: Session, args: Arguments) -> None:
    """Let new pods come to nodes again."""
    _cordon(session, args, "uncordon", False)


def drain(session: Session, args: Arguments) -> Drain:
    """Cordon nodes and evict their pods, and wait until these are gone."""
    return Drain(session, args, _cordon(session, args, "drain", True))


def _cordon(session: Session, args: Arguments, command: str, unschedulable: bool) -> list[str]:
    """Say of nodes whether new pods may come; return their names."""
    see = f"\nSee 'kubectl {command} -h' for help and examples"
    selector = args["selector"]
    if not args.words and not selector:
        raise error(f"USAGE: {command} NODE [flags]{see}")
    if args.words and selector:
        raise error(f"cannot specify both a node name and a --selector option{see}")
    cluster, names = session.cluster, [word.rpartition("/")[2] for word in args.words]
    nodes = [get_object(cluster, NODE, name) for name in names]
    nodes += list_objects(cluster, NODE, selector) if selector else []
    done = "cordoned" if unschedulable else "uncordoned"
    for node in nodes:
        if node["spec"].get("unschedulable", False) == unschedulable:
            say(session, args, NODE, node, f"already {done}")
        else:
            changed = copy.deepcopy(node)
            changed["spec"]["unschedulable"] = unschedulable
            write(session, args, NODE, node, changed, done)
    return [node["metadata"]["name"] for node in nodes]


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
    fatal = "cannot delete Pods that declare no controller (use --force to override)"
    return Verdict(False, error=fatal)


class Drain(Gone):
    """Evicts the pods of one node after the other, and waits until they are gone."""

    def __init__(self, session: Session, args: Arguments, nodes: list[str]) -> None:
        super().__init__(session.cluster, session.printer, [], said="evicted")
        self._args = args
        self._nodes = nodes
        self._timeout = read_timeout(args["timeout"])
        self._failed: list[tuple[str, list[str]]] = []
        self._suffix = dry_run_suffix(args)

    def begin(self) -> None:
        """Go on with the next node, up to one whose pods take time to go."""
        while self._nodes:
            pods, errors = self._choose()
            if errors:
                self._give_up(errors)
            elif pods:
                return self._evict(pods)
            else:
                self._drained()
        return self._end()

    def _choose(self) -> tuple[list[Object], list[str]]:
        """Return the pods that go from the first node, and what keeps it from being drained."""
        args = self._args
        on_node = f"spec.nodeName={self._nodes[0]}"
        pods = []
        warnings: dict[str, list[str]] = {}
        errors: dict[str, list[str]] = {}
        for pod in list_objects(self.cluster, POD, args["pod-selector"], on_node):
            verdict = judge(self.cluster, pod, args)
            for texts, text in ((warnings, verdict.warning), (errors, verdict.error)):
                if text:
                    texts.setdefault(text, []).append(_full_name(pod))
            if verdict.goes:
                pods.append(pod)
        if warnings and not errors:
            said = "; ".join(f"{text}: {', '.join(names)}" for text, names in warnings.items())
            self.printer.err(f"Warning: {said}")
        return pods, [
            f"cannot delete {text.removeprefix('cannot delete ')}: {', '.join(names)}"
            for text, names in errors.items()
        ]

    def _evict(self, pods: list[Object]) -> None:
        for pod in pods:
            self.printer.out(f"evicting pod {_full_name(pod)}{self._suffix}")
        if self._suffix:
            return self.all_gone()
        self.deadline = self.cluster.now + self._timeout
        self.wait_for([(POD, pod) for pod in pods])
        grace = self._args["grace-period"]
        for pod in pods:
            name = pod["metadata"]["name"]
            self.cluster.delete("Pod", name, grace if grace >= 0 else None)
        return None

    def all_gone(self) -> None:
        """Go on with the next node."""
        self._drained()
        self.begin()

    def time_out(self) -> None:
        """Give a node up at ``--timeout``, and go on with the next."""
        names = [name for _, name in self._left]
        namespace = self.cluster.namespace
        errors = [
            f"error when waiting for pod {quote(name)} in namespace {quote(namespace)} to "
            "terminate: context deadline exceeded"
            for name in names
        ]
        node = quote(self._nodes[0])
        said = f"There are pending pods in node {node} when an error occurred: {_in_one(errors)}"
        self.printer.err("\n".join([said, *(f"pod/{name}" for name in names)]))
        self.wait_for([])
        self._give_up(errors)
        self.begin()

    def _drained(self) -> None:
        self.printer.out(f"{NODE.named(self._nodes.pop(0))} drained{self._suffix}")

    def _give_up(self, errors: list[str]) -> None:
        node = self._nodes.pop(0)
        self._failed.append((node, errors))
        self.printer.err(
            f"error: unable to drain node {quote(node)} due to error: {_in_one(errors)}, "
            "continuing command..."
        )

    def _end(self) -> None:
        if not self._failed:
            return self.finish(0)
        nodes = [f" {node}" for node, _ in self._failed]
        self.printer.err("\n".join(["There are pending nodes to be drained:", *nodes]))
        found = [errors for _, errors in self._failed]
        return self.finish(1, "\n".join(found[0] if len(found) == 1 else map(_in_one, found)))


def _full_name(pod: Object) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def _in_one(errors: list[str]) -> str:
    """Return several errors as one; ``NewAggregate`` (``apimachinery/pkg/util/errors``)."""
    return errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
