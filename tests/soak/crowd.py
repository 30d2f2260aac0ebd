"""
A crowd of clients, on asyncio and bare sockets, so that the server is the slow side.

What a client gets back is compared as it is on the wire: nothing lost, nothing twice,
nothing in another order.
"""

import asyncio
import asyncio.trsock
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from attrs import define, field
from typing_extensions import override

__all__ = [
    "HALF",
    "LATE",
    "REQUEST",
    "Client",
    "connect",
    "connect_all",
    "frame_of",
    "frames_of",
    "request_of",
]

_REQUEST: Final = (
    b"GET %b HTTP/1.1\r\n"
    b"Host: 127.0.0.1\r\n"
    b"Connection: Upgrade\r\n"
    b"Upgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"\r\n"
)


def request_of(path: str) -> bytes:
    """Ask for the handshake."""
    return _REQUEST % path.encode()


REQUEST: Final = request_of("/echo")
HALF: Final = REQUEST[: len(REQUEST) // 2]

LATE: Final = "/late"
"""The path of an answer that takes its time."""

_HEAD_ENDS: Final = b"\r\n\r\n"
_CLOSE: Final = b"\x88\x82\0\0\0\0\x03\xe8"
_CLOSED: Final = b"\x88\x02\x03\xe8"
_LONGEST: Final = 125

AT_ONCE: Final = 200
"""How many clients ask for their handshakes at a time."""


@define(eq=False)
class Client(asyncio.Protocol):
    """
    One client.

    Attributes:
        request: What it asks for, once there is a connection.
        heard: What the server has sent since the handshake.
        is_lost: Whether the connection is gone.
    """

    request: bytes = REQUEST
    heard: bytearray = field(factory=bytearray)
    is_lost: bool = False
    _is_open: bool = False
    _transport: asyncio.Transport | None = None
    _waiter: "asyncio.Future[None] | None" = None
    _holds: Callable[[], bool] = field(default=lambda: False)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self.request)

    @override
    def data_received(self, data: bytes) -> None:
        self.heard += data
        if not self._is_open and _HEAD_ENDS in self.heard:
            head, _, rest = bytes(self.heard).partition(_HEAD_ENDS)
            assert head.startswith(b"HTTP/1.1 101 "), head
            self.heard, self._is_open = bytearray(rest), True
        self._look()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        self._look()

    @property
    def is_answered(self) -> bool:
        """Whether anything has come back."""
        return self._is_open or bool(self.heard)

    def _look(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done() and (self._holds() or self.is_lost):
            waiter.set_result(None)

    async def _until(self, holds: Callable[[], bool]) -> None:
        if not holds() and not self.is_lost:
            self._holds = holds
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    async def opens(self) -> None:
        """Wait for the answer to the handshake."""
        await self._until(lambda: self._is_open)
        assert self._is_open, "the server has refused the handshake"

    def say(self, data: bytes) -> None:
        """Send frames."""
        assert self._transport is not None
        self._transport.write(data)

    async def hears(self, expected: bytes) -> None:
        """Wait for as many bytes, and compare them."""
        await self._until(lambda: len(self.heard) >= len(expected))
        assert expected == bytes(self.heard)
        self.heard.clear()

    async def hears_something(self) -> None:
        """Wait for a byte."""
        await self._until(lambda: bool(self.heard))

    async def close(self) -> None:
        """Close in order."""
        self.say(_CLOSE)
        await self._until(lambda: bytes(self.heard).startswith(_CLOSED))
        assert _CLOSED == bytes(self.heard)
        assert self._transport is not None
        self._transport.close()
        await self._until(lambda: False)

    def reset(self) -> None:
        """Let the network go away: no close frame, no FIN."""
        assert self._transport is not None
        if self._transport.is_closing():
            return
        linger = struct.pack("ii", 1, 0)
        sock: object = self._transport.get_extra_info("socket")
        assert isinstance(sock, asyncio.trsock.TransportSocket)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()


def frame_of(text: str) -> bytes:
    """Make the frame of a client, with a mask of zeros."""
    data = text.encode()
    assert len(data) <= _LONGEST
    return bytes([0x81, 0x80 | len(data), 0, 0, 0, 0]) + data


def frames_of(texts: Iterable[str]) -> tuple[bytes, bytes]:
    """Make what a client sends, and what an echo sends back."""
    sent = [text.encode() for text in texts]
    return (
        b"".join(bytes([0x81, 0x80 | len(it), 0, 0, 0, 0]) + it for it in sent),
        b"".join(bytes([0x81, len(it)]) + it for it in sent),
    )


async def connect(port: int, request: bytes = REQUEST) -> Client:
    """Open a TCP connection, and ask for the handshake, or for a part of it."""
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(
        partial(Client, request), "127.0.0.1", port
    )
    return client


async def connect_all(port: int, count: int) -> Sequence[Client]:
    """Open connections, until all are open at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> Client:
        async with gate:
            client = await connect(port)
            await client.opens()
            return client

    return await asyncio.gather(*(one() for _ in range(count)))
