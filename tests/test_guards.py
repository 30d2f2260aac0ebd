"""Tests of guards: who comes to a handler, and what the handler gets of them."""

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar, Unpack

import anyio
import pytest
from attrs import frozen
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from tests.scripted import ScriptedServer, disconnect, scope, server
from typedws import (
    AnyOrigin,
    ClosedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    ErrorOutcome,
    ErrorPolicy,
    Guard,
    LocalProtocolError,
    SameOrigin,
    UnacceptedWebSocket,
    WebSocketApp,
    all_guards,
    websocket_app,
)
from typedws.ended import denied_websocket
from typedws.testing import (
    Closed,
    ConnectOptions,
    Denied,
    HandshakeDenied,
    connect,
    handshake,
    unaccepted_websocket,
)

Parameters = ParamSpec("Parameters")
ResultT = TypeVar("ResultT")

GUARD_RETURNS: Final = (
    "let it return a value for the handler, or the DeniedWebSocket that close() or "
    "send_denial_response() of its UnacceptedWebSocket gave it"
)


@frozen(order=False)
class User:
    """What a guard finds."""

    name: str


@frozen(order=False)
class Room:
    """What another guard finds."""

    path: str


class NotAllowed(Exception):
    """What a guard may raise."""


async def authenticate(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
    """Let in whoever has a name."""
    name = websocket.query_params.get("name")
    if name is None:
        return await websocket.send_denial_response(DenialResponse(401))
    return User(name)


async def find_room(websocket: UnacceptedWebSocket) -> Room | DeniedWebSocket:
    """Let in whoever names a room."""
    if websocket["path"] == "/":
        return await websocket.close()
    return Room(websocket["path"])


async def greet(websocket: UnacceptedWebSocket, user: User) -> Ended:
    """Send the name of the user."""
    connection = await websocket.accept()
    await connection.send_text(user.name)
    return await connection.close()


async def show(websocket: UnacceptedWebSocket, found: object) -> Ended:
    """Send whatever the guard has found."""
    connection = await websocket.accept()
    await connection.send_text(repr(found))
    return await connection.close()


async def never_called(_websocket: UnacceptedWebSocket, _found: object) -> Ended:
    """Fail the test."""
    pytest.fail("the handler was called")


async def said(app: WebSocketApp, target: str = "/chat") -> object:
    """Return what an application says to a client, and that it closes then."""
    async with connect(app, target) as peer:
        text = await peer.receive_text()

        assert Closed(1000) == await peer.receive()
    return text


async def status_of(
    app: WebSocketApp, target: str = "/chat", **options: Unpack[ConnectOptions]
) -> int:
    """Return the HTTP status with which an application refuses."""
    answer = await handshake(app, target, **options)
    assert isinstance(answer, Denied)
    return answer.status


async def end_of(
    app: WebSocketApp, **options: Unpack[ConnectOptions]
) -> Closed | Denied:
    """Return how a connection ends on which nothing is said."""
    try:
        async with connect(app, **options) as peer:
            end = await peer.receive()
    except HandshakeDenied as denied:
        return denied.denied
    assert isinstance(end, Closed)
    return end


# --- What a guard decides ------------------------------------------------------------


@pytest.mark.anyio
async def test_what_a_guard_gives_is_the_handlers_second_argument() -> None:
    """The decorator with a guard."""

    @websocket_app(guard=authenticate)
    async def app(websocket: UnacceptedWebSocket, user: User) -> Ended:
        return await greet(websocket, user)

    assert "Ada" == await said(app, "/chat?name=Ada")


@pytest.mark.anyio
async def test_a_guard_that_refuses_ends_the_connection() -> None:
    """The handler does not run."""
    app = websocket_app(never_called, guard=authenticate)

    assert 401 == await status_of(app)


@pytest.mark.anyio
async def test_a_guard_stands_beside_the_other_policies() -> None:
    """In the decorator and in the plain call."""
    errors = ErrorPolicy()
    app = websocket_app(guard=authenticate, origins=AnyOrigin(), errors=errors)(greet)
    other = websocket_app(greet, guard=authenticate, origins=AnyOrigin(), errors=errors)

    assert "Ada" == await said(app, "/chat?name=Ada")
    assert "Ada" == await said(other, "/chat?name=Ada")
    assert (AnyOrigin(), errors) == (app.origins, app.errors)
    assert (AnyOrigin(), errors) == (other.origins, other.errors)


@pytest.mark.anyio
async def test_an_application_knows_its_guard_and_its_name() -> None:
    """Routers ask for the name; without a guard there is none."""

    async def plain(websocket: UnacceptedWebSocket) -> Ended:
        return await websocket.close()

    app = websocket_app(greet, guard=authenticate)

    assert authenticate is app.guard
    assert "greet" == app.__name__
    assert websocket_app(plain).guard is None


@pytest.mark.anyio
async def test_a_strange_page_does_not_come_to_the_guard() -> None:
    """The origin is looked at first."""

    async def guard(_websocket: UnacceptedWebSocket) -> User:
        pytest.fail("the guard was called")

    app = websocket_app(never_called, guard=guard, origins=SameOrigin())

    assert 403 == await status_of(app, origin="https://evil.example")


@pytest.mark.anyio
@pytest.mark.parametrize("value", [0, "", False, [], ()], ids=repr)
async def test_a_value_that_is_false_is_a_value(value: object) -> None:
    """A guard may count, or find an empty list."""

    async def guard(_websocket: UnacceptedWebSocket) -> object:
        return value

    assert repr(value) == await said(websocket_app(show, guard=guard))


# --- What a guard can be -------------------------------------------------------------


def logged(
    function: Callable[Parameters, Awaitable[ResultT]],
) -> Callable[Parameters, Awaitable[ResultT]]:
    """Decorate as people do."""

    @functools.wraps(function)
    async def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> ResultT:
        return await function(*args, **kwargs)

    return wrapper


class Named:
    """A guard that is an object."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self, _websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
        """Let everybody in."""
        return User(self.name)

    async def guard(self, _websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
        """Let everybody in."""
        return User(self.name)


async def named(name: str, _websocket: UnacceptedWebSocket) -> User:
    """Let everybody in, by a name that is bound beforehand."""
    return User(name)


def typed(guard: Guard[User]) -> Guard[User]:
    """Give its type to a lambda."""
    return guard


@pytest.mark.anyio
@pytest.mark.parametrize(
    "guard",
    [
        pytest.param(Named("Ada"), id="object"),
        pytest.param(Named("Ada").guard, id="method"),
        pytest.param(functools.partial(named, "Ada"), id="partial"),
        pytest.param(logged(Named("Ada").guard), id="decorated"),
        pytest.param(typed(lambda ws: named("Ada", ws)), id="lambda"),
    ],
)
async def test_whatever_is_called_and_awaited_can_be_a_guard(
    guard: Guard[User],
) -> None:
    """A function, a method, an object, a partial."""
    assert "Ada" == await said(websocket_app(greet, guard=guard))


@pytest.mark.anyio
async def test_a_guard_can_call_another() -> None:
    """What one has found another may look at."""

    async def administrator(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
        user = await authenticate(websocket)
        if isinstance(user, DeniedWebSocket) or user.name == "root":
            return user
        return await websocket.close()

    app = websocket_app(greet, guard=administrator)

    assert "root" == await said(app, "/chat?name=root")
    assert 403 == await status_of(app, "/chat?name=Ada")
    assert 401 == await status_of(app)


# --- Several guards ------------------------------------------------------------------


@pytest.mark.anyio
async def test_several_guards_give_a_tuple() -> None:
    """In their order."""

    @websocket_app(guard=all_guards(authenticate, find_room))
    async def app(websocket: UnacceptedWebSocket, found: tuple[User, Room]) -> Ended:
        user, room = found
        return await show(websocket, (room, user))

    assert "(Room(path='/chat'), User(name='Ada'))" == await said(app, "/chat?name=Ada")


@pytest.mark.anyio
async def test_the_first_of_several_guards_that_refuses_is_the_last_to_run() -> None:
    """Nobody is asked after the connection has ended."""

    async def guard(_websocket: UnacceptedWebSocket) -> User:
        pytest.fail("the guard was called")

    first = websocket_app(never_called, guard=all_guards(authenticate, guard))
    second = websocket_app(never_called, guard=all_guards(named_ada, find_room, guard))

    assert 401 == await status_of(first)
    assert 403 == await status_of(second, "/")


async def named_ada(websocket: UnacceptedWebSocket) -> User:
    """Let everybody in."""
    return await named("Ada", websocket)


@pytest.mark.anyio
async def test_several_guards_are_one_of_several() -> None:
    """They nest."""
    inner = all_guards(named_ada, find_room)
    four = all_guards(inner, named_ada, find_room, named_ada)
    expected = (
        "((User(name='Ada'), Room(path='/chat')), User(name='Ada'), "
        "Room(path='/chat'), User(name='Ada'))"
    )

    assert expected == await said(websocket_app(show, guard=four))


@pytest.mark.parametrize("guards", [(), (authenticate,)], ids=["none", "one"])
def test_all_guards_needs_several(guards: tuple[Guard[User], ...]) -> None:
    """Of none of them everybody would be let in."""
    with pytest.raises(TypeError) as caught:
        all_guards(*guards)

    assert (
        "all_guards() makes one guard of two or more; a single one is a guard"
    ) == str(caught.value)


def test_all_guards_refuses_what_is_none() -> None:
    """When the application starts."""

    def plain(_websocket: UnacceptedWebSocket) -> User:
        return User("Ada")

    with pytest.raises(TypeError, match=r"^plain can't be a guard: it is not async; "):
        all_guards(authenticate, plain)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


# --- Guards that go wrong ------------------------------------------------------------


@pytest.mark.anyio
async def test_a_guard_that_raises_denies() -> None:
    """As a handler that raises: the exception goes on."""

    async def guard(_websocket: UnacceptedWebSocket) -> User:
        raise NotAllowed

    app = websocket_app(never_called, guard=guard)
    with pytest.raises(NotAllowed):
        await handshake(app)

    assert 500 == await status_of(app, raise_app_errors=False)


@pytest.mark.anyio
async def test_a_guard_may_raise_what_is_foreseen() -> None:
    """Then the policy says what the client gets, and nothing goes on."""

    async def guard(_websocket: UnacceptedWebSocket) -> User:
        raise NotAllowed

    outcome = ErrorOutcome(denial=DenialResponse(401))
    errors = ErrorPolicy(expected={NotAllowed: outcome})

    assert 401 == await status_of(
        websocket_app(never_called, guard=guard, errors=errors)
    )


async def give_nothing(websocket: UnacceptedWebSocket) -> object:
    """Find nobody, and return what was found."""
    return websocket.cookies.get("session")


async def give_a_strangers_end(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """Return the end of another connection."""
    other, _ = unaccepted_websocket()
    assert websocket is not other
    return denied_websocket(other.scope, 403, response_sent=True)


async def give_a_response(websocket: UnacceptedWebSocket) -> object:
    """Make the response that refuses, and do not send it."""
    return DenialResponse(401) if websocket.cookies.get("session") is None else "Ada"


async def give_a_frameworks_response(_websocket: UnacceptedWebSocket) -> object:
    """Make a response of a framework, and do not send it."""
    return JSONResponse({}, status_code=401)


async def give_an_exception(_websocket: UnacceptedWebSocket) -> object:
    """Make the exception that refuses, and do not raise it."""
    return HTTPException(status_code=401)


async def forget_to_await(websocket: UnacceptedWebSocket) -> object:
    """Call another guard, and do not wait for it."""
    forgotten = give_nothing(websocket)
    forgotten.close()  # Python has a warning of its own for those that are not
    return forgotten


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("guard", "sentence"),
    [
        pytest.param(give_nothing, "the guard give_nothing gave None", id="None"),
        pytest.param(
            give_a_strangers_end,
            "the guard give_a_strangers_end gave the end of another connection",
            id="another connection",
        ),
        pytest.param(
            give_a_response,
            "the guard give_a_response gave a DenialResponse, which refuses only where "
            "it is sent",
            id="response",
        ),
        pytest.param(
            give_a_frameworks_response,
            "the guard give_a_frameworks_response gave a response (JSONResponse), "
            "which refuses only where it is sent",
            id="a framework's response",
        ),
        pytest.param(
            give_an_exception,
            "the guard give_an_exception gave an exception that it did not raise "
            "(HTTPException)",
            id="exception",
        ),
        pytest.param(
            forget_to_await,
            "the guard forget_to_await gave a coroutine, which nobody has awaited",
            id="coroutine",
        ),
    ],
)
async def test_a_guard_that_gives_what_none_may_give_denies(
    guard: Guard[object], sentence: str
) -> None:
    """The handler does not run, and the error says what to return."""
    app = websocket_app(never_called, guard=guard)
    with pytest.raises(TypeError) as caught:
        await handshake(app)

    assert f"{sentence}; {GUARD_RETURNS}" == str(caught.value)
    assert 500 == await status_of(app, raise_app_errors=False)


async def accept_and_go_on(websocket: UnacceptedWebSocket) -> User:
    """Do what is the handler's."""
    await websocket.accept()
    return User("Ada")


async def refuse_and_go_on(websocket: UnacceptedWebSocket) -> User:
    """Refuse, and forget to say so."""
    await websocket.close()
    return User("Ada")


async def accept_and_close(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """End the connection in another way than a guard may."""
    return await (await websocket.accept()).close()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("guard", "end"),
    [
        pytest.param(accept_and_go_on, Closed(1011), id="accept"),
        pytest.param(refuse_and_go_on, Denied(403), id="refuse"),
        pytest.param(accept_and_close, Closed(1000), id="close"),
    ],
)
async def test_a_guard_leaves_the_answer_to_the_handler(
    guard: Guard[object], end: Closed | Denied
) -> None:
    """Or says that it has refused; else the connection is ended."""
    app = websocket_app(never_called, guard=guard)
    with pytest.raises(LocalProtocolError) as caught:
        await end_of(app)

    name: str = getattr(guard, "__name__", "")
    assert (
        f"the guard {name} answered the handshake, and then let the handler run; let "
        "it leave the answer to the handler, or return its DeniedWebSocket"
    ) == str(caught.value)
    assert end == await end_of(app, raise_app_errors=False)


@pytest.mark.anyio
async def test_a_client_that_goes_while_the_guard_refuses_is_a_quiet_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As it is in a handler."""
    caplog.set_level(logging.INFO, "typedws")
    scripted = ScriptedServer()
    scripted.give(disconnect(1001))
    app = websocket_app(never_called, guard=find_room)
    await app(scope(path="/"), scripted.receive, scripted.send)

    assert [] == caplog.messages
    assert [] == scripted.sent


@pytest.mark.anyio
async def test_a_cancelled_guard_answers_503() -> None:
    """As a cancelled handler does."""

    async def guard(_websocket: UnacceptedWebSocket) -> User:
        await anyio.sleep_forever()
        raise AssertionError

    scripted = server()
    with anyio.move_on_after(0.02) as cancelled:
        app = websocket_app(never_called, guard=guard)
        await app(scope(), scripted.receive, scripted.send)

    assert cancelled.cancelled_caught
    assert 503 == scripted.sent[0]["status"]
