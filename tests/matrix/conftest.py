"""
The servers of the matrix, each started once for all tests.

The two that differ the most and start the fastest are in every run; the rest is slow.
"""

from collections.abc import Iterator
from typing import Final

import pytest
from attrs import evolve

from tests.matrix.client import Live
from tests.servers.launching import SERVERS, running

SERVED: Final = "tests.matrix.served:app"
FAST: Final = ("uvicorn", "hypercorn")


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(name, marks=() if name in FAST else pytest.mark.slow)
        for name in SERVERS
    ],
)
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """Serve the handlers with a real server."""
    server = evolve(SERVERS[str(request.param)], app=SERVED)
    with running(server, tmp_path_factory.mktemp("server")) as started:
        yield Live(started)
