"""
Endpoints for frameworks whose routers take functions and not ASGI applications.

Falcon, Quart and BlackSheep hand an endpoint an object of their own, which keeps the
server's two callables to itself. So the whole application is put inside
`with_endpoints()`, which lends the wire of a connection to the endpoint that asks for
it: routing, parameters and middleware stay the framework's, the rest is typedws.
Nothing of a framework is imported here.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import Final, Never, Protocol, TypeAlias, TypeGuard, final

import anyio
from attrs import define, field, frozen

from typedws.asgi import (
    AnyASGIApp,
    AnyASGISend,
    ASGIReceive,
    ASGIScope,
    ASGISend,
    SendEvent,
    application,
    sender,
)
from typedws.callables import (
    check_application,
    is_application,
    name_of_callable,
    refusal_of_application,
)
from typedws.exceptions import LocalProtocolError

__all__ = [
    "AppWithEndpoints",
    "BlackSheepHandler",
    "ChannelsView",
    "QuartView",
    "blacksheep_endpoint",
    "channels_endpoint",
    "falcon_endpoint",
    "quart_endpoint",
    "with_endpoints",
]

_NOT_LENT: Final = (
    "the endpoint %s has no connection to serve: put the whole application inside "
    "with_endpoints(), and give the server what it returns: app = with_endpoints(app)"
)
_ANSWERED: Final = (
    "the endpoint %s can't answer the handshake, for the framework or a middleware has "
    "answered it; let them leave the answer to the endpoint"
)


class ChannelsView(Protocol):
    """What `path()` of Django takes, though it never comes to a response of Django."""

    def __call__(
        self, scope: Never, receive: Never, send: Never
    ) -> Coroutine[object, object, Never]:
        """Serve a connection."""
        ...


class QuartView(Protocol):
    """What `Quart.add_websocket(view_func=...)` takes."""

    def __call__(self, **path_params: object) -> Awaitable[None]:
        """Serve a connection."""
        ...


AppWithEndpoints: TypeAlias = Callable[
    [ASGIScope, ASGIReceive, AnyASGISend], Awaitable[None]
]
"""What a server serves, or another framework mounts."""


class _BlackSheepWebSocket(Protocol):
    @property
    def route_values(self) -> Mapping[str, object] | None: ...


BlackSheepHandler: TypeAlias = Callable[[_BlackSheepWebSocket], Awaitable[None]]
"""What `Router.add_ws()` of BlackSheep takes."""


@final
@define(eq=False)
class _Wire:
    """
    The server's side of a connection, which a framework has until an endpoint asks.

    Attributes:
        scope: The scope, with what the framework and its middleware have put into it.
        receive: The server's.
        send: The server's.
        first: The first event of the server, which both sides get.
        answered: That the framework has answered the handshake.
        is_lent: That an endpoint has the wire.
        is_over: That the framework has returned.
    """

    scope: ASGIScope
    receive: ASGIReceive
    send: ASGISend
    first: Mapping[str, object]
    answered: anyio.Event = field(factory=anyio.Event, init=False)
    is_lent: bool = field(default=False, init=False)
    is_over: bool = field(default=False, init=False)

    def for_framework(self) -> ASGIReceive:
        """
        Make a `receive` for the framework.

        After its first event it gives nothing until the framework has answered, and so
        never takes a message away from an endpoint that will.
        """
        first = [self.first]

        async def receive() -> Mapping[str, object]:
            if first:
                return first.pop()
            await self.answered.wait()
            return await self.receive()

        return receive

    async def send_of_framework(self, event: SendEvent) -> None:
        """Pass an event on, unless an endpoint has taken care of the connection."""
        if not self.is_lent:
            self.answered.set()
            await self.send(event)

    def for_endpoint(self) -> ASGIReceive:
        """Make a `receive` for the endpoint: all events, from the first on."""
        first = [self.first]

        async def receive() -> Mapping[str, object]:
            return first.pop() if first else await self.receive()

        return receive


_WIRE: Final[ContextVar[_Wire]] = ContextVar("typedws_wire")
"""That of the connection being served, in whatever task the framework serves it."""


def with_endpoints(app: AnyASGIApp) -> AppWithEndpoints:
    """
    Put an application of Falcon, Quart or BlackSheep around the endpoints in it.

    What comes of it is what the server serves. All else passes through unchanged, other
    WebSocket endpoints of the framework among it.

    Args:
        app: The application of the framework.

    Raises:
        TypeError: It is no ASGI application.
    """
    check_application(app)
    inner = application(app)

    async def serve(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
        if scope.get("type") != "websocket":
            await inner(scope, receive, sender(send))
            return
        wire = _Wire(scope, receive, sender(send), await receive())
        _WIRE.set(wire)
        try:
            await inner(scope, wire.for_framework(), wire.send_of_framework)
        finally:
            wire.is_over = True

    return serve


def channels_endpoint(app: AnyASGIApp) -> ChannelsView:
    """
    Give an application a type that `path()` takes, for the `URLRouter` of Channels.

        path("rooms/<int:room>", channels_endpoint(room))

    It is the same object. By their types, views of Django return responses; the
    routing of Channels calls them as the ASGI applications that they are.

    Args:
        app: What `websocket_app` has made.

    Raises:
        TypeError: It is no ASGI application.
    """
    if not _is_channels_view(app):
        raise refusal_of_application(app)
    return app


def _is_channels_view(app: object) -> TypeGuard[ChannelsView]:
    return is_application(app)


def quart_endpoint(app: AnyASGIApp) -> QuartView:
    """
    Make a view of Quart.

        app.add_websocket("/rooms/<int:room>", view_func=quart_endpoint(room))

    Args:
        app: What `websocket_app` has made.

    Raises:
        TypeError: It is no ASGI application.
    """
    serve = _served(app)

    async def view(**path_params: object) -> None:
        await serve(path_params)

    # By its name Quart tells views apart.
    view.__name__ = name_of_callable(app)
    return view


def blacksheep_endpoint(app: AnyASGIApp) -> BlackSheepHandler:
    """
    Make a handler of BlackSheep.

        app.router.add_ws("/rooms/{room}", blacksheep_endpoint(room))

    Args:
        app: What `websocket_app` has made.

    Raises:
        TypeError: It is no ASGI application.
    """
    serve = _served(app)

    # By the name of its parameter BlackSheep knows what to give it.
    async def handler(websocket: _BlackSheepWebSocket) -> None:
        await serve(websocket.route_values or {})

    handler.__name__ = name_of_callable(app)
    return handler


@final
@frozen(eq=False, order=False)
class FalconResource:
    """A resource of Falcon; `falcon_endpoint()` makes it."""

    _serve: Callable[[Mapping[str, object]], Awaitable[None]]

    async def on_websocket(
        self, _request: object, _websocket: object, /, **path_params: object
    ) -> None:
        """Serve a connection."""
        await self._serve(path_params)


def falcon_endpoint(app: AnyASGIApp) -> FalconResource:
    """
    Make a resource of Falcon.

        app.add_route("/rooms/{room:int}", falcon_endpoint(room))

    Args:
        app: What `websocket_app` has made.

    Raises:
        TypeError: It is no ASGI application.
    """
    return FalconResource(_served(app))


def _served(app: AnyASGIApp) -> Callable[[Mapping[str, object]], Awaitable[None]]:
    check_application(app)
    name = name_of_callable(app)
    inner = application(app)

    async def serve(path_params: Mapping[str, object]) -> None:
        wire = _WIRE.get(None)
        if wire is None or wire.is_over:
            raise RuntimeError(_NOT_LENT % name)
        if wire.is_lent or wire.answered.is_set():
            raise LocalProtocolError(_ANSWERED % name)
        wire.is_lent = True
        scope = {**wire.scope, "path_params": path_params}
        await inner(scope, wire.for_endpoint(), wire.send)

    return serve
