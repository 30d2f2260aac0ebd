"""Tests of turns: how often something is done in one."""

import pytest
from attrs import field, frozen

from tests.benchmarks.repeating import MOST, Repeated

pytestmark = pytest.mark.anyio


@frozen(order=False)
class Work:
    """Work of a known length, that notes how often it is done."""

    each: float
    counts: list[int] = field(factory=list[int])

    async def measure(self, count: int) -> float:
        """Pretend to do it."""
        self.counts.append(count)
        return self.each * count


@pytest.mark.parametrize("each", [1e-7, 1e-5, 1e-3])
async def test_a_turn_takes_about_as_long_as_told(each: float) -> None:
    """Whatever one of it takes."""
    turns = Repeated(Work(each).measure, seconds=0.01)
    await turns.warm_up()

    assert pytest.approx(0.01, rel=0.2) == turns.count * each


async def test_a_turn_gives_the_seconds_of_one() -> None:
    """Of those that it has done."""
    turns = Repeated(Work(2e-5).measure)
    await turns.warm_up()

    assert [2e-5] == pytest.approx(await turns.turn())


async def test_the_number_is_a_multiple_of_the_step() -> None:
    """So each message of a script comes equally often."""
    work = Work(1.3e-5)
    turns = Repeated(work.measure, step=7)
    await turns.warm_up()

    assert {0} == {count % 7 for count in (*work.counts, turns.count)}


async def test_something_slow_is_done_at_least_once() -> None:
    """Or as often as one step."""
    turns = Repeated(Work(1.0).measure, step=3)
    await turns.warm_up()

    assert 3 == turns.count


async def test_something_that_takes_no_time_comes_to_an_end() -> None:
    """A clock may be coarse."""
    turns = Repeated(Work(0.0).measure)
    await turns.warm_up()

    assert MOST >= turns.count


async def test_it_is_warmed_up_several_times() -> None:
    """Before the number is found out."""
    work = Work(1.0)
    await Repeated(work.measure, warm_ups=4).warm_up()

    assert 4 == len(work.counts)
