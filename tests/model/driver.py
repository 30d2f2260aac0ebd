"""
An event loop in a thread of its own, which a test lets run step by step.

Between two steps it stands still, and its clock always does until the test moves it. So
what happens depends on the steps of the test alone, and can be repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import Final, Literal, TypeAlias, TypeVar, final

import anyio
import anyio.lowlevel
import trio.testing
from anyio.abc import TaskGroup
from attrs import Factory, define, field
from typing_extensions import override

ResultT = TypeVar("ResultT")

Backend: TypeAlias = Literal["asyncio", "trio"]
Job: TypeAlias = Callable[[], Awaitable[None]]

ALL_TURNS: Final = 40
"""After so many turns every task waits for something."""

_LONGEST_STEP: Final = 20.0
"""Seconds. A loop that takes longer turns in circles."""


@final
class StandingLoop(asyncio.SelectorEventLoop):
    """An event loop of asyncio whose clock stands still."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._now = 0.0
        super().__init__()

    @override
    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


@final
@define(eq=False)
class Life:
    """
    The tasks of one connection.

    Attributes:
        tasks: Where they are started.
        has_begun: Is set when they can be.
        has_ended: Is set when none is left.
        error: What one of them has raised.
    """

    tasks: TaskGroup = field(init=False)
    has_begun: anyio.Event = Factory(anyio.Event)
    has_ended: anyio.Event = Factory(anyio.Event)
    error: BaseException | None = None

    async def live(self) -> None:
        """Let tasks be started, until it is over."""
        try:
            async with anyio.create_task_group() as self.tasks:
                self.has_begun.set()
                await anyio.sleep_forever()
        except Exception as error:  # noqa: BLE001 - raised in the test
            self.error = error
        finally:
            self.has_ended.set()

    async def end(self) -> None:
        """Cancel what is left."""
        self.tasks.cancel_scope.cancel()
        await self.has_ended.wait()
        if self.error is not None:
            raise self.error


@final
@define(eq=False)
class Driver:
    """
    Lets an event loop run.

    Attributes:
        backend: Which event loop it is.
        jump: Moves its clock; to be called within a step.
        tasks: The tasks of all lives.
    """

    backend: Backend
    jump: Callable[[float], None]
    tasks: TaskGroup = field(init=False)
    _jobs: "SimpleQueue[Job | None]" = Factory(SimpleQueue[Job | None])

    def step(self, act: Callable[[], object], turns: int = ALL_TURNS) -> None:
        """Do something within the loop, and let it run for some turns."""

        async def do() -> None:
            act()
            for _ in range(turns):
                await anyio.lowlevel.checkpoint()

        self.run(do)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and what was waiting for that run."""
        self.step(lambda: self.jump(seconds))

    def run(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Await something within the loop."""
        future = Future[ResultT]()

        async def job() -> None:
            try:
                future.set_result(await call())
            except BaseException as error:  # noqa: BLE001 - raised in the other thread
                future.set_exception(error)

        self._jobs.put(job)
        return future.result(_LONGEST_STEP)

    def begin(self) -> "Life":
        """Begin a life, in which tasks can be started."""

        async def begin() -> Life:
            life = Life()
            self.tasks.start_soon(life.live)
            await life.has_begun.wait()
            return life

        return self.run(begin)

    def count_tasks(self) -> int:
        """Count the tasks that there are."""

        async def count() -> int:
            if self.backend == "asyncio":
                return len(asyncio.all_tasks())
            return trio.lowlevel.current_statistics().tasks_living

        return self.run(count)

    async def conduct(self) -> None:
        """Do one step after the other; in between all tasks stand still."""
        async with anyio.create_task_group() as self.tasks:
            while True:
                job = self._jobs.get()
                if job is None:
                    return
                await job()

    def stop(self) -> None:
        """End the loop."""
        self._jobs.put(None)


def _clock_of(
    backend: Backend,
) -> tuple[Callable[[float], None], Mapping[str, object]]:
    if backend == "asyncio":
        loop = StandingLoop()
        return loop.jump, {"loop_factory": lambda: loop}
    clock = trio.testing.MockClock()
    return clock.jump, {"clock": clock}


@contextmanager
def driver(backend: Backend) -> Generator[Driver]:
    """Start an event loop, and end it."""
    jump, options = _clock_of(backend)
    conductor = Driver(backend, jump)
    thread = Thread(
        target=anyio.run,
        args=(conductor.conduct,),
        kwargs={"backend": backend, "backend_options": options},
        daemon=True,
    )
    thread.start()
    try:
        yield conductor
    finally:
        conductor.stop()
        thread.join(_LONGEST_STEP)
