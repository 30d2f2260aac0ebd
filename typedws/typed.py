"""
Typed messages: an open connection, seen through a codec.

`TypedWebSocket` is a view and no state of its own: beside it the `ConnectedWebSocket`
goes on as it was. Receiving and sending are the same few lines as in `typedws.states`,
for the same reason: one coroutine frame lies between the user and the server.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final, Generic, final

from attrs import field, frozen
from typing_extensions import TypeVar, override

from typedws.asgi import SendEvent
from typedws.callables import is_async, is_callable, name_of_callable
from typedws.close import CloseCode, checked_close
from typedws.codecs.codec import Codec
from typedws.codecs.direct import Direct, direct_of
from typedws.codecs.forms import is_class
from typedws.codecs.making import UNWRITABLE
from typedws.connection import Connection
from typedws.deadlines import Wait, finishes_within
from typedws.ended import ClosedWebSocket, WebSocketDisconnect
from typedws.exceptions import DecodeError, ReceiveTimeout
from typedws.iteration import DecodedMessages, DirectMessages
from typedws.json_text import UNREADABLE
from typedws.messages import payload_event, payload_of
from typedws.sessions import Session

__all__ = ["ErrorReply", "TypedWebSocket"]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)
SubprotocolT_co = TypeVar(
    "SubprotocolT_co", bound=str | None, default=str | None, covariant=True
)
In = TypeVar("In")
Out = TypeVar("Out")
SubprotocolT = TypeVar("SubprotocolT", bound=str | None)
ReplyT_co = TypeVar("ReplyT_co", covariant=True)

_MOST_REPLIES: Final = 10


@final
@frozen(order=False)
class ErrorReply(Generic[ReplyT_co]):
    """
    The answer to a message that does not fit: see `TypedWebSocket.with_reply()`.

    Attributes:
        make: Makes the answer from the error. What it takes over from there, the peer
            gets to see.
        at_most: How many such messages of one connection are answered. The next one is
            raised, as all are without an `ErrorReply`. `None` for no limit.

    Raises:
        TypeError: `make` can't be called or is async, or `at_most` is not an int.
        ValueError: `at_most` is negative.
    """

    make: Callable[[DecodeError], ReplyT_co]
    at_most: int | None = field(default=_MOST_REPLIES, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse now what would fail at the first such message."""
        _check_make(self.make)
        _check_at_most(self.at_most)


@final
@frozen(eq=False, order=False)
class _Parts(Generic[In_co, Out_contra, SubprotocolT_co]):
    """What a view is made of; it keeps the types together."""

    connection: Connection
    subprotocol: SubprotocolT_co
    codec: Codec[In_co, Out_contra]
    reply: ErrorReply[Out_contra] | None


@final
@frozen(eq=False, order=False, init=False, repr=False)
class TypedWebSocket(
    Session[In_co, Out_contra], Generic[In_co, Out_contra, SubprotocolT_co]
):
    """
    An open connection that speaks typed messages.

    `ConnectedWebSocket.typed()` makes it. It is another view on the same connection, so
    the two may be mixed: each message goes to whoever asks for it first, and what holds
    for tasks that send and receive holds for both together.

    A message that does not fit raises a `DecodeError`; the connection lives on, and the
    next message can be received. An error that leaves the handler ends the connection
    as the `ErrorPolicy` says.

    Attributes:
        scope: The scope, as a typed model.
        subprotocol: The subprotocol that was accepted.
        codec: What reads and writes the messages.
    """

    subprotocol: SubprotocolT_co = field(init=False)
    codec: Codec[In_co, Out_contra] = field(init=False)
    _direct: Direct[In_co, Out_contra] | None = field(init=False)
    _reply: ErrorReply[Out_contra] | None = field(init=False)

    def __init__(self, made_of: _Parts[In_co, Out_contra, SubprotocolT_co], /) -> None:
        """Refuse to be built by hand: nobody else has the parts."""
        _check_parts(made_of)
        direct = direct_of(made_of.codec)
        object.__setattr__(self, "scope", made_of.connection.scope)
        object.__setattr__(self, "subprotocol", made_of.subprotocol)
        object.__setattr__(self, "codec", made_of.codec)
        object.__setattr__(self, "_direct", direct)
        object.__setattr__(self, "_connection", made_of.connection)
        object.__setattr__(self, "_reply", made_of.reply)

    @override
    async def receive(self, *, timeout: float | None = None) -> In_co | ClosedWebSocket:
        """
        Wait for the next message, or the end of the connection.

        After the end it returns the same `ClosedWebSocket` again.

        Args:
            timeout: Seconds to wait; `None` for as long as it takes. A message that
                comes too late is not lost: the next call gives it.

        Raises:
            ReceiveTimeout: No message came in time, or none that fits.
            DecodeError: The message can't be decoded; the error has it.
            ValidationError: It is not of the type; that is a `DecodeError`, too.
            ConcurrentReceiveError: Another task is receiving.
            RemoteProtocolError: The server broke ASGI; the connection was ended.

        Cancel safety:
            As safe as the server's `receive()`: on granian, a message that arrives at
            that moment may be lost. Cancelled while an `ErrorReply` is sent, or out of
            time, the message counts as answered, and the reply may have been sent or
            not.
        """
        connection, direct = self._connection, self._direct
        wait = None if timeout is None else Wait(timeout, "receive()")
        while True:
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
            payload = payload_of(event)
            if payload is None:
                return await connection.end_of_messages(event)
            if direct is not None and isinstance(payload, direct.kind):
                glance = direct.glance
                try:
                    if glance is None:
                        return direct.decode(payload)
                    return glance(payload).decode(payload)
                except UNREADABLE as error:
                    await self._answer(direct.decode_error(error, payload), error, wait)
                continue
            try:
                return self.codec.decode(payload)
            except DecodeError as error:
                await self._answer(error, error, wait)

    @override
    def __aiter__(self) -> AsyncIterator[In_co]:
        """
        Iterate over the messages, until the connection is over.

        Each step raises what `receive()` raises. After an error it can go on with the
        next message.
        """
        if self._direct is None:
            return self._messages("async for", None)
        return DirectMessages(self._connection, self.codec, self._direct, self._answer)

    @override
    def iter_messages(self, *, timeout: float | None = None) -> AsyncIterator[In_co]:
        """
        Iterate over the messages, until the connection is over.

        It is what `async for message in session` does, with a time-out.

        Args:
            timeout: Seconds to wait for each message, as in `receive()`.

        Raises:
            TypeError: The time-out is no number.
            ValueError: It is negative, or NaN.
        """
        return self._messages("iter_messages()", timeout)

    def _messages(self, method: str, timeout: float | None) -> AsyncIterator[In_co]:
        return DecodedMessages(
            self._connection,
            payload_of,
            self.codec.decode,
            method=method,
            timeout=timeout,
            answer=self._is_answered,
        )

    @override
    async def send(self, value: Out_contra) -> None:
        """
        Send a message.

        Raises:
            WebSocketDisconnect: The connection is over.
            ClosedStateError: Your code has closed it before.
            EncodeError: The codec can't encode the value. Nothing was sent.

        Cancel safety:
            Cancelled, the message may have been sent or not; the connection goes on.
        """
        direct = self._direct
        event: SendEvent
        if direct is None:
            event = payload_event(self.codec.encode(value))
        else:
            encoders = direct.encoders
            encode = encoders.get(type(value), direct.encode)
            try:
                data = encode(value)
            except UNWRITABLE as error:
                raise direct.encode_error(error, value) from error.__cause__
            if direct.kind is bytes:
                event = {"type": "websocket.send", "bytes": data}
            else:
                event = {"type": "websocket.send", "text": data.decode()}
        connection = self._connection
        send = connection.send
        try:
            await send(event)
        except Exception as error:
            await connection.explain(error, "send()")
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

    # Not an argument of typed(): there it would have a say in what `Out` is, and every
    # type checker would take the class of the reply for all that may be sent.
    def with_reply(
        self, reply: ErrorReply[Out_contra]
    ) -> "TypedWebSocket[In_co, Out_contra, SubprotocolT_co]":
        """
        Return a view that answers a message that does not fit, and goes on.

        `receive()` and iteration of that view send the answer, and wait for the next
        message. If the peer has gone, they end as they do at a disconnect. How many
        messages were answered is counted for the connection, whatever the view.

        Args:
            reply: Makes the answer, and says how many there are at most.

        Raises:
            TypeError: It is not an `ErrorReply`.
        """
        _check_reply(reply)
        return typed_websocket(self._connection, self.subprotocol, self.codec, reply)

    async def _answer(
        self, error: DecodeError, cause: Exception, wait: Wait | None = None
    ) -> None:
        """Answer a message that does not fit, or raise the error."""
        try:
            if not await self._is_answered(error, wait):
                raise error from cause.__cause__
        finally:
            # In its traceback is this frame, in which it would be kept.
            del error, cause

    async def _is_answered(self, error: DecodeError, wait: Wait | None) -> bool:
        """Answer a message that does not fit; `False` if it is to be raised instead."""
        connection, reply = self._connection, self._reply
        if reply is None or not _has_left(reply, connection.error_replies):
            return False
        if connection.is_over():
            return True  # the end, which the receiver is about to see
        # Before the await: cancelled there, it must not count twice, or not at all.
        connection.error_replies += 1
        event = payload_event(self.codec.encode(reply.make(error)))
        if wait is None:
            await self._send_answer(event)
        elif not await finishes_within(wait.left(), self._send_answer(event)):
            raise ReceiveTimeout(wait.method, wait.seconds)
        return True

    async def _send_answer(self, event: SendEvent) -> None:
        connection = self._connection
        try:
            connection.receiving = True  # still the turn of the one who asked
            try:
                await connection.send(event)
            finally:
                connection.receiving = False
        except Exception as fault:
            # What came before a loss can still be received, and then the end.
            with suppress(WebSocketDisconnect):
                await connection.explain(fault)
                raise


def typed_websocket(
    connection: Connection,
    subprotocol: SubprotocolT,
    codec: Codec[In, Out],
    reply: ErrorReply[Out] | None = None,
) -> TypedWebSocket[In, Out, SubprotocolT]:
    """
    Make a view on the connection that is in this state.

    Raises:
        TypeError: The codec is none.
    """
    check_codec(codec)
    return TypedWebSocket(_Parts(connection, subprotocol, codec, reply))


def check_codec(codec: object) -> None:
    """
    Refuse what is no codec.

    Raises:
        TypeError: It lacks a method of a codec.
    """
    if is_class(codec):
        message = f"a codec is an object, and {codec.__name__} is a class; make one"
        raise TypeError(message)
    for method in ("decode", "encode"):
        found: object = getattr(codec, method, None)
        if not is_callable(found):
            kind = type(codec).__name__
            message = f"a codec has decode() and encode(), and {kind} has no {method}()"
            raise TypeError(message)


def _has_left(reply: ErrorReply[object], count: int) -> bool:
    return reply.at_most is None or count < reply.at_most


def _check_parts(made_of: object) -> None:
    if not isinstance(made_of, _Parts):
        message = (
            "a TypedWebSocket is a view on an accepted connection: take it from "
            "typed() of the ConnectedWebSocket"
        )
        raise TypeError(message)


def _check_make(make: object) -> None:
    if not is_callable(make):
        kind = type(make).__name__
        message = f"ErrorReply(make): it is called with a DecodeError, and {kind} can't"
        raise TypeError(message)
    if is_async(make):
        name = name_of_callable(make)
        message = f"ErrorReply(make): it returns the reply, and {name} is async"
        raise TypeError(message)


def _check_at_most(at_most: object) -> None:
    if at_most is None:
        return
    if not isinstance(at_most, int) or isinstance(at_most, bool):
        kind = type(at_most).__name__
        message = f"ErrorReply(at_most=...) takes an int or None, not {kind}"
        raise TypeError(message)
    if at_most < 0:
        message = f"ErrorReply(at_most={at_most}): a number of replies is 0 or more"
        raise ValueError(message)


def _check_reply(reply: object) -> None:
    if not isinstance(reply, ErrorReply):
        message = f"with_reply() takes an ErrorReply, not {type(reply).__name__}"
        raise TypeError(message)
