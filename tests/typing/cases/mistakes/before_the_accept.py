"""Before the accept"""

from typing import Literal

from typedws import ConnectedWebSocket, Ended, TextMessage, UnacceptedWebSocket


async def sends_a_text(websocket: UnacceptedWebSocket) -> Ended:
    """A text is sent before the accept."""
    await websocket.send_text("too early")  # E
    return await websocket.close()


async def sends_bytes(websocket: UnacceptedWebSocket) -> Ended:
    """Bytes are sent before the accept."""
    await websocket.send_bytes(b"too early")  # E
    return await websocket.close()


async def sends_json(websocket: UnacceptedWebSocket) -> Ended:
    """JSON is sent before the accept."""
    await websocket.send_json({"event": "too early"})  # E
    return await websocket.close()


async def sends_a_message(websocket: UnacceptedWebSocket) -> Ended:
    """A message object is sent before the accept."""
    await websocket.send(TextMessage("too early"))  # E
    return await websocket.close()


async def receives(websocket: UnacceptedWebSocket) -> Ended:
    """A message is received before the accept."""
    await websocket.receive_text()  # E
    return await websocket.close()


async def takes_events(websocket: UnacceptedWebSocket) -> Ended:
    """An event is received before the accept."""
    await websocket.receive()  # E
    return await websocket.close()


async def iterates(websocket: UnacceptedWebSocket) -> Ended:
    """Messages are iterated over before the accept."""
    async for _ in websocket:  # E
        print("another")
    return await websocket.close()


async def iterates_over_texts(websocket: UnacceptedWebSocket) -> Ended:
    """Texts are iterated over before the accept."""
    async for _ in websocket.iter_text():  # E
        print("another")
    return await websocket.close()


async def drops_what_accept_returns(websocket: UnacceptedWebSocket) -> Ended:
    """The accept is made, and the old state goes on to be used as the connection."""
    await websocket.accept()
    await websocket.send_text("hello")  # E
    return await websocket.close()  # E: plugin


async def refuses_with_a_close_code(websocket: UnacceptedWebSocket) -> Ended:
    """A handshake is refused with a close code, which no client would see."""
    return await websocket.close(code=1008)  # E


async def refuses_with_a_text(websocket: UnacceptedWebSocket) -> Ended:
    """A handshake is denied with a text in place of a response."""
    return await websocket.send_denial_response("no")  # E


async def offers_a_list(websocket: UnacceptedWebSocket) -> ConnectedWebSocket:
    """Subprotocols are accepted as a list, under a name of another library."""
    return await websocket.accept(subprotocols=["chat"])  # E


async def accepts_bytes(websocket: UnacceptedWebSocket) -> ConnectedWebSocket:
    """A subprotocol is given as bytes."""
    return await websocket.accept(b"chat")  # E


async def accepts_with_a_header_that_is_a_number(websocket: UnacceptedWebSocket) -> ConnectedWebSocket:
    """A header of the accept is a number."""
    return await websocket.accept(headers={"x-limit": 10})  # E


async def accepts_with_a_line_of_text(websocket: UnacceptedWebSocket) -> ConnectedWebSocket:
    """The headers of the accept are one text."""
    return await websocket.accept(headers="x-served-by: chat")  # E


async def accepts_with_a_line_break(websocket: UnacceptedWebSocket) -> Ended:
    """A header of the accept has a line break in it."""
    connected = await websocket.accept(headers={"x-name": "a\r\nb: c"})  # E: nobody
    return await connected.close()


async def accepts_what_was_not_offered(websocket: UnacceptedWebSocket) -> Ended:
    """A subprotocol is accepted that the client has not offered."""
    connected = await websocket.accept("chat.v9")  # E: nobody
    return await connected.close()


async def negotiates_with_a_text(websocket: UnacceptedWebSocket) -> Ended:
    """A subprotocol is negotiated with a text in place of a Literal."""
    connected = await websocket.accept(websocket.negotiate("chat"))  # E
    return await connected.close()


async def negotiates_with_a_list(websocket: UnacceptedWebSocket) -> Ended:
    """A subprotocol is negotiated with a list in place of a Literal."""
    connected = await websocket.accept(websocket.negotiate(["chat"]))  # E
    return await connected.close()


async def overlooks_that_none_was_agreed(websocket: UnacceptedWebSocket) -> Ended:
    """The negotiated subprotocol is used as if there were always one."""
    name = websocket.negotiate(Literal["chat.v2", "chat.v1"])
    version = name.removeprefix("chat.v")  # E
    connected = await websocket.accept(name)
    await connected.send_text(version)
    return await connected.close()


async def compares_with_another_name(websocket: UnacceptedWebSocket) -> Ended:
    """The subprotocol is compared with a name that was never negotiated."""
    connected = await websocket.accept(websocket.negotiate(Literal["chat.v2", "chat.v1"]))
    if connected.subprotocol == "chat.v3":  # E: not pyrefly ty
        print("three")
    return await connected.close()
