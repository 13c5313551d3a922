"""``kubectl drain``: evicts the pods of nodes, as far as their budgets let them go.

Follows ``kubectl/pkg/cmd/drain/drain.go`` and ``kubectl/pkg/drain`` (Kubernetes 1.36).
"""

from __future__ import annotations

import math
from typing import Any

from rollnb.cluster import EvictionRefused, NotFound
from rollnb.kubectl import cordon
from rollnb.kubectl.ages import go_duration
from rollnb.kubectl.cordon import NODE
from rollnb.kubectl.drain_filters import POD, choose_pods, full_name
from rollnb.kubectl.flags import Arguments, Flag
from rollnb.kubectl.session import Session, read_timeout
from rollnb.kubectl.wait import Gone
from rollnb.kubectl.waiting import QUIET_SECONDS, is_quiet
from rollnb.kubectl.writing import dry_run_suffix
from rollnb.validation import quote

Object = dict[str, Any]

#: After so long, kubectl asks again for an eviction that has been refused.
RETRY_SECONDS = 5
#: The code of such a refusal.
TOO_MANY_REQUESTS = 429

FLAGS = {
    **cordon.FLAGS,
    "delete-emptydir-data": Flag(False),
    "disable-eviction": Flag(False),
    "force": Flag(False),
    "grace-period": Flag(-1),
    "ignore-daemonsets": Flag(False),
    "pod-selector": Flag(""),
    "timeout": Flag("0s"),
}


def drain(session: Session, args: Arguments) -> Drain:
    """Cordon nodes and evict their pods, and wait until these are gone."""
    return Drain(session, args, cordon.set_unschedulable(session, args, "drain", True))


class Drain(Gone):
    """Evicts the pods of one node after the other, and waits until they are gone."""

    def __init__(self, session: Session, args: Arguments, nodes: list[str]) -> None:
        said = "deleted" if args["disable-eviction"] else "evicted"
        super().__init__(session.cluster, session.printer, [], said=said)
        self._args = args
        self._nodes = nodes
        self._timeout = read_timeout(args["timeout"])
        self._refused: list[Object] = []  # pods that a budget does not let go yet
        self._errors: list[str] = []  # of the node that is drained now
        self._has_expired = False
        self._failed: list[tuple[str, list[str]]] = []
        self._suffix = dry_run_suffix(args)
        self._grace = args["grace-period"] if args["grace-period"] >= 0 else None

    def begin(self) -> None:
        """Go on with the next node, up to one whose pods take time to go."""
        while self._nodes:
            chosen = choose_pods(self.cluster, self._nodes[0], self._args)
            if chosen.errors:
                self._give_up(chosen.errors)
                continue
            if chosen.warnings:
                self.printer.err(f"Warning: {'; '.join(chosen.warnings)}")
            if chosen.pods:
                return self._remove(chosen.pods)
            self._drained()
        return self._end()

    def _remove(self, pods: list[Object]) -> None:
        """Evict pods, or delete them without asking; ``DeleteOrEvictPods``."""
        self.deadline = self.cluster.now + self._timeout
        self._has_expired = False
        self._errors = []
        self.wait_for([(POD, pod) for pod in pods])
        asks = not self._args["disable-eviction"]
        if self._suffix and not (asks and self._args["dry-run"] == "server"):
            self._say_evicting(pods)
            self._left.clear()
            self.all_gone()
        elif not asks:
            for pod in pods:
                self.cluster.delete("Pod", pod["metadata"]["name"], self._grace)
        else:
            self._left.clear()
            self._evict(pods)

    def _say_evicting(self, pods: list[Object]) -> None:
        for pod in pods:
            self.printer.out(f"evicting pod {full_name(pod)}{self._suffix}")

    def _evict(self, pods: list[Object]) -> None:
        """Ask for the eviction of pods, and plan to ask again for those refused; ``evictPods``."""
        self._say_evicting(pods)
        for pod in pods:
            self._ask(pod)
        if self._refused:
            self.cluster.call_at(self.cluster.now + RETRY_SECONDS, self._ask_again)
        if not self._left:
            self.all_gone()

    def _ask(self, pod: Object) -> None:
        """Ask for the eviction of a pod; it is waited for if it is evicted."""
        name, namespace = (pod["metadata"][key] for key in ("name", "namespace"))
        about = f"error when evicting pods/{quote(name)} -n {quote(namespace)}"
        dry_run = self._args["dry-run"] == "server"
        if self._has_expired:
            timeout = go_duration(self._timeout)
            self._errors.append(f"{about}: global timeout reached: {timeout}")
            return
        try:
            # By name: a StatefulSet's pod that has come back under it, be it elsewhere, is asked
            # for as the one before was (``EvictPod``).
            uid = self.cluster.get("Pod", name)["metadata"]["uid"]
            self.cluster.evict(name, self._grace, dry_run=dry_run)
            if not dry_run:
                self._left[POD.kind, name] = uid
        except NotFound:
            pass  # somebody else has deleted it
        except EvictionRefused as refused:
            if refused.code == TOO_MANY_REQUESTS:
                self.printer.err(f"{about} (will retry after {RETRY_SECONDS}s): {refused}")
                self._refused.append(pod)
            else:
                self._errors.append(f"{about}: {refused}")

    def _ask_again(self) -> None:
        self.check_deadline()
        if self.exit is None:
            pods, self._refused = self._refused, []
            self._evict(pods)

    def all_gone(self) -> None:
        """Go on with the next node, unless pods of this one are to be asked for again."""
        if self._refused:
            return
        if self._errors:
            self._fail()
        else:
            self._drained()
        self.begin()

    def time_out(self) -> None:
        """Give up the pods that are waited for; those refused are at the next attempt."""
        self.deadline = math.inf
        self._has_expired = True
        late = "context deadline exceeded"
        namespace = quote(self.cluster.namespace)
        if self._args["disable-eviction"]:
            self._errors.append(late)
        else:
            self._errors += [
                f"error when waiting for pod {quote(name)} in namespace {namespace} to "
                f"terminate: {late}"
                for _, name in self._left
            ]
        self._left.clear()
        self.all_gone()

    def patience(self) -> float:
        """Return after how long without a write a budget that refuses will not change its mind."""
        rests = bool(self._refused) and is_quiet(self.cluster)
        return QUIET_SECONDS if rests else super().patience()

    def nothing_left(self) -> None:
        """End a wait that would never end."""
        if self._left:
            super().nothing_left()
        else:
            name = self._refused[0]["metadata"]["name"]
            self.finish(1, f"rollnb: pod {name!r} may never be evicted: stopped waiting")

    def _fail(self) -> None:
        """Give a node up whose pods have not all gone; ``deleteOrEvictPodsSimple``."""
        pods = choose_pods(self.cluster, self._nodes[0], self._args).pods
        if pods:
            error, node = _in_one(self._errors), quote(self._nodes[0])
            said = f"There are pending pods in node {node} when an error occurred: {error}"
            names = [f"pod/{pod['metadata']['name']}" for pod in pods]
            self.printer.err("\n".join([said, *names]))
        self._give_up(self._errors)

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


def _in_one(errors: list[str]) -> str:
    """Return several errors as one; ``NewAggregate`` (``apimachinery/pkg/util/errors``)."""
    return errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
