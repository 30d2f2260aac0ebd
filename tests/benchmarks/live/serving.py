"""The real servers, and how they are started: one process, one thread, no log."""

import http.client
import os
import resource
import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

from tests.benchmarks.group import Row
from tests.benchmarks.groups.servers import (
    GRANIAN,
    UVICORN,
    UVICORN_ON_UVLOOP,
    Case,
)
from tests.benchmarks.libraries import NotInstalled, check_installed
from tests.benchmarks.live.cores import running_on, two_parts_of_the_cores
from tests.servers.launching import Server, running

APP: Final = "tests.benchmarks.live.served:app"
APPLICATIONS: Final = "TYPEDWS_BENCHMARK_APPLICATIONS"
"""The environment names the applications in it: `in_typedws:iter_text`, say."""

Place: TypeAlias = tuple[int, Row]
"""The port of a server, and what is asked for there."""

BACKLOG: Final = "16384"
PROCESSOR_TIME: Final = "/processor-time"
SPARE_FILES: Final = 200
"""File descriptors for all that is no connection."""


def _uvicorn(loop: str) -> Server:
    options = (
        *("--port", "PORT", "--loop", loop, "--ws", "websockets-sansio"),
        *("--log-level", "warning", "--no-access-log", "--backlog", BACKLOG),
        # A client that does not compress gets no compression; a ping now and then
        # would only disturb.
        *("--ws-per-message-deflate", "false", "--ws-ping-interval", "86400"),
    )
    return Server("uvicorn", "uvicorn", options, APP)


def _granian(loop: str) -> Server:
    options = (
        *("--interface", "asgi", "--port", "PORT", "--loop", loop),
        *("--workers", "1", "--log-level", "warning", "--backlog", BACKLOG),
    )
    return Server("granian", "granian", options, APP)


_SERVERS: Final[Mapping[str, tuple[Server, tuple[str, ...]]]] = {
    UVICORN: (_uvicorn("asyncio"), ("uvicorn", "websockets")),
    UVICORN_ON_UVLOOP: (_uvicorn("uvloop"), ("uvicorn", "websockets", "uvloop")),
    GRANIAN: (_granian("asyncio"), ("granian",)),
}
"""How each is started, and the packages that it needs."""


def processor_time(port: int) -> float:
    """Ask a server how many seconds of the processor it has used."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", PROCESSOR_TIME)
        return float(connection.getresponse().read())
    finally:
        connection.close()


def path_of(library: str, use: str) -> str:
    """Name the path of an application."""
    return f"/{library}/{use}"


def url_of(place: Place) -> str:
    """Name the URL of an application."""
    port, row = place
    return f"ws://127.0.0.1:{port}{path_of(row.library.module, row.use)}"


def _why_not(server: str) -> str | None:
    """Say why a server can't be started here; None if it can."""
    _, packages = _SERVERS[server]
    try:
        check_installed(packages)
    except NotInstalled as error:
        return str(error)
    return None


@contextmanager
def serving_all(
    servers: Iterable[str], rows: Sequence[Row]
) -> Generator[Mapping[str, int]]:
    """Serve the applications of some rows; give the port of each server."""
    named = (f"{row.library.module}:{row.use}" for row in rows)
    os.environ[APPLICATIONS] = ",".join(named)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        client, others = two_parts_of_the_cores()
        with running_on(others):
            ports = {
                name: stack.enter_context(running(_SERVERS[name][0], Path(folder))).port
                for name in dict.fromkeys(servers)
            }
        with running_on(client):
            yield ports


def possible_cases(cases: Mapping[str, Case]) -> tuple[dict[str, Case], dict[str, str]]:
    """Return the cases that can be measured here, and why the others can't."""
    most = _most_connections()
    possible: dict[str, Case] = {}
    left_out: dict[str, str] = {}
    for name, (server, size) in cases.items():
        why = _why_not(server)
        if size > most:
            why = f"there are file descriptors for {most} connections only"
        if why is None:
            possible[name] = (server, size)
        else:
            left_out[name] = why
    return possible, left_out


def _most_connections() -> int:
    """Ask for as many file descriptors as may be had; the servers inherit them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft - SPARE_FILES
