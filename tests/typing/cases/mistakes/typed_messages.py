"""Typed messages"""

from typing import Final, Literal, assert_never

from attrs import frozen

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DecodeError,
    Ended,
    ErrorReply,
    JsonCodec,
    Subprotocol,
    TypedWebSocket,
    UnacceptedWebSocket,
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


CHAT: Final = JsonCodec(Say | Join, Said | Problem)
CHAT_V3: Final = Subprotocol(Literal["chat.v3"], CHAT)
CHAT_V2: Final = Subprotocol(Literal["chat.v2"], CHAT)
CHAT_V1: Final = Subprotocol(Literal["chat.v1"], LineCodec())

Chat = TypedWebSocket[Say | Join, Said | Problem]
ChatV2 = TypedWebSocket[Say | Join, Said | Problem, Literal["chat.v2"]]


def to_problem(error: DecodeError) -> Problem:
    return Problem(error.problem)


async def sends_what_it_receives(connected: ConnectedWebSocket) -> Ended:
    """A message is sent that only the peer may send."""
    session = connected.typed(CHAT)
    await session.send(Say("hello"))  # E
    return await session.close()


async def sends_the_class(connected: ConnectedWebSocket) -> Ended:
    """The class of a message is sent in place of a message."""
    session = connected.typed(CHAT)
    await session.send(Said)  # E
    return await session.close()


async def sends_a_text(connected: ConnectedWebSocket) -> Ended:
    """A text is sent in place of a message."""
    session = connected.typed(CHAT)
    await session.send("hello")  # E
    return await session.close()


async def sends_a_dict(connected: ConnectedWebSocket) -> Ended:
    """A dict is sent in place of a message."""
    session = connected.typed(CHAT)
    await session.send({"type": "Said", "text": "hello"})  # E
    return await session.close()


async def sends_a_message_of_another_codec(connected: ConnectedWebSocket) -> Ended:
    """A message is sent of which the codec knows nothing."""
    session = connected.typed(LineCodec())
    await session.send(Said("hello"))  # E
    return await session.close()


async def sends_as_without_types(connected: ConnectedWebSocket) -> Ended:
    """A method of the untyped connection is called on the typed one."""
    session = connected.typed(CHAT)
    await session.send_text("hello")  # E
    return await session.close()


async def overlooks_a_class(connected: ConnectedWebSocket) -> Ended:
    """A class of message is forgotten."""
    session = connected.typed(CHAT)
    while True:
        message = await session.receive()
        match message:
            case Say(text=text):
                await session.send(Said(text))
            case ClosedWebSocket():
                return message
            case _:
                assert_never(message)  # E


async def overlooks_the_end(connected: ConnectedWebSocket) -> Ended:
    """The end of the messages is forgotten."""
    session = connected.typed(CHAT)
    while True:
        message = await session.receive()
        match message:
            case Say(text=text):
                await session.send(Said(text))
            case Join(room=room):
                await session.send(Said(room))
            case _:
                assert_never(message)  # E


async def overlooks_a_class_in_the_loop(connected: ConnectedWebSocket) -> Ended:
    """A loop over the messages forgets a class of them."""
    session = connected.typed(CHAT)
    async for message in session:
        match message:
            case Join(room=room):
                await session.send(Said(room))
            case _:
                assert_never(message)  # E
    return await session.close()


async def overlooks_a_class_without_assert_never(connected: ConnectedWebSocket) -> Ended:
    """A class of message is forgotten, and no `assert_never` stands at the end."""
    session = connected.typed(CHAT)
    while True:
        message = await session.receive()
        match message:  # E: not ty
            case Say(text=text):
                await session.send(Said(text))
            case ClosedWebSocket():
                return message


async def reads_before_it_looks(connected: ConnectedWebSocket) -> Ended:
    """What may be the end of the connection is read as a message."""
    session = connected.typed(JsonCodec(Say, Said))
    message = await session.receive()
    print(message.text)  # E
    return await session.close()


async def reads_a_field_of_another_class(connected: ConnectedWebSocket) -> Ended:
    """A field is read that only one of the messages has."""
    session = connected.typed(CHAT)
    async for message in session:
        print(message.room)  # E
    return await session.close()


async def forgets_to_await(connected: ConnectedWebSocket) -> Ended:
    """A send of a message is not awaited."""
    session = connected.typed(CHAT)
    session.send(Said("hello"))  # E
    return await session.close()


async def iterates_without_async(connected: ConnectedWebSocket) -> Ended:
    """A loop over typed messages lacks its `async`."""
    session = connected.typed(CHAT)
    for _ in session:  # E
        await session.send(Said("hello"))
    return await session.close()


async def returns_the_session(connected: ConnectedWebSocket) -> Ended:
    """A handler returns the open typed connection."""
    return connected.typed(CHAT)  # E


async def returns_what_it_receives(connected: ConnectedWebSocket) -> Ended:
    """A handler returns what it has received, which may be a message."""
    session = connected.typed(CHAT)
    return await session.receive()  # E


async def sends_after_the_close(connected: ConnectedWebSocket) -> Ended:
    """A message is sent on what the close of a typed connection has returned."""
    session = await connected.typed(CHAT).close()
    await session.send(Said("bye"))  # E
    return session


async def gives_the_class_of_a_codec(connected: ConnectedWebSocket) -> Ended:
    """The class of a codec stands in place of its object."""
    session = connected.typed(LineCodec)  # E
    return await session.close()


async def gives_the_class_of_a_message(connected: ConnectedWebSocket) -> Ended:
    """The class of the messages stands in place of a codec."""
    session = connected.typed(Say)  # E
    return await session.close()


def makes_a_session_of_a_codec() -> Chat:
    """A typed connection is made of a codec alone."""
    return TypedWebSocket(CHAT)  # E


def makes_a_session_of_nothing() -> Chat:
    """A typed connection is made of nothing."""
    return TypedWebSocket()  # E


async def replies_with_another_class(connected: ConnectedWebSocket) -> Ended:
    """A reply to what does not fit is of a class that the codec does not send."""
    session = connected.typed(LineCodec()).with_reply(ErrorReply(to_problem))  # E
    return await session.close()


async def replies_with_what_it_receives(connected: ConnectedWebSocket) -> Ended:
    """A reply to what does not fit is a message that only the peer may send."""
    session = connected.typed(CHAT)
    answering = session.with_reply(ErrorReply(lambda error: Say(error.problem)))  # E
    return await answering.close()


async def replies_with_a_function(connected: ConnectedWebSocket) -> Ended:
    """A reply to what does not fit is a bare function."""
    session = connected.typed(CHAT).with_reply(to_problem)  # E
    return await session.close()


def replies_a_text_of_times() -> ErrorReply[Problem]:
    """The number of replies is a text."""
    return ErrorReply(to_problem, at_most="5")  # E


async def expects_less_than_comes(connected: ConnectedWebSocket) -> Ended:
    """A typed connection is taken for one on which fewer classes come."""
    session: TypedWebSocket[Say, Said | Problem] = connected.typed(CHAT)  # E
    return await session.close()


async def promises_more_than_goes(connected: ConnectedWebSocket) -> Ended:
    """A typed connection is taken for one on which more classes can be sent."""
    narrow = connected.typed(JsonCodec(Say | Join, Said))
    session: Chat = narrow  # E
    return await session.close()


def names_a_subprotocol_by_a_text() -> object:
    """A subprotocol with its messages is named by a text in place of a Literal."""
    return Subprotocol("chat.v2", CHAT)  # E


def names_a_subprotocol_by_a_number() -> object:
    """A subprotocol is named by a number."""
    return Subprotocol(Literal[2], CHAT)  # E


def names_two_subprotocols() -> object:
    """A subprotocol with its messages has two names."""
    return Subprotocol(Literal["chat.v2", "chat.v1"], CHAT)  # E: nobody


def speaks_no_codec() -> object:
    """A subprotocol is given the class of its messages in place of a codec."""
    return Subprotocol(Literal["chat.v2"], Say)  # E


async def accepts_what_may_be_missing(websocket: UnacceptedWebSocket) -> Ended:
    """The client may not speak the subprotocol, and a message is sent all the same."""
    session = await websocket.accept(websocket.negotiate(CHAT_V3))
    await session.send(Said("hello"))  # E
    return await session.close()


async def forgets_an_older_version(websocket: UnacceptedWebSocket) -> Ended:
    """The older one of two subprotocols is forgotten."""
    chosen = websocket.negotiate(CHAT_V2, CHAT_V1)
    if chosen is None:
        return await websocket.close()
    session: ChatV2 = await websocket.accept(chosen)  # E
    return await session.close()


async def mixes_up_the_versions(websocket: UnacceptedWebSocket) -> Ended:
    """A message of one subprotocol is sent where the other was chosen."""
    chosen = websocket.negotiate(CHAT_V2, CHAT_V1)
    if chosen is None:
        return await websocket.close()
    session = await websocket.accept(chosen)
    if session.subprotocol == "chat.v2":
        await session.send("hello")  # E
    return await session.close()


async def speaks_a_version_without_asking(websocket: UnacceptedWebSocket) -> Ended:
    """A message of one subprotocol is sent, and nothing asks which one was chosen."""
    chosen = websocket.negotiate(CHAT_V1, CHAT_V2)
    if chosen is None:
        return await websocket.close()
    session = await websocket.accept(chosen)
    await session.send(Said("hello"))  # E
    return await session.close()


async def overlooks_a_version(websocket: UnacceptedWebSocket) -> Ended:
    """A `match` over the subprotocols forgets one."""
    chosen = websocket.negotiate(CHAT_V1, CHAT_V2)
    if chosen is None:
        return await websocket.close()
    session = await websocket.accept(chosen)
    match session.subprotocol:
        case "chat.v2":
            pass
        case _ as other:
            assert_never(other)  # E
    return await session.close()


async def asks_for_no_version_of_these(websocket: UnacceptedWebSocket) -> Ended:
    """The chosen subprotocol is compared with a name that none of them has."""
    chosen = websocket.negotiate(CHAT_V2, CHAT_V1)
    if chosen is None:
        return await websocket.close()
    session = await websocket.accept(chosen)
    if session.subprotocol == "chat.v4":  # E: not pyrefly ty
        print("the newest")
    return await session.close()


async def mixes_names_and_subprotocols(websocket: UnacceptedWebSocket) -> Ended:
    """A subprotocol with its messages and a bare name are negotiated together."""
    print(websocket.negotiate(CHAT_V2, "chat.v1"))  # E
    return await websocket.close()


async def reads_json_as_another_class(connected: ConnectedWebSocket) -> Join:
    """JSON is read as one class, and used as another."""
    return await connected.receive_json(type=Say)  # E


async def reads_json_into_a_number(connected: ConnectedWebSocket) -> object:
    """JSON is read as a number in place of a type."""
    return await connected.receive_json(type=3)  # E


async def iterates_over_json_of_another_class(connected: ConnectedWebSocket) -> Ended:
    """JSON is iterated over as a union, and a field of one class is read."""
    async for message in connected.iter_json(type=Say | Join):
        print(message.room)  # E
    return await connected.close()
