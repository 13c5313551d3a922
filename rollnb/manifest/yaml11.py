"""YAML nodes to values, as kubectl understands them, with the line of every field.

kubectl turns YAML into JSON with ``sigs.k8s.io/yaml``, which reads YAML 1.1 as ``go-yaml`` v2
does: ``010`` is eight, ``yes`` is true, the last of two equal keys wins, a merge key ``<<`` acts
where it stands.
"""

from __future__ import annotations

import base64
import math
import re
from typing import Any

from rollnb.manifest.yaml_text import Node, YAMLError
from rollnb.validation import quote

#: More values than this come from anchors that multiply each other, not from a manifest.
_MOST_VALUES = 1_000_000


_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
for _value, _names in ((True, "y yes true on"), (False, "n no false off")):
    for _name in _names.split():
        _WORDS |= dict.fromkeys((_name, _name.capitalize(), _name.upper()), _value)
_WORDS |= dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan"))
_WORDS |= dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf"))
_WORDS |= dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf"))


def resolve(text: str) -> Any:
    """Return what a word without quotes means in YAML 1.1, as go-yaml v2 reads it."""
    if text in _WORDS:
        return _WORDS[text]
    if not text or not (text[0].isdigit() or text[0] in "+-."):
        return text
    if text[0] != ".":
        plain = text.replace("_", "")
        whole = _whole_number(plain)
        if whole is not None:
            return whole
    else:
        plain = text
    if not _FLOAT.fullmatch(plain) or math.isinf(float(plain)):
        return text
    return _fold(float(plain))


def _whole_number(text: str) -> int | None:
    """Read an integer as ``strconv.ParseInt`` with base 0 does: ``0x10``, ``0o10``, ``010``."""
    match = re.fullmatch(r"([+-]?)(0[xX]|0[oO]|0[bB]|0(?=[0-7]))?([0-9a-fA-F]+)", text)
    if not match:
        return None
    sign, prefix, digits = match.groups()
    base = {"0x": 16, "0o": 8, "0b": 2, "0": 8, None: 10}[prefix and prefix.lower()]
    try:
        number = int(sign + digits, base)
    except ValueError:
        return None
    return number if -(2**63) <= number < 2**64 else None


def _fold(number: float) -> int | float:
    """Return a whole float as an int: both are the same in JSON."""
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def construct(node: Node | None, path: str = "", lines: dict[str, int] | None = None) -> Any:
    """Return the JSON value of a node, and note the line of each field in `lines`.

    Parameters
    ----------
    lines : dict, optional
        Filled: path of a field, such as ``spec.containers[0].image``, to its line.
    """
    budget = [_MOST_VALUES]
    return _value(node, path, {} if lines is None else lines, budget)


def _value(node: Node | None, path: str, lines: dict[str, int], budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0:
        raise YAMLError("yaml: document contains excessive aliasing")
    if node is None:
        return None
    if node.kind == "scalar":
        return _scalar(node)
    if node.kind == "sequence":
        values = []
        for i, item in enumerate(node.items):
            here = f"{path}[{i}]"
            lines[here] = item.line
            values.append(_value(item, here, lines, budget))
        return values
    values: dict[str, Any] = {}
    for key, item in zip(node.items[::2], node.items[1::2], strict=True):
        if key.kind == "scalar" and key.value == "<<" and key.plain:
            _merge(item, values, path, lines, budget)
            continue
        name = _key(key, item)
        here = f"{path}.{name}" if path else name
        lines[here] = key.line
        values[name] = _value(item, here, lines, budget)
    return values


def _merge(
    node: Node, values: dict[str, Any], path: str, lines: dict[str, int], budget: list[int]
) -> None:
    """Put the fields of one or several mappings in; of several the first has precedence."""
    mappings = node.items[::-1] if node.kind == "sequence" else [node]
    for mapping in mappings:
        if mapping.kind != "mapping":
            text = "yaml: map merge requires map or sequence of maps as the value"
            raise YAMLError(text, node.line)
        values.update(_value(mapping, path, lines, budget))


def _scalar(node: Node) -> Any:
    tag = node.tag.removeprefix("tag:yaml.org,2002:").removeprefix("!!")
    if tag == "binary":
        try:
            return base64.b64decode(node.value, validate=True).decode()
        except ValueError:
            problem = "yaml: !!binary value contains invalid base64 data"
            raise YAMLError(problem, node.line) from None
    if tag in ("int", "float", "bool", "null") or (node.plain and tag in ("", "!")):
        return resolve(node.value)
    return node.value


def go_syntax(value: Any) -> str:
    """Write a value as Go's ``%#v``: ``map[interface {}]interface {}{"a":1}``."""
    if isinstance(value, dict):
        inner = ", ".join(f"{quote(key)}:{_inside(value[key])}" for key in sorted(value))
        return f"map[interface {{}}]interface {{}}{{{inner}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(_inside, value))}}}"
    if isinstance(value, bool):
        return str(value).lower()
    return "<nil>" if value is None else quote(value) if isinstance(value, str) else str(value)


def _inside(value: Any) -> str:
    return "interface {}(nil)" if value is None else go_syntax(value)


def _key(node: Node, item: Node) -> str:
    """Return a key as JSON has it, where every key is a text: ``on`` becomes ``true``."""
    key = construct(node)
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, dict | list):
        # A template's {{ .Values.image }}, not filled in, is such a key.
        raise YAMLError(f"yaml: invalid map key: {go_syntax(key)}", node.line)
    if key is None:
        problem = "unsupported map key of type: %!s(<nil>), key: <nil>, value: "
        raise YAMLError(problem + go_syntax(construct(item)), node.line)
    return key if isinstance(key, str) else f"{key:g}" if isinstance(key, float) else str(key)
