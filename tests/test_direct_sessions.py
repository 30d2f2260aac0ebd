"""
Tests of a session that takes the steps of a codec itself.

Nothing of it may show: what comes out is what comes out where the same codec is behind
two methods of a class that typedws does not know.
"""

import gc
import weakref
from typing import Final, TypeAlias, cast, final

import anyio
import pytest
from attrs import frozen

from tests.scripted import (
    Event,
    binary,
    connected,
    disconnect,
    server,
    settle,
    text,
)
from typedws import (
    ClosedWebSocket,
    Codec,
    ConcurrentReceiveError,
    DecodeError,
    EncodeError,
    ErrorReply,
    JsonCodec,
    MsgpackCodec,
    RemoteProtocolError,
    TypedWebSocket,
)

pytestmark = pytest.mark.anyio


@final
@frozen(order=False)
class Say:
    """A message."""

    text: str


@final
@frozen(order=False)
class Move:
    """Another one."""

    to: list[float]


Either: TypeAlias = Say | Move
Session: TypeAlias = TypedWebSocket[Either, Either]


@final
@frozen(eq=False, order=False)
class Behind:
    """A codec behind one of which typedws knows nothing."""

    codec: Codec[Either, Either]

    def decode(self, data: str | bytes, /) -> Either:
        """Read a message."""
        return self.codec.decode(data)

    def encode(self, value: Either, /) -> str | bytes:
        """Write a message."""
        return self.codec.encode(value)


CODECS: Final[dict[str, Codec[Either, Either]]] = {
    "text": JsonCodec(Say | Move, Say | Move),
    "binary": JsonCodec(Say | Move, Say | Move, mode="binary"),
    "msgpack": MsgpackCodec(Say | Move, Say | Move),
    "one-class": JsonCodec(Say, Say | Move),
}
SAY: Final = Say("é")
PAYLOADS: Final[dict[str, str | bytes]] = {
    "text": CODECS["text"].encode(SAY),
    "binary": CODECS["binary"].encode(SAY),
    "msgpack": CODECS["msgpack"].encode(SAY),
    "untagged": '{"text": "é"}',
    "wrong-field": '{"type": "Say", "text": 1}',
    "wrong-field-in-binary": b'{"type": "Say", "text": 1}',
    "wrong-field-in-msgpack": b"\x82\xa4type\xa3Say\xa4text\x01",
    "unknown-tag": '{"type": "Go"}',
    "no-json": "{",
    "nothing": b"",
    "surrogate": '"\ud800',
}


def shapes(payload: str | bytes) -> list[Event]:
    """Give an event in each of the shapes that servers give it, and in none of them."""
    key, other = ("text", "bytes") if isinstance(payload, str) else ("bytes", "text")
    return [
        {"type": "websocket.receive", key: payload},
        {"type": "websocket.receive", key: payload, other: None},
        {"type": "websocket.receive", key: payload, other: payload},
        {"type": "websocket.receive", key: 1},
        {"type": "websocket.send", key: payload},
        {key: payload},
        {"type": "websocket.receive"},
    ]


async def outcome(session: Session, *, iterates: bool) -> object:
    """Receive, and tell what came of it."""
    try:
        if iterates:
            return [message async for message in session]
        return await session.receive(), await session.receive()
    except DecodeError as error:
        facts = (error.path, error.problem, error.expected, error.got, error.data)
        return type(error), facts, type(error.__cause__)
    except RemoteProtocolError as error:
        return type(error), str(error)


@pytest.mark.parametrize("iterates", [False, True], ids=["receive", "async-for"])
@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_what_comes_in_is_what_the_codec_makes_of_it(
    codec: Codec[Either, Either], payload: str | bytes, *, iterates: bool
) -> None:
    """In whatever shape the event is, and whether it is a message or an error."""
    for event in (*shapes(payload), disconnect()):
        session = (await connected(server(event, disconnect()))).typed(codec)
        other = (await connected(server(event, disconnect()))).typed(Behind(codec))
        expected = await outcome(other, iterates=iterates)

        assert repr(expected) == repr(await outcome(session, iterates=iterates))


@pytest.mark.parametrize("iterates", [False, True], ids=["receive", "async-for"])
async def test_what_is_no_event_at_all_ends_the_connection(*, iterates: bool) -> None:
    """A middleware that wraps the server's `receive` may forget to return it."""
    session = (await connected(server(cast("Event", None)))).typed(CODECS["text"])
    told = await outcome(session, iterates=iterates)

    assert isinstance(told, tuple)
    assert RemoteProtocolError is told[0]


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Say("é"), id="message"),
        pytest.param(Move([1.0]), id="with-numbers"),
        pytest.param(Say("\ud800"), id="surrogate"),
    ],
)
async def test_what_goes_out_is_what_the_codec_makes_of_it(
    codec: Codec[Either, Either], value: Either
) -> None:
    """Whether it is a message or an error."""
    results: list[object] = []
    for one in (codec, Behind(codec)):
        scripted = server()
        session = (await connected(scripted)).typed(one)
        try:
            await session.send(value)
        except EncodeError as error:
            results.append(str(error))
        results.append(scripted.sent)
    half = len(results) // 2

    assert results[:half] == results[half:]


async def test_what_is_no_number_is_not_sent() -> None:
    """And no `null` in its place."""
    scripted = server()
    session = (await connected(scripted)).typed(CODECS["text"])
    with pytest.raises(EncodeError, match=r"at \$\.to\[0\]: NaN and infinities"):
        await session.send(Move([float("nan")]))

    assert [] == scripted.sent


@pytest.mark.parametrize("iterates", [False, True], ids=["receive", "async-for"])
@pytest.mark.parametrize(
    "bad",
    [pytest.param(text("{"), id="no-json"), pytest.param(binary(b""), id="binary")],
)
async def test_what_does_not_fit_is_answered(bad: Event, *, iterates: bool) -> None:
    """And the next message is received."""

    def reply(error: DecodeError) -> Say:
        return Say(error.path)

    scripted = server(bad, text('{"type": "Say", "text": "a"}'), disconnect())
    connection = await connected(scripted)
    session = connection.typed(CODECS["text"]).with_reply(ErrorReply(reply))
    message = await anext(aiter(session)) if iterates else await session.receive()

    assert Say("a") == message
    assert [{"type": "websocket.send", "text": '{"type":"Say","text":"$"}'}] == (
        scripted.sent
    )
    assert isinstance(await session.receive(), ClosedWebSocket)


async def test_a_second_task_that_iterates_is_told_at_once() -> None:
    """As one that calls `receive()` is."""
    session = (await connected(server())).typed(CODECS["text"])

    async def wait() -> None:
        await session.receive()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await settle()
        with pytest.raises(ConcurrentReceiveError, match="async for"):
            await anext(aiter(session))
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("iterates", [False, True], ids=["receive", "async-for"])
async def test_an_error_is_in_no_cycle(*, iterates: bool) -> None:
    """So a large message that does not fit is gone as soon as its error is."""
    session = (await connected(server(text("{")))).typed(CODECS["text"])
    gc.collect()
    gc.disable()
    try:
        with pytest.raises(DecodeError) as caught:
            await (anext(aiter(session)) if iterates else session.receive())
        error = weakref.ref(caught.value)
        del caught

        assert error() is None
    finally:
        gc.enable()
