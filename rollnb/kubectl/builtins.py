"""The shell's own commands, and the few others that a lesson's terminal needs.

Each is a function of the shell, the words behind its name, its input, and where it prints; one
that waits returns what it waits for.
"""

from __future__ import annotations

import math
import re
from typing import Any

from rollnb.kubectl.output import Exit, Failure, Printer
from rollnb.kubectl.session import Session
from rollnb.kubectl.waiting import Process, Waiting


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


def _set(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """``set -e`` and ``set +e``; of other options it is said that they change nothing."""
    options = [word for word in words if re.fullmatch(r"[-+][a-zA-Z]+", word)]
    for option in options:
        if "e" in option:
            shell.stops_at_failure = option[0] == "-"
    if set(words) - {"-e", "+e"}:
        printer.err(f"rollnb: set {' '.join(words)}: only -e and +e have an effect here")


def _exit(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """End the block, with the exit code of the command before or the one that is given."""
    if words and not re.fullmatch(r"\d+", words[0]):
        printer.err(f"sh: exit: {words[0]}: numeric argument required")
        raise Exit(2)
    raise Exit(int(words[0]) % 256 if words else shell.last_exit)


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
    if not words:
        raise Failure("sleep: missing operand")
    shell.cluster.wait(_sum("sleep", words))


def _sum(name: str, words: list[str]) -> float:
    return sum(_seconds(name, word) for word in words)


def _seconds(name: str, word: str) -> float:
    """Return the seconds that ``90``, ``1.5m`` and the like stand for."""
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)([smhd]?)", word)
    if not found:
        raise Failure(f"{name}: invalid time interval '{word}'")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]


def _seq(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """Print the numbers from 1, or from the first word, to the last word."""
    if len(words) not in (1, 2) or not all(re.fullmatch(r"-?\d+", word) for word in words):
        raise Failure("seq: usage: seq [FIRST] LAST")
    *first, last = (int(word) for word in words)
    numbers = range(first[0] if first else 1, last + 1)
    printer.out("".join(f"{number}\n" for number in numbers), end="")


def _timeout(shell: Any, words: list[str], stdin: str, printer: Printer) -> Waiting | None:
    """End a kubectl that waits, or a sleep, after so much time; the exit code is then 124."""
    if words[1:2] not in (["kubectl"], ["sleep"]):
        raise Failure(
            "timeout: usage: timeout SECONDS COMMAND (only kubectl and sleep are simulated behind "
            "timeout)",
            exit=125,
        )
    seconds = _seconds("timeout", words[0])
    if words[1] == "sleep" and 0 < seconds < _sum("sleep", words[2:]):
        shell.cluster.wait(seconds)
        raise Failure("", exit=124)
    waiting = shell.dispatch(words[1:], stdin, printer)
    if waiting is not None:
        waiting.end_after(seconds or math.inf, 124)
    return waiting


def _jobs(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """List the commands of this block that go on in the background."""
    going = [(n, job) for n, job in enumerate(shell.processes, 1) if job.exit is None]
    for place, (number, job) in enumerate(going, 1 - len(going)):
        mark = {0: "+", -1: "-"}.get(place, " ")
        printer.out(f"[{number}]{mark}  {'Running':<24}{job.command} &")


def _wait(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """Let time pass until jobs end: those named, or all."""
    jobs = [_job(shell, "wait", word) for word in words]
    for job in jobs or shell.processes:
        if job.exit is None:
            job.wait(shell.limit)
    if jobs and jobs[-1].exit:
        raise Failure("", exit=jobs[-1].exit)


def _kill(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    """End jobs, whatever the signal."""
    names = [word for word in words if not re.fullmatch(r"-\w+", word)]
    if not names:
        raise Failure("sh: kill: usage: kill %JOB", exit=2)
    for name in names:
        _job(shell, "kill", name).stop()


def _job(shell: Any, command: str, word: str) -> Process:
    """Return the job that a word such as ``%1`` names."""
    number = {"%%": len(shell.processes), "%+": len(shell.processes)}.get(word)
    if number is None:
        number = int(word[1:]) if re.fullmatch(r"%\d+", word) else 0
    if not 0 < number <= len(shell.processes):
        raise Failure(f"sh: {command}: {word}: no such job (in this block)")
    return shell.processes[number - 1]


def _no_screen(shell: Any, words: list[str], stdin: str, printer: Printer) -> None:
    raise Failure(
        "sh: watch: there is no screen to draw on again and again: use kubectl get -w, or "
        "for i in 1 2 3; do …; sleep 2; done"
    )


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
    "set": _set,
    "exit": _exit,
    "false": _false,
    "echo": _echo,
    "cat": _cat,
    "sleep": _sleep,
    "seq": _seq,
    "timeout": _timeout,
    "jobs": _jobs,
    "wait": _wait,
    "kill": _kill,
    "watch": _no_screen,
    "docker": _docker,
    "docker-compose": _compose,
}
