"""Tests of the applications: each does what its row says, as far as it is installed."""

from importlib import import_module

import pytest

from tests.benchmarks.group import Bench, Group, Row
from tests.benchmarks.libraries import NotInstalled
from tests.benchmarks.suite import SUITE

pytestmark = pytest.mark.anyio

ROWS = [
    (group, row)
    for group in SUITE
    for row in group.rows
    if group.bench in {"echoes", "handshakes", "codecs", "memory"}
]


@pytest.fixture
def anyio_backend() -> str:
    """The benchmarks run on asyncio alone."""
    return "asyncio"


@pytest.mark.parametrize(
    ("group", "row"), ROWS, ids=[f"{group.key}: {row.name}" for group, row in ROWS]
)
async def test_an_application_answers_as_it_should(group: Group, row: Row) -> None:
    """What measures it would say if it did not."""
    try:
        row.library.check()
    except NotInstalled as error:
        pytest.skip(str(error))
    bench: Bench = import_module(f"tests.benchmarks.benches.{group.bench}").bench
    async with bench(group, [row]) as prepared:
        subject, *_ = prepared.subjects
        await subject.warm_up()

        values = await subject.turn()

    assert all(value > 0 for value in values)
