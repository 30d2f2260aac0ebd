"""
A server in memory: one connection, between the application and a client.

It has the two callables that an application is given, and what the client's side needs;
`typedws.testing.peer` waits for it. How it behaves where servers differ, its profile
says. It is told when the application has ended, and is then no more than a record.
"""

from collections import deque
from collections.abc import Mapping
from enum import Enum
from typing import Final, NoReturn, TypeAlias, assert_never, final

import anyio.lowlevel
from attrs import define, field
from typing_extensions import TypeIs

from typedws.close import CloseCode
from typedws.datastructures import Headers
from typedws.messages import Message, TextMessage
from typedws.testing.ends import (
    LOST,
    answer_to_client,
    close_seen,
    event_of_client_close,
    event_of_long_message,
    event_of_loss,
    event_of_own_close,
    event_of_refusal,
)
from typedws.testing.errors import ASGIViolation, ClientGone, ServerEnded
from typedws.testing.events import (
    Accept,
    Close,
    ResponseBody,
    ResponseStart,
    Send,
    UnknownEvent,
    plain_message,
    read_event,
)
from typedws.testing.outcomes import Accepted, Answer, Closed, Denied
from typedws.testing.profile import AfterDenial, Profile, SendAfterDisconnect
from typedws.testing.rules import (
    ACCEPT,
    AFTER_CLOSE,
    AFTER_REFUSAL,
    ANSWER,
    EXTENSION,
    OFFERED,
    RESPONSE,
    RESPONSE_START,
    SCOPE,
    Breach,
    Rule,
)
from typedws.testing.signal import Signal

__all__ = ["Server", "Stage"]

Event: TypeAlias = Mapping[str, object]

_FORBIDDEN: Final = 403
_GONE: Final = "the client has gone"
_FRAME: Final = 2
"""Bytes that a message takes beyond its payload: the header of a short frame."""


@final
class Stage(Enum):
    """How far a connection has come."""

    UNANSWERED = "unanswered"
    RESPONDING = "responding"
    DENIED = "denied"
    OPEN = "open"
    LEFT = "left"
    """The client has gone."""
    CLOSED = "closed"
    """The application has closed, or has ended."""


@final
@define(eq=False, order=False, repr=False)
class Server:
    """
    A server with one connection.

    Attributes:
        profile: How it behaves.
        offered: The subprotocols that the client offers.
        stage: How far the connection has come.
        inbox: The messages that the client has not read yet.
        answer: The answer to the handshake.
        closed: How the connection ended, as the client sees it.
        violation: The first breach of the specification.
        is_over: Whether the application has ended.
        receiving: How many tasks of the application wait in `receive()`.
        stuck: How many tasks of the application wait in `send()`.
        disconnect_given: Whether the application has been told of the end.
        changed: Fired when there is something new for the client.
    """

    profile: Profile
    offered: tuple[str, ...] = ()
    stage: Stage = field(default=Stage.UNANSWERED, init=False)
    inbox: deque[Message] = field(factory=deque[Message], init=False)
    answer: Answer | None = field(default=None, init=False)
    closed: Closed | None = field(default=None, init=False)
    violation: ASGIViolation | ServerEnded | None = field(default=None, init=False)
    is_over: bool = field(default=False, init=False)
    receiving: int = field(default=0, init=False)
    stuck: int = field(default=0, init=False)
    disconnect_given: bool = field(default=False, init=False)
    changed: Signal = field(factory=Signal, init=False)
    _unread: int = field(default=0, init=False)
    _drained: Signal = field(factory=Signal, init=False)
    _events: deque[tuple[Event, int]] = field(init=False)
    _waiting: int = field(default=0, init=False)
    _arrived: Signal = field(factory=Signal, init=False)
    _response: Denied | None = field(default=None, init=False)
    _withheld: Denied | None = field(default=None, init=False)
    _is_repeated: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with the event of the handshake."""
        self._events = deque([({"type": "websocket.connect"}, 0)])

    # --- What the application calls --------------------------------------------------

    async def receive(self) -> Event:
        """Give the next event."""
        if not self._events:
            await self.await_event()
        elif self.disconnect_given:
            # One that goes on for ever after the end must not keep the event loop.
            await anyio.lowlevel.checkpoint()
        event, size = self._events.popleft()
        if size:
            self._waiting -= size
            self.changed.fire()
        elif event["type"] == "websocket.disconnect":
            self._after_disconnect()
        return event

    async def send(self, event: Event) -> None:
        """Take an event."""
        message = plain_message(event) if self.stage is Stage.OPEN else None
        if message is None:
            await self._send_unusual(event)
        else:
            await self._deliver(message)

    async def await_event(self) -> None:
        """Wait until there is an event."""
        self.receiving += 1
        self.changed.fire()
        try:
            while not self._events:
                await self._arrived.wait()
        finally:
            self.receiving -= 1

    def _after_disconnect(self) -> None:
        self.disconnect_given = True
        if self._is_repeated:
            self._is_repeated = self.profile.after_disconnect == "repeats"
            self._events.append((event_of_loss(self.profile), 0))

    async def _deliver(self, message: Message) -> None:
        limit = self.profile.send_buffer
        if limit is None:
            # Nothing else would let the other tasks of the event loop run.
            await anyio.lowlevel.checkpoint()
        elif self._unread >= limit:
            await self.await_room(limit)
            if self.stage is not Stage.OPEN:
                self._refuse_gone(self.profile.send_after_disconnect)
                return
        if not message.data and self.profile.drops_empty_messages:
            return
        self.inbox.append(message)
        self._unread += size_of(message)
        self.changed.fire()

    async def await_room(self, limit: int) -> None:
        """Wait until the client has read some of what it was sent."""
        self.stuck += 1
        self.changed.fire()
        try:
            while self._unread >= limit and self.stage is Stage.OPEN:
                await self._drained.wait()
        finally:
            self.stuck -= 1

    async def _send_unusual(self, event: object) -> None:
        # An application that goes on whatever happens must not keep the event loop.
        await anyio.lowlevel.checkpoint()
        if self.is_over:
            self._refuse(_late(event))
        read = read_event(event, self.profile)
        match read:
            case None:
                return
            case Breach():
                self._refuse(read)
            case UnknownEvent():
                if not self.profile.ignores_unknown_events:
                    self._refuse(read.breach)
            case _:
                await self._take_event(read)

    async def _take_event(
        self, event: Accept | Send | Close | ResponseStart | ResponseBody
    ) -> None:
        match event:
            case Accept():
                self._accept(event)
            case Send():
                await self._send(event)
            case Close():
                self._close(event)
            case ResponseStart():
                self._start_response(event)
            case ResponseBody():
                self._continue_response(event)
            case _:
                assert_never(event)

    def _accept(self, event: Accept) -> None:
        if self.stage is Stage.LEFT and self.answer is None:
            self._refuse_gone(self.profile.accept_after_disconnect)
            return
        if self.stage is not Stage.UNANSWERED and self._withheld is None:
            if self._ignores_late_accept():
                return
            self._refuse_late("websocket.accept", ACCEPT)
        if event.subprotocol is not None and event.subprotocol not in self.offered:
            self._accept_unoffered(event.subprotocol)
            return
        self._withheld = None
        headers = event.headers if self.profile.sends_accept_headers else ()
        self.stage = Stage.OPEN
        self.answer = Accepted(event.subprotocol, headers=Headers(headers))
        self.changed.fire()

    def _ignores_late_accept(self) -> bool:
        is_after_close = self.stage is Stage.DENIED and self._response is None
        return is_after_close and self.profile.accept_after_denial == "ignored"

    def _accept_unoffered(self, subprotocol: str) -> None:
        policy = self.profile.unoffered_subprotocol
        if policy == "hangs":
            return
        if not self.profile.enforces_specification:
            self._leave(LOST)
        if policy == "sent":
            # The client must fail the connection; it is open to the server until then.
            self._give_disconnect(
                event_of_loss(self.profile),
                is_repeated=self.profile.after_disconnect == "repeats",
            )
            return
        offer = ", ".join(map(ascii, self.offered)) or "none"
        self._refuse(
            Breach(
                f"websocket.accept: the client does not offer the subprotocol "
                f"{subprotocol!a}, but {offer}",
                rule=OFFERED,
            )
        )

    async def _send(self, event: Send) -> None:
        match self.stage:
            case Stage.OPEN:
                await self._deliver(event.message)
            case Stage.LEFT if self.answer or not self.profile.enforces_specification:
                self._refuse_gone(self._policy_of_send())
            case Stage.UNANSWERED if self.profile.send_before_accept == "ignored":
                return
            case Stage.CLOSED if self.profile.send_after_close == "ignored":
                return
            case Stage.UNANSWERED | Stage.LEFT:
                self._refuse(
                    Breach("websocket.send came before websocket.accept", rule=ANSWER)
                )
            case _:
                self._refuse_late("websocket.send", ANSWER)

    def _policy_of_send(self) -> SendAfterDisconnect:
        if self.disconnect_given:
            return self.profile.send_after_disconnect_read
        return self.profile.send_after_disconnect

    def _close(self, event: Close) -> None:
        match self.stage:
            case Stage.UNANSWERED:
                self._deny(Denied(_FORBIDDEN), self.profile.after_denial)
            case Stage.OPEN:
                self._close_open(event)
            case Stage.LEFT if self.closed == LOST:
                self._refuse_gone(self.profile.close_after_loss)
            case Stage.LEFT:
                self._refuse_gone(self.profile.close_after_disconnect)
            case Stage.CLOSED if self.profile.close_after_close == "ignored":
                return
            case _:
                self._refuse_late("websocket.close", AFTER_CLOSE)

    def _close_open(self, event: Close) -> None:
        if self.profile.enforces_specification and event.problem is not None:
            self._refuse(event.problem)
        self.closed = close_seen(self.profile, event.code, event.reason)
        self.stage = Stage.CLOSED
        if self.profile.drops_unread_at_close:
            self._events.clear()
            self._waiting = 0
        self._give_disconnect(
            event_of_own_close(self.profile, event.code, event.reason), is_repeated=True
        )
        self._drained.fire()
        self.changed.fire()

    def _deny(self, denied: Denied, after: AfterDenial) -> None:
        self.stage = Stage.DENIED
        is_response = self._response is not None
        if self.profile.denies_at_return and not (is_response or self.is_over):
            self._withheld = denied
        else:
            self.answer = denied
        if after != "blocks":
            is_repeated = self.profile.after_disconnect == "repeats once"
            event = event_of_refusal(self.profile, after)
            self._give_disconnect(event, is_repeated=is_repeated)
        self.changed.fire()

    def _start_response(self, event: ResponseStart) -> None:
        if self.profile.denial == "none":
            if not self.profile.ignores_unknown_events:
                self._refuse(
                    Breach(
                        "a denial response came, and the server does not offer the "
                        "extension",
                        rule=EXTENSION,
                    )
                )
            return
        if self.stage is Stage.LEFT and self.answer is None:
            self._refuse_gone(self.profile.accept_after_disconnect)
            return
        if self.stage is not Stage.UNANSWERED:
            self._refuse_late("websocket.http.response.start", RESPONSE)
        self.stage = Stage.RESPONDING
        self._response = Denied(
            event.status, headers=Headers(event.headers), complete=False
        )

    def _check_repeated(self, headers: Headers) -> None:
        repeated = [name for name in headers if len(headers.getlist(name)) > 1]
        if repeated and self.profile.ends_by_repeated_response_headers:
            self.violation = self.violation or ServerEnded(
                self.profile.name,
                f"a denial response has more than one {', '.join(repeated)}",
            )
            self.changed.fire()
            raise self.violation

    def _continue_response(self, event: ResponseBody) -> None:
        response = self._response
        if self.profile.denial == "none" and self.profile.ignores_unknown_events:
            return
        if self.stage is Stage.LEFT and self.answer is None:
            self._refuse_gone(self.profile.accept_after_disconnect)
            return
        if response is None or self.stage is not Stage.RESPONDING:
            self._refuse_late("websocket.http.response.body", RESPONSE_START)
        if event.more_body and self.profile.denial == "one part":
            raise RuntimeError(f"{self.profile.name} takes a response in one part")
        self._check_repeated(response.headers)
        response = Denied(
            response.status,
            headers=response.headers,
            body=response.body + event.body,
            complete=not event.more_body,
        )
        self._response = response
        if response.complete:
            self._deny(response, self.profile.after_response)

    def _give_disconnect(self, event: Event, *, is_repeated: bool) -> None:
        self._is_repeated = is_repeated and self.profile.after_disconnect != "blocks"
        self._events.append((event, 0))
        self._arrived.fire()

    # --- What nobody may do ----------------------------------------------------------

    def _refuse(self, breach: Breach) -> NoReturn:
        """Raise, in the application; the client's side looks at `violation`."""
        if not self.profile.enforces_specification:
            raise RuntimeError(str(breach))
        violation = ASGIViolation(breach)
        self.violation = self.violation or violation
        self.changed.fire()
        raise violation

    def _refuse_late(self, kind: str, before: Rule) -> NoReturn:
        """Refuse an event that comes at the wrong time; `before`: before the accept."""
        earlier, rule = {
            Stage.UNANSWERED: ("before the handshake was answered", before),
            Stage.RESPONDING: ("while a denial response was under way", RESPONSE),
            Stage.DENIED: (
                "after the handshake was refused",
                AFTER_REFUSAL if self._response is None else RESPONSE,
            ),
            Stage.OPEN: ("after the handshake was accepted", before),
            Stage.LEFT: ("after the client had gone", AFTER_CLOSE),
            Stage.CLOSED: ("after websocket.close", AFTER_CLOSE),
        }[self.stage]
        self._refuse(Breach(f"{kind} came {earlier}", rule=rule))

    def _refuse_gone(self, policy: SendAfterDisconnect) -> None:
        if policy == "OSError":
            raise ClientGone(_GONE)

    # --- What the client does --------------------------------------------------------

    def take(self) -> Message:
        """Take the next message out of the inbox."""
        message = self.inbox.popleft()
        self._unread -= size_of(message)
        self._drained.fire()
        return message

    @property
    def has_room(self) -> bool:
        """Whether the client can send, or will have to wait."""
        limit = self.profile.receive_buffer
        return limit is None or self._waiting < limit

    @property
    def is_all_read(self) -> bool:
        """Whether the application has taken all events, and waits for another."""
        return not self._events and self.receiving > 0

    def give(self, message: Message) -> None:
        """Send a message to the application."""
        size = size_of(message)
        limit = self.profile.message_limit
        if limit is not None and size > limit + _FRAME:
            self._refuse_long(size - _FRAME)
            return
        is_text = isinstance(message, TextMessage)
        event: dict[str, object] = {"type": "websocket.receive"}
        event["text" if is_text else "bytes"] = message.data
        if self.profile.both_keys:
            event["bytes" if is_text else "text"] = None
        self._waiting += size
        self._events.append((event, size))
        self._arrived.fire()

    def _refuse_long(self, size: int) -> None:
        self._leave(Closed(int(CloseCode.MESSAGE_TOO_BIG)))
        event = event_of_long_message(self.profile, size)
        self._give_disconnect(event, is_repeated=True)

    def close_by_client(self, code: int | None, reason: str) -> Closed:
        """Let the client close."""
        closed = answer_to_client(self.profile, code, reason)
        self._leave(closed)
        event = event_of_client_close(self.profile, code, reason)
        self._give_disconnect(event, is_repeated=True)
        return closed

    def lose(self) -> Closed:
        """Let the connection be lost."""
        profile = self.profile
        was_open = self.stage is Stage.OPEN
        code = profile.code_of_loss if was_open else profile.code_before_accept
        self._leave(LOST)
        self._give_disconnect(
            event_of_refusal(profile, code),
            is_repeated=profile.after_disconnect == "repeats",
        )
        return LOST

    def _leave(self, closed: Closed) -> None:
        self.stage = Stage.LEFT
        self.closed = closed
        self._drained.fire()
        self.changed.fire()

    # --- The end of the application --------------------------------------------------

    def end(self, *, failed: bool) -> None:
        """Draw the conclusions from the end of the application."""
        self.is_over = True
        profile = self.profile
        if self._withheld is not None:
            self.answer = self._withheld
        match self.stage:
            case Stage.UNANSWERED:
                self._end_unanswered(failed=failed)
            case Stage.RESPONDING:
                self._end_responding(failed=failed)
            case Stage.OPEN:
                end = profile.end_of_error if failed else profile.end_of_return
                self._end_open(end)
            case _:
                pass
        self.changed.fire()

    def _end_unanswered(self, *, failed: bool) -> None:
        profile = self.profile
        status = profile.status_of_error if failed else profile.status_of_return
        if not failed:
            self._record("without an answer to the handshake", ANSWER)
        if status is not None:
            self._deny(Denied(status), "blocks")

    def _end_responding(self, *, failed: bool) -> None:
        if self.profile.enforces_specification:
            self.answer = self._response
            if not failed:
                self._record("before its denial response was whole", RESPONSE_START)
        elif self.profile.drops_unfinished_response or self._is_begun():
            self._leave(LOST)
        else:
            self._end_unanswered(failed=failed)

    def _is_begun(self) -> bool:
        # A server that streams sends the head with the first part.
        begun = self._response is not None and bool(self._response.body)
        return begun and self.profile.denial == "streamed"

    def _end_open(self, code: int | str) -> None:
        if isinstance(code, str):
            return
        self.stage = Stage.CLOSED
        is_lost = code == CloseCode.ABNORMAL_CLOSURE
        self.closed = LOST if is_lost else Closed(code)
        self._drained.fire()

    def _record(self, how: str, rule: Rule) -> None:
        if self.profile.enforces_specification:
            breach = Breach(f"the application returned {how}", rule=rule)
            self.violation = self.violation or ASGIViolation(breach)


def size_of(message: Message) -> int:
    """Return what a message takes of a buffer, in bytes."""
    data = message.data
    if isinstance(data, str) and not data.isascii():
        return len(data.encode()) + _FRAME
    return len(data) + _FRAME


def _is_event(event: object) -> TypeIs[Event]:
    return isinstance(event, Mapping)


def _late(event: object) -> Breach:
    kind = event.get("type") if _is_event(event) else event
    return Breach(f"a task that outlived the application sent {kind!a}", rule=SCOPE)


KNOWN: Final = {
    Server.await_event.__code__: "awaiting receive()",
    Server.await_room.__code__: "stuck in send(), as the client does not read,",
}
"""What an application is doing that is in one of these functions."""
