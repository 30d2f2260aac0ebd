"""Codecs alone: reading and writing messages, without any connection."""

import gc
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from timeit import timeit

from tests.benchmarks.applications.codecs import Steps
from tests.benchmarks.group import Group, Prepared, Row
from tests.benchmarks.repeating import repeated


@asynccontextmanager
async def bench(_group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Prepare the rows of the group."""
    yield Prepared([repeated(row.name, "", _timed(_steps(row))) for row in rows])


def _steps(row: Row) -> Steps:
    steps: Mapping[str, Callable[[], Steps]] = row.library.load().STEPS
    return steps[row.use]()


def _timed(steps: Steps) -> Callable[[int], Awaitable[float]]:
    async def measure(count: int) -> float:
        # timeit turns the garbage collector off, unless it is told otherwise.
        return sum(
            timeit(step, gc.enable, timer=time.process_time, number=count)
            for step in steps
        )

    return measure
