"""Tests of the factories: states for unit tests of code that takes one."""

import pytest

from typedws import ConnectedWebSocket, LocalProtocolError, WebSocketDisconnect
from typedws.testing import (
    Closed,
    Denied,
    closed_websocket,
    connected_websocket,
    denied_websocket,
    unaccepted_websocket,
)

pytestmark = pytest.mark.anyio


async def greet(websocket: ConnectedWebSocket) -> None:
    """Do what users' code does with a state."""
    await websocket.send_text(f"hello {await websocket.receive_text()}")


async def test_code_that_takes_a_connection_can_be_called() -> None:
    """The test holds the other end."""
    connected, peer = await connected_websocket("/chat?x=1", headers={"x-a": "b"})
    await peer.send_text("Ada")
    await greet(connected)

    assert "hello Ada" == await peer.receive_text()
    assert ["/chat", "1", "b"] == [
        connected.url.path,
        connected.query_params["x"],
        connected.headers["x-a"],
    ]


async def test_a_connection_has_what_it_was_accepted_with() -> None:
    """A subprotocol counts as offered."""
    one, peer = await connected_websocket(
        subprotocol="v2", accept_headers={"x-a": "b"}, subprotocols=["v1"]
    )
    other, _ = await connected_websocket(subprotocol="v1", subprotocols=["v1"])

    assert ("v2", ("v1", "v2")) == (one.subprotocol, one.subprotocols)
    assert ("v1", ("v1",)) == (other.subprotocol, other.subprotocols)
    assert ["v2", "b"] == [peer.subprotocol, peer.accept_headers["x-a"]]


async def test_both_ends_can_close() -> None:
    """And the other one sees it."""
    connected, peer = await connected_websocket()
    await connected.close(4000, "bye")
    assert Closed(4000, "bye") == await peer.receive()

    connected, peer = await connected_websocket()
    await peer.close(4001)
    with pytest.raises(WebSocketDisconnect) as caught:
        await greet(connected)
    assert 4001 == caught.value.code


async def test_a_handshake_can_be_answered() -> None:
    """By code that takes the first state."""
    websocket, peer = unaccepted_websocket("/a")
    shown = (peer.answer, peer.subprotocol, len(peer.accept_headers))
    await websocket.close()

    assert (None, None, 0) == shown
    assert Denied(403) == peer.answer
    assert peer.subprotocol is None


async def test_a_client_can_go_before_it_is_answered() -> None:
    """Code that answers then sees the end."""
    websocket, peer = unaccepted_websocket()
    lost = peer.lose()
    with pytest.raises(WebSocketDisconnect):
        await websocket.accept()

    assert lost == peer.closed
    assert peer.answer is None


def test_the_ends_can_be_made() -> None:
    """As values, which no other way makes."""
    closed = closed_websocket(4000, "bye", closed_by="server", target="/a")
    denied = denied_websocket(401, response_sent=False, headers={"x-a": "b"})

    assert [4000, "bye", "server", "/a"] == [
        closed.code,
        closed.reason,
        closed.closed_by,
        closed.url.path,
    ]
    assert [401, False, "b"] == [
        denied.status,
        denied.response_sent,
        denied.headers["x-a"],
    ]
    with pytest.raises(LocalProtocolError):
        closed_websocket(headers={"a b": "c"})
