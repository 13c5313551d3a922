"""README.md keeps its word: its example runs, its commands and notebooks exist."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rollnb
from rollnb import Cluster

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def find_examples():
    """Return (code, printed) for each Python block; printed is the text block right below."""
    blocks = [(m[1], m[2], m.start(), m.end()) for m in FENCED.finditer(README)]
    following = [*blocks[1:], ("", "", len(README), len(README))]
    for (language, code, _, end), (next_language, text, start, _) in zip(
        blocks, following, strict=True
    ):
        if language == "python":
            is_output = next_language == "text" and not README[end:start].strip()
            yield code, text if is_output else None


EXAMPLES = list(find_examples())


def run(code, folder):
    """Run code as a reader's script would run, in an empty folder, and return what it prints."""
    environment = os.environ | {"MPLBACKEND": "agg"}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def targets():
    """Return the commands that the Makefile has."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def links():
    """Return the files of this project that README.md links to or shows."""
    found = re.findall(r"\]\(([^)#\s]+)[^)]*\)", README)
    return [link for link in found if "://" not in link]


def reference():
    """Return the rows of the table of names: those on the left, and those on the right."""
    table = README.split("| Name | What |\n|---|---|\n")[1].split("\n\n")[0]
    for row in table.splitlines():
        left, right = row.strip("|").split(" | ")
        yield re.findall(r"`(\w+)`", left), re.findall(r"`(\w+)`", right)


@pytest.mark.parametrize(("names", "parts"), list(reference()))
def test_names_exist(names, parts):
    """What the table tells of is there: of each thing its fields, methods or arguments."""
    things = [getattr(rollnb, name) for name in names]
    for part in parts:
        assert all(
            hasattr(thing, part)
            or part in inspect.signature(thing).parameters
            or hasattr(rollnb, part)
            for thing in things
        ), part


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_example_runs(code, printed, tmp_path):
    """Whoever pastes an example sees what README.md says."""
    output = run(code, tmp_path)
    if printed is not None:
        assert output.rstrip() == printed.rstrip()


def test_first_example_is_short():
    """Ten lines of code are enough to see a rollout."""
    lines = [line for line in EXAMPLES[0][0].splitlines() if line.strip()]
    assert len(lines) <= 10


MEASURES = """
pods = run.timeline["pods"]
held = -pods.index.to_series().diff(-1)
twice = held[pods == 2 * run.timeline["replicas"]].sum()
print(f"{run.summary.duration_seconds:g} {twice:g}")
"""


def test_first_example_is_told(tmp_path):
    """What the text says of the first example is what happens in it."""
    complete, twice = run(EXAMPLES[0][0] + MEASURES, tmp_path).splitlines()[-1].split()
    text = " ".join(README.split())
    assert f"The update is complete after {complete} s, but the old pods ignore SIGTERM" in text
    assert f"for {twice} s there are twice as many pods as asked for" in text


def test_first_example_has_its_figure():
    """Below the first example stands the picture that it draws."""
    after = README[README.index(EXAMPLES[0][0]) :]
    assert re.search(r"^!\[[^]]+\]\(docs/gallery/lesson\.png\)$", after[:1500], re.MULTILINE)


def test_shell_words_are_named():
    """README.md names every command of the shell, and no other."""
    output = Cluster().kubectl("echo; nothing")
    known = re.search(r"there are: (.*)\)", output.stderr)[1].split(", ")
    listed = README[README.index("Several lines are a block of shell") :].split("Beside")[1]
    named = re.findall(r"`([a-z-]+)`", listed.split("as far as")[0])
    assert sorted(named) == sorted({*known} - {":"})


def test_commands_exist():
    """Each ``make`` command named is one that the Makefile has, and the three of the start are."""
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)(?=[\s`])", re.sub("`make` ", "", README)))
    assert {"lab", "test", "lesson"} <= named <= targets()


def test_links_exist():
    """Each file linked to is there."""
    assert [link for link in links() if not (ROOT / link).exists()] == []


def test_every_notebook_is_listed():
    """The table of notebooks has them all, in order."""
    notebooks = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert [Path(link).name for link in links() if link.endswith(".ipynb")] == notebooks
