"""Where an explorer begins: settings, a scenario, or the reader's own manifest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rollnb import manifest
from rollnb.run import Action
from rollnb.scenarios import Scenario
from rollnb.spec import Workload
from rollnb.widgets.images import is_dockercoins
from rollnb.widgets.kinds import KINDS, kind_of, name_of
from rollnb.widgets.orders import afterwards_of, steps
from rollnb.widgets.settings import Settings

DURATIONS = ("pull_seconds", "start_seconds", "ready_seconds", "stop_seconds")


def read_settings(source: Any = None) -> Settings:
    """Return the settings to begin with.

    Parameters
    ----------
    source : Settings, Scenario, or anything that `rollnb.manifest.read` takes, optional
        The lesson's worker by default. Of several workloads the first is rolled out, the others
        run beside it. Of a scenario its workloads count, its images, and what is done in it.

    Raises
    ------
    ValueError
        If there is no workload: in kubectl's words, with the line, if it is the manifest that is
        wrong. If a scenario does what an explorer has no control for.
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
    kinds = [kind.__name__ for kind in KINDS]
    found = [obj for obj in objects if obj["kind"] in kinds]
    if not found:
        there = ", ".join(obj["kind"] for obj in objects) or "nothing"
        raise ValueError(f"the explorer needs one of {', '.join(kinds)}: there is {there}")
    workload, *others = map(manifest.parse, found)
    return _from_workload(
        workload, others, namespace=found[0]["metadata"].get("namespace", "default")
    )


def turn_to(settings: Settings, name: str) -> Settings:
    """Return settings about another workload of the same cluster: ``daemonset/rng``."""
    there = {name_of(one): one for one in (settings.base, *settings.beside)}
    workload = there.pop(name)
    same = {"namespace": settings.namespace, "nodes": settings.nodes}
    return _from_workload(workload, there.values(), **same)


def _from_workload(workload: Workload, beside: Iterable[Workload], **fields: Any) -> Settings:
    # Nodes of the model have no labels.
    workload, *others = (replace(one, node_selector={}) for one in (workload, *beside))
    grace = workload.termination_grace_period_seconds
    return Settings(
        base=workload,
        beside=tuple(others),
        **{name: getattr(workload, name) for name in kind_of(workload).fields},
        termination_grace_period_seconds=grace,
        handles_sigterm=not is_dockercoins(workload.template.containers[0].image),
        **fields,
    )


def _from_scenario(scenario: Scenario) -> Settings:
    settings = read_settings(scenario.workload)
    images = {image.name: image for image in scenario.options.get("images", ())}
    (_, update), *later = scenario.actions
    image = str(update).rpartition("=")[2]
    settings = replace(
        settings,
        image=image,
        image_exists=image in images,
        nodes=len(scenario.options.get("nodes", ())) or settings.nodes,
    )
    if update != settings.update():
        raise ValueError(f"the explorer begins with {settings.update()!r}, not with {update!r}")
    settings = _read_later(settings, later)
    old = images.get(settings.old_image)
    if old is None:
        return settings
    durations = {name: getattr(old, name) for name in DURATIONS}
    return replace(
        settings,
        handles_sigterm=not old.ignores_sigterm,
        **{
            name: float(value)
            for name, value in durations.items()
            if isinstance(value, int | float)
        },
    )


def _read_later(settings: Settings, later: list[tuple[float, Action]]) -> Settings:
    """Return settings with what a scenario does after its update."""
    at = int(later[0][0]) if later else settings.then_seconds
    wanted = [(time, getattr(action, "name", action)) for time, action in later]
    for then in afterwards_of(settings):
        trial = replace(settings, then=then, then_seconds=at)
        if [(time, getattr(step, "name", step)) for time, step in steps(trial)[1:]] == wanted:
            return trial
    raise ValueError(f"the explorer has no control for what is done afterwards: {wanted}")
