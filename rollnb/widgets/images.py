"""What the explorer knows of images: the tag that comes next."""

from __future__ import annotations

import re


def next_image(image: str) -> str:
    """Return the image with another tag: 1.27-alpine becomes 1.28-alpine, latest becomes next."""
    path, _, last = image.partition("@")[0].rpartition("/")
    name, _, tag = last.partition(":")
    version = re.match(r"(v?(?:\d+\.)*)(\d+)(?!\w)(.*)", tag)
    tag = f"{version[1]}{int(version[2]) + 1}{version[3]}" if version else "next"
    return f"{path}/{name}:{tag}" if path else f"{name}:{tag}"
