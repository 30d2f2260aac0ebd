"""Tests of endpoints: of frameworks whose routers take no ASGI application."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import anyio
import anyio.lowlevel
import pytest
from attrs import frozen

from tests.scripted import CONNECT, ScriptedServer, disconnect, scope, server, text
from typedws import (
    Ended,
    LocalProtocolError,
    UnacceptedWebSocket,
    WebSocketApp,
    websocket_app,
)
from typedws.asgi import ASGIApp, ASGIReceive, ASGIScope, ASGISend, application
from typedws.endpoints import (
    blacksheep_endpoint,
    channels_endpoint,
    falcon_endpoint,
    quart_endpoint,
    with_endpoints,
)
from typedws.testing import Closed, connect

NOT_LENT: Final = (
    "the endpoint room has no connection to serve: put the whole application inside "
    "with_endpoints(), and give the server what it returns: app = with_endpoints(app)"
)
ANSWERED: Final = (
    "the endpoint room can't answer the handshake, for the framework or a middleware "
    "has answered it; let them leave the answer to the endpoint"
)


@websocket_app
async def room(websocket: UnacceptedWebSocket) -> Ended:
    """Tell the parameters, and send everything back."""
    connected = await websocket.accept()
    await connected.send_text(repr(dict(websocket.path_params)))
    async for message in connected:
        await connected.send(message)
    return await connected.close(4000)


Endpoint = Callable[[Mapping[str, object]], Awaitable[None]]


def of_quart(app: WebSocketApp) -> Endpoint:
    """Call an endpoint as Quart does."""
    view = quart_endpoint(app)
    return lambda params: view(**params)


def of_falcon(app: WebSocketApp) -> Endpoint:
    """Call an endpoint as Falcon does."""
    resource = falcon_endpoint(app)
    return lambda params: resource.on_websocket("req", "ws", **params)


@frozen
class OfBlackSheep:
    """What BlackSheep gives to a handler."""

    route_values: Mapping[str, object]


def of_blacksheep(app: WebSocketApp) -> Endpoint:
    """Call an endpoint as BlackSheep does."""
    handler = blacksheep_endpoint(app)
    return lambda params: handler(OfBlackSheep(params))


each_kind: Final = pytest.mark.parametrize("kind", [of_quart, of_falcon, of_blacksheep])


def framework(endpoint: Endpoint) -> ASGIApp:
    """Make a framework that closes what its endpoint has served, and leaves a state."""

    async def serve(raw: ASGIScope, _receive: ASGIReceive, send: ASGISend) -> None:
        await endpoint({"room": 7, "state": raw["state"]})
        await send({"type": "websocket.close", "code": 1000, "reason": ""})

    return application(with_endpoints(serve))


@pytest.mark.anyio
@each_kind
async def test_an_endpoint_serves_a_connection(
    kind: Callable[[WebSocketApp], Endpoint],
) -> None:
    """With the parameters of the route, and no event of the framework in between."""
    scripted = server(text("hello"), disconnect(1001))
    app = framework(kind(room))
    await app(scope(state={"db": 1}), scripted.receive, scripted.send)

    assert [
        {"type": "websocket.accept", "subprotocol": None, "headers": []},
        {"type": "websocket.send", "text": "{'room': 7, 'state': {'db': 1}}"},
        {"type": "websocket.send", "text": "hello"},
    ] == scripted.sent


@pytest.mark.anyio
async def test_a_handler_closes_and_the_framework_does_not() -> None:
    """The framework's own close would be one too many."""

    @websocket_app
    async def bye(websocket: UnacceptedWebSocket) -> Ended:
        return await (await websocket.accept()).close(4000, "bye")

    app = framework(of_falcon(bye))
    async with connect(app, scope={"state": {}}) as peer:
        assert Closed(4000, "bye") == await peer.receive()


@pytest.mark.anyio
async def test_a_framework_that_listens_takes_no_message_away() -> None:
    """Quart has a task that receives from the beginning."""
    got: list[Mapping[str, object]] = []

    async def serve(_: ASGIScope, receive: ASGIReceive, _send: ASGISend) -> None:
        async def listen() -> None:
            while True:
                got.append(await receive())

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            await anyio.wait_all_tasks_blocked()
            await of_quart(room)({})
            tasks.cancel_scope.cancel()

    scripted = server(text("hello"), disconnect())
    await with_endpoints(serve)(scope(), scripted.receive, scripted.send)

    assert [CONNECT] == got
    assert "hello" == scripted.sent[-1]["text"]


@pytest.mark.anyio
async def test_an_endpoint_of_the_framework_is_left_alone() -> None:
    """It receives what the server gives, and what it sends arrives."""
    got: list[Mapping[str, object]] = []

    async def serve(_: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
        got.append(await receive())
        await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        got.append(await receive())
        await send({"type": "websocket.close", "code": 1000, "reason": ""})

    scripted = server(text("hello"))
    await with_endpoints(serve)(scope(), scripted.receive, scripted.send)

    assert [CONNECT, text("hello")] == got
    assert ["websocket.accept", "websocket.close"] == scripted.sent_types()


@pytest.mark.anyio
async def test_a_plain_request_passes_through() -> None:
    """And so does the lifespan."""
    seen: list[object] = []

    async def serve(raw: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
        seen.append((raw["type"], receive, send))

    scripted = ScriptedServer()
    app = with_endpoints(serve)
    for kind in ("http", "lifespan"):
        await app({"type": kind}, scripted.receive, scripted.send)

    assert [
        ("http", scripted.receive, scripted.send),
        ("lifespan", scripted.receive, scripted.send),
    ] == seen


@pytest.mark.anyio
async def test_an_answer_of_a_middleware_stands() -> None:
    """The endpoint can't give a second one, and says so."""

    async def serve(_raw: ASGIScope, _: ASGIReceive, send: ASGISend) -> None:
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
        await of_falcon(room)({})

    scripted = server()
    with pytest.raises(LocalProtocolError) as caught:
        await with_endpoints(serve)(scope(), scripted.receive, scripted.send)

    assert ANSWERED == str(caught.value)
    assert ["websocket.close"] == scripted.sent_types()


@pytest.mark.anyio
async def test_a_connection_is_served_once() -> None:
    """A second endpoint would find it over."""

    async def serve(_raw: ASGIScope, _: ASGIReceive, _send: ASGISend) -> None:
        await of_falcon(room)({})
        await of_falcon(room)({})

    scripted = server(disconnect())
    with pytest.raises(LocalProtocolError) as caught:
        await with_endpoints(serve)(scope(), scripted.receive, scripted.send)

    assert ANSWERED == str(caught.value)


@pytest.mark.anyio
async def test_without_the_wrapper_an_endpoint_says_what_is_missing() -> None:
    """When the first client comes, which is as early as it can be known."""
    with pytest.raises(RuntimeError) as caught:
        await of_quart(room)({})

    assert NOT_LENT == str(caught.value)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_that_outlives_its_connection_has_none() -> None:
    """It has inherited one that is over."""
    late: list[asyncio.Task[None]] = []

    async def serve(_raw: ASGIScope, _: ASGIReceive, _send: ASGISend) -> None:
        late.append(asyncio.create_task(later()))

    async def later() -> None:
        await anyio.lowlevel.checkpoint()
        await of_falcon(room)({})

    scripted = server()
    await with_endpoints(serve)(scope(), scripted.receive, scripted.send)
    with pytest.raises(RuntimeError) as caught:
        await late[0]

    assert NOT_LENT == str(caught.value)


def test_an_endpoint_has_the_name_of_its_handler() -> None:
    """Quart and BlackSheep tell endpoints apart by it."""
    names = [
        getattr(endpoint(room), "__name__", None)
        for endpoint in (quart_endpoint, blacksheep_endpoint)
    ]

    assert ["room", "room"] == names


def test_for_channels_an_application_is_what_it_is() -> None:
    """Only its type is another."""
    same: object = channels_endpoint(room)

    assert room is same


async def undecorated(websocket: UnacceptedWebSocket) -> Ended:
    """Be a handler, and no application."""
    return await websocket.close()


@pytest.mark.parametrize(
    "take",
    [
        blacksheep_endpoint,
        channels_endpoint,
        falcon_endpoint,
        quart_endpoint,
        with_endpoints,
    ],
    ids=lambda it: it.__name__,
)
def test_a_handler_that_is_not_decorated_is_refused(
    take: Callable[[object], object],
) -> None:
    """At once, with what to give instead."""
    with pytest.raises(TypeError, match="give what @websocket_app makes of a handler"):
        take(undecorated)
