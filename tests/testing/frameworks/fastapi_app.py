"""An echo of FastAPI."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Send back what comes, until a text asks for the end."""
    await websocket.accept()
    try:
        while (text := await websocket.receive_text()) != "close":
            await websocket.send_text(text)
        await websocket.close(4000, "bye")
    except WebSocketDisconnect:
        return


@app.websocket("/refuse")
async def refuse(websocket: WebSocket) -> None:
    """Refuse the handshake, with a code that no client sees."""
    await websocket.close(4401)
