"""What is there before a rollout: the reader's manifest as it stands, but for what settings say.

A workload of `rollnb` keeps what shapes a rollout by itself. A quota looks at more of a pod, such
as its limits and its init containers, so the pods of a manifest are those that are played.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rollnb import manifest
from rollnb.spec import Workload
from rollnb.widgets.kinds import kind_of, name_of

if TYPE_CHECKING:
    from rollnb.widgets.settings import Settings

Object = dict[str, Any]


def objects(settings: Settings) -> list[Object]:
    """Return what to apply: each workload with what settings say of it, and what is around.

    Their namespace is there, too, since commands for a real cluster name it.
    """
    workloads = {name_of(one): one for one in (settings.workload, *settings.beside)}
    found: list[Object] = []
    if settings.namespace != "default":
        metadata = {"name": settings.namespace}
        found.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    for obj in settings.around:
        name = f"{obj['kind'].lower()}/{obj['metadata']['name']}"
        workload = workloads.pop(name, None)
        found.append(obj if workload is None else fit(obj, workload, settings.feature_gates))
    return [*map(manifest.render, workloads.values()), *found]


def fit(obj: Object, workload: Workload, feature_gates: tuple[str, ...]) -> Object:
    """Return the manifest of a workload with the fields that an explorer has a control for."""
    said = manifest.admit(manifest.render(workload), feature_gates=feature_gates)["spec"]
    template = obj["spec"]["template"]
    first, *others = template["spec"]["containers"]
    pods = template["spec"] | {
        "containers": [first | {"image": workload.template.containers[0].image}, *others],
        "terminationGracePeriodSeconds": workload.termination_grace_period_seconds,
    }
    names = ("replicas", "podManagementPolicy", kind_of(workload).strategy_field)
    fields = {name: said[name] for name in names if name in said}
    fields |= {
        "minReadySeconds": workload.min_ready_seconds,
        "template": template | {"spec": pods},
    }
    return obj | {"spec": obj["spec"] | fields}
