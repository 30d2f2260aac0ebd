"""Both event loops, on a clock that jumps: in most scenarios somebody waits."""

import pytest
import trio.testing

from typedws.testing.virtual_time import VirtualTimeLoop


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Run each test on asyncio and on trio, with a clock of its own."""
    if request.param == "asyncio":
        return "asyncio", {"loop_factory": VirtualTimeLoop}
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}
