"""`websocket_app`: from a handler to an ASGI application, with its policies."""

import signal
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TypeVar, final, overload

from attrs import frozen

from typedws.callables import is_async, is_callable, name_of_callable
from typedws.close import CloseCode, checked_close
from typedws.codecs.forms import is_class
from typedws.connection import NO_LIMITS
from typedws.deadlines import checked_timeout
from typedws.errors import ErrorPolicy
from typedws.guards import Behind, Guard, Handler, guard_of, one_handler
from typedws.limits import Limits
from typedws.live import DRAINED_WITHIN
from typedws.origins import OriginPolicy
from typedws.serving import DEFAULT_ERRORS, SAME_ORIGIN, Service
from typedws.signals import before_signals

__all__ = ["WebSocketApp", "websocket_app"]

AdmittedT = TypeVar("AdmittedT")


@final
@frozen(eq=False, order=False)
class WebSocketApp(Service):
    """
    An ASGI application around a handler; `websocket_app` makes it.

    Servers and frameworks take it as it is. Given to a server as the whole application,
    it answers the lifespan, and tells a plain HTTP request to upgrade (426).

    Attributes:
        handler: The handler; behind a guard, guard and handler as one.
        origins: Which pages may connect.
        errors: What an exception becomes.
        limits: What a peer may do, and how long anything may take.
    """

    def __attrs_post_init__(self) -> None:
        """Refuse now what would fail when the first client comes."""
        _check_origins(self.origins)
        _check_policy(self.errors, ErrorPolicy, "errors")
        _check_policy(self.limits, Limits, "limits")

    @property
    def __name__(self) -> str:
        """The handler's name, by which routers tell applications apart."""
        return name_of_callable(self.handler)

    @property
    def guard(self) -> Guard[object] | None:
        """What stands before the handler, if there is something."""
        return guard_of(self.handler)

    @property
    def connections(self) -> int:
        """How many connections are being served now."""
        return len(self._live)

    async def drain(
        self,
        *,
        code: int = CloseCode.SERVICE_RESTART,
        reason: str | None = None,
        deadline: float = DRAINED_WITHIN,
    ) -> None:
        """
        End every connection, in order, for a deploy; new ones get HTTP 503.

        A connection whose handler listens, by `wait_draining()`, has until the deadline
        to end in its own way. Every other is closed at once, and its handler has until
        then to return. What is left is closed and its handler cancelled, which takes
        two seconds at the most. A handler that does not end even then is named in the
        log, and left to the server.

        Where several event loops serve one application, each in its thread, a drain
        ends the connections of the loop in which it is called.

        It is done by itself at the end of a lifespan; but not every server has ended
        its connections by then, or left any: see the page on shutdown.

        Args:
            code: The close code for those that are closed; by default 1012.
            reason: The close reason.
            deadline: Seconds.

        Raises:
            LocalProtocolError: The code may not be sent, or the reason is too long.
            TypeError: The code is not an int, the reason not a str, or the deadline no
                number.
            ValueError: The deadline is negative, or NaN.

        Cancel safety:
            The connections that have not ended are as they were; new ones still get
            HTTP 503.
        """
        await self._live.drain(code, reason, deadline)

    def drain_on_signal(
        self,
        *signals: signal.Signals,
        others: Iterable["WebSocketApp"] = (),
        code: int = CloseCode.SERVICE_RESTART,
        reason: str | None = None,
        deadline: float = DRAINED_WITHIN,
    ) -> AbstractAsyncContextManager[None]:
        """
        Drain when the process gets a signal, before the server is told of it.

        For the lifespan of the whole application:

            @asynccontextmanager
            async def lifespan(_: Starlette) -> AsyncGenerator[None]:
                async with chat.drain_on_signal(signal.SIGTERM):
                    yield

        After the drain the signal is passed on to the server; a second signal is passed
        on at once. With uvicorn that makes `SIGTERM` end connections in order. Other
        servers need another signal, or have other ways: see the page on shutdown.

        Args:
            signals: The signals, such as `signal.SIGTERM`.
            others: What else of the process to drain, at the same time.
            code: As for `drain()`.
            reason: As for `drain()`.
            deadline: As for `drain()`.

        Raises:
            LocalProtocolError: The code may not be sent, or the reason is too long.
            RuntimeError: On entering: the server has put its own handler of a signal
                into the event loop, where it can't be put off; or another application
                waits for it.
            TypeError: The code is not an int, the reason not a str, the deadline no
                number, or one of the others is no `WebSocketApp`.
            ValueError: The deadline is negative, or NaN. On entering: there is no
                signal, or this is not the main thread.
        """
        # Whoever finds out at the signal finds out too late.
        code, reason = checked_close(code, reason)
        checked_timeout(deadline, "drain_on_signal()")
        apps = (self, *others)
        for app in apps:
            _check_app(app)
        drains = [
            partial(app.drain, code=code, reason=reason, deadline=deadline)
            for app in apps
        ]
        return before_signals(signals, drains)


@overload
def websocket_app(
    handler: Handler,
    /,
    *,
    origins: OriginPolicy = ...,
    errors: ErrorPolicy = ...,
    limits: Limits = ...,
) -> WebSocketApp: ...
@overload
def websocket_app(
    *, origins: OriginPolicy = ..., errors: ErrorPolicy = ..., limits: Limits = ...
) -> Callable[[Handler], WebSocketApp]: ...
@overload
def websocket_app(
    handler: Behind[AdmittedT],
    /,
    *,
    guard: Guard[AdmittedT],
    origins: OriginPolicy = ...,
    errors: ErrorPolicy = ...,
    limits: Limits = ...,
) -> WebSocketApp: ...
@overload
def websocket_app(
    *,
    guard: Guard[AdmittedT],
    origins: OriginPolicy = ...,
    errors: ErrorPolicy = ...,
    limits: Limits = ...,
) -> Callable[[Behind[AdmittedT]], WebSocketApp]: ...
def websocket_app(
    handler: Handler | Behind[AdmittedT] | None = None,
    /,
    *,
    guard: Guard[AdmittedT] | None = None,
    origins: OriginPolicy = SAME_ORIGIN,
    errors: ErrorPolicy = DEFAULT_ERRORS,
    limits: Limits = NO_LIMITS,
) -> (
    WebSocketApp
    | Callable[[Handler], WebSocketApp]
    | Callable[[Behind[AdmittedT]], WebSocketApp]
):
    """
    Turn a handler into an ASGI application; bare, or with policies.

    Args:
        handler: `async def handler(ws: UnacceptedWebSocket) -> Ended`; behind a guard
            it takes what the guard gives as well: `(ws, user: User)`.
        guard: What runs first, and gives the handler its second argument or refuses:
            `async def guard(ws: UnacceptedWebSocket) -> User | DeniedWebSocket`.
        origins: Which pages may connect: `SameOrigin()`, `AllowedOrigins(...)` or
            `AnyOrigin()`. A refused page gets a 403 before the guard and the handler.
        errors: What an exception that leaves the guard or the handler becomes.
        limits: What a peer may do, and how long anything may take.

    Raises:
        TypeError: The handler or the guard can't work: a plain function, a class,
            something that takes other arguments. Or a policy is none.
    """

    def wrap(handler: Handler | Behind[AdmittedT]) -> WebSocketApp:
        return WebSocketApp(
            one_handler(handler, guard), origins=origins, errors=errors, limits=limits
        )

    return wrap if handler is None else wrap(handler)


def _check_app(app: object) -> None:
    if not isinstance(app, WebSocketApp):
        message = (
            "drain_on_signal(others=...) takes applications made by websocket_app, "
            f"not {_told(app)}"
        )
        raise TypeError(message)


def _check_origins(policy: object) -> None:
    allows: object = getattr(policy, "allows", None)
    if is_class(policy) or not is_callable(allows):
        hint = "SameOrigin(), AllowedOrigins(...) or AnyOrigin()"
        message = f"websocket_app(origins=...) takes {hint}, not {_told(policy)}"
        raise TypeError(message)
    if is_async(allows):
        kind = type(policy).__name__
        message = (
            f"websocket_app(origins=...): allows() of {kind} is async, and a policy "
            "says at once whether a page may connect; what has to wait for something "
            "belongs into a guard"
        )
        raise TypeError(message)


def _check_policy(policy: object, kind: type[object], argument: str) -> None:
    if not isinstance(policy, kind):
        message = (
            f"websocket_app({argument}=...) takes {kind.__name__}(...), "
            f"not {_told(policy)}"
        )
        raise TypeError(message)


def _told(policy: object) -> str:
    return f"the class {policy.__name__}" if is_class(policy) else ascii(policy)
