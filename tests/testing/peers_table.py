"""
The table in the page "Testing": what each client for tests makes of each wrong handler.

    python -m tests.testing.peers_table

runs every client with every handler, each in a process of its own with a time limit,
and writes what came of it to `peers.json` beside this file, and from there into the
page; with the name of a client, that one only. That takes minutes and needs the group
`peers`; the tests look at our column only.

The test that each client runs is the same: connect, receive a text, leave. It passes
where nothing is found.
"""

import asyncio
import importlib.metadata
import json
import re
import subprocess
import sys
import warnings
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, TypeAlias, TypedDict

from tests.testing.wrong_handlers import HANDLERS, App, Event, Receive, Send
from typedws.ended import leaves
from typedws.testing import connect

Outcomes: TypeAlias = dict[str, dict[str, str]]
"""What came of it, by handler and by client."""


class Record(TypedDict):
    """What is written down, and the versions of the packages it is true of."""

    versions: dict[str, str]
    outcomes: Outcomes


HERE: Final = Path(__file__).parent
RECORD: Final = HERE / "peers.json"
PAGE: Final = HERE.parents[1] / "docs" / "testing.md"
BEGIN: Final = "<!-- peers: written by tests/testing/peers_table.py -->"
END: Final = "<!-- /peers -->"

LIMIT: Final = 20.0
"""Seconds, after which a test is said to hang: four times our own bound."""

LONGEST: Final = 150


async def with_typedws(app: App) -> None:
    """Test with our own client."""
    async with connect(app, "/", wait=1.0) as peer:
        await peer.receive_text()


def with_starlette(app: App) -> None:
    """Test with Starlette's client."""
    from starlette.testclient import TestClient  # noqa: PLC0415 - one of many

    with TestClient(app).websocket_connect("/") as websocket:
        websocket.receive_text()


def with_litestar(app: App) -> None:
    """Test with Litestar's client, and its time-out of one second."""
    from litestar import Litestar, asgi  # noqa: PLC0415 - one of many
    from litestar.testing import TestClient  # noqa: PLC0415 - one of many

    async def mounted(scope: object, receive: object, send: object) -> None:
        await app(scope, receive, send)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    handler = asgi("/", is_mount=True)(mounted)
    with (
        TestClient(Litestar([handler])) as client,
        client.websocket_connect("/") as websocket,
    ):
        websocket.receive_text(timeout=1.0)


class _QuartWebSocket(Protocol):
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        exc_type: type,  # noqa: PYI036 - as Quart has it
        exc_value: BaseException,  # noqa: PYI036 - as Quart has it
        tb: TracebackType,  # noqa: PYI036 - as Quart has it
        /,
    ) -> None: ...
    async def receive(self) -> str | bytes: ...


class _QuartClient(Protocol):
    """What is used of Quart's client, whose own types are not complete."""

    def websocket(self, path: str, /) -> _QuartWebSocket: ...


async def with_quart(app: App) -> None:
    """Test with Quart's client."""
    from quart import Quart  # noqa: PLC0415 - one of many

    quart = Quart(__name__)
    quart.asgi_app = connected_first(app)  # type: ignore[method-assign, assignment]  # ty: ignore[invalid-assignment]
    async with _websocket_of(quart.test_client()) as websocket:
        await websocket.receive()


def connected_first(app: App) -> App:
    """Give an application the first event, which Quart's client leaves out."""

    async def connected(scope: Event, receive: Receive, send: Send) -> None:
        events: list[Event] = [{"type": "websocket.connect"}]

        async def receive_all() -> Event:
            return events.pop() if events else await receive()

        await app(scope, receive_all, send)

    return connected


def _websocket_of(
    client: _QuartClient,
) -> AbstractAsyncContextManager[_QuartWebSocket]:
    # Its `__aexit__` is said to be called after an exception only.
    return client.websocket("/")  # type: ignore[return-value]  # ty: ignore[invalid-explicit-return]


async def with_channels(app: App) -> None:
    """Test with the communicator of Channels."""
    from channels.testing import WebsocketCommunicator  # noqa: PLC0415 - one of many

    communicator = WebsocketCommunicator(app, "/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.receive_from()
    await communicator.disconnect()


async def with_httpx_ws(app: App) -> None:
    """Test with httpx-ws."""
    import httpx  # noqa: PLC0415 - one of many
    from httpx_ws import (  # noqa: PLC0415 - one of many
        AsyncWebSocketSession,
        aconnect_ws,
    )
    from httpx_ws.transport import ASGIWebSocketTransport  # noqa: PLC0415 - one of many

    async with httpx.AsyncClient(transport=ASGIWebSocketTransport(app)) as client:
        connection: AbstractAsyncContextManager[AsyncWebSocketSession] = aconnect_ws(
            "http://testserver/", client
        )
        async with connection as websocket:
            await websocket.receive_text()


Client: TypeAlias = Callable[[App], Awaitable[None] | None]

CLIENTS: Final[Mapping[str, tuple[str, Client]]] = {
    "typedws.testing": ("typedws", with_typedws),
    "Starlette": ("starlette", with_starlette),
    "Litestar": ("litestar", with_litestar),
    "Quart": ("quart", with_quart),
    "Channels": ("channels", with_channels),
    "httpx-ws": ("httpx-ws", with_httpx_ws),
}
"""By name: the package that it comes with, and the test."""


# --- One run -------------------------------------------------------------------------


def outcome_of(client: Client, app: App) -> str:
    """Run a test, and say what came of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            test = client(app)
            if test is not None:
                asyncio.run(_finish(test))
        except BaseException as error:  # noqa: BLE001 - it is what the table is about
            return shown(error)
    for warning in caught:
        # Of what else a package warns says nothing of the handler.
        if issubclass(warning.category, RuntimeWarning):
            return shown(warning.message)
    return "passes"


async def _finish(test: Awaitable[None]) -> None:
    await test


def shown(error: object) -> str:
    """Show an exception or a warning in one cell of a table."""
    if isinstance(error, BaseException):
        leaf = next(leaves(error))
        if leaf is not error:
            return f"in a group: {shown(leaf)}"
    text = re.sub(r"(?:/[^/\s:]+)+/([^/\s]+\.py):\d+", r"\1", str(error))
    text = " ".join(re.sub(r"0x[0-9a-f]+", "...", text).split()).replace("|", "/")
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + " ..."
    name = type(error).__name__
    return f"`{name}`: {text}" if text else f"`{name}`"


def outcome_in_a_process(client: str, handler: str) -> str:
    """Run a test in a process of its own; one that does not end is killed."""
    command = [sys.executable, "-m", "tests.testing.peers_table", client, handler]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            found = output.strip().splitlines()
            hangs = f"**hangs** ({LIMIT:g} s)"
            return f"{found[-1]}, then {hangs}" if found else hangs
    return output.strip().splitlines()[-1] if output.strip() else "the process dies"


# --- All of them ---------------------------------------------------------------------


def measure(clients: list[str]) -> Record:
    """Run all tests of some clients; what is known of the others is kept."""
    known = recorded()["outcomes"] if RECORD.exists() else Outcomes()
    outcomes: Outcomes = {}
    for handler in HANDLERS:
        outcomes[handler] = dict.fromkeys(CLIENTS, "") | known.get(handler, {})
        for client in CLIENTS:
            if client not in clients and outcomes[handler][client]:
                continue
            outcomes[handler][client] = outcome_in_a_process(client, handler)
            print(f"{handler:28} {client:16} {outcomes[handler][client]}", flush=True)
    versions = {
        package: importlib.metadata.version(package)
        for package, _ in CLIENTS.values()
        if package != "typedws"
    }
    return {"versions": versions, "outcomes": outcomes}


def recorded() -> Record:
    """Read what the last run has recorded."""
    record: Record = json.loads(RECORD.read_text())
    return record


def table() -> str:
    """Write the record as a table."""
    record = recorded()
    versions = record["versions"]
    names = {
        client: f"{client} {versions[package]}" if package in versions else client
        for client, (package, _) in CLIENTS.items()
    }
    lines = [
        f"| The handler | {' | '.join(names.values())} |",
        "|" + "---|" * (len(names) + 1),
    ]
    for handler, cells in record["outcomes"].items():
        lines.append(f"| {handler} | {' | '.join(cells[name] for name in names)} |")
    return "\n".join(lines)


def page_with(table: str) -> str:
    """Put the table into the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def main(arguments: list[str]) -> None:
    """Run one test, those of one client, or all."""
    if len(arguments) > 1:
        client, handler = arguments
        print(outcome_of(CLIENTS[client][1], HANDLERS[handler]), flush=True)
        return
    record = measure(arguments or list(CLIENTS))
    RECORD.write_text(json.dumps(record, indent=2) + "\n")
    PAGE.write_text(page_with(table()))


if __name__ == "__main__":
    main(sys.argv[1:])
