"""Guards"""

import functools
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar, assert_type

from attrs import frozen

from typedws import (
    AnyOrigin,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    ErrorPolicy,
    Guard,
    UnacceptedWebSocket,
    WebSocketApp,
    all_guards,
    websocket_app,
)

HANDSHAKE: Final = {"query_string": b"name=root"}

Parameters = ParamSpec("Parameters")
ResultT = TypeVar("ResultT")


class User:
    def __init__(self, name: str) -> None:
        self.name: str = name


class Admin(User):
    pass


@frozen(order=False)
class Room:
    number: int


async def authenticate(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
    name = websocket.query_params.get("name")
    if name is None:
        return await websocket.send_denial_response(DenialResponse(401), fallback=True)
    return User(name)


async def find_room(websocket: UnacceptedWebSocket) -> Room | DeniedWebSocket:
    if websocket["path"] == "/":
        return await websocket.close()
    return Room(7)


async def administrator(websocket: UnacceptedWebSocket) -> Admin | DeniedWebSocket:
    user = await authenticate(websocket)
    if isinstance(user, DeniedWebSocket):
        return user
    if user.name == "root":
        return Admin(user.name)
    return await websocket.close()


async def never_refuses(websocket: UnacceptedWebSocket) -> User:
    return User(websocket["path"])


async def always_refuses(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    return await websocket.close()


async def by_name(name: str, websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
    return User(name + websocket["path"])


class Accounts:
    async def find(self, websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
        return await authenticate(websocket)

    async def __call__(self, websocket: UnacceptedWebSocket) -> Admin | DeniedWebSocket:
        return await administrator(websocket)


def logged(
    function: Callable[Parameters, Awaitable[ResultT]],
) -> Callable[Parameters, Awaitable[ResultT]]:
    @functools.wraps(function)
    async def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> ResultT:
        return await function(*args, **kwargs)

    return wrapper


async def for_user(websocket: UnacceptedWebSocket, user: User) -> Ended:
    connected = await websocket.accept()
    await connected.send_text(user.name)
    return await connected.close()


async def for_admin(websocket: UnacceptedWebSocket, admin: Admin) -> Ended:
    connected = await websocket.accept()
    await connected.send_text(admin.name)
    return await connected.close()


async def for_both(websocket: UnacceptedWebSocket, found: tuple[User, Room]) -> Ended:
    connected = await websocket.accept()
    await connected.send_text(found[0].name)
    return await connected.close()


def guarded() -> WebSocketApp:
    """A guard finds the user, whose type the handler has proved."""

    @websocket_app(guard=authenticate)
    async def app(websocket: UnacceptedWebSocket, user: User) -> Ended:
        assert_type(user, User)
        connected = await websocket.accept()
        await connected.send_text(user.name)
        return await connected.close()

    assert_type(app, WebSocketApp)
    return app


def guarded_with_policies() -> WebSocketApp:
    """A guard beside other policies."""

    @websocket_app(guard=authenticate, origins=AnyOrigin(), errors=ErrorPolicy())
    async def app(websocket: UnacceptedWebSocket, user: User) -> DeniedWebSocket:
        assert_type(user.name, str)
        return await websocket.close()

    return app


def guarded_twice() -> WebSocketApp:
    """Two guards, whose finds come as a tuple."""

    @websocket_app(guard=all_guards(authenticate, find_room))
    async def app(websocket: UnacceptedWebSocket, found: tuple[User, Room]) -> Ended:
        user, room = found
        assert_type(user, User)
        assert_type(room, Room)
        connected = await websocket.accept()
        await connected.send_text(f"{user.name} in {room.number}")
        return await connected.close()

    return app


def guarded_many_times() -> WebSocketApp:
    """Guards put together, and put together again."""
    both = all_guards(authenticate, find_room)
    assert_type(both, Guard[tuple[User, Room]])

    @websocket_app(guard=all_guards(both, find_room, never_refuses))
    async def app(websocket: UnacceptedWebSocket, found: tuple[tuple[User, Room], Room, User]) -> Ended:
        assert_type(found[0][1], Room)
        assert_type(found[2], User)
        return await websocket.close()

    return app


def asked_for_less() -> WebSocketApp:
    """A handler that takes whatever a guard finds."""

    @websocket_app(guard=authenticate)
    async def app(websocket: UnacceptedWebSocket, anything: object) -> Ended:
        print(anything)
        return await websocket.close()

    return app


def called() -> WebSocketApp:
    """A guard in a plain call."""
    app = websocket_app(for_user, guard=authenticate, origins=AnyOrigin())
    assert_type(app, WebSocketApp)
    return app


def built_on_another() -> WebSocketApp:
    """A guard that builds on another, and finds an administrator."""
    return websocket_app(for_admin, guard=administrator)


def found_more() -> WebSocketApp:
    """A guard that finds more than the handler asks for."""
    return websocket_app(for_user, guard=administrator)


def found_always() -> WebSocketApp:
    """A guard that never refuses."""
    return websocket_app(for_user, guard=never_refuses)


def found_never() -> WebSocketApp:
    """A guard that always refuses."""
    return websocket_app(for_user, guard=always_refuses)


def found_by_a_partial() -> WebSocketApp:
    """A guard that is bound to an argument by `functools.partial`."""
    return websocket_app(for_user, guard=functools.partial(by_name, "Ada"))


def found_by_a_method() -> WebSocketApp:
    """A guard that is a method of an object."""
    return websocket_app(for_user, guard=Accounts().find)


def found_by_an_object() -> WebSocketApp:
    """A guard that is an object with a call."""
    return websocket_app(for_admin, guard=Accounts())


def found_by_what_is_decorated() -> WebSocketApp:
    """A guard behind a decorator that keeps its signature."""
    return websocket_app(for_user, guard=logged(authenticate))


def found_for_what_is_decorated() -> WebSocketApp:
    """A handler behind a decorator that keeps its signature, and a guard."""
    return websocket_app(logged(for_user), guard=authenticate)


def found_for_both() -> WebSocketApp:
    """Two guards in a plain call."""
    return websocket_app(for_both, guard=all_guards(authenticate, find_room))


def kept_in_a_list() -> WebSocketApp:
    """Guards of several kinds in one list."""
    kept: list[Guard[User]] = [authenticate, never_refuses, administrator, Accounts()]
    return websocket_app(for_user, guard=kept[0])
