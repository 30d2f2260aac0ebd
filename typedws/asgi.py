"""
The wire: what an ASGI server and an application hand to each other.

Typed after the ASGI specification, "HTTP & WebSocket", WebSocket message format 2.5.
Middleware authors import from here. Nothing here runs but two doors, the only casts of
the package: ASGI gives every framework its own event type, and no type is a subtype of
them all, so a callable from outside comes in as "takes something" (`Never`) and is
given its real parameter here.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Never, NotRequired, TypeAlias, TypedDict, cast

from typing_extensions import ReadOnly

__all__ = [
    "ASGIApp",
    "ASGIReceive",
    "ASGIScope",
    "ASGISend",
    "ASGIVersions",
    "AnyASGIApp",
    "AnyASGISend",
    "HeaderPairs",
    "LifespanShutdownCompleteEvent",
    "LifespanStartupCompleteEvent",
    "ResponseBodyEvent",
    "ResponseStartEvent",
    "SendEvent",
    "WebSocketAcceptEvent",
    "WebSocketCloseEvent",
    "WebSocketConnectEvent",
    "WebSocketDisconnectEvent",
    "WebSocketReceiveEvent",
    "WebSocketResponseBodyEvent",
    "WebSocketResponseStartEvent",
    "WebSocketScopeDict",
    "WebSocketSendBytesEvent",
    "WebSocketSendTextEvent",
]

HeaderPairs: TypeAlias = list[tuple[bytes, bytes]]


class ASGIVersions(TypedDict):
    """The `asgi` key of a scope."""

    version: ReadOnly[str]
    spec_version: ReadOnly[NotRequired[str]]


class WebSocketScopeDict(TypedDict):
    """
    A websocket scope as the specification has it.

    Servers leave out optional keys, so read one through `WebSocketScope`, which fills
    in the defaults.
    """

    type: ReadOnly[Literal["websocket"]]
    asgi: ReadOnly[ASGIVersions]
    http_version: ReadOnly[str]
    scheme: ReadOnly[NotRequired[str]]
    path: ReadOnly[str]
    raw_path: ReadOnly[NotRequired[bytes | None]]
    query_string: ReadOnly[NotRequired[bytes | None]]
    root_path: ReadOnly[NotRequired[str]]
    headers: ReadOnly[HeaderPairs]
    client: ReadOnly[NotRequired[tuple[str, int] | None]]
    server: ReadOnly[NotRequired[tuple[str, int | None] | None]]
    subprotocols: ReadOnly[NotRequired[list[str]]]
    state: ReadOnly[NotRequired[dict[str, object]]]
    extensions: ReadOnly[NotRequired[dict[str, dict[str, object]]]]


class WebSocketConnectEvent(TypedDict):
    """The client has asked for the handshake; answer with accept or close."""

    type: Literal["websocket.connect"]


class WebSocketReceiveEvent(TypedDict):
    """A message of the client; one of the payloads is there and not `None`."""

    type: Literal["websocket.receive"]
    text: NotRequired[str | None]
    bytes: NotRequired["bytes | None"]


class WebSocketDisconnectEvent(TypedDict):
    """The connection is over; the last event of every connection."""

    type: Literal["websocket.disconnect"]
    code: NotRequired[int | None]
    reason: NotRequired[str | None]


class WebSocketAcceptEvent(TypedDict):
    """Finish the handshake."""

    type: Literal["websocket.accept"]
    subprotocol: str | None
    headers: HeaderPairs


class WebSocketSendTextEvent(TypedDict):
    """A text message to the client."""

    type: Literal["websocket.send"]
    text: str


class WebSocketSendBytesEvent(TypedDict):
    """A binary message to the client."""

    type: Literal["websocket.send"]
    bytes: "bytes"


class WebSocketCloseEvent(TypedDict):
    """Close the connection, or refuse the handshake with HTTP 403."""

    type: Literal["websocket.close"]
    code: int
    reason: str


class WebSocketResponseStartEvent(TypedDict):
    """Refuse the handshake with a response: the extension `websocket.http.response`."""

    type: Literal["websocket.http.response.start"]
    status: int
    headers: HeaderPairs


class WebSocketResponseBodyEvent(TypedDict):
    """A part of the body of the response that refuses the handshake."""

    type: Literal["websocket.http.response.body"]
    body: bytes
    more_body: bool


class ResponseStartEvent(TypedDict):
    """The start of a plain HTTP response."""

    type: Literal["http.response.start"]
    status: int
    headers: HeaderPairs


class ResponseBodyEvent(TypedDict):
    """A part of the body of a plain HTTP response."""

    type: Literal["http.response.body"]
    body: bytes
    more_body: bool


class LifespanStartupCompleteEvent(TypedDict):
    """The application is ready."""

    type: Literal["lifespan.startup.complete"]


class LifespanShutdownCompleteEvent(TypedDict):
    """The application has cleaned up."""

    type: Literal["lifespan.shutdown.complete"]


SendEvent: TypeAlias = (
    WebSocketAcceptEvent
    | WebSocketSendTextEvent
    | WebSocketSendBytesEvent
    | WebSocketCloseEvent
    | WebSocketResponseStartEvent
    | WebSocketResponseBodyEvent
    | ResponseStartEvent
    | ResponseBodyEvent
    | LifespanStartupCompleteEvent
    | LifespanShutdownCompleteEvent
)
"""Every event that typedws sends."""

ASGIScope: TypeAlias = Mapping[str, object]
"""A scope as it comes from a server: nothing about it is known before it is read."""

ASGIReceive: TypeAlias = Callable[[], Awaitable[Mapping[str, object]]]
"""The server's `receive`: what it gives is checked before it is believed."""

ASGISend: TypeAlias = Callable[[SendEvent], Awaitable[None]]
"""The server's `send`, given the events that typedws sends."""

ASGIApp: TypeAlias = Callable[[ASGIScope, ASGIReceive, ASGISend], Awaitable[None]]
"""An ASGI application, as typedws calls one."""

AnyASGISend: TypeAlias = Callable[[Never], Awaitable[None]]
"""The `send` of any server or framework, whatever type it gives to its events."""

AnyASGIApp: TypeAlias = Callable[[Never, Never, Never], Awaitable[None]]
"""The ASGI application of any framework, whatever types it gives to its arguments."""


def sender(send: AnyASGISend) -> ASGISend:
    """Take a server's `send` as one that accepts the events of the specification."""
    return cast("ASGISend", send)  # the door: see the module's docstring


def application(app: AnyASGIApp) -> ASGIApp:
    """Take a framework's application as one that accepts any scope and events."""
    return cast("ASGIApp", app)  # the door: see the module's docstring
