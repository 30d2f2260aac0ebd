"""
`connect` and `handshake`: a client for any ASGI application, without a server.

The application runs in a task of the test's own event loop, for as long as the block
does. What goes wrong in it is the test's, as it is: never in a group of one.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Unpack

from typedws.asgi import AnyASGIApp
from typedws.testing.app_run import AppRun
from typedws.testing.connection import Connection
from typedws.testing.errors import HandshakeDenied
from typedws.testing.link import Link
from typedws.testing.options import ConnectOptions, checked_app, settings_of
from typedws.testing.outcomes import Accepted, Answer
from typedws.testing.peer import Peer
from typedws.testing.running_app import RunningApp
from typedws.testing.server import KNOWN, Server
from typedws.testing.supervision import supervised

__all__ = ["connect", "handshake"]


@asynccontextmanager
async def connect(
    app: AnyASGIApp | RunningApp,
    target: str = "/",
    /,
    **options: Unpack[ConnectOptions],
) -> AsyncGenerator[Peer]:
    """
    Connect to an application, for as long as the block lasts.

    At the end of the block the client closes with 1000, unless the connection is over,
    and the application has time to end. One that does not is cancelled, and the test
    fails.

    Args:
        app: Any ASGI application, or one that `lifespan()` runs.
        target: The path with its query, or a whole URL of the scheme ws or wss.
        options: See `ConnectOptions`.

    Raises:
        HandshakeDenied: The application refused the handshake.
        WaitTimeout: It did not answer, or did not end.
        ASGIViolation: It broke ASGI.
        Exception: What it raised itself, if that ended it.
        TypeError: It is no ASGI application, or an argument is of a wrong type.
        ValueError: The target or another argument is of no use.
        LocalProtocolError: No client may send such a header or subprotocol.
    """
    async with _linked(app, target, options) as link:
        answer = await link.answer()
        if isinstance(answer, Accepted):
            yield Peer(link)
            return
    raise HandshakeDenied(answer)


async def handshake(
    app: AnyASGIApp | RunningApp,
    target: str = "/",
    /,
    **options: Unpack[ConnectOptions],
) -> Answer:
    """
    Ask an application for a WebSocket, and leave as soon as it has answered.

        match await handshake(app, "/chat"):
            case Denied(status=401):
                ...

    Args:
        app: Any ASGI application, or one that `lifespan()` runs.
        target: The path with its query, or a whole URL of the scheme ws or wss.
        options: See `ConnectOptions`.

    Raises:
        Exception: What `connect()` raises, but for `HandshakeDenied`.
    """
    async with _linked(app, target, options) as link:
        return await link.answer()


@asynccontextmanager
async def _linked(
    app: AnyASGIApp | RunningApp, target: str, options: ConnectOptions
) -> AsyncGenerator[Link]:
    state = None
    if isinstance(app, RunningApp):
        state = app.state if app.has_lifespan else None
        app = app.app
    called = checked_app(app)
    settings = settings_of(target, options, state=state)
    connection = Connection(settings.profile, offered=settings.request.subprotocols)
    server = Server(connection)
    run = AppRun(
        lambda: called(settings.scope, server.receive, server.send),
        on_end=lambda failed: server.end(failed=failed),
        changed=connection.changed,
        known=KNOWN,
    )
    link = Link(
        connection,
        run=run,
        bound=settings.bound,
        raise_app_errors=settings.raise_app_errors,
        scope=MappingProxyType(dict(settings.scope)),
    )
    async with supervised(
        run,
        bound=settings.bound,
        leave=link.leave,
        left="the client has left, and the application did not end",
        faults=link.faults,
        raised=link.raised,
    ):
        try:
            yield link
        except BaseException:
            # A test that fails, or gives up its wait for the answer, hangs up.
            link.hang_up()
            raise
