"""
The mistakes that a type checker finds, and the programs in which it finds none.

A file in `cases/mistakes/` or `cases/programs/` is about one subject; a new subject is
a new file. In `cases/peers/` the same mistakes are written for other libraries, under
the same sentences. `tests/typing/marks.py` says how a line is marked.
"""

import ast
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.pages import BLOCKS
from tests.typing.catalogue import Case, cases_in
from tests.typing.checkers import CHECKERS, LONGEST_CHECK, Runs
from tests.typing.compare import (
    MISTAKES,
    PLUGIN_CASES,
    PROGRAMS,
    all_marks,
    differences,
)
from tests.typing.marks import marks_of
from tests.typing.run_time import NOTHING, NotCallableHereError, outcome_of
from tests.typing.table import SUBJECTS, mistakes

ENOUGH: Final = 60
PAGES: Final = {f"{block.name}.py" for block in BLOCKS}


def programs() -> list[Case]:
    """List the correct programs."""
    return [case for file in PROGRAMS for case in cases_in(file)]


def outside_of_cases(file: Path) -> set[int]:
    """List the lines with marks that are in no case."""
    lines = {line for case in cases_in(file) for line in case.lines}
    return {line for _, line in marks_of(file, CHECKERS)} - lines


@pytest.mark.timeout(LONGEST_CHECK)
@pytest.mark.parametrize("checker", CHECKERS)
def test_mistakes_are_found_and_nothing_else(checker: str, checked: Runs) -> None:
    """Each marked line is an error, and each other line is none."""
    if checker not in checked:
        pytest.skip(f"{checker} is not installed here")
    findings = checked[checker].result().findings
    found = differences(
        checker,
        {place: names for place, names in all_marks().items() if place[0] not in PAGES},
        [finding for finding in findings if finding.file not in PAGES],
    )

    assert [] == found.lines()


def test_there_are_enough_cases_of_both_kinds() -> None:
    """At least 60 mistakes, and 60 correct programs, in all subjects."""
    assert len(mistakes()) >= ENOUGH
    assert len(programs()) >= ENOUGH
    assert set(SUBJECTS) == {file.stem for file in MISTAKES}
    assert PROGRAMS


@pytest.mark.parametrize("cases", [mistakes(), programs()], ids=["wrong", "right"])
def test_no_two_cases_say_the_same(cases: list[Case]) -> None:
    """They are distinct, and a row of a table means one of them."""
    said = Counter(case.says for case in cases)

    assert {} == {says: count for says, count in said.items() if count > 1}


def test_every_mistake_is_marked() -> None:
    """And every mark is inside of a mistake."""
    marked = {file: marks_of(file, CHECKERS) for file in MISTAKES}

    assert [] == [
        case.name
        for case in mistakes()
        if not any((case.file.name, line) in marked[case.file] for line in case.lines)
    ]
    assert [] == [file.name for file in MISTAKES if outside_of_cases(file)]


def test_no_correct_program_is_marked() -> None:
    """Neither here nor among the programs that the plugin is to leave alone."""
    correct = [file for file in PLUGIN_CASES if file.stem.startswith("correct_")]

    assert [] == [file.name for file in PROGRAMS if marks_of(file, CHECKERS)]
    assert [] == [file.name for file in correct if marks_of(file, CHECKERS)]
    assert correct


def test_no_case_silences_a_checker() -> None:
    """A comment that a checker obeys would hide what it has to say."""
    files = [*MISTAKES, *PROGRAMS, *PLUGIN_CASES]
    words = ("type: ignore", "pyright:", "pyrefly:", "ty:", "mypy:")

    assert [] == [
        (file.name, word)
        for file in files
        for word in words
        if f"# {word}" in file.read_text()
    ]


def test_correct_programs_say_of_what_type_things_are() -> None:
    """A checker that takes everything for `Any` would report nothing, either."""
    calls = [
        node
        for file in PROGRAMS
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Name) and node.id == "assert_type"
    ]

    assert len(calls) >= ENOUGH / 2


def test_correct_programs_run() -> None:
    """What is called correct raises nothing, and ends its connection."""
    outcomes: dict[str, str] = {}
    for case in programs():
        try:
            outcomes[case.name] = outcome_of(case)
        except NotCallableHereError:
            continue

    assert {} == {name: it for name, it in outcomes.items() if it != NOTHING}
    assert len(outcomes) >= ENOUGH
