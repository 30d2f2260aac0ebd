"""Tests of the client for tests that are not async: the same core, in a thread."""

import re
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from functools import partial
from typing import Literal

import anyio
import pytest
import trio.lowlevel
from attrs import frozen

from tests.testing.apps import (
    ACCEPT,
    CLOSE,
    Event,
    Receive,
    Send,
    accepting,
    echo,
    sending,
    sleep,
    text,
    wait_for_end,
)
from tests.testing.test_connecting import Greeting
from typedws import BytesMessage, DecodeError, TextMessage
from typedws.testing import (
    Accepted,
    Closed,
    ConnectionOver,
    Denied,
    HandshakeDenied,
    WaitTimeout,
)
from typedws.testing.sync import connect, handshake, lifespan

Backend = Literal["asyncio", "trio"]


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Run each test on both event loops; none of them leaves a thread behind."""
    before = set(threading.enumerate())
    yield "trio" if request.param == "trio" else "asyncio"

    # A thread that trio has kept from an earlier test may end in the meantime.
    assert set() == set(threading.enumerate()) - before


@pytest.fixture
def gate(backend: Backend) -> Iterator[threading.Event]:
    """What an application waits for in its own thread, until the test is over."""
    before = set(threading.enumerate())
    event = threading.Event()
    yield event
    event.set()
    while set(threading.enumerate()) - before:
        event.wait(0)
        time.sleep(0.01)


async def where_am_i(scope: Event, receive: Receive, send: Send) -> None:
    """Tell the client of the event loop; in a lifespan do nothing."""
    if scope["type"] == "lifespan":
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        return
    await receive()
    await send(ACCEPT)
    await send(text("trio" if trio.lowlevel.in_trio_run() else "asyncio"))
    await wait_for_end(receive, send)


def test_messages_come_back(backend: Backend) -> None:
    """Of every kind."""
    with connect(echo, "/", backend=backend) as peer:
        peer.send_text("a")
        peer.send_bytes(b"b")
        peer.send(TextMessage("c"))
        peer.send_json({"name": "Ada"})
        peer.send_json({"name": "Ada"}, mode="binary")

        assert "a" == peer.receive_text()
        assert b"b" == peer.receive_bytes()
        assert TextMessage("c") == peer.receive()
        assert {"name": "Ada"} == peer.receive_json()
        assert Greeting("Ada") == peer.receive_json(Greeting, mode="binary")
        peer.send_json(1)
        with pytest.raises(DecodeError):
            peer.receive_json(Greeting)
        peer.wait_all_read()
        assert (0, None) == (peer.unread, peer.closed)
        assert "<Peer open, 0 unread>" == repr(peer)


@frozen(order=False)
class Farewell:
    """Another message than a greeting."""

    to: str


def test_json_may_be_of_a_union_of_classes(backend: Backend) -> None:
    """A type that there is no JSON of takes no message."""
    with connect(echo, backend=backend) as peer:
        peer.send_json({"type": "Farewell", "to": "Ada"})
        with pytest.raises(TypeError, match="complex"):
            peer.receive_json(complex)

        assert Farewell("Ada") == peer.receive_json(Greeting | Farewell)


def test_the_answer_and_the_end_are_there(backend: Backend) -> None:
    """As values."""
    accept = {**ACCEPT, "subprotocol": "v1", "headers": [(b"x-a", b"b")]}
    app = sending(accept, text("a"), {"type": "websocket.send", "bytes": b"b"}, CLOSE)
    with connect(app, subprotocols=["v1"], backend=backend) as peer:
        assert ("v1", "b") == (peer.subprotocol, peer.accept_headers["x-a"])
        assert isinstance(peer.answer, Accepted)
        assert ["v1"] == peer.scope["subprotocols"]
        assert [TextMessage("a"), BytesMessage(b"b")] == list(peer)
        assert Closed(1000) == peer.closed
    with connect(echo, backend=backend) as peer:
        assert Closed(4000, "bye", closed_by="client") == peer.close(4000, "bye")
    with connect(echo, backend=backend) as peer:
        assert Closed(1006, closed_by="network") == peer.lose()


def test_a_handshake_can_be_refused(backend: Backend) -> None:
    """In both forms."""
    with pytest.raises(HandshakeDenied), connect(sending(CLOSE), backend=backend):
        raise AssertionError

    assert Denied(403) == handshake(sending(CLOSE), "/", backend=backend)


def test_a_wait_is_bounded(backend: Backend) -> None:
    """As in an async test."""
    with (
        pytest.raises(WaitTimeout, match="asleep"),
        connect(accepting(sleep), wait=0.05, backend=backend) as peer,
    ):
        peer.receive()


def test_an_exception_comes_as_it_is(backend: Backend) -> None:
    """Also where the test has failed."""

    async def failing(_receive: Receive, _send: Send) -> None:
        raise LookupError("of the handler")

    with (
        pytest.raises(LookupError, match="of the handler"),
        connect(accepting(failing), backend=backend) as peer,
    ):
        peer.receive()
    with (
        pytest.raises(AssertionError, match=r"^of the test"),
        connect(accepting(failing), backend=backend),
    ):
        raise AssertionError("of the test")


def test_clients_of_a_running_application_share_its_loop(backend: Backend) -> None:
    """And its state."""
    threads: set[int] = set()

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        threads.add(threading.get_ident())
        if scope["type"] == "lifespan":
            state = scope["state"]
            assert isinstance(state, dict)
            state["greeting"] = "hello"
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        state = scope["state"]
        assert isinstance(state, dict)
        await receive()
        await send(ACCEPT)
        await send(text("hello" if "greeting" in state else "nothing"))
        await wait_for_end(receive, send)

    with (
        lifespan(app, backend=backend) as running,
        connect(running) as one,
        connect(running) as other,
    ):
        assert ["hello", "hello"] == [one.receive_text(), other.receive_text()]
        assert isinstance(handshake(running), Accepted)

    assert 1 == len(threads)
    assert threading.get_ident() not in threads


@pytest.mark.anyio
async def test_what_is_left_can_be_received_behind_the_block(backend: Backend) -> None:
    """At once, and then the end: also where the test itself runs in an event loop."""
    app = sending(ACCEPT, text("a"), text("b"), text("c"), CLOSE)
    with connect(app, backend=backend, wait=0.5) as peer:
        assert "a" == peer.receive_text()

    assert "b" == peer.receive_text()
    assert [TextMessage("c")] == list(peer)
    assert Closed(1000) == peer.receive()
    assert Closed(1000) == peer.close()
    assert Closed(1000) == peer.lose()
    for call in (peer.receive_text, partial(peer.send_text, "d")):
        with pytest.raises(ConnectionOver):
            call()


def test_the_shutdown_comes_behind_a_failure_too(backend: Backend) -> None:
    """It may wait, and the failure comes out as it is."""
    ended: list[str] = []

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        finally:
            await anyio.sleep(0.01)
            ended.append("the pool")
        await send({"type": "lifespan.shutdown.complete"})

    with pytest.raises(LookupError, match=r"^of the test$"):  # noqa: SIM117
        with lifespan(app, backend=backend):
            raise LookupError("of the test")

    assert ["the pool"] == ended


def test_a_client_may_come_behind_the_lifespan(backend: Backend) -> None:
    """As in an async test; it has an event loop of the same kind."""
    with lifespan(where_am_i, backend=backend) as running:
        assert isinstance(handshake(running), Accepted)

    assert isinstance(handshake(running), Accepted)
    with connect(running) as peer:
        assert backend == peer.receive_text()


BUSY = rf"^the application kept .* It is busy at {re.escape(__file__)}:\d+ in step\(\)"


def test_an_application_that_blocks_its_event_loop_is_found(
    backend: Backend, gate: threading.Event
) -> None:
    """The test does not hang with it, and is told the line."""

    async def step(_receive: Receive, _send: Send) -> None:
        gate.wait()

    with (
        pytest.raises(WaitTimeout, match=BUSY),
        connect(accepting(step), backend=backend, wait=0.1) as peer,
    ):
        peer.receive()


def test_it_is_found_by_all_calls_and_by_the_end(
    backend: Backend, gate: threading.Event
) -> None:
    """Nothing waits for it once more."""

    async def step(receive: Receive, _send: Send) -> None:
        await receive()
        gate.wait()

    with (
        pytest.raises(WaitTimeout, match=BUSY),
        connect(accepting(step), backend=backend, wait=0.1) as peer,
    ):
        peer.send_text("a")
        for _ in range(3):
            with pytest.raises(WaitTimeout, match=BUSY):
                peer.receive()


def test_what_found_it_leaves_the_block_as_it_is(
    backend: Backend, gate: threading.Event
) -> None:
    """The first error is the one that the test gets."""
    found: list[WaitTimeout] = []

    async def step(receive: Receive, _send: Send) -> None:
        await receive()
        gate.wait()

    with (
        pytest.raises(WaitTimeout, match=BUSY) as caught,
        connect(accepting(step), backend=backend, wait=0.1) as peer,
    ):
        peer.send_text("a")
        try:
            peer.receive()
        except WaitTimeout as error:
            found.append(error)
            raise

    assert [caught.value] == found


def test_it_is_found_when_the_client_leaves(
    backend: Backend, gate: threading.Event
) -> None:
    """And when a handshake is not answered, and in a lifespan."""

    async def step(receive: Receive, _send: Send) -> None:
        await receive()
        gate.wait()

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await step(receive, send)

    with (
        pytest.raises(WaitTimeout, match=BUSY),
        connect(accepting(step), backend=backend, wait=0.1),
    ):
        pass
    with pytest.raises(WaitTimeout, match=BUSY):
        handshake(app, backend=backend, wait=0.1)
    with (
        pytest.raises(WaitTimeout, match=BUSY),
        lifespan(app, backend=backend, wait=0.1),
    ):
        pass


def test_an_application_may_block_its_event_loop_for_a_moment(backend: Backend) -> None:
    """Whoever waits then goes on waiting."""

    async def step(receive: Receive, send: Send) -> None:
        await receive()
        time.sleep(0.2)  # noqa: ASYNC251 - it is what the test is about
        await send(text("a"))

    with connect(accepting(step), backend=backend, wait=0.1) as peer:
        peer.send_text("a")

        assert "a" == peer.receive_text()


def test_an_event_loop_that_does_not_start_is_an_error() -> None:
    """No wait for what will never be there."""
    with pytest.raises(LookupError, match="No such backend"):
        handshake(echo, backend="curio")  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


def test_context_variables_of_the_test_reach_the_application(backend: Backend) -> None:
    """As if it ran in the test's own thread."""
    variable: ContextVar[str] = ContextVar("variable")
    variable.set("of the test")

    async def step(_receive: Receive, send: Send) -> None:
        await send(text(variable.get()))

    app = accepting(step)
    with connect(app, backend=backend, raise_app_errors=False) as peer:
        assert "of the test" == peer.receive_text()
