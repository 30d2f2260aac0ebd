"""
Runs the scenarios on a real server, and gives what was seen.

Most run side by side, as they mostly wait. While a hostile one runs, or one that has to
be alone, nothing else does but for a bystander, who must not notice; and what is logged
meanwhile is counted.
"""

import itertools
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import anyio
import anyio.to_thread
from attrs import define, evolve, field, frozen

from tests.outcomes.noting import BEGINS, ENDS
from tests.outcomes.scenario import Scenario
from tests.outcomes.scenarios.catalogue import SCENARIOS
from tests.outcomes.visiting import Caller, Visit, holds
from tests.servers.launching import Running, Server, start

__all__ = ["MANY_LINES", "Row", "Rows", "Run", "run"]

AT_ONCE: Final = 16
LONGEST_SCENARIO: Final = 60.0
LONGEST_RUN: Final = 220.0
LONGEST_END: Final = 5.0
LONGEST_DEATH: Final = 0.5
"""Seconds that a server may take to end itself."""

MANY_LINES: Final = 20
"""So many are a traceback, and how long that is says the Python that serves."""

MOST_VISITS: Final = 3
DROPS_SOON: Final = "daphne"
FAILS: Final = "fails: "
MORTAL: Final = "trio.BusyResourceError"
"""Of the trio worker of hypercorn, which sends and closes in two tasks at once."""


@frozen(order=False)
class Row:
    """
    What was seen of one scenario.

    Attributes:
        app: What the handler saw.
        client: What the client saw.
        log: How much was logged, if it is more than one line where that is counted.
        server: What became of the server, if it did not simply live.
    """

    app: tuple[str, ...]
    client: tuple[str, ...]
    log: str = ""
    server: str = ""


Rows: TypeAlias = Mapping[str, Row]


@frozen(order=False)
class Run:
    """
    What was seen on a server.

    Attributes:
        rows: By the names of the scenarios.
        log: What was logged while all clients were ordinary, but for what typedws says.
    """

    rows: Rows
    log: list[str]


def run(server: Server, names: Iterable[str] = tuple(SCENARIOS)) -> Run:
    """Run scenarios on a server."""
    scenarios = [SCENARIOS[name] for name in names]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(server, Path(folder))
        try:
            anyio.run(runner.run, scenarios)
        finally:
            runner.stop()
    rows = {scenario.name: runner.rows[scenario.name] for scenario in scenarios}
    return Run(rows, runner.log)


@define(eq=False)
class Runner:
    """
    Runs scenarios on one server, which is started anew when it has ended.

    Attributes:
        rows: What was seen, by the names of the scenarios.
        log: What was logged while all clients were ordinary, but for what typedws says.
    """

    server: Server
    folder: Path
    rows: dict[str, Row] = field(factory=dict[str, Row])
    log: list[str] = field(factory=list[str])
    _running: Running | None = None
    _stop: anyio.Event = field(factory=anyio.Event)
    _numbers: "itertools.count[int]" = field(factory=itertools.count)

    @property
    def running(self) -> Running:
        """The server; it is started if there is none."""
        if self._running is None:
            self._running = start(self.server, self.folder)
        return self._running

    def stop(self) -> None:
        """Stop the server."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    async def run(self, scenarios: Sequence[Scenario]) -> None:
        """
        Run them all.

        Raises:
            TimeoutError: It takes so long that something hangs.
        """
        with anyio.fail_after(LONGEST_RUN):
            await self._run(scenarios)

    async def _run(self, scenarios: Sequence[Scenario]) -> None:
        limit = anyio.CapacityLimiter(AT_ONCE)

        async def one_of_many(scenario: Scenario) -> None:
            async with limit:
                self.rows[scenario.name] = await self._visit_in_time(scenario)

        async def many() -> None:
            async with anyio.create_task_group() as tasks:
                for scenario in filter(_is_one_of_many, scenarios):
                    tasks.start_soon(one_of_many, scenario)

        async def fail(scenario: Scenario) -> None:
            self.rows[scenario.name] = await self._visit(scenario)

        async def suffer(scenario: Scenario) -> None:
            self.rows[scenario.name] = await self._suffer(scenario)

        await self._survive(many)
        self.log = [line for line in self._log_since(0) if not line.startswith("<")]
        for scenario in scenarios:
            if scenario.is_alone or scenario.is_hostile:
                await self._survive(partial(suffer, scenario))
        # Behind those whose log is watched: daphne tells of a fault a second later.
        for scenario in scenarios:
            if scenario.logs_faults:
                await self._survive(partial(fail, scenario))
        await self._stop_under([it for it in scenarios if it.stops_the_server])

    async def _survive(self, visit: Callable[[], Awaitable[None]]) -> None:
        """
        Visit again where the server has ended by the one mistake that it is known for.

        Which scenario it strikes is chance, and what it does there nobody's outcome.
        """
        for _ in range(MOST_VISITS):
            await visit()
            if not self._has_died():
                return
            self.stop()

    def _has_died(self) -> bool:
        return any(MORTAL in line for line in self._log_since(0))

    async def _stop_under(self, scenarios: Sequence[Scenario]) -> None:
        """Stop a server of their own when all of them are ready for it."""
        if not scenarios:
            return
        self.stop()
        pid = self.running.pid

        async def visit(scenario: Scenario) -> None:
            self.rows[scenario.name] = await self._visit(scenario)

        async with anyio.create_task_group() as tasks:
            for scenario in scenarios:
                tasks.start_soon(visit, scenario)
            with anyio.move_on_after(LONGEST_SCENARIO):
                await holds(
                    lambda: self._stop.statistics().tasks_waiting == len(scenarios)
                )
            os.kill(pid, signal.SIGTERM)
            self._stop.set()

    async def _visit_in_time(self, scenario: Scenario) -> Row:
        """
        Visit again if the machine was too busy for the client.

        One second after a close daphne drops a client that has not answered, which a
        scenario of its own is about. In any other the client has seen nothing then.
        """
        row = await self._visit(scenario)
        for _ in range(MOST_VISITS - 1):
            if self.server.package != DROPS_SOON or not _is_cut_off(row):
                break
            row = await self._visit(scenario)
        return row

    async def _suffer(self, scenario: Scenario) -> Row:
        async with self._new_visit(SCENARIOS["unicode"]).connect() as bystander:
            await _is_heard(bystander)
            before = self._log_size()
            visit = await self._meet(scenario)
            if await self._is_settled(bystander, visit, scenario):
                log = _amount(self._log_since(before))
                return evolve(_seen(visit, scenario), log=log)
        await anyio.sleep(LONGEST_DEATH)
        answers = await anyio.to_thread.run_sync(self.running.answers)
        if not answers:
            self.stop()
        server = "drops others" if answers else "ends"
        return evolve(_seen(visit, scenario), server=server)

    async def _is_settled(
        self, bystander: Caller, visit: Visit, scenario: Scenario
    ) -> bool:
        """
        Let the server do what it does behind the end, and tell whether it lives.

        A client that was refused may have come to the application all the same, but
        later; and what is logged of it must not be charged to the next.
        """
        if not await _is_heard(bystander):
            return False
        await self._wait_for_the_app(visit, scenario.connections)
        return await _is_heard(bystander)

    async def _visit(self, scenario: Scenario) -> Row:
        return _seen(await self._meet(scenario), scenario)

    async def _meet(self, scenario: Scenario) -> Visit:
        visit = self._new_visit(scenario)
        try:
            with anyio.fail_after(LONGEST_SCENARIO):
                await scenario.client(visit)
        except Exception as error:  # noqa: BLE001 - it is what was seen
            visit.seen.append(f"{FAILS}{type(error).__name__}: {error}")
        await self._wait_for_the_app(visit, scenario.connections)
        return visit

    def _new_visit(self, scenario: Scenario) -> Visit:
        running = self.running
        number = f"{next(self._numbers)}"
        return Visit(running.port, self.folder, scenario.name, number, self._stop)

    async def _wait_for_the_app(self, visit: Visit, connections: int) -> None:
        with anyio.move_on_after(LONGEST_END):
            await holds(
                lambda: (
                    _has_ended(visit.notes(), connections) or not self.running.is_alive
                )
            )

    def _log_size(self) -> int:
        return self._log().stat().st_size

    def _log_since(self, size: int) -> list[str]:
        log = self._log()
        if not log.exists():
            return []
        with log.open(errors="replace") as lines:
            lines.seek(size)
            return lines.read().splitlines()

    def _log(self) -> Path:
        return self.folder / f"{self.server.name}.log"


def _is_cut_off(row: Row) -> bool:
    return any(line == "dropped" or line.startswith(FAILS) for line in row.client)


def _is_one_of_many(scenario: Scenario) -> bool:
    return not (
        scenario.is_alone
        or scenario.is_hostile
        or scenario.logs_faults
        or scenario.stops_the_server
    )


def _seen(visit: Visit, scenario: Scenario) -> Row:
    return Row(tuple(_told(visit.notes(), scenario)), tuple(visit.seen))


def _amount(lines: Sequence[str]) -> str:
    if len(lines) > MANY_LINES:
        return f"more than {MANY_LINES} lines"
    return f"{len(lines)} lines" if len(lines) > 1 else ""


async def _is_heard(caller: Caller) -> bool:
    await caller.say("bystander")
    return await caller.next() == "'bystander'"


def _has_ended(notes: list[str], connections: int) -> bool:
    begun = notes.count(BEGINS)
    ended = sum(line.startswith(ENDS) for line in notes)
    return begun == ended >= connections


def _told(notes: list[str], scenario: Scenario) -> list[str]:
    ends = {line.removeprefix(ENDS) for line in notes if line.startswith(ENDS)}
    if not _has_ended(notes, scenario.connections):
        ends.add("does not end")
    told = [line for line in notes if line != BEGINS and not line.startswith(ENDS)]
    if scenario.connections > 1:
        told = list(dict.fromkeys(told))
    return [*told, *sorted(ends)]
