"""
What the states of one connection share: the one mutable object of typedws.

The laws, on which every state relies:

1.  The state moves after the await that makes it true, never before. A call that fails
    leaves the connection as it was, and it can still be closed.
2.  The server's `receive()` is not called again after a disconnect: on three servers it
    blocks for ever.
3.  After the end nothing is handed to the server's `send()`.
4.  One task receives at a time; each message goes to one caller.
5.  A connection has one end: all are told of it by the same object. This side's own
    close is remembered for it, since servers report it wrongly. Where too much is
    unread to look behind it, a send that has failed tells of a loss; if the unread has
    another end behind it, that counts from then on.
6.  A failed `send()` means that the peer has gone only where the error says so. What
    the peer sent before it went can still be received.

The hot path is in `typedws.states`; here is what happens when something is not as
usual. `Connection.move_to` is the only line of typedws that changes a state.
"""

import logging
import math
from contextlib import suppress
from functools import partial
from typing import Final, final

import anyio
import anyio.lowlevel
from attrs import define, field

from typedws.ahead import Ahead
from typedws.asgi import ASGIReceive, ASGISend, SendEvent, WebSocketCloseEvent
from typedws.close import CloseCode
from typedws.deadlines import Wait, finishes_within, running_task
from typedws.ended import (
    ClosedStateError,
    ClosedWebSocket,
    DeniedWebSocket,
    WebSocketDisconnect,
    closed_by_event,
    closed_websocket,
    denied_websocket,
)
from typedws.exceptions import (
    ConcurrentReceiveError,
    LocalProtocolError,
    MessageTypeError,
    ReceiveTimeout,
    RemoteProtocolError,
    SpentStateError,
)
from typedws.handshake import Handshake
from typedws.limiting import Limiter, limits_messages
from typedws.limits import Limits
from typedws.loss import may_mean_loss, means_loss
from typedws.messages import (
    Event,
    disconnect_event,
    disconnect_of,
    is_event,
    kind_of,
    message_of,
    no_event,
    problem_with,
)
from typedws.pending import PendingReceive, gives_futures
from typedws.reader import Buffer, Reader
from typedws.scope import WebSocketScope
from typedws.stand_ins import (
    Backlog,
    Presumption,
    Remainder,
    backlog_of,
    give_the_end,
    refuse_all,
    refuser,
)

__all__ = ["NO_LIMITS", "OVER_ITS_HEAD", "Connection"]

logger: Final = logging.getLogger("typedws")

_LOSS_GRACE: Final = 1.0
"""Seconds to wait for the disconnect event that a failed send has announced."""

_DOUBT_GRACE: Final = 0.1
"""Seconds to wait for a disconnect event that would explain a failed send."""

_LONGEST_GRACE: Final = 5.0
"""Seconds to wait in all for what a server has left to say of a peer it has lost."""

_FAILURE_GRACE: Final = 5.0
"""Seconds that a server has to take the close of a connection that has failed."""

NO_LIMITS: Final = Limits()

OVER_ITS_HEAD: Final = "the application ended the connection"
"""Who closes for a drain, for a limit, or behind a handler: nobody who still sends."""

_CLOSE: Final = "close()"

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
        limits: What is allowed, and how long anything may take.
        receiving: Whether a task is in `receive`.
        error_replies: How many messages that do not fit were answered.
        in_doubt: Whether the server was handed an answer to the handshake by a call
            that was cancelled, so that nobody knows whether it took it.
        limiter: What keeps the limits of messages, if there are any.
        answer_scope: What the handler runs in, if its answer has a deadline.
    """

    scope: WebSocketScope
    receive: ASGIReceive
    send: ASGISend
    current: Handshake
    limits: Limits = NO_LIMITS
    receiving: bool = field(default=False, init=False)
    error_replies: int = field(default=0, init=False)
    in_doubt: bool = field(default=False, init=False)
    limiter: Limiter | None = field(default=None, init=False)
    answer_scope: anyio.CancelScope | None = field(default=None, init=False)
    _left_by: str = field(default="", init=False)
    _answered_by: str = field(default="", init=False)
    _answer: str = field(default="", init=False)
    _connect_seen: bool = field(default=False, init=False)
    _answering: bool = field(default=False, init=False)
    _has_half_responded: bool = field(default=False, init=False)
    _is_closing: bool = field(default=False, init=False)
    _close_by: str = field(default=_CLOSE, init=False)
    _close_attempt: ClosedWebSocket | None = field(default=None, init=False)
    _loss: ClosedWebSocket | None = field(default=None, init=False)
    _presumed: Presumption | None = field(default=None, init=False)
    _is_read_ahead: bool = field(default=False, init=False)
    _changed: anyio.Event | None = field(default=None, init=False)
    _pending: PendingReceive | None = field(default=None, init=False)
    _reader: Reader | None = field(default=None, init=False)
    _is_draining: bool = field(default=False, init=False)
    _listens_for_drain: bool = field(default=False, init=False)

    def move_to(self, state: Handshake, by: str) -> None:
        """Enter a state; `by` is the call or the event that leaves the present one."""
        self.current = state
        self._left_by = by
        if self.answer_scope is not None:
            self.answer_scope.deadline = math.inf
        if not self._answered_by:
            self._answered_by = by
            self._answer = type(state).__name__
        if isinstance(state, DeniedWebSocket):
            self.send, self.receive = refuse_all, give_the_end
            self._let_go()
        self._wake()

    # --- The handshake ---------------------------------------------------------------

    def begin_answer(self, state: Handshake, method: str) -> None:
        """
        Claim the right to answer the handshake; `end_answer` gives it back.

        Raises:
            SpentStateError: It has been answered.
            LocalProtocolError: Another task is answering it.
            WebSocketDisconnect: The peer has gone.
        """
        if self._answered_by == _GONE and isinstance(self.current, ClosedWebSocket):
            raise WebSocketDisconnect(self.current)
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
        self._wake()

    async def await_answer(self) -> None:
        """Wait for the task that is answering the handshake, if there is one."""
        while self._answering:
            await self._change()

    async def await_connect(self) -> None:
        """
        Take the `websocket.connect` event, unless it was taken before.

        Raises:
            WebSocketDisconnect: The peer has gone.
            RemoteProtocolError: The server sent something else.
        """
        if self._connect_seen:
            return
        call = self.receive()
        if gives_futures(call):
            self.receive = self._pending = PendingReceive(self.receive)
        event = await call
        if kind_of(event) == "websocket.connect":
            self._connect_seen = True
            if running_task() is None:
                await _let_refuse()
            return
        disconnect = disconnect_of(event)
        if disconnect is not None:
            raise WebSocketDisconnect(self._end_by_event(*disconnect))
        with anyio.move_on_after(_FAILURE_GRACE, shield=True), suppress(Exception):
            await self.send(close_event(int(CloseCode.INTERNAL_ERROR), ""))
        denied = denied_websocket(self.scope, _FORBIDDEN, response_sent=False)
        self.move_to(denied, f"{_BROKEN} during the handshake")
        raise _remote_error(event, "a handshake begins with websocket.connect")

    async def hand_over(self, event: SendEvent) -> None:
        """
        Hand an answer to the handshake to the server.

        Cancelled, it leaves the answer `in_doubt`.

        Raises:
            WebSocketDisconnect: The peer has gone.
        """
        closed = self._known_end()
        if closed is not None:
            raise WebSocketDisconnect(closed)
        self.in_doubt = True
        try:
            await self.send(event)
        except Exception as error:
            self.in_doubt = False
            self._has_half_responded = event["type"] == "websocket.http.response.body"
            await self.explain(error)
            raise
        self.in_doubt = False

    # --- Receiving, when it is not simply the next message ---------------------------

    async def await_turn(self, method: str, wait: Wait | None = None) -> None:
        """
        Wait until one may receive, if somebody else does.

        Args:
            method: What the user called.
            wait: How long it may take, if not for ever.

        Raises:
            ConcurrentReceiveError: Another task is receiving.
            ReceiveTimeout: A sender still looks for the end.
        """
        if wait is None:
            await self._await_read_ahead()
        elif not await finishes_within(wait.left(), self._await_read_ahead()):
            raise ReceiveTimeout(method, wait.seconds)
        # After the end there is nothing that two could share out.
        if self.receiving and not isinstance(self.current, ClosedWebSocket):
            raise ConcurrentReceiveError(method)

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
            await self._fail()
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

    async def receive_within(self, wait: Wait) -> Event:
        """
        Receive, but give up after some time.

        Raises:
            ReceiveTimeout: Nothing came; what comes later is for the next caller.
        """
        taken: list[Event] = []

        async def take() -> None:
            taken.append(await self.receive())

        if await finishes_within(wait.left(), take()):
            return taken[0]
        if isinstance(self.current, ClosedWebSocket):
            return disconnect_event(self.current.code, self.current.reason)
        raise ReceiveTimeout(wait.method, wait.seconds)

    def keep_limits(self) -> None:
        """From now on, when messages may come, keep the limits of messages."""
        if not limits_messages(self.limits):
            return
        name = repr(self.current)
        close = partial(self.close, by=OVER_ITS_HEAD)
        self.limiter = Limiter(self.limits, self.receive, self.send, close, name)
        self.receive, self.send = self.limiter.receive, self.limiter.send
        if self.limits.heartbeat is not None:
            # Before anybody receives in another way. The heartbeat has a task for it.
            self.read_ahead().claim()

    def read_ahead(self) -> Reader:
        """Return what reads ahead of whoever receives; it is not reading yet."""
        if self._reader is None:
            limits = self.limits
            buffer = Buffer(limits.buffer_messages, limits.buffer_size)
            self._reader = Reader(self.receive, buffer, self._hear_of_the_end)
            self.receive = self._reader.receive
        return self._reader

    def is_over(self) -> bool:
        """Tell whether the end is known; what came before may not all be received."""
        return self._known_end() is not None

    async def wait_until_answered(self) -> None:
        """Wait until the handshake is answered, or over."""
        while not self._answered_by:
            await self._change()

    async def wait_until_over(self) -> None:
        """Wait for the end to be known."""
        while not self.is_over():
            await self._change()

    async def await_disconnect(self) -> None:
        """
        Receive until the handshake is answered or over; there are no messages to lose.

        Raises:
            ConcurrentReceiveError: Another task is receiving.
        """
        # An app that goes on asking would leave nobody else a turn.
        await anyio.lowlevel.checkpoint()
        while not self._answered_by:
            await self.await_turn("receive()")
            self.receiving = True
            try:
                event = await self.receive()
            finally:
                self.receiving = False
            disconnect = disconnect_of(event)
            if disconnect is not None and not self._answered_by:
                self._end_by_event(*disconnect)

    async def _fail(self) -> None:
        # The connection is lost either way, so a server that fails here as well, or
        # never takes the close, changes nothing. A close that is under way has a time
        # of its own: if it fails at the end of that, there must be some for this one.
        code = int(CloseCode.INTERNAL_ERROR)
        with anyio.move_on_after(_FAILURE_GRACE, shield=True):
            await self._await_close()
        with anyio.move_on_after(_FAILURE_GRACE, shield=True), suppress(Exception):
            await self.close(code, "", by=_BROKEN)
        if self._close_attempt is None:
            self._close_by = _BROKEN
            self._close_attempt = closed_websocket(self.scope, code, "", "server")
        self._end(self._close_attempt)

    # --- Sending, when the server does not take it -----------------------------------

    async def explain(self, error: Exception, method: str = "") -> None:
        """
        Return if an error out of `send` is not about the peer.

        Args:
            error: What was raised.
            method: What the user called, if it is the user who is to know.

        Raises:
            WebSocketDisconnect: The peer has gone.
            ClosedStateError: This side had closed the connection.
        """
        if isinstance(error, WebSocketDisconnect):
            if self._left_by == _CLOSE and error.closed is self.current:
                raise ClosedStateError(error.closed, method) from None
            return
        closed = await self._end_behind(error)
        if closed is not None:
            raise WebSocketDisconnect(closed) from error

    async def _end_behind(self, error: Exception) -> ClosedWebSocket | None:
        # A send that was under way at the end may be refused with what a server likes.
        known = self._known_end()
        if known is not None:
            return known
        certain = means_loss(error)
        # Once it has taken a close, a server refuses the rest with what it likes.
        may_be = may_mean_loss(error) or self._close_is_under_way()
        if not certain and not may_be:
            return None
        grace = _LOSS_GRACE if certain else _DOUBT_GRACE
        await self._await_read_ahead()
        if self._known_end() is None and self._will_hear_of_the_end():
            await self._await_end(grace)
        if self._known_end() is None and not self.receiving:
            await self._read_ahead(grace, certain=certain)
        if self._known_end() is None and certain:
            await self._say_last_words(self.send)
            self._lose(*_LOST, is_all_read=False)
        return self._known_end()

    def _will_hear_of_the_end(self) -> bool:
        is_reading = self._reader is not None and self._reader.is_reading
        return self.receiving or is_reading or self._close_is_under_way()

    async def _say_last_words(self, send: ASGISend) -> None:
        # The server says nothing of an end, so the error may have been a middleware's,
        # and the peer still there: then it is told, and so is a task that receives.
        if self._is_closing:
            return
        if self._has_half_responded:  # and ASGI lets nothing else follow
            return
        closed = self._end_of(int(CloseCode.INTERNAL_ERROR), "")
        self._begin_closing()
        try:
            with anyio.move_on_after(_DOUBT_GRACE), suppress(Exception):
                await send(close_event(closed.code, closed.reason))
        finally:
            self._end_closing()

    async def _await_read_ahead(self) -> None:
        while self._is_read_ahead:
            await self._change()

    async def _await_end(self, grace: float) -> None:
        with anyio.move_on_after(grace):
            await self.wait_until_over()

    async def _read_ahead(self, grace: float, *, certain: bool) -> None:
        """Look for the disconnect, and keep what comes before it for `receive`."""
        backlog = backlog_of(self.receive)
        self.receive = backlog
        self.receiving = self._is_read_ahead = True
        try:
            disconnect = await self._find_end(backlog, grace)
            if disconnect is None and certain:
                disconnect = await self._make_up_end(backlog)
            if disconnect is not None:
                is_next = disconnect_of(backlog.events[0]) is not None
                self._lose(*disconnect, is_all_read=is_next)
        finally:
            # Nobody receives before the end is in its place: who does would ask a
            # server for it that has nothing more to say.
            if self.receive is backlog and not backlog.events:
                self.receive = backlog.rest
            self.receiving = self._is_read_ahead = False
            self._wake()

    async def _find_end(self, backlog: Backlog, grace: float) -> tuple[int, str] | None:
        disconnect: tuple[int, str] | None = None
        # What is wrong with the server's receive() is for a receiver to hear of.
        with anyio.move_on_after(grace), suppress(Exception), Ahead().receiving():
            while disconnect is None and not backlog.is_full(self.limits.buffer_size):
                backlog.events.append(await backlog.rest())
                disconnect = disconnect_of(backlog.events[-1])
        return disconnect

    async def _make_up_end(self, backlog: Backlog) -> tuple[int, str] | None:
        if self._known_end() is not None:
            return None
        if self._answered_by and backlog.is_full(self.limits.buffer_size):
            self._presume_loss(backlog)
            return None
        # A server that raises and then says nothing must not be waited for.
        await self._say_last_words(self.send)
        backlog.events.append(disconnect_event(*_LOST))
        return _LOST

    def _presume_loss(self, backlog: Backlog) -> None:
        # The server has more than is kept of it, so it may have the true end as well:
        # until that is received, or does not come, the end is as good as known.
        presumed = Presumption(self._end_of(*_LOST), self.send)
        remainder = Remainder(backlog.rest, _LOSS_GRACE, _LONGEST_GRACE)
        backlog.rest = partial(self._receive_remainder, remainder)
        self.send = refuser(presumed.closed)
        self._presumed = presumed
        self._wake()

    async def _receive_remainder(self, remainder: Remainder) -> Event:
        event = await remainder.receive()
        if event is not None:
            return event
        await self._settle_for_the_loss()
        return disconnect_event(*_LOST)

    async def _settle_for_the_loss(self) -> None:
        """Look no further for a true end behind the one that is presumed."""
        presumed, self._presumed = self._presumed, None
        if presumed is not None:
            # First: who asks for a short time must not begin with the words each time.
            self._loss = presumed.closed
            await self._say_last_words(presumed.send)

    def _hear_of_the_end(self, code: int, reason: str, *, is_all_read: bool) -> None:
        # The reader does not know of what a sender has read ahead of it as well.
        receive = self.receive
        is_read_ahead = isinstance(receive, Backlog) and bool(receive.events)
        self._lose(code, reason, is_all_read=is_all_read and not is_read_ahead)

    def _lose(self, code: int, reason: str, *, is_all_read: bool) -> None:
        if is_all_read or not self._answered_by:
            self._end_by_event(code, reason)
        elif self._true_end() is None:
            # Until the rest is read the state is the connected one, but can't send.
            self._loss, self._presumed = self._end_of(code, reason), None
            self.send = refuser(self._loss)
            self._stop_reading(self._loss)
            self._wake()

    # --- Being told to end -----------------------------------------------------------

    async def wait_draining(self) -> None:
        """Wait until the application is being drained."""
        self._listens_for_drain = True
        await anyio.lowlevel.checkpoint()
        while not self._is_draining:
            await self._change()

    def listens_for_drain(self) -> bool:
        """Tell whether anybody has asked to be told."""
        return self._listens_for_drain

    def tell_of_drain(self) -> None:
        """Tell whoever waits, and whoever is going to."""
        self._is_draining = True
        self._wake()

    # --- Closing ---------------------------------------------------------------------

    async def close(
        self, code: int, reason: str, *, by: str = _CLOSE
    ) -> ClosedWebSocket:
        """
        Close the connection, or return the end that it had before.

        Args:
            code: The close code.
            reason: The close reason.
            by: Who closes it. What is sent after a call of `close()` is a mistake; what
                is sent after any other end has only come late.
        """
        if self._is_closing:
            await self._await_close()
        if self._presumed is not None:
            await self._settle_for_the_loss()
        closed = self._known_end()
        if closed is not None:
            return self._end(closed)
        if self._close_attempt is None:
            self._close_by = by
        self._begin_closing()
        try:
            return await self._hand_over_close(code, reason)
        finally:
            self._end_closing()

    async def _await_close(self) -> None:
        while self._is_closing:
            await self._change()

    def _begin_closing(self) -> None:
        self._is_closing = True
        if self._pending is not None:
            self._pending.leave()

    def _end_closing(self) -> None:
        if self._pending is not None:
            self._pending.come_back()
        self._is_closing = False
        self._let_go()
        self._wake()

    async def _hand_over_close(self, code: int, reason: str) -> ClosedWebSocket:
        # Cancelled, the attempt stays on record: the server may have taken it. The next
        # one repeats it, so that either way the record is what the peer was told.
        earlier = self._close_attempt
        attempt = (
            closed_websocket(self.scope, code, reason, "server")
            if earlier is None
            else earlier
        )
        self._close_attempt = attempt
        seconds = self.limits.close_timeout
        try:
            call = self.send(close_event(attempt.code, attempt.reason))
            if not await finishes_within(seconds, call):
                return self._abandon(attempt)
        except Exception as error:
            if earlier is None:
                self._close_attempt = None
                if await self._end_behind(error) is None and self._known_end() is None:
                    # An OSError says nothing about the code: a time-out, for instance.
                    if code not in _STANDARD_CODES or isinstance(error, OSError):
                        raise
                    return await self._hand_over_close(code + _LIBRARY_OFFSET, reason)
        return self._end(attempt)

    def _abandon(self, attempt: ClosedWebSocket) -> ClosedWebSocket:
        # The peer does not read, so it gets no close frame: for it, and for us, the
        # connection is lost, and what the server does with the rest is its own affair.
        logger.info(
            "%r: gave up closing with %d %a after %g s, for the peer does not read",
            self.current,
            attempt.code,
            attempt.reason,
            self.limits.close_timeout,
        )
        self._close_attempt = None
        return self._end_by_event(*_LOST)

    def _close_is_under_way(self) -> bool:
        return self._is_closing and self._close_attempt is not None

    # --- The end ---------------------------------------------------------------------

    def _known_end(self) -> ClosedWebSocket | None:
        presumed = self._presumed
        return self._true_end() if presumed is None else presumed.closed

    def _true_end(self) -> ClosedWebSocket | None:
        return self.current if isinstance(self.current, ClosedWebSocket) else self._loss

    def _end_of(self, code: int, reason: str) -> ClosedWebSocket:
        if self._close_attempt is not None:
            return self._close_attempt
        return closed_by_event(self.scope, code, reason)

    def _end_by_event(self, code: int, reason: str) -> ClosedWebSocket:
        self._presumed = None
        return self._end(self._end_of(code, reason))

    def _end(self, closed: ClosedWebSocket) -> ClosedWebSocket:
        """Enter the closed state, unless there is one already, which then counts."""
        known = self._known_end()
        if known is not None:
            closed = known
        if self.current is not closed:
            self._presumed = None
            is_ours = closed is self._close_attempt
            self.move_to(closed, self._close_by if is_ours else _GONE)
            # Laws 2 and 3: from now on nobody is asked, and nobody told.
            self.send, self.receive = refuser(closed), give_the_end
            self._stop_reading(closed)
            self._let_go()
        return closed

    def _let_go(self) -> None:
        # Whoever still holds one of these (a task, a traceback) must not hold what the
        # server gave: granian's socket is open for as long as anybody does.
        if self._is_closing or not isinstance(
            self.current, (ClosedWebSocket, DeniedWebSocket)
        ):
            return
        if self._pending is not None:
            # It may still be waited for by the app of a denial response.
            self._pending.leave()
            self._pending.come_back()
        for holder in (self._pending, self.limiter, self._reader):
            if holder is not None:
                holder.source = give_the_end
        if self.limiter is not None:
            self.limiter.sink = self.send
            self.limiter.stop_holding_off()
        self._pending = self.limiter = self._reader = None

    def _stop_reading(self, closed: ClosedWebSocket) -> None:
        if self._reader is not None:
            self._reader.end(closed.code, closed.reason)

    # --- Waiting for one another -----------------------------------------------------

    async def _change(self) -> None:
        """Wait until something is not as it was; the caller looks again at what."""
        self._changed = self._changed or anyio.Event()
        await self._changed.wait()

    def _wake(self) -> None:
        if self._changed is not None:
            self._changed.set()
            self._changed = None


_BROKEN: Final = "the server broke ASGI"
_GONE: Final = "the connection came to its end"
_FORBIDDEN: Final = 403
_LOST: Final = (int(CloseCode.ABNORMAL_CLOSURE), "")


_TURNS_TO_REFUSE: Final = 4
"""Two for the lock around the socket, and one for each half of the response."""


async def _let_refuse() -> None:
    """
    Let a server on trio refuse what has come behind the request, if it does.

    hypercorn reads on when it has called the application, and refuses more than the
    request with 400. Answered amid that, its whole process ends; answered when that is
    done, it takes the answer for one that comes late.
    """
    for _ in range(_TURNS_TO_REFUSE):
        await anyio.lowlevel.checkpoint()


def close_event(code: int, reason: str) -> WebSocketCloseEvent:
    """Make the event that closes a connection, or refuses a handshake."""
    return {"type": "websocket.close", "code": code, "reason": reason}


def _remote_error(event: Event, problem: str) -> RemoteProtocolError:
    if not is_event(event):
        return RemoteProtocolError(no_event(event), "", ())
    kind = ascii(event.get("type"))
    return RemoteProtocolError(problem, kind, tuple(sorted(map(str, event))))
