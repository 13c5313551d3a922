"""The text filters that may stand behind a pipe, as far as a lesson's lines use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from rollnb.kubectl.output import Failure
from rollnb.kubectl.pipes import run_jq

Filter = Callable[[list[str], str], str]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


#: In a basic pattern these stand for themselves, and mean something behind a backslash.
_EXTENDED = re.compile(r"\[\^?\]?[^]]*\]|\\.|[+?|(){}]")


def _translate(pattern: str) -> str:
    """Write a basic pattern of grep as an extended one: a plus without a backslash is a plus."""

    def swap(found: re.Match) -> str:
        piece = found[0]
        if len(piece) == 1:
            return "\\" + piece
        return piece[1] if piece[0] == "\\" and piece[1] in "+?|(){}" else piece

    return _EXTENDED.sub(swap, pattern)


def _compile(pattern: str, flags: int, name: str) -> re.Pattern:
    try:
        return re.compile(pattern, flags)
    except re.error as problem:
        raise Failure(f"{name}: {pattern}: {problem.msg}", exit=2) from None


def _egrep(words: list[str], text: str) -> str:
    return _grep(["-E", *words], text)


def _grep(words: list[str], text: str) -> str:
    around = {"A": 0, "B": 0, "C": 0}
    letters, patterns, rest = "", [], list(words)
    while rest:
        word = rest.pop(0)
        if found := re.fullmatch(r"-([ABC])(\d*)", word):
            number = found[2] or (rest.pop(0) if rest else "")
            around[found[1]] = int(number) if number.isdecimal() else -1
        elif re.fullmatch(r"-[a-zA-Z]+", word):
            letters += word[1:]
        else:
            patterns.append(word)
    if len(patterns) != 1 or set(letters) - set("viEcowFq") or min(around.values()) < 0:
        raise Failure("grep: usage: grep [-vicowEFq] [-A N] [-B N] [-C N] PATTERN", exit=2)
    pattern = patterns[0] if "E" in letters else _translate(patterns[0])
    pattern = re.escape(patterns[0]) if "F" in letters else pattern
    if "w" in letters:
        pattern = rf"\b(?:{pattern})\b"
    regex = _compile(pattern, re.IGNORECASE if "i" in letters else 0, "grep")
    lines = _lines(text)
    found = [n for n, line in enumerate(lines) if bool(regex.search(line)) != ("v" in letters)]
    if "c" in letters:  # real grep's exit code is 1 for none; here a count is no failure
        return f"{len(found)}\n"
    if not found:
        raise Failure("", exit=1)
    if "o" in letters:
        return "".join(match[0] + "\n" for n in found for match in regex.finditer(lines[n]))
    before, after = (max(around[letter], around["C"]) for letter in "BA")
    return "" if "q" in letters else _with_context(lines, found, before, after)


def _with_context(lines: list[str], found: list[int], before: int, after: int) -> str:
    """Return the lines found with those around them; a line ``--`` parts what is not adjacent."""
    shown = sorted({n for at in found for n in range(at - before, at + after + 1)})
    out: list[str] = []
    last = shown[0]
    for n in shown:
        if n > last + 1 and before + after:
            out.append("--\n")
        out += lines[n : n + 1] if n >= 0 else []
        last = n
    return "".join(out)


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


def _sort(words: list[str], text: str) -> str:
    """Sort lines, by the text or number from a column on: ``sort -n``, ``sort -rk 2``."""
    options = " ".join(words)
    found = re.fullmatch(r"(?: ?-(?:[nru]+|[nru]*k ?([1-9]\d*)[nr]*))*", options)
    if found is None:
        raise Failure("sort: usage: sort [-nru] [-k COLUMN]", exit=2)
    letters = set(options)
    before = re.compile(rf"(?:\s*\S+){{{int(found[1] or 1) - 1}}}")

    def key(line: str) -> tuple[float, str] | str:
        start = before.match(line)
        rest = line[start.end() :] if start else ""
        if "n" not in letters:
            return rest
        number = re.match(r"\s*(-?\d+\.?\d*)", rest)
        return float(number[1]) if number else 0.0, line

    lines = sorted(_lines(text), key=key, reverse="r" in letters)
    return "".join(dict.fromkeys(lines) if "u" in letters else lines)


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
    pattern = _compile(program[2] or "", 0, "awk")
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
    "grep": _grep,
    "egrep": _egrep,
    "head": _head,
    "tail": _tail,
    "wc": _wc,
    "sort": _sort,
    "uniq": _uniq,
    "tr": _tr,
    "awk": _awk,
}
