"""The programs of docs/examples on uvicorn, each in a process of its own."""

import http.client
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias, final

import pytest
from attrs import frozen
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect

from tests.servers.launching import ROOT, Running, Server, running
from tests.waiting import comes_true

EXAMPLES: Final = ROOT / "docs" / "examples"
NAMES: Final = sorted(file.stem for file in EXAMPLES.glob("*.py"))

SECONDS: Final = 10.0
"""The bound of every wait: far more than a machine under load needs."""

FRIENDLY: Final = "https://chat.example"
EVIL: Final = "https://evil.example"
"""The origins of pages: one that the programs let in, and one that they do not."""


@final
@frozen(eq=False, order=False)
class Served:
    """
    A program that is being served.

    Attributes:
        running: Its server.
    """

    running: Running

    @property
    def log(self) -> str:
        """What the server has printed."""
        file = self.running.folder / f"{self.running.server.name}.log"
        return file.read_text()

    @contextmanager
    def connect(
        self, path: str, *, origin: str | None = None, cookie: str | None = None
    ) -> Generator[ClientConnection]:
        """Open a connection; it is closed at the end of the block."""
        fields = {"Origin": origin, "Cookie": cookie}
        headers = [(name, value) for name, value in fields.items() if value is not None]
        with connect(
            f"ws://127.0.0.1:{self.running.port}{path}",
            additional_headers=headers,
            open_timeout=SECONDS,
            close_timeout=SECONDS,
            proxy=None,
        ) as client:
            yield client

    def refusal(
        self, path: str, *, origin: str | None = None, cookie: str | None = None
    ) -> Response:
        """Be refused."""
        with (
            pytest.raises(InvalidStatus) as caught,
            self.connect(path, origin=origin, cookie=cookie),
        ):
            pass
        return caught.value.response

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask for something over plain HTTP; return the status and the body."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.running.port, timeout=SECONDS
        )
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def open(self) -> object:
        """Ask how many connections are open."""
        status, body = self.get("/rooms")
        assert (200, b"{") == (status, body[:1])
        return json.loads(body)["open"]

    def has_closed_all(self) -> bool:
        """Wait until no connection is open, but not for ever."""
        return comes_true(lambda: self.open() == 0)


Start: TypeAlias = Callable[[str], Served]
"""Serves a program when a test asks for it; another test finds it started."""


@contextmanager
def serving(name: str, folder: Path) -> Generator[Served]:
    """Serve a program, until the end of the block."""
    server = Server(
        name, "uvicorn", ("--port", "PORT"), app=f"tests.examples.served:{name}"
    )
    with running(server, folder) as started:
        yield Served(started)


def say(client: ClientConnection, text: str) -> object:
    """Say something, and hear the answer."""
    client.send(json.dumps({"text": text}))
    return hear(client)


def hear(client: ClientConnection) -> object:
    """Hear the next message."""
    message: object = json.loads(client.recv(timeout=SECONDS))
    return message


def end_of(client: ClientConnection) -> tuple[int, str]:
    """Wait for the end; return the code and the reason that the server gave."""
    with pytest.raises(ConnectionClosed) as caught:
        client.recv(timeout=SECONDS)
    close = caught.value.rcvd
    assert close is not None
    return close.code, close.reason
