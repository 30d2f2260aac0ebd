"""Applications in Quart: functions behind its router."""

from collections.abc import Mapping
from typing import Final

from quart import Quart, websocket

from tests.benchmarks.applications.noting import note
from typedws.asgi import AnyASGIApp

_echo = Quart(__name__)
_json = Quart(__name__)
_handshake = Quart(__name__)


@_echo.websocket("/")
async def echo() -> None:
    """Echo what comes, of either kind; Quart accepts by itself."""
    while True:
        await websocket.send(await websocket.receive())


@_json.websocket("/")
async def echo_json() -> None:
    """Echo JSON."""
    while True:
        await websocket.send_json(await websocket.receive_json())


@_handshake.websocket("/rooms/<room>")
async def handshake(room: str) -> None:
    """Shake hands."""
    note(room, websocket.headers["x-client"])
    await websocket.accept()  # pyright: ignore[reportUnknownMemberType]  # its own
    await websocket.close(1000)


APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "text": _echo,
    "bytes": _echo,
    "json": _json,
    "handshake": _handshake,
}
