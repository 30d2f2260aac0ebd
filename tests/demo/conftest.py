"""A live server for the demo's tests, and guests who talk to it."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final
from urllib.parse import quote, urlencode

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.waiting import eventually
from typedws.demo.app import create_app
from typedws.demo.chat import Chat
from typedws.demo.rooms import Rooms

SECONDS: Final = 10
"""The bound of every wait: far more than a machine under load needs."""

BACKLOG: Final = 32
"""Of the server under test: small, so that a test can fill it."""


class LiveServer:
    """The demo on uvicorn, in a thread, on a free port that it keeps."""

    def __init__(self) -> None:
        """Choose the port."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.chat = Chat()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Serve a new chat, and return once it can be reached."""
        listener = socket.create_server(("127.0.0.1", self.port))
        # Accepted sockets inherit this. A slow reader then is noticed after a few
        # messages, rather than after the megabytes that loopback would buffer.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * 1024)
        self.chat = Chat(rooms=Rooms(backlog=BACKLOG), pace=0.001)
        config = uvicorn.Config(
            create_app(self.chat),
            log_level="warning",
            timeout_graceful_shutdown=2,
            ws_ping_interval=None,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), daemon=True
        )
        self._thread.start()
        eventually(lambda: self._server is not None and self._server.started)

    def stop(self) -> None:
        """Stop serving; all connections end."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()
        self._server = self._thread = None

    def address(self, room: str, name: str) -> str:
        """Give the WebSocket address of a seat."""
        query = urlencode({"name": name})
        return f"ws://127.0.0.1:{self.port}/rooms/{quote(room, safe='')}?{query}"

    def page(self, **query: str) -> str:
        """Give the address of the page."""
        return f"http://127.0.0.1:{self.port}/?{urlencode(query)}"


class Guest:
    """A client of the chat that checks what it is told."""

    def __init__(self, connection: ClientConnection) -> None:
        """Wrap an open connection."""
        self.connection = connection

    def says(self, text: str) -> None:
        """Say something to the room."""
        self.sends(json.dumps({"type": "say", "text": text}))

    def sends(self, frame: str | bytes) -> None:
        """Send any frame at all."""
        self.connection.send(frame)

    def hears(self) -> object:
        """Return the next message, without waiting for ever."""
        return json.loads(self.connection.recv(timeout=SECONDS))

    def hears_until(self, expected: object) -> None:
        """Skip all messages before an expected one."""
        while self.hears() != expected:
            pass

    def hears_nothing(self) -> None:
        """Make sure that no message is on its way."""
        # The server answers in order: whatever was sent before would come first.
        self.sends("{}")
        heard = self.hears()

        assert isinstance(heard, dict)
        assert "error" == heard["type"], heard

    def is_shown_out(self) -> tuple[int, str]:
        """Read to the end; return the server's close code and reason."""
        with pytest.raises(ConnectionClosed) as closed:
            self.hears_until(None)
        received = closed.value.rcvd

        assert received is not None, "the connection ended without a close frame"

        return received.code, received.reason

    def leaves(self) -> None:
        """Close the connection."""
        self.connection.close()


class Invite:
    """Opens connections to a server."""

    def __init__(self, server: LiveServer, stack: ExitStack) -> None:
        """Open them at a server; the stack closes them."""
        self._server = server
        self._stack = stack

    def __call__(
        self, name: str, room: str = "lobby", *, max_queue: int | None = 16
    ) -> Guest:
        """Connect under a name; `max_queue` frames are read ahead of the test."""
        connection = connect(
            self._server.address(room, name),
            open_timeout=SECONDS,
            close_timeout=1,
            max_queue=max_queue,
            # Compressed, a test's long texts would be short ones.
            compression=None,
            proxy=None,
        )
        return Guest(self._stack.enter_context(connection))


@pytest.fixture
def server() -> Iterator[LiveServer]:
    """Serve the demo for one test."""
    live = LiveServer()
    live.start()
    yield live
    live.stop()


@pytest.fixture
def invite(server: LiveServer) -> Iterator[Invite]:
    """Open connections to the server; they are closed after the test."""
    with ExitStack() as stack:
        yield Invite(server, stack)
