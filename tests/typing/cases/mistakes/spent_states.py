"""A state that was left"""

import asyncio
import contextlib

import anyio
import attrs

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    LocalProtocolError,
    TextMessage,
    UnacceptedWebSocket,
)


async def refuse(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    return await websocket.close()


async def accepts_twice(websocket: UnacceptedWebSocket) -> Ended:
    """A handshake is accepted twice."""
    await websocket.accept()
    connected = await websocket.accept()  # E: plugin
    return await connected.close()


async def refuses_after_the_accept(websocket: UnacceptedWebSocket) -> Ended:
    """The old name is closed after the accept."""
    connected = await websocket.accept()
    await connected.send_text("hello")
    return await websocket.close()  # E: plugin


async def denies_after_the_accept(websocket: UnacceptedWebSocket) -> Ended:
    """A denial is sent after the accept."""
    await websocket.accept()
    return await websocket.send_denial_response(DenialResponse(401))  # E: plugin


async def accepts_after_the_denial(websocket: UnacceptedWebSocket) -> Ended:
    """A handshake is accepted after it was denied."""
    await websocket.send_denial_response(DenialResponse(401))
    connected = await websocket.accept()  # E: plugin
    return await connected.close()


async def forgets_to_return(websocket: UnacceptedWebSocket) -> Ended:
    """A refusal on one branch lacks its `return`, and the accept follows."""
    if websocket.query_params.get("token") != "secret":
        await websocket.close()
    connected = await websocket.accept()  # E: plugin
    return await connected.close()


async def accepts_in_every_turn(websocket: UnacceptedWebSocket) -> Ended:
    """A handshake is accepted again in the second turn of a loop."""
    while True:
        connected = await websocket.accept()  # E: plugin
        async for text in connected.iter_text():
            await connected.send_text(text)


async def refuses_in_one_arm(websocket: UnacceptedWebSocket) -> Ended:
    """A handshake is refused in one arm of a `match`, and accepted after it."""
    match websocket.path_params.get("room"):
        case "lobby":
            print("come in")
        case _:
            await websocket.close()
    connected = await websocket.accept()  # E: plugin
    return await connected.close()


async def refuses_in_the_handler_of_an_error(websocket: UnacceptedWebSocket) -> Ended:
    """An error after the accept is answered with a refusal."""
    try:
        connected = await websocket.accept()
        await connected.send_text(websocket.headers["x-token"])
    except KeyError:
        return await websocket.close()  # E: plugin
    return await connected.close()


async def refuses_in_finally(websocket: UnacceptedWebSocket) -> Ended:
    """The handshake is refused in a `finally` that also follows the accept."""
    try:
        connected = await websocket.accept()
        return await connected.close()
    finally:
        await websocket.close()  # E: plugin


async def goes_on_after_a_suppressed_error(websocket: UnacceptedWebSocket) -> Ended:
    """The handshake is refused after an accept whose error would be suppressed."""
    with contextlib.suppress(LocalProtocolError):
        await websocket.accept()
    return await websocket.close()  # E: plugin


async def goes_on_after_a_deadline(websocket: UnacceptedWebSocket) -> Ended:
    """The handshake is refused after an accept within a deadline."""
    with anyio.move_on_after(5):
        await websocket.accept()
    return await websocket.close()  # E: plugin


async def hands_it_on(websocket: UnacceptedWebSocket) -> Ended:
    """The old state is handed to a helper after the accept."""
    await websocket.accept()
    return await refuse(websocket)  # E: plugin


async def hands_it_to_a_task(websocket: UnacceptedWebSocket) -> Ended:
    """The old state is handed to a task after the accept."""
    connected = await websocket.accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(refuse, websocket)  # E: plugin
    return await connected.close()


async def does_both_at_once(websocket: UnacceptedWebSocket) -> Ended:
    """A handshake is accepted and refused by two tasks."""
    connected, _ = await asyncio.gather(websocket.accept(), websocket.close())  # E: plugin
    return await connected.close()


async def keeps_it_in_a_closure(websocket: UnacceptedWebSocket) -> Ended:
    """A function inside the handler refuses what the handler has accepted."""
    connected = await websocket.accept()

    async def stop() -> None:
        await websocket.close()  # E: plugin

    await stop()
    return await connected.close()


@attrs.frozen
class Session:
    websocket: UnacceptedWebSocket


async def keeps_it_in_an_attribute(websocket: UnacceptedWebSocket) -> Ended:
    """An object refuses the handshake in its attribute after it has accepted it."""
    session = Session(websocket)
    await session.websocket.accept()
    return await session.websocket.close()  # E: plugin


async def admitted(websocket: UnacceptedWebSocket) -> UnacceptedWebSocket:
    """A helper returns the old state after the accept."""
    await websocket.accept()
    return websocket  # E: plugin


async def sends_after_the_close(connected: ConnectedWebSocket) -> Ended:
    """A text is sent after the close."""
    closed = await connected.close()
    await connected.send_text("bye")  # E: plugin
    return closed


async def sends_after_a_close_on_some_path(connected: ConnectedWebSocket) -> Ended:
    """A text is sent after a close on some path."""
    if connected.query_params.get("silent") is None:
        await connected.close()
    await connected.send_text("more")  # E: plugin
    return await connected.close()


async def sends_after_the_loop(connected: ConnectedWebSocket) -> Ended:
    """A farewell is sent after a loop that has closed."""
    async for text in connected.iter_text():
        if text == "hello":
            await connected.close()
            break
    await connected.send_text("bye")  # E: plugin
    return await connected.close()


async def goes_on_in_the_same_turn(connected: ConnectedWebSocket) -> Ended:
    """An answer is sent in the turn of the loop that has closed."""
    async for message in connected:
        if message == TextMessage("hello"):
            await connected.close()
        await connected.send(message)  # E: plugin
    return await connected.close()


async def sends_in_finally(connected: ConnectedWebSocket) -> ClosedWebSocket:
    """A farewell is sent in a `finally` that also follows the close."""
    try:
        await connected.send_text("hello")
        return await connected.close()
    finally:
        await connected.send_text("bye")  # E: plugin
