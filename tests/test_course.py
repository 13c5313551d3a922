"""The course: its exercises, its size, and its two languages kept in step."""

import math
import re
import statistics
import string
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest

from rollnb.course import EXERCISES, check
from rollnb.course.kinds import Number, Setting
from rollnb.course.words import WORDS
from rollnb.scenarios import web, worker

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from slide_types import LINES, count_lines, find_slides, set_types

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"

#: Every English notebook has a French edition: one that is missing fails below.
ENGLISH = sorted(NOTEBOOKS.glob("*.ipynb"))
FRENCH = [NOTEBOOKS / "fr" / path.name for path in ENGLISH]

#: The notebook that is no lesson: a table of the others.
OTHERS = ("00_index",)
LESSONS = [path for path in ENGLISH if path.stem not in OTHERS]


def each(paths):
    """Make every notebook a test of its own."""
    names = [str(path.relative_to(NOTEBOOKS).with_suffix("")) for path in paths]
    return pytest.mark.parametrize("path", paths, ids=names)


each_lesson = each([path for path in (*ENGLISH, *FRENCH) if path.stem not in OTHERS])
each_notebook = each([*ENGLISH, *FRENCH])
each_french = each(FRENCH)


def read(path, kind=None):
    """Return the cells of a notebook, or those of one kind."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if kind in (None, cell.cell_type)]


def said(capsys, *arguments, **options):
    """Return what `check` prints."""
    check(*arguments, **options)
    return capsys.readouterr().out


class TestCheck:
    def test_right(self, capsys):
        """A right answer is called so, in either language."""
        assert said(capsys, "2.1", 9) == "Right.\n"
        assert said(capsys, "2.1", 9, lang="fr") == "Exact.\n"

    @pytest.mark.parametrize("answer", [np.int64(9), np.float64(9), "9", " 9.0 ", "9,0"])
    def test_number_in_other_types(self, capsys, answer):
        """A number of numpy is a number, and so is a text with a point or a comma."""
        assert said(capsys, "2.1", answer) == "Right.\n"

    @pytest.mark.parametrize("answer", ["ace", "ACE", "a, c, e", "a c e", ["a", "c", "e"]])
    def test_letters_as_written(self, capsys, answer):
        """Letters are chosen in large or small, together, apart, or as a list."""
        assert said(capsys, "9.2", answer) == "Right.\n"

    def test_slip(self, capsys):
        """A common slip is pointed at, without the answer."""
        assert said(capsys, "2.1", 8) == "Too low.\nHow is a percentage of the surge rounded?\n"

    def test_no_answer(self, capsys):
        """The dots of the notebook are no answer yet."""
        assert said(capsys, "2.1", ...).startswith("No answer yet")

    @pytest.mark.parametrize(
        ("exercise", "answer", "sentence"),
        [
            pytest.param("2.1", "nine", "'nine' is not a number.", id="number"),
            pytest.param("2.1", math.nan, "nan is not a number.", id="what came of no number"),
            pytest.param("1.2", "xyz", "give a text of some of the letters", id="letters"),
            pytest.param("1.2", 3, "3 is not what is asked for", id="a number for letters"),
            pytest.param("1.3", 3, "Give a Deployment: this is of type int.", id="Deployment"),
            pytest.param(
                "8.5",
                worker(),
                "Give a StatefulSet: this is of type Deployment.",
                id="StatefulSet",
            ),
            pytest.param("4.5", "", "'' is not a text of commands.", id="commands"),
            pytest.param("4.5", "kubectl fly", "The terminal says: error: unknown", id="kubectl"),
        ],
    )
    def test_other_things(self, capsys, exercise, answer, sentence):
        """What is no answer at all is said to be none, not a traceback."""
        assert sentence in said(capsys, exercise, answer)

    @pytest.mark.parametrize(
        ("exercise", "fields", "sentence"),
        [
            pytest.param("1.3", {}, "least_available", id=""),
            pytest.param(
                "1.3", {"replicas": 2}, "replicas should be 10; here it is 2.", id="field"
            ),
            pytest.param(
                "2.5", {"max_unavailable": 0}, "does not get complete", id="never complete"
            ),
            pytest.param(
                "5.2", {"min_ready_seconds": 1}, "min_ready_seconds should be at least 3", id="≥"
            ),
        ],
    )
    def test_settings(self, capsys, exercise, fields, sentence):
        """A setting is played, and the measure or field that is off is named."""
        if not fields:
            fields = {"max_surge": 0, "max_unavailable": 5}
        assert sentence in said(capsys, exercise, worker(**fields))

    @pytest.mark.parametrize(
        ("exercise", "commands"),
        [
            pytest.param(
                "8.4",
                "kubectl rollout undo sts web\nkubectl delete pod web-4 --force",
                id="with a warning",
            ),
            pytest.param(
                "4.5",
                "kubectl set image deploy worker worker=registry/worker:v0.1 --record",
                id="with a flag of old",
            ),
            pytest.param(
                "4.5",
                "kubectl rollout status deploy --timeout=5s; kubectl rollout undo deploy worker",
                id="after one that failed",
            ),
        ],
    )
    def test_how_it_ends(self, capsys, exercise, commands):
        """Of commands counts how it ends, whatever the terminal says on the way."""
        assert said(capsys, exercise, commands) == "Right.\n"

    @pytest.mark.parametrize(
        ("exercise", "commands", "sentence"),
        [
            ("4.5", "kubectl get pods", "The Deployment still asks for registry/worker:v0.3.\n"),
            ("8.4", "kubectl get pods", "The StatefulSet still asks for registry/web:v3.\n"),
            ("8.4", "kubectl delete sts web", "There is no StatefulSet web any more.\n"),
        ],
    )
    def test_still_broken(self, capsys, exercise, commands, sentence):
        """What is not back is named by its kind, and so is what is gone."""
        assert said(capsys, exercise, commands) == sentence

    @pytest.mark.parametrize(
        ("exercise", "names"),
        [
            pytest.param("9.9", r"\['9\.1', '9\.2', '9\.3', '9\.4', '9\.5'\]$", id="notebook"),
            pytest.param(4.1, r"\['4\.1', '4\.2', '4\.3', '4\.4', '4\.5'\]$", id="no text"),
            pytest.param("12.1", r"those from '1\.1' to '9\.5'$", id="no such notebook"),
        ],
    )
    def test_unknown(self, exercise, names):
        """A wrong number is named with those of its notebook."""
        with pytest.raises(ValueError, match=f"^exercise={exercise!r} is not one of {names}"):
            check(exercise, 1)

    def test_unknown_language(self):
        """A wrong language is named with those there are."""
        with pytest.raises(ValueError, match=r"lang='de' is not one of \['en', 'fr'\]"):
            check("1.1", 1, lang="de")

    def test_words(self):
        """Both languages say the same things, with as many values in each sentence."""
        fields = {
            lang: {key: len(list(string.Formatter().parse(text))) for key, text in words.items()}
            for lang, words in WORDS.items()
        }
        assert fields["en"].keys() == fields["fr"].keys()
        blanks = {
            lang: {key: text.count("{") for key, text in words.items()}
            for lang, words in WORDS.items()
        }
        assert blanks["en"] == blanks["fr"]
        slips = {
            key for e in EXERCISES.values() if isinstance(e, Number) for key in e.slips.values()
        }
        assert slips <= WORDS["en"].keys()


# ----------------------------------------------------------------------------- in the notebooks


def find_checked(path):
    """Return the numbers of the exercises that a notebook checks, in order."""
    code = "\n".join(cell.source for cell in read(path, "code"))
    return re.findall(r'^check\("([\d.]+)"', code, flags=re.M)


def find_solutions(path):
    """Return the code of the folded solutions, in order."""
    texts = [cell.source for cell in read(path, "markdown") if "<details>" in cell.source]
    return [re.search(r"```python\n(.*?)```", text, flags=re.S)[1] for text in texts]


def test_every_exercise_is_in_a_notebook():
    """No exercise is forgotten on either side; each lesson has three to six."""
    checked = [find_checked(path) for path in LESSONS]
    assert [number for numbers in checked for number in numbers] == list(EXERCISES)
    assert all(3 <= len(numbers) <= 6 for numbers in checked)


@each_lesson
def test_solutions_are_right(path):
    """What the folded solutions say passes the check."""
    numbers, solutions = find_checked(path), find_solutions(path)
    assert len(numbers) == len(solutions)
    for number, code in zip(numbers, solutions, strict=True):
        names = {
            "replace": replace,
            "web": web,
            "worker": worker,
            "rolling_worker": worker(max_surge=1, max_unavailable=1),
        }
        exec(code, names)
        assert EXERCISES[number].find(names["answer"]) == [], number


@each_lesson
def test_given_answers_are_wrong(path):
    """What stands in an exercise's cell at first is not the solution."""
    for cell in read(path, "code"):
        found = re.search(r'^check\("([\d.]+)"', cell.source, flags=re.M)
        if found and isinstance(EXERCISES[found[1]], Setting):
            right = {words["right"] for words in WORDS.values()}
            assert right.isdisjoint(output.get("text", "").strip() for output in cell.outputs)


def count_words(text):
    """Return the words of a text cell that one reads: no links, code blocks, or table rules."""
    text = re.sub(r"```.*?```|<[^>]*>|\]\([^)]*\)|[|*#`]", " ", text, flags=re.S)
    return len([word for word in text.split() if re.search(r"\w", word)])


def statistics_of(path):
    """Return cells, median and 90th percentile of code lines, and the share of short texts."""
    cells = read(path)
    lines = [len(c.source.splitlines()) for c in cells if c.cell_type == "code"]
    words = [count_words(c.source) for c in cells if c.cell_type == "markdown"]
    short = sum(n <= 60 for n in words) / len(words)
    return len(cells), statistics.median(lines), statistics.quantiles(lines, n=10)[-1], short


@each_lesson
def test_size(path, record_property):
    """A notebook fits a sitting: 30 to 60 cells, short code, and mostly short texts."""
    cells, median, long, short = statistics_of(path)
    name = path.relative_to(NOTEBOOKS)
    text = f"{cells} cells, code {median:g} / {long:g} lines, {short:.0%} short texts"
    record_property("measured", f"{name}: {text}")
    assert 30 <= cells <= 60
    assert median <= 3
    assert long <= 10
    assert short >= 0.8


@each_notebook
def test_stored_as_run(path):
    """Outputs are those of one run from the first cell to the last."""
    counts = [cell.execution_count for cell in read(path, "code")]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_figures_are_described(path):
    """Each figure has a text instead, for those who do not see it."""
    for cell in read(path, "code"):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert output.metadata["image/png"]["alt"]


@each_notebook
def test_slide_types(path):
    """Each cell has the slide type that the tool gives it, or one that someone chose."""
    notebook = nbformat.read(path, as_version=4)
    stored = [cell.metadata["slideshow"].copy() for cell in notebook.cells]
    set_types(notebook)
    assert [cell.metadata["slideshow"] for cell in notebook.cells] == stored
    kinds = {show.get("slide_type", "") for show in stored}
    assert kinds <= {"slide", "subslide", "fragment", "-", "", "skip", "notes"}


@each_notebook
def test_slides_hold_what_fits(path):
    """No slide holds more lines than fit, unless a single cell has more."""
    slides = find_slides(nbformat.read(path, as_version=4))
    many = [cells for cells in slides if sum(map(count_lines, cells)) > LINES]
    assert [cells[0].id for cells in many if len(cells) > 1] == []


@each_lesson
def test_solutions_are_folded(path):
    """A cell with a solution shows nothing before it is unfolded, on slides as in the notebook."""
    texts = [cell.source for cell in read(path, "markdown") if "<details>" in cell.source]
    assert all(text.startswith("<details><summary>") for text in texts)
    assert all(text.endswith("</details>") for text in texts)


def find_links(path):
    """Return the notebooks that a notebook links to, as it names them."""
    text = "\n".join(cell.source for cell in read(path, "markdown"))
    return set(re.findall(r"\]\(([^)]+\.ipynb)\)", text))


@each([ENGLISH[0], FRENCH[0]])
def test_index_lists_all(path):
    """The index leads to every notebook there is, in its own language."""
    assert path.stem == "00_index"
    assert find_links(path) == {other.name for other in ENGLISH} - {path.name}


@each_notebook
def test_links_stay_in_the_language(path):
    """A notebook links to others of its own folder, so that a reader keeps the language."""
    assert find_links(path) <= {other.name for other in ENGLISH}


def test_no_french_notebook_is_alone():
    """What is there in French is there in English, under the same name."""
    assert sorted((NOTEBOOKS / "fr").glob("*.ipynb")) == FRENCH


@each_french
def test_french_is_in_step(path):
    """The French notebook has the same cells and the same code, but for the language."""
    english = read(NOTEBOOKS / path.name)
    french = read(path)
    assert [c.cell_type for c in french] == [c.cell_type for c in english]
    code = [c.source for c in english if c.cell_type == "code"]
    code = [source.replace('lang = "en"', 'lang = "fr"') for source in code]
    assert [c.source for c in french if c.cell_type == "code"] == code
    assert sum('lang = "fr"' in source for source in code) == 1


def find_chosen(path):
    """Return the slide types that someone chose, by cell."""
    shows = {cell.id: cell.metadata["slideshow"] for cell in read(path)}
    return {
        name: show.get("slide_type")
        for name, show in shows.items()
        if show.get("slide_type") != show.get("proposed")
    }


@each_french
def test_chosen_slide_types(path):
    """Where someone chose a slide type, both editions have it."""
    assert find_chosen(path) == find_chosen(NOTEBOOKS / path.name)
