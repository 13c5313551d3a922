"""Break one rule after the other and see whether the tests notice.

    python tools/mutate.py                 all mutations of tests/mutations.py
    python tools/mutate.py surge partition those whose rule has one of these words

Each mutation is made in a copy of the package; the test modules named beside it run there. Prints
how many tests of each fail, and returns 1 if one of these modules notices nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from mutations import MUTATIONS, Mutation  # noqa: E402  (found beside the tests)

#: A rule broken may make things go round in circles: then the memory is used up, and a test fails.
MEMORY_BYTES = 3 * 2**30
LIMITED = """
import pytest, resource, sys
resource.setrlimit(resource.RLIMIT_AS, 2 * (int(sys.argv[1]),))
sys.exit(pytest.main(sys.argv[2:]))
"""


def mutate(source: str, mutation: Mutation) -> str:
    """Return a module's source with the rule broken.

    Raises
    ------
    LookupError
        If the text to replace is not there as often as it should be.
    """
    found = source.count(mutation.old)
    if found != mutation.times:
        raise LookupError(
            f"rollnb/{mutation.module}.py has {mutation.old!r} {found} times, not "
            f"{mutation.times}: adapt {mutation.rule!r} in tests/mutations.py"
        )
    return source.replace(mutation.old, mutation.new)


def snapshot(folder: Path) -> None:
    """Copy what tests need, as it is now; the data, which is only read, is linked."""
    ignored = shutil.ignore_patterns("__pycache__", "data")
    for name in ("rollnb", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    (folder / "tests" / "data").symlink_to(ROOT / "tests" / "data")
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in ("rollnb", "tests"):
            (folder / path.name).symlink_to(path)


def run_tests(
    package: Path, modules: tuple[str, ...], mutation: Mutation | None = None
) -> Counter[str]:
    """Break a rule in a copy of the package; return how many tests fail in each module.

    Raises
    ------
    RuntimeError
        If tests cannot even be collected: such a mutation shows nothing.
    """
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name) / "package"
        shutil.copytree(package, folder, symlinks=True)
        if mutation is not None:
            module = folder / "rollnb" / f"{mutation.module}.py"
            module.write_text(mutate(module.read_text(), mutation))
        options = ["-q", "-rf", "--tb=no", "-p", "no:cacheprovider", "-p", "no:nbval"]
        options += ["-p", "no:xdist", "-o", "addopts="]
        files = [f"tests/{module}.py" for module in modules]
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, str(MEMORY_BYTES), *options, *files],
            cwd=folder,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
        )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{mutation}: {done.stdout}{done.stderr}")
    return Counter(re.findall(r"^FAILED tests/(\w+)\.py", done.stdout, re.MULTILINE))


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 1 if a mutation survives."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only rules with one of these words")
    words = parser.parse_args(arguments).words
    chosen = [m for m in MUTATIONS if not words or any(word in m.rule for word in words)]
    modules = tuple(sorted({module for m in chosen for module in m.tests}))
    for mutation in chosen:
        mutate((ROOT / "rollnb" / f"{mutation.module}.py").read_text(), mutation)
    survivors = []
    with (
        tempfile.TemporaryDirectory(prefix="unbroken-") as name,
        ThreadPoolExecutor(max_workers=os.cpu_count()) as pool,
    ):
        package = Path(name)
        snapshot(package)
        unbroken = pool.submit(run_tests, package, modules)
        results = [pool.submit(run_tests, package, m.tests, m) for m in chosen]
        if failed := unbroken.result():
            pool.shutdown(cancel_futures=True)
            print(f"tests fail already with no rule broken: {dict(failed)}")
            return 1
        for mutation, result in zip(chosen, results, strict=True):
            failed = result.result()
            counts = ", ".join(f"{module} {failed[module]}" for module in mutation.tests)
            survived = not all(failed[module] for module in mutation.tests)
            survivors += [mutation.rule] * survived
            print(
                f"{'SURVIVED' if survived else 'noticed':9} {mutation.rule}: {counts}", flush=True
            )
    print(
        f"{len(chosen) - len(survivors)} of {len(chosen)} mutations noticed by every module named"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
