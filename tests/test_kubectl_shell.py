"""Lines and blocks of shell are read as in the lesson's terminal."""

import pytest
from terminal import FakeCluster, terminal

from rollnb import Cluster, Deployment, Image
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
        pytest.param("echo 'a\nb\nc\nd\na' | grep -A1 a", "a\nb\n--\na", id="grep -A"),
        pytest.param("echo 'a\nb\nc\nd\na' | grep a", "a\na", id="grep"),
        pytest.param("echo 'a\nb\nc' | grep -B 1 c", "b\nc", id="grep -B"),
        pytest.param("echo 'a+b\naab' | grep a+b", "a+b", id="grep: a plus is a plus"),
        pytest.param("echo 'ax\nby' | grep '[^x]$'", "by", id="grep: the end of a line"),
        pytest.param("echo 'x1\nxy' | grep 'x[[:digit:]]'", "x1", id="grep: a class"),
        pytest.param("echo 'x1\nxy' | egrep '[[:digit:]]+'", "x1", id="egrep: a class"),
        pytest.param("echo 'webs\nweb 1' | grep '\\<web\\>'", "web 1", id="grep: a word"),
        pytest.param("echo 'a.b\na\\b' | grep '[\\]'", "a\\b", id="grep: a backslash in brackets"),
        pytest.param("echo 'a[b\nab' | grep '[[]'", "a[b", id="grep: a bracket in brackets"),
        pytest.param("echo 'axxb' | grep -o 'x*'", "xx", id="grep -o: no empty matches"),
        pytest.param("echo 'a.b\nab' | grep -w '[.]'", "", id="grep -w: no word"),
        pytest.param("echo 'x1 a\nxy b' | awk '/[[:digit:]]/{print $2}'", "a", id="awk: a class"),
        pytest.param("echo 'a|b\nb' | grep 'b\\|c'", "a|b\nb", id="grep: or, with a backslash"),
        pytest.param("echo 'a\nb' | grep -E 'b|c'", "b", id="grep -E"),
        pytest.param("echo 'a\nb' | egrep 'b|c'", "b", id="egrep"),
        pytest.param("echo 'a)\nb' | grep '[)]'", "a)", id="grep: brackets stay"),
        pytest.param("echo 'a 10\nb 9' | sort -n -k 2", "b 9\na 10", id="sort by numbers"),
        pytest.param("echo 'a 2\nb 1' | sort -k2", "b 1\na 2", id="sort by a column"),
        pytest.param("echo '9\n10' > f; sort -rn f", "10\n9", id="sort a file"),
        pytest.param("echo 'b 1\na 1' | sort -k2", "a 1\nb 1", id="sort: ties by the line"),
        pytest.param("echo 'b 1\na 1' | sort -nk2", "a 1\nb 1", id="sort -n: ties by the line"),
        pytest.param("echo 'a 1\nb 1\nc 2' | sort -k2r", "c 2\na 1\nb 1", id="sort -k2r: ties"),
        pytest.param("echo 'a 1\nb 1\nc 2' | sort -rk2", "c 2\nb 1\na 1", id="sort -rk2: ties"),
        pytest.param(
            "echo 'a 9\nb 10' | sort -r -k2n", "a 9\nb 10", id="sort: a key's own letters"
        ),
        pytest.param(
            "echo 'c 1 2\na 1\nb' | sort -k3", "a 1\nb\nc 1 2", id="sort: no such column"
        ),
        pytest.param("echo '0.75\n.5\n-1' | sort -n", "-1\n.5\n0.75", id="sort -n: decimals"),
        pytest.param("echo 'a\nb' | tail -n 0", "", id="tail of nothing"),
        pytest.param("echo a b c | awk '{print $1 $3, $2}'", "ac b", id="awk without a comma"),
        pytest.param("echo 'a\na\nb' | uniq -c", "      2 a\n      1 b", id="uniq"),
        pytest.param("echo a-b | tr a-z- A-Z_", "A_B", id="tr"),
        pytest.param("echo a b | tr ' ' '\\n'", "a\nb", id="tr to lines"),
        pytest.param("echo abbc | tr -s b | tr -d c", "ab", id="tr -s, tr -d"),
        pytest.param("echo 'A B C\na b c' | awk 'NR>1 {print $3, $1}'", "c a", id="awk"),
        pytest.param("echo 'a b\nc d' | awk '/c/{print $NF}'", "d", id="awk with a pattern"),
        pytest.param("for i in a=1 $WORDS; do echo $i; done", "a=1\na\nb", id="loop"),
        pytest.param(
            "for i in 1 2\ndo\n  for j in x; do echo $i$j; done\ndone | sort -r",
            "2x\n1x",
            id="loop in a loop before a pipe",
        ),
        pytest.param("for i in $(seq 2 3); do echo $i; done > f; cat f", "2\n3", id="seq"),
        pytest.param("for i in 1; do false && echo a || echo b; done", "b", id="list in a loop"),
        pytest.param("echo {..a} {.b} {} a{b", "{..a} {.b} {} a{b", id="braces of one word"),
        pytest.param("echo a > f; wc -l f; wc -l < f", "1 f\n1", id="wc names its file"),
        pytest.param("echo a; exit 3; echo b", "a", id="exit"),
        pytest.param("for i in 1 2; do echo $i; exit; done; echo b", "1", id="exit in a loop"),
        pytest.param("for i in 1 2; do echo $i; exit; done | cat; echo b", "1\nb", id="in a pipe"),
        pytest.param("echo $(echo a; exit 3) $?", "a 3", id="exit in a command substitution"),
        pytest.param("set -e; echo a; false; echo b", "a", id="set -e"),
        pytest.param("set -e; set +e; false; echo b", "b", id="set +e"),
        pytest.param("set -e; A=$(false); echo b", "", id="set -e, of what is assigned"),
        pytest.param(
            "set -e; false || echo a; false && echo b; echo c", "a\nc", id="set -e, lists"
        ),
        pytest.param("set -e; true && false; echo b", "", id="set -e, the end of a list"),
        pytest.param(
            "set -e; for i in 1 2; do echo $i; false; done; echo b", "1", id="set -e, loop"
        ),
        pytest.param(
            "set -e; for i in 1 2; do false; echo $i; done || echo a; false; echo b",
            "1\n2",
            id="set -e, a loop in a list",
        ),
        pytest.param(
            "set -eu; false; echo b",
            "rollnb: set -eu: only -e and +e have an effect here",
            id="other options of set",
        ),
        pytest.param("for i in 1; do cat <<E\n$i\nE\ndone", "1", id="document in a loop"),
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
        pytest.param(
            "while true; do echo a; done",
            "sh: line 1: while is not simulated: use for i in 1 2 3; do …; sleep 5; done, or "
            "kubectl wait",
            id="while",
        ),
        pytest.param(
            "echo a\nif true; then echo b; fi",
            "sh: line 2: if is not simulated: use … && … || …",
            id="if",
        ),
        pytest.param(
            "for i in 1 2; do echo", "sh: line 1: the loop does not end with done", id="loop"
        ),
        pytest.param("for i in 1 2; echo; done", "sh: line 1: do is missing", id="no do"),
        pytest.param(
            "for 1 2", "sh: line 1: for is read as: for i in 1 2 3; do …; done", id="no in"
        ),
        pytest.param(
            "for i in 1; do echo; done echo", "sh: line 1: e is not understood here", id="behind"
        ),
        pytest.param(
            "echo a | cat &",
            "sh: line 1: a pipe or a loop cannot go to the background here",
            id="pipe in the background",
        ),
        pytest.param(
            "watch kubectl get pods",
            "sh: watch: there is no screen to draw on again and again: use kubectl get -w, or "
            "for i in 1 2 3; do …; sleep 2; done",
            id="watch",
        ),
        pytest.param(
            "echo a\nfor i in {1..3}; do echo $i; done",
            "sh: line 2: {1..3} is not expanded: use $(seq FIRST LAST)",
            id="numbers in braces",
        ),
        pytest.param(
            "echo web-{0..4..2}",
            "sh: line 1: {0..4..2} is not expanded: use $(seq FIRST LAST)",
            id="numbers in braces, with a step",
        ),
        pytest.param(
            "echo web-{0,1}",
            "sh: line 1: {0,1} is not expanded: write the words",
            id="words in braces",
        ),
        pytest.param(
            "echo a \\\n  b\n{ echo c; }",
            "sh: line 3: { is not simulated: use the commands one after the other",
            id="group behind a line that goes on",
        ),
        pytest.param(
            "\ngreet() {\n  echo a\n}\ngreet",
            "sh: line 2: greet() is not simulated: use the commands one after the other",
            id="function",
        ),
        pytest.param(
            "echo a\n(echo b)",
            "sh: line 2: ( is not simulated: use the commands one after the other",
            id="subshell",
        ),
        pytest.param(
            'echo a\necho "$((1 + 2))"',
            "sh: line 2: $((…)) is not simulated: write the number",
            id="arithmetic",
        ),
        pytest.param(
            "cat <<EOF\n\n$((1 + 2))\nEOF",
            "sh: line 3: $((…)) is not simulated: write the number",
            id="arithmetic in a here-document",
        ),
        pytest.param(
            "echo a\necho $(echo b\nif true; then echo c; fi)",
            "sh: line 3: if is not simulated: use … && … || …",
            id="in a command substitution",
        ),
        pytest.param("wait %1", "sh: wait: %1: no such job (in this block)", id="no job"),
        pytest.param("export 1=2", "sh: export: `1=2': not a valid identifier", id="bad name"),
        pytest.param(
            "echo a | grep '['", "grep: [: unterminated character set", id="no pattern of grep"
        ),
        pytest.param(
            "echo a | awk '/[/ {print}'", "awk: [: unterminated character set", id="nor of awk"
        ),
        pytest.param(
            "echo a | sort -z",
            "sort: usage: sort [-nr] [-k COLUMN], sort [-ru]",
            id="option of sort",
        ),
        pytest.param(
            "echo a | sort -k2 -k1",
            "sort: usage: sort [-nr] [-k COLUMN], sort [-ru]",
            id="sort by two columns",
        ),
        pytest.param(
            "echo a | sort -nu",
            "sort: usage: sort [-nr] [-k COLUMN], sort [-ru]",
            id="sort -u of numbers",
        ),
        pytest.param(
            "echo a | grep '[:digit:]'",
            "grep: character class syntax is [[:space:]], not [:space:]",
            id="half a class",
        ),
        pytest.param(
            "echo a | grep '[[:word:]]'",
            "grep: Invalid character class name",
            id="no class",
        ),
    ],
)
def test_shell_errors(text, expected):
    """What cannot be read is said with its line, and nothing runs."""
    at_once = " (nothing was run)" if expected.startswith("sh: line") else ""
    assert say(text).strip() == expected + at_once


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


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param("\nset -e\nfalse\necho a\n", "", id="set"),
        pytest.param("wait\necho a", "a", id="wait"),
        pytest.param("ls -la\necho a", "sh: ls: command not found", id="no command"),
        pytest.param("get pods\necho a", "sh: get: command not found: write kubectl", id="verb"),
        pytest.param("get deploy \\\n -o name |\n cat # end\n", "deployment", id="one command"),
    ],
)
def test_every_line_of_a_block_is_shell(block, expected):
    """The first of several lines is read as the others; one command may go over some lines."""
    output = run(terminal(), block)
    assert output.startswith(expected)
    assert bool(output) == bool(expected)


@pytest.mark.parametrize(
    ("block", "code"),
    [("false; exit", 1), ("exit 3; true", 3), ("exit x; true", 2), ("set -e; cat none; true", 1)],
)
def test_exit_code_of_a_block_that_ends_early(block, code):
    """A block that ends early has the exit code it is given, or that of the last command."""
    assert say(block).exit == code


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


# ------------------------------------------------------------------------------------------- jobs


@pytest.fixture
def cluster():
    """A Deployment whose old pod stays for 3 s once the new one is ready, after 2 s."""
    cluster = Cluster([Image("web:1", stop_seconds=3), Image("web:2")])
    with cluster.instantly():
        cluster.apply(Deployment("web", image="web:1"))
    return cluster


def brief(output):
    """Return each line's second, and what it is about: a pod's state, or its first words."""
    found = [(t, line.split()) for t, line in output.lines]
    return [(t, words[2] if words[0].startswith("web-") else words[0]) for t, words in found]


ROLLOUT = "kubectl set image deploy/web web=web:2\nkubectl rollout status deploy/web"
#: What a watch and the commands of `ROLLOUT` print, one among the other.
TOGETHER = [
    (0.0, "NAME"),
    (0.0, "Running"),
    (0.0, "deployment.apps/web"),
    (0.0, "Pending"),
    (0.0, "Pending"),
    (0.0, "ContainerCreating"),
    (0.0, "Waiting"),
    (2.0, "Running"),
    (2.0, "Waiting"),
    (2.0, "Terminating"),
    (2.0, "deployment"),
]


def test_watch_prints_among_the_others(cluster):
    """In a block a watch in the background prints as time passes, as in a terminal."""
    output = cluster.kubectl(f"kubectl get pods -w &\n{ROLLOUT}")
    assert brief(output) == TOGETHER
    assert output.exit == 0


def test_watch_goes_on_by_itself_after_its_block(cluster):
    """What a watch prints later is in its own text, and in no output of another command."""
    output = cluster.kubectl(f"kubectl get pods -w &\n{ROLLOUT}")
    later = cluster.kubectl("sleep 10; echo done")
    (watch,) = output.background
    assert str(later) == "done"
    assert (watch.exit, len(watch.lines)) == (None, 10)
    assert [t for t, _ in watch.lines][-3:] == [5.0, 5.0, 5.0]
    assert brief(output) == TOGETHER


def test_wait_for_what_is_in_the_background(cluster):
    """A block that waits shows all that a watch prints, up to its end."""
    output = cluster.kubectl(f"kubectl get pods -w &\n{ROLLOUT}\nwait; echo $?")
    assert brief(output)[: len(TOGETHER)] == TOGETHER
    rest = brief(output)[len(TOGETHER) :]
    assert rest == [*[(5.0, "Completed")] * 3, (5.0, "rollnb:"), (5.0, "0")]


def test_wait_gives_the_exit_code_of_a_job(cluster):
    """The exit code of ``wait`` is that of the job it is told to wait for."""
    line = "timeout 3 kubectl get pods -w & kubectl rollout status deploy/web & wait %1; echo $?"
    output = cluster.kubectl(line)
    assert (output.stdout.splitlines()[-1], cluster.now) == ("124", 3.0)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param("kubectl rollout status deploy/web", "0", id="done"),
        pytest.param("kubectl get pods", "0", id="does not wait"),
        pytest.param("kubectl rollout status deploy/none", "1", id="fails"),
    ],
)
def test_job_that_ends_at_once(cluster, command, code):
    """A command in the background is a job also if it has ended when the next one runs."""
    block = f"kubectl get pods -w &\n{command} &\necho $?; jobs; wait %2; echo $?"
    output = str(cluster.kubectl(block))
    assert "no such job" not in output
    assert output.splitlines()[-3:] == [
        "0",
        "[1]+  Running                 kubectl get pods -w &",
        code,
    ]


@pytest.mark.parametrize(
    ("line", "now", "exit"),
    [
        pytest.param("timeout 5 sleep 10", 5.0, 124, id="cut"),
        pytest.param("timeout 5 sleep 3", 3.0, 0, id="done before"),
        pytest.param("timeout 0 sleep 3", 3.0, 0, id="no end"),
        pytest.param("timeout 5 echo", 0.0, 125, id="others are not simulated"),
    ],
)
def test_timeout(cluster, line, now, exit):
    """Behind ``timeout`` stands kubectl or sleep; of anything else it is said."""
    output = cluster.kubectl(line)
    assert (cluster.now, output.exit) == (now, exit)
    assert ("only kubectl and sleep are simulated behind timeout" in output) == (exit == 125)


@pytest.mark.parametrize("job", ["%1", "%%", "$!", "-9 %1", "-INT %+"])
def test_kill_ends_a_job(cluster, job):
    """A job that is killed prints nothing more and is listed no more."""
    block = f"kubectl get pods -w &\njobs\nkill {job}\njobs\n{ROLLOUT}"
    output = cluster.kubectl(block)
    assert str(output).splitlines()[2] == "[1]+  Running                 kubectl get pods -w &"
    assert brief(output)[3:] == [
        (0.0, "deployment.apps/web"),
        (0.0, "Waiting"),
        (2.0, "Waiting"),
        (2.0, "deployment"),
    ]


def test_jobs_have_marks(cluster):
    """The last job has a plus, the one before it a minus."""
    block = "kubectl get pods -w --watch-only & " * 3 + "kill %3; jobs"
    assert [line[:4] for line in str(cluster.kubectl(block)).splitlines()] == ["[1]-", "[2]+"]


def test_watch_into_a_file(cluster):
    """A watch in the background may write into a file that is read while it goes on."""
    block = f"kubectl get pods -w > pods.txt &\n{ROLLOUT} > /dev/null\nwc -l < pods.txt"
    assert str(cluster.kubectl(block)).splitlines()[-1] == "7"


def test_jobs_are_told_of_their_deadline(cluster):
    """What a job says at its own timeout stands where the block has come to."""
    block = "kubectl rollout pause deploy/web; kubectl set image deploy/web web=web:2\n"
    block += "kubectl rollout status deploy/web --timeout=5s &\nsleep 9\necho later"
    assert str(cluster.kubectl(block)).splitlines()[-2:] == [
        "error: timed out waiting for the condition",
        "later",
    ]


def test_echo_shows_what_goes_to_the_background(cluster):
    """A block that is echoed shows the ampersand too."""
    assert str(cluster.kubectl("kubectl get pods -w &\ntrue", echo=True)).startswith(
        "$ kubectl get pods -w &\nNAME"
    )


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
        pytest.param(["--argjson", "x", "{", "."], "{}", 2, id="a variable that is no JSON"),
        pytest.param(["--indent", "x", "."], "{}", 2, id="an indent that is no number"),
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


@pytest.mark.parametrize("template", ["{range .items[*]}{.name}", "{.items[5].name}"])
def test_jsonpath_errors(template):
    """A loop without an end, or an index beyond the end, is an error."""
    with pytest.raises(Failure):
        jsonpath.evaluate(template, OBJECT)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{.spec.replicas", "unclosed action"),
        ("a={.a}{.b", "unclosed action"),
        ("{.items[*", "unterminated array"),
        ("{.items[}", "unterminated array"),
        ("{.items[?(@.name=='a')", "unterminated filter"),
        ('{"a}', "unterminated quoted string"),
        ("{.a{.b}}", "unrecognized character in action: U+007B '{'"),
        ("{.a]}", "unrecognized character in action: U+005D ']'"),
        ("{.items[x]}", "invalid array index x"),
    ],
)
def test_jsonpath_that_is_not_closed(template, why):
    """What cannot be read is said in the words of client-go's parser, with the whole template."""
    with pytest.raises(Failure) as failure:
        jsonpath.evaluate(template, OBJECT)
    assert str(failure.value) == f"error: error parsing jsonpath {template}, {why}"
