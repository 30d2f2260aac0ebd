"""
Tests of WebSocket handlers, without a server: they cannot hang, and they do not lie.

    from typedws.testing import connect


    async def test_an_echo_comes_back() -> None:
        async with connect(app, "/echo") as peer:
            await peer.send_text("hello")

            assert "hello" == await peer.receive_text()
"""

from typedws.testing.connecting import connect, handshake
from typedws.testing.errors import (
    AppCancelled,
    ASGIViolation,
    ClientGone,
    ConnectionOver,
    HandshakeDenied,
    LeakedTaskWarning,
    LifespanFailed,
    ServerEnded,
    WaitTimeout,
)
from typedws.testing.options import ConnectOptions
from typedws.testing.outcomes import Accepted, Answer, Closed, Denied
from typedws.testing.peer import Peer
from typedws.testing.profile import STRICT, Profile
from typedws.testing.profiles import DAPHNE, GRANIAN, HYPERCORN, UVICORN
from typedws.testing.rules import Breach, Rule
from typedws.testing.running_app import RunningApp, lifespan
from typedws.testing.states import (
    closed_websocket,
    connected_websocket,
    denied_websocket,
    unaccepted_websocket,
)
from typedws.testing.typed_peer import TypedPeer
from typedws.testing.virtual_time import VirtualTimeLoop

__all__ = [
    "DAPHNE",
    "GRANIAN",
    "HYPERCORN",
    "STRICT",
    "UVICORN",
    "ASGIViolation",
    "Accepted",
    "Answer",
    "AppCancelled",
    "Breach",
    "ClientGone",
    "Closed",
    "ConnectOptions",
    "ConnectionOver",
    "Denied",
    "HandshakeDenied",
    "LeakedTaskWarning",
    "LifespanFailed",
    "Peer",
    "Profile",
    "Rule",
    "RunningApp",
    "ServerEnded",
    "TypedPeer",
    "VirtualTimeLoop",
    "WaitTimeout",
    "closed_websocket",
    "connect",
    "connected_websocket",
    "denied_websocket",
    "handshake",
    "lifespan",
    "unaccepted_websocket",
]
