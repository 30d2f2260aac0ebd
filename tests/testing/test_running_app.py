"""Tests of the lifespan: what an application does before and after its clients."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from tests.testing.apps import ACCEPT, App, Event, Receive, Send, echo, wait_for_end
from typedws.testing import (
    ASGIViolation,
    LifespanFailed,
    WaitTimeout,
    connect,
    lifespan,
)

pytestmark = pytest.mark.anyio

COMPLETE = {"type": "lifespan.startup.complete"}
STOPPED = {"type": "lifespan.shutdown.complete"}


def stepwise(*steps: Event | Exception) -> App:
    """Make an application whose lifespan sends one event for each that comes."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        for step in steps:
            await receive()
            if isinstance(step, Exception):
                raise step
            await send(step)

    return app


async def test_what_the_startup_leaves_reaches_every_connection() -> None:
    """As a copy: what a connection adds is its own."""
    states: list[object] = []
    ended: list[str] = []

    @asynccontextmanager
    async def pool(_app: object) -> AsyncGenerator[dict[str, object]]:
        yield {"pool": states}
        ended.append("the pool")

    async def endpoint(websocket: WebSocket) -> None:
        states.append(dict(websocket.scope["state"]))
        websocket.scope["state"]["mine"] = 1
        await websocket.accept()
        await websocket.close()

    app = Starlette(routes=[WebSocketRoute("/", endpoint)], lifespan=pool)
    async with lifespan(app) as running:
        assert running.has_lifespan
        for _ in range(2):
            async with connect(running) as peer:
                await peer.receive()
        assert [] == ended

    assert ["the pool"] == ended
    assert [{"pool": states}, {"pool": states}] == states


async def test_a_running_application_is_an_application() -> None:
    """For any other client that wants the state."""
    seen: list[object] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            state = scope["state"]
            assert isinstance(state, dict)
            state["a"] = 1
            await stepwise(COMPLETE, STOPPED)(scope, receive, send)
        else:
            seen.append(scope["state"])

    async with lifespan(app) as running:
        await running({"type": "http"}, None, None)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert [{"a": 1}] == seen


async def test_an_application_may_have_no_lifespan() -> None:
    """One that raises at once, and one that returns."""

    async def raising(scope: Event, receive: Receive, send: Send) -> None:
        assert "websocket" == scope["type"]
        await send(ACCEPT)
        await wait_for_end(receive, send)

    async def returning(scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await raising(scope, receive, send)

    for app in (raising, returning):
        async with lifespan(app) as running, connect(running) as peer:
            assert not running.has_lifespan
            await peer.send_text("a")
    async with lifespan(echo) as running:
        assert running.has_lifespan


async def test_a_startup_that_fails_is_an_error() -> None:
    """With what the application said of it."""
    failed = {"type": "lifespan.startup.failed", "message": "no database"}
    with pytest.raises(LifespanFailed) as caught:
        async with lifespan(stepwise(failed)):
            raise AssertionError

    assert "the application's startup failed: no database" == str(caught.value)


async def test_a_startup_that_raises_is_an_error_with_its_cause() -> None:
    """Whether the application said so before or not."""

    @asynccontextmanager
    async def failing(_app: object) -> AsyncGenerator[None]:
        if _app is not None:
            raise OSError("no database")
        yield

    with pytest.raises(LifespanFailed, match="OSError: no database") as of_starlette:
        async with lifespan(Starlette(lifespan=failing)):
            raise AssertionError
    with pytest.raises(LifespanFailed, match="startup failed: OSError: no") as bare:
        async with lifespan(stepwise(OSError("no database"))):
            raise AssertionError

    assert isinstance(of_starlette.value.__cause__, OSError)
    assert isinstance(bare.value.__cause__, OSError)


async def test_a_shutdown_that_fails_is_an_error() -> None:
    """At the end of the block."""
    failed = {"type": "lifespan.shutdown.failed", "message": "too late"}
    with pytest.raises(LifespanFailed, match="shutdown failed: too late"):
        async with lifespan(stepwise(COMPLETE, failed)):
            pass


def pooling(
    ended: list[str], *, fails: bool = False, seconds: float = 0.0
) -> Starlette:
    """Make an application whose lifespan has something to close, which takes time."""

    @asynccontextmanager
    async def pool(_app: object) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await anyio.sleep(seconds)
            ended.append("the pool")
            if fails:
                raise OSError("of the shutdown")

    return Starlette(lifespan=pool)


class Outcome(BaseException):
    """What a runner of tests raises for a test that has failed, or is skipped."""


@pytest.mark.parametrize("failure", [LookupError("of the test"), Outcome("of it")])
async def test_the_shutdown_comes_behind_a_failure_too(failure: BaseException) -> None:
    """What the startup has opened is closed, and the test has failed as it has."""
    ended: list[str] = []
    with pytest.raises(type(failure)) as caught:
        async with lifespan(pooling(ended)):
            raise failure

    assert failure is caught.value
    assert ["the pool"] == ended
    assert not hasattr(failure, "__notes__")


async def test_a_shutdown_that_fails_does_not_hide_what_the_test_raised() -> None:
    """It is a note of that."""
    ended: list[str] = []
    with pytest.raises(LookupError, match=r"^of the test") as caught:
        async with lifespan(pooling(ended, fails=True)):
            raise LookupError("of the test")

    (note,) = caught.value.__notes__
    assert ["the pool"] == ended
    assert "OSError: of the shutdown" in note


async def test_a_shutdown_that_takes_too_long_does_not_either() -> None:
    """It is cancelled."""
    ended: list[str] = []
    with pytest.raises(LookupError, match=r"^of the test") as caught:
        async with lifespan(pooling(ended, seconds=3600), wait=0.05):
            raise LookupError("of the test")

    note, *_ = caught.value.__notes__
    assert [] == ended
    assert "the shutdown of the application was not complete within 0.05 s" in note
    assert " asleep at " in note


async def test_a_test_that_is_cancelled_does_not_wait_for_the_shutdown() -> None:
    """Neither in the block, nor behind a failure, which then comes out all the same."""
    ended: list[str] = []
    app = pooling(ended, seconds=3600)
    with anyio.move_on_after(0.05) as in_the_block:
        async with lifespan(app, wait=3600):
            await anyio.sleep(3600)
    with pytest.raises(LookupError), anyio.move_on_after(0.05) as behind_a_failure:
        async with lifespan(app, wait=3600):
            raise LookupError("of the test")

    assert in_the_block.cancelled_caught
    assert behind_a_failure.cancel_called
    assert [] == ended


async def test_a_failure_beside_a_cancellation_does_not_wait_for_it() -> None:
    """Who cancels a group of tasks, of which one fails then, gives up as well."""

    async def fail_at_the_end() -> None:
        try:
            await anyio.sleep(3600)
        finally:
            raise LookupError("of a task")

    async def work() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fail_at_the_end)
            await anyio.sleep(3600)

    with pytest.raises(ExceptionGroup) as caught, anyio.move_on_after(0.05):
        async with lifespan(pooling([], seconds=3600), wait=3600):
            await work()

    (failure,) = caught.value.exceptions
    assert "of a task" == str(failure)


async def test_a_failed_startup_is_followed_by_no_shutdown() -> None:
    """The application has said that it did not start, or has not said that it did."""
    events: list[object] = []

    async def app(_scope: Event, receive: Receive, _send: Send) -> None:
        events.append((await receive())["type"])
        events.append((await receive())["type"])

    with pytest.raises(WaitTimeout, match="the startup of the application"):
        async with lifespan(app, wait=0.05):
            raise AssertionError

    assert ["lifespan.startup"] == events


async def test_an_exception_after_the_startup_is_raised_as_it_is() -> None:
    """At the end of the block."""
    with pytest.raises(OSError, match=r"^out of order$"):
        async with lifespan(stepwise(COMPLETE, OSError("out of order"))):
            pass


async def test_a_startup_that_takes_too_long_is_an_error() -> None:
    """That says what the application was doing."""

    async def app(_scope: Event, _receive: Receive, _send: Send) -> None:
        await anyio.sleep(3600)

    with pytest.raises(WaitTimeout, match="the startup of the application was not com"):
        async with lifespan(app, wait=0.05):
            raise AssertionError


async def test_a_shutdown_that_takes_too_long_is_an_error() -> None:
    """It is said to be the shutdown, and where it hangs."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send(COMPLETE)
        await receive()
        await anyio.sleep(3600)

    with pytest.raises(WaitTimeout, match=r"^the shutdown of .* is asleep at "):
        async with lifespan(app, wait=0.05):
            pass


async def test_a_startup_that_waits_for_more_is_said_to() -> None:
    """It has one event, and then none."""

    async def app(_scope: Event, receive: Receive, _send: Send) -> None:
        await receive()
        await receive()

    with pytest.raises(WaitTimeout, match=r"is awaiting receive\(\) at .* in app\(\)"):
        async with lifespan(app, wait=0.05):
            raise AssertionError


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([{"type": "websocket.accept"}], "an event of the type 'websocket.accept'"),
        ([{"type": 1}], "an event of the type 1"),
        ([STOPPED], "shutdown.complete came while the lifespan was not stopping"),
        ([COMPLETE, COMPLETE], "startup.complete came while the lifespan was not sta"),
    ],
)
async def test_a_breach_of_the_protocol_is_an_error(
    events: list[Event], problem: str
) -> None:
    """With the rule."""
    with pytest.raises(ASGIViolation, match=problem):
        async with lifespan(stepwise(*events)):
            pass


async def test_a_lifespan_need_not_ask_to_be_started() -> None:
    """One that sends without having received is started all the same."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await send(COMPLETE)
        await receive()
        await receive()
        await send(STOPPED)

    async with lifespan(app) as running:
        assert running.has_lifespan
