"""What can be done in a state is what its class has; nothing makes a state by hand."""

from typing import assert_type

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    TextMessage,
    UnacceptedWebSocket,
    WebSocket,
)

# --- Mistakes ------------------------------------------------------------------------


async def acts_before_the_accept(websocket: UnacceptedWebSocket) -> Ended:
    await websocket.send_text("too early")  # E: mypy pyright
    await websocket.send_bytes(b"too early")  # E: mypy pyright
    await websocket.send_json({})  # E: mypy pyright
    await websocket.send(TextMessage("too early"))  # E: mypy pyright
    await websocket.receive()  # E: mypy pyright
    await websocket.receive_text()  # E: mypy pyright
    async for _ in websocket.iter_text():  # E: mypy pyright
        pass
    async for _ in websocket:  # E: mypy pyright
        pass
    return await websocket.close()


async def iterates_without_async(websocket: UnacceptedWebSocket) -> Ended:
    connection = await websocket.accept()
    for _ in connection:  # E: mypy pyright
        pass
    return await connection.close()


async def answers_twice(websocket: UnacceptedWebSocket) -> Ended:
    connection = await websocket.accept()
    await connection.accept()  # E: mypy pyright
    await connection.send_denial_response(DenialResponse())  # E: mypy pyright
    return await connection.close()


async def acts_after_the_close(websocket: UnacceptedWebSocket) -> Ended:
    connection = await websocket.accept()
    closed = await connection.close()
    await closed.send_text("too late")  # E: mypy pyright
    await closed.receive()  # E: mypy pyright
    await closed.close()  # E: mypy pyright
    return closed


async def acts_after_the_denial(websocket: UnacceptedWebSocket) -> Ended:
    denied = await websocket.close()
    await denied.accept()  # E: mypy pyright
    await denied.close()  # E: mypy pyright
    print(denied.code)  # E: mypy pyright
    return denied


async def closes_with_a_code_before_the_accept(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.close(code=1008)  # E: mypy pyright


async def denies_with_something_else(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.send_denial_response("no")  # E: mypy pyright


async def names_its_subprotocol_wrong(websocket: UnacceptedWebSocket) -> Ended:
    await websocket.accept(subprotocols=["chat"])  # E: mypy pyright
    return await websocket.close()


async def closes_with_odd_arguments(connection: ConnectedWebSocket) -> Ended:
    await connection.close("bye")  # E: mypy pyright
    return await connection.close(1000, b"bye")  # E: mypy pyright


def closes_by_hand() -> ClosedWebSocket:
    return ClosedWebSocket()  # E: mypy pyright


def closes_by_hand_with_a_code() -> ClosedWebSocket:
    return ClosedWebSocket(1000)  # E: mypy pyright


def closes_by_hand_with_keywords() -> ClosedWebSocket:
    return ClosedWebSocket(code=1000, reason="")  # E: mypy pyright


def denies_by_hand() -> DeniedWebSocket:
    return DeniedWebSocket(403)  # E: mypy pyright


def connects_by_hand() -> ConnectedWebSocket:
    return ConnectedWebSocket(None)  # E: mypy pyright


def starts_with_nothing() -> UnacceptedWebSocket:
    return WebSocket()  # E: mypy pyright


class Subclass(ClosedWebSocket):  # E: mypy pyright
    """A way around the constructor."""


# --- Correct programs ----------------------------------------------------------------


async def denial(websocket: UnacceptedWebSocket) -> Ended:
    response = DenialResponse.json({"error": "no"}, status=401)
    return await websocket.send_denial_response(response, fallback=True)


async def answers_once(websocket: UnacceptedWebSocket) -> Ended:
    connection = await websocket.accept(headers={"x-served-by": "typedws"})
    await connection.send_text("hello")
    closed = await connection.close(4000, "done")
    print(closed.code, closed.reason, closed.closed_by, closed.clean)
    return closed


async def each_state_has_the_handshake(websocket: UnacceptedWebSocket) -> Ended:
    assert_type(websocket["path"], str)
    connection = await websocket.accept()
    assert_type(connection["query_string"], bytes)
    closed = await connection.close()
    assert_type(closed["subprotocols"], tuple[str, ...])
    assert_type(closed["something.else"], object)
    return closed
