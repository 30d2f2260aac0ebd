"""Helpers, decorators, generics"""

import contextlib
import functools
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Concatenate, Generic, Literal, ParamSpec, TypeAlias, TypeVar, assert_type

from typedws import (
    ClosedWebSocket,
    DeniedWebSocket,
    Ended,
    Handler,
    SameOrigin,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketApp,
    websocket_app,
)
from typedws import ConnectedWebSocket as Connection
from typedws import UnacceptedWebSocket as WS

Parameters = ParamSpec("Parameters")
ResultT = TypeVar("ResultT")
StateT = TypeVar("StateT", WS, Connection)
NameT = TypeVar("NameT", bound=str | None)
AnyState: TypeAlias = WS | Connection


async def under_another_name(ws: WS) -> Ended:
    """The class under a name of one's own."""
    connection = await ws.accept()
    assert_type(connection, Connection[None])
    return await connection.close()


async def under_the_name_of_others(ws: WebSocket) -> Ended:
    """The class under the name that other frameworks use."""
    connection: Connection = await ws.accept()
    return await connection.close()


async def opened(ws: UnacceptedWebSocket) -> Connection:
    """A helper that takes one state and returns the next."""
    connection = await ws.accept()
    await connection.send_text("hello")
    return connection


async def finished(connection: Connection) -> ClosedWebSocket:
    """A helper that takes the connection to its end."""
    await connection.send_text("bye")
    return await connection.close()


async def by_helpers(ws: UnacceptedWebSocket) -> ClosedWebSocket:
    """A handler made of helpers."""
    return await finished(await opened(ws))


async def talked(connection: Connection) -> Connection | ClosedWebSocket:
    """A helper that returns the connection, or its end."""
    event = await connection.receive()
    if isinstance(event, ClosedWebSocket):
        return event
    await connection.send(event)
    return connection


async def by_a_helper_that_may_end(ws: UnacceptedWebSocket) -> Ended:
    """A handler that asks a helper whether it is over."""
    state: Connection | ClosedWebSocket = await opened(ws)
    while not isinstance(state, ClosedWebSocket):
        state = await talked(state)
    return state


@contextlib.asynccontextmanager
async def accepted(ws: UnacceptedWebSocket) -> AsyncGenerator[Connection]:
    """A context manager that accepts, and closes in the end."""
    connection = await ws.accept()
    try:
        yield connection
    finally:
        await connection.close()


async def by_a_context_manager(ws: UnacceptedWebSocket) -> Ended:
    """A handler that leaves the end to a context manager."""
    async with accepted(ws) as connection:
        await connection.send_text("hello")
    return await connection.close()


async def words(connection: Connection) -> AsyncIterator[list[str]]:
    """A generator of what the messages mean."""
    async for text in connection.iter_text():
        yield text.split()


async def by_a_generator(ws: UnacceptedWebSocket) -> ClosedWebSocket:
    """A handler that iterates over a generator of its own."""
    connection = await ws.accept()
    async for command in words(connection):
        match command:
            case ["quit"]:
                await connection.close()
            case [verb, *rest]:
                await connection.send_text(f"{verb}: {len(rest)}")
            case _:
                await connection.send_text("?")
    return await connection.close()


def logged(handler: Handler) -> Handler:
    """A decorator for handlers."""

    @functools.wraps(handler)
    async def wrapper(websocket: UnacceptedWebSocket) -> Ended:
        ended = await handler(websocket)
        print(websocket.url.path, ended)
        return ended

    return wrapper


def timed(
    function: Callable[Parameters, Awaitable[ResultT]],
) -> Callable[Parameters, Awaitable[ResultT]]:
    """A decorator for any function, by `ParamSpec`."""

    @functools.wraps(function)
    async def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> ResultT:
        begun = time.monotonic()
        try:
            return await function(*args, **kwargs)
        finally:
            print(time.monotonic() - begun)

    return wrapper


def authenticated(
    handler: Callable[Concatenate[UnacceptedWebSocket, str, Parameters], Awaitable[Ended]],
) -> Callable[Concatenate[UnacceptedWebSocket, Parameters], Awaitable[Ended]]:
    """A decorator that adds an argument, by `Concatenate`."""

    async def wrapper(
        ws: UnacceptedWebSocket, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Ended:
        user = ws.headers.get("x-user")
        if user is None:
            return await ws.close()
        return await handler(ws, user, *args, **kwargs)

    return wrapper


@websocket_app
@logged
@timed
async def decorated(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A handler under several decorators."""
    connection = await websocket.accept()
    return await connection.close()


@websocket_app(origins=SameOrigin())
@authenticated
async def decorated_with_a_user(websocket: UnacceptedWebSocket, user: str) -> Ended:
    """A handler whose decorator gives it the user."""
    connection = await websocket.accept()
    await connection.send_text(user)
    return await connection.close()


async def with_options(ws: UnacceptedWebSocket, greeting: str, times: int = 1) -> Ended:
    """A handler with options, for `functools.partial` to fill in."""
    connection = await ws.accept()
    for _ in range(times):
        await connection.send_text(greeting)
    return await connection.close()


def by_partial() -> WebSocketApp:
    """A handler with its options filled in."""
    return websocket_app(functools.partial(with_options, greeting="hello", times=2))


def by_lambda() -> WebSocketApp:
    """A handler with its options filled in by a lambda."""
    return websocket_app(lambda ws: with_options(ws, "hello"))


async def by_partial_of_a_method(ws: UnacceptedWebSocket) -> Ended:
    """A bound method with its arguments filled in."""
    connection = await ws.accept()
    leave = functools.partial(connection.close, 1001, "time is up")
    return await leave()


async def closed_in_either_state(state: StateT) -> Ended:
    """A generic function over two states."""
    return await state.close()


async def greeted(connection: Connection[NameT]) -> Connection[NameT]:
    """A generic function that keeps the subprotocol."""
    await connection.send_text("hello")
    return connection


async def by_generics(ws: UnacceptedWebSocket) -> Ended:
    """A handler that calls generic functions."""
    connection = await greeted(await ws.accept(ws.negotiate(Literal["a", "b"])))
    name: Literal["a", "b"] | None = connection.subprotocol
    print(name)
    return await closed_in_either_state(connection)


class Pair(Generic[ResultT]):
    """A generic class over what a connection comes with."""

    def __init__(self, connection: Connection, extra: ResultT) -> None:
        self.connection = connection
        self.extra = extra


async def by_a_generic_class(ws: UnacceptedWebSocket) -> Ended:
    """A handler with a generic class."""
    pair = Pair(await ws.accept(), extra=3)
    assert_type(pair.extra, int)
    await pair.connection.send_json(pair.extra)
    return await pair.connection.close()


async def of_any_state(state: AnyState) -> Ended:
    """A union of states, narrowed by `isinstance`."""
    if isinstance(state, WS):
        return await state.close()
    assert_type(state, Connection)
    await state.send_text("bye")
    return await state.close()


async def of_any_end(ws: UnacceptedWebSocket) -> str:
    """Both ends, told apart by a `match`."""
    match await by_generics(ws):
        case ClosedWebSocket(code=code, closed_by="server"):
            return f"closed with {code}"
        case ClosedWebSocket(reason=reason):
            return reason
        case DeniedWebSocket(status=status):
            return f"denied with {status}"
