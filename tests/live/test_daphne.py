"""daphne, in a process of its own, since it wants the event loop of its thread."""

from collections.abc import Iterator
from typing import Final

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.live.process import ServerProcess, serving
from tests.live.server import SECONDS

pytestmark = pytest.mark.live

DAPHNE: Final = "tests.live.serve_daphne"


@pytest.fixture(scope="module")
def echoing() -> Iterator[ServerProcess]:
    """Serve an echo for all tests."""
    with serving(DAPHNE, "echo") as server:
        yield server


def test_messages_go_both_ways(echoing: ServerProcess) -> None:
    """Text and binary, and the client's close ends the handler."""
    with echoing.connect() as client:
        client.send("text")
        assert "text" == client.recv(timeout=SECONDS)
        client.send(b"data")
        assert b"data" == client.recv(timeout=SECONDS)
        client.close()
        with pytest.raises(ConnectionClosed) as caught:
            client.recv(timeout=SECONDS)

    assert caught.value.rcvd is not None
    assert 1000 == caught.value.rcvd.code


def test_a_refusal_falls_back_to_a_plain_403() -> None:
    """Without the denial extension the server would let the client wait for ever."""
    with (
        serving(DAPHNE, "refusal") as server,
        pytest.raises(InvalidStatus) as caught,
        server.connect(),
    ):
        pass

    assert 403 == caught.value.response.status_code
