"""Field selectors, such as ``status.phase=Running,spec.nodeName!=node-1``.

Which fields objects can be selected by, the API server says kind by kind: ``addConversionFuncs``
(``pkg/apis/core/v1/conversion.go``), and for kinds without a rule of their own
``DefaultMetaV1FieldSelectorConversion`` (``apimachinery/pkg/runtime/conversion.go``; Kubernetes
1.36).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rollnb.kubectl import jsonpath
from rollnb.kubectl.output import Failure, error
from rollnb.validation import quote

if TYPE_CHECKING:
    from rollnb.kubectl.resources import Resource

Object = dict[str, Any]

_META = ("metadata.name", "metadata.namespace")
_FIELDS = {
    "Pod": (
        *_META,
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "Node": ("metadata.name", "spec.unschedulable"),
    "Namespace": ("metadata.name", "status.phase"),
    "Service": (*_META, "spec.clusterIP", "spec.type"),
    "ReplicaSet": (*_META, "status.replicas"),
    "Event": (
        *_META,
        *(
            f"involvedObject.{field}"
            for field in ("kind", "namespace", "name", "uid", "apiVersion", "fieldPath")
        ),
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
}
#: Where a field stands, if not under its own name, and what it is if absent.
_PLACES = {"source": "source.component"}
_ABSENT = {"spec.hostNetwork": "false", "spec.unschedulable": "false", "status.replicas": "0"}


def field_selector(text: str, resource: Resource, selector: str = "") -> Callable[[Object], bool]:
    """Return the function that says whether an object fits a field selector.

    Parameters
    ----------
    text : str
        The selector; empty for none.
    resource : Resource
        The kind of the objects.
    selector : str
        The selector of labels beside it: for the error.

    Raises
    ------
    Failure
        If the text is no selector, or names a field that the API server cannot select by.
    """
    terms = []
    for part in filter(None, text.split(",")):
        field, operator, value = part.partition("!=" if "!=" in part else "=")
        if not operator:
            raise error(
                f"the provided field selector {quote(text)} is not valid: invalid selector: "
                f"'{text}'; can't understand '{part}'"
            )
        if field not in _FIELDS.get(resource.kind, _META):
            problem = f"field label not supported: {field}"
            if resource.kind not in _FIELDS:
                known = ", ".join(map(quote, _META))
                problem = f"{quote(field)} is not a known field selector: only {known}"
            raise Failure(
                f"Error from server (BadRequest): Unable to find {quote(str(resource))} that "
                f"match label selector {quote(selector)}, field selector {quote(text)}: {problem}"
            )
        terms.append((field, value.removeprefix("="), operator == "="))

    def fits(obj: Object) -> bool:
        return all((_value(field, obj) == value) == equal for field, value, equal in terms)

    return fits


def _value(field: str, obj: Object) -> str:
    found = jsonpath.find(_PLACES.get(field, field), obj)
    return jsonpath.to_text(found[0]) if found else _ABSENT.get(field, "")
