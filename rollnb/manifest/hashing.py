"""The hash of a pod template, which names ReplicaSets and revisions: ``web-77ddff6674``.

``ComputeHash`` (``pkg/controller/controller_utils.go``) feeds FNV-1a with a dump of the Go struct;
here it is canonical JSON, so the endings of names differ from a real cluster's, in looks they do
not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # nothing that makes words, or looks like another


def template_hash(template: Mapping[str, Any], collision_count: int | None = None) -> str:
    """Return the hash of a pod template.

    Parameters
    ----------
    template : dict
        As in ``spec.template``; the label ``pod-template-hash`` does not count.
    collision_count : int, optional
        Of the workload; changes the hash if the name is taken.
    """
    metadata = dict(template.get("metadata") or {})
    labels = dict(metadata.get("labels") or {})
    labels.pop("pod-template-hash", None)
    plain = {**template, "metadata": {**metadata, "labels": labels}}
    data = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
    if collision_count is not None:
        data += collision_count.to_bytes(8, "little")
    return safe_encode(str(fnv32a(data)))


def fnv32a(data: bytes) -> int:
    """Return the 32-bit FNV-1a hash."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def safe_encode(text: str) -> str:
    """Spell a text with letters that cannot be misread.

    Notes
    -----
    ``SafeEncodeString`` (``apimachinery/pkg/util/rand/rand.go``).
    """
    return "".join(_ALPHABET[ord(c) % len(_ALPHABET)] for c in text)
