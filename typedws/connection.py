"""
What the states of one connection share: the one mutable object of typedws.

The laws, on which every state relies:

1.  The state moves after the await that makes it true, never before. A call that fails
    leaves the connection as it was, and it can still be closed.
2.  The server's `receive()` is not called again after a disconnect: on three servers it
    blocks for ever.
3.  After the end nothing is handed to the server's `send()`.
4.  One task receives at a time; each message goes to one caller.
5.  This side's own close is remembered, since servers report it wrongly.
6.  A failed `send()` means that the peer has gone only where the error says so. What
    the peer sent before it went can still be received.

The hot path is in `typedws.states`; here is what happens when something is not as
usual. `Connection.move_to` is the only line of typedws that changes a state.
"""

from collections import deque
from contextlib import suppress
from typing import Final, NoReturn, final

import anyio
from attrs import define, field

from typedws.asgi import ASGIReceive, ASGISend, SendEvent, WebSocketCloseEvent
from typedws.close import CloseCode
from typedws.ended import (
    ClosedStateError,
    ClosedWebSocket,
    WebSocketDisconnect,
    closed_by_event,
    closed_websocket,
    denied_websocket,
)
from typedws.exceptions import (
    ConcurrentReceiveError,
    LocalProtocolError,
    MessageTypeError,
    RemoteProtocolError,
    SpentStateError,
)
from typedws.handshake import Handshake
from typedws.loss import may_mean_loss, means_loss
from typedws.messages import Event, disconnect_of, message_of, problem_with
from typedws.scope import WebSocketScope

__all__ = ["Connection"]

_LOSS_GRACE: Final = 1.0
"""Seconds to wait for the disconnect event that a failed send has announced."""

_DOUBT_GRACE: Final = 0.1
"""Seconds to wait for a disconnect event that would explain a failed send."""

_FAILURE_GRACE: Final = 5.0
"""Seconds that a server has to take the close of a connection that has failed."""

# daphne takes 1000 and 3000 to 4999 only. A code that it refuses is sent from the
# range for libraries instead: 1011 as 3011, so that a client can still tell.
_STANDARD_CODES: Final = range(1001, 2000)
_LIBRARY_OFFSET: Final = 2000


@final
@define(eq=False, order=False, repr=False)
class Connection:
    """
    The cell that the states of one connection share.

    Attributes:
        scope: The scope, as a typed model.
        receive: The server's `receive`, or after a loss what it has left to give.
        send: The server's `send`, or after a loss what stands in for it.
        current: The state that the connection is in.
        receiving: Whether a task is in `receive`.
        in_doubt: Whether the server was handed an answer to the handshake by a call
            that was cancelled, so that nobody knows whether it took it.
    """

    scope: WebSocketScope
    receive: ASGIReceive
    send: ASGISend
    current: Handshake
    receiving: bool = field(default=False, init=False)
    in_doubt: bool = field(default=False, init=False)
    _left_by: str = field(default="", init=False)
    _answered_by: str = field(default="", init=False)
    _answer: str = field(default="", init=False)
    _connect_seen: bool = field(default=False, init=False)
    _answering: bool = field(default=False, init=False)
    _is_closing: bool = field(default=False, init=False)
    _close_attempt: tuple[int, str] | None = field(default=None, init=False)
    _close_done: anyio.Event | None = field(default=None, init=False)
    _loss: ClosedWebSocket | None = field(default=None, init=False)
    _read_ahead_done: anyio.Event | None = field(default=None, init=False)
    _ended: anyio.Event | None = field(default=None, init=False)

    def move_to(self, state: Handshake, by: str) -> None:
        """Enter a state; `by` is the call or the event that leaves the present one."""
        self.current = state
        self._left_by = by
        if not self._answered_by:
            self._answered_by = by
            self._answer = type(state).__name__
        if self._ended is not None:
            self._ended.set()

    # --- The handshake ---------------------------------------------------------------

    def begin_answer(self, state: Handshake, method: str) -> None:
        """
        Claim the right to answer the handshake; `end_answer` gives it back.

        Raises:
            SpentStateError: It has been answered.
            LocalProtocolError: Another task is answering it.
        """
        if self.current is not state:
            raise SpentStateError(
                state=type(state).__name__,
                method=method,
                left_by=self._answered_by,
                successor=self._answer,
            )
        if self._answering:
            message = f"{method}: another task is already answering this handshake"
            raise LocalProtocolError(message)
        self._answering = True

    def end_answer(self) -> None:
        """Give back the right to answer the handshake."""
        self._answering = False

    async def await_connect(self) -> None:
        """
        Take the `websocket.connect` event, unless it was taken before.

        Raises:
            WebSocketDisconnect: The peer has gone.
            RemoteProtocolError: The server sent something else.
        """
        if self._connect_seen:
            return
        event = await self.receive()
        if event.get("type") == "websocket.connect":
            self._connect_seen = True
            return
        disconnect = disconnect_of(event)
        if disconnect is not None:
            raise WebSocketDisconnect(self._end_by_event(*disconnect))
        await self._send_failure()
        denied = denied_websocket(self.scope, _FORBIDDEN, response_sent=False)
        self.move_to(denied, "the server broke ASGI during the handshake")
        raise _remote_error(event, "a handshake begins with websocket.connect")

    async def hand_over(self, event: SendEvent) -> None:
        """
        Hand an answer to the handshake to the server.

        Cancelled, it leaves the answer `in_doubt`.

        Raises:
            WebSocketDisconnect: The peer has gone.
        """
        self.in_doubt = True
        try:
            await self.send(event)
        except Exception as error:
            self.in_doubt = False
            await self.explain(error)
            raise
        self.in_doubt = False

    # --- Receiving, when it is not simply the next message ---------------------------

    async def await_turn(self, method: str) -> ClosedWebSocket | None:
        """
        Say what keeps a state from receiving: the end, or `None` if it may go on.

        Raises:
            ConcurrentReceiveError: Another task is receiving.
        """
        while self._read_ahead_done is not None:
            await self._read_ahead_done.wait()
        if isinstance(self.current, ClosedWebSocket):
            return self.current
        if self.receiving:
            raise ConcurrentReceiveError(method)
        return None

    async def end_of_messages(self, event: Event) -> ClosedWebSocket:
        """
        Take an event that is no message: the end of the connection.

        Raises:
            RemoteProtocolError: It is not that either; the connection was ended.
        """
        disconnect = disconnect_of(event)
        if disconnect is not None:
            return self._end_by_event(*disconnect)
        if not isinstance(self.current, ClosedWebSocket):
            await self._send_failure()
            code = int(CloseCode.INTERNAL_ERROR)
            closed = closed_websocket(self.scope, code, "", "server")
            self.move_to(closed, "the server broke ASGI")
        raise _remote_error(event, problem_with(event))

    async def end_of_kind(self, event: Event, method: str) -> ClosedWebSocket:
        """
        Take an event that is not the kind of message that was asked for.

        Raises:
            MessageTypeError: It is a message of the other kind.
            RemoteProtocolError: It has no place here; the connection was ended.
        """
        message = message_of(event)
        if message is not None:
            raise MessageTypeError(method, message.data)
        return await self.end_of_messages(event)

    async def await_disconnect(self) -> None:
        """Receive until the connection is over; there are no messages to lose."""
        while not isinstance(self.current, ClosedWebSocket):
            disconnect = disconnect_of(await self.receive())
            if disconnect is not None:
                self._end_by_event(*disconnect)

    def _end_by_event(self, code: int, reason: str) -> ClosedWebSocket:
        if isinstance(self.current, ClosedWebSocket):
            return self.current
        if self._close_attempt is not None:
            return self._end_by_close(*self._close_attempt)
        closed = closed_by_event(self.scope, code, reason)
        self.move_to(closed, _GONE)
        return closed

    async def _send_failure(self) -> None:
        # The connection is lost either way, so a server that fails here as well, or
        # never takes the close, changes nothing.
        with anyio.move_on_after(_FAILURE_GRACE, shield=True), suppress(Exception):
            await self.send(close_event(int(CloseCode.INTERNAL_ERROR), ""))

    # --- Sending, when the server does not take it -----------------------------------

    def refuse_send(self, method: str) -> WebSocketDisconnect:
        """Make the error for a send after the end."""
        closed = self._known_end()
        if closed is None:
            message = f"{method} was called on a state that is none of this connection"
            raise LocalProtocolError(message)
        if self._left_by == _CLOSE:
            return ClosedStateError(closed, method)
        return WebSocketDisconnect(closed)

    async def explain(self, error: Exception) -> None:
        """
        Return if an error out of `send` is not about the peer.

        Raises:
            WebSocketDisconnect: The peer has gone.
        """
        closed = await self._end_behind(error)
        if closed is not None:
            raise WebSocketDisconnect(closed) from error

    async def _end_behind(self, error: Exception) -> ClosedWebSocket | None:
        if not means_loss(error) and not may_mean_loss(error):
            return None
        certain = means_loss(error)
        grace = _LOSS_GRACE if certain else _DOUBT_GRACE
        closed = self._known_end()
        if closed is None and self.receiving:
            closed = await self._await_reader(grace)
        elif closed is None:
            closed = await self._read_ahead(grace, certain=certain)
        if closed is None and certain:
            closed = self._lose(closed_by_event(self.scope, *_LOST))
        return closed

    def _known_end(self) -> ClosedWebSocket | None:
        return self.current if isinstance(self.current, ClosedWebSocket) else self._loss

    async def _await_reader(self, grace: float) -> ClosedWebSocket | None:
        if self._ended is None:
            self._ended = anyio.Event()
        with anyio.move_on_after(grace):
            await self._ended.wait()
        return self._known_end()

    async def _read_ahead(
        self, grace: float, *, certain: bool
    ) -> ClosedWebSocket | None:
        """Look for the disconnect, and keep what comes before it for `receive`."""
        ahead: deque[Event] = deque()
        server_receive = self.receive
        self.receiving = True
        self._read_ahead_done = anyio.Event()
        try:
            with anyio.move_on_after(grace):
                while not ahead or disconnect_of(ahead[-1]) is None:
                    ahead.append(await server_receive())
        finally:
            self.receive = _replay(ahead, server_receive)
            self.receiving = False
            self._read_ahead_done.set()
            self._read_ahead_done = None
        disconnect = disconnect_of(ahead[-1]) if ahead else None
        if disconnect is None and certain:
            # A server that raises and then says nothing must not be waited for.
            disconnect = _LOST
            ahead.append({"type": "websocket.disconnect", "code": _LOST[0]})
        if disconnect is None:
            return None
        if len(ahead) == 1:
            return self._end_by_event(*disconnect)
        return self._lose(closed_by_event(self.scope, *disconnect))

    def _lose(self, closed: ClosedWebSocket) -> ClosedWebSocket:
        # Until the rest is read the state is still the connected one; it can't send.
        self._loss = closed
        self.send = _refuse_to_send
        return closed

    # --- Closing ---------------------------------------------------------------------

    async def close(self, code: int, reason: str) -> ClosedWebSocket:
        """Close the connection, or return the end that it had before."""
        while self._is_closing:
            self._close_done = self._close_done or anyio.Event()
            await self._close_done.wait()
        closed = self._known_end()
        if closed is not None:
            return self._end_by_loss(closed)
        self._is_closing = True
        try:
            return await self._hand_over_close(code, reason)
        finally:
            self._is_closing = False
            if self._close_done is not None:
                self._close_done.set()
                self._close_done = None

    async def _hand_over_close(self, code: int, reason: str) -> ClosedWebSocket:
        earlier = self._close_attempt
        # Cancelled, the attempt stays on record: the server may have taken it.
        self._close_attempt = earlier or (code, reason)
        try:
            await self.send(close_event(code, reason))
        except Exception as error:
            if earlier is not None:
                return self._end_by_close(*earlier)
            self._close_attempt = None
            closed = await self._end_behind(error)
            if closed is not None:
                return self._end_by_loss(closed)
            if code in _STANDARD_CODES:
                return await self._hand_over_close(code + _LIBRARY_OFFSET, reason)
            raise
        return self._end_by_close(*self._close_attempt)

    def _end_by_close(self, code: int, reason: str) -> ClosedWebSocket:
        if isinstance(self.current, ClosedWebSocket):
            return self.current
        closed = closed_websocket(self.scope, code, reason, "server")
        self.move_to(closed, _CLOSE)
        return closed

    def _end_by_loss(self, closed: ClosedWebSocket) -> ClosedWebSocket:
        if self.current is not closed:
            self.move_to(closed, _GONE)
        return closed


_CLOSE: Final = "close()"
_GONE: Final = "the connection came to its end"
_FORBIDDEN: Final = 403
_LOST: Final = (int(CloseCode.ABNORMAL_CLOSURE), "")


def close_event(code: int, reason: str) -> WebSocketCloseEvent:
    """Make the event that closes a connection, or refuses a handshake."""
    return {"type": "websocket.close", "code": code, "reason": reason}


def _remote_error(event: Event, problem: str) -> RemoteProtocolError:
    kind = ascii(event.get("type"))
    return RemoteProtocolError(problem, kind, tuple(sorted(map(str, event))))


def _replay(ahead: deque[Event], rest: ASGIReceive) -> ASGIReceive:
    async def receive() -> Event:
        return ahead.popleft() if ahead else await rest()

    return receive


async def _refuse_to_send(_event: SendEvent) -> NoReturn:
    raise ConnectionResetError
