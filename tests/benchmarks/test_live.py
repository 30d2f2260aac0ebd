"""Tests of the client and the servers of the end-to-end groups."""

import asyncio
import socket
import time
from collections.abc import Generator

import pytest

from tests.benchmarks.figures import percentile
from tests.benchmarks.group import Row
from tests.benchmarks.groups.servers import SMALL, UVICORN
from tests.benchmarks.libraries import RAW, TYPEDWS
from tests.benchmarks.live.client import (
    Connection,
    connected,
    latencies,
    seconds_for_echoes,
    seconds_for_fan_out,
)
from tests.benchmarks.live.serving import (
    APPLICATIONS,
    path_of,
    possible_cases,
    processor_time,
    serving_all,
    url_of,
)
from tests.benchmarks.live.visitors import seconds_for_handshakes
from tests.benchmarks.scripted_server import WrongAnswer

pytestmark = [pytest.mark.anyio, pytest.mark.live]

ECHOES = (Row(RAW, "text"), Row(TYPEDWS, "iter_text"))
ROWS = (*ECHOES, Row(TYPEDWS, "greeting"), Row(TYPEDWS, "fan-out"))


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """The client is one of asyncio."""
    return "asyncio"


@pytest.fixture(scope="module")
def port() -> Generator[int]:
    """Serve the applications of the rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(APPLICATIONS, "")
        with serving_all([UVICORN], ROWS) as ports:
            yield ports[UVICORN]


@pytest.mark.parametrize("row", ECHOES, ids=lambda row: row.name)
async def test_echoes_are_timed(row: Row, port: int) -> None:
    """Over several connections at once."""
    assert await seconds_for_echoes(url_of((port, row)), 3, SMALL, 30) > 0


async def test_the_time_of_the_servers_processor_is_told(port: int) -> None:
    """It grows with what the server does."""
    before = processor_time(port)
    await seconds_for_echoes(url_of((port, ECHOES[0])), 1, SMALL, 300)

    assert before < processor_time(port)


async def test_a_fan_out_is_heard_by_all(port: int) -> None:
    """And is over when the last has heard it."""
    url = url_of((port, Row(TYPEDWS, "fan-out")))

    assert await seconds_for_fan_out(url, 5, SMALL, 3) > 0


async def test_latencies_are_those_of_every_answer(port: int) -> None:
    """None is lost, and each is a time."""
    took = await latencies(url_of((port, ECHOES[1])), 4, SMALL, 0.05, 2)

    assert 50 <= len(took) <= 100
    assert 0 < percentile(took, 50.0) < 1


async def test_handshakes_are_timed(port: int) -> None:
    """With the close that follows them."""
    path = path_of(TYPEDWS.module, "greeting")

    assert await seconds_for_handshakes(port, path, 2, 4) > 0


async def test_a_handshake_that_is_answered_otherwise_has_no_time(port: int) -> None:
    """An echo does not close by itself; what is no WebSocket is no handshake."""
    with pytest.raises(WrongAnswer, match="a handshake was answered by"):
        await seconds_for_handshakes(port, "/nothing", 1, 1)


async def test_an_answer_that_is_another_one_fails(port: int) -> None:
    """The client compares it with what it has said."""
    async with connected(
        url_of((port, ECHOES[0])), lambda: Connection(b"one"), 1
    ) as opened:
        opened[0].said = b"two"
        opened[0].say()
        opened[0].said = b"one"

        with pytest.raises(WrongAnswer, match="b'one' was answered by b'two'"):
            await asyncio.wait_for(opened[0].failed, 5)


async def test_a_server_that_is_not_there_is_told_of_as_such() -> None:
    """And not by what then is missing."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free: int = taken.getsockname()[1]

    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await seconds_for_echoes(f"ws://127.0.0.1:{free}/", 1, SMALL, 1)


def test_cases_of_too_many_connections_are_left_out() -> None:
    """With the number that there are file descriptors for."""
    possible, left_out = possible_cases({"few": (UVICORN, 1), "many": (UVICORN, 10**9)})

    assert ["few"] == list(possible)
    assert "file descriptors" in left_out["many"]


async def test_a_client_that_leaves_is_no_wrong_answer(port: int) -> None:
    """The end of a measurement is no fault of the server."""
    began = time.perf_counter()
    async with connected(url_of((port, ECHOES[0])), lambda: Connection(b"a"), 2):
        pass

    assert time.perf_counter() - began < 5
