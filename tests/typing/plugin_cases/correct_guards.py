"""Guards and the handlers behind them, in which there is nothing to report."""

from typedws import (
    DenialResponse,
    DeniedWebSocket,
    Ended,
    UnacceptedWebSocket,
    all_guards,
    websocket_app,
)


async def authenticate(ws: UnacceptedWebSocket) -> str | DeniedWebSocket:
    name = ws.query_params.get("name")
    if name is None:
        return await ws.send_denial_response(DenialResponse(401))
    return name


async def administrator(ws: UnacceptedWebSocket) -> str | DeniedWebSocket:
    name = await authenticate(ws)
    if isinstance(name, DeniedWebSocket) or name == "root":
        return name
    return await ws.close()


async def limited(ws: UnacceptedWebSocket) -> int | DeniedWebSocket:
    return await ws.close() if ws.client is None else 5


@websocket_app(guard=administrator)
async def guarded(ws: UnacceptedWebSocket, name: str) -> Ended:
    connected = await ws.accept()
    await connected.send_text(name)
    return await connected.close()


@websocket_app(guard=all_guards(authenticate, limited))
async def twice_guarded(ws: UnacceptedWebSocket, found: tuple[str, int]) -> Ended:
    if found[1] > 5:
        return await ws.close()
    connected = await ws.accept()
    return await connected.close()
