"""``grep`` on the text behind a pipe, with GNU's patterns as far as a lesson's lines use them."""

from __future__ import annotations

import re
from collections.abc import Collection

from rollnb.kubectl.output import Failure

#: What is written otherwise in Python: brackets, and what means something with or without a
#: backslash.
_PIECE = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^]])*\]|\\.|[+?|(){}]")

#: What POSIX has for sets of characters, in the C locale.
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t-\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}

_EDGES = {"\\<": r"\b(?=\w)", "\\>": r"\b(?<=\w)"}


def _translate(pattern: str, name: str, extended: bool) -> str:
    """Write a pattern of grep as Python does.

    In a basic pattern ``+?|(){}`` stand for themselves, and mean something behind a backslash.
    """

    def swap(found: re.Match) -> str:
        piece = found[0]
        if piece[0] == "[":
            return _translate_brackets(piece, name)
        if piece in _EDGES:
            return _EDGES[piece]
        if extended:
            return piece
        if len(piece) == 1:
            return "\\" + piece
        return piece[1] if piece[1] in "+?|(){}" else piece

    return _PIECE.sub(swap, pattern)


def _translate_brackets(piece: str, name: str) -> str:
    """Write ``[[:digit:].]`` as Python does; a backslash is a character like any other here."""
    if re.fullmatch(r"\[:\w+:\]", piece):
        say = f"{name}: character class syntax is [[:space:]], not [:space:]"
        raise Failure(say, exit=2)

    def swap(found: re.Match) -> str:
        if found[1] is None:
            return "\\" + found[0]
        if found[1] not in _CLASSES:
            raise Failure(f"{name}: Invalid character class name", exit=2)
        return _CLASSES[found[1]]

    begin = 2 if piece[1] == "^" else 1
    inner = re.sub(r"\[:(\w+):\]|[\\[\]&~|]", swap, piece[begin:-1])
    return f"{piece[:begin]}{inner}]"


def compile_pattern(pattern: str, name: str, letters: Collection[str] = "E") -> re.Pattern:
    """Return what a pattern of grep finds, by the letters of its options: E, F, i, w.

    Raises
    ------
    Failure
        If it is no pattern; `name` is the command's.
    """
    text = re.escape(pattern) if "F" in letters else _translate(pattern, name, "E" in letters)
    if "w" in letters:
        text = rf"(?<!\w)(?:{text})(?!\w)"
    try:
        return re.compile(text, re.IGNORECASE if "i" in letters else 0)
    except re.error as problem:
        raise Failure(f"{name}: {pattern}: {problem.msg}", exit=2) from None


def egrep(words: list[str], text: str) -> str:
    """Find lines by an extended pattern."""
    return grep(["-E", *words], text)


def grep(words: list[str], text: str) -> str:
    """Find lines by a pattern."""
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
    regex = compile_pattern(patterns[0], "grep", letters)
    lines = text.splitlines(keepends=True)
    bare = [line.removesuffix("\n") for line in lines]
    found = [n for n, line in enumerate(bare) if bool(regex.search(line)) != ("v" in letters)]
    if "c" in letters:  # real grep's exit code is 1 for none; here a count is no failure
        return f"{len(found)}\n"
    if not found:
        raise Failure("", exit=1)
    if "o" in letters:
        matches = (match[0] for n in found for match in regex.finditer(bare[n]))
        return "".join(match + "\n" for match in matches if match)
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
