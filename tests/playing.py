"""Play a case on a cluster, count what the checks ask for, and check it.

The counts are taken from the API objects at every write; of several writes at one instant the last
one counts, as somebody who looks from outside would see it.
"""

import bisect
import re

from rollnb import recording
from rollnb.cluster import MEASURED, Cluster
from rollnb.node import Node

IMAGE = re.compile(r"""(?:image:\s*|=)["']?([\w./-]+/[\w.-]+(?::[\w.-]+)?)""")
CORES = 64.0

#: How long each step of the setting up is given to settle; there are no delays.
SETTLING_SECONDS = 60.0


# ------------------------------------------------------------------------------------- the metrics


def count(metric, objects):
    """Count one metric of the cases over the API objects.

    Parameters
    ----------
    metric : str
        ``pods``, ``alive``, ``terminating``, ``ready``, ``pending``, each alone or with an image
        tag or a pod's name behind a colon; ``rs:TAG``, ``replicasets``; ``endpoints``,
        ``ep_ready``, ``ep_serving``, ``ep_terminating``.
    objects : callable
        Kind to a list of objects.
    """
    name, _, tag = metric.partition(":")
    if name in POD_METRICS:
        return sum(POD_METRICS[name](pod) and is_of(pod, tag) for pod in objects("Pod"))
    if name == "rs":
        sets = objects("ReplicaSet")
        return sum(rs["spec"]["replicas"] for rs in sets if tag in tags(rs["spec"]["template"]))
    if name == "replicasets":
        return len(objects("ReplicaSet"))
    slices = objects("EndpointSlice")
    endpoints = [point for s in slices for point in s.get("endpoints") or ()]
    return sum(ENDPOINT_METRICS[name](point.get("conditions", {})) for point in endpoints)


def is_alive(pod):
    """Whether nobody has asked for the pod's deletion."""
    return "deletionTimestamp" not in pod["metadata"]


def is_ready(pod):
    """Whether the pod's Ready condition is true."""
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def tags(template):
    """Return the image tags of a pod or pod template."""
    return [c["image"].rpartition(":")[2] for c in template["spec"]["containers"]]


def is_of(pod, tag):
    """Whether `tag` is that of an image of the pod, or its name, or not given."""
    return not tag or tag == pod["metadata"]["name"] or tag in tags(pod)


POD_METRICS = {
    "pods": lambda pod: True,
    "alive": is_alive,
    "terminating": lambda pod: not is_alive(pod),
    "ready": lambda pod: is_alive(pod) and is_ready(pod),
    "pending": lambda pod: is_alive(pod) and pod["status"]["phase"] == "Pending",
}
ENDPOINT_METRICS = {
    "endpoints": lambda conditions: True,
    "ep_ready": lambda conditions: conditions.get("ready", False),
    "ep_serving": lambda conditions: conditions.get("serving", False),
    "ep_terminating": lambda conditions: conditions.get("terminating", False),
}


class Curve:
    """A count that holds until the next one."""

    def __init__(self):
        self.times = []
        self.values = []

    def add(self, t, value):
        """Note the value that holds from `t` on; a later one at the same instant replaces it."""
        if self.times and self.times[-1] == t:
            self.values[-1] = value
        else:
            self.times.append(t)
            self.values.append(value)

    def at(self, t):
        """Return the value in force at `t`."""
        return self.values[bisect.bisect_right(self.times, t) - 1]

    def between(self, start, stop):
        """Return all values in force from `start` to `stop`."""
        first = max(bisect.bisect_right(self.times, start) - 1, 0)
        return self.values[first : bisect.bisect_right(self.times, stop)]


# ------------------------------------------------------------------------------------- the playing


class Play:
    """A case that has been played: curves of metrics, and the objects and outputs asked for."""

    def __init__(self, case, folder):
        """Play `case` in `folder`, where the files that its commands name are put."""
        self.duration = float(case["duration"])
        self.curves = {c["of"]: Curve() for c in case["expect"] if "of" in c and is_metric(c)}
        self.fields = {}
        self.outputs = []
        self.cluster = make_cluster(case)
        for name, text in {"manifest.yaml": case["manifest"], **case.get("files", {})}.items():
            (folder / name).write_bytes(text.encode())
        if not case.get("fresh"):
            self._set_up(case.get("setup", ()))
        self.cluster.run(0.0)
        self._sample()
        self.cluster.watch(lambda *_: self._sample())
        looks = [
            (self._time(c), 1, self._look, c) for c in case["expect"] if c["check"] == "field"
        ]
        acts = [(a["at"], 0, self._act, a) for a in case["actions"]]
        for t, _, do, what in sorted(looks + acts, key=lambda step: step[:2]):
            self.cluster.run(t)
            do(what)
        self.cluster.run(self.duration)

    def _set_up(self, commands):
        with self.cluster.instantly():
            for command in ("kubectl apply -f manifest.yaml", *commands):
                self.cluster.kubectl(command)
                self.cluster.wait(SETTLING_SECONDS)

    def _sample(self):
        for metric, curve in self.curves.items():
            curve.add(max(self.cluster.now, 0.0), count(metric, self.cluster.list))

    def _time(self, check):
        return self.duration if check["at"] == "end" else float(check["at"])

    def _act(self, action):
        self.outputs.append(self.cluster.kubectl(action["command"], background=True))

    def _look(self, check):
        self.fields[id(check)] = read_field(self.cluster.list(check["kind"]), check)


def is_metric(check):
    """Whether a check is about a count."""
    return check["check"] in ("count", "final", "min", "max")


def make_cluster(case):
    """Return a cluster with the nodes and images of a case, some seconds before t = 0."""
    behaviours = case.get("behaviours") or {}
    names = [f"main-{i}" for i in range(1, int(case.get("nodes") or 8) + 1)]
    commands = [*case.get("setup", ()), *(action["command"] for action in case["actions"])]
    text = "\n".join([case["manifest"], *case.get("files", {}).values(), *commands])
    images = [
        recording.image(name, behaviours.get(name.rpartition(":")[2], {}))
        for name in dict.fromkeys(IMAGE.findall(text))
        if not behaviours.get(name.rpartition(":")[2], {}).get("bad_image")
    ]
    return Cluster(
        images,
        nodes=[
            Node(name, cpu=CORES, labels={"kubernetes.io/hostname": name, "pool": "main"})
            for name in names
        ],
        start=-SETTLING_SECONDS * (2 + len(case.get("setup", ()))),
        control_plane=MEASURED,
    )


def read_field(objects, check):
    """Return the value at the `path` of a check; None if the object or the field is absent."""
    value = next((o for o in objects if check.get("name") in (None, o["metadata"]["name"])), None)
    for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", check["path"]):
        try:
            value = value[int(index) if index else key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


# -------------------------------------------------------------------------------------- the checks


def find_fault(check, play):
    """Return what is wrong with one check, or None."""
    kind = check["check"]
    if kind == "output":
        return find_output_fault(check, play.outputs[check["of"]])
    if kind == "field":
        return find_value_fault(check, play.fields[id(check)])
    curve = play.curves[check["of"]]
    if kind == "count":
        return find_value_fault(check, curve.at(float(check["at"])))
    if kind == "final":
        return find_value_fault(check, curve.at(play.duration))
    extreme = {"min": min, "max": max}[kind]
    window = float(check.get("from", 0.0)), float(check.get("to", play.duration))
    return find_value_fault(check, extreme(curve.between(*window)))


def find_value_fault(check, value):
    """Compare with ``equals``, ``at_least`` and ``at_most``."""
    ok = (
        ("equals" not in check or is_equal(value, check["equals"]))
        and ("at_least" not in check or value >= check["at_least"])
        and ("at_most" not in check or value <= check["at_most"])
    )
    return None if ok else f"is {value!r}"


def is_equal(value, expected):
    """Whether two values are equal; the API leaves zeros out, so an absent one is 0."""
    if value is None:
        return expected in (None, 0, False, "")
    return value == expected and isinstance(value, bool) == isinstance(expected, bool)


def find_output_fault(check, output):
    """Compare ``stdout``, ``stderr``, ``…_contains`` and ``exit``."""
    faults = []
    for stream in ("stdout", "stderr"):
        text = getattr(output, stream)
        if stream in check and text.strip("\n") != check[stream].strip("\n"):
            faults.append(f"{stream} is {text!r}")
        parts = check.get(f"{stream}_contains", [])
        for part in [parts] if isinstance(parts, str) else parts:
            if part not in text:
                faults.append(f"{part!r} is not in {stream} {text!r}")
    if "exit" in check and output.exit != check["exit"]:
        faults.append(f"exit is {output.exit} ({output.stderr!r})")
    return "; ".join(faults) or None
