"""
Real servers, each in a process of its own, on a free port of the loopback interface.

A server is ready when it answers with a token that nobody else knows. It is always
killed, with all that it has started; and if the test run is killed, the module that it
serves ends it.
"""

import http.client
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import define, frozen

from tests.ports import free_port, listens
from tests.servers.observing import Patience
from tests.waiting import comes_true

ROOT: Final = Path(__file__).parents[2]
APP: Final = "tests.servers.served:app"

FOLDER: Final = "TYPEDWS_TEST_FOLDER"
PARENT: Final = "TYPEDWS_TEST_PARENT"
TOKEN: Final = "TYPEDWS_TEST_TOKEN"
"""What the environment tells the server's process."""

LIVE: Final = Patience(blocked=1.5, pause=0.4)
"""How long an application waits in a real server."""

LONGEST_START: Final = 30.0
LONGEST_STOP: Final = 5.0
ATTEMPTS: Final = 3
"""Another process may take the port before the server does."""


@frozen(order=False)
class Server:
    """
    A real server.

    Attributes:
        name: What it is called in tables.
        package: The package whose version is told.
        options: The command line behind `python -m`, with `PORT` for the port.
        app: Where the application is.
    """

    name: str
    package: str
    options: tuple[str, ...]
    app: str = APP

    def command(self, port: int) -> list[str]:
        """Make the command line."""
        options = [option.replace("PORT", str(port)) for option in self.options]
        return [sys.executable, "-m", self.package, *options, self.app]


SERVERS: Final[Mapping[str, Server]] = {
    server.name: server
    for server in (
        Server("uvicorn", "uvicorn", ("--port", "PORT", "--ws", "auto")),
        Server("uvicorn-wsproto", "uvicorn", ("--port", "PORT", "--ws", "wsproto")),
        Server("hypercorn", "hypercorn", ("-b", "127.0.0.1:PORT")),
        Server("hypercorn-trio", "hypercorn", ("-b", "127.0.0.1:PORT", "-k", "trio")),
        Server("granian", "granian", ("--interface", "asgi", "--port", "PORT")),
        Server("daphne", "daphne", ("-p", "PORT")),
    )
}


class NotReady(Exception):
    """A server did not start."""


def record_of(folder: Path, number: str) -> Path:
    """Name the file in which the application of a connection writes its record."""
    return folder / f"{number}.jsonl"


@define(eq=False)
class Running:
    """
    A server that runs.

    Attributes:
        server: What runs.
        folder: Where its applications write their records.
    """

    server: Server
    folder: Path
    port: int
    _token: str
    _process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The process that was started; its workers may be others."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still serves."""
        return self._process.poll() is None

    def answers(self) -> bool:
        """Whether it answers, and is the one that was started."""
        try:
            return self._token == _ask(self.port)
        except (OSError, http.client.HTTPException):
            return False

    def stop(self) -> None:
        """Kill it, and all that it has started."""
        # The group outlives its leader for as long as a worker does.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        # A worker is no child of ours, so its end shows in nothing else.
        comes_true(lambda: not self.listens(), LONGEST_STOP)

    def listens(self) -> bool:
        """Whether anybody takes connections on its port."""
        return listens(self.port)


@contextmanager
def running(server: Server, folder: Path) -> Generator[Running]:
    """Serve, until the end of the block."""
    started = start(server, folder)
    try:
        yield started
    finally:
        started.stop()


def start(server: Server, folder: Path) -> Running:
    """Start a server, and wait until it answers."""
    log = folder / f"{server.name}.log"
    for _ in range(ATTEMPTS):
        started = _launch(server, folder, log)
        try:
            if _is_ready(started):
                return started
        except BaseException:
            started.stop()
            raise
        started.stop()
    raise NotReady(f"{server.name} did not start:\n{log.read_text()}")


def _launch(server: Server, folder: Path, log: Path) -> Running:
    token = secrets.token_hex(8)
    port = free_port()
    told = {FOLDER: str(folder), TOKEN: token, PARENT: str(os.getpid())}
    with log.open("wb") as output:
        process = subprocess.Popen(
            server.command(port),
            cwd=ROOT,
            env={**os.environ, **told, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(server, folder, port, token, process)


def _is_ready(started: Running) -> bool:
    return (
        comes_true(lambda: started.answers() or not started.is_alive, LONGEST_START)
        and started.is_alive
    )


def _ask(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    finally:
        connection.close()
