"""Paths that do not end the connection"""

from collections.abc import AsyncIterator

import anyio

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    DeniedWebSocket,
    Ended,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)


async def falls_off_the_end(websocket: UnacceptedWebSocket) -> ClosedWebSocket:  # E
    """A handler returns without a close."""
    connected = await websocket.accept()
    await connected.send_text("hello")


async def drops_what_close_returns(websocket: UnacceptedWebSocket) -> ClosedWebSocket:  # E
    """A handler closes, and does not return what the close gives it."""
    connected = await websocket.accept()
    await connected.close()


async def ends_one_branch_only(websocket: UnacceptedWebSocket) -> Ended:  # E
    """One of two branches ends the connection, the other does not."""
    if websocket.query_params.get("token") == "secret":
        connected = await websocket.accept()
        return await connected.close()


async def answers_neither_way(websocket: UnacceptedWebSocket) -> Ended:  # E
    """A handshake is left without an answer."""
    print(websocket.url)


async def returns_early(websocket: UnacceptedWebSocket) -> Ended:
    """A bare `return` leaves the connection open."""
    connected = await websocket.accept()
    async for text in connected.iter_text():
        if text == "hello":
            return  # E
    return await connected.close()


async def breaks_out_of_the_loop(websocket: UnacceptedWebSocket) -> ClosedWebSocket:  # E
    """A `break` leaves a receive loop before the end of the connection."""
    connected = await websocket.accept()
    while not isinstance(event := await connected.receive(), ClosedWebSocket):
        if event == TextMessage("hello"):
            break
    else:
        return event


async def returns_the_last_event(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """The last message is returned in place of the end."""
    connected = await websocket.accept()
    while not isinstance(event := await connected.receive(), ClosedWebSocket):
        if event == TextMessage("hello"):
            break
    return event  # E


async def returns_the_connection(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """The open connection is returned in place of the end."""
    connected = await websocket.accept()
    return connected  # E


async def returns_the_handshake(websocket: UnacceptedWebSocket) -> Ended:
    """The unanswered handshake is returned in place of the end."""
    return websocket  # E


async def returns_the_error(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """The disconnect error is returned in place of the end that it carries."""
    connected = await websocket.accept()
    try:
        while True:
            await connected.receive_text()
    except WebSocketDisconnect as disconnect:
        return disconnect  # E


async def swallows_the_error(websocket: UnacceptedWebSocket) -> ClosedWebSocket:  # E
    """A disconnect is caught, and nothing is returned for it."""
    connected = await websocket.accept()
    try:
        while True:
            await connected.send_text(await connected.receive_text())
    except WebSocketDisconnect:
        print("gone")


async def runs_out_of_time(websocket: UnacceptedWebSocket) -> Ended:  # E
    """A deadline passes, and nothing is returned after it."""
    connected = await websocket.accept()
    with anyio.move_on_after(0):
        while not isinstance(event := await connected.receive(), ClosedWebSocket):
            await connected.send(event)
        return event


async def leaves_one_arm_open(websocket: UnacceptedWebSocket) -> Ended:  # E
    """One arm of a `match` does not end the connection."""
    connected = await websocket.accept()
    match await connected.receive():
        case TextMessage(data=text):
            await connected.send_text(text)
        case BytesMessage():
            return await connected.close(1003)
        case ClosedWebSocket() as closed:
            return closed


async def denies_where_it_must_close(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A handler that promises a close refuses the handshake."""
    return await websocket.close()  # E


async def closes_where_it_must_deny(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A handler that promises a refusal accepts and closes."""
    connected = await websocket.accept()
    return await connected.close()  # E


async def closes_by_hand(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """The proof of a close is made by hand."""
    print(websocket.url)
    return ClosedWebSocket()  # E


async def closes_by_hand_with_a_code(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """The proof of a close is made by hand, with a code."""
    print(websocket.url)
    return ClosedWebSocket(code=1000, reason="")  # E


async def denies_by_hand(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """The proof of a refusal is made by hand."""
    print(websocket.url)
    return DeniedWebSocket(403)  # E


async def connects_by_hand(websocket: UnacceptedWebSocket) -> Ended:
    """A connection is made by hand, without an accept."""
    connected = ConnectedWebSocket(websocket)  # E
    return await connected.close()


async def yields(websocket: UnacceptedWebSocket) -> AsyncIterator[str]:
    connected = await websocket.accept()
    async for text in connected.iter_text():
        yield text


async def returns_its_messages(websocket: UnacceptedWebSocket) -> Ended:
    """The messages are returned in place of the end."""
    return yields(websocket)  # E
