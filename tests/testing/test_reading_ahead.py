"""Tests of `wait_all_read()` where one task reads ahead of another."""

from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeAlias

import anyio
import pytest

from tests.scripted import PlainCodec
from tests.testing.apps import Event, Receive, Send
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    Heartbeat,
    Limits,
    Message,
    UnacceptedWebSocket,
    WebSocketApp,
    WebSocketReader,
    websocket_app,
)
from typedws.testing import WaitTimeout, connect, connected_websocket

pytestmark = pytest.mark.anyio

Connected: TypeAlias = ConnectedWebSocket[str | None]
Handle: TypeAlias = Callable[[Connected], Awaitable[ClosedWebSocket]]

NO_LIMITS: Final = Limits()
BEATING: Final = Limits(heartbeat=Heartbeat(PlainCodec(), "ping", every=60, within=30))
HOLDING_ONE: Final = Limits(buffer_messages=1)


def app_of(handle: Handle, limits: Limits = NO_LIMITS) -> WebSocketApp:
    """Make an application that accepts, and handles the connection."""

    async def handler(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        return await handle(await websocket.accept())

    return websocket_app(handler, limits=limits)


async def answer_late(connected: Connected, messages: AsyncIterable[Message]) -> None:
    """Answer each message, after a while."""
    async for message in messages:
        await anyio.sleep(0.05)
        await connected.send(message)


async def in_a_run(connected: Connected) -> ClosedWebSocket:
    """Receive in a run."""

    async def listen(messages: WebSocketReader[Message]) -> None:
        await answer_late(connected, messages)

    return await connected.run(listen)


async def in_the_handler(connected: Connected) -> ClosedWebSocket:
    """Receive without one."""
    await answer_late(connected, connected)
    return await connected.close()


async def in_a_half(connected: Connected) -> ClosedWebSocket:
    """Receive from one half, in a task of its own."""
    reader, _ = connected.split()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(answer_late, connected, reader)
    return await connected.close()


async def behind_a_run(connected: Connected) -> ClosedWebSocket:
    """Receive the first message in a run that fails, and the others without one."""

    async def listen(messages: WebSocketReader[Message]) -> None:
        await connected.send(await messages.receive())
        await anyio.sleep(0.05)
        raise LookupError

    with suppress(LookupError):
        await connected.run(listen)
    return await in_the_handler(connected)


HANDLERS: Final[dict[str, Handle]] = {
    "in a run": in_a_run,
    "in the handler": in_the_handler,
    "in a half": in_a_half,
    "behind a run": behind_a_run,
}


@pytest.mark.parametrize("limits", [NO_LIMITS, BEATING, HOLDING_ONE])
@pytest.mark.parametrize("name", HANDLERS)
async def test_what_is_read_ahead_counts_once_it_is_handled(
    name: str, limits: Limits
) -> None:
    """Every answer is there, however late the handler is, and whoever reads for it."""
    async with connect(app_of(HANDLERS[name], limits)) as peer:
        for text in ("a", "b", "c"):
            await peer.send_text(text)
        await peer.wait_all_read()
        assert 3 == peer.unread

        await peer.send_text("d")
        await peer.wait_all_read()
        assert 4 == peer.unread


async def test_all_is_read_before_the_first_message() -> None:
    """Whether the handler waits for it already or not yet."""
    for handle in HANDLERS.values():
        for limits in (NO_LIMITS, BEATING):
            async with connect(app_of(handle, limits)) as peer:
                await peer.wait_all_read()

                assert 0 == peer.unread


@pytest.mark.parametrize("limits", [NO_LIMITS, BEATING])
async def test_a_handler_that_never_receives_is_waited_for_in_vain(
    limits: Limits,
) -> None:
    """Also where a message was read for it."""

    async def sleep(connected: Connected) -> ClosedWebSocket:
        await anyio.sleep(3600)
        return await connected.close()

    with pytest.raises(WaitTimeout, match="did not come to wait for another") as caught:
        async with connect(app_of(sleep, limits), wait=0.1) as peer:
            await peer.send_text("a")
            await peer.wait_all_read()

    assert "The application is asleep at " in str(caught.value)


async def test_what_a_send_reads_ahead_counts_once_it_is_handled() -> None:
    """It looks for the end, behind an error that may mean one."""

    async def handle(connected: Connected) -> ClosedWebSocket:
        async for text in connected.iter_text():
            with suppress(RuntimeError):
                await connected.send_text("lost")
            await connected.send_text(text)
        return await connected.close()

    async def losing(scope: Event, receive: Receive, send: Send) -> None:
        async def send_unless_lost(event: Event) -> None:
            if event.get("text") == "lost":
                raise RuntimeError("of a middleware")
            await send(event)

        await app_of(handle)(scope, receive, send_unless_lost)

    async with connect(losing) as peer:
        await peer.send_text("a")
        await anyio.wait_all_tasks_blocked()
        await peer.send_text("b")
        await peer.wait_all_read()

        assert 2 == peer.unread


async def test_a_test_that_holds_both_ends_can_wait_as_well() -> None:
    """For a run of its own."""
    connected, peer = await connected_websocket()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(in_a_run, connected)
        await peer.send_text("a")
        await peer.wait_all_read()
        assert 1 == peer.unread

        await peer.close()
