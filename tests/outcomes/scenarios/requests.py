"""Clients that break the rules with the request, or before it is answered."""

from collections.abc import Sequence
from typing import Final

import anyio

from tests.outcomes.noting import HOST, name_of, number_of, tell
from tests.outcomes.raw_client import SECONDS, Opcode, frame
from tests.outcomes.scenario import Client, Scenario
from tests.outcomes.scenarios.moves import RETURNS, echo_and_tell_the_end
from tests.outcomes.visiting import Visit
from typedws import Ended, Handler, Limits, UnacceptedWebSocket

__all__ = ["SCENARIOS"]


async def accept(websocket: UnacceptedWebSocket) -> Ended:
    """Accept, and close."""
    return await (await websocket.accept()).close()


async def path(websocket: UnacceptedWebSocket) -> Ended:
    """Tell the path, without what is of this visit, and close."""
    whole = websocket["path"]
    before, _, after = whole.partition(f"/{name_of(whole)}/{number_of(whole)}")
    tell(websocket, f"{before}/\u2026{after}")
    return await (await websocket.accept()).close()


async def accept_late(websocket: UnacceptedWebSocket) -> Ended:
    """Give the client the time to send before there is an answer."""
    await anyio.sleep(0.2)
    return await echo_and_tell_the_end(websocket)


def asks(
    *lines: str,
    version: int = 13,
    hosts: Sequence[str] = ("127.0.0.1",),
    before: str = "",
    tail: str = "/",
    rest: bytes = b"",
    patience: float = SECONDS,
) -> Client:
    """Ask for a handshake in a way that no browser has."""

    async def client(visit: Visit) -> None:
        async with visit.raw(tail, before=before) as client:
            await client.ask(*lines, version=version, hosts=hosts, rest=rest)
            await client.answer(patience)

    return client


async def sends_no_http(visit: Visit) -> None:
    """Send what is no HTTP."""
    async with visit.raw() as client:
        await client.send(b"\x16\x03\x01\x00\xff\r\n\r\n")
        await client.is_left()


async def leaves_half_a_request(visit: Visit) -> None:
    """Send half of a request, and lose the network."""
    async with visit.raw() as client:
        await client.send(f"GET {visit.target()} HTTP/1.1\r\nHost: a\r\nUpg".encode())
        await client.reset()


async def does_not_wait_for_the_answer(visit: Visit) -> None:
    """Send a frame right behind the request."""
    async with visit.raw() as client:
        await client.ask()
        await visit.until_it_begins()
        await client.send(frame(Opcode.TEXT, b"early"))
        await client.answer()


PATIENCE: Final = 2.0
"""Seconds to wait for servers of which some never answer."""

CHUNKS: Final = b"4\r\nbody\r\n0\r\n\r\n"

LOST: Final = ("over: 1006 by network", RETURNS)


IMPATIENT: Final = Limits(idle_timeout=1)


def _is_early(
    name: str,
    says: str,
    handler: Handler,
    client: Client,
    *,
    limits: Limits = IMPATIENT,
) -> Scenario:
    return Scenario(
        *(name, says, handler, client, LOST, ("accepted",)),
        limits=limits,
        is_hostile=True,
    )


def _is_taken(name: str, says: str, client: Client) -> Scenario:
    # Who is refused all the same does not come to the application: nobody waits for it.
    return Scenario(
        *(name, says, accept, client, (RETURNS,), ("accepted",)),
        connections=0,
        is_hostile=True,
    )


def _is_refused(name: str, says: str, client: Client) -> Scenario:
    return Scenario(
        *(name, says, accept, client, (), ("denied 400",)),
        connections=0,
        is_hostile=True,
    )


def _has_path(name: str, says: str, client: Client, told: str) -> Scenario:
    return Scenario(
        *(name, says, path, client, (told, RETURNS), ("accepted",)),
        is_hostile=True,
    )


SCENARIOS: Final = (
    _is_early(
        "early_frame",
        "a frame before the answer to the handshake",
        accept_late,
        does_not_wait_for_the_answer,
        limits=Limits(),
    ),
    _is_early(
        "early_frame_and_idle_timeout",
        "the same, with an `idle_timeout`",
        accept_late,
        does_not_wait_for_the_answer,
    ),
    _is_early(
        "frame_with_the_request",
        "a frame in one packet with the request, and a handler that accepts late",
        accept_late,
        asks(rest=frame(Opcode.TEXT, b"early")),
    ),
    _is_early(
        "frame_with_the_request_at_once",
        "a frame in one packet with the request, and a handler that accepts at once",
        echo_and_tell_the_end,
        asks(rest=frame(Opcode.TEXT, b"early")),
    ),
    _is_early(
        "byte_with_the_request",
        "the same with one byte",
        echo_and_tell_the_end,
        asks(rest=frame(Opcode.TEXT, b"early")[:1]),
    ),
    Scenario(
        "no_http",
        "what is no HTTP",
        echo_and_tell_the_end,
        sends_no_http,
        (),
        (),
        connections=0,
        is_hostile=True,
    ),
    Scenario(
        "half_a_request",
        "half of a request, and the network goes",
        echo_and_tell_the_end,
        leaves_half_a_request,
        (),
        (),
        connections=0,
        is_hostile=True,
    ),
    Scenario(
        "old_version",
        "a handshake of an older version",
        echo_and_tell_the_end,
        asks(version=8),
        (),
        ("denied 400",),
        connections=0,
        is_hostile=True,
    ),
    _is_refused(
        "subprotocol_in_latin_1",
        "a subprotocol with `\u00e9` in Latin-1",
        asks("Sec-WebSocket-Protocol: ch\u00e9"),
    ),
    _is_refused("no_host", "no `Host`", asks(hosts=[])),
    _is_refused("two_hosts", "two `Host` headers", asks(hosts=["a", "b"])),
    _is_taken(
        "host_in_latin_1",
        "a `Host` with `\u00e9` in Latin-1",
        asks(hosts=["caf\u00e9"]),
    ),
    _is_refused(
        "path_in_utf_8",
        "a path in UTF-8 without escapes",
        asks(tail="/caf\u00c3\u00a9"),
    ),
    _has_path(
        "absolute_target",
        "a target with scheme and host",
        asks(before=f"http://{HOST}", tail="/a/b"),
        "/\u2026/a/b",
    ),
    _has_path(
        "two_slashes",
        "a target that begins with two slashes and a host",
        asks(before=f"//{HOST}", tail="/a"),
        f"//{HOST}/\u2026/a",
    ),
    _is_taken(
        "body",
        "a body with a `Content-Length`",
        asks("Content-Length: 4", rest=b"body", patience=PATIENCE),
    ),
    _is_taken(
        "body_in_chunks",
        "a body in chunks",
        asks("Transfer-Encoding: chunked", rest=CHUNKS, patience=PATIENCE),
    ),
    _is_taken(
        "long_header",
        "a header of 100 kB",
        asks(f"X-Long: {'a' * 100_000}", patience=PATIENCE),
    ),
)
