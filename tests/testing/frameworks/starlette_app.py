"""An echo of Starlette."""

from typing import Final

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


async def echo(websocket: WebSocket) -> None:
    """Send back what comes, until a text asks for the end."""
    await websocket.accept()
    try:
        while (text := await websocket.receive_text()) != "close":
            await websocket.send_text(text)
        await websocket.close(4000, "bye")
    except WebSocketDisconnect:
        return


async def refuse(websocket: WebSocket) -> None:
    """Refuse the handshake, with a code that no client sees."""
    await websocket.close(4401)


app: Final = Starlette(
    routes=[WebSocketRoute("/echo", echo), WebSocketRoute("/refuse", refuse)]
)
