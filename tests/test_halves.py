"""Tests of the two halves of an open connection: streams of anyio, and typed."""

from collections import deque
from typing import Final

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from anyio.streams.stapled import StapledObjectStream
from typing_extensions import override

from tests.scripted import (
    CONNECT,
    Event,
    ScriptedServer,
    connected,
    disconnect,
    failing,
    server,
    settle,
)
from typedws import (
    BrokenWriter,
    BytesMessage,
    ClosedStateError,
    ClosedWriter,
    ConcurrentReceiveError,
    ConnectedWebSocket,
    DecodeError,
    EncodeError,
    EndOfMessages,
    JsonCodec,
    Message,
    ReceiveTimeout,
    TextMessage,
    WebSocketDisconnect,
)
from typedws.testing import Closed, Peer, connected_websocket

pytestmark = pytest.mark.anyio

GONE: Final = ConnectionResetError()


async def talk(*said: str | bytes) -> tuple[ConnectedWebSocket, Peer]:
    """Accept a connection, and let its client speak."""
    websocket, peer = await connected_websocket()
    for data in said:
        if isinstance(data, str):
            await peer.send_text(data)
        else:
            await peer.send_bytes(data)
    return websocket, peer


async def test_the_halves_are_streams_of_anyio() -> None:
    """So what takes one of those takes a half."""
    websocket, peer = await talk("1", b"2")
    await peer.close()
    reader, writer = websocket.split()
    receives: ObjectReceiveStream[Message] = reader
    sends: ObjectSendStream[Message] = writer

    both = StapledObjectStream(sends, receives)

    assert [TextMessage("1"), BytesMessage(b"2")] == [message async for message in both]


async def test_a_reader_receives() -> None:
    """One message after the other, and then the end."""
    websocket, peer = await talk("1", "2")
    await peer.close(4000, "bye")
    reader, _ = websocket.split()

    assert TextMessage("1") == await reader.receive()
    assert TextMessage("2") == await anext(reader)
    with pytest.raises(EndOfMessages) as caught:
        await reader.receive()
    assert (4000, "bye") == (caught.value.code, caught.value.reason)
    with pytest.raises(StopAsyncIteration):
        await anext(reader)


async def test_the_end_of_a_reader_is_what_both_worlds_know() -> None:
    """An `EndOfStream` for anyio, a `WebSocketDisconnect` for a handler."""
    websocket, peer = await talk()
    await peer.close()
    reader, _ = websocket.split()
    with pytest.raises(anyio.EndOfStream) as caught:
        await reader.receive()

    assert isinstance(caught.value, WebSocketDisconnect)


async def test_a_reader_gives_up_in_time() -> None:
    """As the connection does."""
    websocket, _ = await talk()
    reader, _ = websocket.split()

    with pytest.raises(ReceiveTimeout):
        await reader.receive(timeout=0.01)


async def test_a_second_reader_is_told_at_once() -> None:
    """Whichever of the two ways it receives in."""
    websocket, _ = await talk()
    reader, _ = websocket.split()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reader.receive)
        await settle()
        with pytest.raises(ConcurrentReceiveError):
            await reader.receive()
        with pytest.raises(ConcurrentReceiveError):
            await anext(reader)
        tasks.cancel_scope.cancel()


async def test_a_closed_reader_receives_no_more() -> None:
    """But the connection goes on without it."""
    websocket, peer = await talk("1")
    reader, writer = websocket.split()
    async with reader:
        pass

    with pytest.raises(anyio.ClosedResourceError, match="this reader was closed"):
        await reader.receive()
    with pytest.raises(anyio.ClosedResourceError):
        await anext(reader)
    await writer.send(TextMessage("2"))
    assert TextMessage("1") == await websocket.receive()
    assert "2" == await peer.receive_text()


async def test_a_writer_sends() -> None:
    """Text and bytes."""
    websocket, peer = await talk()
    _, writer = websocket.split()

    await writer.send(TextMessage("1"))
    await writer.send(BytesMessage(b"2"))

    assert "1" == await peer.receive_text()
    assert b"2" == await peer.receive_bytes()
    assert 0 == peer.unread


async def test_a_writer_closes_the_connection() -> None:
    """There is no half of a close in WebSocket."""
    websocket, peer = await talk()
    _, writer = websocket.split()
    async with writer:
        await writer.send(TextMessage("1"))
    await writer.aclose()

    assert "1" == await peer.receive_text()
    assert Closed(1000) == await peer.receive()
    with pytest.raises(ClosedWriter) as caught:
        await writer.send(TextMessage("2"))
    assert isinstance(caught.value, ClosedStateError)
    assert isinstance(caught.value, anyio.ClosedResourceError)


async def test_a_writer_whose_peer_has_gone_is_broken() -> None:
    """For anyio, and a `WebSocketDisconnect` with the true code for a handler."""
    scripted = server(disconnect(4000, "bye"))
    _, writer = (await connected(scripted)).split()
    scripted.on_send = failing(GONE)

    with pytest.raises(anyio.BrokenResourceError) as caught:
        await writer.send(TextMessage("1"))

    assert isinstance(caught.value, BrokenWriter)
    assert isinstance(caught.value, WebSocketDisconnect)
    assert (4000, "bye") == (caught.value.code, caught.value.reason)
    assert GONE is caught.value.__cause__


class ReadyServer(ScriptedServer):
    """A server such as uvicorn: a send that finds room makes nobody wait."""

    @override
    async def send(self, event: Event) -> None:
        self.sent.append(event)


async def test_a_loop_of_sends_lets_other_tasks_run() -> None:
    """Even if the server takes each message at once."""
    scripted = ReadyServer(deque([CONNECT]))
    _, writer = (await connected(scripted)).split()
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await anyio.lowlevel.checkpoint()
            turns += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(count)
        await settle()
        before = turns
        for _ in range(160):
            await writer.send(TextMessage("1"))

        assert 160 == len(scripted.sent)
        assert turns - before >= 5
        tasks.cancel_scope.cancel()


async def test_many_writers_send_whole_messages_each_in_its_order() -> None:
    """Four tasks with one writer."""
    scripted = server()
    _, writer = (await connected(scripted)).split()

    async def write(name: str) -> None:
        for number in range(20):
            await writer.send(TextMessage(f"{name}{number}"))

    async with anyio.create_task_group() as tasks:
        for name in "abcd":
            tasks.start_soon(write, name)

    sent = [str(event["text"]) for event in scripted.sent]
    for name in "abcd":
        mine = [message for message in sent if message.startswith(name)]
        assert [f"{name}{number}" for number in range(20)] == mine


async def test_the_halves_of_a_typed_session_speak_its_messages() -> None:
    """And a message that does not fit is an error after which one can go on."""
    websocket, peer = await talk("1", "no JSON", "2")
    await peer.close()
    session = websocket.typed(JsonCodec(int, str))
    reader, _ = session.split()

    assert 1 == await reader.receive()
    with pytest.raises(DecodeError):
        await reader.receive()
    assert [2] == [number async for number in reader]


async def test_a_typed_writer_sends_what_its_codec_makes() -> None:
    """And what the codec can't write is not sent."""
    websocket, peer = await talk()
    session = websocket.typed(JsonCodec(int, str))
    _, writer = session.split()

    await writer.send("1")
    with pytest.raises(EncodeError):
        await writer.send("\ud800")

    assert '"1"' == await peer.receive_text()
    assert 0 == peer.unread
