"""``jq`` behind a pipe, by the real library."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import jq

from rollnb.kubectl.output import Failure


@dataclass
class _Options:
    """The options of the ``jq`` tool."""

    program: str | None = None
    raw: bool = False
    join: bool = False
    slurp: bool = False
    null_input: bool = False
    raw_input: bool = False
    sort_keys: bool = False
    indent: int | str | None = 2
    exit_status: bool = False
    variables: dict[str, Any] = field(default_factory=dict)


_LETTERS = {
    "r": ("raw", True),
    "j": ("join", True),
    "s": ("slurp", True),
    "n": ("null_input", True),
    "R": ("raw_input", True),
    "S": ("sort_keys", True),
    "c": ("indent", None),
    "e": ("exit_status", True),
    "M": None,
    "C": None,
}
_LONG = {
    "raw-output": "r",
    "join-output": "j",
    "slurp": "s",
    "null-input": "n",
    "raw-input": "R",
    "sort-keys": "S",
    "compact-output": "c",
    "exit-status": "e",
    "monochrome-output": "M",
    "color-output": "C",
}


def _read_options(words: list[str]) -> _Options:
    options = _Options()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in ("--arg", "--argjson") and len(rest) >= 2:
            name, value = rest.pop(0), rest.pop(0)
            options.variables[name] = value if word == "--arg" else _read_json(name, value)
        elif word == "--indent" and rest and rest[0].isdecimal():
            options.indent = int(rest.pop(0))
        elif word == "--tab":
            options.indent = "\t"
        elif word.startswith("-") and word != "-":
            letters = _LONG.get(word[2:], "?") if word.startswith("--") else word[1:]
            for letter in letters:
                if letter not in _LETTERS:
                    raise Failure(
                        f"jq: Unknown option: {word}\nUse jq --help for help with command-line "
                        "options,\nor see the jq manpage, or online docs  at https://jqlang.github.io/jq",
                        exit=2,
                    )
                if _LETTERS[letter]:
                    setattr(options, *_LETTERS[letter])
        elif options.program is None:
            options.program = word
        else:
            raise Failure(f"jq: error: Could not open {word}: No such file or directory", exit=2)
    return options


def _read_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Failure(f"jq: Invalid JSON text passed to --argjson {name}", exit=2) from None


def run_jq(words: list[str], text: str) -> str:
    """Filter JSON with jq; the output is indented as the ``jq`` tool does.

    Raises
    ------
    Failure
        For a bad option (exit 2), program (3), or an error while it runs (5).
    """
    options = _read_options(words)
    try:
        program = jq.compile(options.program or ".", args=options.variables)
    except ValueError as problem:
        raise Failure(str(problem), exit=3) from None
    out: list[str] = []
    try:
        if options.null_input:
            values = program.input_value(None)
        elif options.raw_input:
            values = program.input_values([text] if options.slurp else text.splitlines())
        else:
            values = program.input_text(text, slurp=options.slurp)
        for value in values:
            out.append(_format(value, options))
    except ValueError as problem:
        raise JqError("".join(out), str(problem)) from None
    return "".join(out)


class JqError(Failure):
    """jq fails midway; what it has printed until then counts."""

    def __init__(self, printed: str, message: str) -> None:
        super().__init__(f"jq: error (at <stdin>:0): {message}", exit=5)
        self.printed = printed


def _format(value: Any, options: _Options) -> str:
    if isinstance(value, str) and (options.raw or options.join):
        text = value
    else:
        separators = (",", ":") if options.indent is None else None
        text = json.dumps(
            value,
            indent=options.indent,
            ensure_ascii=False,
            sort_keys=options.sort_keys,
            separators=separators,
        )
    return text if options.join else text + "\n"
