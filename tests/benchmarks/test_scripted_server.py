"""Tests of the scripted server: it times right answers, and refuses wrong ones."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from tests.benchmarks.applications.in_raw_asgi import echo_text
from tests.benchmarks.applications.noting import note
from tests.benchmarks.scripted_server import (
    HEADERS,
    Event,
    Exchange,
    WrongAnswer,
    as_json,
    as_msgpack,
    same,
    scope_of,
    seconds_for_echoes,
    seconds_for_handshakes,
)
from typedws.asgi import AnyASGIApp, application

pytestmark = pytest.mark.anyio

Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

ACCEPT: Final = {"type": "websocket.accept"}
CLOSE: Final = {"type": "websocket.close", "code": 1000, "reason": ""}
SAID: Final = (same("one"), same("two"), same("three"))


@pytest.fixture
def anyio_backend() -> str:
    """The benchmarks run on asyncio alone."""
    return "asyncio"


async def echo(
    app: AnyASGIApp, exchanges: tuple[Exchange, ...] = SAID, count: int = 7
) -> float:
    """Let an application echo."""
    return await seconds_for_echoes(application(app), exchanges, count)


async def shake_hands(app: AnyASGIApp) -> float:
    """Let an application shake hands."""
    return await seconds_for_handshakes(
        application(app), scope_of, note=("read",), count=100
    )


async def test_an_echo_takes_some_time() -> None:
    """Of the processor."""
    assert await echo(echo_text) > 0


async def test_an_application_that_receives_ahead_waits_for_the_client() -> None:
    """The next message comes when the last was answered, as from a real client."""
    waiting: list[int] = []

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        queue: asyncio.Queue[Event] = asyncio.Queue()

        async def receive_ahead() -> None:
            while (event := await receive())["type"] != "websocket.disconnect":
                waiting.append(queue.qsize())
                await queue.put(event)

        ahead = asyncio.create_task(receive_ahead())
        await queue.get()
        await send(ACCEPT)
        for _ in range(7):
            event = await queue.get()
            await send({"type": "websocket.send", "text": event["text"]})
        await ahead

    assert await echo(app) > 0
    assert [0] * 8 == waiting


async def test_another_answer_is_no_answer() -> None:
    """And the time is not told."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        while (await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": "one"})

    with pytest.raises(WrongAnswer, match="'two' was answered by"):
        await echo(app)


async def test_one_wrong_answer_of_many_is_found() -> None:
    """If it is among the last of each kind, which it is for all that is steady."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        while (event := await receive())["type"] == "websocket.receive":
            text = str(event["text"]).replace("three", "four")
            await send({"type": "websocket.send", "text": text})

    with pytest.raises(WrongAnswer, match="'three' was answered by"):
        await echo(app, count=9)


async def test_an_application_that_leaves_early_has_no_time() -> None:
    """It was not asked for nothing."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await receive()

    with pytest.raises(WrongAnswer, match="did not take 7 messages"):
        await echo(app)


@pytest.mark.parametrize(
    ("exchange", "answer"),
    [
        (same("a"), {"text": "a"}),
        (same(b"a"), {"text": None, "bytes": b"a"}),
        (as_json({"a": 1}), {"text": '{ "a": 1 }'}),
        (as_json({"a": 1}), {"bytes": b'{"a":1}'}),
        (as_msgpack([1]), {"bytes": b"\x91\x01"}),
    ],
)
async def test_an_answer_is_right_by_what_it_means(
    exchange: Exchange, answer: Event
) -> None:
    """However a library spaces its JSON, and whatever keys it sends."""
    assert exchange.is_answered_by(answer)


@pytest.mark.parametrize(
    ("exchange", "answer"),
    [
        (same("a"), {"text": "b"}),
        (same("a"), {"bytes": b"a"}),
        (same("a"), {"type": "websocket.close"}),
        (as_json({"a": 1}), {"text": '{"a": 2}'}),
    ],
)
async def test_an_answer_is_wrong_by_what_it_means(
    exchange: Exchange, answer: Event
) -> None:
    """Bytes are no text."""
    assert not exchange.is_answered_by(answer)


async def test_a_handshake_takes_some_time() -> None:
    """Of the processor."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        note("read")
        await receive()
        await send(ACCEPT)
        await send(CLOSE)

    assert await shake_hands(app) > 0


async def test_a_handshake_that_reads_too_little_has_no_time() -> None:
    """It would be faster than the others."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await send(CLOSE)

    with pytest.raises(WrongAnswer, match="was to be read of a handshake"):
        await shake_hands(app)


@pytest.mark.parametrize("events", [[ACCEPT], [CLOSE], [ACCEPT, CLOSE, CLOSE]])
async def test_a_handshake_with_another_end_has_no_time(events: list[Event]) -> None:
    """A refusal, for instance, is quicker."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        note("read")
        await receive()
        for event in events:
            await send(event)

    with pytest.raises(WrongAnswer, match="handshakes were answered by"):
        await shake_hands(app)


async def test_a_scope_is_nobody_elses() -> None:
    """A framework may write into it."""
    first, second = scope_of(), scope_of()

    assert first == second
    assert first["headers"] is not second["headers"]
    assert list(HEADERS) == first["headers"]
