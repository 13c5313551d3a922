"""A bar for work that takes a while, if someone is there to see it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, TextIO

from tqdm import tqdm

#: Work that takes no longer has no bar.
DELAY_SECONDS = 1.0


def show_progress(steps: Iterable[Any]) -> Iterable[Any]:
    """Pass on what it is given, with a bar of text meanwhile that is gone at the end.

    A notebook that is run without a reader stores nothing of it; a widget would leave an error in
    a notebook that is opened again.
    """
    stream = find_stream()
    return tqdm(steps, file=stream, disable=stream is None, leave=False, delay=DELAY_SECONDS)


def find_stream() -> TextIO | None:
    """Return where someone sees a bar: in a terminal, or below a cell; None if no one does.

    Whoever runs a cell says whether they could answer a question (``allow_stdin`` in Jupyter's
    ``execute_request``): JupyterLab does, nbclient and nbval do not.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if hasattr(shell, "kernel"):
        answers = shell.get_parent().get("content", {}).get("allow_stdin", False)
        return sys.stdout if answers else None
    return sys.stderr if sys.stderr.isatty() else None
