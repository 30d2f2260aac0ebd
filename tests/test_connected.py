"""Tests of `ConnectedWebSocket`."""

import pytest

from tests.scripted import connected, disconnect, server, text
from typedws import ClosedWebSocket, TextMessage

pytestmark = pytest.mark.anyio


async def test_receive_gives_messages_and_then_the_end() -> None:
    """The closed state is the last event, and it stays so."""
    websocket = await connected(server(text("hello"), disconnect(1001, "bye")))

    assert TextMessage("hello") == await websocket.receive()

    closed = await websocket.receive()
    assert isinstance(closed, ClosedWebSocket)
    assert (1001, "bye", "client") == (closed.code, closed.reason, closed.closed_by)
    assert closed is await websocket.receive()
