"""
The mistakes that a type checker finds, and the programs in which it finds none.

The files in `cases/` mark each line that is a mistake, with the checkers that find it:

    await websocket.send_text("too early")  # E: mypy pyright

Every checker is compared with the marks line by line: nothing may be missing, and
nothing may be there besides. What a checker says is not compared, since it changes.
"""

import re
import tokenize
from pathlib import Path
from typing import Final

import pytest

from tests.typing.checkers import CHECKERS, LONGEST_RUN, Finding

CASES: Final = sorted(Path(__file__).with_name("cases").glob("*.py"))
MARK: Final = re.compile(r"# E: (?P<checkers>\w+(?: \w+)*)")

Place = tuple[str, int]


def marks(file: Path) -> dict[Place, set[str]]:
    """Return which checkers find a mistake in which lines of a file."""
    found: dict[Place, set[str]] = {}
    with file.open("rb") as stream:
        for token in tokenize.tokenize(stream.readline):
            if token.type == tokenize.COMMENT and "# E" in token.string:
                mark = MARK.fullmatch(token.string)
                assert mark is not None, f"{file.name}:{token.start[0]}: no mark"
                found[file.name, token.start[0]] = set(mark["checkers"].split())
    return found


MARKS: Final = {
    place: checkers for file in CASES for place, checkers in marks(file).items()
}


def test_every_mark_names_checkers_that_there_are() -> None:
    """A name with a typing error would mark nothing."""
    assert set(CHECKERS) == set().union(*MARKS.values())


def test_every_case_has_mistakes_and_correct_programs() -> None:
    """A file without a mark, or with nothing besides, would prove little."""
    for file in CASES:
        mistakes, correct = file.read_text().split("# --- Correct programs ---")

        assert "# E: " in mistakes
        assert "# E: " not in correct
        assert "async def " in correct


@pytest.mark.timeout(LONGEST_RUN + 10)
@pytest.mark.parametrize("checker", CHECKERS)
def test_mistakes_are_found_and_nothing_else(checker: str, tmp_path: Path) -> None:
    """Each marked line is an error, and each other line is none."""
    findings: dict[Place, Finding] = {
        (finding.file, finding.line): finding
        for finding in CHECKERS[checker](CASES, tmp_path)
    }
    expected = {place for place, checkers in MARKS.items() if checker in checkers}

    assert set() == expected - findings.keys(), "mistakes that are not found"
    assert [] == [
        finding for place, finding in findings.items() if place not in expected
    ], "correct lines in which something is found"
