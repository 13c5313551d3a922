"""The rules of a rolling update once more, read straight from the documentation: counts only.

An oracle for `test_oracle`. It shares no code with rollnb and knows no pods, no queues and no
requests: a version has so many pods, of which so many are ready; the others are ready a fixed
time after they were asked for, or never.
"""

import math
from collections import Counter


def pods(value, replicas, rounding):
    """Return a count, or the share that a percentage stands for."""
    if isinstance(value, int):
        return value
    return rounding(int(value.rstrip("%")) * replicas / 100)


def limits_in_pods(replicas, max_surge, max_unavailable):
    """Return how many pods there may be, and how many have to be ready."""
    surge = pods(max_surge, replicas, math.ceil)
    missing = pods(max_unavailable, replicas, math.floor)
    if surge == missing == 0:
        missing = 1
    return replicas + surge, max(replicas - missing, 0)


class Oracle:
    """A Deployment of `replicas` ready pods of version 1."""

    def __init__(self, replicas, max_surge, max_unavailable, seconds):
        self.limits = max_surge, max_unavailable
        self.seconds = seconds  # by version: from the creation of a pod until it is ready, or None
        self.size, self.ready = {1: replicas}, {1: replicas}  # oldest version first
        self.coming = Counter()  # pods by (when they are ready, version)
        self.wanted, self.now, self.sequence = 1, 0, []
        self.set_replicas(replicas)

    def set_replicas(self, replicas):
        """Say how many pods there shall be, and how many more or fewer there may be meanwhile."""
        self.replicas = replicas
        self.most, self.least = limits_in_pods(replicas, *self.limits)

    def write(self, version, size):
        """Give a version its size; pods that are not ready go first, of them the youngest."""
        more = size - self.size.get(version, 0)
        if more > 0 and self.seconds[version] is not None:
            self.coming[self.now + self.seconds[version], version] += more
        idle = self.size.get(version, 0) - self.ready.setdefault(version, 0)
        self.ready[version] -= max(-more - idle, 0)
        for key in sorted(self.coming, reverse=True):
            if key[1] == version and more < 0:
                gone = min(self.coming[key], -more)
                self.coming[key] -= gone
                more += gone
        self.size[version] = size
        self.sequence.append({v: n for v, n in self.size.items() if n})

    def step(self):
        """Take one step: grow the new version, else shrink old ones; False if all is done."""
        new, total = self.wanted, sum(self.size.values())
        written = len(self.sequence)
        has = self.size.get(new, 0)
        more = min(self.most - total, self.replicas - has)
        if more > 0 or has > self.replicas:
            self.write(new, has + more if more > 0 else self.replicas)
            return True
        old = [v for v in self.size if v != new and self.size[v]]
        budget = total - self.least - (has - self.ready.get(new, 0))
        spare = sum(self.ready.values()) - self.least
        if budget > 0:
            for v in old:  # pods that are not ready serve nobody
                gone = min(budget, self.size[v] - self.ready[v])
                budget -= gone
                if gone:
                    self.write(v, self.size[v] - gone)
            for v in old:  # then ready ones, while enough are left
                gone = min(spare, self.size[v])
                if gone > 0:
                    spare -= gone
                    self.write(v, self.size[v] - gone)
        return len(self.sequence) > written

    def scale(self, replicas):
        """Ask for another number of pods in the midst of things: each version keeps its share."""
        most_before = self.most
        changed = replicas != self.replicas
        self.set_replicas(replicas)
        active = [v for v in self.size if self.size[v]]
        if len(active) < 2 or not changed:
            for v in active[:changed]:
                self.write(v, replicas)
            return
        most = self.most if replicas else 0
        left = most - sum(self.size.values())
        # The largest first; of two equal ones the newer grows, and the older shrinks.
        active.sort(key=lambda v: (-self.size[v], -v if left > 0 else v))
        parts = {}
        for v in active if left else ():
            part = math.floor(self.size[v] * most / most_before + 0.5) - self.size[v]
            parts[v] = (min if left > 0 else max)(part, left)
            left -= parts[v]
        for v in parts:
            size = self.size[v] + parts[v] + (left if v == active[0] else 0)
            if size != self.size[v]:
                self.write(v, max(size, 0))

    def run(self, actions, until):
        """Let time pass, with actions ``(when, what, argument)``."""
        for when, what, argument in [*actions, (until, None, None)]:
            while True:
                while self.step():
                    pass
                due = min([t for t, _ in self.coming], default=math.inf)
                if due > when:
                    break
                self.now = due
                for key in [key for key in self.coming if key[0] == due]:
                    self.ready[key[1]] += self.coming.pop(key)
            self.now = when
            if what == "version":
                self.wanted = argument
            elif what == "scale":
                self.scale(argument)
        return self.sequence
