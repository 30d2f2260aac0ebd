"""Latency end to end: a turn gives a value for each percentile."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from tests.benchmarks.figures import percentile
from tests.benchmarks.group import Group, Prepared, Row, Subject
from tests.benchmarks.groups.servers import (
    LATENCY_CASES,
    LATENCY_CONNECTIONS,
    LATENCY_PER_TICK,
    SMALL,
)
from tests.benchmarks.live.client import latencies
from tests.benchmarks.live.serving import Place, possible_cases, serving_all, url_of

TURN: Final = 0.4


@asynccontextmanager
async def bench(_group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Start the servers, and prepare the rows on each."""
    cases = {
        name: (server, LATENCY_CONNECTIONS)
        for name, (server, _) in LATENCY_CASES.items()
    }
    possible, left_out = possible_cases(cases)
    with serving_all((server for server, _ in possible.values()), rows) as ports:
        yield Prepared(
            [
                _subject(server, (port, row))
                for server, port in ports.items()
                for row in rows
            ],
            left_out,
        )


def _subject(server: str, place: Place) -> Subject:
    _, row = place
    percentages = {
        case: percent
        for case, (its_server, percent) in LATENCY_CASES.items()
        if its_server == server
    }

    async def turn() -> Sequence[float]:
        took = await latencies(
            url_of(place), LATENCY_CONNECTIONS, SMALL, TURN, LATENCY_PER_TICK
        )
        return [percentile(took, percent) for percent in percentages.values()]

    async def warm_up() -> None:
        await turn()

    return Subject(row.name, tuple(percentages), turn=turn, warm_up=warm_up)
