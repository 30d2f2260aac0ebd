"""
THE machine: the two states in which something can happen, and what can happen.

                accept()                      close(), receive()
UnacceptedWebSocket ─────► ConnectedWebSocket ─────► ClosedWebSocket
        │                       ▲      │
        │ close(),              └──────┘ receive(), send()
        │ send_denial_response()
        ▼
DeniedWebSocket

A method exists in the state in which it is legal, and a transition returns the next
state: the return annotations are the arrows. The state that was left is spent, and a
call on it raises `SpentStateError`.

Each receiving method awaits the server's `receive()` itself, and each sending method
the server's `send()`, so that one coroutine frame lies between the user and the server.
That is why the same few lines stand in each; what is not as usual goes to
`typedws.connection`, which has the laws.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import (
    Final,
    Generic,
    LiteralString,
    Never,
    NoReturn,
    TypeAlias,
    final,
    overload,
)

from attrs import field, frozen
from typing_extensions import TypeForm, TypeVar, override

from typedws.asgi import (
    AnyASGIApp,
    AnyASGISend,
    ASGIReceive,
    ASGIScope,
    SendEvent,
    WebSocketAcceptEvent,
    WebSocketCloseEvent,
    application,
    sender,
)
from typedws.close import CloseCode, checked_close
from typedws.codecs.codec import Codec
from typedws.connection import NO_LIMITS, OVER_ITS_HEAD, Connection, close_event
from typedws.deadlines import Wait
from typedws.denial import (
    EXTENSION,
    DenialResponse,
    DenialSender,
    repeats_headers,
    response_receive,
    response_scope,
    send_response,
    takes_parts,
)
from typedws.ended import (
    ClosedWebSocket,
    DeniedWebSocket,
    WebSocketDisconnect,
    denied_websocket,
)
from typedws.exceptions import ExtensionUnavailable, LocalProtocolError
from typedws.fields import HeadersInput, checked_fields
from typedws.handshake import HandshakeMapping
from typedws.iteration import (
    BytesMessages,
    DecodedMessages,
    Messages,
    TextMessages,
    TimedMessages,
)
from typedws.json_text import JSON, JSONInput, encode_json
from typedws.json_types import json_decoder
from typedws.limits import Limits
from typedws.messages import (
    JSONMode,
    Message,
    bytes_of,
    checked_bytes,
    checked_text,
    event_of,
    json_event,
    json_reader,
    message_of,
    text_of,
)
from typedws.scope import WebSocketScope
from typedws.sessions import Session
from typedws.subprotocols import (
    Subprotocol,
    check_offered,
    checked_subprotocols,
    is_subprotocol,
    names_in,
)
from typedws.typed import TypedWebSocket, typed_websocket

__all__ = ["ConnectedWebSocket", "UnacceptedWebSocket", "WebSocket"]

SubprotocolT = TypeVar("SubprotocolT", bound=LiteralString)
SubprotocolT_co = TypeVar(
    "SubprotocolT_co", bound=str | None, default=str | None, covariant=True
)
In = TypeVar("In")
Out = TypeVar("Out")
ValueT = TypeVar("ValueT")
SessionT = TypeVar("SessionT")
FirstT = TypeVar("FirstT")
SecondT = TypeVar("SecondT")
ThirdT = TypeVar("ThirdT")
FourthT = TypeVar("FourthT")
_FORBIDDEN: Final = 403
_DENIAL: Final = "send_denial_response()"
_NOT_WHOLE: Final = "the denial response's app returned before its response was whole"
# RFC 9110, sections 8.6 and 15.2: a 101 response has no content.
_NOT_IN_AN_ACCEPT: Final = frozenset({b"content-length"})
_READER_ONLY: Final = (
    "a WebSocket made from the scope alone can only be read; "
    "pass receive and send as well: WebSocket(scope, receive, send)"
)


@final
@frozen(eq=False, order=False, init=False, repr=False)
class UnacceptedWebSocket(HandshakeMapping):
    """
    The client has asked for a WebSocket, and waits for the answer.

    Read what the handshake says, then `accept()`, `close()` or
    `send_denial_response()`. Each leaves this state and returns the next one.

    Attributes:
        scope: The scope, as a typed model.
    """

    _connection: Connection = field(init=False)

    def __init__(
        self,
        scope: ASGIScope,
        receive: ASGIReceive | None = None,
        send: AnyASGISend | None = None,
    ) -> None:
        """
        Begin with what the server hands to an ASGI application.

        Args:
            scope: The websocket scope.
            receive: The server's `receive`. Without it and `send` this is a reader of
                the scope.
            send: The server's `send`.

        Raises:
            InvalidScope: It is not a websocket scope, or lacks what ASGI demands.
        """
        _begin(self, scope, receive, send)

    @overload
    async def accept(
        self, subprotocol: None = None, headers: HeadersInput = ()
    ) -> "ConnectedWebSocket[None]": ...
    @overload
    async def accept(
        self, subprotocol: Subprotocol[SessionT], headers: HeadersInput = ()
    ) -> SessionT: ...
    @overload
    async def accept(
        self, subprotocol: SubprotocolT, headers: HeadersInput = ()
    ) -> "ConnectedWebSocket[SubprotocolT]": ...
    @overload
    async def accept(
        self, subprotocol: SubprotocolT | None, headers: HeadersInput = ()
    ) -> "ConnectedWebSocket[SubprotocolT | None]": ...
    @overload
    async def accept(
        self, subprotocol: str | None = None, headers: HeadersInput = ()
    ) -> "ConnectedWebSocket[str | None]": ...
    async def accept(
        self,
        subprotocol: str | Subprotocol[object] | None = None,
        headers: HeadersInput = (),
    ) -> object:
        """
        Accept the handshake.

        Args:
            subprotocol: One of those that the client offers; see `negotiate()`.
            headers: Headers for the response, as a mapping or pairs. Some servers
                (granian, daphne) drop them.

        Returns:
            The connection; with a `Subprotocol` the `TypedWebSocket` with its messages.

        Raises:
            LocalProtocolError: The subprotocol is not offered, or a header is one that
                HTTP or RFC 6455 forbids here. Nothing was sent.
            WebSocketDisconnect: The client has gone.
            SpentStateError: The handshake was answered before.

        Cancel safety:
            Cancelled, this state is still the current one, but the server may have
            accepted. `close()` is right in both cases; `websocket_app` does it.
        """
        codec: Codec[object, Never] | None = None
        if isinstance(subprotocol, Subprotocol):
            codec, subprotocol = subprotocol.codec, subprotocol.name
        event = _accept_event(self.scope, subprotocol, headers)
        connection = self._connection
        connection.begin_answer(self, "accept()")
        try:
            _refuse_in_doubt(connection, "accept()")
            await connection.await_connect()
            await connection.hand_over(event)
            connected = _connected(connection, subprotocol)
            connection.move_to(connected, "accept()")
            if connection.limits is not NO_LIMITS:
                connection.keep_limits()
        finally:
            connection.end_answer()
        return connected if codec is None else connected.typed(codec)

    async def close(self) -> DeniedWebSocket:
        """
        Refuse the handshake with HTTP 403.

        It takes no close code: there is no WebSocket yet that could be closed, and no
        client ever sees one.

        Raises:
            WebSocketDisconnect: The client has gone.
            SpentStateError: The handshake was answered before.

        Cancel safety:
            Cancelled, this state is still the current one, but the server may have
            refused. Calling it again is right in both cases.
        """
        return await self._refuse("close()", response_sent=True)

    async def _refuse(self, method: str, *, response_sent: bool) -> DeniedWebSocket:
        connection = self._connection
        connection.begin_answer(self, method)
        try:
            await connection.await_connect()
            event = close_event(int(CloseCode.NORMAL_CLOSURE), "")
            if connection.in_doubt:
                return await _end_in_doubt(connection, event)
            await connection.hand_over(event)
            denied = denied_websocket(
                self.scope, _FORBIDDEN, response_sent=response_sent
            )
            connection.move_to(denied, method)
        finally:
            connection.end_answer()
        return denied

    async def send_denial_response(
        self, response: DenialResponse | AnyASGIApp, *, fallback: bool = False
    ) -> DeniedWebSocket:
        """
        Refuse the handshake with an HTTP response.

        Args:
            response: A `DenialResponse`, or an ASGI response app such as a response of
                Starlette.
            fallback: Whether to refuse with a plain 403 where the server lacks the
                extension `websocket.http.response`.

        Raises:
            ExtensionUnavailable: The server lacks the extension. Nothing was sent.
            LocalProtocolError: A response app sent what no server may be handed; or the
                server is a granian before 2.8.9, which two cookies would end.
            WebSocketDisconnect: The client has gone.
            SpentStateError: The handshake was answered before.

        Cancel safety:
            Cancelled before the server was handed a part of the response, this state is
            still the current one. After that the handshake counts as refused.
        """
        if EXTENSION not in self.scope.extensions:
            if not fallback:
                raise ExtensionUnavailable(EXTENSION)
            return await self._refuse(_DENIAL, response_sent=False)
        connection = self._connection
        connection.begin_answer(self, _DENIAL)
        try:
            _refuse_in_doubt(connection, _DENIAL)
            await connection.await_connect()
            denied = await self._respond(response)
        finally:
            connection.end_answer()
        return denied

    async def _respond(self, response: DenialResponse | AnyASGIApp) -> DeniedWebSocket:
        connection = self._connection
        denial = DenialSender(
            connection.hand_over,
            self._deny,
            repeats_headers=repeats_headers(self.scope),
            takes_parts=takes_parts(self.scope),
        )
        try:
            await self._send_denial(response, denial)
        except Exception as error:
            gone = connection.current
            if isinstance(gone, ClosedWebSocket) and not isinstance(
                error, WebSocketDisconnect
            ):
                # Whatever the app has made of it: there is nobody left to answer.
                raise WebSocketDisconnect(gone) from error
            raise
        finally:
            # Half a response is an answer, too: no other can follow it.
            if denial.has_sent and connection.current is self:
                self._deny(denial.status, response_sent=False)
        answered = connection.current
        if isinstance(answered, ClosedWebSocket):
            raise WebSocketDisconnect(answered)
        if not isinstance(answered, DeniedWebSocket) or not answered.response_sent:
            raise LocalProtocolError(_NOT_WHOLE)
        return answered

    async def _send_denial(
        self, response: DenialResponse | AnyASGIApp, denial: DenialSender
    ) -> None:
        if isinstance(response, DenialResponse):
            await send_response(response, denial)
            return
        receive = response_receive(self._connection.await_disconnect)
        await application(response)(response_scope(self.scope), receive, denial)

    def _deny(self, status: int, *, response_sent: bool = True) -> None:
        denied = denied_websocket(self.scope, status, response_sent=response_sent)
        self._connection.move_to(denied, _DENIAL)

    @overload
    def negotiate(
        self, first: Subprotocol[FirstT], second: Subprotocol[SecondT], /
    ) -> Subprotocol[FirstT | SecondT] | None: ...
    @overload
    def negotiate(
        self,
        first: Subprotocol[FirstT],
        second: Subprotocol[SecondT],
        third: Subprotocol[ThirdT],
        /,
    ) -> Subprotocol[FirstT | SecondT | ThirdT] | None: ...
    @overload
    def negotiate(
        self,
        first: Subprotocol[FirstT],
        second: Subprotocol[SecondT],
        third: Subprotocol[ThirdT],
        fourth: Subprotocol[FourthT],
        /,
    ) -> Subprotocol[FirstT | SecondT | ThirdT | FourthT] | None: ...
    @overload
    def negotiate(
        self, first: Subprotocol[SessionT], /, *others: Subprotocol[SessionT]
    ) -> Subprotocol[SessionT] | None: ...
    @overload
    def negotiate(self, names: TypeForm[SubprotocolT], /) -> SubprotocolT | None: ...
    def negotiate(self, first: object, /, *others: object) -> object:
        """
        Choose a subprotocol that the client offers (RFC 6455, section 1.9).

        Args:
            first: The names that the application speaks, the best one first, as a
                `Literal`: `ws.negotiate(Literal["chat.v2", "chat.v1"])`. Or the best
                one of several subprotocols with their messages:
                `ws.negotiate(CHAT_V2, CHAT_V1)`, where each is a `Subprotocol`.
            others: The other subprotocols.

        Returns:
            The first that the client offers, or `None`. Its type is that of what was
            passed, so `accept()` and the code behind it know what there is.

        Raises:
            TypeError: The argument is not a `Literal` of names, nor is each a
                `Subprotocol`.
        """
        offered = self.subprotocols
        if is_subprotocol(first):
            spoken = checked_subprotocols(first, *others)
            return next((one for one in spoken if one.name in offered), None)
        names = names_in(first)
        if not names or others:
            given = ", ".join(map(repr, (first, *others)))
            message = f"negotiate() takes a Literal of names, not {given}"
            raise TypeError(message)
        return next((name for name in names if name in offered), None)


@final
@frozen(eq=False, order=False, init=False, repr=False)
class ConnectedWebSocket(Session[Message, Message], Generic[SubprotocolT_co]):
    """
    An open connection.

    `receive()` gives messages and, as the last event, the `ClosedWebSocket`. Several
    tasks may send: messages stay whole, and those of one task stay in order. One task
    at a time may receive.

    Attributes:
        scope: The scope, as a typed model.
        subprotocol: The subprotocol that was accepted.
    """

    subprotocol: SubprotocolT_co = field(init=False)

    def __init__(self, _not_public: Never, /) -> None:
        """Refuse to be built by hand."""
        message = (
            "a ConnectedWebSocket is an accepted connection: take it from accept() of "
            "the UnacceptedWebSocket"
        )
        raise TypeError(message)

    def typed(self, codec: Codec[In, Out]) -> TypedWebSocket[In, Out, SubprotocolT_co]:
        """
        Return a view that speaks typed messages.

        It is no transition: this is still the current state, and the two may be mixed.

        Args:
            codec: What reads and writes the messages: `JsonCodec(Say | Join, Said)`.

        Raises:
            TypeError: It lacks a method of a codec.
        """
        return typed_websocket(self._connection, self.subprotocol, codec)

    @override
    async def receive(
        self, *, timeout: float | None = None
    ) -> Message | ClosedWebSocket:
        """
        Wait for the next message, or the end of the connection.

        After the end it returns the same `ClosedWebSocket` again.

        Args:
            timeout: Seconds to wait; `None` for as long as it takes. A message that
                comes too late is not lost: the next call gives it.

        Raises:
            ReceiveTimeout: No message came in time.
            ConcurrentReceiveError: Another task is receiving.
            RemoteProtocolError: The server broke ASGI; the connection was ended.

        Cancel safety:
            As safe as the server's `receive()`: on granian, a message that arrives at
            that moment may be lost.
        """
        connection = self._connection
        wait = None if timeout is None else Wait(timeout, "receive()")
        if connection.receiving:
            await connection.await_turn("receive()", wait)
        connection.receiving = True
        try:
            event = await (
                connection.receive()
                if wait is None
                else connection.receive_within(wait)
            )
        finally:
            connection.receiving = False
        message = message_of(event)
        return await connection.end_of_messages(event) if message is None else message

    async def receive_text(self, *, timeout: float | None = None) -> str:
        """
        Wait for the next message, which is to be text.

        Args:
            timeout: Seconds to wait, as in `receive()`.

        Raises:
            WebSocketDisconnect: The connection is over.
            ReceiveTimeout: No message came in time.
            MessageTypeError: The message is binary; the error has it.
            ConcurrentReceiveError: Another task is receiving.
            RemoteProtocolError: The server broke ASGI; the connection was ended.

        Cancel safety:
            That of `receive()`.
        """
        connection = self._connection
        wait = None if timeout is None else Wait(timeout, "receive_text()")
        if connection.receiving:
            await connection.await_turn("receive_text()", wait)
        connection.receiving = True
        try:
            event = await (
                connection.receive()
                if wait is None
                else connection.receive_within(wait)
            )
        finally:
            connection.receiving = False
        text = text_of(event)
        if text is None:
            raise WebSocketDisconnect(
                await connection.end_of_kind(event, "receive_text()")
            )
        return text

    async def receive_bytes(self, *, timeout: float | None = None) -> bytes:
        """
        Wait for the next message, which is to be binary.

        Args:
            timeout: Seconds to wait, as in `receive()`.

        Raises:
            WebSocketDisconnect: The connection is over.
            ReceiveTimeout: No message came in time.
            MessageTypeError: The message is text; the error has it.
            ConcurrentReceiveError: Another task is receiving.
            RemoteProtocolError: The server broke ASGI; the connection was ended.

        Cancel safety:
            That of `receive()`.
        """
        connection = self._connection
        wait = None if timeout is None else Wait(timeout, "receive_bytes()")
        if connection.receiving:
            await connection.await_turn("receive_bytes()", wait)
        connection.receiving = True
        try:
            event = await (
                connection.receive()
                if wait is None
                else connection.receive_within(wait)
            )
        finally:
            connection.receiving = False
        data = bytes_of(event)
        if data is None:
            raise WebSocketDisconnect(
                await connection.end_of_kind(event, "receive_bytes()")
            )
        return data

    @overload
    async def receive_json(
        self, mode: JSONMode = "text", *, timeout: float | None = None
    ) -> JSON: ...
    @overload
    async def receive_json(
        self,
        mode: JSONMode = "text",
        *,
        type: TypeForm[ValueT],
        timeout: float | None = None,
    ) -> ValueT: ...
    async def receive_json(
        self,
        mode: JSONMode = "text",
        *,
        type: TypeForm[object] = JSON,
        timeout: float | None = None,
    ) -> object:
        """
        Wait for the next message, which is to be JSON (RFC 8259).

        Args:
            mode: Whether JSON is to come in text or in binary messages.
            type: What the JSON is to be: `receive_json(type=Say | Join)`.
            timeout: Seconds to wait, as in `receive()`.

        Raises:
            WebSocketDisconnect: The connection is over.
            ReceiveTimeout: No message came in time.
            ValueError: The mode is neither.
            TypeError: The type is none that JSON can be read into.
            DecodeError: The message is not JSON; the error has it.
            ValidationError: It is not of the type; that is a `DecodeError`, too.
            MessageTypeError: The message is of the other mode; the error has it.
            ConcurrentReceiveError: Another task is receiving.
            RemoteProtocolError: The server broke ASGI; the connection was ended.

        Cancel safety:
            That of `receive()`.
        """
        read = json_reader(mode)
        decode = json_decoder(type, mode)
        connection = self._connection
        wait = None if timeout is None else Wait(timeout, "receive_json()")
        if connection.receiving:
            await connection.await_turn("receive_json()", wait)
        connection.receiving = True
        try:
            event = await (
                connection.receive()
                if wait is None
                else connection.receive_within(wait)
            )
        finally:
            connection.receiving = False
        data = read(event)
        if data is None:
            raise WebSocketDisconnect(
                await connection.end_of_kind(event, f"receive_json(mode={mode!r})")
            )
        return decode(data)

    @override
    def __aiter__(self) -> AsyncIterator[Message]:
        """Iterate over the messages of both kinds, until the connection is over."""
        return Messages(self._connection)

    @override
    def iter_messages(self, *, timeout: float | None = None) -> AsyncIterator[Message]:
        """
        Iterate over the messages of both kinds, until the connection is over.

        It is what `async for message in connected` does, with a time-out. Each step
        raises what `receive()` raises. After an error it can go on with the next
        message.

        Args:
            timeout: Seconds to wait for each message, as in `receive()`.

        Raises:
            TypeError: The time-out is no number.
            ValueError: It is negative, or NaN.
        """
        if timeout is None:
            return Messages(self._connection)
        method = "iter_messages()"
        return TimedMessages(self._connection, message_of, method, timeout)

    def iter_text(self, *, timeout: float | None = None) -> AsyncIterator[str]:
        """
        Iterate over text messages, until the connection is over.

        Each step raises what `receive_text()` raises, but for `WebSocketDisconnect`,
        which ends the iteration. After an error it can go on with the next message.

        Args:
            timeout: Seconds to wait for each message, as in `receive()`.

        Raises:
            TypeError: The time-out is no number.
            ValueError: It is negative, or NaN.
        """
        if timeout is None:
            return TextMessages(self._connection)
        return TimedMessages(self._connection, text_of, "iter_text()", timeout)

    def iter_bytes(self, *, timeout: float | None = None) -> AsyncIterator[bytes]:
        """
        Iterate over binary messages, until the connection is over.

        Each step raises what `receive_bytes()` raises, but for `WebSocketDisconnect`,
        which ends the iteration. After an error it can go on with the next message.

        Args:
            timeout: Seconds to wait for each message, as in `receive()`.

        Raises:
            TypeError: The time-out is no number.
            ValueError: It is negative, or NaN.
        """
        if timeout is None:
            return BytesMessages(self._connection)
        return TimedMessages(self._connection, bytes_of, "iter_bytes()", timeout)

    @overload
    def iter_json(
        self, mode: JSONMode = "text", *, timeout: float | None = None
    ) -> AsyncIterator[JSON]: ...
    @overload
    def iter_json(
        self,
        mode: JSONMode = "text",
        *,
        type: TypeForm[ValueT],
        timeout: float | None = None,
    ) -> AsyncIterator[ValueT]: ...
    def iter_json(
        self,
        mode: JSONMode = "text",
        *,
        type: TypeForm[object] = JSON,
        timeout: float | None = None,
    ) -> AsyncIterator[object]:
        """
        Iterate over JSON messages, until the connection is over.

        Each step raises what `receive_json()` raises, but for `WebSocketDisconnect`,
        which ends the iteration. After an error it can go on with the next message.

        Args:
            mode: Whether JSON is to come in text or in binary messages.
            type: What the JSON is to be.
            timeout: Seconds to wait for each message, as in `receive()`.

        Raises:
            ValueError: The mode is neither, or the time-out is negative or NaN.
            TypeError: The type is none that JSON can be read into, or the time-out is
                no number.
        """
        return DecodedMessages(
            self._connection,
            json_reader(mode),
            json_decoder(type, mode),
            method=f"iter_json(mode={mode!r})",
            timeout=timeout,
        )

    @override
    async def send(self, message: Message) -> None:
        """
        Send a message of either kind.

        Raises:
            WebSocketDisconnect: The connection is over.
            ClosedStateError: Your code has closed it before.
            LocalProtocolError: The text has a lone surrogate, hence no UTF-8.
            TypeError: This is no message, or its payload is none.

        Cancel safety:
            Cancelled, the message may have been sent or not; the connection goes on.
        """
        event = event_of(message)
        try:
            await self._connection.send(event)
        except Exception as error:
            await self._connection.explain(error, "send()")
            raise

    async def send_text(self, data: str) -> None:
        """
        Send a text message.

        Raises:
            WebSocketDisconnect: The connection is over.
            ClosedStateError: Your code has closed it before.
            LocalProtocolError: The text has a lone surrogate, hence no UTF-8.
            TypeError: The data is not a str.

        Cancel safety:
            That of `send()`.
        """
        if type(data) is not str or not data.isascii():
            data = checked_text(data, "send_text()")
        try:
            await self._connection.send({"type": "websocket.send", "text": data})
        except Exception as error:
            await self._connection.explain(error, "send_text()")
            raise

    async def send_bytes(self, data: bytes | bytearray | memoryview) -> None:
        """
        Send a binary message.

        Raises:
            WebSocketDisconnect: The connection is over.
            ClosedStateError: Your code has closed it before.
            TypeError: The data is not bytes, bytearray or memoryview.

        Cancel safety:
            That of `send()`.
        """
        if type(data) is not bytes:
            data = checked_bytes(data, "send_bytes()")
        try:
            await self._connection.send({"type": "websocket.send", "bytes": data})
        except Exception as error:
            await self._connection.explain(error, "send_bytes()")
            raise

    async def send_json(self, data: JSONInput, mode: JSONMode = "text") -> None:
        """
        Send a JSON message (RFC 8259).

        Args:
            data: What to send.
            mode: Whether to send it in a text or in a binary message.

        Raises:
            WebSocketDisconnect: The connection is over.
            ClosedStateError: Your code has closed it before.
            EncodeError: The data has no JSON form. Nothing was sent.
            ValueError: The mode is neither.

        Cancel safety:
            That of `send()`.
        """
        event = json_event(encode_json(data), mode)
        try:
            await self._connection.send(event)
        except Exception as error:
            await self._connection.explain(error, "send_json()")
            raise

    @override
    async def close(
        self, code: int = CloseCode.NORMAL_CLOSURE, reason: str | None = None
    ) -> ClosedWebSocket:
        """
        Close the connection; return the end that it had before, if it was over.

        Args:
            code: 1000 to 1003, 1007 to 1014, or 3000 to 4999. A server that refuses a
                code below 3000 (daphne) is given the code plus 2000.
            reason: At most 123 bytes of UTF-8. Some servers (daphne) drop it.

        Raises:
            LocalProtocolError: The code may not be sent, or the reason is too long.
                The connection is still open.
            TypeError: The code is not an int, or the reason is not a str.

        Cancel safety:
            Cancelled, the close may have been sent or not. Calling it again is right
            in both cases: it repeats the first code and reason.
        """
        code, reason = checked_close(code, reason)
        return await self._connection.close(code, reason)


WebSocket: TypeAlias = UnacceptedWebSocket
"""The first state, under the name that other frameworks give to the whole machine."""


def begin(
    scope: ASGIScope,
    receive: ASGIReceive,
    send: AnyASGISend,
    limits: Limits = NO_LIMITS,
) -> tuple[UnacceptedWebSocket, Connection]:
    """
    Begin a connection, for those who see it through to its end.

    Raises:
        InvalidScope: It is not a websocket scope, or lacks what ASGI demands.
    """
    websocket = UnacceptedWebSocket.__new__(UnacceptedWebSocket)
    return websocket, _begin(websocket, scope, receive, send, limits)


async def end(
    connection: Connection,
    *,
    code: int = int(CloseCode.NORMAL_CLOSURE),  # daphne takes no member of an enum
    reason: str = "",
    denial: DenialResponse | None = None,
) -> None:
    """
    End a connection, whatever state it is in.

    Args:
        connection: What its states share.
        code: The close code, if it was accepted.
        reason: The close reason, if it was accepted.
        denial: The response, if it was not; where that can't be sent, a plain 403.
    """
    await connection.await_answer()
    state = connection.current
    if has_ended(connection):
        return
    if not isinstance(state, UnacceptedWebSocket):
        await connection.close(code, reason, by=OVER_ITS_HEAD)
    elif connection.in_doubt:
        connection.begin_answer(state, "close()")
        try:
            await _end_in_doubt(connection, close_event(code, reason))
        finally:
            connection.end_answer()
    elif denial is None:
        await state.close()
    else:
        await state.send_denial_response(denial, fallback=True)


def _refuse_in_doubt(connection: Connection, method: str) -> None:
    if connection.in_doubt:
        message = (
            f"{method}: an earlier answer to this handshake was cancelled, and the "
            "server may have taken it; only close() is right in both cases"
        )
        raise LocalProtocolError(message)


async def _end_in_doubt(
    connection: Connection, event: WebSocketCloseEvent
) -> DeniedWebSocket:
    # If the server took an accept, the peer is told the code; if it took nothing, the
    # peer gets a 403; and if it took a refusal, it will not take another.
    with suppress(Exception):
        await connection.send(event)
    denied = denied_websocket(connection.scope, _FORBIDDEN, response_sent=False)
    connection.move_to(denied, "close()")
    return denied


def has_ended(connection: Connection) -> bool:
    """Tell whether a connection is over."""
    return isinstance(connection.current, (ClosedWebSocket, DeniedWebSocket))


def is_accepted(connection: Connection) -> bool:
    """Tell whether a connection was accepted, and is not over."""
    return isinstance(connection.current, ConnectedWebSocket)


def is_unanswered(websocket: UnacceptedWebSocket) -> bool:
    """Tell whether the handshake still waits for its answer."""
    connection: Connection = object.__getattribute__(websocket, "_connection")
    return connection.current is websocket


def _begin(
    websocket: UnacceptedWebSocket,
    scope: ASGIScope,
    receive: ASGIReceive | None,
    send: AnyASGISend | None,
    limits: Limits = NO_LIMITS,
) -> Connection:
    connection = Connection(
        WebSocketScope(scope),
        _no_receive if receive is None else receive,
        _no_send if send is None else sender(send),
        websocket,
        limits,
    )
    object.__setattr__(websocket, "scope", connection.scope)
    object.__setattr__(websocket, "_connection", connection)
    return connection


def _connected(
    connection: Connection, subprotocol: str | None
) -> ConnectedWebSocket[str | None]:
    connected: ConnectedWebSocket[str | None] = object.__new__(ConnectedWebSocket)
    object.__setattr__(connected, "scope", connection.scope)
    object.__setattr__(connected, "subprotocol", subprotocol)
    object.__setattr__(connected, "_connection", connection)
    return connected


def _accept_event(
    scope: WebSocketScope, subprotocol: str | None, headers: HeadersInput
) -> WebSocketAcceptEvent:
    if subprotocol is not None:
        check_offered(scope, subprotocol)
    fields = (
        checked_fields(headers, what="accept()", forbidden=_NOT_IN_AN_ACCEPT)
        if headers
        else ()
    )
    return {
        "type": "websocket.accept",
        "subprotocol": None if subprotocol is None else str.__str__(subprotocol),
        "headers": list(fields),
    }


async def _no_receive() -> NoReturn:
    raise LocalProtocolError(_READER_ONLY)


async def _no_send(_event: SendEvent) -> NoReturn:
    raise LocalProtocolError(_READER_ONLY)
