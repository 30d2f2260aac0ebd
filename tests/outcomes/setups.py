"""
The set-ups of servers that a typedws application is held to the same outcome on.

Each logs only what is a warning at least, so that what a client can cause to be logged
can be counted.
"""

from collections.abc import Mapping
from typing import Final

from tests.servers.launching import Server

__all__ = ["FAST", "SETUPS"]

APP: Final = "tests.outcomes.served:app"

_UVICORN: Final = (
    *("--port", "PORT", "--log-level", "warning"),
    *("--timeout-graceful-shutdown", "1"),  # else it waits for ever
)
_HYPERCORN: Final = (
    *("-b", "127.0.0.1:PORT", "--log-level", "warning"),
    *("--graceful-timeout", "1"),
)


def _uvicorn(name: str, ws: str, loop: str) -> Server:
    return Server(name, "uvicorn", (*_UVICORN, "--ws", ws, "--loop", loop), APP)


SETUPS: Final[Mapping[str, Server]] = {
    setup.name: setup
    for setup in (
        _uvicorn("uvicorn", "websockets-sansio", "asyncio"),
        _uvicorn("uvicorn-uvloop", "websockets-sansio", "uvloop"),
        _uvicorn("uvicorn-wsproto", "wsproto", "asyncio"),
        _uvicorn("uvicorn-wsproto-uvloop", "wsproto", "uvloop"),
        Server("hypercorn", "hypercorn", _HYPERCORN, APP),
        Server("hypercorn-trio", "hypercorn", (*_HYPERCORN, "-k", "trio"), APP),
        Server(
            "granian",
            "granian",
            ("--interface", "asgi", "--port", "PORT", "--log-level", "warning"),
            APP,
        ),
        Server("daphne", "daphne", ("-p", "PORT", "-v", "0"), APP),
    )
}
"""By their names, in the order of the table."""

FAST: Final = ("uvicorn", "hypercorn")
"""The two that differ the most and start the fastest."""
