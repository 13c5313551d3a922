"""What a command works with: the cluster, where it prints, its files, and errors in its words."""

from __future__ import annotations

import math
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from rollnb import manifest
from rollnb.cluster import Refused
from rollnb.kubectl.ages import parse_go_duration
from rollnb.kubectl.flags import Arguments
from rollnb.kubectl.output import Failure, Printer, error
from rollnb.kubectl.resources import (
    BY_KIND,
    Resource,
    Target,
    get_object,
    list_objects,
    parse_targets,
)

Object = dict[str, Any]

#: Kinds that users may write; of the other kinds, the cluster has what its controllers make.
STORED = (
    *("Deployment", "StatefulSet", "DaemonSet", "Service", "PodDisruptionBudget"),
    *("ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim", "ResourceQuota"),
    "Namespace",
)


@dataclass
class Session:
    """One command's surroundings.

    Parameters
    ----------
    cluster : Cluster
    printer : Printer
    files : mutable mapping of str to str
        Texts by file name; other names are looked for on disk.
    stdin : str
        What a pipe or a here-document gives the command.
    """

    cluster: Any
    printer: Printer
    files: MutableMapping[str, str] = field(default_factory=dict)
    stdin: str = ""

    @property
    def unix_now(self) -> float:
        """The cluster's time as unix seconds."""
        return self.cluster.epoch + self.cluster.now

    def place(self, args: Arguments) -> str:
        """Return where nothing was found: `` in default namespace``, with ``-A`` nothing.

        The cluster has one namespace, and any ``-n`` means that one.
        """
        return "" if args["all-namespaces"] else f" in {self.cluster.namespace} namespace"

    # ------------------------------------------------------------------------------------- files

    def read(self, name: str) -> str:
        """Return the text of a file, or stdin for ``-``."""
        if name == "-":
            return self.stdin
        if name in self.files:
            return self.files[name]
        if name.startswith(("http://", "https://")):
            raise error(f'unable to read URL "{name}": a simulated cluster has no network')
        try:
            return Path(name).expanduser().read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            raise error(f'the path "{name}" does not exist') from None
        except (OSError, UnicodeDecodeError) as problem:
            raise error(f"error reading {name}: {problem}") from None

    def file_names(self, names: list[str]) -> list[str]:
        """Return the files that ``-f`` names: of a folder, the manifests in it."""
        found = []
        for name in names:
            for part in name.split(","):
                path = Path(part).expanduser()
                if part not in self.files and part != "-" and path.is_dir():
                    kinds = (".yaml", ".yml", ".json")
                    found += [str(p) for p in sorted(path.iterdir()) if p.suffix in kinds]
                else:
                    found.append(part)
        return found

    def targets_in_files(self, names: list[str]) -> list[Target]:
        """Return what manifests name, for commands that only need the names."""
        found = []
        for name in self.file_names(names):
            source = "STDIN" if name == "-" else name
            try:
                objects = manifest.read(self.read(name))
            except manifest.ManifestError as problem:
                raise Failure(problem.kubectl(source)) from None
            for obj in filter(self.has_a_part, objects):
                if not (wanted := name_of(obj)):
                    raise error("resource name may not be empty")
                found.append(Target(BY_KIND[obj["kind"]], (wanted,), source))
        return found

    def warn_of_namespace(self, name: str) -> None:
        """Say of a namespace asked for that it is the only one, if nobody has made that name."""
        here = self.cluster.namespace
        made = {obj["metadata"]["name"] for obj in self.cluster.list("Namespace")}
        if name and name not in {here, *made}:
            self.printer.err(
                f"rollnb: there is one namespace here, {here}: -n {name} is taken for it"
            )

    def warn_of_old(self, targets: list[Target]) -> None:
        """Say which of the kinds asked for are deprecated, as the API server does."""
        if any(target.resource.kind == "Endpoints" for target in targets):
            instead = "use discovery.k8s.io/v1 EndpointSlice"
            self.printer.err(f"Warning: v1 Endpoints is deprecated in v1.33+; {instead}")

    def has_a_part(self, obj: Object) -> bool:
        """Whether an object of a file is of a kind that is kept here; else say that it is not."""
        if obj["kind"] in STORED:
            return True
        about = f'{obj["kind"]} "{name_of(obj)}"'
        self.printer.err(f"rollnb: {about} has no part in a rollout here: passed over")
        return False

    # ----------------------------------------------------------------------------------- objects

    def select(
        self,
        words: list[str],
        args: Arguments,
        *,
        needs_name: str = "",
        every: bool = False,
    ) -> list[tuple[Resource, Object]]:
        """Return the objects that a command which changes things is about.

        Parameters
        ----------
        words : list of str
            ``deploy worker`` or ``deploy/worker``.
        needs_name : str
            The error if neither names nor a selector is given.
        every : bool
            Whether a kind without names means all of it.
        """
        filename = args.flags.get("filename") or []
        targets = parse_targets(words) + (self.targets_in_files(filename) if filename else [])
        if not targets:
            raise error(needs_name or "required resource not specified")
        found = []
        for target in targets:
            found += self.choose(target, args, needs_name=needs_name, every=every)
        return found

    def find(
        self, args: Arguments
    ) -> tuple[list[tuple[Target, Object]], list[tuple[Target, Failure]]]:
        """Return the objects that words and files name, and what the server says of the others.

        Notes
        -----
        ``ContinueOnError`` (``cli-runtime/pkg/resource/builder.go``).
        """
        if not args.words and not args["filename"]:
            raise error("You must provide one or more resources by argument or filename.")
        found: list[tuple[Target, Object]] = []
        problems: list[tuple[Target, Failure]] = []
        for target in parse_targets(args.words) + self.targets_in_files(args["filename"]):
            for name in target.names or (None,):
                one = replace(target, names=(name,) if name else ())
                try:
                    found += [(one, obj) for _, obj in self.choose(one, args)]
                except Failure as problem:
                    if not problem.reason:
                        raise
                    problems.append((one, problem))
        return found, problems

    def choose(
        self, target: Target, args: Arguments, *, needs_name: str = "", every: bool = False
    ) -> list[tuple[Resource, Object]]:
        """Return the objects of one target; the parameters are those of `select`."""
        selector, fields = (args.flags.get(f) or "" for f in ("selector", "field-selector"))
        if args.flags.get("all") and (selector or fields):
            raise error("setting 'all' parameter but found a non empty selector. ")
        every = every or args.flags.get("all")
        resource = target.resource
        if target.names and (selector or fields):
            raise error("name cannot be provided when a selector is specified")
        if not (target.names or selector or fields or every):
            raise error(needs_name or "resource(s) were provided, but no name was specified")
        if target.names:
            return [(resource, get_object(self.cluster, resource, n)) for n in target.names]
        return [(resource, obj) for obj in list_objects(self.cluster, resource, selector, fields)]

    def update(self, obj: Object, dry_run_on: Object | None = None) -> Object:
        """Write an object, or fail in the API server's words.

        With the object `dry_run_on` that it would replace, nothing is written.
        """
        if obj["kind"] not in (*STORED, "Node", "Pod"):
            owned = obj["metadata"].get("ownerReferences")
            instead = ": change what owns it" if owned else ", and nothing owns it"
            raise Failure(f"rollnb: a {obj['kind']} cannot be changed here{instead}")
        door = self.cluster.update
        if dry_run_on is not None:
            door = partial(self.cluster.admit, old=dry_run_on)
        return self.call(door, obj)

    def call(
        self,
        door: Callable[[Object], Object],
        obj: Object,
        source: str = "",
        verb: str = "creating",
    ) -> Object:
        """Hand an object to a door of the cluster, or fail in the API server's words.

        `source` is the file that the object is from and `verb` what is done with it: errors of a
        request that the server cannot decode name both.
        """
        try:
            return door(obj)
        except manifest.Invalid as invalid:
            raise Failure(str(invalid)) from None
        except Refused as refused:
            raise Failure(f"rollnb: {refused}") from None
        except manifest.ManifestError as refused:
            if source:
                raise Failure(refused.kubectl(source, verb)) from None
            raise Failure(f"Error from server (BadRequest): {refused.text}") from None


def name_of(obj: Object) -> str:
    """Return the name of an object that was read from a file; empty if it has none."""
    return (obj.get("metadata") or {}).get("name") or ""


def read_timeout(text: str, zero: float = math.inf) -> float:
    """Return the seconds of a ``--timeout`` or ``--request-timeout``; less than 0 means no end.

    A bare number is taken as seconds. `zero` is what 0 means: by default no end, either.
    """
    try:
        seconds = float(text) if text.isdigit() else parse_go_duration(text)
    except ValueError as problem:
        raise error(f'invalid argument "{text}" for "--timeout" flag: {problem}') from None
    return math.inf if seconds < 0 else seconds or zero
