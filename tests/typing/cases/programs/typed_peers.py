"""Tests that speak typed messages"""

from typing import Final, assert_type

from attrs import frozen

from typedws import Codec, Ended, JsonCodec, MsgpackCodec, UnacceptedWebSocket
from typedws import websocket_app
from typedws.testing import Closed, TypedPeer, connect, sync


@frozen(order=False)
class Say:
    text: str


@frozen(order=False)
class Join:
    room: str


@frozen(order=False)
class Said:
    text: str


class LineCodec:
    def decode(self, data: str | bytes, /) -> bytes:
        return bytes(data) if isinstance(data, bytes) else data.encode()

    def encode(self, value: str, /) -> str:
        return value


CHAT: Final = JsonCodec(Say | Join, Said)
PACKED: Final = MsgpackCodec(Say, Said)


@websocket_app
async def app(websocket: UnacceptedWebSocket) -> Ended:
    connected = await websocket.accept()
    chat = connected.typed(CHAT)
    await chat.send(Said("welcome"))
    async for message in chat:
        await chat.send(Said(message.text if isinstance(message, Say) else "joined"))
    return await chat.close()


async def of_the_codec_of_the_application() -> None:
    """The codec of an application, mirrored for the client of its test."""
    async with connect(app) as peer:
        chat = peer.typed(CHAT.mirrored())
        assert_type(chat, TypedPeer[Said, Say | Join])
        assert_type(chat.codec, Codec[Said, Say | Join])
        assert_type(await chat.receive(), Said | Closed)
        await chat.send(Say("hello"))
        await chat.send(Join("lobby"))
        async for said in chat:
            assert_type(said, Said)
            break


def of_a_synchronous_client() -> None:
    """The same, in a test that is not async."""
    with sync.connect(app) as peer:
        chat = peer.typed(CHAT.mirrored())
        assert_type(chat, sync.TypedPeer[Said, Say | Join])
        assert_type(chat.receive(), Said | Closed)
        chat.send(Join("lobby"))
        for said in chat:
            assert_type(said, Said)
            break


async def of_a_codec_of_the_clients_own() -> None:
    """A codec that only the client has."""
    async with connect(app) as peer:
        lines = peer.typed(LineCodec())
        assert_type(lines, TypedPeer[bytes, str])
        assert_type(await lines.receive(), bytes | Closed)


def mirrored_twice() -> None:
    """A mirrored codec has its types the other way round, and so back."""
    assert_type(CHAT.mirrored(), JsonCodec[Said, Say | Join])
    assert_type(PACKED.mirrored(), MsgpackCodec[Said, Say])
    assert_type(PACKED.mirrored().mirrored(), MsgpackCodec[Say, Said])
