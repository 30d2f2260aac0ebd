# For tests/live/serve_daphne.py, until daphne ships a py.typed.

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Protocol

class _Application(Protocol):
    # daphne passes all three by keyword.
    def __call__(
        self,
        scope: MutableMapping[str, object],
        receive: Callable[[], Awaitable[Mapping[str, object]]],
        send: Callable[[Mapping[str, object]], Awaitable[None]],
    ) -> Awaitable[None]: ...

class Server:
    # (host, port) of each TCP endpoint, from when `ready_callable` is called.
    listening_addresses: list[tuple[str, int]]

    def __init__(
        self,
        application: _Application,
        endpoints: Sequence[str] | None = None,
        signal_handlers: bool = True,
        action_logger: Callable[[object, str, Mapping[str, object]], object]
        | None = None,
        http_timeout: float | None = None,
        request_buffer_size: int = 8192,
        websocket_timeout: float = 86400,
        websocket_connect_timeout: float = 20,
        ping_interval: float = 20,
        ping_timeout: float = 30,
        root_path: str = "",
        proxy_forwarded_address_header: str | None = None,
        proxy_forwarded_port_header: str | None = None,
        proxy_forwarded_proto_header: str | None = None,
        verbosity: int = 1,
        websocket_handshake_timeout: float = 5,
        websocket_max_message_size: int = ...,
        websocket_max_frame_size: int = ...,
        application_close_timeout: float = 10,
        ready_callable: Callable[[], object] | None = None,
        server_name: str = "daphne",
    ) -> None: ...
    def run(self) -> None: ...
    def stop(self) -> None: ...
