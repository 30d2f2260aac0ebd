"""Mistakes with sessions that talk both ways, on every view of a connection."""

from collections.abc import AsyncIterator

from typedws import (
    BytesMessage,
    Codec,
    ConnectedWebSocket,
    Ended,
    Session,
    TextMessage,
    TypedWebSocket,
    UnacceptedWebSocket,
    WebSocketReader,
)

Message = TextMessage | BytesMessage


async def news() -> AsyncIterator[str]:
    yield "news"


async def listen(messages: WebSocketReader[Message]) -> None:
    async for message in messages:
        print(message.data)


async def after_run(connected: ConnectedWebSocket) -> Ended:
    closed = await connected.run(listen)
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return closed


async def after_send_each(session: TypedWebSocket[str, str]) -> Ended:
    closed = await session.send_each(news())
    await session.send("bye")  # E: mypy-plugin[typestate]
    return closed


async def after_receive_each(session: TypedWebSocket[str, str]) -> Ended:
    async def handle(text: str) -> None:
        print(text)

    closed = await session.receive_each(handle)
    await session.send("bye")  # E: mypy-plugin[typestate]
    return closed


async def after_the_close_of_any_session(session: Session[str, str]) -> Ended:
    closed = await session.close()
    await session.send("bye")  # E: mypy-plugin[typestate]
    return closed


async def after_a_run_of_any_session(session: Session[str, str], *, more: bool) -> Ended:
    if more:
        await session.send_each(news())
    await session.send("bye")  # E: mypy-plugin[typestate]
    return await session.close()


async def accepts_after_a_run(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    closed = await connected.run(listen)
    await ws.accept()  # E: mypy-plugin[typestate]
    return closed


async def through_typed(connected: ConnectedWebSocket, codec: Codec[str, str]) -> Ended:
    session = connected.typed(codec)
    closed = await session.send_each(news())
    await session.send("bye")  # E: mypy-plugin[typestate]
    return closed
