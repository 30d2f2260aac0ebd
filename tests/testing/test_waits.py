"""Tests of waits: each has an end, and says what the application was doing."""

import asyncio
import gc
import re
import threading
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import suppress
from pathlib import Path
from types import FrameType

import anyio
import anyio.to_thread
import pytest
from attrs import evolve
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from tests.testing.apps import (
    ACCEPT,
    CLOSE,
    Event,
    Receive,
    Send,
    Step,
    accepting,
    echo,
    sending,
    sleep,
    text,
    wait_for_end,
)
from typedws.asgi import AnyASGIApp
from typedws.testing import (
    STRICT,
    AppCancelled,
    ClientGone,
    Closed,
    LeakedTaskWarning,
    WaitTimeout,
    connect,
    connected_websocket,
    handshake,
    sync,
)
from typedws.testing.cutting import Cuttable

pytestmark = pytest.mark.anyio

HERE = re.escape(str(Path(__file__)))


async def timeout_of(app: AnyASGIApp) -> WaitTimeout:
    """Wait for a message that does not come."""
    with pytest.raises(WaitTimeout) as caught:
        async with connect(app, wait=0.1) as peer:
            await peer.receive()
    return caught.value


# --- What the application was doing --------------------------------------------------


async def test_an_application_that_sleeps_is_said_to_sleep() -> None:
    """With the line of the handler."""

    async def app(_receive: Receive, _send: Send) -> None:
        await anyio.sleep(3600)

    error = await timeout_of(accepting(app))

    assert "receive(): nothing came" == error.waited_for
    assert 0.1 == error.seconds
    assert re.search(
        rf"^receive\(\): nothing came within 0\.1 s\. The application is asleep at "
        rf"{HERE}:\d+ in app\(\): `await anyio\.sleep\(3600\)`\.$",
        str(error),
    )


async def test_an_application_that_receives_is_said_to_receive() -> None:
    """The line is that of the handler, whatever lies below it."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()

    starlette = Starlette(routes=[WebSocketRoute("/", endpoint)])

    assert re.search(
        rf"is awaiting receive\(\) at {HERE}:\d+ in endpoint\(\): "
        r"`await websocket.receive_text\(\)`",
        str(await timeout_of(starlette)),
    )


async def of_a_future() -> None:
    """Wait for a future that nobody sets."""
    await asyncio.get_running_loop().create_future()


async def of_an_event() -> None:
    """Wait for an event of asyncio."""
    await asyncio.Event().wait()


async def of_a_queue() -> None:
    """Wait for an item."""
    await asyncio.Queue[int]().get()


async def of_an_executor() -> None:
    """Wait for a thread."""
    over = threading.Event()
    try:
        await asyncio.get_running_loop().run_in_executor(None, over.wait, 60)
    finally:
        over.set()


async def of_a_time_limit() -> None:
    """Wait for one of those with a time limit."""
    await asyncio.wait_for(asyncio.Event().wait(), 3600)


AWAITED: dict[str, Callable[[], Awaitable[None]]] = {
    "of_a_future": of_a_future,
    "of_an_event": of_an_event,
    "of_a_queue": of_a_queue,
    "of_an_executor": of_an_executor,
    "of_a_time_limit": of_a_time_limit,
}


@pytest.mark.parametrize("name", AWAITED)
async def test_what_an_application_awaits_of_asyncio_is_found(
    name: str, anyio_backend_name: str
) -> None:
    """With its line, though the chain of what it awaits ends at a bare future."""
    if anyio_backend_name == "trio":
        pytest.skip("trio has no futures")

    async def app(_receive: Receive, _send: Send) -> None:
        await AWAITED[name]()

    assert re.search(
        rf"The application is waiting at {HERE}:\d+ in {name}\(\): `await asyncio\.",
        str(await timeout_of(accepting(app))),
    )


async def test_an_application_that_is_stuck_in_send_is_said_to_be() -> None:
    """While the test waits for something else."""

    async def flood(_receive: Receive, send: Send) -> None:
        while True:
            await send(text("a"))

    with pytest.raises(WaitTimeout) as caught:
        async with connect(accepting(flood), wait=0.1, buffer=10) as peer:
            await peer.wait_all_read()

    assert "stuck in send(), as the client does not read, at " in str(caught.value)


async def test_a_close_waits_for_what_was_sent_before_it() -> None:
    """No message is overtaken: the client reads them all, and then the end."""

    async def step(_receive: Receive, send: Send) -> None:
        async def say(event: Event) -> None:
            await send(event)

        async with anyio.create_task_group() as tasks:
            for event in (*map(text, ("first", "second", "third")), CLOSE):
                tasks.start_soon(say, event)
                await anyio.wait_all_tasks_blocked()

    async with connect(accepting(step), buffer=5) as peer:
        await anyio.wait_all_tasks_blocked()
        assert (1, None) == (peer.unread, peer.closed)

        heard = [message.data async for message in peer]

        assert ["first", "second", "third"] == heard
        assert Closed(1000) == peer.closed


async def test_a_close_that_waits_is_said_to_wait() -> None:
    """And it ends when the client has gone."""
    ends: list[str] = []

    async def step(_receive: Receive, send: Send) -> None:
        await send(text("first"))
        try:
            await send(CLOSE)
        except OSError as error:
            ends.append(type(error).__name__)
            raise

    async with connect(accepting(step), wait=0.1, buffer=5) as peer:
        with pytest.raises(WaitTimeout, match=r"stuck in send\(\) of a close, as the"):
            await peer.wait_all_read()
        peer.lose()

    assert ["ClientGone"] == ends


async def test_a_task_of_the_application_is_told_of_as_well() -> None:
    """One that a task group has started."""

    async def app(receive: Receive, _send: Send) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep, 3600)
            await wait_for_end(receive, _send)

    error = await timeout_of(accepting(app))

    assert "The application is awaiting receive() at " in str(error)
    assert " A task of it is asleep at " in str(error)


async def test_the_line_is_found_behind_an_asynchronous_generator() -> None:
    """And behind one that is closed."""

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
            await anyio.sleep(3600)  # in the generator
        finally:
            pass

    async def app(_receive: Receive, _send: Send) -> None:
        async for _ in numbers():
            pass

    error = await timeout_of(accepting(app))

    assert "in numbers(): `await anyio.sleep(3600)  # in the generator`" in str(error)


async def test_a_thread_is_waited_for_at_the_line_that_started_it() -> None:
    """Nothing can be seen of the thread itself."""

    async def app(_receive: Receive, _send: Send) -> None:
        await anyio.to_thread.run_sync(time.sleep, 0.5)

    error = await timeout_of(accepting(app))

    assert "The application is waiting at " in str(error)
    assert "in app()" in str(error)


async def test_an_application_that_never_answers_is_waited_for() -> None:
    """As long as for anything else."""

    async def app(_scope: Event, receive: Receive, _send: Send) -> None:
        await receive()
        await anyio.sleep(3600)

    with pytest.raises(WaitTimeout) as of_connect:
        async with connect(app, wait=0.1):
            raise AssertionError
    with pytest.raises(WaitTimeout):
        await handshake(app, wait=0.1)

    assert "connect(): no answer to the handshake came" == of_connect.value.waited_for


async def test_an_application_that_does_not_end_is_cancelled() -> None:
    """And the test fails."""
    cancelled: list[BaseException] = []

    async def app(_receive: Receive, _send: Send) -> None:
        try:
            await anyio.sleep(3600)
        except BaseException as error:
            cancelled.append(error)
            raise

    with pytest.raises(WaitTimeout) as caught:
        async with connect(accepting(app), wait=0.1):
            pass

    assert "the client has left, and the application did not end" == (
        caught.value.waited_for
    )
    assert [anyio.get_cancelled_exc_class()] == [type(error) for error in cancelled]


async def test_where_no_application_runs_nothing_is_said_of_it() -> None:
    """The test holds both ends."""
    _, peer = await connected_websocket(wait=0.05)
    with pytest.raises(WaitTimeout) as caught:
        await peer.receive()

    assert "No application runs here: the test holds both ends." == (
        caught.value.whereabouts
    )


# --- Cancellation --------------------------------------------------------------------


async def test_an_application_that_swallows_its_cancellation_is_cut_off() -> None:
    """It can't hold up the test."""

    async def app(_receive: Receive, _send: Send) -> None:
        while True:
            with suppress(BaseException):
                await anyio.sleep(3600)

    error = await timeout_of(accepting(app))

    assert ["The application swallowed its cancellation, and was left behind."] == (
        error.__notes__
    )


async def of_a_task_group() -> None:
    """Start a task that swallows its cancellation, and wait for it as a group does."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(swallow_for_ever)


async def of_a_group_of_asyncio() -> None:
    """Wait for a task group of asyncio, which needs one cancellation only."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(swallow_for_ever())


async def of_a_shielded_task() -> None:
    """Wait for a task that does not hear of a cancellation."""
    await asyncio.shield(swallow_for_ever())


async def of_a_bare_task() -> None:
    """Start one with asyncio alone, and await it."""
    await asyncio.create_task(swallow_for_ever())


async def of_gathered_tasks() -> None:
    """Start two, and await both at once."""
    await asyncio.gather(swallow_for_ever(), swallow_for_ever())


async def swallow_for_ever() -> None:
    """Take no cancellation for an answer."""
    while True:
        with suppress(BaseException):
            await anyio.sleep(3600)


@pytest.mark.parametrize(
    ("backend", "wait"),
    [
        ("asyncio", of_a_task_group),
        ("trio", of_a_task_group),
        ("asyncio", of_a_bare_task),
        ("asyncio", of_gathered_tasks),
        ("asyncio", of_a_group_of_asyncio),
        ("asyncio", of_a_shielded_task),
    ],
)
def test_a_task_that_swallows_its_cancellation_holds_up_nothing(
    backend: str, wait: Callable[[], Awaitable[None]]
) -> None:
    """Neither the test nor the end of its event loop, which waits for all tasks."""
    errors: list[WaitTimeout] = []

    async def app(_receive: Receive, _send: Send) -> None:
        await wait()

    async def main() -> None:
        errors.append(await timeout_of(accepting(app)))

    def run() -> None:
        anyio.run(main, backend=backend)

    # Where it does hold something up, there is nothing to cancel it by.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(10)

    assert not thread.is_alive()
    (error,) = errors
    assert ["The application swallowed its cancellation, and was left behind."] == (
        error.__notes__
    )


def test_what_was_left_behind_is_never_collected() -> None:
    """It would run once more then, at the exit of the interpreter, and for ever."""

    class Turn:
        """A wait for the next turn."""

        def __await__(self) -> Generator[None, None, None]:
            yield

    async def swallow() -> None:
        while True:
            with suppress(Exception):
                await Turn()

    coroutine = swallow()
    driver = Cuttable(coroutine, is_cancelled=True)
    next(driver)
    driver.throw(LookupError())
    driver.is_cut_off = True
    with pytest.raises(LookupError):
        driver.throw(LookupError())
    alive = weakref.ref(coroutine)
    holders = [it for it in gc.get_referrers(coroutine) if it is not driver]
    # A frame that is running is none that the collector knows of.
    assert [] == [it for it in holders if not isinstance(it, FrameType)]

    del coroutine, driver
    gc.collect()

    assert alive() is not None


async def test_an_application_that_is_slow_to_clean_up_is_cut_off(
    anyio_backend_name: str,
) -> None:
    """Even where it is shielded; on trio that is no more than to be reported."""
    # trio cancels nothing that is shielded, whatever one does.
    seconds = 1.5 if anyio_backend_name == "trio" else 3600.0

    async def app(_receive: Receive, _send: Send) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.sleep(seconds)

    error = await timeout_of(accepting(app))
    with pytest.raises(WaitTimeout, match="did not end") as caught:
        async with connect(accepting(app), wait=0.1):
            pass

    assert [1, 1] == [len(error.__notes__), len(caught.value.__notes__)]


async def test_an_application_may_clean_up() -> None:
    """When it is cancelled, in a step that is shielded."""
    done: list[str] = []

    async def app(_receive: Receive, _send: Send) -> None:
        try:
            await anyio.sleep(3600)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.1)
                done.append("cleaned up")

    error = await timeout_of(accepting(app))

    assert ["cleaned up"] == done
    assert not hasattr(error, "__notes__")


async def test_the_test_can_be_cancelled() -> None:
    """By a scope around the block, or in it."""
    async with connect(echo) as peer:
        with anyio.move_on_after(0.05) as inside:
            await peer.receive()
        await peer.send_text("a")

        assert "a" == await peer.receive_text()
    with anyio.move_on_after(0.05) as around:
        async with connect(accepting(sleep)) as peer:
            await peer.receive()
    assert inside.cancelled_caught
    assert around.cancelled_caught


async def test_the_test_can_be_cancelled_while_it_leaves() -> None:
    """The application is cancelled with it."""
    with anyio.move_on_after(0.05) as around:
        async with connect(accepting(sleep)):
            pass

    assert around.cancelled_caught


async def test_an_application_that_cancels_itself_is_told_apart(
    anyio_backend_name: str,
) -> None:
    """Nobody has cancelled it, so it is no silent end."""
    if anyio_backend_name == "trio":
        pytest.skip("only asyncio lets a task be cancelled by what it awaits")

    async def app(_receive: Receive, _send: Send) -> None:
        raise asyncio.CancelledError

    with pytest.raises(AppCancelled, match="a cancellation that nobody asked for"):
        async with connect(accepting(app)) as peer:
            await peer.receive()


# --- Tasks that are left behind ------------------------------------------------------


async def test_a_task_that_is_left_behind_is_warned_of(anyio_backend_name: str) -> None:
    """When no connection is open any more."""
    if anyio_backend_name == "trio":
        pytest.skip("a task of trio can't be left behind")
    tasks: list[asyncio.Task[None]] = []

    async def background() -> None:
        await asyncio.sleep(3600)

    async def app(_receive: Receive, send: Send) -> None:
        tasks.append(asyncio.create_task(background()))
        await send(CLOSE)

    with pytest.warns(LeakedTaskWarning) as warned:
        async with connect(echo), connect(accepting(app)) as peer:
            await peer.receive()
    tasks[0].cancel()

    assert re.search(
        rf"^an application has ended, and has left a task behind, which is asleep at "
        rf"{HERE}:\d+ in background\(\): `await asyncio\.sleep\(3600\)`; await it",
        str(warned[0].message),
    )


async def test_another_event_loop_does_not_put_off_the_warning(
    anyio_backend_name: str,
) -> None:
    """A connection in another thread may stay open for long."""
    if anyio_backend_name == "trio":
        pytest.skip("a task of trio can't be left behind")
    tasks: list[asyncio.Task[None]] = []

    async def app(_receive: Receive, send: Send) -> None:
        tasks.append(asyncio.create_task(asyncio.sleep(3600)))
        await send(CLOSE)

    with sync.connect(echo), pytest.warns(LeakedTaskWarning, match="asleep"):
        async with connect(accepting(app)) as peer:
            await peer.receive()
    tasks[0].cancel()


async def test_a_task_that_was_cancelled_is_not_left_behind(
    anyio_backend_name: str,
) -> None:
    """Though it needs another turn of the event loop to end."""
    if anyio_backend_name == "trio":
        pytest.skip("a task of trio can't be left behind")

    async def background() -> None:
        await asyncio.sleep(3600)

    async def app(_receive: Receive, send: Send) -> None:
        task = asyncio.create_task(background())
        await asyncio.sleep(0)
        await send(CLOSE)
        task.cancel()

    async with connect(accepting(app)) as peer:
        await peer.receive()


async def test_a_task_that_outlives_its_application_may_not_send(
    anyio_backend_name: str,
) -> None:
    """It is told so, and so is the test, if it still listens."""
    if anyio_backend_name == "trio":
        pytest.skip("a task of trio can't be left behind")
    errors: list[BaseException] = []

    async def app(_receive: Receive, send: Send) -> None:
        async def late() -> None:
            await asyncio.sleep(0.05)
            try:
                await send(text("late"))
            except AssertionError as error:
                errors.append(error)

        asyncio.create_task(late()).set_name("late")
        await send(CLOSE)

    with pytest.raises(AssertionError) as caught:
        async with connect(accepting(app)) as peer:
            await peer.receive()
            await anyio.sleep(0.2)

    assert [caught.value] == errors
    assert "a task that outlived the application sent 'websocket.send'" in (
        str(caught.value)
    )


# --- Bounds --------------------------------------------------------------------------


@pytest.mark.parametrize("wait", [None, "5", True])
async def test_a_bound_is_a_number(wait: object) -> None:
    """There is no wait without one."""
    with pytest.raises(TypeError, match=r"every wait is bounded.* wait=3600"):
        async with connect(echo, wait=wait):  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
            raise AssertionError


@pytest.mark.parametrize("wait", [0, -1, float("inf"), float("nan")])
async def test_a_bound_is_positive_and_has_an_end(wait: float) -> None:
    """At the call."""
    with pytest.raises(ValueError, match="wait is a positive number of seconds, not"):
        async with connect(echo, wait=wait):
            raise AssertionError


async def test_many_clients_are_there_at_once() -> None:
    """On one application."""
    received: list[str] = []

    async def one(number: int) -> None:
        async with connect(echo) as peer:
            for _ in range(10):
                await peer.send_text(str(number))
                received.append(await peer.receive_text())

    async with anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(one, number)

    assert sorted(str(number) for number in range(50) for _ in range(10)) == sorted(
        received
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_thousand_clients_are_there_at_once() -> None:
    """With a hundred messages each."""
    counts: list[int] = []

    async def one() -> None:
        async with connect(echo, wait=600) as peer:
            for number in range(100):
                await peer.send_text(str(number))
                assert str(number) == await peer.receive_text()
            counts.append(100)

    async with anyio.create_task_group() as tasks:
        for _ in range(1000):
            tasks.start_soon(one)

    assert 100_000 == sum(counts)


async def test_a_client_that_has_gone_ends_a_stuck_send() -> None:
    """At the end of the block, too."""
    errors: list[OSError] = []

    async def flood(_receive: Receive, send: Send) -> None:
        try:
            while True:
                await send(text("a"))
        except ClientGone as error:
            errors.append(error)

    async with connect(accepting(flood), buffer=10):
        pass

    assert 1 == len(errors)


async def test_an_application_that_has_ended_is_said_to_have() -> None:
    """Where the server keeps its connection open, nothing more will come."""
    kept_open = evolve(STRICT, end_of_return="stays open")
    unanswered = evolve(STRICT, status_of_return=None, enforces_specification=False)
    with pytest.raises(WaitTimeout) as of_receive:
        async with connect(sending(ACCEPT), profile=kept_open) as peer:
            await peer.receive()
    with pytest.raises(WaitTimeout) as of_connect:
        await handshake(sending(), profile=unanswered)

    assert "receive(): nothing will come. The application has returned." == (
        str(of_receive.value)
    )
    assert (
        "connect(): no answer to the handshake will come. The application has returned."
    ) == str(of_connect.value)


async def test_an_application_that_failed_unseen_is_said_to_have() -> None:
    """Its exception is named, where the test has asked not to be given it."""

    async def failing(_receive: Receive, _send: Send) -> None:
        raise LookupError("of the handler")

    kept_open = evolve(STRICT, end_of_error="stays open")
    with pytest.raises(WaitTimeout, match="ended with LookupError: of the handler"):
        async with connect(
            accepting(failing), profile=kept_open, raise_app_errors=False
        ) as peer:
            await peer.receive()


async def test_what_a_task_awaits_on_an_object_is_looked_through() -> None:
    """As far as that shows what it holds."""

    class Waiting:
        """Something to wait for."""

        def __await__(self) -> Generator[object, None, None]:
            yield from anyio.sleep(3600).__await__()

    async def app(_receive: Receive, _send: Send) -> None:
        await Waiting()

    assert "asleep at " in str(await timeout_of(accepting(app)))


async def send_for_ever(_receive: Receive, send: Send) -> None:
    """Send, whatever comes of it."""
    while True:
        with suppress(Exception):
            await send(text("a"))


async def send_nothing_for_ever(_receive: Receive, send: Send) -> None:
    """Send what is no event, whatever comes of it."""
    while True:
        with suppress(Exception):
            await send({})


async def receive_for_ever(receive: Receive, _send: Send) -> None:
    """Receive, whatever comes."""
    while True:
        await receive()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "step", [send_for_ever, send_nothing_for_ever, receive_for_ever]
)
async def test_an_application_that_goes_on_for_ever_does_not_hang_the_test(
    step: Step,
) -> None:
    """Not even where the server never tells it of the end, or always does."""
    deaf = evolve(
        STRICT,
        enforces_specification=False,
        send_after_disconnect="silent",
        send_after_disconnect_read="silent",
        after_disconnect="repeats",
    )
    for profile in (deaf, STRICT):
        with pytest.raises((WaitTimeout, AssertionError)):
            async with connect(accepting(step), wait=0.1, profile=profile, buffer=10):
                pass
