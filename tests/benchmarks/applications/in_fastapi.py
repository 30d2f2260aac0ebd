"""An application in FastAPI, which fills the parameters in by their annotations."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from fastapi import FastAPI, Header, Query, WebSocket

from tests.benchmarks.applications.noting import note
from typedws.asgi import AnyASGIApp

_app = FastAPI()


@_app.websocket("/rooms/{room}")
async def handshake_typed(
    websocket: WebSocket,
    room: int,
    page: Annotated[int, Query(ge=1)] = 1,
    order: Literal["newest", "oldest"] = "newest",
    origin: Annotated[str | None, Header()] = None,
) -> None:
    """Compare the origin, accept, and close."""
    if origin != "https://app.example.com":
        await websocket.close()
        return
    note(room, page, order)
    await websocket.accept()
    await websocket.close()


APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {"handshake, typed": _app}
