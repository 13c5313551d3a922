"""Kinds of objects by every name kubectl has for them, selectors, and finding what was named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rollnb.cluster import NotFound
from rollnb.kubectl.fields import field_selector
from rollnb.kubectl.output import Failure, error

Object = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """A kind of object: ``deployments`` in the group ``apps``, or ``deploy`` for short."""

    kind: str
    plural: str
    group: str = ""
    short: tuple[str, ...] = ()
    namespaced: bool = True

    @property
    def singular(self) -> str:
        """As in messages: ``deployment``."""
        return self.kind.lower()

    def _grouped(self, word: str) -> str:
        return f"{word}.{self.group}" if self.group else word

    @property
    def full(self) -> str:
        """As in errors of the API server: ``deployments.apps``."""
        return self._grouped(self.plural)

    def named(self, name: str) -> str:
        """As in messages and ``-o name``: ``deployment.apps/worker``."""
        return f"{self._grouped(self.singular)}/{name}"

    def __str__(self) -> str:
        return f"{self.group}/v1, Resource={self.plural}"


RESOURCES = (
    Resource("Deployment", "deployments", "apps", ("deploy",)),
    Resource("ReplicaSet", "replicasets", "apps", ("rs",)),
    Resource("Pod", "pods", "", ("po",)),
    Resource("StatefulSet", "statefulsets", "apps", ("sts",)),
    Resource("DaemonSet", "daemonsets", "apps", ("ds",)),
    Resource("ControllerRevision", "controllerrevisions", "apps"),
    Resource("Service", "services", "", ("svc",)),
    Resource("EndpointSlice", "endpointslices", "discovery.k8s.io"),
    Resource("Endpoints", "endpoints", "", ("ep",)),
    Resource("PodDisruptionBudget", "poddisruptionbudgets", "policy", ("pdb",)),
    Resource("Event", "events", "", ("ev",)),
    Resource("Node", "nodes", "", ("no",), namespaced=False),
    Resource("Namespace", "namespaces", "", ("ns",), namespaced=False),
    Resource("ConfigMap", "configmaps", "", ("cm",)),
    Resource("Secret", "secrets"),
    Resource("ServiceAccount", "serviceaccounts", "", ("sa",)),
    Resource("PersistentVolumeClaim", "persistentvolumeclaims", "", ("pvc",)),
    Resource("ResourceQuota", "resourcequotas", "", ("quota",)),
)
#: Kinds that a cluster has and nobody needs here: a manifest may have them, and is read without.
PASSED_OVER = (
    Resource("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", ("hpa",)),
    Resource("CronJob", "cronjobs", "batch", ("cj",)),
    Resource("Job", "jobs", "batch"),
    Resource("Ingress", "ingresses", "networking.k8s.io", ("ing",)),
    Resource("NetworkPolicy", "networkpolicies", "networking.k8s.io", ("netpol",)),
    Resource("PersistentVolume", "persistentvolumes", "", ("pv",), namespaced=False),
    Resource("StorageClass", "storageclasses", "storage.k8s.io", ("sc",), namespaced=False),
    Resource("LimitRange", "limitranges", "", ("limits",)),
    Resource("ReplicationController", "replicationcontrollers", "", ("rc",)),
    Resource("PriorityClass", "priorityclasses", "scheduling.k8s.io", ("pc",), namespaced=False),
    Resource("Role", "roles", "rbac.authorization.k8s.io"),
    Resource("RoleBinding", "rolebindings", "rbac.authorization.k8s.io"),
)
BY_KIND = {resource.kind: resource for resource in RESOURCES}
#: What ``kubectl get all`` stands for, in its order.
ALL = ("Pod", "Service", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")
_VERSIONS = ("v1", "v1beta1", "v1beta2")


def _names(resource: Resource) -> list[str]:
    words = [resource.plural, resource.singular]
    grouped = [f"{word}.{resource.group}" for word in words if resource.group]
    versioned = [f"{w}.{v}.{resource.group}" for w in words for v in _VERSIONS if resource.group]
    return [*words, *resource.short, *grouped, *versioned]


def _by_name(resources: tuple[Resource, ...]) -> dict[str, Resource]:
    return {name: resource for resource in resources for name in _names(resource)}


_BY_NAME = _by_name(RESOURCES)
_PASSED_OVER = _by_name(PASSED_OVER)


def find_resource(word: str) -> Resource:
    """Return the resource that a word of the command line means.

    Raises
    ------
    Failure
        If the (simulated) API server has none of that name.
    """
    name = word.lower()
    if name in _PASSED_OVER:
        raise Failure(f"rollnb: {_PASSED_OVER[name].kind} has no part in a rollout here")
    if name not in _BY_NAME:
        raise error(f'the server doesn\'t have a resource type "{word}"')
    return _BY_NAME[name]


@dataclass(frozen=True)
class Target:
    """One resource and the names asked for, perhaps by a file; no names means all."""

    resource: Resource
    names: tuple[str, ...] = ()
    source: str = ""


def parse_targets(words: list[str]) -> list[Target]:
    """Read ``deploy,rs,pods``, ``deploy worker other`` or ``deploy/worker rs/x``.

    Notes
    -----
    ``Builder.ResourceTypeOrNameArgs`` (``cli-runtime/pkg/resource/builder.go``).
    """
    if not words:
        return []
    if any("/" in word for word in words):
        targets = []
        for word in words:
            kind, slash, name = word.partition("/")
            if not slash:
                raise error(
                    "there is no need to specify a resource type as a separate argument when "
                    "passing arguments in resource/name form (e.g. 'kubectl get "
                    "resource/<resource_name>' instead of 'kubectl get resource "
                    "resource/<resource_name>'"
                )
            if not kind or not name or "/" in name:
                raise error("arguments in resource/name form must have a single resource and name")
            targets.append(Target(find_resource(kind), (name,)))
        return targets
    kinds = [kind for kind in words[0].split(",") if kind]
    names = tuple(words[1:])
    resources: list[Resource] = []
    for kind in kinds:
        resources += [BY_KIND[k] for k in ALL] if kind == "all" else [find_resource(kind)]
    return [Target(resource, names) for resource in resources]


# -------------------------------------------------------------------------------------- selectors


def matches(selector: str, labels: dict[str, str] | None) -> bool:
    """Whether labels fit a selector: ``app=web,tier!=db,env in (a,b),!old,new``."""
    labels = labels or {}
    for part in re.split(r",(?![^(]*\))", selector):
        part = part.strip()
        if not part:
            continue
        found = re.fullmatch(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)", part)
        if found:
            key, operator, values = found.groups()
            is_in = labels.get(key) in [value.strip() for value in values.split(",")]
            fits = is_in if operator == "in" else not is_in
        elif "!=" in part:
            key, _, value = part.partition("!=")
            fits = labels.get(key.strip()) != value.strip()
        elif "=" in part:
            key, _, value = part.partition("=")
            fits = labels.get(key.strip()) == value.lstrip("=").strip()
        elif part.startswith("!"):
            fits = part[1:].strip() not in labels
        else:
            fits = part in labels
        if not fits:
            return False
    return True


def format_selector(selector: Object | None) -> str:
    """Return a label selector as kubectl prints it: ``app=web,tier in (a,b)``.

    Notes
    -----
    ``FormatLabelSelector`` (``apimachinery/pkg/apis/meta/v1/helpers.go``).
    """
    selector = selector or {}
    parts = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    for term in selector.get("matchExpressions") or ():
        key, values = term["key"], ",".join(sorted(term.get("values") or ()))
        text = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }[term["operator"]]
        parts.append((key, text))
    return ",".join(text for _, text in sorted(parts)) or "<none>"


def format_labels(labels: dict[str, str] | None) -> str:
    """Return labels as one cell: ``a=1,b=2``, or ``<none>``."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "<none>"


# ---------------------------------------------------------------------------------------- finding


def not_found(resource: Resource, name: str) -> Failure:
    """Return the API server's error for an object that does not exist."""
    return Failure(f'Error from server (NotFound): {resource.full} "{name}" not found')


def get_object(cluster: Any, resource: Resource, name: str) -> Object:
    """Return one object of the cluster, or fail as kubectl does."""
    try:
        return cluster.get(resource.kind, name)
    except NotFound:
        raise not_found(resource, name) from None


def list_objects(
    cluster: Any, resource: Resource, selector: str = "", fields: str = ""
) -> list[Object]:
    """Return the objects of a kind that fit selectors, in the API server's order: by name."""
    fits = field_selector(fields, resource, selector)
    found = [
        obj
        for obj in cluster.list(resource.kind)
        if matches(selector, obj["metadata"].get("labels")) and fits(obj)
    ]
    return sorted(found, key=lambda obj: obj["metadata"]["name"])


def owned_by(owner: Object, obj: Object) -> bool:
    """Whether `owner` controls `obj`."""
    meta = owner["metadata"]
    return any(
        ref.get("controller")
        and ref["kind"] == owner["kind"]
        and ref["name"] == meta["name"]
        and (not meta.get("uid") or not ref.get("uid") or ref["uid"] == meta["uid"])
        for ref in obj["metadata"].get("ownerReferences") or ()
    )


def controller_of(obj: Object) -> Object | None:
    """Return the owner reference of the controller, if there is one."""
    refs = obj["metadata"].get("ownerReferences") or ()
    return next((ref for ref in refs if ref.get("controller")), None)
