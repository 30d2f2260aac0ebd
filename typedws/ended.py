"""
The two ends of a connection, and the error that hands one over.

A `ClosedWebSocket` or a `DeniedWebSocket` is a proof: only the machine makes one, when
the connection is over. A handler that returns one has ended its connection, and a type
checker sees whether every path does.
"""

from collections.abc import Iterator
from typing import Final, Literal, Never, TypeAlias, final

from attrs import field, frozen
from typing_extensions import TypeIs, override

from typedws.close import CloseCode
from typedws.exceptions import SpentStateError, TypedWSError
from typedws.handshake import HandshakeMapping
from typedws.scope import WebSocketScope
from typedws.slots import new, setter

__all__ = [
    "ClosedBy",
    "ClosedStateError",
    "ClosedWebSocket",
    "DeniedWebSocket",
    "Ended",
    "WebSocketDisconnect",
]

ClosedBy: TypeAlias = Literal["server", "client", "network"]
"""Who ended a connection: this side, the peer, or nobody on purpose."""

_NO_CLOSE_FRAME = frozenset({CloseCode.NO_STATUS_RECEIVED, CloseCode.ABNORMAL_CLOSURE})


@final
@frozen(eq=False, order=False, init=False, repr=False)
class ClosedWebSocket(HandshakeMapping):
    """
    A connection that is over: it was accepted and closed, or its client has left.

    It comes from `ConnectedWebSocket.close()`, from `receive()` as the last event, and
    from `WebSocketDisconnect.closed`. It can't be built by hand.

    Attributes:
        scope: The scope, as a typed model.
        code: The close code. 1005: the peer gave none, or, on servers that do not tell
            the two apart, was lost. 1006: the connection was lost.
        reason: The close reason, empty if there was none or the server hides it.
        closed_by: `"server"` for this side, `"client"` for the peer, `"network"` for
            a connection that was lost.
    """

    code: int = field(init=False)
    reason: str = field(init=False)
    closed_by: ClosedBy = field(init=False)

    def __init__(self, _not_public: Never, /) -> None:
        """Refuse to be built by hand."""
        message = (
            "a ClosedWebSocket is proof of a closed connection: take it from close(), "
            "from receive(), or from WebSocketDisconnect.closed"
        )
        raise TypeError(message)

    @property
    def clean(self) -> bool:
        """Whether a close code says why the connection ended."""
        return self.closed_by == "server" or self.code not in _NO_CLOSE_FRAME

    @override
    def __repr__(self) -> str:
        return f"<ClosedWebSocket {_story(self)}>"


@final
@frozen(eq=False, order=False, init=False, repr=False)
class DeniedWebSocket(HandshakeMapping):
    """
    A connection whose handshake was refused.

    It comes from `UnacceptedWebSocket.close()` and `send_denial_response()`. It can't
    be built by hand.

    Attributes:
        scope: The scope, as a typed model.
        status: The HTTP status that the client got.
        response_sent: Whether the client was sent the response that was asked for: not
            if a plain 403 stood in for it, nor if the client had gone.
    """

    status: int = field(init=False)
    response_sent: bool = field(init=False)

    def __init__(self, _not_public: Never, /) -> None:
        """Refuse to be built by hand."""
        message = (
            "a DeniedWebSocket is proof of a refused handshake: take it from close() "
            "or send_denial_response() of the UnacceptedWebSocket"
        )
        raise TypeError(message)

    @override
    def __repr__(self) -> str:
        return f"<DeniedWebSocket with status {self.status}>"


_set_scope: Final = setter(HandshakeMapping, "scope")
_set_code: Final = setter(ClosedWebSocket, "code")
_set_reason: Final = setter(ClosedWebSocket, "reason")
_set_closed_by: Final = setter(ClosedWebSocket, "closed_by")
_set_status: Final = setter(DeniedWebSocket, "status")
_set_response_sent: Final = setter(DeniedWebSocket, "response_sent")

Ended: TypeAlias = ClosedWebSocket | DeniedWebSocket
"""What a handler returns: the proof that its connection is over."""


class WebSocketDisconnect(TypedWSError):
    """
    The connection is over.

    Attributes:
        closed: The closed connection, which a handler may return.
    """

    def __init__(self, closed: ClosedWebSocket) -> None:
        """Hand over a closed connection."""
        super().__init__(closed)
        self.closed = closed

    @property
    def code(self) -> int:
        """The close code."""
        return self.closed.code

    @property
    def reason(self) -> str:
        """The close reason, or an empty text."""
        return self.closed.reason

    @override
    def __str__(self) -> str:
        return f"The connection is over: {_story(self.closed)}"


class ClosedStateError(WebSocketDisconnect, SpentStateError):
    """
    Something was sent on a connection that your code had closed.

    A mistake if one task did both, and then it is a `SpentStateError`. A task that
    sends to connections of others may simply have come late, and sees the same
    `WebSocketDisconnect` as if the peer had gone. Behind a drain, a limit, or the end
    of the handler, a send is no mistake, and raises a plain `WebSocketDisconnect`.
    """

    def __init__(self, closed: ClosedWebSocket, method: str) -> None:
        """Hand over the closed connection, with the name of the call."""
        SpentStateError.__init__(
            self, "ConnectedWebSocket", method, "close()", "ClosedWebSocket"
        )
        self.closed = closed
        # What a copy is made from.
        Exception.__init__(self, closed, method)

    @override
    def __str__(self) -> str:
        return f"{SpentStateError.__str__(self)} ({_story(self.closed)})"


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Give the exceptions in a group, however deep, or the exception itself."""
    if _is_group(error):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def _is_group(
    error: BaseException,
) -> TypeIs[BaseExceptionGroup[BaseException]]:
    return isinstance(error, BaseExceptionGroup)


def is_disconnect_of(scope: WebSocketScope, error: BaseException) -> bool:
    """
    Tell whether an exception is the end of a connection and nothing else.

    Neither is that of another connection, to which a handler sent, nor a
    `ClosedStateError`, which may be a mistake.
    """
    return all(
        isinstance(leaf, WebSocketDisconnect)
        and not isinstance(leaf, ClosedStateError)
        and leaf.closed.scope is scope
        for leaf in leaves(error)
    )


def closed_websocket(
    scope: WebSocketScope, code: int, reason: str, closed_by: ClosedBy
) -> ClosedWebSocket:
    """Make the proof of a closed connection: for the machine and `typedws.testing`."""
    closed = new(ClosedWebSocket)
    _set_scope(closed, scope)
    _set_code(closed, code)
    _set_reason(closed, reason)
    _set_closed_by(closed, closed_by)
    return closed


def denied_websocket(
    scope: WebSocketScope, status: int, *, response_sent: bool
) -> DeniedWebSocket:
    """Make the proof of a refused handshake: for the machine and `typedws.testing`."""
    denied = new(DeniedWebSocket)
    _set_scope(denied, scope)
    _set_status(denied, status)
    _set_response_sent(denied, response_sent)
    return denied


def closed_by_event(scope: WebSocketScope, code: int, reason: str) -> ClosedWebSocket:
    """
    Make the proof from a disconnect event, which does not say who closed.

    1006 is a loss. 1012, service restart, without a reason is what a server says of
    itself when it is stopped. Everything else a client may have sent.
    """
    closed_by: ClosedBy = "client"
    if code == CloseCode.ABNORMAL_CLOSURE:
        closed_by = "network"
    elif code == CloseCode.SERVICE_RESTART and not reason:
        closed_by = "server"
    return closed_websocket(scope, code, reason, closed_by)


def _story(closed: ClosedWebSocket) -> str:
    if closed.closed_by == "network":
        return f"it was lost without a close frame ({closed.code})"
    who = "this side" if closed.closed_by == "server" else "the client"
    reason = f", reason {closed.reason!a}" if closed.reason else ""
    return f"{who} closed it with {closed.code}{reason}"
