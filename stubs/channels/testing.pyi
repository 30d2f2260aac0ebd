# For tests/testing/peers_table.py, until channels ships a py.typed.

from collections.abc import Awaitable, Callable, Sequence
from typing import Never

class WebsocketCommunicator:
    def __init__(
        self,
        application: Callable[[Never, Never, Never], Awaitable[None]],
        path: str,
        headers: Sequence[tuple[bytes, bytes]] | None = None,
        subprotocols: Sequence[str] | None = None,
        spec_version: str | None = None,
    ) -> None: ...
    async def connect(self, timeout: float = 1) -> tuple[bool, int | str | None]: ...
    async def receive_from(self, timeout: float = 1) -> str | bytes: ...
    async def disconnect(self, code: int = 1000, timeout: float = 1) -> None: ...
