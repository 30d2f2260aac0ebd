"""
The model: a server, a peer and users that do whatever they like, in any order.

Hypothesis chooses what happens and how far the event loop runs in between. After each
step what was promised is compared with what is so.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import ClassVar, Final, TypeAlias

import anyio
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from typing_extensions import override

from tests.model.driver import ALL_TURNS, Driver
from tests.model.operations import NotYetError, Operation, Payload, Role, User
from tests.model.server import Kind, Server
from tests.scripted import Event, PlainCodec, scope
from typedws import (
    ClosedWebSocket,
    ConcurrentReceiveError,
    ConnectedWebSocket,
    DeniedWebSocket,
    Ended,
    ExtensionUnavailable,
    Heartbeat,
    Limits,
    LocalProtocolError,
    ReceiveTimeout,
    RemoteProtocolError,
    SpentStateError,
    UnacceptedWebSocket,
    WebSocketApp,
    WebSocketDisconnect,
    WebSocketScope,
    websocket_app,
)
from typedws.connection import Connection
from typedws.ended import ClosedStateError, closed_websocket, leaves
from typedws.messages import disconnect_of
from typedws.states import begin, has_ended

Call: TypeAlias = Callable[[User], Awaitable[object]]
TimedCall: TypeAlias = Callable[[User, float | None], Awaitable[object]]

ANSWERS: Final[dict[str, Call]] = {
    "accept": User.accept,
    "accept_chosen": User.accept_chosen,
    "accept_wrongly": User.accept_wrongly,
    "refuse": User.refuse,
    "deny": User.deny,
    "deny_in_parts": User.deny_in_parts,
}
RECEIVERS: Final[dict[str, TimedCall]] = {
    "receive": User.receive,
    "receive_text": User.receive_text,
    "receive_bytes": User.receive_bytes,
    "receive_json": User.receive_json,
    "receive_typed": User.receive_typed,
    "read": User.read,
    "iterate": User.iterate,
    "iterate_typed": User.iterate_typed,
    "next_text": User.next_text,
    "receive_each": User.receive_each,
}
SENDERS: Final[dict[str, Call]] = {
    "send": User.send,
    "send_text": User.send_text,
    "send_bytes": User.send_bytes,
    "send_typed": User.send_typed,
    "write": User.write,
}
RUNS: Final[dict[str, Call]] = {
    "run_reader": User.run_reader,
    "run_slowly": User.run_slowly,
    "run_both": User.run_both,
    "run_writer": User.run_writer,
    "run_background": User.run_background,
    "send_each": User.send_each,
}
CLOSES: Final[dict[str, Call]] = {
    "close": User.close,
    "close_wrongly": User.close_wrongly,
    "close_strangely": User.close_strangely,
}
DROPPING: Final = {"run_writer", "send_each"}
"""What drops messages, since nobody is there to receive them."""

CLOSING: Final = {"receive_each", *RUNS, *CLOSES}
"""What may close the connection with messages unread."""

NOTHING: Final[Event] = {}
GARBAGE: Final[tuple[Event, ...]] = (
    {"type": "websocket.receive"},
    {"type": "websocket.receive", "text": None, "bytes": None},
    {"type": "websocket.receive", "text": "1", "bytes": b"1"},
    {"type": "websocket.receive", "text": b"1"},
    {"type": "websocket.receive", "bytes": "1"},
    {"type": "websocket.connect"},
    {"type": "http.request"},
    {"type": None},
    NOTHING,
)
CODES: Final[tuple[Event, ...]] = (
    NOTHING,
    {"code": None},
    {"code": 1000},
    {"code": 1005},
    {"code": 1006},
    {"code": 1012},
    {"code": 4321},
)
REASONS: Final[tuple[Event, ...]] = (NOTHING, {"reason": None}, {"reason": "bye"})
DISCONNECTS: Final[tuple[Event, ...]] = tuple(
    {"type": "websocket.disconnect", **code, **reason}
    for code in CODES
    for reason in REASONS
)
SEND_FAULTS: Final = (
    RuntimeError,
    ValueError,
    TimeoutError,
    OSError,
    ConnectionResetError,
    FileNotFoundError,
)
LOSSES: Final = (OSError, ConnectionResetError)
"""What a `send()` raises to say that the peer has gone."""

TURNS: Final = st.sampled_from([ALL_TURNS] * 3 + [0, 1, 2, 3, 5])
LIMITS: Final = {
    "none": Limits(),
    "some": Limits(idle_timeout=30, send_timeout=3, message_size=1000),
    "narrow": Limits(close_timeout=None, buffer_messages=2),
}
READ_AHEAD: Final = Limits(
    heartbeat=Heartbeat(PlainCodec(), "ping", every=3600, within=3600)
)
"""Only an application has a heartbeat. It never beats here, but it reads ahead."""


class Fault(Exception):
    """A fault of the handler."""


class ConnectionMachine(RuleBasedStateMachine):
    """One connection."""

    driver: ClassVar[Driver]
    kinds: ClassVar[tuple[Kind, ...]] = ("silent", "raising", "legacy", "picky")

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.server = Server("silent")
        self.operations: list[Operation] = []
        self.judged: set[Operation] = set()
        self.expected: list[Payload] = []
        self.ends: list[ClosedWebSocket] = []
        self.disconnects: list[Event] = []
        self.user: User | None = None
        self.app: WebSocketApp | None = None
        self.serving: Operation | None = None
        self.how_to_end = ""
        self.has_garbage = False
        self.has_doubt = False
        self.has_loss = False
        self.has_stuck = False
        self.has_dropped = False
        self.has_ending = False
        self.is_quiet = True
        self.tasks_before = self.driver.count_tasks()
        self.life = self.driver.begin()
        self.ending = self.driver.run(_event)

    # --- The beginning -------------------------------------------------------------

    @initialize(
        data=st.data(),
        limits=st.sampled_from(sorted(LIMITS)),
        is_app=st.booleans(),
        reads_ahead=st.sampled_from([True, False, False, False]),
        offers=st.sampled_from([[], ["chat"]]),
        is_accepted=st.sampled_from([True, True, False]),
    )
    def begin(
        self,
        data: st.DataObject,
        limits: str,
        offers: list[str],
        *,
        is_app: bool,
        reads_ahead: bool,
        is_accepted: bool,
    ) -> None:
        """Let a client come to a server of any kind."""
        kind = data.draw(st.sampled_from(self.kinds))
        self.come(
            kind,
            limits,
            offers,
            is_app=is_app,
            reads_ahead=reads_ahead,
            is_accepted=is_accepted,
        )

    def come(
        self,
        kind: Kind,
        limits: str,
        offers: list[str],
        *,
        is_app: bool,
        reads_ahead: bool = False,
        is_accepted: bool = True,
    ) -> None:
        """Let a client come."""
        self.server = Server(kind)
        extensions: dict[str, object] = (
            {} if kind == "picky" else {"websocket.http.response": {}}
        )
        handshake = scope(subprotocols=offers, extensions=extensions)
        if is_app:
            kept = READ_AHEAD if reads_ahead else LIMITS[limits]
            app = self.app = websocket_app(self.handle, limits=kept)
            self.serving = Operation("app", "other")
            self._start(
                self.serving,
                lambda: app(handshake, self.server.receive, self.server.send),
            )
        else:
            self.user = User(
                *begin(handshake, self.server.receive, self.server.send, LIMITS[limits])
            )
        if is_accepted:
            self._call("accept", "answer", User.accept)

    async def handle(self, websocket: UnacceptedWebSocket) -> Ended:
        """Leave all to the users, until it is time to end."""
        connection: Connection = object.__getattribute__(websocket, "_connection")
        self.user = User(websocket, connection)
        await self.ending.wait()
        if self.how_to_end == "fail":
            raise Fault
        if self.how_to_end == "close" and self.user.connected is not None:
            return await self.user.connected.close()
        return end_of(connection)

    # --- The server and the peer ---------------------------------------------------

    @rule(
        is_text=st.booleans(),
        shape=st.sampled_from(["one", "both"]),
        prefix=st.sampled_from(["", "x"]),
        count=st.sampled_from([1, 1, 4]),
        turns=TURNS,
    )
    def say(
        self, *, is_text: bool, shape: str, prefix: str, count: int, turns: int
    ) -> None:
        """Let the peer send a message, or several at once."""
        if not self.server.is_peer_gone:
            for left in range(count - 1, -1, -1):
                self._say(shape, prefix, turns * (not left), is_text=is_text)

    def _say(self, shape: str, prefix: str, turns: int, *, is_text: bool) -> None:
        text = f"{prefix}{len(self.expected) + 1000}"
        payload = text if is_text else text.encode()
        keys: dict[str, object] = (
            {"text": None, "bytes": None} if shape == "both" else {}
        )
        event = {
            "type": "websocket.receive",
            **keys,
            "text" if is_text else "bytes": payload,
        }

        def act() -> None:
            if self.server.give(event):
                self.expected.append(payload)
            else:
                assert self._closes_handed(), "a message was lost"

        self._step(act, turns)

    @rule(event=st.sampled_from(GARBAGE), turns=TURNS)
    def say_garbage(self, event: Event, turns: int) -> None:
        """Let the server give what it may not."""
        if self.server.is_peer_gone:
            return
        self.has_garbage = True
        self._step(lambda: self.server.give(event), turns)

    @precondition(lambda self: not self.server.is_peer_gone)
    @rule(event=st.sampled_from(DISCONNECTS), turns=TURNS)
    def leave(self, event: Event, turns: int) -> None:
        """Let the peer go."""
        self.disconnects.append(event)
        self._step(lambda: self.server.leave(event), turns)

    @rule(hold=st.sampled_from(["before", "after"]))
    def hold(self, hold: str) -> None:
        """Let sends wait."""
        self.server.hold = "before" if hold == "before" else "after"
        self.has_stuck = True

    @precondition(lambda self: self.server.hold != "no")
    @rule(turns=TURNS)
    def release(self, turns: int) -> None:
        """Let them go on."""
        self._step(self.server.release, turns)

    @rule(kind=st.sampled_from(SEND_FAULTS))
    def fail_to_send(self, kind: type[Exception]) -> None:
        """Let the next send fail."""
        self.has_loss = self.has_loss or issubclass(kind, LOSSES)
        self.server.send_faults.append(kind("send"))

    @rule(kind=st.sampled_from([RuntimeError, OSError, ValueError]), turns=TURNS)
    def fail_to_receive(self, kind: type[Exception], turns: int) -> None:
        """Let the next receive fail, or the one that waits."""
        self._step(lambda: self.server.fail_to_receive(kind("receive")), turns)

    @rule(seconds=st.sampled_from([0.001, 0.1, 0.5, 1, 3, 5, 30]), turns=TURNS)
    def pass_time(self, seconds: float, turns: int) -> None:
        """Let time pass."""
        if self.how_to_end and not self.is_quiet:
            # Before the end was tried, its deadline may have passed.
            self.has_stuck = True
        self._step(lambda: self.driver.jump(seconds), turns)

    # --- The users -----------------------------------------------------------------

    @precondition(lambda self: self.user is not None)
    @rule(name=st.sampled_from(sorted(ANSWERS)), turns=TURNS)
    def answer(self, name: str, turns: int) -> None:
        """Answer the handshake."""
        self._call(name, "answer", ANSWERS[name], turns)

    @precondition(lambda self: self.is_open())
    @rule(
        name=st.sampled_from(sorted(RECEIVERS)),
        timeout=st.sampled_from([None, None, 0, 0.1, 5]),
        turns=TURNS,
    )
    def receive(self, name: str, timeout: float | None, turns: int) -> None:
        """Receive."""
        self._call(
            name,
            "receive",
            lambda user: RECEIVERS[name](user, timeout),
            turns,
            is_timed=timeout is not None,
        )

    @precondition(lambda self: self.is_open())
    @rule(name=st.sampled_from(sorted(SENDERS)), turns=TURNS)
    def send(self, name: str, turns: int) -> None:
        """Send."""
        self._call(name, "send", SENDERS[name], turns)

    @precondition(lambda self: self.is_open())
    @rule(name=st.sampled_from(sorted(RUNS)), turns=TURNS)
    def run_jobs(self, name: str, turns: int) -> None:
        """Receive and send at once."""
        self.has_dropped = self.has_dropped or name in DROPPING
        self._call(name, "run", RUNS[name], turns)

    @precondition(lambda self: self.is_open())
    @rule(name=st.sampled_from(sorted(CLOSES)), turns=TURNS)
    def close(self, name: str, turns: int) -> None:
        """Close."""
        self._call(name, "close", CLOSES[name], turns)

    @precondition(lambda self: self.in_flight())
    @rule(data=st.data(), is_native=st.booleans(), turns=TURNS)
    def cancel(self, data: st.DataObject, is_native: bool, turns: int) -> None:
        """Cancel a call, by its scope or as asyncio does it."""
        operation = data.draw(st.sampled_from(self.in_flight()))
        self._cancel(operation, turns, is_native=is_native)

    @precondition(lambda self: self.serving is not None and not self.how_to_end)
    @rule(how=st.sampled_from(["return", "fail", "close"]), turns=TURNS)
    def end(self, how: str, turns: int) -> None:
        """Let the handler end."""
        self.how_to_end = how
        self._step(self.ending.set, turns)

    @precondition(lambda self: self.app is not None)
    @rule(deadline=st.sampled_from([0, 1, 10]), turns=TURNS)
    def drain(self, deadline: float, turns: int) -> None:
        """Let the application be drained."""
        app = self.app
        assert app is not None
        self.how_to_end = self.how_to_end or "drain"
        self._call("drain", "other", lambda _: app.drain(deadline=deadline), turns)

    # --- What is promised ----------------------------------------------------------

    @invariant()
    def the_server_was_asked_for_nothing_illegal(self) -> None:
        """By the rules of ASGI, and by those that servers have beside them."""
        assert [] == self.server.breaches

    @invariant()
    def nothing_is_lost_or_reordered(self) -> None:
        """What was received is what was sent, from the first on."""
        if self.user is None:
            return
        heard = self.user.heard
        if self.has_dropped:
            rest = iter(self.expected)
            assert all(payload in rest for payload in heard)
        else:
            assert heard == self.expected[: len(heard)]

    @invariant()
    def what_is_sent_is_sent_once(self) -> None:
        """And what was said to be sent was taken."""
        if self.user is None:
            return
        handed, taken = map(_payloads, (self.server.handed, self.server.taken))

        assert len(handed) == len(set(handed))
        assert set(self.user.sent) <= set(taken)

    @invariant()
    def every_call_ends_as_it_may(self) -> None:
        """Each result and each error has its cause."""
        for operation in self.operations:
            if operation.is_done and operation not in self.judged:
                self.judged.add(operation)
                self._judge(operation)

    @invariant()
    def the_state_is_the_true_one(self) -> None:
        """As far as anybody can know."""
        if self.user is None:
            return
        current, stage = self.user.connection.current, self.server.stage
        if isinstance(current, ClosedWebSocket):
            self._judge_end(current)
        if isinstance(current, ConnectedWebSocket) and self.user.connected is not None:
            assert current is self.user.connected
        if self.is_quiet and not self.in_flight("answer", "close", "run", "other"):
            if self.has_doubt or self.has_loss or self.has_garbage or self.how_to_end:
                return
            if self.in_flight("send") and self._closes_handed():
                return  # a send that took too long is closing
            if isinstance(current, UnacceptedWebSocket):
                assert stage == "connecting"
            elif isinstance(current, ConnectedWebSocket):
                assert stage == "open"
            elif isinstance(current, DeniedWebSocket):
                assert stage in {"responding", "over"}

    # --- The end -------------------------------------------------------------------

    @override
    def teardown(self) -> None:
        """Let all end, and see that it does."""
        try:
            if self.user is not None:
                self._end_all(self.user)
        finally:
            self.driver.run(self.life.end)
            self.driver.step(_nothing)
        assert self.tasks_before == self.driver.count_tasks()

    def _end_all(self, user: User) -> None:
        self.server.send_faults.clear()
        self.server.receive_faults.clear()
        self._step(self.server.release)
        self._pass_all_time()
        if isinstance(user.connection.current, (ClosedWebSocket, DeniedWebSocket)):
            waiting = [one for one in self.in_flight() if one is not self.serving]
            # A close that has failed as if the peer had gone, though it has not, tells
            # nobody: a server that knows of no end gives none to who receives.
            assert self.has_loss or not waiting
        for operation in self.in_flight():
            if operation is not self.serving:
                self._cancel(operation)
        self._hear_the_rest(user)
        self._end_the_connection(user)
        self._check_all()
        assert [] == self.in_flight()

    def _hear_the_rest(self, user: User) -> None:
        if user.connected is None:
            return
        if isinstance(user.connection.current, ConnectedWebSocket):
            for _ in range(len(self.expected) + 2):
                self._call(
                    "rest", "receive", lambda user: user.receive(1), is_timed=True
                )
                self._pass_all_time()
        # An end that the peer has made may not be reached before the last message.
        if not (self.has_dropped or self.has_garbage or self._was_closed()):
            assert self.expected == user.heard

    def _end_the_connection(self, user: User) -> None:
        if self.serving is not None:
            self.how_to_end = self.how_to_end or "return"
            self._step(self.ending.set)
        elif isinstance(user.connection.current, ConnectedWebSocket):
            self._call("close", "close", User.close)
        elif isinstance(user.connection.current, UnacceptedWebSocket):
            self._call("refuse", "answer", User.refuse)
        self._pass_all_time()
        self._pass_all_time()
        if self.serving is None or not self._was_kept_from_ending(self.serving):
            assert has_ended(user.connection)

    def _was_kept_from_ending(self, serving: Operation) -> bool:
        # A server may raise, or not take the end in time. And nothing is a shield
        # against a task of asyncio that is cancelled again.
        is_cut = serving.is_native and self.has_ending
        return bool(self.server.raised) or self.has_stuck or is_cut

    def _pass_all_time(self) -> None:
        for seconds in (0.01, 0.2, 1.1, 2, 5.1, 8, 20):
            self.driver.pass_time(seconds)
        self.is_quiet = True

    def _check_all(self) -> None:
        self.the_server_was_asked_for_nothing_illegal()
        self.nothing_is_lost_or_reordered()
        self.what_is_sent_is_sent_once()
        self.every_call_ends_as_it_may()
        self.the_state_is_the_true_one()

    # --- Steps ---------------------------------------------------------------------

    def is_open(self) -> bool:
        """Tell whether there is, or was, an open connection."""
        return self.user is not None and self.user.connected is not None

    def in_flight(self, *roles: Role) -> list[Operation]:
        """Give the calls that have not ended."""
        return [
            one
            for one in self.operations
            if not one.is_done
            and (not roles or (one.role in roles and one is not self.serving))
        ]

    def _step(self, act: Callable[[], object], turns: int = ALL_TURNS) -> None:
        self.driver.step(act, turns)
        self.is_quiet = turns == ALL_TURNS

    def _call(
        self,
        name: str,
        role: Role,
        call: Call,
        turns: int = ALL_TURNS,
        *,
        is_timed: bool = False,
    ) -> None:
        user = self.user
        assert user is not None
        operation = Operation(name, role, is_timed=is_timed)
        for other in self.in_flight():
            other.beside.add(role)
            operation.beside.add(other.role)
        self._start(operation, lambda: call(user), turns)

    def _start(
        self,
        operation: Operation,
        call: Callable[[], Awaitable[object]],
        turns: int = ALL_TURNS,
    ) -> None:
        self.operations.append(operation)
        self._step(
            lambda: self.life.tasks.start_soon(
                operation.make, call, name=operation.name
            ),
            turns,
        )

    def _cancel(
        self, operation: Operation, turns: int = ALL_TURNS, *, is_native: bool = False
    ) -> None:
        self.has_doubt = self.has_doubt or operation.role != "receive"
        if operation is self.serving:
            self.has_ending = self.has_ending or bool(self.how_to_end)
            self.how_to_end = self.how_to_end or "cancel"
        self._step(lambda: operation.cancel(is_native=is_native), turns)

    def _closes_handed(self) -> list[Event]:
        return [one for one in self.server.handed if one["type"] == "websocket.close"]

    def _was_closed(self) -> bool:
        return bool(self._closes_handed()) or any(
            one.name in CLOSING for one in self.operations
        )

    # --- Judging -------------------------------------------------------------------

    def _judge(self, operation: Operation) -> None:
        if operation.error is not None:
            for leaf in leaves(operation.error):
                assert self._may_raise(operation, leaf), (operation, leaf)
        result = operation.result
        if isinstance(result, ClosedWebSocket):
            self._judge_end(result)
        if isinstance(result, DeniedWebSocket):
            assert self.user is not None
            assert result is self.user.connection.current

    def _may_raise(self, operation: Operation, error: BaseException) -> bool:
        if any(error is raised for raised in self.server.raised):
            return True
        if isinstance(error, WebSocketDisconnect):
            self._judge_end(error.closed)
            is_ours = error.closed.closed_by == "server"
            return is_ours or not isinstance(error, ClosedStateError)
        causes = self._causes(operation).items()
        return next((may for kind, may in causes if isinstance(error, kind)), False)

    def _causes(self, operation: Operation) -> dict[type[Exception], bool]:
        """Say of each error whether a call may raise it; the first that fits counts."""
        user = self.user
        is_answer = operation.role == "answer"
        is_left = user is not None and user.connection.current is not user.websocket
        is_second = "answer" in operation.beside or bool(self.how_to_end)
        return {
            ReceiveTimeout: operation.is_timed,
            ConcurrentReceiveError: bool({"receive", "run"} & operation.beside),
            SpentStateError: is_answer and is_left,
            LocalProtocolError: operation.name.endswith("wrongly")
            or (is_answer and (is_second or self.has_doubt)),
            RemoteProtocolError: self.has_garbage,
            ExtensionUnavailable: self.server.kind == "picky",
            LookupError: operation.name == "run_background",
            Fault: operation.name == "app",
            NotYetError: True,
        }

    def _judge_end(self, closed: ClosedWebSocket) -> None:
        self.ends.append(closed)
        assert closed is self.ends[0], "a connection has one end"
        end = (closed.code, closed.reason, closed.closed_by)
        assert end in set(self._possible_ends()), end
        told = self._told()
        if told is not None and not any(end == one for one in self._ends_by_the_peer()):
            assert end in {(*told, "server"), (1006, "", "network")}, (end, told)

    def _told(self) -> tuple[object, object] | None:
        # The first close that the server took is the one that the peer got.
        kinds = [event["type"] for event in self.server.taken]
        if "websocket.accept" not in kinds or "websocket.close" not in kinds:
            return None
        close = self.server.taken[kinds.index("websocket.close")]
        return close["code"], close["reason"]

    def _possible_ends(self) -> Iterator[tuple[int, str, str]]:
        is_vague = self.has_garbage or self.has_loss or self.has_doubt or self.has_stuck
        is_vague = is_vague or self.server.is_peer_gone or bool(self.how_to_end)
        for event in self.server.handed if is_vague else self.server.taken:
            if event["type"] == "websocket.close":
                yield int(str(event["code"])), str(event["reason"]), "server"
        yield from self._ends_by_the_peer()
        if self.has_loss or self.has_stuck or self.server.is_peer_gone:
            yield 1006, "", "network"

    def _ends_by_the_peer(self) -> Iterator[tuple[int, str, str]]:
        for event in self.disconnects:
            code, reason = disconnect_of(event) or (0, "")
            who = "network" if code == 1006 else "client"
            yield code, reason, "server" if code == 1012 and not reason else who


def _nothing() -> None:
    pass


def end_of(connection: Connection) -> Ended:
    """Return the end of a connection, or that of another one, which is a mistake."""
    current = connection.current
    if isinstance(current, (ClosedWebSocket, DeniedWebSocket)):
        return current
    return closed_websocket(WebSocketScope(scope()), 1000, "", "server")


async def _event() -> anyio.Event:
    return anyio.Event()


def _payloads(events: list[Event]) -> list[str]:
    return [
        _text(event.get("text") or event.get("bytes"))
        for event in events
        if event["type"] == "websocket.send"
    ]


def _text(payload: object) -> str:
    return payload.decode() if isinstance(payload, bytes) else str(payload)
