"""
The pytest plugin: fixtures that give `connect`, with the defaults of a test's marker.

    @pytest.mark.websocket(profile=UVICORN, wait=1.0)
    async def test_an_echo_comes_back(websocket_client: WebSocketClient) -> None:
        async with websocket_client(app, "/echo") as peer:
            ...

A fixture gives a function, and not an open connection: the block belongs to the task of
the test, whatever plugin runs it (anyio's, pytest-asyncio, pytest-trio).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Final, Unpack, final

import pytest
from attrs import field, frozen

from typedws.asgi import AnyASGIApp
from typedws.testing import sync
from typedws.testing.connecting import connect
from typedws.testing.loop_thread import Backend
from typedws.testing.options import ConnectOptions, are_options, merged
from typedws.testing.peer import Peer
from typedws.testing.running_app import RunningApp

__all__ = ["SyncWebSocketClient", "WebSocketClient"]

_MARKER = (
    "websocket(**options): the options that websocket_client connects with; "
    "see typedws.testing.ConnectOptions"
)


@final
@frozen(order=False)
class WebSocketClient:
    """
    `connect()`, with defaults.

    Attributes:
        defaults: The options of the test's marker.
    """

    defaults: ConnectOptions = field(factory=ConnectOptions)

    def __call__(
        self,
        app: AnyASGIApp | RunningApp,
        target: str = "/",
        /,
        **options: Unpack[ConnectOptions],
    ) -> AbstractAsyncContextManager[Peer]:
        """Connect to an application, for as long as the block lasts."""
        return connect(app, target, **merged(self.defaults, options))


@final
@frozen(order=False)
class SyncWebSocketClient:
    """
    `typedws.testing.sync.connect()`, with defaults.

    Attributes:
        defaults: The options of the test's marker.
    """

    defaults: ConnectOptions = field(factory=ConnectOptions)

    def __call__(
        self,
        app: AnyASGIApp | sync.RunningApp,
        target: str = "/",
        /,
        *,
        backend: Backend = "asyncio",
        **options: Unpack[ConnectOptions],
    ) -> AbstractContextManager[sync.Peer]:
        """Connect to an application, for as long as the block lasts."""
        options = merged(self.defaults, options)
        return sync.connect(app, target, backend=backend, **options)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


def _websocket_client(request: pytest.FixtureRequest) -> WebSocketClient:
    """`typedws.testing.connect`, with the options of the marker `websocket`."""
    return WebSocketClient(_marked(request))


def _sync_websocket_client(request: pytest.FixtureRequest) -> SyncWebSocketClient:
    """`typedws.testing.sync.connect`, with the options of the marker `websocket`."""
    return SyncWebSocketClient(_marked(request))


def _marked(request: pytest.FixtureRequest) -> ConnectOptions:
    """Draw together the options of all markers, the nearest one counting."""
    node: pytest.Item = request.node
    options = ConnectOptions()
    for mark in node.iter_markers("websocket"):
        given: Mapping[str, object] = mark.kwargs
        unnamed: tuple[object, ...] = mark.args
        if unnamed or not are_options(given):
            raise pytest.UsageError(
                f"{node.nodeid}: pytest.mark.websocket takes the names of "
                "ConnectOptions, and nothing else"
            )
        options = merged(given, options)
    return options


# As a decorator it would turn the functions into Any.
_fixture: Final[Callable[[Callable[[pytest.FixtureRequest], object]], object]] = (
    pytest.fixture
)

websocket_client: Final = _fixture(_websocket_client)
sync_websocket_client: Final = _fixture(_sync_websocket_client)
