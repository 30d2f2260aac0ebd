"""Tests of the machine: what can be done in which state, and use of a spent one."""

import copy
import gc
import inspect
import weakref
from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    ItemsView,
    KeysView,
    ValuesView,
)
from contextlib import suppress
from typing import Final, Literal, Self, TypeAlias, TypeVar

import anyio
import pytest
from attrs import frozen
from attrs.exceptions import FrozenInstanceError

from tests.scripted import (
    BrokenRule,
    Call,
    Event,
    PlainCodec,
    ScriptedServer,
    binary,
    call,
    connected,
    disconnect,
    failing,
    record,
    scope,
    server,
    settle,
    text,
)
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    LocalProtocolError,
    SpentStateError,
    TextMessage,
    TypedWebSocket,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)
from typedws.states import begin, end, has_ended

pytestmark = pytest.mark.anyio

State: TypeAlias = UnacceptedWebSocket | ConnectedWebSocket | Ended
Result = TypeVar("Result")


# --- Which method is there in which state ------------------------------------------


@frozen()
class Use:
    """How a method is used: with which arguments, and what comes of it."""

    result: type[object]
    arguments: tuple[object, ...] = ()


async def do_nothing(_: object) -> None:
    """Be what is run, for a moment."""


def nothing() -> AsyncIterator[TextMessage]:
    """Give no messages."""
    return aiter(NoMessages())


class NoMessages:
    """An iterator that ends at once, as often as it is asked."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> TextMessage:
        raise StopAsyncIteration


READING: Final[dict[str, Use]] = {
    "get": Use(str, ("path",)),
    "items": Use(ItemsView),
    "keys": Use(KeysView),
    "values": Use(ValuesView),
}
"""The methods that every state has: they read what the handshake said."""

METHODS: Final[dict[type[State], dict[str, Use]]] = {
    UnacceptedWebSocket: {
        **READING,
        "accept": Use(ConnectedWebSocket),
        "close": Use(DeniedWebSocket),
        "negotiate": Use(str, (Literal["chat"],)),
        "send_denial_response": Use(DeniedWebSocket, (DenialResponse(404),)),
    },
    ConnectedWebSocket: {
        **READING,
        "__aiter__": Use(AsyncIterator),
        "close": Use(ClosedWebSocket, (4000, "bye")),
        "iter_bytes": Use(AsyncIterator),
        "iter_json": Use(AsyncIterator, ("binary",)),
        "iter_messages": Use(AsyncIterator),
        "iter_text": Use(AsyncIterator),
        "receive": Use(TextMessage),
        "receive_bytes": Use(bytes),
        "receive_each": Use(ClosedWebSocket, (do_nothing,)),
        "receive_json": Use(int),
        "receive_text": Use(str),
        "run": Use(ClosedWebSocket, (do_nothing,)),
        "send": Use(type(None), (TextMessage("a"),)),
        "send_bytes": Use(type(None), (b"a",)),
        "send_each": Use(ClosedWebSocket, (nothing(),)),
        "send_json": Use(type(None), ({"a": 1},)),
        "send_text": Use(type(None), ("a",)),
        "split": Use(tuple),
        "typed": Use(TypedWebSocket, (PlainCodec(),)),
    },
    ClosedWebSocket: READING,
    DeniedWebSocket: READING,
}
"""The methods of each state."""

ATTRIBUTES: Final[dict[type[State], set[str]]] = {
    UnacceptedWebSocket: set(),
    ConnectedWebSocket: {"subprotocol"},
    ClosedWebSocket: {"clean", "closed_by", "code", "reason"},
    DeniedWebSocket: {"response_sent", "status"},
}
"""What a state tells beside the handshake."""

HANDSHAKE: Final = {
    "app",
    "auth",
    "client",
    "cookies",
    "cookies_as",
    "headers",
    "headers_as",
    "path_params",
    "path_params_as",
    "query_params",
    "query_params_as",
    "scope",
    "state",
    "state_as",
    "subprotocols",
    "url",
    "user",
}
"""What every state tells of the handshake."""


async def in_state(state: type[State], *events: Event) -> State:
    """Make a connection that is in a state."""
    websocket = server(*events).websocket(subprotocols=["chat"])
    if state is UnacceptedWebSocket:
        return websocket
    if state is DeniedWebSocket:
        return await websocket.close()
    connection = await websocket.accept("chat")
    return connection if state is ConnectedWebSocket else await connection.close()


@pytest.mark.parametrize(
    "method", sorted({m for uses in METHODS.values() for m in uses})
)
@pytest.mark.parametrize("state", METHODS, ids=lambda state: state.__name__)
async def test_a_method_works_in_its_states_and_is_not_there_in_the_others(
    state: type[State], method: str
) -> None:
    """That is the promise of the library, so it is tested for every pair."""
    event = binary(b"1") if method == "receive_bytes" else text("1")
    websocket = await in_state(state, event, disconnect())
    use = METHODS[state].get(method)
    if use is None:
        assert not hasattr(websocket, method)
        return

    bound: Callable[[*tuple[object, ...]], object] = getattr(websocket, method)
    result = bound(*use.arguments)
    if inspect.isawaitable(result):
        result = await result

    assert isinstance(result, use.result)


@pytest.mark.parametrize("state", METHODS, ids=lambda state: state.__name__)
async def test_a_state_has_these_public_names_and_no_more(state: type[State]) -> None:
    """So the table above is complete."""
    expected = HANDSHAKE | ATTRIBUTES[state] | {*METHODS[state]} - {"__aiter__"}
    if state is ConnectedWebSocket:
        expected |= {"wait_draining"}  # which waits for ever without an application

    assert expected == {name for name in dir(state) if not name.startswith("_")}


@pytest.mark.parametrize("state", METHODS, ids=lambda state: state.__name__)
async def test_a_state_is_immutable_and_equal_to_itself_alone(
    state: type[State],
) -> None:
    """States can be kept in sets, as those who broadcast do."""
    websocket, other = await in_state(state), await in_state(state)

    assert websocket == websocket  # noqa: PLR0124 - this is what is tested
    assert websocket != other
    assert 2 == len({websocket, other, websocket})
    with pytest.raises(FrozenInstanceError):
        websocket.scope = other.scope  # type: ignore[misc]  # ty: ignore[invalid-assignment]
    with pytest.raises(AttributeError):
        websocket.anything = 1  # type: ignore[union-attr]  # ty: ignore[invalid-assignment]


# --- An unaccepted state that was left ---------------------------------------------


async def out_of_sight(
    websocket: UnacceptedWebSocket,
    spend: Callable[[UnacceptedWebSocket], Awaitable[Result]],
) -> Result:
    """Spend a state where no type checker sees it: in a call that it is handed to."""
    return await spend(websocket)


async def leave_by_accept() -> UnacceptedWebSocket:
    """Accept."""
    websocket = server().websocket()
    await out_of_sight(websocket, UnacceptedWebSocket.accept)
    return websocket


async def leave_by_accept_and_close() -> UnacceptedWebSocket:
    """Accept, and close the connection."""
    websocket = server().websocket()
    await (await out_of_sight(websocket, UnacceptedWebSocket.accept)).close()
    return websocket


async def leave_by_close() -> UnacceptedWebSocket:
    """Refuse."""
    websocket = server().websocket()
    await out_of_sight(websocket, UnacceptedWebSocket.close)
    return websocket


async def leave_by_denial() -> UnacceptedWebSocket:
    """Refuse with a response."""
    websocket = server().websocket()
    await out_of_sight(
        websocket, lambda left: left.send_denial_response(DenialResponse(404))
    )
    return websocket


async def leave_by_violation() -> UnacceptedWebSocket:
    """Let the server break ASGI."""
    websocket = ScriptedServer(deque([text("too early")])).websocket()
    await record([], websocket.accept)
    return websocket


SPENT: Final = [
    pytest.param(
        leave_by_accept,
        "accept() was already called on it; use the ConnectedWebSocket that came of it",
        id="accept",
    ),
    pytest.param(
        leave_by_accept_and_close,
        "accept() was already called on it; use the ConnectedWebSocket that came of it",
        id="accept, and a close later",
    ),
    pytest.param(
        leave_by_close,
        "close() was already called on it; use the DeniedWebSocket that came of it",
        id="close",
    ),
    pytest.param(
        leave_by_denial,
        "send_denial_response() was already called on it; use the DeniedWebSocket "
        "that came of it",
        id="send_denial_response",
    ),
    pytest.param(
        leave_by_violation,
        "the server broke ASGI during the handshake; use the DeniedWebSocket that came "
        "of it",
        id="violation",
    ),
]


@pytest.mark.parametrize(("leave", "story"), SPENT)
@pytest.mark.parametrize("method", ["accept", "close", "send_denial_response"])
async def test_an_unaccepted_state_that_was_left_is_spent(
    leave: Callable[[], Awaitable[UnacceptedWebSocket]], story: str, method: str
) -> None:
    """The sentence says what left it, and what to use instead."""
    websocket = await leave()
    answers: dict[str, Callable[[], Awaitable[object]]] = {
        "accept": websocket.accept,
        "close": websocket.close,
        "send_denial_response": lambda: websocket.send_denial_response(
            DenialResponse()
        ),
    }

    with pytest.raises(SpentStateError) as caught:
        await answers[method]()

    assert isinstance(caught.value, LocalProtocolError)
    assert isinstance(caught.value, RuntimeError)
    assert f"{method}() was called on a spent UnacceptedWebSocket: {story}" == str(
        caught.value
    )


@pytest.mark.parametrize(("leave", "story"), SPENT)
async def test_an_unaccepted_state_that_was_left_still_reads(
    leave: Callable[[], Awaitable[UnacceptedWebSocket]], story: str
) -> None:
    """Reading never depends on the state, and negotiating is reading."""
    websocket = await leave()

    assert "/chat" == websocket["path"]
    assert None is websocket.negotiate(Literal["chat"])


# --- A connected state that was left -----------------------------------------------


SENDERS: Final = [
    pytest.param(call(lambda websocket: websocket.send(TextMessage("a"))), id="send"),
    pytest.param(call(lambda websocket: websocket.send_text("a")), id="send_text"),
    pytest.param(call(lambda websocket: websocket.send_bytes(b"a")), id="send_bytes"),
    pytest.param(call(lambda websocket: websocket.send_json("a")), id="send_json"),
]

TYPED_RECEIVERS: Final = [
    pytest.param(ConnectedWebSocket.receive_text, id="receive_text"),
    pytest.param(ConnectedWebSocket.receive_bytes, id="receive_bytes"),
    pytest.param(ConnectedWebSocket.receive_json, id="receive_json"),
]


async def after_the_peers_end() -> tuple[
    ConnectedWebSocket, ClosedWebSocket, ScriptedServer
]:
    """Make a connection that the peer has ended, with a server that must rest."""
    scripted = server(disconnect(4001, "bye"))
    websocket = await connected(scripted)
    closed = await websocket.receive()
    assert isinstance(closed, ClosedWebSocket)
    scripted.fault = BrokenRule("receive() was called")
    scripted.on_send = failing(BrokenRule("send() was called"))
    return websocket, closed, scripted


@pytest.mark.parametrize("use", [*SENDERS, *TYPED_RECEIVERS])
async def test_after_the_peers_end_every_use_is_told_of_the_same_end(use: Call) -> None:
    """It is no mistake of the caller's, so it is no SpentStateError."""
    websocket, closed, scripted = await after_the_peers_end()

    with pytest.raises(WebSocketDisconnect) as caught:
        await use(websocket)

    assert WebSocketDisconnect is type(caught.value)
    assert closed is caught.value.closed
    assert [] == scripted.handed


async def test_after_the_peers_end_what_returns_the_end_returns_it_again() -> None:
    """The same object, from receive() as from close()."""
    websocket, closed, scripted = await after_the_peers_end()

    for _ in range(2):
        assert closed is await websocket.receive()
        assert closed is await websocket.close(1011, "late")
    assert [] == scripted.handed


async def test_after_the_peers_end_every_iterator_ends() -> None:
    """Those from before as well as new ones."""
    websocket, _, scripted = await after_the_peers_end()
    iterators: list[AsyncIterator[object]] = [
        aiter(websocket),
        websocket.iter_text(),
        websocket.iter_bytes(),
        websocket.iter_json(),
    ]

    for iterator in iterators:
        for _ in range(2):
            assert "over" == await anext(iterator, "over")
    assert [] == scripted.handed


@pytest.mark.parametrize("state", METHODS, ids=lambda state: state.__name__)
async def test_a_copy_of_a_state_is_that_state(state: type[State]) -> None:
    """There is one object for each state of a connection."""
    websocket = await in_state(state)

    assert websocket is copy.copy(websocket)
    assert websocket is copy.deepcopy(websocket)


# --- The end that others see to ----------------------------------------------------


async def test_an_unanswered_handshake_is_ended_with_a_response() -> None:
    """Or with a plain refusal: without a response, or where it can't be sent."""
    ends: list[tuple[DenialResponse | None, object, object]] = [
        (DenialResponse(500), {"websocket.http.response": {}}, (500, True)),
        (DenialResponse(500), {}, (403, False)),
        (None, {"websocket.http.response": {}}, (403, True)),
    ]
    for denial, extensions, expected in ends:
        scripted = server()
        _, connection = begin(
            scope(extensions=extensions), scripted.receive, scripted.send
        )

        await end(connection, code=1011, denial=denial)

        assert isinstance(connection.current, DeniedWebSocket)
        denied = connection.current
        assert expected == (denied.status, denied.response_sent)
        assert has_ended(connection)


@pytest.mark.parametrize("is_refused", [False, True])
async def test_a_handshake_that_a_task_is_answering_is_ended_after_that(
    is_refused: bool,
) -> None:
    """Whatever comes of the answer, the connection is over in the end."""
    scripted = server()
    scripted.gate = anyio.Event()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, list[object](), websocket.accept)
        await settle()
        scripted.on_send = failing(*[ValueError("refused")] * is_refused)
        for _ in range(2):
            tasks.start_soon(record, list[object](), lambda: end(connection))
        await settle()
        assert 1 == len(scripted.handed)
        scripted.gate.set()

    assert has_ended(connection)
    assert ["websocket.accept", "websocket.close"] == [
        event["type"] for event in scripted.handed
    ]
    assert is_refused == isinstance(connection.current, DeniedWebSocket)


async def test_an_open_connection_is_ended_with_a_close_and_only_once() -> None:
    """What is over already stays as it is."""
    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    connected = await websocket.accept()
    assert not has_ended(connection)

    await end(connection, code=1011, reason="fault", denial=DenialResponse(500))
    await end(connection, code=1000)

    assert has_ended(connection)
    closed = await connected.close()
    assert (1011, "fault") == (closed.code, closed.reason)
    assert ["websocket.accept", "websocket.close"] == scripted.sent_types()


# --- What is left of a connection --------------------------------------------------


async def test_a_connection_that_is_over_needs_no_garbage_collector() -> None:
    """What it holds, buffers of the server among them, is freed at once."""
    scripted = server(text("a"), text("b"), disconnect(4001))
    scripted.on_send = failing(OSError())

    async def handler() -> tuple["weakref.ref[object]", Ended]:
        websocket, connection = begin(scope(), scripted.receive, scripted.send)
        scripted.on_send = failing()
        connected = await websocket.accept()
        scripted.on_send = failing(OSError())
        with suppress(WebSocketDisconnect):
            await connected.send_text("lost")
        async for _ in connected:
            pass
        return weakref.ref(connection), await connected.close()

    gc.collect()
    gc.disable()
    try:
        connection, ended = await handler()

        assert isinstance(ended, ClosedWebSocket)
        assert None is connection()
    finally:
        gc.enable()


async def test_a_connection_that_was_given_up_is_left_to_the_garbage_collector() -> (
    None
):
    """Before the end the state and what it shares know each other."""

    async def handler() -> "weakref.ref[object]":
        scripted = server()
        websocket, connection = begin(scope(), scripted.receive, scripted.send)
        await websocket.accept()
        return weakref.ref(connection)

    connection = await handler()
    gc.collect()

    assert None is connection()
