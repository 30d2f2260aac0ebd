"""Tests of virtual time: what waits for an hour takes no time."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TypeAlias

import anyio
import anyio.lowlevel
import pytest

from tests.clocks import jumping
from tests.testing.apps import CLOSE, Receive, Send, accepting, echo
from typedws.testing import Closed, VirtualTimeLoop, WaitTimeout, connect

Main: TypeAlias = Callable[[], Awaitable[None]]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[[Main], None]:
    """
    Run a function with a clock that jumps.

    The tests are no coroutines themselves: the limit that each of ours has counts the
    seconds of its event loop.
    """

    def run(main: Main) -> None:
        backend, options = jumping(request.param)
        anyio.run(main, backend=backend, backend_options=options)

    return run


async def sleep_forever(_receive: Receive, _send: Send) -> None:
    """Set no timer at all."""
    await anyio.sleep_forever()


async def idle(receive: Receive, send: Send) -> None:
    """Close a connection on which nothing comes for an hour."""
    with anyio.move_on_after(3600):
        while (await receive())["type"] != "websocket.disconnect":
            pass
    await send({**CLOSE, "code": 4008})


def test_an_idle_time_out_takes_no_time(run: Callable[[Main], None]) -> None:
    """The bound of the wait, which is one of real time, does not come first."""

    async def main() -> None:
        began, virtual = time.monotonic(), anyio.current_time()
        async with connect(accepting(idle)) as peer:
            assert Closed(4008) == await peer.receive()

        assert time.monotonic() - began < 5
        assert 3600 <= anyio.current_time() - virtual < 3700

    run(main)


def test_what_would_never_end_ends_at_once(run: Callable[[Main], None]) -> None:
    """There is nothing to jump to but the bound."""

    async def main() -> None:
        began = time.monotonic()
        with pytest.raises(WaitTimeout, match="asleep"):
            async with connect(accepting(sleep_forever)) as peer:
                await peer.receive()

        assert time.monotonic() - began < 5

    run(main)


def test_an_application_that_swallows_its_cancellation_is_cut_off(
    run: Callable[[Main], None],
) -> None:
    """Though it never lets the time go on."""

    async def main() -> None:

        async def app(_receive: Receive, _send: Send) -> None:
            while True:
                with suppress(BaseException):
                    await anyio.sleep(3600)

        with pytest.raises(WaitTimeout) as caught:
            async with connect(accepting(app)) as peer:
                await peer.receive()

        assert 1 == len(caught.value.__notes__)

    run(main)


async def swallow() -> None:
    """Take no cancellation for an answer."""
    while True:
        with suppress(BaseException):
            await anyio.sleep(3600)


async def be_busy() -> None:
    """Never wait."""
    while True:
        await anyio.lowlevel.checkpoint()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("task", [swallow, be_busy])
def test_a_clock_that_stands_ends_no_wait_too_late(
    run: Callable[[Main], None], task: Callable[[], Coroutine[object, object, None]]
) -> None:
    """A task that is always busy, or is always cancelled, lets no time pass."""

    async def app(_receive: Receive, _send: Send) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(task)

    async def main() -> None:
        with pytest.raises(WaitTimeout, match=r"in (swallow|be_busy)\(\)"):
            async with connect(accepting(app), wait=0.2) as peer:
                await peer.receive()

    run(main)


def test_messages_take_no_time(run: Callable[[Main], None]) -> None:
    """The clock stands while there is something to do."""

    async def main() -> None:
        began = anyio.current_time()
        async with connect(echo) as peer:
            for _ in range(100):
                await peer.send_text("a")
                await peer.receive_text()

        assert began == anyio.current_time()

    run(main)


def test_input_wakes_the_loop_as_ever() -> None:
    """A socket that can be read comes before the next timer."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        one, other = socket.socketpair()
        with one, other, anyio.fail_after(3600):
            one.setblocking(False)
            received = asyncio.create_task(loop.sock_recv(one, 1))
            await asyncio.sleep(0)
            other.send(b"a")
            began = loop.time()

            assert b"a" == await received
            assert began == loop.time()

    anyio.run(main, backend_options={"loop_factory": VirtualTimeLoop})
