"""Tests of draining on a signal: before the server hears of it, and then it does."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Final

import anyio
import pytest

from tests.scripted import settle
from typedws import (
    ClosedWebSocket,
    LocalProtocolError,
    UnacceptedWebSocket,
    WebSocketApp,
    websocket_app,
)
from typedws.signals import before_signals
from typedws.testing import Closed, connect

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(
        not hasattr(signal, "SIGUSR1"), reason="this system has no POSIX signals"
    ),
]

STOP: Final = signal.SIGUSR1


async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo to the end."""
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    return await connected.close()


@pytest.fixture
def server_got() -> Generator[list[int]]:
    """Have a handler for the signal, as a server has, and note what it gets."""
    got: list[int] = []
    before = signal.signal(STOP, lambda number, _frame: got.append(number))
    yield got
    signal.signal(STOP, before)


def send_signal() -> None:
    """Send the signal to this process."""
    os.kill(os.getpid(), STOP)


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds; a test that waits in vain is ended."""
    while not holds():  # noqa: ASYNC110 - of what a signal handler does there is no event
        await anyio.sleep(0.001)


async def test_the_connections_are_drained_before_the_server_is_told(
    server_got: list[int],
) -> None:
    """Which would end them in its own way."""
    app = websocket_app(echo)
    async with app.drain_on_signal(STOP, code=1001), connect(app) as peer:
        send_signal()

        assert Closed(1001) == await peer.receive()
        assert [] == server_got
        await until(lambda: server_got)

    assert [STOP] == server_got
    assert 0 == app.connections


async def test_a_second_signal_is_passed_on_at_once(server_got: list[int]) -> None:
    """Somebody is in a hurry."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await connected.wait_draining()
        with suppress(TimeoutError):
            await connected.receive(timeout=0.2)
        return await connected.close()

    async with app.drain_on_signal(STOP), connect(app):
        await settle()
        send_signal()
        await settle()
        assert [] == server_got
        send_signal()
        await until(lambda: server_got)

        assert 1 == app.connections


async def test_several_applications_are_drained_at_once(server_got: list[int]) -> None:
    """Before the server is told."""
    app, other = websocket_app(echo), websocket_app(echo)
    async with (
        app.drain_on_signal(STOP, others=[other]),
        connect(app) as peer,
        connect(other) as another,
    ):
        send_signal()

        assert Closed(1012) == await peer.receive()
        assert Closed(1012) == await another.receive()
        await until(lambda: server_got)

    assert [STOP] == server_got


async def test_a_signal_that_another_application_waits_for_is_refused(
    server_got: list[int],
) -> None:
    """With what to write instead; and afterwards it may be taken again."""
    app, other = websocket_app(echo), websocket_app(echo)
    async with app.drain_on_signal(STOP):
        with pytest.raises(RuntimeError) as caught:
            async with other.drain_on_signal(STOP):
                pass
    async with other.drain_on_signal(STOP), connect(other) as peer:
        send_signal()
        assert Closed(1012) == await peer.receive()
        await until(lambda: server_got)

    assert (
        "drain_on_signal(): another application of this process waits for SIGUSR1; "
        "name it in the one call: chat.drain_on_signal(SIGUSR1, others=[news])"
    ) == str(caught.value)


BAD: Final[dict[str, tuple[Callable[[WebSocketApp], object], type[Exception], str]]] = {
    "code": (
        lambda app: app.drain_on_signal(STOP, code=1006),
        LocalProtocolError,
        "1006",
    ),
    "deadline": (
        lambda app: app.drain_on_signal(STOP, deadline=-1),
        ValueError,
        "drain_on_signal(): the timeout is a number of seconds from 0 on, not -1",
    ),
    "others": (
        lambda app: app.drain_on_signal(STOP, others=[echo]),  # type: ignore[list-item]  # ty: ignore[invalid-argument-type]
        TypeError,
        "drain_on_signal(others=...) takes applications made by websocket_app, not ",
    ),
}


@pytest.mark.parametrize(("make", "kind", "problem"), BAD.values(), ids=BAD)
async def test_what_can_not_be_done_at_a_signal_is_refused_before(
    make: Callable[[WebSocketApp], object], kind: type[Exception], problem: str
) -> None:
    """At the signal nobody could mend it, and nothing would be drained."""
    with pytest.raises(kind) as caught:
        make(websocket_app(echo))

    assert problem in str(caught.value)


@pytest.mark.usefixtures("server_got")
@pytest.mark.parametrize("error", [ValueError("no lifespan"), SystemExit(3)], ids=repr)
async def test_what_a_block_raises_comes_out_as_it_is(error: BaseException) -> None:
    """In no group, whatever it is."""
    with pytest.raises(type(error)) as caught:
        async with websocket_app(echo).drain_on_signal(STOP):
            raise error

    assert error is caught.value


@pytest.mark.parametrize("more", [0, 1])
async def test_a_block_that_ends_during_the_drain_keeps_no_signal(
    server_got: list[int], more: int
) -> None:
    """A process that was told to stop stops, but not twice."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await connected.wait_draining()
        async for _ in connected:
            pass
        return await connected.close()

    async with connect(app):
        async with app.drain_on_signal(STOP):
            await settle()
            send_signal()
            await settle()
            assert [] == server_got
            for _ in range(more):
                send_signal()
                await settle()

        assert [STOP] == server_got


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("fault", [None, ValueError("no lifespan")])
async def test_a_block_that_ends_as_a_signal_comes_does_not_keep_it(
    server_got: list[int], turns: int, fault: Exception | None
) -> None:
    """However the block ends, and however far the signal has come by then."""
    app = websocket_app(echo)
    with suppress(ValueError):
        async with app.drain_on_signal(STOP):
            await settle()
            send_signal()
            await settle(turns)
            if fault is not None:
                raise fault

    assert [STOP] == server_got


async def test_nor_does_one_that_is_cancelled(server_got: list[int]) -> None:
    """As the lifespan of a server in a hurry is."""
    app = websocket_app(echo)
    with anyio.CancelScope() as outside:
        async with app.drain_on_signal(STOP):
            await settle()
            send_signal()
            outside.cancel()
            await anyio.sleep_forever()

    assert [STOP] == server_got


async def test_after_the_block_the_signal_is_the_servers_again(
    server_got: list[int],
) -> None:
    """Also after an exception, which comes out as it is."""
    app = websocket_app(echo)
    with pytest.raises(ValueError, match="no lifespan"):
        async with app.drain_on_signal(STOP):
            raise ValueError("no lifespan")
    send_signal()
    await until(lambda: server_got)

    assert [STOP] == server_got
    async with connect(app) as peer:
        await peer.send_text("1")

        assert "1" == await peer.receive_text()


async def test_a_drain_that_fails_is_logged_and_the_server_told(
    server_got: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """A process that was told to stop stops, and the others are drained."""
    drained: list[str] = []

    async def fail() -> None:
        raise ValueError(STOP)

    async def drain() -> None:
        await settle()
        drained.append("all")

    async with before_signals((STOP,), [fail, drain]):
        send_signal()
        await until(lambda: server_got)

    assert ["all"] == drained
    assert ["SIGUSR1: what was to be done first has failed"] == [
        record.getMessage() for record in caplog.records
    ]


async def test_a_signal_that_nobody_had_ends_nothing_if_it_is_for_applications() -> (
    None
):
    """`SIGUSR1` before `SIGTERM` is a way to drain on any server."""
    app = websocket_app(echo)
    async with app.drain_on_signal(STOP), connect(app) as peer:
        send_signal()

        assert Closed(1012) == await peer.receive()
        await settle()


@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN])
async def test_a_signal_that_does_no_harm_is_passed_on_as_it_was(
    before: signal.Handlers,
) -> None:
    """What the system does by default, or nothing at all."""
    had = signal.signal(signal.SIGURG, before)
    app = websocket_app(echo)
    try:
        async with app.drain_on_signal(signal.SIGURG), connect(app) as peer:
            os.kill(os.getpid(), signal.SIGURG)

            assert Closed(1012) == await peer.receive()
            await settle()
        assert before is signal.getsignal(signal.SIGURG)
    finally:
        signal.signal(signal.SIGURG, had)


async def test_a_signal_has_to_be_named() -> None:
    """There is no default: which it is depends on the server."""
    with pytest.raises(ValueError, match=r"name the signal: drain_on_signal\(signal"):
        async with websocket_app(echo).drain_on_signal():
            pytest.fail("there is nothing to wait for")


@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # trio has no such handlers
async def test_a_signal_that_the_event_loop_has_can_not_be_put_off() -> None:
    """That is so with granian."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(STOP, lambda: None)
    try:
        with pytest.raises(RuntimeError, match="its own handler of SIGUSR1 into the"):
            async with websocket_app(echo).drain_on_signal(STOP):
                pytest.fail("it was not refused")
    finally:
        loop.remove_signal_handler(STOP)


async def test_a_signal_that_is_none_of_pythons_can_not_be_put_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A library in another language may have taken it."""

    def nobody_known(_: int) -> None:
        pass

    monkeypatch.setattr(signal, "getsignal", nobody_known)
    with pytest.raises(RuntimeError, match="a handler that is none of Python's"):
        async with websocket_app(echo).drain_on_signal(STOP):
            pytest.fail("it was not refused")


def test_only_the_main_thread_hears_of_signals() -> None:
    """Python lets no other thread have one."""
    errors: list[Exception] = []

    async def main() -> None:
        async with websocket_app(echo).drain_on_signal(STOP):
            pytest.fail("it was not refused")

    def run() -> None:
        try:
            anyio.run(main)
        except (RuntimeError, ValueError) as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert "main thread" in str(errors[0])


PROGRAM: Final = """
import signal, anyio
from typedws import websocket_app

async def main():
    async with websocket_app(handler).drain_on_signal(signal.SIGTERM):
        signal.raise_signal(signal.SIGTERM)
        await anyio.sleep(10)

async def handler(websocket):
    return await websocket.close()

anyio.run(main, backend="{backend}")
"""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_signal_that_nobody_had_ends_the_process(backend: str) -> None:
    """As it would have without us."""
    program = PROGRAM.format(backend=backend)
    completed = subprocess.run([sys.executable, "-c", program], check=False, timeout=20)

    assert -signal.SIGTERM == completed.returncode
