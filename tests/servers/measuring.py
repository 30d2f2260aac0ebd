"""
Runs the scenarios on real servers, and writes down what came of them.

    python -m tests.servers.measuring uvicorn daphne

writes `measured/uvicorn.json` and `measured/daphne.json`, which the tests of the
profiles compare with. Without arguments it measures all servers.
"""

import importlib.metadata
import itertools
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
from attrs import define, field

from tests.servers.clients import Actor, act
from tests.servers.launching import LIVE, SERVERS, Running, Server, record_of, start
from tests.servers.live_client import live_client
from tests.servers.observing import Record
from tests.servers.plain_data import is_sequence
from tests.servers.rows import Row, Rows, write
from tests.servers.scenarios import SCENARIOS, Scenario

LONGEST_END: Final = 1.0
"""Seconds that a server may take to end itself."""

MOST_RUNS: Final = 4
"""How often to look again; what differs then is chance, or the machine is too busy."""

AT_ONCE: Final = 24
"""How many connections there are at a time. They mostly wait."""

LONGEST_APPLICATION: Final = 18.0
"""Seconds that an application may still run when its client has done its part."""


@define(eq=False)
class Measurement:
    """Runs scenarios on one server, which is started anew when it has ended."""

    server: Server
    folder: Path
    _running: Running
    _numbers: "itertools.count[int]" = field(factory=itertools.count)

    async def rows(self, names: Sequence[str]) -> Rows:
        """Run scenarios."""
        found: Rows = {}
        limit = anyio.CapacityLimiter(AT_ONCE)

        async def run(scenario: Scenario) -> None:
            async with limit:
                found[scenario.name] = await self._row(scenario)

        scenarios = [SCENARIOS[name] for name in names]
        async with anyio.create_task_group() as tasks:
            for scenario in scenarios:
                if not scenario.is_alone:
                    tasks.start_soon(run, scenario)
        for scenario in scenarios:
            if scenario.is_alone:
                await run(scenario)
            if scenario.may_end_the_server:
                await self._start_again_if_it_ended(scenario, found)
        return {name: found[name] for name in names}

    async def _row(self, scenario: Scenario) -> Row:
        number = f"{self.server.name}-{next(self._numbers)}"
        target = f"/{scenario.name}/{number}{scenario.request.target}"
        seen: Record = []
        async with live_client(self._running.port, target, scenario.request) as client:
            await act(scenario.client, Actor(client, seen, LIVE))
            record = await self._record(number)
        return {"app": record, "client": seen}

    async def _record(self, number: str) -> Record:
        record: Record = []
        with anyio.move_on_after(LONGEST_APPLICATION):
            while not is_whole(record):
                await anyio.sleep(0.02)
                record = _read(record_of(self.folder, number))
                if not self._running.is_alive:
                    break
        return record

    async def _start_again_if_it_ended(self, scenario: Scenario, rows: Rows) -> None:
        # It may take its time to end, and still answer meanwhile.
        await anyio.sleep(LONGEST_END)
        if not await anyio.to_thread.run_sync(self._running.answers):
            rows[scenario.name]["server"] = ["ends"]
            self.stop()
            self._running = start(self.server, self.folder)

    def stop(self) -> None:
        """Stop the server."""
        self._running.stop()


def measure(server: Server, names: Sequence[str] = tuple(SCENARIOS)) -> Rows:
    """Run scenarios on a server, and return what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        measurement = Measurement(server, Path(folder), start(server, Path(folder)))
        try:
            return anyio.run(measurement.rows, names)
        finally:
            measurement.stop()


def is_whole(record: Record) -> bool:
    """Whether the application has ended."""
    last = record[-1] if record else None
    return is_sequence(last) and last[0] == "end"


def _read(file: Path) -> Record:
    if not file.exists():
        return []
    lines = file.read_text().split("\n")
    # The last one is being written, or is empty.
    return [json.loads(line) for line in lines[:-1]]


def confirmed(server: Server) -> Rows:
    """Measure each scenario until two runs in a row have given the same."""
    rows = measure(server)
    left = list(rows)
    for _ in range(MOST_RUNS):
        again = measure(server, left)
        left = [name for name in left if again[name] != rows[name]]
        rows.update(again)
        if not left:
            return rows
    print(f"{server.name} is not the same each time: {', '.join(left)}")  # noqa: T201 - a command
    return rows


def main(names: Sequence[str]) -> None:
    """Measure servers, and write down what came of it."""
    for name in names or SERVERS:
        server = SERVERS[name]
        version = importlib.metadata.version(server.package)
        write(name, version, confirmed(server))


if __name__ == "__main__":
    main(sys.argv[1:])
