"""Tests of `ConnectedWebSocket`: messages in and out, one way and the other."""

from collections.abc import AsyncIterator
from typing import Final, assert_type, cast

import anyio
import pytest

from tests.scripted import (
    CONNECT,
    Call,
    Event,
    binary,
    call,
    cancel_when_blocked,
    connected,
    disconnect,
    failing,
    record,
    server,
    settle,
    text,
)
from typedws import (
    JSON,
    BytesMessage,
    ClosedWebSocket,
    ConcurrentReceiveError,
    ConnectedWebSocket,
    DecodeError,
    EncodeError,
    JSONMode,
    LocalProtocolError,
    Message,
    MessageTypeError,
    RemoteProtocolError,
    TextMessage,
    WebSocketDisconnect,
)

pytestmark = pytest.mark.anyio

FAILURE: Final = {"type": "websocket.close", "code": 1011, "reason": ""}

RECEIVERS: Final = [
    pytest.param(ConnectedWebSocket.receive, id="receive"),
    pytest.param(ConnectedWebSocket.receive_text, id="receive_text"),
    pytest.param(ConnectedWebSocket.receive_bytes, id="receive_bytes"),
    pytest.param(ConnectedWebSocket.receive_json, id="receive_json"),
    pytest.param(call(lambda websocket: anext(aiter(websocket))), id="async for"),
    pytest.param(call(lambda websocket: anext(websocket.iter_text())), id="iter_text"),
    pytest.param(
        call(lambda websocket: anext(websocket.iter_bytes())), id="iter_bytes"
    ),
    pytest.param(call(lambda websocket: anext(websocket.iter_json())), id="iter_json"),
]


async def all_of(iterator: AsyncIterator[object]) -> list[object]:
    """Collect what an iterator gives until it ends."""
    return [item async for item in iterator]


# --- Messages of both kinds --------------------------------------------------------


async def test_receive_gives_messages_and_then_the_end() -> None:
    """The closed state is the last event, and it stays so."""
    websocket = await connected(server(text("hello"), disconnect(1001, "bye")))

    assert TextMessage("hello") == await websocket.receive()

    closed = await websocket.receive()
    assert isinstance(closed, ClosedWebSocket)
    assert (1001, "bye", "client") == (closed.code, closed.reason, closed.closed_by)
    assert closed is await websocket.receive()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(text("hé"), TextMessage("hé"), id="text"),
        pytest.param(text(""), TextMessage(""), id="empty text"),
        pytest.param(binary(b"\xff"), BytesMessage(b"\xff"), id="bytes"),
        pytest.param(binary(b""), BytesMessage(b""), id="empty bytes"),
        pytest.param(
            {"type": "websocket.receive", "text": "a", "bytes": None},
            TextMessage("a"),
            id="text, as hypercorn has it",
        ),
        pytest.param(
            {"type": "websocket.receive", "bytes": b"a", "text": None},
            BytesMessage(b"a"),
            id="bytes, as hypercorn has it",
        ),
        pytest.param(
            {"type": "websocket.receive", "text": "a", "extra": object()},
            TextMessage("a"),
            id="an extra key",
        ),
    ],
)
async def test_receive_and_iteration_take_every_shape_of_a_message(
    event: Event, expected: Message
) -> None:
    """Servers give one payload key, or both with one of them None."""
    websocket = await connected(server(event, event, disconnect()))

    assert expected == await websocket.receive()
    assert [expected] == await all_of(aiter(websocket))


async def test_send_sends_messages_of_both_kinds() -> None:
    """Exactly one of the two payload keys is in the event."""
    scripted = server()
    websocket = await connected(scripted)

    await websocket.send(TextMessage("hé"))
    await websocket.send(BytesMessage(b"\xff"))

    assert [
        {"type": "websocket.send", "text": "hé"},
        {"type": "websocket.send", "bytes": b"\xff"},
    ] == scripted.sent


# --- Messages of one kind ----------------------------------------------------------


async def test_text_is_received_and_iterated_over() -> None:
    """An empty text is a message, too."""
    websocket = await connected(server(text("a"), text(""), text("c"), disconnect()))

    assert "a" == await websocket.receive_text()
    assert ["", "c"] == await all_of(websocket.iter_text())


async def test_bytes_are_received_and_iterated_over() -> None:
    """An empty binary message is a message, too."""
    scripted = server(binary(b"a"), binary(b""), binary(b"c"), disconnect())
    websocket = await connected(scripted)

    assert b"a" == await websocket.receive_bytes()
    assert [b"", b"c"] == await all_of(websocket.iter_bytes())


@pytest.mark.parametrize(
    ("mode", "event"), [("text", text("[1]")), ("binary", binary(b"[1]"))]
)
async def test_json_is_received_and_iterated_over_in_both_modes(
    mode: JSONMode, event: Event
) -> None:
    """The mode says which kind of message holds the JSON."""
    websocket = await connected(server(event, event, event, disconnect()))

    value = await websocket.receive_json(mode)

    assert_type(value, JSON)
    assert [1] == value
    assert [[1], [1]] == await all_of(websocket.iter_json(mode))


async def test_a_json_null_is_a_value_and_not_the_end() -> None:
    """Other JSON follows it."""
    scripted = server(text("null"), text("null"), text("1"), disconnect())
    websocket = await connected(scripted)

    assert None is await websocket.receive_json()
    assert [None, 1] == await all_of(websocket.iter_json())


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        pytest.param(
            call(lambda websocket: websocket.send_text("é")),
            {"type": "websocket.send", "text": "é"},
            id="text",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_text("")),
            {"type": "websocket.send", "text": ""},
            id="empty text",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_bytes(b"\xff")),
            {"type": "websocket.send", "bytes": b"\xff"},
            id="bytes",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_bytes(bytearray(b"a"))),
            {"type": "websocket.send", "bytes": b"a"},
            id="bytearray",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_bytes(memoryview(b"abc")[::2])),
            {"type": "websocket.send", "bytes": b"ac"},
            id="memoryview",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_json({"a": [1, None]})),
            {"type": "websocket.send", "text": '{"a":[1,null]}'},
            id="json",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_json("é", mode="binary")),
            {"type": "websocket.send", "bytes": '"é"'.encode()},
            id="json, binary",
        ),
    ],
)
async def test_what_is_sent(send: Call, expected: Event) -> None:
    """Servers are handed plain str and plain bytes, one of them."""
    scripted = server()
    websocket = await connected(scripted)

    await send(websocket)

    assert [expected] == scripted.sent
    assert [[type(value) for value in expected.values()]] == [
        [type(value) for value in event.values()] for event in scripted.sent
    ]


# --- Messages of the other kind ----------------------------------------------------


@pytest.mark.parametrize(
    ("receive", "event", "sentence"),
    [
        pytest.param(
            ConnectedWebSocket.receive_text,
            binary(b"abc"),
            "receive_text() needs a text message, but a binary message of length 3 "
            "came; use receive() to take both kinds",
            id="receive_text",
        ),
        pytest.param(
            ConnectedWebSocket.receive_bytes,
            text("abc"),
            "receive_bytes() needs a binary message, but a text message of length 3 "
            "came; use receive() to take both kinds",
            id="receive_bytes",
        ),
        pytest.param(
            ConnectedWebSocket.receive_json,
            binary(b"[1]"),
            "receive_json(mode='text') needs a text message, but a binary message of "
            "length 3 came; use receive() to take both kinds",
            id="receive_json",
        ),
        pytest.param(
            call(lambda websocket: websocket.receive_json("binary")),
            text("[1]"),
            "receive_json(mode='binary') needs a binary message, but a text message of "
            "length 3 came; use receive() to take both kinds",
            id="receive_json, binary",
        ),
        pytest.param(
            call(lambda websocket: anext(websocket.iter_text())),
            binary(b""),
            "iter_text() needs a text message, but a binary message of length 0 came; "
            "use receive() to take both kinds",
            id="iter_text",
        ),
        pytest.param(
            call(lambda websocket: anext(websocket.iter_bytes())),
            text(""),
            "iter_bytes() needs a binary message, but a text message of length 0 came; "
            "use receive() to take both kinds",
            id="iter_bytes",
        ),
        pytest.param(
            call(lambda websocket: anext(websocket.iter_json())),
            binary(b"1"),
            "iter_json(mode='text') needs a text message, but a binary message of "
            "length 1 came; use receive() to take both kinds",
            id="iter_json",
        ),
        pytest.param(
            call(lambda websocket: anext(websocket.iter_json("binary"))),
            text("1"),
            "iter_json(mode='binary') needs a binary message, but a text message of "
            "length 1 came; use receive() to take both kinds",
            id="iter_json, binary",
        ),
    ],
)
async def test_a_message_of_the_other_kind_is_an_error_that_carries_it(
    receive: Call, event: Event, sentence: str
) -> None:
    """It is not lost, the connection lives on, and the next message comes."""
    scripted = server(event, text("next"), disconnect())
    websocket = await connected(scripted)

    with pytest.raises(MessageTypeError) as caught:
        await receive(websocket)

    assert sentence == str(caught.value)
    assert event.get("text", event.get("bytes")) == caught.value.data
    assert TextMessage("next") == await websocket.receive()
    assert [] == scripted.handed


async def test_an_iterator_goes_on_after_a_message_of_the_other_kind() -> None:
    """The same iterator is used again; nothing was closed behind its back."""
    scripted = server(text("a"), binary(b"b"), text("c"), disconnect())
    texts = (await connected(scripted)).iter_text()

    assert "a" == await anext(texts)
    with pytest.raises(MessageTypeError):
        await anext(texts)

    assert ["c"] == await all_of(texts)


@pytest.mark.parametrize(
    "receive",
    [
        pytest.param(ConnectedWebSocket.receive_json, id="receive_json"),
        pytest.param(
            call(lambda websocket: anext(websocket.iter_json())), id="iter_json"
        ),
    ],
)
@pytest.mark.parametrize("data", ["{", "NaN", "[" * 100_000, ""])
async def test_a_message_that_is_no_json_is_an_error_that_carries_it(
    receive: Call, data: str
) -> None:
    """The connection lives on, and the next message comes."""
    websocket = await connected(server(text(data), text("next")))

    with pytest.raises(DecodeError) as caught:
        await receive(websocket)

    assert data == caught.value.data
    assert TextMessage("next") == await websocket.receive()


# --- What can't be sent ------------------------------------------------------------


@pytest.mark.parametrize(
    ("send", "error", "sentence"),
    [
        pytest.param(
            call(lambda websocket: websocket.send_text(cast("str", b"a"))),
            TypeError,
            "send_text() takes a str, not bytes; use send_bytes()",
            id="bytes as text",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_text(cast("str", None))),
            TypeError,
            "send_text() takes a str, not NoneType",
            id="None as text",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_text("a\ud800")),
            LocalProtocolError,
            "send_text(): text is sent as UTF-8 (RFC 6455, section 5.6), and this one "
            "has a lone surrogate at position 1",
            id="a lone surrogate",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_bytes(cast("bytes", "a"))),
            TypeError,
            "send_bytes() takes bytes, not str; use send_text()",
            id="text as bytes",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_bytes(cast("bytes", 3))),
            TypeError,
            "send_bytes() takes bytes, not int",
            id="a number as bytes",
        ),
        pytest.param(
            call(lambda websocket: websocket.send(cast("TextMessage", "a"))),
            TypeError,
            "send() takes a TextMessage or a BytesMessage, not str; "
            "wrap it in a TextMessage",
            id="text as a message",
        ),
        pytest.param(
            call(lambda websocket: websocket.send(TextMessage(cast("str", b"a")))),
            TypeError,
            "send(TextMessage) takes a str, not bytes; use send_bytes()",
            id="bytes in a TextMessage",
        ),
        pytest.param(
            call(lambda websocket: websocket.send(TextMessage("\ud800"))),
            LocalProtocolError,
            "send(TextMessage): text is sent as UTF-8 (RFC 6455, section 5.6), and "
            "this one has a lone surrogate at position 0",
            id="a lone surrogate in a TextMessage",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_json(float("nan"))),
            EncodeError,
            None,
            id="NaN",
        ),
        pytest.param(
            call(lambda websocket: websocket.send_json(1, cast("JSONMode", "json"))),
            ValueError,
            "the mode of a JSON message is 'text' or 'binary', not 'json'",
            id="a mode that there is not",
        ),
    ],
)
async def test_what_can_not_be_sent_is_refused_before_the_server_sees_it(
    send: Call,
    error: type[Exception],
    sentence: str | None,
) -> None:
    """The connection is as it was."""
    scripted = server()
    websocket = await connected(scripted)

    with pytest.raises(error) as caught:
        await send(websocket)

    assert sentence in (None, str(caught.value))
    assert [] == scripted.handed
    await websocket.send_text("next")
    assert ["websocket.send"] == scripted.sent_types()


async def test_a_json_mode_that_there_is_not_is_refused_before_anything_is_taken() -> (
    None
):
    """`iter_json` says so when it is called, not at its first step."""
    websocket = await connected(server(text("next")))
    mode = cast("JSONMode", "json")

    with pytest.raises(ValueError, match=r"^the mode of a JSON message is 'text' or"):
        await websocket.receive_json(mode)
    with pytest.raises(ValueError, match=r"^the mode of a JSON message is 'text' or"):
        websocket.iter_json(mode)

    assert TextMessage("next") == await websocket.receive()


# --- A server that breaks ASGI -----------------------------------------------------


BROKEN_EVENTS: Final = [
    pytest.param(
        {"type": "websocket.receive", "text": "a", "bytes": b"a"},
        "a message with both text and bytes: the server sent an event of type "
        "'websocket.receive' with the keys ['bytes', 'text', 'type']; the connection "
        "was ended",
        id="both payloads",
    ),
    pytest.param(
        {"type": "websocket.receive"},
        "a message with neither text nor bytes: the server sent an event of type "
        "'websocket.receive' with the keys ['type']; the connection was ended",
        id="no payload",
    ),
    pytest.param(
        {"type": "websocket.receive", "text": None, "bytes": None},
        "a message with neither text nor bytes: the server sent an event of type "
        "'websocket.receive' with the keys ['bytes', 'text', 'type']; the connection "
        "was ended",
        id="two times None",
    ),
    pytest.param(
        {"type": "websocket.receive", "text": b"a"},
        "a message whose payload has the wrong type: the server sent an event of type "
        "'websocket.receive' with the keys ['text', 'type']; the connection was ended",
        id="bytes for text",
    ),
    pytest.param(
        {"type": "websocket.receive", "bytes": "a"},
        "a message whose payload has the wrong type: the server sent an event of type "
        "'websocket.receive' with the keys ['bytes', 'type']; the connection was ended",
        id="text for bytes",
    ),
    pytest.param(
        CONNECT,
        "unexpected event: the server sent an event of type 'websocket.connect' with "
        "the keys ['type']; the connection was ended",
        id="a second connect",
    ),
    pytest.param(
        {"type": "websocket.ping", "payload": b"the peer's own"},
        "unexpected event: the server sent an event of type 'websocket.ping' with the "
        "keys ['payload', 'type']; the connection was ended",
        id="an unknown type",
    ),
    pytest.param(
        {"text": "a"},
        "unexpected event: the server sent an event of type None with the keys "
        "['text']; the connection was ended",
        id="no type",
    ),
    pytest.param(
        {"type": ["websocket.receive"], "text": "a"},
        "unexpected event: the server sent an event of type ['websocket.receive'] with "
        "the keys ['text', 'type']; the connection was ended",
        id="a type that is no text",
    ),
    pytest.param(
        cast("Event", {1: 2, "type": "x"}),
        "unexpected event: the server sent an event of type 'x' with the keys "
        "['1', 'type']; the connection was ended",
        id="a key that is no text",
    ),
    pytest.param(
        cast("Event", None),
        "receive() gave an object of type NoneType, which is no event of ASGI; a "
        "middleware that wraps receive() has to return what it got; the connection "
        "was ended",
        id="what a middleware gives that forgets to return",
    ),
    pytest.param(
        cast("Event", "text"),
        "receive() gave an object of type str, which is no event of ASGI; a "
        "middleware that wraps receive() has to return what it got; the connection "
        "was ended",
        id="a text",
    ),
]


@pytest.mark.parametrize(("event", "sentence"), BROKEN_EVENTS)
@pytest.mark.parametrize("receive", RECEIVERS)
async def test_an_event_that_has_no_place_ends_the_connection(
    receive: Call, event: Event, sentence: str
) -> None:
    """The error shows type and keys; the peer gets 1011, once."""
    scripted = server(event)
    websocket = await connected(scripted)

    with pytest.raises(RemoteProtocolError) as caught:
        await receive(websocket)

    assert sentence == str(caught.value)
    closed = await websocket.receive()
    assert isinstance(closed, ClosedWebSocket)
    assert (1011, "server") == (closed.code, closed.closed_by)
    assert closed is await websocket.close()
    assert [FAILURE] == scripted.handed


async def test_the_end_by_a_broken_event_is_no_close_of_the_handler() -> None:
    """A task that sends is told of a disconnect, not of a mistake of its own."""
    websocket = await connected(server({"type": "websocket.ping"}))
    with pytest.raises(RemoteProtocolError):
        await websocket.receive()

    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_text("late")

    assert WebSocketDisconnect is type(caught.value)


async def test_a_broken_event_ends_the_connection_even_if_the_server_refuses() -> None:
    """The server is asked for 1011, then for 3011, and that is all."""
    scripted = server({"type": "websocket.ping"})
    websocket = await connected(scripted)
    scripted.on_send = failing(ValueError(), ValueError())

    with pytest.raises(RemoteProtocolError):
        await websocket.receive()

    closed = await websocket.close()
    assert (1011, "server") == (closed.code, closed.closed_by)
    assert [1011, 3011] == [event["code"] for event in scripted.handed]


async def test_a_server_that_takes_no_1011_is_given_3011_for_a_broken_event() -> None:
    """A connection that daphne was not told to close would stay open for ever."""
    scripted = server({"type": "websocket.ping"})
    websocket = await connected(scripted)
    scripted.on_send = failing(Exception("invalid close code"))

    with pytest.raises(RemoteProtocolError):
        await websocket.receive()

    closed = await websocket.receive()
    assert isinstance(closed, ClosedWebSocket)
    assert 3011 == closed.code
    assert [{**FAILURE, "code": 3011}] == scripted.sent


async def test_a_broken_event_does_not_wait_for_a_server_that_is_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The close of a failed connection has a deadline."""
    monkeypatch.setattr("typedws.connection._FAILURE_GRACE", 0.02)
    scripted = server({"type": "websocket.ping"})
    websocket = await connected(scripted)
    scripted.stuck = True

    with pytest.raises(RemoteProtocolError):
        await websocket.receive()

    closed = await websocket.close()
    assert (1011, "server") == (closed.code, closed.closed_by)
    assert [FAILURE] == scripted.handed


async def test_two_broken_events_are_answered_with_one_close() -> None:
    """The second may be received while the close for the first is on its way."""
    scripted = server({"type": "a"}, {"type": "b"})
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        scripted.gate.set()

    assert [RemoteProtocolError] * 2 == [type(result) for result in results]
    assert [FAILURE] == scripted.handed


async def test_a_close_during_the_end_by_a_broken_event_is_that_end() -> None:
    """The server is told to close once."""
    scripted = server({"type": "websocket.ping"})
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        tasks.start_soon(record, results, websocket.close)
        await settle()
        scripted.gate.set()

    assert {RemoteProtocolError, ClosedWebSocket} == {type(item) for item in results}
    closed = await websocket.close()
    assert closed in results
    assert 1011 == closed.code
    assert [FAILURE] == scripted.handed


async def test_a_broken_event_during_a_close_leaves_the_close_as_it_is() -> None:
    """The server is told to close once, with the code that was asked for."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.close(4000))
        await settle()
        tasks.start_soon(record, results, websocket.receive)
        scripted.give({"type": "websocket.ping"})
        await settle()
        scripted.gate.set()

    assert {RemoteProtocolError, ClosedWebSocket} == {type(item) for item in results}
    assert 4000 == (await websocket.close()).code
    assert [4000] == [event["code"] for event in scripted.handed]


async def test_a_broken_event_after_a_close_is_only_told() -> None:
    """The reader was waiting for it; there is nothing left to close."""
    scripted = server()
    websocket = await connected(scripted)
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        await websocket.close(4000)
        scripted.give({"type": "websocket.ping"})

    assert [RemoteProtocolError] == [type(result) for result in results]
    assert 4000 == (await websocket.close()).code
    assert 1 == len(scripted.handed)


# --- The disconnect ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (disconnect(1000, "bye"), (1000, "bye", "client", True)),
        (disconnect(4321), (4321, "", "client", True)),
        (disconnect(1005), (1005, "", "client", False)),
        (disconnect(1006), (1006, "", "network", False)),
        (disconnect(1012), (1012, "", "server", True)),
        ({"type": "websocket.disconnect"}, (1005, "", "client", False)),
        (
            {"type": "websocket.disconnect", "code": None, "reason": None},
            (1005, "", "client", False),
        ),
        (
            {"type": "websocket.disconnect", "code": "1000", "reason": b"bye"},
            (1005, "", "client", False),
        ),
        (
            {"type": "websocket.disconnect", "code": 1001, "extra": 1},
            (1001, "", "client", True),
        ),
    ],
)
@pytest.mark.parametrize("receive", RECEIVERS)
async def test_every_disconnect_is_read(
    receive: Call, event: Event, expected: tuple[int, str, str, bool]
) -> None:
    """Keys may be missing or None; whoever receives, the closed state is the same."""
    websocket = await connected(server(event))
    results: list[object] = []
    await record(results, lambda: receive(websocket))

    closed = await websocket.close()

    assert expected == (closed.code, closed.reason, closed.closed_by, closed.clean)
    assert results == [closed] or isinstance(
        results[0], (WebSocketDisconnect, StopAsyncIteration)
    )


# --- Two tasks at once -------------------------------------------------------------


@pytest.mark.parametrize(
    ("receive", "method"),
    [
        pytest.param(receiver.values[0], method, id=method)
        for receiver, method in zip(
            RECEIVERS,
            [
                "receive()",
                "receive_text()",
                "receive_bytes()",
                "receive_json()",
                "async for",
                "iter_text()",
                "iter_bytes()",
                "iter_json(mode='text')",
            ],
            strict=True,
        )
    ],
)
async def test_a_second_task_that_receives_is_told_at_once(
    receive: Call, method: str
) -> None:
    """The first is not disturbed, and gets its message."""
    scripted = server()
    websocket = await connected(scripted)
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()

        with pytest.raises(ConcurrentReceiveError) as caught:
            await receive(websocket)

        assert (
            f"{method}: another task is already receiving on this connection; "
            "receive in one task and hand the messages on"
        ) == str(caught.value)
        scripted.give(text("for the first"))

    assert [TextMessage("for the first")] == results


async def test_several_tasks_may_send() -> None:
    """Each message is handed over whole, and those of one task in order."""
    scripted = server()
    websocket = await connected(scripted)

    async def send(name: str) -> None:
        for number in range(20):
            await websocket.send_text(f"{name}{number}")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send, "a")
        tasks.start_soon(send, "b")

    texts = [str(event["text"]) for event in scripted.sent]
    for name in "ab":
        assert [f"{name}{number}" for number in range(20)] == [
            text for text in texts if text.startswith(name)
        ]


# --- Cancellation ------------------------------------------------------------------


@pytest.mark.parametrize("receive", RECEIVERS)
async def test_a_receive_that_is_cancelled_loses_no_message(receive: Call) -> None:
    """The next one gets what comes."""
    scripted = server()
    websocket = await connected(scripted)
    await cancel_when_blocked(lambda: receive(websocket))
    scripted.give(text("next"))

    assert TextMessage("next") == await websocket.receive()


async def test_an_iterator_that_is_cancelled_can_be_used_again() -> None:
    """Iterators are no generators, which would be over."""
    scripted = server()
    texts = (await connected(scripted)).iter_text()
    await cancel_when_blocked(lambda: anext(texts))
    scripted.give(text("next"))

    assert "next" == await anext(texts)


async def test_a_send_that_is_cancelled_leaves_the_connection_open() -> None:
    """The message may have been sent or not; the next one is sent."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.stuck = True
    await cancel_when_blocked(lambda: websocket.send_text("maybe"))
    scripted.stuck = False

    await websocket.send_text("next")

    assert [{"type": "websocket.send", "text": "next"}] == scripted.sent


async def test_an_error_of_the_servers_receive_is_the_callers() -> None:
    """It is passed on as it is, and the connection can still be closed."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.fault = ValueError("of the server")

    for _ in range(2):
        with pytest.raises(ValueError, match=r"^of the server$"):
            await websocket.receive()

    assert 1000 == (await websocket.close()).code
