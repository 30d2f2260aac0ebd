"""
A real server in a process of its own, for what can't run in a thread of the tests.

What starts there is a launcher, a module `tests.live.serve_<server>`: it serves one of
`tests.live.applications`, and prints its port once clients can connect.
"""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, final

from attrs import frozen
from websockets.sync.client import ClientConnection, connect

from tests.live.server import SECONDS

ROOT: Final = Path(__file__).parents[2]


@final
@frozen(order=False)
class ServerProcess:
    """
    A server that is running.

    Attributes:
        port: The port of the loopback interface.
    """

    port: int

    @contextmanager
    def connect(self, path: str = "/") -> Generator[ClientConnection]:
        """Open a connection; it is closed at the end of the block."""
        with connect(
            f"ws://127.0.0.1:{self.port}{path}",
            open_timeout=SECONDS,
            close_timeout=SECONDS,
            proxy=None,
        ) as client:
            yield client


@contextmanager
def serving(launcher: str, application: str) -> Generator[ServerProcess]:
    """
    Serve an application until the end of the block.

    Args:
        launcher: The module that starts the server.
        application: The name of the application.
    """
    with subprocess.Popen(
        [sys.executable, "-m", launcher, application],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield ServerProcess(_port_of(process))
        finally:
            process.terminate()
            _wait_for(process)


def _port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    port = process.stdout.readline()
    assert port, "the server did not start; it says above why"
    return int(port)


def _wait_for(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(SECONDS)
    finally:
        process.kill()
