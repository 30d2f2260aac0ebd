"""What all tests share: both event loops, and a limit that ends a hang."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import ParamSpec

import anyio
import pytest

from tests.typing.checkers import Runs
from tests.typing.compare import run_all

Parameters = ParamSpec("Parameters")

LONGEST_TEST = 30.0
"""Seconds. Within the event loop, where a task that hangs can still be cancelled."""

LONGEST_SLOW_TEST = 300.0
"""The same for those that are marked as slow."""


@pytest.fixture(
    params=[
        pytest.param(("asyncio", {"debug": True}), id="asyncio"),
        pytest.param(
            ("trio", {"restrict_keyboard_interrupt_to_checkpoints": True}), id="trio"
        ),
    ]
)
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Run each asynchronous test on asyncio and on trio."""
    return request.param


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Let every type checker look at all of its files, once for all tests."""
    return run_all(tmp_path_factory.mktemp("checked"))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Fail an asynchronous test that hangs, so that the others still run."""
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        is_slow = pyfuncitem.get_closest_marker("slow") is not None
        limit = LONGEST_SLOW_TEST if is_slow else LONGEST_TEST
        pyfuncitem.obj = _limited(pyfuncitem.obj, limit)


def _limited(
    test: Callable[Parameters, Awaitable[None]], limit: float
) -> Callable[Parameters, Awaitable[None]]:
    @functools.wraps(test)
    async def limited(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        with anyio.fail_after(limit):
            await test(*args, **kwargs)

    return limited
