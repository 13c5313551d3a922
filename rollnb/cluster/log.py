"""What happened, in columns of numbers: (time, what, group, pod, value).

A fact is one change of one pod, or of what is asked for. Frames are built from these columns
afterwards (`rollnb.timeline`), with vectorised sums; nothing is counted here.
"""

from __future__ import annotations

from array import array
from collections.abc import Set
from enum import IntEnum


class Fact(IntEnum):
    """What a row of the log says; `value` is given where a fact has one."""

    ASKED = 0  #: the workload asks for `value` replicas (group -1, pod -1)
    SCALED = 1  #: the group's ReplicaSet asks for `value` pods (pod -1)
    UPDATED = 2  #: the group is now the one the workload wants (pod -1)
    CREATED = 3
    SCHEDULED = 4
    STARTED = 5  #: the first container of the pod runs, after none did
    STOPPED = 6  #: no container of the pod runs any more
    READY = 7
    UNREADY = 8
    AVAILABLE = 9
    UNAVAILABLE = 10
    DELETED = 11  #: terminating from now on; `value`: `WAS_READY`, `WAS_AVAILABLE`
    GONE = 12  #: `value` is 1 if it was terminating


#: Bits of the value of DELETED: what the pod counted as until then.
WAS_READY, WAS_AVAILABLE = 1, 2


class Log:
    """Columns that only grow: one row per fact.

    ``times`` are seconds of the cluster's clock, in order; ``groups`` are `PodGroup.index`,
    ``pods`` are `Pod.index`; -1 where a fact is about neither.
    """

    __slots__ = ("facts", "groups", "pods", "times", "values", "workloads")

    def __init__(self) -> None:
        self.times = array("d")
        self.facts = array("b")
        self.workloads = array("i")
        self.groups = array("i")
        self.pods = array("i")
        self.values = array("i")

    def append(
        self, time: float, fact: int, workload: int, group: int = -1, pod: int = -1, value: int = 0
    ) -> None:
        """Add one fact."""
        self.times.append(time)
        self.facts.append(fact)
        self.workloads.append(workload)
        self.groups.append(group)
        self.pods.append(pod)
        self.values.append(value)

    def move(self, groups: Set[int], workload: int) -> None:
        """Make what has happened to the pods of these groups part of another workload's story."""
        for row, group in enumerate(self.groups):
            if group in groups:
                self.workloads[row] = workload

    def __len__(self) -> int:
        return len(self.times)
