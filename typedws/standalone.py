"""
What an application answers when it is all that a server serves: lifespan and HTTP.

Inside a framework's router neither comes.
"""

from collections.abc import Awaitable, Callable

from typedws.asgi import ASGIReceive, ASGIScope, ASGISend

__all__ = ["answer_lifespan", "require_upgrade"]


async def answer_lifespan(
    receive: ASGIReceive, send: ASGISend, shut_down: Callable[[], Awaitable[None]]
) -> None:
    """Say yes to the start and to the end, before which there is something to do."""
    while True:
        event = await receive()
        if event.get("type") == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif event.get("type") == "lifespan.shutdown":
            await shut_down()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def require_upgrade(scope: ASGIScope, send: ASGISend) -> None:
    """Tell a plain HTTP request that this is an endpoint for WebSocket."""
    body = b"This is a WebSocket endpoint: connect with a WebSocket client.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    # RFC 9110, section 15.5.22, demands Upgrade in a 426; section 7.8 demands
    # Connection beside it, and HTTP/2 forbids both (RFC 9113, section 8.2.2).
    if str(scope.get("http_version", "1.1")).startswith("1"):
        headers += [(b"upgrade", b"websocket"), (b"connection", b"upgrade")]
    await send({"type": "http.response.start", "status": 426, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
