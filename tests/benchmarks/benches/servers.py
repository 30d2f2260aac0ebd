"""End to end: real servers in processes of their own, and a client in this one."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from tests.benchmarks.group import Group, Prepared, Row
from tests.benchmarks.groups.servers import (
    FAN_OUT_CASES,
    LARGE,
    MESSAGE_CASES,
    SERVER_CASES,
    SIZE_CASES,
    SMALL,
    TIME_CASES,
    Case,
)
from tests.benchmarks.live.client import seconds_for_echoes, seconds_for_fan_out
from tests.benchmarks.live.serving import (
    Place,
    path_of,
    possible_cases,
    processor_time,
    serving_all,
    url_of,
)
from tests.benchmarks.live.visitors import seconds_for_handshakes
from tests.benchmarks.repeating import Repeated, subject_of

TURN: Final = 0.15
"""Seconds of a turn: long enough for hundreds or thousands of messages."""

WARM_UPS: Final = 2
HANDSHAKES_AT_ONCE: Final = 8


def _repeated(measure: Callable[[int], Awaitable[float]], step: int) -> Repeated:
    return Repeated(measure, step=step, seconds=TURN, warm_ups=WARM_UPS)


def _messages(said: bytes, place: Place, connections: int) -> Repeated:
    talk = partial(seconds_for_echoes, url_of(place), connections, said)
    return _repeated(talk, connections)


def _times(place: Place, connections: int) -> Repeated:
    port, _ = place
    clock = partial(processor_time, port)
    talk = partial(seconds_for_echoes, url_of(place), connections, SMALL, clock=clock)
    return _repeated(talk, connections)


def _handshakes(place: Place, _connections: int) -> Repeated:
    port, row = place
    path = path_of(row.library.module, row.use)
    visit = partial(seconds_for_handshakes, port, path, HANDSHAKES_AT_ONCE)
    return _repeated(visit, HANDSHAKES_AT_ONCE)


def _fan_out(place: Place, connections: int) -> Repeated:
    return _repeated(partial(seconds_for_fan_out, url_of(place), connections, SMALL), 1)


WORK: Final[
    Mapping[str, tuple[Mapping[str, Case], Callable[[Place, int], Repeated]]]
] = {
    "server-messages": (MESSAGE_CASES, partial(_messages, SMALL)),
    "server-large-messages": (MESSAGE_CASES, partial(_messages, LARGE)),
    "server-time": (TIME_CASES, _times),
    "server-handshakes": (SERVER_CASES, _handshakes),
    "server-fan-out": (FAN_OUT_CASES, _fan_out),
    "server-growth": (SIZE_CASES, partial(_messages, SMALL)),
}
"""The cases of each group, by its key, and what is done in them."""


@asynccontextmanager
async def bench(group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Start the servers of a group, and prepare its rows on each."""
    cases, prepare = WORK[group.key]
    possible, left_out = possible_cases(cases)
    with serving_all((server for server, _ in possible.values()), rows) as ports:
        yield Prepared(
            [
                subject_of(row.name, case, prepare((ports[server], row), size))
                for case, (server, size) in possible.items()
                for row in rows
            ],
            left_out,
        )
