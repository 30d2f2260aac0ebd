"""
A client on a bare socket, for what no client library would send.

It masks its frames and answers nothing by itself: no pong, no close.
"""

import base64
import os
import secrets
import socket
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from enum import IntEnum
from typing import Final

import anyio
import anyio.abc
from attrs import define, field

__all__ = ["SECONDS", "Opcode", "RawClient", "close_payload", "frame", "raw_client"]

SECONDS: Final = 5.0
"""The bound of every wait."""

CHUNK: Final = 64 * 1024


class Opcode(IntEnum):
    """Of RFC 6455, section 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


_FIN: Final = 0x80
_MASK: Final = 0x80
_TWO_BYTES: Final = 126
_EIGHT_BYTES: Final = 127


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    length: int | None = None,
) -> bytes:
    """Make a frame; its length may be a lie."""
    size = len(payload) if length is None else length
    head = bytes([(_FIN if fin else 0) | reserved | opcode])
    bit = _MASK if masked else 0
    if size < _TWO_BYTES:
        head += bytes([bit | size])
    elif size < 2**16:
        head += bytes([bit | _TWO_BYTES]) + struct.pack("!H", size)
    else:
        head += bytes([bit | _EIGHT_BYTES]) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    repeated = (key * (len(payload) // 4 + 1))[: len(payload)]
    # As two numbers: byte by byte, 32 MiB would take seconds.
    mixed = int.from_bytes(payload) ^ int.from_bytes(repeated)
    return head + key + mixed.to_bytes(len(payload))


def close_payload(code: int, reason: bytes = b"") -> bytes:
    """Make what a close frame holds."""
    return struct.pack("!H", code) + reason


@define(eq=False)
class RawClient:
    """
    A socket.

    Attributes:
        seen: What it sees.
    """

    seen: list[str]
    _target: str
    _stream: anyio.abc.SocketStream
    _data: bytearray = field(factory=bytearray)

    async def ask(
        self,
        *lines: str,
        version: int = 13,
        hosts: Sequence[str] = ("127.0.0.1",),
        rest: bytes = b"",
    ) -> None:
        """Send the handshake, and do not wait for the answer."""
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        head = (
            f"GET {self._target} HTTP/1.1",
            *(f"Host: {host}" for host in hosts),
            "Connection: Upgrade",
            "Upgrade: websocket",
            f"Sec-WebSocket-Version: {version}",
            f"Sec-WebSocket-Key: {key}",
            *lines,
            "",
        )
        await self.send(
            "".join(f"{line}\r\n" for line in head).encode("latin-1") + rest
        )

    async def answer(self, patience: float = SECONDS) -> None:
        """Read the answer to the handshake."""
        with anyio.move_on_after(patience):
            while b"\r\n\r\n" not in self._data and await self._read():
                pass
        if b"\r\n\r\n" not in self._data:
            self.seen.append("gets no answer")
            return
        head, _, rest = bytes(self._data).partition(b"\r\n\r\n")
        self._data = bytearray(rest)
        status = head.split(b" ")[1].decode()
        self.seen.append("accepted" if status == "101" else f"denied {status}")

    async def hear_a_body(self, letter: bytes, length: int) -> None:
        """See how much comes of a body of one letter, which nothing around it has."""
        with anyio.move_on_after(SECONDS):
            while self._data.count(letter) < length and await self._read():
                pass
        self.seen.append(f"reads {self._data.count(letter):,} bytes")

    async def connect(self) -> None:
        """Open a WebSocket."""
        await self.ask()
        await self.answer()

    async def send(self, data: bytes) -> None:
        """Send bytes, unless the server has gone."""
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self._stream.send(data)

    async def hear(self) -> None:
        """See the next message, or the end."""
        self.seen.append(await self._next())

    async def hear_the_end(self) -> None:
        """See with which code the server ends it, whatever it says before."""
        line = await self._next()
        while not line.startswith(("closed", "dropped", "silence")):
            line = await self._next()
        self.seen.append(" ".join(line.split(" ")[:2]))

    async def is_left(self) -> None:
        """Wait for the server to leave, whatever it says before."""
        while await self._read():
            self._data.clear()

    async def _next(self) -> str:
        found = await self._frame()
        if isinstance(found, str):
            return found
        opcode, payload = found
        match opcode:
            case Opcode.CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                reason = payload[2:].decode(errors="replace")
                return f"closed {code} {reason!a}" if reason else f"closed {code}"
            case Opcode.TEXT:
                return ascii(payload.decode())
            case Opcode.PONG:
                return f"pong {payload!a}"
            case _:
                return ascii(payload)

    async def _frame(self) -> tuple[int, bytes] | str:
        while (found := self._whole_frame()) is None:
            with anyio.move_on_after(SECONDS):
                if await self._read():
                    continue
                return "dropped"
            return "silence"
        return found

    def _whole_frame(self) -> tuple[int, bytes] | None:
        data = bytes(self._data[:10])
        if len(data) < 2:
            return None
        size, start = data[1], 2
        if size == _TWO_BYTES:
            size, start = int.from_bytes(data[2:4]), 4
        elif size == _EIGHT_BYTES:
            size, start = int.from_bytes(data[2:10]), 10
        if len(self._data) < start + size:
            return None
        payload = bytes(self._data[start : start + size])
        del self._data[: start + size]
        return data[0] & 0xF, payload

    async def _read(self) -> bool:
        try:
            self._data += await self._stream.receive(CHUNK)
        except (
            anyio.EndOfStream,
            anyio.BrokenResourceError,
            anyio.ClosedResourceError,
        ):
            return False
        return True

    async def reset(self) -> None:
        """Let the network go away: no close frame, no FIN."""
        await reset(self._stream)

    async def finish(self) -> None:
        """Send a FIN, and go on to read."""
        with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self._stream.send_eof()


async def reset(stream: anyio.abc.SocketStream) -> None:
    """Reset a TCP connection."""
    raw = stream.extra(anyio.abc.SocketAttribute.raw_socket)  # noqa: S610 - no SQL
    # The event loop closes the socket itself when the server has gone.
    if raw.fileno() != -1:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await stream.aclose()


@asynccontextmanager
async def raw_client(
    port: int, target: str, seen: list[str]
) -> AsyncGenerator[RawClient]:
    """Connect a socket; at the end of the block it is reset."""
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        client = RawClient(seen, target, stream)
        try:
            yield client
        finally:
            with anyio.CancelScope(shield=True):
                await client.reset()
