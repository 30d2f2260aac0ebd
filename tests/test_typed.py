"""Tests of `TypedWebSocket`: typed messages, and messages that do not fit."""

import errno
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import StrEnum
from typing import Final, TypeAlias, final

import anyio
import pytest
from attrs import define, frozen

from tests.scripted import (
    Event,
    PlainCodec,
    ScriptedServer,
    binary,
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
    ClosedStateError,
    ClosedWebSocket,
    Codec,
    ConcurrentReceiveError,
    DecodeError,
    EncodeError,
    ErrorReply,
    Handshake,
    JsonCodec,
    LocalProtocolError,
    ReceiveTimeout,
    RemoteProtocolError,
    TypedWebSocket,
    ValidationError,
    WebSocketDisconnect,
)
from typedws.testing import Closed, Peer, connected_websocket

pytestmark = pytest.mark.anyio


@final
@frozen(order=False)
class Say:
    """A message that comes in."""

    text: str


@final
@frozen(order=False)
class Said:
    """A message that goes out."""

    text: str


@final
@frozen(order=False)
class Problem:
    """Another one, for what could not be read."""

    what: str


@final
class ChatCodec:
    """A codec as users write one: `say hello` comes in, `said hello` goes out."""

    def decode(self, data: str | bytes, /) -> Say | None:
        """Read a message; a silence is one, too."""
        if isinstance(data, bytes):
            raise DecodeError("a text message was expected", data)
        verb, _, rest = data.partition(" ")
        if verb == "say":
            return Say(rest)
        if verb == "silence":
            return None
        raise ValidationError(f"{verb!a} is no verb", data, "$.verb")

    def encode(self, value: Said | Problem, /) -> str:
        """Write a message."""
        if isinstance(value, Said):
            return f"said {value.text}"
        return f"problem {value.what}"


@final
class IntCodec:
    """A codec of a user's for numbers."""

    def decode(self, data: str | bytes, /) -> int:
        """Read a number."""
        try:
            return int(data)
        except ValueError as error:
            raise DecodeError("a number was expected", data) from error

    def encode(self, value: str, /) -> str:
        """Write a text as it is."""
        return value


class Broken(Exception):
    """A mistake in a codec."""


@final
class BrokenCodec:
    """A codec that can do nothing."""

    def decode(self, _data: str | bytes, /) -> str:
        """Fail."""
        raise Broken

    def encode(self, value: str, /) -> str:
        """Fail as a codec may."""
        raise EncodeError(f"{value} can't be encoded")


Chat: TypeAlias = TypedWebSocket[Say | None, Said | Problem]
Receive: TypeAlias = Callable[[Chat], Awaitable[Say | ClosedWebSocket | None]]

VERB: Final = "'shout' is no verb"


def to_problem(error: DecodeError) -> Problem:
    """Make the answer to a message that does not fit."""
    return Problem(f"{error.path}: {error.problem}")


async def chat(scripted: ScriptedServer) -> Chat:
    """Accept a connection that speaks typed messages."""
    return (await connected(scripted)).typed(ChatCodec())


async def talk(*said: str | bytes) -> tuple[Chat, Peer]:
    """Accept a connection that speaks typed messages, and let its client speak."""
    connection, peer = await connected_websocket()
    for data in said:
        if isinstance(data, str):
            await peer.send_text(data)
        else:
            await peer.send_bytes(data)
    return connection.typed(ChatCodec()), peer


async def heard(peer: Peer) -> list[str]:
    """Return the texts that the application has sent, in order."""
    return [await peer.receive_text() for _ in range(peer.unread)]


async def by_receive(session: Chat) -> Say | ClosedWebSocket | None:
    """Take a message by `receive()`."""
    return await session.receive()


async def by_iteration(session: Chat) -> Say | ClosedWebSocket | None:
    """Take a message by `async for`; at the end, ask for it."""
    async for message in session:
        return message
    return await session.close()


each_way = pytest.mark.parametrize(
    "receive",
    [
        pytest.param(by_receive, id="receive"),
        pytest.param(by_iteration, id="async-for"),
    ],
)
"""What holds for a message holds for both ways of taking one."""


def sent_texts(scripted: ScriptedServer) -> list[object]:
    """Return the texts that were sent, in order."""
    return [event["text"] for event in scripted.sent]


async def all_of(messages: AsyncIterator[object]) -> list[object]:
    """Collect what an iterator gives until it ends."""
    return [message async for message in messages]


# --- The view ------------------------------------------------------------------------


async def test_a_view_reads_like_every_state() -> None:
    """It has the data of the handshake, the subprotocol, and its codec."""
    scripted = server()
    websocket = await scripted.websocket(subprotocols=["chat"]).accept("chat")
    codec = ChatCodec()
    session = websocket.typed(codec)

    assert isinstance(session, Handshake)
    assert websocket.scope is session.scope
    assert "/chat" == session["path"] == session.url.path
    assert "chat" == session.subprotocol
    assert codec is session.codec
    assert "<TypedWebSocket '/chat' from 192.0.2.1:50000>" == repr(session)


async def test_a_view_can_not_be_changed() -> None:
    """Nor can anything be added to it."""
    session = await chat(server())
    for name in ("codec", "subprotocol", "_connection", "of_my_own"):
        with pytest.raises(AttributeError):
            setattr(session, name, None)

    assert not hasattr(session, "__dict__")


async def test_a_view_is_no_transition() -> None:
    """The connection goes on beside it, and what comes is taken in turn."""
    websocket, peer = await connected_websocket()
    for data in ("say one", "two", "say three"):
        await peer.send_text(data)
    session = websocket.typed(ChatCodec())

    assert Say("one") == await session.receive()
    assert "two" == await websocket.receive_text()
    assert Say("three") == await websocket.typed(ChatCodec()).receive()
    await websocket.send_text("a")
    await session.send(Said("b"))
    assert ["a", "said b"] == await heard(peer)


@pytest.mark.parametrize(
    ("codec", "sentence"),
    [
        (ChatCodec, "a codec is an object, and ChatCodec is a class; make one"),
        (None, "a codec has decode() and encode(), and NoneType has no decode()"),
        (b"", "a codec has decode() and encode(), and bytes has no encode()"),
    ],
    ids=["a-class", "nothing", "half-of-one"],
)
async def test_what_is_no_codec_is_refused_at_once(
    codec: ChatCodec, sentence: str
) -> None:
    """And not by the first message."""
    websocket = await connected(server())
    with pytest.raises(TypeError) as caught:
        websocket.typed(codec)

    assert sentence == str(caught.value)


# --- Receiving -----------------------------------------------------------------------


async def test_receive_gives_messages_and_then_the_end() -> None:
    """The end is the same object each time; `None` is a message like any other."""
    session, peer = await talk("say hello", "silence", "say ")
    await peer.close(4001)

    assert Say("hello") == await session.receive()
    assert await session.receive() is None
    assert Say("") == await session.receive()
    closed = await session.receive()
    assert isinstance(closed, ClosedWebSocket)
    assert 4001 == closed.code
    assert closed is await session.receive()
    assert closed is await session.close()


async def test_iteration_gives_messages_until_the_end() -> None:
    """And gives nothing after it."""
    session, peer = await talk("say a", "silence")
    await peer.close()
    messages = aiter(session)

    assert [Say("a"), None] == await all_of(messages)
    assert [] == await all_of(messages)
    assert [] == await all_of(aiter(session))


async def test_a_loop_that_is_left_can_be_entered_again() -> None:
    """There is nothing to clean up."""
    session, peer = await talk("say a", "say b")
    await peer.close()
    async for message in session:
        assert Say("a") == message
        break

    assert [Say("b")] == await all_of(aiter(session))


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        pytest.param(text("a"), "a", id="text"),
        pytest.param(binary(b"a"), b"a", id="binary"),
        pytest.param({**text("a"), "bytes": None}, "a", id="text, both keys"),
        pytest.param({**binary(b"a"), "text": None}, b"a", id="binary, both keys"),
        pytest.param(text(""), "", id="no text"),
        pytest.param(binary(b""), b"", id="no bytes"),
    ],
)
async def test_a_codec_is_given_the_payload_of_every_shape_of_a_message(
    event: Event, payload: str | bytes
) -> None:
    """Whatever keys the server puts into the event."""
    session = (await connected(server(event, event))).typed(PlainCodec())

    assert payload == await session.receive()
    assert payload == await anext(aiter(session))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({**text("a"), "bytes": b"a"}, id="text and bytes"),
        pytest.param({"type": "websocket.receive"}, id="neither"),
        pytest.param({"type": "websocket.receive", "text": 1}, id="no text"),
        pytest.param({"type": "websocket.ping"}, id="unknown"),
    ],
)
@each_way
async def test_an_event_that_has_no_place_ends_the_connection(
    event: Event, receive: Receive
) -> None:
    """As it does on the untyped connection."""
    scripted = server(event)
    session = await chat(scripted)
    with pytest.raises(RemoteProtocolError):
        await receive(session)

    assert [1011] == [event["code"] for event in scripted.sent]
    assert isinstance(await session.receive(), ClosedWebSocket)


async def test_a_second_task_that_receives_is_told_at_once() -> None:
    """Whichever view it has."""
    scripted = server()
    websocket = await connected(scripted)
    session = websocket.typed(ChatCodec())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, session.receive)
        await settle()
        for other in (websocket.receive, session.receive, aiter(session).__anext__):
            with pytest.raises(ConcurrentReceiveError, match="another task"):
                await other()
        scripted.give(text("say for the first"))

    assert [Say("for the first")] == results


@each_way
async def test_a_receive_that_is_cancelled_loses_no_message(receive: Receive) -> None:
    """The next one gets what comes."""
    scripted = server()
    session = await chat(scripted)
    await cancel_when_blocked(lambda: receive(session))
    scripted.give(text("say next"))

    assert Say("next") == await receive(session)


# --- Sending -------------------------------------------------------------------------


class Word(StrEnum):
    """A text that is more than a text."""

    HELLO = "hello"


@pytest.mark.parametrize(
    ("payload", "event"),
    [
        pytest.param("a", {"type": "websocket.send", "text": "a"}, id="text"),
        pytest.param("\xe9", {"type": "websocket.send", "text": "\xe9"}, id="no-ascii"),
        pytest.param(
            Word.HELLO, {"type": "websocket.send", "text": "hello"}, id="an-enum"
        ),
        pytest.param(b"a", {"type": "websocket.send", "bytes": b"a"}, id="bytes"),
        pytest.param(
            bytearray(b"a"), {"type": "websocket.send", "bytes": b"a"}, id="bytearray"
        ),
    ],
)
async def test_a_str_travels_as_text_and_bytes_as_binary(
    payload: str | bytes, event: Event
) -> None:
    """As plain values, which every server takes."""
    scripted = server()
    await (await connected(scripted)).typed(PlainCodec()).send(payload)
    sent = [value for value in scripted.sent[0].values() if value is not None]

    assert [event] == scripted.sent
    assert {str, type(event.get("text", b""))} == {type(value) for value in sent}


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        pytest.param(
            None,
            TypeError(
                "encode() of a codec returns a str or bytes, but it returned NoneType"
            ),
            id="nothing",
        ),
        pytest.param(
            "a\ud800",
            LocalProtocolError(
                "send(): text is sent as UTF-8 (RFC 6455, section 5.6), and this one "
                "has a lone surrogate at position 1"
            ),
            id="lone-surrogate",
        ),
    ],
)
async def test_what_a_codec_may_not_make_is_refused_before_the_server_sees_it(
    payload: str, error: Exception
) -> None:
    """The connection is as it was."""
    websocket, peer = await connected_websocket()
    session = websocket.typed(PlainCodec())
    with pytest.raises(type(error)) as caught:
        await session.send(payload)
    await session.send("next")

    assert str(error) == str(caught.value)
    assert ["next"] == await heard(peer)


async def test_what_can_not_be_encoded_is_not_sent() -> None:
    """The codec's error is the caller's."""
    websocket, peer = await connected_websocket()
    with pytest.raises(EncodeError, match="hello can't be encoded"):
        await websocket.typed(BrokenCodec()).send("hello")

    assert 0 == peer.unread


async def test_a_send_after_our_own_close_is_a_mistake() -> None:
    """Whichever view has closed."""
    websocket, peer = await connected_websocket()
    closed = await websocket.close(4000)
    with pytest.raises(ClosedStateError) as caught:
        await websocket.typed(ChatCodec()).send(Said("too late"))

    assert closed is caught.value.closed
    assert Closed(4000) == await peer.receive()


async def test_a_send_after_the_end_tells_of_it() -> None:
    """Without a call to the server."""
    scripted = server(disconnect(4001))
    session = await chat(scripted)
    closed = await session.receive()
    with pytest.raises(WebSocketDisconnect) as caught:
        await session.send(Said("too late"))

    assert closed is caught.value.closed
    assert [] == scripted.handed


async def test_a_send_to_a_peer_that_has_gone_tells_the_true_end() -> None:
    """And what the peer sent before can still be received."""
    scripted = server(text("say bye"), disconnect(4001))
    session = await chat(scripted)
    scripted.on_send = failing(ConnectionResetError(errno.ECONNRESET, "reset"))
    with pytest.raises(WebSocketDisconnect) as caught:
        await session.send(Said("lost"))

    assert 4001 == caught.value.code
    assert Say("bye") == await session.receive()
    assert caught.value.closed is await session.receive()


async def test_who_receives_while_a_sender_looks_for_the_end_is_not_told_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is none: the sender has its error, and the receiver its message."""
    monkeypatch.setattr("typedws.connection._DOUBT_GRACE", 0.02)
    scripted = server()
    session = await chat(scripted)
    scripted.on_send = failing(RuntimeError("of the server"))
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: session.send(Said("a")))
        await settle()
        tasks.start_soon(record, results, session.receive)
        await settle()
        scripted.give(text("say on"))

    assert {"RuntimeError('of the server')", repr(Say("on"))} == set(map(repr, results))


async def test_another_error_of_the_servers_send_is_the_callers() -> None:
    """It is no disconnect, and the connection goes on."""
    scripted = server()
    session = await chat(scripted)
    scripted.on_send = failing(ValueError("of the server"))
    with pytest.raises(ValueError, match="of the server"):
        await session.send(Said("a"))
    await session.send(Said("b"))

    assert ["said b"] == sent_texts(scripted)


# --- Closing -------------------------------------------------------------------------


async def test_close_is_total() -> None:
    """It closes, or returns the end that there was."""
    websocket, peer = await connected_websocket()
    session = websocket.typed(ChatCodec())
    closed = await session.close(4000, "done")

    assert (4000, "done", "server") == (closed.code, closed.reason, closed.closed_by)
    assert closed is await session.close()
    assert closed is await websocket.close()
    assert closed is await session.receive()
    assert Closed(4000, "done") == await peer.receive()


async def test_a_close_that_can_not_be_sent_is_refused() -> None:
    """The connection is still open."""
    session, _ = await talk("say on")
    with pytest.raises(LocalProtocolError, match="close code"):
        await session.close(1006)

    assert Say("on") == await session.receive()


# --- Messages that do not fit --------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "error"),
    [
        pytest.param(
            b"say",
            DecodeError("a text message was expected", b"say"),
            id="the-other-kind",
        ),
        pytest.param(
            "shout hello",
            ValidationError(VERB, "shout hello", "$.verb"),
            id="another-type",
        ),
    ],
)
@each_way
async def test_a_message_that_does_not_fit_is_an_error_that_carries_it(
    message: str | bytes, error: DecodeError, receive: Receive
) -> None:
    """The connection lives on, and the next message can be received."""
    session, peer = await talk(message, message, "say on")
    await peer.close()
    for _ in range(2):
        with pytest.raises(DecodeError) as caught:
            await receive(session)
        assert type(error) is type(caught.value)
        assert error.args == caught.value.args

    assert Say("on") == await receive(session)
    assert isinstance(await receive(session), ClosedWebSocket)
    assert 0 == peer.unread


async def test_an_iterator_goes_on_after_a_message_that_does_not_fit() -> None:
    """Iterators are no generators, which would be over."""
    session, peer = await talk("shout", "say on")
    await peer.close()
    messages = aiter(session)
    with pytest.raises(ValidationError):
        await anext(messages)

    assert [Say("on")] == await all_of(messages)


async def test_a_mistake_in_a_codec_is_the_callers() -> None:
    """It is none of the peer's, and no reply is sent for it."""
    websocket, peer = await connected_websocket()
    await peer.send_text("a")
    await peer.send_text("b")
    session = websocket.typed(BrokenCodec()).with_reply(ErrorReply(str))
    with pytest.raises(Broken):
        await session.receive()

    assert "b" == await websocket.receive_text()
    assert 0 == peer.unread


# --- Replies to them -----------------------------------------------------------------

BAD: Final = text("shout")
ANSWER: Final = f"problem $.verb: {VERB}"


async def replying(scripted: ScriptedServer, *, at_most: int | None = 10) -> Chat:
    """Accept a connection that answers a message that does not fit."""
    reply = ErrorReply(to_problem, at_most=at_most)
    return (await chat(scripted)).with_reply(reply)


@each_way
async def test_a_message_that_does_not_fit_is_answered(receive: Receive) -> None:
    """And the next one is waited for."""
    session, peer = await talk("shout", b"", "say on")
    session = session.with_reply(ErrorReply(to_problem))

    assert Say("on") == await receive(session)
    assert [ANSWER, "problem $: a text message was expected"] == await heard(peer)
    await peer.close()
    assert isinstance(await receive(session), ClosedWebSocket)


@pytest.mark.parametrize("at_most", [0, 1, 5])
@each_way
async def test_there_is_an_end_to_the_answers(at_most: int, receive: Receive) -> None:
    """The next message that does not fit is raised, and so are all after it."""
    session, peer = await talk(*["shout"] * (at_most + 2), "say on")
    session = session.with_reply(ErrorReply(to_problem, at_most=at_most))
    for _ in range(2):
        with pytest.raises(ValidationError, match=r"at \$\.verb"):
            await receive(session)

    assert Say("on") == await receive(session)
    assert [ANSWER] * at_most == await heard(peer)


async def test_there_need_be_no_end_to_the_answers() -> None:
    """If the application wants it so."""
    session, peer = await talk(*["shout"] * 100, "say on")
    session = session.with_reply(ErrorReply(to_problem, at_most=None))

    assert Say("on") == await session.receive()
    assert [ANSWER] * 100 == await heard(peer)


async def test_there_are_ten_answers_if_nothing_is_said() -> None:
    """A peer must not be able to have itself answered for ever."""
    session, peer = await talk(*["shout"] * 11)
    with pytest.raises(ValidationError):
        await session.with_reply(ErrorReply(to_problem)).receive()

    assert [ANSWER] * 10 == await heard(peer)


async def test_the_answers_are_counted_for_the_connection() -> None:
    """However many views there are, and whether they receive or iterate."""
    session, _ = await talk("shout", "say a", "shout", "say b", "shout")
    reply = ErrorReply(to_problem, at_most=2)

    assert Say("a") == await session.with_reply(reply).receive()
    assert Say("b") == await anext(aiter(session.with_reply(reply)))
    with pytest.raises(ValidationError):
        await session.with_reply(reply).receive()


async def test_a_view_without_a_reply_raises_still() -> None:
    """`with_reply()` makes a new view."""
    session, peer = await talk("shout")
    session.with_reply(ErrorReply(to_problem))
    with pytest.raises(ValidationError):
        await session.receive()

    assert 0 == peer.unread


async def test_a_view_with_a_reply_is_else_the_same() -> None:
    """Subprotocol, codec and scope are those of the first one."""
    scripted = server()
    websocket = await scripted.websocket(subprotocols=["chat"]).accept("chat")
    first = websocket.typed(ChatCodec())
    session = first.with_reply(ErrorReply(to_problem))

    assert "chat" == session.subprotocol
    assert first.codec is session.codec
    assert first.scope is session.scope


@each_way
async def test_an_answer_to_a_peer_that_has_gone_ends_as_a_disconnect(
    receive: Receive,
) -> None:
    """After the messages that the peer sent before it went."""
    scripted = server(BAD, text("say bye"), BAD, disconnect(4001))
    session = await replying(scripted)
    scripted.on_send = failing(ConnectionResetError(errno.ECONNRESET, "reset"))

    assert Say("bye") == await receive(session)
    closed = await receive(session)
    assert isinstance(closed, ClosedWebSocket)
    assert (4001, "client") == (closed.code, closed.closed_by)
    assert 1 == len(scripted.handed)


@each_way
async def test_an_answer_to_a_peer_that_went_without_a_word_ends_as_a_loss(
    receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that raises, and then says nothing, is not waited for."""
    monkeypatch.setattr("typedws.connection._LOSS_GRACE", 0.02)
    scripted = server(BAD)
    session = await replying(scripted)
    scripted.on_send = failing(OSError(), OSError())
    closed = await receive(session)

    assert isinstance(closed, ClosedWebSocket)
    assert (1006, "network") == (closed.code, closed.closed_by)


async def test_nothing_is_answered_after_our_own_close() -> None:
    """A message that came too late for it is dropped."""
    scripted = server()
    session = await replying(scripted)
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, session.receive)
        await settle()
        await session.close()
        scripted.give(BAD)

    assert [await session.close()] == results
    assert ["websocket.close"] == scripted.sent_types()


@each_way
async def test_another_error_while_it_is_answered_is_the_callers(
    receive: Receive,
) -> None:
    """The message counts as answered, and the connection goes on."""
    scripted = server(BAD, text("say on"))
    session = await replying(scripted)
    scripted.on_send = failing(ValueError("of the server"))
    with pytest.raises(ValueError, match="of the server"):
        await receive(session)

    assert Say("on") == await receive(session)


async def test_an_answer_that_can_not_be_made_is_the_callers_error() -> None:
    """A mistake in the application is not hidden from it."""

    def fail(_error: DecodeError) -> Problem:
        raise Broken

    session, _ = await talk("shout", "say on")
    session = session.with_reply(ErrorReply(fail))
    with pytest.raises(Broken) as caught:
        await session.receive()

    assert isinstance(caught.value.__context__, ValidationError)
    assert Say("on") == await session.receive()


@final
@define(eq=False)
class Slow:
    """A server whose `send()` is slow for a while."""

    scripted: ScriptedServer

    def begin(self) -> None:
        """Be slow."""
        self.scripted.gate = anyio.Event()

    def end(self) -> None:
        """Be slow no more."""
        assert self.scripted.gate is not None
        self.scripted.gate.set()
        self.scripted.gate = None


@each_way
async def test_an_answer_that_is_cancelled_counts_once(receive: Receive) -> None:
    """It is not made up for, and the next message is received."""
    scripted = server(BAD, BAD, BAD, text("say on"))
    session = await replying(scripted, at_most=2)
    slow = Slow(scripted)
    slow.begin()
    await cancel_when_blocked(lambda: receive(session))
    slow.end()
    handed = len(scripted.handed)
    with pytest.raises(ValidationError):
        await receive(session)

    assert 1 == handed
    assert [ANSWER] == sent_texts(scripted)
    assert Say("on") == await receive(session)


async def in_time_by_receive(session: TypedWebSocket[object, str]) -> object:
    """Take a message by `receive()`, within a moment."""
    return await session.receive(timeout=0.01)


async def in_time_by_iteration(session: TypedWebSocket[object, str]) -> object:
    """Take a message by `iter_messages()`, within a moment."""
    return await anext(session.iter_messages(timeout=0.01))


@pytest.mark.parametrize("codec", [JsonCodec(int, str), IntCodec()])
@pytest.mark.parametrize("receive", [in_time_by_receive, in_time_by_iteration])
async def test_a_peer_that_takes_no_answer_does_not_hold_who_waits_for_a_time(
    receive: Callable[[TypedWebSocket[object, str]], Awaitable[object]],
    codec: Codec[object, str],
) -> None:
    """The answer counts, and the next message is received."""
    scripted = server(BAD, BAD, text("1"))
    websocket = await connected(scripted)
    reply = ErrorReply(lambda _error: "no", at_most=1)
    session = websocket.typed(codec).with_reply(reply)
    slow = Slow(scripted)
    slow.begin()
    with anyio.fail_after(2), pytest.raises(ReceiveTimeout):
        await receive(session)
    slow.end()
    with pytest.raises(DecodeError):
        await receive(session)

    assert 1 == await receive(session)
    assert 1 == len(scripted.handed)


async def test_an_answer_in_time_goes_on_to_the_next_message() -> None:
    """For which what is left of the time is left."""
    scripted = server(BAD, text("say on"))
    session = await replying(scripted)

    assert Say("on") == await session.receive(timeout=2)
    assert [ANSWER] == sent_texts(scripted)


async def test_who_answers_keeps_the_turn() -> None:
    """The call to `receive()` is not over, so no other task may receive."""
    scripted = server(BAD, text("say on"))
    websocket = await connected(scripted)
    session = websocket.typed(ChatCodec()).with_reply(ErrorReply(to_problem))
    slow = Slow(scripted)
    slow.begin()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, session.receive)
        await settle()
        for other in (websocket.receive, session.receive):
            with pytest.raises(ConcurrentReceiveError):
                await other()
        slow.end()

    assert [Say("on")] == results


async def test_other_tasks_send_while_a_message_is_answered() -> None:
    """An answer is a message among others."""
    scripted = server(BAD, text("say on"))
    session = await replying(scripted)
    slow = Slow(scripted)
    slow.begin()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, session.receive)
        await settle()
        tasks.start_soon(session.send, Said("meanwhile"))
        await settle()
        slow.end()

    assert [Say("on")] == results
    assert {ANSWER, "said meanwhile"} == set(sent_texts(scripted))


async def test_another_task_that_closes_while_a_message_is_answered_ends_it() -> None:
    """The receiver gets the end, after its answer was taken."""
    scripted = server(BAD)
    session = await replying(scripted)
    slow = Slow(scripted)
    slow.begin()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, session.receive)
        await settle()
        tasks.start_soon(record, results, session.close)
        await settle()
        slow.end()
        await settle()
        scripted.give(disconnect())

    assert 2 == len(results)
    assert results[0] is results[1]
    assert isinstance(results[0], ClosedWebSocket)


async def test_a_sender_that_finds_the_peer_gone_while_a_message_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both learn of the same end."""
    monkeypatch.setattr("typedws.connection._LOSS_GRACE", 0.5)
    scripted = server(BAD, disconnect(4001))
    session = await replying(scripted)
    slow = Slow(scripted)
    slow.begin()
    scripted.on_send = failing(OSError(), OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, session.receive)
        await settle()
        tasks.start_soon(record, results, lambda: session.send(Said("lost")))
        await settle()
        slow.end()
    closed = await session.close()

    assert 4001 == closed.code
    assert closed in results
    assert [closed] == [
        error.closed for error in results if isinstance(error, WebSocketDisconnect)
    ]


# --- ErrorReply ----------------------------------------------------------------------


async def to_coroutine(_error: DecodeError) -> str:
    """Make a reply that nobody awaits."""
    return "sorry"


class Later:
    """A callable that makes one, too."""

    async def __call__(self, _error: DecodeError) -> str:
        """Make it."""
        return "sorry"


@pytest.mark.parametrize(
    ("make", "at_most", "error"),
    [
        pytest.param(
            "sorry",
            1,
            TypeError(
                "ErrorReply(make): it is called with a DecodeError, and str can't"
            ),
            id="make",
        ),
        pytest.param(
            to_coroutine,
            1,
            TypeError(
                "ErrorReply(make): it returns the reply, and to_coroutine is async"
            ),
            id="async",
        ),
        pytest.param(
            functools.partial(to_coroutine),
            1,
            TypeError("ErrorReply(make): it returns the reply, and partial is async"),
            id="async-partial",
        ),
        pytest.param(
            Later(),
            1,
            TypeError("ErrorReply(make): it returns the reply, and Later is async"),
            id="async-object",
        ),
        pytest.param(
            str,
            "5",
            TypeError("ErrorReply(at_most=...) takes an int or None, not str"),
            id="text",
        ),
        pytest.param(
            str,
            True,
            TypeError("ErrorReply(at_most=...) takes an int or None, not bool"),
            id="bool",
        ),
        pytest.param(
            str,
            -1,
            ValueError("ErrorReply(at_most=-1): a number of replies is 0 or more"),
            id="negative",
        ),
    ],
)
def test_a_reply_that_can_not_work_is_refused(
    make: Callable[[DecodeError], str], at_most: int, error: Exception
) -> None:
    """When the application starts, and not when the first bad message comes."""
    with pytest.raises(type(error)) as caught:
        ErrorReply(make, at_most=at_most)

    assert str(error) == str(caught.value)


def test_a_reply_is_a_value() -> None:
    """It can be compared, hashed, and not changed."""
    reply = ErrorReply(to_problem, at_most=3)

    assert ErrorReply(to_problem, at_most=3) == reply
    assert ErrorReply(to_problem) != reply
    assert hash(ErrorReply(to_problem, at_most=3)) == hash(reply)
    with pytest.raises(AttributeError):
        reply.at_most = 4  # type: ignore[misc]  # ty: ignore[invalid-assignment]


async def test_only_a_reply_is_taken_for_one() -> None:
    """A bare function says nothing of how often."""
    session, _ = await talk()
    with pytest.raises(TypeError) as caught:
        session.with_reply(to_problem)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert "with_reply() takes an ErrorReply, not function" == str(caught.value)
