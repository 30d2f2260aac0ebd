"""
States for unit tests of code that takes one: no handler runs, the test holds both ends.

    connected, peer = await connected_websocket("/chat")
    await greet(connected)

    assert "hello" == await peer.receive_text()
"""

from types import MappingProxyType
from typing import Unpack

from typedws.ended import (
    ClosedBy,
    ClosedWebSocket,
    DeniedWebSocket,
)
from typedws.ended import closed_websocket as closed
from typedws.ended import denied_websocket as denied
from typedws.fields import HeadersInput
from typedws.scope import WebSocketScope
from typedws.states import ConnectedWebSocket, UnacceptedWebSocket
from typedws.testing.connection import Connection
from typedws.testing.link import Link
from typedws.testing.options import ConnectOptions, settings_of
from typedws.testing.peer import Peer
from typedws.testing.server import Server

__all__ = [
    "closed_websocket",
    "connected_websocket",
    "denied_websocket",
    "unaccepted_websocket",
]


def unaccepted_websocket(
    target: str = "/", /, **options: Unpack[ConnectOptions]
) -> tuple[UnacceptedWebSocket, Peer]:
    """
    Make the first state of a connection, and the client that waits for its answer.

    Args:
        target: The path with its query, or a whole URL of the scheme ws or wss.
        options: See `ConnectOptions`.

    Raises:
        TypeError: An argument is of a wrong type.
        ValueError: The target or another argument is of no use.
        LocalProtocolError: No client may send such a header or subprotocol.
    """
    settings = settings_of(target, options)
    connection = Connection(settings.profile, offered=settings.request.subprotocols)
    server = Server(connection)
    link = Link(
        connection,
        run=None,
        bound=settings.bound,
        raise_app_errors=True,
        scope=MappingProxyType(dict(settings.scope)),
    )
    websocket = UnacceptedWebSocket(settings.scope, server.receive, server.send)
    return websocket, Peer(link)


async def connected_websocket(
    target: str = "/",
    /,
    *,
    subprotocol: str | None = None,
    accept_headers: HeadersInput = (),
    **options: Unpack[ConnectOptions],
) -> tuple[ConnectedWebSocket[str | None], Peer]:
    """
    Make an accepted connection, and its client.

    Args:
        target: The path with its query, or a whole URL of the scheme ws or wss.
        subprotocol: What was accepted; it counts as offered.
        accept_headers: What was accepted with.
        options: See `ConnectOptions`.

    Raises:
        Exception: What `unaccepted_websocket()` raises.
    """
    offered = tuple(options.get("subprotocols", ()))
    if subprotocol is not None and subprotocol not in offered:
        options["subprotocols"] = (*offered, subprotocol)
    websocket, peer = unaccepted_websocket(target, **options)
    return await websocket.accept(subprotocol, accept_headers), peer


def closed_websocket(
    code: int = 1000,
    reason: str = "",
    *,
    closed_by: ClosedBy = "client",
    target: str = "/",
    **options: Unpack[ConnectOptions],
) -> ClosedWebSocket:
    """
    Make the proof of a connection that is over.

    Args:
        code: The close code.
        reason: The close reason.
        closed_by: Who ended it.
        target: What the client asked for.
        options: See `ConnectOptions`.
    """
    return closed(_scope(target, options), code, reason, closed_by)


def denied_websocket(
    status: int = 403,
    *,
    response_sent: bool = True,
    target: str = "/",
    **options: Unpack[ConnectOptions],
) -> DeniedWebSocket:
    """
    Make the proof of a handshake that was refused.

    Args:
        status: The HTTP status that the client got.
        response_sent: Whether the client got the response that was asked for.
        target: What the client asked for.
        options: See `ConnectOptions`.
    """
    return denied(_scope(target, options), status, response_sent=response_sent)


def _scope(target: str, options: ConnectOptions) -> WebSocketScope:
    return WebSocketScope.parse(settings_of(target, options).scope)
