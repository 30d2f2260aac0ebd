"""Both event loops, on a clock that jumps: in most scenarios somebody waits."""

import pytest

from tests.clocks import jumping


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Run each test on asyncio and on trio, with a clock of its own."""
    return jumping(request.param)
