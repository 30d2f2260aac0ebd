"""Handshakes in memory: what each row is asked for, and how long it takes."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final, final

from attrs import frozen

from tests.benchmarks.applications.noting import Note
from tests.benchmarks.group import Group, Prepared, Row, Subject
from tests.benchmarks.libraries import RAW
from tests.benchmarks.lifespan import started
from tests.benchmarks.repeating import repeated
from tests.benchmarks.scripted_server import (
    HEADERS,
    SCOPES_AT_A_TIME,
    scope_of,
    seconds_for_handshakes,
)


@final
@frozen(order=False)
class Visit:
    """
    What a client asks for, and what an application must read of it.

    Attributes:
        make_scope: Makes the scope.
        note: What was to be read.
    """

    make_scope: Callable[[], dict[str, object]]
    note: Note


@asynccontextmanager
async def bench(group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Prepare the rows of a group of handshakes."""
    visit = VISITS[group.key]
    async with AsyncExitStack() as stack:
        subjects: list[Subject] = []
        for row in rows:
            app = row.application()
            await stack.enter_async_context(started(app))
            for case in group.cases:
                asks = visit(row, case)
                measure = partial(
                    seconds_for_handshakes, app, asks.make_scope, asks.note
                )
                subjects.append(repeated(row.name, case, measure, SCOPES_AT_A_TIME))
        yield Prepared(subjects)


def plain_scope() -> dict[str, object]:
    """Make the scope of a client that is no browser."""
    return scope_of("/rooms/lobby", path_params={"room": "lobby"})


def browser_scope() -> dict[str, object]:
    """Make the scope of a page that may connect, with parameters that are to fit."""
    return scope_of(
        "/rooms/7",
        path_params={"room": "7"},
        query_string=b"page=2&order=oldest",
        headers=[*HEADERS, (b"origin", b"https://app.example.com")],
    )


PLAIN: Final = Visit(plain_scope, ("lobby", "benchmark"))
TYPED: Final = Visit(browser_scope, (7, 2, "oldest"))
RAW_TYPED: Final = Visit(browser_scope, ("7", "benchmark"))


def _plain(_row: Row, _case: str) -> Visit:
    return PLAIN


def _typed(row: Row, _case: str) -> Visit:
    return RAW_TYPED if row.library is RAW else TYPED


def _scope_with(count: int) -> dict[str, object]:
    more = [(f"x-other-{at}".encode(), b"a value") for at in range(len(HEADERS), count)]
    headers = [*more, *HEADERS][-count:]
    return scope_of("/rooms/lobby", path_params={"room": "lobby"}, headers=headers)


def _with_headers(_row: Row, case: str) -> Visit:
    return Visit(partial(_scope_with, int(case)), PLAIN.note)


VISITS: Final[Mapping[str, Callable[[Row, str], Visit]]] = {
    "handshake-plain": _plain,
    "handshake-typed": _typed,
    "growth-headers": _with_headers,
}
"""By the keys of the groups."""
