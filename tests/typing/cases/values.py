"""What goes in and out: messages, JSON, subprotocols, and values that do not change."""

from collections.abc import Mapping
from typing import Literal, assert_type

from typedws import (
    JSON,
    BytesMessage,
    CloseCode,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    Headers,
    Message,
    QueryParams,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketApp,
)

# --- Mistakes ------------------------------------------------------------------------


async def takes_every_event_for_a_message(connection: ConnectedWebSocket) -> ClosedWebSocket:
    print((await connection.receive()).data)  # E: mypy pyright
    message: Message = await connection.receive()  # E: mypy pyright
    text: TextMessage = await connection.receive()  # E: mypy pyright
    print(message, text)
    return await connection.close()


async def takes_json_for_granted(connection: ConnectedWebSocket) -> ClosedWebSocket:
    value = await connection.receive_json()
    name: str = value  # E: mypy pyright
    print(value.upper())  # E: mypy pyright
    print(value["name"])  # E: mypy pyright
    print(name)
    async for item in connection.iter_json():
        print(item + 1)  # E: mypy pyright
    return await connection.close()


async def sends_the_wrong_kind(connection: ConnectedWebSocket) -> ClosedWebSocket:
    await connection.send_text(b"bytes")  # E: mypy pyright
    await connection.send_bytes("text")  # E: mypy pyright
    await connection.send("text")  # E: mypy pyright
    await connection.send({"type": "websocket.send", "text": "hello"})  # E: mypy pyright
    await connection.send_json({1, 2})  # E: mypy pyright
    await connection.send_json(object())  # E: mypy pyright
    await connection.send_json({"tags": {1, 2}})  # E: mypy pyright
    await connection.send_json({}, mode="bytes")  # E: mypy pyright
    await connection.receive_json("texts")  # E: mypy pyright
    return await connection.close()


async def forgets_to_await(connection: ConnectedWebSocket) -> ClosedWebSocket:
    connection.send_text("hello")  # E: mypy pyright
    connection.send(TextMessage("hello"))  # E: mypy pyright
    connection.send_json({})  # E: mypy pyright
    connection.close()  # E: mypy pyright
    for _ in connection.iter_text():  # E: mypy pyright
        pass
    return await connection.close()


def changes_what_is_frozen(
    websocket: UnacceptedWebSocket,
    connection: ConnectedWebSocket,
    closed: ClosedWebSocket,
    app: WebSocketApp,
) -> None:
    TextMessage("a").data = "b"  # E: mypy pyright
    BytesMessage(b"a").data = b"b"  # E: mypy pyright
    DenialResponse().status = 401  # E: mypy pyright
    websocket.scope = websocket.scope  # E: mypy pyright
    websocket.scope.path = "/"  # E: mypy pyright
    websocket.url.path = "/"  # E: mypy pyright
    websocket["path"] = "/"  # E: mypy pyright
    websocket.headers["host"] = "example.com"  # E: mypy pyright
    websocket.query_params["a"] = "b"  # E: mypy pyright
    websocket.cookies["a"] = "b"  # E: mypy pyright
    websocket.path_params["a"] = "b"  # E: mypy pyright
    websocket.state["a"] = "b"  # E: mypy pyright
    connection.subprotocol = "chat"  # E: mypy pyright
    closed.code = 1000  # E: mypy pyright
    app.origins = app.origins  # E: mypy pyright


def takes_a_parameter_for_a_text(websocket: UnacceptedWebSocket) -> None:
    name: str = websocket.path_params["name"]  # E: mypy pyright
    token: str = websocket.query_params.get("token")  # E: mypy pyright
    host: str = websocket.client.host  # E: mypy pyright
    print(name, token, host)


async def negotiates_with_names(websocket: UnacceptedWebSocket) -> None:
    websocket.negotiate("chat")  # E: mypy pyright
    websocket.negotiate(["chat"])  # E: mypy pyright
    name = websocket.negotiate(Literal["chat.v2", "chat.v1"])
    other: Literal["chat.v2", None] = name  # E: mypy pyright
    print(other)
    connection = await websocket.accept(name)
    print(connection.subprotocol == "chat.v3")  # E: mypy pyright


# --- Correct programs ----------------------------------------------------------------


async def receives(connection: ConnectedWebSocket) -> ClosedWebSocket:
    assert_type(await connection.receive(), TextMessage | BytesMessage | ClosedWebSocket)
    assert_type(await connection.receive_text(), str)
    assert_type(await connection.receive_bytes(), bytes)
    assert_type(await connection.receive_json(mode="binary"), JSON)
    async for message in connection:
        assert_type(message, TextMessage | BytesMessage)
    async for text in connection.iter_text():
        assert_type(text, str)
    async for data in connection.iter_bytes():
        assert_type(data, bytes)
    async for value in connection.iter_json(mode="binary"):
        assert_type(value, JSON)
    return await connection.close(CloseCode.GOING_AWAY)


async def narrows_json(connection: ConnectedWebSocket) -> ClosedWebSocket:
    match await connection.receive_json():
        case {"name": str(name), "age": int(age)}:
            await connection.send_text(f"{name} is {age}")
        case [*items]:
            await connection.send_json(items)
        case other:
            await connection.send_json({"no": other})
    return await connection.close()


async def sends_what_is_json(connection: ConnectedWebSocket) -> ClosedWebSocket:
    numbers: dict[str, int] = {"a": 1}
    lists: Mapping[str, list[float]] = {"a": [1.5]}
    await connection.send_json(numbers)
    await connection.send_json(lists, mode="binary")
    await connection.send_json((None, True, "text", [1, {"a": ()}]))
    return await connection.close()


async def negotiates(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    name = websocket.negotiate(Literal["chat.v2", "chat.v1"])
    assert_type(name, Literal["chat.v2", "chat.v1"] | None)
    if name is None:
        nameless = await websocket.accept()
        assert_type(nameless.subprotocol, None)
        return await nameless.close()
    connection = await websocket.accept(name)
    assert_type(connection.subprotocol, Literal["chat.v2", "chat.v1"])
    return await connection.close()


async def negotiates_in_one_line(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    connection = await websocket.accept(websocket.negotiate(Literal["chat"]))
    assert_type(connection.subprotocol, Literal["chat"] | None)
    return await connection.close()


async def accepts_whatever_name(websocket: UnacceptedWebSocket, name: str) -> ClosedWebSocket:
    connection = await websocket.accept(name)
    accepted: str | None = connection.subprotocol
    assert accepted == name
    return await connection.close()


def reads_the_handshake(websocket: UnacceptedWebSocket) -> None:
    assert_type(websocket.headers, Headers)
    assert_type(websocket.headers["host"], str)
    assert_type(websocket.query_params, QueryParams)
    assert_type(websocket.query_params.getlist("tag"), list[str])
    assert_type(websocket.url.port, int | None)
    assert_type(websocket.subprotocols, tuple[str, ...])
    name = websocket.path_params["name"]
    if isinstance(name, str):
        print(name.upper())
