"""Guards"""

from typing import Final

from attrs import frozen

from typedws import (
    AnyOrigin,
    DeniedWebSocket,
    Ended,
    Guard,
    UnacceptedWebSocket,
    WebSocketApp,
    all_guards,
    websocket_app,
)

HANDSHAKE: Final = {"query_string": b"name=Ada"}


@frozen(order=False)
class User:
    name: str


@frozen(order=False)
class Admin:
    rights: str


@frozen(order=False)
class Room:
    number: int


async def authenticate(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
    if "name" in websocket.query_params:
        return User(websocket.query_params["name"])
    return await websocket.close()


async def refuse_strangers(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
    if "token" in websocket.query_params:
        return User(websocket.query_params["token"])
    return await websocket.close()


async def find_room(websocket: UnacceptedWebSocket) -> Room | DeniedWebSocket:
    if websocket["path"] == "/":
        return await websocket.close()
    return Room(7)


async def gives_nothing(websocket: UnacceptedWebSocket) -> None:
    print(websocket.query_params.get("name"))


async def gives_perhaps(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket | None:
    return None if "name" in websocket.query_params else await websocket.close()


def is_not_asynchronous(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
    return User(websocket.query_params["name"])


async def for_nobody(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.close()


async def for_user(websocket: UnacceptedWebSocket, user: User) -> Ended:
    connected = await websocket.accept()
    await connected.send_text(user.name)
    return await connected.close()


async def for_admin(websocket: UnacceptedWebSocket, admin: Admin) -> Ended:
    connected = await websocket.accept()
    await connected.send_text(admin.rights)
    return await connected.close()


async def for_both(websocket: UnacceptedWebSocket, found: tuple[User, Room]) -> Ended:
    connected = await websocket.accept()
    await connected.send_text(found[0].name)
    return await connected.close()


async def for_two(websocket: UnacceptedWebSocket, user: User, room: Room) -> Ended:
    connected = await websocket.accept()
    await connected.send_text(f"{user.name} in {room.number}")
    return await connected.close()


def finds_another_type() -> WebSocketApp:
    """The guard finds a user, and the handler wants a room."""

    @websocket_app(guard=authenticate)  # E
    async def handler(websocket: UnacceptedWebSocket, room: Room) -> Ended:
        connected = await websocket.accept()
        await connected.send_text(str(room.number))
        return await connected.close()

    return handler


def finds_too_little() -> WebSocketApp:
    """The guard finds any user, and the handler wants an administrator."""
    return websocket_app(guard=authenticate)(for_admin)  # E


def is_not_expected() -> WebSocketApp:
    """The handler behind a guard does not take what it finds."""

    @websocket_app(guard=authenticate)  # E
    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        return await websocket.close()

    return handler


def is_missing() -> WebSocketApp:
    """The handler wants a user, and there is no guard."""

    @websocket_app  # E
    async def handler(websocket: UnacceptedWebSocket, user: User) -> Ended:
        print(user.name)
        return await websocket.close()

    return handler


def is_missing_among_policies() -> WebSocketApp:
    """The handler wants a user, and there are policies, but no guard."""
    return websocket_app(origins=AnyOrigin())(for_user)  # E


def gives_the_handler_nothing() -> WebSocketApp:
    """The guard returns nothing, and the handler would run without its user."""
    return websocket_app(guard=gives_nothing)(for_user)  # E


def gives_the_handler_none_at_times() -> WebSocketApp:
    """The guard may return None, and the handler might run without its user."""
    return websocket_app(guard=gives_perhaps)(for_user)  # E


def can_not_be_awaited() -> WebSocketApp:
    """A guard is not asynchronous."""
    return websocket_app(for_user, guard=is_not_asynchronous)  # E


def was_called(websocket: UnacceptedWebSocket) -> WebSocketApp:
    """The guard was called in place of being given."""
    return websocket_app(for_user, guard=authenticate(websocket))  # E


def gives_the_type_for_the_guard() -> WebSocketApp:
    """The class of the user stands in place of the guard that finds it."""
    return websocket_app(for_user, guard=User)  # E


def finds_another_type_in_a_call() -> WebSocketApp:
    """In a plain call, the guard finds a room, and the handler wants a user."""
    return websocket_app(for_user, guard=find_room)  # E


def finds_too_little_in_a_call() -> WebSocketApp:
    """In a plain call, the guard finds any user, and the handler wants an administrator."""
    return websocket_app(for_admin, guard=authenticate)  # E


def is_not_expected_in_a_call() -> WebSocketApp:
    """In a plain call, the handler does not take what the guard finds."""
    return websocket_app(for_nobody, guard=authenticate)  # E


def is_missing_in_a_call() -> WebSocketApp:
    """In a plain call, the handler wants a user, and there is no guard."""
    return websocket_app(for_user)  # E


def gives_the_handler_nothing_in_a_call() -> WebSocketApp:
    """In a plain call, the guard returns nothing, and the handler wants a user."""
    return websocket_app(for_user, guard=gives_nothing)  # E


def finds_in_another_order() -> WebSocketApp:
    """Two guards find in one order what the handler wants in the other."""
    return websocket_app(guard=all_guards(find_room, authenticate))(for_both)  # E


def finds_a_tuple() -> WebSocketApp:
    """Two guards find a tuple, and the handler takes two arguments."""
    return websocket_app(guard=all_guards(authenticate, find_room))(for_two)  # E


def has_one_that_can_not_be_awaited() -> WebSocketApp:
    """One of two guards is not asynchronous."""
    return websocket_app(for_both, guard=all_guards(is_not_asynchronous, find_room))  # E


def is_all_of_one() -> Guard[User]:
    """A single guard is put together with no other."""
    return all_guards(authenticate)  # E


def are_in_a_list() -> WebSocketApp:
    """Guards are given as a list."""
    return websocket_app(for_both, guard=[authenticate, find_room])  # E


def forgets_a_path() -> WebSocketApp:
    """A path through a guard has no answer."""

    async def guard(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:  # E
        if "token" in websocket.query_params:
            return User(websocket.query_params["token"])

    return websocket_app(for_user, guard=guard)


def forgets_to_return() -> WebSocketApp:
    """A guard refuses, and does not return that it did."""

    async def guard(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:  # E
        if "token" in websocket.query_params:
            return User(websocket.query_params["token"])
        await websocket.close()

    return websocket_app(for_user, guard=guard)


def accepts() -> WebSocketApp:
    """A guard returns the open connection, which is no refusal."""

    async def guard(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
        return await websocket.accept()  # E

    return websocket_app(for_user, guard=guard)


def returns_false() -> WebSocketApp:
    """A guard returns False where it finds nobody."""

    async def guard(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
        if "token" not in websocket.query_params:
            return False  # E
        return User(websocket.query_params["token"])

    return websocket_app(for_user, guard=guard)


def relies_on_another() -> WebSocketApp:
    """A guard builds on another, and does not ask whether that has refused."""

    async def guard(websocket: UnacceptedWebSocket) -> Admin | DeniedWebSocket:
        user = await refuse_strangers(websocket)
        return Admin(user.name)  # E

    return websocket_app(for_admin, guard=guard)


def reads_what_was_not_found() -> WebSocketApp:
    """An attribute is read that the user whom a guard finds does not have."""

    @websocket_app(guard=authenticate)
    async def handler(websocket: UnacceptedWebSocket, user: User) -> Ended:
        print(user.password)  # E
        return await websocket.close()

    return handler
