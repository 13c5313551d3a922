"""Tells of EndpointSlices and Endpoints as they change: nobody writes them here.

They follow from Services and pods (`rollnb.cluster.stored_resources`). Where someone watches them,
they are made anew at each write of one of these, and told of if they differ from before: at once,
where a real controller takes some milliseconds (``endpointslice_controller.go``, Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rollnb.cluster.objects import Manifest
from rollnb.cluster.stored_resources import OF_SERVICES

Callback = Callable[[str, str, Manifest], None]


class EndpointWatch:
    """Hands on every write, and behind it the endpoints that it changes.

    Parameters
    ----------
    list_objects : callable
        From a kind to its objects.
    callback : callable
        As for `ApiServer.watch`.
    """

    def __init__(self, list_objects: Callable[[str], list[Manifest]], callback: Callback) -> None:
        self._list = list_objects
        self._callback = callback
        self._known = self._look()

    def __call__(self, event: str, kind: str, obj: Manifest) -> None:
        """Take one write."""
        self._callback(event, kind, obj)
        if kind not in ("Pod", "Service"):
            return
        before, self._known = self._known, self._look()
        for key, one in self._known.items():
            if key not in before:
                self._callback("ADDED", key[0], one)
            elif _contents(one) != _contents(before[key]):
                self._callback("MODIFIED", key[0], one)
        for key in sorted(before.keys() - self._known.keys()):
            self._callback("DELETED", key[0], before[key])

    def _look(self) -> dict[tuple[str, str], Manifest]:
        return {
            (kind, one["metadata"]["name"]): one
            for kind in sorted(OF_SERVICES)
            for one in self._list(kind)
        }


def _contents(obj: Manifest) -> list[Any]:
    """Return all but the resource version, which grows with every write of the cluster."""
    metadata = {key: obj["metadata"].get(key) for key in ("labels", "annotations")}
    return [metadata, *(obj.get(field) for field in ("endpoints", "ports", "subsets"))]
