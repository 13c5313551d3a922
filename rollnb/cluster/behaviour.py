"""What the process of a container does, once its image's durations are drawn: when it answers.

An `Image` says how such processes behave; a `Behaviour` is what one of them will do.
"""

from __future__ import annotations

import math
import random

from rollnb.cluster.objects import ContainerState
from rollnb.spec import Image, draw

#: What every image does while a cluster is set up.
INSTANT = Image("instant", pull_seconds=0.0, start_seconds=0.0)


class Behaviour:
    """What one container of one pod will do: its image's durations, drawn once (seconds)."""

    __slots__ = (
        "crash_after",
        "crash_count",
        "ignores_sigterm",
        "image",
        "pull",
        "pull_fails_after",
        "ready",
        "settled",
        "start",
        "stop",
        "unready_after",
        "unready_for",
    )

    def __init__(self, image: Image, rng: random.Random) -> None:
        self.image = image
        self.pull = draw(image.pull_seconds, rng)
        self.start = draw(image.start_seconds, rng)
        ready = draw(image.ready_seconds, rng)
        self.ready = ready if image.becomes_ready else None
        self.settled = False  # true: the process was there, and ready, before the run
        self.stop = draw(image.stop_seconds, rng)
        self.ignores_sigterm = image.ignores_sigterm
        self.crash_after = _draw_optional(image.crash_after_seconds, rng)
        self.crash_count = image.crash_count
        self.unready_after = _draw_optional(image.unready_after_seconds, rng)
        self.unready_for = _draw_optional(image.unready_for_seconds, rng)
        self.pull_fails_after = draw(image.pull_fails_after_seconds, rng)


def _draw_optional(duration, rng: random.Random) -> float | None:
    return None if duration is None else draw(duration, rng)


def answers(container: ContainerState, now: float) -> bool:
    """Whether the process gives good answers at `now`, by its image's behaviour."""
    behaviour = container.behaviour
    ready = 0.0 if behaviour.settled else behaviour.ready
    if ready is None or not container.running:
        return False
    since = now - container.started_at - ready
    if since < -1e-9:
        return False
    if behaviour.unready_after is None:
        return True
    if behaviour.unready_for is None:
        return since < behaviour.unready_after - 1e-9
    cycle = behaviour.unready_after + behaviour.unready_for
    # The slack keeps sums of durations on the right side of the edge.
    return (since + 1e-9) % cycle < behaviour.unready_after


def next_change(container: ContainerState, now: float) -> float:
    """Return when `answers` changes next (seconds of the clock; inf: never)."""
    behaviour = container.behaviour
    if behaviour.ready is None:
        return math.inf
    first = container.started_at + behaviour.ready
    if now < first - 1e-9:
        return first
    if behaviour.unready_after is None:
        return math.inf
    if behaviour.unready_for is None:
        end = first + behaviour.unready_after
        return end if now < end - 1e-9 else math.inf
    cycle = behaviour.unready_after + behaviour.unready_for
    whole = math.floor((now - first + 1e-9) / cycle) * cycle
    within = now - first - whole
    if within + 1e-9 < behaviour.unready_after:
        return first + whole + behaviour.unready_after
    return first + whole + cycle
