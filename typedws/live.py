"""
The connections that an application is serving, and how they are ended for a deploy.

To drain an application is to tell each of its connections, to give those that listen
the time to end in their own way, and to end the rest.

One application may be served by several event loops, one after the other or each in a
thread of its own. What belongs to another loop must be left alone, so each of them
drains what it serves.
"""

import itertools
import logging
from typing import Final, final

import anyio
from anyio.lowlevel import RunVar
from attrs import define, field

from typedws.close import CloseCode, checked_close
from typedws.connection import Connection
from typedws.deadlines import checked_timeout
from typedws.denial import DenialResponse
from typedws.ended import WebSocketDisconnect
from typedws.interruption import Interruption
from typedws.states import end, is_accepted

__all__ = ["DRAINED_WITHIN", "LiveConnections"]

logger: Final = logging.getLogger("typedws")

DRAINED_WITHIN: Final = 10.0
"""Seconds for a drain that is given no deadline."""

_LAST_SECOND: Final = 1.0
"""Seconds for the last steps of a drain: to close what is left, and to cancel it."""

_COURTESY: Final = 0.5
"""Seconds of the last one in which a handler may still answer its handshake."""

_UNAVAILABLE: Final = DenialResponse(503)
_numbers: Final = itertools.count()


@final
@define(eq=False, order=False, repr=False)
class _Departure:
    """Connections that a drain waits for."""

    _left: set[Connection] = field(alias="left")
    _all_gone: anyio.Event = field(factory=anyio.Event, init=False)

    def note(self, connection: Connection) -> None:
        if connection in self._left:
            self._left.remove(connection)
            if not self._left:
                self._all_gone.set()

    async def wait(self) -> None:
        await self._all_gone.wait()


@final
@define(eq=False, order=False, repr=False)
class LiveConnections:
    """The connections whose handlers run."""

    _handlers: dict[Connection, Interruption] = field(
        factory=dict[Connection, Interruption], init=False
    )
    _departures: list[_Departure] = field(factory=list[_Departure], init=False)
    _was_drained: bool = field(default=False, init=False)
    _drained_here: RunVar[bool] = field(
        factory=lambda: RunVar(f"typedws drain {next(_numbers)}", default=False),
        init=False,
    )

    def __len__(self) -> int:
        """Count them."""
        return len(self._handlers)

    def is_draining(self) -> bool:
        """Tell whether no new connection is to be served, by this event loop."""
        return self._was_drained and self._drained_here.get()

    def add(self, connection: Connection, handler: Interruption) -> None:
        """Note that a handler runs."""
        self._handlers[connection] = handler

    def remove(self, connection: Connection) -> None:
        """Note that it has ended."""
        del self._handlers[connection]
        if self._departures:
            for departure in tuple(self._departures):
                departure.note(connection)

    def _here(self) -> dict[Connection, Interruption]:
        """Give those that this event loop serves."""
        # A copy is made at once; to iterate would meet what other threads add.
        everywhere = self._handlers.copy()
        return {it: handler for it, handler in everywhere.items() if handler.is_here()}

    async def drain(
        self,
        code: int = CloseCode.SERVICE_RESTART,
        reason: str | None = None,
        deadline: float = DRAINED_WITHIN,
    ) -> None:
        """
        End all that this event loop serves.

        Raises:
            LocalProtocolError: The code may not be sent, or the reason is too long.
            TypeError: The code is not an int, the reason not a str, or the deadline no
                number.
            ValueError: The deadline is negative, or NaN.
        """
        close_with = checked_close(code, reason)
        checked_timeout(deadline, "drain()")
        self._was_drained = True
        self._drained_here.set(True)
        async with anyio.create_task_group() as tasks:
            for connection in self._here():
                connection.tell_of_drain()
                if is_accepted(connection) and not connection.listens_for_drain():
                    tasks.start_soon(_end, connection, *close_with)
            await self._wait_until_idle(deadline)
            tasks.cancel_scope.cancel()
        await self._end_what_is_left(*close_with)

    async def _end_what_is_left(self, code: int, reason: str) -> None:
        with anyio.move_on_after(_LAST_SECOND):
            async with anyio.create_task_group() as tasks:
                for connection in filter(is_accepted, self._here()):
                    tasks.start_soon(_end, connection, code, reason)
        for handler in self._here().values():
            handler.interrupt()
        # A handler may still answer its handshake as it ends. To answer one that was
        # refused would be a mistake, and none of the handler's. What it leaves is ended
        # behind it; what follows is for those that do not end.
        await self._wait_until_idle(_COURTESY)
        async with anyio.create_task_group() as tasks:
            for connection in self._here():
                tasks.start_soon(_end, connection, code, reason)
            await self._wait_until_idle(_LAST_SECOND - _COURTESY)
            tasks.cancel_scope.cancel()
        for connection in self._here():
            logger.warning(
                "%r: its handler has not ended, though it was cancelled",
                connection.current,
            )

    async def _wait_until_idle(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            while here := self._here():
                departure = _Departure(set(here))
                self._departures.append(departure)
                try:
                    await departure.wait()
                finally:
                    self._departures.remove(departure)


async def _end(connection: Connection, code: int, reason: str) -> None:
    try:
        await end(connection, code=code, reason=reason, denial=_UNAVAILABLE)
    except WebSocketDisconnect:
        return
    except Exception:
        # The others are to be ended all the same.
        logger.exception("%r: could not be ended in order", connection.current)
