"""Echo"""

from typing import assert_never, assert_type

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    Ended,
    Message,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
    websocket_app,
)


@websocket_app
async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Both kinds of messages, by iteration."""
    connected = await websocket.accept()
    async for message in connected:
        assert_type(message, Message)
        await connected.send(message)
    return await connected.close()


@websocket_app
async def echo_of_texts(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Texts, by iteration."""
    connected = await websocket.accept()
    async for text in connected.iter_text():
        await connected.send_text(f"Message text was: {text}")
    return await connected.close()


async def echo_with_a_walrus(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A loop whose last event is the end."""
    connected = await websocket.accept()
    while not isinstance(event := await connected.receive(), ClosedWebSocket):
        assert_type(event, Message)
        await connected.send(event)
    assert_type(event, ClosedWebSocket)
    return event


async def echo_with_a_match(websocket: UnacceptedWebSocket) -> Ended:
    """A `match` over all events, closed by `assert_never`."""
    connected = await websocket.accept()
    while True:
        event = await connected.receive()
        match event:
            case TextMessage(data="bye"):
                return await connected.close(1000, "bye")
            case TextMessage(data=text):
                await connected.send_text(text)
            case BytesMessage(data=data):
                await connected.send_bytes(data)
            case ClosedWebSocket():
                return event
            case _:
                assert_never(event)


async def echo_with_a_match_in_place(websocket: UnacceptedWebSocket) -> Ended:
    """A `match` over all events, which needs no name and no last arm."""
    connected = await websocket.accept()
    while True:
        match await connected.receive():
            case TextMessage(text):
                await connected.send_text(text)
            case BytesMessage(data):
                await connected.send_bytes(data)
            case ClosedWebSocket() as closed:
                return closed


async def echo_with_isinstance(websocket: UnacceptedWebSocket) -> Ended:
    """A chain of `isinstance`."""
    connected = await websocket.accept()
    while True:
        event = await connected.receive()
        if isinstance(event, TextMessage):
            await connected.send_text(event.data)
        elif isinstance(event, BytesMessage):
            await connected.send_bytes(event.data)
        else:
            assert_type(event, ClosedWebSocket)
            return event


async def echo_until_the_disconnect(websocket: UnacceptedWebSocket) -> Ended:
    """A loop that the disconnect ends, whose error carries the end."""
    connected = await websocket.accept()
    try:
        while True:
            await connected.send_text(await connected.receive_text())
    except WebSocketDisconnect as disconnect:
        return disconnect.closed


async def echo_of_json(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """JSON, taken apart by a `match`."""
    connected = await websocket.accept()
    async for document in connected.iter_json():
        match document:
            case {"type": "say", "text": str(text)}:
                await connected.send_json({"type": "said", "text": text})
            case {"type": "quit"}:
                return await connected.close(1000, "bye")
            case [*items]:
                await connected.send_json({"count": len(items)})
            case _:
                await connected.send_json({"type": "error", "got": document})
    return await connected.close()


async def echo_of_binary_json(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """JSON in binary messages, narrowed by `isinstance`."""
    connected = await websocket.accept()
    document = await connected.receive_json(mode="binary")
    if isinstance(document, dict) and isinstance(document.get("name"), str):
        await connected.send_json({"hello": document["name"]}, mode="binary")
    return await connected.close()


async def quit_in_the_loop(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A close inside the loop, which then ends."""
    connected = await websocket.accept()
    async for text in connected.iter_text():
        if text == "quit":
            await connected.close(1000, "bye")
        else:
            await connected.send_text(text)
    return await connected.close()


async def quit_with_a_break(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A `break`, and the close after the loop."""
    connected = await websocket.accept()
    async for text in connected.iter_text():
        if text == "quit":
            break
        await connected.send_text(text)
    return await connected.close()


async def story_of_the_end(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """How it ended, for the log."""
    connected = await websocket.accept()
    closed = await connected.close(4000, "that is all")
    assert_type(closed.code, int)
    if closed.closed_by == "network" or not closed.clean:
        print("lost", closed.client)
    else:
        print(closed.code, closed.reason)
    return closed
