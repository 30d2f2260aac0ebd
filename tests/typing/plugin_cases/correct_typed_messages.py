"""Correct programs with typed messages. Nothing here may be reported."""

from typing import Literal, assert_never

from typedws import (
    ClosedWebSocket,
    Codec,
    ConnectedWebSocket,
    DecodeError,
    Ended,
    ErrorReply,
    Subprotocol,
    TypedWebSocket,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)

Texts = TypedWebSocket[str, str]
TextsV2 = Subprotocol[TypedWebSocket[str, str, Literal["v2"]]]
BytesV1 = Subprotocol[TypedWebSocket[bytes, bytes, Literal["v1"]]]


async def echo(ws: UnacceptedWebSocket, codec: Codec[str, str]) -> Ended:
    connected = await ws.accept()
    session = connected.typed(codec)
    async for message in session:
        await session.send(message)
    return await session.close()


async def echo_with_a_token(session: Texts) -> Ended:
    while not isinstance(message := await session.receive(), ClosedWebSocket):
        await session.send(message)
    return message


async def echo_with_a_match(session: Texts) -> Ended:
    while True:
        message = await session.receive()
        match message:
            case "quit":
                return await session.close()
            case str():
                await session.send(message)
            case ClosedWebSocket():
                return message
            case _:
                assert_never(message)


async def goes_on_after_a_message_that_does_not_fit(session: Texts) -> Ended:
    while True:
        try:
            message = await session.receive()
        except DecodeError:
            await session.send("again, please")
            continue
        if isinstance(message, ClosedWebSocket):
            return message
        await session.send(message)


async def both_views(connected: ConnectedWebSocket, codec: Codec[str, str]) -> Ended:
    session = connected.typed(codec)
    await connected.send_bytes(b"as it is")
    await session.send("through the codec")
    return await connected.close()


async def closes_twice(session: Texts) -> Ended:
    await session.close()
    return await session.close(4000)


async def closes_in_the_loop(session: Texts) -> Ended:
    async for message in session:
        if message == "quit":
            await session.close()
            break
        await session.send(message)
    return await session.close()


async def receives_after_the_close(session: Texts) -> Ended:
    await session.close()
    message = await session.receive()
    return message if isinstance(message, ClosedWebSocket) else await session.close()


async def sends_until_the_end(session: Texts) -> Ended:
    try:
        while True:
            await session.send("tick")
    except WebSocketDisconnect as disconnect:
        return disconnect.closed


async def negotiates(ws: UnacceptedWebSocket, v2: TextsV2, v1: BytesV1) -> Ended:
    chosen = ws.negotiate(v2, v1)
    if chosen is None:
        return await ws.close()
    session = await ws.accept(chosen)
    print(ws.url, session.subprotocol)
    if session.subprotocol == "v2":
        await session.send("hello")
    else:
        await session.send(b"hello")
    return await session.close()


async def replies(session: Texts, reply: ErrorReply[str]) -> Ended:
    session = session.with_reply(reply)
    async for message in session:
        await session.send(message)
    return await session.close()
