"""Handshakes that are read as classes, and guards, on uvicorn."""

import json
from http import HTTPStatus
from typing import Annotated

import msgspec
import pytest
from attrs import frozen
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from tests.live.server import SECONDS, LiveServer
from typedws import (
    DenialResponse,
    DeniedWebSocket,
    Ended,
    UnacceptedWebSocket,
    websocket_app,
)

pytestmark = pytest.mark.live


@frozen(order=False)
class Search:
    """What the application asks for."""

    page: Annotated[int, msgspec.Meta(ge=1)]
    tags: tuple[str, ...] = ()


@frozen(order=False)
class User:
    """What the guard finds."""

    name: str


@websocket_app
async def search(websocket: UnacceptedWebSocket) -> Ended:
    """Send what was asked for."""
    asked = websocket.query_params_as(Search)
    connection = await websocket.accept()
    await connection.send_text(f"{asked.page} {asked.tags}")
    return await connection.close()


async def authenticate(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
    """Let in whoever has a session."""
    name = websocket.cookies.get("session")
    if name is None:
        return await websocket.send_denial_response(DenialResponse(401))
    return User(name)


@websocket_app(guard=authenticate)
async def greet(websocket: UnacceptedWebSocket, user: User) -> Ended:
    """Send the name of the user."""
    connection = await websocket.accept()
    await connection.send_text(user.name)
    return await connection.close()


def refusal(live: LiveServer, path: str) -> Response:
    """Be refused."""
    with pytest.raises(InvalidStatus) as caught, live.connect(path):
        pass
    return caught.value.response


def test_a_query_that_does_not_fit_is_refused_with_what_is_wrong(
    live: LiveServer,
) -> None:
    """A client that is no browser can read it; nothing is logged as an error."""
    live.app = search
    response = refusal(live, "/?page=0&tags=a")

    assert HTTPStatus.BAD_REQUEST == response.status_code
    assert "application/problem+json" == response.headers["content-type"]
    assert [{"place": "query.page", "expected": "int >= 1", "got": "'0'"}] == (
        json.loads(response.body or b"")["errors"]
    )


def test_a_query_that_fits_is_read(live: LiveServer) -> None:
    """Names come repeatedly, and percent-encoded."""
    live.app = search
    with live.connect("/?page=2&tags=%C3%A9&tags=b") as client:
        assert "2 ('é', 'b')" == client.recv(timeout=SECONDS)


def test_a_guard_refuses_a_stranger(live: LiveServer) -> None:
    """With the response that it has sent; that is no error."""
    live.app = greet

    assert HTTPStatus.UNAUTHORIZED == refusal(live, "/").status_code


def test_a_guard_lets_a_user_in(live: LiveServer) -> None:
    """And the handler knows who it is."""
    live.app = greet
    with live.connect(headers=[("cookie", "session=Ada")]) as client:
        assert "Ada" == client.recv(timeout=SECONDS)
