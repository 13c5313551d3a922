"""Random rollouts end as two oracles say: one reads the rules anew, the other is a law."""

import math
import random

import pytest
from oracle import Oracle, limits_in_pods

from rollnb import Deployment, Image, simulate
from rollnb.cluster import ControlPlane
from rollnb.cluster.log import Fact
from rollnb.spec import Uniform

#: Every request is answered at once: what is left are the rules.
IDEAL = ControlPlane(requests_per_second=math.inf)

#: 20 tests of 100 Deployments each; the seed of a Deployment is in the message of a failure.
SEEDS = [range(first, first + 100) for first in range(0, 2000, 100)]

VERSIONS = {1: "web:v1", 2: "web:v2", 3: "web:v3"}


def draw_limits(rng):
    """Draw maxSurge and maxUnavailable, as counts or percentages, not both 0."""
    while True:
        limits = [
            rng.choice([rng.randrange(6), f"{rng.choice([0, 1, 10, 20, 25, 33, 50, 75, 100])}%"])
            for _ in range(2)
        ]
        if not set(limits) <= {0, "0%"}:
            return limits


def draw_scenario(seed):
    """Draw a Deployment, the seconds its versions need, and an update with a second thought."""
    rng = random.Random(seed)
    replicas = rng.choice([rng.randrange(1, 8), rng.randrange(1, 40)])
    surge, unavailable = draw_limits(rng)
    seconds = {v: rng.choice([1, 2, 3, 5, 8, None]) for v in (2, 3)}
    seconds[1] = rng.choice([1, 2, 4])
    actions = [(0, "version", 2)]
    second = rng.choice(["nothing", "version", "undo", "scale"])
    at = rng.choice([rng.randrange(1, 12), rng.randrange(1, 12) + 0.5])
    if second == "version":
        actions.append((at, "version", 3))
    elif second == "undo":
        actions.append((at, "version", 1))
    elif second == "scale":
        actions.append((at, "scale", rng.choice([0, rng.randrange(1, 12), rng.randrange(1, 60)])))
    return replicas, surge, unavailable, seconds, actions


def simulate_sizes(replicas, surge, unavailable, seconds, actions, until):
    """Return the sizes of the ReplicaSets after each write, by version; those at 0 left out."""
    images = [
        Image(
            name,
            pull_seconds=0,
            start_seconds=0,
            ready_seconds=seconds[version] or 0,
            becomes_ready=seconds[version] is not None,
        )
        for version, name in VERSIONS.items()
    ]
    commands = {
        "version": lambda v: f"kubectl set image deployment web web={VERSIONS[v]}",
        "scale": lambda n: f"kubectl scale deployment web --replicas={n}",
    }
    run = simulate(
        Deployment(
            "web",
            replicas=replicas,
            image=VERSIONS[1],
            max_surge=surge,
            max_unavailable=unavailable,
        ),
        [(at, commands[what](argument)) for at, what, argument in actions],
        images=images,
        until=until,
        control_plane=IDEAL,
    )
    versions = {name: version for version, name in VERSIONS.items()}
    names = [versions[group.template.containers[0].image] for group in run.cluster.groups]
    sizes, sequence = {}, []
    log = run.cluster.log
    for time, fact, group, size in zip(log.times, log.facts, log.groups, log.values, strict=True):
        if fact == Fact.SCALED:
            sizes[names[group]] = size
            if time >= 0:
                sequence.append({v: n for v, n in sizes.items() if n})
    return sequence


def without_repeats(sequence):
    """Leave out what is as before: a ReplicaSet may be created with no pods."""
    return [now for before, now in zip([None, *sequence], sequence, strict=False) if now != before]


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: f"seeds {seeds[0]} to {seeds[-1]}")
def test_sizes_are_those_of_the_rules(seeds):
    """Each write of each ReplicaSet's size is the one that a plain reading of the rules gives."""
    for seed in seeds:
        *scenario, actions = draw_scenario(seed)
        until = 13 + 8 * 60
        expected = Oracle(*scenario).run(actions, until)
        actual = simulate_sizes(*scenario, actions, until)
        start = {1: scenario[0]}
        assert (seed, without_repeats([start, *actual])) == (
            seed,
            without_repeats([start, *expected]),
        )


@pytest.mark.parametrize("seeds", SEEDS[:10], ids=lambda seeds: f"seeds {seeds[0]} to {seeds[-1]}")
def test_list_scheduling(seeds):
    """An undisturbed rollout is list scheduling on surge + unavailable servers.

    With every old pod available, sizes depend on the available new pods alone. So new pod j is
    created at once, or with the availability that frees its place; old pods likewise.
    """
    for seed in seeds:
        rng = random.Random(seed)
        replicas = rng.randrange(1, 40)
        limits = draw_limits(rng)
        run = simulate(
            Deployment(
                "web",
                replicas=replicas,
                image="web:v1",
                max_surge=limits[0],
                max_unavailable=limits[1],
                min_ready_seconds=rng.choice([0, 0, 3]),
            ),
            [(0, "kubectl set image deployment web web=web:v2")],
            images=[
                Image("web:v1"),
                Image("web:v2", start_seconds=Uniform(1, rng.choice([2, 9]))),
            ],
            control_plane=IDEAL,
            seed=seed,
        )
        pods = run.pods.sort_values("created_at")
        new, old = pods[pods["image"] == "web:v2"], pods[pods["image"] == "web:v1"]
        available = sorted(new["available_at"])
        most, least = limits_in_pods(replicas, *limits)
        servers, missing = most - least, replicas - least
        expected = (
            [0.0] * servers + available,
            [0.0] * missing + available,
        )
        assert (seed, list(new["created_at"]), sorted(old["deleted_at"])) == (
            seed,
            expected[0][:replicas],
            expected[1][:replicas],
        )
