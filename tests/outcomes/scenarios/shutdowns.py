"""What a signal to the server does to a connection."""

from typing import Final

import anyio

from tests.outcomes.noting import tell
from tests.outcomes.scenario import Scenario
from tests.outcomes.scenarios.moves import RETURNS, listen
from tests.outcomes.visiting import Visit
from typedws import Ended, UnacceptedWebSocket

__all__ = ["SCENARIOS"]


async def elsewhere(websocket: UnacceptedWebSocket) -> Ended:
    """Do something else than to receive, and clean up."""
    connected = await websocket.accept()
    tell(websocket, "is elsewhere")
    try:
        await anyio.sleep_forever()
    finally:
        tell(websocket, "cleans up")
    return await connected.close()


async def unanswered(websocket: UnacceptedWebSocket) -> Ended:
    """Take long for an answer, and clean up."""
    tell(websocket, "is elsewhere")
    try:
        await anyio.sleep_forever()
    finally:
        tell(websocket, "cleans up")
    return await websocket.close()


async def is_there_at_the_end(visit: Visit) -> None:
    """Be there when the server is stopped, and hear the end."""
    async with visit.connect() as caller:
        await visit.until_it_begins()
        await visit.until_the_server_is_told_to_stop()
        await caller.hear()


async def is_there_while_it_works(visit: Visit) -> None:
    """Be there while the handler is elsewhere, and hear the end."""
    async with visit.connect() as caller:
        await visit.until("is elsewhere")
        await visit.until_the_server_is_told_to_stop()
        await caller.hear()


async def waits_for_an_answer(visit: Visit) -> None:
    """Wait for an answer to the handshake when the server is stopped."""
    async with visit.raw() as client:
        await client.ask()
        await visit.until("is elsewhere")
        await visit.until_the_server_is_told_to_stop()
        await client.answer()


SCENARIOS: Final = (
    Scenario(
        "stop_while_it_listens",
        "`SIGTERM` while the handler receives",
        listen,
        is_there_at_the_end,
        ("over: 1012 by server", RETURNS),
        ("accepted", "closed 1012"),
        stops_the_server=True,
    ),
    Scenario(
        "stop_while_it_works",
        "`SIGTERM` while the handler does something else",
        elsewhere,
        is_there_while_it_works,
        ("is elsewhere", "cleans up", "is cancelled"),
        ("accepted", "closed 1012"),
        stops_the_server=True,
    ),
    Scenario(
        "stop_before_the_answer",
        "`SIGTERM` before the handshake is answered",
        unanswered,
        waits_for_an_answer,
        ("is elsewhere", "cleans up", "is cancelled"),
        ("denied 503",),
        stops_the_server=True,
    ),
)
