"""Where an explorer begins: settings, a scenario, or the reader's own manifest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rollnb import manifest
from rollnb.cluster.admission import OF_THE_CLUSTER
from rollnb.run import Action
from rollnb.scenarios import SCENARIOS, Scenario
from rollnb.spec import StatefulSet, Workload
from rollnb.widgets.kinds import GATE, KINDS, name_of
from rollnb.widgets.orders import afterwards_of, steps
from rollnb.widgets.settings import Settings

#: What is the name of a scenario rather than a manifest.
NAME = re.compile(r"[\w-]+")

DURATIONS = ("pull_seconds", "start_seconds", "ready_seconds", "stop_seconds")


def read_settings(source: Any = None) -> Settings:
    """Return the settings to begin with.

    Parameters
    ----------
    source : Settings, Scenario or its name, or what `rollnb.manifest.read` takes, optional
        The lesson's worker by default. Of several workloads the first is rolled out, the others
        run beside it, and what else is in their namespace is there, too. Of a scenario its
        workloads count, its images, and what is done in it.

    Raises
    ------
    ValueError
        If there is no workload: in kubectl's words, with the line, if it is the manifest that is
        wrong. If a scenario has what an explorer has no control for.
    OSError
        If a file cannot be read.
    """
    if source is None:
        return Settings()
    if isinstance(source, Settings):
        return source
    if isinstance(source, Scenario):
        return _from_scenario(source)
    if isinstance(source, str) and NAME.fullmatch(source):
        if source not in SCENARIOS:
            raise ValueError(f"{source!r} is no scenario: there are {', '.join(SCENARIOS)}")
        return _from_scenario(SCENARIOS[source])
    objects = [manifest.admit(obj, feature_gates=[GATE]) for obj in manifest.read(source)]
    kinds = [kind.__name__ for kind in KINDS]
    found = [obj for obj in objects if obj["kind"] in kinds]
    if not found:
        there = ", ".join(obj["kind"] for obj in objects) or "nothing"
        raise ValueError(f"the explorer needs one of {', '.join(kinds)}: there is {there}")
    namespaces = sorted({_namespace_of(obj) for obj in found})
    if len(namespaces) > 1:
        raise ValueError(f"the explorer has one namespace: there are {', '.join(namespaces)}")
    workloads = [_close(manifest.parse(obj)) for obj in found]
    ((name, count),) = Counter(map(name_of, workloads)).most_common(1)
    if count > 1:
        raise ValueError(f"the explorer needs one of each name: {name} is there {count} times")
    paused = [name_of(one) for one in workloads if getattr(one, "paused", False)]
    if paused:
        raise ValueError(f"the explorer needs spec.paused false: {paused[0]} rolls nothing out")
    around = (obj for obj in objects if obj["kind"] not in OF_THE_CLUSTER)
    return Settings(
        base=workloads[0],
        beside=tuple(workloads[1:]),
        around=tuple(obj for obj in around if _namespace_of(obj) == namespaces[0]),
        namespace=namespaces[0],
    )


def turn_to(settings: Settings, name: str) -> Settings:
    """Return settings about another workload of the same cluster: ``daemonset/rng``.

    What pods do is as usual again: it was said of those of the workload before.
    """
    there = {name_of(one): one for one in (settings.workload, *settings.beside)}
    workload = there.pop(name)
    return Settings(
        base=workload,
        beside=tuple(there.values()),
        around=settings.around,
        namespace=settings.namespace,
        nodes=settings.nodes,
        seed=settings.seed,
    )


def _namespace_of(obj: Mapping[str, Any]) -> str:
    return obj["metadata"].get("namespace", "default")


def _close(workload: Workload) -> Workload:
    """Return a StatefulSet as it is behind a closed gate, if it asks for no more."""
    if isinstance(workload, StatefulSet) and workload.max_unavailable == 1:
        return replace(workload, max_unavailable=None)
    return workload


def _from_scenario(scenario: Scenario) -> Settings:
    settings = read_settings(scenario.workload)
    options = dict(scenario.options)
    if not scenario.actions:
        raise ValueError(f"the explorer needs an update: scenario {scenario.name!r} has none")
    (at, update), *later = scenario.actions
    image = str(update).rpartition("=")[2] if isinstance(update, str) else ""
    nodes = options.pop("nodes", None)
    settings = replace(
        settings,
        nodes=settings.nodes if nodes is None else len(nodes),
        seed=options.pop("seed", 0),
    )
    options.pop("until", None)
    images = {one.name: one for one in options.pop("images", ())}
    is_there = image in images or "images" not in scenario.options
    settings = replace(settings, image_exists=is_there)
    if image and image != settings.new_image:
        settings = replace(settings, image=image)
    if (at, update) != (0, settings.update()):
        raise ValueError(f"the explorer begins with {settings.update()!r} at 0 s")
    if tuple(options.pop("feature_gates", ())) != settings.feature_gates:
        raise ValueError(f"the explorer opens the feature gates {list(settings.feature_gates)}")
    if options:
        raise ValueError(f"the explorer has no control for the option {min(options)!r}")
    old = images.get(settings.old_image)
    if old is not None:
        settings = replace(
            settings,
            handles_sigterm=not old.ignores_sigterm,
            **{name: getattr(old, name) for name in DURATIONS},
        )
    for name in (settings.old_image, settings.new_image):
        if name in images and images[name] != settings.describe_image(name):
            raise ValueError(f"the explorer has no control for what {images[name]} does")
    return _read_later(settings, later)


def _read_later(settings: Settings, later: list[tuple[float, Action]]) -> Settings:
    """Return settings with what a scenario does after its update."""
    at = later[0][0] if later else settings.then_seconds
    wanted = [(time, getattr(action, "name", action)) for time, action in later]
    for then in afterwards_of(settings):
        trial = replace(settings, then=then, then_seconds=int(at))
        if [(time, getattr(step, "name", step)) for time, step in steps(trial)[1:]] == wanted:
            return trial
    raise ValueError(f"the explorer has no control for what is done afterwards: {wanted}")
