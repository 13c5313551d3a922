"""How containers get their images: pulls, and longer and longer waits after those that fail.

Follows ``pkg/kubelet/images/image_manager.go`` (Kubernetes 1.36). Every pod pulls its image: there
is no cache of images on the nodes.
"""

from __future__ import annotations

import random
from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from rollnb.cluster import lifecycle
from rollnb.cluster.behaviour import INSTANT, Behaviour
from rollnb.cluster.constants import KUBELET as KUBELET_TIMES
from rollnb.cluster.objects import ContainerState, Pod
from rollnb.cluster.pod_status import NOT_FOUND
from rollnb.spec import Image

if TYPE_CHECKING:
    from rollnb.cluster.kubelet import Kubelet

#: Seconds to the next look at a pod: after its status changed (PLEG), and after a failed sync.
RELIST_SECONDS = float(KUBELET_TIMES["pleg_relist_seconds"])
#: The latter is made longer by chance, by up to half (``workerBackOffPeriodJitterFactor`` in
#: ``pkg/kubelet/pod_workers.go``); the same for all pods here, so that runs repeat.
JITTER = 1.2
BACK_OFF_PERIOD_SECONDS = JITTER * float(KUBELET_TIMES["back_off_period_seconds"])
#: What every image is said to have: the model pulls by time, not by size.
IMAGE_BYTES = 25_000_000


class ImageManager:
    """Pulls images for a kubelet; of an image, it knows how containers behave.

    Parameters
    ----------
    registry : dict of Image, or None
        The images that can be pulled, by name; None: any image, with the defaults of `Image`.
    """

    def __init__(
        self,
        kubelet: Kubelet,
        registry: MutableMapping[str, Image] | None,
        rng: random.Random,
    ) -> None:
        self.kubelet = kubelet
        self.registry = registry
        self.rng = rng

    def has(self, name: str) -> bool:
        """Whether an image can be pulled."""
        return self.registry is None or name in self.registry

    def draw_behaviour(self, pod: Pod, container: ContainerState) -> None:
        """Let a container behave as its image says, or do all at once during a set-up."""
        image = self._image(container.spec.image, pod)
        container.behaviour = Behaviour(INSTANT if self.kubelet.instant else image, self.rng)

    def _image(self, name: str, pod: Pod) -> Image:
        image = (self.registry or {}).get(name) or Image(name)
        if pod.ordinal is not None and pod.ordinal in image.by_ordinal:
            return image.by_ordinal[pod.ordinal]
        return image

    def pull(self, pod: Pod, index: int) -> None:
        """Pull the image of a container; afterwards it starts."""
        container = pod.containers[index]
        container.begun = True
        name = container.spec.image
        text = lifecycle.pull_events(name, NOT_FOUND)[0]
        self.kubelet.event(pod, container, "Normal", "Pulling", text)
        if self.kubelet.instant or self.has(name):
            if container.failed_pulls:  # the image was not known when the pod came here
                self.draw_behaviour(pod, container)
            self.kubelet.after(container.behaviour.pull, self._pulled, pod, index)
        else:
            self.kubelet.after(container.behaviour.pull_fails_after, self._failed, pod, index)

    def _failed(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        container.failed_pulls += 1
        container.waiting = "ErrImagePull"
        text = lifecycle.pull_events(container.spec.image, NOT_FOUND)[1]
        self.kubelet.event(pod, container, "Warning", "Failed", text)
        self.kubelet.event(pod, container, "Warning", "Failed", "Error: ErrImagePull")
        self.kubelet.report(pod)
        first = container.failed_pulls == 1
        look = RELIST_SECONDS if first else BACK_OFF_PERIOD_SECONDS
        wait = lifecycle.pull_backoff_seconds(container.failed_pulls)
        while look < wait:
            self.kubelet.after(look, self._back_off, pod, index)
            look += BACK_OFF_PERIOD_SECONDS
        self.kubelet.after(wait, self.pull, pod, index)
        if first:
            self.pull_next(pod, index)

    def _back_off(self, pod: Pod, index: int) -> None:
        """Look at a pod whose pull has to wait; each such look is said."""
        container = pod.containers[index]
        text = lifecycle.pull_events(container.spec.image, NOT_FOUND)[2]
        self.kubelet.event(pod, container, "Normal", "BackOff", text)
        self.kubelet.event(pod, container, "Warning", "Failed", "Error: ImagePullBackOff")
        self.kubelet.set_waiting(pod, container, "ImagePullBackOff")

    def _pulled(self, pod: Pod, index: int) -> None:
        container = pod.containers[index]
        container.pulled_at = self.kubelet.clock.now
        seconds = container.behaviour.pull
        text = lifecycle.pulled_event(container.spec.image, seconds, IMAGE_BYTES)
        self.kubelet.event(pod, container, "Normal", "Pulled", text)
        self.kubelet.after(container.behaviour.start, self.kubelet.start_container, pod, index)

    def pull_next(self, pod: Pod, index: int) -> None:
        """Go on with the container after this one, unless that has been done."""
        if index + 1 < len(pod.containers) and not pod.containers[index + 1].begun:
            self.pull(pod, index + 1)
