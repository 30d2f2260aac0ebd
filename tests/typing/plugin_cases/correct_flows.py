"""Correct programs whose flow is easily misread. Nothing may be reported."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, assert_never

import anyio
import pytest

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    Ended,
    LocalProtocolError,
    SpentStateError,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)

LIMIT: Final = 3


class Hub:
    def __init__(self) -> None:
        self.connections: dict[str, ConnectedWebSocket] = {}
        self.current: ConnectedWebSocket | None = None

    async def broadcast(self, text: str) -> None:
        dead: list[ConnectedWebSocket] = []
        for name, connected in list(self.connections.items()):
            try:
                await connected.send_text(f"{name}: {text}")
            except WebSocketDisconnect:
                dead.append(connected)
        for connected in dead:
            await connected.close()

    async def prune(self) -> None:
        for _, connected in sorted(self.connections.items()):
            try:
                await connected.send_bytes(b"ping")
            except WebSocketDisconnect:
                await connected.close()

    async def replace(self, name: str, new: ConnectedWebSocket) -> None:
        old = self.connections.pop(name, None)
        if old is not None:
            await old.close(4000)
        self.connections[name] = new
        await new.send_text("hello")

    async def replace_current(self, new: ConnectedWebSocket) -> None:
        if self.current is not None:
            await self.current.close()
        self.current = new
        await self.current.send_text("hello")

    async def leave(self) -> None:
        if self.current is None:
            return
        await self.current.close()
        self.current = None


class Guest:
    def __init__(self, ws: UnacceptedWebSocket) -> None:
        self.ws = ws
        self.connected: ConnectedWebSocket | None = None

    async def accepted_in_some_turn(self, names: list[str]) -> Ended | None:
        for name in names:
            try:
                self.connected = await self.ws.accept(name)
                break
            except LocalProtocolError:
                continue
        else:
            return await self.ws.close()
        return None

    async def accepted_or_refused(self, name: str) -> Ended | None:
        try:
            self.connected = await self.ws.accept(name)
            self.name = name
        except LocalProtocolError:
            print("not accepted")
        if self.connected is None:
            return await self.ws.close()
        return None

    async def accepted_or_suppressed(self, names: list[str]) -> Ended:
        for name in names:
            with contextlib.suppress(LocalProtocolError):
                self.connected = await self.ws.accept(name)
                return await self.connected.close()
        return await self.ws.close()

    async def accepted_within_an_outer_try(self, name: str) -> Ended:
        try:
            try:
                self.connected = await self.ws.accept(name)
            except ValueError as error:
                raise LocalProtocolError from error
        except LocalProtocolError:
            return await self.ws.close()
        return await self.connected.close()


class Pool:
    def __init__(self, make: Callable[[], UnacceptedWebSocket]) -> None:
        self._make = make

    @property
    def ws(self) -> UnacceptedWebSocket:
        return self._make()

    async def refuse_two(self) -> None:
        await self.ws.close()
        await self.ws.close()


async def heartbeat(connected: ConnectedWebSocket) -> Ended:
    while True:
        try:
            with anyio.fail_after(20):
                text = await connected.receive_text()
        except TimeoutError:
            return await connected.close(1001)
        except WebSocketDisconnect as disconnect:
            return disconnect.closed
        await connected.send_text(text)


async def ended_by_a_flag(
    connected: ConnectedWebSocket, texts: asyncio.Queue[str | None]
) -> Ended:
    is_running = True
    while is_running:
        text = await texts.get()
        if text is None:
            await connected.close()
            is_running = False
        else:
            await connected.send_text(text)
    return await connected.close()


async def accepted_by_some_name(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    connected = None
    while connected is None:
        try:
            connected = await ws.accept(names.pop())
        except LocalProtocolError:
            print("not this one")
    return await connected.close()


async def accepted_in_some_turn(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    for name in names:
        try:
            connected = await ws.accept(name)
            break
        except LocalProtocolError:
            continue
    else:
        return await ws.close()
    return await connected.close()


async def accepted_or_returned(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    for name in names:
        with contextlib.suppress(LocalProtocolError):
            connected = await ws.accept(name)
            return await connected.close()
        print(name)
    return await ws.close()


async def closed_on_error(connected: ConnectedWebSocket) -> Ended:
    try:
        await connected.send_json({"type": "hello"})
        async for text in connected.iter_text():
            await connected.send_text(text)
    except ValueError:
        await connected.close(1011)
        raise
    except BaseException:
        await connected.close(1001)
        raise
    return await connected.close()


async def closed_on_some_error(connected: ConnectedWebSocket) -> Ended:
    try:
        await connected.send_json({"type": "hello"})
    except ValueError:
        await connected.close(1011)
    else:
        await connected.send_text("more")
    return await connected.close()


async def matched_in_place(connected: ConnectedWebSocket) -> Ended:
    while True:
        match await connected.receive():
            case TextMessage(data=text):
                await connected.send_text(text)
            case BytesMessage():
                await connected.send_text("text, please")
            case ClosedWebSocket() as closed:
                return closed


async def first_message_decides(connected: ConnectedWebSocket) -> Ended:
    match await connected.receive():
        case TextMessage(data="subscribe"):
            await connected.send_text("ok")
        case TextMessage():
            return await connected.close(4000, "subscribe first")
        case BytesMessage():
            return await connected.close(1003)
        case ClosedWebSocket() as closed:
            return closed
    await connected.send_text("news")
    return await connected.close()


async def two_directions(
    connected: ConnectedWebSocket, news: AsyncIterator[str]
) -> Ended:
    async def forward() -> None:
        async for item in news:
            await connected.send_text(item)

    async def listen() -> None:
        async for text in connected.iter_text():
            if text == "quit":
                await connected.close()

    with contextlib.suppress(WebSocketDisconnect):
        async with anyio.create_task_group() as group:
            group.start_soon(forward)
            group.start_soon(listen)
    return await connected.close()


async def proxy(one: ConnectedWebSocket, two: ConnectedWebSocket) -> Ended:
    async def pump(source: ConnectedWebSocket, sink: ConnectedWebSocket) -> None:
        async for message in source:
            await sink.send(message)
        await sink.close()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(pump(one, two)), group.create_task(pump(two, one))]
    print(tasks)
    await two.close()
    return await one.close()


async def race(connected: ConnectedWebSocket, stop: asyncio.Event) -> Ended:
    reading = asyncio.create_task(connected.receive())
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait(
        {reading, stopping}, return_when=asyncio.FIRST_COMPLETED
    )
    if reading in done and isinstance(event := reading.result(), ClosedWebSocket):
        return event
    if stopping in done:
        return await connected.close(1012)
    await connected.send_text("thanks")
    return await connected.close()


async def nested_loops(
    connected: ConnectedWebSocket, batches: Iterable[list[str]]
) -> Ended:
    for batch in batches:
        for text in batch:
            if text == "stop":
                return await connected.close()
            await connected.send_text(text)
    return await connected.close()


async def stopped_from_within(
    connected: ConnectedWebSocket, batches: Iterable[list[str]]
) -> Ended:
    for batch in batches:
        for text in batch:
            if text == "stop":
                await connected.close()
                break
            await connected.send_text(text)
        else:
            continue
        break
    return await connected.close()


async def count_down(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    left = LIMIT
    while left:
        await connected.send_json(left)
        left -= 1
    return await connected.close()


async def with_optional(ws: UnacceptedWebSocket | None) -> None:
    if ws is None:
        return
    connected = await ws.accept()
    if ws.client is not None:
        await connected.send_text(ws.client.host)
    await connected.close()


async def after_isinstance(ws: UnacceptedWebSocket | ConnectedWebSocket) -> Ended:
    connected: ConnectedWebSocket
    if isinstance(ws, UnacceptedWebSocket):
        connected = await ws.accept()
    else:
        connected = ws
    if isinstance(ws, UnacceptedWebSocket):
        await connected.send_text(ws.url.path)
    return await connected.close()


async def asserted(ws: UnacceptedWebSocket | ConnectedWebSocket) -> Ended:
    assert isinstance(ws, UnacceptedWebSocket)
    connected = await ws.accept()
    assert connected is not None
    return await connected.close()


async def deleted(make: Callable[[], UnacceptedWebSocket]) -> Ended:
    ws = make()
    connected = await ws.accept()
    del ws
    ws = make()
    await ws.close()
    return await connected.close()


async def raised_in_between(ws: UnacceptedWebSocket, *, is_open: bool) -> Ended:
    if not is_open:
        await ws.send_denial_response(DenialResponse(status=503))
        message = "not open"
        raise LocalProtocolError(message)
    return await (await ws.accept()).close()


async def closed_while_sending(
    connected: ConnectedWebSocket, texts: list[str]
) -> Ended:
    async with anyio.create_task_group() as group:
        for text in texts:
            group.start_soon(connected.send_text, text)
        group.start_soon(connected.close, 1000)
    return await connected.close()


async def shielded(connected: ConnectedWebSocket) -> Ended:
    try:
        await connected.send_text("hello")
    finally:
        with anyio.CancelScope(shield=True):
            await connected.close()
    return await asyncio.shield(connected.close())


async def classes_and_not_instances(ws: UnacceptedWebSocket) -> Ended:
    connected = await UnacceptedWebSocket.accept(ws)
    print(UnacceptedWebSocket, ConnectedWebSocket.close, UnacceptedWebSocket.close)
    await ConnectedWebSocket.send_text(connected, "hello")
    return await ConnectedWebSocket.close(connected)


async def sorted_by_closing(waiting: list[UnacceptedWebSocket]) -> None:
    ends = [*map(lambda ws: ws.close(), waiting)]
    await asyncio.gather(*ends)
    for ws in waiting:
        print(ws.url, [str(other.close) for other in waiting])


async def test_of_a_failure(ws: UnacceptedWebSocket) -> None:
    for _ in range(2):
        with pytest.raises(LocalProtocolError):
            await ws.accept("not offered")
    connected = await ws.accept()
    with pytest.raises(LocalProtocolError) as caught:
        await connected.close(999)
    await connected.send_text(str(caught.value))
    await connected.close()


async def test_of_a_mistake(ws: UnacceptedWebSocket) -> None:
    await ws.close()
    with pytest.raises(SpentStateError):
        await ws.accept()


# --- What an error, or a condition, says ---------------------------------------------


async def returned_from_a_branch(ws: UnacceptedWebSocket) -> Ended:
    try:
        if ws.client is None:
            return await ws.close()
        connected = await ws.accept()
    except LocalProtocolError:
        return await ws.close()
    return await connected.close()


async def returned_by_name_from_a_branch(ws: UnacceptedWebSocket) -> Ended:
    try:
        if ws.client is None:
            denied = await ws.close()
            return denied
        connected = await ws.accept()
    except LocalProtocolError:
        return await ws.close()
    return await connected.close()


async def broken_off_in_a_try(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    try:
        for name in names:
            if name in ws.subprotocols:
                connected = await ws.accept(name)
                break
            await asyncio.sleep(1)
        else:
            return await ws.close()
    except LocalProtocolError:
        return await ws.close()
    return await connected.close()


async def remembered_in_a_flag(ws: UnacceptedWebSocket) -> Ended:
    is_accepted = False
    try:
        connected = await ws.accept()
        is_accepted = True
        await connected.send_text("hello")
        return await connected.close()
    except ValueError:
        if not is_accepted:
            return await ws.close()
        raise


async def remembered_in_the_reverse(
    connected: ConnectedWebSocket, texts: asyncio.Queue[str]
) -> Ended:
    is_open = True
    while True:
        text = await texts.get()
        if text == "quit":
            await connected.close()
            is_open = False
        if is_open:
            await connected.send_text(text)
        if text == "stop":
            return await connected.close()


async def remembered_beforehand(
    connected: ConnectedWebSocket, texts: list[str]
) -> Ended:
    is_open = True
    for text in texts:
        if text == "quit":
            is_open = False
            await connected.close()
        if is_open:
            await connected.send_text(text)
    return await connected.close()


async def noted_in_a_dict(ws: UnacceptedWebSocket, known: dict[str, bool]) -> Ended:
    connected = await ws.accept()
    known["accepted"] = True
    await connected.send_text("hello")
    return await connected.close()


async def refused_within_several_contexts(ws: UnacceptedWebSocket) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            try:
                connected = await ws.accept()
            except LocalProtocolError:
                await ws.close()
                return
            await connected.close()


async def ended_if_known(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    ended = None if is_known else await ws.close()
    return await (await ws.accept()).close() if ended is None else ended


async def ended_or_not(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    ended = None if is_known else await ws.close()
    if is_known and ended is None:
        return await (await ws.accept()).close()
    return ended or await ws.close()


async def refused_in_a_condition(ws: UnacceptedWebSocket, number: int) -> Ended:
    if number == 1:
        connected = await ws.accept()
    elif number == 2 and (denied := await ws.close()):
        return denied
    else:
        return await ws.close()
    return await connected.close()


async def asserted_to_be_none(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    ended = None if is_known else await ws.close()
    if is_known:
        assert ended is None
        return await (await ws.accept()).close()
    return await ws.close() if ended is None else ended


# --- Which object it is --------------------------------------------------------------


async def others_are_refused(
    ws: UnacceptedWebSocket, waiting: list[UnacceptedWebSocket]
) -> Ended:
    connected = await ws.accept()
    for other in waiting:
        if other is not ws:
            await other.close()
    print([other.url for other in waiting if other is not ws], ws in waiting)
    return await connected.close()


async def no_longer_waiting(
    ws: UnacceptedWebSocket,
    waiting: list[UnacceptedWebSocket],
    names: dict[UnacceptedWebSocket, str],
) -> Ended:
    connected = await ws.accept()
    waiting.remove(ws)
    await connected.send_text(f"{names[ws]}: {waiting.count(ws)}")
    del names[ws]
    return await connected.close()


async def no_longer_among_the_names(
    ws: UnacceptedWebSocket, names: dict[UnacceptedWebSocket, str]
) -> Ended:
    connected = await ws.accept()
    await connected.send_text(names.pop(ws, "somebody"))
    return await connected.close()


async def matched_afterwards(ws: UnacceptedWebSocket | ConnectedWebSocket) -> Ended:
    connected: ConnectedWebSocket
    if isinstance(ws, UnacceptedWebSocket):
        connected = await ws.accept()
    else:
        connected = ws
    match ws:
        case UnacceptedWebSocket():
            await connected.send_text("you are new here")
        case ConnectedWebSocket():
            await connected.send_text("you were here before")
        case _:
            assert_never(ws)
    return await connected.close()


async def asked_for_its_class(ws: UnacceptedWebSocket, name: str) -> Ended:
    connected = await ws.accept()
    match ws, name:
        case UnacceptedWebSocket(), "echo":
            await connected.send_text("echo")
        case _:
            await connected.send_text(name)
    if type(ws) is UnacceptedWebSocket:
        await connected.send_text(type(ws).__name__)
    return await connected.close()
