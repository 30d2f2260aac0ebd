"""Admission, before the accept"""

import hmac
from collections.abc import AsyncIterator
from typing import assert_type

from starlette.responses import JSONResponse, StreamingResponse

from typedws import (
    AllowedOrigins,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    ErrorOutcome,
    ErrorPolicy,
    ExtensionUnavailable,
    UnacceptedWebSocket,
    websocket_app,
)


@websocket_app(origins=AllowedOrigins("https://app.example.com"))
async def by_cookie(websocket: UnacceptedWebSocket) -> Ended:
    """A session cookie, and the pages that may bring it."""
    if websocket.cookies.get("session") != "valid":
        response = DenialResponse.json({"error": "log in first"}, status=401)
        return await websocket.send_denial_response(response, fallback=True)
    connected = await websocket.accept()
    return await connected.close()


async def by_token(websocket: UnacceptedWebSocket) -> Ended:
    """A token of the query, compared in constant time."""
    token = websocket.query_params.get("token", "")
    if not hmac.compare_digest(token, "secret"):
        return await websocket.close()
    connected = await websocket.accept()
    await connected.send_text("welcome")
    return await connected.close()


async def by_header(websocket: UnacceptedWebSocket) -> Ended:
    """A header of the request, which may be missing."""
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        denial = DenialResponse.text("who are you?", status=401)
        return await websocket.send_denial_response(denial)
    return await (await websocket.accept()).close()


async def by_address(websocket: UnacceptedWebSocket) -> Ended:
    """The address of the client, which a server may not tell."""
    client = websocket.client
    if client is None or client.host != "192.0.2.1":
        return await websocket.close()
    return await (await websocket.accept()).close()


async def by_a_helper(websocket: UnacceptedWebSocket) -> Ended:
    """A helper that admits or denies, and returns the next state."""

    async def admit(ws: UnacceptedWebSocket) -> ConnectedWebSocket | DeniedWebSocket:
        if "token" not in ws.query_params:
            return await ws.send_denial_response(DenialResponse(401))
        return await ws.accept()

    state = await admit(websocket)
    if isinstance(state, DeniedWebSocket):
        return state
    assert_type(state, ConnectedWebSocket)
    await state.send_text("welcome")
    return await state.close()


async def denied_as_a_stream(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A denial whose body is a stream."""

    async def body() -> AsyncIterator[bytes]:
        yield b"not "
        yield b"today"

    denial = DenialResponse(503, headers={"retry-after": "3600"}, body=body())
    return await websocket.send_denial_response(denial)


async def denied_by_a_framework(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A response of Starlette as the denial."""
    return await websocket.send_denial_response(JSONResponse({"error": "no"}, 403))


async def denied_by_a_stream_of_a_framework(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A streaming response of Starlette as the denial."""

    async def body() -> AsyncIterator[bytes]:
        yield b"not today"

    return await websocket.send_denial_response(StreamingResponse(body(), 503))


async def denied_one_way_or_the_other(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A denial, or a plain refusal where the server can't send one."""
    try:
        return await websocket.send_denial_response(DenialResponse(503))
    except ExtensionUnavailable:
        return await websocket.close()


async def redirected(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A denial that sends the client elsewhere."""
    denial = DenialResponse(307, headers={"location": "/elsewhere"})
    denied = await websocket.send_denial_response(denial, fallback=True)
    print(denied.status, denied.response_sent)
    return denied


@websocket_app(errors=ErrorPolicy(expected={LookupError: ErrorOutcome(4004, reason="no room")}))
async def with_foreseen_errors(websocket: UnacceptedWebSocket) -> Ended:
    """An error that the application foresees, before the accept and after."""
    rooms = {"lobby": "welcome"}
    connected = await websocket.accept()
    await connected.send_text(rooms["lobby"])
    return await connected.close()


async def with_a_user_of_a_middleware(websocket: UnacceptedWebSocket) -> Ended:
    """What a middleware has left, narrowed by a `match`."""
    match websocket.state.get("user"):
        case str(name):
            connected = await websocket.accept(headers=[("x-user", name)])
            return await connected.close()
        case _:
            return await websocket.close()


async def asked_after_the_accept(websocket: UnacceptedWebSocket) -> Ended:
    """A first message that has to be the token."""
    connected = await websocket.accept()
    if await connected.receive_text() != "secret":
        return await connected.close(4001, "log in first")
    await connected.send_text("welcome")
    return await connected.close()
