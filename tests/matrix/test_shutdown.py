"""What a signal does to connections: with a drain before it, and without."""

import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.matrix.client import SECONDS, SIGNAL, Live
from tests.servers.launching import SERVERS, running
from tests.waiting import comes_true

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]

APP: Final = "tests.matrix.draining:app"

NOTHING: Final = "nothing"
"""What a client is told that waits for more than three times the `graceful_timeout`."""

PYTHON_3_12: Final = 0x030C0000


@contextmanager
def serving(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, number: str | None
) -> Generator[Live]:
    """Serve with a real server that drains on a signal, if there is one."""
    if number is not None:
        monkeypatch.setenv(SIGNAL, number)
    with running(evolve(SERVERS[name], app=APP), folder) as started:
        yield Live(started)


def end_of(client: ClientConnection) -> tuple[int, str] | None:
    """Receive to the end, and return the close frame."""
    try:
        while True:
            client.recv(SECONDS)
    except ConnectionClosed as error:
        return None if error.rcvd is None else (error.rcvd.code, error.rcvd.reason)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("uvicorn", "SIGTERM"),
        pytest.param("uvicorn-wsproto", "SIGTERM", marks=pytest.mark.slow),
        pytest.param("uvicorn", "SIGUSR1", marks=pytest.mark.slow),
        pytest.param("hypercorn", "SIGUSR1", marks=pytest.mark.slow),
        pytest.param("hypercorn-trio", "SIGUSR1", marks=pytest.mark.slow),
        pytest.param("granian", "SIGUSR1", marks=pytest.mark.slow),
    ],
)
def test_a_signal_drains_before_the_server_hears_of_it(
    name: str, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who listens ends in its own way, and all others get 1012."""
    with (
        serving(name, tmp_path, monkeypatch, number) as live,
        live.connect("/plain") as plain,
        live.connect("/listens") as listens,
        live.connect("/elsewhere") as elsewhere,
    ):
        assert "listening" == listens.recv(SECONDS)
        os.kill(worker_of(live), signal.Signals[number])

        assert (1012, "") == end_of(plain)
        assert "goodbye" == listens.recv(SECONDS)
        assert (4001, "") == end_of(listens)
        assert (1012, "") == end_of(elsewhere)


def test_after_a_drain_the_signal_ends_uvicorn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though a handler is elsewhere: it was cancelled."""
    with (
        serving("uvicorn", tmp_path, monkeypatch, "SIGTERM") as live,
        live.connect("/elsewhere") as elsewhere,
    ):
        os.kill(worker_of(live), signal.SIGTERM)
        assert (1012, "") == end_of(elsewhere)

        assert comes_true(lambda: not live.running.is_alive)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hypercorn", "hypercorn-trio"])
def test_hypercorn_cancels_its_handlers_and_their_clients_are_told(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    After its `graceful_timeout`; without a drain it says nothing before.

    From Python 3.12 on the asyncio worker says nothing for as long as they are there.
    """
    told = NOTHING if waits_for_its_clients(name) else (1012, "")
    with serving(name, tmp_path, monkeypatch, None) as live:
        with live.connect("/plain") as plain, live.connect("/elsewhere") as elsewhere:
            os.kill(live.running.pid, signal.SIGTERM)

            assert told == told_to(plain)
            assert told == told_to(elsewhere)

        assert comes_true(lambda: not live.running.is_alive)


def waits_for_its_clients(name: str) -> bool:
    """Tell whether a hypercorn waits for them before its `graceful_timeout` begins."""
    # From Python 3.12 on asyncio's `wait_closed()` waits for the connections.
    return name == "hypercorn" and sys.hexversion >= PYTHON_3_12


def told_to(client: ClientConnection) -> tuple[int, str] | str | None:
    """Receive to the end, unless none comes."""
    try:
        return end_of(client)
    except TimeoutError:
        return NOTHING


def worker_of(live: Live) -> int:
    """Ask for the process that serves: a server may have more than one."""
    answer = live.ask("process")
    assert isinstance(answer, int)
    return answer
