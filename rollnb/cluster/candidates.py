"""Which of a ReplicaSet's ready pods go first, without looking at all of them.

Ready pods on one node that became ready and were created in the same seconds, and were restarted
as often, and cost as much to delete, differ in their unique ids alone. They form a class, which is
kept in that order; of each class only so many pods as shall go are compared, by the rules of
`rollnb.cluster.replicaset`.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush, nsmallest
from typing import Any

from rollnb.cluster.objects import Pod
from rollnb.cluster.replicaset import (
    deletion_cost,
    deletion_keys,
    most_restarts,
    whole_second,
)

Class = tuple[Any, ...]


def class_of(pod: Pod) -> Class:
    """Return all that decides about a ready pod, but for its unique id."""
    return (
        pod.node,
        whole_second(pod.ready_at),
        whole_second(pod.created_at),
        most_restarts(pod.containers),
        deletion_cost(pod.annotations) if pod.annotations else 0,
    )


class Candidates:
    """The ready pods of one ReplicaSet, by class and unique id."""

    __slots__ = ("_classes",)

    def __init__(self) -> None:
        self._classes: dict[Class, list[tuple[str, Pod]]] = {}

    def add(self, pod: Pod) -> None:
        """Take in a pod that has just become ready."""
        heappush(self._classes.setdefault(class_of(pod), []), (pod.uid, pod))

    def choose(
        self, related_on_node: Mapping[str | None, int], count: int, now: float
    ) -> list[Pod]:
        """Choose as `replicaset.pods_to_delete` does, if all pods are ready.

        Those that have left since are forgotten here.
        """
        found: list[Pod] = []
        for key, heap in list(self._classes.items()):
            first = []
            while heap and len(first) < count:
                entry = heappop(heap)
                pod = entry[1]
                twice = first and first[-1][1] is pod  # ready, not ready, ready within a second
                if (
                    pod.ready
                    and pod.is_active
                    and class_of(pod) == key
                    and not twice
                    and not pod.group.loose
                ):
                    first.append(entry)
            for entry in first:
                heappush(heap, entry)
            if not heap:
                del self._classes[key]
            found += [pod for _, pod in first]
        keys = deletion_keys(found, [related_on_node.get(pod.node, 0) for pod in found], now)
        return [found[i] for i in nsmallest(count, range(len(found)), key=keys.__getitem__)]
