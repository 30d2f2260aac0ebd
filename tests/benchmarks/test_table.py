"""Tests of tables: what is shown of a figure that is none to rely on, and the rest."""

import pytest
from attrs import evolve

from tests.benchmarks.figures import Figure
from tests.benchmarks.goals import Goal
from tests.benchmarks.group import Unit
from tests.benchmarks.results import Cell, Result
from tests.benchmarks.table import goal_line, shown, slower_than, table_of
from tests.benchmarks.test_results import GROUP, measured


def steady(value: float) -> Figure:
    """Make a figure to rely on."""
    return Figure(value, value, value, value)


def result_of(**to_ours: float) -> Result:
    """Make a result by how many times as long as ours each row takes."""
    cells = {
        name.replace("_", " "): Cell(steady(value), to_ours=steady(value))
        for name, value in to_ours.items()
    }
    return Result(1, 1, {"": cells}, {}, {})


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        (Unit.MICROSECONDS, 1.234e-6, "1.23"),
        (Unit.MICROSECONDS, 12.34e-6, "12.3"),
        (Unit.MILLISECONDS, 0.1234, "123"),
        (Unit.SECONDS, 1.0, "1.00"),
        (Unit.PER_SECOND, 1 / 12345, "12,345"),
        (Unit.BYTES, 7431.4, "7,431"),
    ],
)
def test_a_value_is_shown_with_the_digits_that_count(
    unit: Unit, value: float, text: str
) -> None:
    """In its unit."""
    assert text == shown(steady(value), unit)


def test_a_wide_figure_is_shown_as_a_range_with_a_mark() -> None:
    """So nobody takes it for a figure."""
    figure = Figure(2e-6, 1e-6, 1.5e-6, 3e-6)

    assert "1.50 to 3.00 ?" == shown(figure, Unit.MICROSECONDS)


def test_the_range_of_a_rate_begins_with_the_lesser_rate() -> None:
    """Which is that of the longer time."""
    figure = Figure(0.001, 0.0005, 0.0005, 0.002)

    assert "500 to 2,000 ?" == shown(figure, Unit.PER_SECOND)


def test_a_table_with_a_wide_figure_is_marked() -> None:
    """The mark is explained below it."""
    wide = Result.of(measured())
    cells = {"typedws": Cell(steady(1.0))}

    assert table_of(GROUP, wide).is_marked
    assert not table_of(GROUP, evolve(wide, cells={"": cells})).is_marked


def test_a_line_has_a_cell_for_each_column() -> None:
    """Whatever the group is compared with."""
    result = Result.of(measured())
    for group in (
        GROUP,
        evolve(GROUP, yardstick=None),
        evolve(GROUP, base=None, yardstick=None),
        evolve(GROUP, base=None, yardstick=None, ours=None),
    ):
        table = table_of(group, result)
        assert {len(table.head)} == {len(line) for line in table.lines}


def test_the_sentence_says_what_is_faster() -> None:
    """By how many times as long typedws takes."""
    sentence = slower_than(GROUP, result_of(raw_ASGI=0.1, typedws=1.0, Starlette=0.8))

    assert (
        "typedws takes longer here than others: 1.25 times as long as Starlette."
    ) == sentence


def test_the_sentence_says_that_nothing_is_faster() -> None:
    """But for what is no library."""
    sentence = slower_than(GROUP, result_of(raw_ASGI=0.1, typedws=1.0, Starlette=2.0))

    assert "Nothing but raw ASGI is faster than typedws here." == sentence


def test_a_goal_says_its_bound_its_figure_and_the_verdict() -> None:
    """A figure that decides is one number."""
    goal = Goal("text", row="ours", bound=0.25)

    assert ["text", "at most 0.25", "0.2", "met"] == goal_line(goal, steady(0.2))
    assert ["text", "at most 0.25", "0.3", "missed"] == goal_line(goal, steady(0.3))


def test_a_goal_that_is_too_close_to_call_says_the_range() -> None:
    """And so does one that was not measured say that."""
    goal = Goal("text", row="ours", yardstick="theirs", is_speed=True, bound=4.0)
    close = Figure(4.0, 3.9, 3.9, 4.1)

    assert ["3.9 to 4.1", "too close to call"] == goal_line(goal, close)[2:]
    assert ["-", "not measured"] == goal_line(goal, None)[2:]
