"""What may stand behind a pipe: ``jq``, by the real library, and a few text filters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jq

from rollnb.kubectl.output import Failure

Filter = Callable[[list[str], str], str]


# --------------------------------------------------------------------------------------------- jq


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
            options.variables[name] = value if word == "--arg" else json.loads(value)
        elif word == "--indent" and rest:
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


# ----------------------------------------------------------------------------------- text filters


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _grep(words: list[str], text: str) -> str:
    letters = "".join(w[1:] for w in words if re.fullmatch(r"-[a-zA-Z]+", w))
    patterns = [w for w in words if not re.fullmatch(r"-[a-zA-Z]+", w)]
    if len(patterns) != 1 or set(letters) - set("viEcowFq"):
        raise Failure("grep: usage: grep [-vicowEF] PATTERN", exit=2)
    pattern = re.escape(patterns[0]) if "F" in letters else patterns[0]
    if "w" in letters:
        pattern = rf"\b(?:{pattern})\b"
    regex = re.compile(pattern, re.IGNORECASE if "i" in letters else 0)
    found = [line for line in _lines(text) if bool(regex.search(line)) != ("v" in letters)]
    if "c" in letters:  # real grep's exit code is 1 for none; here a count is no failure
        return f"{len(found)}\n"
    if not found:
        raise Failure("", exit=1)
    if "o" in letters:
        return "".join(match[0] + "\n" for line in found for match in regex.finditer(line))
    return "" if "q" in letters else "".join(found)


def _count(words: list[str], name: str) -> int:
    text = " ".join(words)
    found = re.fullmatch(r"(?:-n ?|-)?\+?(\d+)?", text)
    if not found:
        raise Failure(f"{name}: usage: {name} [-n NUMBER]", exit=1)
    return int(found[1] or 10)


def _head(words: list[str], text: str) -> str:
    return "".join(_lines(text)[: _count(words, "head")])


def _tail(words: list[str], text: str) -> str:
    if words and re.fullmatch(r"-n ?\+\d+", " ".join(words)):
        return "".join(_lines(text)[_count(words, "tail") - 1 :])
    return "".join(_lines(text)[-_count(words, "tail") :])


def _wc(words: list[str], text: str) -> str:
    if words != ["-l"]:
        raise Failure("wc: usage: wc -l", exit=1)
    return f"{text.count(chr(10))}\n"


def _sort(words: list[str], text: str) -> str:
    letters = "".join(word.lstrip("-") for word in words)
    lines = sorted(_lines(text), reverse="r" in letters)
    return "".join(dict.fromkeys(lines) if "u" in letters else lines)


#: Filters by name: from the words behind the name and the input to the output.
FILTERS: dict[str, Filter] = {
    "jq": run_jq,
    "grep": _grep,
    "egrep": _grep,
    "head": _head,
    "tail": _tail,
    "wc": _wc,
    "sort": _sort,
}
