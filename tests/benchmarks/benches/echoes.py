"""Echoes in memory: what is said to the rows of each group, and how long it takes."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final, TypeAlias

from tests.benchmarks.applications.messages import IN_AN_ENVELOPE, PLAIN
from tests.benchmarks.applications.unions import messages
from tests.benchmarks.group import Group, Prepared, Row, Subject
from tests.benchmarks.groups.growth import ACCENTED
from tests.benchmarks.libraries import CHANX, RAW
from tests.benchmarks.lifespan import started
from tests.benchmarks.repeating import repeated
from tests.benchmarks.scripted_server import (
    Exchange,
    as_json,
    as_msgpack,
    same,
    seconds_for_echoes,
)
from typedws.asgi import AnyASGIApp, ASGIApp, application

Talk: TypeAlias = tuple[ASGIApp, tuple[Exchange, ...]]
"""An application, and what is said to it again and again."""

TEXT: Final = (same("Hello, how are you today? I am fine, thanks."),)
DATA: Final = (same(b"Hello, how are you today? I am fine, thanks."),)
JSON: Final = tuple(map(as_json, PLAIN))
JSON_IN_AN_ENVELOPE: Final = tuple(map(as_json, IN_AN_ENVELOPE))
MSGPACK: Final = tuple(map(as_msgpack, PLAIN))


@asynccontextmanager
async def bench(group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Prepare the rows of a group of echoes."""
    talk = TALKS[group.key]
    async with AsyncExitStack() as stack:
        subjects: list[Subject] = []
        for row in rows:
            for case in group.cases:
                app, exchanges = talk(row, case)
                await stack.enter_async_context(started(app))
                measure = partial(seconds_for_echoes, app, exchanges)
                subjects.append(repeated(row.name, case, measure, len(exchanges)))
        yield Prepared(subjects)


def _saying(exchanges: tuple[Exchange, ...]) -> Callable[[Row, str], Talk]:
    def talk(row: Row, _case: str) -> Talk:
        return row.application(), exchanges

    return talk


def _typed(row: Row, _case: str) -> Talk:
    exchanges = JSON_IN_AN_ENVELOPE if row.library is CHANX else JSON
    return row.application(), exchanges


def _message(row: Row, size: int) -> Exchange:
    if "bytes" in row.use:
        return same(b"a" * size)
    if "json" in row.use:
        return as_json([1234567] * max(size // 8, 1))
    return same("é" * (size // 2) if ACCENTED in row.detail else "a" * size)


def _of_size(row: Row, case: str) -> Talk:
    return row.application(), (_message(row, int(case)),)


def _of_union(row: Row, case: str) -> Talk:
    count = int(case)
    exchanges = tuple(map(as_json, messages(count)))
    if row.library is RAW:
        return row.application(), exchanges
    unions: Mapping[str, Callable[[int], AnyASGIApp]] = row.library.load().UNIONS
    return application(unions[row.use](count)), exchanges


TALKS: Final[Mapping[str, Callable[[Row, str], Talk]]] = {
    "echo-text": _saying(TEXT),
    "echo-bytes": _saying(DATA),
    "echo-events": _saying(TEXT),
    "echo-json": _saying(JSON),
    "echo-typed": _typed,
    "echo-msgpack": _saying(MSGPACK),
    "growth-size": _of_size,
    "growth-union": _of_union,
}
"""By the keys of the groups."""
