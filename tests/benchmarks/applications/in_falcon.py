"""Applications in Falcon: resources behind its router."""

from collections.abc import Mapping
from typing import Final

from falcon.asgi import App, Request, WebSocket
from falcon.errors import WebSocketDisconnected

from tests.benchmarks.applications.noting import note
from typedws.asgi import AnyASGIApp


class TextEcho:
    """Echoes texts."""

    async def on_websocket(self, request: Request, websocket: WebSocket) -> None:
        """Serve a connection."""
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnected:
            return


class BytesEcho:
    """Echoes bytes."""

    async def on_websocket(self, request: Request, websocket: WebSocket) -> None:
        """Serve a connection."""
        await websocket.accept()
        try:
            while True:
                await websocket.send_data(await websocket.receive_data())
        except WebSocketDisconnected:
            return


class MediaEcho:
    """Echoes JSON that comes in texts."""

    async def on_websocket(self, request: Request, websocket: WebSocket) -> None:
        """Serve a connection."""
        await websocket.accept()
        try:
            while True:
                await websocket.send_media(await websocket.receive_media())
        except WebSocketDisconnected:
            return


class Handshake:
    """Shakes hands."""

    async def on_websocket(
        self, request: Request, websocket: WebSocket, room: str
    ) -> None:
        """Serve a connection."""
        note(room, request.get_header("x-client"))
        await websocket.accept()
        await websocket.close()


def app_of(route: str, resource: object) -> AnyASGIApp:
    """Make an application of one resource."""
    app = App()
    app.add_route(route, resource)
    return app


APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "text": app_of("/", TextEcho()),
    "bytes": app_of("/", BytesEcho()),
    "json": app_of("/", MediaEcho()),
    "handshake": app_of("/rooms/{room}", Handshake()),
}
