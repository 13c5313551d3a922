"""Where an explorer begins: settings, a scenario, or the reader's own manifest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rollnb import manifest
from rollnb.scenarios import Scenario
from rollnb.spec import Deployment
from rollnb.widgets.images import is_dockercoins, next_image
from rollnb.widgets.settings import Settings


def read_settings(source: Any = None) -> Settings:
    """Return the settings to begin with.

    Parameters
    ----------
    source : Settings, Scenario, or anything that `rollnb.manifest.read` takes, optional
        The lesson's worker by default. Of a manifest its first Deployment counts, of a scenario
        its Deployment, its images and its first update.

    Raises
    ------
    ValueError
        If there is no Deployment with rolling updates: in kubectl's words, with the line, if it
        is the manifest that is wrong.
    OSError
        If a file cannot be read.
    """
    if source is None:
        return Settings()
    if isinstance(source, Settings):
        return source
    if isinstance(source, Scenario):
        return _from_scenario(source)
    objects = [manifest.admit(obj) for obj in manifest.read(source)]
    found = [obj for obj in objects if obj["kind"] == "Deployment"]
    if not found:
        kinds = ", ".join(obj["kind"] for obj in objects) or "nothing"
        raise ValueError(f"the explorer needs a Deployment: there is {kinds}")
    return _from_deployment(
        manifest.parse(found[0]), found[0]["metadata"].get("namespace", "default")
    )


def _from_deployment(deployment: Deployment, namespace: str = "default") -> Settings:
    if deployment.strategy != "RollingUpdate":
        raise ValueError(
            f"the explorer needs spec.strategy.type RollingUpdate: {deployment.name} has "
            f"{deployment.strategy}, which has neither maxSurge nor maxUnavailable"
        )
    if not deployment.replicas:
        raise ValueError(f"the explorer needs pods: {deployment.name} has spec.replicas 0")
    return Settings(
        base=replace(deployment, node_selector={}),  # nodes of the model have no labels
        namespace=namespace,
        replicas=deployment.replicas,
        max_surge=deployment.max_surge,
        max_unavailable=deployment.max_unavailable,
        min_ready_seconds=deployment.min_ready_seconds,
        termination_grace_period_seconds=deployment.termination_grace_period_seconds,
        handles_sigterm=not is_dockercoins(deployment.template.containers[0].image),
    )


def _from_scenario(scenario: Scenario) -> Settings:
    if not isinstance(scenario.workload, Deployment):
        raise ValueError(f"the explorer needs one Deployment: scenario {scenario.name!r} has not")
    settings = _from_deployment(scenario.workload)
    images = {image.name: image for image in scenario.options.get("images", ())}
    old = settings.container.image
    settings = replace(settings, image_exists=next_image(old) in images)
    if old in images:
        image = images[old]
        settings = replace(
            settings,
            handles_sigterm=not image.ignores_sigterm,
            **{
                name: float(getattr(image, name))
                for name in ("pull_seconds", "start_seconds", "ready_seconds")
                if isinstance(getattr(image, name), int | float)
            },
        )
    return settings
