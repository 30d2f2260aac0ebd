"""An echo of Litestar."""

from typing import Final

from litestar import Litestar, WebSocket, websocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect


@websocket("/echo")
async def echo(socket: "WebSocket[object, object, State]") -> None:
    """Send back what comes, until a text asks for the end."""
    await socket.accept()
    try:
        while (text := await socket.receive_text()) != "close":
            await socket.send_text(text)
        await socket.close(4000, "bye")
    except WebSocketDisconnect:
        return


@websocket("/refuse")
async def refuse(socket: "WebSocket[object, object, State]") -> None:
    """Refuse the handshake, with a code that no client sees."""
    await socket.close(4401)


app: Final = Litestar([echo, refuse])
