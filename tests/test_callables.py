"""Tests of what can't be a handler or a guard: it is refused before a client comes."""

import functools
import types
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterator,
)
from typing import Final, NoReturn
from unittest.mock import AsyncMock, MagicMock

import anyio
import anyio.lowlevel
import pytest
from starlette.applications import Starlette

from typedws import (
    ClosedWebSocket,
    DeniedWebSocket,
    Ended,
    UnacceptedWebSocket,
    websocket_app,
)
from typedws.callables import check_application, problem_with, returns_nothing

WRITE_HANDLER: Final = "write `async def handler(ws: UnacceptedWebSocket) -> Ended`"
WRITE_BEHIND: Final = (
    "behind a guard, write "
    "`async def handler(ws: UnacceptedWebSocket, user: User) -> Ended`"
)
WRITE_GUARD: Final = (
    "write `async def guard(ws: UnacceptedWebSocket) -> User | DeniedWebSocket`"
)


async def handler(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse."""
    return await websocket.close()


async def guard(_websocket: UnacceptedWebSocket) -> str | DeniedWebSocket:
    """Let everybody in."""
    return "Ada"


def decorate(given: object) -> object:
    """Give anything to the decorator."""
    return websocket_app(given)  # type: ignore[call-overload]  # ty: ignore[invalid-argument-type]


def guarded(given: object, by: object) -> object:
    """Give anything to the decorator, with anything for a guard."""
    return websocket_app(given, guard=by)  # type: ignore[call-overload]  # ty: ignore[invalid-argument-type]


# --- What can't work -----------------------------------------------------------------


def plain(_websocket: object) -> Ended:
    """Forget the async."""
    raise AssertionError


def plain_nothing(_websocket: object) -> None:
    """Forget the async, and what to return."""
    raise AssertionError


def untyped(_websocket: object) -> Ended:
    """Forget the async, in a program without types."""
    raise AssertionError


untyped.__annotations__.clear()


def generator(_websocket: object) -> Iterator[int]:
    """Have a yield in it."""
    yield 1


async def asynchronous_generator(_websocket: object) -> AsyncIterator[int]:
    """Have a yield in it."""
    yield 1


async def takes_nothing() -> None:
    """Take no connection."""
    raise AssertionError


async def takes_two(_websocket: object, _user: object) -> None:
    """Take something else besides."""
    raise AssertionError


async def takes_a_keyword(_websocket: object, *, name: str) -> None:
    """Take something else by keyword."""
    raise AssertionError(name)


class Chat:
    """An application that is an object."""

    async def serve(self, websocket: UnacceptedWebSocket) -> Ended:
        """Refuse."""
        return await websocket.close()

    def plain(self, _websocket: object) -> ClosedWebSocket | DeniedWebSocket:
        """Forget the async."""
        raise AssertionError


class PlainObject:
    """A callable that is not async."""

    def __call__(self, _websocket: object) -> Ended:
        """Forget the async."""
        raise AssertionError


NOT_ASYNC: Final = "it is not async"
ONE: Final = "it does not take one argument"


@pytest.mark.parametrize(
    ("given", "name", "problem"),
    [
        pytest.param(plain, "plain", NOT_ASYNC, id="plain"),
        pytest.param(plain_nothing, "plain_nothing", NOT_ASYNC, id="nothing"),
        pytest.param(untyped, "untyped", NOT_ASYNC, id="untyped"),
        pytest.param(Chat().plain, "plain", NOT_ASYNC, id="plain method"),
        pytest.param(PlainObject(), "PlainObject", NOT_ASYNC, id="plain object"),
        pytest.param(
            functools.partial(plain), "partial", NOT_ASYNC, id="partial of plain"
        ),
        pytest.param(
            generator,
            "generator",
            "it is a generator function, with a yield in it",
            id="generator",
        ),
        pytest.param(
            asynchronous_generator,
            "asynchronous_generator",
            "it is an asynchronous generator function, with a yield in it",
            id="asynchronous generator",
        ),
        pytest.param(Chat, "Chat", "it is a class, not an instance", id="class"),
        pytest.param(5, "int", "it can't be called", id="number"),
        pytest.param(takes_nothing, "takes_nothing", ONE, id="no argument"),
        pytest.param(takes_two, "takes_two", ONE, id="two arguments"),
        pytest.param(takes_a_keyword, "takes_a_keyword", ONE, id="keyword"),
        pytest.param(Chat.serve, "serve", ONE, id="method of the class"),
        pytest.param(websocket_app(handler), "handler", ONE, id="application"),
        pytest.param(
            functools.partial(takes_two, 1, 2), "partial", ONE, id="filled partial"
        ),
    ],
)
def test_what_can_not_be_a_handler_is_refused(
    given: object, name: str, problem: str
) -> None:
    """The error says what it is, and what to write."""
    with pytest.raises(TypeError) as caught:
        decorate(given)

    assert f"{name} can't be a handler: {problem}; {WRITE_HANDLER}" == str(caught.value)


def test_a_handler_behind_a_guard_takes_two_arguments() -> None:
    """With one it could not know whom it speaks to."""
    with pytest.raises(TypeError) as caught:
        guarded(handler, guard)

    assert (
        f"handler can't be a handler: it does not take two arguments; {WRITE_BEHIND}"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(plain, "plain can't be a guard: it is not async", id="plain"),
        pytest.param(5, "int can't be a guard: it can't be called", id="number"),
    ],
)
def test_what_can_not_be_a_guard_is_refused(given: object, sentence: str) -> None:
    """Before the handler is looked at."""
    with pytest.raises(TypeError) as caught:
        guarded(takes_two, given)

    assert f"{sentence}; {WRITE_GUARD}" == str(caught.value)


async def returns_none(_websocket: object) -> None:
    """Say that it returns nothing."""
    raise AssertionError


async def forgets(_websocket: object) -> None:
    """Forget to return, in a program without types."""
    await anyio.lowlevel.checkpoint()


async def leaves_early(websocket: object) -> None:
    """Forget to return in two places, in a program without types."""
    if websocket is None:
        return
    await anyio.lowlevel.checkpoint()


class Forgetful:
    """An object that returns nothing."""

    async def __call__(self, _websocket: object) -> None:
        """Say that it returns nothing."""
        raise AssertionError


async def forgets_behind_a_guard(_websocket: object, _user: object) -> None:
    """Say that it returns nothing."""
    raise AssertionError


forgets.__annotations__.clear()
leaves_early.__annotations__.clear()


def returns_nothing_sentence(name: str) -> str:
    """Make the sentence."""
    return (
        f"{name} can't be a handler: it returns None; let it return what close(), "
        "receive() or send_denial_response() gave it, as in "
        "`return await connected.close()`"
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        pytest.param(returns_none, "returns_none", id="annotated"),
        pytest.param(forgets, "forgets", id="untyped"),
        pytest.param(leaves_early, "leaves_early", id="twice"),
        pytest.param(Forgetful(), "Forgetful", id="object"),
        pytest.param(functools.partial(returns_none), "partial", id="partial"),
    ],
)
def test_a_handler_that_returns_nothing_is_refused(given: object, name: str) -> None:
    """It would leave every connection to be closed by the application."""
    with pytest.raises(TypeError) as caught:
        decorate(given)

    assert returns_nothing_sentence(name) == str(caught.value)


def test_behind_a_guard_a_handler_that_returns_nothing_is_refused() -> None:
    """As without one."""
    with pytest.raises(TypeError) as caught:
        guarded(forgets_behind_a_guard, guard)

    assert returns_nothing_sentence("forgets_behind_a_guard") == str(caught.value)


def test_a_guard_that_returns_nothing_is_refused() -> None:
    """It would answer every client with a 500."""
    with pytest.raises(TypeError) as caught:
        guarded(takes_two, returns_none)

    expected = (
        "returns_none can't be a guard: it returns None; let it return a value for the "
        "handler, or the DeniedWebSocket that close() or send_denial_response() of its "
        "UnacceptedWebSocket gave it"
    )
    assert expected == str(caught.value)


async def returns_what_it_got(websocket: object) -> object:
    """Return something, in a program without types."""
    if websocket is None:
        return None
    return websocket


async def returns_one_of_two(websocket: object) -> object:
    """Return something or nothing, in one expression."""
    return websocket or None


async def returns_a_constant(_websocket: object) -> object:
    """Return something that can't be the end; but it is no None."""
    return 1


async def runs_for_ever(_websocket: object) -> object:
    """Never come to the end."""
    while True:
        await anyio.lowlevel.checkpoint()


async def only_raises(_websocket: object) -> object:
    """Never come to the end, either."""
    raise AssertionError


async def says_what_nobody_knows(_websocket: object) -> object:
    """Say what it returns by a name that is not there."""
    raise AssertionError


WITHOUT_TYPES: Final = (
    returns_what_it_got,
    returns_one_of_two,
    returns_a_constant,
    runs_for_ever,
    only_raises,
)
for without in WITHOUT_TYPES:
    without.__annotations__.clear()
says_what_nobody_knows.__annotations__["return"] = "Missing"


def returning(value: object) -> Callable[[Callable[[object], object]], object]:
    """Decorate with what returns something else."""

    def decorator(given: Callable[[object], object]) -> object:
        @functools.wraps(given)
        async def wrapper(_websocket: object) -> object:
            await anyio.lowlevel.checkpoint()
            return value

        return wrapper

    return decorator


@returning(1)
async def decorated(_websocket: object) -> None:
    """Say that it returns nothing, and be decorated."""


@pytest.mark.parametrize(
    "given",
    [decorated, *WITHOUT_TYPES, says_what_nobody_knows, plain_nothing, dict.fromkeys],
    ids=lambda it: it.__name__,
)
def test_a_handler_that_may_return_something_is_let_through(given: object) -> None:
    """In doubt it does."""
    assert not returns_nothing(given)


# --- What can't be an application ----------------------------------------------------


class OfAsgi2:
    """An application of ASGI 2, which is called twice."""

    def __init__(self, scope: object) -> None:
        self.scope = scope

    async def __call__(self, receive: object, send: object) -> None:
        """Serve."""


def of_asgi_2(_scope: object) -> object:
    """Make an application of ASGI 2, which is called twice."""
    raise AssertionError


of_asgi_2.__annotations__.clear()


@pytest.mark.parametrize(
    ("given", "name", "problem"),
    [
        pytest.param(
            handler, "handler", "it does not take three arguments", id="undecorated"
        ),
        pytest.param(
            OfAsgi2, "OfAsgi2", "it is a class, not an instance", id="ASGI 2 class"
        ),
        pytest.param(of_asgi_2, "of_asgi_2", NOT_ASYNC, id="ASGI 2 function"),
        pytest.param("/room", "str", "it can't be called", id="path"),
    ],
)
def test_what_can_not_be_an_application_is_refused(
    given: object, name: str, problem: str
) -> None:
    """The error says what it is, and what to give."""
    with pytest.raises(TypeError) as caught:
        check_application(given)

    assert (
        f"{name} can't be an ASGI application: {problem}; give what @websocket_app "
        "makes of a handler, or an instance of an ASGI 3 application: "
        "`async def app(scope, receive, send)`"
    ) == str(caught.value)


def test_what_can_be_an_application_is_let_through() -> None:
    """What the decorator has made, and what frameworks make."""
    check_application(websocket_app(handler))
    check_application(Starlette())


# --- What may work -------------------------------------------------------------------


def returns_an_awaitable(_websocket: object) -> Awaitable[Ended]:
    """Call another one, say."""
    raise AssertionError


def returns_a_coroutine(
    _websocket: object,
) -> Coroutine[object, object, Ended] | None:
    """Say that it may be one."""
    raise AssertionError


def returns_never(_websocket: object) -> NoReturn:
    """Raise in any case."""
    raise AssertionError


def returns_anything(_websocket: object) -> object:
    """Say nothing of it."""
    raise AssertionError


def returns_what_is_not_there(_websocket: object) -> object:
    """Say what nobody can know."""
    raise AssertionError


returns_what_is_not_there.__annotations__["return"] = "Missing"


@types.coroutine
def old_coroutine(_websocket: object) -> Generator[int, None, None]:
    """Be a coroutine as there were before `async`."""
    yield 1


def with_database(given: Callable[[object, object], object]) -> object:
    """Decorate as people do who write no types: one argument is added."""

    @functools.wraps(given)
    def wrapper(websocket: object) -> object:
        return given(websocket, "database")

    wrapper.__annotations__.clear()
    return wrapper


def unwrapped(given: Callable[[object, object], object]) -> object:
    """Decorate as people do who know of no `wraps`."""

    def wrapper(websocket: object) -> object:
        return given(websocket, "database")

    wrapper.__annotations__.clear()
    return wrapper


class Untyped:
    """A decorator that is a class."""

    def __init__(self, given: object) -> None:
        self.given = given

    def __call__(self, _websocket: object) -> Ended:
        """Call something that nobody can see from here."""
        raise AssertionError

    __call__.__annotations__.clear()


def typed(given: Callable[[UnacceptedWebSocket], Awaitable[Ended]]) -> object:
    """Give its type to a lambda."""
    return given


class Unreadable:
    """A callable of which nobody can read how it is called."""

    __signature__ = 5

    async def __call__(self, _websocket: object) -> None:
        """Take a connection."""


FROM_KEYS: Final[object] = dict.fromkeys
PRINT: Final[object] = print
ASYNC_MOCK: Final[object] = AsyncMock()
MOCK: Final[object] = MagicMock()


class Awaited:
    """An awaitable: calling the class makes one."""

    def __init__(self, websocket: object) -> None:
        self.websocket = websocket

    def __await__(self) -> Generator[None, None, None]:
        """Wait for nothing."""
        yield


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(handler, id="coroutine function"),
        pytest.param(Chat().serve, id="method"),
        pytest.param(functools.partial(takes_two, 1), id="partial"),
        pytest.param(functools.partial(functools.partial(takes_two), 1), id="partials"),
        pytest.param(functools.partial(takes_a_keyword, name="a"), id="keyword"),
        pytest.param(returns_an_awaitable, id="awaitable"),
        pytest.param(returns_a_coroutine, id="perhaps a coroutine"),
        pytest.param(returns_never, id="never returns"),
        pytest.param(returns_anything, id="anything"),
        pytest.param(returns_what_is_not_there, id="nobody knows what"),
        pytest.param(typed(lambda websocket: handler(websocket)), id="lambda"),  # noqa: PLW0108 - a lambda is the point
        pytest.param(old_coroutine, id="types.coroutine"),
        pytest.param(with_database(takes_two), id="decorated"),
        pytest.param(unwrapped(takes_two), id="decorated without wraps"),
        pytest.param(Untyped(handler), id="object"),
        pytest.param(Awaited, id="class of awaitables"),
        pytest.param(ASYNC_MOCK, id="AsyncMock"),
        pytest.param(MOCK, id="MagicMock"),
        pytest.param(PRINT, id="built in"),
        pytest.param(Unreadable(), id="unreadable"),
        pytest.param(FROM_KEYS, id="built-in method"),
    ],
)
def test_whatever_may_work_is_let_through(given: object) -> None:
    """In doubt it does."""
    assert problem_with(given, 1) is None
