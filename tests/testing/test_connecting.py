"""Tests of `connect` and `handshake`: what a client can do, and what it sees."""

import attrs
import pytest

from tests.testing.apps import (
    ACCEPT,
    CLOSE,
    Event,
    Receive,
    Send,
    accepting,
    echo,
    seen_by,
    sending,
    sleep,
    text,
    wait_for_end,
)
from typedws import (
    BytesMessage,
    DecodeError,
    DenialResponse,
    DeniedWebSocket,
    Headers,
    LocalProtocolError,
    Message,
    MessageTypeError,
    TextMessage,
    UnacceptedWebSocket,
    ValidationError,
    websocket_app,
)
from typedws.testing import (
    Accepted,
    ClientGone,
    Closed,
    ConnectionOver,
    Denied,
    HandshakeDenied,
    WaitTimeout,
    connect,
    handshake,
)

pytestmark = pytest.mark.anyio


# --- Messages ------------------------------------------------------------------------


async def test_a_message_of_either_kind_comes_back() -> None:
    """From an echo."""
    async with connect(echo) as peer:
        await peer.send_text("hé")
        await peer.send_bytes(bytearray(b"\x00"))
        await peer.send(TextMessage(""))
        await peer.send(BytesMessage(b"1"))

        assert "hé" == await peer.receive_text()
        assert b"\x00" == await peer.receive_bytes()
        assert TextMessage("") == await peer.receive()
        assert BytesMessage(b"1") == await peer.receive()


@attrs.frozen(order=False)
class Greeting:
    """A message."""

    name: str


async def test_json_comes_back() -> None:
    """As a plain value, and as a value of a type."""
    async with connect(echo) as peer:
        await peer.send_json({"name": "Ada"})
        await peer.send_json({"name": "Ada"}, mode="binary")
        await peer.send_json([1])

        assert {"name": "Ada"} == await peer.receive_json()
        assert Greeting("Ada") == await peer.receive_json(Greeting, mode="binary")
        with pytest.raises(DecodeError, match="Expected `object`, got `array`"):
            await peer.receive_json(Greeting)


@attrs.frozen(order=False)
class Farewell:
    """Another message."""

    to: str


async def test_json_may_be_of_a_union_of_classes() -> None:
    """Told apart as the application tells them apart."""
    async with connect(echo) as peer:
        await peer.send_json({"type": "Farewell", "to": "Ada"})
        await peer.send_json({"type": "Greeting", "name": "Ada"}, mode="binary")
        await peer.send_json({"type": "Farewell"})

        assert Farewell("Ada") == await peer.receive_json(Greeting | Farewell)
        assert Greeting("Ada") == (
            await peer.receive_json(Greeting | Farewell, mode="binary")
        )
        with pytest.raises(ValidationError, match="to") as caught:
            await peer.receive_json(Greeting | Farewell)
        assert '{"type":"Farewell"}' == caught.value.data


async def test_a_type_that_no_json_can_be_read_into_takes_no_message() -> None:
    """It is refused at the call."""
    async with connect(echo) as peer:
        await peer.send_json({"name": "Ada"})
        with pytest.raises(TypeError, match="complex"):
            await peer.receive_json(complex)

        assert Greeting("Ada") == await peer.receive_json(Greeting)


async def test_a_message_of_the_other_kind_is_an_error_that_has_it() -> None:
    """As on the other side."""
    async with connect(echo) as peer:
        await peer.send_text("a")
        await peer.send_bytes(b"b")

        with pytest.raises(MessageTypeError) as text_came:
            await peer.receive_bytes()
        with pytest.raises(MessageTypeError) as bytes_came:
            await peer.receive_text()
        assert ["a", b"b"] == [text_came.value.data, bytes_came.value.data]


async def test_messages_can_be_iterated() -> None:
    """Until the connection is over."""
    async with connect(sending(ACCEPT, text("a"), text("b"), CLOSE)) as peer:
        assert [TextMessage("a"), TextMessage("b")] == [it async for it in peer]


async def test_a_loop_that_is_left_early_can_be_gone_on_with() -> None:
    """By the same iterator, which is nothing that would have to be closed."""
    async with connect(echo) as peer:
        for text in ("a", "b"):
            await peer.send_text(text)
        messages = aiter(peer)
        heard: list[Message] = []
        for _ in range(2):
            async for message in messages:
                heard.append(message)
                break

        assert [TextMessage("a"), TextMessage("b")] == heard


async def test_a_payload_that_is_none_is_refused() -> None:
    """At the call."""
    async with connect(echo) as peer:
        with pytest.raises(TypeError, match=r"send_text\(\) takes a str, not bytes"):
            await peer.send_text(b"")  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        with pytest.raises(TypeError) as caught:
            await peer.send("a")  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert (
        "send() takes a TextMessage or a BytesMessage, not str; there are send_text() "
        "and send_bytes(), too"
    ) == str(caught.value)


async def test_an_error_names_the_call_that_was_made() -> None:
    """Though JSON travels as text."""
    async with connect(echo) as peer:
        await peer.close()
        with pytest.raises(ConnectionOver, match=r"^receive_json\(\): "):
            await peer.receive_json()
        with pytest.raises(ConnectionOver, match=r"^send_json\(\): "):
            await peer.send_json({})


async def test_the_test_can_wait_until_all_is_read() -> None:
    """And then say that nothing came in answer."""

    async def swallow(receive: Receive, send: Send) -> None:
        await receive()
        await receive()
        await send(text("both"))
        await wait_for_end(receive, send)

    async with connect(accepting(swallow)) as peer:
        await peer.send_text("a")
        await peer.wait_all_read()

        assert 0 == peer.unread
        await peer.send_text("b")
        await peer.wait_all_read()
        assert 1 == peer.unread
        assert "both" == await peer.receive_text()


# --- The handshake -------------------------------------------------------------------


async def test_the_answer_is_there() -> None:
    """With its subprotocol and its headers."""
    accept = {**ACCEPT, "subprotocol": "v2", "headers": [(b"x-served-by", b"a")]}
    async with connect(sending(accept), subprotocols=["v1", "v2"]) as peer:
        assert ["v1", "v2"] == peer.scope["subprotocols"]
        assert "v2" == peer.subprotocol
        assert Headers({"x-served-by": "a"}) == peer.accept_headers
        assert Accepted("v2", headers=peer.accept_headers) == peer.answer


async def test_a_refused_handshake_is_an_error() -> None:
    """That has the response."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
        response = DenialResponse.text("log in first", status=401)
        return await websocket.send_denial_response(response)

    with pytest.raises(HandshakeDenied) as caught:
        async with connect(app):
            raise AssertionError

    assert 401 == caught.value.status
    assert b"log in first" == caught.value.denied.body
    assert (
        "the application refused the handshake with HTTP 401: b'log in first'; "
        "where that is what you test, use handshake()"
    ) == str(caught.value)


async def test_a_long_body_is_not_all_in_the_sentence() -> None:
    """It is in the error."""
    events = [
        {"type": "websocket.http.response.start", "status": 500},
        {"type": "websocket.http.response.body", "body": b"a" * 1000},
    ]
    with pytest.raises(HandshakeDenied, match=r"b'a{200}\.\.\.'") as caught:
        async with connect(sending(*events)):
            raise AssertionError

    assert 1000 == len(caught.value.denied.body)


async def test_a_close_before_the_accept_is_a_403() -> None:
    """Whatever code it has: no client ever sees one."""
    refuse = sending({**CLOSE, "code": 4401, "reason": "log in first"})

    assert Denied(403) == await handshake(refuse)
    with pytest.raises(HandshakeDenied, match="with HTTP 403; where"):
        async with connect(refuse):
            raise AssertionError


async def test_a_response_may_come_in_parts() -> None:
    """The client sees it when it is whole."""
    body = {"type": "websocket.http.response.body"}
    app = sending(
        {
            "type": "websocket.http.response.start",
            "status": 429,
            "headers": [(b"retry-after", b"5")],
        },
        {**body, "body": b"not ", "more_body": True},
        {**body, "body": b"now", "more_body": True},
        body,
    )

    headers = Headers({"retry-after": "5"})
    assert Denied(429, headers=headers, body=b"not now") == await handshake(app)


async def test_an_answer_can_be_matched() -> None:
    """A handshake that was accepted is left with 1000."""
    record: list[Event] = []

    match await handshake(seen_by(record, ACCEPT)):
        case Accepted(subprotocol=None):
            pass
        case _:
            raise AssertionError
    assert {"type": "websocket.disconnect", "code": 1000, "reason": ""} == record[-1]


# --- The end -------------------------------------------------------------------------


async def test_the_application_closes() -> None:
    """The end is the last thing to be received, again and again."""
    close = {**CLOSE, "code": 4000, "reason": "that was all"}
    async with connect(sending(ACCEPT, text("a"), close)) as peer:
        closed = Closed(4000, "that was all", closed_by="server")

        assert "a" == await peer.receive_text()
        assert [closed, closed] == [await peer.receive(), await peer.receive()]
        assert closed == peer.closed
        assert closed == await peer.close(1001)
        assert closed == peer.lose()
        with pytest.raises(ConnectionOver) as caught:
            await peer.receive_text()
        with pytest.raises(ConnectionOver, match=r"^send_bytes\(\): the connection is"):
            await peer.send_bytes(b"")
    assert (
        "receive_text(): the connection is over: the application closed it with 4000, "
        "reason 'that was all'"
    ) == str(caught.value)
    assert closed == caught.value.closed


async def test_the_client_closes() -> None:
    """The application is told, and what it sent before can still be read."""
    record: list[Event] = []
    async with connect(seen_by(record, ACCEPT, text("a"))) as peer:
        await peer.send_text("b")
        closed = await peer.close(4321, "bye")

        assert Closed(4321, "bye", closed_by="client") == closed
        assert closed == await peer.close()
        assert "a" == await peer.receive_text()
        assert closed == await peer.receive()
        with pytest.raises(ConnectionOver, match="the test closed it with 4321"):
            await peer.send_text("c")
    assert [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "b"},
        {"type": "websocket.disconnect", "code": 4321, "reason": "bye"},
    ] == record


async def test_the_client_closes_without_a_code() -> None:
    """As a browser does."""
    record: list[Event] = []
    async with connect(seen_by(record, ACCEPT)) as peer:
        closed = await peer.close(None)

    assert Closed(1005, closed_by="client") == closed
    assert {"type": "websocket.disconnect", "code": 1005, "reason": ""} == record[-1]


async def test_the_network_goes_away() -> None:
    """No close frame comes, in neither direction."""
    record: list[Event] = []
    async with connect(seen_by(record, ACCEPT)) as peer:
        lost = Closed(1006, closed_by="network")

        assert lost == peer.lose()
        with pytest.raises(ConnectionOver, match=r"lost without a close frame \(1006"):
            await peer.receive_text()
    assert {"type": "websocket.disconnect", "code": 1006, "reason": ""} == record[-1]


async def test_a_send_to_a_client_that_has_gone_fails() -> None:
    """As ASGI asks of a server: with an OSError."""
    errors: list[OSError] = []

    async def app(receive: Receive, send: Send) -> None:
        await wait_for_end(receive, send)
        try:
            await send(text("too late"))
        except OSError as error:
            errors.append(error)

    async with connect(accepting(app)) as peer:
        await peer.close()

    assert [ClientGone] == [type(error) for error in errors]


async def test_an_application_that_returns_loses_the_connection() -> None:
    """Its client sees no close frame."""
    async with connect(sending(ACCEPT)) as peer:
        assert Closed(1006, closed_by="network") == await peer.receive()


@pytest.mark.parametrize("code", [999, 1005, 1006, 2999])
async def test_a_client_sends_no_code_that_is_none(code: int) -> None:
    """The connection stays open."""
    async with connect(echo) as peer:
        with pytest.raises(LocalProtocolError, match="may not be sent"):
            await peer.close(code)

        assert peer.closed is None


async def test_a_peer_can_be_shown() -> None:
    """With what can be said of it."""
    async with connect(sending(ACCEPT, text("a"), CLOSE)) as peer:
        await peer.receive_text()
        await peer.receive()
        shown = repr(peer)
    async with connect(echo) as peer:
        assert "<Peer open, 0 unread>" == repr(peer)
    assert (
        "<Peer over: Closed(code=1000, reason='', closed_by='server'), 0 unread>"
        == shown
    )


# --- Backpressure --------------------------------------------------------------------


async def test_a_flood_blocks_until_it_is_read() -> None:
    """After as many bytes as asyncio's transports hold."""
    sent: list[int] = []

    async def flood(_receive: Receive, send: Send) -> None:
        for number in range(200):
            await send(text("a" * 1022))
            sent.append(number)
        await send(CLOSE)

    async with connect(accepting(flood)) as peer:
        await peer.receive_text()
        before = len(sent)
        rest = [message async for message in peer]

    assert 199 == len(rest)
    assert 64 <= before <= 66


async def test_a_flood_ends_when_the_client_goes() -> None:
    """A `send()` that is stuck fails, and that it does is no fault of the handler."""

    async def flood(_receive: Receive, send: Send) -> None:
        while True:
            await send(text("é" * 100))

    async with connect(accepting(flood), buffer=1000) as peer:
        await peer.receive_text()


async def test_a_client_blocks_when_the_application_does_not_read() -> None:
    """And says so when the time is up."""
    unread = "the application did not read what it was sent before within 0.1 s"
    with pytest.raises(WaitTimeout, match="the application did not end"):
        async with connect(accepting(sleep), wait=0.1, buffer=10) as peer:
            await peer.send_text("12345678")
            with pytest.raises(WaitTimeout, match=rf"^send_text\(\): {unread}"):
                await peer.send_text("9")
            with pytest.raises(WaitTimeout, match=rf"^close\(\): {unread}"):
                await peer.close()
            with pytest.raises(WaitTimeout, match=r"^wait_all_read\(\): .* is asleep"):
                await peer.wait_all_read()


async def test_a_client_goes_on_when_the_application_reads() -> None:
    """Each message is taken when there is room."""
    async with connect(echo, buffer=4) as peer:
        for number in range(5):
            await peer.send_text(f"message {number}")
            await peer.send_text("another")
            assert f"message {number}" == await peer.receive_text()
            assert "another" == await peer.receive_text()
