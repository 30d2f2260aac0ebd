"""Mistakes with attributes, closures, generics: wherever a state may be kept."""

from abc import ABC
from collections.abc import Awaitable, Callable
from typing import ClassVar, Generic, Literal, NamedTuple, Self, TypeVar

import attrs
import kept_elsewhere

from typedws import (
    ConnectedWebSocket,
    Ended,
    UnacceptedWebSocket,
)

StateT = TypeVar("StateT", UnacceptedWebSocket, ConnectedWebSocket)
ThingT = TypeVar("ThingT")


async def serve(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.close()


class Handler:
    def __init__(self, ws: UnacceptedWebSocket) -> None:
        self.ws = ws

    async def run(self) -> Ended:
        connected = await self.ws.accept()
        await self.ws.close()  # E: mypy-plugin[typestate]
        return await connected.close()

    async def run_on_some_path(self, *, is_banned: bool) -> Ended:
        if is_banned:
            await self.ws.close()
        connected = await self.ws.accept()  # E: mypy-plugin[typestate]
        return await connected.close()

    async def hand_on(self) -> Ended:
        await self.ws.accept()
        return await serve(self.ws)  # E: mypy-plugin[arg-type]


@attrs.frozen
class Holder:
    ws: UnacceptedWebSocket
    connected: ConnectedWebSocket[Literal["chat"]]


async def attribute_of_a_parameter(holder: Holder) -> Ended:
    await holder.ws.accept()
    return await holder.ws.close()  # E: mypy-plugin[typestate]


async def attribute_that_is_connected(holder: Holder) -> Ended:
    await holder.connected.close()
    await holder.connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await holder.connected.close()


HandlerT = TypeVar("HandlerT", bound=Handler)


class Chained(Handler):
    async def refuse(self) -> Self:
        await self.ws.close()
        await self.ws.close()  # E: mypy-plugin[typestate]
        return self


class Pair(NamedTuple):
    ws: UnacceptedWebSocket
    name: str


async def attribute_of_a_tuple(pair: Pair) -> Ended:
    await pair.ws.accept(pair.name)
    return await pair.ws.close()  # E: mypy-plugin[typestate]


@attrs.frozen
class Outer:
    holder: Holder


async def attribute_of_an_attribute(outer: Outer) -> Ended:
    await outer.holder.ws.accept()
    return await outer.holder.ws.close()  # E: mypy-plugin[typestate]


class Box(Generic[ThingT]):
    def __init__(self, thing: ThingT) -> None:
        self.thing = thing


async def attribute_of_a_generic(box: Box[UnacceptedWebSocket]) -> Ended:
    await box.thing.accept()
    return await box.thing.close()  # E: mypy-plugin[typestate]


async def closure(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()

    async def refuse() -> None:
        await ws.close()  # E: mypy-plugin[typestate]

    await refuse()
    return await connected.close()


async def closure_that_hands_on(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()

    async def refuse() -> None:
        await serve(ws)  # E: mypy-plugin[arg-type]

    await refuse()
    return await connected.close()


async def lambda_afterwards(
    ws: UnacceptedWebSocket, later: Callable[[Callable[[], Awaitable[Ended]]], None]
) -> Ended:
    connected = await ws.accept()
    later(lambda: ws.close())  # E: mypy-plugin[typestate]
    return await connected.close()


async def closure_over_a_connection(connected: ConnectedWebSocket) -> Ended:
    await connected.close()

    async def say_bye() -> None:
        await connected.send_text("bye")  # E: mypy-plugin[typestate]

    await say_bye()
    return await connected.close()


async def inside_a_closure(ws: UnacceptedWebSocket) -> Callable[[], Awaitable[Ended]]:
    async def run() -> Ended:
        await ws.accept()
        return await ws.close()  # E: mypy-plugin[typestate]

    return run


async def generic_over_states(ws: StateT) -> StateT:
    if isinstance(ws, UnacceptedWebSocket):
        await ws.close()
        await ws.accept()  # E: mypy-plugin[typestate]
    return ws  # E: mypy-plugin[return-value]


async def local_from_a_call(make: Callable[[], UnacceptedWebSocket]) -> Ended:
    ws = make()
    connected = await ws.accept()
    await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def local_in_a_loop(make: Callable[[], UnacceptedWebSocket]) -> None:
    for _ in range(3):
        ws = make()
        await ws.accept()
        await ws.close()  # E: mypy-plugin[typestate]


async def made_from_a_scope(scope: dict[str, object]) -> Ended:
    ws = UnacceptedWebSocket(scope)
    await ws.accept()
    return await ws.close()  # E: mypy-plugin[typestate]


async def alias_of_what_is_spent(ws: UnacceptedWebSocket) -> Ended:
    await ws.accept()
    old = ws
    return await old.close()  # E: mypy-plugin[typestate]


async def star_arguments(*sockets: UnacceptedWebSocket) -> None:
    for ws in sockets:
        await ws.accept()
        await ws.close()  # E: mypy-plugin[typestate]


class Nested:
    class Inner:
        def __init__(self, ws: UnacceptedWebSocket) -> None:
            self._ws = ws

        async def __call__(self) -> Ended:
            await self._ws.accept()
            return await self._ws.close()  # E: mypy-plugin[typestate]


async def item_of_a_tuple(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    pair = (ws, connected)
    print(pair[0].url, pair[0].negotiate(Literal["chat"]))
    await pair[0].close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def item_of_a_list(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    await [ws].pop().close()  # E: mypy-plugin[typestate]
    return await connected.close()


class OfTheClass:
    ws: ClassVar[UnacceptedWebSocket]

    @classmethod
    async def refuse(cls) -> None:
        await cls.ws.close()
        await cls.ws.close()  # E: mypy-plugin[typestate]

    async def refuse_all(self) -> None:
        await OfTheClass.ws.close()
        await OfTheClass.ws.close()  # E: mypy-plugin[typestate]


class Rebinding(ABC):
    def __init__(self, handshake: UnacceptedWebSocket) -> None:
        self.handshake = handshake

    def renew(self, handshake: UnacceptedWebSocket) -> None:
        self.handshake = handshake


class NotRebinding(ABC):
    def __init__(self, handshake: UnacceptedWebSocket) -> None:
        self.handshake = handshake

    async def refuse(self) -> None:
        await self.handshake.close()
        await self.handshake.close()  # E: mypy-plugin[typestate]


async def another_function_has_a_shared_name(
    make: Callable[[], UnacceptedWebSocket],
) -> None:
    ws = make()

    def renew() -> None:
        nonlocal ws
        ws = make()

    await ws.close()
    renew()
    await ws.close()


GLOBAL = UnacceptedWebSocket({})


async def a_global_name() -> None:
    await GLOBAL.close()
    await GLOBAL.close()  # E: mypy-plugin[typestate]


async def in_a_file_of_its_own(session: kept_elsewhere.Kept) -> None:
    await session.ws.close()
    await session.ws.close()  # E: mypy-plugin[typestate]
    await kept_elsewhere.WAITING.close()
    await kept_elsewhere.WAITING.close()  # E: mypy-plugin[typestate]


class OfABaseElsewhere(kept_elsewhere.Kept):
    async def refuse(self) -> None:
        await self.ws.close()
        await self.ws.close()  # E: mypy-plugin[typestate]


@attrs.frozen
class Another:
    ws: UnacceptedWebSocket


async def attribute_of_a_union(holder: Holder | Another) -> None:
    await holder.ws.close()
    await holder.ws.close()  # E: mypy-plugin[typestate]
