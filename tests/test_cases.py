"""What people reported in public, played on a real control plane, happens here too.

`ROLLNB_CASES` names another folder of the same format.
"""

import os
from collections import Counter
from pathlib import Path

import playing
import pytest
import ruamel.yaml

FOLDER = Path(os.environ.get("ROLLNB_CASES") or Path(__file__).parent / "data" / "cases")


def read(path):
    """Return what a YAML file says, in the dialect of kubectl: YAML 1.1."""
    yaml = ruamel.yaml.YAML(typ="safe", pure=True)
    yaml.version = (1, 1)
    return yaml.load(path)


CASES = {path.stem: read(path) for path in sorted(FOLDER.glob("*.yaml"))}


def of_kind(*kinds):
    """Make every case of these kinds a test of its own."""
    return pytest.mark.parametrize(
        "case",
        [pytest.param(case, id=name) for name, case in CASES.items() if case["kind"] in kinds],
    )


def play(case, tmp_path, monkeypatch):
    """Play the case, and say for each check that fails what was found instead."""
    monkeypatch.chdir(tmp_path)
    played = playing.Play(case, tmp_path)
    faults = {str(check): playing.find_fault(check, played) for check in case["expect"]}
    assert {check: fault for check, fault in faults.items() if fault} == {}


@of_kind("rollout")
def test_rollout(case, tmp_path, monkeypatch):
    """Pods come and go as they did on a real control plane."""
    play(case, tmp_path, monkeypatch)


@of_kind("throughput")
def test_throughput(case, tmp_path, monkeypatch):
    """The control plane is as fast, and as slow, as a real one."""
    play(case, tmp_path, monkeypatch)


@of_kind("kubectl")
def test_kubectl(case, tmp_path, monkeypatch):
    """kubectl says and does what the real one does."""
    play(case, tmp_path, monkeypatch)


@of_kind("validation")
def test_validation(case, tmp_path, monkeypatch):
    """Manifests are refused, or accepted, in the API server's words."""
    play(case, tmp_path, monkeypatch)


@of_kind("yaml-input")
def test_yaml_input(case, tmp_path, monkeypatch):
    """Odd YAML is read as kubectl reads it."""
    play(case, tmp_path, monkeypatch)


def test_every_kind_is_played():
    """No case is left out because its kind is unknown."""
    known = {"rollout", "throughput", "kubectl", "validation", "yaml-input"}
    assert {kind: n for kind, n in count_kinds().items() if kind not in known} == {}


def count_kinds():
    """Count the cases by kind."""
    return Counter(case["kind"] for case in CASES.values())
