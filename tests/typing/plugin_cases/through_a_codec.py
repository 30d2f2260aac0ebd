"""Mistakes with typed messages: the same transitions, seen through a codec."""

from typing import Literal

from typedws import (
    ClosedWebSocket,
    Codec,
    ConnectedWebSocket,
    Ended,
    ErrorReply,
    Subprotocol,
    TypedWebSocket,
    UnacceptedWebSocket,
)

Texts = TypedWebSocket[str, str]
TextsV2 = Subprotocol[TypedWebSocket[str, str, Literal["v2"]]]
BytesV1 = Subprotocol[TypedWebSocket[bytes, bytes, Literal["v1"]]]


async def send(session: Texts) -> Ended:
    closed = await session.close()
    await session.send("bye")  # E: mypy-plugin[typestate]
    return closed


async def on_some_path(session: Texts, *, is_done: bool) -> Ended:
    if is_done:
        await session.close(4000, "done")
    await session.send("more")  # E: mypy-plugin[typestate]
    return await session.close()


async def straight_from_typed(
    connected: ConnectedWebSocket, codec: Codec[str, str]
) -> Ended:
    session = connected.typed(codec)
    await session.close()
    await session.send("bye")  # E: mypy-plugin[typestate]
    return await session.close()


async def with_a_reply(session: Texts, reply: ErrorReply[str]) -> Ended:
    patient = session.with_reply(reply)
    await patient.close()
    await patient.send("bye")  # E: mypy-plugin[typestate]
    return await patient.close()


async def after_the_messages(session: Texts) -> Ended:
    async for text in session:
        if text == "quit":
            await session.close()
    await session.send("bye")  # E: mypy-plugin[typestate]
    return await session.close()


async def in_the_loop(session: Texts) -> Ended:
    while True:
        message = await session.receive()
        if isinstance(message, ClosedWebSocket):
            return message
        if message == "quit":
            await session.close()
        await session.send(message)  # E: mypy-plugin[typestate]


async def accepts_twice(ws: UnacceptedWebSocket, v2: TextsV2) -> Ended:
    await ws.accept(v2)
    session = await ws.accept(v2)  # E: mypy-plugin[typestate]
    return await session.close()


async def refuses_what_it_accepted(ws: UnacceptedWebSocket, v2: TextsV2) -> Ended:
    await ws.accept(v2)
    return await ws.close()  # E: mypy-plugin[typestate]


async def accepts_a_choice_twice(
    ws: UnacceptedWebSocket, v2: TextsV2, v1: BytesV1
) -> Ended:
    session = await ws.accept(ws.negotiate(v2, v1))
    if session.subprotocol is None:
        await ws.accept()  # E: mypy-plugin[typestate]
    return await session.close()
