"""
What docs/frameworks.md says of each framework, on a scripted server.

Slow, since to import them all takes longer than to run the tests.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.scripted import Event, disconnect, scope, server
from typedws import Ended, UnacceptedWebSocket, websocket_app
from typedws.asgi import AnyASGIApp, application
from typedws.endpoints import (
    blacksheep_endpoint,
    channels_endpoint,
    falcon_endpoint,
    quart_endpoint,
    with_endpoints,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.anyio,
    pytest.mark.parametrize("anyio_backend", ["asyncio"]),
]

blacksheep = pytest.importorskip("blacksheep")
channels_routing = pytest.importorskip("channels.routing")
channels_sessions = pytest.importorskip("channels.sessions")
django_conf = pytest.importorskip("django.conf")
django_urls = pytest.importorskip("django.urls")
falcon_asgi = pytest.importorskip("falcon.asgi")
litestar = pytest.importorskip("litestar")
quart = pytest.importorskip("quart")

SECRET: Final = "swordfish"


@websocket_app
async def room(websocket: UnacceptedWebSocket) -> Ended:
    """Tell what arrives."""
    connected = await websocket.accept()
    raw = websocket.scope.raw
    await connected.send_json(
        {
            "path": websocket.scope.path,
            "root_path": websocket.scope.root_path,
            "params": {name: str(it) for name, it in websocket.path_params.items()},
            "cookies": str(raw.get("cookies")),
            "route": str(raw.get("url_route")),
        }
    )
    return await connected.close()


@websocket_app
async def broken(websocket: UnacceptedWebSocket) -> Ended:
    """Fail."""
    await websocket.accept()
    raise LookupError(SECRET)


async def events_of(app: AnyASGIApp, path: str, **asked: object) -> list[Event]:
    """Connect; return all that the server is handed."""
    scripted = server(disconnect(1001))
    asked = {"path": path, "raw_path": path.encode(), **asked}
    await application(app)(scope(**asked), scripted.receive, scripted.send)
    return scripted.sent


def kinds(events: list[Event]) -> list[object]:
    """Name the events."""
    return [event["type"] for event in events]


def told(events: list[Event]) -> str:
    """Return what the handler has told."""
    return str(events[1]["text"])


async def test_a_mount_of_starlette_wants_a_slash() -> None:
    """Below it everything is served."""
    app = Starlette(routes=[Mount("/mounted/{room:int}", room)])

    assert ["websocket.close"] == kinds(await events_of(app, "/mounted/7"))
    assert '"room":"7"' in told(await events_of(app, "/mounted/7/"))
    assert '"room":"7"' in told(await events_of(app, "/mounted/7/more"))


async def test_a_mount_of_litestar_has_no_parameters() -> None:
    """The path is the rest of it."""
    mount = litestar.asgi("/rooms", is_mount=True, copy_scope=True)(room)
    events = await events_of(litestar.Litestar([mount]), "/rooms/7")

    assert '"path":"/7/"' in told(events)
    assert '"params":{}' in told(events)


async def test_litestar_warns_unless_it_is_told_to_copy_the_scope() -> None:
    """That is about other applications, which change it."""
    with pytest.warns(DeprecationWarning, match="copy_scope"):
        litestar.Litestar([litestar.asgi("/rooms")(room)])


async def test_litestar_closes_once_more_after_a_fault() -> None:
    """The first close is the one that counts."""
    app = litestar.Litestar([litestar.asgi("/", copy_scope=True)(broken)])
    events = await events_of(app, "/")

    assert [1011, 4500] == [event["code"] for event in events[1:]]


def falcon_app(*middleware: object) -> AnyASGIApp:
    """Make an application of Falcon."""
    app = falcon_asgi.App(middleware=[*middleware])
    app.add_route("/rooms/{room:int}", falcon_endpoint(room))
    app.add_route("/broken", falcon_endpoint(broken))
    app.add_route("/wrong", room)
    app.add_route("/own", Own())
    return with_endpoints(app)


class Closing:
    """A middleware of Falcon that refuses."""

    async def process_request_ws(self, _req: object, ws: "FalconWebSocket") -> None:
        """Refuse."""
        await ws.close()


class Accepting:
    """A middleware of Falcon that leaves nothing to answer."""

    async def process_request_ws(self, _req: object, ws: "FalconWebSocket") -> None:
        """Accept."""
        await ws.accept()


class FalconWebSocket:
    """What the tests know of Falcon's class."""

    accept: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    send_text: Callable[[str], Awaitable[None]]


class Own:
    """A resource of Falcon's own kind."""

    async def on_websocket(self, _req: object, ws: FalconWebSocket) -> None:
        """Say hello."""
        await ws.accept()
        await ws.send_text("hello")


async def test_a_resource_of_falcon_needs_an_endpoint() -> None:
    """Without one Falcon finds nothing that serves a WebSocket."""
    assert ["websocket.close"] == kinds(await events_of(falcon_app(), "/wrong"))


async def test_a_resource_of_falcon_works_beside_endpoints() -> None:
    """As it ever did."""
    events = await events_of(falcon_app(), "/own")

    assert ["websocket.accept", "websocket.send", "websocket.close"] == kinds(events)


async def test_middleware_of_falcon_refuses() -> None:
    """The endpoint is told of it, and adds nothing."""
    events = await events_of(falcon_app(Closing()), "/rooms/7")

    assert ["websocket.close"] == kinds(events)


async def test_middleware_of_falcon_that_accepts_leaves_nothing_to_answer() -> None:
    """Falcon closes, since the endpoint fails."""
    events = await events_of(falcon_app(Accepting()), "/rooms/7")

    assert ["websocket.accept", "websocket.close"] == kinds(events)
    assert 1011 == events[-1]["code"]


async def test_a_fault_of_an_endpoint_closes_once_in_falcon() -> None:
    """Falcon's own close is dropped."""
    events = await events_of(falcon_app(), "/broken")

    assert [1011] == [event["code"] for event in events[1:]]


def quart_app(heard: list[str]) -> AnyASGIApp:
    """Make an application of Quart."""
    app = quart.Quart(__name__)
    app.add_websocket("/rooms/<int:room>", view_func=quart_endpoint(room))
    app.add_websocket("/broken", view_func=quart_endpoint(broken))

    async def refuse() -> tuple[str, int] | None:
        heard.append("before")
        is_refused = quart.websocket.args.get("refused")
        return ("no", 401) if is_refused else None

    async def after(response: object) -> object:
        heard.append("after")
        return response

    app.before_websocket(refuse)
    app.after_websocket(after)
    return with_endpoints(app)


async def test_what_stands_before_and_after_in_quart_runs() -> None:
    """Around the endpoint."""
    heard: list[str] = []
    events = await events_of(quart_app(heard), "/rooms/7")

    assert ["before", "after"] == heard
    assert '"room":"7"' in told(events)


async def test_what_stands_before_in_quart_refuses() -> None:
    """By returning a response."""
    events = await events_of(quart_app([]), "/rooms/7", query_string=b"refused=1")

    assert 401 == events[0]["status"]


async def test_a_fault_of_an_endpoint_closes_once_in_quart() -> None:
    """What Quart makes of it is dropped."""
    events = await events_of(quart_app([]), "/broken")

    assert [1011] == [event["code"] for event in events[1:]]


class BlackSheepWebSocket:
    """What the tests know of the class of BlackSheep."""

    accept: Callable[[], Awaitable[None]]


async def own(websocket: BlackSheepWebSocket) -> None:
    """Fail, as an endpoint of BlackSheep's own."""
    await websocket.accept()
    raise LookupError(SECRET)


async def blacksheep_app() -> AnyASGIApp:
    """Make an application of BlackSheep, and start it."""
    app = blacksheep.Application(router=blacksheep.server.routing.Router())
    app.router.add_ws("/broken", blacksheep_endpoint(broken))
    app.router.add_ws("/own", own)
    app.mount("/lobby", room)
    await app.start()
    return with_endpoints(app)


async def test_blacksheep_tells_what_an_endpoint_does_not() -> None:
    """The text of an exception."""
    app = await blacksheep_app()
    own = await events_of(app, "/own")
    broken_events = await events_of(app, "/broken")

    assert (1011, SECRET) == (own[-1]["code"], own[-1]["reason"])
    assert (1011, "") == (broken_events[-1]["code"], broken_events[-1]["reason"])
    assert ["websocket.accept", "websocket.close"] == kinds(broken_events)


async def test_a_mount_of_blacksheep_has_its_path_in_the_root_path() -> None:
    """And no parameters."""
    events = await events_of(await blacksheep_app(), "/lobby/7")

    assert '"path":"/lobby/7","root_path":"/lobby","params":{}' in told(events)


def channels_app() -> AnyASGIApp:
    """Make an application of Channels."""
    if not django_conf.settings.configured:
        django_conf.settings.configure(ROOT_URLCONF=__name__)
    routes = [
        django_urls.path("rooms/<int:room>", room),
        django_urls.path("typed/<int:room>", channels_endpoint(room)),
        django_urls.re_path(r"^halls/(\w+)$", room),
        django_urls.path(
            "of/<slug:tenant>/",
            channels_routing.URLRouter([django_urls.path("<int:room>", room)]),
        ),
    ]
    router: AnyASGIApp = channels_routing.URLRouter(routes)
    return router


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/rooms/7", '"params":{"room":"7"}'),
        ("/typed/7", '"params":{"room":"7"}'),
        ("/halls/great", '"params":{}'),
        ("/halls/great", "'args': ('great',)"),
        ("/of/acme/7", '"params":{"tenant":"acme","room":"7"}'),
    ],
)
async def test_the_router_of_channels_has_parameters(path: str, expected: str) -> None:
    """Those with a name, of each router on the way."""
    assert expected in told(await events_of(channels_app(), path))


async def test_middleware_of_channels_leaves_what_it_leaves() -> None:
    """In keys of the scope."""
    app = channels_sessions.CookieMiddleware(channels_app())
    headers = [(b"host", b"example.com"), (b"cookie", b"name=Ada")]
    events = await events_of(app, "/rooms/7", headers=headers)

    assert "{'name': 'Ada'}" in told(events)


async def test_a_path_that_channels_does_not_know_is_an_error() -> None:
    """Of its router."""
    with pytest.raises(ValueError, match="No route found"):
        await events_of(channels_app(), "/nowhere")
