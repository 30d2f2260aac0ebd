"""Tests of clients that speak typed messages."""

import gc
from typing import Final

import pytest
from attrs import frozen

from tests.testing.apps import (
    ACCEPT,
    CLOSE,
    Event,
    Receive,
    Send,
    accepting,
    echo,
    sending,
    text,
    wait_for_end,
)
from typedws import (
    ClosedWebSocket,
    DecodeError,
    EncodeError,
    JsonCodec,
    TextMessage,
    UnacceptedWebSocket,
    websocket_app,
)
from typedws.testing import (
    ASGIViolation,
    Closed,
    ConnectionOver,
    WaitTimeout,
    connect,
    connected_websocket,
    sync,
)
from typedws.testing.loop_thread import Backend


@frozen(order=False)
class Say:
    """What a client says."""

    text: str


@frozen(order=False)
class Join:
    """A client wants to be in a room."""

    room: str


@frozen(order=False)
class Said:
    """What the application says."""

    text: str


CHAT: Final = JsonCodec(Say | Join, Said)
CLIENT: Final = CHAT.mirrored()


@websocket_app
async def chat_app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Repeat what is said, and close when somebody wants to be in a room."""
    connected = await websocket.accept()
    async for message in connected.typed(CHAT):
        match message:
            case Say(text=said):
                await connected.typed(CHAT).send(Said(said.upper()))
            case Join(room=room):
                return await connected.close(4000, room)
    return await connected.close()


@pytest.mark.anyio
async def test_a_client_sends_and_receives_values() -> None:
    """The codec is that of the application, mirrored."""
    async with connect(chat_app) as peer:
        chat = peer.typed(CLIENT)
        await chat.send(Say("hello"))

        assert Said("HELLO") == await chat.receive()

        await chat.send(Say("again"))
        await chat.send(Join("lobby"))

        assert Said("AGAIN") == await chat.receive()
        assert Closed(4000, "lobby") == await chat.receive()
        assert Closed(4000, "lobby") == await chat.receive()


@pytest.mark.anyio
async def test_iteration_ends_with_the_connection() -> None:
    """It gives the values that came before."""
    async with connect(chat_app) as peer:
        chat = peer.typed(CLIENT)
        for word in ("a", "b"):
            await chat.send(Say(word))
        await chat.send(Join("lobby"))

        assert [Said("A"), Said("B")] == [said async for said in chat]
        assert Closed(4000, "lobby") == peer.closed


@pytest.mark.anyio
async def test_iteration_goes_on_behind_a_message_that_does_not_fit() -> None:
    """By the same iterator: an error, and then the next message."""
    app = sending(ACCEPT, text("[]"), text('{"text": "fits"}'), CLOSE)
    async with connect(app) as peer:
        messages = aiter(peer.typed(CLIENT))
        with pytest.raises(DecodeError) as caught:
            await anext(messages)

        assert "[]" == caught.value.data
        assert [Said("fits")] == [said async for said in messages]


@pytest.mark.anyio
async def test_a_loop_that_is_left_early_can_be_gone_on_with() -> None:
    """By the same iterator, which is nothing that would have to be closed."""
    heard: list[Said] = []
    async with connect(chat_app) as peer:
        chat = peer.typed(CLIENT)
        for word in ("a", "b"):
            await chat.send(Say(word))
        messages = aiter(chat)
        for _ in range(2):
            async for said in messages:
                heard.append(said)
                break
        del messages
        gc.collect()

    assert [Said("A"), Said("B")] == heard


@pytest.mark.anyio
async def test_the_untyped_client_goes_on_beside_it() -> None:
    """Each message goes to who asks for it first."""
    async with connect(chat_app) as peer:
        chat = peer.typed(CLIENT)
        await peer.send_text('{"type": "Say", "text": "as text"}')
        await chat.send(Say("as a value"))

        assert Said("AS TEXT") == await chat.receive()
        assert '{"text":"AS A VALUE"}' == await peer.receive_text()


@pytest.mark.anyio
async def test_binary_messages_are_sent_as_such() -> None:
    """As the codec wants them."""
    codec = JsonCodec(int, int, mode="binary")
    async with connect(echo) as peer:
        numbers = peer.typed(codec)
        await numbers.send(3)
        await numbers.send(4)

        assert 3 == await numbers.receive()
        assert b"4" == await peer.receive_bytes()


@pytest.mark.anyio
async def test_a_message_that_does_not_fit_is_an_error_with_the_message() -> None:
    """And the next one can be received."""
    app = sending(ACCEPT, text("[]"), text('{"text": "fits"}'), CLOSE)
    async with connect(app) as peer:
        chat = peer.typed(CLIENT)
        with pytest.raises(DecodeError) as caught:
            await chat.receive()

        assert "[]" == caught.value.data
        assert Said("fits") == await chat.receive()


@pytest.mark.anyio
async def test_a_value_that_the_codec_refuses_is_not_sent() -> None:
    """The connection goes on."""
    async with connect(echo) as peer:
        numbers = peer.typed(JsonCodec(float, float))
        with pytest.raises(EncodeError):
            await numbers.send(float("nan"))
        await peer.wait_all_read()

        assert 0 == peer.unread


@pytest.mark.anyio
async def test_the_waits_are_those_of_the_client() -> None:
    """They are bounded, and say by which call."""
    async with connect(accepting(wait_for_end), wait=0.05) as peer:
        with pytest.raises(WaitTimeout, match=r"^receive\(\): nothing came within"):
            await peer.typed(CLIENT).receive()
        with pytest.raises(WaitTimeout, match=r"^async for: nothing came within"):
            await anext(aiter(peer.typed(CLIENT)))
        peer.lose()
        with pytest.raises(ConnectionOver, match=r"^send\(\): .* was lost"):
            await peer.typed(CLIENT).send(Say("too late"))


@pytest.mark.anyio
async def test_an_error_of_the_application_is_raised() -> None:
    """At the call that waits."""

    async def app(_scope: Event, _receive: Receive, send: Send) -> None:
        await send(ACCEPT)
        await send(ACCEPT)

    with pytest.raises(ASGIViolation):
        async with connect(app) as peer:
            await peer.typed(CLIENT).receive()


@pytest.mark.anyio
async def test_it_talks_to_a_state_without_a_handler() -> None:
    """The test holds both ends, and each speaks its side of the codec."""
    connected, peer = await connected_websocket()
    session, chat = connected.typed(CHAT), peer.typed(CLIENT)
    await chat.send(Join("lobby"))
    await session.send(Said("hello"))

    assert Join("lobby") == await session.receive()
    assert Said("hello") == await chat.receive()


@pytest.mark.anyio
async def test_what_is_no_codec_is_refused() -> None:
    """At the call, and not at the first message."""
    async with connect(echo) as peer:
        with pytest.raises(TypeError, match="is a class; make one"):
            peer.typed(JsonCodec)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


@pytest.mark.anyio
async def test_it_shows_its_codec() -> None:
    """And so which side it is on."""
    async with connect(echo) as peer:
        assert "<TypedPeer of JsonCodec(Said, Say | Join)>" == repr(peer.typed(CLIENT))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_synchronous_client_speaks_typed_messages_too(
    backend: Backend,
) -> None:
    """By the same codec."""
    with sync.connect(chat_app, backend=backend) as peer:
        chat = peer.typed(CLIENT)
        chat.send(Say("hello"))

        assert CLIENT is chat.codec
        assert Said("HELLO") == chat.receive()

        chat.send(Say("again"))
        chat.send(Join("lobby"))

        assert [Said("AGAIN")] == list(chat)
        assert Closed(4000, "lobby") == chat.receive()
        assert repr(chat).startswith("<TypedPeer of JsonCodec(")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_its_iteration_goes_on_behind_an_error_too(backend: Backend) -> None:
    """As that of an untyped one does."""
    app = sending(ACCEPT, text("[]"), text('{"text": "fits"}'))
    with sync.connect(app, backend=backend, raise_app_errors=False) as peer:
        messages = iter(peer.typed(CLIENT))
        with pytest.raises(DecodeError):
            next(messages)

        assert [Said("fits")] == list(messages)
    with sync.connect(chat_app, backend=backend, wait=0.05) as peer:
        untyped = iter(peer)
        with pytest.raises(WaitTimeout, match="nothing came within"):
            next(untyped)
        peer.send_text('{"type": "Say", "text": "late"}')

        assert TextMessage('{"text":"LATE"}') == next(untyped)
