"""``%kubectl`` and ``%%sh`` in notebooks: the lesson's commands as they stand, on a cluster.

``%load_ext rollnb.kubectl`` defines them; `use` chooses the cluster.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from rollnb.kubectl import Output, Process, run, shell

_chosen: dict[str, Any] = {}
#: Files that here-documents and redirections have written, and that ``-f`` finds again.
_files: dict[str, str] = {}


def use(cluster: Any) -> None:
    """Let the magics work on this cluster from now on."""
    _chosen["cluster"] = cluster


@magics_class
class KubectlMagics(Magics):
    """The magics; each shows what the terminal would."""

    @line_cell_magic
    def kubectl(self, line: str, cell: str | None = None) -> Output | Process | None:
        """Run one kubectl command (``%kubectl get pods``), or a cell of them.

        ``%kubectl --cluster NAME`` names the variable of the cluster that this is about; the next
        magic is about the usual one again.
        """
        return self._play(run, line, cell)

    @line_cell_magic
    def sh(self, line: str, cell: str | None = None) -> Output | Process | None:
        """Play a cell of shell, command after command, on the cluster.

        ``%%sh --cluster NAME`` is as for ``%kubectl``.
        """
        return self._play(shell, line, cell)

    def _play(
        self, play: Callable[..., Output | Process], line: str, cell: str | None
    ) -> Output | Process | None:
        """Play what stands behind the magic, and the cell; nothing if both are empty."""
        cluster, line = self._choose(line)
        text = "\n".join(part for part in (line, cell) if part)
        return play(cluster, text, files=_files) if text else None

    def _choose(self, line: str) -> tuple[Any, str]:
        """Return the cluster, by ``--cluster NAME`` or the usual one, and the rest of the line."""
        variables = self.shell.user_ns
        named = re.match(r"--cluster(?:=|\s+|$)(\S*)\s*", line)
        if named:
            if named[1] not in variables:
                raise UsageError(f"--cluster {named[1]}: there is no variable of that name")
            return variables[named[1]], line[named.end() :]
        cluster = _chosen.get("cluster", variables.get("cluster"))
        if cluster is None:
            raise UsageError(
                "no cluster is chosen: name a variable `cluster`, or call "
                "rollnb.kubectl.magic.use(cluster), or %kubectl --cluster NAME …"
            )
        return cluster, line


def register(ipython: Any) -> None:
    """Define the magics in an IPython session."""
    ipython.register_magics(KubectlMagics)
