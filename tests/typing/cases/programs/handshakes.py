"""Handshakes: subprotocols, headers, parameters"""

from collections.abc import Mapping
from typing import Literal, TypeAlias, assert_never, assert_type

from typedws import (
    JSON,
    URL,
    Address,
    CloseCode,
    ClosedWebSocket,
    ConnectedWebSocket,
    DeniedWebSocket,
    Ended,
    Headers,
    Message,
    QueryParams,
    UnacceptedWebSocket,
)

Version: TypeAlias = Literal["chat.v2", "chat.v1"]


async def negotiated(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A subprotocol, whose names stay known."""
    name = websocket.negotiate(Literal["chat.v2", "chat.v1"])
    assert_type(name, Version | None)
    if name is None:
        nameless = await websocket.accept()
        assert_type(nameless, ConnectedWebSocket[None])
        return await nameless.close()
    connected = await websocket.accept(name)
    assert_type(connected, ConnectedWebSocket[Version])
    match connected.subprotocol:
        case "chat.v2":
            await connected.send_json({"version": 2})
        case "chat.v1":
            await connected.send_text("one")
        case _ as unknown:
            assert_never(unknown)
    return await connected.close()


async def negotiated_in_one_line(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A subprotocol, chosen and accepted in one line."""
    connected = await websocket.accept(websocket.negotiate(Version))
    assert_type(connected.subprotocol, Version | None)
    return await connected.close()


async def negotiated_by_hand(websocket: UnacceptedWebSocket) -> Ended:
    """A subprotocol, chosen from what the client offers."""
    for offered in websocket.subprotocols:
        if offered.startswith("chat."):
            connected = await websocket.accept(offered)
            name: str | None = connected.subprotocol
            print(name)
            return await connected.close()
    return await websocket.close()


async def with_headers(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Headers for the response, as a mapping."""
    connected = await websocket.accept(headers={"x-served-by": "chat"})
    return await connected.close()


async def with_pairs(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Headers for the response, as pairs."""
    cookies = [("set-cookie", "a=b"), ("set-cookie", "c=d")]
    connected = await websocket.accept(headers=cookies)
    return await connected.close()


def read(websocket: UnacceptedWebSocket) -> None:
    """What the handshake says, and of what type it is."""
    assert_type(websocket.url, URL)
    assert_type(websocket.url.port, int | None)
    assert_type(websocket.headers, Headers)
    assert_type(websocket.headers["host"], str)
    assert_type(websocket.headers.get("host"), str | None)
    assert_type(websocket.query_params, QueryParams)
    assert_type(websocket.query_params.getlist("tag"), list[str])
    assert_type(websocket.cookies, Mapping[str, str])
    assert_type(websocket.path_params, Mapping[str, object])
    assert_type(websocket.state, Mapping[str, object])
    assert_type(websocket.client, Address | None)
    assert_type(websocket.subprotocols, tuple[str, ...])


async def read_as_a_mapping(websocket: UnacceptedWebSocket) -> Ended:
    """The scope by its keys, in each state."""
    assert_type(websocket["path"], str)
    connected = await websocket.accept()
    assert_type(connected["query_string"], bytes)
    closed = await connected.close()
    assert_type(closed["subprotocols"], tuple[str, ...])
    assert_type(closed.get("something.else"), object)
    print(dict(closed))
    return closed


async def read_after_the_accept(websocket: UnacceptedWebSocket) -> Ended:
    """The old state, which can still be read."""
    connected = await websocket.accept()
    await connected.send_text(f"{websocket.url} {websocket.headers.get('host')}")
    return await connected.close()


async def parameters(websocket: UnacceptedWebSocket) -> Ended:
    """Parameters of path and query, narrowed before they are used."""
    room = websocket.path_params.get("room", "lobby")
    page = websocket.query_params.get("page", "1")
    if not isinstance(room, str) or not page.isdecimal():
        return await websocket.close()
    connected = await websocket.accept()
    await connected.send_json({"room": room.title(), "page": int(page)})
    return await connected.close()


async def received(connected: ConnectedWebSocket) -> ClosedWebSocket:
    """What is received, and of what type it is."""
    assert_type(await connected.receive(), Message | ClosedWebSocket)
    assert_type(await connected.receive_text(), str)
    async for text in connected.iter_text():
        assert_type(text, str)
    return await connected.close(CloseCode.GOING_AWAY)


async def received_as_bytes(connected: ConnectedWebSocket) -> ClosedWebSocket:
    """What is received in binary messages, and of what type it is."""
    assert_type(await connected.receive_bytes(), bytes)
    async for value in connected.iter_json(mode="binary"):
        assert_type(value, JSON)
    return await connected.close()


async def sent(connected: ConnectedWebSocket) -> ClosedWebSocket:
    """What can be sent as JSON: read-only containers of whatever is JSON."""
    numbers: dict[str, int] = {"a": 1}
    lists: Mapping[str, list[float]] = {"a": [1.5]}
    await connected.send_json(numbers)
    await connected.send_json(lists, mode="binary")
    await connected.send_json((None, True, "text", [1, {"a": ()}]))
    await connected.send_bytes(bytearray(b"buffer"))
    await connected.send_bytes(memoryview(b"buffer"))
    return await connected.close()


async def denied(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A refusal, and of what type it is."""
    end = await websocket.close()
    assert_type(end.status, int)
    assert_type(end.response_sent, bool)
    return end
