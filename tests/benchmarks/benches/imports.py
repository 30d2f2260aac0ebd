"""What an import of each library takes, in a fresh interpreter."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.compiled import compiling_into
from tests.benchmarks.group import Group, Prepared, Row, Subject

CODE: Final = """
import attrs, msgspec, time
began = time.perf_counter()
import {module}
print(time.perf_counter() - began)
"""


def seconds_to_import(module: str, compiled: str) -> float:
    """
    Import a module in a new process; return what it took there.

    Args:
        module: Its name.
        compiled: The folder for what Python has compiled.
    """
    command = [sys.executable, "-c", CODE.format(module=module)]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env=compiling_into(compiled),
    )
    return float(ended.stdout.splitlines()[-1])


async def _turn(module: str, compiled: str) -> Sequence[float]:
    return [await asyncio.to_thread(seconds_to_import, module, compiled)]


async def _warm_up(module: str, compiled: str) -> None:
    # The first import compiles, and fills the caches of the disk.
    await _turn(module, compiled)


@asynccontextmanager
async def bench(group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Prepare the rows of the group."""
    with TemporaryDirectory(prefix="typedws-imports-") as compiled:
        yield Prepared(
            [
                Subject(
                    row.name,
                    group.cases,
                    turn=partial(_turn, row.use, compiled),
                    warm_up=partial(_warm_up, row.use, compiled),
                )
                for row in rows
            ]
        )
