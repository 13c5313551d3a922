"""Lines and blocks of shell are read as in the lesson's terminal."""

import pytest
from terminal import FakeCluster, terminal

from rollnb.kubectl import jsonpath, run, shell
from rollnb.kubectl.output import Failure
from rollnb.kubectl.pipes import run_jq


def say(text, **environment):
    """Return what a block prints on an empty cluster."""
    cluster = FakeCluster()
    cluster.environment = environment
    return shell(cluster, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("echo a  b", "a b", id="words"),
        pytest.param("echo 'a  b'", "a  b", id="single quotes keep blanks"),
        pytest.param("echo $TAG ${TAG}", "v1 v1", id="variables"),
        pytest.param("echo registry/worker:$TAG", "registry/worker:v1", id="inside a word"),
        pytest.param("echo '$TAG'", "$TAG", id="single quotes do not expand"),
        pytest.param('echo "$TAG"', "v1", id="double quotes expand"),
        pytest.param(r'echo "\$TAG \"x\""', '$TAG "x"', id="backslash in double quotes"),
        pytest.param(r"echo \$TAG", "$TAG", id="backslash"),
        pytest.param("echo ${NONE:-other} ${NONE-x}", "other x", id="defaults"),
        pytest.param("echo $NONE end", "end", id="an unset variable vanishes"),
        pytest.param('echo "$NONE" end', " end", id="but stays where it is quoted"),
        pytest.param("echo $WORDS", "a b", id="an unquoted variable is split"),
        pytest.param('echo "$WORDS"', "a  b", id="a quoted one is not"),
        pytest.param("echo a # comment", "a", id="comment"),
        pytest.param("echo a#b", "a#b", id="no comment inside a word"),
        pytest.param("# only\n\necho x", "x", id="comment line"),
        pytest.param("echo a \\\n  b", "a b", id="backslash at the end of a line"),
        pytest.param('echo "a\n  b"', "a\n  b", id="several lines in quotes"),
        pytest.param("echo a; echo b", "a\nb", id="semicolon"),
        pytest.param("true && echo a || echo b", "a", id="and"),
        pytest.param("false && echo a || echo b", "b", id="or"),
        pytest.param("export A=1 B=2\necho $A$B", "12", id="export"),
        pytest.param("A=1\necho $A", "1", id="assignment"),
        pytest.param("A=1 echo $A.", ".", id="an assignment before a command is not seen by it"),
        pytest.param("export A='x y'\necho \"$A\"", "x y", id="export with quotes"),
        pytest.param("echo $(echo b)", "b", id="command substitution"),
        pytest.param("echo `echo b`", "b", id="backquotes"),
        pytest.param("cd /somewhere\necho x", "x", id="cd"),
        pytest.param('cat <<EOF\ntag: $TAG\n"q"\nEOF', 'tag: v1\n"q"', id="here-document"),
        pytest.param("cat <<'EOF'\ntag: $TAG\nEOF", "tag: $TAG", id="quoted here-document"),
        pytest.param("echo a > f\necho b >> f\ncat f", "a\nb", id="redirection"),
        pytest.param("cat > f <<EOF\nx\nEOF\ncat < f", "x", id="file from a here-document"),
        pytest.param("echo b |\n  grep b", "b", id="a pipe at the end of a line"),
        pytest.param("echo 'b\na\nb' | sort -u | head -n 1", "a", id="filters"),
        pytest.param("echo 'b\na' | grep -v a | wc -l", "1", id="grep -v, wc"),
    ],
)
def test_shell(text, expected):
    """Quoting, variables, lists and pipes follow POSIX shell."""
    assert str(say(text, TAG="v1", WORDS="a  b")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("echo 'a", "sh: line 1: a ' is not closed", id="single quote"),
        pytest.param('echo\necho "a', 'sh: line 2: a " is not closed', id="double quote"),
        pytest.param("| jq .", "sh: line 1: a command is missing", id="pipe without command"),
        pytest.param(
            "cat <<EOF\nx",
            "sh: line 2: the here-document does not end with EOF",
            id="here-document",
        ),
        pytest.param("echo ${A", "sh: line 1: bad substitution", id="brace"),
        pytest.param("export 1=2", "sh: export: `1=2': not a valid identifier", id="bad name"),
    ],
)
def test_shell_errors(text, expected):
    """What cannot be read is said with its line, and nothing runs."""
    assert say(text).stderr.strip() == expected


def test_unknown_command():
    """A command that is not there is one clear error."""
    output = say("helm install web")
    assert output.exit == 127
    assert output.stderr.startswith("sh: helm: command not found (there are: ")


def test_a_block_goes_on_after_an_error():
    """As in a terminal, the next command runs; the exit code is the last one's."""
    output = say("nothing\necho x")
    assert (output.stdout, output.exit) == ("x\n", 0)


def test_commands_without_kubectl():
    """A single line may leave the word kubectl out; a verb that shell knows too is kubectl's."""
    cluster = terminal()
    assert str(run(cluster, "get deploy -o name")) == "deployment.apps/web"
    assert str(run(cluster, "set image deploy web c=v9")) == "deployment.apps/web image updated"


def test_environment_is_the_clusters():
    """What is exported in one call is there in the next."""
    cluster = terminal()
    cluster.kubectl("export TAG=v7")
    cluster.kubectl("kubectl set image deploy web c=shop/web:$TAG")
    template = cluster.get("Deployment", "web")["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == "shop/web:v7"


@pytest.mark.parametrize("files", [None, {"web.yaml": "older"}], ids=["no files", "own files"])
def test_redirection_is_kept(files):
    """What one call writes into a file, the next one reads."""
    cluster = terminal()
    assert str(cluster.kubectl("get deploy -o name > web.yaml", files=files)) == ""
    assert str(cluster.kubectl("cat web.yaml", files=files)) == "deployment.apps/web"
    assert "does not exist" in terminal().kubectl("cat web.yaml").stderr


def test_sleep_lets_time_pass():
    """A sleep is simulated time."""
    cluster = terminal()
    cluster.kubectl("sleep 90\nsleep 1m")
    assert cluster.now == 150.0


def test_kubectl_may_take_time():
    """A control plane with latency reacts while the next kubectl starts."""
    cluster = terminal()
    cluster.kubectl("kubectl get pods\nkubectl get deploy", command_seconds=0.1)
    assert cluster.now == 0.2


def test_compose_pushes_the_tag():
    """The lesson's build and push put the new tag into the registry, once."""
    cluster = terminal(images=("registry/web:v1",))
    block = "export TAG=v2\ndocker-compose -f app.yml build\ndocker-compose -f app.yml push"
    output = cluster.kubectl(block)
    assert str(output) == "Building registry/web:v2\nPushed registry/web:v2"
    cluster.kubectl("docker push registry/web:v2")
    assert cluster.pushed == ["registry/web:v2"]


def test_echo_shows_the_commands():
    """With echo, a block reads like a terminal; the streams hold only what was printed."""
    output = run(FakeCluster(), "echo a |\n  cat\necho b", echo=True)
    assert str(output) == "$ echo a |\n>   cat\na\n$ echo b\nb"
    assert output.stdout == "a\nb\n"


def test_output_is_plain_text():
    """A notebook shows the text, not a quoted string."""
    output = say("echo it\\'s; nothing")
    assert repr(output) == str(output)
    assert output.startswith("it's\nsh: nothing")
    assert output.lines[0] == (0.0, "it's")


# --------------------------------------------------------------------------------------------- jq


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        pytest.param(
            [".a"], '{"a": {"b": [1, {}]}}', '{\n  "b": [\n    1,\n    {}\n  ]\n}\n', id="indent"
        ),
        pytest.param(["-c", "."], '{"b": 1, "a": 2}', '{"b":1,"a":2}\n', id="compact, in order"),
        pytest.param(["-S", "-c", "."], '{"b": 1, "a": 2}', '{"a":2,"b":1}\n', id="sorted"),
        pytest.param([".[]"], '["a", "é"]', '"a"\n"é"\n', id="several results"),
        pytest.param(["-r", ".[]"], '["a", 1]', "a\n1\n", id="raw"),
        pytest.param(["-j", ".[]"], '["a", "b"]', "ab", id="joined"),
        pytest.param(["-n", "--arg", "x", "y", "$x"], "", '"y"\n', id="argument"),
        pytest.param(["-s", "-c", "."], "1 2", "[1,2]\n", id="slurp"),
        pytest.param(["."], "", "", id="no input, no output"),
    ],
)
def test_jq(words, text, expected):
    """Output is indented as the jq tool does."""
    assert run_jq(words, text) == expected


@pytest.mark.parametrize(
    ("words", "text", "code"),
    [
        pytest.param([".a["], "{}", 3, id="program"),
        pytest.param([".a.b"], '{"a": 1}', 5, id="while it runs"),
        pytest.param(["--nothing"], "{}", 2, id="option"),
    ],
)
def test_jq_errors(words, text, code):
    """jq's exit codes tell what was wrong."""
    with pytest.raises(Failure, match="jq") as failure:
        run_jq(words, text)
    assert failure.value.exit == code


def test_jq_behind_kubectl():
    """kubectl's JSON is filtered by the real library."""
    line = "kubectl get deploy -o json |\n  jq '.items[] | {name:.metadata.name} + .spec.strategy'"
    expected = '{\n  "name": "web",\n  "type": "RollingUpdate"\n}'
    assert str(terminal().kubectl(line)) == expected


# --------------------------------------------------------------------------------------- jsonpath

OBJECT = {
    "items": [
        {"name": "a", "n": 1, "labels": {"x.y/z": "1"}, "ok": True},
        {"name": "b", "n": 22, "labels": {}, "ok": False},
    ]
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{.items[*].name}", "a b"),
        (".items[0].name", "a"),
        ("{.items[-1:].name}", "b"),
        ("{.items[0,1].n}", "1 22"),
        ("{.items[?(@.n>1)].name}", "b"),
        ('{.items[?(@.name=="a")].n}', "1"),
        ("{.items[?(@.ok==true)].name}", "a"),
        (r"{.items[0].labels.x\.y/z}", "1"),
        ("{.items[0].labels['x\\.y/z']}", "1"),
        ("{..name}", "a b"),
        ("{.items[0].labels}", '{"x.y/z":"1"}'),
        ("{.items[1].ok}", "false"),
        ("{.items[0].missing}", ""),
        ('{range .items[*]}{.name}{"\\t"}{.n}{"\\n"}{end}', "a\t1\nb\t22\n"),
        ("n={.items[0].n};", "n=1;"),
        ("{$.items[0].name}", "a"),
    ],
)
def test_jsonpath(template, expected):
    """Templates as in kubectl's documentation."""
    assert jsonpath.evaluate(template, OBJECT) == expected


@pytest.mark.parametrize("template", ["{.items[}", "{range .items[*]}{.name}", "{.items[5].name}"])
def test_jsonpath_errors(template):
    """A template that cannot be read, or an index beyond the end, is an error."""
    with pytest.raises(Failure):
        jsonpath.evaluate(template, OBJECT)
