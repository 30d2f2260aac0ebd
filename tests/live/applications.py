"""The applications that servers in processes of their own serve, each by its name."""

from collections.abc import Mapping
from typing import Final

from typedws import (
    DenialResponse,
    Ended,
    UnacceptedWebSocket,
    WebSocketApp,
    websocket_app,
)


@websocket_app
async def echo(websocket: UnacceptedWebSocket) -> Ended:
    """Send back what comes in."""
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    return await connected.close()


@websocket_app
async def refusal(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse with a response, or as plainly as the server can."""
    return await websocket.send_denial_response(DenialResponse(429), fallback=True)


APPLICATIONS: Final[Mapping[str, WebSocketApp]] = {"echo": echo, "refusal": refusal}
