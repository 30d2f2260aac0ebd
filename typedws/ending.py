"""
The end of a connection that its handler has left: by a return, or by an exception.

What an exception becomes, the `ErrorPolicy` says; here it is looked up, logged, and
carried out.
"""

import logging
from contextlib import suppress
from typing import Final

import anyio

from typedws.close import CloseCode
from typedws.connection import Connection
from typedws.denial import DenialResponse
from typedws.ended import WebSocketDisconnect, is_disconnect_of, leaves
from typedws.errors import ErrorOutcome, ErrorPolicy
from typedws.exceptions import InvalidParameters
from typedws.states import UnacceptedWebSocket, end, has_ended

__all__ = ["RETURNED", "STOPPED", "end_in_order", "outcome_of"]

logger: Final = logging.getLogger("typedws")

RETURNED: Final = ErrorOutcome(CloseCode.NORMAL_CLOSURE, denial=DenialResponse())
"""For a handler that has returned."""

STOPPED: Final = ErrorOutcome(CloseCode.SERVICE_RESTART, denial=DenialResponse(503))
"""For a handler that was cancelled: the peer is told to come back later."""

_GRACE: Final = 0.5
"""Seconds beyond the close time-out that the end may take, whatever the server does."""


def outcome_of(
    policy: ErrorPolicy, error: Exception, websocket: UnacceptedWebSocket
) -> ErrorOutcome | None:
    """Return what a foreseen exception becomes, `None` for one that is a fault."""
    outcomes: dict[str, ErrorOutcome] = {}
    for leaf in leaves(error):
        if is_disconnect_of(websocket.scope, leaf):
            continue
        outcome = _expected_outcome(policy, leaf, websocket)
        if outcome is None:
            return None
        outcomes.setdefault(_log_name(leaf), outcome)
    if not outcomes:
        logger.debug("%r: the connection was over", websocket, exc_info=error)
        return RETURNED
    logger.info("%r: ended by %s", websocket, ", ".join(outcomes))
    logger.debug("%r: how it came to that", websocket, exc_info=error)
    return next(iter(outcomes.values()))


def _expected_outcome(
    policy: ErrorPolicy, error: BaseException, websocket: UnacceptedWebSocket
) -> ErrorOutcome | None:
    try:
        return policy.expected_outcome(error)
    except Exception:
        # What it was called with is the fault to go on: it came first.
        logger.exception("%r: ErrorPolicy(expected=...) failed", websocket)
        return None


def _log_name(error: BaseException) -> str:
    name = type(error).__name__
    if not isinstance(error, InvalidParameters):
        return name
    # The places are the application's own words; what came there is the client's.
    places = sorted({ascii(problem.place)[1:-1] for problem in error.problems})
    return f"{name} at {', '.join(places)}"


async def end_in_order(connection: Connection, outcome: ErrorOutcome) -> None:
    """End a connection, unless it has ended; shielded, and within a deadline."""
    if has_ended(connection):
        return
    seconds = connection.limits.close_timeout
    deadline = None if seconds is None else seconds + _GRACE
    with anyio.move_on_after(deadline, shield=True) as scope:
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
    if scope.cancelled_caught:
        logger.warning(
            "%r: gave up ending the connection after %g s", connection.current, deadline
        )


async def _refuse_plainly(connection: Connection) -> None:
    # It may have been the denial that failed, and a client waits for its answer.
    if isinstance(connection.current, UnacceptedWebSocket):
        with suppress(Exception):
            await end(connection)
