"""Correct programs, as people write sessions. Nothing here may be reported."""

import asyncio
import contextlib
import functools
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Literal, Protocol, assert_never

import anyio
import attrs

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    ExtensionUnavailable,
    Handshake,
    LocalProtocolError,
    MessageTypeError,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
    websocket_app,
)


@websocket_app
async def echo(ws: UnacceptedWebSocket) -> ClosedWebSocket:
    connected = await ws.accept()
    async for message in connected:
        await connected.send(message)
    return await connected.close()


async def echo_with_a_token(ws: UnacceptedWebSocket) -> ClosedWebSocket:
    connected = await ws.accept()
    while not isinstance(message := await connected.receive(), ClosedWebSocket):
        await connected.send(message)
    return message


async def echo_text(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    try:
        while True:
            await connected.send_text(await connected.receive_text())
    except WebSocketDisconnect as disconnect:
        return disconnect.closed


async def echo_with_a_match(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    while True:
        event = await connected.receive()
        match event:
            case TextMessage(data="quit"):
                return await connected.close()
            case TextMessage() | BytesMessage():
                await connected.send(event)
            case ClosedWebSocket():
                return event
            case _:
                assert_never(event)


async def quit_inside_the_loop(connected: ConnectedWebSocket) -> Ended:
    async for message in connected:
        if message.data == "quit":
            await connected.close()
        else:
            await connected.send(message)
    return await connected.close()


async def quit_and_break(connected: ConnectedWebSocket) -> Ended:
    async for message in connected:
        if message.data == "quit":
            await connected.send_text("bye")
            await connected.close()
            break
        await connected.send(message)
    return await connected.close()


async def quit_and_continue(connected: ConnectedWebSocket) -> Ended:
    async for text in connected.iter_text():
        if text == "quit":
            await connected.close()
            continue
        await connected.send_text(text)
    return await connected.close()


async def quit_in_a_match(connected: ConnectedWebSocket) -> Ended:
    while True:
        event = await connected.receive()
        match event:
            case TextMessage(data="quit"):
                await connected.close()
            case TextMessage() | BytesMessage():
                await connected.send(event)
            case ClosedWebSocket():
                return event
            case _:
                assert_never(event)


async def quit_in_a_while(connected: ConnectedWebSocket) -> Ended:
    while not isinstance(message := await connected.receive(), ClosedWebSocket):
        if message.data == "quit":
            await connected.close()
        else:
            await connected.send(message)
    return message


async def quit_with_receive_text(connected: ConnectedWebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            text = await connected.receive_text()
            if text == "quit":
                await connected.close()
            else:
                await connected.send_text(text)


async def quit_with_json(connected: ConnectedWebSocket) -> Ended:
    async for document in connected.iter_json():
        match document:
            case {"type": "quit"}:
                await connected.close(1000, "bye")
            case _:
                await connected.send_json(document)
    return await connected.close()


async def handled_elsewhere(connected: ConnectedWebSocket, text: str) -> None:
    await connected.send_text(text.upper())


async def quit_and_hand_on(connected: ConnectedWebSocket) -> Ended:
    async for text in connected.iter_text():
        if text == "quit":
            await connected.close()
        else:
            await handled_elsewhere(connected, text)
    return await connected.close()


async def iterator_under_a_name(connected: ConnectedWebSocket) -> Ended:
    texts = connected.iter_text()
    async for text in texts:
        if text == "quit":
            await connected.close()
        else:
            await connected.send_text(text)
    return await connected.close()


async def commands(connected: ConnectedWebSocket) -> AsyncIterator[list[str]]:
    async for text in connected.iter_text():
        yield text.split()


async def iterator_of_a_helper(connected: ConnectedWebSocket) -> Ended:
    async for command in commands(connected):
        if command == ["quit"]:
            await connected.close()
        else:
            await connected.send_text(" ".join(command))
    return await connected.close()


async def next_command(connected: ConnectedWebSocket) -> list[str]:
    return (await connected.receive_text()).split()


async def read_by_a_helper(connected: ConnectedWebSocket) -> None:
    while True:
        command = await next_command(connected)
        if command == ["quit"]:
            await connected.close()
        else:
            await connected.send_text(" ".join(command))


async def closed_twice(connected: ConnectedWebSocket) -> Ended:
    await connected.close()
    return await connected.close()


async def closed_in_finally(connected: ConnectedWebSocket) -> Ended:
    try:
        async for text in connected.iter_text():
            if text == "quit":
                return await connected.close(4000)
            await connected.send_text(text)
    finally:
        await connected.close()
    return await connected.close()


async def drained_after_the_close(connected: ConnectedWebSocket) -> Ended:
    await connected.close()
    async for message in connected:
        print(message.data)
    async for text in connected.iter_text():
        print(text)
    return await connected.close()


async def received_after_the_close(connected: ConnectedWebSocket) -> Ended:
    await connected.close()
    event = await connected.receive()
    if isinstance(event, ClosedWebSocket):
        return event
    await connected.send(event)
    return await connected.close()


async def data_after_the_close(connected: ConnectedWebSocket[Literal["chat"]]) -> Ended:
    closed = await connected.close()
    print(
        connected.url.path, connected.subprotocol, connected["path"], connected.client
    )
    return closed


async def bad_code(connected: ConnectedWebSocket, code: int) -> Ended:
    try:
        closed = await connected.close(code)
    except LocalProtocolError:
        await connected.send_text(f"{code} is no code to close with")
        return await connected.close()
    return closed


# --- Chat ----------------------------------------------------------------------------


class Room:
    def __init__(self) -> None:
        self.members: set[ConnectedWebSocket] = set()
        self.names: dict[ConnectedWebSocket, str] = {}

    def join(self, member: ConnectedWebSocket, name: str) -> None:
        self.members.add(member)
        self.names[member] = name

    async def leave(self, member: ConnectedWebSocket) -> None:
        self.members.discard(member)
        name = self.names.pop(member, "somebody")
        await self.broadcast(f"{name} has left")

    async def broadcast(self, text: str) -> None:
        for member in self.members:
            with contextlib.suppress(WebSocketDisconnect):
                await member.send_text(text)

    async def broadcast_to_others(self, me: ConnectedWebSocket, text: str) -> None:
        for other in self.members:
            if other is not me:
                await other.send_text(text)

    async def close(self) -> None:
        for member in self.members:
            await member.close(1012)
        self.members.clear()


async def chat(ws: UnacceptedWebSocket, room: Room) -> Ended:
    name = ws.query_params.get("name")
    if name is None:
        return await ws.close()
    connected = await ws.accept()
    room.join(connected, name)
    try:
        async for text in connected.iter_text():
            await room.broadcast(f"{name}: {text}")
    finally:
        await connected.close()
        await room.leave(connected)
    return await connected.close()


async def forgotten_after_the_close(
    connected: ConnectedWebSocket, members: list[ConnectedWebSocket]
) -> Ended:
    closed = await connected.close()
    members.remove(connected)
    for other in members:
        if other is not connected and other != connected:
            await other.send_text("one has left")
    return closed


async def chat_with_a_group(ws: UnacceptedWebSocket, room: Room) -> Ended:
    connected = await ws.accept()

    async def read() -> None:
        async for text in connected.iter_text():
            await room.broadcast(text)

    async def tick() -> None:
        while True:
            await anyio.sleep(30)
            await connected.send_json({"type": "tick"})

    async with anyio.create_task_group() as group:
        group.start_soon(tick)
        await read()
        group.cancel_scope.cancel()
    return await connected.close()


async def group_that_closes(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    async with asyncio.TaskGroup() as group:
        group.create_task(handled_elsewhere(connected, "hello"))
        group.create_task(connected.send_text("more"))
    return await connected.close()


async def farewell_at_once(connected: ConnectedWebSocket) -> None:
    await asyncio.gather(connected.send_text("bye"), connected.close())


async def farewell_of_a_helper(connected: ConnectedWebSocket) -> None:
    await asyncio.gather(handled_elsewhere(connected, "bye"), connected.close())


async def close_all(members: list[ConnectedWebSocket]) -> None:
    await asyncio.gather(*[member.close(1012) for member in members])
    await asyncio.gather(*(member.close(1012) for member in members))


async def refuse_all(waiting: list[UnacceptedWebSocket]) -> None:
    await asyncio.gather(*[ws.close() for ws in waiting])


async def refuse_all_again_and_again(
    arrivals: AsyncIterator[list[UnacceptedWebSocket]],
) -> None:
    async for waiting in arrivals:
        ended = [await ws.close() for ws in waiting]
        print({ws.url: ws.client for ws in waiting}, ended)


async def each_in_turn(waiting: list[UnacceptedWebSocket]) -> None:
    for ws in waiting:
        connected = await ws.accept()
        await connected.send_text("one moment")
        await connected.close()


async def in_order_of_arrival(queue: asyncio.Queue[UnacceptedWebSocket]) -> None:
    while True:
        ws = await queue.get()
        if ws.headers.get("x-token") is None:
            await ws.close()
            continue
        connected = await ws.accept()
        await connected.close()


async def reference_and_no_call(connected: ConnectedWebSocket) -> Ended:
    async with anyio.create_task_group() as group:
        group.start_soon(connected.close)
        await connected.send_text("bye")
    return await connected.close()


# --- Before the handshake ------------------------------------------------------------


async def user_of(ws: Handshake) -> str | None:
    return ws.headers.get("x-user")


async def auth_before_accept(ws: UnacceptedWebSocket) -> Ended:
    user = await user_of(ws)
    if user is None:
        return await ws.send_denial_response(DenialResponse(status=401))
    connected = await ws.accept()
    await connected.send_text(f"hello {user}")
    return await connected.close()


async def denial_with_a_fallback(ws: UnacceptedWebSocket) -> DeniedWebSocket:
    try:
        return await ws.send_denial_response(DenialResponse(status=503))
    except ExtensionUnavailable:
        return await ws.close()


async def denial_with_a_late_fallback(ws: UnacceptedWebSocket) -> DeniedWebSocket:
    try:
        denied = await ws.send_denial_response(DenialResponse(status=503))
    except ExtensionUnavailable:
        denied = await ws.close()
    return denied


async def accept_that_may_fail(ws: UnacceptedWebSocket, name: str) -> Ended:
    try:
        connected = await ws.accept(name)
    except LocalProtocolError:
        return await ws.close()
    return await connected.close()


async def refuse(ws: UnacceptedWebSocket) -> DeniedWebSocket:
    return await ws.close()


async def accept_that_may_fail_elsewhere(ws: UnacceptedWebSocket, name: str) -> Ended:
    try:
        connected = await ws.accept(name)
    except LocalProtocolError:
        return await refuse(ws)
    return await connected.close()


async def accept_by_a_second_way(ws: UnacceptedWebSocket, name: str) -> Ended:
    connected: ConnectedWebSocket
    try:
        connected = await ws.accept(name)
    except LocalProtocolError:
        connected = await ws.accept()
    return await connected.close()


async def accept_with_else(ws: UnacceptedWebSocket, name: str) -> Ended:
    try:
        connected = await ws.accept(name)
    except LocalProtocolError:
        return await ws.close()
    else:
        await connected.send_text("hello")
    return await connected.close()


async def accept_in_time(ws: UnacceptedWebSocket) -> Ended:
    connected = None
    with anyio.move_on_after(5):
        connected = await ws.accept()
    if connected is None:
        return await ws.close()
    return await connected.close()


async def accept_with_a_timeout(ws: UnacceptedWebSocket) -> Ended:
    try:
        async with asyncio.timeout(5):
            connected = await ws.accept()
    except TimeoutError:
        return await ws.close()
    return await connected.close()


async def accept_in_wait_for(ws: UnacceptedWebSocket) -> Ended:
    try:
        connected = await asyncio.wait_for(ws.accept(), timeout=5)
    except TimeoutError:
        return await ws.close()
    return await connected.close()


async def early_returns(
    ws: UnacceptedWebSocket, *, is_open: bool, is_old: bool
) -> Ended:
    if not is_open:
        return await ws.send_denial_response(DenialResponse(status=503))
    if is_old:
        return await ws.close()
    return await (await ws.accept()).close()


async def a_match_on_the_path(ws: UnacceptedWebSocket) -> Ended:
    match ws.url.path:
        case "/chat":
            connected = await ws.accept()
        case "/old":
            return await ws.send_denial_response(DenialResponse(status=410))
        case _:
            return await ws.close()
    return await connected.close()


async def negotiated(ws: UnacceptedWebSocket) -> Ended:
    name = ws.negotiate(Literal["v2", "v1"])
    connected = await ws.accept(name)
    if ws.negotiate(Literal["v2"]) is not None and connected.subprotocol == "v2":
        await connected.send_text("v2")
    return await connected.close()


async def data_after_the_handshake(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    print(ws.url, ws.headers, ws.path_params, ws.cookies, ws.client, ws.state)
    print(ws["path"], len(ws), list(ws), ws.get("root_path"), ws.scope, repr(ws))
    print(
        await user_of(ws), ws in {ws}, hash(ws), f"{ws!r}"
    )
    return await connected.close()


async def in_a_ternary(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    return await (await ws.accept()).close() if is_known else await ws.close()


async def in_a_ternary_with_a_helper(
    ws: UnacceptedWebSocket, *, is_known: bool
) -> Ended:
    return await ws.close() if not is_known else await refuse(ws)


async def in_a_ternary_that_is_handed_on(
    ws: UnacceptedWebSocket, *, is_known: bool
) -> None:
    await asyncio.wait_for(refuse(ws) if is_known else ws.close(), 5)


async def none_for_not_accepted(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    connected = await ws.accept() if is_known else None
    if connected is None:
        return await ws.close()
    return await connected.close()


async def left_if_accepted(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    connected = None
    if is_known:
        connected = await ws.accept()
    if connected is not None:
        return await connected.close()
    return await ws.close()


async def left_by_a_truth(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    connected = None
    if is_known:
        connected = await ws.accept()
    if not connected:
        return await ws.close()
    return await connected.close()


async def refused_if_not_accepted(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    if not (connected := await ws.accept() if is_known else None):
        return await ws.close()
    return await connected.close()


# --- Helpers that take a state and return the next -----------------------------------


async def admitted(
    ws: UnacceptedWebSocket, password: str
) -> ConnectedWebSocket | DeniedWebSocket:
    if ws.query_params.get("password") != password:
        return await ws.send_denial_response(DenialResponse(status=401))
    return await ws.accept()


async def by_a_helper(ws: UnacceptedWebSocket) -> Ended:
    state = await admitted(ws, "sesame")
    if isinstance(state, DeniedWebSocket):
        return state
    await state.send_text("welcome")
    return await state.close()


async def by_a_helper_and_a_match(ws: UnacceptedWebSocket) -> Ended:
    match state := await admitted(ws, "sesame"):
        case DeniedWebSocket():
            return state
        case ConnectedWebSocket():
            await state.send_text("welcome")
            return await state.close()
        case _:
            assert_never(state)


async def opened(connected: ConnectedWebSocket, *, is_full: bool) -> ConnectedWebSocket:
    if is_full:
        await connected.send_text("full")
        await connected.close(1013)
    return connected


@contextlib.asynccontextmanager
async def accepted(ws: UnacceptedWebSocket) -> AsyncGenerator[ConnectedWebSocket]:
    connected = await ws.accept()
    try:
        yield connected
    finally:
        await connected.close()


async def in_a_context(ws: UnacceptedWebSocket) -> Ended:
    async with accepted(ws) as connected:
        await connected.send_text("hello")
    return await connected.close()


async def in_an_exit_stack(ws: UnacceptedWebSocket) -> Ended:
    async with contextlib.AsyncExitStack() as stack:
        connected = await stack.enter_async_context(accepted(ws))
        stack.push_async_callback(connected.close)
        await connected.send_text("hello")
    return await connected.close()


# --- Only one direction --------------------------------------------------------------


async def sender(ws: UnacceptedWebSocket, prices: AsyncIterator[float]) -> Ended:
    connected = await ws.accept()
    try:
        async for price in prices:
            await connected.send_json({"price": price})
    except WebSocketDisconnect as disconnect:
        return disconnect.closed
    return await connected.close()


async def sender_that_stops(
    connected: ConnectedWebSocket, prices: list[float]
) -> Ended:
    for price in prices:
        if price < 0:
            return await connected.close(1011)
        await connected.send_json({"price": price})
    return await connected.close()


async def sender_that_breaks(
    connected: ConnectedWebSocket, prices: list[float]
) -> Ended:
    while True:
        if not prices:
            await connected.close()
            break
        await connected.send_json({"price": prices.pop()})
    return await connected.close()


async def reader(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    lines = [text async for text in connected.iter_text()]
    print(lines)
    return await connected.close()


async def reader_with_a_timeout(connected: ConnectedWebSocket) -> Ended:
    while True:
        try:
            async with asyncio.timeout(60):
                text = await connected.receive_text()
        except TimeoutError:
            await connected.send_text("are you there?")
            continue
        except WebSocketDisconnect as disconnect:
            return disconnect.closed
        print(text)


async def reader_that_gives_up(connected: ConnectedWebSocket) -> Ended:
    for _ in range(3):
        try:
            print(json.loads(await connected.receive_text()))
        except MessageTypeError:
            await connected.send_text("text, please")
        except ValueError:
            return await connected.close(1007)
        except WebSocketDisconnect as disconnect:
            return disconnect.closed
    return await connected.close()


async def retried(connected: ConnectedWebSocket, text: str) -> Ended:
    for attempt in range(3):
        try:
            await connected.send_text(text)
        except LocalProtocolError:
            text = text.encode(errors="replace").decode()
        except WebSocketDisconnect as disconnect:
            return disconnect.closed
        else:
            print(attempt)
            break
    return await connected.close()


# --- Rebinding -----------------------------------------------------------------------


async def rebound(make: Callable[[], UnacceptedWebSocket]) -> None:
    ws = make()
    await ws.close()
    ws = make()
    connected = await ws.accept()
    await connected.close()
    connected = await make().accept()
    await connected.send_text("hello")
    await connected.close()


async def rebound_parameter(
    ws: UnacceptedWebSocket, make: Callable[[], Awaitable[UnacceptedWebSocket]]
) -> None:
    while True:
        connected = await ws.accept()
        await connected.send_text("hello")
        await connected.close()
        ws = await make()


async def rebound_in_a_walrus(make: Callable[[], UnacceptedWebSocket | None]) -> None:
    while ws := make():
        await refuse(ws)
        print(ws.url)
    while (other := make()) is not None:
        connected = await other.accept()
        await connected.close()


async def rebound_in_a_loop(make: Callable[[], UnacceptedWebSocket]) -> None:
    for _ in range(3):
        ws = make()
        if ws.headers.get("x-token") is None:
            await refuse(ws)
            await make().close()
            continue
        connected = await ws.accept()
        await connected.send_text("hello")
        await connected.close()


async def one_name_for_all_states(
    state: UnacceptedWebSocket | ConnectedWebSocket | Ended,
) -> Ended:
    if isinstance(state, UnacceptedWebSocket):
        state = await state.accept()
    if isinstance(state, ConnectedWebSocket):
        await state.send_text("hello")
        state = await state.close()
    return state


async def end(state: UnacceptedWebSocket | ConnectedWebSocket | Ended) -> Ended:
    if isinstance(state, UnacceptedWebSocket | ConnectedWebSocket):
        return await state.close()
    return state


async def end_each(state: UnacceptedWebSocket | ConnectedWebSocket) -> Ended:
    if isinstance(state, UnacceptedWebSocket):
        return await state.close()
    await state.send_text("bye")
    return await state.close()


async def accept_if_needed(state: UnacceptedWebSocket | ConnectedWebSocket) -> Ended:
    connected = (
        await state.accept() if isinstance(state, UnacceptedWebSocket) else state
    )
    await connected.send_text("hello")
    return await connected.close()


# --- Things that look like states ----------------------------------------------------


class Sender(Protocol):
    async def send_text(self, data: str) -> None: ...


class Closable(Protocol):
    async def close(self) -> Ended: ...


async def by_a_protocol(sender: Sender, closable: Closable) -> Ended:
    await closable.close()
    await sender.send_text("hello")
    return await closable.close()


async def handed_to_protocols(connected: ConnectedWebSocket) -> Ended:
    await connected.close()
    return await by_a_protocol(connected, connected)


@attrs.frozen
class Fake:
    async def accept(self) -> "Fake":
        return self

    async def close(self) -> None:
        print("closed")


async def not_ours(fake: Fake) -> None:
    await fake.accept()
    await fake.accept()
    await fake.close()
    await fake.close()


def later(call: Callable[[], Awaitable[Ended]]) -> None:
    print(call)


async def in_lambdas(ws: UnacceptedWebSocket) -> Ended:
    later(lambda: ws.close())
    later(ws.close)
    later(functools.partial(refuse, ws))
    connected = await ws.accept()
    later(lambda: connected.close())
    later(connected.close)
    await connected.send_text("hello")
    return await connected.close()


async def in_a_closure_before(ws: UnacceptedWebSocket) -> Ended:
    async def refuse_it() -> Ended:
        return await ws.close()

    if ws.client is None:
        return await refuse_it()
    return await (await ws.accept()).close()
