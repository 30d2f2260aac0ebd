"""A handler with a path that does not end its connection is an error."""

from typing import assert_never

import anyio

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
    websocket_app,
)

# --- Mistakes ------------------------------------------------------------------------


async def falls_off_the_end(websocket: UnacceptedWebSocket) -> ClosedWebSocket:  # E: mypy pyright
    connection = await websocket.accept()
    await connection.send_text("Hello, world!")


async def drops_what_close_returns(websocket: UnacceptedWebSocket) -> ClosedWebSocket:  # E: mypy pyright
    connection = await websocket.accept()
    await connection.close()


async def leaves_the_loop_without_an_end(websocket: UnacceptedWebSocket) -> ClosedWebSocket:  # E: mypy pyright
    connection = await websocket.accept()
    while not isinstance(message := await connection.receive(), ClosedWebSocket):
        if message == TextMessage("bye"):
            break
        await connection.send(message)
    else:
        return message


async def ends_one_branch_only(websocket: UnacceptedWebSocket) -> Ended:  # E: mypy pyright
    if websocket.query_params.get("token") == "secret":
        connection = await websocket.accept()
        return await connection.close()


async def returns_the_event_of_a_broken_loop(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    while not isinstance(message := await connection.receive(), ClosedWebSocket):
        if message == TextMessage("bye"):
            break
    return message  # E: mypy pyright


async def returns_the_open_connection(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    return connection  # E: mypy pyright


async def returns_the_handshake(websocket: UnacceptedWebSocket) -> Ended:
    return websocket  # E: mypy pyright


async def returns_nothing(websocket: UnacceptedWebSocket) -> Ended:
    await websocket.close()
    return None  # E: mypy pyright


async def forgets_to_await_the_close(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    return connection.close()  # E: mypy pyright


async def forgets_to_await_the_accept(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = websocket.accept()
    return await connection.close()  # E: mypy pyright


async def overlooks_a_kind_of_message(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    while True:
        event = await connection.receive()
        match event:
            case TextMessage(data):
                await connection.send_text(data)
            case ClosedWebSocket():
                return event
            case _:
                assert_never(event)  # E: mypy pyright


async def overlooks_the_end(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    event = await connection.receive()
    await connection.send_text(event.data)  # E: mypy pyright
    return await connection.close()


async def denies_where_it_must_close(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    return await websocket.close()  # E: mypy pyright


# --- Correct programs ----------------------------------------------------------------


@websocket_app
async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    async for message in connection:
        await connection.send(message)
    return await connection.close()


@websocket_app
async def loop_with_walrus(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    while not isinstance(event := await connection.receive(), ClosedWebSocket):
        await connection.send(event)
    return event


@websocket_app
async def match_with_assert_never(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    while True:
        event = await connection.receive()
        match event:
            case TextMessage("bye"):
                return await connection.close(1000, "bye")
            case TextMessage(data):
                await connection.send_text(data)
            case BytesMessage(data):
                await connection.send_bytes(data)
            case ClosedWebSocket():
                return event
            case _:
                assert_never(event)


@websocket_app
async def ends_in_every_branch(websocket: UnacceptedWebSocket) -> Ended:
    if websocket.query_params.get("token") != "secret":
        return await websocket.close()
    connection = await websocket.accept()
    return await connection.close()


@websocket_app
async def only_sends(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept()
    try:
        while True:
            await connection.send_text("tick")
            await anyio.sleep(1)
    except WebSocketDisconnect as lost:
        return lost.closed


async def goes_on_elsewhere(connection: ConnectedWebSocket) -> ClosedWebSocket:
    async for text in connection.iter_text():
        await connection.send_text(text)
    return await connection.close()


@websocket_app
async def hands_on(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    return await goes_on_elsewhere(await websocket.accept())
