"""What the API server takes: the rules of `rollnb.manifest`, and what the simulation leaves out.

Whatever is created, changed, or only tried with ``--dry-run=server`` passes here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy

from rollnb import manifest
from rollnb.cluster import quota
from rollnb.cluster.objects import Manifest
from rollnb.cluster.releasing import Refused

#: Kinds of which the cluster alone makes objects.
OF_THE_CLUSTER = frozenset(
    ("Pod", "ReplicaSet", "ControllerRevision", "Node", "Event", "EndpointSlice", "Endpoints")
)

#: Kinds that stand beside all namespaces.
WITHOUT_NAMESPACE = ("Namespace", "Node")


#: So much of ``generateName`` is left, to have room for five letters.
_LONGEST_STEM = 58


def name(obj: Manifest, generate: Callable[[str], str]) -> Manifest:
    """Name an object that has but a ``generateName``; ``BeforeCreate`` (``registry/rest``)."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("name"):
        return obj
    stem = metadata.get("generateName")
    if not stem or not isinstance(stem, str):
        return obj
    obj = copy(obj)  # keeps the lines of a document
    obj["metadata"] = {**metadata, "name": generate(stem[:_LONGEST_STEM])}
    return obj


def admit(
    obj: Manifest, old: Manifest | None, namespace: str, feature_gates: Collection[str]
) -> Manifest:
    """Complete and validate an object; see `ApiServer.admit`."""
    kind = obj.get("kind")
    if old is None and kind in OF_THE_CLUSTER:
        follows = "it follows from workloads and Services"
        instead = "use cluster.add_node" if kind == "Node" else follows
        raise Refused(f"no {kind} is made from a manifest: {instead}")
    if isinstance(obj.get("metadata"), dict) and kind not in WITHOUT_NAMESPACE:
        obj = copy(obj)  # keeps the lines of a document
        obj["metadata"] = {**obj["metadata"], "namespace": namespace}
    admitted = manifest.admit(obj, old, feature_gates=feature_gates)
    if kind == "Pod" and admitted["spec"] != manifest.admit(old, old)["spec"]:
        raise Refused(
            "the spec of a pod cannot be changed here, not even its image: change what owns it"
        )
    if errors := manifest.check_pods(admitted):
        raise Refused(
            f"a cluster would take this {kind}, and then make no pod of it: "
            + ", ".join(error.message for error in errors)
        )
    if kind == quota.KIND and {"scopes", "scopeSelector"} & (admitted.get("spec") or {}).keys():
        raise Refused("a quota that is for some of the pods only: leave its scopes out")
    return admitted
