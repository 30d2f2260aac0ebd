"""Tests of the page: it is what was measured, and what was measured is the suite."""

import pytest

from tests.benchmarks.page import PAGE, PLOTS, page_with, plots, written
from tests.benchmarks.record import records
from tests.benchmarks.suite import SUITE, group_called

READ = records()

each_python = pytest.mark.parametrize("python", READ)


def test_the_page_is_the_one_that_was_measured() -> None:
    """`python -m tests.benchmarks.page` makes it anew from the records."""
    assert page_with(written(READ)) == PAGE.read_text()


def test_the_plots_are_those_that_were_measured() -> None:
    """One for each group, and no other."""
    drawn = {file.name: file.read_text() for file in PLOTS.glob("*.svg")}

    assert plots(READ) == drawn
    assert {f"{group.key}.svg" for group in SUITE} == set(drawn)


@each_python
def test_the_groups_that_were_measured_are_in_the_suite(python: str) -> None:
    """And their rows and cases are those of the suite, but for what was left out."""
    for key, result in READ[python].results.items():
        group = group_called(key)
        rows = [row.name for row in group.rows if row.name not in result.left_out]
        cases = [case for case in group.cases if case not in result.left_out]
        assert cases == list(result.cells)
        assert all(rows == list(cells) for cells in result.cells.values())
        assert {goal.text for goal in group.goals} >= set(result.goals)


def test_one_python_has_all_groups() -> None:
    """The others may have those in memory alone."""
    every = {group.key for group in SUITE}

    assert any(every == set(record.results) for record in READ.values())


def test_a_page_with_another_text_is_another_page() -> None:
    """What stands around the marks stays."""
    page = page_with("Something else.")

    assert page.startswith("# Benchmarks\n")
    assert "Something else." in page
    assert "## The goals" not in page
