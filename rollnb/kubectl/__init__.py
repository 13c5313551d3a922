"""The terminal: kubectl's commands on a simulated cluster, as text or as notebook magics."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from typing import Any

from rollnb.kubectl import editing
from rollnb.kubectl.output import Failure, Output, Printer
from rollnb.kubectl.session import Session
from rollnb.kubectl.shell import LIMIT, SHELL_WORDS, Shell
from rollnb.kubectl.syntax import is_block
from rollnb.kubectl.waiting import Process

__all__ = ["LIMIT", "Output", "Process", "edit", "load_ipython_extension", "run", "shell"]


def run(
    cluster: Any,
    line: str,
    *,
    files: MutableMapping[str, str] | None = None,
    stdin: str = "",
    limit: float = LIMIT,
    background: bool = False,
    echo: bool = False,
    command_seconds: float | None = None,
) -> Output | Process:
    """Play a command line on a cluster, or several lines as in a terminal.

    Parameters
    ----------
    cluster : Cluster
    line : str
        ``kubectl get pods | jq …``, with or without the ``kubectl`` in front; or a block of
        shell with ``export``, pipes, comments and here-documents, where ``kubectl`` is written.
    files : mutable mapping of str to str, optional
        Texts by name for ``-f NAME`` and ``> NAME``; other names are looked for in what earlier
        commands have written on this cluster, and on disk.
    stdin : str
        What ``-f -`` reads.
    limit : float
        How long a command waits at most, in seconds of simulated time.
    background : bool
        Let a command that waits go on in the background, as with ``&`` behind it.
    echo : bool
        Show each command behind a prompt before what it prints.
    command_seconds : float, optional
        How long each kubectl takes to start, in seconds of simulated time; by default what the
        cluster's control plane says, and no time in the background.

    Returns
    -------
    Output or Process
        What was printed; of a single command in the background, the process, whose text grows as
        time is let pass.

    Notes
    -----
    In a block, what a command with ``&`` prints stands among what the next ones print, in the
    order of simulated time, as in a terminal; ``jobs``, ``wait`` and ``kill %1`` are about the
    commands of their own block. At its end those that still run go on by themselves
    (`Output.background`), and print into no later output: end the block with ``wait`` or ``sleep``
    to see more. A watch ends when no rollout goes on any more, or after the time that it is given:
    ``timeout 60 kubectl get pods -w``.
    """
    if not isinstance(line, str):
        raise ValueError(f"{line=} must be a command line, such as 'get pods'")
    first = re.match(r"\s*(?:[A-Za-z_]\w*=\S*\s*)*([^\s|&;<>]*)", line)
    is_shell = first[1] in SHELL_WORDS or first[1].startswith("#") or not first[1]
    text = line if is_shell or is_block(line) else re.sub(r"^\s*", r"\g<0>kubectl ", line)
    options = {
        "limit": limit,
        "background": background,
        "echo": echo,
        "command_seconds": command_seconds,
    }
    return shell(cluster, text, files=files, stdin=stdin, **options)


def shell(cluster: Any, text: str, **options: Any) -> Output | Process:
    """Play a block of shell; the options are those of `run`."""
    return Shell(cluster, **options).play(text)


def edit(cluster: Any, target: str, function: Callable[[str], str]) -> Output:
    """Edit an object as ``kubectl edit`` does, with a function in place of the editor.

    Parameters
    ----------
    target : str
        ``deployment/worker``.
    function : callable
        From the object's YAML to the changed YAML.
    """
    if not callable(function):
        raise ValueError(f"{function=} must be a function from text to text")
    printer = Printer(lambda: cluster.now)
    code = 0
    try:
        editing.edit(Session(cluster, printer), target, function)
    except Failure as problem:
        printer.err(str(problem))
        code = problem.exit
    return Output(printer, code)


def load_ipython_extension(ipython: Any) -> None:
    """Let ``%load_ext rollnb.kubectl`` define ``%kubectl``, ``%%kubectl`` and ``%%sh``."""
    from rollnb.kubectl import magic  # IPython is there when this is called

    magic.register(ipython)
