"""
The client of a real server: the protocol of `websockets`, on a socket of its own.

With the socket in hand it can do what a client's user can not: leave half of a
handshake, reset the connection, and send frame by frame.
"""

import socket
import struct
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import anyio
import anyio.abc
from attrs import define, field
from websockets.client import ClientProtocol
from websockets.exceptions import NegotiationError
from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import Event, State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from tests.servers.clients import (
    FAILS,
    MESSAGE,
    NO_ANSWER,
    SILENCE,
    Line,
    Request,
    accepted,
    closed,
    denied,
    message,
)

PATIENCE: Final = 3.0
"""Seconds, for whatever a server does at once or not at all."""

PING: Final = b"are you there?"


@define(eq=False)
class LiveClient:
    """A client on a socket."""

    port: int
    path: str
    request: Request
    _stream: anyio.abc.SocketStream
    _protocol: ClientProtocol
    _events: deque[Event] = field(factory=deque[Event])
    _is_over: bool = False

    async def ask(self) -> None:
        """Send the handshake."""
        lines = [
            f"GET {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {self._protocol.key}",
        ]
        offered = ", ".join(self.request.subprotocols)
        lines += [f"Sec-WebSocket-Protocol: {offered}"] if offered else []
        lines += [f"{name}: {value}" for name, value in self.request.headers]
        head = "".join(f"{line}\r\n" for line in [*lines, ""])
        await self._stream.send(head.encode("latin-1"))

    async def connect(self) -> Line:
        """Send the handshake, and read the answer."""
        await self.ask()
        with anyio.move_on_after(PATIENCE):
            line = self._answer(await self._response())
            if self._protocol.handshake_exc is not None:
                await self._hang_up()
            return line
        return [NO_ANSWER]

    async def _response(self) -> Response | None:
        while not self._events and not self._is_over:
            await self._read()
        event = self._events.popleft() if self._events else None
        return event if isinstance(event, Response) else None

    def _answer(self, response: Response | None) -> Line:
        error = self._protocol.handshake_exc
        # The server has gone, or chose a subprotocol that was not offered.
        if response is None or isinstance(error, NegotiationError):
            return [FAILS]
        headers = response.headers.raw_items()
        if error is not None:
            return denied(response.status_code, headers, bytes(response.body or b""))
        return accepted(self._protocol.subprotocol, headers)

    async def receive(self) -> Line:
        """Read a message, or the end."""
        with anyio.move_on_after(PATIENCE):
            return await self._next()
        return [SILENCE]

    async def _next(self) -> Line:
        parts: list[Frame] = []
        while (frame := await self._frame()) is not None:
            if frame.opcode is Opcode.CLOSE:
                end = Close.parse(frame.data)
                return closed(end.code, end.reason)
            parts.append(frame)
            if frame.fin:
                return _told(parts)
        return closed(CloseCode.ABNORMAL_CLOSURE, "")

    async def _frame(self) -> Frame | None:
        while not self._events and not self._is_over:
            await self._read()
        event = self._events.popleft() if self._events else None
        return event if isinstance(event, Frame) else None

    async def send(self, *parts: str | bytes) -> None:
        """Send a message, a frame for each part."""
        if self._protocol.state is not State.OPEN:
            return
        opcode = Opcode.TEXT if isinstance(parts[0], str) else Opcode.BINARY
        for left, part in zip(range(len(parts))[::-1], parts, strict=True):
            data = part.encode() if isinstance(part, str) else part
            self._protocol.send_frame(Frame(opcode, data, fin=not left))
            opcode = Opcode.CONT
        await self._write()

    async def ping(self) -> Line:
        """Send a ping, and wait for the pong."""
        self._protocol.send_ping(PING)
        await self._write()
        with anyio.move_on_after(PATIENCE):
            frame = await self._frame()
            if frame is not None and frame.opcode is Opcode.PONG:
                return ["pong", bytes(frame.data).decode()]
        return [SILENCE]

    async def close(self, code: int | None, reason: str) -> Line:
        """Send a close frame, and wait for the end."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            await self._write()
        # A message that crosses the close is nobody's any more.
        while (line := await self.receive())[0] == MESSAGE:
            pass
        return line

    async def reset(self) -> None:
        """Reset the connection."""
        raw = self._stream.extra(anyio.abc.SocketAttribute.raw_socket)  # noqa: S610 - no SQL
        # The event loop closes the socket itself when the server has gone.
        if raw.fileno() != -1:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self._hang_up()

    async def _hang_up(self) -> None:
        self._is_over = True
        await self._stream.aclose()

    async def finish(self) -> None:
        """Send a FIN."""
        await self._stream.send_eof()

    async def _read(self) -> None:
        try:
            data = await self._stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            self._protocol.receive_eof()
            self._is_over = True
        else:
            self._protocol.receive_data(data)
            await self._write()
        self._events.extend(self._protocol.events_received())

    async def _write(self) -> None:
        for data in self._protocol.data_to_send():
            try:
                if data:
                    await self._stream.send(data)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                self._is_over = True


@asynccontextmanager
async def live_client(
    port: int, path: str, request: Request
) -> AsyncGenerator[LiveClient]:
    """Connect a socket; at the end of the block it is reset."""
    subprotocols = [Subprotocol(name) for name in request.subprotocols]
    protocol = ClientProtocol(
        parse_uri(f"ws://127.0.0.1:{port}{path}"),
        subprotocols=subprotocols or None,
        max_size=None,
    )
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        client = LiveClient(port, path, request, stream, protocol)
        try:
            yield client
        finally:
            with anyio.CancelScope(shield=True):
                await client.reset()


def _told(parts: list[Frame]) -> Line:
    data = b"".join(bytes(part.data) for part in parts)
    return message(data.decode() if parts[0].opcode is Opcode.TEXT else data)
