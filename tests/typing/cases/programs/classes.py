"""Classes"""

import contextlib
from typing import ClassVar, Protocol, Self, assert_type

import attrs
from typing_extensions import override

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DeniedWebSocket,
    Ended,
    Handshake,
    JSONInput,
    UnacceptedWebSocket,
    WebSocketApp,
    WebSocketDisconnect,
    websocket_app,
)


class Greeter:
    """An object that is the handler."""

    def __init__(self, greeting: str = "hello") -> None:
        self.greeting = greeting

    async def __call__(self, websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await connected.send_text(self.greeting)
        return await connected.close()


class Endpoint:
    """A class made for each connection, with methods to override."""

    def __init__(self, websocket: UnacceptedWebSocket) -> None:
        self.websocket = websocket

    async def on_connect(self) -> ConnectedWebSocket | DeniedWebSocket:
        return await self.websocket.accept()

    async def on_text(self, connected: ConnectedWebSocket, text: str) -> None:
        await connected.send_text(text)

    async def run(self) -> Ended:
        connected = await self.on_connect()
        if isinstance(connected, DeniedWebSocket):
            return connected
        async for text in connected.iter_text():
            await self.on_text(connected, text)
        return await connected.close()

    @classmethod
    def app(cls) -> WebSocketApp:
        async def handler(websocket: UnacceptedWebSocket) -> Ended:
            return await cls(websocket).run()

        return websocket_app(handler)


class Shouting(Endpoint):
    """A class derived from an endpoint of one's own."""

    @override
    async def on_connect(self) -> ConnectedWebSocket | DeniedWebSocket:
        if self.websocket.client is None:
            return await self.websocket.close()
        return await super().on_connect()

    @override
    async def on_text(self, connected: ConnectedWebSocket, text: str) -> None:
        await super().on_text(connected, text.upper())


class Session:
    """A session that opens itself and chains its calls, by `Self`."""

    def __init__(self, connected: ConnectedWebSocket) -> None:
        self.connected = connected
        self.said = 0

    @classmethod
    async def open(cls, websocket: UnacceptedWebSocket) -> Self:
        return cls(await websocket.accept())

    async def __aenter__(self) -> Self:
        await self.connected.send_text("hello")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connected.close()

    async def say(self, text: str) -> Self:
        await self.connected.send_text(text)
        self.said += 1
        return self

    async def close(self) -> ClosedWebSocket:
        return await self.connected.close()


async def sessions(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A session as a context manager."""
    async with await Session.open(websocket) as session:
        assert_type(session, Session)
        await (await session.say("one")).say("two")
    return await session.close()


@attrs.frozen
class Member:
    """A frozen record with a connection in it."""

    name: str
    connected: ConnectedWebSocket

    async def say(self, text: str) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            await self.connected.send_text(f"{self.name}: {text}")


@attrs.define
class Hub:
    """A registry of connections, some of which are replaced."""

    by_name: dict[str, ConnectedWebSocket] = attrs.Factory(dict[str, ConnectedWebSocket])
    current: ConnectedWebSocket | None = None

    async def replace(self, name: str, connected: ConnectedWebSocket) -> None:
        old = self.by_name.pop(name, None)
        if old is not None:
            await old.close(4000, "elsewhere")
        self.by_name[name] = connected
        await connected.send_text("hello")

    async def replace_current(self, connected: ConnectedWebSocket) -> None:
        if self.current is not None:
            await self.current.close()
        self.current = connected
        await self.current.send_text("hello")


class Router:
    """Handlers by path."""

    greeters: ClassVar = {"/": Greeter(), "/fr": Greeter("salut")}

    async def __call__(self, websocket: UnacceptedWebSocket) -> Ended:
        greeter = self.greeters.get(websocket.url.path)
        if greeter is None:
            return await websocket.close()
        return await greeter(websocket)


class Sends(Protocol):
    """A Protocol over what can send."""

    async def send_text(self, data: str) -> None: ...
    async def send_json(self, data: JSONInput) -> None: ...


class SendsAndCloses(Sends, Protocol):
    """A Protocol derived from another, over the open connection."""

    async def close(self) -> ClosedWebSocket: ...


async def by_protocols(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A connection given to whoever asks for a Protocol."""

    async def greet(target: Sends) -> None:
        await target.send_text("hello")
        await target.send_json({"hello": ["world"]})

    async def finish(target: SendsAndCloses) -> ClosedWebSocket:
        await target.send_text("bye")
        return await target.close()

    connected = await websocket.accept()
    targets: list[Sends] = [connected]
    for target in targets:
        await greet(target)
    return await finish(connected)


async def by_the_base_class(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """What reads the handshake takes every state."""

    def visitor(handshake: Handshake) -> str:
        return handshake.headers.get("user-agent", "nobody")

    name = visitor(websocket)
    connected = await websocket.accept()
    await connected.send_text(f"{name} {visitor(connected)}")
    closed = await connected.close()
    print(visitor(closed))
    return closed


assert_type(websocket_app(Greeter()), WebSocketApp)
assert_type(websocket_app(Greeter("hi").__call__), WebSocketApp)
assert_type(websocket_app(Router()), WebSocketApp)
assert_type(Shouting.app(), WebSocketApp)
