"""An echo of Quart."""

from quart import Quart, websocket

app = Quart(__name__)


@app.websocket("/echo")
async def echo() -> None:
    """Send back what comes, until a text asks for the end; Quart accepts by itself."""
    while (text := await websocket.receive()) != "close":
        await websocket.send(text)
    await websocket.close(4000, "bye")


@app.websocket("/refuse")
async def refuse() -> tuple[str, int]:
    """Refuse the handshake with a response."""
    return "no", 403
