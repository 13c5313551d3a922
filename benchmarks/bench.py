"""How fast rollnb is, beside a simulation of the same rollout with SimPy, in one run.

    python benchmarks/bench.py              10, 100, 1,000 and 10,000 pods
    python benchmarks/bench.py 10 300       so many

CPU time, the median of a few repetitions in turns: only ratios within one run say something. An
event is a pod that starts, is ready, or is gone: three per replica. Needs simpy.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable

from simpy_peer import simulate as simulate_with_simpy

import rollnb
from rollnb.cluster import ControlPlane
from rollnb.spec import Uniform

START, READY, STOP = (1.4, 2.6), 1.0, 30.0
SIZES = (10, 100, 1_000, 10_000)
#: About so many pods are played for each figure.
PODS = 6_000

#: As SimPy's: no limit to the requests.
IDEAL = ControlPlane(requests_per_second=math.inf)
IMAGES = [
    rollnb.Image(
        name, pull_seconds=0, start_seconds=Uniform(*START), ready_seconds=READY, stop_seconds=STOP
    )
    for name in ("worker:1", "worker:2")
]


def with_simpy(replicas: int):
    """Play the rollout with SimPy."""
    return simulate_with_simpy(replicas, start=START, ready=READY, stop=STOP)


def with_rollnb(replicas: int):
    """Play the rollout with rollnb: manifest, kubectl, controllers, scheduler, kubelet."""
    return rollnb.simulate(
        rollnb.Deployment("worker", replicas=replicas, image="worker:1"),
        [(0, "kubectl set image deployment worker worker=worker:2")],
        images=IMAGES,
        control_plane=IDEAL,
    )


#: What is timed, by its column.
WAYS: dict[str, Callable[[int], object]] = {
    "simpy": with_simpy,
    "simpy+df": lambda replicas: with_simpy(replicas).frame(),
    "rollnb": with_rollnb,
    "rollnb+df": lambda replicas: with_rollnb(replicas).timeline,
}


def measure(replicas: int) -> dict[str, float]:
    """Return the median CPU time of each way, in milliseconds."""
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    for repetition in range(max(3, min(PODS // replicas, 20)) if replicas < PODS else 1):
        for way, play in WAYS.items():
            started = time.process_time()
            play(replicas)
            if repetition or replicas >= PODS:  # the first warms up
                times[way].append((time.process_time() - started) * 1000)
    return {way: statistics.median(found) for way, found in times.items()}


def main(sizes: list[int]) -> None:
    """Print one line per size."""
    print(
        f"{'pods':>6} {'SimPy':>9} {'+frame':>9} {'rollnb':>9} {'+frame':>9} ms"
        f" {'SimPy/rollnb':>13} {'+frame':>7} {'us/event':>9} {'growth':>7}"
    )
    first = None
    for replicas in sizes:
        ms = measure(replicas)
        per_event = ms["rollnb"] * 1000 / (3 * replicas)
        first = first or per_event
        print(
            f"{replicas:>6} {ms['simpy']:9.2f} {ms['simpy+df']:9.2f} {ms['rollnb']:9.2f}"
            f" {ms['rollnb+df']:9.2f}    {ms['simpy'] / ms['rollnb']:13.2f}"
            f" {ms['simpy+df'] / ms['rollnb+df']:7.2f} {per_event:9.1f} {per_event / first:7.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or list(SIZES))
