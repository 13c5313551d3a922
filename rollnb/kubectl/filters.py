"""The text filters that may stand behind a pipe, as far as a lesson's lines use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import groupby

from rollnb.kubectl.grep import compile_pattern, egrep, grep
from rollnb.kubectl.output import Failure
from rollnb.kubectl.pipes import run_jq

Filter = Callable[[list[str], str], str]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


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
    lines = _lines(text)
    return "".join(lines[max(len(lines) - _count(words, "tail"), 0) :])


def _wc(words: list[str], text: str) -> str:
    if words != ["-l"]:
        raise Failure("wc: usage: wc -l", exit=1)
    return f"{text.count(chr(10))}\n"


#: The column that ``sort`` begins at, and how it compares from there.
_KEY = re.compile(r"k ?([1-9]\d*)([nr]*)")


def _sort(words: list[str], text: str) -> str:
    """Sort lines, by the text or number from a column on: ``sort -n``, ``sort -rk 2``.

    As GNU's with ``LC_ALL=C``: what is alike there is sorted by the whole line.
    """
    options = " ".join(words)
    keys, others = _KEY.findall(options), _KEY.sub("", options)
    letters = {letter for letter in others if letter in "nru"}
    is_read = re.fullmatch(r"(?:-[nru]* ?)*", others) and len(keys) < 2
    if not is_read or ("u" in letters and (keys or "n" in letters)):
        raise Failure("sort: usage: sort [-nr] [-k COLUMN], sort [-ru]", exit=2)
    column, own = keys[0] if keys else (1, "")
    by = set(own) or letters  # a key with letters of its own minds no others
    before = re.compile(rf"(?:[ \t]*+[^ \t]*+){{{int(column) - 1}}}")

    def key(line: str) -> str | Decimal:
        rest = line[before.match(line).end() :]
        if "n" not in by:
            return rest
        number = re.match(r"\s*(-?(?:\d+\.?\d*|\.\d+))", rest)
        return Decimal(number[1]) if number else Decimal()

    lines = sorted(text.splitlines(), reverse="r" in letters)
    lines.sort(key=key, reverse="r" in by)  # leaves what is alike in its order
    lines = list(dict.fromkeys(lines)) if "u" in letters else lines
    return "".join(line + "\n" for line in lines)


def _uniq(words: list[str], text: str) -> str:
    if words not in ([], ["-c"]):
        raise Failure("uniq: usage: uniq [-c]", exit=1)
    groups = [(line, len(list(same))) for line, same in groupby(_lines(text))]
    return "".join(f"{count:7d} {line}" if words else line for line, count in groups)


def _tr(words: list[str], text: str) -> str:
    options = [word for word in words if word in ("-d", "-s")]
    sets = [_characters(word) for word in words if word not in options]
    if len(options) > 1 or len(sets) != (1 if options else 2):
        raise Failure("tr: usage: tr SET1 SET2, tr -d SET, tr -s SET", exit=1)
    if options == ["-s"]:
        return re.sub(rf"([{re.escape(sets[0])}])\1+", r"\1", text)
    old, new = sets[0], "" if options else sets[1]
    if not options and not new:
        raise Failure("tr: when not truncating set1, string2 must be non-empty", exit=1)
    to = [None] * len(old) if options else new.ljust(len(old), new[-1])
    return text.translate({ord(character): to[n] for n, character in enumerate(old)})


def _characters(text: str) -> str:
    """Return the characters of a set such as ``a-z``; backslashes mean new lines and tabs."""
    text = text.replace("\\n", "\n").replace("\\t", "\t")
    text = text.replace("[:upper:]", "A-Z").replace("[:lower:]", "a-z")
    return re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), text)


_AWK = re.compile(r"\s*(?:NR\s*>\s*(\d+)|/(.+)/)?\s*\{\s*print\s*((?:\$\w+[\s,]*)*)\}\s*")


def _awk(words: list[str], text: str) -> str:
    """Print columns: ``awk '{print $1, $3}'``, of the lines behind a number or with a pattern."""
    program = _AWK.fullmatch(words[0]) if len(words) == 1 else None
    columns = re.findall(r"\$(\w+)\s*(,?)", program[3]) if program else []
    if program is None or not all(re.fullmatch(r"\d+|NF", column) for column, _ in columns):
        raise Failure(
            "awk: only '{print $1, $2}' is read here, with NR>1 or /PATTERN/ before it: use jq, "
            "or kubectl's -o custom-columns",
            exit=2,
        )
    pattern = compile_pattern(program[2] or "", "awk")
    out = []
    for line in text.splitlines()[int(program[1] or 0) :]:
        if pattern.search(line):
            fields = [line, *line.split()]
            for column, comma in columns or [("0", "")]:
                place = len(fields) - 1 if column == "NF" else int(column)
                out += fields[place : place + 1] + [" "] * bool(comma)
            out.append("\n")
    return "".join(out)


#: Filters by name: from the words behind the name and the input to the output.
FILTERS: dict[str, Filter] = {
    "jq": run_jq,
    "grep": grep,
    "egrep": egrep,
    "head": _head,
    "tail": _tail,
    "wc": _wc,
    "sort": _sort,
    "uniq": _uniq,
    "tr": _tr,
    "awk": _awk,
}
