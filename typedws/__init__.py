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

from typedws.app import WebSocketApp, websocket_app
from typedws.close import CloseCode
from typedws.codecs.codec import Codec, Payload
from typedws.codecs.json import JsonCodec
from typedws.codecs.msgpack import MsgpackCodec
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
    InvalidParameters,
    InvalidScope,
    LocalProtocolError,
    MessageTypeError,
    ParameterProblem,
    ParametersPart,
    ProtocolError,
    ReceiveTimeout,
    RemoteProtocolError,
    SpentStateError,
    TypedWSError,
    ValidationError,
)
from typedws.fields import HeadersInput
from typedws.guards import Guard, Handler, all_guards
from typedws.halves import (
    BrokenWriter,
    ClosedWriter,
    EndOfMessages,
    WebSocketReader,
    WebSocketWriter,
)
from typedws.handshake import Handshake
from typedws.json_text import JSON, JSONInput
from typedws.limits import Heartbeat, Limits, RateLimit
from typedws.messages import BytesMessage, JSONMode, Message, TextMessage
from typedws.origins import AllowedOrigins, AnyOrigin, OriginPolicy, SameOrigin
from typedws.routes import WebSocketRoutes
from typedws.scope import WebSocketScope
from typedws.sessions import Session
from typedws.spent import SpentWebSocket
from typedws.states import ConnectedWebSocket, UnacceptedWebSocket, WebSocket
from typedws.subprotocols import Subprotocol
from typedws.typed import ErrorReply, TypedWebSocket

__all__ = [
    "JSON",
    "URL",
    "Address",
    "AllowedOrigins",
    "AnyOrigin",
    "BrokenWriter",
    "BytesMessage",
    "CloseCode",
    "ClosedBy",
    "ClosedStateError",
    "ClosedWebSocket",
    "ClosedWriter",
    "Codec",
    "ConcurrentReceiveError",
    "ConnectedWebSocket",
    "DecodeError",
    "DenialResponse",
    "DeniedWebSocket",
    "EncodeError",
    "EndOfMessages",
    "Ended",
    "ErrorOutcome",
    "ErrorPolicy",
    "ErrorReply",
    "ExtensionUnavailable",
    "Guard",
    "Handler",
    "Handshake",
    "Headers",
    "HeadersInput",
    "Heartbeat",
    "InvalidParameters",
    "InvalidScope",
    "JSONInput",
    "JSONMode",
    "JsonCodec",
    "Limits",
    "LocalProtocolError",
    "Message",
    "MessageTypeError",
    "MsgpackCodec",
    "OriginPolicy",
    "ParameterProblem",
    "ParametersPart",
    "Payload",
    "ProtocolError",
    "QueryParams",
    "RateLimit",
    "ReceiveTimeout",
    "RemoteProtocolError",
    "SameOrigin",
    "Session",
    "SpentStateError",
    "SpentWebSocket",
    "Subprotocol",
    "TextMessage",
    "TypedWSError",
    "TypedWebSocket",
    "UnacceptedWebSocket",
    "ValidationError",
    "WebSocket",
    "WebSocketApp",
    "WebSocketDisconnect",
    "WebSocketReader",
    "WebSocketRoutes",
    "WebSocketScope",
    "WebSocketWriter",
    "all_guards",
    "websocket_app",
]
