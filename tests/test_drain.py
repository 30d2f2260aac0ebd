"""
Tests of `drain()`: every live connection is told, given time, and then ended.

The clock jumps, so the seconds of these tests take none.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import anyio
import pytest

from tests.clocks import jumping
from tests.scripted import (
    Event,
    ScriptedServer,
    disconnect,
    failing,
    record,
    scope,
    server,
    settle,
)
from typedws import (
    ClosedWebSocket,
    Ended,
    Limits,
    LocalProtocolError,
    Message,
    UnacceptedWebSocket,
    WebSocketApp,
    WebSocketReader,
    websocket_app,
)
from typedws.testing import (
    Closed,
    Denied,
    connect,
    handshake,
    lifespan,
    sync,
)
from typedws.testing.loop_thread import Backend

pytestmark = pytest.mark.anyio  # of those that are asynchronous


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Run on both event loops, with a clock that jumps."""
    return jumping(request.param)


async def seconds_of(call: Callable[[], Awaitable[object]]) -> float:
    """Make a call, and tell how long it took."""
    began = anyio.current_time()
    await call()
    return anyio.current_time() - began


@websocket_app
async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo to the end."""
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    return await connected.close()


# --- Who is there ------------------------------------------------------------------


async def test_an_application_counts_its_connections() -> None:
    """Those whose handlers run, accepted or not."""
    assert 0 == echo.connections
    async with connect(echo), connect(echo):
        assert 2 == echo.connections
    assert 0 == echo.connections


async def test_the_count_is_read_only() -> None:
    """It is what it is."""
    with pytest.raises(AttributeError):
        echo.connections = 3  # type: ignore[misc]  # ty: ignore[invalid-assignment]


async def test_nothing_to_drain_takes_no_time() -> None:
    """And new connections are refused from then on."""
    app = websocket_app(echo.handler)

    assert 0 == await seconds_of(app.drain)
    answer = await handshake(app)
    assert isinstance(answer, Denied)
    assert 503 == answer.status


# --- Those who do not listen -------------------------------------------------------


async def test_a_connection_on_which_nobody_listens_is_closed_at_once() -> None:
    """With 1012, service restart, by default."""
    app = websocket_app(echo.handler)
    async with connect(app) as peer:
        assert await seconds_of(app.drain) < 0.1
        closed = await peer.receive()

    assert Closed(1012) == closed


async def test_the_code_and_the_reason_can_be_chosen() -> None:
    """For all who are closed."""
    app = websocket_app(echo.handler)
    async with connect(app) as one, connect(app) as two:
        await app.drain(code=1001, reason="the server moves")

        assert Closed(1001, "the server moves") == await one.receive()
        assert Closed(1001, "the server moves") == await two.receive()


async def test_a_handler_has_until_the_deadline_to_return() -> None:
    """Though its connection is closed, there may be something left to do."""
    steps: list[str] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        closed = await connected.receive()
        assert isinstance(closed, ClosedWebSocket)
        await anyio.sleep(3)
        steps.append("saved")
        return closed

    async with connect(app):
        assert 3 <= await seconds_of(lambda: app.drain(deadline=5)) < 3.1

    assert ["saved"] == steps


# --- Those who listen --------------------------------------------------------------


async def test_a_handler_that_listens_ends_in_its_own_way() -> None:
    """It has until the deadline."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()

        async def say_goodbye() -> None:
            await connected.wait_draining()
            await connected.send_text("come back in a minute")
            await anyio.sleep(2)

        async def listen(messages: WebSocketReader[Message]) -> None:
            await messages.receive()

        return await connected.run(
            listen, background=[say_goodbye], code=1001, reason="moving"
        )

    async with connect(app) as peer, anyio.create_task_group() as tasks:
        await settle()
        tasks.start_soon(app.drain)

        assert "come back in a minute" == await peer.receive_text()
        assert Closed(1001, "moving") == await peer.receive()


async def test_a_handler_that_does_not_listen_yet_is_one_that_does_not() -> None:
    """Its connection is closed at once, though it would have listened."""
    seconds: list[float] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await anyio.sleep(1)
        seconds.append(await seconds_of(connected.wait_draining))
        await connected.send_text("come back in a minute")
        return await connected.close()

    async with connect(app) as peer:
        await app.drain()

        assert Closed(1012) == await peer.receive()
    assert [0] == seconds


async def test_a_handler_that_listens_too_late_is_told_as_well() -> None:
    """The drain has begun before."""
    told: list[float] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await anyio.sleep(1)
        await connected.wait_draining()
        told.append(anyio.current_time() - began)
        return await connected.close()

    began = anyio.current_time()
    async with connect(app):
        await app.drain()

    assert 1 <= told[0] < 1.1


async def test_after_the_deadline_a_handler_that_listens_is_closed() -> None:
    """Whatever it is doing."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await connected.wait_draining()
        event = await connected.receive()
        assert isinstance(event, ClosedWebSocket)
        return event

    async with connect(app) as peer:
        await settle()
        assert 4 <= await seconds_of(lambda: app.drain(deadline=4)) < 4.1

        assert Closed(1012) == await peer.receive()


async def test_without_an_application_nobody_tells() -> None:
    """A bare state has no application that could be drained."""
    connected = await server().websocket().accept()
    with anyio.move_on_after(1) as limit:
        await connected.wait_draining()

    assert limit.cancelled_caught


# --- Those who do not end ----------------------------------------------------------


async def test_a_handler_that_is_elsewhere_is_cancelled_after_the_deadline() -> None:
    """Its `finally` runs, and the drain is over."""
    steps: list[str] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connected = await websocket.accept()
        try:
            await anyio.sleep_forever()
        finally:
            steps.append("cleaned up")
        return await connected.close()

    async with connect(app) as peer:
        assert 3 <= await seconds_of(lambda: app.drain(deadline=3)) < 3.1
        assert ["cleaned up"] == steps
        assert Closed(1012) == await peer.receive()


async def test_a_handler_that_swallows_cancellation_does_not_hold_the_drain(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is named in the log, and left to the server."""
    stop = anyio.Event()

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        while not stop.is_set():
            # Each of the two is what does it on one of the two event loops.
            with suppress(asyncio.CancelledError), anyio.CancelScope(shield=True):
                await stop.wait()
        return await connected.close()

    scripted = server()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app, scope(), scripted.receive, scripted.send)
        await settle()
        taken = await seconds_of(lambda: app.drain(deadline=3))
        assert 3 <= taken < 5.1
        stop.set()

    assert ["websocket.accept", "websocket.close"] == scripted.sent_types()
    expected = "its handler has not ended, though it was cancelled"
    assert [f"<ClosedWebSocket this side closed it with 1012>: {expected}"] == [
        record.getMessage() for record in caplog.records
    ]


async def test_a_handshake_that_is_lost_when_it_is_to_be_refused_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Though its handler swallows cancellation; there is nobody to tell."""
    stop = anyio.Event()

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        while not stop.is_set():
            with suppress(asyncio.CancelledError), anyio.CancelScope(shield=True):
                await stop.wait()
        return await websocket.close()

    scripted = server(disconnect(1006))
    scripted.on_send = failing(OSError("gone"))
    ended: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            record, ended, lambda: app(scope(), scripted.receive, scripted.send)
        )
        await settle()
        await app.drain(deadline=3)
        stop.set()

    expected = "its handler has not ended, though it was cancelled"
    assert [None] == ended
    lost = "<ClosedWebSocket it was lost without a close frame (1006)>"
    assert [f"{lost}: {expected}"] == [
        line.getMessage() for line in caplog.records if line.levelno >= logging.WARNING
    ]


async def test_a_handshake_that_nobody_answers_is_refused_after_the_deadline() -> None:
    """With 503; until then its handler has time."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        await anyio.sleep_forever()
        return await websocket.close()

    answers: list[object] = []

    async def ask() -> None:
        answers.append(await handshake(app))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        await settle()
        await app.drain(deadline=3)

    assert isinstance(answers[0], Denied)
    assert 503 == answers[0].status


async def test_a_handshake_that_is_under_way_may_still_be_answered() -> None:
    """And its connection is closed at the deadline, if it does not end by itself."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        await anyio.sleep(1)
        connected = await websocket.accept()
        async for _ in connected:
            pass
        return await connected.close()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(drain_soon, app)
        async with connect(app) as peer:
            assert Closed(1012) == await peer.receive()


@pytest.mark.parametrize("seconds", [0.0, 0.4])
async def test_a_handshake_that_was_refused_is_not_answered_by_its_handler(
    seconds: float,
) -> None:
    """Which would fail, though it has made no mistake, while others are ended."""
    slow = server()
    quick = server()

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        await anyio.sleep(3.2 + seconds)
        connected = await websocket.accept()
        return await connected.close()

    async def send_slowly(event: Event) -> None:
        await anyio.sleep(0.4)
        await slow.send(event)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app, scope(), quick.receive, quick.send)
        tasks.start_soon(app, scope(), slow.receive, send_slowly)
        await settle()
        await app.drain(deadline=3)

    refusal = ["websocket.http.response.start", "websocket.http.response.body"]
    assert [refusal, refusal] == [quick.sent_types(), slow.sent_types()]


async def refuse_late(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse a handshake."""
    return await websocket.close()


async def say_goodbye(websocket: UnacceptedWebSocket) -> Ended:
    """Accept it for a last word."""
    connected = await websocket.accept()
    await connected.send_text("bye")
    return await connected.close()


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (refuse_late, ["websocket.close"]),
        (say_goodbye, ["websocket.accept", "websocket.send", "websocket.close"]),
    ],
)
async def test_a_handler_may_answer_its_handshake_as_it_is_cancelled(
    answer: Callable[[UnacceptedWebSocket], Awaitable[Ended]], sent: list[str]
) -> None:
    """That is no mistake, and its cancellation an ordinary end."""
    scripted = server()

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.3)
                await answer(websocket)
        raise NotImplementedError

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app, scope(), scripted.receive, scripted.send)
        await settle()
        await app.drain(deadline=3)

    assert sent == scripted.sent_types()


@pytest.mark.parametrize(
    ("accepts", "sent"),
    [
        (False, ["websocket.http.response.start", "websocket.http.response.body"]),
        (True, ["websocket.accept", "websocket.close"]),
    ],
)
async def test_a_client_is_told_though_its_handler_goes_on(
    *, accepts: bool, sent: list[str]
) -> None:
    """Before the drain is over, whether its handshake is answered by then or not."""
    scripted = server()
    stop = anyio.Event()

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                if accepts:
                    await websocket.accept()
                await stop.wait()
        raise NotImplementedError

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app, scope(), scripted.receive, scripted.send)
        await settle()
        assert 3 <= await seconds_of(lambda: app.drain(deadline=3)) < 5.1
        assert sent == scripted.sent_types()
        stop.set()


async def test_a_client_that_has_gone_before_its_answer_needs_none() -> None:
    """That is no failure of the drain."""
    scripted = ScriptedServer()

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        await anyio.sleep_forever()
        return await websocket.close()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app, scope(), scripted.receive, scripted.send)
        await settle()
        scripted.give(disconnect(1006))
        await app.drain(deadline=1)

    assert [] == scripted.sent


async def drain_soon(app: WebSocketApp) -> None:
    """Drain an application in a moment."""
    await anyio.sleep(0.5)
    await app.drain(deadline=3)


async def test_a_peer_that_does_not_read_does_not_hold_the_drain() -> None:
    """Its close can't be delivered."""
    scripted = server()
    app = websocket_app(echo.handler, limits=Limits(close_timeout=8))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app, scope(), scripted.receive, scripted.send)
        await settle()
        scripted.stuck = True

        assert await seconds_of(lambda: app.drain(deadline=3)) < 5.1
        tasks.cancel_scope.cancel()


async def test_a_server_that_fails_at_a_close_does_not_hold_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The failure is logged."""
    broken = server()
    app = websocket_app(echo.handler)

    def fail(event: object) -> None:
        del event
        raise ValueError("no")

    async with connect(app) as peer, anyio.create_task_group() as tasks:
        tasks.start_soon(app, scope(), broken.receive, broken.send)
        await settle()
        broken.on_send = fail
        tasks.start_soon(lambda: app.drain(deadline=1))

        assert Closed(1012) == await peer.receive()

    assert "could not be ended in order" in caplog.records[0].getMessage()


async def test_a_cancellation_from_outside_still_counts() -> None:
    """Though the drain cancels the handler as well."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connected = await websocket.accept()
        await anyio.sleep_forever()
        return await connected.close()

    scripted = server()
    with anyio.CancelScope() as outside:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(app, scope(), scripted.receive, scripted.send)
            await settle()
            tasks.start_soon(lambda: app.drain(deadline=1))
            await anyio.sleep(1.5)
            outside.cancel()

    assert 0 == app.connections


async def test_two_drains_at_once_are_as_good_as_one() -> None:
    """The second waits as well."""
    app = websocket_app(echo.handler)
    async with connect(app) as peer:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(app.drain)
            tasks.start_soon(app.drain)

        assert Closed(1012) == await peer.receive()


# --- How it is called --------------------------------------------------------------


Drain = Callable[[WebSocketApp], Awaitable[None]]


def drains(drain: Drain) -> Drain:
    """Give its type to a lambda in a table."""
    return drain


REFUSED: Final = {
    "a code that may not be sent": (
        drains(lambda app: app.drain(code=999)),
        LocalProtocolError,
        "close code 999",
    ),
    "a deadline in the past": (
        drains(lambda app: app.drain(deadline=-1)),
        ValueError,
        r"drain\(\): the timeout is a number of seconds from 0 on, not -1",
    ),
    "a deadline that is none": (
        drains(lambda app: app.drain(deadline=math.nan)),
        ValueError,
        "from 0 on, not nan",
    ),
}


@pytest.mark.parametrize(("drain", "kind", "problem"), REFUSED.values(), ids=REFUSED)
async def test_what_makes_no_sense_is_refused(
    drain: Drain,
    kind: type[Exception],
    problem: str,
) -> None:
    """And nothing is drained."""
    app = websocket_app(echo.handler)
    with pytest.raises(kind, match=problem):
        await drain(app)
    async with connect(app) as peer:
        await peer.send_text("1")

        assert "1" == await peer.receive_text()


def test_an_application_that_was_drained_can_be_served_again() -> None:
    """By another event loop: so each test may drain the same one."""
    app = websocket_app(echo.handler)

    async def drain_it() -> None:
        async with connect(app) as peer:
            await app.drain()

            assert Closed(1012) == await peer.receive()

    anyio.run(drain_it)
    anyio.run(drain_it)


async def test_who_comes_and_is_refused_does_not_end_the_wait_for_the_others() -> None:
    """A drain waits for those who were there."""
    saved = anyio.Event()

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await connected.wait_draining()
        await saved.wait()
        return await connected.close(4000)

    async with connect(app) as peer, anyio.create_task_group() as tasks:
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(app.drain)
        await anyio.wait_all_tasks_blocked()
        answer = await handshake(app)
        assert isinstance(answer, Denied)
        assert 503 == answer.status
        assert 1 == app.connections
        saved.set()

        assert Closed(4000) == await peer.receive()


@pytest.mark.parametrize("there", ["asyncio", "trio"])
@pytest.mark.parametrize("here", ["asyncio", "trio"])
def test_a_drain_leaves_alone_what_another_event_loop_serves(
    here: Backend, there: Backend
) -> None:
    """One application may be served by two threads, each with a loop of its own."""
    app = websocket_app(echo.handler)
    with (
        sync.connect(app, backend=there) as stranger,
        sync.lifespan(app, backend=here) as running,
        sync.connect(running) as own,
    ):
        began = time.monotonic()
        running.loop.call(app.drain, 5.0)
        took = time.monotonic() - began
        stranger.send_text("still here")

        assert Closed(1012) == own.receive()
        assert "still here" == stranger.receive_text()
        assert took < 1


async def test_the_end_of_a_lifespan_drains() -> None:
    """If the application is all that a server serves."""
    app = websocket_app(echo.handler)
    async with lifespan(app) as running, connect(running) as peer:
        await peer.send_text("1")

        assert "1" == await peer.receive_text()
    answer = await handshake(app)
    assert isinstance(answer, Denied)
    assert 503 == answer.status
