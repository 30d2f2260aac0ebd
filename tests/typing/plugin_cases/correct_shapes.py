"""Correct programs with classes, decorators, generics. Nothing may be reported."""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import (
    Any,
    ClassVar,
    Concatenate,
    Generic,
    Literal,
    NamedTuple,
    ParamSpec,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
)

import attrs
from typing_extensions import override

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DeniedWebSocket,
    Ended,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketDisconnect,
)
from typedws import ConnectedWebSocket as Conn
from typedws import UnacceptedWebSocket as WS

P = ParamSpec("P")
T = TypeVar("T")
StateT = TypeVar("StateT", UnacceptedWebSocket, ConnectedWebSocket)
WebSocketT = TypeVar("WebSocketT", bound=UnacceptedWebSocket)
EndedT_co = TypeVar("EndedT_co", bound=Ended, covariant=True)
Socket: TypeAlias = UnacceptedWebSocket | ConnectedWebSocket


# --- Classes -------------------------------------------------------------------------


class Handler:
    def __init__(self, ws: UnacceptedWebSocket) -> None:
        self.ws = ws
        self.connected: ConnectedWebSocket | None = None

    async def run(self) -> Ended:
        if self.ws.client is None:
            return await self.ws.close()
        self.connected = await self.ws.accept()
        try:
            await self.on_connect(self.connected)
            async for text in self.connected.iter_text():
                await self.on_text(text)
        finally:
            await self.connected.close()
        return await self.connected.close()

    async def on_connect(self, connected: ConnectedWebSocket) -> None:
        await connected.send_text(self.ws.url.path)

    async def on_text(self, text: str) -> None:
        if self.connected is not None:
            await self.connected.send_text(text)

    async def quit(self) -> None:
        if self.connected is not None:
            await self.connected.close()


class Reconnecting:
    def __init__(self, make: Callable[[], UnacceptedWebSocket]) -> None:
        self.make = make
        self.ws = make()

    def again(self) -> None:
        self.ws = self.make()

    async def run(self) -> None:
        await self.ws.close()
        self.again()
        await self.ws.close()

    async def run_for_ever(self) -> None:
        while True:
            connected = await self.ws.accept()
            await connected.close()
            self.again()


class BaseOfReconnecting:
    def __init__(self, first: UnacceptedWebSocket) -> None:
        self.first = first

    async def refuse_two(self) -> None:
        await self.first.close()
        self.next()
        await self.first.close()

    def next(self) -> None:
        raise NotImplementedError


class InBetween(BaseOfReconnecting):
    pass


class DerivedReconnecting(InBetween):
    @override
    def next(self) -> None:
        self.first = UnacceptedWebSocket({})


class DerivedFurther(DerivedReconnecting):
    async def refuse_three(self) -> None:
        await self.first.close()
        self.next()
        await self.first.close()


@attrs.frozen
class Fixed:
    first: UnacceptedWebSocket


async def attribute_of_a_union(holder: Fixed | DerivedReconnecting) -> None:
    await holder.first.close()
    if isinstance(holder, DerivedReconnecting):
        holder.next()
    await holder.first.close()


class Attempting:
    def __init__(self, ws: UnacceptedWebSocket) -> None:
        self.ws = ws
        self.connected: ConnectedWebSocket | None = None

    async def accept(self, name: str) -> Ended | None:
        try:
            self.connected = await self.ws.accept(name)
        except ValueError:
            return await self.ws.close()
        return None

    async def refuse(self) -> Ended:
        return await refuse(self.ws)

    async def accept_or_hand_on(self, name: str) -> Ended | None:
        try:
            self.connected = await self.ws.accept(name)
        except ValueError:
            return await refuse(self.ws)
        return None


class Session:
    connected: ConnectedWebSocket

    @classmethod
    async def open(cls, ws: UnacceptedWebSocket) -> Self:
        self = cls()
        self.connected = await ws.accept()
        return self

    async def __aenter__(self) -> Self:
        await self.connected.send_text("hello")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connected.close()

    async def say(self, text: str) -> Self:
        await self.connected.send_text(text)
        return self

    async def close(self) -> ClosedWebSocket:
        return await self.connected.close()


async def session(ws: UnacceptedWebSocket) -> Ended:
    async with await Session.open(ws) as open_session:
        await (await open_session.say("one")).say("two")
    return await open_session.close()


@attrs.frozen
class Route:
    path: str
    handler: Callable[[UnacceptedWebSocket], Awaitable[Ended]]
    routes: ClassVar[list["Route"]] = []


async def dispatched(ws: UnacceptedWebSocket) -> Ended:
    for route in Route.routes:
        if route.path == ws.url.path:
            return await route.handler(ws)
    return await ws.close()


@attrs.frozen
class User:
    name: str
    connected: ConnectedWebSocket


class Pair(NamedTuple):
    ws: UnacceptedWebSocket
    name: str


def name_of(ws: UnacceptedWebSocket) -> str:
    return ws.query_params.get("name", "nobody")


async def user_with_a_connection(ws: UnacceptedWebSocket) -> User:
    return User(name=name_of(ws), connected=await ws.accept())


def pair_up(one: T, two: ConnectedWebSocket) -> tuple[T, ConnectedWebSocket]:
    return one, two


async def generic_call_with_both(ws: UnacceptedWebSocket) -> Ended:
    name, connected = pair_up(name_of(ws), await ws.accept())
    await connected.send_text(name)
    return await connected.close()


async def tuple_with_both(ws: UnacceptedWebSocket) -> tuple[str, ConnectedWebSocket]:
    return name_of(ws), await ws.accept()


async def dict_with_both(ws: UnacceptedWebSocket) -> dict[str, object]:
    return {"name": name_of(ws), "connected": await ws.accept()}


async def unpacked(pair: Pair) -> Ended:
    ws, name = pair
    connected = await ws.accept()
    await connected.send_text(name)
    return await connected.close()


async def swapped(one: UnacceptedWebSocket, two: UnacceptedWebSocket) -> Ended:
    await one.close()
    one, two = two, one
    return await one.close()


# --- Decorators and partials ---------------------------------------------------------


def logged(
    handler: Callable[P, Awaitable[T]],
) -> Callable[P, Awaitable[T]]:
    @functools.wraps(handler)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        print(handler, args)
        return await handler(*args, **kwargs)

    return wrapper


def authenticated(
    handler: Callable[Concatenate[UnacceptedWebSocket, P], Awaitable[Ended]],
) -> Callable[Concatenate[UnacceptedWebSocket, P], Awaitable[Ended]]:
    @functools.wraps(handler)
    async def wrapper(
        ws: UnacceptedWebSocket, /, *args: P.args, **kwargs: P.kwargs
    ) -> Ended:
        if ws.headers.get("x-token") is None:
            return await ws.close()
        return await handler(ws, *args, **kwargs)

    return wrapper


@logged
async def refuse(ws: UnacceptedWebSocket) -> DeniedWebSocket:
    return await ws.close()


@authenticated
async def greet(ws: UnacceptedWebSocket, greeting: str) -> Ended:
    connected = await ws.accept()
    await connected.send_text(greeting)
    return await connected.close()


async def decorated(ws: UnacceptedWebSocket) -> Ended:
    if ws.client is None:
        return await refuse(ws)
    return await greet(ws, greeting="hello")


async def partial(ws: UnacceptedWebSocket) -> Ended:
    hello = functools.partial(greet, greeting="hello")
    refuse_it = functools.partial(refuse, ws)
    if ws.client is None:
        return await refuse_it()
    return await hello(ws)


async def cached(ws: UnacceptedWebSocket) -> Ended:
    send = functools.partial(ConnectedWebSocket.send_text, await ws.accept())
    await send("hello")
    await send("world")
    return await ws_of(send).close()


def ws_of(send: Callable[[str], Awaitable[None]]) -> ConnectedWebSocket:
    raise NotImplementedError(inspect.signature(send))


# --- Generics, unions, aliases -------------------------------------------------------


async def closed_in_any_state(state: StateT) -> Ended:
    return await state.close()


async def same_state(state: StateT) -> StateT:
    if isinstance(state, ConnectedWebSocket):
        await state.send_text("hello")
    return state


async def bound(ws: WebSocketT) -> WebSocketT:
    print(ws.url)
    return ws


async def spent_by_bound(ws: WebSocketT) -> tuple[WebSocketT, Ended]:
    connected = await ws.accept()
    return ws, await connected.close()


async def chosen(ws: WS, fallback: Conn[Literal["a", "b"]]) -> Ended:
    connected: Conn[Literal["a", "b"]] | Conn[None] = fallback
    if ws.client is not None:
        connected = await ws.accept()
    await connected.send_text("hello")
    return await connected.close()


async def alias(ws: WebSocket) -> Ended:
    connected = await ws.accept()
    return await connected.close()


async def union_alias(socket: Socket) -> Ended:
    if isinstance(socket, UnacceptedWebSocket):
        socket = await socket.accept()
    await socket.send_text("hello")
    return await socket.close()


async def union_alias_with_returns(socket: Socket) -> Ended:
    match socket:
        case UnacceptedWebSocket():
            return await socket.close()
        case ConnectedWebSocket():
            await socket.close()
    return await socket.close()


async def optional(ws: UnacceptedWebSocket | None) -> Ended | None:
    if ws is None:
        return None
    return await ws.close()


async def optional_connection(connected: ConnectedWebSocket | None) -> None:
    if connected is not None:
        await connected.close()
    if connected:
        await connected.close()


async def untyped(thing: Any) -> None:
    await thing.close()
    await thing.close()
    await thing.accept()


async def partly_untyped(ws: UnacceptedWebSocket | Any) -> None:
    await ws.close()
    print(ws.url)


class Source(Generic[T]):
    def __init__(self, items: list[T]) -> None:
        self.items = items

    async def __aiter__(self) -> AsyncIterator[T]:
        for item in self.items:
            yield item


async def generic_source(source: Source[UnacceptedWebSocket]) -> None:
    async for ws in source:
        connected = await ws.accept()
        await connected.close()
    for ws in source.items:
        await ws.close()
        del ws


class EndsIt(Protocol[EndedT_co]):
    async def __call__(self, ws: UnacceptedWebSocket, /) -> EndedT_co: ...


async def by_a_callback(ws: UnacceptedWebSocket, ends_it: EndsIt[Ended]) -> Ended:
    return await ends_it(ws)


class Acceptor(Protocol):
    async def accept(self) -> ConnectedWebSocket: ...


class SpecialAcceptor(Acceptor, Protocol):
    async def close(self) -> DeniedWebSocket: ...


async def by_protocols(acceptor: SpecialAcceptor) -> Ended:
    await acceptor.accept()
    return await acceptor.close()


# --- Flow that is not straight -------------------------------------------------------


async def nested_tries(ws: UnacceptedWebSocket, name: str) -> Ended:
    try:
        try:
            number = int(name)
        except ValueError:
            return await ws.close()
        connected = await ws.accept(str(number))
    except WebSocketDisconnect as disconnect:
        return disconnect.closed
    return await connected.close()


async def finally_with_data(ws: UnacceptedWebSocket) -> Ended:
    try:
        connected = await ws.accept()
        return await connected.close()
    finally:
        print(ws.url, ws.negotiate(Literal["a"]))


async def loop_that_returns(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    for name in names:
        if name == "bad":
            return await ws.close()
        if name in ws.subprotocols:
            connected = await ws.accept(name)
            return await connected.close()
    return await ws.close()


async def loop_that_breaks(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    for name in names:
        if name in ws.subprotocols:
            connected = await ws.accept(name)
            break
    else:
        return await ws.close()
    return await connected.close()


async def endless_loop_that_breaks(ws: UnacceptedWebSocket) -> None:
    while True:
        await asyncio.sleep(1)
        if ws.client is None:
            await ws.close()
            break


async def loop_that_raises(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    for name in names:
        if name == "bad":
            await ws.close()
            raise ValueError(name)
    return await (await ws.accept()).close()


async def never_comes_back(ws: UnacceptedWebSocket) -> Ended:
    if ws.client is None:
        await ws.close()
        stop()
    return await (await ws.accept()).close()


def stop() -> "Never":
    raise SystemExit


from typing import Never  # noqa: E402 -- a name that is known later


async def deferred(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    print(later_known(connected.url.path))
    return await connected.close()


def later_known(path: str) -> str:
    return KNOWN.get(path, path)


KNOWN = {"/": "root"}


async def counted(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    count = 0
    async for text in connected.iter_text():
        count += 1
        if count > 10:
            await connected.send_text("enough")
            return await connected.close(1008)
        await connected.send_text(f"{count}: {text}")
    return await connected.close()


async def shared_by_a_closure(make: Callable[[], UnacceptedWebSocket]) -> Ended:
    ws = make()

    def again() -> None:
        nonlocal ws
        ws = make()

    await ws.close()
    again()
    return await ws.close()


async def redefined_after_a_closure(make: Callable[[], UnacceptedWebSocket]) -> Ended:
    ws = make()
    await ws.close()

    async def refuse_it() -> Ended:
        return await ws.close()

    ws = make()
    return await refuse_it()


async def indexed(sockets: list[UnacceptedWebSocket]) -> None:
    await sockets[0].close()
    await sockets.pop(0).close()
    await sockets[0].close()
    by_name = {"one": sockets[0]}
    await by_name["one"].accept()


async def conditional_close(connected: ConnectedWebSocket, code: int | None) -> Ended:
    return await (connected.close() if code is None else connected.close(code))


async def conditional_send(connected: ConnectedWebSocket, text: str | None) -> Ended:
    if text is not None or await connected.close():
        print("one of both")
    return await connected.close()


async def same_name_in_a_comprehension(
    ws: UnacceptedWebSocket, waiting: list[UnacceptedWebSocket]
) -> Ended:
    await asyncio.gather(*[ws.close() for ws in waiting])
    return await ws.close()
