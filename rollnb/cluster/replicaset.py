"""The ReplicaSet controller's decisions: how many pods to create or delete, and which ones go.

Follows ``manageReplicas`` and ``slowStartBatch`` (``pkg/controller/replicaset/replica_set.go``)
and ``ActivePodsWithRanks`` (``pkg/controller/controller_utils.go``, Kubernetes 1.36). When a pod
is available, and what the status says, stands in `rollnb.cluster.availability`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import Any

from rollnb.cluster.constants import FEATURE_GATES, REPLICA_SET_CONTROLLER
from rollnb.cluster.objects import ContainerState, Pod

#: Pods created or deleted in one turn, at most.
BURST_REPLICAS = REPLICA_SET_CONTROLLER["burst_replicas"]

POD_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"

#: The age of what has no time: it counts as younger than anything else.
UNKNOWN_AGE = -2

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def pods_to_add(replicas: int, active: int, burst: int = BURST_REPLICAS) -> int:
    """Return how many pods one turn creates; a negative number: how many it deletes."""
    return max(min(replicas - active, burst), -burst)


def slow_start_batches(
    count: int, initial: int = REPLICA_SET_CONTROLLER["slow_start_initial_batch"]
) -> Iterator[int]:
    """Yield the sizes of the batches in which `count` pods are created: 1, 2, 4 and so on.

    Each batch waits for the one before; after a failure no other one is asked for.
    """
    batch = min(initial, count)
    while batch > 0:
        yield batch
        count -= batch
        batch = min(2 * batch, count)


# ---------------------------------------------------------------------------- which pods to delete


def pods_to_delete(
    pods: Sequence[Pod], related_on_node: Mapping[str | None, int], count: int, now: float
) -> list[Pod]:
    """Choose `count` of a ReplicaSet's active pods for deletion.

    In this order: without a node; Pending; not ready; cheap to delete by annotation; on a node
    with many related pods; ready for a short time; often restarted; young. Times are compared by
    powers of two, so that among pods of about one age the unique ids, hence chance, decide.

    Parameters
    ----------
    related_on_node : mapping
        Active pods of all ReplicaSets of the Deployment, by node.

    Notes
    -----
    ``getPodsToDelete`` (``replica_set.go``).
    """
    if count >= len(pods):
        return list(pods)
    # Pods that do not yet work all go before those that do.
    early = [pod for pod in pods if not pod.ready or pod.phase != "Running" or pod.node is None]
    if len(early) >= count:
        pods = early
    ranks = [related_on_node.get(pod.node, 0) for pod in pods]
    keys = deletion_keys(pods, ranks, now)
    return [pods[i] for i in nsmallest(count, range(len(pods)), key=keys.__getitem__)]


def deletion_keys(
    pods: Sequence[Pod],
    ranks: Sequence[int],
    now: float,
    *,
    costs: bool = FEATURE_GATES["PodDeletionCost"],
) -> list[tuple[Any, ...]]:
    """Return a sort key for each pod: the one with the lowest goes first.

    Parameters
    ----------
    ranks : sequence of int
        How many related pods share the pod's node.
    costs : bool
        Whether annotations count: the feature gate PodDeletionCost.

    Notes
    -----
    ``ActivePodsWithRanks`` (``controller_utils.go``). Its comparison is no total order where of
    some pods ready for about as long, a few became ready in the very same second: there, unique
    ids decide here.
    """
    ages = _Ages(now)
    # By age: the seconds in which pods became ready. Where it is the same for all, restarts and
    # creation decide before the unique ids.
    seconds: dict[int, set[float]] = {}
    for second in {whole_second(pod.ready_at) for pod in pods if pod.ready}:
        seconds.setdefault(ages[second], set()).add(second)
    differing = {age for age, found in seconds.items() if len(found) > 1}
    keys = []
    for pod, rank in zip(pods, ranks, strict=True):
        ready = pod.ready
        age = ages[whole_second(pod.ready_at)] if ready else 0
        keys.append(
            (
                pod.node is not None,
                _PHASES.get(pod.phase, 0),
                ready,
                deletion_cost(pod.annotations) if costs and pod.annotations else 0,
                -rank,
                age,
                pod.uid if ready and age in differing else "",
                -most_restarts(pod.containers),
                -most_restarts(pod.sidecars) if pod.sidecars else 0,
                ages[whole_second(pod.created_at)],
                pod.uid,
            )
        )
    return keys


def most_restarts(containers: Sequence[ContainerState]) -> int:
    """Return the restarts of the container that was restarted most often."""
    if len(containers) == 1:
        return containers[0].restarts
    return max([container.restarts for container in containers])


class _Ages(dict):
    """Remembers the `logarithmic_age` of each second that was asked for."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __missing__(self, second: float | None) -> int:
        age = self[second] = logarithmic_age(second, self.now)
        return age


def deletion_cost(annotations: Mapping[str, str]) -> int:
    """Return the cost that a pod's annotations ask for; 0 without one, or with none that counts.

    Notes
    -----
    ``GetDeletionCostFromPodAnnotations`` (``pkg/apis/core/v1/helper/helpers.go``): a number of 32
    bits that begins with neither a plus sign nor a zero.
    """
    text = annotations.get(POD_DELETION_COST, "0")
    if not re.fullmatch("-[0-9]+|0|[1-9][0-9]*", text):
        return 0
    cost = int(text)
    return cost if -(2**31) <= cost < 2**31 else 0


def logarithmic_age(since: float | None, now: float) -> int:
    """Return the power of two below an age in nanoseconds; -1 for none yet, -2 if it is unknown.

    8 and 5 hours are the same age: both lie between 2^44 and 2^45 ns (4.9 and 9.8 hours).
    """
    if since is None:
        return UNKNOWN_AGE
    nanoseconds = int((now - whole_second(since)) * 1e9)
    return nanoseconds.bit_length() - 1 if nanoseconds > 0 else -1


def whole_second(time: float | None) -> float | None:
    """Cut a time of the cluster's clock to what the API server would store."""
    # A microsecond of slack, for sums of durations that just miss a full second.
    return None if time is None else (time + 1e-6) // 1.0
