"""
The lifespan of an application: started before its clients come, ended after them.

    async with lifespan(app) as running, connect(running, "/chat") as peer:
        ...
"""

from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from enum import Enum
from typing import Final, NoReturn, TypeAlias, final

import anyio
from attrs import define, field, frozen

from typedws.asgi import (
    AnyASGIApp,
    AnyASGISend,
    ASGIApp,
    ASGIReceive,
    ASGIScope,
    sender,
)
from typedws.ended import leaves
from typedws.testing.app_run import AppRun
from typedws.testing.bounds import Bound
from typedws.testing.errors import ASGIViolation, LifespanFailed, WaitTimeout
from typedws.testing.options import checked_app
from typedws.testing.rules import EVENT, LIFESPAN, Breach, Rule
from typedws.testing.signal import Signal
from typedws.testing.supervision import note_of, overrun_of, supervised

__all__ = ["RunningApp", "lifespan"]

Event: TypeAlias = Mapping[str, object]

_NOT_STOPPED: Final = "the shutdown of the application was not complete"


@final
@frozen(order=False, eq=False)
class RunningApp:
    """
    An application whose lifespan is running; an ASGI application itself.

    Attributes:
        app: The application.
        state: What its startup has left for its connections; each gets a copy.
        has_lifespan: Whether it takes part in the lifespan protocol at all.
    """

    app: ASGIApp
    state: Mapping[str, object] = field(kw_only=True)
    has_lifespan: bool = field(kw_only=True)

    async def __call__(
        self, scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend
    ) -> None:
        """Serve one scope, with a copy of the state in it."""
        await self.app({**scope, "state": dict(self.state)}, receive, sender(send))


@asynccontextmanager
async def lifespan(app: AnyASGIApp, *, wait: float = 5.0) -> AsyncGenerator[RunningApp]:
    """
    Run the lifespan of an application around the block.

    An application that raises at once, or returns, has none, which is fine. Where the
    block fails, the shutdown comes all the same, unless the test is cancelled.

    Args:
        app: The application.
        wait: The longest wait, in seconds of real time.

    Raises:
        LifespanFailed: The startup or the shutdown failed.
        WaitTimeout: One of them takes too long.
        ASGIViolation: The application broke the protocol.
        TypeError: It is no ASGI application.
    """
    bound = Bound(wait)
    called = checked_app(app)
    server = LifespanServer()
    run = AppRun(
        lambda: called(server.scope, server.receive, server.send),
        on_end=server.end,
        changed=server.changed,
        known=_KNOWN,
    )
    async with supervised(
        run,
        bound=bound,
        leave=server.stop,
        left=_NOT_STOPPED,
        faults=server.faults,
        raised=server.raised,
    ):
        await server.start(run, bound)
        try:
            yield RunningApp(called, state=server.state, has_lifespan=server.is_started)
        except BaseException as failure:
            if not _gives_up(failure):
                await server.stop_behind(failure, run, bound)
            raise


def _gives_up(failure: BaseException) -> bool:
    """Tell whether who leaves the block so will not wait for anything any more."""
    kinds = (anyio.get_cancelled_exc_class(), GeneratorExit, KeyboardInterrupt)
    return any(isinstance(leaf, kinds) for leaf in leaves(failure))


class _Phase(Enum):
    """How far a lifespan has come."""

    CALLED = "called"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"


_STEPS: Final = {
    "lifespan.startup.complete": (_Phase.STARTING, _Phase.RUNNING),
    "lifespan.startup.failed": (_Phase.STARTING, _Phase.STOPPED),
    "lifespan.shutdown.complete": (_Phase.STOPPING, _Phase.STOPPED),
    "lifespan.shutdown.failed": (_Phase.STOPPING, _Phase.STOPPED),
}
"""What an application may send, in which phase, and which phase comes of it."""


@final
@define(eq=False, order=False, repr=False)
class LifespanServer:
    """
    The server's part of the lifespan protocol.

    Attributes:
        state: The namespace that the application fills.
        changed: Fired when the application has done something.
        run: The application.
        is_started: Whether its startup is complete.
        raised: What the test was given of what the application did wrong.
    """

    state: dict[str, object] = field(factory=dict[str, object], init=False)
    changed: Signal = field(factory=Signal, init=False)
    run: AppRun | None = field(default=None, init=False)
    is_started: bool = field(default=False, init=False)
    raised: list[BaseException] = field(factory=list[BaseException], init=False)
    _phase: _Phase = field(default=_Phase.CALLED, init=False)
    _events: deque[Event] = field(init=False)
    _arrived: Signal = field(factory=Signal, init=False)
    _failure: BaseException | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with the startup."""
        self._events = deque([{"type": "lifespan.startup"}])

    @property
    def scope(self) -> dict[str, object]:
        """The scope of the lifespan."""
        asgi = {"version": "3.0", "spec_version": "2.0"}
        return {"type": "lifespan", "asgi": asgi, "state": self.state}

    # --- What the application calls --------------------------------------------------

    async def receive(self) -> Event:
        """Give the next event."""
        if self._phase is _Phase.CALLED:
            self._phase = _Phase.STARTING
        await self.await_event()
        return self._events.popleft()

    async def await_event(self) -> None:
        """Wait for an event."""
        while not self._events:
            await self._arrived.wait()

    async def send(self, event: Event) -> None:
        """Take an event."""
        kind: object = event.get("type")
        if not isinstance(kind, str) or kind not in _STEPS:
            self._refuse(f"the lifespan was sent an event of the type {kind!a}", EVENT)
        before, after = _STEPS[kind]
        # An application may know without asking that it is to start.
        phase = _Phase.STARTING if self._phase is _Phase.CALLED else self._phase
        if phase is not before:
            self._refuse(
                f"{kind} came while the lifespan was not {before.name.lower()}",
                LIFESPAN,
            )
        self._phase = after
        self.is_started = self.is_started or after is _Phase.RUNNING
        if kind.endswith("failed"):
            name = "startup" if before is _Phase.STARTING else "shutdown"
            self._failure = LifespanFailed(name, str(event.get("message", "")))
        self.changed.fire()

    def _refuse(self, problem: str, rule: Rule) -> NoReturn:
        violation = ASGIViolation(Breach(problem, rule=rule))
        self._failure = self._failure or violation
        self.changed.fire()
        raise violation

    def end(self, _failed: object) -> None:
        """Draw the conclusions from the end of the application."""
        self.changed.fire()

    # --- What the test waits for -----------------------------------------------------

    async def start(self, run: AppRun, bound: Bound) -> None:
        """Wait for the end of the startup."""
        self.run = run
        if not await bound.until(
            lambda: run.has_ended or self.is_started or self._failure is not None,
            self.changed,
        ):
            raise WaitTimeout(
                "the startup of the application was not complete",
                bound.seconds,
                run.whereabouts(),
            )
        if self.is_started:
            return
        await run.settle()
        for fault in self.faults():
            self.raised.append(fault)
            raise fault

    def stop(self) -> None:
        """Ask for the shutdown."""
        if self._phase is _Phase.RUNNING:
            self._phase = _Phase.STOPPING
        self._events.append({"type": "lifespan.shutdown"})
        self._arrived.fire()

    async def stop_behind(
        self, failure: BaseException, run: AppRun, bound: Bound
    ) -> None:
        """Ask for the shutdown, and wait for it, where the test has failed already."""
        self.stop()
        # A cancellation ends this wait, and then the failure comes out.
        with suppress(anyio.get_cancelled_exc_class()):
            overrun = await overrun_of(run, bound, _NOT_STOPPED)
            if overrun is not None:
                failure.add_note(note_of(overrun))

    def faults(self) -> list[BaseException]:
        """List what the application did wrong."""
        error = None if self.run is None else self.run.error
        if self._failure is not None:
            if error is not None and error is not self._failure:
                self._failure.__cause__ = error
            return [self._failure]
        if error is None or self._phase is _Phase.CALLED:
            # ASGI: an exception "when calling the application callable" with the scope
            # means that it has no lifespan.
            return []
        if self.is_started:
            return [error]
        failed = LifespanFailed("startup", f"{type(error).__name__}: {error}")
        failed.__cause__ = error
        self._failure = failed
        return [failed]


_KNOWN: Final = {LifespanServer.await_event.__code__: "awaiting receive()"}
