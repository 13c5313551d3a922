"""The walls of the house: who may import whom, and how long a module may be.

    manifest -> spec -> cluster -> kubectl, timeline -> run, plots -> widgets

Data flows to the right and never back. A new module gets its place in `WAY`.
"""

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rollnb"

#: The rooms from left to right; those of one row may know each other.
WAY = [
    {"words", "int_or_percent", "validation", "node", "spec"},
    {"manifest", "patch"},
    {"cluster"},
    {"kubectl"},
    {"changes", "timeline", "measures", "dockercoins", "throughput", "service"},
    {"run", "scenarios", "sweep", "recording", "replay", "agreement"},
    {"course", "plots"},
    {"widgets"},
    {"lesson"},
]

#: A step back that is meant: the room, what it imports, and only inside a function.
BACK = {
    ("cluster", "kubectl"),  # Cluster.kubectl(line) hands the line over
}

#: Where a library begins: this room's row, and all to the right of it.
BEGINS = {"numpy": "timeline", "pandas": "timeline", "matplotlib": "plots"}

#: Libraries that live in one place alone.
ALONE = {
    "ruamel": "rollnb.manifest",
    "jq": "rollnb.kubectl",
    "IPython": "rollnb.kubectl.magic",
    "ipywidgets": "rollnb.widgets",
    "traitlets": "rollnb.widgets",  # of which ipywidgets are made
    "PIL": "rollnb.plots",
    "imageio_ffmpeg": "rollnb.plots",
    "tqdm": "rollnb.plots",
}

#: Pure functions: they see the specs and objects they are given, and nothing else.
DECISIONS = [
    "rolling",
    "recreate",
    "progress",
    "history",
    "scaling",
    "replicaset",
    "statefulset",
    "daemonset",
    "disruption",
]

#: Whoever acts needs one of these: time, or the place where state changes.
ACTING = {"rollnb.cluster.clock", "rollnb.cluster.store", "rollnb.cluster.engine"}


class Import(NamedTuple):
    """One imported module, and where the import stands: "module", "function" or "typing"."""

    name: str
    place: str


def module_name(path):
    """Return the dotted name of a file of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported_names(node, module):
    """Return the dotted names of modules that an import statement of `module` is about."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
        parts = package.split(".")
        base = ".".join(parts[: len(parts) - node.level + 1] + ([base] if base else []))
    names = [f"{base}.{alias.name}" for alias in node.names]
    # `from rollnb.cluster import rolling` is about the module rolling, if there is one.
    return [name if name in MODULES else base for name in names]


def find_imports(module):
    """Return every import of a module, wherever it stands."""
    found = []

    def visit(node, place):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.extend(Import(name, place) for name in imported_names(node, module))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            place = "function"
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            place = "typing"
        for child in ast.iter_child_nodes(node):
            visit(child, place)

    visit(ast.parse(MODULES[module].read_text(encoding="utf-8")), "module")
    return found


IMPORTS = {module: find_imports(module) for module in MODULES}


def room(module):
    """Return the room of the package that a module is in; the package itself is in none."""
    return module.split(".")[1] if "." in module else ""


def row(name):
    """Return how far to the right a room is; one without a place counts as the last."""
    return next((i for i, rooms in enumerate(WAY) if name in rooms), len(WAY))


def own(module):
    """Return the imports of a module that are of the package itself, its front door apart."""
    return [i for i in IMPORTS[module] if i.name.startswith("rollnb.")]


def foreign(module):
    """Return the names of the libraries that a module imports, not counting Python's own."""
    names = {i.name.split(".")[0] for i in IMPORTS[module]}
    return names - set(sys.stdlib_module_names) - {"rollnb"}


each_module = pytest.mark.parametrize("module", [m for m in MODULES if room(m)])


@each_module
def test_module_has_a_place(module):
    """Every module is somewhere on the way, so that the arrows hold for it too."""
    assert row(room(module)) < len(WAY), f"give {room(module)!r} its place in WAY"


@each_module
def test_data_flows_to_the_right(module):
    """A room imports what lies left of it or beside it, never what lies to its right."""
    backwards = [
        i.name
        for i in own(module)
        if i.place != "typing"
        and row(room(i.name)) > row(room(module))
        and not (i.place == "function" and (room(module), room(i.name)) in BACK)
    ]
    assert backwards == []


@each_module
def test_rooms_do_not_use_the_front_door(module):
    """``import rollnb`` is for those outside: inside it would make every room know all others."""
    assert [i for i in IMPORTS[module] if i.name == "rollnb" and i.place == "module"] == []


@each_module
def test_libraries_stay_where_they_belong(module):
    """pandas begins at timeline, matplotlib at plots; each other library has one room."""
    allowed = {name for name, first in BEGINS.items() if row(room(module)) >= row(first)}
    allowed |= {name for name, home in ALONE.items() if f"{module}.".startswith(f"{home}.")}
    assert foreign(module) <= allowed


def reach(module):
    """Return the modules of the package that a module knows, directly or through others."""
    known, todo = set(), [module]
    while todo:
        new = {i.name for i in own(todo.pop()) if i.place != "typing"} - known
        known |= new
        todo += new
    return known


@pytest.mark.parametrize("name", DECISIONS)
def test_decisions_know_no_engine(name):
    """A decision is a pure function of specs and objects, so that it can be called in a test."""
    known = reach(f"rollnb.cluster.{name}")
    assert known & ACTING == set()
    assert {room(module) for module in known} <= {*WAY[0], "cluster"}


def test_clock_knows_no_kubernetes():
    """The clock orders events; what they are about is not its business."""
    assert own("rollnb.cluster.clock") == []


def test_no_circles():
    """Modules can be read one after the other: none needs, to be imported, one that needs it."""
    graph = {m: {i.name for i in own(m) if i.place == "module"} - {m} for m in MODULES}
    assert set(TopologicalSorter(graph).static_order()) >= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_module_is_read_in_one_sitting(module):
    """A module longer than 400 lines is more than one subject."""
    length = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert length <= 400


def test_run_needs_no_notebook():
    """``import rollnb`` works where no notebook software is installed."""
    code = "import sys, rollnb; print(sorted({'IPython', 'ipywidgets'} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"


def text_files():
    """Return the text files that people wrote, so without tests' data."""
    for folder, names, files in os.walk(ROOT):
        names[:] = [n for n in names if n not in {"data", "build"} and not n.startswith(".")]
        for file in files:
            if Path(file).suffix in {".py", ".ipynb", ".md", ".toml", ".yml", ".yaml", ".cfg", ""}:
                yield Path(folder, file)
    yield ROOT / ".ci" / "run"


def test_no_path_of_one_machine():
    """Files name no place that only one machine has, such as this checkout or someone's home."""
    places = [f"{place}/" for place in (ROOT, Path.home()) if len(place.parts) > 1]
    naming = [
        str(path.relative_to(ROOT))
        for path in text_files()
        if any(place in path.read_text(encoding="utf-8") for place in places)
    ]
    assert naming == []
