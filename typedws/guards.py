"""
Guards: who may come to a handler, and what the handler gets of them.

A guard answers before the handler runs: with a value, which the handler then takes as
its second argument, or with the proof that it has refused the connection. So a handler
behind `authenticate` can't run without its user, and a type checker knows that.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeAlias, TypeGuard, TypeVar, final, overload

from attrs import field, frozen

from typedws.callables import (
    is_application,
    is_coroutine,
    name_of_callable,
    problem_with,
    refusal,
    returns_nothing,
)
from typedws.denial import DenialResponse
from typedws.ended import DeniedWebSocket, Ended
from typedws.exceptions import LocalProtocolError
from typedws.states import UnacceptedWebSocket, is_unanswered

__all__ = ["Guard", "Handler", "all_guards"]

AdmittedT = TypeVar("AdmittedT")
FirstT = TypeVar("FirstT")
SecondT = TypeVar("SecondT")
ThirdT = TypeVar("ThirdT")
FourthT = TypeVar("FourthT")

_FEWEST: Final = 2
_NOTHING: Final[type[object]] = type(None)

Handler: TypeAlias = Callable[[UnacceptedWebSocket], Awaitable[Ended]]
"""What an application writes: it gets the first state and returns the last."""

Guard: TypeAlias = Callable[
    [UnacceptedWebSocket], Awaitable[AdmittedT | DeniedWebSocket]
]
"""What stands before a handler: it gives a value for the handler, or refuses."""

Behind: TypeAlias = Callable[[UnacceptedWebSocket, AdmittedT], Awaitable[Ended]]
"""A handler behind a guard, as an application writes it."""

_WRITE_GUARD: Final = (
    "write `async def guard(ws: UnacceptedWebSocket) -> User | DeniedWebSocket`"
)
_WRITE_HANDLER: Final = "write `async def handler(ws: UnacceptedWebSocket) -> Ended`"
_WRITE_BEHIND: Final = (
    "behind a guard, write "
    "`async def handler(ws: UnacceptedWebSocket, user: User) -> Ended`"
)
_LET_IT_RETURN: Final = (
    "let it return what close(), receive() or send_denial_response() gave it, as in "
    "`return await connected.close()`"
)
_GUARD_RETURNS: Final = (
    "let it return a value for the handler, or the DeniedWebSocket that close() or "
    "send_denial_response() of its UnacceptedWebSocket gave it"
)


@final
@frozen(eq=False, order=False)
class GuardedHandler(Generic[AdmittedT]):
    """
    A handler behind a guard, as one handler.

    Attributes:
        handler: What runs if the guard gives a value, and gets that value.
        guard: What runs first.
    """

    handler: Behind[AdmittedT]
    guard: Guard[AdmittedT] = field(kw_only=True)

    @property
    def __name__(self) -> str:
        """The handler's name."""
        return name_of_callable(self.handler)

    async def __call__(self, websocket: UnacceptedWebSocket, /) -> Ended:
        """Run the guard, and then the handler if it may; see `admit()`."""
        admitted = await admit(websocket, self.guard)
        if isinstance(admitted, DeniedWebSocket):
            return admitted
        return await self.handler(websocket, admitted)


async def admit(
    websocket: UnacceptedWebSocket, guard: Guard[AdmittedT]
) -> AdmittedT | DeniedWebSocket:
    """
    Run a guard, and let through only what it may give.

    Raises:
        LocalProtocolError: It answered the handshake, and lets the handler run.
        TypeError: It gave None, the proof of another connection's end, a response that
            was not sent, an exception, or a coroutine that was not awaited.
    """
    admitted = await guard(websocket)
    if isinstance(admitted, DeniedWebSocket) and admitted.scope is websocket.scope:
        return admitted
    if what := _no_value(admitted):
        message = f"the guard {name_of_callable(guard)} gave {what}; {_GUARD_RETURNS}"
        raise TypeError(message)
    if not is_unanswered(websocket):
        message = (
            f"the guard {name_of_callable(guard)} answered the handshake, and then let "
            "the handler run; let it leave the answer to the handler, or return its "
            "DeniedWebSocket"
        )
        raise LocalProtocolError(message)
    return admitted


def _no_value(admitted: object) -> str:
    """Say what a guard gave that is meant for no handler; nothing, if it may be."""
    # With a response, an exception or a coroutine a guard may have meant to refuse.
    name = type(admitted).__name__
    kinds: tuple[tuple[type[object], str], ...] = (
        (_NOTHING, "None"),
        (DeniedWebSocket, "the end of another connection"),
        (DenialResponse, "a DenialResponse, which refuses only where it is sent"),
        (BaseException, f"an exception that it did not raise ({name})"),
    )
    if is_coroutine(admitted):
        return "a coroutine, which nobody has awaited"
    if _is_response(admitted):
        return f"a response ({name}), which refuses only where it is sent"
    return next((what for kind, what in kinds if isinstance(admitted, kind)), "")


def _is_response(admitted: object) -> bool:
    """Tell whether something may be a response that could be sent as it is."""
    status: object = getattr(admitted, "status_code", None)
    return isinstance(status, int) and is_application(admitted)


@overload
def all_guards(
    first: Guard[FirstT], second: Guard[SecondT], /
) -> Guard[tuple[FirstT, SecondT]]: ...
@overload
def all_guards(
    first: Guard[FirstT], second: Guard[SecondT], third: Guard[ThirdT], /
) -> Guard[tuple[FirstT, SecondT, ThirdT]]: ...
@overload
def all_guards(
    first: Guard[FirstT],
    second: Guard[SecondT],
    third: Guard[ThirdT],
    fourth: Guard[FourthT],
    /,
) -> Guard[tuple[FirstT, SecondT, ThirdT, FourthT]]: ...
def all_guards(*guards: Guard[object]) -> Guard[tuple[object, ...]]:
    """
    Make one guard of several.

    They run one after the other, and the first that refuses is the last that runs. The
    handler gets a tuple of what they gave:

        @websocket_app(guard=all_guards(authenticate, find_room))
        async def chat(
            websocket: UnacceptedWebSocket, found: tuple[User, Room]
        ) -> Ended: ...

    A guard that needs what another has found calls it, as any function.

    Args:
        guards: Two to four; for more of them, put one `all_guards()` into another.

    Raises:
        TypeError: One can't be a guard.
    """
    if len(guards) < _FEWEST:
        message = "all_guards() makes one guard of two or more; a single one is a guard"
        raise TypeError(message)
    for guard in guards:
        _check_guard(guard)

    async def guard_by_all(
        websocket: UnacceptedWebSocket,
    ) -> tuple[object, ...] | DeniedWebSocket:
        found: list[object] = []
        for guard in guards:
            admitted = await admit(websocket, guard)
            if isinstance(admitted, DeniedWebSocket):
                return admitted
            found.append(admitted)
        return tuple(found)

    return guard_by_all


def one_handler(handler: object, guard: Guard[AdmittedT] | None) -> Handler:
    """
    Make one handler of a handler and the guard before it, if there is one.

    Raises:
        TypeError: One of the two can't be what it is to be.
    """
    if guard is None:
        if not _is_handler(handler):
            raise refusal(handler, what="handler", takes=1, write=_WRITE_HANDLER)
        _check_returned(handler, "handler", _LET_IT_RETURN)
        return handler
    _check_guard(guard)
    if not _is_behind(handler, guard):
        raise refusal(handler, what="handler", takes=2, write=_WRITE_BEHIND)
    _check_returned(handler, "handler", _LET_IT_RETURN)
    return GuardedHandler(handler, guard=guard)


def guard_of(handler: object) -> Guard[object] | None:
    """Return the guard in what `one_handler` made."""
    if not isinstance(handler, _GUARDED):
        return None
    guard: Guard[object] = getattr(handler, _GUARD)
    return guard


def _check_returned(given: object, what: str, let_it_return: str) -> None:
    if returns_nothing(given):
        name = name_of_callable(given)
        raise TypeError(f"{name} can't be a {what}: it returns None; {let_it_return}")


def _check_guard(guard: object) -> None:
    if problem_with(guard, 1) is not None:
        raise refusal(guard, what="guard", takes=1, write=_WRITE_GUARD)
    _check_returned(guard, "guard", _GUARD_RETURNS)


def _is_handler(handler: object) -> TypeGuard[Handler]:
    return problem_with(handler, 1) is None


def _is_behind(
    handler: object, _guard: Guard[AdmittedT]
) -> TypeGuard[Behind[AdmittedT]]:
    return problem_with(handler, 2) is None


_GUARD: Final = "guard"
_GUARDED: Final[type[object]] = GuardedHandler
