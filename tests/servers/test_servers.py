"""
The servers: each still behaves as it was measured.

Those of `make test` are the two that differ the most and start the fastest; the others
are slow. If a test fails because a server has changed, measure it again, and see what
that does to its profile: `python -m tests.servers.measuring <server>`.
"""

import functools
import importlib.metadata
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeGuard

import pytest

from tests.servers.differences import CHANCES
from tests.servers.launching import SERVERS, running
from tests.servers.measuring import measure
from tests.servers.rows import Row, Rows, measured, measured_version
from tests.servers.scenarios import SCENARIOS

pytestmark = pytest.mark.live

FAST: Final = ("uvicorn", "hypercorn")
SLOW: Final = tuple(name for name in SERVERS if name not in FAST)

each_server: Final = pytest.mark.parametrize(
    "server", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)


@functools.cache
def pool() -> ThreadPoolExecutor:
    """Run two servers at a time: they mostly wait."""
    return ThreadPoolExecutor(2)


@functools.cache
def started(server: str) -> "Future[Rows]":
    """Begin to run all scenarios on a server."""
    return pool().submit(run, server)


def run(server: str) -> Rows:
    """Run all scenarios on a server."""
    expected = measured(server)
    rows = measure(SERVERS[server])
    # On a machine under load an application can be late. What differs for another
    # reason will differ again.
    late = [name for name in SCENARIOS if rows[name] != expected[name]]
    return {**rows, **measure(SERVERS[server], late)} if late else rows


def seen(server: str) -> Rows:
    """Give what was seen of a server; the others of its kind are run beside it."""
    for other in FAST if server in FAST else SLOW:
        started(other)
    return started(server).result()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("scenario", SCENARIOS)
@each_server
def test_a_server_behaves_as_it_was_measured(server: str, scenario: str) -> None:
    """What the application saw, and what the client saw, line by line."""
    package = SERVERS[server].package
    versions = f"{importlib.metadata.version(package)}, not {measured_version(server)}"

    assert seen(server)[scenario] in possible(server, scenario), versions


def possible(server: str, scenario: str) -> list[Row]:
    """Give what may come of a scenario: what was measured, or one of two."""
    row = measured(server)[scenario]
    return [row, _all_returns(row)] if (server, scenario) in CHANCES else [row]


def _all_returns(row: Row) -> Row:
    return {who: list(map(_returns, record)) for who, record in row.items()}


def _returns(line: object) -> object:
    if _is_list(line) and line[-1:] == ["raises"]:
        return [*line[:-1], "returns"]
    return line


def _is_list(line: object) -> TypeGuard[list[object]]:
    return isinstance(line, list)


@each_server
def test_a_server_leaves_nothing_behind(server: str, tmp_path: Path) -> None:
    """Neither a process nor somebody who listens."""
    with running(SERVERS[server], tmp_path) as server_here:
        assert server_here.answers()

    assert not server_here.is_alive
    assert not server_here.listens()
