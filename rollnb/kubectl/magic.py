"""``%kubectl`` and ``%%sh`` in notebooks: the lesson's commands as they stand, on a cluster.

``%load_ext rollnb.kubectl`` defines them; `use` chooses the cluster.
"""

from __future__ import annotations

from typing import Any

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

    def _cluster(self) -> Any:
        if "cluster" in _chosen:
            return _chosen["cluster"]
        cluster = self.shell.user_ns.get("cluster")
        if cluster is None:
            raise ValueError(
                "no cluster is chosen: name a variable `cluster`, or call "
                "rollnb.kubectl.magic.use(cluster), or %kubectl --cluster NAME"
            )
        return cluster

    @line_cell_magic
    def kubectl(self, line: str, cell: str | None = None) -> Output | Process | None:
        """Run one kubectl command (``%kubectl get pods``), or a cell of them.

        ``%kubectl --cluster NAME`` chooses the cluster by the name of its variable.
        """
        line = self._choose(line)
        if cell is not None:
            lines = [*([line] if line else []), cell]
            text = "\n".join(lines)
            return run(self._cluster(), text, files=_files)
        return run(self._cluster(), line, files=_files) if line else None

    @line_cell_magic
    def sh(self, line: str, cell: str | None = None) -> Output | Process | None:
        """Play a cell of shell, command after command, on the cluster."""
        line = self._choose(line)
        text = "\n".join(part for part in (line, cell) if part)
        return shell(self._cluster(), text, files=_files) if text else None

    def _choose(self, line: str) -> str:
        """Take ``--cluster NAME`` off the line."""
        if not line.startswith("--cluster"):
            return line
        words = line.split(maxsplit=2)
        name, rest = (words[1:2] or [""])[0], "".join(words[2:])
        if "=" in words[0]:
            name, rest = words[0].partition("=")[2], line[len(words[0]) :].strip()
        if name not in self.shell.user_ns:
            raise ValueError(f"--cluster {name}: there is no variable of that name")
        use(self.shell.user_ns[name])
        return rest


def register(ipython: Any) -> None:
    """Define the magics in an IPython session."""
    ipython.register_magics(KubectlMagics)
