"""``kubectl taint``.

Follows ``kubectl/pkg/cmd/taint`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from rollnb.kubectl.flags import DRY_RUN, OUTPUT, SELECT, Arguments, Flag
from rollnb.kubectl.metadata import taint_text
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.resources import BY_KIND, find_resource, get_object, list_objects
from rollnb.kubectl.session import Session
from rollnb.kubectl.writing import write
from rollnb.validation import names, quote
from rollnb.validation.taints import EFFECTS

Object = dict[str, Any]

NODE = BY_KIND["Node"]
FLAGS = {**SELECT, **OUTPUT, **DRY_RUN, "overwrite": Flag(False)}


def taint(session: Session, args: Arguments) -> None:
    """Add taints to nodes (``key=value:effect``) or remove them (``key:effect-``, ``key-``)."""
    is_change = ["=" in word or ":" in word or word.endswith("-") for word in args.words]
    first = [*is_change, True].index(True)
    resources, changes = args.words[:first], args.words[first:]
    if False in is_change[first:]:
        word = args.words[is_change.index(False, first)]
        raise error(f"all resources must be specified before taint changes: {word}")
    if not resources:
        raise error("one or more resources must be specified as <resource> <name>")
    if not changes:
        raise error("at least one taint update is required")
    added, removed = _read(changes)
    if find_resource(resources[0]) != NODE:
        kind = resources[0].lower()
        raise error(f"invalid resource type {kind}, only node types are supported")
    _check_conflicts(added, removed)
    problems = []
    for node in _choose(session, args, resources[1:], problems):
        try:
            taints, done = _change(node, added, removed, args["overwrite"])
        except ValueError as problem:
            problems.append(f"error: {problem}")
            continue
        changed = copy.deepcopy(node)
        changed["spec"]["taints"] = taints
        write(session, args, NODE, node, changed, done)
    if len(problems) > 1:
        problems = [problem.removeprefix("error: ") for problem in problems]
    if problems:
        raise Failure("\n".join(problems))


def _choose(
    session: Session, args: Arguments, given: list[str], problems: list[str]
) -> Iterator[Object]:
    """Go through the nodes that are meant, each as it is by then; say which are not there."""
    if args["all"] and args["selector"]:
        raise error("setting 'all' parameter with a non empty selector is prohibited")
    if args["all"] or args["selector"]:
        yield from list_objects(session.cluster, NODE, args["selector"])
    elif not given:
        raise error(
            "at least one resource name must be specified since 'all' parameter is not set"
        )
    for name in given:
        try:
            yield get_object(session.cluster, NODE, name)
        except Failure as problem:
            problems.append(str(problem))


def _read(words: list[str]) -> tuple[list[Object], list[Object]]:
    """Return the taints to add and those to remove; ``parseTaints`` (``utils.go``)."""
    added: list[Object] = []
    removed: list[Object] = []
    try:
        for word in words:
            one = _read_one(word.removesuffix("-"))
            if word.endswith("-"):
                removed.append({**one, "value": ""})
            elif any(_is_same(one, other) for other in added):
                shown = " ".join([one["key"], one["value"], one["effect"], "<nil>"])
                raise ValueError(f"duplicated taints with the same key and effect: {{{shown}}}")
            else:
                added.append(one)
    except ValueError as problem:
        raise error(f"{problem}\nSee 'kubectl taint -h' for help and examples") from None
    return added, removed


def _read_one(text: str) -> Object:
    """Read ``key=value:effect``, ``key:effect`` or ``key``; ``parseTaint``."""
    wrong = f"invalid taint spec: {text}"
    parts = text.split(":")
    key, value, effect = parts[0], "", ""
    if len(parts) > 2:
        raise ValueError(wrong)
    if len(parts) == 2:
        effect = parts[1]
        if effect not in EFFECTS:
            raise ValueError(f"invalid taint effect: {effect}, unsupported taint effect")
        key, *values = key.split("=")
        if len(values) > 1:
            raise ValueError(wrong)
        value = "".join(values)
    for problems in (names.label_value(value), names.qualified_name(key)):
        if problems:
            raise ValueError(f"{wrong}, {'; '.join(problems)}")
    return {"key": key, "value": value, "effect": effect}


def _is_same(one: Object, other: Object) -> bool:
    return (one["key"], one["effect"]) == (other["key"], other["effect"])


def _is_meant(taint: Object, removed: Object) -> bool:
    """Whether a taint is one to remove, of which the effect may be left open."""
    return taint["key"] == removed["key"] and removed["effect"] in ("", taint["effect"])


def _check_conflicts(added: list[Object], removed: list[Object]) -> None:
    clashes = [
        f'{{"{gone["key"]}":"{gone["effect"]}"}}'
        for taint in added
        for gone in removed
        if _is_meant(taint, gone)
    ]
    if clashes:
        raise error(
            "can not both modify and remove the following taint(s) in the same command: "
            + ", ".join(clashes)
        )


def _change(
    node: Object, added: list[Object], removed: list[Object], overwrite: bool
) -> tuple[list[Object], str]:
    """Return a node's new taints, and the word for what is done; ``reorganizeTaints``.

    Raises
    ------
    ValueError
        If it has a taint to add, or none to remove.
    """
    old = node["spec"].get("taints") or []
    there = [taint["key"] for taint in added for other in old if _is_same(taint, other)]
    if there and not overwrite:
        raise ValueError(
            f"node {node['metadata']['name']} already has {','.join(there)} taint(s) with same "
            "effect(s) and --overwrite is false"
        )
    kept = [taint for taint in old if not any(_is_same(taint, other) for other in added)]
    taints = [*added, *kept]
    is_more, is_less = len(taints) != len(old), False
    missing = []
    for gone in removed:
        left = [taint for taint in taints if not _is_meant(taint, gone)]
        is_less = len(left) != len(taints)
        taints = left
        if not is_less:
            missing.append(f"taint {quote(taint_text(gone))} not found")
    if missing:
        raise ValueError(missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]")
    if overwrite or (is_more and is_less):
        return taints, "modified"
    return taints, "tainted" if is_more else "untainted"
