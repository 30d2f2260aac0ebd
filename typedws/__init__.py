"""
typedws: a strictly typed, immutable WebSocket API for ASGI applications.

    from typedws import ClosedWebSocket, UnacceptedWebSocket, websocket_app


    @websocket_app
    async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        async for message in connected:
            await connected.send(message)
        return await connected.close()

One class per state; a transition returns the next state. So a type checker finds a
message that is sent too early, and a path on which a connection is left open.
"""

from typedws.app import Handler, WebSocketApp, websocket_app
from typedws.close import CloseCode
from typedws.datastructures import URL, Address, Headers, QueryParams
from typedws.denial import DenialResponse
from typedws.ended import (
    ClosedBy,
    ClosedStateError,
    ClosedWebSocket,
    DeniedWebSocket,
    Ended,
    WebSocketDisconnect,
)
from typedws.errors import ErrorOutcome, ErrorPolicy
from typedws.exceptions import (
    ConcurrentReceiveError,
    DecodeError,
    EncodeError,
    ExtensionUnavailable,
    InvalidScope,
    LocalProtocolError,
    MessageTypeError,
    ProtocolError,
    RemoteProtocolError,
    SpentStateError,
    TypedWSError,
)
from typedws.fields import HeadersInput
from typedws.handshake import Handshake
from typedws.json_text import JSON, JSONInput
from typedws.messages import BytesMessage, JSONMode, Message, TextMessage
from typedws.origins import AllowedOrigins, AnyOrigin, OriginPolicy, SameOrigin
from typedws.scope import WebSocketScope
from typedws.spent import SpentWebSocket
from typedws.states import ConnectedWebSocket, UnacceptedWebSocket, WebSocket

__all__ = [
    "JSON",
    "URL",
    "Address",
    "AllowedOrigins",
    "AnyOrigin",
    "BytesMessage",
    "CloseCode",
    "ClosedBy",
    "ClosedStateError",
    "ClosedWebSocket",
    "ConcurrentReceiveError",
    "ConnectedWebSocket",
    "DecodeError",
    "DenialResponse",
    "DeniedWebSocket",
    "EncodeError",
    "Ended",
    "ErrorOutcome",
    "ErrorPolicy",
    "ExtensionUnavailable",
    "Handler",
    "Handshake",
    "Headers",
    "HeadersInput",
    "InvalidScope",
    "JSONInput",
    "JSONMode",
    "LocalProtocolError",
    "Message",
    "MessageTypeError",
    "OriginPolicy",
    "ProtocolError",
    "QueryParams",
    "RemoteProtocolError",
    "SameOrigin",
    "SpentStateError",
    "SpentWebSocket",
    "TextMessage",
    "TypedWSError",
    "UnacceptedWebSocket",
    "WebSocket",
    "WebSocketApp",
    "WebSocketDisconnect",
    "WebSocketScope",
    "websocket_app",
]
