"""Handshakes that are read as classes"""

import dataclasses
from typing import Final, Literal, TypedDict
from uuid import UUID

from attrs import frozen
from msgspec import Struct

from typedws import (
    DenialResponse,
    DeniedWebSocket,
    ErrorPolicy,
    InvalidParameters,
    ParameterProblem,
    UnacceptedWebSocket,
    WebSocketApp,
    websocket_app,
)

HANDSHAKE: Final = {
    "query_string": b"page=1&tags=a&tags=b",
    "headers": [
        (b"host", b"example.com"),
        (b"x-request-id", b"7"),
        (b"cookie", b"token=secret"),
    ],
}


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


@frozen(order=False)
class State:
    pool: object


async def enter(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    print(websocket.query_params_as(Room))
    return await websocket.close()


def prints_it(error: InvalidParameters) -> None:
    print(error)


def in_words(error: InvalidParameters) -> DenialResponse:
    return DenialResponse.text(str(error))


async def expects_another_class(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A query is read as one class, and used as another."""
    room: Room = websocket.query_params_as(Search)  # E
    print(room.id)
    return await websocket.close()


async def reads_an_unknown_field(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A field is read that the class of the query does not have."""
    print(websocket.query_params_as(Search).size)  # E
    return await websocket.close()


async def takes_a_number_for_a_text(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A number of the query is used as a text."""
    print("page " + websocket.query_params_as(Search).page)  # E
    return await websocket.close()


async def takes_a_list_for_a_text(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A list of the query is used as a text."""
    print(websocket.query_params_as(Search).tags.split(","))  # E
    return await websocket.close()


async def gives_an_object(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A query is read as an object in place of its class."""
    print(websocket.query_params_as(Search(1, [])))  # E
    return await websocket.close()


async def gives_a_keyword(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """The class of a query is given by keyword."""
    print(websocket.query_params_as(form=Search))  # E
    return await websocket.close()


async def forbids_further_headers(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """Unknown headers are forbidden, though every browser sends some."""
    print(websocket.headers_as(Sent, forbid_unknown_fields=True))  # E
    return await websocket.close()


async def reads_a_header_by_its_own_name(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A field of the headers is read by key."""
    print(websocket.headers_as(Sent)["x-request-id"])  # E
    return await websocket.close()


async def reads_an_unknown_key(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A cookie is read that the class of the cookies does not have."""
    print(websocket.cookies_as(Session)["user"])  # E
    return await websocket.close()


async def reads_a_path_without_a_class(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A path is read as a class that is not named."""
    print(websocket.path_params_as())  # E
    return await websocket.close()


async def reads_deep_into_the_state(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """An attribute is read that a value of the typed state does not have."""
    print(websocket.state_as(State).pool.connection)  # E
    return await websocket.close()


async def changes_the_query(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """A frozen class that a query was read as is changed."""
    search = websocket.query_params_as(Search)
    search.page = 2  # E
    return await websocket.close()


async def compares_with_no_part(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """What was invalid is taken for one of two parts, and there are four."""
    try:
        print(websocket.query_params_as(Room))
    except InvalidParameters as error:
        part: Literal["path", "headers"] = error.part  # E
        print(part)
    return await websocket.close()


def changes_a_problem() -> None:
    """A problem with a parameter is changed."""
    problem = ParameterProblem("query.page", expected="`int`", got="`str`")
    problem.got = "nothing"  # E


def foresees_and_gives_nothing() -> WebSocketApp:
    """An error is foreseen by a function that returns nothing."""
    policy = ErrorPolicy(expected={InvalidParameters: prints_it})  # E
    return websocket_app(enter, errors=policy)


def foresees_and_gives_a_denial() -> WebSocketApp:
    """An error is foreseen by a function that returns a bare denial."""
    policy = ErrorPolicy(expected={InvalidParameters: in_words})  # E
    return websocket_app(enter, errors=policy)


def foresees_with_a_text() -> WebSocketApp:
    """An error is foreseen by a text."""
    policy = ErrorPolicy(expected={InvalidParameters: "invalid"})  # E
    return websocket_app(enter, errors=policy)
