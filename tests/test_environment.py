"""What is installed: pyproject.toml, environment.yml and constraints.txt say the same."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

#: conda-forge's name -> PyPI's, where they differ (jq-py is written jq.py).
PYPI_NAMES = {"jq-py": "jq", "playwright-python": "playwright"}


def read_bounds(lines):
    """Return {name: bounds} for lines such as ``pandas >=2.2``."""
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): str(r.specifier) for r in requirements}


def project_bounds():
    """Return the bounds that pyproject.toml gives to whoever runs notebooks and tests."""
    project = PROJECT["project"]
    return read_bounds(
        [f"python {project['requires-python']}"]
        + project["dependencies"]
        + project["optional-dependencies"]["notebooks"]
        + PROJECT["dependency-groups"]["test"]
    )


def conda_lines():
    """Return the entries of environment.yml that conda itself installs."""
    environment = YAML(typ="safe").load(ROOT / "environment.yml")
    return [line for line in environment["dependencies"] if isinstance(line, str)]


def test_environment_agrees_with_pyproject():
    """conda installs the packages that pip does, within the same bounds."""
    bounds = {PYPI_NAMES.get(n, n): bound for n, bound in read_bounds(conda_lines()).items()}
    assert bounds == project_bounds() | {"pip": ""}


def test_environment_is_conda_forge_alone():
    """One channel, so that no package is taken from a mix of builds."""
    environment = YAML(typ="safe").load(ROOT / "environment.yml")
    assert environment["channels"] == ["conda-forge"]


def test_each_bound_has_its_reason():
    """A lower bound without a reason is never lowered again, so each has a comment."""
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    bounded = [line for line in lines if re.match(r"\s+- .*[<>=]", line)]
    assert [line for line in bounded if "#" not in line] == []


def constraint_lines():
    """Return the lines of constraints.txt."""
    return (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def test_constraints_are_names_and_exact_versions():
    """A version alone: where packages come from is the business of each machine."""
    pin = re.compile(r"[\w.-]+==[\w.]+")
    assert [line for line in constraint_lines() if not pin.fullmatch(line)] == []


@pytest.mark.parametrize("name", sorted(project_bounds().keys() - {"python"}))
def test_constraints_fit_the_bounds(name):
    """The versions tried are ones that pyproject.toml allows."""
    tried = dict(line.split("==") for line in constraint_lines())
    versions = {canonicalize_name(name): version for name, version in tried.items()}
    assert Requirement(f"{name} {project_bounds()[name]}").specifier.contains(versions[name])
