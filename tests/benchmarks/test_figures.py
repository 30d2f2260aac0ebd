"""Tests of the arithmetic: medians, ranges, ratios and percentiles."""

from math import inf

import pytest

from tests.benchmarks.figures import (
    Figure,
    excesses,
    percentile,
    ratios,
    shares,
)


def test_a_figure_has_the_median_and_the_minimum_of_all_turns() -> None:
    """Of whatever process they are."""
    figure = Figure.of([[3.0, 1.0], [2.0, 9.0, 4.0]])

    assert (3.0, 1.0) == (figure.median, figure.minimum)


def test_the_range_spans_the_middle_half_of_the_turns() -> None:
    """One turn that was disturbed does not make it wider."""
    figure = Figure.of([[10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 500.0]])

    assert (11.0, 15.0) == (figure.low, figure.high)


def test_the_range_spans_the_medians_of_the_processes() -> None:
    """A process that was slower from begin to end makes it wider."""
    figure = Figure.of([[1.0] * 9, [1.0] * 9, [2.0] * 3])

    assert (1.0, 2.0) == (figure.low, figure.high)


def test_the_range_of_few_turns_lies_within_them() -> None:
    """Where quartiles would be guessed."""
    figure = Figure.of([[1.0, 2.0]])

    assert (1.0, 2.0) == (figure.low, figure.high)


def test_one_turn_makes_a_figure() -> None:
    """Without a range."""
    assert Figure(5.0, 5.0, 5.0, 5.0) == Figure.of([[5.0]])


def test_no_turn_makes_no_figure() -> None:
    """Not even with a process."""
    with pytest.raises(ValueError, match="at least one value"):
        Figure.of([[]])


@pytest.mark.parametrize(
    ("high", "is_wide"), [(104.0, False), (105.0, False), (106.0, True)]
)
def test_a_figure_is_wide_above_a_tenth(high: float, is_wide: bool) -> None:
    """A tenth of its median."""
    assert is_wide == Figure(100.0, 95.0, 95.0, high).is_wide


def test_the_spread_of_a_negative_figure_is_positive() -> None:
    """What is added to a base may be less than nothing."""
    assert 0.5 == Figure(-2.0, -3.0, -2.5, -1.5).spread


def test_the_spread_around_nothing_is_endless() -> None:
    """Unless all turns were the same."""
    assert inf == Figure(0.0, -1.0, -1.0, 1.0).spread
    assert 0.0 == Figure(0.0, 0.0, 0.0, 0.0).spread


def test_ratios_are_made_turn_by_turn() -> None:
    """So what slows both sides of a turn changes nothing."""
    assert [[2.0, 2.0], [2.0]] == ratios([[2.0, 20.0], [4.0]], [[1.0, 10.0], [2.0]])


def test_a_ratio_to_nothing_is_endless() -> None:
    """It is no error that would end a run."""
    assert [[inf]] == ratios([[1.0]], [[0.0]])


def test_an_excess_is_what_a_value_adds() -> None:
    """To that of the same turn."""
    assert [[1.0, 5.0]] == excesses([[3.0, 10.0]], [[2.0, 5.0]])


def test_a_share_is_of_what_both_add_to_the_base() -> None:
    """A quarter of what the yardstick adds, here."""
    assert [[0.25]] == shares([[12.0]], [[18.0]], [[10.0]])


def test_rows_with_other_turns_are_not_compared() -> None:
    """A turn that is missing is an error, and no shift by one."""
    with pytest.raises(ValueError, match="zip"):
        ratios([[1.0, 2.0]], [[1.0]])


@pytest.mark.parametrize(
    ("percent", "value"), [(50.0, 5.0), (99.0, 10.0), (10.0, 1.0), (0.0, 1.0)]
)
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    """The least that so many do not exceed."""
    assert value == percentile(map(float, range(10, 0, -1)), percent)


def test_no_value_has_no_percentile() -> None:
    """It would be made up."""
    with pytest.raises(ValueError, match="at least one value"):
        percentile([], 50.0)
