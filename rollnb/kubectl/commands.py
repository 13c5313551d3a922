"""kubectl's commands by name, and what is said of those it does not have here.

Follows ``kubectl/pkg/cmd/cmd.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rollnb import manifest
from rollnb.kubectl import (
    budgets,
    change,
    cordon,
    delete,
    drain,
    events,
    expose,
    get,
    manifests,
    quotas,
    rollout,
    rollout_status,
    setting,
    taint,
    wait,
)
from rollnb.kubectl.describe import describe
from rollnb.kubectl.flags import FILES, OUTPUT, SELECT, Arguments, Flag, parse
from rollnb.kubectl.output import Failure, error
from rollnb.kubectl.resources import RESOURCES, list_objects, parse_targets
from rollnb.kubectl.session import Session
from rollnb.kubectl.tabwriter import TableWriter
from rollnb.kubectl.waiting import Waiting

Action = Callable[[Session, Arguments], Waiting | None]

#: The version whose rules are followed, of kubectl and of the API server; printed as in
#: ``kubectl/pkg/cmd/version/version.go``.
_VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.2"}


def _describe(session: Session, args: Arguments) -> None:
    """Print what there is to know of objects, and their Events."""
    targets = parse_targets(args.words) + session.targets_in_files(args["filename"])
    if not targets:
        raise error(
            'You must specify the type of resource to describe. Use "kubectl api-resources" for '
            "a complete list of supported resources."
        )
    session.warn_of_old(targets)
    kinds = ("Pod", "ReplicaSet", "Event", "EndpointSlice", "ResourceQuota")
    others = {kind: session.cluster.list(kind) for kind in kinds}
    texts, problems = [], []
    for target in targets:
        objects = list_objects(session.cluster, target.resource, args["selector"])
        for name in target.names or (None,):
            # Without an exact match, kubectl takes a name as the beginning of names.
            chosen = [obj for obj in objects if name in (None, obj["metadata"]["name"])]
            chosen = chosen or [o for o in objects if o["metadata"]["name"].startswith(name or "")]
            if name and not chosen:
                problems.append(
                    f'Error from server (NotFound): {target.resource.full} "{name}" not found'
                )
            texts += [describe(obj, others, session.unix_now) for obj in chosen]
    if texts:
        session.printer.out("\n\n".join(texts), end="")
    elif not problems:
        place = session.place(args)
        session.printer.err(f"No resources found{place}" + ("." if place else ""))
    if problems:
        raise Failure("\n".join(problems))


def _api_resources(session: Session, args: Arguments) -> None:
    """List the kinds of objects that the simulated API server has."""
    rows = [["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]]
    for r in sorted(RESOURCES, key=lambda r: (r.group, r.plural)):
        version = f"{r.group}/v1" if r.group else "v1"
        namespaced = str(r.namespaced).lower()
        rows.append([r.plural, ",".join(r.short), version, namespaced, r.kind])
    session.printer.out("\n".join(TableWriter().write(rows)))


def _version(session: Session, args: Arguments) -> None:
    """Print the version of Kubernetes whose rules are followed."""
    if args.words:
        raise error(f"extra arguments: [{' '.join(args.words)}]")
    versions = {"clientVersion": _VERSION}
    if not args["client"]:
        versions["serverVersion"] = _VERSION
    if args["output"] == "json":
        text = json.dumps(versions, indent=2)
    elif args["output"] == "yaml":
        text = manifest.dump(versions)
    elif args["output"]:
        raise error("--output must be 'yaml' or 'json'")
    else:
        text = f"Client Version: {_VERSION['gitVersion']}"
        if not args["client"]:
            text += f"\nServer Version: {_VERSION['gitVersion']} (simulated by rollnb)"
    session.printer.out(text)


def _edit(session: Session, args: Arguments) -> None:
    """Say how to edit: a command line has no editor."""
    target = "/".join(args.words[:2]) or "deployment/NAME"
    raise error(
        f"there is no editor here: use cluster.edit({target!r}, lambda text: "
        "text.replace(old, new)), or kubectl patch"
    )


@dataclass(frozen=True)
class Command:
    """A command: what it does, and the flags that it takes beside the global ones."""

    action: Action
    flags: Mapping[str, Flag] = field(default_factory=dict)


COMMANDS: dict[str, Command] = {
    "get": Command(get.get, get.FLAGS),
    "describe": Command(_describe, {**FILES, **SELECT, "show-events": Flag(True)}),
    "events": Command(events.events, events.FLAGS),
    "edit": Command(_edit, {**OUTPUT, **FILES}),
    "version": Command(_version, {**OUTPUT, "client": Flag(False)}),
    "api-resources": Command(_api_resources, OUTPUT),
    "set image": Command(setting.set_image, setting.FLAGS["set image"]),
    "set env": Command(setting.set_env, setting.FLAGS["set env"]),
    "set resources": Command(setting.set_resources, setting.FLAGS["set resources"]),
    "scale": Command(change.scale, change.FLAGS["scale"]),
    "patch": Command(change.patch_object, change.FLAGS["patch"]),
    "annotate": Command(change.annotate, change.FLAGS["annotate"]),
    "label": Command(change.label, change.FLAGS["label"]),
    "apply": Command(manifests.apply, manifests.FLAGS["apply"]),
    "create": Command(manifests.create, manifests.FLAGS["create"]),
    "create deployment": Command(
        manifests.create_deployment, manifests.FLAGS["create deployment"]
    ),
    "create poddisruptionbudget": Command(budgets.create_budget, budgets.FLAGS),
    "create namespace": Command(manifests.create_namespace, manifests.FLAGS["create namespace"]),
    "create quota": Command(quotas.create_quota, quotas.FLAGS),
    "expose": Command(expose.expose, expose.FLAGS),
    "replace": Command(manifests.replace, manifests.FLAGS["replace"]),
    "delete": Command(delete.delete, delete.FLAGS),
    "wait": Command(wait.wait, wait.FLAGS),
    "cordon": Command(cordon.cordon, cordon.FLAGS),
    "uncordon": Command(cordon.uncordon, cordon.FLAGS),
    "drain": Command(drain.drain, drain.FLAGS),
    "taint": Command(taint.taint, taint.FLAGS),
    "rollout status": Command(rollout_status.status, rollout_status.FLAGS),
    **{
        f"rollout {name}": Command(getattr(rollout, name), flags)
        for name, flags in rollout.FLAGS.items()
    },
}
_GROUPS = {name.split()[0] for name in COMMANDS if " " in name}
_ALIASES = {
    "create deploy": "create deployment",
    "create ns": "create namespace",
    "create pdb": "create poddisruptionbudget",
    "create resourcequota": "create quota",
}

#: Commands of the real kubectl that have nothing to work on in a simulation.
# fmt: off
_NOT_SIMULATED = frozenset((
    "alpha", "api-versions", "attach", "auth", "autoscale", "certificate", "cluster-info",
    "completion", "config", "cp", "create configmap", "create cm", "create secret",
    "create service", "create svc", "debug", "diff", "exec", "explain", "kustomize", "logs",
    "options", "plugin", "port-forward", "proxy", "run", "set selector", "set serviceaccount",
    "set sa", "set subject", "top",
))
# fmt: on


#: Flags that no command takes here, and what to do instead.
_REFUSED_FLAGS = {
    "kustomize": "give the text that kubectl kustomize prints with -f",
    "prune": "use kubectl delete -l",
}


def run_command(session: Session, words: list[str]) -> Waiting | None:
    """Run one kubectl command; `words` are what stands behind ``kubectl``.

    Returns
    -------
    Waiting or None
        What has to be waited for; None if the command is done.

    Raises
    ------
    Failure
        If the command fails.
    """
    before, words = _split_global(words)
    if words[:1] == ["help"]:
        before, words = [*before, "--help"], words[1:]
    wants_help = bool({"-h", "--help"} & {*before, *words})
    if not words and wants_help:
        session.printer.out(_overview())
        return None
    if not words:
        raise error(f"a command is needed: one of {', '.join(sorted(COMMANDS))}")
    name, rest = words[0], words[1:]
    pair = " ".join(words[:2])
    pair = _ALIASES.get(pair, pair)
    for command in (pair, name):
        if command in _NOT_SIMULATED:
            raise error(f'"kubectl {command}" has no part in a rollout and is not simulated')
    if name in _GROUPS and pair in COMMANDS:
        name, rest = pair, rest[1:]
    elif name in ("rollout", "set") and wants_help and not (rest and rest[0][0] != "-"):
        session.printer.out(_overview(f"{name} "))
        return None
    elif name in ("rollout", "set"):
        return _unknown_subcommand(name, rest)
    if name not in COMMANDS:
        raise Failure(
            f'error: unknown command "{name}" for "kubectl"' + _suggest(name, list(COMMANDS))
        )
    command = COMMANDS[name]
    args = parse(name, before + rest, command.flags)
    if "record" in args.given:
        session.printer.err(
            "Flag --record has been deprecated, --record will be removed in the future"
        )
    for flag, instead in _REFUSED_FLAGS.items():
        if args.flags.get(flag):
            raise error(f"--{flag} is not simulated: {instead}")
    if args["help"]:
        what = (command.action.__doc__ or "").strip().replace("``", "")
        session.printer.out(f"{what}\n\nFlags of kubectl {name}:")
        flags = [f"  --{flag}" for flag in sorted(command.flags)]
        session.printer.out("\n".join(flags))
        return None
    session.warn_of_namespace(args["namespace"])
    return command.action(session, args)


def _overview(beginning: str = "") -> str:
    """Return the commands that begin so, each with what it does."""
    rows = [
        [f"  {name}", (command.action.__doc__ or "").splitlines()[0].replace("``", "")]
        for name, command in COMMANDS.items()
        if name.startswith(beginning)
    ]
    lines = [
        "kubectl controls the simulated cluster with these commands:",
        "",
        *TableWriter().write(rows),
        "",
        'Use "kubectl <command> --help" for more information about a given command.',
    ]
    return "\n".join(lines)


def _split_global(words: list[str]) -> tuple[list[str], list[str]]:
    """Take the flags off that stand before the command: ``kubectl -n x get pods``."""
    before: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        flag = rest.pop(0)
        before.append(flag)
        takes_value = flag in ("-n", "--namespace", "--context", "--kubeconfig", "-v")
        takes_value = takes_value or flag == "--request-timeout"
        if takes_value and rest:
            before.append(rest.pop(0))
    return before, rest


def _unknown_subcommand(name: str, rest: list[str]) -> None:
    known = [command.split()[1] for command in COMMANDS if command.startswith(f"{name} ")]
    if rest and not rest[0].startswith("-"):
        raise Failure(
            f"error: unknown command \"{name} {rest[0]}\"\nSee 'kubectl {name} -h' for help and "
            "examples" + _suggest(rest[0], known)
        )
    raise error(f"kubectl {name} needs one of: {', '.join(known)}")


def _suggest(word: str, names: list[str]) -> str:
    """Return kubectl's ``Did you mean this?`` for a name that is close to others."""
    close = [
        name
        for name in dict.fromkeys(name.split()[0] if " " in name else name for name in names)
        if _distance(word.lower(), name) <= 2 or name.startswith(word.lower())
    ]
    return "\n\nDid you mean this?" + "".join(f"\n\t{name}" for name in close) if close else ""


def _distance(one: str, other: str) -> int:
    """Count the letters to add, drop or change (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
