"""
Routes by the path, where no framework has a router for WebSocket.

For Django without Channels, and for a server with nothing but typedws. Inside a
framework with a router of its own, that one is the better place.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, final

import anyio
from attrs import field, frozen

from typedws.app import WebSocketApp, websocket_app
from typedws.asgi import (
    AnyASGIApp,
    AnyASGISend,
    ASGIReceive,
    ASGIScope,
    ASGISend,
    application,
    sender,
)
from typedws.callables import check_application
from typedws.denial import DenialResponse
from typedws.ended import DeniedWebSocket
from typedws.exceptions import InvalidScope
from typedws.origins import AnyOrigin
from typedws.scope import WebSocketScope
from typedws.standalone import answer_lifespan, require_upgrade
from typedws.states import UnacceptedWebSocket

__all__ = ["WebSocketRoutes"]

_PARAMETER: Final = re.compile(r"\{(?P<name>[^{}:]*)(?P<rest>:path)?\}")
_WRITE_PATTERN: Final = (
    'write a path such as "/rooms/{room}", or "/files/{name:path}" for the rest of one'
)
_NOT_FOUND: Final = DenialResponse.text("There is no WebSocket here.\n", status=404)


@final
@frozen(eq=False, order=False)
class _Route:
    """
    A path, and what serves it.

    Attributes:
        pattern: What the whole path matches, with a group for each parameter.
        app: What serves a connection there.
    """

    pattern: re.Pattern[str]
    app: AnyASGIApp


@final
@frozen(eq=False, order=False)
class WebSocketRoutes:
    """
    An ASGI application that chooses among others by the path of a WebSocket.

        application = WebSocketRoutes(
            {"/rooms/{room}": room, "/lobby": lobby}, http=get_asgi_application()
        )

    The first route that matches serves, with what it has taken out of the path in
    `path_params`: texts, which `path_params_as()` reads as what they are to be. No
    route is HTTP 404. At the end of the lifespan the connections are drained, as
    `websocket_app` does it, and before that of `http` ends.

    Attributes:
        routes: What serves which path. `{name}` stands for a text without a slash,
            `{name:path}` for any text.
        http: What serves plain HTTP, and has the lifespan if it wants it. Without it,
            plain HTTP is told to upgrade (426).

    Raises:
        TypeError: A route is no ASGI application, or `http` is none.
        ValueError: A path can't be one.
    """

    routes: Mapping[str, AnyASGIApp]
    http: AnyASGIApp | None = field(default=None, kw_only=True)
    _routes: tuple[_Route, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Refuse now what would fail when the first client comes."""
        for app in self.routes.values():
            check_application(app)
        if self.http is not None:
            check_application(self.http)
        routes = tuple(_Route(_pattern(path), app) for path, app in self.routes.items())
        copied: Mapping[str, AnyASGIApp] = MappingProxyType(dict(self.routes))
        object.__setattr__(self, "routes", copied)
        object.__setattr__(self, "_routes", routes)

    # As of WebSocketApp, the names of the parameters are part of the interface.
    async def __call__(
        self, scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend
    ) -> None:
        """
        Serve one scope.

        Raises:
            InvalidScope: The scope is of a type that this application does not serve,
                or it is not what ASGI says that it is.
        """
        kind = scope.get("type")
        if kind == "websocket":
            await self._serve(scope, receive, send)
        elif kind == "lifespan":
            await self._live(scope, receive, sender(send))
        elif kind != "http":
            raise InvalidScope("type", "'websocket', 'http' or 'lifespan'", ascii(kind))
        elif self.http is None:
            await require_upgrade(scope, sender(send))
        else:
            await application(self.http)(scope, receive, sender(send))

    async def _serve(
        self, scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend
    ) -> None:
        asked = WebSocketScope(scope)
        path = _path_below(asked.root_path.rstrip("/"), asked.path)
        for route in self._routes:
            match = route.pattern.fullmatch(path)
            if match is not None:
                params = {**asked.path_params, **_parameters_in(match)}
                inner = {**scope, "path_params": params}
                await application(route.app)(inner, receive, sender(send))
                return
        await _NOWHERE(scope, receive, send)

    async def _live(
        self, scope: ASGIScope, receive: ASGIReceive, send: ASGISend
    ) -> None:
        is_asked = False

        async def receive_and_drain() -> Mapping[str, object]:
            nonlocal is_asked
            is_asked = True
            event = await receive()
            if event.get("type") == "lifespan.shutdown":
                await self._drain()
            return event

        if self.http is not None:
            try:
                await application(self.http)(scope, receive_and_drain, send)
            except Exception:
                # By the specification that is how an application says that it wants no
                # lifespan; Django does.
                if is_asked:
                    raise
        if not is_asked:
            await answer_lifespan(receive, send, self._drain)

    async def _drain(self) -> None:
        async with anyio.create_task_group() as tasks:
            for app in _apps_of(self):
                tasks.start_soon(app.drain)


def _apps_of(routes: WebSocketRoutes) -> Iterator[WebSocketApp]:
    for app in routes.routes.values():
        if isinstance(app, WebSocketApp):
            yield app
        elif isinstance(app, WebSocketRoutes):
            yield from _apps_of(app)


async def _refuse(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    return await websocket.send_denial_response(_NOT_FOUND, fallback=True)


_NOWHERE: Final = websocket_app(_refuse, origins=AnyOrigin())


def _path_below(root: str, path: str) -> str:
    # Not every server puts the root path in front of the path.
    return path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else path


def _parameters_in(match: re.Match[str]) -> Mapping[str, str]:
    return {name: match[name] for name in match.re.groupindex}


def _pattern(path: str) -> re.Pattern[str]:
    texts = _PARAMETER.sub("", path)
    names: list[str] = [match["name"] for match in _PARAMETER.finditer(path)]
    if not path.startswith("/") or "{" in texts or "}" in texts:
        raise ValueError(f"{path!r} can't be the path of a route; {_WRITE_PATTERN}")
    for name in names:
        if not name.isidentifier() or names.count(name) > 1:
            message = (
                f"{path!r} can't be the path of a route: the name {name!r} is no "
                f"identifier, or is there twice; {_WRITE_PATTERN}"
            )
            raise ValueError(message)
    return re.compile(_regex(path), re.DOTALL)


def _regex(path: str) -> str:
    parts: list[str] = []
    begin = 0
    for match in _PARAMETER.finditer(path):
        name: str = match["name"]
        rest: str | None = match["rest"]
        parts.append(re.escape(path[begin : match.start()]))
        parts.append(f"(?P<{name}>[^/]+)" if rest is None else f"(?P<{name}>.*)")
        begin = match.end()
    return "".join([*parts, re.escape(path[begin:])])
