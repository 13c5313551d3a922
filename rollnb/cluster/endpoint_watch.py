"""Tells of EndpointSlices and Endpoints as they change: nobody writes them here.

They follow from Services and pods (`rollnb.cluster.stored_resources`). Where someone watches them,
they are made anew once in each instant in which one of these has changed in what matters here, and
told of if they differ from before; a real controller takes some milliseconds
(``endpointslice_controller.go``, Kubernetes 1.36).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from rollnb.cluster.clock import POSTING, Clock
from rollnb.cluster.objects import Manifest

Callback = Callable[[str, str, Manifest], None]


class EndpointWatch:
    """Hands on every write, and behind those of an instant the endpoints that they change.

    Parameters
    ----------
    list_objects : callable
        From a kind to its objects.
    callback : callable
        As for `ApiServer.watch`.
    kinds : collection of str
        ``EndpointSlice``, ``Endpoints``, or both.
    """

    def __init__(
        self,
        list_objects: Callable[[str], list[Manifest]],
        callback: Callback,
        kinds: Collection[str],
        clock: Clock,
    ) -> None:
        self._list = list_objects
        self._callback = callback
        self._kinds = sorted(kinds)
        self._clock = clock
        self._known = self._find()
        self._pods = {pod["metadata"]["uid"]: _that_matters(pod) for pod in list_objects("Pod")}
        self._is_planned = False
        self._has_ended = False

    def __call__(self, event: str, kind: str, obj: Manifest) -> None:
        """Take one write."""
        self._callback(event, kind, obj)
        if kind == "Service" or (kind == "Pod" and self._is_news(event, obj)):
            self._plan()

    def end(self) -> None:
        """Tell of nothing any more."""
        self._has_ended = True

    def _is_news(self, event: str, pod: Manifest) -> bool:
        """Whether a write of a pod may change endpoints; most of them do not."""
        uid, new = pod["metadata"]["uid"], None if event == "DELETED" else _that_matters(pod)
        old, self._pods[uid] = self._pods.get(uid), new
        return new != old

    def _plan(self) -> None:
        if not self._is_planned:
            self._is_planned = True
            self._clock.at(self._clock.now, POSTING, self._look)

    def _look(self, _: None) -> None:
        self._is_planned = False
        if self._has_ended:
            return
        before, self._known = self._known, self._find()
        for key, one in self._known.items():
            if key not in before:
                self._callback("ADDED", key[0], one)
            elif _contents(one) != _contents(before[key]):
                self._callback("MODIFIED", key[0], one)
        for key in sorted(before.keys() - self._known.keys()):
            self._callback("DELETED", key[0], before[key])

    def _find(self) -> dict[tuple[str, str], Manifest]:
        return {
            (kind, one["metadata"]["name"]): one
            for kind in self._kinds
            for one in self._list(kind)
        }


def _that_matters(pod: Manifest) -> list[Any]:
    """Return what endpoints are made from; a pod that has no address yet is in none."""
    metadata, status = pod["metadata"], pod["status"]
    if "podIP" not in status:
        return []
    ready = [c["status"] for c in status.get("conditions") or () if c["type"] == "Ready"]
    return [metadata.get("labels"), "deletionTimestamp" in metadata, status["phase"], ready]


def _contents(obj: Manifest) -> list[Any]:
    """Return all but the resource version, which grows with every write of the cluster."""
    metadata = {key: obj["metadata"].get(key) for key in ("labels", "annotations")}
    return [metadata, *(obj.get(field) for field in ("endpoints", "ports", "subsets"))]
