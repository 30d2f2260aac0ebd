"""The live server, once for each of uvicorn's two WebSocket implementations."""

from collections.abc import Iterator

import pytest

from tests.live.server import LiveServer


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("auto", id="uvicorn"),
        pytest.param("wsproto", id="uvicorn-wsproto"),
    ],
)
def running_server(request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    """Serve for all tests."""
    server = LiveServer(str(request.param))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def live(running_server: LiveServer) -> Iterator[LiveServer]:
    """Serve for one test, which fails if the server logs an error or a traceback."""
    running_server.settle()
    yield running_server

    assert [] == running_server.settle()
