"""
The block in which an application runs beside a test, and who of both has failed.

An application never outlives its block: it is waited for, cancelled, and cut off. What
it did wrong is raised as it is; where the test has failed as well, that failure counts,
and has a note of the other.
"""

import traceback
import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final, final

import anyio
from attrs import define, field

from typedws.per_loop import PerLoop
from typedws.testing.app_run import AppRun, leaked_by
from typedws.testing.bounds import Bound, settle
from typedws.testing.errors import LeakedTaskWarning, WaitTimeout

__all__ = ["note_of", "overrun_of", "supervised"]

_SWALLOWED: Final = "The application swallowed its cancellation, and was left behind."


@asynccontextmanager
async def supervised(
    run: AppRun,
    *,
    bound: Bound,
    leave: Callable[[], None],
    left: str,
    faults: Callable[[], list[BaseException]],
    raised: list[BaseException],
) -> AsyncGenerator[None]:
    """
    Run an application beside the block.

    Args:
        run: The application.
        bound: How long it may take to end when the block has.
        leave: Lets the client go, when the block has ended well.
        left: What is said of an application that does not end then.
        faults: What the application did wrong.
        raised: What of that the test was given in the block.
    """
    failure: BaseException | None = None
    overrun: WaitTimeout | None = None
    leaks = _leaks.here()
    leaks.open += 1
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run.run)
            # An exception that left this block would come out in a group of one.
            try:
                yield
                leave()
                overrun = await overrun_of(run, bound, left)
            except BaseException as error:  # noqa: BLE001 - raised again below
                failure = error
            await run.cancel(tasks)
    except BaseException as error:  # noqa: BLE001 - raised again below
        # trio objects to the cancel scopes that an application has never left. And it
        # raises a cancellation here that came meanwhile: that hides no failure.
        is_objection = run.is_cut_off and isinstance(error, Exception)
        failure = failure or (None if is_objection else error)
    finally:
        leaks.open -= 1
    if run.is_cut_off:
        (failure or overrun or RuntimeError()).add_note(_SWALLOWED)
    found = [it for it in faults() if not any(it is known for known in raised)]
    _judge(failure, found if overrun is None else [*found, overrun])
    await leaks.report(run)


async def overrun_of(run: AppRun, bound: Bound, left: str) -> WaitTimeout | None:
    """Wait for an application to end, and say so if it does not."""
    if await run.ends_within(bound):
        return None
    return WaitTimeout(left, bound.seconds, run.whereabouts())


def _judge(failure: BaseException | None, faults: list[BaseException]) -> None:
    others = [fault for fault in faults if fault is not failure]
    if failure is None:
        if not others:
            return
        failure, *others = others
    for fault in others:
        failure.add_note(note_of(fault))
    raise failure


def note_of(fault: BaseException) -> str:
    """Write what a failure of the test says of one of the application."""
    lines = traceback.format_exception(fault)
    return "Beside that, the application failed:\n" + "".join(lines).rstrip()


@final
@define(eq=False, order=False)
class _Leaks:
    """
    Looks for tasks that applications have left behind.

    To look at every task of the event loop takes time, so it is done once, when the
    last of many connections is over.
    """

    open: int = 0
    _ended: list[AppRun] = field(factory=list[AppRun], init=False)

    async def report(self, run: AppRun) -> None:
        """Warn of what was left behind, if no other application is running."""
        self._ended.append(run)
        if self.open:
            return
        ended, self._ended = self._ended, list[AppRun]()
        # One that was cancelled a moment ago has to be let run to its end.
        await settle(lambda: not leaked_by(ended))
        for place in leaked_by(ended):
            message = (
                "an application has ended, and has left a task behind, which is "
                f"{place}; await it, or cancel it, before the application ends"
            )
            warnings.warn(LeakedTaskWarning(message), stacklevel=2)


_leaks: Final = PerLoop("typedws leaks", _Leaks)
