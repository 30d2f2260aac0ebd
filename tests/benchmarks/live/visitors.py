"""
A client that does nothing but handshakes, by hand.

A full client takes as long for one as a server, and would be what is measured.
"""

import asyncio
import time
from typing import Final, cast, final

from typing_extensions import override

from tests.benchmarks.scripted_server import WrongAnswer

LONGEST_WAIT: Final = 60.0

# RFC 6455, section 1.3: this key is answered by this value.
KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
CLOSE: Final = b"\x88\x02\x03\xe8"
"""An unmasked close frame with the code 1000."""

MASKED_CLOSE: Final = b"\x88\x82\x00\x00\x00\x00\x03\xe8"


def request_for(port: int, path: str) -> bytes:
    """Make the request of a handshake."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {KEY}",
    )
    return "\r\n".join((*lines, "", "")).encode()


@final
class Visitor(asyncio.Protocol):
    """One handshake, and the close that follows it."""

    transport: asyncio.Transport

    def __init__(self, request: bytes) -> None:
        """Have not asked yet."""
        self.request = request
        self.heard = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        # What uvloop gives has the methods of a Transport, but is none.
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.request)

    @override
    def data_received(self, data: bytes) -> None:
        """Wait for the close, and answer it."""
        self.heard += data
        if self.heard.endswith(CLOSE):
            self.transport.write(MASKED_CLOSE)
            self.transport.close()
            self._end()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """End, if it was not the end before."""
        self._end()

    def _end(self) -> None:
        if self.done.done():
            return
        head, _, frames = self.heard.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 101 ") and ACCEPT in head and frames == CLOSE:
            self.done.set_result(None)
        else:
            message = f"a handshake was answered by {self.heard!r:.200}"
            self.done.set_exception(WrongAnswer(message))


async def seconds_for_handshakes(
    port: int, path: str, at_once: int, count: int
) -> float:
    """Shake hands so many times, some at once; return the seconds."""
    request = request_for(port, path)
    loop = asyncio.get_running_loop()

    async def visit() -> None:
        for _ in range(count // at_once):
            _, visitor = await loop.create_connection(
                lambda: Visitor(request), "127.0.0.1", port
            )
            await visitor.done

    began = time.perf_counter()
    async with asyncio.timeout(LONGEST_WAIT):
        await asyncio.gather(*(visit() for _ in range(at_once)))
    return time.perf_counter() - began
