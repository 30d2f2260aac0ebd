"""Correct programs that talk both ways. Nothing here may be reported."""

from collections.abc import AsyncIterator

from anyio import create_task_group

from typedws import (
    BytesMessage,
    ConnectedWebSocket,
    Ended,
    ReceiveTimeout,
    Session,
    TextMessage,
    TypedWebSocket,
    UnacceptedWebSocket,
    WebSocketReader,
    WebSocketWriter,
)

Message = TextMessage | BytesMessage


async def news() -> AsyncIterator[str]:
    yield "news"


async def reads_and_writes(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            await connected.send_text(f"heard {len(message.data)}")

    async def tell(writer: WebSocketWriter[Message]) -> None:
        await writer.send(TextMessage("hello"))
        await connected.wait_draining()
        await connected.send_text("the server goes down")

    return await connected.run(listen, tell)


async def only_sends(session: TypedWebSocket[str, str]) -> Ended:
    await session.send("first")
    return await session.send_each(news())


async def only_receives(session: Session[str, str]) -> Ended:
    async def handle(text: str) -> None:
        await session.send(text)

    return await session.receive_each(handle)


async def ends_by_a_condition(session: Session[str, str], *, listens: bool) -> Ended:
    if listens:
        return await session.receive_each(session.send)
    return await session.send_each(news())


async def hands_out_the_halves(connected: ConnectedWebSocket) -> Ended:
    reader, writer = connected.split()
    async with create_task_group() as tasks:
        tasks.start_soon(writer.send, TextMessage("hello"))
        async for message in reader:
            await writer.send(message)
        tasks.cancel_scope.cancel()
    return await connected.close()


async def gives_up_waiting(connected: ConnectedWebSocket) -> Ended:
    while True:
        try:
            message = await connected.receive(timeout=30)
        except ReceiveTimeout:
            await connected.send_text("still there?")
            continue
        if isinstance(message, TextMessage | BytesMessage):
            continue
        return message
