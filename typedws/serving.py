"""
Serving one connection: from the origin of the page to the end.

This is what stands between a server and a handler. It keeps strange pages out, keeps
the limits, knows which connections are live, and ends every one.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Final, Never, final

import anyio
import anyio.lowlevel
from attrs import field, frozen

from typedws.asgi import AnyASGISend, ASGIReceive, ASGIScope, sender
from typedws.close import CloseCode
from typedws.connection import NO_LIMITS, Connection, close_event
from typedws.denial import DenialResponse
from typedws.ended import ClosedWebSocket, DeniedWebSocket, Ended
from typedws.ending import RETURNED, STOPPED, end_in_order, outcome_of
from typedws.errors import ErrorOutcome, ErrorPolicy
from typedws.exceptions import InvalidScope
from typedws.guards import Handler
from typedws.heartbeat import run_with_heartbeat
from typedws.interruption import interruption
from typedws.limits import Limits
from typedws.live import LiveConnections
from typedws.origins import OriginPolicy, SameOrigin
from typedws.standalone import answer_lifespan, require_upgrade
from typedws.states import UnacceptedWebSocket, begin, has_ended

__all__ = ["DEFAULT_ERRORS", "SAME_ORIGIN", "Service"]

logger: Final = logging.getLogger("typedws")

_NOT_ENDED: Final = (
    "%r: the handler returned before the connection had ended; "
    "let it return what close(), receive() or send_denial_response() gave it"
)
SAME_ORIGIN: Final = SameOrigin()
DEFAULT_ERRORS: Final = ErrorPolicy()
_STRANGE_PAGE: Final = DenialResponse.text("This page may not connect here.\n")
_UNAVAILABLE: Final = DenialResponse(503)
_TOO_LATE: Final = ErrorOutcome(CloseCode.INTERNAL_ERROR, denial=_UNAVAILABLE)
_NO_ENDPOINT: Final = (
    "what @websocket_app makes is an ASGI application, and no endpoint whose "
    "parameters FastAPI fills in; give it to a route that takes it as it is: "
    "app.router.routes.append(WebSocketRoute(path, handler))"
)
_INTERRUPTED: Final = object()
"""What a handler has returned that a drain has cancelled."""


@final
@frozen(eq=False, order=False)
class _NoParameter:
    """Beside an annotation, what pydantic asks on behalf of FastAPI."""

    def __get_pydantic_core_schema__(self, _form: object, _handler: object, /) -> Never:
        raise TypeError(_NO_ENDPOINT)


_NO_PARAMETER: Final = _NoParameter()


@frozen(eq=False, order=False)
class Service:
    """
    Serves the connections of an application, which is the class below it.

    So what the server calls is what waits for the handler: a frame between the two
    would cost memory for as long as a connection lasts.

    Attributes:
        handler: The handler; behind a guard, guard and handler as one.
        origins: Which pages may connect.
        errors: What an exception becomes.
        limits: What a peer may do, and how long anything may take.
    """

    handler: Handler
    origins: OriginPolicy = field(default=SAME_ORIGIN, kw_only=True)
    errors: ErrorPolicy = field(default=DEFAULT_ERRORS, kw_only=True)
    limits: Limits = field(default=NO_LIMITS, kw_only=True)
    _live: LiveConnections = field(factory=LiveConnections, init=False)

    # The names and the kinds of the parameters are part of the interface: some
    # frameworks call by keyword, and resolve the annotations at run time.
    async def __call__(
        self,
        scope: Annotated[ASGIScope, _NO_PARAMETER],
        receive: ASGIReceive,
        send: AnyASGISend,
    ) -> None:
        """
        Serve one scope.

        Raises:
            InvalidScope: The scope is of a type that this application does not serve,
                or it is not what ASGI says that it is.
            Exception: What has left the handler, if it is a fault.
        """
        if scope.get("type") != "websocket":
            await self._serve_other(scope, receive, send)
            return
        try:
            websocket, connection = begin(scope, receive, send, self.limits)
        except InvalidScope:
            await self._refuse_unread(receive, send)
            raise
        handler = interruption()
        self._live.add(connection, handler)
        returned: object = _INTERRUPTED
        try:
            with handler:
                returned = await self._answer(websocket, connection)
        except GeneratorExit:
            # The event loop is gone, and nothing can be awaited any more.
            raise
        except Exception as error:
            outcome = outcome_of(self.errors, error, websocket)
            await end_in_order(connection, outcome or self.errors.unexpected)
            if outcome is None:
                raise
        except BaseException:
            await end_in_order(connection, STOPPED)
            raise
        else:
            if not has_ended(connection):
                await _end_returned(connection, websocket, returned)
        finally:
            self._live.remove(connection)
        if isinstance(connection.current, DeniedWebSocket):
            # uvicorn learns one turn of the event loop later that the denial was all,
            # and until then logs a return as an incomplete handshake.
            await anyio.lowlevel.cancel_shielded_checkpoint()

    async def _serve_other(
        self, scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend
    ) -> None:
        kind = scope.get("type")
        if kind == "lifespan":
            await answer_lifespan(receive, sender(send), self._live.drain)
        elif kind == "http":
            await require_upgrade(scope, sender(send))
        else:
            raise InvalidScope("type", "'websocket', 'http' or 'lifespan'", ascii(kind))

    # Not async, for the same reason.
    def _answer(
        self, websocket: UnacceptedWebSocket, connection: Connection
    ) -> Awaitable[object]:
        # Whatever else a policy gives, a coroutine say, it has not said yes.
        if self.origins.allows(websocket.scope) is not True:
            return self._refuse_page(websocket)
        if self._live.is_draining():
            return websocket.send_denial_response(_UNAVAILABLE, fallback=True)
        limits = self.limits
        if limits.handshake_timeout is None and limits.heartbeat is None:
            return self.handler(websocket)
        call: Callable[[], Awaitable[Ended]] = partial(self.handler, websocket)
        if limits.heartbeat is not None:
            call = partial(run_with_heartbeat, connection, limits.heartbeat, call)
        return _answer_in_time(connection, limits.handshake_timeout, call)

    async def _refuse_unread(self, receive: ASGIReceive, send: AnyASGISend) -> None:
        # The server is told of its mistake; the client still gets its answer.
        deadline = anyio.move_on_after(self.limits.close_timeout, shield=True)
        with deadline, suppress(Exception):
            if (await receive()).get("type") == "websocket.connect":
                await sender(send)(close_event(int(CloseCode.INTERNAL_ERROR), ""))

    async def _refuse_page(self, websocket: UnacceptedWebSocket) -> Ended:
        logger.warning(
            "%r: refused the origin %s by %r; %s",
            websocket,
            ascii(websocket.headers.getlist("origin")),
            self.origins,
            self.origins.cure,
        )
        return await websocket.send_denial_response(_STRANGE_PAGE, fallback=True)


async def _answer_in_time(
    connection: Connection, seconds: float | None, call: Callable[[], Awaitable[Ended]]
) -> object:
    # The scope loses its deadline as soon as the handshake is answered.
    with anyio.move_on_after(seconds) as scope:
        connection.answer_scope = scope
        return await call()
    logger.info(
        "%r: the handler has not answered the handshake within %g s",
        connection.current,
        seconds,
    )
    await end_in_order(connection, _TOO_LATE)
    return connection.current


async def _end_returned(
    connection: Connection, websocket: UnacceptedWebSocket, returned: object
) -> None:
    if returned is _INTERRUPTED:
        await end_in_order(connection, STOPPED)
        return
    if not _is_end_of(websocket, returned):
        logger.warning(_NOT_ENDED, websocket)
    await end_in_order(connection, RETURNED)


def _is_end_of(websocket: UnacceptedWebSocket, returned: object) -> bool:
    return (
        isinstance(returned, (ClosedWebSocket, DeniedWebSocket))
        and returned.scope is websocket.scope
    )
