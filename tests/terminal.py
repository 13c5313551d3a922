"""A small stand-in for a cluster, to test the terminal by itself: it stores what it is given."""

import copy
from types import SimpleNamespace

from rollnb import kubectl, manifest
from rollnb.cluster import NotFound
from rollnb.kubectl.history import REVISION
from rollnb.validation import Invalid

KINDS = {"deployment": "Deployment", "statefulset": "StatefulSet", "daemonset": "DaemonSet"}


class FakeCluster:
    """Stores objects and calls back; things happen only as planned with `later`."""

    def __init__(self, epoch=1_700_000_000.0):
        """Begin empty, at second 0."""
        self.epoch = epoch
        self.now = 0.0
        self.kubectl_seconds = 0.0
        self.namespace = "default"
        self.feature_gates = frozenset()
        self.is_retrying = False
        self.environment = {}
        self.objects = {}
        self.pushed = []
        self.written = 0
        self._watchers = []
        self._plan = []
        self._refusal = None

    def list(self, kind):
        """Return copies of all objects of a kind."""
        return [copy.deepcopy(o) for (k, _), o in sorted(self.objects.items()) if k == kind]

    def get(self, kind, name):
        """Return a copy of one object."""
        return copy.deepcopy(self._find(kind, name))

    def _find(self, kind, name):
        if (kind, name) not in self.objects:
            raise NotFound(kind, name)
        return self.objects[kind, name]

    def admit(self, obj, old=None):
        """Complete and validate an object."""
        return manifest.admit(obj, old)

    def create(self, obj):
        """Store an object."""
        return self._store("ADDED", obj)

    def update(self, obj):
        """Replace an object."""
        if self._refusal is not None:
            raise self._refusal
        self.written += 1
        return self._store("MODIFIED", obj)

    def _store(self, event, obj):
        obj = copy.deepcopy(obj)
        obj["metadata"].setdefault("namespace", self.namespace)
        self.objects[obj["kind"], obj["metadata"]["name"]] = obj
        self._tell(event, obj)
        return copy.deepcopy(obj)

    def delete(self, kind, name, grace_period_seconds=None, cascade="background"):
        """Remove an object at once."""
        self._tell("DELETED", self._find(kind, name))
        del self.objects[kind, name]

    def _tell(self, event, obj):
        for watcher in list(self._watchers):
            watcher(event, obj["kind"], copy.deepcopy(obj))

    def watch(self, callback, *, endpoints=()):
        """Call back at each write; there are no endpoints."""
        self._watchers.append(callback)
        return lambda: callback in self._watchers and self._watchers.remove(callback)

    def later(self, time, action):
        """Plan something."""
        self._plan.append((time, action))
        self._plan.sort(key=lambda step: step[0])

    def run(self, until, stop=None):
        """Let what is planned happen."""
        while self._plan and self._plan[0][0] <= until:
            self.now, action = self._plan.pop(0)
            action()
            if stop is not None and stop():
                return
        if until != float("inf"):
            self.now = max(self.now, until)

    def next_time(self):
        """Return when something happens next."""
        return self._plan[0][0] if self._plan else None

    def wait(self, seconds):
        """Let time pass."""
        self.run(self.now + seconds)

    def push(self, image):
        """Note an image."""
        self.pushed.append(image)

    def has_image(self, image):
        """Whether an image has been pushed."""
        return image in self.pushed

    def kubectl(self, line, **options):
        """Hand the line over, as the real one does."""
        return kubectl.run(self, line, **options)

    def refuse(self, kind, name, count):
        """Refuse the next update for so many reasons."""
        numbers = range(1, count + 1) if count > 1 else [""]
        errors = [SimpleNamespace(message=f"FIELD{n}: MESSAGE{n}", line=None) for n in numbers]
        self._refusal = Invalid(kind, name, errors)

    def renumber(self):
        """Give the revision in force the next number, as its controller does."""
        workload = self.objects[self.kind, self.name]
        revisions = [o for (kind, _), o in self.objects.items() if kind == "ReplicaSet"]
        highest = max(int(o["metadata"]["annotations"][REVISION]) for o in revisions)
        for obj in revisions:
            if obj["spec"]["template"] == workload["spec"]["template"]:
                obj["metadata"]["annotations"][REVISION] = str(highest + 1)


def make_template(image):
    """Make a pod template with one container."""
    return {
        "metadata": {"labels": {"foo": "bar"}},
        "spec": {"containers": [{"name": "c", "image": image}]},
    }


def make_workload(kind, name, image, replicas=1):
    """Make a workload as it is after its rollout."""
    strategy = "strategy" if kind == "Deployment" else "updateStrategy"
    obj = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "default", "generation": 1, "annotations": {}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"foo": "bar"}},
            strategy: {"type": "RollingUpdate"},
            "template": make_template(image),
        },
        "status": {
            "observedGeneration": 1,
            **dict.fromkeys(
                ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), replicas
            ),
        },
    }
    if kind == "DaemonSet":
        del obj["spec"]["replicas"]
    return obj


def make_revision(kind, name, number, image):
    """Make the object that keeps one revision of a workload."""
    meta = {
        "name": f"{name}-{number}",
        "namespace": "default",
        "ownerReferences": [{"kind": kind, "name": name, "controller": True}],
    }
    if kind == "Deployment":
        meta["annotations"] = {REVISION: str(number)}
        spec = {"replicas": 0, "template": make_template(image)}
        return {"kind": "ReplicaSet", "metadata": meta, "spec": spec, "status": {}}
    template = {**make_template(image), "$patch": "replace"}
    data = {"spec": {"template": template}}
    return {"kind": "ControllerRevision", "metadata": meta, "revision": number, "data": data}


def terminal(kind="deployment", name="web", images=("v1", "v2")):
    """Return a cluster with one workload that has had these images, the last one now."""
    cluster = FakeCluster()
    cluster.kind, cluster.name = KINDS[kind], name
    cluster.create(make_workload(cluster.kind, name, images[-1]))
    for number, image in enumerate(images, start=1):
        cluster.create(make_revision(cluster.kind, name, number, image))
    return cluster
