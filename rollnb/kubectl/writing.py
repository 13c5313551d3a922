"""What the commands that change objects have in common."""

from __future__ import annotations

from typing import Any

from rollnb.kubectl.flags import FILES, OUTPUT, RECORD, SELECT, Arguments, Flag
from rollnb.kubectl.history import CHANGE_CAUSE
from rollnb.kubectl.output import error
from rollnb.kubectl.printing import object_printer
from rollnb.kubectl.resources import Resource
from rollnb.kubectl.session import Session

Object = dict[str, Any]

COMMON_FLAGS = {**FILES, **SELECT, **OUTPUT, **RECORD, "local": Flag(False)}
NO_RESOURCE = "one or more resources must be specified as <resource> <name> or <resource>/<name>"


def write(
    session: Session,
    args: Arguments,
    resource: Resource,
    old: Object,
    new: Object,
    done: str,
    command: str = "",
) -> None:
    """Write an object, or only show it with ``--dry-run``, and say what was done."""
    if command and args["record"]:
        annotations = dict(new["metadata"].get("annotations") or {})
        new["metadata"]["annotations"] = {**annotations, CHANGE_CAUSE: command}
    dry_run = args["dry-run"]
    written = new
    if dry_run == "none" and not args.flags.get("local"):
        written = session.update(new) if new != old else old
    elif dry_run == "server":
        written = session.update(new, dry_run_on=old)
    say(session, args, resource, written, done)


def say(session: Session, args: Arguments, resource: Resource, obj: Object, done: str) -> None:
    """Say what was done with an object, or print it with ``-o``."""
    output = args.flags.get("output")
    if output:
        # JSONPath output has no newline of its own.
        end = "" if output.startswith("jsonpath") else "\n"
        session.printer.out(object_printer(output)(obj), end=end)
        return
    name = resource.named(obj["metadata"]["name"] or "<unknown>")  # of one still to be generated
    session.printer.out(f"{name} {done}{dry_run_suffix(args)}")


def dry_run_suffix(args: Arguments) -> str:
    """Return what is said behind what has only been tried."""
    suffix = {"client": " (dry run)", "server": " (server dry run)"}
    return suffix.get(args.flags.get("dry-run"), "")


def command_line(command: str, args: Arguments) -> str:
    """Return the command as ``--record`` notes it: arguments first, flags sorted."""
    flags = []
    for name in sorted(args.given):
        value = args.flags[name]
        for item in value if isinstance(value, list) else [value]:
            flags.append(f"--{name}={str(item).lower() if isinstance(item, bool) else item}")
    return " ".join(["kubectl", command, *args.words, *flags])


def split_pairs(words: list[str], what: str) -> tuple[list[str], list[str]]:
    """Part ``deploy web`` from ``a=1 b-``: resources first, then pairs.

    Notes
    -----
    ``GetResourcesAndPairs`` (``kubectl/pkg/cmd/util/helpers.go``).
    """
    resources: list[str] = []
    pairs: list[str] = []
    for word in words:
        if ("=" in word and word[0] != "=") or (word.endswith("-") and word != "-"):
            pairs.append(word)
        elif pairs:
            raise error(f"all resources must be specified before {what} changes: {word}")
        else:
            resources.append(word)
    return resources, pairs
