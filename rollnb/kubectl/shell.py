"""Plays lines of shell on a cluster: variables, pipes, lists, and the few commands of a lesson."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import MutableMapping
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from rollnb.kubectl.builtins import BUILTINS
from rollnb.kubectl.commands import COMMANDS, run_command
from rollnb.kubectl.filters import FILTERS
from rollnb.kubectl.output import Exit, Failure, Output, Piece, Printer
from rollnb.kubectl.pipes import JqError
from rollnb.kubectl.session import Session
from rollnb.kubectl.syntax import REFUSED, Command, Loop, Pipeline, parse
from rollnb.kubectl.waiting import Process, Waiting
from rollnb.kubectl.words import Part, Word
from rollnb.validation import check_number

#: What each cluster's terminals have written with ``>``, for later commands to read.
_WRITTEN: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()

#: So long (seconds of simulated time) a command waits at most, unless told otherwise.
LIMIT = 3600.0


class Shell:
    """A terminal on a cluster.

    Parameters
    ----------
    cluster : Cluster
        Its ``environment`` holds the variables.
    files : mutable mapping of str to str
        Texts by file name, for ``-f`` and redirections; behind them stand the files that earlier
        commands have written on this cluster. Without `files`, redirections write there.
    limit : float
        How long a command waits at most, in seconds of simulated time.
    background : bool
        Whether commands that wait go to the background, as with ``&``.
    echo : bool
        Whether each command is shown behind a prompt before it runs.
    command_seconds : float, optional
        How long a kubectl takes to start and to send its first request; about 0.1 s in reality,
        time in which a control plane with latency reacts to the command before. By default the
        cluster's `kubectl_seconds`; in the background none, for there the time of a command is
        that at which its request arrives.
    """

    def __init__(
        self,
        cluster: Any,
        *,
        files: MutableMapping[str, str] | None = None,
        stdin: str = "",
        limit: float = LIMIT,
        background: bool = False,
        echo: bool = False,
        command_seconds: float | None = None,
    ) -> None:
        self.cluster = cluster
        self.environment: dict[str, str] = cluster.environment
        written = _WRITTEN.setdefault(cluster, {})
        self.files = written if files is None else ChainMap(files, written)
        self.stdin = stdin
        self.limit = limit
        self.background = background
        self.echo = echo
        if command_seconds is None:
            command_seconds = 0.0 if background else cluster.kubectl_seconds
        check_number("limit", limit, of="seconds")
        check_number("command_seconds", command_seconds, of="seconds")
        self.command_seconds = command_seconds
        self.processes: list[Process] = []
        self.last_exit = 0
        self.stops_at_failure = False
        self._is_tested = False  # whether && or || asks for the exit code of what runs
        self._substitution_exit = 0
        self._printer = Printer(lambda: cluster.now)

    def play(self, text: str) -> Output | Process:
        """Run shell text, command after command.

        Returns
        -------
        Output or Process
            What was printed; of a single command in the background, the process.
        """
        try:
            pipelines = parse(text)
        except Failure as problem:
            self._printer.err(f"{problem} (nothing was run)")
            return Output(self._printer, problem.exit)
        try:
            self._run_all(pipelines, self.stdin, self._printer, self.echo)
        except Exit as end:
            self.last_exit = end.code
        single = pipelines[0].commands[0] if len(pipelines) == 1 else None
        if self.processes and isinstance(single, Command):
            return self.processes[0]
        return Output(self._printer, self.last_exit, self.processes)

    def _run_all(
        self, pipelines: list[Pipeline], stdin: str, printer: Printer, echo: bool = False
    ) -> int:
        """Run one pipeline after the other; return the last exit code."""
        skip = False
        for pipeline in pipelines:
            if not skip:
                if echo:
                    printer.echo(pipeline.source + (" &" if pipeline.end == "&" else ""))
                tested, is_tested = self._is_tested, pipeline.end in ("&&", "||")
                self._is_tested = tested or is_tested
                try:
                    self.last_exit = self._run(pipeline, stdin, printer)
                finally:
                    self._is_tested = tested
                if self.last_exit and self.stops_at_failure and not (tested or is_tested):
                    raise Exit(self.last_exit)
                for process in self.processes:
                    process.check_deadline()
            if pipeline.end == "&&":
                skip = self.last_exit != 0
            elif pipeline.end == "||":
                skip = self.last_exit == 0
            else:
                skip = False
        return self.last_exit

    def _run(self, pipeline: Pipeline, text: str, printer: Printer) -> int:
        """Run one pipeline; return its exit code."""
        *before, last = pipeline.commands
        in_background = (pipeline.end == "&" or self.background) and not before
        run = self._in_subshell if before or pipeline.end == "&" else self._command
        for command in before:
            inner = Printer(lambda: self.cluster.now)
            run(command, text, inner, in_background=False)
            for _, piece, stream in inner.pieces:
                if stream == "stderr":
                    printer.err(piece, end="")
            text = "".join(piece for _, piece, stream in inner.pieces if stream == "stdout")
        code = run(last, text, printer, in_background, pipeline.source)
        return 0 if pipeline.end == "&" else code

    def _in_subshell(self, *args: Any, **options: Any) -> int:
        """Run a command as `_command` does; an ``exit`` in it ends nothing else."""
        try:
            return self._command(*args, **options)
        except Exit as end:
            return end.code

    def _command(
        self,
        command: Command | Loop,
        stdin: str,
        printer: Printer,
        in_background: bool,
        source: str = "",
    ) -> int:
        self._substitution_exit = 0
        try:
            assignments, words = self._split(command)
            stdin, target = self._redirect(command, stdin)
        except Failure as problem:
            printer.err(str(problem))
            return problem.exit
        own = printer
        if target or in_background:
            hand_on = partial(self._hand_on, printer, target)
            own = Printer(lambda: self.cluster.now, hand_on)
        if isinstance(command, Loop):
            for word in words:
                self.environment[command.name] = word
                self._run_all(command.body, stdin, own)
            return self.last_exit
        if not words:
            self.environment.update(assignments)
            return self._substitution_exit
        saved = dict(self.environment)
        self.environment.update(assignments)
        running = Waiting(self.cluster, own)
        try:
            waiting = self.dispatch(words, stdin, own)
            if waiting is None:
                running.finish(0)
            else:
                running = waiting
                running.start()
                if running.exit is None and not in_background:
                    running.wait(self.limit)
        except JqError as problem:
            own.out(problem.printed, end="")
            running.finish(problem.exit, str(problem))
        except Failure as problem:
            running.finish(problem.exit, str(problem))
        finally:
            if assignments:
                self.environment.clear()
                self.environment.update(saved)
        # What ends at once is a job, too, but where only commands that wait go there.
        if in_background and (running.exit is None or not self.background):
            self.processes.append(Process(running, source))
        return running.exit or 0

    def _hand_on(self, printer: Printer, target: str, piece: Piece) -> None:
        """Take what a command prints, its stdout perhaps for a file."""
        _, text, stream = piece
        if target and stream == "stdout":
            self.files[target] = self.files.get(target, "") + text
        else:
            printer.put(piece)

    # -------------------------------------------------------------------------------- expansions

    def _split(self, command: Command | Loop) -> tuple[dict[str, str], list[str]]:
        """Expand the words, and part ``A=1 B=2`` at the beginning from them."""
        assignments: dict[str, str] = {}
        words: list[str] = []
        for word in command.words:
            found = None
            begins = not words and isinstance(command, Command) and word
            if begins and word[0].kind == "text" and not word[0].quoted:
                found = re.match(r"([A-Za-z_]\w*)=", word[0].text)
            if found:
                rest = (Part("text", word[0].text[found.end() :]), *word[1:])
                assignments[found[1]] = self._text(rest)
            else:
                words += self._expand(word)
        return assignments, words

    def _redirect(self, command: Command | Loop, stdin: str) -> tuple[str, str]:
        """Return the input, and the name of the file that the output goes to, if any."""
        target = ""
        for operator, word in command.redirects:
            text = self._text(word)
            if operator == "<<":
                stdin = text
            elif operator == "<<<":
                stdin = text + "\n"
            elif operator == "<":
                stdin = Session(self.cluster, self._printer, self.files).read(text)
            elif operator in (">", ">>"):
                target = text
                if operator == ">":
                    self.files[text] = ""
        return stdin, target

    def _text(self, word: Word) -> str:
        """Return a word's text without splitting it."""
        return "".join(self._value(part) for part in word)

    def _expand(self, word: Word) -> list[str]:
        """Return the words that a word becomes: unquoted variables are split at blanks."""
        fields = [""]
        keep = False
        for part in word:
            value = self._value(part)
            keep = keep or part.quoted
            if part.quoted or part.kind == "text":
                fields[-1] += value
                continue
            pieces = value.split()
            if not pieces:
                continue
            if value[0].isspace() and fields[-1]:
                fields.append("")
            fields[-1] += pieces[0]
            fields += pieces[1:]
            if value[-1].isspace():
                fields.append("")
        return [text for text in fields if text or (keep and len(fields) == 1)]

    def _value(self, part: Part) -> str:
        if part.kind == "text":
            return part.text
        if part.kind == "command":
            inner = Shell(self.cluster, files=self.files, limit=self.limit)
            output = inner.play(part.text)
            self.last_exit = self._substitution_exit = output.exit
            if output.stderr:
                self._printer.err(output.stderr, end="")
            return output.stdout.rstrip("\n")
        if part.text == "?":
            return str(self.last_exit)
        if part.text == "!":  # a job's number stands for that of its process
            return f"%{len(self.processes)}" if self.processes else ""
        value = self.environment.get(part.text, "")
        return value or part.default or ""

    # ----------------------------------------------------------------------------------- commands

    def dispatch(self, words: list[str], stdin: str, printer: Printer) -> Waiting | None:
        """Run one command; return what has to be waited for, if anything."""
        name, rest = words[0], words[1:]
        if name == "kubectl":
            # What happens at this instant has happened when kubectl's first request arrives.
            self.cluster.run(self.cluster.now + self.command_seconds)
            return run_command(Session(self.cluster, printer, self.files, stdin), rest)
        if name in FILTERS:
            files = Session(self.cluster, printer, self.files, stdin)
            source = rest.pop() if rest and rest[-1] in self.files else ""
            text = FILTERS[name](rest, files.read(source) if source else stdin)
            if name == "wc" and source:
                text = f"{text.rstrip()} {source}\n"
            printer.out(text, end="")
            return None
        builtin = BUILTINS.get(name)
        if builtin is None and name in COMMANDS:
            raise Failure(f"sh: {name}: command not found: write kubectl {name}", exit=127)
        if builtin is None:
            known = ", ".join(sorted({"kubectl", "for", *FILTERS, *BUILTINS} - {"watch"}))
            raise Failure(f"sh: {name}: command not found (there are: {known})", exit=127)
        return builtin(self, rest, stdin, printer)


#: Words that begin a line of shell rather than a kubectl command without its ``kubectl``; of
#: ``set`` and ``wait``, which are both, kubectl's is meant.
SHELL_WORDS = frozenset({"kubectl", "for", *REFUSED, *BUILTINS, *FILTERS} - {"set", "wait"})
