"""
`websocket_app`: from a handler to an ASGI application, with its policies.

The wrapper is what stands between a handler and a server: it keeps strange pages out,
asks the guard, turns errors into what a peer may see, and ends every connection.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar, final, overload

import anyio
import anyio.lowlevel
from attrs import field, frozen

from typedws.asgi import AnyASGISend, ASGIReceive, ASGIScope, ASGISend, sender
from typedws.callables import name_of_callable
from typedws.close import CloseCode
from typedws.connection import Connection, close_event
from typedws.denial import DenialResponse
from typedws.ended import (
    ClosedWebSocket,
    DeniedWebSocket,
    Ended,
    WebSocketDisconnect,
)
from typedws.errors import ErrorOutcome, ErrorPolicy, is_disconnect, leaves
from typedws.exceptions import InvalidParameters, InvalidScope
from typedws.guards import Behind, Guard, Handler, guard_of, one_handler
from typedws.origins import OriginPolicy, SameOrigin
from typedws.states import UnacceptedWebSocket, begin, end, has_ended

__all__ = ["WebSocketApp", "websocket_app"]

logger: Final = logging.getLogger("typedws")

AdmittedT = TypeVar("AdmittedT")

_END_DEADLINE: Final = 5.0
"""Seconds that the end of a connection may take, whatever the server does."""

_NOT_ENDED: Final = (
    "%r: the handler returned before the connection had ended; "
    "let it return what close(), receive() or send_denial_response() gave it"
)
_SAME_ORIGIN: Final = SameOrigin()
_DEFAULT_ERRORS: Final = ErrorPolicy()
_REFUSED: Final = DenialResponse.text("This page may not connect here.\n")
_RETURNED: Final = ErrorOutcome(CloseCode.NORMAL_CLOSURE, denial=DenialResponse())
_CANCELLED: Final = ErrorOutcome(CloseCode.SERVICE_RESTART, denial=DenialResponse(503))


@final
@frozen(eq=False, order=False)
class WebSocketApp:
    """
    An ASGI application around a handler; `websocket_app` makes it.

    Servers and frameworks take it as it is. Given to a server as the whole application,
    it answers the lifespan, and tells a plain HTTP request to upgrade (426).

    Attributes:
        handler: The handler; behind a guard, guard and handler as one.
        origins: Which pages may connect.
        errors: What an exception becomes.
    """

    handler: Handler
    origins: OriginPolicy = field(default=_SAME_ORIGIN, kw_only=True)
    errors: ErrorPolicy = field(default=_DEFAULT_ERRORS, kw_only=True)

    @property
    def __name__(self) -> str:
        """The handler's name, by which routers tell applications apart."""
        return name_of_callable(self.handler)

    @property
    def guard(self) -> Guard[object] | None:
        """What stands before the handler, if there is something."""
        return guard_of(self.handler)

    # The names and the kinds of the parameters are part of the interface: some
    # frameworks call by keyword, and resolve the annotations at run time.
    async def __call__(
        self, scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend
    ) -> None:
        """
        Serve one scope.

        Raises:
            InvalidScope: The scope is of a type that this application does not serve,
                or it is not what ASGI says that it is.
        """
        kind = scope.get("type")
        if kind == "websocket":
            websocket, connection = await _begin(scope, receive, send)
            await self._serve(websocket, connection)
            if isinstance(connection.current, DeniedWebSocket):
                # uvicorn learns one turn of the event loop later that the denial was
                # all, and until then logs a return as an incomplete handshake.
                await anyio.lowlevel.cancel_shielded_checkpoint()
        elif kind == "lifespan":
            await _answer_lifespan(receive, sender(send))
        elif kind == "http":
            await _require_upgrade(scope, sender(send))
        else:
            raise InvalidScope("type", "'websocket', 'http' or 'lifespan'", ascii(kind))

    async def _serve(
        self, websocket: UnacceptedWebSocket, connection: Connection
    ) -> None:
        try:
            returned = await self._answer(websocket)
        except GeneratorExit:
            # The event loop is gone, and nothing can be awaited any more.
            raise
        except Exception as error:
            outcome = self._outcome_of(error, websocket)
            await _end(connection, outcome or self.errors.unexpected)
            if outcome is None:
                raise
        except BaseException:
            # Cancelled, or told to stop: the peer is still told to come back later.
            await _end(connection, _CANCELLED)
            raise
        else:
            if not has_ended(connection) and not _is_end_of(websocket, returned):
                logger.warning(_NOT_ENDED, websocket)
            await _end(connection, _RETURNED)

    async def _answer(self, websocket: UnacceptedWebSocket) -> Ended:
        if self.origins.allows(websocket.scope):
            return await self.handler(websocket)
        logger.warning(
            "%r: refused the origin %s by %r; %s",
            websocket,
            ascii(websocket.headers.getlist("origin")),
            self.origins,
            self.origins.cure,
        )
        return await websocket.send_denial_response(_REFUSED, fallback=True)

    def _outcome_of(
        self, error: Exception, websocket: UnacceptedWebSocket
    ) -> ErrorOutcome | None:
        """Return what a foreseen exception becomes, `None` for one that is a fault."""
        outcomes: dict[str, ErrorOutcome] = {}
        for leaf in leaves(error):
            if _is_disconnect_of(websocket, leaf):
                continue
            outcome = self._expected_outcome(leaf, websocket)
            if outcome is None:
                return None
            outcomes.setdefault(_log_name(leaf), outcome)
        if not outcomes:
            logger.debug("%r: the connection was over", websocket, exc_info=error)
            return _RETURNED
        logger.info("%r: ended by %s", websocket, ", ".join(outcomes))
        logger.debug("%r: how it came to that", websocket, exc_info=error)
        return next(iter(outcomes.values()))

    def _expected_outcome(
        self, error: BaseException, websocket: UnacceptedWebSocket
    ) -> ErrorOutcome | None:
        try:
            return self.errors.expected_outcome(error)
        except Exception:
            # What it was called with is the fault to go on: it came first.
            logger.exception("%r: ErrorPolicy(expected=...) failed", websocket)
            return None


@overload
def websocket_app(
    handler: Handler, /, *, origins: OriginPolicy = ..., errors: ErrorPolicy = ...
) -> WebSocketApp: ...
@overload
def websocket_app(
    *, origins: OriginPolicy = ..., errors: ErrorPolicy = ...
) -> Callable[[Handler], WebSocketApp]: ...
@overload
def websocket_app(
    handler: Behind[AdmittedT],
    /,
    *,
    guard: Guard[AdmittedT],
    origins: OriginPolicy = ...,
    errors: ErrorPolicy = ...,
) -> WebSocketApp: ...
@overload
def websocket_app(
    *,
    guard: Guard[AdmittedT],
    origins: OriginPolicy = ...,
    errors: ErrorPolicy = ...,
) -> Callable[[Behind[AdmittedT]], WebSocketApp]: ...
def websocket_app(
    handler: Handler | Behind[AdmittedT] | None = None,
    /,
    *,
    guard: Guard[AdmittedT] | None = None,
    origins: OriginPolicy = _SAME_ORIGIN,
    errors: ErrorPolicy = _DEFAULT_ERRORS,
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

    Raises:
        TypeError: The handler or the guard can't work: a plain function, a class,
            something that takes other arguments.
    """

    def wrap(handler: Handler | Behind[AdmittedT]) -> WebSocketApp:
        return WebSocketApp(one_handler(handler, guard), origins=origins, errors=errors)

    return wrap if handler is None else wrap(handler)


async def _begin(
    scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend
) -> tuple[UnacceptedWebSocket, Connection]:
    try:
        return begin(scope, receive, send)
    except InvalidScope:
        # The server is told of its mistake; the client still gets its answer.
        with anyio.move_on_after(_END_DEADLINE, shield=True), suppress(Exception):
            if (await receive()).get("type") == "websocket.connect":
                await sender(send)(close_event(int(CloseCode.INTERNAL_ERROR), ""))
        raise


async def _end(connection: Connection, outcome: ErrorOutcome) -> None:
    if has_ended(connection):
        return
    with anyio.move_on_after(_END_DEADLINE, shield=True) as deadline:
        try:
            await end(
                connection,
                code=outcome.code,
                reason=outcome.reason,
                denial=outcome.denial,
            )
        except WebSocketDisconnect:
            return
        except Exception:
            # The handler's own exception, if there is one, is the one to be told of.
            logger.exception(
                "%r: the connection could not be ended in order", connection.current
            )
            await _refuse_plainly(connection)
    if deadline.cancelled_caught:
        logger.warning(
            "%r: gave up ending the connection after %s s",
            connection.current,
            _END_DEADLINE,
        )


async def _refuse_plainly(connection: Connection) -> None:
    # It may have been the denial that failed, and a client waits for its answer.
    if isinstance(connection.current, UnacceptedWebSocket):
        with suppress(Exception):
            await end(connection)


def _log_name(error: BaseException) -> str:
    name = type(error).__name__
    if not isinstance(error, InvalidParameters):
        return name
    # The places are the application's own words; what came there is the client's.
    places = sorted({ascii(problem.place)[1:-1] for problem in error.problems})
    return f"{name} at {', '.join(places)}"


def _is_end_of(websocket: UnacceptedWebSocket, returned: object) -> bool:
    return (
        isinstance(returned, (ClosedWebSocket, DeniedWebSocket))
        and returned.scope is websocket.scope
    )


def _is_disconnect_of(websocket: UnacceptedWebSocket, error: BaseException) -> bool:
    # That of another connection, to which the handler sent, is no reason for this one.
    return (
        is_disconnect(error)
        and isinstance(error, WebSocketDisconnect)
        and _is_end_of(websocket, error.closed)
    )


async def _answer_lifespan(receive: ASGIReceive, send: ASGISend) -> None:
    while True:
        event = await receive()
        if event.get("type") == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif event.get("type") == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _require_upgrade(scope: ASGIScope, send: ASGISend) -> None:
    body = b"This is a WebSocket endpoint: connect with a WebSocket client.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    # RFC 9110, section 15.5.22, demands Upgrade in a 426; section 7.8 demands
    # Connection beside it, and HTTP/2 forbids both (RFC 9113, section 8.2.2).
    if str(scope.get("http_version", "1.1")).startswith("1"):
        headers += [(b"upgrade", b"websocket"), (b"connection", b"upgrade")]
    await send({"type": "http.response.start", "status": 426, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
