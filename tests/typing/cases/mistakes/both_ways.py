"""Both ways at once"""

from collections.abc import AsyncIterator

from attrs import frozen

from typedws import (
    BytesMessage,
    ConnectedWebSocket,
    Ended,
    JsonCodec,
    Limits,
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


CHAT = JsonCodec(Say, Said)


async def texts() -> AsyncIterator[str]:
    yield "hello"


async def reads_in_the_place_of_the_writer(connected: ConnectedWebSocket) -> Ended:
    """A reader is given to `run()` where the writer belongs."""

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            print(message)

    return await connected.run(writer=listen)  # E


async def runs_what_was_called(connected: ConnectedWebSocket) -> Ended:
    """A reader is called, and not handed over."""

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            print(message)

    reader, _ = connected.split()
    return await connected.run(listen(reader))  # E


async def runs_what_is_not_async(connected: ConnectedWebSocket) -> Ended:
    """A plain function is given to `run()` as its reader."""

    def listen(messages: WebSocketReader[Message]) -> None:
        print(messages)

    return await connected.run(listen)  # E


async def writes_what_only_the_peer_says(connected: ConnectedWebSocket) -> Ended:
    """A writer sends a message that only the peer may send."""

    async def tell(writer: WebSocketWriter[Said]) -> None:
        await writer.send(Say("hello"))  # E

    return await connected.typed(CHAT).run(writer=tell)


async def reads_messages_of_another_codec(connected: ConnectedWebSocket) -> Ended:
    """A reader takes other messages than the session receives."""

    async def listen(messages: WebSocketReader[Said]) -> None:
        async for message in messages:
            print(message.text)

    return await connected.typed(CHAT).run(listen)  # E


async def streams_texts_as_messages(connected: ConnectedWebSocket) -> Ended:
    """Texts are streamed where messages are sent."""
    return await connected.typed(CHAT).send_each(texts())  # E


async def sends_with_the_half_that_reads(connected: ConnectedWebSocket) -> Ended:
    """The half that reads is asked to send."""
    reader, _ = connected.split()
    await reader.send(TextMessage("hello"))  # E
    return await connected.close()


async def receives_with_the_half_that_writes(connected: ConnectedWebSocket) -> Ended:
    """The half that writes is asked to receive."""
    _, writer = connected.split()
    await writer.receive()  # E
    return await connected.close()


async def forgets_what_the_run_returns(connected: ConnectedWebSocket) -> Ended:  # E
    """`run()` is awaited, and the end that it returns is dropped."""

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            print(message)

    await connected.run(listen)


async def handles_no_message(connected: ConnectedWebSocket) -> Ended:
    """The function that is to handle each message takes none."""

    async def handle() -> None:
        print("a message")

    return await connected.receive_each(handle)  # E


async def waits_for_a_text_of_seconds(connected: ConnectedWebSocket) -> Ended:
    """A time-out is given as a text."""
    await connected.receive(timeout="5s")  # E
    return await connected.close()


def limits_by_a_number() -> object:
    """A number is given as the limits of an application."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        return await websocket.close()

    return websocket_app(handler, limits=5)  # E


def limits_a_size_by_a_text() -> object:
    """The largest message is given as a text."""
    return Limits(message_size="1 MiB")  # E
