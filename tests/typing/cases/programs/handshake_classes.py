"""Handshakes that are read as classes"""

import dataclasses
from typing import Final, Generic, Literal, NamedTuple, TypedDict, TypeVar, assert_type
from uuid import UUID

from attrs import frozen
from msgspec import Struct

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    ErrorOutcome,
    ErrorPolicy,
    InvalidParameters,
    ParameterProblem,
    UnacceptedWebSocket,
    WebSocketApp,
    websocket_app,
)

HANDSHAKE: Final = {
    "path_params": {"id": "12345678-1234-5678-1234-567812345678"},
    "query_string": b"page=1&size=2&tags=a&tags=b",
    "headers": [
        (b"host", b"example.com"),
        (b"x-request-id", b"7"),
        (b"cookie", b"token=secret"),
    ],
}

ItemT = TypeVar("ItemT")


@frozen(order=False)
class Search:
    page: int
    tags: list[str]


@dataclasses.dataclass
class Room:
    id: UUID


class Sent(Struct):
    x_request_id: str


class Session(TypedDict):
    token: str


class Range(NamedTuple):
    page: int
    size: int


class Paged(Struct, Generic[ItemT]):
    page: ItemT


@frozen(order=False)
class State:
    pool: object


def in_words(error: InvalidParameters) -> ErrorOutcome:
    return ErrorOutcome(4400, denial=DenialResponse.text(str(error)))


async def by_the_path(websocket: UnacceptedWebSocket) -> Ended:
    """Path parameters, as a dataclass."""
    room = websocket.path_params_as(Room)
    assert_type(room, Room)
    assert_type(room.id, UUID)
    return await websocket.close()


async def by_the_query(websocket: UnacceptedWebSocket) -> Ended:
    """Query parameters, as an attrs class."""
    search = websocket.query_params_as(Search)
    assert_type(search.page, int)
    assert_type(search.tags, list[str])
    return await websocket.close()


async def by_a_query_without_more(websocket: UnacceptedWebSocket) -> Ended:
    """Query parameters, of which unknown ones are refused."""
    try:
        print(websocket.query_params_as(Search, forbid_unknown_fields=True))
    except InvalidParameters as error:
        print(error)
    return await websocket.close()


async def by_the_headers(websocket: UnacceptedWebSocket) -> Ended:
    """Headers, as a Struct."""
    assert_type(websocket.headers_as(Sent).x_request_id, str)
    return await websocket.close()


async def by_the_cookies(websocket: UnacceptedWebSocket) -> Ended:
    """Cookies, as a TypedDict."""
    assert_type(websocket.cookies_as(Session)["token"], str)
    return await websocket.close()


async def by_a_tuple(websocket: UnacceptedWebSocket) -> Ended:
    """Query parameters, as a NamedTuple that is unpacked."""
    page, size = websocket.query_params_as(Range)
    assert_type(page, int)
    assert_type(size, int)
    return await websocket.close()


async def by_a_generic_class(websocket: UnacceptedWebSocket) -> Ended:
    """Query parameters, as a generic class."""
    paged = websocket.query_params_as(Paged[int])
    assert_type(paged, Paged[int])
    assert_type(paged.page, int)
    return await websocket.close()


async def by_the_state(websocket: UnacceptedWebSocket) -> Ended:
    """What the lifespan has left, as a class."""
    assert_type(websocket.state_as(State).pool, object)
    return await websocket.close()


async def in_each_state(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """The same class, read before the accept, after it and after the close."""
    before = websocket.query_params_as(Search)
    connected: ConnectedWebSocket = await websocket.accept()
    after = connected.query_params_as(Search)
    closed = await connected.close(reason=str(after.page + before.page))
    assert_type(closed.query_params_as(Search), Search)
    return closed


async def caught(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """Invalid parameters, caught and put into words."""
    try:
        print(websocket.headers_as(Search))
    except InvalidParameters as error:
        assert_type(error.part, Literal["path", "query", "headers", "cookies"])
        assert_type(error.problems, tuple[ParameterProblem, ...])
        denial = DenialResponse.text(" ".join(it.place for it in error.problems))
        return await websocket.send_denial_response(denial)
    return await websocket.close()


def foreseen() -> WebSocketApp:
    """Invalid parameters, foreseen by a function, beside an error that is not."""
    errors = ErrorPolicy(expected={InvalidParameters: in_words, LookupError: ErrorOutcome(4004)})

    @websocket_app(errors=errors)
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        print(websocket.query_params_as(Room))
        return await websocket.close()

    return app
