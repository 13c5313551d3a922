"""The arguments of a kubectl command: flags as ``pflag`` reads them, and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rollnb.kubectl.output import Failure, error


@dataclass(frozen=True)
class Flag:
    """One flag: its letter, if it has one, and its default.

    A flag whose default is a bool needs no value, nor does one with a value for when it stands
    `alone` (which then takes another one only behind ``=``); one whose default is a list may be
    repeated.
    """

    default: Any = ""
    short: str = ""
    alone: str = ""


#: Flags that every kubectl command takes.
GLOBAL = {
    "namespace": Flag("", "n"),
    "all-namespaces": Flag(False, "A"),
    "request-timeout": Flag("0"),
    "context": Flag(""),
    "kubeconfig": Flag(""),
    "v": Flag("0", "v"),
    "help": Flag(False, "h"),
}

#: Words for true and false; ``strconv.ParseBool``.
TRUTH = {
    **dict.fromkeys(("1", "t", "T", "true", "True", "TRUE"), True),
    **dict.fromkeys(("0", "f", "F", "false", "False", "FALSE"), False),
}

#: Flags of the commands that change or print objects.
OUTPUT = {"output": Flag("", "o")}
SELECT = {"selector": Flag("", "l"), "all": Flag(False)}
FILES = {"filename": Flag([], "f"), "recursive": Flag(False, "R"), "kustomize": Flag("", "k")}
MANAGER = {"field-manager": Flag("")}
DRY_RUN = {"dry-run": Flag("none", alone="unchanged"), **MANAGER}
RECORD = {"record": Flag(False), **DRY_RUN}


@dataclass(frozen=True)
class Arguments:
    """What a command was given: its positional arguments and every flag's value."""

    words: list[str]
    flags: Mapping[str, Any]
    given: frozenset[str]

    def __getitem__(self, name: str) -> Any:
        return self.flags[name]


def parse(command: str, words: list[str], known: Mapping[str, Flag]) -> Arguments:
    """Split `words` into positional arguments and flags.

    Parameters
    ----------
    command : str
        ``get`` or ``rollout undo``: for the errors.
    known : mapping of str to Flag
        The command's flags beside the global ones.

    Raises
    ------
    Failure
        For an unknown flag, a flag without its value, or a value that is not of its type.
    """
    known = {**GLOBAL, **known}
    letters = {flag.short: name for name, flag in known.items() if flag.short}
    values = {
        name: list(flag.default) if isinstance(flag.default, list) else flag.default
        for name, flag in known.items()
    }
    given: set[str] = set()
    positional: list[str] = []
    usage = f"\nSee 'kubectl {command} --help' for usage."
    rest = iter(words)

    def put(name: str, value: str | None, shown: str) -> None:
        default = known[name].default
        if value is None:
            value = known[name].alone or None
        if value is None and not isinstance(default, bool):
            value = next(rest, None)
            if value is None:
                raise Failure(f"error: flag needs an argument: {shown}{usage}")
        given.add(name)
        if isinstance(default, list):
            values[name].append(value)
        else:
            values[name] = _convert(value, default, shown, usage)

    for word in rest:
        if word == "--":
            positional.extend(rest)
        elif word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name not in known:
                raise Failure(f"error: unknown flag: --{name}{usage}")
            put(name, value if equals else None, f"--{name}")
        elif word.startswith("-") and word != "-":
            letters_given = word[1:]
            while letters_given:
                letter, letters_given = letters_given[0], letters_given[1:]
                if letter not in letters:
                    raise Failure(f"error: unknown shorthand flag: {letter!r} in {word}{usage}")
                name = letters[letter]
                if letters_given.startswith("="):
                    value, letters_given = letters_given[1:], ""
                elif letters_given and not isinstance(known[name].default, bool):
                    value, letters_given = letters_given, ""
                else:
                    value = None
                put(name, value, f"{letter!r} in {word}")
        else:
            positional.append(word)
    if "dry-run" in values:
        _check_dry_run(values["dry-run"])
    return Arguments(positional, values, frozenset(given))


def _check_dry_run(value: str) -> None:
    """Refuse a dry run of another kind; ``GetDryRunStrategy`` (``kubectl/pkg/cmd/util``)."""
    known = '"none", "server", or "client"'
    if value == DRY_RUN["dry-run"].alone:
        raise error(f"--dry-run flag without a value was specified. A value must be set: {known}.")
    if value not in ("none", "server", "client"):
        raise error(f"Invalid dry-run value ({value}). Must be {known}.")


def _convert(value: str | None, default: Any, shown: str, usage: str) -> Any:
    """Return a flag's value as the type of its default."""
    if isinstance(default, bool):
        words = {None: True, **TRUTH}
        if value not in words:
            raise Failure(
                f'error: invalid argument "{value}" for "{shown}" flag: strconv.ParseBool: '
                f'parsing "{value}": invalid syntax{usage}'
            )
        return words[value]
    if isinstance(default, int):
        try:
            return int(value)
        except ValueError:
            raise Failure(
                f'error: invalid argument "{value}" for "{shown}" flag: strconv.ParseInt: '
                f'parsing "{value}": invalid syntax{usage}'
            ) from None
    return value
