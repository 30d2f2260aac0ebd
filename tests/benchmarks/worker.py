"""
The process that measures: one group, some turns, and then it ends.

    python -m tests.benchmarks.worker <group> <turns>

It writes one line of JSON for each thing that it has to tell, to what was its standard
output; what libraries print goes nowhere.

The garbage collector stays on, since a library that leaves garbage behind has its users
pay for it. But what was there before the first turn is frozen, so that the classes of
one library weigh on no other; and it is called before each turn, outside the time, so
that nobody pays for what another row has left.
"""

import asyncio
import gc
import json
import logging
import os
import random
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from importlib import import_module
from typing import Literal, TextIO, TypeAlias, TypedDict

from tests.benchmarks.group import Bench, Group, Prepared, Row, Subject
from tests.benchmarks.libraries import NotInstalled, check_installed
from tests.benchmarks.suite import group_called


class LeftOut(TypedDict):
    """A row, a case or the whole group can't be measured here."""

    kind: Literal["left out"]
    what: str
    why: str


class Ready(TypedDict):
    """The turns begin, and each has so many subjects."""

    kind: Literal["ready"]
    subjects: int


class Measured(TypedDict):
    """A subject had its turn."""

    kind: Literal["measured"]
    row: str
    values: dict[str, float]


Line: TypeAlias = LeftOut | Ready | Measured


def main(key: str, turns: int) -> None:
    """Measure a group."""
    # One library turns the log of all others up; here nobody reads it.
    logging.disable(logging.WARNING)
    with _own_output() as output:
        group = group_called(key)
        try:
            check_installed(group.needs)
            rows = rows_of(group, output)
            bench = bench_of(group)
        except NotInstalled as error:
            _tell({"kind": "left out", "what": group.key, "why": str(error)}, output)
        else:
            with asyncio.Runner(loop_factory=_loop_factory(group)) as runner:
                runner.run(measure(bench(group, rows), turns, output))


def bench_of(group: Group) -> Bench:
    """
    Import what measures a group.

    Raises:
        NotInstalled: It needs something that can't be imported.
    """
    try:
        module = import_module(f"tests.benchmarks.benches.{group.bench}")
    except ImportError as error:
        raise NotInstalled(f"{type(error).__name__}: {error}") from error
    bench: Bench = module.bench
    return bench


def _loop_factory(group: Group) -> Callable[[], asyncio.AbstractEventLoop]:
    if group.loop == "uvloop":
        with suppress(ImportError):
            factory: Callable[[], asyncio.AbstractEventLoop]
            factory = import_module("uvloop").new_event_loop
            return factory
    return asyncio.new_event_loop


def _own_output() -> TextIO:
    """Keep the standard output for us, and give all others another one."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return output


def _tell(line: Line, output: TextIO) -> None:
    output.write(json.dumps(line) + "\n")
    output.flush()


def rows_of(group: Group, output: TextIO) -> list[Row]:
    """Find the rows that can be measured here, and tell of the others."""
    rows: list[Row] = []
    for row in group.rows:
        try:
            row.library.check()
        except NotInstalled as error:
            _tell({"kind": "left out", "what": row.name, "why": str(error)}, output)
        else:
            rows.append(row)
    return rows


async def measure(
    bench: AbstractAsyncContextManager[Prepared], turns: int, output: TextIO
) -> None:
    """Warm up, and let the rows take turns."""
    async with bench as prepared:
        subjects = prepared.subjects
        for case, why in prepared.left_out.items():
            _tell({"kind": "left out", "what": case, "why": why}, output)
        for subject in subjects:
            await subject.warm_up()
        gc.collect()
        gc.freeze()
        _tell({"kind": "ready", "subjects": len(subjects)}, output)
        for turn in range(turns):
            for subject in in_order(subjects, turn):
                gc.collect()
                values = await subject.turn()
                told = dict(zip(subject.cases, values, strict=True))
                _tell({"kind": "measured", "row": subject.row, "values": told}, output)


def in_order(subjects: Sequence[Subject], turn: int) -> list[Subject]:
    """
    Shuffle the subjects, in each turn anew but in every run alike.

    What goes before a row leaves its traces in caches and in the mind of the scheduler,
    so it must not be the same each time.
    """
    order = list(subjects)
    random.Random(turn).shuffle(order)
    return order


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
