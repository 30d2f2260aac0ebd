"""Tests of the goals: a figure decides only where its whole range does."""

import pytest

from tests.benchmarks.figures import Figure, Values
from tests.benchmarks.goals import Goal, Verdict

VALUES: dict[tuple[str, str], Values] = {
    ("raw", ""): [[1.0, 2.0]],
    ("ours", ""): [[1.5, 3.0]],
    ("theirs", ""): [[3.0, 6.0]],
}


def series(row: str, case: str) -> Values:
    """Give the values of a row."""
    return VALUES[row, case]


def ranged(low: float, high: float) -> Figure:
    """Make a figure with a range."""
    return Figure((low + high) / 2, low, low, high)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.1, 0.2, Verdict.MET),
        (0.1, 0.25, Verdict.MET),
        (0.2, 0.3, Verdict.OPEN),
        (0.26, 0.3, Verdict.MISSED),
    ],
)
def test_a_goal_of_at_most(low: float, high: float, verdict: Verdict) -> None:
    """The bound itself still meets it."""
    goal = Goal("at most", row="ours", bound=0.25)

    assert verdict == goal.verdict(ranged(low, high))


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (4.0, 5.0, Verdict.MET),
        (3.9, 5.0, Verdict.OPEN),
        (3.0, 3.9, Verdict.MISSED),
    ],
)
def test_a_goal_of_at_least(low: float, high: float, verdict: Verdict) -> None:
    """More is better."""
    goal = Goal("at least", row="ours", yardstick="theirs", is_speed=True, bound=4.0)

    assert verdict == goal.verdict(ranged(low, high))


def test_a_goal_without_a_yardstick_is_about_the_value() -> None:
    """A time, for instance."""
    goal = Goal("a time", row="raw", bound=1.0)

    assert 1.5 == goal.figure(series).median


def test_a_goal_with_a_yardstick_is_about_a_ratio() -> None:
    """How many times as long it takes."""
    goal = Goal("a part", row="ours", yardstick="theirs", bound=1.0)

    assert 0.5 == goal.figure(series).median


def test_a_goal_of_speed_is_about_the_other_ratio() -> None:
    """How many times as fast it is."""
    goal = Goal("faster", row="ours", yardstick="theirs", is_speed=True, bound=1.0)

    assert 2.0 == goal.figure(series).median


def test_a_goal_with_a_base_is_about_what_is_added_to_it() -> None:
    """A quarter of what the yardstick adds."""
    goal = Goal("share", row="ours", yardstick="theirs", base="raw", bound=1.0)

    assert 0.25 == goal.figure(series).median


def test_a_goal_about_a_row_that_was_left_out_has_no_figure() -> None:
    """Nor has one that is compared with it."""
    goal = Goal("gone", row="ours", yardstick="nobody", bound=1.0)

    with pytest.raises(KeyError):
        goal.figure(series)
