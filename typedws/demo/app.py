"""The application: the page over HTTP and the chat over WebSocket, on Starlette."""

from importlib.resources import files
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from typedws import websocket_app
from typedws.demo.chat import ERRORS, Chat

__all__ = ["create_app"]

# All the page needs is its own script, its own style and its own origin's WebSocket.
# Should a message ever be taken for markup, there is nothing that it could load or run.
_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def create_app(chat: Chat | None = None) -> Starlette:
    """
    Build the ASGI application.

    Args:
        chat: The chat to serve; a new one with the usual limits by default.
    """
    chat_app = websocket_app(errors=ERRORS)((chat or Chat()).serve)
    return Starlette(
        routes=[
            _file("/", "page.html", "text/html"),
            _file("/rooms/{room:path}", "page.html", "text/html"),
            _file("/page.css", "page.css", "text/css"),
            _file("/page.js", "page.js", "text/javascript"),
            _file("/page.svg", "page.svg", "image/svg+xml"),
            # The same path as the page of a room: here for a WebSocket, there for HTTP.
            WebSocketRoute("/rooms/{room:path}", chat_app),
        ]
    )


def _file(path: str, name: str, media_type: str) -> Route:
    content = files("typedws.demo").joinpath(name).read_bytes()

    async def endpoint(_: Request) -> Response:
        return Response(content, media_type=media_type, headers=_HEADERS)

    return Route(path, endpoint)
