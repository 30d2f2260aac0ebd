"""
A real uvicorn for the tests of this folder, in a thread, on a free loopback port.

One server serves many tests, since to start one takes longer than most of them: each
test sets the application. What the server logs is kept, and a test in which it logs an
error fails, unless the test has said that there will be one.
"""

import base64
import logging
import secrets
import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import uvicorn
from typing_extensions import override
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.waiting import eventually
from typedws import Ended, UnacceptedWebSocket, websocket_app
from typedws.asgi import (
    AnyASGIApp,
    AnyASGISend,
    ASGIReceive,
    ASGIScope,
    application,
    sender,
)

SECONDS: Final = 10
"""The bound of every wait: far more than a machine under load needs."""

TEXT: Final = 0x1
CLOSE: Final = 0x8
"""Opcodes."""


async def _nobody(_websocket: UnacceptedWebSocket) -> Ended:
    message = "no application was set"
    raise AssertionError(message)


class LiveServer(logging.Handler):
    """
    uvicorn with an application that a test can change.

    Attributes:
        app: What serves the next connections.
        log: What the server and typedws have logged since the last `settle()`.
        port: The port of the loopback interface.
    """

    def __init__(self, ws: str) -> None:
        """Choose one of uvicorn's implementations, and take a free port."""
        super().__init__(logging.INFO)
        self.app: AnyASGIApp = websocket_app(_nobody)
        self.log: list[logging.LogRecord] = []
        self._running = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        config = uvicorn.Config(
            self._serve,
            ws=ws,
            # Without a lifespan that succeeds the server does not start.
            lifespan="on",
            log_config=None,
            # For a method uvicorn guesses wrong.
            interface="asgi3",
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listener],), daemon=True
        )

    async def _serve(
        self, scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend
    ) -> None:
        self._running += 1
        try:
            await application(self.app)(scope, receive, sender(send))
        finally:
            self._running -= 1

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.log.append(record)

    def start(self) -> None:
        """Serve, and return once clients can connect."""
        for name in ("uvicorn", "typedws", "asyncio"):
            logging.getLogger(name).addHandler(self)
        self._thread.start()
        eventually(lambda: self._server.started)

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(SECONDS)
        for name in ("uvicorn", "typedws", "asyncio"):
            logging.getLogger(name).removeHandler(self)

        assert not self._thread.is_alive()

    def settle(self) -> list[str]:
        """Wait for the end of every connection; return what was logged as an error."""
        eventually(self._is_idle)
        errors = [
            self.format(record)
            for record in self.log
            if record.exc_info or record.levelno >= logging.ERROR
        ]
        self.log.clear()
        return errors

    def messages(self) -> list[str]:
        """Return what typedws has logged, after the end of every connection."""
        eventually(self._is_idle)
        return [record.getMessage() for record in self.log if record.name == "typedws"]

    def _is_idle(self) -> bool:
        # The lifespan runs for as long as the server. What an application raises is
        # logged after it has ended, by the task of its connection.
        return self._running == 1 and not self._server.server_state.tasks

    def url(self, path: str = "/", *, scheme: str = "ws") -> str:
        """Make a URL of this server."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    @contextmanager
    def connect(
        self,
        path: str = "/",
        *,
        headers: list[tuple[str, str]] | None = None,
        subprotocols: list[str] | None = None,
    ) -> Generator[ClientConnection]:
        """Open a connection; it is closed at the end of the block."""
        with connect(
            self.url(path),
            additional_headers=headers,
            subprotocols=list(map(Subprotocol, subprotocols or [])) or None,
            open_timeout=SECONDS,
            close_timeout=SECONDS,
            proxy=None,
        ) as client:
            yield client

    @contextmanager
    def connect_raw(self, path: str = "/") -> Generator[socket.socket]:
        """Ask for the handshake with a plain socket, and do not wait for the answer."""
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        request = (
            f"GET {path} HTTP/1.1\r\n"
            f"host: 127.0.0.1:{self.port}\r\n"
            "connection: upgrade\r\n"
            "upgrade: websocket\r\n"
            "sec-websocket-version: 13\r\n"
            f"sec-websocket-key: {key}\r\n"
            "\r\n"
        )
        address = ("127.0.0.1", self.port)
        with socket.create_connection(address, timeout=SECONDS) as client:
            client.sendall(request.encode())
            yield client


def frame(opcode: int, payload: bytes) -> bytes:
    """Make a short frame of a client (RFC 6455, section 5.2), with a mask of zeros."""
    return bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload


def read_answer(client: socket.socket) -> bytes:
    """Read the head of the answer to a handshake."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(4096)
        assert data, "the server has gone"
        head += data
    return head


def vanish(client: socket.socket) -> None:
    """Reset a connection: no close frame, no FIN."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
