"""The notebook magics hand the lesson's cells to a cluster."""

import pytest
from IPython.core.error import UsageError
from IPython.testing.globalipapp import start_ipython
from terminal import terminal

from rollnb.kubectl import magic


@pytest.fixture(scope="module")
def ipython():
    """Return an IPython session with the extension loaded."""
    shell = start_ipython()
    shell.run_line_magic("load_ext", "rollnb.kubectl")
    return shell


@pytest.fixture
def cluster():
    """A cluster that the magics use."""
    cluster = terminal()
    magic.use(cluster)
    return cluster


def test_line(ipython, cluster):
    """One command, without its first word."""
    output = ipython.run_line_magic("kubectl", "get deploy -o name")
    assert str(output) == "deployment.apps/web"


def test_cell(ipython, cluster):
    """A cell of shell, command after command; variables are the cluster's."""
    cell = "export TAG=v9\nkubectl set image deploy web c=$TAG\nkubectl get deploy -o name"
    output = ipython.run_cell_magic("sh", "", cell)
    assert str(output) == "deployment.apps/web image updated\ndeployment.apps/web"


def test_cell_of_kubectl(ipython, cluster):
    """A cell that is one command over several lines."""
    output = ipython.run_cell_magic("kubectl", "", "get deploy \\\n  -o name")
    assert str(output) == "deployment.apps/web"


def test_choose_by_name(ipython, cluster):
    """Another cluster is chosen by the name of its variable."""
    ipython.user_ns["other"] = terminal(name="api")
    output = ipython.run_line_magic("kubectl", "--cluster other get deploy -o name")
    assert str(output) == "deployment.apps/api"
    with pytest.raises(UsageError, match="there is no variable of that name"):
        ipython.run_line_magic("kubectl", "--cluster nobody get pods")


@pytest.mark.parametrize("line", ["--cluster other", "--cluster=other"])
def test_a_chosen_cluster_is_for_one_cell(ipython, cluster, line):
    """The cell after one with ``--cluster`` is about the usual cluster again."""
    ipython.user_ns["other"] = terminal(name="api")
    names = [
        str(ipython.run_cell_magic("sh", chosen, "kubectl get deploy -o name"))
        for chosen in (line, "")
    ]
    assert names == ["deployment.apps/api", "deployment.apps/web"]


def test_without_a_cluster_the_magic_says_so_in_one_line(ipython, monkeypatch, capsys):
    """A cell without a cluster gets a sentence and no traceback."""
    monkeypatch.setattr(magic, "_chosen", {})
    assert "cluster" not in ipython.user_ns
    ipython.run_cell("%%sh\nkubectl get pods")
    printed = capsys.readouterr()
    (line,) = (printed.out + printed.err).strip().splitlines()
    assert line.startswith("UsageError: no cluster is chosen: name a variable `cluster`")


def test_a_file_of_one_cell_is_there_in_the_next(ipython, cluster):
    """A here-document in one cell can be applied in another."""
    ipython.run_cell_magic("sh", "", "cat > note.txt <<EOF\nhello\nEOF")
    assert str(ipython.run_cell_magic("sh", "", "cat note.txt")) == "hello"
