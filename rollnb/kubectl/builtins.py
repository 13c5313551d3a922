"""The shell's own commands, and the few others that a lesson's terminal needs.

Each is a function of the shell, the words behind its name, its input, and where it prints.
"""

from __future__ import annotations

import re
from typing import Any

from rollnb.kubectl.output import Failure, Printer
from rollnb.kubectl.session import Session


def _export(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    for word in words:
        name, equals, value = word.partition("=")
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise Failure(f"sh: export: `{word}': not a valid identifier")
        if equals:
            shell.environment[name] = value


def _unset(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    for word in words:
        shell.environment.pop(word, None)


def _nothing(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """Do nothing: there are no folders and no screen."""


def _false(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    raise Failure("")


def _echo(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    end = "\n"
    if words[:1] == ["-n"]:
        words, end = words[1:], ""
    printer.out(" ".join(words), end=end)


def _cat(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    session = Session(shell.cluster, printer, shell.files, stdin)
    for word in words or ["-"]:
        printer.out(session.read(word), end="")


def _sleep(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    seconds = 0.0
    for word in words:
        found = re.fullmatch(r"(\d+\.?\d*|\.\d+)([smhd]?)", word)
        if not found:
            raise Failure(f"sleep: invalid time interval '{word}'")
        seconds += float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]
    if not words:
        raise Failure("sleep: missing operand")
    shell.cluster.wait(seconds)


def _compose(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """``docker-compose build`` and ``push``: the images of the application, at ``$TAG``."""
    verbs = [word for word in words if word in ("build", "push")]
    if len(verbs) != 1:
        raise Failure("docker-compose: only build and push are simulated")
    for image in _application_images(shell):
        if verbs == ["build"]:
            printer.out(f"Building {image}")
        else:
            _push(shell, image, printer)


def _docker(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """``docker compose …`` and ``docker push IMAGE``."""
    if words[:1] == ["compose"]:
        _compose(shell, words[1:], stdin, printer)
    elif words[:1] == ["push"] and len(words) == 2:
        _push(shell, words[1], printer)
    elif words[:1] not in (["build"], ["tag"]):
        raise Failure("docker: only build, tag, push and compose are simulated")


def _push(shell: Any, image: str, printer: Printer) -> None:
    # An image the registry has keeps what was said of it when the cluster was made.
    if not shell.cluster.has_image(image):
        shell.cluster.push(image)
    printer.out(f"Pushed {image}")


def _application_images(shell: Any) -> list[str]:
    """Return the images of the cluster's workloads, with the tag that is to be built."""
    tag = shell.environment.get("TAG") or "latest"
    images = [
        container["image"].rpartition(":")[0] or container["image"]
        for kind in ("Deployment", "StatefulSet", "DaemonSet")
        for obj in shell.cluster.list(kind)
        for container in obj["spec"]["template"]["spec"]["containers"]
    ]
    return [f"{name}:{tag}" for name in dict.fromkeys(images)]


#: The commands by name.
BUILTINS = {
    "export": _export,
    "unset": _unset,
    "cd": _nothing,
    "clear": _nothing,
    "true": _nothing,
    ":": _nothing,
    "set": _nothing,
    "false": _false,
    "echo": _echo,
    "cat": _cat,
    "sleep": _sleep,
    "docker": _docker,
    "docker-compose": _compose,
}
