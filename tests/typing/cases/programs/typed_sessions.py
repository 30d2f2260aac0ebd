"""Typed messages"""

from collections.abc import AsyncIterator
from typing import Final, Literal, assert_never, assert_type

from attrs import frozen

from typedws import (
    JSON,
    ClosedWebSocket,
    Codec,
    ConnectedWebSocket,
    DecodeError,
    Ended,
    ErrorReply,
    JsonCodec,
    MsgpackCodec,
    Subprotocol,
    TypedWebSocket,
    UnacceptedWebSocket,
    ValidationError,
    websocket_app,
)

HANDSHAKE: Final = {"subprotocols": ["chat.v2", "chat.v1"]}
PEER_SAYS: Final = '{"type": "Say", "text": "hello"}'


@frozen(order=False)
class Say:
    text: str


@frozen(order=False)
class Join:
    room: str


@frozen(order=False)
class Said:
    text: str


@frozen(order=False)
class Problem:
    what: str


class LineCodec:
    def decode(self, data: str | bytes, /) -> str:
        return str(data)

    def encode(self, value: str, /) -> bytes:
        return value.encode()


class MaybeCodec:
    def decode(self, data: str | bytes, /) -> int | None:
        return len(data) or None

    def encode(self, value: int | None, /) -> str:
        return str(value)


CHAT: Final = JsonCodec(Say | Join, Said | Problem)
CHAT_V2: Final = Subprotocol(Literal["chat.v2"], CHAT)
CHAT_V1: Final = Subprotocol(Literal["chat.v1"], LineCodec())
MAYBE: Final = Subprotocol(Literal["maybe"], MaybeCodec())

Chat = TypedWebSocket[Say | Join, Said | Problem]
ChatV2 = TypedWebSocket[Say | Join, Said | Problem, Literal["chat.v2"]]
ChatV1 = TypedWebSocket[str, str, Literal["chat.v1"]]


def to_problem(error: DecodeError) -> Problem:
    return Problem(error.problem)


async def talk(session: ChatV2) -> Ended:
    await session.send(Said("hello"))
    return await session.close()


async def talk_in_lines(session: ChatV1) -> Ended:
    await session.send("hello")
    return await session.close()


async def takes_a_wider_session(session: TypedWebSocket[object, Said]) -> Ended:
    await session.send(Said("hello"))
    return await session.close()


async def of_a_codec(websocket: UnacceptedWebSocket) -> Ended:
    """What comes and what can be sent, both read off the codec."""
    connected = await websocket.accept()
    session = connected.typed(CHAT)
    assert_type(session, TypedWebSocket[Say | Join, Said | Problem, None])
    assert_type(await session.receive(), Say | Join | ClosedWebSocket)
    assert_type(session.codec, Codec[Say | Join, Said | Problem])
    await session.send(Said("hello"))
    await session.send(Problem("none"))
    await connected.send_text("beside it")
    return await session.close(4000, "done")


async def of_a_codec_of_ones_own(connected: ConnectedWebSocket[None]) -> Ended:
    """A codec of one's own, which derives from nothing."""
    session = connected.typed(LineCodec())
    assert_type(session, TypedWebSocket[str, str, None])
    assert_type(await session.receive(), str | ClosedWebSocket)
    await session.send("hello")
    return await session.close()


async def of_messagepack(connected: ConnectedWebSocket[None]) -> Ended:
    """Typed messages in MessagePack."""
    session = connected.typed(MsgpackCodec(Say, Said | Problem))
    assert_type(session, TypedWebSocket[Say, Said | Problem, None])
    await session.send(Said("hello"))
    return await session.close()


async def of_the_protocol(connected: ConnectedWebSocket[None]) -> Ended:
    """A codec that is known as the protocol alone."""
    codec: Codec[Say | Join, Said] = JsonCodec(Say | Join, Said)
    session = connected.typed(codec)
    assert_type(session, TypedWebSocket[Say | Join, Said, None])
    return await session.close()


async def matched_to_the_end(connected: ConnectedWebSocket) -> Ended:
    """Every class of message and the end, and `assert_never` behind them."""
    session = connected.typed(CHAT)
    while True:
        message = await session.receive()
        match message:
            case Say(text=text):
                assert_type(text, str)
                await session.send(Said(text))
            case Join(room=room):
                await session.send(Said(f"welcome to {room}"))
            case ClosedWebSocket():
                return message
            case _:
                assert_never(message)


async def matched_without_assert_never(connected: ConnectedWebSocket) -> Ended:
    """Every class of message and the end, and nothing behind them."""
    session = connected.typed(CHAT)
    while True:
        match await session.receive():
            case Say(text=text) | Join(room=text):
                await session.send(Said(text))
            case ClosedWebSocket() as closed:
                return closed


async def received_until_the_end(connected: ConnectedWebSocket) -> Ended:
    """A loop that receives until the end comes."""
    session = connected.typed(JsonCodec(Say, Said))
    while not isinstance(message := await session.receive(), ClosedWebSocket):
        assert_type(message, Say)
        await session.send(Said(message.text))
    return message


async def iterated_over(connected: ConnectedWebSocket) -> Ended:
    """A loop over typed messages, which leaves the end out."""
    session = connected.typed(CHAT)
    assert_type(aiter(session), AsyncIterator[Say | Join])
    async for message in session:
        match message:
            case Say(text=text):
                await session.send(Said(text))
            case Join():
                pass
            case _:
                assert_never(message)
    return await session.close()


async def with_none_as_a_message(connected: ConnectedWebSocket) -> Ended:
    """A codec to which None is a message as well."""
    session = connected.typed(MaybeCodec())
    assert_type(await session.receive(), int | None | ClosedWebSocket)
    await session.send(None)
    return await session.close()


async def read_like_every_state(connected: ConnectedWebSocket) -> Ended:
    """The handshake, read on a typed connection."""
    session = connected.typed(CHAT)
    assert_type(session["path"], str)
    assert_type(session.url.path, str)
    assert_type(session.subprotocol, str | None)
    return await session.close()


async def with_a_reply(connected: ConnectedWebSocket[None]) -> Ended:
    """A reply to what does not fit, which leaves the types alone."""
    reply = ErrorReply(to_problem, at_most=5)
    assert_type(reply, ErrorReply[Problem])
    session = connected.typed(CHAT).with_reply(reply)
    assert_type(session, TypedWebSocket[Say | Join, Said | Problem, None])
    async for message in session:
        assert_type(message, Say | Join)
    return await session.close()


async def with_a_reply_in_a_line(connected: ConnectedWebSocket) -> Ended:
    """A reply to what does not fit, as a lambda without a limit."""
    reply = ErrorReply(lambda error: Problem(error.problem), at_most=None)
    session = connected.typed(CHAT).with_reply(reply)
    return await session.close()


async def with_an_error_of_ones_own(connected: ConnectedWebSocket) -> Ended:
    """What does not fit is caught, and the connection goes on."""
    session = connected.typed(JsonCodec(Join, Problem))
    while True:
        try:
            message = await session.receive()
        except ValidationError as error:
            await session.send(Problem(error.problem))
            continue
        if isinstance(message, ClosedWebSocket):
            return message


async def given_to_a_wider_function(connected: ConnectedWebSocket) -> Ended:
    """A typed connection, given to a function that asks for less."""
    return await takes_a_wider_session(connected.typed(CHAT))


async def chosen_by_the_client(websocket: UnacceptedWebSocket) -> Ended:
    """The subprotocol that the client speaks decides of which types the messages are."""
    chosen = websocket.negotiate(CHAT_V2, CHAT_V1)
    if chosen is None:
        return await websocket.close()
    assert_type(chosen, Subprotocol[ChatV2 | ChatV1])
    session = await websocket.accept(chosen, headers={"x-served-by": "typedws"})
    assert_type(session, ChatV2 | ChatV1)
    if session.subprotocol == "chat.v2":
        assert_type(session, ChatV2)
        assert_type(await session.receive(), Say | Join | ClosedWebSocket)
        return await talk(session)
    assert_type(session, ChatV1)
    assert_type(await session.receive(), str | ClosedWebSocket)
    return await talk_in_lines(session)


async def told_apart_by_a_match(websocket: UnacceptedWebSocket) -> Ended:
    """A `match` over the subprotocols, to its end."""
    chosen = websocket.negotiate(CHAT_V1, CHAT_V2)
    if chosen is None:
        return await websocket.close()
    session = await websocket.accept(chosen)
    match session.subprotocol:
        case "chat.v2":
            return await talk(session)
        case "chat.v1":
            return await talk_in_lines(session)
        case _ as other:
            assert_never(other)


async def neither_of_them(websocket: UnacceptedWebSocket) -> Ended:
    """A client that speaks none of the subprotocols is accepted all the same."""
    session = await websocket.accept(websocket.negotiate(CHAT_V2, CHAT_V1))
    if isinstance(session, ConnectedWebSocket):
        assert_type(session, ConnectedWebSocket[None])
        return await session.close(4000, "speak to me in another way")
    if session.subprotocol == "chat.v2":
        return await talk(session)
    return await talk_in_lines(session)


async def one_of_three(websocket: UnacceptedWebSocket) -> Ended:
    """Three subprotocols with three kinds of messages."""
    chosen = websocket.negotiate(MAYBE, CHAT_V2, CHAT_V1)
    if chosen is None:
        return await websocket.close()
    session = await websocket.accept(chosen)
    if session.subprotocol == "maybe":
        await session.send(None)
        return await session.close()
    if session.subprotocol == "chat.v1":
        return await talk_in_lines(session)
    return await talk(session)


async def only_one(websocket: UnacceptedWebSocket) -> Ended:
    """The only subprotocol that the application speaks."""
    chosen = websocket.negotiate(CHAT_V2)
    if chosen is None:
        return await websocket.close()
    assert_type(chosen.name, str)
    return await talk(await websocket.accept(chosen))


@websocket_app
async def in_two_formats(websocket: UnacceptedWebSocket) -> Ended:
    """The same messages in JSON and in MessagePack."""
    json = Subprotocol(Literal["json"], JsonCodec(Say | Join, Said))
    packed = Subprotocol(Literal["msgpack"], MsgpackCodec(Say | Join, Said))
    chosen = websocket.negotiate(packed, json)
    if chosen is None:
        return await websocket.close()
    session = await websocket.accept(chosen)
    async for message in session:
        assert_type(message, Say | Join)
        await session.send(Said("the same in both"))
    return await session.close()


async def as_json(connected: ConnectedWebSocket) -> Ended:
    """JSON of a class, without a codec."""
    assert_type(await connected.receive_json(type=Say), Say)
    assert_type(await connected.receive_json(type=Say | Join), Say | Join)
    return await connected.close()


async def as_json_in_a_loop(connected: ConnectedWebSocket) -> Ended:
    """A loop over JSON of a union."""
    async for message in connected.iter_json(type=Say | Join):
        assert_type(message, Say | Join)
    return await connected.close()


async def as_any_json(connected: ConnectedWebSocket) -> Ended:
    """JSON of no type in particular, which is narrowed."""
    data = await connected.receive_json()
    assert_type(data, JSON)
    if isinstance(data, dict):
        await connected.send_json(data)
    return await connected.close()
