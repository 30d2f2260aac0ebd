"""
The programs of docs/examples do what they are there to show, on a real server.

Those that `make test` runs are the three that most people begin with; the others are
slow, since each has a server of its own to start.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, final

import pytest
from attrs import field, frozen

from tests.examples.serving import (
    EVIL,
    FRIENDLY,
    NAMES,
    SECONDS,
    Served,
    Start,
    end_of,
    hear,
    say,
)

pytestmark = pytest.mark.live

FAST: Final = ("chat_alone", "chat_in_fastapi", "chat_in_starlette")


@final
@frozen(order=False)
class Refusal:
    """
    What a client is refused, and how.

    Attributes:
        path: What it asks for.
        status: What it gets.
        body: What the body begins with.
    """

    path: str
    status: int
    body: bytes = field(default=b"", kw_only=True)


@final
@frozen(order=False)
class Talk:
    """
    What is said to a program, and heard of it.

    Attributes:
        paths: By which room 7 is reached.
        hears: What it is greeted with there.
        refusals: What it is refused.
        has_rooms: Whether it has a plain route that tells what is open.
    """

    paths: Sequence[str]
    hears: Sequence[str] = field(default=(), kw_only=True)
    refusals: Sequence[Refusal] = field(default=(), kw_only=True)
    has_rooms: bool = field(default=True, kw_only=True)


NO_SUCH_ROOM: Final = b'{"error":"no such room"}'
NOT_AN_INT: Final = (
    b'{"title":"Bad Request","status":400,'
    b'"detail":"The path of the handshake did not fit.","errors":['
    b'{"place":"path.room","expected":"int","got":"\'lobby\'"}]}'
)

TALKS: Final[Mapping[str, Talk]] = {
    "chat_alone": Talk(
        ["/?room=7"],
        refusals=[
            Refusal("/?room=100", 404, body=NO_SUCH_ROOM),
            Refusal("/?room=lobby", 400, body=NOT_AN_INT.replace(b"path", b"query")),
        ],
        has_rooms=False,
    ),
    "chat_in_starlette": Talk(
        ["/rooms/7", "/mounted/7/", "/nested/7"],
        hears=["Hello from Starlette"],
        refusals=[
            Refusal("/rooms/100", 404, body=NO_SUCH_ROOM),
            Refusal("/rooms/lobby", 403),
            Refusal("/nested/lobby", 400, body=NOT_AN_INT),
        ],
    ),
    "chat_in_fastapi": Talk(
        ["/rooms/7?token=s3cret", "/mounted/7/?token=s3cret"],
        hears=["Hello from FastAPI, Ada"],
        refusals=[
            Refusal("/rooms/7", 401, body=b'{"error":"log in first"}'),
            Refusal("/rooms/lobby?token=s3cret", 400, body=NOT_AN_INT),
            Refusal("/shout/3", 403),
            Refusal("/shout/many?token=s3cret", 403),
        ],
    ),
    "chat_in_litestar": Talk(
        ["/rooms/7"],
        hears=["Hello from Litestar"],
        refusals=[
            Refusal("/rooms/100", 404, body=NO_SUCH_ROOM),
            Refusal("/rooms/lobby", 403),
        ],
    ),
    "chat_in_falcon": Talk(
        ["/rooms/7"],
        hears=["Hello from Falcon"],
        refusals=[
            Refusal("/rooms/100", 404, body=NO_SUCH_ROOM),
            Refusal("/rooms/lobby", 403),
        ],
    ),
    "chat_in_quart": Talk(
        ["/rooms/7"],
        hears=["Hello from Quart"],
        refusals=[
            Refusal("/rooms/100", 404, body=NO_SUCH_ROOM),
            Refusal("/rooms/lobby", 404),
        ],
    ),
    "chat_in_blacksheep": Talk(
        ["/rooms/7"],
        hears=["Hello from BlackSheep"],
        refusals=[
            Refusal("/rooms/100", 404, body=NO_SUCH_ROOM),
            Refusal("/rooms/lobby", 400, body=NOT_AN_INT),
        ],
    ),
    "chat_in_channels": Talk(
        ["/rooms/7"],
        hears=["Hello from Channels"],
        refusals=[Refusal("/rooms/100", 404, body=NO_SUCH_ROOM)],
    ),
    "chat_in_django": Talk(
        ["/rooms/7"],
        refusals=[
            Refusal("/rooms/100", 404, body=NO_SUCH_ROOM),
            Refusal("/rooms/lobby", 400, body=NOT_AN_INT),
            Refusal("/nowhere", 404, body=b"There is no WebSocket here."),
        ],
    ),
}

each_program = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in FAST else pytest.mark.slow)
        for name in TALKS
    ],
)


@pytest.fixture
def served(name: str, start: Start) -> Served:
    """Serve the program that a test is about."""
    return start(name)


def test_every_program_is_talked_to() -> None:
    """One that nobody talks to would show what nobody has tried."""
    assert NAMES == sorted(TALKS)


@each_program
def test_messages_go_both_ways_at_every_path(name: str, served: Served) -> None:
    """The path parameter arrives from each router, and so does what middleware left."""
    talk = TALKS[name]
    for path in talk.paths:
        with served.connect(path) as client:
            for greeting in talk.hears:
                assert {"room": 7, "text": greeting} == hear(client)
            assert {"room": 7, "text": "hi"} == say(client, "hi")
            assert {"room": 7, "text": "\N{SNOWMAN}"} == say(client, "\N{SNOWMAN}")


@each_program
def test_a_client_that_may_not_come_is_refused(name: str, served: Served) -> None:
    """By the router, by the handler or by the guard, each in its way."""
    for refusal in TALKS[name].refusals:
        response = served.refusal(refusal.path)

        assert (refusal.path, refusal.status) == (refusal.path, response.status_code)
        assert (response.body or b"").startswith(refusal.body)


@each_program
def test_a_page_of_another_origin_is_kept_out(name: str, served: Served) -> None:
    """And that of the origin that is allowed may come."""
    path = TALKS[name].paths[0]
    response = served.refusal(path, origin=EVIL)
    with served.connect(path, origin=FRIENDLY):
        pass

    assert 403 == response.status_code
    assert b"This page may not connect here.\n" == response.body


@each_program
def test_a_program_closes(name: str, served: Served) -> None:
    """The client gets the code and the reason."""
    talk = TALKS[name]
    with served.connect(talk.paths[0]) as client:
        for _ in talk.hears:
            hear(client)
        client.send(json.dumps({"text": "bye"}))
        assert (4000, "see you") == end_of(client)


@each_program
def test_a_message_that_does_not_fit_closes(name: str, served: Served) -> None:
    """The application says so, and no framework gets in the way."""
    talk = TALKS[name]
    with served.connect(talk.paths[0]) as client:
        for _ in talk.hears:
            hear(client)
        client.send(json.dumps({"text": 7}))
        assert (1008, "the message is of no type that is spoken here") == end_of(client)


@each_program
def test_a_client_closes(name: str, served: Served) -> None:
    """The handler ends; a plain route beside it tells that nothing is open."""
    talk = TALKS[name]
    with served.connect(talk.paths[0]) as client:
        for _ in talk.hears:
            hear(client)
        assert not talk.has_rooms or served.open() == 1
        client.close(4001, "I am off")

    assert not talk.has_rooms or served.has_closed_all()


@pytest.mark.parametrize(
    ("name", "path", "greeting", "expected"),
    [
        pytest.param("chat_in_starlette", "/shout", [], "HI", id="starlette"),
        pytest.param(
            "chat_in_fastapi", "/shout/3?token=s3cret", ["Ada"], "HIHIHI", id="fastapi"
        ),
        pytest.param(
            "chat_in_litestar",
            "/shout/2",
            [],
            "HIHI",
            id="litestar",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "chat_in_quart", "/shout", [], "HI", id="quart", marks=pytest.mark.slow
        ),
    ],
)
def test_an_endpoint_of_the_framework_works(
    name: str, served: Served, path: str, greeting: Sequence[str], expected: str
) -> None:
    """With a session of typedws that is made in it, or, in Quart, with none."""
    with served.connect(path) as client:
        assert [*greeting] == [client.recv(timeout=SECONDS) for _ in greeting]
        client.send("hi")
        assert expected == client.recv(timeout=SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chat_in_litestar"])
def test_a_handler_is_decorated_twice(name: str, served: Served) -> None:
    """The decorator of Litestar takes what that of typedws has made."""
    with served.connect("/decorated/5") as client:
        assert {"room": 5} == hear(client)


@each_program
def test_nothing_went_wrong_on_the_way(name: str, served: Served) -> None:
    """The server has logged no traceback, after a connection like the rest."""
    with served.connect(TALKS[name].paths[0]):
        pass

    assert not TALKS[name].has_rooms or served.has_closed_all()
    assert "Traceback" not in served.log
    assert "ERROR" not in served.log
