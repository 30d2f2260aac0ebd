"""Tests of `WebSocketRoutes`: by the path, where no framework has a router."""

from collections.abc import Mapping
from typing import Final, Unpack
from urllib.parse import quote

import anyio
import anyio.lowlevel
import pytest

from tests.scripted import Event, ScriptedServer
from typedws import (
    Ended,
    InvalidScope,
    UnacceptedWebSocket,
    WebSocketRoutes,
    websocket_app,
)
from typedws.asgi import ASGIReceive, ASGIScope, ASGISend
from typedws.testing import (
    Closed,
    ConnectOptions,
    HandshakeDenied,
    connect,
    lifespan,
)

WRITE: Final = (
    'write a path such as "/rooms/{room}", or "/files/{name:path}" for the rest of one'
)


@websocket_app
async def room(websocket: UnacceptedWebSocket) -> Ended:
    """Tell the parameters."""
    connection = await websocket.accept()
    await connection.send_text(repr(dict(websocket.path_params)))
    return await connection.close()


@websocket_app
async def lobby(websocket: UnacceptedWebSocket) -> Ended:
    """Tell that this is another one."""
    connection = await websocket.accept()
    await connection.send_text("lobby")
    return await connection.close()


ROUTES: Final = WebSocketRoutes(
    {
        "/rooms/lobby": lobby,
        "/rooms/{room}": room,
        "/of/{tenant}/{room}.json": room,
        "/files/{name:path}": room,
    }
)


async def hear(
    target: str, routes: WebSocketRoutes = ROUTES, **options: Unpack[ConnectOptions]
) -> str | int:
    """Connect; return what is heard, or the status of the refusal."""
    try:
        async with connect(routes, target, **options) as peer:
            return await peer.receive_text()
    except HandshakeDenied as denied:
        return denied.status


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/rooms/lobby", "lobby"),
        ("/rooms/7", "{'room': '7'}"),
        ("/rooms/a b\n", r"{'room': 'a b\n'}"),
        ("/of/acme/7.json", "{'tenant': 'acme', 'room': '7'}"),
        ("/files/a/b.txt", "{'name': 'a/b.txt'}"),
        ("/files/", "{'name': ''}"),
        ("/rooms/", 404),
        ("/rooms/7/", 404),
        ("/rooms/7/8", 404),
        ("/of/acme/7xjson", 404),
        ("/", 404),
    ],
)
async def test_a_path_chooses_the_first_route_that_matches(
    path: str, expected: object
) -> None:
    """With what is in the path as parameters; none is HTTP 404."""
    assert expected == await hear(quote(path))


@pytest.mark.anyio
async def test_a_mounted_application_sees_the_rest_of_the_path() -> None:
    """By ASGI the root path is a part of the path; some frameworks leave it out."""
    assert "{'room': '7'}" == await hear("/api/rooms/7", root_path="/api")
    assert "{'room': '7'}" == await hear("/rooms/7", root_path="/api")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "root_path", "expected"),
    [
        ("/roomservice", "/room", "{'name': 'service'}"),
        ("/room/roomservice", "/room", "{'name': 'service'}"),
        ("/api/roomservice", "/api/", "{'name': 'service'}"),
        ("/roomservice", "/", "{'name': 'service'}"),
        ("/room", "/room", 404),
    ],
)
async def test_a_root_path_ends_where_a_name_does(
    path: str, root_path: str, expected: object
) -> None:
    """It is no part of a longer name, with a slash at its end or without."""
    routes = WebSocketRoutes({"/room{name}": room, "/room": room})

    assert expected == await hear(path, routes, root_path=root_path)


@pytest.mark.anyio
async def test_parameters_of_a_router_around_it_stay() -> None:
    """Those of the route are added."""
    params = {"tenant": "acme"}

    assert "{'tenant': 'acme', 'room': '7'}" == await hear(
        "/rooms/7", scope={"path_params": params}
    )


async def hello(scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
    """Be an application for plain HTTP that knows nothing else, as that of Django."""
    if scope["type"] != "http":
        message = "only HTTP"
        raise ValueError(message)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello", "more_body": False})


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("app", "status"),
    [
        pytest.param(WebSocketRoutes({"/": room}, http=hello), 200, id="another"),
        pytest.param(WebSocketRoutes({"/": room}), 426, id="none"),
    ],
)
async def test_plain_http_goes_to_another_application(
    app: WebSocketRoutes, status: int
) -> None:
    """Or is told to upgrade, where there is none."""
    scripted = ScriptedServer()
    await app({"type": "http", "path": "/"}, scripted.receive, scripted.send)

    assert status == scripted.sent[0]["status"]


@pytest.mark.anyio
async def test_a_scope_of_another_type_is_refused() -> None:
    """As by an application."""
    scripted = ScriptedServer()
    with pytest.raises(InvalidScope) as caught:
        await ROUTES({"type": "telnet"}, scripted.receive, scripted.send)

    assert (
        "scope['type']: expected 'websocket', 'http' or 'lifespan', got 'telnet'"
        == str(caught.value)
    )


# --- The lifespan --------------------------------------------------------------------


async def live_through(app: WebSocketRoutes) -> list[object]:
    """Begin and end the lifespan of an application; return what it has sent."""
    events: list[Event] = [
        {"type": "lifespan.startup"},
        {"type": "lifespan.shutdown"},
    ]
    sent: list[object] = []

    async def receive() -> Event:
        await anyio.lowlevel.checkpoint()
        return events.pop(0)

    async def send(event: Event) -> None:
        await anyio.lowlevel.checkpoint()
        sent.append(event["type"])

    await app({"type": "lifespan"}, receive, send)
    return sent


COMPLETE: Final = ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "app",
    [
        pytest.param(ROUTES, id="alone"),
        pytest.param(WebSocketRoutes({}, http=hello), id="with one that has none"),
        pytest.param(WebSocketRoutes({}, http=room), id="with one that has its own"),
    ],
)
async def test_the_lifespan_is_answered(app: WebSocketRoutes) -> None:
    """By the application for plain HTTP, if it wants to."""
    assert COMPLETE == await live_through(app)


@pytest.mark.anyio
async def test_a_lifespan_that_fails_is_told_of() -> None:
    """After its first event it is no longer one that is not wanted."""

    async def fails(_: ASGIScope, receive: ASGIReceive, _send: ASGISend) -> None:
        await receive()
        message = "no database"
        raise LookupError(message)

    with pytest.raises(LookupError, match="no database"):
        await live_through(WebSocketRoutes({}, http=fails))


@pytest.mark.anyio
async def test_connections_are_drained_at_the_end() -> None:
    """Those of each route that `websocket_app` has made, of routes in routes too."""

    @websocket_app
    async def listen(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        async for _ in connection:
            pass
        return await connection.close()

    async def foreign(_: ASGIScope, _receive: ASGIReceive, _send: ASGISend) -> None:
        """Be an application of another library."""

    below = websocket_app(listen.handler)
    inner = WebSocketRoutes({"/inner": below})
    app = WebSocketRoutes({"/": listen, "/foreign": foreign, "/inner": inner})
    async with connect(app) as peer, connect(app, "/inner") as another:
        async with lifespan(app):
            assert (1, 1) == (listen.connections, below.connections)

        assert Closed(1012) == await peer.receive()
        assert Closed(1012) == await another.receive()
    assert 0 == listen.connections


# --- What can't be a route -----------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        pytest.param("rooms", "", id="no slash"),
        pytest.param("", "", id="nothing"),
        pytest.param("/{room", "", id="open"),
        pytest.param("/room}", "", id="closed"),
        pytest.param("/{room:int}", "", id="a type"),
        pytest.param("/{}", "''", id="no name"),
        pytest.param("/{a-b}", "'a-b'", id="no identifier"),
        pytest.param("/{a}/{a}", "'a'", id="twice"),
    ],
)
def test_a_path_that_can_not_be_one_is_refused(path: str, problem: str) -> None:
    """The error says what to write."""
    with pytest.raises(ValueError, match="can't be the path") as caught:
        WebSocketRoutes({path: room})

    why = f": the name {problem} is no identifier, or is there twice" if problem else ""
    assert f"{path!r} can't be the path of a route{why}; {WRITE}" == str(caught.value)


async def undecorated(websocket: UnacceptedWebSocket) -> Ended:
    """Be a handler, and no application."""
    return await websocket.close()


def test_a_handler_that_is_not_decorated_is_refused() -> None:
    """At once, with what to give instead."""
    routes: Mapping[str, object] = {"/": undecorated}
    with pytest.raises(TypeError, match="give what @websocket_app makes of a handler"):
        WebSocketRoutes(routes)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
    with pytest.raises(TypeError, match="give what @websocket_app makes of a handler"):
        WebSocketRoutes({}, http=undecorated)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


def test_the_routes_can_not_be_changed() -> None:
    """What was given is copied."""
    routes = {"/": room}
    app = WebSocketRoutes(routes)
    routes.clear()

    assert {"/": room} == app.routes
