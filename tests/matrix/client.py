"""A client of a server of the matrix, and what it can ask of the handlers there."""

import http.client
import itertools
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import msgspec
from attrs import field, frozen
from websockets.sync.client import ClientConnection, connect

from tests.servers.launching import Running
from tests.waiting import comes_true

SIGNAL: Final = "TYPEDWS_TEST_SIGNAL"
"""In the environment: the name of the signal on which a server drains."""

SECONDS: Final = 10.0
"""The bound of every wait: far more than a machine under load needs."""


@frozen(eq=False)
class Noted:
    """
    What a handler has noted.

    Attributes:
        what: Its notes, by name.
        when: When it made them, on the clock of this machine.
    """

    what: dict[str, object]
    when: dict[str, float]


@frozen(eq=False)
class Live:
    """
    A server that runs.

    Attributes:
        running: Its process.
    """

    running: Running
    _numbers: "itertools.count[int]" = field(factory=itertools.count, init=False)

    @property
    def name(self) -> str:
        """The name of the server."""
        return self.running.server.name

    def path(self, handler: str) -> str:
        """Make the path of a new connection."""
        return f"/{handler}/{next(self._numbers)}"

    @contextmanager
    def connect(
        self, path: str, *, close_timeout: float = SECONDS
    ) -> Generator[ClientConnection]:
        """Open a connection; it is closed at the end of the block."""
        with connect(
            f"ws://127.0.0.1:{self.running.port}{path}",
            open_timeout=SECONDS,
            close_timeout=close_timeout,
            max_size=None,
            compression=None,
            proxy=None,
        ) as client:
            yield client

    def ask(self, question: str) -> object:
        """Ask the process of the server."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.running.port, timeout=SECONDS
        )
        try:
            connection.request("GET", f"/{question}")
            answer: object = json.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()

    def memory(self) -> int:
        """Return how many bytes the process of the server holds."""
        held = self.ask("memory")
        assert isinstance(held, int)
        return held

    def notes(self, path: str, *, until: str = "end") -> Noted:
        """Wait for a note of a handler, and read all of them."""
        question = f"notes/{path.split('/')[2]}"
        has_come = comes_true(lambda: until in _noted(self.ask(question)).what)
        assert has_come, f"{self.name}: {path} has not noted {until!r} in time"
        return _noted(self.ask(question))


def _noted(answer: object) -> Noted:
    lines = msgspec.convert(answer, list[tuple[str, object, float]])
    return Noted(
        {what: how for what, how, _ in lines}, {what: when for what, _, when in lines}
    )
