"""
Load, churn and resets: nothing is lost, and nothing is left behind.

On uvicorn, in a process of its own. What it holds is asked after each round, when no
connection is left: its memory, its objects, its tasks and its open files.
"""

import asyncio
import http.client
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.servers.launching import Running, Server, running
from tests.soak.crowd import (
    HALF,
    LATE,
    REQUEST,
    Client,
    connect,
    connect_all,
    frame_of,
    frames_of,
    request_of,
)
from tests.soak.holding import HELD, Held

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(240)]

SERVER: Final = Server(
    "uvicorn",
    "uvicorn",
    (
        *("--port", "PORT", "--log-level", "warning", "--backlog", "4096"),
        # These clients answer no pings.
        *("--ws-ping-interval", "3600"),
    ),
    "tests.soak.served:app",
)
SECONDS: Final = 10.0

FILES: Final = 8192
"""How many files a process has to be allowed, of which a connection is one."""

CONNECTIONS: Final = 2000
MESSAGES: Final = 50
ROUNDS: Final = 5
HANDSHAKES: Final = 20_000
TIMES: Final = 10
"""How often the network goes away in a round, for a hundred clients and a few."""

ASKED: Final = (b"", HALF, REQUEST, request_of(LATE))
"""How far those are who go in the middle of the handshake."""

MEBIBYTE: Final = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve for all tests; nothing that clients do here may be logged."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), hard))
    folder = tmp_path_factory.mktemp("server")
    try:
        with running(SERVER, folder) as started:
            yield started
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert "" == Path(folder, "uvicorn.log").read_text()


def held(server: Running) -> Held:
    """Ask for what the process holds, once no connection is left."""
    deadline = time.monotonic() + SECONDS
    while True:
        now = _ask(server)
        if not now.connections:
            return now
        assert time.monotonic() < deadline, f"{now.connections} connections are left"
        time.sleep(0.05)


def _ask(server: Running) -> Held:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    try:
        connection.request("GET", HELD)
        return msgspec.json.decode(connection.getresponse().read(), type=Held)
    finally:
        connection.close()


def grows(rounds: Sequence[Held]) -> int:
    """
    Tell by how many bytes the memory has grown since the second round.

    The first two show how much the allocator keeps of what a crowd has taken: pages
    with a few objects between free ones.
    """
    return rounds[-1].memory - rounds[1].memory


def is_steady(rounds: Sequence[Held]) -> bool:
    """Tell whether no more pieces of memory are in use than after the second round."""
    return rounds[-1].blocks - rounds[1].blocks < MOST_CACHED


def is_nothing_left(before: Held, after: Held) -> bool:
    """
    Tell whether nothing of any connection is there any more.

    What is in use is compared, not what the system has given: after a crowd the
    allocator keeps forty mebibytes of that, most of which are free.
    """
    return (
        (before.tasks, before.files) == (after.tasks, after.files)
        # A cache is filled by the first connection, and no other.
        and after.objects - before.objects < MOST_CACHED
        and after.blocks - before.blocks < MOST_WARM
        and after.heap - before.heap < MOST_HEAP
    )


MOST_CACHED: Final = 200
"""Objects, or pieces of memory; a connection alone has about 86, and 193 pieces."""

MOST_WARM: Final = 3000
"""
Pieces of memory that a server keeps once it has served: up to 1,700 were seen.

One left of each connection of a crowd would be two thousand more.
"""

MOST_HEAP: Final = 4 * MEBIBYTE
"""
Bytes that it keeps, in pieces that are not small: less than one mebibyte was seen.

Two mebibytes and a half are two kilobytes of each connection of a crowd.
"""


def test_two_thousand_connections_at_once(server: Running) -> None:
    """Each with fifty messages: none is lost, all are in order; five times."""
    before = held(server)
    during: list[Held] = []
    rounds: list[Held] = []
    for _ in range(ROUNDS):
        during.append(asyncio.run(_talk_at_once(server)))
        rounds.append(held(server))

    assert [CONNECTIONS] * ROUNDS == [now.connections for now in during]
    assert [] == [it for it in rounds if not is_nothing_left(before, it)], before
    # One piece left of each connection would be six thousand.
    assert is_steady(during)
    assert is_steady(rounds)
    # How many pages are half free is chance: in raw ASGI it goes up and down by half of
    # this. A tenth of a connection left of each would be twenty.
    assert grows(during) < 16 * MEBIBYTE
    assert grows(rounds) < 16 * MEBIBYTE


async def _talk_at_once(server: Running) -> Held:
    clients = await connect_all(server.port, CONNECTIONS)
    talks = [
        frames_of(f"{client} says {message}" for message in range(MESSAGES))
        for client in range(CONNECTIONS)
    ]
    for client, (said, _) in zip(clients, talks, strict=True):
        client.say(said)
    await asyncio.gather(
        *(
            client.hears(expected)
            for client, (_, expected) in zip(clients, talks, strict=True)
        )
    )
    during = await asyncio.to_thread(_ask, server)
    await asyncio.gather(*(client.close() for client in clients))
    return during


def test_twenty_thousand_handshakes(server: Running) -> None:
    """One after the other, in twenty rows beside each other."""
    before = held(server)
    rounds: list[Held] = []
    for _ in range(ROUNDS):
        asyncio.run(_churn(server.port, HANDSHAKES // ROUNDS))
        rounds.append(held(server))

    assert [] == [it for it in rounds if not is_nothing_left(before, it)], before
    assert is_steady(rounds)
    assert grows(rounds) < MEBIBYTE


async def _churn(port: int, count: int) -> None:
    async def row() -> None:
        for _ in range(count // 20):
            client = await connect(port)
            await client.opens()
            await client.close()

    await asyncio.gather(*(row() for _ in range(20)))


def test_resets_in_the_middle_of_everything(server: Running) -> None:
    """In the middle of the handshake, of a frame, of messages both ways."""
    before = held(server)
    rounds: list[Held] = []
    for _ in range(ROUNDS):
        asyncio.run(_vanish(server.port))
        rounds.append(held(server))

    assert [] == [it for it in rounds if not is_nothing_left(before, it)], before
    assert is_steady(rounds)
    assert grows(rounds) < MEBIBYTE
    # Of those to whom the handler comes late; the server has read what they asked for.
    assert rounds[-1].unanswered - before.unanswered >= ROUNDS * TIMES


async def _vanish(port: int) -> None:
    said, expected = frames_of(str(number) for number in range(MESSAGES))
    [bystander] = await connect_all(port, 1)
    for _ in range(TIMES):
        asking = await _go_before_the_answer(port)
        clients = await connect_all(port, 80)
        for number, client in enumerate(clients):
            client.say(said)
            client.say(frame_of("half of this")[: number % 20])
        await asyncio.gather(*(_hears_a_little(client) for client in clients[::2]))
        # Nobody answers nothing, or half a request.
        assert 2 * sum(client.is_answered for client in asking) <= len(asking)
        for client in (*asking, *clients):
            client.reset()
        bystander.say(said)
        await bystander.hears(expected)
    await bystander.close()


async def _go_before_the_answer(port: int) -> list[Client]:
    """Ask, and go at once; give back some who are there until the server has read."""
    waiting: list[Client] = []
    for asked in ASKED * 3:
        client = await connect(port, asked)
        client.reset()
        waiting.append(await connect(port, asked))
    return waiting


async def _hears_a_little(client: Client) -> None:
    await client.hears_something()
