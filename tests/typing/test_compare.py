"""
The proof that the comparison proves something.

Whatever is taken away from what a checker finds, or added to it, is told; and so is
each mark that is lost. A checker that can't look is an error.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final

import attrs
import pytest

from tests.pages import BLOCKS
from tests.typing import compare
from tests.typing.checkers import (
    CHECKERS,
    LONGEST_CHECK,
    MYPY,
    PLUGIN,
    Checker,
    CheckerFailedError,
    Finding,
    Output,
    Run,
    Runs,
    make_project,
)
from tests.typing.compare import (
    MISTAKES,
    PEER_CHECKERS,
    PLUGIN_CASES,
    PROGRAMS,
    all_marks,
    differences,
    main,
)
from tests.typing.marks import Marks, NotAMarkError, Place, marks_of

QUICK: Final = ("pyrefly", "ty")
"""Checkers of which a run of their own costs little."""


def found_by(checker: Checker, checked: Runs) -> list[Finding]:
    """Return what a checker has found."""
    if checker.name not in checked:
        pytest.skip(f"{checker.name} is not installed here")
    return checked[checker.name].result().findings


def place_of(finding: Finding) -> Place:
    """Return where something was found."""
    return finding.file, finding.line


# --- The plugin ----------------------------------------------------------------------


@pytest.mark.timeout(LONGEST_CHECK)
def test_without_the_plugin_exactly_its_lines_are_missing(checked: Runs) -> None:
    """What it is there for is what mypy does not find by itself."""
    marks = all_marks()
    found = differences(PLUGIN.name, marks, found_by(MYPY, checked))
    of_peers = {file.name for file in compare.PEERS}
    only_by_the_plugin = {
        place for place, names in marks.items() if names == frozenset({PLUGIN.name})
    }

    assert only_by_the_plugin == found.missing
    assert [] == [it for it in found.unexpected if it.file not in of_peers]
    assert {"spent_states.py", "loops.py"} <= {file for file, _ in found.missing}


# --- What is lost, and what is added -------------------------------------------------


@pytest.mark.timeout(LONGEST_CHECK)
@pytest.mark.parametrize("checker", CHECKERS.values(), ids=CHECKERS)
def test_every_error_that_is_lost_is_told(checker: Checker, checked: Runs) -> None:
    """One by one."""
    marks = all_marks()
    findings = found_by(checker, checked)
    for lost in {place_of(finding) for finding in findings}:
        rest = [finding for finding in findings if place_of(finding) != lost]
        found = differences(checker.name, marks, rest)

        assert {lost} == found.missing
        assert () == found.unexpected
    assert findings


@pytest.mark.timeout(LONGEST_CHECK)
@pytest.mark.parametrize("checker", CHECKERS.values(), ids=CHECKERS)
def test_every_mark_that_is_lost_is_told(checker: Checker, checked: Runs) -> None:
    """One by one."""
    marks = all_marks()
    findings = found_by(checker, checked)
    for lost in [place for place, names in marks.items() if checker.name in names]:
        rest = {place: names for place, names in marks.items() if place != lost}
        found = differences(checker.name, rest, findings)

        assert found
        assert {lost} == {place_of(finding) for finding in found.unexpected}


@pytest.mark.timeout(LONGEST_CHECK)
@pytest.mark.parametrize("checker", CHECKERS.values(), ids=CHECKERS)
def test_a_false_report_is_told(checker: Checker, checked: Runs) -> None:
    """In any line of a correct program."""
    findings = found_by(checker, checked)
    false = Finding(PROGRAMS[0].name, 1, "What a fine line")
    found = differences(checker.name, all_marks(), [*findings, false])

    assert (false,) == found.unexpected
    assert [f"{false.file}:1: What a fine line"] == found.lines()


@pytest.mark.parametrize("name", QUICK)
def test_a_mistake_that_was_cured_is_told(name: str, tmp_path: Path) -> None:
    """The files themselves are what is checked."""
    (original,) = (file for file in MISTAKES if file.stem == "before_the_accept")
    file = tmp_path / original.name
    early, cured = 'await websocket.send_text("too early")', 'print("in time")'
    text = original.read_text()
    file.write_text(text.replace(early, cured))
    line = text[: text.index(early)].count("\n") + 1

    assert {(file.name, line)} == differences_in(name, file).missing


@pytest.mark.parametrize("name", QUICK)
def test_a_program_that_was_broken_is_told(name: str, tmp_path: Path) -> None:
    """The files themselves are what is checked."""
    (original,) = (file for file in PROGRAMS if file.stem == "echo")
    file = tmp_path / original.name
    text = original.read_text()
    right, wrong = "connected.send(message)", "connected.send(1)"
    file.write_text(text.replace(right, wrong, 1))
    line = text[: text.index(right)].count("\n") + 1

    assert {(file.name, line)} == {
        place_of(finding) for finding in differences_in(name, file).unexpected
    }


def differences_in(name: str, file: Path) -> compare.Differences:
    """Compare one file with its marks."""
    checker = CHECKERS[name]
    if not checker.is_installed:
        pytest.skip(f"{name} is not installed here")
    findings = checker.check(file.parent, make_project(file.parent, [file]))
    return differences(name, marks_of(file, CHECKERS), findings)


# --- The marks -----------------------------------------------------------------------


def marks_in(
    comment: str, folder: Path, checkers: Sequence[str] = tuple(CHECKERS)
) -> Marks:
    """Read a file with one comment."""
    file = folder / "marked.py"
    file.write_text(f"print()  {comment}\n")
    return marks_of(file, checkers)


@pytest.mark.parametrize(
    ("comment", "names"),
    [
        ("# E", {"plugin", "mypy", "pyright", "pyrefly", "ty"}),
        ("# E: plugin", {"plugin"}),
        ("# E: plugin mypy", {"plugin", "mypy"}),
        ("# E: not ty", {"plugin", "mypy", "pyright", "pyrefly"}),
        ("# E: not plugin mypy", {"pyright", "pyrefly", "ty"}),
        ("# E: nobody", set[str]()),
        ("# E: mypy-plugin[typestate]", {"plugin"}),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_a_mark_names_checkers(comment: str, names: set[str], tmp_path: Path) -> None:
    """All, some, all but some, or none."""
    assert {("marked.py", 1): names} == marks_in(comment, tmp_path)


def test_in_a_file_for_two_checkers_all_are_two(tmp_path: Path) -> None:
    """As in those for other libraries."""
    assert {("marked.py", 1): set(PEER_CHECKERS)} == marks_in(
        "# E", tmp_path, PEER_CHECKERS
    )


def test_a_comment_that_is_no_mark_is_none(tmp_path: Path) -> None:
    """Most comments are not, and neither is what stands in a text."""
    assert {} == marks_in("# Every message: mypy", tmp_path)
    assert {} == marks_in('; print("# E")', tmp_path)


@pytest.mark.parametrize(
    "comment",
    [
        "# E: ",
        "# E : ty",
        "#E: ty",
        "# E: tiy",
        "# E: plugin, mypy",
        "# E: not",
        "# E: not nobody",
        "# E: nobody ty",
        "# E: plugin mypy pyright pyrefly ty",
    ],
)
def test_a_mark_with_a_typing_error_is_an_error(comment: str, tmp_path: Path) -> None:
    """It would mark nothing."""
    with pytest.raises(NotAMarkError):
        marks_in(comment, tmp_path)


def test_two_files_of_one_name_are_an_error(tmp_path: Path) -> None:
    """A finding names the file, and nothing else of it."""
    folders = [tmp_path / "one", tmp_path / "two", tmp_path / "project"]
    for folder in folders:
        folder.mkdir()
        (folder / "same.py").touch()

    with pytest.raises(ValueError, match=r"two files of the name same\.py"):
        make_project(folders[2], [folder / "same.py" for folder in folders[:2]])


# --- Checkers that can't look --------------------------------------------------------


@pytest.mark.timeout(LONGEST_CHECK)
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--no-such-option"], id="an option that there is not"),
        pytest.param(["--version"], id="no findings at all"),
    ],
)
@pytest.mark.parametrize("name", CHECKERS)
def test_a_checker_that_can_not_look_is_an_error(
    name: str, arguments: list[str], tmp_path: Path
) -> None:
    """And never one that has found nothing."""
    checker = attrs.evolve(CHECKERS[name], arguments=arguments)
    if not checker.is_installed:
        pytest.skip(f"{name} is not installed here")
    with pytest.raises(CheckerFailedError):
        checker.check(tmp_path, make_project(tmp_path, PLUGIN_CASES[:1]))


@pytest.mark.timeout(LONGEST_CHECK)
@pytest.mark.parametrize("name", CHECKERS)
def test_a_file_that_is_not_there_is_an_error(name: str, tmp_path: Path) -> None:
    """Whatever a checker says to it."""
    checker = CHECKERS[name]
    if not checker.is_installed:
        pytest.skip(f"{name} is not installed here")
    files = [*make_project(tmp_path, PLUGIN_CASES[:1]), tmp_path / "missing.py"]
    with pytest.raises(CheckerFailedError):
        checker.check(tmp_path, files)


def test_a_plugin_that_gives_up_is_an_error() -> None:
    """It says so to the standard error, and mypy goes on without it."""
    said = b"typedws.mypy_plugin does nothing with mypy 3.0.0: ..."
    with pytest.raises(CheckerFailedError, match="does nothing with mypy"):
        PLUGIN.findings(Output(b"", said, 1))


def test_a_checker_that_is_not_installed_is_known_to_be_missing() -> None:
    """Then it is left out, in plain words."""
    missing = attrs.evolve(PLUGIN, package="no_such_checker")

    assert not missing.is_installed


# --- The script ----------------------------------------------------------------------


def future(findings: list[Finding] | CheckerFailedError) -> Future[Run]:
    """Make a run that is over."""
    made: Future[Run] = Future()
    if isinstance(findings, CheckerFailedError):
        made.set_exception(findings)
    else:
        made.set_result(Run(findings, 1.5))
    return made


def test_the_script_prints_what_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what could not look, and what is not there."""
    right = [
        Finding(file, line, "wrong")
        for (file, line), names in all_marks().items()
        if "ty" in names
    ]
    runs = {
        "plugin": future(CheckerFailedError("plugin", 2)),
        "ty": future(right),
        "pyrefly": future([Finding("echo.py", 1, "What a fine line")]),
    }

    def run_all(_: Path) -> Runs:
        return runs

    monkeypatch.setattr(compare, "run_all", run_all)
    failures = main()
    printed = capsys.readouterr().out.splitlines()

    assert failures == 2
    assert printed[:3] == [
        "plugin: failed",
        "CheckerFailedError('plugin', 2)",
        "mypy: not installed",
    ]
    assert "  echo.py:1: What a fine line" in printed
    assert len([line for line in printed if line.endswith(": not found")]) > 1
    assert f"ty: {len(right)} findings, 1.5 s" == printed[-1]


def test_all_programs_of_the_pages_are_among_the_files() -> None:
    """What README and docs show is held to the same."""
    marks = all_marks()

    assert BLOCKS
    assert {"docs_from_starlette", "README"} <= {
        block.name.rpartition("_")[0] for block in BLOCKS
    }
    assert any(file.startswith("docs_") for file, _ in marks)
