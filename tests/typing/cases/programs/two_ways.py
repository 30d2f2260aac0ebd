"""Both ways at once, and within limits"""

from collections.abc import AsyncIterator
from typing import Final, assert_type

from anyio.abc import ObjectReceiveStream, ObjectSendStream
from attrs import frozen

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    JsonCodec,
    Limits,
    RateLimit,
    ReceiveTimeout,
    Session,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketReader,
    WebSocketWriter,
    websocket_app,
)

Message = TextMessage | BytesMessage


@frozen(order=False)
class Say:
    text: str


@frozen(order=False)
class Said:
    text: str


CHAT: Final = JsonCodec(Say, Said)
PEER_SAYS: Final = '{"text": "hello"}'


async def numbers() -> AsyncIterator[Said]:
    for number in range(3):
        yield Said(str(number))


async def reads_and_writes(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A reader and a writer, each a function of its own."""
    connected = await websocket.accept()

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            assert_type(message, Message)

    async def tell(writer: WebSocketWriter[Message]) -> None:
        await writer.send(TextMessage("hello"))

    return assert_type(await connected.run(listen, tell), ClosedWebSocket)


async def reads_and_writes_messages(websocket: UnacceptedWebSocket) -> Ended:
    """The halves of a typed session have its types."""
    session = (await websocket.accept()).typed(CHAT)

    async def listen(messages: WebSocketReader[Say]) -> None:
        async for message in messages:
            assert_type(message, Say)

    async def tell(writer: WebSocketWriter[Said]) -> None:
        await writer.send(Said("hello"))

    return await session.run(listen, tell)


async def streams_messages(websocket: UnacceptedWebSocket) -> Ended:
    """A sender that streams, and learns at once that the peer has gone."""
    session = (await websocket.accept()).typed(CHAT)
    return await session.send_each(numbers())


async def answers_each_message(websocket: UnacceptedWebSocket) -> Ended:
    """A function for each message."""
    session = (await websocket.accept()).typed(CHAT)

    async def answer(message: Say) -> None:
        await session.send(Said(message.text))

    return await session.receive_each(answer)


async def speaks_on_any_session(websocket: UnacceptedWebSocket) -> Ended:
    """A helper asks for no more than it needs of a session."""

    async def greet(session: Session[object, Said]) -> None:
        await session.send(Said("welcome"))

    session = (await websocket.accept()).typed(CHAT)
    await greet(session)
    return await session.close()


async def hands_the_halves_to_what_takes_streams(
    websocket: UnacceptedWebSocket,
) -> Ended:
    """The halves are streams of anyio."""
    connected = await websocket.accept()

    async def copy(
        source: ObjectReceiveStream[Message], target: ObjectSendStream[Message]
    ) -> None:
        async for message in source:
            await target.send(message)

    reader, writer = connected.split()
    await copy(reader, writer)
    return await connected.close()


async def asks_whether_the_peer_is_there(connected: ConnectedWebSocket) -> Ended:
    """A wait that ends, and goes on."""
    while True:
        try:
            message = await connected.receive(timeout=30)
        except ReceiveTimeout as error:
            assert_type(error.seconds, float)
            await connected.send_text("are you there?")
            continue
        if isinstance(message, ClosedWebSocket):
            return message


async def says_good_bye_when_it_is_told(websocket: UnacceptedWebSocket) -> Ended:
    """A handler that hears of the shutdown, beside what it does."""
    connected = await websocket.accept()

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for _ in messages:
            await connected.send_text("heard")

    async def leave() -> None:
        await connected.wait_draining()
        await connected.send_text("the server goes down")

    return await connected.run(listen, background=[leave], code=1001)


@websocket_app(
    limits=Limits(
        message_size=64 * 1024,
        idle_timeout=60,
        rate=RateLimit(messages=10, burst=2, exceeded="close"),
    )
)
async def limited(websocket: UnacceptedWebSocket) -> Ended:
    """An application with limits."""
    connected = await websocket.accept()
    async for text in connected.iter_text(timeout=5):
        await connected.send_text(text)
    return await connected.close()
