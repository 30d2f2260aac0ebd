"""Tests of `UnacceptedWebSocket`: the answer to a handshake."""

import typing
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeAlias, assert_type, cast

import anyio
import anyio.lowlevel
import pytest
import typing_extensions
from typing_extensions import TypeAliasType, TypeForm

from tests.scripted import (
    CONNECT,
    Event,
    ScriptedServer,
    cancel_when_blocked,
    disconnect,
    failing,
    record,
    scope,
    server,
    settle,
    text,
)
from typedws import (
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Headers,
    HeadersInput,
    LocalProtocolError,
    RemoteProtocolError,
    SpentStateError,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketDisconnect,
)
from typedws.states import begin, end

pytestmark = pytest.mark.anyio

ACCEPT: Final[Event] = {"type": "websocket.accept", "subprotocol": None, "headers": []}
REFUSAL: Final = {"type": "websocket.close", "code": 1000, "reason": ""}

Answer: TypeAlias = Callable[[UnacceptedWebSocket], Awaitable[object]]


async def deny(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """Answer with an HTTP response."""
    return await websocket.send_denial_response(DenialResponse(404))


ANSWERS: Final = [
    pytest.param(UnacceptedWebSocket.accept, id="accept"),
    pytest.param(UnacceptedWebSocket.close, id="close"),
    pytest.param(deny, id="send_denial_response"),
]


# --- accept ------------------------------------------------------------------------


async def test_accept_takes_the_connect_event_and_sends_an_accept() -> None:
    """Every optional key is sent: some servers raise KeyError without it."""
    scripted = server()

    connected = await scripted.websocket().accept()

    assert isinstance(connected, ConnectedWebSocket)
    assert [ACCEPT] == scripted.sent
    assert deque() == scripted.events


async def test_accept_sends_the_subprotocol_and_the_headers() -> None:
    """Names are sent in lower case, as ASGI asks, and repeated names are kept."""
    scripted = server()
    websocket = scripted.websocket(subprotocols=["chat.v1", "chat.v2"])

    connected = await websocket.accept(
        "chat.v2", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    )

    assert "chat.v2" == connected.subprotocol
    assert [
        {
            "type": "websocket.accept",
            "subprotocol": "chat.v2",
            "headers": [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")],
        }
    ] == scripted.sent


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-Chat": "1"}, id="mapping"),
        pytest.param([("X-Chat", "1")], id="pairs of str"),
        pytest.param([(b"X-Chat", b"1")], id="pairs of bytes"),
        pytest.param(Headers([(b"X-Chat", b"1")]), id="Headers"),
    ],
)
async def test_accept_takes_headers_in_several_spellings(
    headers: HeadersInput,
) -> None:
    """All spellings of a header come out the same."""
    scripted = server()

    await scripted.websocket().accept(headers=headers)

    assert [{**ACCEPT, "headers": [(b"x-chat", b"1")]}] == scripted.sent


@pytest.mark.parametrize(
    ("subprotocol", "offered", "sentence"),
    [
        pytest.param(
            "chat.v3",
            ["chat.v1", "chat.v2"],
            "accept(): the client does not offer the subprotocol 'chat.v3', but 2 "
            "others (see `subprotocols`); choose with negotiate()",
            id="not offered",
        ),
        pytest.param(
            "chat",
            [],
            "accept(): the client does not offer the subprotocol 'chat', but none (see "
            "`subprotocols`); choose with negotiate()",
            id="none offered",
        ),
        pytest.param(
            "",
            [""],
            "accept(): the client offers the subprotocol '', which is no token "
            "(RFC 6455, section 4.1) and can't be accepted",
            id="empty",
        ),
        pytest.param(
            "a\r\nb",
            ["a\r\nb"],
            r"accept(): the client offers the subprotocol 'a\r\nb', which is no token "
            "(RFC 6455, section 4.1) and can't be accepted",
            id="with a line break",
        ),
    ],
)
async def test_accept_refuses_a_subprotocol_that_the_client_can_not_take(
    subprotocol: str, offered: list[str], sentence: str
) -> None:
    """Nothing is sent, and the handshake can still be answered."""
    scripted = server()
    websocket = scripted.websocket(subprotocols=offered)

    with pytest.raises(LocalProtocolError) as caught:
        await websocket.accept(subprotocol)

    assert sentence == str(caught.value)
    assert [] == scripted.handed
    await websocket.accept()


async def test_accept_refuses_a_subprotocol_that_is_no_text() -> None:
    """Bytes kill a server (hypercorn on trio), so they do not get there."""
    scripted = server()
    websocket = scripted.websocket(subprotocols=["chat"])
    chat: object = b"chat"

    with pytest.raises(TypeError, match=r"^a subprotocol is a str, not bytes$"):
        await websocket.accept(chat)  # type: ignore[call-overload]  # ty: ignore[no-matching-overload]

    assert [] == scripted.handed


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        pytest.param(
            "Sec-WebSocket-Protocol",
            "accept(): the header b'sec-websocket-protocol' belongs to the handshake, "
            "which the server writes",
            id="of the handshake",
        ),
        pytest.param(
            "Connection",
            "accept(): the header b'connection' is about the connection, which the "
            "server rules (RFC 9110, 7.6.1)",
            id="hop by hop",
        ),
        pytest.param(
            "Content-Length",
            "accept(): the header b'content-length' does not belong here",
            id="of a body",
        ),
        pytest.param(
            "X\r\nSet-Cookie",
            r"accept(): the header b'x\r\nset-cookie' has a name that HTTP forbids "
            r"(RFC 9110, section 5.1)",
            id="a line break in the name",
        ),
    ],
)
async def test_accept_refuses_a_header_that_does_not_belong_to_it(
    name: str, sentence: str
) -> None:
    """Nothing is sent, and the handshake can still be answered."""
    scripted = server()
    websocket = scripted.websocket()

    with pytest.raises(LocalProtocolError) as caught:
        await websocket.accept(headers={name: "1"})

    assert sentence == str(caught.value)
    assert [] == scripted.handed
    await websocket.accept()


async def test_accept_refuses_a_line_break_in_a_value() -> None:
    """Some servers would write it as it is."""
    scripted = server()

    with pytest.raises(LocalProtocolError, match="has a value that HTTP forbids"):
        await scripted.websocket().accept(headers={"x": "1\r\nset-cookie: a=1"})

    assert [] == scripted.handed


# --- negotiate ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (["chat.v1", "chat.v2"], "chat.v2"),
        (["chat.v1"], "chat.v1"),
        (["other", "chat.v1"], "chat.v1"),
        (["CHAT.V2"], None),
        ([], None),
    ],
)
async def test_negotiate_chooses_the_best_name_that_is_offered(
    offered: list[str], expected: str | None
) -> None:
    """The order of the application counts, not that of the client."""
    websocket = server().websocket(subprotocols=offered)

    chosen = websocket.negotiate(Literal["chat.v2", "chat.v1"])

    assert_type(chosen, Literal["chat.v2", "chat.v1"] | None)
    assert expected == chosen


Names: TypeAlias = Literal["chat.v2", "chat.v1"]
OtherNames = TypeAliasType("OtherNames", Literal["chat.v2", "chat.v1"])

# What the statement `type ThirdNames = ...` of Python 3.12 makes.
STANDARD: Final = "TypeAliasType"
HOME: Final = typing if hasattr(typing, STANDARD) else typing_extensions
alias: Callable[[str, object], TypeForm[Literal["chat.v2", "chat.v1"]]] = getattr(
    HOME, STANDARD
)
ThirdNames: Final = alias("ThirdNames", Literal["chat.v2", "chat.v1"])


async def test_negotiate_takes_an_alias_or_a_union_of_literals() -> None:
    """A Literal has several spellings, and a checker takes them all."""
    websocket = server().websocket(subprotocols=["chat.v1"])

    assert "chat.v1" == websocket.negotiate(Names)
    assert "chat.v1" == websocket.negotiate(OtherNames)
    assert "chat.v1" == websocket.negotiate(ThirdNames)
    assert "chat.v1" == websocket.negotiate(Literal["chat.v2"] | OtherNames)
    assert "chat.v1" == websocket.negotiate(Literal["chat.v2", "chat.v1"])


async def test_what_negotiate_returns_can_be_accepted() -> None:
    """The type of the connection says which subprotocols there are."""
    scripted = server()
    websocket = scripted.websocket(subprotocols=["chat.v1"])

    connected = await websocket.accept(websocket.negotiate(Literal["chat.v1"]))

    assert_type(connected.subprotocol, Literal["chat.v1"] | None)
    assert "chat.v1" == connected.subprotocol


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        (str, "negotiate() takes a Literal of names, not <class 'str'>"),
        ("chat", "negotiate() takes a Literal of names, not 'chat'"),
        (["chat"], "negotiate() takes a Literal of names, not ['chat']"),
        (None, "negotiate() takes a Literal of names, not None"),
        (
            Literal["a"] | None,
            "negotiate() takes a Literal of names, not "  # noqa: ISC004
            "typing.Optional[typing.Literal['a']]",
        ),
        (
            Literal["chat", 1],
            "negotiate() takes a Literal of names, not typing.Literal['chat', 1]",
        ),
    ],
)
async def test_negotiate_refuses_what_is_no_literal_of_names(
    argument: object, sentence: str
) -> None:
    """A caller without a type checker is told at once."""
    websocket = server().websocket(subprotocols=["chat"])

    with pytest.raises(TypeError) as caught:
        websocket.negotiate(argument)  # type: ignore[call-overload]  # ty: ignore[invalid-type-form]

    assert sentence == str(caught.value)


# --- close -------------------------------------------------------------------------


async def test_close_refuses_the_handshake() -> None:
    """The server turns it into an HTTP 403."""
    scripted = server()

    denied = await scripted.websocket().close()

    assert isinstance(denied, DeniedWebSocket)
    assert (403, True) == (denied.status, denied.response_sent)
    assert [REFUSAL] == scripted.sent


# --- The client, gone before the answer --------------------------------------------


@pytest.mark.parametrize("answer", ANSWERS)
async def test_an_answer_to_a_client_that_has_gone_is_a_disconnect(
    answer: Answer,
) -> None:
    """Its closed state is ordinary; nothing is sent, and receive() is not repeated."""
    scripted = ScriptedServer(deque([disconnect(1006)]))

    with pytest.raises(WebSocketDisconnect) as caught:
        await answer(scripted.websocket())

    assert (1006, "network") == (caught.value.code, caught.value.closed.closed_by)
    assert [] == scripted.handed


@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_client_that_goes_while_the_answer_is_sent_is_a_disconnect(
    answer: Answer,
) -> None:
    """The disconnect event behind the server's error is looked for."""
    scripted = server(disconnect(1001, "gone"))
    scripted.on_send = failing(OSError())
    websocket = scripted.websocket()

    with pytest.raises(WebSocketDisconnect) as caught:
        await answer(websocket)

    assert (1001, "gone") == (caught.value.code, caught.value.reason)
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(WebSocketDisconnect) as later:
        await websocket.close()
    assert caught.value.closed is later.value.closed


async def test_messages_of_a_client_that_goes_before_the_accept_are_no_obstacle() -> (
    None
):
    """A client may talk at once and go; there is no state that could receive it."""
    scripted = server(text("hello"), disconnect(1001))
    scripted.on_send = failing(OSError())
    websocket = scripted.websocket()

    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.accept()

    assert 1001 == caught.value.code
    with pytest.raises(WebSocketDisconnect) as later:
        await websocket.accept()
    assert caught.value.closed is later.value.closed
    assert 1 == len(scripted.handed)


# --- A server that does not do its part --------------------------------------------


@pytest.mark.parametrize("answer", ANSWERS)
async def test_an_answer_that_the_server_refuses_leaves_the_state_as_it_was(
    answer: Answer,
) -> None:
    """The error is the server's own, and another answer can be given."""
    scripted = server()
    scripted.on_send = failing(RuntimeError("not like this"))
    websocket = scripted.websocket()

    with pytest.raises(RuntimeError, match=r"^not like this$"):
        await answer(websocket)

    assert isinstance(await websocket.close(), DeniedWebSocket)
    assert [REFUSAL] == scripted.sent


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        pytest.param(
            text("hello"),
            "a handshake begins with websocket.connect: the server sent an event of "
            "type 'websocket.receive' with the keys ['text', 'type']; the connection "
            "was ended",
            id="a message",
        ),
        pytest.param(
            {"type": "http.request"},
            "a handshake begins with websocket.connect: the server sent an event of "
            "type 'http.request' with the keys ['type']; the connection was ended",
            id="an event of HTTP",
        ),
        pytest.param(
            {},
            "a handshake begins with websocket.connect: the server sent an event of "
            "type None with the keys []; the connection was ended",
            id="no type",
        ),
        pytest.param(
            cast("Event", None),
            "receive() gave an object of type NoneType, which is no event of ASGI; a "
            "middleware that wraps receive() has to return what it got; the connection "
            "was ended",
            id="no event",
        ),
    ],
)
async def test_a_handshake_that_does_not_begin_with_connect_is_refused(
    answer: Answer, event: Event, sentence: str
) -> None:
    """The client gets its answer, and the state is spent."""
    scripted = ScriptedServer(deque([event]))
    websocket = scripted.websocket()

    with pytest.raises(RemoteProtocolError) as caught:
        await answer(websocket)

    assert sentence == str(caught.value)
    assert ["websocket.close"] == scripted.sent_types()
    with pytest.raises(SpentStateError):
        await websocket.accept()


async def test_a_broken_handshake_is_over_even_if_the_server_takes_no_refusal() -> None:
    """A server that fails twice changes nothing."""
    scripted = ScriptedServer(deque([text("hello")]))
    scripted.on_send = failing(ValueError())
    websocket = scripted.websocket()

    with pytest.raises(RemoteProtocolError):
        await websocket.accept()

    with pytest.raises(SpentStateError):
        await websocket.accept()


async def test_a_connection_made_from_the_scope_alone_can_only_be_read() -> None:
    """It answers nothing, and says what it would need."""
    websocket = WebSocket(scope())

    assert "/chat" == websocket["path"]
    with pytest.raises(LocalProtocolError) as caught:
        await websocket.accept()

    assert (
        "a WebSocket made from the scope alone can only be read; "
        "pass receive and send as well: WebSocket(scope, receive, send)"
    ) == str(caught.value)


async def test_a_connection_without_a_send_can_not_answer() -> None:
    """It is told at the answer, since reading needs neither."""
    websocket = WebSocket(scope(), server().receive)

    with pytest.raises(LocalProtocolError, match="can only be read"):
        await websocket.accept()


# --- Cancellation ------------------------------------------------------------------


@pytest.mark.parametrize("answer", ANSWERS)
async def test_an_answer_cancelled_before_the_connect_event_can_be_repeated(
    answer: Answer,
) -> None:
    """Nothing was sent, and the event is still there."""
    scripted = ScriptedServer()
    websocket = scripted.websocket()
    await cancel_when_blocked(lambda: answer(websocket))
    scripted.give(CONNECT)

    await websocket.accept()

    assert [ACCEPT] == scripted.handed


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("is_taken", [False, True])
async def test_an_answer_cancelled_while_it_is_sent_can_only_be_closed(
    answer: Answer, is_taken: bool
) -> None:
    """Nobody knows whether the server took it, and `close` is right in both cases."""
    scripted = server()
    websocket = scripted.websocket()
    never = anyio.Event()
    scripted.gate, scripted.lag = (None, never) if is_taken else (never, None)
    await cancel_when_blocked(lambda: answer(websocket))
    scripted.gate = scripted.lag = None
    if is_taken:
        scripted.on_send = failing(RuntimeError("answered before"))

    others: dict[str, Answer] = {
        "accept()": UnacceptedWebSocket.accept,
        "send_denial_response()": deny,
    }
    for method, other in others.items():
        with pytest.raises(LocalProtocolError) as caught:
            await other(websocket)
        assert (
            f"{method}: an earlier answer to this handshake was cancelled, and the "
            "server may have taken it; only close() is right in both cases"
        ) == str(caught.value)
    denied = await websocket.close()

    assert (403, False) == (denied.status, denied.response_sent)
    assert REFUSAL == scripted.handed[-1]
    assert 2 == len(scripted.handed)


async def test_an_answer_in_doubt_is_ended_with_the_close_that_is_right_anyway() -> (
    None
):
    """If the server took the accept, the peer is told the code."""
    scripted = server()
    scripted.lag = anyio.Event()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    await cancel_when_blocked(websocket.accept)
    scripted.lag = None
    assert connection.in_doubt

    await end(connection, code=1011, reason="fault", denial=DenialResponse(500))

    assert isinstance(connection.current, DeniedWebSocket)
    assert [
        ACCEPT,
        {"type": "websocket.close", "code": 1011, "reason": "fault"},
    ] == scripted.sent


async def test_an_answer_in_doubt_is_ended_once() -> None:
    """The second who ends it waits for the first, and finds it done."""
    scripted = server()
    scripted.gate = anyio.Event()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    await cancel_when_blocked(websocket.accept)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(end, connection)
        tasks.start_soon(end, connection)
        await settle()
        assert [ACCEPT, REFUSAL] == scripted.handed
        scripted.gate.set()

    assert isinstance(connection.current, DeniedWebSocket)
    assert [REFUSAL] == scripted.sent


async def test_an_answer_that_the_server_refuses_leaves_no_doubt() -> None:
    """The handshake can be ended with a response, and is."""
    scripted = server()
    scripted.on_send = failing(ValueError("refused"))
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    with pytest.raises(ValueError, match="refused"):
        await websocket.accept()

    await end(connection, denial=DenialResponse(500))

    assert not connection.in_doubt
    assert isinstance(connection.current, DeniedWebSocket)
    assert (500, True) == (
        connection.current.status,
        connection.current.response_sent,
    )


# --- Two answers at once -----------------------------------------------------------


@pytest.mark.parametrize("answer", ANSWERS)
async def test_only_one_task_can_answer(answer: Answer) -> None:
    """The other is told at once; the first is not disturbed."""
    scripted = ScriptedServer()
    websocket = scripted.websocket()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.accept)
        await settle()

        with pytest.raises(
            LocalProtocolError,
            match=r"\(\): another task is already answering this handshake$",
        ):
            await answer(websocket)

        scripted.give(CONNECT)

    assert [ConnectedWebSocket] == [type(result) for result in results]
    assert [ACCEPT] == scripted.handed


async def test_an_answer_after_a_failed_one_is_not_taken_for_a_second() -> None:
    """The right to answer is given back, whatever happens."""
    websocket = server().websocket()
    for _ in range(2):
        with pytest.raises(LocalProtocolError, match="does not offer"):
            await websocket.accept("chat")

    await websocket.accept()


# --- A server that refuses meanwhile -------------------------------------------------


@pytest.mark.parametrize("anyio_backend", ["trio"])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_server_on_trio_is_not_answered_while_it_refuses(
    answer: Answer,
) -> None:
    """The process of hypercorn ends by that; it refuses what is behind the request."""
    seen: list[str] = []

    async def refuse() -> None:
        await settle(turns=4)
        seen.append("refused")

    async def receive() -> Event:
        tasks.start_soon(refuse)
        await settle(turns=2)
        return CONNECT

    async def send(event: Event) -> None:
        seen.append(str(event["type"]))
        await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        await answer(WebSocket(scope(), receive, send))

    assert "refused" == seen[0]
